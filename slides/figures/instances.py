"""Part 3: Mask R-CNN: its masks, its third head, how coarse they are, pooling, and unseen objects."""

from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import ON_TESTS
from regression import TESTS, grid, scores_of
from torch import Tensor
from trained import BLUE, FIVE, NETWORK, confident, detector, features

from classroom.figures import arrow, block, canvas, draw_scores, enlarge, instance_masks, picture, words
from classroom.figures.two_stage import thin_boxes
from coursekit import ops
from coursekit.data.photos import photo, photo_target
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, PALETTE, draw_boxes, draw_masks
from coursekit.metrics import boundary_f
from coursekit.models.mask_rcnn import mask_targets

NAME = "mask_rcnn"
STRIP = (FIVE, 127, 22, 20, 74)  # scenes of val; the second has two lemons
UNSEEN = (4, 11, 27, 40, 52)  # scenes of test_objects, to look at only
CELLS = (7, 14, 28, 56)
PIECE = torch.tensor([300.0, 150, 400, 225])  # of the photograph of a cat, xyxy pixels
SURE = 0.5
MASK = PALETTE[1]


@cache
@torch.no_grad()
def _found(split: str, scene: int):
    """What Mask R-CNN is sure of in a scene."""
    return confident(detector(NAME)([features(scene, split)])[0], SURE)


def _strip(split: str, chosen: tuple[int, ...], size: int) -> Figure:
    figure, ax = canvas(1150, size)
    step = (1150 - size) / (len(chosen) - 1)
    for i, scene in enumerate(chosen):
        place, found = picture(ax, (step * i, 0), (size, size)), _found(split, scene)
        draw_masks(place, still_life(split)[scene][0], found["masks"][:, 0] > 0.5, found["labels"])
    return figure


def masks_at_once() -> Figure:
    """Five scenes with the masks that Mask R-CNN is sure of."""
    return _strip("val", STRIP, 218)


def unseen_objects() -> Figure:
    """Scenes with objects that were never trained on, and their masks."""
    return _strip("test_objects", UNSEEN, 190)


@cache
@torch.no_grad()
def _one_region() -> tuple[Tensor, int, Tensor, Tensor]:
    """Box (4,), label, mask logits of all classes (K, m, m) of the surest object of a scene, and P3 (C, h, w)."""
    model, found = detector(NAME), _found("val", FIVE)
    pyramid = model.outputs([features(FIVE)]).pyramid
    logits = model.mask_logits(pyramid, [found["boxes"][:1]])[0]
    return found["boxes"][0], int(found["labels"][0]), logits, pyramid["P3"][0]


def a_third_head() -> list[Figure]:
    """Faster R-CNN; and the head for masks beside it."""
    return [_heads(step) for step in range(2)]


def _heads(step: int) -> Figure:
    figure, ax = canvas(1150, 365)
    ax.set_ylim(410, 45)
    image, (box, label, logits, map_) = enlarge(still_life("val")[FIVE][0]), _one_region()
    place = picture(ax, (0, 100), (220, 220), image)
    draw_boxes(place, None, 4 * box[None], colour=ACCENT)
    arrow(ax, (226, 210), (256, 210))
    block(ax, (262, 100), (170, 220), "network,\npyramid", NETWORK, "funnel")
    arrow(ax, (438, 210), (466, 210))
    busiest = map_[map_.flatten(1).std(1).argmax()]
    grid(ax, (472, 120), 180, busiest)
    words(ax, 562, 330, "features", 28)
    inner = ax.inset_axes((472, 120, 180, 180), transform=ax.transData, zorder=3)
    inner.set(xlim=(0, 192), ylim=(192, 0), facecolor="none", xticks=[], yticks=[])
    inner.axis("off")
    thin_boxes(inner, box[None], "white", 3, 1)
    _branch(ax, 60, busiest, box, 7, "class, box", BLUE)
    if step:
        _branch(ax, 250, busiest, box, 14, "masks", MASK)
        cells = picture(ax, (1012, 225), (138, 138))
        instance_masks.draw_cells(cells, logits[label - 1].sigmoid())
        words(ax, 1081, 388, "K × 28 × 28", 26, MASK)
    return figure


def _branch(ax: Axes, y: float, map_: Tensor, box: Tensor, bins: int, name: str, colour: str) -> None:
    """Draw the cells of the region and the head that reads them."""
    arrow(ax, (660, 210), (698, y + 55), colour)
    pooled = ops.roi_align(map_[None, None], [box[None]], bins, 1 / 8, aligned=True)[0, 0]
    grid(ax, (706, y), 110, pooled)
    words(ax, 761, y + 134, f"{bins} × {bins}", 26, colour)
    arrow(ax, (824, y + 55), (856, y + 55), colour)
    block(ax, (862, y + 15), (144, 80), name, colour)


def masks_of_ten_classes() -> Figure:
    """The mask of each class for one region."""
    _, label, logits, _ = _one_region()
    figure = instance_masks.draw_class_masks(logits.sigmoid(), label, CLASSES)
    figure.set_size_inches(11.5, 4.5)
    return figure


def a_mask_is_pasted() -> Figure:
    """Box, logits, sigmoid, stretched, cut."""
    box, label, logits, _ = _one_region()
    image = still_life("val")[FIVE][0]
    figure = instance_masks.mask_steps(image, box, logits[label - 1], CLASSES[label - 1])
    figure.set_size_inches(11.5, 2.8)
    for ax in figure.axes:
        ax.title.set_fontsize("small")
    return figure


def coarse_masks() -> list[Figure]:
    """A piece of a cat's true outline, and after 14, 28 and 56 cells per side; IoU and boundary F of 7 to 56."""
    target = photo_target("chelsea")
    mask, box = target["masks"][:1], target["boxes"][:1]
    squeezed = {cells: _through_cells(mask, box, cells)[0] for cells in CELLS}
    outlines, axes = plt.subplots(1, 3, figsize=(11.5, 3.4))
    for ax, cells in zip(axes, CELLS[1:], strict=True):
        instance_masks.draw_outlines(
            ax, photo("chelsea"), mask[0], squeezed[cells], PIECE, f"{cells} × {cells}"
        )
    scores = {
        "IoU": {cells: float(ops.mask_iou(found[None], mask)) for cells, found in squeezed.items()},
        "boundary F": {
            cells: float(boundary_f(found.long(), mask[0].long(), 2, tolerance=1)[1])
            for cells, found in squeezed.items()
        },
    }
    ceilings, ax = plt.subplots(figsize=(11.5, 3.4))
    instance_masks.draw_by_cells(ax, scores, "of a perfect head")
    ax.set_ylim(0, 1.05)
    return [outlines, ceilings]


def _through_cells(masks: Tensor, boxes: Tensor, cells: int) -> Tensor:
    """True masks (G, H, W) as a perfect head of `cells` per side would predict them."""
    return ops.paste_masks(mask_targets(masks, boxes, cells)[:, None], boxes, masks.shape[-2:])[:, 0] > 0.5


def pool_or_align() -> Figure:
    """Mask AP with RoIPool and with RoIAlign on both tests."""
    named = {"RoIPool": "roi_pool_mask_AP", "RoIAlign": "roi_align_mask_AP"}
    groups = {label: dict(zip(TESTS, scores_of("pooling", key), strict=True)) for label, key in named.items()}
    return _bars(groups, "mask AP")


def boxes_and_masks() -> Figure:
    """AP of the boxes and of the masks of the shipped network, on both tests."""
    named = {"boxes": "AP", "masks": "mask_AP"}
    groups = {
        label: dict(zip(TESTS, scores_of("mask_rcnn_long", key), strict=True)) for label, key in named.items()
    }
    figure = _bars(groups, "AP")
    figure.set_size_inches(11.5, 2.7)
    return figure


def _bars(groups: dict[str, dict[str, tuple[float, float, float]]], ylabel: str) -> Figure:
    figure, ax = plt.subplots(figsize=(11.5, 4.1))
    draw_scores(ax, groups, ylabel, tuple(ON_TESTS.values()))
    ax.set(ylim=(0, 0.95), yticks=[0, 0.5])
    return figure
