"""The command `classroom`: build and check the labs and the slides."""

import argparse
import sys
from pathlib import Path

from classroom.extras import advice
from coursekit.cli import command_adder, run_command

MY_LABS = Path(__file__).parents[1] / "my_labs"
GRADING = """\
Only the functions of the exercises are run, with what they need of the notebook's cells, behind a fence of bubblewrap:
no network, no files but Python and the course, limits of time, memory and processes. If it is stopped, the same command
goes on. It writes OUT/grades.csv, OUT/class.html (for the lecturer) and OUT/students/ (a page per notebook).
"""
SYSTEMS = ("nbgrader", "otter", "moodle", "canvas")
DESCRIPTION = "The labs and the slides of coursekit: build them and check them."


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 when all is well, 1 when something is to be done."""
    try:
        return run_command(parser(), arguments)
    except ModuleNotFoundError as error:
        print(advice(error.name, "lab,slides"), file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command; each sets `run`, a function of the parsed arguments."""
    whole = argparse.ArgumentParser("classroom", description=DESCRIPTION)
    command = command_adder(whole)
    sub = command("build", build, "make the students' and the instructors' notebooks from labs/source")
    sub.add_argument("labs", nargs="*", metavar="LAB", help="such as 01 or 01_localisation; all by default")
    sub.add_argument("--check", action="store_true", help="only say which notebooks are not up to date")
    sub = command("check", check, "check the exercises of a lab, without the rest of it")
    sub.add_argument(
        "lab", metavar="LAB", help="such as 03 (your copy in my_labs), or the path of a notebook"
    )
    sub = command("lab", lab, "open your copy of a lab in JupyterLab")
    sub.add_argument("options", nargs="*", metavar="03", help="the lab; options after -- go to JupyterLab")
    command("progress", progress, "say which exercises of each lab are solved")
    command("copy", copy_labs, "make your copies of the labs in my_labs, or update them to the course's")
    sub = command("slides", slides, "make the deck from slides/: one HTML file, one a part, a PDF")
    sub.add_argument("--check", action="store_true", help="look at every slide in a browser, as CI does")
    sub.add_argument(
        "--serve", action="store_true", help="show the deck, and show it anew when a source changes"
    )
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
    sub = command("release", release, "make the students' edition of labs, to hand out")
    sub.add_argument("labs", nargs="+", metavar="LAB", help="such as 03")
    sub.add_argument("--to", required=True, metavar="DIR", help="the folder; work in it is never overwritten")
    sub.add_argument("--plan", metavar="FILE.toml", help="the points of the exercises and the deadlines")
    sub.add_argument("--solutions", action="store_true", help="their solutions instead, to hand out later")
    add_grade_options(command("grade", grade, "examine the exercises of all notebooks of a class"))
    command("api", api, "make the API reference from the docstrings, in build/api")
    return whole


def add_grade_options(sub: argparse.ArgumentParser) -> None:
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
    sub.add_argument("--format", choices=SYSTEMS, nargs="+", default=[], help="write what these import, too")
    sub.add_argument("--anonymous", action="store_true", help="name no student on the lecturer's page")
    sub.add_argument("--seconds", type=float, default=10, metavar="N", help="per exercise (10)")
    sub.add_argument("--jobs", type=int, default=-1, metavar="N", help="notebooks at once (one per core)")
    sub.add_argument("--dask", metavar="ADDRESS", help="use the workers of this Dask scheduler")
    sub.add_argument(
        "--no-fence", action="store_true", help="without bubblewrap: students' code can read your files"
    )


def build(chosen: argparse.Namespace) -> int:
    """Build the notebooks of the chosen labs, or only say which are stale."""
    from classroom.notebooks.build import LABS, find_sources, stale
    from classroom.notebooks.build import build as build_lab
    from classroom.notebooks.execution import BuildError

    try:
        sources = find_sources(LABS, chosen.labs)
        lines = [line for source in sources for line in stale(source)] if chosen.check else None
        for source in [] if chosen.check else sources:
            for line in build_lab(source):
                print(line, flush=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    if lines:
        print(*lines, "Run `classroom build`.", sep="\n", file=sys.stderr)
    return 1 if lines else 0


def check(chosen: argparse.Namespace) -> int:
    """Check the exercises of a notebook; list what `check` says of each."""
    from classroom.notebooks.marking import mark

    path, right = notebook_of(chosen.lab), []
    print(f"Checking {path.parent.name}/{path.name} …", flush=True)
    for _, is_right, said in mark(path):
        print(said, flush=True)
        right.append(is_right)
    print(f"{sum(right)} of {len(right)} exercises are solved.")
    return 0 if all(right) else 1


def notebook_of(lab: str) -> Path:
    """Return the notebook that the student works on: the own copy if there is one.

    Raises:
        FileNotFoundError: there is no such lab, or it was not built.
    """
    from classroom.notebooks.build import LABS, find_sources, student_path

    path = Path(lab)
    if not lab.endswith(".ipynb"):
        path = student_path(find_sources(LABS, [lab])[0])
        own = MY_LABS / path.name
        path = own if own.is_file() else path
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no notebook {path}: give the number of a lab, such as 03, or a path."
        )
    return path


def progress(_chosen: argparse.Namespace) -> int:
    """Print where the student stands."""
    from classroom.exercises.record import progress as print_progress

    print_progress()
    return 0


def lab(chosen: argparse.Namespace) -> int:
    """Update the student's copies, then start JupyterLab."""
    from classroom.notebooks import jupyter

    copy_labs(chosen)
    words = jupyter.command(MY_LABS, chosen.options)
    print("Starting JupyterLab; Ctrl-C in this window stops it.", flush=True)
    return jupyter.start(words, MY_LABS.parent)


def copy_labs(_chosen: argparse.Namespace) -> int:
    """Make or update the student's copies of the labs."""
    from classroom.notebooks.build import LABS
    from classroom.notebooks.working_copy import update

    for sentence in update(LABS, MY_LABS):
        print(sentence, flush=True)
    return 0


def slides(chosen: argparse.Namespace) -> int:
    """Build the deck; show it at each change, or look for what is wrong on its slides."""
    from classroom.deck.command import build_all, check, serve

    run = serve if chosen.serve else check if chosen.check else build_all
    return run()


def api(chosen: argparse.Namespace) -> int:
    """Build the API reference and say where it is."""
    from classroom.api.build import build as build_reference

    print(f"The API reference: {build_reference()}")
    return 0


def release(chosen: argparse.Namespace) -> int:
    """Write the students' edition of labs, or their solutions."""
    from classroom.notebooks import build, release

    for sentence in release.release(build.LABS, chosen.labs, Path(chosen.to), chosen.plan, chosen.solutions):
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
        print("Not scored, for no detector knows them:", ", ".join(sorted(photographs.unknown)))
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


if __name__ == "__main__":
    sys.exit(main())
