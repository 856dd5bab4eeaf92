// A region proposal network, stage by stage: Python decides what is left of the anchors and writes the label; this file draws
// the boxes, and passes on the stage, the sliders and the point of the picture whose anchors are shown.
const LEVELS = [BLUE, PURPLE, WINE]; // green is for what is found, red for what is removed
const OWN = `
.ck-rpn .ck-side .ck-label { min-height: 4.8em; }
.ck-rpn ol { margin: 4px 0 10px; padding: 0; list-style: none; }
.ck-rpn li button { display: flex; justify-content: space-between; width: 100%; max-width: 350px; margin: 0 0 2px; text-align: left; }
.ck-rpn label { margin: 2px 0; font-size: 0.92em; }
.ck-rpn input[type=range] { margin: 2px 0; }`;

function drawHeat(layer, squares) {
  squares.forEach(([x, y, width, height, score]) =>
    svg(layer, "rect", { x, y, width, height, fill: YELLOW, "fill-opacity": 0.75 * score }));
}

function drawPoint(layer, [x, y], unit) {
  svg(layer, "circle", { cx: x, cy: y, r: 4 * unit, fill: YELLOW, stroke: "black", "stroke-width": unit });
}

function drawTruth(layer, truth, found, unit) {
  truth.forEach((box, g) => outlined(layer, box,
    { stroke: found[g] ? GREEN : "black", "stroke-width": 2.6 * unit, "stroke-dasharray": 6 * unit },
    { "stroke-width": 4.5 * unit }));
}

function drawBoxes(layer, model, unit) {
  const stage = model.get("stage"), levels = model.get("levels"), scores = model.get("scores");
  model.get("removed").forEach((gone) =>
    frame(layer, gone, { stroke: RED, "stroke-width": 1.2 * unit, "stroke-dasharray": 3 * unit, "stroke-opacity": 0.5 }));
  model.get("boxes").forEach((one, i) => {
    const clear = stage ? 0.15 + 0.85 * scores[i] : 1; // what hardly looks like an object is pale
    outlined(layer, one,
      { stroke: LEVELS[levels[i] % 3], "stroke-width": (stage ? 1.7 : 2.8) * unit, "stroke-opacity": clear },
      { "stroke-width": (stage ? 3 : 4.6) * unit, "stroke-opacity": 0.7 * clear * clear });
  });
}

function drawStage(layer, model, unit) {
  const stage = model.get("stage");
  layer.replaceChildren();
  if (stage === 1) drawHeat(layer, model.get("heat"));
  drawBoxes(layer, model, unit);
  drawTruth(layer, model.get("truth"), stage > 1 ? model.get("found") : [], unit);
  if (stage === 0) drawPoint(layer, model.get("point"), unit);
}

function addSteps(parent, model) {
  const go = (stage) => send(model, "stage", between(0, stage, model.get("stages").length - 1));
  button(parent, "ck-previous", "◀ step", () => go(model.get("stage") - 1));
  button(parent, "ck-next", "step ▶", () => go(model.get("stage") + 1));
}

// A button for each stage, with how many boxes it leaves.
function addStages(parent, model) {
  const list = html(parent, "ol"), updates = model.get("stages").map((name, i) => {
    const item = html(list, "li"), update = toggle(item, model, "stage", i, { name: "ck-stage", words: "" });
    html(item.firstChild, "span", {}, `${i + 1}. ${name}`);
    const count = html(item.firstChild, "span");
    return () => {
      update();
      count.textContent = model.get("counts")[i]?.toLocaleString("en") ?? "";
    };
  });
  return () => updates.forEach((update) => update());
}

function addSliders(parent, model) {
  const make = (name, trait, look) => slider(parent, model, trait, { name: `ck-${name}`, ...look });
  const cell = (axis, side, words) => ({ min: 0, max: side - 1, step: 8, from: (point) => point[axis] - 1,
    into: (value) => model.get("point").map((old, i) => (i === axis ? value + 1 : old)),
    words: (point) => `cell: ${point[axis].toFixed(0)} pixels from the ${words}` });
  const updates = [
    make("column", "point", cell(0, model.get("width"), "left")),
    make("row", "point", cell(1, model.get("height"), "top")),
    make("candidates", "candidates", { min: 1, max: 100, words: (value) => `top k: ${value} of each level` }),
    make("threshold", "threshold", { min: 0, max: 1, step: 0.01, words: (value) => `suppress beyond an IoU of ${value.toFixed(2)}` }),
    make("limit", "limit", { min: 1, max: 100, words: (value) => `at most ${value} proposals` }),
  ];
  return () => updates.forEach((update) => update());
}

function render({ model, el }) {
  const width = model.get("width"), height = model.get("height"), unit = width / 480;
  const row = html(panel(el, "ck-rpn", OWN), "div", { class: "ck-panels" }), canvas = scene(row, model);
  const layer = svg(canvas, "g", {}), side = html(row, "div", { class: "ck-side" });
  addSteps(html(side, "div"), model);
  const label = live(side), stages = addStages(side, model), sliders = addSliders(side, model);
  help(side, "Blue, purple, dark red: anchors of P3, P4, P5, and what becomes of them; the paler, the less they look like an object. "
    + "Red and dashed: removed by this step. Black and dashed: the objects; green as soon as a box overlaps them by half. "
    + "Click on the picture for another cell.");
  canvas.addEventListener("click", (event) => {
    const seen = canvas.getBoundingClientRect();
    send(model, "point", [((event.clientX - seen.left) / seen.width) * width, ((event.clientY - seen.top) / seen.height) * height]);
  });
  const draw = () => {
    drawStage(layer, model, unit);
    stages();
    sliders();
    label.textContent = model.get("label");
    canvas.setAttribute("aria-label", `Boxes on a picture. ${model.get("label")}`);
  };
  return follow(model, ["stage", "counts", "boxes", "removed", "found", "label", "point", "candidates", "threshold", "limit"], draw);
}

export default { render };
