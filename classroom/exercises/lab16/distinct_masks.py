"""Lab 16, exercise 9: one mask of each object from the answers to many clicks."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import rectangles
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import failing_when, overwriting
from coursekit import ops


def distinct_masks(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """The rows of the masks that no better kept one overlaps, the best first: (P, H, W) bool, (P,) -> (D,) int64."""
    kept: list[int] = []
    for i in scores.argsort(descending=True).tolist():
        if not kept or _overlap(masks, i, kept) <= iou_threshold:
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def _overlap(masks: Tensor, i: int, others: list[int]) -> float:
    """The largest IoU of mask i with others."""
    return float(ops.mask_iou(masks[i : i + 1], masks[others]).max())


_PAIR = rectangles(4, 8, (0, 0, 4, 4), (0, 0, 4, 3))  # IoU 0.75
_HALF = rectangles(4, 8, (0, 0, 4, 4), (0, 0, 4, 2), (4, 0, 8, 4))  # IoU 0.5
_CHAIN = rectangles(1, 16, (0, 0, 8, 1), (2, 0, 10, 1), (4, 0, 12, 1))  # neighbours 0.6, the ends 0.33
_ROW = rectangles(1, 16, (0, 0, 10, 1), (6, 0, 16, 1), (1, 0, 11, 1))  # IoU 0.25, 0.82, 0.33
_BETWEEN = rectangles(1, 16, (0, 0, 8, 1), (8, 0, 16, 1), (4, 0, 12, 1))  # IoU 0, 0.33, 0.33
_BEND = torch.zeros(2, 6, 6, dtype=torch.bool)
_BEND[0, :, :1] = _BEND[0, 5:] = _BEND[1, :1] = _BEND[1, :, 5:] = True  # two bends with nearly the same box
_INSIDE = rectangles(6, 8, (0, 0, 6, 6), (2, 2, 4, 4))
_MANY = rectangles(
    6, 12, (0, 0, 5, 5), (7, 0, 12, 6), (0, 0, 5, 4), (7, 1, 12, 6), (1, 0, 6, 5), (5, 5, 7, 6)
)

DISTINCT_MASKS = Exercise(
    distinct_masks,
    hints=(
        "It is the suppression of lab 03, with the IoU of masks instead of boxes. In which order do you go through them?",
        "From the best score down: keep a mask if its IoU with every mask kept so far is at most the threshold.",
        "kept = []\n"
        "for i in scores.argsort(descending=True).tolist():\n"
        "    overlaps = ops.mask_iou(masks[i : i + 1], masks[kept])  # (1, len(kept))\n"
        "    if …:\n"
        "        kept.append(i)\n"
        "return torch.tensor(kept, dtype=torch.int64)",
    ),
    cases=(
        Case("one mask", (_PAIR[:1], torch.tensor([0.4]), 0.5)),
        Case("twice the same object", (_PAIR, torch.tensor([0.6, 0.9]), 0.5)),
        Case("a higher threshold keeps both", (_PAIR, torch.tensor([0.6, 0.9]), 0.8)),
        Case("exactly at the threshold", (_HALF, torch.tensor([0.7, 0.8, 0.9]), 0.5)),
        Case("a chain of three", (_CHAIN, torch.tensor([0.9, 0.8, 0.7]), 0.5)),
        Case("a chain whose middle is the best", (_CHAIN, torch.tensor([0.7, 0.9, 0.8]), 0.5)),
        Case("near one kept mask, far from the other", (_ROW, torch.tensor([0.9, 0.8, 0.7]), 0.5)),
        Case("a little of two kept masks", (_BETWEEN, torch.tensor([0.9, 0.8, 0.7]), 0.5)),
        Case("two masks with nearly the same box", (_BEND, torch.tensor([0.8, 0.7]), 0.5)),
        Case("a small mask inside a large one", (_INSIDE, torch.tensor([0.9, 0.8]), 0.5)),
        Case("six masks in no order", (_MANY, torch.tensor([0.5, 0.7, 0.8, 0.9, 0.6, 0.3]), 0.5)),
        Case("no masks", (_PAIR[:0], torch.zeros(0), 0.5)),
    ),
)

_wrong = DISTINCT_MASKS.wrong
Overlap = Callable[[Tensor, Tensor], Tensor]


def _greedy(
    masks: Tensor, order: Tensor, keeps: Callable[[Tensor], bool], overlap: Overlap = ops.mask_iou
) -> Tensor:
    """The rows kept in this order; `keeps` is given the overlaps with those that were kept before."""
    kept: list[int] = []
    table = overlap(masks, masks)
    for i in order.tolist():
        if not kept or keeps(table[i, kept]):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def _best_first(scores: Tensor) -> Tensor:
    return scores.argsort(descending=True)


def _of_boxes(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(ops.masks_to_boxes(a).float(), ops.masks_to_boxes(b).float())


def _of_smaller(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over the smaller of both masks."""
    a, b = a.flatten(1).double(), b.flatten(1).double()
    return (a @ b.T) / torch.minimum(a.sum(1)[:, None], b.sum(1)).clamp(min=1)


for _name, _story, _overlap_of in (
    (
        "boxes compared, not masks",
        "Two thin objects may share their box and no pixel: use ops.mask_iou.",
        _of_boxes,
    ),
    (
        "a share of the smaller mask",
        "IoU divides by the union: a lemon in a bowl is another object than the bowl.",
        _of_smaller,
    ),
    (
        "any shared pixel",
        "Masks may overlap a little: only an IoU above the threshold counts.",
        lambda a, b: (ops.mask_iou(a, b) > 0).float(),
    ),
):
    _wrong(_name, _story)(
        lambda masks, scores, t, measure=_overlap_of: _greedy(
            masks, _best_first(scores), lambda row: bool(row.max() <= t), measure
        )
    )

for _name, _story, _order in (
    (
        "the worst first",
        "The best mask of an object must stay: begin with the highest score.",
        lambda s: s.argsort(),
    ),
    (
        "in the order of the list",
        "The order of the list means nothing: sort by score.",
        lambda s: torch.arange(len(s)),
    ),
):
    _wrong(_name, _story)(
        lambda masks, scores, t, order=_order: _greedy(masks, order(scores), lambda row: bool(row.max() <= t))
    )

for _name, _story, _keeps in (
    ("at least instead of more than", "A mask goes when its IoU is *larger* than the threshold.", lambda row, t: row.max() < t),
    ("one kept mask that is far away is enough", "It must not overlap *any* kept mask.", lambda row, t: row.min() <= t),
    ("only the last kept mask asked", "Compare with all masks that were kept.", lambda row, t: row[-1] <= t),
    ("the mean overlap", "One overlap above the threshold is enough: take the largest.", lambda row, t: row.mean() <= t),
    ("the sum of all overlaps", "Each pair counts on its own: take the largest.", lambda row, t: row.sum() <= t),
    ("what overlaps is kept", "Keep a mask when it does *not* overlap.", lambda row, t: row.max() > t),
):  # fmt: skip
    _wrong(_name, _story)(
        lambda masks, scores, t, keeps=_keeps: _greedy(
            masks, _best_first(scores), lambda row: bool(keeps(row, t))
        )
    )


@_wrong(
    "suppressed masks suppress others",
    "In a chain of three the third stays: only masks that were kept can suppress.",
)
def _chain(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    order = _best_first(scores)
    overlap = ops.mask_iou(masks[order], masks[order]).triu(1) > iou_threshold
    return order[~overlap.any(0)]


@_wrong("places in the sorted list", "Return rows of `masks`, not places in the order of the scores.")
def _sorted_places(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    order = _best_first(scores)
    return distinct_masks(masks[order], scores[order], iou_threshold)


@_wrong("sorted by row", "The best mask comes first.")
def _by_row(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    return distinct_masks(masks, scores, iou_threshold).sort().values


@_wrong("True and False", "Return the rows that are kept, not a mask of them.")
def _flags(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    kept = torch.zeros(len(masks), dtype=torch.bool)
    kept[distinct_masks(masks, scores, iou_threshold)] = True
    return kept


@_wrong("the masks instead of their rows", "Return the rows that are kept: (D,) int64.")
def _the_masks(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    return masks[distinct_masks(masks, scores, iou_threshold)]


@_wrong("the best mask alone", "There are several objects: keep every mask that overlaps no better one.")
def _best_alone(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    return _best_first(scores)[:1]


@_wrong("empty rows as float32", "torch.tensor([]) is float32: rows are int64.")
def _empty_floats(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    return torch.tensor(distinct_masks(masks, scores, iou_threshold).tolist())


_wrong("an error without masks", "Without masks the result is empty.")(
    failing_when(lambda m, s, t: not len(m), distinct_masks)
)
_wrong("the caller's masks overwritten", "The result is right, but the caller's masks have changed.")(
    overwriting(distinct_masks, 0)
)

EXERCISES = (DISTINCT_MASKS,)
