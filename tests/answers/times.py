"""How long a check takes, in seconds of the CPU: `python tests/answers/times.py [nms …]`.

Of the right answer; of the first wrong one, for which all wrong answers of the exercise run as well; and of the same wrong one again. A wrong
answer's verdict has a diagnosis, a case and a picture.
"""

import contextlib
import io
import statistics
import sys
import time
from collections.abc import Callable

import matplotlib
import matplotlib.pyplot as plt
import torch

from classroom import check
from classroom.exercises.catalogue import find, homes
from classroom.exercises.exercise import Exercise


def main(names: list[str]) -> None:
    """Print the median, how many took more than a second, and the slowest."""
    matplotlib.use("Agg")
    torch.set_num_threads(1)
    times: dict[str, dict[str, float]] = {"right": {}, "wrong": {}, "wrong, again": {}}
    for name in names or homes():
        exercise = find(name)
        wrong = exercise.wrong_answers[0].function
        seconds(exercise.reference, exercise)  # the reference's own results are kept
        for said, function in zip(times, (exercise.reference, wrong, wrong), strict=True):
            times[said][name] = seconds(function, exercise)
    for said, each in times.items():
        slowest = max(each, key=each.__getitem__)
        print(
            f"{said}: {len(each)} checks, median {statistics.median(each.values()):.3f} s, "
            f"{sum(t > 1 for t in each.values())} above 1 s, at most {each[slowest]:.2f} s ({slowest})"
        )


def seconds(function: Callable, exercise: Exercise) -> float:
    """Return the CPU seconds of one check."""
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        check(function, exercise)
    plt.close("all")
    return time.process_time() - start


if __name__ == "__main__":
    main(sys.argv[1:])
