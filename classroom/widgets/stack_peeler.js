// A picture under the heat map after some stacks of hourglasses, with true and found points. Python computes all of it;
// this file draws it, and has a slider over the stacks, one over the pictures, and a choice of the key point.
const OWN = `
.ck-peel .ck-scene { max-width: 420px; }
.ck-peel .ck-chart { flex: 0 1 300px; }`;

function drawPoints(group, model) {
  group.replaceChildren();
  const unit = model.get("width") / 192, found = model.get("found");
  for (const [i, [x, y]] of model.get("true").entries()) {
    const [u, v] = found[i];
    svg(group, "line", { x1: x, y1: y, x2: u, y2: v, stroke: "white", "stroke-width": 1.5 * unit, "stroke-dasharray": `${2 * unit}` });
    svg(group, "circle", { cx: x, cy: y, r: 4.5 * unit, fill: "none", stroke: "white", "stroke-width": 1.8 * unit });
    const arm = 3 * unit, cross = `M${u - arm},${v - arm}l${2 * arm},${2 * arm}m0,${-2 * arm}l${-2 * arm},${2 * arm}`;
    svg(group, "path", { d: cross, class: "ck-found", stroke: "black", "stroke-width": 3.4 * unit, fill: "none" });
    svg(group, "path", { d: cross, stroke: CYAN, "stroke-width": 2 * unit, fill: "none" });
  }
}

function drawErrors(chart, model) {
  chart.replaceChildren();
  const errors = model.get("errors").map((error) => error ?? 0), most = Math.max(0.05, ...errors);
  const font = { "font-size": 16, fill: "currentColor", "text-anchor": "middle" };
  const wide = 280 / errors.length;
  svg(chart, "text", { x: 150, y: 20, ...font }, "error after each stack");
  for (const [k, error] of errors.entries()) {
    const tall = 160 * error / most, x = 10 + k * wide;
    const colour = k + 1 === model.get("stack") ? RED : "#9a9a9a";
    svg(chart, "rect", { x: x + 0.15 * wide, y: 210 - tall, width: 0.7 * wide, height: tall, fill: colour });
    svg(chart, "text", { x: x + wide / 2, y: 204 - tall, ...font }, error.toFixed(3));
    svg(chart, "text", { x: x + wide / 2, y: 230, ...font }, `${k + 1}`);
  }
}

function render({ model, el }) {
  const box = panel(el, "ck-peel", OWN), label = live(box), controls = html(box, "div", { class: "ck-controls" });
  const updates = [
    slider(controls, model, "stack", { min: 1, max: model.get("stacks"), words: (k) => `after stack ${k}` }),
    slider(controls, model, "shown", { name: "ck-picture", min: 0, max: model.get("pictures") - 1, words: (i) => `picture ${i}` }),
    chooser(controls, model, "point", { name: "ck-point", words: "key point", options: model.get("names") }),
  ];
  const row = html(box, "div", { class: "ck-panels" });
  const canvas = svg(row, "svg", { class: "ck-scene", role: "img" });
  const image = svg(canvas, "image", { "aria-hidden": true });
  const heat = svg(canvas, "image", { "aria-hidden": true, preserveAspectRatio: "none", class: "ck-heat" });
  const points = svg(canvas, "g", { "aria-hidden": true });
  const chart = svg(row, "svg", { class: "ck-chart", viewBox: "0 0 300 240", role: "img" });
  help(box, "White rings: where the points are. Blue crosses: where the heat map says. Errors are counted in longer sides of "
    + "the object's box.");
  const draw = () => {
    const width = model.get("width"), height = model.get("height");
    assign(canvas, { viewBox: `0 0 ${width} ${height}`, "aria-label": model.get("label") });
    assign(image, { href: model.get("picture"), width, height });
    assign(heat, { href: model.get("heat"), width, height });
    drawPoints(points, model);
    drawErrors(chart, model);
    const said = model.get("errors").map((error, k) => `stack ${k + 1}: ${error === null ? "none" : error.toFixed(3)}`);
    chart.setAttribute("aria-label", `Error after each stack: ${said.join(", ")}`);
    label.textContent = model.get("label");
    updates.forEach((update) => update());
  };
  return follow(model, ["label", "heat", "picture", "found", "errors", "stack", "shown", "point"], draw);
}

export default { render };
