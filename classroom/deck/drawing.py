"""Draw a figure of a module of figures, and keep the drawing."""

import importlib.util
import json
import sys
import time
import traceback
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from classroom.deck.svg import Frame
from classroom.deck.widget import Widget


class FigureError(Exception):
    """A figure cannot be drawn; the message says why and what to do."""


@dataclass(frozen=True)
class Drawing:
    """The pictures of one figure, or the description of a widget."""

    frames: list[Frame] = field(default_factory=list)
    widget: dict | None = None


def one_thread() -> None:
    """Leave the other cores to the other processes."""
    import torch

    torch.set_num_threads(1)


def draw_what_can_be(jobs: list[tuple[str, Path, Path]]) -> list[str]:
    """Draw figures of one module and keep them; return a line for each that could be drawn."""
    lines = []
    for job in jobs:
        try:
            lines.append(draw_and_keep(*job))
        except FigureError:  # the build tries again and reports the line of the slide
            continue
    return lines


def draw_and_keep(name: str, path: Path, kept: Path) -> str:
    """Draw a figure, keep it in place of its older drawings, and return what to say."""
    began = time.perf_counter(), time.process_time()
    drawing = draw(name, path, kept.parent)
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob(f"{name}-*.json"):
        old.unlink()
    kept.write_text(json.dumps(asdict(drawing)), encoding="utf-8")
    wall, cpu = time.perf_counter() - began[0], time.process_time() - began[1]
    return f"drew {name}: {wall:.1f} s ({cpu:.1f} s of CPU), {kept.stat().st_size / 1000:.0f} kB"


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
            drawn = getattr(load(path, path.read_bytes()), name)()
            if isinstance(drawn, Widget):
                return Drawing(
                    widget={
                        "traits": drawn.traits,
                        "compute": drawn.compute,
                        "module": drawn.module,
                    }
                )
            return Drawing(frames=frames_of(drawn))
    except Exception as error:  # the figure's own code may raise anything; report it
        raise FigureError(f"{name} failed{place(error, path)}: {type(error).__name__}: {error}") from error
    finally:
        plt.close("all")


def place(error: Exception, path: Path) -> str:
    """Return the last line of the figure's module that was running."""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return f" at {path.parent.name}/{path.name}:{lines[-1]}" if lines else ""


@cache
def load(path: Path, code: bytes) -> object:
    """Import a module by its path, once for each code; it may import its neighbours by name."""
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    specification.loader.exec_module(module)
    return module
