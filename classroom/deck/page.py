"""One HTML file from slides: reveal.js, theme, fonts and figures all inside."""

import html
import json
import re
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from pygments.formatters import HtmlFormatter

from classroom.deck.fonts import css as font_faces
from classroom.deck.render import Rendered
from classroom.deck.source import Part

NAME = "Localisation, detection, segmentation"
OWN = Path(__file__).parent
# A wheel that carries reveal.js (MIT); it is found, not imported.
REVEAL = Path(find_spec("sphinx_revealjs").origin).parent / "_static" / "revealjs"


def page(parts: Sequence[tuple[Part, Sequence[Rendered]]], theme: str, fonts: Path) -> str:
    """Return the whole page.

    Args:
        parts: each part with its slides.
        theme: the style sheet of slides/theme.css.
        fonts: where subsets of fonts are kept between builds.
    """
    columns = [of_part(part, slides) for part, slides in parts]
    if len(columns) > 1:  # a column of the overview for each part
        columns = [f"<section>{column}</section>" for column in columns]
    sections = "\n".join(columns)
    title = parts[0][0].title if len(parts) == 1 else NAME
    minutes = sum(slide.minutes for _, slides in parts for slide in slides)
    settings = json.dumps({"totalTime": round(60 * minutes)})
    style = "\n".join(
        [sheet("reset"), sheet("reveal"), font_faces(html.unescape(sections), fonts), code_colours(), theme]
    )
    scripts = [REVEAL / "dist" / "reveal.js", REVEAL / "plugin" / "notes" / "notes.js"]
    scripts += [OWN / "paper.js", OWN / "deck.js"]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1 class="unseen">{html.escape(title)}</h1>
<div class="reveal" data-settings="{html.escape(settings)}">
<div class="slides">
{sections}
</div>
</div>
</main>
{"".join(script(path.read_text(encoding="utf-8")) for path in scripts)}
</body>
</html>
"""


def of_part(part: Part, slides: Sequence[Rendered]) -> str:
    """Return the slides of a part, each with an id of its own to link to, such as #/2b-a-small-shift."""
    names = identities(part.path.stem, [slide.title for slide in slides])
    return "\n".join(section(part, slide, name) for slide, name in zip(slides, names, strict=True))


def identities(stem: str, titles: Sequence[str]) -> list[str]:
    """Return the names of a part's slides in addresses; a title that comes again gets a number.

    >>> identities("1_boxes", ["IoU", "By hand", "IoU"])
    ['1-iou', '1-by-hand', '1-iou-2']
    """
    taken: Counter[str] = Counter()
    names = []
    for name in (identity(stem, title) for title in titles):
        taken[name] += 1
        names.append(name if taken[name] == 1 else f"{name}-{taken[name]}")
    return names


def identity(stem: str, title: str) -> str:
    """Return the name of a slide in an address: the part's number and the title's words.

    >>> identity("2b_two_stages", "One stage or two?")
    '2b-one-stage-or-two'
    """
    return "-".join([stem.partition("_")[0], *re.findall(r"\w+", title.lower())])


def section(part: Part, slide: Rendered, name: str) -> str:
    """Return a slide with its notes; reveal.js takes the planned seconds from `data-timing`."""
    kind = "opening" if slide.body.startswith("<h1") else "plain"
    timing = round(60 * slide.minutes)
    style = f'style="--accent: {part.accent}" data-accent="{part.accent}"'
    return (
        f'<section id="{html.escape(name)}" class="slide {kind}" {style} data-part="{part.number}" data-place="{html.escape(slide.place)}" data-timing="{timing}">'
        f'{slide.body}<aside class="notes">{slide.notes}</aside></section>'
    )


def sheet(name: str) -> str:
    return (REVEAL / "dist" / f"{name}.css").read_text(encoding="utf-8")


def code_colours() -> str:
    """Return Pygments' colours for the light and for the dark theme."""
    light, dark = (HtmlFormatter(style=name) for name in ("xcode", "github-dark"))
    return light.get_style_defs(".code") + "\n" + dark.get_style_defs("[data-theme=dark] .code")


def script(text: str) -> str:
    safe = text.replace("</script", "<\\/script")
    return f"<script>{safe}</script>\n"
