"""Title and data: one scene and four tasks, and an object of each class."""

import torch
from matplotlib.figure import Figure
from torchvision.transforms.v2.functional import resized_crop

from classroom.figures import canvas, enlarge, picture, words
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, colour_of, draw_boxes, draw_masks

FIVE = 45  # a scene of val
SMALLEST = 45  # pixels of the shorter side of an object that is shown
FIRST = 400  # training scenes to choose from


def one_scene_four_tasks() -> Figure:
    """A scene with one class, one box, all boxes, all masks."""
    image, target = still_life("val")[FIVE]
    boxes, labels = target["boxes"], target["labels"]
    figure, ax = canvas(1150, 275)
    places = [picture(ax, (292 * i, 0), (274, 274), enlarge(image)) for i in range(4)]
    first = int((boxes[:, 2:] - boxes[:, :2]).prod(1).argmax())
    words(places[0], 24, 700, CLASSES[labels[first] - 1], 30, ha="left", on=ACCENT)
    draw_boxes(places[1], None, 4 * boxes[first][None], colour=ACCENT)
    draw_boxes(places[2], None, 4 * boxes, labels, classes=[""] * len(CLASSES))
    masks = target["masks"].repeat_interleave(4, 1).repeat_interleave(4, 2)
    draw_masks(places[3], None, masks, labels)
    return figure


def ten_classes() -> Figure:
    """A training object of each class, cut out."""
    chosen = _one_of_each()
    figure, ax = canvas(482, 400)
    for k, name in enumerate(CLASSES):
        image, box = chosen[k + 1]
        x, y = 121 * (k % 4) + 121 * (k // 8), 136 * (k // 4)  # the last row, of two, in the middle
        picture(ax, (x, y), (104, 104), _crop(image, box))
        words(ax, x + 52, y + 119, name, 25, colour_of(k + 1))
    return figure


def _one_of_each() -> dict[int, tuple[torch.Tensor, torch.Tensor]]:
    """An image and a box for each label: the first object that is large and not hidden."""
    dataset, chosen = still_life("single_train"), {}
    for i in range(min(FIRST, len(dataset))):
        image, target = dataset[i]
        label, box = int(target["labels"][0]), target["boxes"][0]
        inside = bool((box > 2).all() and (box < 190).all())
        if label not in chosen and inside and (box[2:] - box[:2]).min() >= SMALLEST:
            chosen[label] = image, box
    return chosen


def _crop(image: torch.Tensor, box: torch.Tensor) -> torch.Tensor:
    """A square around the box with a margin, 208 pixels wide."""
    (cx, cy), side = ((box[:2] + box[2:]) / 2).tolist(), min(1.15 * float((box[2:] - box[:2]).max()), 192.0)
    top, left = (min(max(centre - side / 2, 0), 192 - side) for centre in (cy, cx))
    return resized_crop(image, round(top), round(left), round(side), round(side), [208, 208])
