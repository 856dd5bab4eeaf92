"""Lab 08, exercise 2: a piece of a scene, with the boxes of what is left in it."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab08.pictures import scene_picture
from classroom.exercises.lab08.scenes import Scene, boxed_scene, in_single_precision
from coursekit.schema import Target

Window = tuple[int, int, int, int]


def crop_scene(image: Tensor, target: Target, window: Window, least: float) -> Scene:
    """The pixels of a window x1, y1, x2, y2 and the boxes in it, of objects with at least this share of their box."""
    x1, y1, x2, y2 = window
    return image[:, y1:y2, x1:x2], rows(target, *inside(target["boxes"], window), least)


def inside(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    """The boxes in the pixels of the window, cut at its edges, and the share of each that is left."""
    x1, y1, x2, y2 = window
    corner, size = boxes.new_tensor([x1, y1, x1, y1]), boxes.new_tensor([x2 - x1, y2 - y1] * 2)
    cut = (boxes - corner).clamp(min=0).minimum(size)
    return cut, area(cut) / area(boxes)


def area(boxes: Tensor) -> Tensor:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def rows(target: Target, boxes: Tensor, share: Tensor, least: float) -> Target:
    kept = share >= least
    return {"boxes": boxes[kept], "labels": target["labels"][kept]}


def judge_scene(arguments: tuple, value: Scene) -> Scene:
    """Return the value; boxes in double precision are as good."""
    return value[0], in_single_precision(value[1])


LEAST = 0.25
ONE = boxed_scene(12, 18, (4, 3, 10, 9))
FOUR = boxed_scene(14, 20, (1, 1, 7, 6), (6.5, 2, 12.5, 11), (10, 8, 18, 14), (15, 0, 20, 4), seed=1)
EDGE = boxed_scene(16, 9, (0, 8, 4, 12), seed=3)
NONE = boxed_scene(9, 13, seed=2)

CROP_SCENE = Exercise(
    crop_scene,
    picture=scene_picture,
    judge=judge_scene,
    hints=(
        "Take one box. Where is it when pixel (x1, y1) of the image becomes pixel (0, 0)? Which part of it is then outside?",
        "image[:, y1:y2, x1:x2]; boxes - (x1, y1, x1, y1), then clamp x to 0 … x2 - x1 and y to 0 … y2 - y1; keep the rows "
        "whose area is at least `least` times the area before; the labels with the same rows.",
        "x1, y1, x2, y2 = window\n"
        'boxes = target["boxes"] - torch.tensor([x1, y1, x1, y1])\n'
        "boxes = boxes.clamp(min=0).minimum(torch.tensor([x2 - x1, y2 - y1, x2 - x1, y2 - y1]))\n"
        'kept = ops.box_area(boxes) >= least * ops.box_area(target["boxes"])\n'
        'return image[:, y1:y2, x1:x2], {"boxes": boxes[kept], "labels": target["labels"][kept]}',
    ),
    cases=(
        Case("the whole image", (*ONE, (0, 0, 18, 12), LEAST)),
        Case("a window around one object", (*ONE, (2, 1, 15, 10), LEAST)),
        Case("a window that cuts the object on all sides", (*ONE, (5, 4, 9, 7), LEAST)),
        Case("exactly the share that is required", (*ONE, (7, 6, 18, 12), LEAST)),
        Case("a box at the left edge, half of it outside", (*EDGE, (0, 10, 6, 14), LEAST)),
        Case("four objects, some outside", (*FOUR, (6, 0, 14, 13), LEAST)),
        Case("nothing left", (*FOUR, (0, 11, 8, 14), 0.5)),
        Case("an image without objects", (*NONE, (3, 1, 12, 7), LEAST)),
    ),
)

_wrong = CROP_SCENE.wrong


def _other_boxes(name: str, story: str):
    """Add an answer with the right pixels whose boxes and shares come from the boxes and the window."""

    def add(change):
        def answer(image: Tensor, target: Target, window: Window, least: float) -> Scene:
            pixels = crop_scene(image, target, window, least)[0]
            return pixels, rows(target, *change(target["boxes"], window), least)

        _wrong(name, story)(answer)
        return change

    return add


def _size(window: Window, boxes: Tensor) -> Tensor:
    return boxes.new_tensor([window[2] - window[0], window[3] - window[1]] * 2)


@_other_boxes("boxes that did not move", "Pixel (x1, y1) becomes (0, 0): subtract the corner of the window.")
def _not_moved(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    cut = boxes.maximum(boxes.new_tensor(window[:2] * 2)).minimum(boxes.new_tensor(window[2:] * 2))
    return cut, inside(boxes, window)[1]


@_other_boxes("boxes that reach out of the window", "Cut the boxes at the edges: clamp them to the window.")
def _not_cut(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    return boxes - boxes.new_tensor(window[:2] * 2), inside(boxes, window)[1]


@_other_boxes(
    "boxes cut on the left and above alone", "Cut on the right and below as well: at the size of the window."
)
def _cut_at_zero(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    return _not_cut(boxes, window)[0].clamp(min=0), inside(boxes, window)[1]


@_other_boxes(
    "boxes cut at the window's size before they moved",
    "First subtract the corner; then the window reaches from 0 to its width and height.",
)
def _cut_first(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    cut = boxes.minimum(_size(window, boxes))
    return (cut - boxes.new_tensor(window[:2] * 2)).clamp(min=0), inside(boxes, window)[1]


@_other_boxes(
    "boxes cut at the window's corner after they moved",
    "After the move the window ends at x2 - x1 and y2 - y1, not at x2 and y2.",
)
def _cut_at_old_edges(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    moved = _not_cut(boxes, window)[0]
    return moved.clamp(min=0).minimum(boxes.new_tensor(window[2:] * 2)), inside(boxes, window)[1]


@_other_boxes("x and y of the corner exchanged", "The corner is (x1, y1), and the boxes are x, y, x, y.")
def _corner_exchanged(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    x1, y1, *_ = window
    moved = boxes - boxes.new_tensor([y1, x1, y1, x1])
    return moved.clamp(min=0).minimum(_size(window, boxes)), inside(boxes, window)[1]


@_other_boxes(
    "every object kept", "What is left of an object may be nothing: leave out what has too little of its box."
)
def _all_kept(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    return inside(boxes, window)[0], torch.ones(len(boxes))


@_other_boxes(
    "objects kept of which anything is left", "At least the share `least` of the box must be inside."
)
def _anything_kept(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    cut, share = inside(boxes, window)
    return cut, (share > 0).float()


@_other_boxes(
    "only whole objects kept", "An object that is cut stays, if the share `least` of its box is inside."
)
def _whole_only(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    cut, share = inside(boxes, window)
    return cut, (share == 1).float()


@_other_boxes(
    "objects kept by their centres", "The rule is about the share of the box, not about its centre."
)
def _by_centre(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    low, high = boxes.new_tensor(window[:2]), boxes.new_tensor(window[2:])
    return inside(boxes, window)[0], ((centre >= low) & (centre < high)).all(1).float()


@_other_boxes(
    "the share of the window",
    "Compare what is left of a box with *its own* area before, not with the window.",
)
def _share_of_window(boxes: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    cut = inside(boxes, window)[0]
    return cut, area(cut) / _size(window, boxes)[:2].prod()


@_wrong("more than the least share", "Exactly the share `least` is enough.")
def _more_than(image: Tensor, target: Target, window: Window, least: float) -> Scene:
    return crop_scene(image, target, window, least + 1e-6)


@_wrong("rows and columns exchanged", "The axes of the image are (3, H, W): image[:, y1:y2, x1:x2].")
def _transposed(image: Tensor, target: Target, window: Window, least: float) -> Scene:
    x1, y1, x2, y2 = window
    return image[:, x1:x2, y1:y2], crop_scene(image, target, window, least)[1]


@_wrong("the whole image", "The boxes are right, but the image should be cut as well.")
def _whole_image(image: Tensor, target: Target, window: Window, least: float) -> Scene:
    return image, crop_scene(image, target, window, least)[1]


@_wrong(
    "a black frame instead of a smaller image", "Cut the pixels out: the new image is as large as the window."
)
def _blackened(image: Tensor, target: Target, window: Window, least: float) -> Scene:
    x1, y1, x2, y2 = window
    new = torch.zeros_like(image)
    new[:, y1:y2, x1:x2] = image[:, y1:y2, x1:x2]
    return new, crop_scene(image, target, window, least)[1]


@_wrong(
    "the labels of all objects",
    "Labels are left out together with their boxes: index both with the same rows.",
)
def _all_labels(image: Tensor, target: Target, window: Window, least: float) -> Scene:
    pixels, new = crop_scene(image, target, window, least)
    return pixels, new | {"labels": target["labels"]}


@_wrong(
    "the window read as x, y, width, height", "The window is x1, y1, x2, y2, like every box of the course."
)
def _read_as_xywh(image: Tensor, target: Target, window: Window, least: float) -> Scene:
    x, y, w, h = window
    return crop_scene(image, target, (x, y, min(x + w, image.shape[2]), min(y + h, image.shape[1])), least)


@_wrong("the caller's boxes changed", "`-=` and `clamp_` write into the caller's boxes: make new ones.")
def _spoilt(image: Tensor, target: Target, window: Window, least: float) -> Scene:
    result = crop_scene(image, target, window, least)
    target["boxes"] -= target["boxes"].new_tensor(window[:2] * 2)
    return result


EXERCISES = (CROP_SCENE,)
