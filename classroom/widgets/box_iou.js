// Two boxes on a picture, to drag with a pointer or to move with the keys. Python computes the label; on a page
// without Python, where the model has no label, this file computes it.
const COLOURS = { box_a: "#0002cf", box_b: "#e03100" };
const STEP = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CORNERS = [[0, 1], [2, 1], [0, 3], [2, 3]]; // which of x1, y1, x2, y2 a handle moves
const STYLE = `
.ck-iou { max-width: 560px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); }
.ck-iou svg { display: block; width: 100%; height: auto; touch-action: none; user-select: none; border-radius: 4px; }
.ck-iou rect.ck-box { cursor: move; outline: none; }
.ck-iou g:focus-within .ck-halo { stroke: #ffd400; }
.ck-iou .ck-handle { cursor: crosshair; }
.ck-iou .ck-label { font-size: 1.35em; font-weight: bold; margin-top: 6px; }
.ck-iou .ck-formula, .ck-iou .ck-help { margin-top: 2px; line-height: 1.35; }
.ck-iou .ck-help { font-size: 0.85em; opacity: 0.85; }`;

function svg(parent, name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

function line(parent, className, attributes = {}) {
  const element = document.createElement("div");
  element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

function place(rect, [x1, y1, x2, y2]) {
  const sides = { x: x1, y: y1, width: Math.max(x2 - x1, 0), height: Math.max(y2 - y1, 0) };
  for (const [key, value] of Object.entries(sides)) rect.setAttribute(key, value);
}

const shared = (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
const area = ([x1, y1, x2, y2]) => Math.max(x2 - x1, 0) * Math.max(y2 - y1, 0);

function words(a, b) {
  const inside = area(shared(a, b)), union = area(a) + area(b) - inside;
  const iou = union ? inside / union : 0;
  return [`IoU = ${iou.toFixed(3)}`,
    `intersection ${inside} / union (${area(a)} + ${area(b)} - ${inside} = ${union}) = ${iou.toFixed(3)}`];
}

function moved([x1, y1, x2, y2], dx, dy, width, height) {
  const right = Math.min(Math.max(dx, -x1), width - x2), down = Math.min(Math.max(dy, -y1), height - y2);
  return [x1 + right, y1 + down, x2 + right, y2 + down];
}

function resized(box, [h, v], dx, dy, width, height) {
  const [low, high] = [[0, 0, box[0], box[1]], [box[2], box[3], width, height]], next = box.slice();
  for (const [side, change] of [[h, dx], [v, dy]])
    next[side] = Math.min(Math.max(box[side] + change, low[side]), high[side]);
  return next;
}

function render({ model, el }) {
  const width = model.get("width"), height = model.get("height"), unit = width / 480;
  const frame = line(el, "ck-iou");
  frame.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
  const canvas = svg(frame, "svg", { viewBox: `0 0 ${width} ${height}`, role: "group" });
  canvas.setAttribute("aria-label", "Two boxes on a picture. Tab reaches a box, the arrow keys move it, shift and arrow keys resize it.");
  svg(canvas, "rect", { width, height, fill: "#e8e8e8" });
  if (model.get("picture")) svg(canvas, "image", { href: model.get("picture"), width, height, "aria-hidden": true });
  const boxes = Object.keys(COLOURS).map((name) => drawBox(canvas, model, name, width, height, unit));
  const overlap = svg(canvas, "rect", { fill: "#ffd400", "fill-opacity": 0.5, "pointer-events": "none" });
  const label = line(frame, "ck-label", { "aria-live": "polite" });
  const formula = line(frame, "ck-formula");
  line(frame, "ck-help").textContent =
    "Drag a box or a corner. With the keyboard: tab to a box, arrow keys move it, shift + arrow keys resize it.";
  const draw = () => {
    const [a, b] = [model.get("box_a"), model.get("box_b")], own = words(a, b);
    place(overlap, shared(a, b));
    boxes.forEach((update) => update());
    label.textContent = model.get("label") ?? own[0];
    formula.textContent = model.get("formula") ?? own[1];
  };
  const watched = ["box_a", "box_b", "label", "formula"].map((name) => `change:${name}`);
  watched.forEach((event) => model.on(event, draw));
  draw();
  return () => watched.forEach((event) => model.off?.(event, draw));
}

function drawBox(canvas, model, name, width, height, unit) {
  const colour = COLOURS[name], letter = name.slice(-1), group = svg(canvas, "g", {});
  const halo = svg(group, "rect", { fill: "none", stroke: "white", "stroke-width": 6 * unit, class: "ck-halo" });
  const rect = svg(group, "rect", { class: `ck-box ${name}`, tabindex: 0, role: "application",
    fill: colour, "fill-opacity": 0.18, stroke: colour, "stroke-width": 3 * unit });
  const tag = svg(group, "text", { fill: "white", stroke: colour, "stroke-width": 4 * unit, "paint-order": "stroke",
    "font-size": 20 * unit, "font-weight": "bold", "pointer-events": "none", "aria-hidden": true });
  tag.textContent = letter;
  const handles = CORNERS.map((corner) => [
    svg(group, "circle", { r: 6 * unit, fill: colour, stroke: "white", "stroke-width": 1.5 * unit }),
    svg(group, "circle", { r: 14 * unit, fill: "transparent", class: "ck-handle" }), corner]);
  const put = (box) => {
    model.set(name, box.map(Math.round));
    model.save_changes();
  };
  const draggable = (element, change) => element.addEventListener("pointerdown", (down) => {
    const scale = width / canvas.getBoundingClientRect().width, start = model.get(name).slice();
    element.setPointerCapture(down.pointerId);
    rect.focus();
    const follow = (move) =>
      put(change(start, (move.clientX - down.clientX) * scale, (move.clientY - down.clientY) * scale));
    element.addEventListener("pointermove", follow);
    for (const end of ["pointerup", "pointercancel"])
      element.addEventListener(end, () => element.removeEventListener("pointermove", follow), { once: true });
  });
  draggable(rect, (box, dx, dy) => moved(box, dx, dy, width, height));
  for (const [, handle, corner] of handles) draggable(handle, (box, dx, dy) => resized(box, corner, dx, dy, width, height));
  rect.addEventListener("keydown", (event) => {
    if (!(event.key in STEP)) return;
    event.preventDefault();
    event.stopPropagation();
    const [dx, dy] = STEP[event.key].map((direction) => direction * Math.max(1, Math.round(5 * unit)));
    const box = model.get(name);
    put(event.shiftKey ? resized(box, [2, 3], dx, dy, width, height) : moved(box, dx, dy, width, height));
  });
  return () => {
    const box = model.get(name);
    place(halo, box);
    place(rect, box);
    rect.setAttribute("aria-label", `Box ${letter}: left ${box[0]}, top ${box[1]}, right ${box[2]}, bottom ${box[3]}`);
    tag.setAttribute("x", box[0] + 7 * unit);
    tag.setAttribute("y", box[1] + 20 * unit);
    for (const [dot, handle, [h, v]] of handles)
      for (const circle of [dot, handle]) {
        circle.setAttribute("cx", box[h]);
        circle.setAttribute("cy", box[v]);
      }
  };
}

export default { render };
