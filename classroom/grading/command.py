"""What the command `classroom grade` does and prints."""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import joblib

from classroom.exercises.record import by_lab
from classroom.extras import need
from classroom.grading.fence import NO_FENCE, FenceError, is_available
from classroom.grading.grade import How, grade
from classroom.grading.pages import write_pages
from classroom.grading.submissions import find_submissions
from classroom.grading.table import write_format, write_grades
from classroom.grading.whole import ran, run_all
from classroom.notebooks.plan import read_plan


def run(chosen: argparse.Namespace) -> int:
    """Grade, write the tables and pages, and say where they are.

    Raises:
        ValueError, FileNotFoundError: an option is wrong, or there is no notebook.
    """
    labs = [lab.zfill(2) for lab in chosen.labs]
    if unknown := [lab for lab in labs if lab not in by_lab()]:
        raise ValueError(f"There is no lab {unknown[0]} with exercises; there are {', '.join(by_lab())}.")
    plan, submissions = read_plan(chosen.plan), find_submissions(chosen.submissions, labs)
    students = len({submission.student for submission in submissions})
    print(f"{len(submissions)} notebooks of {students} students.", flush=True)
    fenced = is_available() and not chosen.no_fence
    if not fenced:
        print(NO_FENCE, file=sys.stderr)
    own = chosen.cases and str(Path(chosen.cases).resolve())
    how = How(fenced, chosen.seconds, own, chosen.secret)
    try:
        with workers(chosen.dask):
            graded = grade(submissions, chosen.out, how, chosen.jobs, say)
    except FenceError as error:
        print(error, file=sys.stderr)
        return 1
    made = [chosen.out / "grades.csv", chosen.out / "class.html"]
    write_grades(graded, plan, made[0])
    if chosen.whole:
        with workers(chosen.dask):
            reports = run_all(submissions, chosen.out, fenced, chosen.whole, chosen.jobs, say)
        graded = [g | {"run": report["problem"]} for g, report in zip(graded, reports, strict=True)]
        say(ran(reports))
        made.append(chosen.out / "runs.csv")
    write_pages(graded, plan, chosen.out, chosen.anonymous)
    for name in chosen.format:
        made += write_format(graded, plan, name, chosen.out)
    print("Written:", *made)
    return 0


def say(line: str) -> None:
    """Print a line of progress at once."""
    print(line, flush=True)


@contextlib.contextmanager
def workers(address: str | None) -> Iterator[None]:
    """Let joblib use the workers of a Dask scheduler, if there is an address, otherwise the cores of this machine."""
    if address is None:
        yield
        return
    need("distributed", "dask")
    from distributed import Client

    with Client(address), joblib.parallel_config(backend="dask"):
        yield
