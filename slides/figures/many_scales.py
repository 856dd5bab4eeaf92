"""Part 2: SSD's default boxes and hard negatives, and the feature pyramid."""

from functools import cache

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import RIGHT as POSITIVE
from meanings import WRONG as HARD
from regression import busiest, grid
from torch import Tensor
from trained import FIVE, NETWORK, detector, features, said, targets

from classroom.figures import arrow, block, canvas, draw_level, enlarge, picture, words
from coursekit import ops
from coursekit.data.still_life import still_life
from coursekit.draw import ACCENT, draw_boxes
from coursekit.models.ssd import MAPS, NEGATIVES, hard_negatives

CELLS, A_CELL = (24, 12, 6, 3), (4, 4, 6, 4)  # of SSD's maps at 192 x 192: cells per side, boxes per cell
DRAWN = 20  # hard negatives; and this many positive boxes of each object:
BEST = 5


def default_boxes_at_four_scales() -> Figure:
    """The grid of each of SSD's maps, and the default boxes of one cell near the middle."""
    image = enlarge(still_life("val")[FIVE][0])
    per_level = said("ssd", FIVE).boxes.split([n * n * a for n, a in zip(CELLS, A_CELL, strict=True)])
    figure, ax = canvas(1150, 330)
    for i, (name, n, boxes) in enumerate(zip(MAPS, CELLS, per_level, strict=True)):
        place = picture(ax, (292 * i, 0), (274, 274))
        middle = (n // 2) * (n + 1)
        draw_level(place, image, (n, n), 4 * boxes.view(n * n, -1, 4)[middle])
        words(ax, 292 * i + 137, 304, f"{name}: {n} × {n} × {boxes.shape[0] // n**2}", 30, "black")
    return figure


@cache
def _mined() -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, Tensor]]:
    """(A,) bool each for the scene: positive, hard negative; the mean counts of both over val; and those to draw."""
    logits, _, boxes = said("ssd", FIVE)
    losses = F.cross_entropy(logits[0], torch.zeros(len(boxes), dtype=torch.int64), reduction="none")  # (A,)
    matches = [detector("ssd").match(ops.box_iou(target["boxes"], boxes)) for target in targets("val")]
    chosen = [torch.stack([match.positive, hard_negatives(losses, match)]) for match in matches]
    positive, hard = chosen[FIVE]
    overlaps = ops.box_iou(targets("val")[FIVE]["boxes"], boxes) * positive  # (G, A)
    drawn = overlaps.topk(BEST).indices.flatten().unique(), (losses * hard).topk(DRAWN).indices
    return (
        positive,
        hard,
        torch.stack(chosen).sum(2).float().mean(0),
        drawn,
    )  # counts depend on the match alone


def hard_negatives_three_to_one() -> Figure:
    """The best positive default boxes of a scene, the hardest negatives, and how many there are of each."""
    positive, hard, mean, drawn = _mined()
    boxes, image = said("ssd", FIVE).boxes, enlarge(still_life("val")[FIVE][0])
    unused = len(boxes) - sum(map(round, mean.tolist()))
    figure, ax = canvas(1150, 430)
    for x, chosen, colour, name in (
        (0, drawn[0], POSITIVE, f"{len(drawn[0])} of {int(positive.sum())} positive"),
        (400, drawn[1], HARD, f"{DRAWN} of {int(hard.sum())} hard negatives"),
    ):
        place = picture(ax, (x, 0), (370, 370), image)
        with plt.rc_context({"lines.linewidth": 2}):
            draw_boxes(place, None, 4 * boxes[chosen], colour=colour)
        words(ax, x + 185, 402, name, 32, colour)
    lines = (
        (f"{len(boxes)} boxes per scene", "black"),
        (f"{mean[0]:.0f} positive", POSITIVE),
        (f"{mean[1]:.0f} hard negatives, {NEGATIVES} : 1", HARD),
        (f"{unused} unused", "0.4"),
    )
    for i, (line, colour) in enumerate(lines):
        words(ax, 808, 90 + 62 * i, line, 32, colour, ha="left")
    words(ax, 808, 90 + 62 * 4, "means over 200 scenes", 25, ha="left")
    return figure


@cache
@torch.no_grad()
def _pyramid_maps() -> dict[str, Tensor]:
    """One channel of each map of RetinaNet's pyramid for a scene, and of what is added on the way."""
    model = detector("retinanet")
    taken = model.feature_maps([features(FIVE)])
    pyramid, maps, above = model.pyramid, {}, None
    for level in ("C5", "C4", "C3"):
        own = pyramid.lateral[level](taken[level])[0]
        merged = own if above is None else own + F.interpolate(above[None], own.shape[-2:])[0]
        maps |= {level: taken[level][0], f"own {level}": own, f"sum {level}": merged}
        above = merged
    channel = maps["sum C3"].flatten(1).std(1).argmax()
    return {name: busiest(m) if name[0] == "C" else m[channel] for name, m in maps.items()}


def pyramid_adds() -> list[Figure]:
    """The coarsest level; the middle one plus the coarsest, upsampled; the finest plus the middle one."""
    return [_pyramid(step) for step in range(3)]


def _pyramid(step: int) -> Figure:
    figure, ax = canvas(1150, 430)
    maps = _pyramid_maps()
    for x, name in ((65, "backbone"), (450, "1 × 1"), (795, "sum"), (1080, "3 × 3")):
        words(ax, x, 18, name, 27, NETWORK)
    for row, level in enumerate(("C5", "C4", "C3")[: step + 1]):
        _pyramid_row(ax, 42 + 132 * row, level, maps, row > 0)
    return figure


def _pyramid_row(ax: Axes, y: float, level: str, maps: dict[str, Tensor], has_above: bool) -> None:
    """Draw a level: its map, the 1 x 1 convolution of it, the sum with what comes from above, and the result."""
    size, middle = 112, y + 56
    grid(ax, (0, y), size, maps[level])
    words(ax, 165, middle, level, 30, "black")
    arrow(ax, (200, middle), (375, middle))
    grid(ax, (385, y), size, maps[f"own {level}"])
    arrow(ax, (525, middle), (720, middle))
    grid(ax, (730, y), size, maps[f"sum {level}"])
    arrow(ax, (870, middle), (1005, middle))
    block(ax, (1015, y + 20), (130, 72), level.replace("C", "P"), ACCENT)
    if has_above:
        words(ax, 625, middle - 2, "+", 46, on=ACCENT)
        arrow(ax, (730, y - 40), (645, middle - 28), ACCENT, connectionstyle="arc3,rad=0.2")
        words(ax, 585, y - 10, "upsampled × 2", 26, ACCENT)
