// A mask in a grid of cells, stretched over its box, and its outline beside the true one. Python computes and writes the label;
// this file draws, and passes on the object, the cells, the threshold and the shift.
const STYLE = `
.ck-mask { max-width: 900px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); }
.ck-mask .ck-panels { display: flex; flex-wrap: wrap; gap: 12px; }
.ck-mask figure { flex: 1 1 200px; max-width: 288px; margin: 0; }
.ck-mask figcaption { font-size: 0.9em; margin-bottom: 4px; }
.ck-mask svg, .ck-mask img { width: 100%; height: auto; display: block; border: 1px solid #999; box-sizing: border-box; }
.ck-mask img { image-rendering: pixelated; }
.ck-mask .ck-label { font-size: 1.1em; font-weight: bold; margin: 10px 0; min-height: 1.4em; }
.ck-mask .ck-controls { display: flex; flex-wrap: wrap; gap: 4px 24px; }
.ck-mask label { display: block; margin: 6px 0; flex: 1 1 200px; max-width: 270px; }
.ck-mask input[type=range] { width: 100%; display: block; margin: 6px 0; }
.ck-mask select { font: inherit; padding: 3px; display: block; margin-top: 4px; }
.ck-mask .ck-help { font-size: 0.85em; opacity: 0.85; line-height: 1.35; }`;
const SLIDERS = [
  ["cells", 4, 64, 1, (value) => `${value} x ${value} cells`],
  ["threshold", 0.05, 0.95, 0.05, (value) => `threshold ${value.toFixed(2)}`],
  ["shift", -8, 8, 0.5, (value) => `shifted by ${value} pixels`],
];

function panel(parent, caption) {
  const figure = html(parent, "figure");
  html(figure, "figcaption", {}, caption);
  return figure;
}

function slider(parent, model, [trait, min, max, step, words]) {
  const name = html(parent, "label"), said = html(name, "span");
  const input = html(name, "input", { type: "range", min, max, step, class: `ck-${trait}` });
  input.addEventListener("keydown", (event) => event.stopPropagation()); // else JupyterLab takes the arrow keys
  input.addEventListener("input", () => {
    model.set(trait, Number(input.value));
    model.save_changes();
  });
  return () => {
    input.value = model.get(trait);
    said.textContent = words(model.get(trait));
  };
}

function chooser(parent, model) {
  const name = html(parent, "label", {}, "object"), select = html(name, "select", { class: "ck-object" });
  model.get("names").forEach((text, i) => html(select, "option", { value: i }, text));
  select.addEventListener("keydown", (event) => event.stopPropagation());
  select.addEventListener("change", () => {
    model.set("chosen", Number(select.value));
    model.save_changes();
  });
  return () => {
    select.value = model.get("chosen");
  };
}

function drawView(canvas, model) {
  const view = model.get("view"), unit = view[2] / 280;
  const size = { width: model.get("width"), height: model.get("height") };
  canvas.replaceChildren();
  canvas.setAttribute("viewBox", view.join(" "));
  canvas.setAttribute("aria-label", `The outline of the mask beside the true one. ${model.get("label")}`);
  svg(canvas, "image", { href: model.get("picture"), ...size, "aria-hidden": true });
  const line = (path, stroke, width) => svg(canvas, "path", { d: path, stroke, "stroke-width": width * unit, fill: "none" });
  line(model.get("truth"), "white", 4.5);
  line(model.get("truth"), "black", 2.5);
  line(model.get("found"), "#e03100", 2);
}

function render({ model, el }) {
  const box = html(el, "div", { class: "ck-mask" });
  html(box, "style", {}, STYLE);
  const controls = html(box, "div", { class: "ck-controls" });
  const update = [chooser(controls, model), ...SLIDERS.map((each) => slider(controls, model, each))];
  const label = html(box, "div", { class: "ck-label", "aria-live": "polite" });
  const panels = html(box, "div", { class: "ck-panels" });
  const grid = html(panel(panels, "the cells"), "img", { alt: "The mask in its grid of cells." });
  const pasted = svg(panel(panels, "stretched over the box"), "svg", { role: "img", "aria-label": "The mask, stretched over its box." });
  const canvas = svg(panel(panels, "cut at the threshold"), "svg", { role: "img" });
  html(box, "div", { class: "ck-help" }, "Black on white: the true mask. Red: what comes back. Boundary F: share of the two outlines that lie within a pixel of each other.");
  const draw = () => {
    update.forEach((each) => each());
    label.textContent = model.get("label");
    grid.src = model.get("grid");
    pasted.replaceChildren();
    pasted.setAttribute("viewBox", model.get("view").join(" "));
    svg(pasted, "image", { href: model.get("pasted"), width: model.get("width"), height: model.get("height") });
    drawView(canvas, model);
  };
  return follow(model, ["label", "found", "truth", "grid", "chosen", "cells", "threshold", "shift"], draw);
}

export default { render };
