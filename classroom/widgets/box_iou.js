// Two boxes on a picture, to drag with a pointer or to move with the keys. Python computes the label; on a page
// without Python, where the model has no label, this file computes it.
const BOXES = { box_a: BLUE, box_b: RED };
const CORNERS = [[0, 1], [2, 1], [0, 3], [2, 3]]; // which of x1, y1, x2, y2 a handle moves
const OWN = `
.ck-iou { max-width: 560px; }
.ck-iou > .ck-scene { display: block; width: 100%; max-width: none; }
.ck-iou .ck-label { font-size: 1.35em; margin: 6px 0 0; }
.reveal .ck-iou :is(.ck-places, .ck-reset) { display: none; } /* a slide has no room for them */
.ck-iou .ck-formula, .ck-iou .ck-places, .ck-iou .ck-help { margin-top: 2px; line-height: 1.35; }`;

const shared = (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
const area = ([x1, y1, x2, y2]) => Math.max(x2 - x1, 0) * Math.max(y2 - y1, 0);

function words(a, b) {
  const inside = area(shared(a, b)), union = area(a) + area(b) - inside;
  const iou = union ? inside / union : 0;
  return [`IoU = ${iou.toFixed(3)}`,
    `intersection ${inside} / union (${area(a)} + ${area(b)} - ${inside} = ${union}) = ${iou.toFixed(3)}`];
}

function render({ model, el }) {
  const unit = model.get("width") / 480, box = panel(el, "ck-iou", OWN);
  const canvas = scene(box, model, { role: "group",
    "aria-label": "Two boxes on a picture. Tab reaches a box, the arrow keys move it, shift and arrow keys resize it." });
  const boxes = Object.entries(BOXES).map(([name, colour]) => movable(canvas, {
    name, colour, unit, title: `Box ${name.slice(-1)}`, text: name.slice(-1), opacity: 0.18, corners: CORNERS, least: 1,
    step: Math.max(1, Math.round(5 * unit)), get: () => model.get(name), put: (sides) => send(model, name, sides) }));
  const overlap = svg(canvas, "rect", { fill: YELLOW, "fill-opacity": 0.5, "pointer-events": "none" });
  const label = live(box), formula = html(box, "div", { class: "ck-formula" });
  const places = html(box, "div", { class: "ck-places" });
  const start = Object.keys(BOXES).map((name) => [name, model.get(name)]);
  button(box, "ck-reset", "Reset", () => start.forEach(([name, sides]) => send(model, name, sides)));
  help(box, "Drag a box or a corner. With the keyboard: tab to a box, arrow keys move it, shift + arrow keys resize it.");
  const draw = () => {
    const [a, b] = [model.get("box_a"), model.get("box_b")], own = words(a, b);
    assign(overlap, sides(shared(a, b)));
    boxes.forEach((update) => update());
    label.textContent = model.get("label") ?? own[0];
    formula.textContent = model.get("formula") ?? own[1];
    places.textContent = `A (${a.join(", ")}), B (${b.join(", ")}): left, top, right, bottom in pixels`;
  };
  return follow(model, ["box_a", "box_b", "label", "formula"], draw);
}

export default { render };
