// What the pages of all widgets share: colours, styles, controls, boxes, dragging and keys. `page` in page.py puts it
// before each of them.

const BLUE = "#0002cf", RED = "#e03100", GREEN = "#227c09", PURPLE = "#795ca8", SKY = "#029ed6", WINE = "#94004b";
const YELLOW = "#ffd400"; // what is chosen, best, or has the focus; RED is wrong or removed, GREEN right or found
const CYAN = "#35e0ff"; // what stands out on a dark map
const SERIES = [BLUE, RED, GREEN, PURPLE, SKY, WINE]; // where a colour only tells one thing from the next
const STEP = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STYLE = `
.ck { max-width: 900px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); }
.ck .ck-panels { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: flex-start; }
.ck .ck-scene { flex: 1 1 380px; max-width: 480px; }
.ck .ck-side { flex: 1 1 260px; }
.ck .ck-controls { display: flex; flex-wrap: wrap; gap: 0 24px; }
.ck .ck-controls label { flex: 1 1 200px; max-width: 270px; }
.ck .ck-label { font-size: 1.1em; font-weight: bold; line-height: 1.25; margin: 8px 0; }
.ck .ck-side .ck-label { min-height: 3.8em; }
.ck .ck-help { font-size: 0.85em; opacity: 0.85; line-height: 1.35; margin-top: 6px; }
.ck svg { height: auto; border-radius: 4px; }
.ck label { display: block; margin: 6px 0; max-width: 340px; }
.ck input[type=range], .ck select { display: block; margin: 6px 0; }
.ck input[type=range] { width: 100%; }
.ck button, .ck select { font: inherit; padding: 4px 10px; color: inherit; background: var(--jp-layout-color1, transparent);
  border: 1px solid; border-radius: 4px; }
.ck option { color: black; background: white; }
.ck button { margin: 0 6px 6px 0; cursor: pointer; }
.ck button[aria-pressed=true] { background: ${YELLOW}; color: black; font-weight: bold; }
.ck :is(button, input, select, svg):focus-visible { outline: 3px solid ${SKY}; outline-offset: 2px; }
.ck .ck-box, .ck .ck-handle { touch-action: none; user-select: none; }
.ck .ck-box { cursor: move; outline: none; }
.ck .ck-handle { cursor: crosshair; }
.ck g:focus-within > .ck-halo { stroke: ${YELLOW}; }`;

// ---- elements

function assign(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function add(parent, element, attributes, text) {
  assign(element, attributes).textContent = text;
  parent.append(element);
  return element;
}

function svg(parent, name, attributes, text = "") {
  return add(parent, document.createElementNS("http://www.w3.org/2000/svg", name), attributes, text);
}

function html(parent, name, attributes = {}, text = "") {
  return add(parent, document.createElement(name), attributes, text);
}

// The element that holds a widget: the shared style, and one of its own.
function panel(parent, name, style = "") {
  const box = html(parent, "div", { class: `ck ${name}` });
  html(box, "style", {}, STYLE + style);
  return box;
}

// A sentence that a screen reader reads out when it changes.
const live = (parent, name = "ck-label") => html(parent, "div", { class: name, "aria-live": "polite" });
const help = (parent, words) => html(parent, "div", { class: "ck-help" }, words);

// A drawing of the picture's size in its pixels, grey where there is no picture.
function scene(parent, model, attributes = {}) {
  const width = model.get("width"), height = model.get("height"), href = model.get("picture");
  const canvas = svg(parent, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "ck-scene", ...attributes });
  svg(canvas, "rect", { width, height, fill: "#e8e8e8" });
  svg(canvas, "image", { ...(href ? { href } : {}), width, height, "aria-hidden": true });
  return canvas;
}

// ---- the model and its controls

function send(model, trait, value) {
  model.set(trait, value);
  model.save_changes();
}

// Draw now and whenever one of the traits changes; what comes back ends that.
function follow(model, traits, draw) {
  const events = traits.map((trait) => `change:${trait}`);
  events.forEach((event) => model.on(event, draw));
  draw();
  return () => events.forEach((event) => model.off?.(event, draw));
}

const between = (low, value, high) => Math.min(Math.max(value, low), high);

// Keep the keys that a control uses from JupyterLab and from the slides, which have other uses for them.
function keepKeys(control, keys = null) {
  control.addEventListener("keydown", (event) => (keys?.includes(event.key) ?? true) && event.stopPropagation());
  return control;
}

// A slider of a trait with its value in words above it. `from` and `into` turn the trait into a number and back.
function slider(parent, model, trait, { name, words, from = Number, into = Number, ...range }) {
  const label = html(parent, "label"), said = html(label, "span");
  const input = keepKeys(html(label, "input", { type: "range", step: 1, class: name ?? `ck-${trait}`, ...range }));
  input.addEventListener("input", () => send(model, trait, into(Number(input.value))));
  return () => {
    const value = model.get(trait);
    input.value = from(value);
    said.textContent = words(value);
    input.setAttribute("aria-valuetext", words(value));
  };
}

// A list to choose from; the trait is the place in the list.
function chooser(parent, model, trait, { name, words, options }) {
  const label = html(parent, "label", {}, words), select = keepKeys(html(label, "select", { class: name }));
  options.forEach((text, i) => html(select, "option", { value: i }, text));
  select.addEventListener("change", () => send(model, trait, Number(select.value)));
  return () => {
    select.value = model.get(trait);
  };
}

function tickBox(parent, name, words, changed) {
  const label = html(parent, "label"), tick = keepKeys(html(label, "input", { type: "checkbox", class: name }));
  html(label, "span", {}, ` ${words}`);
  tick.addEventListener("change", () => changed(tick.checked));
  return tick;
}

function button(parent, name, words, press, attributes = {}) {
  const made = keepKeys(html(parent, "button", { type: "button", class: name, ...attributes }, words), [" ", "Enter"]);
  made.addEventListener("click", press);
  return made;
}

// A button that gives a trait one value, and is pressed while the trait has it.
function toggle(parent, model, trait, value, { name, words = value }) {
  const made = button(parent, name, words, () => send(model, trait, value));
  return () => made.setAttribute("aria-pressed", model.get(trait) === value);
}

function toggles(parent, model, trait, values, { name, label }) {
  const group = html(parent, "div", { role: "group", "aria-label": label });
  const updates = values.map((value) => toggle(group, model, trait, value, { name }));
  return () => updates.forEach((update) => update());
}

// ---- boxes: x1, y1, x2, y2 in pixels

const sides = ([x1, y1, x2, y2]) => ({ x: x1, y: y1, width: Math.max(x2 - x1, 0), height: Math.max(y2 - y1, 0) });
const letter = (i) => String.fromCharCode(65 + (i % 26));

function frame(parent, box, look) {
  return svg(parent, "rect", { ...sides(box), fill: "none", ...look });
}

// A frame with a rim around it, so that it stands out on every picture.
function outlined(parent, box, look, rim) {
  frame(parent, box, { stroke: "white", ...rim });
  return frame(parent, box, look);
}

function tag(parent, text, colour, size, place = {}) {
  return svg(parent, "text", { fill: "white", stroke: colour, "stroke-width": size / 4, "paint-order": "stroke",
    "font-size": size, "font-weight": "bold", "pointer-events": "none", "aria-hidden": true, ...place }, text);
}

function moved([x1, y1, x2, y2], dx, dy, width, height) {
  const right = between(-x1, dx, width - x2), down = between(-y1, dy, height - y2);
  return [x1 + right, y1 + down, x2 + right, y2 + down];
}

// Move a corner, given as the places of its x and its y in the box, but not past the opposite one.
function resized(box, [h, v], dx, dy, width, height, least) {
  const low = [0, 0, box[0] + least, box[1] + least], high = [box[2] - least, box[3] - least, width, height];
  const next = box.slice();
  next[h] = between(low[h], box[h] + dx, high[h]);
  next[v] = between(low[v], box[v] + dy, high[v]);
  return next;
}

// ---- dragging and keys

// Where a pointer is on a canvas, in its pixels.
function pointOf(event, canvas) {
  const { left, top, width } = canvas.getBoundingClientRect(), scale = canvas.viewBox.baseVal.width / width;
  return [(event.clientX - left) * scale, (event.clientY - top) * scale];
}

// Drag with a mouse, a pen or a finger: `grab(x, y, event)` is called first; what it returns is told how far it went right and down,
// and at last that this is the end.
function draggable(element, canvas, grab) {
  element.addEventListener("pointerdown", (down) => {
    const [x, y] = pointOf(down, canvas), drag = grab(x, y, down), over = new AbortController(), { signal } = over;
    let far = [0, 0];
    const go = (move) => {
      const [right, below] = pointOf(move, canvas);
      far = [right - x, below - y];
      drag(...far, false);
    };
    element.setPointerCapture(down.pointerId);
    element.addEventListener("pointermove", go, { signal });
    for (const end of ["pointerup", "pointercancel"])
      element.addEventListener(end, () => {
        over.abort();
        drag(...far, true);
      }, { signal });
  });
}

// Call `act(right, down, shift)` at an arrow key, unless a shortcut is meant; one that it returns false for goes on.
function arrows(element, act) {
  element.addEventListener("keydown", (event) => {
    if (!(event.key in STEP) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (act(...STEP[event.key], event.shiftKey) === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// Call `act(event)` at a key, but not while someone writes; one that it returns false for goes on.
function keys(element, act) {
  element.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select") || act(event) === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// A box that is dragged by its middle or by one of its corners; the arrow keys move it, with shift its last corner.
// `put(box, end)` takes where it went, and whether it is there.
function movable(canvas, { name, title, colour, opacity, unit, step, text = "", rim = "white", corners = [], least = 0, get, put }) {
  const { width, height } = canvas.viewBox.baseVal, group = svg(canvas, "g", {});
  const halo = svg(group, "rect", { fill: "none", stroke: rim, "stroke-width": 6 * unit, class: "ck-halo" });
  const rect = svg(group, "rect", { class: `ck-box ${name}`, tabindex: 0, role: "application", fill: colour,
    "fill-opacity": opacity, stroke: colour, "stroke-width": 3 * unit });
  const words = tag(group, text, colour, 19 * unit);
  const handles = corners.map((corner) => [
    svg(group, "circle", { r: 6 * unit, fill: colour, stroke: rim, "stroke-width": 1.5 * unit, "pointer-events": "none" }),
    svg(group, "circle", { r: 14 * unit, fill: "transparent", class: "ck-handle" }), corner]);
  const move = (box, dx, dy, end) => put(moved(box, dx, dy, width, height).map(Math.round), end);
  const resize = (corner) => (box, dx, dy, end) => put(resized(box, corner, dx, dy, width, height, least).map(Math.round), end);
  const grab = (change) => () => {
    const start = get().slice();
    rect.focus();
    return (dx, dy, end) => change(start, dx, dy, end);
  };
  draggable(rect, canvas, grab(move));
  for (const [, handle, corner] of handles) draggable(handle, canvas, grab(resize(corner)));
  arrows(rect, (right, down, shift) =>
    (shift && corners.length ? resize(corners.at(-1)) : move)(get(), right * step, down * step, true));
  return () => {
    const box = get(), [x1, y1, x2, y2] = box;
    for (const each of [halo, rect]) assign(each, sides(box));
    rect.setAttribute("aria-label", `${title}: left ${x1}, top ${y1}, right ${x2}, bottom ${y2}`);
    assign(words, { x: x1 + 6 * unit, y: y1 + 19 * unit });
    for (const [dot, handle, [h, v]] of handles) for (const each of [dot, handle]) assign(each, { cx: box[h], cy: box[v] });
  };
}
