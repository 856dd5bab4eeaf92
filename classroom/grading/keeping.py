"""What is known of each notebook of a class is kept in a file of its own, so that a run that was stopped goes on."""

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import joblib

from classroom.grading.submissions import Submission

VERSION = 2  # of the files: those of another one are made again


def judge_all(
    places: dict[Submission, Path],
    judge: Callable[[Submission], dict[str, Any]],
    jobs: int,
    say: Callable[[str], None],
    done_word: str = "judged",
) -> dict[Submission, dict[str, Any]]:
    """Judge each submission whose file is not there, several at once; return what the files of all hold."""
    for folder in {place.parent for place in places.values()}:
        folder.mkdir(parents=True, exist_ok=True)
    waiting = [submission for submission, place in places.items() if read(place) is None]
    if len(waiting) < len(places):
        say(f"{len(places) - len(waiting)} of {len(places)} notebooks are {done_word} already.")
    start, said = time.monotonic(), 0.0
    for done, (submission, found) in enumerate(_each(waiting, judge, jobs), 1):
        write(places[submission], found)
        now = time.monotonic() - start
        if now - said > 5 or done == len(waiting):
            said = now
            say(progress(done, len(waiting), now, done_word))
    return {submission: read(place) or {} for submission, place in places.items()}


def _each(waiting: list[Submission], judge: Callable, jobs: int) -> Iterator[tuple[Submission, dict]]:
    tasks = [joblib.delayed(_with_submission)(judge, submission) for submission in waiting]
    yield from joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)(tasks)


def _with_submission(judge: Callable, submission: Submission) -> tuple[Submission, dict]:
    return submission, judge(submission)


def progress(done: int, total: int, seconds: float, done_word: str = "judged") -> str:
    """Return the line of progress.

    >>> progress(10, 40, 60)
    '10 of 40 notebooks judged, about 3 minutes left'
    """
    left = seconds / done * (total - done)
    time_left = f"about {left / 60:.0f} minutes left" if left > 90 else f"about {left:.0f} seconds left"
    return f"{done} of {total} notebooks {done_word}" + (
        f", {time_left}" if done < total else f" in {seconds / 60:.1f} minutes"
    )


def key_of(submission: Submission, *parts: Any) -> str:
    """Return the name of a submission's file: another notebook, and other parts, have another one."""
    told = json.dumps([VERSION, *parts, asdict(submission)], sort_keys=True)
    digest = hashlib.sha256(told.encode()).hexdigest()[:16]
    return f"{re.sub(r'[^A-Za-z0-9]+', '_', submission.student.name)[:40]}_{submission.lab}_{digest}"


def read(path: Path) -> dict[str, Any] | None:
    """The contents of a file, or None if there is none or it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write(path: Path, contents: dict[str, Any]) -> None:
    """Write a file atomically: a crash leaves no half of it."""
    half = path.with_suffix(f".{os.getpid()}.half")
    half.write_text(json.dumps(contents, ensure_ascii=False), encoding="utf-8")
    half.replace(path)
