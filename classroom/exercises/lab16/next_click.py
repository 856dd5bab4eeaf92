"""Lab 16, exercise 2: where a person would click next."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt, label
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab16.pictures import click_picture
from classroom.exercises.lab16.regions import depth, largest_region, regions, what_counts

Click = tuple[int, int, bool]
EIGHT = np.ones((3, 3), dtype=bool)


def next_click(found: Tensor, truth: Tensor) -> Click:
    """The deepest cell of the largest wrong region, as (row, column, on the object): 2 x (H, W) bool."""
    region = largest_region(what_counts(found, truth))
    return deepest(region, truth)


def deepest(region: Tensor, truth: Tensor, measure: Callable[[Tensor], Tensor] = depth) -> Click:
    row, column = divmod(int(measure(region).argmax()), truth.shape[1])
    return row, column, bool(truth[row, column])


MIDDLE = "in the middle of a largest wrong region"


def _judge(arguments: tuple, click: Any) -> Any:
    """Several cells may be equally deep, several regions equally large: any of them is right."""
    row, column, inside = (int(each) for each in click)
    found, truth = (each.numpy() for each in arguments)
    wrong = found != truth
    parts, count = label(wrong if wrong.any() else truth)
    sizes = np.bincount(parts.ravel())[1:]
    good = [np.pad(parts == k + 1, 1) for k in range(count) if sizes[k] == sizes.max()]
    deep = [distance_transform_edt(part)[1:-1, 1:-1] for part in good]
    there = 0 <= row < truth.shape[0] and 0 <= column < truth.shape[1]
    middle = there and any(each[row, column] == each.max() for each in deep)
    return {
        "the place of the click": MIDDLE if middle else f"row {row}, column {column}",
        "whether it is on the object, by the true mask": middle and bool(inside) == bool(truth[row, column]),
    }


def _map(*rows: str) -> tuple[Tensor, Tensor]:
    """Found and truth from letters: T the object, found; m missing; e extra; a point: neither."""
    found = torch.tensor([[letter in ("T", "e") for letter in row] for row in rows])
    return found, torch.tensor([[letter in ("T", "m") for letter in row] for row in rows])


# One missing part, a larger missing part with a smaller extra one, and so on.
_SMALL = _map(".....", ".mmm.", ".mmm.", ".mmm.", ".....")
_THICK = _map("eeeeeeee.", "eeeeeeee.", "eeeeeeee.", "eeeeeeee.", "eeeeeeee.", "........m", ".......mm")
_TWO = _map("mm.......", "mm.......", ".........", "....mmmmm", "....mmmmm", "....mmmmm")
_EXTRA = _map("TTT......", "TTT.eeeee", "TTT.eeeee", "TTT.eeeee", ".........")
_THIN = _map(
    "mmmmmmmmmmmmm", ".............", "....eee......", "....eee......", "....eee......", "............."
)
_BEND = _map("mmm......", "mmm......", "mmm......", "mmmmmmmmm", "mm.......", "mm.......")
_EDGE = _map("mmmmm...", "mmmmm...", "mmmmm...", "........", "........")
_TOUCHING = _map(".........", ".TTmmmee.", ".TTmmmee.", ".TTmmmee.", ".........", "mmmmmmm..", "mmmmmmm..")
_CORNERS = _map("eee......", "eee......", "eee......", "...eee...", "...eee...", "...eee...", "......mmm", ".mmm..mmm", ".mmm..mmm",
    ".mmm.....", ".mmm.....", ".mmm.....")  # fmt: skip
_RIGHT = _map("..........", ".TTTTT....", ".TTTTT....", ".TTTTT....", "..........")

NEXT_CLICK = Exercise(
    next_click,
    judge=_judge,
    picture=click_picture,
    hints=(
        "Which cells are wrong? They form regions. A person looks at the largest and clicks far away from its border.",
        "label(wrong) numbers the regions, and distance_transform_edt(region) is each cell's distance from the nearest cell "
        "outside. A frame of False around the region makes the border of the map count.",
        "wrong = found ^ truth\n"
        "if not wrong.any():\n"
        "    wrong = truth\n"
        "parts, count = label(wrong.numpy())\n"
        "sizes = [(parts == k).sum() for k in range(1, count + 1)]\n"
        "region = parts == …\n"
        "depth = distance_transform_edt(F.pad(torch.from_numpy(region), (1, 1, 1, 1)).numpy())[1:-1, 1:-1]\n"
        "row, column = divmod(int(depth.argmax()), truth.shape[1])\n"
        "return row, column, bool(truth[row, column])",
    ),
    cases=(
        Case("nothing is found yet", _SMALL),
        Case("two missing parts", _TWO),
        Case("a thick extra part", _THICK),
        Case("something extra is the largest mistake", _EXTRA),
        Case("a long thin region is larger than a thick one", _THIN),
        Case("a region whose centre of mass is not its middle", _BEND),
        Case("a region at the border of the map", _EDGE),
        Case("a missing and an extra part that touch are one region", _TOUCHING),
        Case("regions that touch at a corner are two", _CORNERS),
        Case("nothing is wrong", _RIGHT),
    ),
)

_wrong = NEXT_CLICK.wrong


def _with(
    cells: Callable[[Tensor, Tensor], Tensor] = what_counts,
    choose: Callable[[Tensor], Tensor] = largest_region,
    measure: Callable[[Tensor], Tensor] = depth,
) -> Callable:
    """An answer that takes other cells, another region of them, or another place in it."""

    def answer(found: Tensor, truth: Tensor) -> Click:
        chosen = cells(found, truth)
        return deepest(choose(chosen if chosen.any() else truth), truth, measure)

    return answer


def _near_the_mean(region: Tensor) -> Tensor:
    """The highest value at the cell of the centre of mass."""
    y, x = region.nonzero().double().mean(0).round().int().tolist()
    place = torch.zeros(region.shape)
    place[y, x] = 1
    return place


def _apart(found: Tensor, truth: Tensor) -> Tensor:
    """The largest region among the missing cells and, apart from them, among the extra ones."""
    both = regions(truth & ~found) + regions(found & ~truth)
    return max(both, key=lambda part: int(part.sum())) if both else truth


def _smallest(cells: Tensor) -> Tensor:
    return min(regions(cells), key=lambda part: int(part.sum()))


def _deepest_region(cells: Tensor) -> Tensor:
    return max(regions(cells), key=lambda part: float(depth(part).max()))


def _depth_without_frame(region: Tensor) -> Tensor:
    if region.all():
        return region.double()
    return torch.from_numpy(distance_transform_edt(region.numpy()))


for _name, _story, _options in (
    (
        "the deepest of all wrong cells",
        "First choose the largest region, then its deepest cell: a small thick region may be deeper than a large thin one.",
        {"choose": _deepest_region},
    ),
    ("the smallest region", "A person repairs the largest mistake first.", {"choose": _smallest}),
    (
        "the first region",
        "label numbers regions from top to bottom: the first need not be the largest.",
        {"choose": lambda cells: regions(cells)[0]},
    ),
    (
        "the centre of mass",
        "The mean position of a bent region may lie at its border or outside it: take the cell farthest from the border.",
        {"measure": _near_the_mean},
    ),
    (
        "the first cell of the region",
        "That cell is on the border: take the one farthest from it.",
        {"measure": lambda region: region.int()},
    ),
    (
        "the border of the map left out",
        "distance_transform_edt knows nothing beyond the map: put a frame of False around the region first.",
        {"measure": _depth_without_frame},
    ),
    (
        "only what is missing",
        "Too much is wrong as well: found ^ truth has the missing and the extra cells.",
        {"cells": lambda found, truth: truth & ~found},
    ),
    (
        "only what is extra",
        "Missing cells are wrong as well: found ^ truth has the missing and the extra cells.",
        {"cells": lambda found, truth: found & ~truth},
    ),
    (
        "missing and extra apart",
        "A region is made of wrong cells, whichever way they are wrong: label(found ^ truth).",
        {"cells": _apart, "choose": lambda cells: cells},
    ),
    (
        "corners count as neighbours",
        "Cells that touch only at a corner are not connected: label without a structure uses four neighbours.",
        {"choose": lambda cells: max(regions(cells, EIGHT), key=lambda part: int(part.sum()))},
    ),
    (
        "always in the object",
        "A later click goes where the mask is wrong.",
        {"cells": lambda found, truth: truth},
    ),
    (
        "always in the mask",
        "Click where the mask is wrong, not where it is.",
        {"cells": lambda found, truth: found},
    ),
):
    _wrong(_name, _story)(_with(**_options))


@_wrong("the column first", "Return the row first, then the column.")
def _column_first(found: Tensor, truth: Tensor) -> Click:
    row, column, inside = next_click(found, truth)
    return column, row, inside


@_wrong("the mask asked, not the truth", "A click is “on the object” if the true mask says so.")
def _asks_the_mask(found: Tensor, truth: Tensor) -> Click:
    row, column, _ = next_click(found, truth)
    return row, column, bool(found[row, column])


@_wrong("every click on the object", "A click on something extra means “not this”: return False there.")
def _always_inside(found: Tensor, truth: Tensor) -> Click:
    return (*next_click(found, truth)[:2], True)


@_wrong("an error when nothing is wrong", "If no cell is wrong, click in the middle of the object.")
def _error_when_right(found: Tensor, truth: Tensor) -> Click:
    if found.equal(truth):
        raise Exception
    return next_click(found, truth)


EXERCISES = (NEXT_CLICK,)
