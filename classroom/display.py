"""Figures for notebooks, readable by a screen reader and small enough to be stored."""

import base64
import html
import io
import sys
from collections.abc import Iterable

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image


def show(figure: Figure, alt: str, width: int | None = None) -> None:
    """Display a figure as an HTML image with a text alternative and close it; elsewhere print the text.

    Args:
        figure: a matplotlib figure.
        alt: what the picture shows, for those who cannot see it.
        width: width on the page in CSS pixels; the figure's own by default.
    Raises:
        ValueError: `alt` is empty.
    """
    if not alt or not alt.strip():
        raise ValueError("show(fig, alt=…) needs a sentence in `alt` that says what the figure shows.")
    text = f"[figure: {alt}]"
    publish(image_tag(figure, alt, width), text)
    plt.close(figure)


def show_film(figures: Iterable[Figure], alt: str, seconds: float = 0.2) -> None:
    """Display figures of one size one after the other, once, as an HTML image with a text alternative, and close them.

    It stays on the last figure; to see it again, run the cell again.

    Args:
        figures: matplotlib figures; a generator needs the memory of one at a time.
        alt: what the film shows, for those who cannot see it.
        seconds: how long each of them is shown.
    Raises:
        ValueError: `alt` is empty, or there is no figure.
    """
    pages = []
    for figure in figures:
        full = io.BytesIO()
        figure.savefig(full, format="png", bbox_inches=figure.bbox_inches)  # so all pages have one size
        pages.append(Image.open(full).convert("RGB"))
        plt.close(figure)
    if not pages or not alt.strip():
        raise ValueError(
            "show_film(figures, alt=…) needs figures, and a sentence in `alt` that says what they show."
        )
    small, milliseconds = io.BytesIO(), round(1000 * seconds)
    pages[0].save(
        small, "webp", save_all=True, append_images=pages[1:], duration=milliseconds, loop=1, quality=30
    )
    source = f"data:image/webp;base64,{base64.b64encode(small.getvalue()).decode()}"
    markup = f'<img alt="{html.escape(alt)}" style="max-width: 100%" src="{source}">'
    publish(markup, f"[film: {alt}]")


def publish(markup: str, text: str) -> None:
    """Display HTML with the same as plain text underneath; without a notebook, print the text."""
    ipython = sys.modules.get("IPython")  # imported in any notebook
    if ipython is None or ipython.get_ipython() is None:
        print(text)
    else:
        ipython.display.display({"text/html": markup, "text/plain": text}, raw=True)


def image_tag(figure: Figure, alt: str, width: int | None = None, close: bool = False) -> str:
    """Return the figure as an `<img>` element with the picture inside it; `close` closes it afterwards."""
    size = f' width="{width}"' if width else ""
    source = f"data:image/webp;base64,{base64.b64encode(webp(figure)).decode()}"
    if close:
        plt.close(figure)
    return f'<img alt="{html.escape(alt)}"{size} style="max-width: 100%" src="{source}">'


def webp(figure: Figure) -> bytes:
    """Return the figure as WebP: a fifth of the bytes of a PNG, so that notebooks stay small."""
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png")
    Image.open(full).convert("RGB").save(small, format="webp", quality=85, method=6)
    return small.getvalue()
