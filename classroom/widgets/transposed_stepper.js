// A transposed convolution, cell by cell: the input, the kernel times the cell, and the output so far, shaded by how many
// stamps lie on each place. Python computes them and writes the words; this file draws, and passes on what is pressed.
const SIDE = 40, GAP = 64, TOP = 34;
const ACCENT = "#e03100", SHADE = "#029ed6";
const STYLE = `
.ck-stamp { max-width: 860px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); }
.ck-stamp svg { display: block; width: 100%; height: auto; max-height: 460px; background: white; border-radius: 4px; margin: 8px 0; }
.ck-stamp svg:focus-visible { outline: 3px solid ${ACCENT}; }
.ck-stamp .ck-label { font-size: 1.1em; font-weight: bold; margin: 8px 0; min-height: 2.5em; line-height: 1.25; }
.ck-stamp .ck-words { margin: 4px 0 8px; }
.ck-stamp .ck-row { display: flex; flex-wrap: wrap; gap: 6px 20px; align-items: center; margin: 6px 0; }
.ck-stamp button { font: inherit; padding: 4px 12px; cursor: pointer; }
.ck-stamp button[aria-pressed=true] { background: #ffd400; color: black; font-weight: bold; }
.ck-stamp label { display: flex; gap: 8px; align-items: center; }
.ck-stamp input { width: 110px; }
.ck-stamp .ck-help { font-size: 0.85em; opacity: 0.85; line-height: 1.35; }`;

// A number that fits into a cell: 12, 2.5
const short = (value) => `${Math.round(100 * value) / 100}`;

function table(canvas, x, y, title, rows, look) {
  svg(canvas, "text", { x, y: y - 10, "font-size": 17, fill: "black" }, title);
  rows.forEach((row, r) => row.forEach((value, c) => {
    const style = look(r, c), place = { x: x + c * SIDE, y: y + r * SIDE };
    svg(canvas, "rect", { ...place, width: SIDE, height: SIDE, stroke: "#8a8a8a", fill: "white" });
    svg(canvas, "rect", { ...place, width: SIDE, height: SIDE, fill: SHADE, "fill-opacity": style.shade ?? 0, class: style.class ?? "" });
    const ink = { "font-size": 17, "text-anchor": "middle", fill: style.cut ? "#6a6a6a" : "black" };
    if (value || !style.quiet) svg(canvas, "text", { x: place.x + SIDE / 2, y: place.y + SIDE / 2 + 6, ...ink }, short(value));
    if (style.cut) svg(canvas, "path", { d: `M${place.x} ${place.y + SIDE}l${SIDE} ${-SIDE}`, stroke: "#8a8a8a" });
  }));
}

function frame(canvas, x, y, width, height) {
  svg(canvas, "rect", { x, y, width: width * SIDE, height: height * SIDE, fill: "none", stroke: ACCENT, "stroke-width": 4, class: "ck-frame" });
}

function draw(canvas, model) {
  const cells = model.get("cells"), stamp = model.get("stamp"), output = model.get("output"), counts = model.get("counts");
  const corner = model.get("corner"), step = model.get("step"), padding = model.get("padding");
  const wide = Math.max(cells[0].length, stamp[0].length, 4), below = TOP + cells.length * SIDE + GAP;
  const right = wide * SIDE + GAP, height = Math.max(below + stamp.length * SIDE, TOP + output.length * SIDE) + 6;
  canvas.replaceChildren();
  canvas.setAttribute("viewBox", `0 0 ${right + Math.max(output[0].length, 6) * SIDE + 6} ${height}`);
  table(canvas, 4, TOP, "input", cells, () => ({}));
  const row = Math.floor((step - 1) / cells[0].length), column = (step - 1) % cells[0].length;
  table(canvas, 4, below, corner.length ? `${short(cells[row][column])} times the kernel` : "kernel", stamp, () => ({}));
  const cut = (r, c) => r < padding || c < padding || r >= output.length - padding || c >= output[0].length - padding;
  table(canvas, right, TOP, padding ? "output (struck out: cut off)" : "output", output,
    (r, c) => ({ quiet: !counts[r][c], cut: cut(r, c), shade: Math.min(0.17 * counts[r][c], 0.85), class: "ck-place" }));
  if (!corner.length) return;
  frame(canvas, 4 + column * SIDE, TOP + row * SIDE, 1, 1);
  frame(canvas, 4, below, stamp[0].length, stamp.length);
  frame(canvas, right + corner[1] * SIDE, TOP + corner[0] * SIDE, stamp[0].length, stamp.length);
}

function slider(parent, model, trait, words, min, max) {
  const label = html(parent, "label"), text = html(label, "span");
  const input = html(label, "input", { type: "range", min, max, step: 1, class: `ck-${trait}` });
  input.addEventListener("keydown", (event) => event.stopPropagation()); // else JupyterLab takes the arrow keys
  input.addEventListener("input", () => {
    model.set(trait, Number(input.value));
    model.save_changes();
  });
  return () => {
    input.value = model.get(trait);
    text.textContent = `${words} ${model.get(trait)}`;
  };
}

function render({ model, el }) {
  const box = html(el, "div", { class: "ck-stamp" });
  html(box, "style", {}, STYLE);
  const set = (trait, value) => {
    model.set(trait, value);
    model.save_changes();
  };
  const go = (step) => set("step", Math.min(Math.max(step, 0), model.get("steps")));
  const top = html(box, "div", { class: "ck-row" });
  const buttons = [["start", "|◀", () => go(0)], ["back", "◀ back", () => go(model.get("step") - 1)],
    ["next", "next cell ▶", () => go(model.get("step") + 1)], ["end", "all ▶|", () => go(model.get("steps"))]];
  for (const [name, words, act] of buttons) {
    html(top, "button", { class: `ck-${name}`, "aria-label": name === "start" ? "before the first cell" : words }, words).onclick = act;
  }
  const kernels = ["ones", "tent"].map((name) => {
    const button = html(top, "button", { class: `ck-${name}` }, `kernel: ${name}`);
    button.onclick = () => set("kernel", name);
    return [name, button];
  });
  const row = html(box, "div", { class: "ck-row" });
  const sliders = [slider(row, model, "kernel_size", "kernel size", 1, 5), slider(row, model, "stride", "stride", 1, 3),
    slider(row, model, "padding", "padding", 0, 2)];
  const label = html(box, "div", { class: "ck-label", "aria-live": "polite" });
  const canvas = svg(box, "svg", { role: "img", tabindex: 0 });
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    go(model.get("step") + move);
  });
  const words = html(box, "div", { class: "ck-words", "aria-live": "polite" });
  html(box, "div", { class: "ck-help" }, "Darker: more stamps lie on the place. The arrow keys step too, when the drawing has the focus.");
  const redraw = () => {
    draw(canvas, model);
    sliders.forEach((update) => update());
    kernels.forEach(([name, button]) => button.setAttribute("aria-pressed", name === model.get("kernel")));
    label.textContent = model.get("label");
    words.textContent = model.get("words");
    canvas.setAttribute("aria-label", `Input, kernel and output of a transposed convolution. ${model.get("label")}`);
  };
  return follow(model, ["output", "counts", "stamp", "corner", "padding", "kernel", "label", "words"], redraw);
}

export default { render };
