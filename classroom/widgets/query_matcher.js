// Boxes of queries on a picture, to drag, to resize or to move with the keys, and the table of what each pair costs. Python
// computes the costs, both matches and the label; this file draws them.
const OWN = `
.ck-queries table { border-collapse: collapse; }
.ck-queries th, .ck-queries td { padding: 4px 7px; text-align: right; border: 1px solid var(--jp-border-color1, #999); }
.ck-queries th small { font-weight: normal; display: block; }
.ck-queries td.ck-best { background: ${YELLOW}; color: black; font-weight: bold; }
.ck-queries td.ck-greedy { outline: 3px dashed ${RED}; outline-offset: -4px; }
.ck-queries .ck-side { flex-basis: 380px; }`;

const middle = ([x1, y1, x2, y2]) => [(x1 + x2) / 2, (y1 + y2) / 2];

function drawObject(canvas, box, g, unit) {
  const still = { "pointer-events": "none" };
  outlined(canvas, box, { ...still, stroke: "black", "stroke-width": 2.2 * unit, "stroke-dasharray": 7 * unit },
    { ...still, "stroke-width": 4 * unit });
  tag(canvas, letter(g), "black", 18 * unit, { x: box[2] - 18 * unit, y: box[3] - 6 * unit });
}

function drawQuery(canvas, model, q, unit) {
  const put = (box) => send(model, "predicted", model.get("predicted").map((old, other) => (other === q ? box : old)));
  return movable(canvas, { name: "ck-query", title: `Query ${q + 1}, ${model.get("guesses")[q]}`, text: `${q + 1}`, colour: SERIES[q % SERIES.length],
    opacity: 0.12, unit, step: Math.max(1, Math.round(4 * unit)), corners: [[2, 3]], least: 4, get: () => model.get("predicted")[q], put });
}

function fill(table, model) {
  const best = model.get("best"), greedy = model.get("greedy"), head = (table.replaceChildren(), html(table, "tr"));
  html(head, "td", {}, "cost");
  model.get("guesses").forEach((guess, q) => html(html(head, "th", { scope: "col" }, `query ${q + 1}`), "small", {}, guess));
  for (const [g, row] of model.get("costs").entries()) {
    const line = html(table, "tr");
    html(html(line, "th", { scope: "row" }, letter(g)), "small", {}, model.get("names")[g]);
    for (const [q, cost] of row.entries()) {
      const kinds = [["ck-best", best[g] === q, "best"], ["ck-greedy", greedy[g] === q, "greedy"]].filter(([, is]) => is);
      const said = kinds.length ? { class: kinds.map(([name]) => name).join(" "), title: kinds.map(([, , word]) => word).join(", ") } : {};
      html(line, "td", said, cost.toFixed(2));
    }
  }
}

function render({ model, el }) {
  const unit = model.get("width") / 400, row = html(panel(el, "ck-queries", OWN), "div", { class: "ck-panels" });
  const canvas = scene(row, model, { role: "group", "aria-label": "The boxes of the queries and the objects on a picture. "
    + "Tab reaches a query, the arrow keys move it, shift and arrow keys resize it." });
  model.get("truth").forEach((box, g) => drawObject(canvas, box, g, unit));
  const queries = model.get("predicted").map((_, q) => drawQuery(canvas, model, q, unit));
  const links = model.get("truth").map(() => [["black", 6], [YELLOW, 3.5]].map(([stroke, thick]) => svg(canvas, "line",
    { stroke, "stroke-width": thick * unit, "stroke-linecap": "round", "pointer-events": "none" })));
  const side = html(row, "div", { class: "ck-side" });
  const pressed = toggles(side, model, "shown", model.get("terms"), { name: "ck-term", label: "What a pair costs" });
  const table = html(side, "table", { "aria-label": "What each pair of an object and a query costs" });
  const label = live(side);
  help(side, "Letters and dashed boxes: the objects. Numbers: the queries; drag one, or its lower right corner, or tab to it and use the "
    + "arrow keys (with shift: resize). Yellow: the best match. Dashed red: the greedy one.");
  const draw = () => {
    const best = model.get("best"), predicted = model.get("predicted");
    queries.forEach((update) => update());
    links.forEach((lines, g) => {
      const there = g < best.length, [x1, y1] = middle(model.get("truth")[g]), [x2, y2] = middle(predicted[there ? best[g] : 0]);
      lines.forEach((line) => assign(line, { x1, y1, x2, y2, visibility: there ? "visible" : "hidden" }));
    });
    fill(table, model);
    pressed();
    label.textContent = model.get("label");
  };
  return follow(model, ["predicted", "costs", "greedy", "best", "shown", "label"], draw);
}

export default { render };
