// A transposed convolution, cell by cell: the input, the kernel times the cell, and the output so far, shaded by how many
// stamps lie on each place. Python computes them and writes the words; this file draws, and passes on what is pressed.
const SIDE = 40, GAP = 64, TOP = 34;
const OWN = `
.ck-stamp svg { display: block; width: 100%; max-height: 460px; background: white; margin: 8px 0; }
.ck-stamp .ck-label { min-height: 2.5em; }
.ck-stamp .ck-words { margin: 4px 0 8px; }
.ck-stamp .ck-controls label { max-width: 170px; flex: 0 1 170px; }`;

// A number that fits into a cell: 12, 2.5
const short = (value) => `${Math.round(100 * value) / 100}`;

function table(canvas, x, y, title, rows, look) {
  svg(canvas, "text", { x, y: y - 10, "font-size": 17, fill: "black" }, title);
  rows.forEach((row, r) => row.forEach((value, c) => {
    const style = look(r, c), place = { x: x + c * SIDE, y: y + r * SIDE };
    svg(canvas, "rect", { ...place, width: SIDE, height: SIDE, stroke: "#8a8a8a", fill: "white" });
    svg(canvas, "rect", { ...place, width: SIDE, height: SIDE, fill: SKY, "fill-opacity": style.shade ?? 0, class: style.class ?? "" });
    const ink = { "font-size": 17, "text-anchor": "middle", fill: style.cut ? "#6a6a6a" : "black" };
    if (value || !style.quiet) svg(canvas, "text", { x: place.x + SIDE / 2, y: place.y + SIDE / 2 + 6, ...ink }, short(value));
    if (style.cut) svg(canvas, "path", { d: `M${place.x} ${place.y + SIDE}l${SIDE} ${-SIDE}`, stroke: "#8a8a8a" });
  }));
}

function framed(canvas, x, y, width, height) {
  svg(canvas, "rect", { x, y, width: width * SIDE, height: height * SIDE, fill: "none", stroke: RED, "stroke-width": 4, class: "ck-frame" });
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
  framed(canvas, 4 + column * SIDE, TOP + row * SIDE, 1, 1);
  framed(canvas, 4, below, stamp[0].length, stamp.length);
  framed(canvas, right + corner[1] * SIDE, TOP + corner[0] * SIDE, stamp[0].length, stamp.length);
}

function addButtons(parent, model, go) {
  const back = () => go(model.get("step") - 1), next = () => go(model.get("step") + 1);
  button(parent, "ck-start", "|◀", () => go(0), { "aria-label": "before the first cell" });
  button(parent, "ck-back", "◀ back", back);
  button(parent, "ck-next", "next cell ▶", next);
  button(parent, "ck-end", "all ▶|", () => go(model.get("steps")));
  return ["ones", "tent"].map((kernel) =>
    toggle(parent, model, "kernel", kernel, { name: `ck-${kernel}`, words: `kernel: ${kernel}` }));
}

function render({ model, el }) {
  const box = panel(el, "ck-stamp", OWN);
  const go = (step) => send(model, "step", between(0, step, model.get("steps")));
  const kernels = addButtons(html(box, "div"), model, go), controls = html(box, "div", { class: "ck-controls" });
  const sliders = Object.entries({ kernel_size: [1, 5], stride: [1, 3], padding: [0, 2] }).map(([trait, [min, max]]) =>
    slider(controls, model, trait, { min, max, words: (value) => `${trait.replace("_", " ")} ${value}` }));
  const label = live(box), canvas = svg(box, "svg", { role: "img", tabindex: 0 });
  arrows(canvas, (right) => (right ? go(model.get("step") + right) : false));
  const words = live(box, "ck-words");
  help(box, "Darker: more stamps lie on the place. The arrow keys step too, when the drawing has the focus.");
  const redraw = () => {
    draw(canvas, model);
    for (const update of [...sliders, ...kernels]) update();
    label.textContent = model.get("label");
    words.textContent = model.get("words");
    canvas.setAttribute("aria-label", `Input, kernel and output of a transposed convolution. ${model.get("label")}`);
  };
  return follow(model, ["output", "counts", "stamp", "corner", "kernel", "kernel_size", "stride", "padding", "label", "words"], redraw);
}

export default { render };
