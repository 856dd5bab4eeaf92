"""Part 2: non-maximum suppression, round by round, and what a detector is worth without it."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import QUIET
from meanings import RIGHT as KEPT
from recorded import recorded
from torch import Tensor
from trained import DETECTORS, detector, features, found, scenes, targets

from classroom.figures import canvas, enlarge, picture, words
from classroom.step_by_step.suppression import Round, nms_rounds
from coursekit import ops, training
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


@recorded
def _ap50_of_sets() -> dict[str, dict[str, float]]:
    """AP50 on val with every box and after suppression, of RetinaNet and of both DETRs."""
    sets = {"DETR, 2020": found("detr", "val"), "modern DETR": found("detr_modern", "val")}
    every = {"RetinaNet": unsuppressed("retinanet", scenes("val"))} | sets
    suppressed = {name: [_suppressed(p) for p in predictions] for name, predictions in sets.items()}
    after = {"RetinaNet": found("retinanet", "val")} | suppressed
    return {
        label: {name: coco_metrics(found_by[name], targets("val"))["AP50"] for name in every}
        for label, found_by in (("every box", every), ("after suppression", after))
    }


def _suppressed(prediction: Prediction) -> Prediction:
    boxes, labels, scores = (prediction[key] for key in ("boxes", "labels", "scores"))
    kept = ops.batched_nms(boxes, scores, labels, 0.5)
    return {key: value[kept] for key, value in prediction.items()}


def suppression_step_by_step() -> list[Figure]:
    """All lemons of the modern YOLO on a scene with two; the rounds of suppression; what is left."""
    (all_boxes,) = unsuppressed("yolo_modern", [(features(TWO_LEMONS), targets("val")[TWO_LEMONS])])
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


@recorded
def _ap50_of_suppression() -> dict[str, list[float]]:
    """AP50 of each detector on val without suppression and with it."""
    both = {name: (unsuppressed(name, scenes("val")), found(name, "val")) for name in WITH_NMS}
    return {name: [coco_metrics(p, targets("val"))["AP50"] for p in each] for name, each in both.items()}


def with_and_without_suppression() -> Figure:
    """AP50 of three detectors on the validation scenes, with suppression and without."""
    figure, ax = plt.subplots(figsize=(11.5, 3.8))
    for i, (without, kept) in enumerate(_ap50_of_suppression().values()):
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
