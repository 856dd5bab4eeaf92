// A round object on a small map, to drag or to move with the keys, a cell to choose, and from where its two maxima come.
// Python pools, finds the sources and writes the label; this file draws, and passes on the box, the cell and the corner.
const OWN = `
.ck-corner .ck-outputs { display: flex; gap: 10px; margin: 10px 0; }
.ck-corner .ck-output { flex: 1 1 0; min-width: 90px; max-width: 170px; font-size: 0.85em; text-align: center; }
.ck-corner .ck-output svg { width: 100%; display: block; border-radius: 0; margin-bottom: 4px; }
.ck-corner .ck-side .ck-label { font-size: 1em; min-height: 5.4em; white-space: pre-line; }`;
const CORNER_NAMES = ["top-left", "bottom-right"], SIDE_COLOURS = [RED, BLUE];

// One small map: colours cell by cell, the chosen cell framed, the peak of the last map a dot.
function drawPooled(parent, model, i) {
  const width = model.get("width"), height = model.get("height"), box = html(parent, "div", { class: "ck-output" });
  const grid = svg(box, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  const cells = [...Array(width * height).keys()].map((k) =>
    svg(grid, "rect", { x: k % width, y: Math.floor(k / width), width: 1.03, height: 1.03 }));
  const chosen = svg(grid, "rect", { width: 1, height: 1, fill: "none", stroke: CYAN, "stroke-width": 0.25 });
  const peak = i === 2 ? svg(grid, "circle", { r: 0.28, fill: "white", stroke: "black", "stroke-width": 0.08 }) : null;
  const caption = html(box, "div");
  return () => {
    cells.forEach((cell, k) => cell.setAttribute("fill", model.get("pooled")[i]?.[k] ?? "#888"));
    assign(chosen, { x: model.get("cell")[0], y: model.get("cell")[1] });
    if (peak) assign(peak, { cx: model.get("peak")[0] + 0.5, cy: model.get("peak")[1] + 0.5 });
    caption.textContent = model.get("titles")[i] ?? "";
    grid.setAttribute("aria-label", caption.textContent);
  };
}

function drawLines(canvas, width, height) {
  const look = { stroke: "#999", "stroke-width": 0.02 };
  for (let x = 1; x < width; x++) svg(canvas, "line", { x1: x, x2: x, y1: 0, y2: height, ...look });
  for (let y = 1; y < height; y++) svg(canvas, "line", { y1: y, y2: y, x1: 0, x2: width, ...look });
}

// Both sides of the object as coloured cells, and an arrow from where each maximum comes to the cell.
function drawMap(layer, model) {
  const width = model.get("width"), [x, y] = model.get("cell");
  const [x1, y1, x2, y2] = model.get("box");
  layer.replaceChildren();
  svg(layer, "ellipse", { cx: (x1 + x2) / 2, cy: (y1 + y2) / 2, rx: (x2 - x1) / 2, ry: (y2 - y1) / 2, fill: GREEN, "fill-opacity": 0.18 });
  model.get("sides").forEach((values, side) => values.forEach((value, k) => value > 0 && svg(layer, "rect", {
    x: (k % width) + 0.04 + 0.46 * side, y: Math.floor(k / width) + 0.04, width: 0.46, height: 0.92,
    fill: SIDE_COLOURS[side], "fill-opacity": 0.85 * value, class: "ck-evidence" })));
  model.get("sources").forEach(([sx, sy], side) => {
    const look = { stroke: SIDE_COLOURS[side], "stroke-width": 0.12 };
    svg(layer, "line", { x1: sx + 0.5, y1: sy + 0.5, x2: x + 0.5, y2: y + 0.5, ...look });
    svg(layer, "circle", { cx: sx + 0.5, cy: sy + 0.5, r: 0.26, fill: "white", ...look, class: "ck-source" });
  });
}

function render({ model, el }) {
  const width = model.get("width"), height = model.get("height"), unit = width / 460;
  const row = html(panel(el, "ck-corner", OWN), "div", { class: "ck-panels" });
  const canvas = scene(row, model, { role: "group",
    "aria-label": "A round object on a map. Tab reaches the object and the cell; the arrow keys move them, shift and arrow keys resize the object." });
  drawLines(canvas, width, height);
  const layer = svg(canvas, "g", { "pointer-events": "none" });
  const object = movable(canvas, { name: "ck-object", title: "Object", colour: GREEN, opacity: 0.08, unit, step: 1,
    corners: [[2, 3]], least: 1, get: () => model.get("box"), put: (box) => send(model, "box", box) });
  const cell = movable(canvas, { name: "ck-cell", title: "Cell", colour: YELLOW, opacity: 0.35, rim: "black", unit, step: 1,
    get: () => [...model.get("cell"), model.get("cell")[0] + 1, model.get("cell")[1] + 1], put: (box) => send(model, "cell", box.slice(0, 2)) });
  const side = html(row, "div", { class: "ck-side" });
  const corner = toggles(side, model, "corner", CORNER_NAMES, { name: "ck-which", label: "Which corner" });
  const outputs = html(side, "div", { class: "ck-outputs" }), maps = [0, 1, 2].map((i) => drawPooled(outputs, model, i));
  const label = live(side);
  help(side, "Red and blue: how strongly a cell belongs to the two sides. Yellow: the chosen cell; rings: where its maxima come from. "
    + "Drag the object, its lower right corner or the yellow cell; with the keyboard tab to them and use the arrow keys, with shift to resize.");
  const draw = () => {
    drawMap(layer, model);
    object();
    cell();
    corner();
    maps.forEach((update) => update());
    label.textContent = model.get("label");
  };
  return follow(model, ["box", "cell", "corner", "sides", "sources", "pooled", "titles", "peak", "label"], draw);
}

export default { render };
