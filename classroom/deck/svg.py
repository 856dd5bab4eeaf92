"""Matplotlib figures as small SVG, at the size that the slide shows them: an inch is 100 pixels of 1280 x 720."""

import base64
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO
from unittest.mock import patch

import numpy as np
from matplotlib.animation import AbstractMovieWriter, Animation
from matplotlib.backends import backend_svg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

PIXELS_PER_INCH = 100
POINTS_PER_INCH = 72
STYLE = {
    "font.size": 21,  # 29 pixels on the slide; draw's "small" is 24
    "axes.titlesize": "medium",
    "axes.labelsize": "medium",
    "xtick.labelsize": "small",
    "ytick.labelsize": "small",
    "legend.fontsize": "small",
    "axes.linewidth": 1.5,
    "lines.linewidth": 3,
    "font.sans-serif": ["Source Sans 3", "DejaVu Sans"],
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.bbox": None,
    "savefig.dpi": 2 * PIXELS_PER_INCH,  # for photographs on a projector with twice the pixels
    "svg.fonttype": "path",
    "svg.hashsalt": "coursekit",
}
COMMENT = re.compile(r"\s*<!--.*?-->|\s*<metadata>.*?</metadata>|(?<=>)\n\s*", re.DOTALL)
COLOUR = re.compile(r"(?<=fill: |roke: )#([0-9a-f]{6})")
# On a dark background light and dark are exchanged; a strong colour stays strong. A browser computes it (CSS Color 5).
PAPER = "#14181d"  # of the dark theme
DARK = "oklch(from #{0} max(.96 - .755*l, min(.62, 8*c)*clamp(0, (.9 - l)*5, 1)) c h)"
PNG = re.compile(r"data:image/png;base64,\s*([A-Za-z0-9+/=\s]+)")


@dataclass(frozen=True)
class Frame:
    """A picture with its size on the slide and that of its smallest words, pixels."""

    svg: str
    width: float
    height: float
    smallest: float


class Frames(AbstractMovieWriter):
    """Collect an animation's frames; matplotlib calls it like a movie writer."""

    def __init__(self) -> None:
        super().__init__()
        self.collected: list[Frame] = []

    def setup(self, fig: Figure, outfile: str = "", dpi: float | None = None) -> None:
        self.fig = fig

    def grab_frame(self, **_options) -> None:
        self.collected.append(frame_of(self.fig, tight=False))

    def finish(self) -> None:
        pass


def frames_of(drawn: object) -> list[Frame]:
    """Return a figure, figures in a list, or an animation, as pictures.

    Raises:
        TypeError: it is none of these.
    """
    if isinstance(drawn, Animation):
        writer = Frames()
        drawn.save("", writer=writer)
        return writer.collected
    figures = list(drawn) if isinstance(drawn, list | tuple) else [drawn]
    if not figures or not all(isinstance(figure, Figure) for figure in figures):
        raise TypeError("it must return a matplotlib Figure, a list of them, or an Animation")
    return [frame_of(figure, tight=len(figures) == 1) for figure in figures]


def frame_of(figure: Figure, tight: bool) -> Frame:
    """Return a figure as SVG; `tight` cuts off the white margin, which steps in one place must keep."""
    text, box = io.StringIO(), {"bbox_inches": "tight", "pad_inches": 0.04} if tight else {}
    with patch.object(backend_svg, "Image", QuickPNG):
        figure.savefig(text, format="svg", metadata={"Date": None}, **box)
    svg = themed(PNG.sub(lambda found: smaller(found[1]), COMMENT.sub("", text.getvalue())))
    scale = PIXELS_PER_INCH / POINTS_PER_INCH
    width, height = (
        float(re.search(rf'<svg[^>]*?\s{side}="([\d.]+)pt"', svg)[1]) * scale for side in ("width", "height")
    )
    return Frame(svg[svg.index("<svg") :], width, height, smallest_words(figure) * scale)


def themed(svg: str) -> str:
    """Return a drawing whose lines, areas and words follow the colour scheme of its place; photographs stay as they are."""
    colours = sorted({"000000", *COLOUR.findall(svg)})  # matplotlib leaves black out
    light = ";".join(f"--c{colour}:#{colour}" for colour in colours)
    dark = ";".join(
        f"--c{colour}:{PAPER if colour == 'ffffff' else DARK.format(colour)}" for colour in colours
    )
    rules = f"svg{{fill:var(--c000000);{light}}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}"
    return COLOUR.sub(r"var(--c\1)", svg).replace("<defs>", f"<style>{rules}</style><defs>", 1)


class QuickPNG:
    """PIL's Image as matplotlib calls it: PNG files written fast, because `smaller` compresses them again."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.image = Image.fromarray(pixels)

    def save(self, file: BinaryIO, format: str) -> None:
        self.image.save(file, format=format, compress_level=1)

    @classmethod
    def fromarray(cls, pixels: np.ndarray) -> "QuickPNG":
        return cls(pixels)


@lru_cache(maxsize=16)  # the steps of a figure show the same photograph
def smaller(png: str) -> str:
    """Return a picture as WebP, or as PNG where that has fewer bytes."""
    raw = base64.b64decode(png)
    image = Image.open(io.BytesIO(raw))
    best, kind = encoded(image, format="webp", quality=86, method=4), "webp"
    if len(raw) < 3 * len(best):  # only then may a well compressed PNG be smaller
        best, kind = min((best, kind), (encoded(image, format="png"), "png"), key=lambda each: len(each[0]))
    return f"data:image/{kind};base64,{base64.b64encode(best).decode()}"


def encoded(image: Image.Image, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


def smallest_words(figure: Figure) -> float:
    """Return the size in points of the smallest words that are seen; infinite without any.

    >>> import matplotlib.pyplot as plt
    >>> figure = plt.figure()
    >>> _ = figure.text(0, 0, "large", fontsize=40), figure.text(0, 0, "small", fontsize=7)
    >>> smallest_words(figure)
    7.0
    """
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    texts = [
        text
        for text in texts
        if text.axes is None or (text.axes.get_visible() and text.axes.axison) or text in text.axes.texts
    ]
    return min((float(text.get_fontsize()) for text in texts), default=1000.0)
