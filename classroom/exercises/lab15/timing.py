"""Lab 15, section 1: the milliseconds that an image takes, on a machine that is never quite quiet."""

import statistics
from collections.abc import Callable

from classroom.exercises.cases import judge_number
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab15.pictures import times_picture


class Machine:
    """A machine whose runs take known times, in seconds, one after the other; the last one is repeated."""

    def __init__(self, *seconds: float, start: float = 0.0) -> None:
        self.seconds, self.now, self.runs = seconds, start, 0

    def run(self) -> None:
        """Send one image through the detector."""
        self.now += self.seconds[min(self.runs, len(self.seconds) - 1)]
        self.runs += 1

    def clock(self) -> float:
        """The seconds that have passed since some moment."""
        return self.now


def median_time(machine: Machine, repeats: int = 15, warm_up: int = 2) -> float:
    """The median of `repeats` times of machine.run(), in milliseconds, after `warm_up` runs that do not count."""
    for _ in range(warm_up):
        machine.run()
    times = []
    for _ in range(repeats):
        start = machine.clock()
        machine.run()
        times.append(machine.clock() - start)
    return 1000 * statistics.median(times)


MEDIAN_TIME = Exercise(
    median_time,
    picture=times_picture,
    judge=judge_number,
    hints=(
        "First run it `warm_up` times without looking at the clock. Then read the clock before and after each run, and keep the difference.",
        "start = machine.clock(); machine.run(); times.append(machine.clock() - start). "
        "The clock counts seconds; statistics.median(times) is the median.",
        "for _ in range(warm_up):\n"
        "    machine.run()\n"
        "times = []\n"
        "for _ in range(repeats):\n"
        "    start = machine.clock()\n"
        "    machine.run()\n"
        "    times.append(machine.clock() - start)\n"
        "return 1000 * statistics.median(times)",
    ),
    cases=(
        Case("one run, no warm-up", (Machine(0.025), 1, 0)),
        Case("a clock that does not start at 0", (Machine(0.03, 0.02, 0.025, start=51.5), 3, 0)),
        Case("a slow first run", (Machine(0.9, 0.032, 0.03, 0.031), 3, 1)),
        Case("one run was disturbed", (Machine(0.02, 0.021, 0.5, 0.022, 0.023, 0.024), 5, 1)),
        Case("a machine that slows down", (Machine(0.01, 0.02, 0.03, 0.05, 0.08, 0.13, 0.21), 5, 2)),
        Case("repeats and warm-up as usual", (Machine(0.5, 0.1, *(0.02 + 0.001 * (7 * i % 15) for i in range(15)), 0.3),)),
    ),
)  # fmt: skip

_wrong = MEDIAN_TIME.wrong
MEDIAN = "One disturbed run moves it far: take the median of the runs."


def _times(machine: Machine, repeats: int, warm_up: int) -> list[float]:
    for _ in range(warm_up):
        machine.run()
    found = []
    for _ in range(repeats):
        start = machine.clock()
        machine.run()
        found.append(machine.clock() - start)
    return found


def _of(summary: Callable[[list[float]], float]) -> Callable:
    """An answer with another summary of the right times, in seconds."""
    return lambda machine, repeats=15, warm_up=2: summary(_times(machine, repeats, warm_up))


def _all_runs(machine: Machine, repeats: int = 15, warm_up: int = 2) -> float:
    return 1000 * statistics.median(_times(machine, repeats + warm_up, 0))


def _dropped(machine: Machine, repeats: int = 15, warm_up: int = 2) -> float:
    return 1000 * statistics.median(_times(machine, repeats, 0)[warm_up:] or [0.0])


def _since_start(machine: Machine, repeats: int = 15, warm_up: int = 2) -> float:
    _times(machine, 0, warm_up)
    start = machine.clock()
    return 1000 * statistics.median([(machine.run(), machine.clock() - start)[1] for _ in range(repeats)])


def _readings(machine: Machine, repeats: int = 15, warm_up: int = 2) -> float:
    _times(machine, 0, warm_up)
    return 1000 * statistics.median([(machine.run(), machine.clock())[1] for _ in range(repeats)])


for _name, _story, _function in (
    ("the mean", MEDIAN, _of(lambda times: 1000 * statistics.fmean(times))),
    ("the fastest run", "The fastest run is what a user gets once. The median is what a user gets usually.", _of(lambda times: 1000 * min(times))),
    ("the slowest run", MEDIAN, _of(lambda times: 1000 * max(times))),
    ("the last run", "One run is not a measurement: take the median of all.", _of(lambda times: 1000 * times[-1])),
    ("the first run", "One run is not a measurement: take the median of all.", _of(lambda times: 1000 * times[0])),
    ("the middle one in time", "The median is the middle of the *sorted* times.", _of(lambda times: 1000 * times[len(times) // 2])),
    ("the sum", "Return the time of one image.", _of(lambda times: 1000 * sum(times))),
    ("seconds", "The clock counts seconds; return milliseconds.", _of(statistics.median)),
    ("microseconds", "A second has 1,000 milliseconds.", _of(lambda times: 1e6 * statistics.median(times))),
    ("images per second", "Return the time of an image, not its reciprocal.", _of(lambda times: 1 / statistics.median(times))),
    ("no warm-up", "The first runs are slow, because memory and caches are still empty: run `warm_up` times first.", lambda machine, repeats=15, warm_up=2: 1000 * statistics.median(_times(machine, repeats, 0))),
    ("the warm-up counted", "The first `warm_up` runs do not count.", _all_runs),
    ("too few runs that count", "`repeats` is the number of runs that count; the warm-up comes on top.", _dropped),
    ("one warm-up run in every case", "Use the number that is given.", lambda machine, repeats=15, warm_up=2: 1000 * statistics.median(_times(machine, repeats, 1))),
    ("times since the start", "Read the clock before *each* run.", _since_start),
    ("what the clock says", "A time is the difference of two readings of the clock.", _readings),
):  # fmt: skip
    _wrong(_name, _story)(_function)

EXERCISES = (MEDIAN_TIME,)
