"""Lab 14, fourth part: how well two outlines agree."""

from functools import partial

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.pictures import outlines_picture
from coursekit import ops
from coursekit.metrics import boundary_f

NEIGHBOURS = ((0, 1), (0, -1), (1, 0), (-1, 0))


def mask_boundary_f(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """The boundary F of a mask (H, W) and the true one; 0 when one of the two has no boundary."""
    return float(boundary_f(found.long(), truth.long(), 2, tolerance)[1])


def _mask(height: int, width: int, *rectangles: tuple[int, int, int, int]) -> Tensor:
    mask = torch.zeros(height, width, dtype=torch.bool)
    for x1, y1, x2, y2 in rectangles:
        mask[y1:y2, x1:x2] = True
    return mask


_SQUARE = _mask(12, 18, (4, 3, 12, 10))
_SPUR = _mask(12, 18, (4, 3, 12, 10), (12, 5, 17, 7))
_AT_THE_EDGE = _mask(12, 18, (0, 0, 6, 12))

MASK_BOUNDARY_F = Exercise(
    mask_boundary_f,
    picture=outlines_picture,
    hints=(
        "Three steps: the boundary pixels of both masks; for each the distance to the nearest one of the other; shares.",
        "precision: share of the found boundary within the tolerance of the true one; recall: the reverse; F = 2 P R / (P + R).",
        "F.pad(..., mode='replicate') gives each pixel of the image's edge a neighbour like itself; "
        "distance = torch.cdist(a.nonzero().float(), b.nonzero().float()); precision = (distance.amin(1) <= ...).float().mean()",
    ),
    cases=(
        Case("a pixel too far right, exact", (_mask(4, 7, (2, 1, 4, 3)), _mask(4, 7, (1, 1, 3, 3)), 0.0)),
        Case("two pixels too far right", (_mask(12, 18, (6, 3, 14, 10)), _SQUARE, 1.0)),
        Case("a spur too much", (_SPUR, _SQUARE, 1.0)),
        Case("a spur too little", (_SQUARE, _SPUR, 1.0)),
        Case("at the image's edge", (_mask(12, 18, (0, 0, 8, 9)), _AT_THE_EDGE, 1.5)),
        Case("a corner in another place", (_mask(12, 18, (5, 5, 12, 11)), _SQUARE, 1.0)),
        Case("nothing found", (_mask(12, 18), _SQUARE, 1.0)),
    ),
)


@MASK_BOUNDARY_F.wrong(
    "the IoU of the masks", "Large masks overlap well however their outline runs. Compare boundaries alone."
)
def _region_iou(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    return float(ops.mask_iou(found[None], truth[None]))


def _shares(found: Tensor, truth: Tensor, near) -> tuple[float, float]:
    """Which share of the first pixels is near one of the second, and the reverse."""
    a, b = found.nonzero().float(), truth.nonzero().float()
    if not len(a) or not len(b):
        return 0.0, 0.0
    close = near(a, b)  # (pixels, pixels)
    return float(close.any(1).float().mean()), float(close.any(0).float().mean())


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _within(tolerance: float, a: Tensor, b: Tensor) -> Tensor:
    return torch.cdist(a, b) <= tolerance


@MASK_BOUNDARY_F.wrong(
    "all pixels instead of the boundary", "Only pixels with a neighbour outside of the mask count."
)
def _all_pixels(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    return _harmonic(*_shares(found, truth, partial(_within, tolerance)))


def _edge(mask: Tensor) -> Tensor:
    """Pixels of the mask with a neighbour, in the image, that is not in it: (H, W)."""
    padded = torch.nn.functional.pad(mask[None].float(), (1, 1, 1, 1), mode="replicate")[0] > 0
    height, width = mask.shape
    neighbours = [padded[1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in NEIGHBOURS]
    return mask & ~torch.stack(neighbours).all(0)


@MASK_BOUNDARY_F.wrong(
    "the edge of the image taken for a boundary",
    "Where the image ends nothing is known: a neighbour must lie in the image.",
)
def _image_edge_counts(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    edges = [_edge(torch.nn.functional.pad(mask, (1, 1, 1, 1))) for mask in (found, truth)]
    return _harmonic(*_shares(*edges, partial(_within, tolerance)))


@MASK_BOUNDARY_F.wrong(
    "ops.mask_boundary",
    "It counts diagonal neighbours, and the edge of the image: it is made for Boundary IoU. Here a pixel has four neighbours.",
)
def _diagonals_count(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    return _harmonic(*_shares(*map(ops.mask_boundary, (found, truth)), partial(_within, tolerance)))


def _pair(found: Tensor, truth: Tensor, tolerance: float) -> tuple[float, float]:
    return _shares(_edge(found), _edge(truth), partial(_within, tolerance))


@MASK_BOUNDARY_F.wrong("precision alone", "A mask that finds a piece of the outline has all of it.")
def _only_precision(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    return _pair(found, truth, tolerance)[0]


@MASK_BOUNDARY_F.wrong("recall alone", "A mask with an outline everywhere has all of it.")
def _only_recall(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    return _pair(found, truth, tolerance)[1]


@MASK_BOUNDARY_F.wrong(
    "the arithmetic mean", "F is the harmonic mean, 2 P R / (P + R): no side can make up for the other."
)
def _arithmetic(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    return sum(_pair(found, truth, tolerance)) / 2


@MASK_BOUNDARY_F.wrong("nearer than the tolerance", "At the tolerance is near enough: ≤.")
def _nearer_than(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    near = partial(lambda a, b: torch.cdist(a, b) < tolerance)
    return _harmonic(*_shares(_edge(found), _edge(truth), near))


@MASK_BOUNDARY_F.wrong(
    "a square of pixels around each", "The distance is Euclidean: a diagonal neighbour is 1.41 pixels away."
)
def _square(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    near = partial(lambda a, b: torch.cdist(a, b, p=torch.inf) <= tolerance)
    return _harmonic(*_shares(_edge(found), _edge(truth), near))


@MASK_BOUNDARY_F.wrong("no tolerance", "A pixel counts when a true one is within the tolerance.")
def _without_tolerance(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    return _harmonic(*_pair(found, truth, 0.0))


@MASK_BOUNDARY_F.wrong("NaN when nothing is found", "0 / 0: return 0 when one of the two has no boundary.")
def _nothing_is_nan(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    value = mask_boundary_f(found, truth, tolerance)
    return value if value or (_edge(found).any() and _edge(truth).any()) else float("nan")


EXERCISES = (MASK_BOUNDARY_F,)
