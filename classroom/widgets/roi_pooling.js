// A region on a feature map, to drag or to move with the keys, and what each operator makes of it. Python pools, places
// the bins and writes the label; this file draws, and passes on the region, the channel and whose bins are shown.
const STEP = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const BINS = 7;
const STYLE = `
.ck-roi { max-width: 900px; font-family: sans-serif; color: var(--jp-ui-font-color1, inherit); }
.ck-roi .ck-row { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.ck-roi .ck-map { flex: 1 1 360px; max-width: 460px; height: auto; touch-action: none; user-select: none; border-radius: 4px; }
.ck-roi .ck-side { flex: 1 1 300px; }
.ck-roi .ck-outputs { display: flex; gap: 10px; margin-bottom: 10px; }
.ck-roi .ck-output { flex: 1 1 0; min-width: 90px; max-width: 150px; text-align: center; }
.ck-roi .ck-output svg { width: 100%; height: auto; display: block; }
.ck-roi button { font: inherit; padding: 3px 6px; margin-top: 4px; cursor: pointer; width: 100%; }
.ck-roi button[aria-pressed=true] { background: #ffd400; color: black; font-weight: bold; }
.ck-roi rect.ck-region { cursor: move; outline: none; }
.ck-roi rect.ck-region:focus { stroke: #ffd400; }
.ck-roi .ck-handle { cursor: crosshair; }
.ck-roi .ck-label { font-weight: bold; margin: 8px 0; min-height: 3.9em; line-height: 1.3; white-space: pre-line; }
.ck-roi label { display: block; margin: 6px 0; }
.ck-roi input[type=range] { width: 100%; max-width: 300px; display: block; margin: 4px 0; }
.ck-roi .ck-help { font-size: 0.85em; opacity: 0.85; line-height: 1.35; }`;

function place(rect, [x1, y1, x2, y2]) {
  const sides = { x: x1, y: y1, width: Math.max(x2 - x1, 0), height: Math.max(y2 - y1, 0) };
  for (const [key, value] of Object.entries(sides)) rect.setAttribute(key, value);
}

function moved([x1, y1, x2, y2], dx, dy, width, height) {
  const right = Math.min(Math.max(dx, -x1), width - x2), down = Math.min(Math.max(dy, -y1), height - y2);
  return [x1 + right, y1 + down, x2 + right, y2 + down];
}

function resized([x1, y1, x2, y2], dx, dy, width, height) {
  return [x1, y1, Math.min(Math.max(x2 + dx, x1 + 1), width), Math.min(Math.max(y2 + dy, y1 + 1), height)];
}

function drawOutputs(parent, model, set) {
  const draws = model.get("names").map((name, i) => {
    const box = html(parent, "div", { class: "ck-output" });
    const grid = svg(box, "svg", { viewBox: `0 0 ${BINS} ${BINS}`, role: "img", "aria-label": `The ${BINS} x ${BINS} output of ${name}` });
    const cells = [...Array(BINS * BINS).keys()].map((k) =>
      svg(grid, "rect", { x: k % BINS, y: Math.floor(k / BINS), width: 1.02, height: 1.02 }));
    const button = html(box, "button", { class: "ck-shown" }, name);
    button.onclick = () => set("shown", name);
    return () => {
      cells.forEach((cell, k) => cell.setAttribute("fill", model.get("pooled")[i]?.[k] ?? "#888"));
      button.setAttribute("aria-pressed", name === model.get("shown"));
    };
  });
  return () => draws.forEach((draw) => draw());
}

function drawRegion(canvas, model, set, unit) {
  const width = model.get("width"), height = model.get("height"), colour = "#35e0ff";
  const halo = svg(canvas, "rect", { fill: "none", stroke: "black", "stroke-width": 5 * unit });
  const rect = svg(canvas, "rect", { class: "ck-region", tabindex: 0, role: "application", fill: colour,
    "fill-opacity": 0.06, stroke: colour, "stroke-width": 3 * unit });
  const dot = svg(canvas, "circle", { r: 6 * unit, fill: colour, stroke: "black", "stroke-width": 1.5 * unit });
  const handle = svg(canvas, "circle", { r: 14 * unit, fill: "transparent", class: "ck-handle" });
  const put = (region) => set("region", region.map(Math.round));
  const draggable = (element, change) => element.addEventListener("pointerdown", (down) => {
    const scale = width / canvas.getBoundingClientRect().width, start = model.get("region").slice();
    element.setPointerCapture(down.pointerId);
    rect.focus();
    const follow = (move) =>
      put(change(start, (move.clientX - down.clientX) * scale, (move.clientY - down.clientY) * scale, width, height));
    element.addEventListener("pointermove", follow);
    for (const end of ["pointerup", "pointercancel"])
      element.addEventListener(end, () => element.removeEventListener("pointermove", follow), { once: true });
  });
  draggable(rect, moved);
  draggable(handle, resized);
  rect.addEventListener("keydown", (event) => {
    if (!(event.key in STEP)) return;
    event.preventDefault();
    event.stopPropagation();
    put((event.shiftKey ? resized : moved)(model.get("region"), ...STEP[event.key], width, height));
  });
  return () => {
    const region = model.get("region");
    place(halo, region);
    place(rect, region);
    rect.setAttribute("aria-label", `Region: left ${region[0]}, top ${region[1]}, right ${region[2]}, bottom ${region[3]}`);
    for (const circle of [dot, handle]) {
      circle.setAttribute("cx", region[2]);
      circle.setAttribute("cy", region[3]);
    }
  };
}

function drawBins(layer, model, unit) {
  layer.replaceChildren();
  for (const bin of model.get("bins"))
    place(svg(layer, "rect", { fill: "none", stroke: "white", "stroke-width": 1.2 * unit }), bin);
  for (const [cx, cy] of model.get("points"))
    svg(layer, "circle", { cx, cy, r: 1.8 * unit, fill: "white", stroke: "black", "stroke-width": 0.5 * unit });
}

function render({ model, el }) {
  const width = model.get("width"), height = model.get("height"), unit = width / 460;
  const set = (trait, value) => {
    model.set(trait, value);
    model.save_changes();
  };
  const box = html(el, "div", { class: "ck-roi" });
  html(box, "style", {}, STYLE);
  const row = html(box, "div", { class: "ck-row" });
  const canvas = svg(row, "svg", { viewBox: `0 0 ${width} ${height}`, role: "group", class: "ck-map" });
  canvas.setAttribute("aria-label", "A region on a feature map. Tab reaches it, the arrow keys move it, shift and arrow keys resize it.");
  const map = svg(canvas, "image", { width, height, preserveAspectRatio: "none", "aria-hidden": true });
  const picture = svg(canvas, "image", { href: model.get("picture"), width, height, visibility: "hidden", "aria-hidden": true });
  const layer = svg(canvas, "g", { "pointer-events": "none" });
  const region = drawRegion(canvas, model, set, unit), side = html(row, "div", { class: "ck-side" });
  const outputs = drawOutputs(html(side, "div", { class: "ck-outputs", role: "group", "aria-label": "Outputs; a button draws its bins on the map" }), model, set);
  const name = html(side, "label"), said = html(name, "span");
  const slider = html(name, "input", { type: "range", min: 0, max: model.get("channels") - 1, step: 1, class: "ck-channel" });
  slider.addEventListener("keydown", (event) => event.stopPropagation()); // else JupyterLab takes the arrow keys
  slider.addEventListener("input", () => set("channel", Number(slider.value)));
  if (model.get("picture")) {
    const see = html(side, "label"), tick = html(see, "input", { type: "checkbox", class: "ck-see" });
    html(see, "span", {}, " the picture instead of the map");
    tick.addEventListener("change", () => picture.setAttribute("visibility", tick.checked ? "visible" : "hidden"));
  }
  const label = html(side, "div", { class: "ck-label", "aria-live": "polite" });
  html(side, "div", { class: "ck-help" }, "Drag the region, or its lower right corner. With the keyboard: tab to the region, arrow keys "
    + "move it by a pixel, shift + arrow keys resize it. White: the bins of the operator that is pressed; dots: where it samples.");
  const draw = () => {
    map.setAttribute("href", model.get("map"));
    drawBins(layer, model, unit);
    region();
    outputs();
    slider.value = model.get("channel");
    said.textContent = `channel ${model.get("channel")} of ${model.get("channels")}`;
    label.textContent = model.get("label");
  };
  return follow(model, ["region", "bins", "points", "pooled", "map", "shown", "channel", "label"], draw);
}

export default { render };
