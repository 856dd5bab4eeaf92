"""The sources of a made-up deck in which nothing is wrong, and its pages."""

from pathlib import Path

from classroom.deck.build import build_pages
from classroom.deck.folders import ROOT, Folders

NOTES = "\n::: notes 2 min\nSay it.\n:::\n"
FIGURES = """
from pathlib import Path

import matplotlib.pyplot as plt

from classroom.deck import Widget
from classroom.widgets import page

BOXES = {"width": 400, "height": 300, "picture": "", "box_a": [60, 60, 200, 180], "box_b": [150, 110, 300, 230]}


def line(size=21):
    figure, ax = plt.subplots(figsize=(5, 3.6))
    ax.plot([1, 3, 2])
    ax.set_title("A line", fontsize=size)
    return figure


def tiny():
    return line(9)


def growing():
    return [line(size) for size in (21, 24, 27)]


def boxes():
    return Widget(page("box_iou.js"), BOXES)


def script():
    module = Path(__file__).with_name("script.js").read_text(encoding="utf-8")
    return Widget(module, {"count": 2}, "(now) => ({ double: 2 * now.count })")
"""
COUNTER = """
export default { render({ model, el }) {
  const button = el.appendChild(document.createElement("button"));
  button.style.fontSize = "32px";
  const draw = () => { button.textContent = `${model.get("count")} ${model.get("double")}`; };
  button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
  model.on("change:double", draw);
  draw();
} };
"""
GOOD = f"""---
title: Made up
accent: "#0b4f8a"
part: 1
---

# Made up
{NOTES}
---

## Columns, steps, maths

::: columns
::: column
Boxes $A$ and $B$[^who]

$$
\\frac{{|A \\cap B|}}{{|A \\cup B|}}
$$

::: steps
- one
- two
:::

[Try it: lab 01](lab:01)
:::
::: column
![A line that grows](figure:growing)
:::
:::
{NOTES}

[^who]: Somebody, *Something*, 2001.

---

## To drag

![Two boxes to drag](widget:boxes)
{NOTES}
---

## To press

![A number and its double](widget:script)

```python
def double(x):
    return 2 * x  # a comment
```

| a | b |
|---|---|
| 1 | 2 |
{NOTES}
---

## To watch

![A title that grows](figure:growing){{.loop fps=8}}
{NOTES}"""


def make(folder: Path, source: str, script: str, more_style: str = "") -> Folders:
    """A deck in the course's theme, its pages built."""
    made = Folders(folder / "slides", folder / "build" / "slides", folder / "labs")
    (made.slides / "figures").mkdir(parents=True)
    made.labs.mkdir()
    (made.labs / "01_localisation.ipynb").write_text("{}", encoding="utf-8")
    (made.slides / "1_made_up.md").write_text(source, encoding="utf-8")
    (made.slides / "figures" / "made_up.py").write_text(FIGURES, encoding="utf-8")
    (made.slides / "figures" / "script.js").write_text(script, encoding="utf-8")
    theme = (ROOT / "slides" / "theme.css").read_text(encoding="utf-8")
    (made.slides / "theme.css").write_text(theme + more_style, encoding="utf-8")
    build_pages(made, lambda line: None)
    return made


def go(page, slide):
    page.evaluate("(i) => Reveal.slide(i - 1, 0, -1)", slide)
