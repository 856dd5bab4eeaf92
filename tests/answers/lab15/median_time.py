import statistics

import numpy as np
import torch


def right_plain(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """Two loops and a list."""
    for _ in range(warm_up):
        machine.run()
    times = []
    for _ in range(repeats):
        before = machine.clock()
        machine.run()
        after = machine.clock()
        times.append(after - before)
    return statistics.median(times) * 1000


def right_sorted(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """Sorts, and takes the middle of an odd number."""
    times = []
    for i in range(warm_up + repeats):
        start = machine.clock()
        machine.run()
        if i >= warm_up:
            times.append(machine.clock() - start)
    return 1e3 * sorted(times)[repeats // 2]


def right_numpy(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """Reads the clock once between two runs; NumPy has a median too."""
    [machine.run() for _ in range(warm_up)]
    readings = [machine.clock()]
    for _ in range(repeats):
        machine.run()
        readings.append(machine.clock())
    return float(np.median(np.diff(readings)) * 1000)


def right_torch(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """A tensor in double precision."""
    times = torch.zeros(warm_up + repeats, dtype=torch.float64)
    for i in range(warm_up + repeats):
        start = machine.clock()
        machine.run()
        times[i] = machine.clock() - start
    return 1000 * times[warm_up:].median().item()


def wrong_mean(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """The mean of the times."""
    for _ in range(warm_up):
        machine.run()
    start = machine.clock()
    for _ in range(repeats):
        machine.run()
    return 1000 * (machine.clock() - start) / repeats


def wrong_cold(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """Forgets to warm up."""
    times = []
    for _ in range(repeats):
        start = machine.clock()
        machine.run()
        times.append(machine.clock() - start)
    return 1000 * statistics.median(times)


def wrong_seconds(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """Stays in seconds."""
    for _ in range(warm_up):
        machine.run()
    times = []
    for _ in range(repeats):
        start = machine.clock()
        machine.run()
        times.append(machine.clock() - start)
    return statistics.median(times)


def wrong_warm_up_counts(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """The warm-up runs are in the list."""
    times = []
    for _ in range(warm_up + repeats):
        start = machine.clock()
        machine.run()
        times.append(machine.clock() - start)
    return 1000 * statistics.median(times)


def wrong_best(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """The fastest run."""
    for _ in range(warm_up):
        machine.run()
    best = float("inf")
    for _ in range(repeats):
        start = machine.clock()
        machine.run()
        best = min(best, machine.clock() - start)
    return 1000 * best


def wrong_one_start(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """Reads the start once, before the loop."""
    for _ in range(warm_up):
        machine.run()
    start = machine.clock()
    times = []
    for _ in range(repeats):
        machine.run()
        times.append(machine.clock() - start)
    return 1000 * statistics.median(times)


def wrong_unsorted(machine, repeats: int = 15, warm_up: int = 2) -> float:
    """The run in the middle, in the order of time."""
    for _ in range(warm_up):
        machine.run()
    times = []
    for _ in range(repeats):
        start = machine.clock()
        machine.run()
        times.append(machine.clock() - start)
    return 1000 * times[repeats // 2]
