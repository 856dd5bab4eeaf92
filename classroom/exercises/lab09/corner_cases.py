"""Lab 09, section 5: corners to be joined into boxes, from one pair to twenty of each kind."""

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case
from coursekit.ops import Peaks


def _corners(*rows: tuple[float, float, int, float, float]) -> tuple[Peaks, Tensor]:
    """Peaks and embeddings from rows of x, y, label, score and embedding."""
    table = torch.tensor(rows, dtype=torch.float32).reshape(-1, 5)
    return Peaks(table[:, :2], table[:, 2].long(), table[:, 3]), table[:, 4:]


def _pair(first: tuple[Peaks, Tensor], last: tuple[Peaks, Tensor], *more: float) -> tuple:
    return first[0], last[0], first[1], last[1], *more


def _scene(seed: int, size: int, numbers: int = 1) -> tuple:
    """Random corners of two classes, the scores of each kind descending, with embeddings of the given length."""
    kinds = []
    for k in range(2):
        table = uniform(size, 4, seed=seed + k)
        scores = table[:, 3].sort(descending=True).values
        kinds.append(Peaks(table[:, :2] * 12 + 4 * k, (table[:, 2] > 0.5).long(), scores))
    return *kinds, 2 * uniform(size, numbers, seed=seed + 2), 2 * uniform(size, numbers, seed=seed + 3)


def _wide(first: tuple[float, ...], last: tuple[float, ...]) -> tuple:
    """One pair of corners with embeddings of several numbers."""
    (a, _), (b, _) = _corners((1, 1, 0, 0.9, 0.0)), _corners((5, 4, 0, 0.7, 0.0))
    return a, b, torch.tensor([first]), torch.tensor([last])


_ONE = _corners((1, 1, 0, 0.9, 0.2))

PAIRS = (
    Case("one object", _pair(_ONE, _corners((5, 4, 0, 0.7, 0.3)))),
    Case("embeddings that differ", _pair(_ONE, _corners((5, 4, 0, 0.7, 1.5)))),
    Case("the first embedding is much smaller", _pair(_ONE, _corners((5, 4, 0, 0.7, -1.5)))),
    Case("two classes", _pair(_ONE, _corners((5, 4, 1, 0.7, 0.2)))),
    Case(
        "above, to the left, and on one line",
        _pair(
            _corners((4, 4, 0, 0.9, 0.0)),
            _corners(
                (9, 2, 0, 0.8, 0.0),
                (2, 9, 0, 0.7, 0.0),
                (4, 9, 0, 0.6, 0.0),
                (8, 4, 0, 0.5, 0.0),
                (1, 1, 0, 0.4, 0.0),
            ),
        ),
    ),
    Case("exactly at the distance", _pair(_corners((1, 1, 0, 0.9, 0.0)), _corners((5, 4, 0, 0.7, 0.5)))),
    Case("a different distance", _pair(_ONE, _corners((5, 4, 0, 0.7, 1.5)), 2.0)),
    Case("one corner, two boxes", _pair(_ONE, _corners((4, 4, 0, 0.5, 0.2), (9, 9, 0, 0.8, 0.1)))),
    Case(
        "two objects, the better one last",
        _pair(
            _corners((1, 1, 3, 0.5, 0.0), (6, 2, 3, 0.4, 2.0)),
            _corners((9, 8, 3, 0.9, 2.1), (5, 5, 3, 0.3, 0.1)),
        ),
    ),
    Case("no corners of one kind", _pair(_ONE, _corners())),
    Case("two numbers, each 0.3 apart", _wide((0.1, 0.2), (0.4, 0.5))),
    Case("two numbers per embedding", _scene(11, 6, 2)),
    Case("twenty of each, the best five", (*_scene(21, 20), 0.5, 5)),
    Case("twenty of each, a distance of 0.2", (*_scene(31, 20), 0.2)),
)
