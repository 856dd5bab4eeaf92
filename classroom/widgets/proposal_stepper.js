// A region proposal network, stage by stage: Python decides what is left of the anchors and writes the label; this file draws
// the boxes, and passes on the stage, the sliders and the point of the picture whose anchors are shown.
const COLOURS = ["#0002cf", "#227c09", "#94004b"], GONE = "#e03100", FOUND = "#227c09";
const STYLE = `
.ck-rpn { max-width: 900px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); display: flex;
  flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.ck-rpn svg { flex: 1 1 360px; max-width: 480px; height: auto; border-radius: 4px; }
.ck-rpn .ck-side { flex: 1 1 280px; }
.ck-rpn .ck-label { font-size: 1.05em; font-weight: bold; margin: 8px 0; min-height: 4.8em; line-height: 1.25; }
.ck-rpn button { font: inherit; padding: 3px 9px; margin: 0 6px 6px 0; cursor: pointer; }
.ck-rpn ol { margin: 4px 0 10px; padding: 0; list-style: none; }
.ck-rpn li button { display: flex; justify-content: space-between; width: 100%; max-width: 350px; margin: 0 0 2px; text-align: left; }
.ck-rpn button[aria-pressed=true] { background: #ffd400; color: black; font-weight: bold; }
.ck-rpn label { display: block; margin: 4px 0; font-size: 0.92em; }
.ck-rpn input[type=range] { width: 100%; max-width: 350px; display: block; }
.ck-rpn .ck-help { font-size: 0.85em; opacity: 0.85; line-height: 1.35; }`;

function frame(layer, [x, y, right, bottom], look) {
  svg(layer, "rect", { x, y, width: Math.max(right - x, 0), height: Math.max(bottom - y, 0), fill: "none", ...look });
}

function drawHeat(layer, squares) {
  squares.forEach(([x, y, width, height, score]) =>
    svg(layer, "rect", { x, y, width, height, fill: "#ffd400", "fill-opacity": 0.75 * score }));
}

function drawPoint(layer, [x, y], unit) {
  svg(layer, "circle", { cx: x, cy: y, r: 4 * unit, fill: "#ffd400", stroke: "black", "stroke-width": unit });
}

function drawTruth(layer, truth, found, unit) {
  truth.forEach((box, g) => {
    frame(layer, box, { stroke: "white", "stroke-width": 4.5 * unit });
    frame(layer, box, { stroke: found[g] ? FOUND : "black", "stroke-width": 2.6 * unit, "stroke-dasharray": 6 * unit });
  });
}

function slider(side, className, attributes, send) {
  const label = html(side, "label"), said = html(label, "span");
  const input = html(label, "input", { type: "range", class: className, ...attributes });
  input.addEventListener("keydown", (event) => event.stopPropagation()); // else JupyterLab takes the arrow keys
  input.addEventListener("input", () => send(Number(input.value)));
  return (value, words) => {
    input.value = value;
    said.textContent = words;
  };
}

function render({ model, el }) {
  const width = model.get("width"), height = model.get("height"), unit = width / 480;
  const box = html(el, "div", { class: "ck-rpn" });
  html(box, "style", {}, STYLE);
  const canvas = svg(box, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  if (model.get("picture")) svg(canvas, "image", { href: model.get("picture"), width, height, "aria-hidden": true });
  const layer = svg(canvas, "g", {}), side = html(box, "div", { class: "ck-side" });
  const set = (trait, value) => {
    model.set(trait, value);
    model.save_changes();
  };
  const last = model.get("stages").length - 1;
  const go = (stage) => set("stage", Math.min(Math.max(stage, 0), last));
  const steps = html(side, "div");
  html(steps, "button", { class: "ck-previous" }, "◀ step").onclick = () => go(model.get("stage") - 1);
  html(steps, "button", { class: "ck-next" }, "step ▶").onclick = () => go(model.get("stage") + 1);
  const label = html(side, "div", { class: "ck-label", "aria-live": "polite" });
  const list = html(side, "ol");
  const rows = model.get("stages").map((name, i) => {
    const button = html(html(list, "li"), "button", { class: "ck-stage" });
    html(button, "span", {}, `${i + 1}. ${name}`);
    button.onclick = () => go(i);
    return { button, count: html(button, "span") };
  });
  const column = slider(side, "ck-column", { min: 0, max: width - 1, step: 8 }, (x) => set("point", [x + 1, model.get("point")[1]]));
  const row = slider(side, "ck-row", { min: 0, max: height - 1, step: 8 }, (y) => set("point", [model.get("point")[0], y + 1]));
  const k = slider(side, "ck-candidates", { min: 1, max: 100, step: 1 }, (value) => set("candidates", value));
  const overlap = slider(side, "ck-threshold", { min: 0, max: 1, step: 0.01 }, (value) => set("threshold", value));
  const most = slider(side, "ck-limit", { min: 1, max: 100, step: 1 }, (value) => set("limit", value));
  html(side, "div", { class: "ck-help" }, "Blue, green, dark red: anchors of P3, P4, P5, and what becomes of them; the paler, the less they look like an object. Red and broken: removed by this step. "
    + "Black and broken: the objects; green as soon as a box overlaps them by half. Click on the picture for another cell.");
  canvas.addEventListener("click", (event) => {
    const seen = canvas.getBoundingClientRect();
    set("point", [((event.clientX - seen.left) / seen.width) * width, ((event.clientY - seen.top) / seen.height) * height]);
  });
  const draw = () => {
    const stage = model.get("stage"), levels = model.get("levels"), scores = model.get("scores");
    layer.replaceChildren();
    if (stage === 1) drawHeat(layer, model.get("heat"));
    model.get("removed").forEach((gone) => frame(layer, gone, { stroke: GONE, "stroke-width": 1.2 * unit, "stroke-dasharray": 3 * unit, "stroke-opacity": 0.5 }));
    model.get("boxes").forEach((one, i) => {
      const clear = stage ? 0.15 + 0.85 * scores[i] : 1; // what hardly looks like an object is pale
      frame(layer, one, { stroke: "white", "stroke-width": (stage ? 3 : 4.6) * unit, "stroke-opacity": 0.7 * clear * clear });
      frame(layer, one, { stroke: COLOURS[levels[i] % 3], "stroke-width": (stage ? 1.7 : 2.8) * unit, "stroke-opacity": clear });
    });
    drawTruth(layer, model.get("truth"), stage > 1 ? model.get("found") : [], unit);
    if (stage === 0) drawPoint(layer, model.get("point"), unit);
    rows.forEach(({ button, count }, i) => {
      button.setAttribute("aria-pressed", i === stage);
      count.textContent = model.get("counts")[i]?.toLocaleString("en") ?? "";
    });
    const [x, y] = model.get("point");
    column(x - 1, `cell: ${x.toFixed(0)} pixels from the left`);
    row(y - 1, `cell: ${y.toFixed(0)} pixels from the top`);
    k(model.get("candidates"), `top k: ${model.get("candidates")} of each level`);
    overlap(model.get("threshold"), `suppress beyond an IoU of ${model.get("threshold").toFixed(2)}`);
    most(model.get("limit"), `at most ${model.get("limit")} proposals`);
    label.textContent = model.get("label");
    canvas.setAttribute("aria-label", `Boxes on a picture. ${model.get("label")}`);
  };
  return follow(model, ["stage", "counts", "boxes", "removed", "found", "label", "point"], draw);
}

export default { render };
