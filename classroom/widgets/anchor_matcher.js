// Anchors on a picture: positive ones in the colour of their object, ignored ones thin and white. Python matches them and
// writes the label; this file draws, and passes on the level, the threshold and the tick box.

function drawObject(layer, box, g, orphan, unit) {
  outlined(layer, box, { stroke: "black", "stroke-width": 2.4 * unit, "stroke-dasharray": 7 * unit },
    { stroke: orphan ? YELLOW : "white", "stroke-width": (orphan ? 8 : 5) * unit });
  tag(layer, letter(g) + (orphan ? "?" : ""), SERIES[g % SERIES.length], 19 * unit,
    { x: box[2] - 19 * unit, y: box[3] - 6 * unit });
}

function drawAnchors(layer, model, unit) {
  model.get("ignored").forEach((anchor) => frame(layer, anchor, { stroke: "#f4f4f4", "stroke-width": 1.2 * unit }));
  model.get("positive").forEach((anchor, i) => outlined(layer, anchor,
    { stroke: SERIES[model.get("owners")[i] % SERIES.length], "stroke-width": 2.6 * unit },
    { "stroke-width": 4.6 * unit, "stroke-opacity": 0.8 }));
}

function render({ model, el }) {
  const unit = model.get("width") / 480, row = html(panel(el, "ck-anchors"), "div", { class: "ck-panels" });
  const canvas = scene(row, model), layer = svg(canvas, "g", {}), side = html(row, "div", { class: "ck-side" });
  const levels = toggles(side, model, "level", model.get("names"), { name: "ck-level", label: "Level of the anchors" });
  const threshold = slider(side, model, "threshold", { name: "ck-slider", min: 0.1, max: 0.9, step: 0.01,
    words: (value) => `positive from an IoU of ${value.toFixed(2)}` });
  const tick = tickBox(side, "ck-best", "and the best anchors of each object", (on) => send(model, "best", on));
  const label = live(side);
  help(side, "Dashed: the objects; yellow, with a question mark: those without an anchor. Coloured: positive anchors, in the "
    + "colour of their object's letter. Thin and white: ignored, within 0.1 below the threshold. Negative ones are not drawn.");
  const draw = () => {
    layer.replaceChildren();
    drawAnchors(layer, model, unit);
    model.get("truth").forEach((object, g) => drawObject(layer, object, g, model.get("orphans").includes(g), unit));
    levels();
    threshold();
    tick.checked = model.get("best");
    label.textContent = model.get("label");
    canvas.setAttribute("aria-label", `Objects and anchors on a picture. ${model.get("label")}`);
  };
  return follow(model, ["positive", "ignored", "orphans", "label", "level", "threshold", "best"], draw);
}

export default { render };
