// A picture under the heat map after some stacks of hourglasses, with true and found points. Python computes all of it;
// this file draws it, and has a slider over the stacks, one over the pictures, and a choice of the key point.
const STYLE = `
.ck-peel { max-width: 820px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); }
.ck-peel .ck-row { display: flex; flex-wrap: wrap; gap: 20px; align-items: flex-start; }
.ck-peel svg.ck-scene { flex: 1 1 320px; max-width: 420px; height: auto; border-radius: 4px; }
.ck-peel svg.ck-chart { flex: 0 1 300px; height: auto; }
.ck-peel .ck-label { font-size: 1.1em; font-weight: bold; margin: 8px 0; }
.ck-peel .ck-slide { display: flex; gap: 12px; align-items: center; margin: 6px 0; }
.ck-peel .ck-slide span { min-width: 150px; }
.ck-peel input { flex: 1; max-width: 420px; }
.ck-peel .ck-help { font-size: 0.85em; opacity: 0.85; margin-top: 6px; }`;

function send(model, trait, value) {
  model.set(trait, value);
  model.save_changes();
}

function slider(parent, name, range, model, trait, words) {
  const row = html(parent, "label", { class: "ck-slide" });
  const text = html(row, "span");
  const input = html(row, "input", { type: "range", class: name, step: 1, ...range });
  input.addEventListener("input", () => send(model, trait, Number(input.value)));
  input.addEventListener("keydown", (event) => event.stopPropagation()); // else JupyterLab takes the arrow keys
  return () => {
    input.value = model.get(trait);
    text.textContent = words(model.get(trait));
  };
}

function choice(parent, model) {
  const row = html(parent, "label", { class: "ck-slide" });
  html(row, "span", {}, "key point");
  const select = html(row, "select", { class: "ck-point" });
  for (const [i, name] of model.get("names").entries()) html(select, "option", { value: i }, name);
  select.addEventListener("change", () => send(model, "point", Number(select.value)));
  select.addEventListener("keydown", (event) => event.stopPropagation());
  return () => { select.value = model.get("point"); };
}

function drawPoints(group, model) {
  group.replaceChildren();
  const unit = model.get("width") / 192, found = model.get("found");
  for (const [i, [x, y]] of model.get("true").entries()) {
    const [u, v] = found[i];
    svg(group, "line", { x1: x, y1: y, x2: u, y2: v, stroke: "white", "stroke-width": 1.5 * unit, "stroke-dasharray": `${2 * unit}` });
    svg(group, "circle", { cx: x, cy: y, r: 4.5 * unit, fill: "none", stroke: "white", "stroke-width": 1.8 * unit });
    const arm = 3 * unit, cross = `M${u - arm},${v - arm}l${2 * arm},${2 * arm}m0,${-2 * arm}l${-2 * arm},${2 * arm}`;
    svg(group, "path", { d: cross, class: "ck-found", stroke: "black", "stroke-width": 3.4 * unit, fill: "none" });
    svg(group, "path", { d: cross, stroke: "#3fd0ff", "stroke-width": 2 * unit, fill: "none" });
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
    const colour = k + 1 === model.get("stack") ? "#e03100" : "#9a9a9a";
    svg(chart, "rect", { x: x + 0.15 * wide, y: 210 - tall, width: 0.7 * wide, height: tall, fill: colour });
    svg(chart, "text", { x: x + wide / 2, y: 204 - tall, ...font }, error.toFixed(3));
    svg(chart, "text", { x: x + wide / 2, y: 230, ...font }, `${k + 1}`);
  }
}

function render({ model, el }) {
  const frame = html(el, "div", { class: "ck-peel" });
  html(frame, "style", {}, STYLE);
  const label = html(frame, "div", { class: "ck-label", "aria-live": "polite" });
  const stack = slider(frame, "ck-stack", { min: 1, max: model.get("stacks") }, model, "stack", (k) => `after stack ${k}`);
  const shown = slider(frame, "ck-picture", { min: 0, max: model.get("pictures") - 1 }, model, "shown", (i) => `picture ${i}`);
  const point = choice(frame, model);
  const row = html(frame, "div", { class: "ck-row" });
  const scene = svg(row, "svg", { class: "ck-scene", role: "img" });
  const image = svg(scene, "image", { "aria-hidden": true });
  const heat = svg(scene, "image", { "aria-hidden": true, preserveAspectRatio: "none", class: "ck-heat" });
  const points = svg(scene, "g", { "aria-hidden": true });
  const chart = svg(row, "svg", { class: "ck-chart", viewBox: "0 0 300 240", role: "img" });
  html(frame, "div", { class: "ck-help" }, "White rings: where the points are. Blue crosses: where the heat map says. "
    + "Errors are counted in longer sides of the object's box.");
  const draw = () => {
    const width = model.get("width"), height = model.get("height");
    scene.setAttribute("viewBox", `0 0 ${width} ${height}`);
    scene.setAttribute("aria-label", model.get("label"));
    for (const [key, value] of Object.entries({ href: model.get("picture"), width, height })) image.setAttribute(key, value);
    for (const [key, value] of Object.entries({ href: model.get("heat"), width, height })) heat.setAttribute(key, value);
    drawPoints(points, model);
    drawErrors(chart, model);
    const said = model.get("errors").map((error, k) => `stack ${k + 1}: ${error === null ? "none" : error.toFixed(3)}`);
    chart.setAttribute("aria-label", `Error after each stack: ${said.join(", ")}`);
    label.textContent = model.get("label");
    stack();
    shown();
    point();
  };
  return follow(model, ["label", "heat", "picture", "found", "errors"], draw);
}

export default { render };
