// A region on a feature map, to drag or to move with the keys, and what each operator makes of it. Python pools, places
// the bins and writes the label; this file draws, and passes on the region, the channel and whose bins are shown.
const BINS = 7;
const OWN = `
.ck-roi .ck-outputs { display: flex; gap: 10px; margin-bottom: 10px; }
.ck-roi .ck-output { flex: 1 1 0; min-width: 90px; max-width: 150px; text-align: center; }
.ck-roi .ck-output svg { width: 100%; display: block; border-radius: 0; }
.ck-roi .ck-output button { padding: 3px 6px; margin: 4px 0 0; width: 100%; }
.ck-roi .ck-side .ck-label { font-size: 1em; min-height: 3.9em; line-height: 1.3; white-space: pre-line; }`;

// What each operator makes of the region; the button below draws its bins on the map.
function drawOutputs(parent, model) {
  const updates = model.get("names").map((name, i) => {
    const box = html(parent, "div", { class: "ck-output" });
    const grid = svg(box, "svg", { viewBox: `0 0 ${BINS} ${BINS}`, role: "img", "aria-label": `The ${BINS} x ${BINS} output of ${name}` });
    const cells = [...Array(BINS * BINS).keys()].map((k) =>
      svg(grid, "rect", { x: k % BINS, y: Math.floor(k / BINS), width: 1.02, height: 1.02 }));
    const pressed = toggle(box, model, "shown", name, { name: "ck-shown" });
    return () => {
      cells.forEach((cell, k) => cell.setAttribute("fill", model.get("pooled")[i]?.[k] ?? "#888"));
      pressed();
    };
  });
  return () => updates.forEach((update) => update());
}

function drawBins(layer, model, unit) {
  layer.replaceChildren();
  for (const bin of model.get("bins")) frame(layer, bin, { stroke: "white", "stroke-width": 1.2 * unit });
  for (const [cx, cy] of model.get("points"))
    svg(layer, "circle", { cx, cy, r: 1.8 * unit, fill: "white", stroke: "black", "stroke-width": 0.5 * unit });
}

function render({ model, el }) {
  const unit = model.get("width") / 460, row = html(panel(el, "ck-roi", OWN), "div", { class: "ck-panels" });
  const canvas = scene(row, model, { role: "group",
    "aria-label": "A region on a feature map. Tab reaches it, the arrow keys move it, shift and arrow keys resize it." });
  const map = svg(canvas, "image", { width: model.get("width"), height: model.get("height"), preserveAspectRatio: "none", "aria-hidden": true });
  const layer = svg(canvas, "g", { class: "ck-bins", "pointer-events": "none" });
  const region = movable(canvas, { name: "ck-region", title: "Region", colour: CYAN, opacity: 0.06, rim: "black", unit, step: 1,
    corners: [[2, 3]], least: 1, get: () => model.get("region"), put: (box) => send(model, "region", box) });
  const side = html(row, "div", { class: "ck-side" });
  const outputs = drawOutputs(html(side, "div", { class: "ck-outputs", role: "group", "aria-label": "Outputs; a button draws its bins on the map" }), model);
  const channel = slider(side, model, "channel", { min: 0, max: model.get("channels") - 1,
    words: (value) => `channel ${value} of ${model.get("channels")}` });
  if (model.get("picture")) tickBox(side, "ck-see", "the picture instead of the map", 
    (on) => map.setAttribute("visibility", on ? "hidden" : "visible"));
  const label = live(side);
  help(side, "Drag the region, or its lower right corner. With the keyboard: tab to the region, arrow keys move it by a pixel, shift + "
    + "arrow keys resize it. White: the bins of the operator that is pressed; dots: where it samples.");
  const draw = () => {
    map.setAttribute("href", model.get("map"));
    drawBins(layer, model, unit);
    region();
    outputs();
    channel();
    label.textContent = model.get("label");
  };
  return follow(model, ["region", "bins", "points", "pooled", "map", "shown", "channel", "label"], draw);
}

export default { render };
