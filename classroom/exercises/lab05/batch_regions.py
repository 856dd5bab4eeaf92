"""Lab 05, exercise 4: which image a region belongs to."""

from collections.abc import Sequence

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import rows_picture
from classroom.exercises.mistakes import raises


def batch_regions(targets: Sequence[dict]) -> Tensor:
    """The boxes of all images in one table, each after the index of its image: (K, 5)."""
    indices = torch.cat([torch.full((len(t["boxes"]), 1), float(i)) for i, t in enumerate(targets)])
    return torch.cat([indices, _all_boxes(targets)], 1)


def _all_boxes(targets):
    return torch.cat([target["boxes"] for target in targets])


def _target(labels: Sequence[int], *rows: tuple[float, float, float, float]) -> dict:
    return {"boxes": boxes(*rows), "labels": torch.tensor(labels, dtype=torch.int64)}


_ONE = _target([3], (8, 16, 40, 56))
_TWO = _target([1, 5], (0, 0, 24, 20), (30, 8, 90, 64))
_FRACTIONS = _target([2, 2, 4], (10.25, 8.5, 31.75, 20), (1.5, 2, 3, 9.25), (60, 5.5, 81, 12))

BATCH_REGIONS = Exercise(
    batch_regions,
    picture=rows_picture,
    hints=(
        "The maps of all images are in one tensor (N, C, h, w). What must a row contain, so that its box is cut out of the right map?",
        "For image i, put a column that contains len(boxes) times the number i in front of the boxes. Then stack all images below each other.",
        "rows = []\nfor i, target in enumerate(targets):\n"
        '    first = torch.full((len(target["boxes"]), 1), …)  # which number does torchvision expect in column 0?\n'
        '    rows.append(torch.cat([first, target["boxes"]], 1))\n'
        "return torch.cat(rows)",
    ),
    cases=(
        Case("one image with one box", ([_ONE],)),
        Case("two images", ([_ONE, _TWO],)),
        Case("an image without boxes between them", ([_TWO, _target([]), _ONE],)),
        Case("no boxes at all", ([_target([]), _target([])],)),
        Case("four images", ([_TWO, _ONE, _FRACTIONS, _ONE],)),
    ),
)
wrong = BATCH_REGIONS.wrong


def _with_column(column, targets):
    return torch.cat([column.reshape(-1, 1).float(), _all_boxes(targets)], 1)


def _counts(targets):
    return [len(target["boxes"]) for target in targets]


# ---------------------------------------------------------------- column 0


@wrong(
    "the class in column 0",
    "Column 0 is the index of the box's image. If you put the class there, torchvision does not notice, and reads memory that belongs to something else "
    "or another image's features.",
)
def _class_first(targets):
    return _with_column(torch.cat([target["labels"] for target in targets]), targets)


@wrong("the number of the box in column 0", "All boxes of image i have the same index, i.")
def _number_of_box(targets):
    return _with_column(torch.cat([torch.arange(count) for count in _counts(targets)]), targets)


@wrong("a running number in column 0", "Do not count boxes: all boxes of image i have the index i.")
def _running_number(targets):
    return _with_column(torch.arange(len(_all_boxes(targets))), targets)


@wrong("images counted from 1", "The first image of the batch has the index 0.")
def _from_one(targets):
    return batch_regions(targets) + torch.tensor([1.0, 0, 0, 0, 0])


@wrong(
    "images without boxes not counted", "They stay in the batch of feature maps, so they keep their index."
)
def _empty_skipped(targets):
    full = [target for target in targets if len(target["boxes"])]
    return batch_regions(full) if full else torch.zeros(0, 5)


@wrong(
    "0 for every box",
    "A box of image i has the index i: with zeros, all boxes are cut out of the first image.",
)
def _always_zero(targets):
    return _with_column(torch.zeros(len(_all_boxes(targets))), targets)


@wrong(
    "the number of boxes of the image in column 0",
    "Column 0 tells which image it is: 0 for the first, 1 for the second.",
)
def _how_many(targets):
    counts = torch.tensor(_counts(targets))
    return _with_column(counts.repeat_interleave(counts), targets)


@wrong("images numbered from the last to the first", "The first image of the batch has the index 0.")
def _backwards(targets):
    order = torch.arange(len(targets)).flip(0)
    return _with_column(order.repeat_interleave(torch.tensor(_counts(targets))), targets)


# ---------------------------------------------------------------- the other columns


@wrong("the index in the last column", "The index comes first, then x1, y1, x2, y2.")
def _index_last(targets):
    return batch_regions(targets).roll(-1, 1)


@wrong("x1 replaced by the index", "The index comes before the box: five columns.")
def _overwritten(targets):
    table = batch_regions(targets)
    return torch.cat([table[:, :1], table[:, 2:]], 1)


@wrong("a column for the label", "The table has five columns: the index, then x1, y1, x2, y2.")
def _label_second(targets):
    table = batch_regions(targets)
    labels = torch.cat([target["labels"] for target in targets])[:, None].float()
    return torch.cat([table[:, :1], labels, table[:, 1:]], 1)


@wrong("a column for the label", "The table has five columns: the index, then x1, y1, x2, y2.")
def _label_last(targets):
    labels = torch.cat([target["labels"] for target in targets])[:, None].float()
    return torch.cat([batch_regions(targets), labels], 1)


@wrong("the boxes alone", "Without an index it is not known which map a box is cut out of.")
def _boxes_alone(targets):
    return _all_boxes(targets)


@wrong("the indices alone", "Each index is followed by its box: five columns.")
def _indices_alone(targets):
    return batch_regions(targets)[:, 0]


@wrong("width and height", "The box stays as it is, x1, y1, x2, y2.")
def _width_and_height(targets):
    table = batch_regions(targets)
    return torch.cat([table[:, :3], table[:, 3:] - table[:, 1:3]], 1)


@wrong(
    "boxes in cells of 8 pixels",
    "The boxes stay in pixels: spatial_scale converts them, and would do it a second time.",
)
def _in_cells(targets):
    return batch_regions(targets) * torch.tensor([1, 0.125, 0.125, 0.125, 0.125])


@wrong(
    "whole numbers",
    "A table has one dtype: make the index a float, or the corners are truncated to whole pixels.",
)
def _whole_numbers(targets):
    return batch_regions(targets).long()


@wrong(
    "corners without their fractions", "Make the index a float instead of making the corners whole numbers."
)
def _rounded_down(targets):
    return batch_regions(targets).floor()


@wrong("corners rounded to whole pixels", "The boxes stay as they are.")
def _rounded(targets):
    return batch_regions(targets).round()


# ---------------------------------------------------------------- other tables


@wrong("a list of tables", "All images go into one table, below each other: torch.cat of the list.")
def _a_list(targets):
    return list(batch_regions(targets).split(_counts(targets)))


@wrong("only the first box of each image", "Every box has a row.")
def _first_boxes(targets):
    return torch.cat([rows[:1] for rows in batch_regions(targets).split(_counts(targets))])


@wrong("a row for an image without boxes", "An image without boxes has no row.")
def _row_for_nothing(targets):
    tables = batch_regions(targets).split(_counts(targets))
    rows = [t if len(t) else torch.tensor([[float(i), 0, 0, 0, 0]]) for i, t in enumerate(tables)]
    return torch.cat(rows)


@wrong(
    "a result without five columns if there are no boxes",
    "Without any box the table is (0, 5): reshape(-1, 5), or torch.cat of tables.",
)
def _no_columns(targets):
    table = batch_regions(targets)
    return table if len(table) else torch.zeros(0)


@wrong(
    "a result without five columns if there are no boxes",
    "Without any box the table is (0, 5): reshape(-1, 5), or torch.cat of tables.",
)
def _four_columns(targets):
    table = batch_regions(targets)
    return table if len(table) else torch.zeros(0, 4)


raises(
    BATCH_REGIONS,
    "an error if there are no boxes at all",
    "Without any box the table is (0, 5). torch.stack and torch.cat need at least one tensor: give them one table per image.",
    lambda targets: not any(_counts(targets)),
    RuntimeError,
    ValueError,
    IndexError,
    TypeError,
)
raises(
    BATCH_REGIONS,
    "an error if an image has no boxes",
    "An image without boxes has no row: its table is (0, 5).",
    lambda targets: not all(_counts(targets)),
    RuntimeError,
    ValueError,
    IndexError,
    TypeError,
)

EXERCISES = (BATCH_REGIONS,)
