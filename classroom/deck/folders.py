"""Where the deck's sources are, and where it is built."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Folders:
    """Where a deck's sources are and where it is built."""

    slides: Path = ROOT / "slides"
    out: Path = ROOT / "build" / "slides"
    labs: Path = ROOT / "labs"

    @property
    def texts(self) -> Path:
        """The sources of the parts: beside the figures, unless they are translated."""
        return self.slides

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
