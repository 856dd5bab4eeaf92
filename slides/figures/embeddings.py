"""CornerNet's embeddings: the numbers at the corners of two lemons, and the pairs that they allow."""

from functools import cache

import torch
from corners import CELLS, SIDES, STRIDE, TWO_LEMONS, dot, heat_over, two_corners
from matplotlib.figure import Figure
from torch import Tensor
from trained import FIVE, confident, found_in, said

from classroom.figures import canvas, enlarge, picture, words
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import draw_boxes


@cache
def _maps(scene: int):
    """The top-left and the bottom-right maps of the shipped CornerNet for a scene of val."""
    return said("cornernet", scene)


def pull_and_push() -> Figure:
    """Two lemons and the numbers that CornerNet predicts at their corners, on a line."""
    image, target = still_life("val")[TWO_LEMONS]
    figure, ax = canvas(1150, 300)
    place = picture(ax, (0, 0), (300, 300), enlarge(image))
    values = torch.stack(
        [_at_corners(maps, target["boxes"], side) for side, maps in enumerate(_maps(TWO_LEMONS))]
    )
    for i, box in enumerate(4 * target["boxes"]):
        two_corners(place, box)
        words(place, *((box[:2] + box[2:]) / 2).tolist(), str(i + 1), 27, on="black")
    line = ax.inset_axes((400, 90, 710, 120), transform=ax.transData)
    for row, (name, colour) in enumerate(SIDES.items()):
        line.plot(values[row], [0] * len(values[row]), "o", color=colour, markersize=16, label=name, zorder=4)
    for i, both in enumerate(values.T):
        line.annotate(f"lemon {i + 1}", (both.mean(), 0), (0, 26), textcoords="offset points", ha="center")
        line.plot(both, [0, 0], color="black", linewidth=5)
    line.axhline(0, color="0.6", linewidth=2, zorder=0)
    line.set(yticks=[], ylim=(-1, 1.6), xlabel="embedding")
    line.margins(x=0.2)
    line.spines["left"].set_visible(False)
    line.legend(loc="upper center", bbox_to_anchor=(0.5, 1.55), ncols=2, handletextpad=0.2)
    return figure


def _at_corners(maps, boxes: Tensor, side: int) -> Tensor:
    """(G,): the embedding at one corner of each box (G, 4)."""
    x, y = (boxes.view(-1, 2, 2)[:, side] / STRIDE).long().clamp(max=CELLS - 1).unbind(1)
    return maps.embeddings[0, 0, y, x]


def corners_become_boxes() -> list[Figure]:
    """Both heat maps of a scene; their peaks; the boxes that pairs of peaks span; those that are left."""
    return [_pairing(step) for step in range(3)]


def _pairing(step: int) -> Figure:
    image = still_life("val")[FIVE][0]
    figure, ax = canvas(1150, 410)
    for i, ((name, colour), maps) in enumerate(zip(SIDES.items(), _maps(FIVE), strict=True)):
        heat = maps.heat[0].sigmoid()
        place = heat_over(ax, (390 * i, 0), (360, 360), image, heat.amax(0))
        words(ax, 390 * i + 180, 388, name, 30, colour)
        if step > 0:
            best = ops.peaks(heat, 60)
            for x, y in best.points[best.scores > 0.25].tolist():
                dot(place, 4 * STRIDE * (x + 0.5), 4 * STRIDE * (y + 0.5), colour)
    if step > 1:
        place = picture(ax, (780, 0), (360, 360), enlarge(image))
        shown = confident(found_in("cornernet", FIVE), 0.3)
        draw_boxes(place, None, 4 * shown["boxes"], shown["labels"], classes=CLASSES)
        words(ax, 960, 388, "pairs", 30, "black")
    return figure
