"""Lab 15, section 1: which detectors are worth having, when both accuracy and time count."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab15.pictures import front_picture
from classroom.exercises.mistakes import overwriting


def not_dominated(ms: Tensor, ap: Tensor) -> Tensor:
    """Which detectors have no other that is at least as fast and as accurate, and better in one of the two: (N,) bool."""
    as_good = (ms <= ms[:, None]) & (ap >= ap[:, None])  # (N, N): the column is as good as the row
    better = (ms < ms[:, None]) | (ap > ap[:, None])
    return ~(as_good & better).any(1)


def _case(name: str, ms: list[float], ap: list[float]) -> Case:
    return Case(name, (torch.tensor(ms), torch.tensor(ap)))


NOT_DOMINATED = Exercise(
    not_dominated,
    picture=front_picture,
    hints=(
        "Compare each with each. What must be true of another detector, so that there is no reason to choose this one?",
        "Another one dominates if it is at least as good in both, ms <= and ap >=, and better in at least one. "
        "x[None] against x[:, None] compares each with each; any(1) asks whether one of the columns dominates the row.",
        "as_good = (ms <= ms[:, None]) & (ap >= ap[:, None])\n"
        "better = (ms < ms[:, None]) | (ap > ap[:, None])\n"
        "return ~(as_good & better).any(1)",
    ),
    cases=(
        _case("one detector", [30.0], [0.5]),
        _case("faster and more accurate", [20.0, 30.0], [0.6, 0.5]),
        _case("faster against more accurate", [20.0, 30.0], [0.5, 0.6]),
        _case("as accurate, but slower", [30.0, 20.0], [0.5, 0.5]),
        _case("as fast, but less accurate", [20.0, 20.0], [0.4, 0.5]),
        _case("two that are equal in both", [20.0, 20.0, 30.0], [0.5, 0.5, 0.4]),
        _case("beyond a gap", [10.0, 15.0, 40.0, 60.0, 50.0], [0.3, 0.2, 0.45, 0.7, 0.44]),
        _case("near the ends, but dominated", [10.0, 11.0, 59.0, 60.0], [0.3, 0.2, 0.45, 0.6]),
        Case("thirty detectors", (100 * uniform(30, seed=5), uniform(30, seed=6))),
        Case("no detector", (torch.zeros(0), torch.zeros(0))),
    ),
)

_wrong = NOT_DOMINATED.wrong


def _unless(dominates: Callable[..., Tensor]) -> Callable:
    """An answer from another rule: dominates(ms and ap of the other one, ms and ap of this one)."""
    return lambda ms, ap: ~dominates(ms, ap, ms[:, None], ap[:, None]).any(1)


def _climbing(ms: Tensor, ap: Tensor) -> Tensor:
    """From fast to slow, and from accurate to less accurate where they are as fast; keep each new best."""
    best, keep = -1.0, torch.zeros(len(ms), dtype=torch.bool)
    for i in sorted(range(len(ms)), key=lambda i: (ms[i].item(), -ap[i].item())):
        keep[i] = ap[i] > best
        best = max(best, ap[i].item())
    return keep


for _name, _story, _function in (
    (
        "better in both",
        "A detector that is as accurate but slower is dominated: as good in both and better in one is enough.",
        _unless(lambda ms, ap, my_ms, my_ap: (ms < my_ms) & (ap > my_ap)),
    ),
    (
        "as good in both",
        "Each detector is as good as itself, and would dominate itself: ask also that the other one is better in one of the two.",
        _unless(lambda ms, ap, my_ms, my_ap: (ms <= my_ms) & (ap >= my_ap)),
    ),
    (
        "faster, and as accurate",
        "One that is as fast and more accurate dominates too.",
        _unless(lambda ms, ap, my_ms, my_ap: (ms < my_ms) & (ap >= my_ap)),
    ),
    (
        "more accurate, and as fast",
        "One that is as accurate and faster dominates too.",
        _unless(lambda ms, ap, my_ms, my_ap: (ms <= my_ms) & (ap > my_ap)),
    ),
    (
        "better in one of the two",
        "Better in one and worse in the other is a choice, not a domination: it must be at least as good in both.",
        _unless(lambda ms, ap, my_ms, my_ap: (ms < my_ms) | (ap > my_ap)),
    ),
    (
        "slow is good",
        "Fewer milliseconds are better.",
        lambda ms, ap: not_dominated(-ms, ap),
    ),
    (
        "the dominated ones",
        "Return those that are left when the dominated ones are gone: turn it around with ~.",
        lambda ms, ap: ~not_dominated(ms, ap),
    ),
    (
        "the most accurate only",
        "A faster detector may be worth having, although it is less accurate.",
        lambda ms, ap: ap == (ap.max() if len(ap) else 0),
    ),
    (
        "the fastest and the most accurate only",
        "Between the two ends there may be others that are not dominated.",
        lambda ms, ap: (ap == ap.max()) | (ms == ms.min()) if len(ms) else ms > 0,
    ),
    (
        "the best AP per millisecond",
        "A ratio chooses one of them. The front keeps every detector for which there is a budget of time.",
        lambda ms, ap: ap / ms == ((ap / ms).max() if len(ms) else 0),
    ),
    (
        "each new best, ties dropped",
        "Of two that are equal in both, neither dominates the other: both stay.",
        _climbing,
    ),
    (
        "indices, not truth values",
        "Return a bool for each detector, (N,).",
        lambda ms, ap: not_dominated(ms, ap).nonzero()[:, 0],
    ),
    (
        "numbers, not truth values",
        "Return True and False, not 1 and 0: a mask.",
        lambda ms, ap: not_dominated(ms, ap).long(),
    ),
    (
        "the caller's numbers overwritten",
        "They are needed for the plot: work on copies.",
        overwriting(not_dominated),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (NOT_DOMINATED,)
