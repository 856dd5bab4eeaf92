"""Part 2: YOLO in four steps, who owns an object, its loss by hand, and what it detects."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import OF_DETECTORS
from regression import bars, scores_of
from trained import DETECTORS, FIVE, confident, found_in, said, targets

from classroom import figures
from classroom.figures import canvas, enlarge, picture, words
from classroom.figures.grid import draw_grid, mark_cells, owner_cells, two_by_two
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, colour_of, draw_boxes
from coursekit.models.yolo import class_scores, decode_grid, yolo_loss

SIZE, GRID = (192, 192), (12, 12)
MUG = 1 + CLASSES.index("mug")
STEPS = (
    "1. a grid: 12 × 12 cells",
    "2. the cell with the centre is the owner",
    "3. each cell: B boxes, confidences; K classes",
    "4. score = confidence × class",
)
BOXES = (colour_of(6), ACCENT)
TERMS = {  # the sums of `loss_by_hand`, which a test works out
    "centre": "5 · (0² + 0.05²)",
    "size": "5 · (0² + (0.4 − 0.5)²)",
    "object": "(0.5 − 0.64)²",
    "no_object": "0.5 · (6 · 0.1² + 0.2²)",
    "class": "(0.7 − 1)² + 0.3²",
}


def yolo_in_four_steps() -> list[Figure]:
    """The grid; the owners; what the mug's cell predicts; its scores."""
    return [_step(step) for step in range(4)]


def _step(step: int) -> Figure:
    image, target = still_life("val")[FIVE]
    boxes, labels = target["boxes"], target["labels"]
    figure, ax = canvas(1150, 440)
    place = picture(ax, (0, 0), (440, 440), enlarge(image))
    draw_grid(place, (768, 768), GRID)
    cells = owner_cells(boxes, SIZE, GRID)
    if step == 1:
        for cell, box, label in zip(cells, boxes, labels, strict=True):
            mark_cells(place, cell[None], (768, 768), GRID, facecolor=colour_of(label), alpha=0.7)
            centre = 2 * (box[:2] + box[2:])
            place.plot(*centre, "o", color=colour_of(label), markeredgecolor="white", markersize=12)
        draw_boxes(place, None, 4 * boxes, labels, classes=CLASSES)
    for i, line in enumerate(STEPS[: step + 1]):
        words(ax, 490, 20 + 44 * i, line, 32, ha="left", colour=ACCENT if i == step else "black")
    if step > 1:
        cell = cells[(labels == MUG).nonzero()[0, 0]]
        mark_cells(place, cell[None], (768, 768), GRID, facecolor=colour_of(MUG), alpha=0.7)
        cell_says(ax, place, cell, step == 3)
    return figure


def cell_says(ax: Axes, place: Axes, cell: torch.Tensor, scored: bool) -> None:
    """Draw the boxes of a cell on the scene, and beside it their confidences and the best classes, or scores."""
    row, column = cell.tolist()
    grid = said("yolo", FIVE)
    boxes = decode_grid(grid.boxes[0], SIZE)[row, column]
    confidences, classes = grid.confidences[0, row, column], grid.classes[0, row, column]
    order = confidences.argsort(descending=True)
    shares, best = classes.topk(3)
    scores = class_scores(confidences, classes)
    for b, (i, colour) in enumerate(zip(order.tolist(), BOXES, strict=True)):
        draw_boxes(place, None, 4 * boxes[i][None], colour=colour)
        x = 812 + 200 * b
        words(ax, x, 222, f"box {b + 1}", 28, colour)
        words(ax, x, 258, f"{confidences[i]:.2f}", 32, colour)
        for k in range(3 if scored else 0):
            words(ax, x, 314 + 48 * k, f"{scores[i, best[k]]:.2f}", 30, colour)
    words(ax, 700, 258, "confidence", 28, ha="right")
    for k in range(3):
        label = int(best[k]) + 1
        words(
            ax, 700, 314 + 48 * k, f"{CLASSES[label - 1]} {shares[k]:.2f}", 28, colour_of(label), ha="right"
        )


def who_owns_an_object() -> Figure:
    """A scene in which two centres lie in one cell of 12 x 12."""
    return figures.grid.cell_ownership(figsize=(4.4, 4.4))


def objects_without_a_cell() -> Figure:
    """The share of the training objects that share a cell with another, for four grids."""
    dataset, cells = still_life("train"), (3, 5, 7, 12)
    boxes = [
        ops.box_convert(torch.tensor([a["bbox"] for a in dataset.annotations_of(i)]).float(), "xywh", "xyxy")
        for i in range(len(dataset))
    ]
    return figures.grid.lost_against_cells(cells, figures.grid.objects_lost(boxes, SIZE, cells), (6.2, 4.0))


def confidence_times_class() -> Figure:
    """How confident each cell is of a box, how likely a mug is if there is something, and their product."""
    grid = said("yolo", FIVE)
    confidence, mug = grid.confidences[0].amax(-1), grid.classes[0, :, :, MUG - 1]  # (12, 12) each
    maps = {"confidence": confidence, "mug, if anything": mug, "score for mug": confidence * mug}
    figure, ax = canvas(1150, 380)
    for i, (title, values) in enumerate(maps.items()):
        place = picture(ax, (405 * i, 46), (334, 334), enlarge(still_life("val")[FIVE][0]))
        look = {"cmap": "magma", "vmin": 0, "vmax": 1, "extent": (0, 768, 768, 0), "interpolation": "nearest"}
        place.imshow(values.numpy(), alpha=0.8, **look)
        words(ax, 405 * i + 167, 20, title, 32, colour="black")
        if i < 2:
            words(ax, 405 * i + 370, 213, "×="[i], 52, colour="black")
    return figure


def two_by_two_grid() -> Figure:
    """The example of the loss by hand: one object, four cells, two boxes each."""
    return figures.grid.loss_by_hand(figsize=(9.0, 2.7))


def terms_by_hand() -> list[Figure]:
    """The five terms of the loss of the 2 x 2 grid, one more at each step, and at last their sum."""
    terms = {name: term.item() for name, term in yolo_loss(*two_by_two()).items()}
    return [_terms(terms, count) for count in range(1, 6)]


def _terms(terms: dict[str, float], count: int) -> Figure:
    figure, ax = canvas(1150, 210)
    for i, (name, value) in enumerate(list(terms.items())[:count]):
        x, y = (0, 590)[i > 2], 26 + 66 * (i % 3)
        words(ax, x, y, name.replace("_", " "), 30, ACCENT, ha="left")
        words(ax, x + 155, y, f"{TERMS[name]} = {value:.4f}", 30, ha="left")
    if count == len(terms):
        words(ax, 590, 158, "sum", 30, "black", ha="left")
        words(ax, 745, 158, f"{sum(terms.values()):.4f}", 30, "black", ha="left")
    return figure


def yolo_after_ninety_seconds() -> Figure:
    """What the first YOLO detects in four scenes of val with a score of at least 0.2; dashed: ground truth."""
    figure, ax = canvas(1150, 275)
    for i, scene in enumerate((FIVE, 20, 22, 23)):
        place = picture(ax, (292 * i, 0), (274, 274), enlarge(still_life("val")[scene][0]))
        shown = confident(found_in("yolo", scene), 0.2)
        draw_boxes(place, None, 4 * targets("val")[scene]["boxes"], colour="black", dashed=True)
        draw_boxes(place, None, 4 * shown["boxes"], shown["labels"], classes=[""] * len(CLASSES))
    return figure


def yolo_then_and_now() -> Figure:
    """AP of the first and of the modern YOLO on both tests."""
    figure, ax = plt.subplots(figsize=(4.8, 3.9))
    groups = {DETECTORS[name]: scores_of(name, "AP") for name in ("yolo", "yolo_modern")}
    bars(ax, groups, (OF_DETECTORS["yolo"], OF_DETECTORS["yolo_modern"]))
    ax.set(ylabel="AP", ylim=(0, 0.75), yticks=[0, 0.25, 0.5, 0.75])
    figure.legend(*ax.get_legend_handles_labels(), ncols=2, loc="outside lower center")
    return figure
