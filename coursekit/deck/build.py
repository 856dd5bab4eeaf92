"""Build the deck: slides/*.md -> build/slides/deck.html, a file a part, a PDF, and a sheet with every slide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from coursekit.deck.figures import Figures
from coursekit.deck.page import page
from coursekit.deck.problem import DeckError
from coursekit.deck.render import Rendered, render_slide
from coursekit.deck.source import Part, find_parts, read_part

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Folders:
    """Where a deck's sources are and where it is built."""

    slides: Path = ROOT / "slides"
    out: Path = ROOT / "build" / "slides"
    labs: Path = ROOT / "labs"

    @property
    def store(self) -> Path:
        """Drawings and fonts, kept between builds."""
        return self.out / "kept"

    @property
    def deck(self) -> Path:
        """The one file with all parts."""
        return self.out / "deck.html"

    @property
    def pdf(self) -> Path:
        """All parts, a page a slide."""
        return self.out / "deck.pdf"

    @property
    def sheet(self) -> Path:
        """A picture with every slide, to look at."""
        return self.slides / "contact_sheet.png"


def build_pages(folders: Folders, say: Callable[[str], None] = print) -> list[Path]:
    """Write deck.html and one HTML file a part; return their paths, deck.html first.

    Raises:
        DeckError: one line for each mistake in the sources.
    """
    figures = Figures(folders.slides / "figures", folders.store, say)
    parts = [read_part(path) for path in find_parts(folders.slides)]
    rendered = [
        (part, [render_slide(slide, part, figures, folders.labs) for slide in part.slides]) for part in parts
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
    theme = (folders.slides / "theme.css").read_text(encoding="utf-8")
    text = page(parts, theme, folders.store)
    path.write_text(text, encoding="utf-8", newline="\n")
    count = sum(len(slides) for _, slides in parts)
    say(f"{path.name}: {count} slides, {len(text.encode()) / 1e6:.2f} MB")
