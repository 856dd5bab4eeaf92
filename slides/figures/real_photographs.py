"""Part 4: detectors that were trained on rendered scenes, on real photographs; and where detectors fail."""

from functools import cache, partial

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from recorded import recorded
from state_of_the_art import COLOURS, DETECTORS
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur
from trained import BLUE, QUIET, confident, detector, found, scenes, targets

from classroom.figures import canvas, enlarge, picture, words
from coursekit import training
from coursekit.data.objects import Picked
from coursekit.data.photos import photo, photo_target
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.transforms import resize
from coursekit.draw import ACCENT, draw_boxes
from coursekit.metrics import coco_metrics, judge_detections
from coursekit.models.yolox_nano import COCO_CLASSES
from coursekit.ops import box_iou
from coursekit.schema import Prediction

LONGEST, SHOWN = 192, 45
PRECISE, CHOSEN_ON = 0.9, 40  # of the detections on some scenes of val a threshold lets be right
MUG, CUP = 1 + CLASSES.index("mug"), 1 + COCO_CLASSES.index("cup")
WITHOUT = ("astronaut", "camera", "chelsea", "coins", "rocket")  # photographs with none of the ten classes
SIDES = tuple(range(96, 385, 32))  # pixels of the longer side
FOUR = {name: COLOURS[name] for name in ("retinanet", "faster_rcnn", "detr_modern")} | {"yolox_nano": ACCENT}
COCO = {"yolox_nano": "YOLOX-Nano, COCO"}
SIX = ("retinanet", "fcos", "faster_rcnn", "mask_rcnn", "detr_modern", "yolox_nano")
SCENES = 100  # of val that are looked at
# As published on COCO val: AP of objects below 32 x 32 pixels, between, and above 96 x 96.
BY_SIZE = {
    "DETR, 2020": (20.5, 45.8, 61.1),  # Carion et al., table 1, ResNet-50
    "RF-DETR-2XL, 2025": (43.2, 64.8, 76.0),  # Roboflow's model leaderboard, run of 2026-01-15
}


def threshold(name: str) -> float:
    """The lowest score from which nine of ten detections on the validation scenes are right; 0.3 for that of COCO."""
    return _thresholds()[name]


@recorded
def _thresholds() -> dict[str, float]:
    """The threshold of each detector."""
    return {name: _threshold(name) for name in dict.fromkeys([*DETECTORS, *FOUR, *SIX])}


def _threshold(name: str) -> float:
    if name in COCO:
        return 0.3
    few = Picked(scenes("val"), range(CHOSEN_ON))
    judged = judge_detections(training.predict(detector(name), few), targets("val")[:CHOSEN_ON])
    order = judged.found.score.argsort()[::-1]
    right = torch.from_numpy(judged.kind[order] == "right").float()
    precision = right.cumsum(0) / torch.arange(1, len(right) + 1)
    return float(judged.found.score[order[int((precision >= PRECISE).nonzero().max())]])


@torch.no_grad()
def seen(name: str, image: Tensor, least: float | None = None) -> Prediction:
    """The detections of a shipped detector in an image (3, H, W), from its threshold on, or from another."""
    return confident(detector(name)([image])[0], threshold(name) if least is None else least)


def made_smaller(name: str, longest: int = LONGEST) -> tuple[Tensor, Tensor]:
    """A photograph with this longer side, and its true boxes (G, 4)."""
    image = photo(name)
    scale = longest / max(image.shape[1:])
    image, target = resize(image, photo_target(name), tuple(round(scale * side) for side in image.shape[1:]))
    return image, target["boxes"]


def rendered_and_real() -> Figure:
    """RetinaNet, trained on rendered scenes: its detections in a new one, and in a photograph."""
    rendered, (real, _) = still_life("val")[SHOWN][0], made_smaller("coffee")
    figure, ax = canvas(1150, 300)
    for x, width, image in ((120, 300, rendered), (560, 450, real)):
        shown = seen("retinanet", image, 0.4)
        place = picture(ax, (x, 0), (width, 300), enlarge(image))
        draw_boxes(place, None, 4 * shown["boxes"], shown["labels"], classes=CLASSES)
    return figure


def one_photograph_six_detectors() -> Figure:
    """A photograph of a cup with what six detectors find in it, and how well the box of a mug, or cup, fits."""
    figure, ax = canvas(1150, 470)
    for i, name in enumerate(SIX):
        x, y = 395 * (i % 3), 240 * (i // 3)
        image, shown, iou = cup_found(name)
        place = picture(ax, (x, y), (300, 200), enlarge(image))
        colours = torch.full_like(shown["labels"], MUG) if name in COCO else shown["labels"]
        draw_boxes(place, None, 4 * shown["boxes"], colours, classes=[""] * len(CLASSES))
        fit = "no mug" if iou is None else f"IoU {iou:.2f}"
        words(ax, x, y + 218, f"{label_of(name)}: {fit}", 26, ACCENT if name in COCO else "black", ha="left")
    return figure


def label_of(name: str) -> str:
    return COCO.get(name) or DETECTORS[name][0]


@cache
def cup_found(name: str) -> tuple[Tensor, Prediction, float | None]:
    """The photograph, a detector's confident boxes, and the IoU of its best mug or cup with the true one."""
    label, longest = (CUP, 416) if name in COCO else (MUG, LONGEST)
    image, true = made_smaller("coffee", longest)
    shown = seen(name, image)
    cups = shown["boxes"][shown["labels"] == label]
    small = made_smaller("coffee")[0]
    iou = float(box_iou(cups, true[:1]).max()) if len(cups) else None
    return small, shown | {"boxes": shown["boxes"] * LONGEST / longest}, iou


@recorded
def _cup_scores() -> dict[str, list[float]]:
    """The score of a right box of the cup for each of SIDES, for each detector."""
    return {name: [cup_score(name, side) for side in SIDES] for name in FOUR}


def cup_at_many_sizes() -> Figure:
    """The score of a right box of the cup against the longer side of the photograph."""
    figure, ax = plt.subplots(figsize=(6.1, 4.2))
    for name, scores in _cup_scores().items():
        colour = FOUR[name]
        ax.plot(SIDES, scores, "o-", color=colour, label=label_of(name), markersize=9)
    ax.set(xlabel="longer side, pixels", ylabel="score of the cup", ylim=(-0.03, 1.03), yticks=[0, 0.5, 1])
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1)
    return figure


@recorded
def _all_false_alarms() -> dict[str, int]:
    """How many objects each detector finds in photographs that have none of its ten classes."""
    return {name: _false_alarms(name) for name in DETECTORS}


def found_where_nothing_is() -> Figure:
    """How many objects each detector finds in five photographs that have none of its ten classes."""
    alarms = {DETECTORS[name][0]: count for name, count in _all_false_alarms().items()}
    figure, ax = plt.subplots(figsize=(4.7, 4.5))
    ax.bar_label(
        ax.barh(range(len(alarms)), list(alarms.values()), color=ACCENT), padding=4, fontsize="small"
    )
    ax.set_yticks(range(len(alarms)), list(alarms))
    ax.invert_yaxis()
    ax.margins(x=0.15)
    ax.set(xlabel="false alarms", xticks=[])
    return figure


@cache
def cup_score(name: str, side: int) -> float:
    """The highest score of a mug, or cup, whose box fits the true one with an IoU of at least a half; 0 without one."""
    image, true = made_smaller("coffee", side)
    shown = seen(name, image, 0.0)
    right = (shown["labels"] == (CUP if name in COCO else MUG)) & (
        box_iou(shown["boxes"], true[:1])[:, 0] >= 0.5
    )
    return float(shown["scores"][right].max()) if right.any() else 0.0


def _false_alarms(name: str) -> int:
    """How many confident objects a detector of the ten classes finds in photographs without any."""
    return sum(len(seen(name, made_smaller(each)[0])["boxes"]) for each in WITHOUT)


# ---- where detectors fail


def noisy(image: Tensor) -> Tensor:
    """The image with noise of a tenth of the range, the same each time."""
    generator = torch.Generator().manual_seed(0)
    return (image + 0.1 * torch.randn(image.shape, generator=generator)).clamp(0, 1)


SHIFTS = {
    "as it is": lambda image: image,
    "a third of the light": lambda image: image / 3,
    "out of focus": partial(gaussian_blur, kernel_size=[13, 13], sigma=[2.5, 2.5]),
    "noise": noisy,
}


def shifted_images() -> Figure:
    """A photograph and what becomes of it; the COCO detector's boxes in each, and RetinaNet's AP on scenes changed alike."""
    image = photo("astronaut")
    figure, ax = canvas(1150, 400)
    for i, (name, change) in enumerate(SHIFTS.items()):
        shown = seen("yolox_nano", change(image))
        place = picture(ax, (292 * i, 0), (274, 274), change(image))
        draw_boxes(place, None, shown["boxes"], shown["labels"], shown["scores"], COCO_CLASSES)
        words(ax, 292 * i + 137, 300, name, 30)
        words(ax, 292 * i + 137, 350, f"AP {_aps_of_shifts()[name]:.2f}", 36, ACCENT if i else "black")
    words(ax, 575, 388, f"AP: RetinaNet on {SCENES} validation scenes, changed in the same way", 25)
    return figure


@recorded
def _aps_of_shifts() -> dict[str, float]:
    """AP of RetinaNet on some validation scenes after each of SHIFTS."""
    return {name: shifted_ap(name) for name in SHIFTS}


@torch.no_grad()
def shifted_ap(name: str) -> float:
    """AP of RetinaNet on some validation scenes whose images are changed in one of SHIFTS."""
    if name == "as it is":
        predictions = found("retinanet", "val")[:SCENES]
    else:
        images = [SHIFTS[name](still_life("val")[i][0]) for i in range(SCENES)]
        predictions = [
            detection for i in range(0, SCENES, 20) for detection in detector("retinanet")(images[i : i + 20])
        ]
    return coco_metrics(predictions, targets("val")[:SCENES])["AP"]


@recorded
def _aps_by_size() -> dict[str, list[float]]:
    """AP of two detectors on val, for small, medium and large objects."""
    numbers = {
        name: coco_metrics(found(name, "val"), targets("val")) for name in ("retinanet", "detr_modern")
    }
    return {name: [each[f"AP{size}"] for size in "sml"] for name, each in numbers.items()}


def small_medium_large() -> Figure:
    """AP of small, medium and large objects: of two detectors on COCO, as published, and of ours on validation scenes."""
    sizes = _aps_by_size()
    ours = {f"{DETECTORS[name][0]}, ours": tuple(100 * ap for ap in sizes[name]) for name in sizes}
    figure, axes = plt.subplots(1, 2, figsize=(11.5, 3.9), sharey=True)
    for ax, rows, title in zip(axes, (BY_SIZE, ours), ("COCO, published", "still lifes, val"), strict=True):
        _draw_sizes(ax, rows)
        ax.set_title(title)
        ax.legend(loc="upper left")
    axes[0].set_ylabel("AP, per cent")
    return figure


def _draw_sizes(ax: Axes, rows: dict[str, tuple[float, ...]]) -> None:
    """Draw a group of bars per size of the objects, in it a bar per detector."""
    for i, ((name, values), colour) in enumerate(zip(rows.items(), (QUIET, BLUE), strict=True)):
        bars = ax.bar([j + 0.4 * i - 0.2 for j in range(3)], values, 0.38, color=colour, label=name)
        ax.bar_label(bars, fmt="%.0f", fontsize="small")
    ax.set(xticks=range(3), xticklabels=("small", "medium", "large"), ylim=(0, 138), yticks=[0, 50, 100])
