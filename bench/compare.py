"""Two implementations side by side: how far their answers are apart, how their times compare, what memory they take.

All take turns in one process, so that a busy machine slows them alike; a ratio is the median over the turns.
"""

import ctypes
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

Run = Callable[..., Any]
TURN_SECONDS = 0.002  # short runs are repeated until a turn takes so long
FEWEST_TURNS, MOST_TURNS = 3, 41
SLOW = 5.0  # seconds of one run, beyond which there is one turn
FORWARD, GRADIENT = "forward", "forward + backward"


class Case(NamedTuple):
    """One operator at one size: ours and its peers, called with `leaves`, the tensors that are trained."""

    size: str
    count: int  # what grows: the x axis of the plot
    ours: Run
    peers: dict[str, Run]
    leaves: tuple[Tensor, ...] = ()
    difference: Callable[[Any, Any], float] | None = None  # `largest_difference` unless given


class Row(NamedTuple):
    """One operator at all its sizes: a line of the table for each size, peer and pass."""

    name: str
    group: str
    inputs: str  # in words: what the operator was given
    build: Callable[[Any], Case]
    sizes: Sequence[Any]
    between: Sequence[Any]  # more sizes, for the plot only
    aims: dict[str, Sequence[float]]  # the ratio to reach at each size, by pass; of COCO's metrics by peer
    covers: Sequence[str]  # other operators that this one calls, or shares its code with: measured with it
    teaching: bool = False  # a form that shows how it works, next to a fast one: not counted


ROWS: dict[str, Row] = {}


def row(
    group: str,
    inputs: str,
    sizes: Sequence[Any],
    name: str = "",
    between: Sequence[Any] = (),
    covers: Sequence[str] = (),
    teaching: bool = False,
    **aims: Sequence[float],
) -> Callable[[Callable], Callable]:
    """Enter a function that builds the `Case` of a size into ROWS, under its own name unless told otherwise."""

    def enter(build: Callable[[Any], Case]) -> Callable[[Any], Case]:
        key = name or build.__name__
        if key in ROWS:
            raise ValueError(f"there are two rows {key!r}: give one of them another name.")
        ROWS[key] = Row(key, group, inputs, build, sizes, between, aims, covers, teaching)
        return build

    return enter


class Measured(NamedTuple):
    """What came out for one size, peer and pass."""

    difference: float
    seconds: float  # ours, one thread, median
    peer_seconds: float
    ratio: float  # ours / peer, one thread in CPU time, median over the turns
    ratio_two: float | None  # the same on two threads in time on the wall; None where it was not measured


def measure(case: Case, part: str, budget: float, two_threads: bool = True) -> dict[str, Measured]:
    """Return the comparison of ours with each peer, in about `budget` seconds for one thread and for two."""
    runs = [in_part(case, run, part) for run in (case.ours, *case.peers.values())]
    compare = (case.difference if part == FORWARD else None) or largest_difference
    torch.set_num_threads(1)
    answers, first = zip(*(timed(run) for run in runs), strict=True)
    differences = {
        name: compare(answers[0], answer) for name, answer in zip(case.peers, answers[1:], strict=True)
    }
    if max(first) > SLOW:  # once is enough
        one, two = [first], None
    else:
        one = take_turns(runs, 1, budget)
        two = take_turns(runs, 2, budget) if two_threads else None
    return {
        name: Measured(
            difference,
            statistics.median(times[0] for times in one),
            statistics.median(times[at] for times in one),
            statistics.median(times[0] / times[at] for times in one),
            statistics.median(times[0] / times[at] for times in two) if two else None,
        )
        for at, (name, difference) in enumerate(differences.items(), 1)
    }


def in_part(case: Case, run: Run, part: str) -> Run:
    """The run as a function without arguments: of the answer alone, or of the gradients of the leaves too."""
    if part == FORWARD:
        return lambda: run(*case.leaves)
    leaves = [leaf.detach().requires_grad_() for leaf in case.leaves]
    with torch.no_grad():
        shape = run(*leaves).shape
    direction = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=leaves[0].dtype)
    return lambda: torch.autograd.grad(run(*leaves), leaves, direction)


def timed(run: Run) -> tuple[Any, float]:
    """The answer, and the CPU seconds that it took."""
    start = time.process_time()
    answer = run()
    return answer, time.process_time() - start


def take_turns(runs: Sequence[Run], threads: int, budget: float) -> list[list[float]]:
    """Return for each turn the seconds of each run: CPU time of one thread, or time on the wall of two."""
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter  # CPU time does not see the neighbours
    again = [seconds(run, 1, time.perf_counter) for run in runs]
    repeats = [max(1, round(TURN_SECONDS / max(one, 1e-7))) for one in again]
    turn = sum(one * times for one, times in zip(again, repeats, strict=True))
    turns = min(max(round(budget / turn), FEWEST_TURNS), MOST_TURNS)
    try:
        return [
            [seconds(run, count, clock) for run, count in zip(runs, repeats, strict=True)]
            for _ in range(turns)
        ]
    finally:
        torch.set_num_threads(1)


def seconds(run: Run, repeats: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(repeats):
        run()
    return (clock() - start) / repeats


def largest_difference(a: Any, b: Any) -> float:
    """The largest difference of any two numbers of two answers, in the unit of the answer; inf for two shapes."""
    if isinstance(a, dict):
        a, b = list(a.values()), list(b.values())
    if isinstance(a, (list, tuple)):
        if len(a) != len(b):
            return float("inf")
        return max((largest_difference(x, y) for x, y in zip(a, b, strict=True)), default=0.0)
    a, b = as_numbers(a), as_numbers(b)
    if a.shape != b.shape:
        return float("inf")
    return float(np.abs(a - b).max()) if a.size else 0.0


def as_numbers(value: Any) -> np.ndarray:
    return np.asarray(value.detach() if isinstance(value, Tensor) else value, dtype=np.float64)


def other_members(a: Any, b: Any) -> float:
    """How many indices only one of two answers has."""
    return float(len(set(as_numbers(a).tolist()) ^ set(as_numbers(b).tolist())))


def peak_megabytes(run: Run) -> float | None:
    """The most memory that a run needs beyond what it was given, or None where the system does not tell.

    Linux keeps the highest mark of a process and sets it back when asked to.
    """
    try:
        run()
        ctypes.CDLL(None).malloc_trim(0)  # give back what earlier runs left in the heap, or it is used unseen
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before = memory_mark("VmRSS")
        run()
        return max(memory_mark("VmHWM") - before, 0.0)
    except (OSError, AttributeError, TypeError):
        return None


def memory_mark(key: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024
