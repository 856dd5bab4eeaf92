"""Lab 08, exercise 3: a smaller copy of a scene on a plain canvas of the old size."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab08.crop_scene import judge_scene
from classroom.exercises.lab08.pictures import scene_picture
from classroom.exercises.lab08.scenes import Scene, boxed_scene
from coursekit.schema import Target

Corner = tuple[int, int]


def zoom_out(image: Tensor, target: Target, scale: float, corner: Corner) -> Scene:
    """The scene, smaller by `scale`, at `corner` (x, y) of a canvas of its mean colour, and its boxes."""
    small = shrunk(image, scale)
    across, down = factors(image, small)
    return on_canvas(image, small, corner), placed(target, across, down, corner)


def shrunk(image: Tensor, scale: float, **how) -> Tensor:
    size = [round(scale * side) for side in image.shape[1:]]
    return F.interpolate(image[None], size, **(how or {"mode": "bilinear", "antialias": True}))[0]


def factors(image: Tensor, small: Tensor) -> tuple[float, float]:
    """By how much it is narrower and lower: not quite `scale`, because sides are whole numbers of pixels."""
    return small.shape[2] / image.shape[2], small.shape[1] / image.shape[1]


def on_canvas(image: Tensor, small: Tensor, corner: Corner, colour: Tensor | float | None = None) -> Tensor:
    x, y = corner
    canvas = torch.zeros_like(image) + (image.mean((1, 2), keepdim=True) if colour is None else colour)
    canvas[:, y : y + small.shape[1], x : x + small.shape[2]] = small
    return canvas


def placed(target: Target, across: float, down: float, corner: Corner) -> Target:
    """Every box scaled, then moved; the labels stay."""
    boxes = target["boxes"] * target["boxes"].new_tensor([across, down] * 2)
    return {"boxes": boxes + boxes.new_tensor(corner * 2), "labels": target["labels"]}


WIDE = boxed_scene(12, 20, (4, 2, 14, 9))
TALL = boxed_scene(15, 11, (0, 0, 6, 8), (5, 6.5, 11, 15), seed=1)

ZOOM_OUT = Exercise(
    zoom_out,
    picture=scene_picture,
    judge=judge_scene,
    hints=(
        "Follow one corner of a box: first the image shrinks around the point (0, 0), then it moves to `corner`.",
        "h, w = round(scale * H), round(scale * W); a canvas of image.mean((1, 2), keepdim=True); canvas[:, y:y + h, x:x + w] = the small image; "
        "boxes * (w / W, h / H, w / W, h / H) + (x, y, x, y).",
        "_, H, W = image.shape\n"
        "h, w = round(scale * H), round(scale * W)\n"
        "x, y = corner\n"
        "canvas = image.mean((1, 2), keepdim=True).repeat(1, H, W)\n"
        'canvas[:, y:y + h, x:x + w] = F.interpolate(image[None], (h, w), mode="bilinear", antialias=True)[0]\n'
        'boxes = target["boxes"] * torch.tensor([w / W, h / H] * 2) + torch.tensor([x, y, x, y])\n'
        'return canvas, {"boxes": boxes, "labels": target["labels"]}',
    ),
    cases=(
        Case("as large as before", (*WIDE, 1.0, (0, 0))),
        Case("half as large, in the corner", (*WIDE, 0.5, (0, 0))),
        Case("half as large, moved", (*WIDE, 0.5, (7, 4))),
        Case("sides that are rounded", (*WIDE, 0.37, (3, 5))),
        Case("a scene that is higher than wide", (*TALL, 0.62, (2, 4))),
        Case("an image without objects", (*boxed_scene(10, 14, seed=2), 0.44, (1, 2))),
    ),
)

_wrong = ZOOM_OUT.wrong


def _other_target(name: str, story: str):
    """Add an answer with the right pixels; its target comes from the old one, both factors, the corner and the scale."""

    def add(change):
        def answer(image: Tensor, target: Target, scale: float, corner: Corner) -> Scene:
            across, down = factors(image, shrunk(image, scale))
            return zoom_out(image, target, scale, corner)[0], change(target, across, down, corner, scale)

        _wrong(name, story)(answer)
        return change

    return add


@_other_target(
    "boxes scaled by the scale that was asked for",
    "A side is a whole number of pixels, so the image shrank by w / W and h / H, which is not quite `scale`.",
)
def _by_scale(target: Target, across: float, down: float, corner: Corner, scale: float) -> Target:
    return placed(target, scale, scale, corner)


@_other_target("boxes that did not move", "The small image lies at `corner`: add it to the boxes.")
def _boxes_not_moved(target: Target, across: float, down: float, corner: Corner, scale: float) -> Target:
    return placed(target, across, down, (0, 0))


@_other_target("boxes that did not shrink", "The objects are smaller now: multiply the boxes.")
def _boxes_not_shrunk(target: Target, across: float, down: float, corner: Corner, scale: float) -> Target:
    return placed(target, 1.0, 1.0, corner)


@_other_target(
    "boxes moved before they shrank", "First multiply, then add: `corner` is in pixels of the canvas."
)
def _moved_first(target: Target, across: float, down: float, corner: Corner, scale: float) -> Target:
    moved = placed(target, 1.0, 1.0, corner)
    return placed(moved, across, down, (0, 0))


@_other_target(
    "x and y of the corner exchanged in the boxes", "The corner is (x, y), and the boxes are x, y, x, y."
)
def _boxes_exchanged(target: Target, across: float, down: float, corner: Corner, scale: float) -> Target:
    return placed(target, across, down, corner[::-1])


@_other_target("the two factors exchanged", "Widths shrink by w / W, heights by h / H.")
def _factors_exchanged(target: Target, across: float, down: float, corner: Corner, scale: float) -> Target:
    return placed(target, down, across, corner)


@_other_target(
    "boxes taken for x, y, width, height", "x2 and y2 are places like x1 and y1: they move as well."
)
def _as_xywh(target: Target, across: float, down: float, corner: Corner, scale: float) -> Target:
    still = placed(target, across, down, (0, 0))
    boxes = still["boxes"] + still["boxes"].new_tensor([*corner, 0, 0])
    return still | {"boxes": boxes}


@_other_target("the old boxes", "The image is right, but the target must follow: multiply, then add.")
def _old_boxes(target: Target, across: float, down: float, corner: Corner, scale: float) -> Target:
    return target


@_other_target("labels lost", "The new target needs the labels too.")
def _labels_lost(target: Target, across: float, down: float, corner: Corner, scale: float) -> Target:
    return {"boxes": placed(target, across, down, corner)["boxes"]}


def _other_image(name: str, story: str):
    """Add an answer with the right target; its image comes from the old one, the small one and the corner."""

    def add(change):
        def answer(image: Tensor, target: Target, scale: float, corner: Corner) -> Scene:
            right = zoom_out(image, target, scale, corner)[1]
            return change(image, shrunk(image, scale), corner), right

        _wrong(name, story)(answer)
        return change

    return add


@_other_image(
    "a black canvas",
    "A black frame is a strong edge that no photograph has: take the mean colour of the image.",
)
def _black(image: Tensor, small: Tensor, corner: Corner) -> Tensor:
    return on_canvas(image, small, corner, 0.0)


@_other_image("a grey canvas", "The canvas has the mean colour of this image, not 0.5 everywhere.")
def _grey(image: Tensor, small: Tensor, corner: Corner) -> Tensor:
    return on_canvas(image, small, corner, 0.5)


@_other_image("one mean for all three channels", "A colour has three numbers: take the mean of each channel.")
def _one_mean(image: Tensor, small: Tensor, corner: Corner) -> Tensor:
    return on_canvas(image, small, corner, image.mean())


@_other_image("no canvas", "The image keeps its old size: the small one lies on a canvas.")
def _no_canvas(image: Tensor, small: Tensor, corner: Corner) -> Tensor:
    return small


@_other_image("the small image on top of the old one", "Around the small image the canvas has one colour.")
def _on_itself(image: Tensor, small: Tensor, corner: Corner) -> Tensor:
    new = image.clone()
    new[:, corner[1] : corner[1] + small.shape[1], corner[0] : corner[0] + small.shape[2]] = small
    return new


@_other_image("an image in the upper left corner", "The small image lies at `corner`, like its boxes.")
def _image_not_moved(image: Tensor, small: Tensor, corner: Corner) -> Tensor:
    return on_canvas(image, small, (0, 0))


@_other_image(
    "pixels left out",
    "Without antialias=True most pixels are not looked at, and thin things flicker: average them.",
)
def _without_antialias(image: Tensor, small: Tensor, corner: Corner) -> Tensor:
    size = list(small.shape[1:])
    return on_canvas(image, F.interpolate(image[None], size, mode="bilinear")[0], corner)


@_other_image("the nearest pixels", 'Average the pixels: mode="bilinear", antialias=True.')
def _nearest(image: Tensor, small: Tensor, corner: Corner) -> Tensor:
    return on_canvas(image, F.interpolate(image[None], list(small.shape[1:]))[0], corner)


def _cut_down(image: Tensor, scale: float) -> tuple[int, int]:
    return int(scale * image.shape[1]), int(scale * image.shape[2])


@_wrong("sides rounded down", "int() cuts off; the sides are round(scale * H) and round(scale * W).")
def _rounded_down(image: Tensor, target: Target, scale: float, corner: Corner) -> Scene:
    size = _cut_down(image, scale)
    small = F.interpolate(image[None], size, mode="bilinear", antialias=True)[0]
    return on_canvas(image, small, corner), placed(target, *factors(image, small), corner)


@_wrong("the caller's boxes changed", "`*=` and `+=` write into the caller's boxes: make new ones.")
def _spoilt(image: Tensor, target: Target, scale: float, corner: Corner) -> Scene:
    result = zoom_out(image, target, scale, corner)
    target["boxes"] *= 0.75
    return result


EXERCISES = (ZOOM_OUT,)
