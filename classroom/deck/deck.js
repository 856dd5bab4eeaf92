// Starts reveal.js and what the deck adds: two themes, widgets without a server, animations, a colour for each part.
(() => {
  const root = document.documentElement, frame = document.querySelector(".reveal");
  const paper = /[?&]print(?:-pdf)?(?:=(\w+))?/.exec(location.search), printing = Boolean(paper);
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const remembered = () => { try { return localStorage.getItem("coursekit-theme"); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem("coursekit-theme", theme); } catch { /* a browser may forbid it */ } };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const preferred = () => remembered() ?? (system.matches ? "dark" : "light");
  const setTheme = (theme) => { root.dataset.theme = printing ? "light" : theme; };
  const toggleTheme = () => {
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    setTheme(theme);
    remember(theme);
  };
  setTheme(preferred());
  system.addEventListener("change", () => setTheme(preferred()));

  // What anywidget gives a module: values, a way to change them, and who wants to hear of it.
  function modelOf(traits, compute) {
    const values = { ...traits }, listeners = {}, changed = new Set();
    const put = (name, value) => { values[name] = value; changed.add(name); };
    const derive = () => { for (const [name, value] of Object.entries(compute(values))) put(name, value); };
    derive();
    changed.clear();
    return {
      get: (name) => values[name],
      set: put,
      on: (event, run) => (listeners[event] ??= []).push(run),
      off: (event, run) => { listeners[event] = (listeners[event] ?? []).filter((other) => other !== run); },
      save_changes: () => {
        derive();
        const names = [...changed];
        changed.clear();
        for (const name of names) for (const run of listeners[`change:${name}`] ?? []) run();
      },
    };
  }

  async function startWidget(element) {
    const { module, traits, compute } = JSON.parse(element.dataset.widget);
    const bytes = new TextEncoder().encode(module);
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    const code = await import(`data:text/javascript;base64,${btoa(text)}`);
    const model = modelOf(traits, new Function(`return (${compute})`)());
    await (code.default?.render ?? code.render)({ model, el: element });
  }

  function startLoop(element) {
    const frames = [...element.querySelectorAll("img")], pause = document.createElement("button");
    let shown = frames.length - 1, playing = !still.matches && !printing;
    const show = (i) => { shown = i; frames.forEach((frame, k) => frame.classList.toggle("shown", k === i)); };
    const label = () => { pause.textContent = playing ? "Pause" : "Play"; };
    pause.addEventListener("click", () => { playing = !playing; label(); });
    element.append(pause);
    label();
    show(shown);
    const here = () => element.closest("section").classList.contains("present");
    setInterval(() => playing && here() && show((shown + 1) % frames.length), 1000 / Number(element.dataset.fps));
  }

  const colour = () => {
    const slide = Reveal.getCurrentSlide();
    if (slide) frame.style.setProperty("--accent", slide.dataset.accent);
  };

  async function startAll() {
    document.querySelectorAll(".drawing[data-fps]").forEach(startLoop);
    const widgets = [...document.querySelectorAll("[data-widget]")];
    await Promise.all(widgets.map((element) => startWidget(element).catch((error) => console.error(error))));
    const loaded = (video) => video.error || video.readyState > 1 || new Promise((done) => { video.onloadeddata = video.onerror = done; });
    await Promise.all([document.fonts.ready, ...[...document.querySelectorAll("video")].map(loaded)]);
    root.dataset.ready = "yes";
  }

  if (printing) {
    layPaper(paper[1] === "handout");
    startAll();
    return;
  }
  Reveal.initialize({
    ...JSON.parse(frame.dataset.settings), plugins: [RevealNotes], width: 1280, height: 720, margin: 0, minScale: 0.1, maxScale: 4,
    center: false, display: "flex", hash: true, slideNumber: "c/t", progress: true, controls: false, help: true,
    transition: "none", backgroundTransition: "none", navigationMode: "linear",
    keyboard: { 191: (event) => event.shiftKey && Reveal.toggleHelp() }, // "?"; a "/" typed by accident must not black the screen
  }).then(async () => {
    Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Dark or light" }, toggleTheme);
    const print = (kind) => () => { location.href = `${location.pathname}?print=${kind}`; };
    Reveal.addKeyBinding({ keyCode: 88, key: "X", description: "Print view: the slides" }, print("slides"));
    Reveal.addKeyBinding({ keyCode: 87, key: "W", description: "Print view: a handout with the notes" }, print("handout"));
    Reveal.on("slidechanged", colour);
    colour();
    await startAll();
  });
})();
