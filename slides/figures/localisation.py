"""Part 1: one photograph and five questions, one box, intersection over union, formats."""

from functools import cache

import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor
from torchvision.transforms.v2.functional import center_crop, resize

from classroom import figures
from classroom.deck import Widget
from classroom.figures import TASKS, Answers, arrow, canvas, enlarge, picture, words
from classroom.widgets import BoxIoU, page
from coursekit import ops
from coursekit.data.photos import photo
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, PALETTE, draw_boxes, overlap
from coursekit.models.yolox_nano import COCO_CLASSES, yolox_nano
from coursekit.nets.efficientnet import efficientnet_lite0, imagenet_classes

BLUE, PALE = PALETTE[5], "0.55"
FIELDS = (
    "classification",
    "localisation",
    "object detection",
    "semantic segmentation",
    "instance segmentation",
)
FORMATS = {"xyxy": "torchvision, coursekit", "xywh": "COCO's files", "cxcywh": "YOLO, DETR"}
CUP = ("espresso", "cup", "coffee mug", "soup bowl")
SPOON = ("wooden spoon", "ladle", "spatula")
APPLE, LEMON, MUG = 7, 28, 29  # scenes of single_val
THREE, TABLE = 22, 45  # scenes of val
LABEL = {"facecolor": "white", "edgecolor": "none", "pad": 2}


@cache
def _classifier() -> torch.nn.Module:
    return efficientnet_lite0().eval()


@torch.no_grad()
def top_classes(image: Tensor, count: int) -> list[tuple[str, float]]:
    """The ImageNet classes that the classifier rates most likely, and their probabilities."""
    square = center_crop(resize(image, [256]), [224])
    shares, indices = _classifier().logits(square[None]).softmax(-1)[0].topk(count)
    return [(imagenet_classes()[i], float(share)) for share, i in zip(shares, indices, strict=True)]


@torch.no_grad()
def class_map(image: Tensor, names: tuple[str, ...]) -> Tensor:
    """(H, W): where a cell of 32 pixels shows one of these ImageNet classes with a probability above 1/4."""
    network = _classifier()
    cells = network.head[0](network(image[None])["C5"])[0]  # (1280, h, w)
    scores = torch.einsum("kc,chw->khw", network.head[3].weight, cells).softmax(0)  # (1000, h, w)
    chosen = scores[[imagenet_classes().index(name) for name in names]].sum(0)
    return F.interpolate(chosen[None, None], size=image.shape[1:], mode="bilinear")[0, 0] > 0.25


@cache
def _coffee() -> tuple[Tensor, Answers]:
    """The photograph, and what two networks predict for it."""
    image = photo("coffee")
    found = yolox_nano().eval().detect([image])[0]
    cup, spoon = (1 + COCO_CLASSES.index(name) for name in ("cup", "spoon"))
    box = found["boxes"][found["labels"] == cup][0]
    maps = torch.stack([class_map(image, CUP), class_map(image, SPOON)])
    inside = torch.zeros_like(maps[0])
    x1, y1, x2, y2 = box.round().int().tolist()
    inside[y1:y2, x1:x2] = True
    name, share = top_classes(image, 1)[0]
    answers = Answers(
        f"{name} {share:.2f}",
        box,
        found["boxes"],
        found["labels"],
        maps,
        torch.tensor([cup, spoon]),
        (maps[0] & inside)[None],
        torch.tensor([cup]),
    )
    return image, answers


def five_questions() -> list[Figure]:
    """One photograph; each step answers one more question."""
    image, answers = _coffee()
    return [question(image, answers, step) for step in range(5)]


def question(image: Tensor, answers: Answers, step: int) -> Figure:
    figure, ax = canvas(1150, 490)
    place = picture(ax, (0, 0), (735, 490), image)
    figures.draw_task(place, TASKS[step], answers, COCO_CLASSES)
    if step == 0:
        words(ax, 24, 452, answers.what, 38, ha="left", on=ACCENT)
    for i, (task, field) in enumerate(zip(TASKS, FIELDS, strict=True)):
        y, colour = 30 + 99 * i, "black" if i <= step else PALE
        bold = ACCENT if i == step else colour
        words(ax, 775, y, task.capitalize(), 36, ha="left", colour=bold)
        words(ax, 775, y + 40, field, 27, ha="left", color=colour)
    return figure


def one_list() -> Figure:
    """A scene with one object, a scene with five, and the classifier's list for each."""
    figure, ax = canvas(1150, 450)
    for x, image in ((0, still_life("single_val")[APPLE][0]), (600, still_life("val")[TABLE][0])):
        picture(ax, (x + 125, 0), (300, 300), enlarge(image))
        for i, (name, share) in enumerate(top_classes(image, 3)):
            y, colour = 336 + 46 * i, ACCENT if not i else PALE
            ax.add_patch(Rectangle((x + 215, y - 14), 260 * share, 28, color=colour))
            words(ax, x + 205, y, name, 27, ha="right")
            words(ax, x + 223 + 260 * share, y, f"{share:.2f}", 27, ha="left")
    return figure


def measure(ax: Axes, start: tuple, end: tuple, text: str, at: tuple, colour: str = "black") -> None:
    """Draw an arrow with two heads and a word beside it."""
    arrow(ax, start, end, colour, arrowstyle="<|-|>", mutation_scale=20)
    words(ax, *at, text, 30, colour=colour, bbox=LABEL)


def four_numbers() -> Figure:
    """An object, its box, and what x, y, w and h measure."""
    image, target = still_life("single_val")[MUG]
    figure, ax = canvas(520, 520)
    place = picture(ax, (0, 0), (520, 520), enlarge(image))
    draw_boxes(place, None, target["boxes"] * 4)
    x1, y1, x2, y2 = (target["boxes"][0] * 520 / 192).tolist()
    middle = (y1 + y2) / 2
    measure(ax, (0, middle), (x1, middle), "x", (x1 / 2, middle - 28))
    measure(ax, ((x1 + x2) / 2, 0), ((x1 + x2) / 2, y1), "y", ((x1 + x2) / 2 + 24, y1 / 2))
    measure(ax, (x1, y2 + 22), (x2, y2 + 22), "w", ((x1 + x2) / 2, y2 + 50), ACCENT)
    measure(ax, (x2 + 22, y1), (x2 + 22, y2), "h", (x2 + 50, middle), ACCENT)
    return figure


def iou_by_hand() -> list[Figure]:
    """Two boxes on a scene; their intersection; their union; the quotient."""
    image, target = still_life("single_val")[LEMON]
    truth = target["boxes"][0].round()
    guess = truth + torch.tensor([-30.0, -14, -24, -6])
    return [overlap_step(image, truth, guess, step) for step in range(4)]


def overlap_step(image: Tensor, a: Tensor, b: Tensor, step: int) -> Figure:
    figure, ax = canvas(1150, 440)
    place = picture(ax, (0, 0), (440, 440), enlarge(image))
    both = torch.stack([a, b]) * 4
    shared = [*both[:, :2].amax(0).tolist(), *both[:, 2:].amin(0).tolist()]
    areas = {1: [shared], 2: both.tolist(), 3: [shared]}.get(step, [])
    for x1, y1, x2, y2 in areas:
        place.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, color=PALETTE[6], alpha=0.65, linewidth=0))
    draw_boxes(place, None, both[:1], colour="black", dashed=True)
    draw_boxes(place, None, both[1:])
    inside, union = overlap(a, b)
    lines = [
        ("black", "ground truth and prediction"),
        (PALETTE[6], f"intersection: {inside:,.0f} square pixels"),
        (PALETTE[6], f"union: {union:,.0f} square pixels"),
        (ACCENT, f"IoU = {inside:,.0f} / {union:,.0f} = {inside / union:.2f}"),
    ]
    for i, (colour, line) in enumerate(lines[: step + 1]):
        words(ax, 500, 70 + 100 * i, line, 38, colour if i == step else "black", ha="left")
    return figure


def draggable_boxes() -> Widget:
    """Lab 01's two boxes on the coffee photograph; the page computes what Python computes there."""
    widget = BoxIoU(image=photo("coffee"), box_a=(173, 18, 409, 309), box_b=(230, 60, 460, 280))
    names = ("box_a", "box_b", "width", "height", "picture")
    return Widget(page("box_iou.js"), {name: getattr(widget, name) for name in names})


def iou_falls_with_shift() -> Figure:
    """IoU of boxes of three sizes with themselves, shifted."""
    shift, curves = torch.arange(0, 61.0), {}
    for size in (16, 48, 96):
        moved = torch.stack([shift, 0 * shift, shift + size, 0 * shift + size], 1)  # (61, 4)
        curves[f"{size} × {size}"] = ops.box_iou(moved, torch.tensor([[0.0, 0, size, size]]))[:, 0]
    return figures.iou_against_shift(shift, curves, (11.5, 4.5))


def three_formats() -> Figure:
    """The same box three times, with what each format measures and the four numbers."""
    image, target = still_life("single_val")[MUG]
    figure, ax = canvas(1150, 520)
    for i, (name, users) in enumerate(FORMATS.items()):
        x, numbers = 400 * i, ops.box_convert(target["boxes"][0], "xyxy", name).round().int().tolist()
        place = picture(ax, (x, 60), (350, 350), enlarge(image))
        draw_boxes(place, None, target["boxes"] * 4)
        mark_format(place, name, target["boxes"][0] * 4)
        words(ax, x + 175, 26, name, 38, colour=ACCENT)
        words(ax, x + 175, 440, ", ".join(map(str, numbers)), 32)
        words(ax, x + 175, 488, users, 27, color="0.35")
    return figure


def mark_format(ax: Axes, name: str, box: Tensor) -> None:
    """Draw the points and the lengths that a format writes down."""
    x1, y1, x2, y2 = box.tolist()
    cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
    points = {"xyxy": [(x1, y1), (x2, y2)], "xywh": [(x1, y1)], "cxcywh": [(cx, cy)]}[name]
    ax.plot(*zip(*points, strict=True), "o", color="black", markersize=15, markeredgecolor="white", zorder=6)
    if name != "xyxy":
        down, right = (y2 + 45, x2 + 45)
        arrow(ax, (x1, down), (x2, down), "black", arrowstyle="<|-|>", mutation_scale=18)
        arrow(ax, (right, y1), (right, y2), "black", arrowstyle="<|-|>", mutation_scale=18)


def misread_boxes() -> Figure:
    """Boxes drawn as xyxy, and the same numbers drawn as if they were xywh, with the IoU of each with itself."""
    image, target = still_life("val")[20]
    boxes, labels = target["boxes"], target["labels"]
    misread = ops.box_convert(boxes, "xywh", "xyxy")
    figure, ax = canvas(1150, 455)
    names = list(CLASSES)
    for label, iou in zip(labels, ops.box_iou(boxes, misread).diagonal(), strict=True):
        names[label - 1] = f"IoU {iou:.2f}"
    panels = ((0, 405, "read as xyxy", boxes, CLASSES), (470, 680, "read as xywh", misread, names))
    for x, width, title, drawn, tags in panels:
        place = picture(ax, (x, 50), (width, 405), enlarge(image))
        place.set(xlim=(0, 768 * width / 405), facecolor="0.93")
        draw_boxes(place, None, 4 * drawn, labels, classes=tags)
        words(ax, x + 202, 22, title, 34, colour="black")
    return figure


def from_one_name_to_many_boxes() -> Figure:
    """A strip of scenes: a class; one box; a box and a class; three of them; as many as there are."""
    single, several = still_life("single_val"), still_life("val")
    figure, ax = canvas(1150, 218)
    scenes = (single[APPLE], single[MUG], single[LEMON], several[THREE], several[TABLE])
    for i, (image, target) in enumerate(scenes):
        boxes, labels = 4 * target["boxes"], target["labels"]
        place = picture(ax, (233 * i, 0), (218, 218), enlarge(image))
        if i == 0:
            words(place, 24, 700, CLASSES[labels - 1], 28, ha="left", on=ACCENT)
        elif i == 1:
            draw_boxes(place, None, boxes)
        else:
            draw_boxes(place, None, boxes, labels, classes=CLASSES if i == 2 else [""] * len(CLASSES))
    return figure
