"""Grade the notebooks of a class: each is judged once, its verdicts kept in a file, and whatever is missing goes on."""

import functools
import hashlib
import importlib.util
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import joblib
import torch

from classroom.exercises.exercise import Case
from classroom.exercises.record import by_lab
from classroom.exercises.trial import SECONDS
from classroom.grading.fence import Fence, FenceError
from classroom.grading.judging import judge_notebook
from classroom.grading.submissions import Submission

VERSION = 1  # of the files of verdicts: another one is judged again


@dataclass(frozen=True)
class How:
    """How submissions are judged: fenced or not, the seconds per exercise, and a file of cases that students do not know."""

    fenced: bool = True
    seconds: float = SECONDS
    cases: str | None = None


def grade(
    submissions: Sequence[Submission],
    folder: Path,
    how: How,
    jobs: int = -1,
    say: Callable[[str], None] = print,
) -> list[dict[str, Any]]:
    """Judge every submission that has no verdicts in a folder yet; return the verdicts of all.

    Args:
        jobs: how many at once; -1 for one per core. Inside `joblib.parallel_config`, its backend runs them.
        say: gets a line of progress from time to time.
    """
    keep = folder / "verdicts"
    keep.mkdir(parents=True, exist_ok=True)
    if how.cases:
        extra_cases(how.cases)  # a mistake in it is said before anything runs
    places = {submission: keep / f"{key(submission, how)}.json" for submission in submissions}
    waiting = [submission for submission, place in places.items() if read(place) is None]
    if len(waiting) < len(submissions):
        say(f"{len(submissions) - len(waiting)} of {len(submissions)} notebooks are judged already.")
    start, said = time.monotonic(), 0.0
    for done, (submission, verdicts) in enumerate(_all_verdicts(waiting, how, jobs), 1):
        write(places[submission], verdicts)
        now = time.monotonic() - start
        if now - said > 5 or done == len(waiting):
            said = now
            say(progress(done, len(waiting), now))
    return [
        asdict(submission) | {"sources": ()} | (read(place) or {}) for submission, place in places.items()
    ]


def _all_verdicts(waiting: Sequence[Submission], how: How, jobs: int) -> Iterator[tuple[Submission, dict]]:
    tasks = [joblib.delayed(judged)(submission, how) for submission in waiting]
    yield from joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)(tasks)


def progress(done: int, total: int, seconds: float) -> str:
    """Return the line of progress.

    >>> progress(10, 40, 60)
    '10 of 40 notebooks judged, about 3 minutes left'
    """
    left = seconds / done * (total - done)
    time_left = f"about {left / 60:.0f} minutes left" if left > 90 else f"about {left:.0f} seconds left"
    return f"{done} of {total} notebooks judged" + (
        f", {time_left}" if done < total else f" in {seconds / 60:.1f} minutes"
    )


def judged(submission: Submission, how: How) -> tuple[Submission, dict[str, Any]]:
    """Return a submission with its verdicts; whatever goes wrong with it is in them."""
    torch.set_num_threads(1)
    names, start, before = by_lab()[submission.lab], time.monotonic(), time.process_time()
    if submission.trouble:
        return submission, {
            "rows": [unread(name, submission.trouble) for name in names],
            "seconds": 0.0,
            "cpu": 0.0,
        }
    try:
        extra = extra_cases(how.cases) if how.cases else {}
        rows = judge_notebook(
            fence_for(how.fenced, submission.lab), submission.sources, names, extra, how.seconds
        )
    except FenceError:
        raise
    except Exception as error:  # one bad notebook never stops the rest
        trouble = f"It could not be judged: {type(error).__name__}: {str(error)[:300]}"
        rows = [unread(name, trouble) for name in names]
    cpu = time.process_time() - before + sum(row.get("cpu", 0.0) for row in rows)
    return submission, {"rows": rows, "seconds": round(time.monotonic() - start, 1), "cpu": round(cpu, 2)}


@functools.cache
def fence_for(fenced: bool, lab: str) -> Fence:
    """The fence of this process for a lab; it ends with the process."""
    return Fence(by_lab()[lab], fenced)


def unread(name: str, trouble: str) -> dict[str, Any]:
    """Return the row of an exercise of a notebook that cannot be judged."""
    row = {
        "exercise": name,
        "verdict": "unreadable",
        "passed": 0,
        "cases": 0,
        "said": f"❌ {name}: {trouble}",
    }
    row |= {"misconceptions": [], "stories": [], "html": "", "code": "", "seconds": 0.0, "end": ""}
    return row | {"human": [trouble], "trusts_child": False}


@functools.cache
def extra_cases(path: str) -> dict[str, tuple[Case, ...]]:
    """Return the cases of a Python file: `CASES = {"nms": (Case("mine", (boxes, scores, 0.5)),)}`.

    Raises:
        ValueError: the file defines no such dict.
    """
    specification = importlib.util.spec_from_file_location("extra_cases", path)
    if specification is None or specification.loader is None or not Path(path).is_file():
        raise ValueError(f"{path} must be a Python file that defines CASES.")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    cases, known = getattr(module, "CASES", None), {name for names in by_lab().values() for name in names}
    if not isinstance(cases, dict) or not cases.keys() <= known:
        raise ValueError(
            f"{path} must define CASES, a dict whose keys are names of exercises, such as 'nms'."
        )
    if not all(isinstance(case, Case) for several in cases.values() for case in several):
        raise ValueError(f"{path}: each value of CASES must be a tuple of classroom.exercises.exercise.Case.")
    return {name: tuple(several) for name, several in cases.items()}


def key(submission: Submission, how: How) -> str:
    """Return the name of the file of verdicts: another notebook, other cases or another fence have another one."""
    own = (
        hashlib.sha256(Path(how.cases).read_bytes()).hexdigest()
        if how.cases and Path(how.cases).is_file()
        else ""
    )
    parts = [VERSION, how.fenced, how.seconds, own, asdict(submission)]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
    return f"{re.sub(r'[^A-Za-z0-9]+', '_', submission.student.name)[:40]}_{submission.lab}_{digest}"


def read(path: Path) -> dict[str, Any] | None:
    """The verdicts in a file, or None if there is none or it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write(path: Path, verdicts: dict[str, Any]) -> None:
    """Write verdicts atomically: a crash leaves no half of a file."""
    half = path.with_suffix(f".{os.getpid()}.half")
    half.write_text(json.dumps(verdicts, ensure_ascii=False), encoding="utf-8")
    half.replace(path)
