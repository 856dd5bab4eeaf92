// The controls beside the photographs that one annotates; annotating_canvas.js draws the objects.
function addPhotographs(side, model) {
  const label = html(side, "label", {}, "Photograph"), select = keepKeys(html(label, "select", { class: "ck-photographs" }));
  select.addEventListener("change", () => send(model, "shown", Number(select.value)));
  const turns = html(side, "div");
  const previous = button(turns, "ck-previous", "◀ previous (P)", () => turn(model, -1)), next = button(turns, "ck-next", "next (N) ▶", () => turn(model, 1));
  return () => {
    const names = model.get("photographs"), counts = model.get("counts"), shown = model.get("shown");
    select.replaceChildren();
    names.forEach((name, i) => html(select, "option", { value: i }, `${i + 1}. ${name} (${counts[i]})`));
    select.value = shown;
    previous.disabled = shown === 0;
    next.disabled = shown >= names.length - 1;
  };
}

function addClasses(side, desk) {
  const { model } = desk, group = html(side, "div", { role: "group", "aria-label": "Class" });
  const label = html(side, "label", {}, "Another class"), input = keepKeys(html(label, "input", { class: "ck-new", placeholder: "its name, then Enter" }));
  input.addEventListener("change", () => {
    const name = input.value.trim(), known = model.get("classes");
    input.value = "";
    if (name && !known.includes(name)) send(model, "classes", [...known, name]);
  });
  let buttons = [], key = "";
  return () => {
    const names = model.get("classes"), now = desk.object()?.label ?? model.get("chosen");
    if (key !== String(names)) {
      group.replaceChildren();
      buttons = names.map((name, i) => button(group, "ck-class", i < 10 ? `${(i + 1) % 10} ${name}` : name, () => (give(desk, i + 1), desk.focus())));
      key = String(names);
    }
    buttons.forEach((each, i) => each.setAttribute("aria-pressed", now === i + 1));
  };
}

function addTools(side, desk) {
  const { model } = desk, ways = html(side, "div", { role: "group", "aria-label": "What to draw" });
  const buttons = Object.entries(WAYS).map(([way, words]) => [way, button(ways, "ck-way", words, () => desk.setWay(way))]);
  const group = html(side, "div"), undo = button(group, "ck-undo", "Undo (U)", () => ask(model, "undos"));
  const redo = button(group, "ck-redo", "Redo (R)", () => ask(model, "redos"));
  const remove = button(group, "ck-remove", "Delete", () => desk.remove());
  return () => {
    buttons.forEach(([way, each]) => each.setAttribute("aria-pressed", desk.way === way));
    undo.disabled = !model.get("to_undo");
    redo.disabled = !model.get("to_redo");
    remove.disabled = !desk.object();
  };
}

function render({ model, el }) {
  const box = panel(el, "ck-annotator", OWN), row = html(box, "div", { class: "ck-panels" }), side = html(row, "div", { class: "ck-side" });
  const desk = makeDesk(model);
  box.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own, such as D D for "delete the cell"
  keys(box, (event) => pressed(desk, event));
  desk.setWay = (way) => {
    Object.assign(desk, { way, corners: [] });
    drawSketch(desk);
    desk.refresh();
  };
  const parts = [addPhotographs(side, model), addTools(side, desk), addClasses(side, desk)], label = live(side), said = live(side, "ck-said");
  desk.say = (words) => {
    said.textContent = words;
  };
  help(box, HELP);
  let seen = "";
  desk.refresh = () => {
    parts.forEach((update) => update());
    desk.drawn.forEach(({ mark }) => mark());
  };
  const draw = () => {
    const now = [model.get("sheet").photograph, model.get("width"), model.get("height"), model.get("picture").length].join("/");
    if (now !== seen) {
      const focused = row.querySelector("svg")?.contains(document.activeElement);
      addCanvas(desk, row);
      desk.chosen = null;
      if (focused) desk.canvas.focus();
      seen = now;
    }
    drawObjects(desk);
    desk.refresh();
    label.textContent = model.get("label");
  };
  return follow(model, ["sheet", "picture", "width", "height", "photographs", "counts", "classes", "chosen", "to_undo", "to_redo", "label", "shown"], draw);
}

export default { render };
