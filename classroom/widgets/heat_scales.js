// A heat map over a photograph, with a slider over the scales. Python paints the picture and writes the label; this file shows
// them, draws the true box and the cells of the map, and passes on the slider and the choice of a mean.
const OWN = `
.ck-heat .ck-scene { max-width: 540px; }
.ck-heat .ck-side .ck-label { min-height: 5em; }`;

function drawCells(layer, [rows, columns], width, height, unit) {
  const look = { stroke: "white", "stroke-width": unit, "stroke-opacity": 0.5 };
  for (let i = 1; i < rows; i++) svg(layer, "line", { x1: 0, x2: width, y1: (i * height) / rows, y2: (i * height) / rows, ...look });
  for (let j = 1; j < columns; j++) svg(layer, "line", { x1: (j * width) / columns, x2: (j * width) / columns, y1: 0, y2: height, ...look });
}

function render({ model, el }) {
  const width = model.get("width"), height = model.get("height"), unit = width / 540;
  const row = html(panel(el, "ck-heat", OWN), "div", { class: "ck-panels" }), names = model.get("names");
  const canvas = scene(row, model), photo = canvas.querySelector("image");
  const layer = svg(canvas, "g", {}), side = html(row, "div", { class: "ck-side" });
  const means = toggles(side, model, "mean", model.get("means"), { name: "ck-mean", label: "Which maps" });
  const scale = slider(side, model, "scale", { name: "ck-slider", min: 0, max: names.length - 1,
    words: (i) => `shorter side: ${names[i]}` });
  const label = live(side);
  help(side, `Red: how probable the ${model.get("name")} is there. Blue: the annotated box. White lines: the cells of the map. `
    + "A mean takes all scales up to the slider's.");
  const draw = () => {
    photo.setAttribute("href", model.get("picture"));
    layer.replaceChildren();
    drawCells(layer, model.get("cells"), width, height, unit);
    outlined(layer, model.get("box"), { stroke: BLUE, "stroke-width": 2.5 * unit }, { "stroke-width": 5 * unit });
    scale();
    means();
    label.textContent = model.get("label");
    canvas.setAttribute("aria-label", `Heat map of the ${model.get("name")}. ${model.get("label")}`);
  };
  return follow(model, ["picture", "cells", "scale", "mean", "label"], draw);
}

export default { render };
