// A heat map over a photograph, with a slider over the scales. Python paints the picture and writes the label; this file shows
// them, draws the true box and the cells of the map, and passes on the slider and the choice of a mean.
const STYLE = `
.ck-heat { max-width: 900px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); display: flex;
  flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.ck-heat svg { flex: 1 1 400px; max-width: 540px; height: auto; border-radius: 4px; }
.ck-heat .ck-side { flex: 1 1 260px; }
.ck-heat .ck-label { font-size: 1.1em; font-weight: bold; margin: 10px 0; min-height: 5em; line-height: 1.25; }
.ck-heat label { display: block; margin: 8px 0; }
.ck-heat input[type=range] { width: 100%; max-width: 300px; display: block; margin: 6px 0; }
.ck-heat button { font: inherit; padding: 4px 10px; margin: 0 6px 6px 0; cursor: pointer; }
.ck-heat button[aria-pressed=true] { background: #ffd400; color: black; font-weight: bold; }
.ck-heat .ck-help { font-size: 0.85em; opacity: 0.85; line-height: 1.35; }`;

function drawCells(layer, [rows, columns], width, height, unit) {
  const look = { stroke: "white", "stroke-width": unit, "stroke-opacity": 0.5 };
  for (let i = 1; i < rows; i++) svg(layer, "line", { x1: 0, x2: width, y1: (i * height) / rows, y2: (i * height) / rows, ...look });
  for (let j = 1; j < columns; j++) svg(layer, "line", { x1: (j * width) / columns, x2: (j * width) / columns, y1: 0, y2: height, ...look });
}

function drawBox(layer, [x, y, right, bottom], unit) {
  const place = { x, y, width: right - x, height: bottom - y, fill: "none" };
  svg(layer, "rect", { ...place, stroke: "white", "stroke-width": 5 * unit });
  svg(layer, "rect", { ...place, stroke: "#0002cf", "stroke-width": 2.5 * unit });
}

function render({ model, el }) {
  const width = model.get("width"), height = model.get("height"), unit = width / 540;
  const box = html(el, "div", { class: "ck-heat" });
  html(box, "style", {}, STYLE);
  const canvas = svg(box, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  const photo = svg(canvas, "image", { width, height, "aria-hidden": true }), layer = svg(canvas, "g", {});
  const side = html(box, "div", { class: "ck-side" });
  const set = (trait, value) => {
    model.set(trait, value);
    model.save_changes();
  };
  const group = html(side, "div", { role: "group", "aria-label": "Which maps" });
  const buttons = model.get("means").map((name) => {
    const button = html(group, "button", { class: "ck-mean" }, name);
    button.onclick = () => set("mean", name);
    return button;
  });
  const name = html(side, "label"), said = html(name, "span");
  const slider = html(name, "input", { type: "range", min: 0, max: model.get("names").length - 1, step: 1, class: "ck-slider" });
  slider.addEventListener("keydown", (event) => event.stopPropagation()); // else JupyterLab takes the arrow keys
  slider.addEventListener("input", () => set("scale", Number(slider.value)));
  const label = html(side, "div", { class: "ck-label", "aria-live": "polite" });
  html(side, "div", { class: "ck-help" }, `Red: how probable the ${model.get("name")} is there. Blue: the annotated box. White lines: the cells `
    + "of the map. A mean takes all scales up to the slider's.");
  const draw = () => {
    photo.setAttribute("href", model.get("picture"));
    layer.replaceChildren();
    drawCells(layer, model.get("cells"), width, height, unit);
    drawBox(layer, model.get("box"), unit);
    slider.value = model.get("scale");
    const scale = model.get("names")[model.get("scale")];
    said.textContent = `shorter side: ${scale}`;
    slider.setAttribute("aria-valuetext", scale);
    buttons.forEach((button) => button.setAttribute("aria-pressed", button.textContent === model.get("mean")));
    label.textContent = model.get("label");
    canvas.setAttribute("aria-label", `Heat map of the ${model.get("name")}. ${model.get("label")}`);
  };
  return follow(model, ["picture", "cells", "scale", "mean", "label"], draw);
}

export default { render };
