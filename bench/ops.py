"""Compare every operator and metric of the course with the libraries: `python bench/ops.py [NAME ...]`.

Prints differences, times and memory, and writes them to bench/ops.json, the tables and the plot of bench/README.md.
With names (`python bench/ops.py nms roi_align`) only the rows whose names begin so are measured and replaced.
Needs `pip install -e .[test,bench]`; a library that is not installed is left out.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # or two threads spin while a neighbour computes

import argparse
import time
from collections.abc import Iterable, Sequence

import rows  # noqa: F401 -- fills ROWS
from compare import FORWARD, GRADIENT, ROWS, SLOW, Case, Row, measure, peak_megabytes
from report import load, machine, save, table_row, write_readme
from tqdm import tqdm

BUDGET = 0.3  # seconds of each comparison on one thread, and again on two
A_ROW = 6.0  # seconds, where no earlier run tells


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    chosen = select(options.names)
    before = load()
    minutes = max(expected_minutes(chosen, before), 1)
    print(f"{len(chosen)} rows, about {minutes:.0f} min. {machine()}", flush=True)
    started, results = machine(), []
    for row in tqdm(chosen, unit="row"):
        results.append(run_row(row, started, options.budget))
        for line in results[-1]["lines"]:
            tqdm.write(table_row(line))
        if not options.dry:
            save(results, before)  # after each, so that little is lost when it is interrupted
    if not options.dry:
        write_readme()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="the beginnings of the names of rows; all of them without")
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds of each comparison")
    parser.add_argument("--dry", action="store_true", help="print, but write nothing")
    return parser.parse_args(arguments)


def select(names: Iterable[str]) -> list[Row]:
    for name in names:
        if not any(key.startswith(name) for key in ROWS):
            raise SystemExit(f"unknown row {name!r}: the rows are {', '.join(ROWS)}.")
    return [row for key, row in ROWS.items() if not names or any(key.startswith(name) for name in names)]


def expected_minutes(chosen: Iterable[Row], before: dict) -> float:
    earlier = {row["name"]: row["seconds"] for row in before["rows"]}
    return sum(earlier.get(row.name, A_ROW) for row in chosen) / 60


def run_row(row: Row, started: str, budget: float = BUDGET, sizes: Sequence | None = None) -> dict:
    """Everything about one operator, ready for JSON."""
    start, lines = time.perf_counter(), []
    for size in row.sizes if sizes is None else sizes:
        lines += run_size(row, size, budget)
    curve = [run_between(row.build(size)) for size in (row.between if sizes is None else ())]
    return {
        "name": row.name,
        "group": row.group,
        "inputs": row.inputs,
        "teaching": row.teaching,
        "run": started,
        "seconds": round(time.perf_counter() - start, 1),
        "lines": lines,
        "between": curve,
    }


def run_size(row: Row, size, budget: float) -> list[dict]:
    """One line a pass and peer."""
    case, lines = row.build(size), []
    for part in (FORWARD, GRADIENT) if case.leaves else (FORWARD,):
        for peer, measured in measure(case, part, budget).items():
            aim = aim_of(row, size, part, peer)
            line = {"name": row.name, "size": case.size, "count": case.count, "part": part, "peer": peer}
            lines.append(line | measured._asdict() | {"aim": aim, "memory": None, "peer_memory": None})
    if size == row.sizes[-1]:
        add_memory(case, lines)
    return lines


def aim_of(row: Row, size, part: str, peer: str) -> float | None:
    key = {FORWARD: "forward", GRADIENT: "gradient"}[part]
    aims = row.aims.get(peer.replace("-", "_"), row.aims.get(key))
    return aims[list(row.sizes).index(size)] if aims and size in row.sizes else None


def add_memory(case: Case, lines: list[dict]) -> None:
    """The peak of the forward pass; a peer that takes many seconds is not run for it a second time."""
    ours = peak_megabytes(lambda: case.ours(*case.leaves))
    for line in lines:
        if line["part"] == FORWARD:
            line["memory"] = ours
            if line["peer_seconds"] < SLOW:
                line["peer_memory"] = peak_megabytes(lambda: case.peers[line["peer"]](*case.leaves))  # noqa: B023


def run_between(case: Case) -> dict:
    """One more point of the plot."""
    measured = measure(case, FORWARD, 0.1, two_threads=False)
    peer, numbers = next(iter(measured.items()))
    return {
        "count": case.count,
        "peer": peer,
        "seconds": numbers.seconds,
        "peer_seconds": numbers.peer_seconds,
    }


if __name__ == "__main__":
    main()
