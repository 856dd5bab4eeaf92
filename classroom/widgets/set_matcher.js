// Boxes of slots on a picture, to drag or to move with the keys, and the table of what each pair costs. Python computes
// the costs and the label; this file draws them and steps through the ways to pair slots and objects.
const COLOURS = ["#0002cf", "#e03100", "#227c09", "#795ca8"];
const STEP = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STYLE = `
.ck-set { max-width: 760px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); display: flex;
  flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.ck-set svg { flex: 1 1 340px; max-width: 400px; height: auto; touch-action: none; user-select: none; border-radius: 4px; }
.ck-set rect.ck-slot { cursor: move; outline: none; }
.ck-set g:focus-within .ck-halo { stroke: #ffd400; }
.ck-set .ck-side { flex: 1 1 300px; }
.ck-set table { border-collapse: collapse; font-size: 1.05em; }
.ck-set th, .ck-set td { padding: 6px 12px; text-align: right; border: 1px solid var(--jp-border-color1, #999); }
.ck-set td.ck-chosen { background: #ffd400; color: black; font-weight: bold; }
.ck-set .ck-label { font-size: 1.1em; font-weight: bold; margin: 10px 0; }
.ck-set button { font: inherit; padding: 4px 10px; margin-right: 6px; cursor: pointer; }
.ck-set .ck-help { font-size: 0.85em; opacity: 0.85; margin-top: 10px; line-height: 1.35; }`;

const letter = (g) => String.fromCharCode(65 + g);
const middle = ([x1, y1, x2, y2]) => [(x1 + x2) / 2, (y1 + y2) / 2];

function place(rect, [x1, y1, x2, y2]) {
  const sides = { x: x1, y: y1, width: Math.max(x2 - x1, 0), height: Math.max(y2 - y1, 0) };
  for (const [key, value] of Object.entries(sides)) rect.setAttribute(key, value);
}

function moved([x1, y1, x2, y2], dx, dy, width, height) {
  const right = Math.min(Math.max(dx, -x1), width - x2), down = Math.min(Math.max(dy, -y1), height - y2);
  return [x1 + right, y1 + down, x2 + right, y2 + down].map(Math.round);
}

function tag(canvas, text, colour, unit) {
  const element = svg(canvas, "text", { fill: "white", stroke: colour, "stroke-width": 4 * unit, "paint-order": "stroke",
    "font-size": 18 * unit, "font-weight": "bold", "pointer-events": "none", "aria-hidden": true });
  element.textContent = text;
  return element;
}

function at(element, x, y) {
  element.setAttribute("x", x);
  element.setAttribute("y", y);
}

function render({ model, el }) {
  const width = model.get("width"), height = model.get("height"), unit = width / 400;
  const frame = html(el, "div", { class: "ck-set" });
  html(frame, "style", {}, STYLE);
  const canvas = svg(frame, "svg", { viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": "The boxes of the slots and the objects on a picture. Tab reaches a slot, the arrow keys move it." });
  svg(canvas, "rect", { width, height, fill: "#e8e8e8" });
  if (model.get("picture")) svg(canvas, "image", { href: model.get("picture"), width, height, "aria-hidden": true });
  for (const [g, box] of model.get("truth").entries()) {
    const common = { fill: "none", "pointer-events": "none" };
    place(svg(canvas, "rect", { ...common, stroke: "white", "stroke-width": 4 * unit }), box);
    place(svg(canvas, "rect", { ...common, stroke: "black", "stroke-width": 2.2 * unit, "stroke-dasharray": 7 * unit }), box);
    at(tag(canvas, letter(g), "black", unit), box[2] - 18 * unit, box[3] - 6 * unit);
  }
  const slots = model.get("predicted").map((_, s) => drawSlot(canvas, model, s, width, height, unit));
  const links = model.get("truth").map(() => [["black", 6], ["#ffd400", 3.5]].map(([stroke, thick]) => svg(canvas, "line",
    { stroke, "stroke-width": thick * unit, "stroke-linecap": "round", "pointer-events": "none" })));
  const side = html(frame, "div", { class: "ck-side" });
  const table = html(side, "table", { "aria-label": "What each pair of an object and a slot costs" });
  const label = html(side, "div", { class: "ck-label", "aria-live": "polite" });
  const go = (way) => {
    model.set("way", (way + model.get("ways").length) % model.get("ways").length);
    model.save_changes();
  };
  html(side, "button", { class: "ck-previous" }, "◀ way").onclick = () => go(model.get("way") - 1);
  html(side, "button", { class: "ck-next" }, "way ▶").onclick = () => go(model.get("way") + 1);
  html(side, "button", { class: "ck-cheapest" }, "cheapest").onclick = () => go(model.get("cheapest"));
  html(side, "div", { class: "ck-help" }, "Letters and broken lines: the objects. Numbers: the slots; drag them, or tab to one and "
    + "use the arrow keys. Yellow: the pairs of this way.");
  const draw = () => {
    const chosen = model.get("ways")[model.get("way")], predicted = model.get("predicted");
    slots.forEach((update) => update());
    links.forEach((lines, g) => {
      const [from, to] = [middle(model.get("truth")[g]), middle(predicted[chosen[g]])];
      for (const [key, value] of [["x1", from[0]], ["y1", from[1]], ["x2", to[0]], ["y2", to[1]]])
        lines.forEach((line) => line.setAttribute(key, value));
    });
    fill(table, model.get("costs"), chosen, predicted.length);
    label.textContent = model.get("label");
  };
  return follow(model, ["predicted", "costs", "way", "label"], draw);
}

function fill(table, costs, chosen, count) {
  table.replaceChildren();
  const head = html(table, "tr");
  html(head, "td", {}, "cost");
  for (let s = 0; s < count; s++) html(head, "th", { scope: "col" }, `slot ${s + 1}`);
  for (const [g, row] of costs.entries()) {
    const line = html(table, "tr");
    html(line, "th", { scope: "row" }, letter(g));
    for (const [s, cost] of row.entries()) html(line, "td", chosen[g] === s ? { class: "ck-chosen" } : {}, cost.toFixed(2));
  }
}

function drawSlot(canvas, model, s, width, height, unit) {
  const colour = COLOURS[s], group = svg(canvas, "g", {});
  const halo = svg(group, "rect", { fill: "none", stroke: "white", "stroke-width": 6 * unit, class: "ck-halo" });
  const rect = svg(group, "rect", { class: "ck-slot", tabindex: 0, role: "application", fill: colour,
    "fill-opacity": 0.15, stroke: colour, "stroke-width": 3 * unit });
  const number = tag(group, `${s + 1}`, colour, unit);
  const put = (box) => {
    model.set("predicted", model.get("predicted").map((old, other) => (other === s ? box : old)));
    model.save_changes();
  };
  rect.addEventListener("pointerdown", (down) => {
    const scale = width / canvas.getBoundingClientRect().width, start = model.get("predicted")[s];
    rect.setPointerCapture(down.pointerId);
    rect.focus();
    const follow = (move) =>
      put(moved(start, (move.clientX - down.clientX) * scale, (move.clientY - down.clientY) * scale, width, height));
    rect.addEventListener("pointermove", follow);
    for (const end of ["pointerup", "pointercancel"])
      rect.addEventListener(end, () => rect.removeEventListener("pointermove", follow), { once: true });
  });
  rect.addEventListener("keydown", (event) => {
    if (!(event.key in STEP)) return;
    event.preventDefault();
    event.stopPropagation();
    const [dx, dy] = STEP[event.key].map((direction) => direction * Math.max(1, Math.round(5 * unit)));
    put(moved(model.get("predicted")[s], dx, dy, width, height));
  });
  return () => {
    const box = model.get("predicted")[s];
    place(halo, box);
    place(rect, box);
    at(number, box[0] + 6 * unit, box[1] + 19 * unit);
    rect.setAttribute("aria-label", `Slot ${s + 1}: left ${box[0]}, top ${box[1]}, right ${box[2]}, bottom ${box[3]}`);
  };
}

export default { render };
