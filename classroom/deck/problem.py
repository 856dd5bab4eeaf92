"""A mistake in a slide's source, with its place and what to do."""

from dataclasses import dataclass
from pathlib import Path


class DeckError(ValueError):
    """The deck cannot be built; one line for each thing to fix."""


@dataclass(frozen=True)
class Place:
    """A line of a source file, counted from 1."""

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}:{self.line}"

    def problem(self, sentence: str) -> str:
        """Return "folder/file:line: sentence", which editors turn into a link."""
        return f"{self}: {sentence}"
