"""Commands for those who run a class: hand out, grade, compare and score."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

GRADING = """\
The functions of the exercises are run, with what they need of the notebook's cells, behind a fence of bubblewrap:
no network, no files but Python and the course, limits of time, memory and processes. The verdicts are made outside the
fence, from what the functions return. If it is stopped, the same command resumes where it was.
At the end it writes OUT/grades.csv, OUT/class.html (for the lecturer) and OUT/students/ (a page per notebook).
With --run it also runs the whole notebooks and writes OUT/runs.csv, which changes no grade.
"""


def add_class_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add release, grade, league and score; `command` adds one and returns its parser."""
    sub = command("release", release, "make the students' edition of labs, to hand out")
    sub.add_argument("labs", nargs="+", metavar="LAB", help="such as 03")
    sub.add_argument("--to", required=True, metavar="DIR", help="the folder; work in it is never overwritten")
    sub.add_argument("--plan", metavar="FILE.toml", help="the points of the exercises and the deadlines")
    sub.add_argument("--solutions", action="store_true", help="their solutions instead, to hand out later")
    add_grade_options(command("grade", grade, "examine the exercises of all notebooks of a class"))
    sub = command("league", league, "compare all detectors on the annotated photographs of a class")
    sub.add_argument(
        "folders", nargs="+", metavar="FOLDER", help="in COCO's format, or a split of the still lifes"
    )
    sub.add_argument(
        "--weights", nargs="+", default=[], metavar="FILE", help="detectors of your own, which play too"
    )
    sub.add_argument("--only", nargs="+", metavar="NAME", help="of the shipped detectors; by default all")
    sub.add_argument(
        "--out", default="league", metavar="STEM", help="the table goes to STEM.csv and STEM.json"
    )
    sub = command("score", score, "score a detector of the final project, and check its size and its minutes")
    sub.add_argument("weights", metavar="FILE", help="that `coursekit train --record` wrote")
    sub.add_argument(
        "--data", nargs="+", default=[], metavar="FOLDER", help="to score it on; by default the split val"
    )
    sub.add_argument("--secret", metavar="SEED", help="score on the part of the data that this text selects")


def add_grade_options(sub: argparse.ArgumentParser) -> None:
    """Give a parser the options of `classroom grade`."""
    sub.formatter_class, sub.epilog = argparse.RawDescriptionHelpFormatter, GRADING
    sub.add_argument(
        "submissions", type=Path, metavar="SUBMISSIONS",
        help="a folder or zip file with a notebook, a folder or a zip file per student, as Moodle and Canvas export them",
    )  # fmt: skip
    sub.add_argument("--labs", nargs="+", required=True, metavar="03", help="the labs to grade")
    sub.add_argument(
        "--out", type=Path, default=Path("grades"), metavar="OUT", help="for the results (grades)"
    )
    sub.add_argument("--plan", metavar="FILE.toml", help="the points of the exercises, as for release")
    sub.add_argument(
        "--cases", metavar="FILE.py", help='more cases, unknown to students: CASES = {"nms": (Case(…),)}'
    )
    sub.add_argument(
        "--secret",
        metavar="TEXT",
        help="more cases, drawn from this text: keep it from students, use it again next time",
    )
    systems = ("nbgrader", "otter", "moodle", "canvas")
    sub.add_argument("--format", choices=systems, nargs="+", default=[], help="write what these import, too")
    sub.add_argument("--anonymous", action="store_true", help="name no student on the lecturer's page")
    sub.add_argument("--seconds", type=float, default=10, metavar="N", help="per exercise (10)")
    sub.add_argument(
        "--run", type=float, nargs="?", const=600, metavar="SECONDS", dest="whole",
        help="also run each whole notebook inside the fence, with a tenth of the training steps, for at most SECONDS (600)",
    )  # fmt: skip
    sub.add_argument("--jobs", type=int, default=-1, metavar="N", help="notebooks at once (one per core)")
    sub.add_argument("--dask", metavar="ADDRESS", help="use the workers of this Dask scheduler")
    sub.add_argument(
        "--no-fence", action="store_true", help="without bubblewrap: students' code can read your files"
    )


def release(chosen: argparse.Namespace) -> int:
    """Write the students' edition of labs, or their solutions."""
    from classroom.notebooks.build import LABS
    from classroom.notebooks.release import release as release_labs

    for sentence in release_labs(LABS, chosen.labs, Path(chosen.to), chosen.plan, chosen.solutions):
        print(sentence, flush=True)
    return 0


def grade(chosen: argparse.Namespace) -> int:
    """Grade the notebooks of a class."""
    from classroom.grading.command import run

    return run(chosen)


def league(chosen: argparse.Namespace) -> int:
    """Print the table of the league and write it; a folder that cannot be used is named and left out."""
    from classroom.league import (
        as_text,
        contestant_of_file,
        put_together,
        shipped_contestants,
        standings,
        write_table,
    )

    photographs = put_together(chosen.folders)
    for trouble in photographs.troubles:
        print(trouble, file=sys.stderr)
    own = [contestant_of_file(path) for path in chosen.weights]
    rows = standings([*shipped_contestants(chosen.only), *own], photographs)
    print(f"{len(photographs)} photographs of {len(photographs.names)} folders.")
    if photographs.unknown:
        print("Not scored, because no detector knows them:", ", ".join(sorted(photographs.unknown)))
    print(as_text(rows))
    print("Written to", *write_table(rows, photographs, chosen.out))
    return 0


def score(chosen: argparse.Namespace) -> int:
    """Print the score of a detector of the final project, and the rules that it breaks; 1 if there are any."""
    from classroom.league import as_text
    from classroom.league import score as score_of

    row, broken = score_of(chosen.weights, chosen.data, chosen.secret)
    print(as_text([row]))
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0
