// A mask in a grid of cells, stretched over its box, and its outline beside the true one. Python computes and writes the label;
// this file draws, and passes on the object, the cells, the threshold and the shift.
const OWN = `
.ck-mask figure { flex: 1 1 200px; max-width: 288px; margin: 0; }
.ck-mask figcaption { font-size: 0.9em; margin-bottom: 4px; }
.ck-mask svg, .ck-mask img { width: 100%; height: auto; display: block; border: 1px solid #999; border-radius: 0; box-sizing: border-box; }
.ck-mask img { image-rendering: pixelated; }`;
const SLIDERS = {
  cells: { min: 4, max: 64, words: (value) => `${value} x ${value} cells` },
  threshold: { min: 0.05, max: 0.95, step: 0.05, words: (value) => `threshold ${value.toFixed(2)}` },
  shift: { min: -8, max: 8, step: 0.5, words: (value) => `shifted by ${value} pixels` },
};

function captioned(parent, caption) {
  const figure = html(parent, "figure");
  html(figure, "figcaption", {}, caption);
  return figure;
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
  line(model.get("found"), RED, 2);
}

function render({ model, el }) {
  const box = panel(el, "ck-mask", OWN), controls = html(box, "div", { class: "ck-controls" });
  const update = [chooser(controls, model, "chosen", { name: "ck-object", words: "object", options: model.get("names") }),
    ...Object.entries(SLIDERS).map(([trait, look]) => slider(controls, model, trait, look))];
  const label = live(box), panels = html(box, "div", { class: "ck-panels" });
  const grid = html(captioned(panels, "the cells"), "img", { alt: "The mask in its grid of cells." });
  const pasted = svg(captioned(panels, "stretched over the box"), "svg", { role: "img", "aria-label": "The mask, stretched over its box." });
  const canvas = svg(captioned(panels, "cut at the threshold"), "svg", { role: "img" });
  help(box, "Black on white: the true mask. Red: what comes back. Boundary F: share of the two outlines that lie within a pixel of each other.");
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
