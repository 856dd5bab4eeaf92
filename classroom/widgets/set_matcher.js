// Boxes of slots on a picture, to drag or to move with the keys, and the table of what each pair costs. Python computes
// the costs and the label; this file draws them and steps through the ways to pair slots and objects.
const OWN = `
.ck-set table { border-collapse: collapse; font-size: 1.05em; }
.ck-set th, .ck-set td { padding: 6px 12px; text-align: right; border: 1px solid var(--jp-border-color1, #999); }
.ck-set td.ck-chosen { background: ${YELLOW}; color: black; font-weight: bold; }`;

const middle = ([x1, y1, x2, y2]) => [(x1 + x2) / 2, (y1 + y2) / 2];

function drawObject(canvas, box, g, unit) {
  const still = { "pointer-events": "none" };
  outlined(canvas, box, { ...still, stroke: "black", "stroke-width": 2.2 * unit, "stroke-dasharray": 7 * unit },
    { ...still, "stroke-width": 4 * unit });
  tag(canvas, letter(g), "black", 18 * unit, { x: box[2] - 18 * unit, y: box[3] - 6 * unit });
}

function drawSlot(canvas, model, s, unit) {
  const put = (box) => send(model, "predicted", model.get("predicted").map((old, other) => (other === s ? box : old)));
  return movable(canvas, { name: "ck-slot", title: `Slot ${s + 1}`, text: `${s + 1}`, colour: SERIES[s], opacity: 0.15, unit,
    step: Math.max(1, Math.round(5 * unit)), get: () => model.get("predicted")[s], put });
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

function render({ model, el }) {
  const unit = model.get("width") / 400, row = html(panel(el, "ck-set", OWN), "div", { class: "ck-panels" });
  const canvas = scene(row, model, { role: "group",
    "aria-label": "The boxes of the slots and the objects on a picture. Tab reaches a slot, the arrow keys move it." });
  model.get("truth").forEach((box, g) => drawObject(canvas, box, g, unit));
  const slots = model.get("predicted").map((_, s) => drawSlot(canvas, model, s, unit));
  const links = model.get("truth").map(() => [["black", 6], [YELLOW, 3.5]].map(([stroke, thick]) => svg(canvas, "line",
    { stroke, "stroke-width": thick * unit, "stroke-linecap": "round", "pointer-events": "none" })));
  const side = html(row, "div", { class: "ck-side" });
  const table = html(side, "table", { "aria-label": "What each pair of an object and a slot costs" });
  const label = live(side), count = model.get("ways").length;
  const go = (way) => send(model, "way", (way + count) % count);
  button(side, "ck-previous", "◀ way", () => go(model.get("way") - 1));
  button(side, "ck-next", "way ▶", () => go(model.get("way") + 1));
  button(side, "ck-cheapest", "cheapest", () => go(model.get("cheapest")));
  help(side, "Letters and dashed lines: the objects. Numbers: the slots; drag them, or tab to one and use the arrow keys. "
    + "Yellow: the pairs of this way.");
  const draw = () => {
    const chosen = model.get("ways")[model.get("way")], predicted = model.get("predicted");
    slots.forEach((update) => update());
    links.forEach((lines, g) => {
      const [x1, y1] = middle(model.get("truth")[g]), [x2, y2] = middle(predicted[chosen[g]]);
      lines.forEach((line) => assign(line, { x1, y1, x2, y2 }));
    });
    fill(table, model.get("costs"), chosen, predicted.length);
    label.textContent = model.get("label");
  };
  return follow(model, ["predicted", "costs", "way", "label"], draw);
}

export default { render };
