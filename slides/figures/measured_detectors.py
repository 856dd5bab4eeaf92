"""Part 2: average precision by hand and over thresholds, where it is lost, and what it costs in time."""

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from meanings import OF_DETECTORS, ON_TESTS, RIGHT
from recorded import recorded
from regression import TESTS, measured, scores_of
from torchvision.transforms.v2.functional import resized_crop
from trained import DETECTORS, found, found_in, images_per_second, targets

from classroom.figures import canvas, draw_interpolation, draw_precision_recall, enlarge, picture, words
from classroom.figures.measuring import draw_error_budget, draw_speed_accuracy
from classroom.figures.two_stage_costs import draw_scores
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, draw_boxes
from coursekit.metrics import coco_curves, error_budget, judge_detections, precision_recall
from coursekit.metrics.average_precision import METHODS
from coursekit.metrics.coco_matching import THRESHOLDS
from coursekit.metrics.error_budget import ErrorBudget
from coursekit.published import record

TEN = slice(60, 80)  # scenes of val in which ten detections are judged by hand
PEAR = 1 + CLASSES.index("pear")
COLOURS = {name: OF_DETECTORS[name] for name in DETECTORS}
LEMON = 28  # a scene of single_val
BENCH = {
    "yolo": "YOLO",
    "yolo_modern": "modern YOLO",
    "ssd": "SSD",
    "retinanet": "RetinaNet",
    "faster_rcnn": "Faster R-CNN",
}
SPLITS = ("test_scenes", "test_objects")
SEED = 1  # of all runs that are compared; a run of 90 seconds of Faster R-CNN is published for this one
RUNS = {
    "SSD,\n90 s": ("ssd", 1050),
    "RetinaNet,\n90 s": ("retinanet", 1050),
    "Faster R-CNN,\n90 s": ("faster_rcnn", 850),
    "Faster R-CNN,\n180 s": ("faster_rcnn", 1700),
}


def same_data_same_budget() -> Figure:
    """AP and AP50 of the four detectors on both tests."""
    recipes = {name: recipe for recipe, name in DETECTORS.items()}
    return measured(recipes, {"AP": "AP", "AP50": "AP50"}, tuple(COLOURS.values()), 400)


def right_at_which_iou() -> list[Figure]:
    """Boxes with an IoU of 0.5, 0.75 and 0.9; and what AP becomes when the IoU threshold rises."""
    return [_three_overlaps(), _ap_over_thresholds()]


def _three_overlaps() -> Figure:
    image, target = still_life("single_val")[LEMON]
    truth = target["boxes"]
    figure, ax = canvas(1150, 430)
    for i, wanted in enumerate((0.5, 0.75, 0.9)):
        guess = shifted_to(truth, wanted)
        place = picture(ax, (400 * i, 0), (350, 350), enlarge(image))
        draw_boxes(place, None, 4 * truth, colour="black", dashed=True)
        draw_boxes(place, None, 4 * guess)
        iou = ops.box_iou(truth, guess).item()
        words(ax, 400 * i + 175, 386, f"IoU {iou:.2f}", 32, ACCENT)
    return figure


def shifted_to(box: torch.Tensor, wanted: float) -> torch.Tensor:
    """The box (1, 4), moved to the lower right until its IoU with itself is `wanted`."""
    sides = box[:, 2:] - box[:, :2]
    moved = box + torch.linspace(0, 1, 1001)[:, None] * torch.cat([sides, sides], 1)  # (1001, 4)
    return moved[(ops.box_iou(box, moved)[0] - wanted).abs().argmin()][None]


def _ten_detections() -> tuple[list[tuple], int]:
    """(scene, box, score, right) of YOLO's ten most confident pears in some scenes, and how many pears there are."""
    predictions, truth = [found_in("yolo", i) for i in range(*TEN.indices(200))], targets("val")[TEN]
    judged = judge_detections(predictions, truth)
    pears = [i for i in judged.found.score.argsort()[::-1] if judged.found.label[i] == PEAR][:10]
    flat = torch.cat([p["boxes"] for p in predictions])
    rows = [
        (
            TEN.start + int(judged.found.image[i]),
            flat[i],
            float(judged.found.score[i]),
            judged.kind[i] == "right",
        )
        for i in pears
    ]
    return rows, int((judged.true.label == PEAR).sum())


def precision_recall_by_hand() -> list[Figure]:
    """Ten detections by falling score; precision and recall after 1, 3, 6 and all of them."""
    rows, pears = _ten_detections()
    return [by_hand(rows, pears, count) for count in (1, 3, 6, 10)]


def by_hand(rows: list[tuple], pears: int, count: int) -> Figure:
    figure, ax = canvas(1150, 480)
    right = [row[-1] for row in rows]
    precision, recall = precision_recall(right, pears)
    for y, name in ((106, "score"), (174, "precision"), (206, "recall")):
        words(ax, 0, y, name, 25, ha="left")
    for i, (scene, box, score, is_right) in enumerate(rows):
        x, colour = 101 * i + 194, RIGHT if is_right else ACCENT
        place = picture(ax, (x - 44, 0), (88, 88), crop(scene, box))
        words(ax, x, 106, f"{score:.2f}", 25)
        if i >= count:
            continue
        frame = {"fill": False, "edgecolor": colour, "linewidth": 10}
        place.add_patch(Rectangle((0, 0), 1, 1, transform=place.transAxes, **frame))
        words(ax, x, 140, "right" if is_right else "wrong", 25, colour)
        words(ax, x, 174, two_digits(precision[i]), 25)
        words(ax, x, 206, two_digits(recall[i]), 25)
    curve = ax.inset_axes((196, 240, 910, 146), transform=ax.transData)
    draw_precision_recall(curve, right, pears, count)
    return figure


def two_digits(share: float) -> str:
    """Return a share as on paper: 5/8 is 0.63, though the nearest even digit would be 2."""
    return f"{share + 1e-9:.2f}"


def crop(scene: int, box: torch.Tensor) -> torch.Tensor:
    """The part of a scene that a detection is about, with a margin, as a square of 176 pixels."""
    image, _ = still_life("val")[scene]
    (cx, cy), side = ((box[:2] + box[2:]) / 2).tolist(), 1.3 * float((box[2:] - box[:2]).max())
    top, left = (min(max(centre - side / 2, 0), 192 - side) for centre in (cy, cx))
    return resized_crop(image, round(top), round(left), round(side), round(side), [176, 176])


def three_interpolations() -> Figure:
    """The same ten detections, and three ways to take the mean of the curve."""
    rows, pears = _ten_detections()
    figure, axes = plt.subplots(1, 3, figsize=(11.5, 3.9), sharey=True)
    for ax, method in zip(axes, METHODS, strict=True):
        draw_interpolation(ax, [row[-1] for row in rows], pears, method)
    for ax in axes[1:]:
        ax.set_ylabel("")
    return figure


@recorded
def _ap_of_thresholds() -> dict[str, list[float]]:
    """AP of each detector on val at each of COCO's IoU thresholds."""
    precision = {
        name: coco_curves(found(name, "val"), targets("val")).precision[:, :, :, 0]  # (10, 101, K)
        for name in DETECTORS
    }
    return {name: each.mean((1, 2)).tolist() for name, each in precision.items()}


def _ap_over_thresholds() -> Figure:
    figure, ax = plt.subplots(figsize=(11.5, 4.3))
    for name, ap in _ap_of_thresholds().items():
        mean = sum(ap) / len(ap)
        ax.plot(THRESHOLDS, ap, "o-", color=COLOURS[name], label=f"{DETECTORS[name]}: AP {mean:.2f}")
    ax.set(xlabel="IoU threshold", ylabel="average precision", ylim=(0, 1), yticks=[0, 0.5, 1])
    ax.set_xticks([0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95], ["0.5", "0.6", "0.7", "", "0.8", "0.9", ""])
    ax.legend(loc="lower left")
    return figure


@recorded
def _error_budgets() -> dict[str, tuple]:
    """Of two detectors on val: AP50, how many errors of each kind, and what AP50 fixing them would gain."""
    return {name: tuple(error_budget(found(name, "val"), targets("val"))) for name in ("yolo", "retinanet")}


def where_precision_is_lost() -> Figure:
    """How much AP50 the first YOLO and RetinaNet would gain if there were no errors of one kind."""
    budgets = {DETECTORS[name]: ErrorBudget(*budget) for name, budget in _error_budgets().items()}
    figure, ax = plt.subplots(figsize=(11.5, 4.2))
    ax.set_prop_cycle(color=[COLOURS[name] for name in _error_budgets()])
    draw_error_budget(ax, budgets)
    return figure


def speed_against_accuracy() -> Figure:
    """AP against milliseconds per image on one core, of five detectors, on both tests."""
    named = DETECTORS | {"faster_rcnn": "Faster R-CNN"}
    speeds = {named[name]: 1000 / each for name, each in images_per_second(BENCH).items()}
    figure, axes = plt.subplots(1, 2, figsize=(11.5, 4.2), sharey=True)
    for ax, test, name in zip(axes, range(2), TESTS, strict=True):
        ax.set_prop_cycle(color=[OF_DETECTORS[name] for name in named])
        scores = {label: scores_of(recipe, "AP")[test] for recipe, label in named.items()}
        draw_speed_accuracy(ax, {label: (each,) * 3 for label, each in speeds.items()}, scores, name)
        ax.set(xlim=(0, 1.2 * max(speeds.values())), ylim=(0.35, 0.68), yticks=[0.4, 0.5, 0.6])
    axes[1].set_ylabel("")
    figure.legend(
        *axes[0].get_legend_handles_labels(),
        ncols=5,
        loc="outside lower center",
        columnspacing=0.8,
        handletextpad=0.2,
    )
    return figure


def one_stage_or_two() -> Figure:
    """AP of SSD, RetinaNet and Faster R-CNN after equal time, and of Faster R-CNN after twice as much, on both tests."""
    groups = {}
    for label, (recipe, steps) in RUNS.items():
        by_test = record(recipe, SEED, steps)["scores"]
        groups[label] = {test: by_test[split]["AP"] for test, split in zip(TESTS, SPLITS, strict=True)}
    figure, ax = plt.subplots(figsize=(11.5, 4.3))
    draw_scores(ax, groups, colours=tuple(ON_TESTS.values()))
    ax.set(ylim=(0, 0.75), yticks=[0, 0.25, 0.5, 0.75])
    return figure
