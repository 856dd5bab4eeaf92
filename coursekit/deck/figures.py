"""The figures of slides/figures: found by name, drawn once, kept until what they are made of changes."""

import ast
import hashlib
import importlib.util
import json
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path

from coursekit.deck.svg import Frame
from coursekit.deck.widget import Widget
from coursekit.folders import data_folder

PACKAGE = Path(__file__).parents[1]
DRAWING_CODE = ("svg", "figures", "fonts", "widget")  # modules of the deck that shape a drawing


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

    import coursekit.draw  # noqa: F401 -- sets the course's own style, which the deck's goes on top of
    from coursekit.deck.fonts import register
    from coursekit.deck.svg import STYLE, frames_of

    register(store)
    try:
        with matplotlib.rc_context(STYLE):
            drawn = getattr(load(path), name)()
            if isinstance(drawn, Widget):
                return Drawing(
                    widget={
                        "traits": drawn.traits,
                        "compute": drawn.compute,
                        "module": drawn.module.read_text(encoding="utf-8"),
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


def key(path: Path, folder: Path) -> str:
    """Return a hash of all that a module's figures are made of: its code and the course's that it uses, data, fonts."""
    digest = hashlib.sha256(" ".join([sys.version, *map(version, ("matplotlib", "torch", "numpy"))]).encode())
    for source in sorted(sources(path, folder)):
        digest.update(source.read_bytes())
    digest.update(data_hash().encode())
    return digest.hexdigest()


def sources(path: Path, folder: Path) -> set[Path]:
    """Return the files that a module imports, directly or not, of its folder and of coursekit."""
    found, new = set(), {path, *(PACKAGE / "deck" / f"{name}.py" for name in DRAWING_CODE)}
    while new:
        found |= new
        new = {other for source in new for other in imports(source, folder)} - found
    return found


def imports(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the files behind a file's import statements, and the page script of the same name."""
    if path.suffix == ".py":
        yield from (path.parent.glob("*.js") if path.name in ("widgets.py",) else ())
        for name in imported_names(path.read_text(encoding="utf-8")):
            yield from module_files(name, folder)


def imported_names(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_files(name: str, folder: Path) -> Iterator[Path]:
    """Yield the files of a dotted name that are the course's: a module and the packages around it."""
    parts = name.split(".")
    for base, names in ((PACKAGE.parent, parts if parts[0] == PACKAGE.name else []), (folder, parts)):
        for length in range(1, len(names) + 1):
            place = base.joinpath(*names[:length])
            yield from (file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file())


@cache
def data_hash() -> str:
    """Return a hash of the course's data, names and bytes."""
    digest, folder = hashlib.sha256(), data_folder()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()
