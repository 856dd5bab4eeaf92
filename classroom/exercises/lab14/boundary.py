"""Lab 14, section 5: how well two outlines agree."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import judge_number
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.outlines import edge, edge_of_eight, frame, harmonic, shares, within
from classroom.exercises.lab14.pictures import outlines_picture
from coursekit import ops

Edge = Callable[[Tensor], Tensor]


def mask_boundary_f(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """The boundary F of a mask (H, W) and the true one; 0 if one of the two has no boundary."""
    return harmonic(*_pair(found, truth, tolerance))


def _pair(found: Tensor, truth: Tensor, tolerance: float) -> tuple[float, float]:
    """Precision and recall of the boundary."""
    return shares(edge(found), edge(truth), within(tolerance))


_SQUARE = frame(12, 18, (4, 3, 12, 10))
_SHIFTED = frame(12, 18, (5, 4, 13, 11))
_SPUR = frame(12, 18, (4, 3, 12, 10), (12, 5, 17, 7))
_NOTHING = frame(12, 18)

MASK_BOUNDARY_F = Exercise(
    mask_boundary_f,
    picture=outlines_picture,
    judge=judge_number,
    hints=(
        "There are three steps: the boundary pixels of both masks; for each, the distance to the nearest one of the other mask; the shares.",
        "precision: the share of the predicted boundary within the tolerance of the true one; recall: the reverse; F = 2 P R / (P + R).",
        "edges = []\n"
        "for mask in (found, truth):\n"
        "    outside = F.pad(~mask, (1, 1, 1, 1))  # beyond the image nothing is outside\n"
        "    beside = …  # a neighbour above, below, left or right is outside\n"
        "    edges.append((mask & beside).nonzero().float())\n"
        "near = torch.cdist(*edges) <= tolerance  # and what if one of them has no edge?\n"
        "precision, recall = near.any(1).float().mean().item(), near.any(0).float().mean().item()\n"
        "…  # their harmonic mean",
    ),
    cases=(
        Case("a pixel too far right, exact", (frame(4, 7, (2, 1, 4, 3)), frame(4, 7, (1, 1, 3, 3)), 0.0)),
        Case("two pixels too far right", (frame(12, 18, (6, 3, 14, 10)), _SQUARE, 1.0)),
        Case("an extra spur", (_SPUR, _SQUARE, 1.0)),
        Case("a missing spur", (_SQUARE, _SPUR, 1.0)),
        Case("at the image's edge", (frame(12, 18, (0, 0, 8, 9)), frame(12, 18, (0, 0, 6, 12)), 1.5)),
        Case("a corner in a different place", (frame(12, 18, (5, 5, 12, 11)), _SQUARE, 1.0)),
        Case("a pixel down and to the right, within 1.5", (_SHIFTED, _SQUARE, 1.5)),
        Case("two pixels down and to the right, within 2", (frame(12, 18, (6, 5, 14, 12)), _SQUARE, 2.0)),
        Case("nothing near", (frame(12, 18, (14, 10, 16, 12)), frame(12, 18, (1, 1, 4, 4)), 1.0)),
        Case("nothing found", (_NOTHING, _SQUARE, 1.0)),
        Case("nothing found, nothing there", (_NOTHING, _NOTHING, 1.0)),
    ),
)


def _wrong(name: str, story: str, answer: Callable) -> None:
    """Add an answer of two masks and a tolerance."""
    MASK_BOUNDARY_F.wrong(name, story)(lambda found, truth, tolerance=1.0: answer(found, truth, tolerance))


def _other_mean(name: str, story: str, mean: Callable[[float, float], float]) -> None:
    """Add the answer that makes another number of precision and recall."""
    _wrong(name, story, lambda found, truth, tolerance: mean(*_pair(found, truth, tolerance)))


_F = "F is the harmonic mean, 2 P R / (P + R)."
_other_mean(
    "precision alone", "Then a mask with only a part of the outline gets the full score.", lambda p, r: p
)
_other_mean("recall alone", "Then a mask with outlines everywhere gets the full score.", lambda p, r: r)
_other_mean("the arithmetic mean", _F, lambda p, r: (p + r) / 2)
_other_mean("the geometric mean", _F, lambda p, r: (p * r) ** 0.5)
_other_mean("the product of precision and recall", _F, lambda p, r: p * r)
_other_mean("half of F", "F = 2 P R / (P + R): the 2 is missing.", lambda p, r: harmonic(p, r) / 2)
_other_mean(
    "a tensor instead of a number",
    "The value is right, but it is a tensor: .item() turns it into a number.",
    lambda p, r: torch.tensor(harmonic(p, r)),
)


def _other_distance(name: str, story: str, near: Callable[[float], Callable]) -> None:
    """Add the answer for which other boundary pixels are near, given the tolerance."""
    _wrong(name, story, lambda a, b, tolerance: harmonic(*shares(edge(a), edge(b), near(tolerance))))


_other_distance(
    "nearer than the tolerance",
    "A distance equal to the tolerance is near enough: ≤.",
    lambda tolerance: lambda a, b: torch.cdist(a, b) < tolerance,
)
_other_distance(
    "a square of pixels around each pixel",
    "The distance is Euclidean: a diagonal neighbour is 1.41 pixels away.",
    lambda tolerance: lambda a, b: torch.cdist(a, b, p=torch.inf) <= tolerance,
)
_other_distance(
    "distances along rows and columns",
    "The distance is Euclidean: a diagonal neighbour is 1.41 pixels away, not 2.",
    lambda tolerance: lambda a, b: torch.cdist(a, b, p=1.0) <= tolerance,
)
_other_distance(
    "squared distances",
    "Compare the distance itself with the tolerance, or its square with the square of the tolerance.",
    lambda tolerance: lambda a, b: torch.cdist(a, b) ** 2 <= tolerance,
)
_other_distance(
    "no tolerance", "A pixel counts if a true one is within the tolerance.", lambda tolerance: within(0.0)
)
_other_distance("a tolerance of always 1", "Use `tolerance`, whatever it is.", lambda tolerance: within(1.0))


def _other_pixels(name: str, story: str, pixels: Edge, others: Edge | None = None) -> None:
    """Add the answer that compares other pixels, the same of both masks or two kinds."""

    def answer(found: Tensor, truth: Tensor, tolerance: float) -> float:
        near, second = within(tolerance), others or pixels
        return harmonic(
            shares(pixels(found), second(truth), near)[0], shares(second(found), pixels(truth), near)[1]
        )

    _wrong(name, story, answer)


_other_pixels(
    "all pixels instead of the boundary",
    "Only pixels with a neighbour outside the mask count.",
    lambda mask: mask,
)
_other_pixels(
    "the edge of the image counted as a boundary",
    "Nothing is known beyond the image: a neighbour must lie inside it.",
    lambda mask: edge(F.pad(mask, (1, 1, 1, 1))),
)
_other_pixels(
    "ops.mask_boundary",
    "It counts diagonal neighbours and the edge of the image, because it is made for Boundary IoU. Here a pixel has four neighbours.",
    ops.mask_boundary,
)
_other_pixels("eight neighbours", "A pixel has four neighbours here: diagonals do not count.", edge_of_eight)
_other_pixels(
    "the pixels just outside the mask",
    "A pixel *of the mask* is on the boundary if a neighbour is not in the mask.",
    lambda mask: edge(~mask),
)
_other_pixels(
    "pixels on both sides of the boundary",
    "Only pixels *of the mask* are on its boundary.",
    lambda mask: edge(mask) | edge(~mask),
)
_other_pixels(
    "distances to the mask instead of its boundary",
    "A boundary deep inside the other mask is far from its outline: compare boundary with boundary.",
    edge,
    lambda mask: mask,
)
_wrong(
    "the IoU of the masks",
    "Large masks overlap well whatever their outlines are. Compare only the boundaries.",
    lambda found, truth, tolerance: float(ops.mask_iou(found[None], truth[None])),
)
_wrong(
    "the IoU of the boundaries",
    "F measures whether the boundaries are near each other, within the tolerance.",
    lambda a, b, tolerance: int((edge(a) & edge(b)).sum()) / max(int((edge(a) | edge(b)).sum()), 1),
)


def _where(name: str, story: str, applies: Callable[[bool, bool, float], bool], value: float | None) -> None:
    """Add the answer that has another value, or an error, for masks with or without boundaries and an F."""

    def answer(found: Tensor, truth: Tensor, tolerance: float) -> float:
        right = mask_boundary_f(found, truth, tolerance)
        if not applies(bool(edge(found).any()), bool(edge(truth).any()), right):
            return right
        if value is None:
            raise Exception  # whatever the error
        return value

    _wrong(name, story, answer)


_ZERO, _NEAR = "Return 0 if one of the two has no boundary.", "Then P + R is 0: return 0 before dividing."
for _value, _what in ((float("nan"), "NaN"), (None, "an error"), (1.0, "1")):
    _where(f"{_what} without a boundary", _ZERO, lambda a, b, f: not (a and b), _value)
    _where(f"{_what} when neither mask has a boundary", _ZERO, lambda a, b, f: not (a or b), _value)
    _where(f"{_what} when nothing is near", _NEAR, lambda a, b, f: a and b and f == 0, _value)
    _where(f"{_what} whenever F is 0", f"{_ZERO} {_NEAR}", lambda a, b, f: f == 0, _value)


def _neither_caught(found: Tensor, truth: Tensor, tolerance: float) -> float:
    if not (edge(found).any() and edge(truth).any()):
        return float("nan")
    precision, recall = _pair(found, truth, tolerance)
    return 2 * precision * recall / (precision + recall)


_wrong("NaN without a boundary, and an error when nothing is near", f"{_ZERO} {_NEAR}", _neither_caught)

EXERCISES = (MASK_BOUNDARY_F,)
