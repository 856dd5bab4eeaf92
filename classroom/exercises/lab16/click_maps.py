"""Lab 16, exercise 1: clicks as maps."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab16.pictures import maps_picture
from classroom.exercises.mistakes import failing_when, overwriting

Bell = Callable[[Tensor, Tensor], Tensor]


def click_maps(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """A map of the clicks on the object and one of those beside it: (C, 2), (C,) -> (2, *size)."""
    across, down = _offsets(points, size, stride)
    bells = _round_bell(across, down)  # (C, h, w)
    kinds = torch.stack([inside, ~inside])  # (2, C)
    spread = bells * kinds[:, :, None, None]  # (2, C, h, w)
    nothing = spread.new_zeros(2, 1, *size)
    return torch.cat([nothing, spread], 1).amax(1)


def _offsets(
    points: Tensor, size: tuple[int, int], stride: float, centre: float = 0.5
) -> tuple[Tensor, Tensor]:
    """How far each cell lies to the right of each click and below it, in cells: (C, 1, w), (C, h, 1)."""
    y, x = (torch.arange(length) + centre for length in size)
    across = x - points[:, :1] / stride  # (C, w)
    down = y - points[:, 1:] / stride  # (C, h)
    return across[:, None, :], down[:, :, None]


def _round_bell(across: Tensor, down: Tensor) -> Tensor:
    return torch.exp(-(across**2 + down**2) / 2)


def _clicks(*rows: tuple[float, float, bool]) -> tuple[Tensor, Tensor]:
    """Points and kinds from rows x, y, inside."""
    points = torch.tensor([row[:2] for row in rows], dtype=torch.float32).reshape(-1, 2)
    return points, torch.tensor([row[2] for row in rows], dtype=torch.bool)


_NEAR = _clicks((18.0, 10.0, True), (30.0, 14.0, True))
_BOTH = _clicks((9.0, 22.0, True), (41.0, 12.0, False), (50.0, 25.0, False))

CLICK_MAPS = Exercise(
    click_maps,
    picture=maps_picture,
    hints=(
        "How far, in cells, is the centre of each cell from the click? The value depends on that distance alone.",
        "x = points[:, 0] / stride, and cell j has its centre at j + 0.5; the value is exp(-(dx² + dy²) / 2). "
        "Then the maximum over the clicks of each kind.",
        "y, x = (torch.arange(length) + 0.5 for length in size)\n"
        "dx = x - points[:, :1] / stride  # (C, w)\n"
        "dy = …  # (C, h)\n"
        "bells = torch.exp(-(dx[:, None, :] ** 2 + dy[:, :, None] ** 2) / 2)  # (C, h, w)\n"
        "maps = torch.zeros(2, *size)\n"
        "for bell, on_object in zip(bells, inside):\n"
        "    row = 0 if on_object else 1\n"
        "    maps[row] = torch.maximum(maps[row], bell)\n"
        "return maps",
    ),
    cases=(
        Case("one click on the object", (*_clicks((4.0, 4.0, True)), (1, 3), 8)),
        Case("one click beside it", (*_clicks((20.0, 4.0, False)), (1, 3), 8)),
        Case("a click on a corner between cells", (*_clicks((24.0, 16.0, True)), (4, 6), 8)),
        Case("two clicks that overlap", (*_NEAR, (4, 6), 8)),
        Case("clicks of both kinds", (*_BOTH, (4, 7), 8)),
        Case("another stride", (*_BOTH, (8, 14), 4)),
        Case("no clicks", (*_clicks(), (3, 5), 8)),
    ),
)

_wrong = CLICK_MAPS.wrong


def _made(bell: Bell = _round_bell, centre: float = 0.5, scale: float = 1.0, reduce: str = "max") -> Callable:
    """An answer with another bell, other centres, another unit, or another way to join the clicks of a kind."""

    def answer(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
        bells = bell(*_offsets(points, size, stride**scale, centre))  # (C, h, w)
        maps = [bells[kind] for kind in (inside, ~inside)]
        joined = {
            "max": lambda rows: torch.cat([torch.zeros(1, *size), rows]).amax(0),
            "sum": lambda rows: rows.sum(0),
            "mean": lambda rows: rows.sum(0) / max(len(rows), 1),
            "last": lambda rows: rows[-1] if len(rows) else torch.zeros(*size),
        }[reduce]
        return torch.stack([joined(rows) for rows in maps])

    return answer


_JOIN = (
    "Where two clicks overlap, the larger value counts: a second click must not change the first one's peak."
)
for _name, _story, _options in (
    ("clicks added up", _JOIN, {"reduce": "sum"}),
    ("the mean of the clicks", _JOIN, {"reduce": "mean"}),
    (
        "the last click alone",
        "Earlier clicks still count: take the maximum over all of them.",
        {"reduce": "last"},
    ),
    ("corners of cells, not centres", "Cell j has its centre at j + 0.5.", {"centre": 0.0}),
    ("pixels and cells mixed", "Divide the clicks by the stride: the maps count in cells.", {"scale": 0.0}),
    (
        "the 2 in the exponent forgotten",
        "A Gaussian with standard deviation 1 is exp(-d² / 2).",
        {"bell": lambda across, down: torch.exp(-(across**2 + down**2))},
    ),
    (
        "the distance without its square",
        "A Gaussian falls with the squared distance: exp(-d² / 2).",
        {"bell": lambda across, down: torch.exp(-((across**2 + down**2) ** 0.5) / 2)},
    ),
    (
        "a density that sums to 1",
        "The peak of each click is 1, without the factor 1 / 2π in front.",
        {"bell": lambda across, down: _round_bell(across, down) / (2 * torch.pi)},
    ),
    (
        "the cell under the click alone",
        "A click is blurred over the cells around it: exp(-d² / 2).",
        {"bell": lambda across, down: ((across.abs() <= 0.5) & (down.abs() <= 0.5)).float()},
    ),
    (
        "a cross instead of a round spot",
        "The distance has both directions in it: dx² + dy².",
        {"bell": lambda across, down: torch.maximum(torch.exp(-(across**2) / 2), torch.exp(-(down**2) / 2))},
    ),
):
    _wrong(_name, _story)(_made(**_options))


@_wrong("x and y exchanged", "points[:, 0] is x and runs along the columns; points[:, 1] is y.")
def _exchanged(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    return click_maps(points.flip(1), inside, size, stride)


@_wrong("the maps transposed", "size is (height, width): the rows come first.")
def _transposed(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    return click_maps(points, inside, size[::-1], stride)


@_wrong("the kinds exchanged", "The first map has the clicks on the object, the second those beside it.")
def _other_kind(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    return click_maps(points, ~inside, size, stride)


@_wrong(
    "both kinds in one map",
    "The network must know which clicks mean “not this”: they have a map of their own.",
)
def _one_map(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    maps = click_maps(points, inside, size, stride)
    return maps.amax(0, keepdim=True)


@_wrong("every click in both maps", "Each click belongs to one of the maps: that of its kind.")
def _in_both(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    return click_maps(points, inside, size, stride).amax(0).expand(2, *size)


@_wrong(
    "“not this” as negative numbers",
    "Both maps hold numbers from 0 to 1: the second map alone says “not this”.",
)
def _negative(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    return click_maps(points, inside, size, stride) * torch.tensor([1.0, -1.0])[:, None, None]


_wrong("an error where a kind has no click", "Without a click of a kind its map is 0 everywhere.")(
    failing_when(lambda points, inside, size, stride: inside.all() or not inside.any(), click_maps)
)
_wrong("an error without clicks", "Without clicks both maps are 0 everywhere.")(
    failing_when(lambda points, inside, size, stride: not len(points), click_maps)
)
_wrong("the caller's clicks overwritten", "The maps are right, but the caller's points have changed.")(
    overwriting(click_maps, 0)
)

EXERCISES = (CLICK_MAPS,)
