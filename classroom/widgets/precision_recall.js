// A picture with the detections above a threshold, beside the curve of precision against recall. Python counts and finds
// the point on the curve; this file draws them and has the two sliders.
const COLOURS = { right: "#227c09", wrong: "#e03100", missed: "#000000" };
const DASHES = { right: "", wrong: "7 4", missed: "2 4" };
const SIGNS = { right: "✓", wrong: "✗", missed: "not found:" };
const MOST = 10; // boxes of which every name can be read
const STYLE = `
.ck-pr { max-width: 860px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); }
.ck-pr .ck-row { display: flex; flex-wrap: wrap; gap: 20px; align-items: flex-start; }
.ck-pr svg { flex: 1 1 320px; max-width: 400px; height: auto; border-radius: 4px; }
.ck-pr .ck-label { font-size: 1.15em; font-weight: bold; margin: 8px 0; }
.ck-pr .ck-words { margin: 4px 0 8px; }
.ck-pr .ck-slide { display: flex; gap: 12px; align-items: center; margin: 6px 0; }
.ck-pr .ck-slide span { min-width: 170px; }
.ck-pr input { flex: 1; max-width: 480px; }
.ck-pr .ck-help { font-size: 0.85em; opacity: 0.85; }`;

function slider(parent, name, range, model, trait, words) {
  const row = html(parent, "label", { class: "ck-slide" });
  const text = html(row, "span");
  const input = html(row, "input", { type: "range", class: name, ...range });
  input.addEventListener("input", () => {
    model.set(trait, Number(input.value));
    model.save_changes();
  });
  input.addEventListener("keydown", (event) => event.stopPropagation()); // else JupyterLab takes the arrow keys
  return () => {
    input.value = model.get(trait);
    text.textContent = words(model.get(trait));
  };
}

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
  svg(chart, "polyline", { points, fill: "none", stroke: "#0002cf", "stroke-width": 3 });
}

function drawBoxes(group, model, unit) {
  group.replaceChildren();
  const states = model.get("states"), captions = model.get("captions");
  const boxes = [...model.get("boxes").entries()].reverse(); // the most confident on top
  for (const [i, [x1, y1, x2, y2]] of boxes) {
    const colour = COLOURS[states[i]], size = 14 * unit;
    const place = { x: x1, y: y1, width: Math.max(x2 - x1, 0), height: Math.max(y2 - y1, 0), fill: "none" };
    svg(group, "rect", { ...place, stroke: "white", "stroke-width": 5 * unit });
    const dash = DASHES[states[i]].split(" ").map((part) => Number(part) * unit).join(" ");
    svg(group, "rect", { ...place, class: `ck-${states[i]}`, stroke: colour, "stroke-width": 3 * unit,
      ...(states[i] === "right" ? {} : { "stroke-dasharray": dash }) });
    if (states[i] === "wrong" && boxes.length > MOST) continue;
    const words = `${SIGNS[states[i]]} ${captions[i]}`, room = model.get("width") - 0.7 * size * words.length;
    const x = Math.max(Math.min(x1 + 2 * unit, room), 0);
    const y = states[i] === "missed" ? y2 - 4 * unit : Math.max(y1 - 3 * unit, size);
    svg(group, "text", { x, y, fill: "white", stroke: colour, "stroke-width": 4 * unit, "paint-order": "stroke",
      "font-size": size, "font-weight": "bold" }, words);
  }
}

function render({ model, el }) {
  const frame = html(el, "div", { class: "ck-pr" });
  html(frame, "style", {}, STYLE);
  const label = html(frame, "div", { class: "ck-label", "aria-live": "polite" });
  const threshold = slider(frame, "ck-threshold", { min: 0, max: 1, step: 0.01 }, model, "threshold",
    (value) => `score at least ${value.toFixed(2)}`);
  const shown = slider(frame, "ck-picture", { min: 0, max: model.get("pictures") - 1, step: 1 }, model, "shown",
    (value) => `picture ${value}`);
  const row = html(frame, "div", { class: "ck-row" });
  const canvas = svg(row, "svg", { role: "img" });
  const image = svg(canvas, "image", { "aria-hidden": true }), boxes = svg(canvas, "g", { "aria-hidden": true });
  const chart = svg(row, "svg", { viewBox: "0 0 400 400", role: "img",
    "aria-label": "Precision against recall of all pictures; a dot at the threshold." });
  drawAxes(chart, model.get("curve"));
  const dot = svg(chart, "circle", { r: 9, fill: "#e03100", stroke: "white", "stroke-width": 3, class: "ck-here" });
  const words = html(frame, "div", { class: "ck-words", "aria-live": "polite" });
  html(frame, "div", { class: "ck-help" }, "Green and whole: right. Red and broken: wrong. Black and dotted: an object that is "
    + "not found. The curve counts all pictures and all classes, at IoU 0.5.");
  const draw = () => {
    const width = model.get("width"), height = model.get("height");
    canvas.setAttribute("viewBox", `0 0 ${width} ${height}`);
    canvas.setAttribute("aria-label", model.get("words"));
    for (const [key, value] of Object.entries({ href: model.get("picture"), width, height })) image.setAttribute(key, value);
    drawBoxes(boxes, model, width / 400);
    const [recall, precision] = model.get("here");
    dot.setAttribute("cx", across(recall));
    dot.setAttribute("cy", up(precision));
    label.textContent = model.get("label");
    words.textContent = model.get("words");
    threshold();
    shown();
  };
  return follow(model, ["words", "label", "boxes", "here", "picture", "states"], draw);
}

export default { render };
