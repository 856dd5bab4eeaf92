// The deck on paper, without reveal.js: pages of 1280 x 720, one more for each picture that another replaces; or a handout
// on A4, with the notes below each slide.
function layPaper(handout) {
  const slides = [...document.querySelectorAll(".slides .slide")], place = document.querySelector(".slides");
  const make = (kind, ...inside) => {
    const element = document.createElement("div");
    element.className = kind;
    element.append(...inside);
    return element;
  };
  const pictures = (stack) => [...stack.children].filter((child) => child.matches("img"));

  // What the room has seen just before a picture is replaced, and at the end.
  function faces(slide) {
    const steps = [...slide.querySelectorAll(".fragment")];
    const replaced = steps.flatMap((step, i) => step.matches(".stack > img") ? [i] : []);
    return [...replaced, steps.length].map((end, k) => {
      const face = slide.cloneNode(true);
      if (k) face.removeAttribute("id");
      [...face.querySelectorAll(".fragment")].forEach((step, i) => step.classList.toggle("away", i >= end));
      for (const stack of face.querySelectorAll(".stack:not([data-fps])")) {
        const seen = pictures(stack).filter((picture) => !picture.matches(".away"));
        seen.slice(0, -1).forEach((picture) => picture.classList.add("away"));
      }
      return face;
    });
  }

  const number = (i) => make("slide-number", `${i + 1}/${slides.length}`);
  const pages = slides.flatMap((slide, i) => {
    const shown = faces(slide), notes = slide.querySelector("aside.notes");
    shown.forEach((face) => face.append(number(i)));
    return handout ? [make("sheet", make(`faces of-${Math.min(shown.length, 5)}`, ...shown), make("said", ...notes.cloneNode(true).childNodes))] : shown;
  });
  place.replaceChildren(...pages);
  for (const link of place.querySelectorAll("a[href]"))
    if (!/^(https?:|mailto:|#)/.test(link.getAttribute("href"))) link.removeAttribute("href"); // leads nowhere from paper
  const size = handout ? "A4; margin: 14mm 16mm" : "1280px 720px; margin: 0";
  document.head.append(Object.assign(document.createElement("style"), { textContent: `@page { size: ${size}; }` }));
  // reveal.js has rules of its own for paper, which "print-pdf" switches off
  document.documentElement.classList.add("print-pdf", "paper", handout ? "handout" : "pages");
}
