"""Lab 15, section 2: boxes of the square that the network saw become boxes of the photograph."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab15.pictures import photo_picture
from classroom.exercises.mistakes import overwriting
from coursekit.ops import clip_boxes_to_image

Size = tuple[int, int]


def boxes_in_photo(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """The boxes of a square of `side` pixels, in whose middle a photograph lies, `shown` large, as boxes of the photograph."""
    offset = torch.tensor([(side - shown[1]) // 2, (side - shown[0]) // 2] * 2)
    scale = torch.tensor([shown[1] / photo[1], shown[0] / photo[0]] * 2)
    return clip_boxes_to_image((found - offset) / scale, photo)


BOXES_IN_PHOTO = Exercise(
    boxes_in_photo,
    picture=photo_picture,
    hints=(
        "Undo the steps in reverse order: the photograph was resized first and moved into the middle second. "
        "So first take the border away, then divide by the scale, and clip at the end.",
        "The border is (side − columns) // 2 on the left and (side − rows) // 2 at the top. "
        "x was multiplied by columns / W, and y by rows / H.",
        "left, top = (side - shown[1]) // 2, (side - shown[0]) // 2\n"
        "x_scale, y_scale = shown[1] / photo[1], shown[0] / photo[0]\n"
        "moved = found - torch.tensor([left, top, left, top])\n"
        "return ops.clip_boxes_to_image(moved / torch.tensor([x_scale, y_scale, x_scale, y_scale]), photo)",
    ),
    cases=(
        Case("a wide photograph, half as large", (boxes((10, 30, 40, 60)), (50, 100), 100, (100, 200))),
        Case("a tall photograph, half as large", (boxes((30, 10, 60, 40)), (100, 50), 100, (200, 100))),
        Case("a small photograph that was scaled up", (boxes((20, 40, 100, 80)), (80, 120), 120, (40, 60))),
        Case("a box that reaches into the border", (boxes((-4, 10, 90, 70)), (50, 100), 100, (100, 200))),
        Case("a border of an odd number of pixels", (boxes((12, 30, 70, 50)), (49, 100), 100, (98, 200))),
        Case(
            "a tall photograph, a border of an odd number of pixels",
            (boxes((30, 12, 50, 70)), (100, 49), 100, (200, 98)),
        ),
        Case("rows that were rounded", (boxes((8, 29, 60, 34)), (7, 64), 64, (32, 300))),
        Case("a square photograph has no border", (boxes((8, 16, 32, 48)), (64, 64), 64, (640, 640))),
        Case("many boxes", (random_boxes(40, seed=3), (71, 96), 96, (301, 407))),
        Case("no boxes", (boxes(), (48, 96), 96, (300, 600))),
    ),
)

_wrong = BOXES_IN_PHOTO.wrong
CLIP = "A detector may predict beyond the photograph: clip to its height and width, at the end."


def _border(shown: Size, side: int) -> tuple[float, float]:
    return (side - shown[1]) // 2, (side - shown[0]) // 2


def _scales(shown: Size, side: int, photo: Size) -> tuple[float, float]:
    return shown[1] / photo[1], shown[0] / photo[0]


def _undo(border: Callable = _border, scales: Callable = _scales, clip: Callable | None = None) -> Callable:
    """An answer with another border, other scales or another way to clip."""

    def answer(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
        left, top = border(shown, side)
        x, y = scales(shown, side, photo)
        moved = (found - torch.tensor([left, top, left, top])) / torch.tensor([x, y, x, y])
        return clip(moved, side, photo) if clip else clip_boxes_to_image(moved, photo)

    return answer


for _name, _story, _function in (
    (
        "the border forgotten",
        "The photograph lies in the middle of the square: its upper left corner is not at 0, 0.",
        _undo(border=lambda shown, side: (0, 0)),
    ),
    (
        "twice the border",
        "What is left over is shared by two sides: half of it is on the left, or at the top.",
        _undo(border=lambda shown, side: (side - shown[1], side - shown[0])),
    ),
    (
        "half a pixel of border",
        "Pixels are whole: of an odd number, (side - rows) // 2 are at the top.",
        _undo(border=lambda shown, side: ((side - shown[1]) / 2, (side - shown[0]) / 2)),
    ),
    (
        "the borders swapped",
        "The size is (rows, columns): columns decide the border on the left, and rows the one at the top.",
        _undo(border=lambda shown, side: _border(shown[::-1], side)),
    ),
    (
        "the scales swapped",
        "x was scaled by columns / W, and y by rows / H.",
        _undo(scales=lambda *sizes: _scales(*sizes)[::-1]),
    ),
    (
        "stretched to the square",
        "The photograph fills only `shown` pixels of the square, so `side` is the scale of the longer side alone.",
        _undo(scales=lambda shown, side, photo: (side / photo[1], side / photo[0])),
    ),
    (
        "one scale for both axes",
        "`shown` was rounded to whole pixels, so the two axes have slightly different scales.",
        _undo(scales=lambda shown, side, photo: (side / max(photo),) * 2),
    ),
    (
        "multiplied instead of divided",
        "The network saw the photograph multiplied by the scale; going back divides.",
        _undo(scales=lambda *sizes: tuple(1 / scale for scale in _scales(*sizes))),
    ),
    ("not clipped", CLIP, _undo(clip=lambda moved, side, photo: moved)),
    (
        "clipped to the square",
        "The photograph ends at its own height and width, not at those of the square.",
        _undo(clip=lambda moved, side, photo: clip_boxes_to_image(moved, (side, side))),
    ),
    (
        "clipped to width and height swapped",
        "A size is (H, W): x ends at W, and y at H.",
        _undo(clip=lambda moved, side, photo: clip_boxes_to_image(moved, photo[::-1])),
    ),
    (
        "only negative numbers clipped",
        "A box may also leave the photograph on the right or at the bottom.",
        _undo(clip=lambda moved, side, photo: moved.clamp(min=0)),
    ),
):
    _wrong(_name, _story)(_function)


@_wrong(
    "the border taken away in the photograph's pixels",
    "The border is measured in pixels of the square: take it away before you divide by the scale.",
)
def _scaled_first(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    offset = torch.tensor(_border(shown, side) * 2)
    scaled = found / torch.tensor(_scales(shown, side, photo) * 2)
    return clip_boxes_to_image(scaled - offset, photo)


@_wrong("only one corner moved", "Both corners of a box lie in the square: move x2 and y2 as well.")
def _one_corner(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    offset = torch.tensor((*_border(shown, side), 0, 0))
    return clip_boxes_to_image((found - offset) / torch.tensor(_scales(shown, side, photo) * 2), photo)


@_wrong("clipped before the border is gone", CLIP)
def _clipped_first(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    offset = torch.tensor(_border(shown, side) * 2)
    return (clip_boxes_to_image(found, (side, side)) - offset) / torch.tensor(_scales(shown, side, photo) * 2)


_wrong("the caller's boxes overwritten", "The boxes are right, but the caller's own were changed.")(
    overwriting(boxes_in_photo, 0)
)

EXERCISES = (BOXES_IN_PHOTO,)
