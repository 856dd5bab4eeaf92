// What is wrong with a slide, on the screen or on paper: a list of sentences. Sizes are told as pixels of 1280 x 720.
(slide) => {
  const SMALLEST = 24, SLACK = 3;
  const BLOCKS = "h1, h2, h3, p, li, pre, table, figure, .formula, .footnote, blockquote";
  const frame = slide.getBoundingClientRect();
  const scale = frame.width / 1280, found = new Set();
  const say = (sentence) => found.add(sentence);
  const name = (text) => `"${text.trim().replace(/\s+/g, " ").slice(0, 40)}"`;
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const titleOf = (block) => block.matches("figure") ? `the figure ${name(block.querySelector("img")?.alt ?? block.getAttribute("aria-label") ?? "")}` : name(block.textContent);

  function textNodes(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), nodes = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.data.trim() && !node.parentElement.closest("aside.notes, style, script, .slide-number") && visible(node.parentElement)) nodes.push(node);
    }
    return nodes;
  }
  function rectangles(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    // A line's rectangle has room above and below the letters, and neighbours may share it: take the em square.
    const em = parseFloat(getComputedStyle(node.parentElement).fontSize) * scale;
    const spare = (rect) => Math.max(0, rect.height - em) / 2;
    return [...range.getClientRects()].filter((rect) => rect.width > 0).map((rect) =>
      ({ left: rect.left, right: rect.right, top: rect.top + spare(rect), bottom: rect.bottom - spare(rect) }));
  }
  const join = (a, b) => !a ? b : { left: Math.min(a.left, b.left), top: Math.min(a.top, b.top), right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom) };

  // The ink of each block: its own words and pictures, not those of the blocks inside it.
  const ink = new Map();
  const words = textNodes(slide), pictures = [...slide.querySelectorAll("img, video, figure, svg, pre, table")].filter(visible);
  for (const [owner, rects] of [...words.map((node) => [node.parentElement, rectangles(node)]), ...pictures.map((picture) => [picture, [picture.getBoundingClientRect()]])]) {
    const figure = owner.closest("figure"), block = figure ?? owner.closest(BLOCKS) ?? owner;
    for (const rect of rects) ink.set(block, join(ink.get(block), rect));
  }

  const padding = getComputedStyle(slide), edge = (side) => parseFloat(padding[`padding-${side}`]) * scale;
  const inside = { left: frame.left + edge("left"), top: frame.top + edge("top"), right: frame.right - edge("right"), bottom: frame.bottom - edge("bottom") };
  for (const [block, rect] of ink) {
    const beyond = { left: inside.left - rect.left, top: inside.top - rect.top, right: rect.right - inside.right, bottom: rect.bottom - inside.bottom };
    for (const [side, by] of Object.entries(beyond))
      if (by > SLACK * scale) say(`${titleOf(block)} overflows at the ${side} by ${Math.round(by / scale)} pixels`);
  }
  for (const element of slide.querySelectorAll("*"))
    if (visible(element) && getComputedStyle(element).overflow !== "visible" && !element.closest("math, svg")
        && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1))
      say(`${name(element.textContent)} is cut off: it overflows its box`);

  const around = [...document.querySelectorAll(".reveal > .slide-number"), ...slide.querySelectorAll(".slide-number")].filter(visible).map((element) => [element, element.getBoundingClientRect()]);
  const all = [...ink, ...around];
  all.forEach(([a, one], i) => all.slice(i + 1).forEach(([b, other]) => {
    const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    if (wide > SLACK * scale && high > SLACK * scale && !a.contains(b) && !b.contains(a)) say(`${titleOf(a)} overlaps ${titleOf(b)}`);
  }));

  const unit = innerWidth / 1280;
  const small = (size, what) => { if (size < SMALLEST - 0.1) say(`${what} has ${size.toFixed(1)} pixels, less than ${SMALLEST}`); };
  for (const node of [...words, ...around.flatMap(([element]) => textNodes(element))]) {
    const parent = node.parentElement, matrix = parent.closest("svg") && parent.getScreenCTM?.();
    const factor = matrix ? Math.sqrt(Math.abs(matrix.a * matrix.d - matrix.b * matrix.c)) : slide.contains(parent) ? scale : 1;
    small(parseFloat(getComputedStyle(parent).fontSize) * factor / unit, `the text ${name(node.data)}`);
  }
  for (const image of slide.querySelectorAll("img")) {
    if (!image.complete || !image.naturalWidth) say(`the picture ${name(image.alt)} is not loaded`);
    if (!image.alt.trim()) say("a picture has no alternative text");
    if (image.dataset.smallest && visible(image))
      small(image.dataset.smallest * image.getBoundingClientRect().width / Number(image.getAttribute("width")) / unit, `text in the figure ${name(image.alt)}`);
  }
  for (const video of slide.querySelectorAll("video"))
    if (video.error) say(`the video ${name(video.getAttribute("aria-label"))} cannot be played by this browser`);
  for (const widget of slide.querySelectorAll(".widget, video"))
    if (!widget.getAttribute("aria-label")?.trim()) say("a widget or a video has no alternative text");
  if (!slide.querySelector("aside.notes")?.textContent.trim()) say("there are no notes");
  return [...found];
}
