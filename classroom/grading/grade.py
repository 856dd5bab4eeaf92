"""Grade the notebooks of a class: each is judged once, its verdicts kept in a file, and whatever is missing goes on."""

import functools
import hashlib
import importlib.util
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from classroom.exercises.exercise import Case
from classroom.exercises.record import by_lab
from classroom.exercises.trial import SECONDS
from classroom.grading.fence import Fence, FenceError
from classroom.grading.judging import judge_notebook
from classroom.grading.keeping import judge_all, key_of
from classroom.grading.remarks import is_plain
from classroom.grading.secret import secret_cases
from classroom.grading.submissions import Submission


@dataclass(frozen=True)
class How:
    """How submissions are judged: fenced or not, the seconds per exercise, and what students do not know: a file of
    cases, and a text from which more are drawn."""

    fenced: bool = True
    seconds: float = SECONDS
    cases: str | None = None
    secret: str | None = None


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
    if how.cases:
        extra_cases(how.cases)  # a mistake in it is said before anything runs
    places = {submission: folder / "verdicts" / f"{key(submission, how)}.json" for submission in submissions}
    found = judge_all(places, functools.partial(judged, how=how), jobs, say)
    return [asdict(submission) | {"sources": ()} | verdicts for submission, verdicts in found.items()]


def judged(submission: Submission, how: How) -> dict[str, Any]:
    """Return the verdicts on a submission; whatever goes wrong with it is in them."""
    torch.set_num_threads(1)
    names, start, before = by_lab()[submission.lab], time.monotonic(), time.process_time()
    if submission.trouble:
        return {"rows": [unread(name, submission.trouble) for name in names], "seconds": 0.0, "cpu": 0.0}
    try:
        extra = {name: further_cases(name, how) for name in names}
        fence = fence_for(how.fenced, submission.lab)
        rows = judge_notebook(fence, submission.sources, names, extra, how.seconds)
    except FenceError:
        raise
    except Exception as error:  # one bad notebook never stops the rest
        trouble = f"It could not be judged: {type(error).__name__}: {str(error)[:300]}"
        rows = [unread(name, trouble) for name in names]
    cpu = time.process_time() - before + sum(row.get("cpu", 0.0) for row in rows)
    return {"rows": rows, "seconds": round(time.monotonic() - start, 1), "cpu": round(cpu, 2)}


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
    return row | {"human": [trouble]}


def further_cases(name: str, how: How) -> tuple[Case, ...]:
    """Return the cases of an exercise that students do not know."""
    own = extra_cases(how.cases).get(name, ()) if how.cases else ()
    return own + (secret_cases(name, how.secret) if how.secret else ())


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
    if strange := [name for name, several in cases.items() if not is_plain([c.arguments for c in several])]:
        raise ValueError(
            f"{path}: the cases of {strange[0]} must be made of numbers, texts and tensors only."
        )
    return {name: tuple(several) for name, several in cases.items()}


def key(submission: Submission, how: How) -> str:
    """Return the name of the file of verdicts: another notebook, other cases or another fence have another one."""
    own = (
        hashlib.sha256(Path(how.cases).read_bytes()).hexdigest()
        if how.cases and Path(how.cases).is_file()
        else ""
    )
    return key_of(submission, how.fenced, how.seconds, own, how.secret)
