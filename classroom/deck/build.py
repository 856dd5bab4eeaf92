"""Build the deck: slides/*.md -> build/slides/deck.html, and one file per part."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from classroom.deck.figures import Figures
from classroom.deck.folders import Folders
from classroom.deck.page import page
from classroom.deck.problem import DeckError
from classroom.deck.render import Rendered, render_slide
from classroom.deck.source import Part, find_parts, read_part

DRAWN = re.compile(r"\((?:figure|widget):(\w+)\)")


def build_pages(folders: Folders, say: Callable[[str], None] = print) -> list[Path]:
    """Write deck.html and one HTML file per part; return their paths, deck.html first.

    Raises:
        DeckError: one line for each mistake in the sources.
    """
    figures = Figures(folders.figures, say)
    parts = [read_part(path) for path in find_parts(folders.texts)]
    figures.draw_several(DRAWN.findall("".join(slide.text for part in parts for slide in part.slides)))
    rendered = [
        (part, [render_slide(slide, part, figures, folders) for slide in part.slides]) for part in parts
    ]
    if problems := [problem for _, slides in rendered for slide in slides for problem in slide.problems]:
        raise DeckError("\n".join(problems))
    folders.out.mkdir(parents=True, exist_ok=True)
    pages = {folders.deck: rendered}
    pages |= {folders.out / f"{part.path.stem}.html": [(part, slides)] for part, slides in rendered}
    for path, content in pages.items():
        write(path, content, folders, say)
    return list(pages)


def write(path: Path, parts: Sequence[tuple[Part, list[Rendered]]], folders: Folders, say: Callable) -> None:
    theme = "\n".join(path.read_text(encoding="utf-8") for path in folders.themes)
    text = page(parts, theme, folders.store)
    path.write_text(text, encoding="utf-8", newline="\n")
    count = sum(len(slides) for _, slides in parts)
    say(f"{path.name}: {count} slides, {len(text.encode()) / 1e6:.2f} MB")
