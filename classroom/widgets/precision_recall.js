// A picture with the detections above a threshold, beside the curve of precision against recall. Python counts and finds
// the point on the curve; this file draws them and has the two sliders.
const COLOURS = { right: GREEN, wrong: RED, missed: "#000000" };
const DASHES = { right: [], wrong: [7, 4], missed: [2, 4] };
const SIGNS = { right: "✓", wrong: "✗", missed: "not found:" };
const MOST = 10; // boxes of which every name can be read
const OWN = `
.ck-pr svg { flex: 1 1 320px; max-width: 400px; }`;

const across = (recall) => 50 + 335 * recall;
const up = (precision) => 345 - 330 * precision;

function drawAxes(chart, curve) {
  svg(chart, "rect", { width: 400, height: 400, fill: "white" });
  const font = { "font-size": 16, fill: "black", "text-anchor": "middle" };
  for (const tick of [0, 0.5, 1]) {
    svg(chart, "line", { x1: across(tick), x2: across(tick), y1: up(0), y2: up(1), stroke: "#ddd" });
    svg(chart, "line", { x1: across(0), x2: across(1), y1: up(tick), y2: up(tick), stroke: "#ddd" });
    svg(chart, "text", { x: across(tick), y: up(0) + 22, ...font }, `${tick}`);
    svg(chart, "text", { x: across(0) - 22, y: up(tick) + 6, ...font }, `${tick}`);
  }
  svg(chart, "text", { x: across(0.5), y: 392, ...font }, "recall");
  svg(chart, "text", { x: 16, y: up(0.72), ...font, transform: `rotate(-90 16 ${up(0.72)})` }, "precision");
  const points = curve.map(([recall, precision]) => `${across(recall)},${up(precision)}`).join(" ");
  svg(chart, "polyline", { points, fill: "none", stroke: BLUE, "stroke-width": 3 });
}

// The outlines of the detections and of the missed objects, each with its words where there is room for them.
function drawBoxes(group, model, unit) {
  group.replaceChildren();
  const states = model.get("states"), captions = model.get("captions"), size = 14 * unit;
  const boxes = [...model.get("boxes").entries()].reverse(); // the most confident on top
  for (const [i, box] of boxes) {
    const state = states[i], dash = DASHES[state].map((part) => part * unit).join(" ");
    outlined(group, box, { class: `ck-${state}`, stroke: COLOURS[state], "stroke-width": 3 * unit,
      ...(dash ? { "stroke-dasharray": dash } : {}) }, { "stroke-width": 5 * unit });
    if (state === "wrong" && boxes.length > MOST) continue;
    const words = `${SIGNS[state]} ${captions[i]}`, room = model.get("width") - 0.7 * size * words.length;
    const x = Math.max(Math.min(box[0] + 2 * unit, room), 0);
    const y = state === "missed" ? box[3] - 4 * unit : Math.max(box[1] - 3 * unit, size);
    tag(group, words, COLOURS[state], size, { x, y });
  }
}

function render({ model, el }) {
  const box = panel(el, "ck-pr", OWN), label = live(box), controls = html(box, "div", { class: "ck-controls" });
  const threshold = slider(controls, model, "threshold", { min: 0, max: 1, step: 0.01,
    words: (value) => `score at least ${value.toFixed(2)}` });
  const shown = slider(controls, model, "shown", { name: "ck-picture", min: 0, max: model.get("pictures") - 1,
    words: (value) => `picture ${value}` });
  const row = html(box, "div", { class: "ck-panels" });
  const canvas = svg(row, "svg", { role: "img" });
  const image = svg(canvas, "image", { "aria-hidden": true }), boxes = svg(canvas, "g", { "aria-hidden": true });
  const chart = svg(row, "svg", { viewBox: "0 0 400 400", role: "img",
    "aria-label": "Precision against recall of all pictures; a dot at the threshold." });
  drawAxes(chart, model.get("curve"));
  const dot = svg(chart, "circle", { r: 9, fill: RED, stroke: "white", "stroke-width": 3, class: "ck-here" });
  const words = live(box, "ck-words");
  help(box, "Green and solid: right. Red and dashed: wrong. Black and dotted: an object that is not found. The curve counts all "
    + "pictures and all classes, at IoU 0.5.");
  const draw = () => {
    const width = model.get("width"), height = model.get("height"), [recall, precision] = model.get("here");
    assign(canvas, { viewBox: `0 0 ${width} ${height}`, "aria-label": model.get("words") });
    assign(image, { href: model.get("picture"), width, height });
    drawBoxes(boxes, model, width / 400);
    assign(dot, { cx: across(recall), cy: up(precision) });
    label.textContent = model.get("label");
    words.textContent = model.get("words");
    threshold();
    shown();
  };
  return follow(model, ["words", "label", "boxes", "here", "picture", "states", "threshold", "shown"], draw);
}

export default { render };
