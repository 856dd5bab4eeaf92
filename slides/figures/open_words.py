"""Part 5: open vocabulary: learned class vectors, or vectors of words."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import BOX, CLASS, NETWORK, OURS
from trained import FIVE

from classroom.figures import arrow, block, canvas, enlarge, picture, words
from coursekit.data.still_life import still_life
from coursekit.draw import draw_boxes

OBJECT = 0  # of the scene, whose box is compared


def classes_or_words() -> Figure:
    """A box feature against ten learned class vectors; and against the vectors of words, which a text encoder gives."""
    figure, ax = canvas(1150, 400)
    _half(ax, 0, ["apple", "pear", "…", "book"], "learned", CLASS)
    _half(ax, 590, ["“a mug”", "“a cracked mug”", "“anything”"], "text encoder", OURS)
    return figure


def _half(ax: Axes, left: float, names: list[str], source: str, colour: str) -> None:
    image, target = still_life("val")[FIVE]
    place = picture(ax, (left, 150), (130, 130), enlarge(image))
    draw_boxes(place, None, 4 * target["boxes"][OBJECT : OBJECT + 1], colour=BOX)
    arrow(ax, (left + 136, 215), (left + 166, 215))
    block(ax, (left + 172, 180), (110, 70), "vector", NETWORK)
    for i, name in enumerate(names):
        y = 90 + 250 * (i + 0.5) / len(names)
        words(ax, left + 352, y, name, 26, ha="left")
        arrow(ax, (left + 288, 215), (left + 344, y), "0.6", linewidth=2, mutation_scale=16)
    block(ax, (left + 300, 8), (220, 62), source, colour)
    words(ax, left + 300, 372, "a list for ever" if left == 0 else "any list, at test time", 28, colour)
