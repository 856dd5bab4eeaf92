"""Run whole notebooks inside the fence, a tenth of the training steps, and say which of them come to their end."""

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import platformdirs

from classroom.grading.fence import environment, wall
from classroom.grading.keeping import judge_all, key_of
from classroom.grading.submissions import Submission
from classroom.grading.table import safe, write_csv

STEPS = "0.1"  # of the steps of each training
SPARE = 60  # seconds beside those of the cells: Python starts, the kernel too
TMP = 2_000_000_000  # bytes that a notebook may write: the features of a lab are among them
CACHE = "/cache"
HEADINGS = ("student", "number", "lab", "notebook", "ran", "problem", "cells", "seconds")


def run_all(
    submissions: Sequence[Submission],
    folder: Path,
    fenced: bool,
    seconds: float,
    jobs: int = -1,
    say: Callable[[str], None] = print,
) -> list[dict[str, Any]]:
    """Run every notebook of which a folder has no report yet; return the reports of all, and write runs.csv.

    Args:
        seconds: for the cells of a notebook together.
        jobs, say: as in `grade`.
    """
    parts = (fenced, seconds, STEPS)
    places = {s: folder / "runs" / f"{key_of(s, *parts)}.json" for s in submissions}
    run = functools.partial(run_whole, fenced=fenced, seconds=seconds)
    reports = [asdict(s) | found for s, found in judge_all(places, run, jobs, say, "run").items()]
    rows = [
        [
            safe(r["student"]["name"]), safe(r["student"]["number"]), r["lab"], safe(r["path"]),
            "yes" if r["ran"] else "no", safe(r["problem"]), r["cells"], r["seconds"],
        ]
        for r in reports
    ]  # fmt: skip
    write_csv(folder / "runs.csv", [HEADINGS, *rows])
    return reports


def run_whole(submission: Submission, fenced: bool, seconds: float) -> dict[str, Any]:
    """Return whether a notebook ran to its end, otherwise the cell that did not and why, and the seconds."""
    start = time.monotonic()
    report = {"ran": False, "problem": submission.trouble, "cells": len(submission.sources)}
    if not submission.trouble:
        try:
            report["problem"] = told(submission, fenced, seconds)
        except Exception as error:  # one bad notebook never stops the rest
            report["problem"] = f"It could not be run: {type(error).__name__}: {str(error)[:300]}"
    return report | {"ran": not report["problem"], "seconds": round(time.monotonic() - start, 1)}


def told(submission: Submission, fenced: bool, seconds: float) -> str:
    """What stopped a notebook, in a sentence; nothing if it ran."""
    request = json.dumps({"cells": submission.sources, "seconds": seconds}).encode()
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [*(walls() if fenced else []), sys.executable, "-P", "-m", "classroom.grading.whole_inside"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, cwd="/" if fenced else place,
            env=surroundings(fenced, place), start_new_session=True,
        )  # fmt: skip
        try:
            out = process.communicate(request, seconds + SPARE)[0]
        except subprocess.TimeoutExpired:
            return f"it was stopped after {seconds + SPARE:.0f} seconds"
        finally:
            with contextlib.suppress(ProcessLookupError):  # whatever it started ends with it
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        try:
            return (json.loads(out)["problem"].splitlines() or [""])[0][:300]
        except (ValueError, KeyError, TypeError, AttributeError):
            said.seek(0)
            why = said.read().decode(errors="replace").strip().splitlines() or ["no reason given"]
            return f"Python ended before the notebook did: {why[-1][:300]}"


def walls() -> list[str]:
    """The fence's command with room for a lab's files, and the lecturer's features to read."""
    shared = os.environ.get("COURSEKIT_SHARED_CACHE") or os.environ.get("COURSEKIT_CACHE")
    features = Path(shared or platformdirs.user_cache_path("coursekit")) / "features"
    return wall(TMP, {features: f"{CACHE}/features"} if features.is_dir() else {})


def surroundings(fenced: bool, place: str) -> dict[str, str]:
    """The variables of a notebook: none of them the lecturer's."""
    own = environment(fenced) | {"COURSEKIT_STEPS": STEPS, "OMP_WAIT_POLICY": "PASSIVE"}
    return own | ({"COURSEKIT_SHARED_CACHE": CACHE} if fenced else {"HOME": place})


def ran(reports: Sequence[dict[str, Any]]) -> str:
    """Return how many notebooks ran.

    >>> ran([{"ran": True}, {"ran": False}])
    '1 of 2 notebooks run from their first cell to the last.'
    """
    return (
        f"{sum(r['ran'] for r in reports)} of {len(reports)} notebooks run from their first cell to the last."
    )
