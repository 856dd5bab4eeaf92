"""Part 2: non-maximum suppression, round by round, and what a detector is worth without it."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import QUIET
from meanings import RIGHT as KEPT
from torch import Tensor
from trained import DETECTORS, detector, found, scenes, targets

from classroom.figures import canvas, enlarge, picture, words
from classroom.step_by_step.suppression import Round, nms_rounds
from coursekit import training
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, PALETTE, draw_boxes
from coursekit.metrics import coco_metrics
from coursekit.schema import Prediction

TWO_LEMONS, LEMON = 127, 1 + CLASSES.index("lemon")
WAITING = PALETTE[5]
OVERLAP, SURE = 0.5, 0.5  # the IoU beyond which a box goes; the score from which on a candidate is drawn
WITH_NMS = ("yolo", "yolo_modern", "retinanet")


def _keep_everything(boxes: Tensor, *_rest) -> Tensor:
    return torch.arange(len(boxes))


def unsuppressed(name: str, dataset: list) -> list[Prediction]:
    """What a detector outputs if nothing is suppressed: at most 100 boxes per image, as always."""
    model = detector(name)
    usual, model.nms = model.nms, _keep_everything
    try:
        return training.predict(model, dataset)
    finally:
        model.nms = usual


def suppression_step_by_step() -> list[Figure]:
    """All lemons of the modern YOLO on a scene with two; the rounds of suppression; what is left."""
    (all_boxes,) = unsuppressed("yolo_modern", [scenes("val")[TWO_LEMONS]])
    shown = (all_boxes["labels"] == LEMON) & (all_boxes["scores"] >= SURE)
    boxes, scores = all_boxes["boxes"][shown], all_boxes["scores"][shown]
    rounds = nms_rounds(boxes, scores, OVERLAP)
    lines = [[(WAITING, f"{len(boxes)} boxes for two lemons")]]
    for now in rounds:
        lines.append(
            [
                (KEPT, f"keep the best that is left: {scores[now.best]:.2f}"),
                (ACCENT, f"remove {len(now.removed)}: their IoU with it is above {OVERLAP}"),
                (WAITING, f"{len(now.waiting)} are left"),
            ]
        )
    lines.append([(KEPT, f"{len(rounds)} boxes are kept")])
    return [_suppressing(boxes, scores, rounds, step, lines[step]) for step in range(len(lines))]


def _suppressing(boxes: Tensor, scores: Tensor, rounds: list, step: int, lines: list[tuple]) -> Figure:
    figure, ax = canvas(1150, 440)
    place = picture(ax, (0, 0), (440, 440), enlarge(still_life("val")[TWO_LEMONS][0]))
    kept = [now.best for now in rounds]
    if step == 0:
        draw_boxes(place, None, 4 * boxes, colour=WAITING)
    elif step <= len(rounds):
        draw_round(place, 4 * boxes, scores, rounds[step - 1])
    else:
        draw_boxes(place, None, 4 * boxes[kept], None, scores[kept], colour=KEPT)
    for i, (colour, line) in enumerate(lines):
        words(ax, 490, 150 + 64 * i, line, 34, colour, ha="left")
    return figure


def with_and_without_suppression() -> Figure:
    """AP50 of three detectors on the validation scenes, with suppression and without."""
    figure, ax = plt.subplots(figsize=(11.5, 3.8))
    for i, name in enumerate(WITH_NMS):
        without = coco_metrics(unsuppressed(name, scenes("val")), targets("val"))["AP50"]
        kept = coco_metrics(found(name, "val"), targets("val"))["AP50"]
        for shift, value, colour, label in (
            (-0.2, without, QUIET, "every box"),
            (0.2, kept, KEPT, "after suppression"),
        ):
            ax.bar(i + shift, value, 0.38, color=colour, label=None if i else label)
            ax.text(i + shift, value + 0.02, f"{value:.2f}", ha="center", fontweight="bold", fontsize="small")
    ax.set(xticks=range(len(WITH_NMS)), xticklabels=[DETECTORS[name] for name in WITH_NMS])
    ax.set(ylabel="AP50", ylim=(0, 1.1), yticks=[0, 0.5, 1], xlim=(-0.6, 3.6))
    ax.legend(loc="center right")
    return figure


def draw_round(ax: Axes, boxes: Tensor, scores: Tensor, now: Round) -> None:
    """Draw the boxes (N, 4) of a round: the best and the kept in green, the removed dashed, the waiting in blue."""
    draw_boxes(ax, None, boxes[list(now.removed)], colour=ACCENT, dashed=True)
    draw_boxes(ax, None, boxes[now.waiting], colour=WAITING)
    chosen = [*now.kept, now.best]
    draw_boxes(ax, None, boxes[chosen], None, scores[chosen], colour=KEPT)
