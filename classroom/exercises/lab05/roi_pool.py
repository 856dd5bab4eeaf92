"""Lab 05, second part: which image a region is of, and RoIPool for one region."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import pooled_picture, rows_picture
from classroom.step_by_step.pooling import roi_pool_bins
from coursekit import ops


def batch_regions(targets: Sequence[dict]) -> Tensor:
    """The boxes of all images in one table, each behind the number of its image: (K, 5)."""
    indices = torch.cat([torch.full((len(t["boxes"]), 1), float(i)) for i, t in enumerate(targets)])
    return torch.cat([indices, _all_boxes(targets)], 1)


def _all_boxes(targets: Sequence[dict]) -> Tensor:
    return torch.cat([target["boxes"] for target in targets])


def _target(labels: Sequence[int], *rows: tuple[float, float, float, float]) -> dict:
    return {"boxes": boxes(*rows), "labels": torch.tensor(labels, dtype=torch.int64)}


_ONE = _target([3], (8, 16, 40, 56))
_TWO = _target([1, 5], (0, 0, 24, 20), (30, 8, 90, 64))

BATCH_REGIONS = Exercise(
    batch_regions,
    picture=rows_picture,
    hints=(
        "The maps of all images lie in one tensor (N, C, h, w). What must a row say, so that its box finds its map?",
        "For image i: a column of len(boxes) times the number i, in front of the boxes. Then all images below each other.",
        "torch.cat([torch.full((len(boxes), 1), float(i)), boxes], 1) for each i; torch.cat(...) of all.",
    ),
    cases=(
        Case("one image with one box", ([_ONE],)),
        Case("two images", ([_ONE, _TWO],)),
        Case("an image without boxes between them", ([_TWO, _target([]), _ONE],)),
        Case("four images", ([_TWO, _ONE, _TWO, _ONE],)),
    ),
)


def _with_column(column: Tensor, targets: Sequence[dict]) -> Tensor:
    return torch.cat([column.reshape(-1, 1).float(), _all_boxes(targets)], 1)


@BATCH_REGIONS.wrong(
    "the class in column 0",
    "Column 0 says which image of the batch the box is of. torchvision does not look, and reads foreign memory "
    "or another image's features.",
)
def _class_first(targets: Sequence[dict]) -> Tensor:
    return _with_column(torch.cat([target["labels"] for target in targets]), targets)


@BATCH_REGIONS.wrong("the number of the box in column 0", "All boxes of image i have the same index, i.")
def _number_of_box(targets: Sequence[dict]) -> Tensor:
    return _with_column(torch.cat([torch.arange(len(target["boxes"])) for target in targets]), targets)


@BATCH_REGIONS.wrong(
    "a running number in column 0", "Boxes are not counted: all boxes of image i have the index i."
)
def _running_number(targets: Sequence[dict]) -> Tensor:
    return _with_column(torch.arange(len(_all_boxes(targets))), targets)


@BATCH_REGIONS.wrong("images counted from 1", "The first image of the batch has the index 0.")
def _from_one(targets: Sequence[dict]) -> Tensor:
    return batch_regions(targets) + torch.tensor([1.0, 0, 0, 0, 0])


@BATCH_REGIONS.wrong("the index in the last column", "The index comes first, then x1, y1, x2, y2.")
def _index_last(targets: Sequence[dict]) -> Tensor:
    return batch_regions(targets).roll(-1, 1)


@BATCH_REGIONS.wrong(
    "images without boxes skipped", "They stay in the batch of feature maps, so they keep their number."
)
def _empty_skipped(targets: Sequence[dict]) -> Tensor:
    return batch_regions([target for target in targets if len(target["boxes"])])


# ---------------------------------------------------------------- RoIPool


def roi_pool_one(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    """The largest value of every channel in each of bins x bins bins of whole cells: (C, h, w), (4,) -> (C, bins, bins)."""
    return ops.roi_pool(features[None], [box[None]], bins, scale)[0]


def ramp(height: int, width: int) -> Tensor:
    """(1, height, width): the cells numbered row by row."""
    return torch.arange(float(height * width)).reshape(1, height, width)


ON_A_RAMP = (
    Case("one bin on a ramp", (ramp(6, 8), torch.tensor([11.0, 11, 19, 19]), 1, 1 / 8)),
    Case("one bin, moved by 3 pixels", (ramp(6, 8), torch.tensor([14.0, 14, 22, 22]), 1, 1 / 8)),
)

ROI_POOL_ONE = Exercise(
    roi_pool_one,
    picture=pooled_picture,
    hints=(
        "First round the four corners to cells. Then cut each side into `bins` parts of whole cells. Then take maxima.",
        "length = x2 - x1 + 1; bin j covers the cells from floor(j * length / bins) to ceil((j + 1) * length / bins), "
        "counted from x1 and cut off at the map's border; a bin without cells is 0.",
        "x1, y1, x2, y2 = (box * scale + 0.5).floor().int().tolist(); for i, j: "
        "features[:, top:bottom, left:right].amax((1, 2)).",
    ),
    cases=(
        *ON_A_RAMP,
        Case("two by two bins of four by six cells", (ramp(6, 8), torch.tensor([8.0, 0, 48, 24]), 2, 1 / 8)),
        Case("bins that share cells", (normal(1, 9, 12), torch.tensor([16.0, 16, 64, 32]), 4, 1 / 8)),
        Case("just halves", (normal(1, 9, 12, seed=1), torch.tensor([20.0, 4, 52, 36]), 2, 1 / 8)),
        Case(
            "up to the border of the map",
            (normal(1, 9, 12, seed=2) - 9, torch.tensor([60.0, 30, 96, 72]), 3, 1 / 8),
        ),
        Case(
            "seven bins, three channels",
            (normal(3, 12, 17, seed=3), torch.tensor([13.0, 40, 250, 150]), 7, 1 / 16),
        ),
        Case("the gradient", (normal(2, 9, 12, seed=4), torch.tensor([10.0, 13, 70, 60]), 3, 1 / 8), (0,)),
    ),
)


@ROI_POOL_ONE.wrong(
    "spatial_scale forgotten",
    "The box is in pixels of the image, the map in cells: multiply the box by `scale` first.",
)
def _scale_forgotten(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    return roi_pool_one(features, box, bins, 1.0)


@ROI_POOL_ONE.wrong("corners rounded down", "They go to the nearest cell: (x + 0.5).floor().")
def _cut_off(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    return roi_pool_one(features, (box * scale).floor(), bins, 1.0)


@ROI_POOL_ONE.wrong(
    "halves rounded to even",
    "torch.round sends 2.5 to 2; RoIPool, written in C, sends it to 3: (x + 0.5).floor().",
)
def _half_to_even(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    return roi_pool_one(features, (box * scale).round(), bins, 1.0)


@ROI_POOL_ONE.wrong(
    "the last cell left out",
    "The cell of the right border belongs to the region: it is x2 - x1 + 1 cells wide.",
)
def _last_cell_left_out(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    start, end = (box * scale + 0.5).floor().reshape(2, 2)
    return roi_pool_one(features, torch.cat([start, torch.maximum(end - 1, start)]), bins, 1.0)


def _reduced(features: Tensor, cells: Tensor, reduce: Callable[[Tensor], Tensor]) -> Tensor:
    """Each bin (bins, bins, 4) of whole cells reduced to a number a channel: (C, bins, bins)."""
    empty = features.new_zeros(len(features))
    rows = [
        [
            reduce(features[:, top:bottom, left:right].flatten(1)) if top < bottom and left < right else empty
            for left, top, right, bottom in row
        ]
        for row in cells.tolist()
    ]
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def _bins(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    return roi_pool_bins(box, (bins, bins), tuple(features.shape[1:]), scale)


@ROI_POOL_ONE.wrong("a mean", "RoIPool takes the largest value of a bin.")
def _mean(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    return _reduced(features, _bins(features, box, bins, scale), lambda cells: cells.mean(1))


@ROI_POOL_ONE.wrong(
    "bins that share no cell",
    "A bin begins at floor(j * length / bins) and ends at ceil((j + 1) * length / bins): neighbours may share a cell.",
)
def _disjoint(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    """Both ends of a bin rounded down, but at least one cell long."""
    height, width = features.shape[1:]
    x1, y1, x2, y2 = (box * scale + 0.5).floor().int().tolist()
    edges = []
    for start, end, limit in ((y1, y2, height), (x1, x2, width)):
        length = max(end - start + 1, 1)
        ends = [(start + j * length // bins, start + (j + 1) * length // bins) for j in range(bins)]
        edges.append([(min(a, limit), min(max(b, a + 1), limit)) for a, b in ends])
    cells = [[(left, top, right, bottom) for left, right in edges[1]] for top, bottom in edges[0]]
    return _reduced(features, torch.tensor(cells), lambda c: c.amax(1))


@ROI_POOL_ONE.wrong("rows and columns of bins exchanged", "The first axis of bins runs down: y.")
def _exchanged_bins(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    return roi_pool_one(features, box, bins, scale).mT


@ROI_POOL_ONE.wrong("x and y exchanged", "A box is x1, y1, x2, y2; a map is indexed [:, y, x].")
def _exchanged_sides(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    return roi_pool_one(features, box[[1, 0, 3, 2]], bins, scale)


EXERCISES = (BATCH_REGIONS, ROI_POOL_ONE)
