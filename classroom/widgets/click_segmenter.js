// A picture to click on. Python answers with three masks and the IoU that the network predicts for each; this file draws
// them, the clicks, and a cross that the arrow keys move.
const OWN = `
.ck-clicks .ck-scene { cursor: crosshair; touch-action: none; max-width: 520px; }
.ck-clicks .ck-answers { display: flex; gap: 6px; }
.ck-clicks .ck-answer { flex: 1 1 0; padding: 4px; text-align: center; }
.ck-clicks .ck-answer svg { display: block; width: 100%; margin-bottom: 3px; }
.ck-clicks button:disabled { opacity: 0.5; cursor: default; }`;
const HELP = "Click on an object; click with Shift, or after “not this”, on what does not belong to it. Keys: tab to the picture, arrows move the "
  + "cross (with Shift: by single pixels), Enter clicks, Shift and Enter says “not this”, U takes the last click back, Escape all of them, "
  + "1, 2 and 3 choose an answer.";
const KINDS = { this: 1, "not this": 0 };

function drawClick(layer, [x, y, inside], unit) {
  const r = 8 * unit, arm = 4 * unit, colour = inside ? GREEN : RED;
  svg(layer, "circle", { cx: x, cy: y, r, fill: colour, stroke: "white", "stroke-width": 2 * unit, class: inside ? "ck-this" : "ck-not-this" });
  svg(layer, "path", { d: `M${x - arm} ${y}h${2 * arm}${inside ? `M${x} ${y - arm}v${2 * arm}` : ""}`, stroke: "white", "stroke-width": 2 * unit });
}

function drawCross(layer, [x, y], unit) {
  const arm = 14 * unit;
  for (const [stroke, wide] of [["black", 4], [YELLOW, 2]])
    svg(layer, "path", { d: `M${x - arm} ${y}h${2 * arm}M${x} ${y - arm}v${2 * arm}`, stroke, "stroke-width": wide * unit });
}

function render({ model, el }) {
  const box = panel(el, "ck-clicks", OWN), row = html(box, "div", { class: "ck-panels" });
  const desk = { kind: "this", cross: null, canvas: null, seen: "" };
  const put = (clicks) => send(model, "clicks", clicks);
  const size = () => [model.get("width"), model.get("height")];
  const within = ([x, y]) => size().map((length, i) => Math.round(between(0, [x, y][i], length - 1)));
  const click = (point, other) => put([...model.get("clicks"), [...within(point), desk.kind === "this" && !other ? 1 : 0]]);
  const undo = () => put(model.get("clicks").slice(0, -1)), reset = () => put([]);
  const choose = (i) => (i < model.get("ious").length ? send(model, "chosen", i) : false);

  const side = html(row, "div", { class: "ck-side" }), kinds = html(side, "div", { role: "group", "aria-label": "What a click says" });
  const buttons = Object.keys(KINDS).map((kind) => [kind, button(kinds, "ck-kind", kind === "this" ? "+ this" : "− not this", () => {
    desk.kind = kind;
    draw();
  })]);
  const group = html(side, "div"), back = button(group, "ck-undo", "Undo (U)", undo), clear = button(group, "ck-reset", "Reset", reset);
  const label = live(side), answers = html(side, "div", { class: "ck-answers", role: "group", "aria-label": "The answers of the network" });
  const said = live(side, "ck-said");
  help(box, HELP);

  function addCanvas() {
    const [width, height] = size(), unit = width / 480, before = row.querySelector(".ck-scene");
    const canvas = scene(row, model, { role: "group", tabindex: 0, "aria-label": "The picture to click on" });
    canvas.style.maxWidth = `min(520px, calc(70vh * ${width / height}))`;
    const mask = svg(canvas, "image", { width, height, class: "ck-mask", "aria-hidden": true }), layer = svg(canvas, "g", { "aria-hidden": true });
    const paper = svg(canvas, "rect", { width, height, fill: "transparent" });
    draggable(paper, canvas, (x, y, { shiftKey }) => (dx, dy, end) => {
      if (end) click([x + dx, y + dy], shiftKey);
    });
    arrows(canvas, (right, down, shift) => {
      const by = shift ? 1 : Math.max(1, Math.round(10 * unit)), [x, y] = desk.cross ?? [Math.round(width / 2), Math.round(height / 2)];
      desk.cross = within([x + right * by, y + down * by]);
      said.textContent = `Cross at ${desk.cross.join(", ")}`;
      draw();
    });
    before ? before.replaceWith(canvas) : row.prepend(canvas);
    Object.assign(desk, { canvas, mask, layer, unit, cross: null });
  }

  function drawAnswers() {
    const ious = model.get("ious"), masks = model.get("masks"), shown = model.get("shown"), [width, height] = size();
    const focused = [...answers.children].indexOf(document.activeElement);
    answers.replaceChildren();
    ious.forEach((iou, i) => {
      const each = button(answers, "ck-answer", "", () => choose(i), { "aria-pressed": i === shown, "aria-label": `Answer ${i + 1}, predicted IoU ${iou.toFixed(2)}` });
      const small = svg(each, "svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": true });
      for (const href of [model.get("picture"), masks[i]]) if (href) svg(small, "image", { href, width, height });
      html(each, "span", {}, `${i + 1}: ${iou.toFixed(2)}`);
    });
    answers.children[focused]?.focus();
  }

  function draw() {
    const now = [...size(), model.get("picture").length].join("/");
    if (now !== desk.seen) addCanvas();
    desk.seen = now;
    const { mask, layer, unit, cross } = desk, clicks = model.get("clicks"), href = model.get("masks")[model.get("shown")];
    href ? mask.setAttribute("href", href) : mask.removeAttribute("href");
    layer.replaceChildren();
    clicks.forEach((each) => drawClick(layer, each, unit));
    if (cross) drawCross(layer, cross, unit);
    buttons.forEach(([kind, each]) => each.setAttribute("aria-pressed", kind === desk.kind));
    back.disabled = clear.disabled = !clicks.length;
    label.textContent = model.get("label");
    drawAnswers();
  }

  box.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own
  keys(box, (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    if (event.key === "Enter" && event.target === desk.canvas) return click(desk.cross ?? size().map((length) => length / 2), event.shiftKey);
    if (event.key.toLowerCase() === "u") return undo();
    if (event.key === "Escape") return reset();
    return ["1", "2", "3"].includes(event.key) ? choose(Number(event.key) - 1) : false;
  });
  return follow(model, ["clicks", "masks", "ious", "shown", "label", "picture", "width", "height"], draw);
}

export default { render };
