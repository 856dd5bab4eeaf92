// Boxes on a picture, each in some state, a slider for a threshold, and buttons where there are steps. Python decides the
// state, the caption and the label; this file draws them.
const STYLE = `
.ck-states { max-width: 860px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); display: flex;
  flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.ck-states svg { flex: 1 1 380px; max-width: 520px; height: auto; border-radius: 4px; }
.ck-states .ck-side { flex: 1 1 240px; }
.ck-states .ck-label { font-size: 1.1em; font-weight: bold; margin: 10px 0; min-height: 3.6em; line-height: 1.2; }
.ck-states label { display: block; }
.ck-states input { width: 100%; max-width: 300px; display: block; margin: 6px 0; }
.ck-states button { font: inherit; padding: 4px 10px; margin: 6px 6px 6px 0; cursor: pointer; }
.ck-states .ck-help { font-size: 0.85em; opacity: 0.85; line-height: 1.35; }`;
const LOOK = {
  waiting: { width: 1.6, opacity: 0.75 }, best: { width: 4, halo: "#ffd400" }, kept: { width: 3.2 },
  removed: { width: 2.4, dash: 7 }, hidden: null,
};

function drawBox(canvas, box, colour, look, caption, unit, width) {
  const [x, y, right, bottom] = box, sides = { x, y, width: Math.max(right - x, 0), height: Math.max(bottom - y, 0) };
  const frame = { ...sides, fill: "none" };
  svg(canvas, "rect", { ...frame, stroke: look.halo ?? "white", "stroke-width": (look.width + (look.halo ? 6 : 2)) * unit,
    "stroke-opacity": look.opacity ?? 1 });
  svg(canvas, "rect", { ...frame, stroke: colour, "stroke-width": look.width * unit, "stroke-opacity": look.opacity ?? 1,
    ...(look.dash ? { "stroke-dasharray": look.dash * unit } : {}) });
  if (!caption) return;
  const size = 14 * unit, long = (caption.length * 0.66 + 0.4) * size;
  const left = Math.min(Math.max(x, 0), width - long), top = Math.max(y - size * 1.25, 0);
  svg(canvas, "rect", { x: left, y: top, width: long, height: size * 1.25, fill: colour });
  svg(canvas, "text", { x: left + size * 0.2, y: top + size, fill: "white", "font-size": size, "font-weight": "bold" })
    .textContent = caption;
}

function render({ model, el }) {
  const width = model.get("width"), height = model.get("height"), unit = width / 500;
  const stepped = model.get("steps") > 0;
  const frame = html(el, "div", { class: stepped ? "ck-states ck-stepped" : "ck-states" });
  html(frame, "style", {}, STYLE);
  const canvas = svg(frame, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  svg(canvas, "rect", { width, height, fill: "#e8e8e8" });
  if (model.get("picture")) svg(canvas, "image", { href: model.get("picture"), width, height, "aria-hidden": true });
  const layer = svg(canvas, "g", {}), side = html(frame, "div", { class: "ck-side" });
  const name = html(side, "label"), said = html(name, "span");
  const slider = html(name, "input", { type: "range", min: 0, max: 1, step: 0.01, class: "ck-slider" });
  slider.addEventListener("keydown", (event) => event.stopPropagation()); // else JupyterLab takes the arrow keys
  const set = (trait, value) => {
    model.set(trait, value);
    model.save_changes();
  };
  slider.addEventListener("input", () => set("threshold", Number(slider.value)));
  const go = (step) => set("step", Math.min(Math.max(step, 0), model.get("steps")));
  if (stepped) {
    html(side, "button", { class: "ck-previous" }, "◀ step").onclick = () => go(model.get("step") - 1);
    html(side, "button", { class: "ck-next" }, "step ▶").onclick = () => go(model.get("step") + 1);
    html(side, "button", { class: "ck-end" }, "to the end").onclick = () => go(model.get("steps"));
  }
  const label = html(side, "div", { class: "ck-label", "aria-live": "polite" });
  html(side, "div", { class: "ck-help" }, model.get("help"));
  const order = ["waiting", "kept", "removed", "best"];
  const draw = () => {
    layer.replaceChildren();
    const boxes = model.get("boxes"), states = model.get("states"), captions = model.get("captions");
    for (const state of order)
      boxes.forEach((box, i) => states[i] === state &&
        drawBox(layer, box, model.get("colours")[i], LOOK[state], captions[i], unit, width));
    slider.value = model.get("threshold");
    said.textContent = `${model.get("slider")}: ${model.get("threshold").toFixed(2)}`;
    label.textContent = model.get("label");
    canvas.setAttribute("aria-label", `${boxes.length} boxes on a picture. ${model.get("label")}`);
  };
  return follow(model, ["states", "captions", "colours", "label", "threshold"], draw);
}

export default { render };
