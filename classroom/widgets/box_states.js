// Boxes on a picture, each in some state, a slider for a threshold, and buttons where there are steps. Python decides the
// state, the caption and the label; this file draws them.
const LOOK = { // from the lowest to the topmost; hidden boxes are not drawn
  waiting: { width: 1.6, opacity: 0.75 }, kept: { width: 3.2 }, removed: { width: 2.4, dash: 7 },
  best: { width: 4, halo: YELLOW },
};

function drawBox(canvas, box, colour, look, unit) {
  const clear = { "stroke-opacity": look.opacity ?? 1 };
  outlined(canvas, box,
    { ...clear, stroke: colour, "stroke-width": look.width * unit, ...(look.dash ? { "stroke-dasharray": look.dash * unit } : {}) },
    { ...clear, stroke: look.halo ?? "white", "stroke-width": (look.width + (look.halo ? 6 : 2)) * unit });
}

function drawCaption(canvas, [x, y], colour, caption, unit, width) {
  const size = 14 * unit, long = (caption.length * 0.66 + 0.4) * size;
  const left = between(0, x, width - long), top = Math.max(y - size * 1.25, 0);
  svg(canvas, "rect", { x: left, y: top, width: long, height: size * 1.25, fill: colour });
  svg(canvas, "text", { x: left + size * 0.2, y: top + size, fill: "white", "font-size": size, "font-weight": "bold" }, caption);
}

function drawBoxes(layer, model, unit) {
  const states = model.get("states"), colours = model.get("colours"), captions = model.get("captions");
  layer.replaceChildren();
  for (const [state, look] of Object.entries(LOOK))
    model.get("boxes").forEach((box, i) => {
      if (states[i] !== state) return;
      drawBox(layer, box, colours[i], look, unit);
      if (captions[i]) drawCaption(layer, box, colours[i], captions[i], unit, model.get("width"));
    });
}

function addSteps(side, model) {
  const go = (step) => send(model, "step", between(0, step, model.get("steps")));
  button(side, "ck-previous", "◀ step", () => go(model.get("step") - 1));
  button(side, "ck-next", "step ▶", () => go(model.get("step") + 1));
  button(side, "ck-end", "to the end", () => go(model.get("steps")));
}

function render({ model, el }) {
  const unit = model.get("width") / 500, stepped = model.get("steps") > 0;
  const row = html(panel(el, stepped ? "ck-states ck-stepped" : "ck-states"), "div", { class: "ck-panels" });
  const canvas = scene(row, model), layer = svg(canvas, "g", {}), side = html(row, "div", { class: "ck-side" });
  const threshold = slider(side, model, "threshold", { name: "ck-slider", min: 0, max: 1, step: 0.01,
    words: (value) => `${model.get("slider")}: ${value.toFixed(2)}` });
  if (stepped) addSteps(side, model);
  const label = live(side);
  help(side, model.get("help"));
  const draw = () => {
    drawBoxes(layer, model, unit);
    threshold();
    label.textContent = model.get("label");
    canvas.setAttribute("aria-label", `${model.get("boxes").length} boxes on a picture. ${model.get("label")}`);
  };
  return follow(model, ["states", "captions", "colours", "label", "threshold"], draw);
}

export default { render };
