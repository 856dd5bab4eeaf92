"""Lab 11, last part: a label map becomes smaller or larger, without classes that nobody saw."""

from functools import partial

import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise, WrongAnswer
from classroom.exercises.map_pictures import label_map_of, shrunk_picture
from coursekit.data.transforms import stretch


def shrink_labels(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """The label map in another size, each pixel with the label at its centre: (H, W) -> size, int64."""
    return stretch(labels[None], size)[0]


def _interpolated(labels: Tensor, size: tuple[int, int], half: float = 0.0, **how) -> Tensor:
    return (F.interpolate(labels[None, None].float(), size, **how)[0, 0] + half).floor().long()


def _swapped(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return stretch(labels[None], size[::-1])[0]


def _largest(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return F.adaptive_max_pool2d(labels[None].float(), size)[0].long()


SHRINK_LABELS = Exercise(
    shrink_labels,
    cases=(
        Case("a lemon beside a mug", (label_map_of("3336", "3336"), (1, 2))),
        Case("every second pixel", (label_map_of("012012", "222111", "000333", "121212"), (2, 3))),
        Case("an odd size, with void", (label_map_of("1.333", "1.033", "11033"), (2, 3))),
        Case("larger", (label_map_of("042", "109"), (4, 9))),
    ),
    wrong_answers=(
        WrongAnswer(
            "bilinear, cut off",
            "Half a lemon (3) and half a mug (6) are no banana (4): labels are names, not amounts. Do not blend them.",
            partial(_interpolated, mode="bilinear"),
        ),
        WrongAnswer(
            "bilinear, rounded",
            "Rounding gives whole numbers, but of classes that are not there: a blend of 3 and 6 becomes 4 or 5.",
            partial(_interpolated, mode="bilinear", half=0.5),
        ),
        WrongAnswer(
            "the upper left corner",
            'F.interpolate\'s "nearest" takes the corner of each new pixel, so the map moves. Take the label at its centre.',
            partial(_interpolated, mode="nearest"),
        ),
        WrongAnswer("height and width swapped", "size is (height, width).", _swapped),
        WrongAnswer(
            "the largest label",
            "A larger number is no better class; nor does void, 255, win everywhere.",
            _largest,
        ),
    ),
    hints=(
        "Is class 5 between class 4 and class 6? If not, which ways to resize are forbidden?",
        "New pixel i of `new` has its centre at (i + 1/2) * old / new; the old pixel there is what remains when you cut that off.",
        '((torch.arange(new) + 0.5) * old / new).long() for rows and columns; or F.interpolate(..., mode="nearest-exact").',
    ),
    picture=shrunk_picture,
)

EXERCISES = (SHRINK_LABELS,)
