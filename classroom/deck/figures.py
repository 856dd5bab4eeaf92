"""The figures of slides/figures: found by name, drawn once, kept until what they are made of changes."""

import ast
import importlib.util
import json
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from classroom.deck.ingredients import key
from classroom.deck.svg import Frame
from classroom.deck.widget import Widget


class FigureError(Exception):
    """A figure cannot be had; the message says why and what to do."""


@dataclass(frozen=True)
class Drawing:
    """The pictures of one figure, or the description of a widget."""

    frames: list[Frame] = field(default_factory=list)
    widget: dict | None = None


class Figures:
    """The functions of a folder of modules, and their drawings in a cache.

    Args:
        folder: slides/figures.
        store: where drawings are kept between builds.
        say: is told what is drawn, and how long it took.
    """

    def __init__(self, folder: Path, store: Path, say=print) -> None:
        self.folder, self.store, self.say = folder, store, say
        self.drawn: dict[str, Drawing] = {}

    @cached_property
    def modules(self) -> dict[str, Path]:
        """The module of each function without required arguments whose name has no leading underscore."""
        found: dict[str, Path] = {}
        for path in sorted(self.folder.glob("*.py")):
            for name in figure_names(path.read_text(encoding="utf-8")):
                if name in found:
                    raise FigureError(f"{name} is in {found[name].name} and in {path.name}: rename one.")
                found[name] = path
        return found

    def draw(self, name: str, kind: str) -> Drawing:
        """Return the drawing of a `figure` or a `widget`.

        Raises:
            FigureError: no such figure, or its function failed or gave something else.
        """
        if name not in self.modules:
            raise FigureError(f"there is no {kind} {name!r}: slides/figures has {', '.join(self.modules)}.")
        path = self.modules[name]
        kept = self.store / f"{name}-{key(path, self.folder)[:16]}.json"
        if name not in self.drawn:
            if not kept.is_file():
                self._draw_and_keep(name, path, kept)
            self.drawn[name] = read(kept)
        drawing = self.drawn[name]
        if (kind == "widget") != (drawing.widget is not None):
            other = "figure" if kind == "widget" else "widget"
            raise FigureError(f"{name} returns no {kind}: write {other}:{name}.")
        return drawing

    def _draw_and_keep(self, name: str, path: Path, kept: Path) -> None:
        began = time.perf_counter()
        drawing = draw(name, path, self.store)
        self.store.mkdir(parents=True, exist_ok=True)
        for old in self.store.glob(f"{name}-*.json"):
            old.unlink()
        kept.write_text(json.dumps(asdict(drawing)), encoding="utf-8")
        self.say(f"drew {name}: {time.perf_counter() - began:.1f} s, {kept.stat().st_size / 1000:.0f} kB")


def draw(name: str, path: Path, store: Path) -> Drawing:
    """Call a figure's function with the deck's style.

    Raises:
        FigureError: it failed, or gave something that cannot be shown.
    """
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from classroom.deck.fonts import register
    from classroom.deck.svg import STYLE, frames_of
    from coursekit import draw as course

    register(store)
    try:
        with matplotlib.rc_context(course.STYLE | STYLE):
            drawn = getattr(load(path), name)()
            if isinstance(drawn, Widget):
                return Drawing(
                    widget={
                        "traits": drawn.traits,
                        "compute": drawn.compute,
                        "module": drawn.module,
                    }
                )
            return Drawing(frames=frames_of(drawn))
    except Exception as error:  # the figure's own code: anything may happen, and all of it is told
        raise FigureError(f"{name} failed{place(error, path)}: {type(error).__name__}: {error}") from error
    finally:
        plt.close("all")


def place(error: Exception, path: Path) -> str:
    """Return the last line of the figure's module that was running."""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return f" at {path.parent.name}/{path.name}:{lines[-1]}" if lines else ""


def read(kept: Path) -> Drawing:
    stored = json.loads(kept.read_text(encoding="utf-8"))
    return Drawing([Frame(**frame) for frame in stored["frames"]], stored["widget"])


def load(path: Path) -> object:
    """Import a module by its path; it may import its neighbours by name."""
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    specification.loader.exec_module(module)
    return module


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
