// An image that is lit where one query looks, with the boxes of all queries. Python lights it, chooses the query under the
// mouse and writes the label; this file draws, and passes on where the mouse is and which query is chosen.
const OWN = `
.ck-attention .ck-scene { max-width: 420px; cursor: crosshair; }`;

function drawBoxes(layer, model, unit) {
  const chosen = model.get("query");
  layer.replaceChildren();
  model.get("boxes").forEach((box, q) => {
    if (q !== chosen && model.get("confident")[q]) frame(layer, box, { stroke: "white", "stroke-width": 1.2 * unit, "stroke-opacity": 0.8 });
  });
  outlined(layer, model.get("boxes")[chosen], { stroke: CYAN, "stroke-width": 2.6 * unit }, { stroke: "black", "stroke-width": 4.4 * unit });
}

function render({ model, el }) {
  const unit = model.get("width") / 400, row = html(panel(el, "ck-attention", OWN), "div", { class: "ck-panels" });
  const canvas = scene(row, model, { tabindex: 0, role: "img" });
  const lit = svg(canvas, "image", { width: model.get("width"), height: model.get("height"), "aria-hidden": true });
  const layer = svg(canvas, "g", { "aria-hidden": true });
  canvas.addEventListener("pointermove", (event) => {
    const sides = canvas.getBoundingClientRect(), scale = model.get("width") / sides.width;
    send(model, "at", [Math.round((event.clientX - sides.left) * scale), Math.round((event.clientY - sides.top) * scale)]);
  });
  const count = model.get("queries");
  arrows(canvas, (right, down) => send(model, "query", (model.get("query") + right + down + count) % count));
  const side = html(row, "div", { class: "ck-side" });
  const query = slider(side, model, "query", { min: 0, max: count - 1, words: (q) => `query ${q} of ${count}` });
  const label = live(side);
  help(side, "Point at a box, or use the slider or the arrow keys. Bright: where the query looks in the last layer. Blue: its box. "
    + "White: the boxes of the other queries that are confident.");
  const draw = () => {
    lit.setAttribute("href", model.get("lit"));
    drawBoxes(layer, model, unit);
    query();
    label.textContent = model.get("label");
    canvas.setAttribute("aria-label", `Where one query looks. ${model.get("label")}`);
  };
  return follow(model, ["query", "lit", "label"], draw);
}

export default { render };
