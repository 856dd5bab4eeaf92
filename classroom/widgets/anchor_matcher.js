// Anchors on a picture: positive ones in the colour of their object, ignored ones thin and white. Python matches them and
// writes the label; this file draws, and passes on the level, the threshold and the check box.
const COLOURS = ["#0002cf", "#e03100", "#227c09", "#795ca8", "#029ed6", "#94004b"];
const STYLE = `
.ck-anchors { max-width: 860px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); display: flex;
  flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.ck-anchors svg { flex: 1 1 380px; max-width: 480px; height: auto; border-radius: 4px; }
.ck-anchors .ck-side { flex: 1 1 260px; }
.ck-anchors .ck-label { font-size: 1.1em; font-weight: bold; margin: 10px 0; min-height: 3.6em; line-height: 1.25; }
.ck-anchors label { display: block; margin: 8px 0; }
.ck-anchors input[type=range] { width: 100%; max-width: 300px; display: block; margin: 6px 0; }
.ck-anchors button { font: inherit; padding: 4px 10px; margin: 0 6px 6px 0; cursor: pointer; }
.ck-anchors button[aria-pressed=true] { background: #ffd400; color: black; font-weight: bold; }
.ck-anchors .ck-help { font-size: 0.85em; opacity: 0.85; line-height: 1.35; }`;

const letter = (g) => String.fromCharCode(65 + (g % 26));

function frame(parent, [x, y, right, bottom], look) {
  svg(parent, "rect", { x, y, width: Math.max(right - x, 0), height: Math.max(bottom - y, 0), fill: "none", ...look });
}

function drawObject(layer, box, g, orphan, unit) {
  frame(layer, box, { stroke: orphan ? "#ffd400" : "white", "stroke-width": (orphan ? 8 : 5) * unit });
  frame(layer, box, { stroke: "black", "stroke-width": 2.4 * unit, "stroke-dasharray": 7 * unit });
  const text = svg(layer, "text", { x: box[2] - 19 * unit, y: box[3] - 6 * unit, fill: "white",
    stroke: COLOURS[g % COLOURS.length], "stroke-width": 5 * unit, "paint-order": "stroke", "font-size": 19 * unit, "font-weight": "bold" });
  text.textContent = letter(g) + (orphan ? "?" : "");
}

function render({ model, el }) {
  const width = model.get("width"), height = model.get("height"), unit = width / 480;
  const box = html(el, "div", { class: "ck-anchors" });
  html(box, "style", {}, STYLE);
  const canvas = svg(box, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  svg(canvas, "rect", { width, height, fill: "#e8e8e8" });
  if (model.get("picture")) svg(canvas, "image", { href: model.get("picture"), width, height, "aria-hidden": true });
  const layer = svg(canvas, "g", {}), side = html(box, "div", { class: "ck-side" });
  const set = (trait, value) => {
    model.set(trait, value);
    model.save_changes();
  };
  const levels = html(side, "div", { role: "group", "aria-label": "Level of the anchors" });
  const buttons = model.get("names").map((name) => {
    const button = html(levels, "button", { class: "ck-level" }, name);
    button.onclick = () => set("level", name);
    return button;
  });
  const name = html(side, "label"), said = html(name, "span");
  const slider = html(name, "input", { type: "range", min: 0.1, max: 0.9, step: 0.01, class: "ck-slider" });
  slider.addEventListener("keydown", (event) => event.stopPropagation()); // else JupyterLab takes the arrow keys
  slider.addEventListener("input", () => set("threshold", Number(slider.value)));
  const forced = html(side, "label"), tick = html(forced, "input", { type: "checkbox", class: "ck-best" });
  html(forced, "span", {}, " and the best anchors of each object");
  tick.addEventListener("change", () => set("best", tick.checked));
  const label = html(side, "div", { class: "ck-label", "aria-live": "polite" });
  html(side, "div", { class: "ck-help" }, "Broken: the objects; yellow, with a question mark: those without an anchor. Coloured: "
    + "positive anchors, in the colour of their object's letter. Thin and white: ignored, within 0.1 below the threshold. Negative ones are not drawn.");
  const draw = () => {
    layer.replaceChildren();
    model.get("ignored").forEach((anchor) => frame(layer, anchor, { stroke: "#f4f4f4", "stroke-width": 1.2 * unit }));
    model.get("positive").forEach((anchor, i) => {
      frame(layer, anchor, { stroke: "white", "stroke-width": 4.6 * unit, "stroke-opacity": 0.8 });
      frame(layer, anchor, { stroke: COLOURS[model.get("owners")[i] % COLOURS.length], "stroke-width": 2.6 * unit });
    });
    model.get("truth").forEach((object, g) => drawObject(layer, object, g, model.get("orphans").includes(g), unit));
    buttons.forEach((button) => button.setAttribute("aria-pressed", button.textContent === model.get("level")));
    slider.value = model.get("threshold");
    tick.checked = model.get("best");
    said.textContent = `positive from an IoU of ${model.get("threshold").toFixed(2)}`;
    label.textContent = model.get("label");
    canvas.setAttribute("aria-label", `Objects and anchors on a picture. ${model.get("label")}`);
  };
  return follow(model, ["positive", "ignored", "orphans", "label", "level", "threshold", "best"], draw);
}

export default { render };
