"""Lab 11, last part: a label map becomes smaller or larger, without classes that nobody saw."""

import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import label_map
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab11.pictures import shrunk_picture
from coursekit.data.transforms import stretch


def shrink_labels(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """The label map in another size, each pixel with the label at its centre: (H, W) -> size, int64."""
    return stretch(labels[None], size)[0]


SHRINK_LABELS = Exercise(
    shrink_labels,
    picture=shrunk_picture,
    hints=(
        "Is class 5 between class 4 and class 6? If not, which ways to resize are forbidden?",
        "New pixel i of `new` has its centre at (i + 1/2) * old / new; the old pixel there is what remains when you cut that off.",
        '((torch.arange(new) + 0.5) * old / new).long() for rows and columns; or F.interpolate(..., mode="nearest-exact").',
    ),
    cases=(
        Case("a lemon beside a mug", (label_map("3336", "3336"), (1, 2))),
        Case("every second pixel", (label_map("012012", "222111", "000333", "121212"), (2, 3))),
        Case("an odd size, with void", (label_map("1.333", "1.033", "11033"), (2, 3))),
        Case("larger", (label_map("042", "109"), (4, 9))),
    ),
)


def _interpolated(labels: Tensor, size: tuple[int, int], half: float = 0.0, **how) -> Tensor:
    return (F.interpolate(labels[None, None].float(), size, **how)[0, 0] + half).floor().long()


@SHRINK_LABELS.wrong(
    "bilinear, cut off",
    "Half a lemon (3) and half a mug (6) are no banana (4): labels are names, not amounts. Do not blend them.",
)
def _bilinear_cut_off(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return _interpolated(labels, size, mode="bilinear")


@SHRINK_LABELS.wrong(
    "bilinear, rounded",
    "Rounding gives whole numbers, but of classes that are not there: a blend of 3 and 6 becomes 4 or 5.",
)
def _bilinear_rounded(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return _interpolated(labels, size, mode="bilinear", half=0.5)


@SHRINK_LABELS.wrong(
    "the upper left corner",
    'F.interpolate\'s "nearest" takes the corner of each new pixel, so the map moves. Take the label at its centre.',
)
def _upper_left(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return _interpolated(labels, size, mode="nearest")


@SHRINK_LABELS.wrong("height and width swapped", "size is (height, width).")
def _swapped(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return stretch(labels[None], size[::-1])[0]


@SHRINK_LABELS.wrong(
    "the largest label", "A larger number is no better class; nor does void, 255, win everywhere."
)
def _largest(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return F.adaptive_max_pool2d(labels[None].float(), size)[0].long()


EXERCISES = (SHRINK_LABELS,)
