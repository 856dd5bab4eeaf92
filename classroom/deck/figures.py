"""The figures of slides/figures: found by name, drawn once, kept until their code or data change."""

import ast
import difflib
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path

from classroom.deck.drawing import Drawing, FigureError, draw_and_keep, draw_what_can_be, one_thread
from classroom.deck.fonts import static_fonts
from classroom.deck.ingredients import key
from classroom.deck.svg import Frame

SEVERAL = 8  # with this many figures to draw, a second process is worth the seconds that it takes to start


class Figures:
    """The functions of modules in some folders, and their drawings in a cache.

    Args:
        places: folders of modules, and where their drawings are kept between builds; a name in an earlier folder wins.
        say: is called with what was drawn and how long it took.
    """

    def __init__(self, places: dict[Path, Path], say=print) -> None:
        self.places, self.say = places, say
        self.drawn: dict[str, Drawing] = {}

    @cached_property
    def modules(self) -> dict[str, Path]:
        """The module of each function without required arguments whose name has no leading underscore."""
        found: dict[str, Path] = {}
        for folder in self.places:
            for path in sorted(folder.glob("*.py")):
                for name in figure_names(path.read_text(encoding="utf-8")):
                    other = found.setdefault(name, path)
                    if other != path and other.parent == folder:
                        raise FigureError(f"{name} is in {other.name} and in {path.name}: rename one.")
        return found

    def draw(self, name: str, kind: str) -> Drawing:
        """Return the drawing of a `figure` or a `widget`.

        Raises:
            FigureError: no such figure, or its function failed or gave something else.
        """
        if name not in self.modules:
            raise FigureError(f"unknown {kind} {name!r}: {suggestion(name, self.modules)}")
        if name not in self.drawn:
            if not self.kept(name).is_file():
                self.say(draw_and_keep(name, self.modules[name], self.kept(name)))
            self.drawn[name] = read(self.kept(name))
        drawing = self.drawn[name]
        if (kind == "widget") != (drawing.widget is not None):
            other = "figure" if kind == "widget" else "widget"
            raise FigureError(f"{name} returns no {kind}: write {other}:{name}.")
        return drawing

    def kept(self, name: str) -> Path:
        """Return where the drawing of a figure is kept; the name changes with the figure's code and data."""
        path = self.modules[name]
        return self.places[path.parent] / f"{name}-{key(path, path.parent)[:16]}.json"

    def draw_several(self, names: Iterable[str]) -> None:
        """Draw the figures that are not kept, in two processes if there are several; `draw` reports mistakes."""
        missing = [
            name for name in dict.fromkeys(names) if name in self.modules and not self.kept(name).is_file()
        ]
        if len(missing) < SEVERAL:
            return
        modules = dict.fromkeys(self.modules[name] for name in missing)
        jobs = [
            [(name, path, self.kept(name)) for name in missing if self.modules[name] == path]
            for path in modules
        ]
        for store in {self.places[path.parent] for path in modules}:
            static_fonts(store)  # here once, and not in both processes
        with ProcessPoolExecutor(2, get_context("spawn"), initializer=one_thread) as pool:
            for lines in pool.map(draw_what_can_be, jobs):
                for line in lines:
                    self.say(line)


def suggestion(name: str, names: Iterable[str]) -> str:
    """Return what to write instead of an unknown name.

    >>> suggestion("suppresion", ["suppression", "anchors"])
    'did you mean suppression?'
    >>> suggestion("cat", ["suppression", "anchors"])
    'write one of the functions of the modules in slides/figures.'
    """
    close = difflib.get_close_matches(name, names, 3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return "write one of the functions of the modules in slides/figures."


def read(kept: Path) -> Drawing:
    stored = json.loads(kept.read_text(encoding="utf-8"))
    return Drawing([Frame(**frame) for frame in stored["frames"]], stored["widget"])


def figure_names(source: str) -> Iterator[str]:
    """Yield the public functions of a module that can be called without arguments.

    >>> list(figure_names("def grid(): ...\\ndef row(n): ...\\ndef bars(n=3): ...\\ndef _own(): ..."))
    ['grid', 'bars']
    """
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            required = len(node.args.posonlyargs + node.args.args) - len(node.args.defaults)
            if not required and None not in node.args.kw_defaults:
                yield node.name
