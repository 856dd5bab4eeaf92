"""Lab 11, last part: resize a label map without inventing classes."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import label_map
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab11.pictures import shrunk_picture
from coursekit.data.transforms import stretch
from coursekit.schema import VOID


def shrink_labels(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """The label map at a different size, each pixel with the label at its centre: (H, W) -> size, int64."""
    return stretch(labels[None], size)[0]


def _places(old: int, new: int) -> tuple[Tensor, Tensor]:
    """The one or two old pixels that touch the centre of each new one."""
    twice = 2 * torch.arange(new) + 1
    return twice * old // (2 * new), (twice * old - 1) // (2 * new)


def _judge(arguments: tuple, value: Any) -> Any:
    """If a centre lies on a border, the label of any pixel that touches it is as good as the reference's."""
    labels, size = arguments
    wanted = shrink_labels(labels, size)
    if not isinstance(value, Tensor) or value.shape != wanted.shape or value.dtype != wanted.dtype:
        return value
    rows, columns = (_places(old, new) for old, new in zip(labels.shape, size, strict=True))
    allowed = torch.stack([labels[y[:, None], x] for y in rows for x in columns])  # (4, *size)
    return torch.where((value == allowed).any(0), wanted, value)


def _picked(labels: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    rows, columns = rows.clamp(0, labels.shape[0] - 1), columns.clamp(0, labels.shape[1] - 1)
    return labels[rows[:, None], columns]


SHRINK_LABELS = Exercise(
    shrink_labels,
    judge=_judge,
    picture=shrunk_picture,
    hints=(
        "Is class 5 between class 4 and class 6? If not, which ways of resizing are forbidden?",
        "New pixel i of `new` has its centre at (i + 1/2) * old / new; round that down to get the old pixel.",
        "rows = ((torch.arange(size[0]) + 0.5) * labels.shape[0] / size[0]).long(), columns likewise with 1; labels[rows[:, None], columns]",
    ),
    cases=(
        Case("a lemon beside a bowl", (label_map("3337", "3337"), (1, 2))),
        Case(
            "every third pixel",
            (label_map("012312452", "231045130", "450123012", "321054123", "013245301", "542310254"), (2, 3)),
        ),
        Case("void at the centre", (label_map("333", "3.4", "444"), (1, 1))),
        Case("an odd size, with void", (label_map("1.333", "1.033", "11033"), (2, 3))),
        Case("larger", (label_map("042", "109"), (4, 7))),
        Case("a fraction of the size", (label_map("30142", "15203", "24310", "40521", "03152"), (3, 4))),
        Case(
            "a large map",
            (torch.randint(0, 11, (30, 33), generator=torch.Generator().manual_seed(0)), (10, 3)),
        ),
    ),
)


def _interpolated(labels: Tensor, size: tuple[int, int], rounded: bool = False, **how) -> Tensor:
    blend = F.interpolate(labels[None, None].float(), size, **how)[0, 0]
    return (blend.round() if rounded else blend).long()


@SHRINK_LABELS.wrong(
    "bilinear, truncated",
    "Half a lemon (3) and half a bowl (7) are not a mushroom (5): labels are names, so do not blend them.",
)
def _bilinear_cut_off(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return _interpolated(labels, size, mode="bilinear")


@SHRINK_LABELS.wrong(
    "bilinear, rounded",
    "Rounding gives whole numbers, but they are classes that are not there: a blend of 3 and 7 becomes 5.",
)
def _bilinear_rounded(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return _interpolated(labels, size, mode="bilinear", rounded=True)


@SHRINK_LABELS.wrong(
    "the label at the upper left corner",
    'F.interpolate\'s "nearest" takes the corner of each new pixel, so the map moves. Take the label at its centre.',
)
def _upper_left(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return _interpolated(labels, size, mode="nearest")


@SHRINK_LABELS.wrong("height and width swapped", "size is (height, width).")
def _swapped(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return stretch(labels[None], size[::-1])[0]


@SHRINK_LABELS.wrong(
    "the largest label",
    "A label is a name: the largest number is no better than the others, and void, 255, would win everywhere.",
)
def _largest(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return F.adaptive_max_pool2d(labels[None].float(), size)[0].long()


CENTRE = "Take the label of the pixel at the centre of each new pixel."
BLEND = "Labels are names, not amounts: do not blend them. Take the label at the centre."
for how in (
    {"mode": "bilinear", "antialias": True},
    {"mode": "area"},
    {"mode": "bilinear", "align_corners": True},
):
    SHRINK_LABELS.wrong("blended labels, rounded", BLEND)(
        lambda labels, size, how=how: _interpolated(labels, size, rounded=True, **how)
    )
    SHRINK_LABELS.wrong("blended labels, truncated", BLEND)(
        lambda labels, size, how=how: _interpolated(labels, size, **how)
    )


def _shares(labels: Tensor, size: tuple[int, int], **how) -> Tensor:
    names = labels.unique()
    maps = torch.stack([(labels == name).float() for name in names])[None]
    return names[F.interpolate(maps, size, **how)[0].argmax(0)]


for how in ({"mode": "area"}, {"mode": "bilinear", "antialias": True}, {"mode": "bilinear"}):
    SHRINK_LABELS.wrong("the most frequent label nearby", "Thin parts would disappear. " + CENTRE)(
        lambda labels, size, how=how: _shares(labels, size, **how)
    )


def _at(place: Callable[[int, int], Tensor]) -> Callable:
    """An answer that picks the rows and columns place(old, new)."""
    return lambda labels, size: _picked(
        labels, *(place(o, n) for o, n in zip(labels.shape, size, strict=True))
    )


for name, story, function in (
    (
        "the label at the lower right corner",
        CENTRE,
        _at(lambda old, new: (torch.arange(1, new + 1) * old / new).ceil().long() - 1),
    ),
    (
        "the label at the lower right corner",
        CENTRE,
        _at(lambda old, new: torch.arange(1, new + 1) * old // new - 1),
    ),
    (
        "the first and the last pixel kept, the others spread between",
        CENTRE + " The centre of new pixel i is at (i + 1/2) * old / new.",
        _at(lambda old, new: torch.linspace(0, old - 1, new).round().long()),
    ),
    (
        "the first and the last pixel kept, the others spread between",
        CENTRE + " The centre of new pixel i is at (i + 1/2) * old / new.",
        _at(lambda old, new: torch.linspace(0, old - 1, new).long()),
    ),
    (
        "a whole number of pixels per step",
        "old / new need not be a whole number: do not round it.",
        _at(lambda old, new: torch.arange(new) * max(old // new, 1) + max(old // new, 1) // 2),
    ),
    (
        "a whole number of pixels per step",
        "old / new need not be a whole number, and each pixel takes the label at its centre.",
        _at(lambda old, new: torch.arange(new) * max(old // new, 1)),
    ),
    (
        "the label half a pixel past the centre",
        "The centre of new pixel i is at (i + 1/2) * old / new; round down, not to the nearest.",
        _at(lambda old, new: ((torch.arange(new) + 0.5) * old / new + 0.5).long()),
    ),
    (
        "one factor for height and width",
        "The two sides may shrink by different factors.",
        lambda labels, size: _picked(
            labels, *(((torch.arange(n) + 0.5) * labels.shape[0] / size[0]).long() for n in size)
        ),
    ),
    (
        "a part of the map",
        "Shrink the whole map, do not crop it.",
        lambda labels, size: labels[: size[0], : size[1]],
    ),
    (
        "labels from the flat list",
        "Rows run into each other: choose rows and columns separately.",
        lambda labels, size: labels.flatten()[
            (2 * torch.arange(size[0] * size[1]) + 1) * labels.numel() // (2 * size[0] * size[1])
        ].view(size),
    ),
    (
        "void turned into background",
        "255 stays 255: the class of these pixels is unknown.",
        lambda labels, size: shrink_labels(labels, size) % VOID,
    ),
    (
        "-1 for void",
        "255 does not fit into a signed 8-bit integer: use int64.",
        lambda labels, size: shrink_labels(labels, size).to(torch.int8).long(),
    ),
    (
        "labels as floats",
        "A label is a whole number: the map is int64.",
        lambda labels, size: shrink_labels(labels, size).float(),
    ),
    (
        "labels of 8 bits",
        "The map is int64.",
        lambda labels, size: shrink_labels(labels, size).to(torch.uint8),
    ),
    (
        "additional axes",
        "The result has two axes, (height, width).",
        lambda labels, size: shrink_labels(labels, size)[None],
    ),
    (
        "additional axes",
        "The result has two axes, (height, width).",
        lambda labels, size: shrink_labels(labels, size)[None, None],
    ),
    (
        "the smallest label",
        "A label is a name. " + CENTRE,
        lambda labels, size: -F.adaptive_max_pool2d(-labels[None].float(), size)[0].long(),
    ),
):
    SHRINK_LABELS.wrong(name, story)(function)


@SHRINK_LABELS.wrong("a part of the map", "Shrink the whole map, do not crop it.")
def _middle(labels: Tensor, size: tuple[int, int]) -> Tensor:
    top, left = (labels.shape[0] - size[0]) // 2, (labels.shape[1] - size[1]) // 2
    return labels[top : top + size[0], left : left + size[1]]


EXERCISES = (SHRINK_LABELS,)
