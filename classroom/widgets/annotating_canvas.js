// Boxes and outlines to draw on one's own photographs, to name, to move, to resize and to delete, by pointer or by keys.
// Python keeps the objects, their history and the file; this file draws the objects and sends what was done to them;
// annotating.js puts the controls beside them.
const WAYS = { box: "Box (B)", outline: "Outline (O)", click: "Click (C)" };
const CORNERS = [[0, 1], [2, 1], [0, 3], [2, 3]]; // which of x1, y1, x2, y2 a handle moves
const LEAST = 3; // pixels of the shortest side
const OWN = `
.ck-annotator .ck-scene { flex: 2 1 420px; cursor: crosshair; touch-action: none; }
.ck-annotator .ck-side { flex: 1 1 220px; max-width: 300px; }
.ck-annotator .ck-halo, .ck-annotator .ck-sketch, .ck-annotator polygon, .ck-drawing .ck-box, .ck-drawing .ck-handle { pointer-events: none; }
.ck-objects > g:not(.ck-selected) > .ck-box { pointer-events: stroke; } /* inside it another one can be drawn */
.ck-objects > g:not(.ck-selected) > circle { display: none; }
.ck-annotator .ck-label { overflow-wrap: anywhere; }
.ck-annotator .ck-selected > .ck-halo { stroke: ${YELLOW}; }
.ck-annotator select, .ck-annotator input { width: 100%; max-width: 100%; box-sizing: border-box; font: inherit; }
.ck-annotator input { padding: 4px 6px; color: inherit; background: var(--jp-layout-color1, transparent); border: 1px solid; border-radius: 4px; }
.ck-annotator button:disabled { opacity: 0.5; cursor: default; }`;
const HELP = "Drag over an object to draw its box; an outline takes a click at each corner, and Enter or a click at the first one. With Click, "
  + "one click on an object draws its outline. Click an object to choose it, drag it or its corners. Keys: Tab to an object, arrows move it (with shift: resize), 1 to 9 and 0 give it a "
  + "class, Delete removes it, U undoes, R repeats, N and P turn to the next and the previous photograph. To draw by keys, tab to the photograph: "
  + "arrows move the cross (with shift: by single pixels), Space sets a corner or clicks, Enter ends an outline, Escape gives up.";

const inside = ([x1, y1, x2, y2], [x, y]) => x1 <= x && x <= x2 && y1 <= y && y <= y2;
const spread = ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1);
const around = (points) => [0, 1].map((side) => points.map((point) => point[side]))
  .map((values) => [Math.min(...values), Math.max(...values)]).reduce(([x1, x2], [y1, y2]) => [x1, y1, x2, y2]);

// An outline that goes with its box from one place to another.
const carried = (outline, from, to) => outline.map((value, i) => {
  const low = i % 2, high = low + 2;
  return Math.round(10 * (to[low] + (value - from[low]) * (to[high] - to[low]) / (from[high] - from[low]))) / 10;
});

// What all parts of one widget know: the model, what is chosen, and what is being drawn.
function makeDesk(model) {
  const desk = { model, way: "box", chosen: null, corners: [], cross: null, boxes: {}, drawn: [], refresh: () => {}, say: () => {} };
  desk.objects = () => model.get("sheet").objects ?? [];
  desk.object = () => desk.objects().find(({ id }) => id === desk.chosen);
  desk.put = (objects) => send(model, "sheet", { ...model.get("sheet"), objects });
  desk.change = (id, news) => desk.put(desk.objects().map((each) => (each.id === id ? { ...each, ...news } : each)));
  desk.add = (box, outline = []) => {
    const id = model.get("next_id");
    model.set("next_id", id + 1);
    desk.chosen = id;
    desk.corners = [];
    desk.put([...desk.objects(), { id, label: model.get("chosen"), box: box.map(Math.round), outline }]);
    desk.focus();
  };
  desk.choose = (id) => {
    desk.chosen = id;
    desk.refresh();
  };
  desk.remove = () => {
    const left = desk.objects().filter(({ id }) => id !== desk.chosen);
    desk.chosen = null;
    desk.put(left);
    desk.canvas.focus();
  };
  desk.focus = () => (desk.drawn.find(({ id }) => id === desk.chosen)?.rect ?? desk.canvas).focus();
  return desk;
}

// ---- the photograph and its objects

function drawObject(desk, object, i) {
  const { canvas, unit, model } = desk, { id, label } = object, name = model.get("classes")[label - 1], colour = SERIES[(label - 1) % SERIES.length];
  const now = () => desk.objects().find((each) => each.id === id) ?? object, box = () => desk.boxes[id] ?? now().box;
  const outline = svg(desk.layer, "polygon", { fill: colour, "fill-opacity": 0.2, stroke: colour, "stroke-width": 2 * unit });
  const put = (to, end) => {
    const { box: from, outline } = now();
    desk.boxes = end ? {} : { [id]: to };
    if (end && String(to) !== String(from)) desk.change(id, { box: to, outline: carried(outline, from, to) });
    update();
  };
  const place = movable(canvas, { name: "ck-annotated", title: `Object ${i + 1}, ${name}`, text: name, colour, opacity: 0.1, unit, corners: CORNERS,
    least: LEAST, step: Math.max(1, Math.round(2 * unit)), get: box, put });
  const group = canvas.lastElementChild, update = () => {
    outline.setAttribute("points", carried(now().outline, now().box, box()).join(" "));
    place();
  };
  desk.layer.append(group);
  group.addEventListener("focusin", () => desk.choose(id));
  return { id, group, rect: group.querySelector(".ck-box"), update, mark: () => group.classList.toggle("ck-selected", desk.chosen === id) };
}

function drawObjects(desk) {
  const objects = desk.objects(), key = JSON.stringify([desk.model.get("classes"), objects.map(({ id, label }) => [id, label])]);
  if (key !== desk.key) {
    const focused = desk.layer.contains(document.activeElement);
    desk.layer.replaceChildren();
    desk.drawn = objects.map((object, i) => drawObject(desk, object, i));
    desk.key = key;
    if (focused) desk.focus();
  }
  desk.drawn.forEach(({ update, mark }) => (update(), mark()));
}

function drawSketch(desk, box = null) {
  const { sketch, unit, corners, cross } = desk, look = { fill: "none", stroke: YELLOW, "stroke-width": 3 * unit };
  sketch.replaceChildren();
  desk.canvas.classList.toggle("ck-drawing", corners.length > 0);
  if (box) outlined(sketch, box, look, { "stroke-width": 5 * unit });
  svg(sketch, "polyline", { ...look, points: corners.join(" ") });
  for (const [cx, cy] of corners) svg(sketch, "circle", { cx, cy, r: 5 * unit, fill: YELLOW, stroke: "black", "stroke-width": unit });
  if (!cross) return;
  const [x, y] = cross, arm = 12 * unit;
  for (const [stroke, wide] of [["black", 4], [YELLOW, 2]])
    svg(sketch, "path", { d: `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`, stroke, "stroke-width": wide * unit });
}

function addCanvas(desk, row) {
  const { model } = desk, width = model.get("width"), height = model.get("height"), before = row.querySelector("svg");
  const canvas = scene(row, model, { role: "group", tabindex: 0, "aria-label": `The photograph ${model.get("sheet").photograph}` });
  canvas.style.maxWidth = `min(640px, calc(70vh * ${width / height}))`; // all of it is in sight
  const paper = svg(canvas, "rect", { width, height, fill: "transparent" });
  const within = ([x, y]) => [Math.round(between(0, x, width)), Math.round(between(0, y, height))];
  Object.assign(desk, { canvas, unit: width / 640, key: "", corners: [], cross: null, boxes: {}, layer: svg(canvas, "g", { class: "ck-objects" }) });
  desk.sketch = svg(canvas, "g", { class: "ck-sketch" });
  draggable(paper, canvas, (x, y) => (dx, dy, end) => {
    const from = within([x, y]), to = within([x + dx, y + dy]), still = Math.hypot(dx, dy) < LEAST * desk.unit;
    if (desk.way === "outline") end && addCorner(desk, to);
    else if (desk.way === "click") end && takeMask(desk, to);
    else if (!end) drawSketch(desk, around([from, to]));
    else (drawSketch(desk), still ? pick(desk, to) : addBox(desk, from, to));
  });
  arrows(canvas, (right, down, shift) => {
    const by = shift ? 1 : Math.round(10 * desk.unit), [x, y] = desk.cross ?? [width / 2, height / 2];
    desk.cross = within([x + right * by, y + down * by]);
    desk.say(`Cross at ${desk.cross.join(", ")}`);
    drawSketch(desk);
  });
  before ? before.replaceWith(canvas) : row.prepend(canvas);
}

const editable = (desk) => Boolean(desk.model.get("sheet").photograph);

function addBox(desk, from, to) {
  const box = around([from, to]), shortest = Math.min(box[2] - box[0], box[3] - box[1]);
  desk.corners = [];
  if (editable(desk) && shortest >= LEAST) desk.add(box);
  drawSketch(desk);
}

// A corner of an outline, by pointer or by keys; at the first one the outline is closed.
function addCorner(desk, point) {
  const [first] = desk.corners, close = first && Math.hypot(point[0] - first[0], point[1] - first[1]) < 10 * desk.unit;
  if (!editable(desk)) return;
  if (close && desk.corners.length > 2) return closeOutline(desk);
  desk.corners = [...desk.corners, point];
  desk.say(`Corner ${desk.corners.length} at ${point.join(", ")}`);
  desk.canvas.focus();
  drawSketch(desk);
}

// Ask Python for the outline of what is at a point; the new object will have the next id.
function takeMask(desk, point) {
  const { model } = desk, photograph = model.get("sheet").photograph, number = (model.get("clicked").number ?? 0) + 1;
  if (!editable(desk)) return;
  desk.chosen = model.get("next_id");
  desk.say(`Looking for an object at ${point.join(", ")}`);
  send(model, "clicked", { photograph, point, number });
}

function closeOutline(desk) {
  if (desk.corners.length > 2) desk.add(around(desk.corners), desk.corners.flat());
  drawSketch(desk);
}

// The smallest object at a point, or none.
function pick(desk, point) {
  const there = desk.objects().filter(({ box }) => inside(box, point)).sort((a, b) => spread(a.box) - spread(b.box));
  desk.choose(there[0]?.id ?? null);
  there.length ? desk.focus() : desk.canvas.focus();
}

// ---- keys

function setCorner(desk) {
  if (desk.way === "outline") addCorner(desk, desk.cross);
  else if (desk.way === "click") takeMask(desk, desk.cross);
  else if (desk.corners.length) addBox(desk, desk.corners[0], desk.cross);
  else {
    desk.corners = [desk.cross];
    desk.say(`First corner at ${desk.cross.join(", ")}`);
    drawSketch(desk);
  }
}

function giveUp(desk) {
  Object.assign(desk, { corners: [], cross: null });
  desk.choose(null);
  desk.canvas.focus();
  drawSketch(desk);
}

const ask = (model, word) => send(model, word, model.get(word) + 1);
const turn = (model, by) => send(model, "shown", between(0, model.get("shown") + by, model.get("photographs").length - 1));

function give(desk, label) {
  if (label < 1 || label > desk.model.get("classes").length) return false;
  send(desk.model, "chosen", label);
  if (desk.object()) desk.change(desk.chosen, { label });
}

function pressed(desk, event) {
  const { model } = desk, key = event.key.length > 1 ? event.key : event.key.toLowerCase(), onCanvas = event.target === desk.canvas;
  if (event.altKey) return false;
  if (event.ctrlKey || event.metaKey) {
    const word = { z: event.shiftKey ? "redos" : "undos", y: "redos" }[key];
    return word ? ask(model, word) : false;
  }
  if (/^\d$/.test(key)) return give(desk, Number(key) || 10);
  if (key === " " && onCanvas && desk.cross) return setCorner(desk);
  if (key === "Enter" && desk.corners.length) return closeOutline(desk);
  if (key === "Backspace" && desk.corners.length) return (desk.corners.pop(), drawSketch(desk));
  if (["Delete", "Backspace"].includes(key)) return desk.object() ? desk.remove() : false;
  const acts = { n: () => turn(model, 1), p: () => turn(model, -1), u: () => ask(model, "undos"), r: () => ask(model, "redos"),
    b: () => desk.setWay("box"), o: () => desk.setWay("outline"), c: () => desk.setWay("click"), Escape: () => giveUp(desk) };
  return acts[key] ? acts[key]() : false;
}
