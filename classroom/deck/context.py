"""The state of a slide while it becomes HTML."""

from dataclasses import dataclass, field

from classroom.deck.figures import Figures
from classroom.deck.folders import Folders
from classroom.deck.problem import Place
from classroom.deck.source import Slide


@dataclass
class Context:
    """What the rules that render a token need to know about the slide."""

    slide: Slide
    figures: Figures
    folders: Folders
    problems: list[str] = field(default_factory=list)

    def report(self, line: int, sentence: str) -> str:
        """Note a problem on a line of the slide, counted from 0, and return nothing to show."""
        place = Place(self.slide.place.path, self.slide.place.line + line)
        self.problems.append(place.problem(sentence))
        return ""
