"""Where the deck's sources are, and where it is built."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Folders:
    """Where a deck's sources are and where it is built.

    Args:
        rendered_labs: the address of the labs as web pages, such as https://example.org/labs, or with {lab} in it.
    """

    slides: Path = ROOT / "slides"
    out: Path = ROOT / "build" / "slides"
    labs: Path = ROOT / "labs"
    rendered_labs: str = ""

    @property
    def texts(self) -> Path:
        """The sources of the parts: beside the figures, unless they are translated."""
        return self.slides

    @property
    def store(self) -> Path:
        """Drawings and fonts, kept between builds."""
        return self.out / "kept"

    @property
    def figures(self) -> dict[Path, Path]:
        """The folders of modules that draw figures, and where their drawings are kept: the deck's and the course's."""
        course = Folders()
        return {self.slides / "figures": self.store, course.slides / "figures": course.store}

    @property
    def themes(self) -> list[Path]:
        """The style sheets: the course's, and a deck's own if it has one."""
        return [
            path
            for path in dict.fromkeys([ROOT / "slides" / "theme.css", self.slides / "theme.css"])
            if path.is_file()
        ]

    @property
    def deck(self) -> Path:
        """The one file with all parts."""
        return self.out / "deck.html"

    def pdf(self, kind: str) -> Path:
        """The PDF of all parts: its "slides", or a "handout" with the notes."""
        return self.out / f"{kind}.pdf"

    @property
    def sheet(self) -> Path:
        """A picture with every slide, to look at."""
        return self.slides / "contact_sheet.png"
