"""Grade 300 made-up notebooks, compare each verdict with `check`'s, and print the minutes: `python bench/grading.py`.

python bench/grading.py [--count 300] [--labs 01 03 06] [--folder build/grading] [--jobs 2] [--again]

--again keeps the class and the verdicts of a run that was stopped, and goes on.
"""

import argparse
import csv
import functools
import json
import shutil
import time
from collections import Counter
from pathlib import Path

from made_up_class import Choice, answers, make_class

from classroom.cli import main as classroom
from classroom.exercises.catalogue import find
from classroom.exercises.examine import examine

FIXED = {
    "unreadable": "unreadable",
    "missing": "missing",
    "not Python": "not Python",
    "hole": "open",
    "solution": "right",
}


def main() -> None:
    """Make the class, grade it, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--labs", nargs="+", default=["01", "03", "06"])
    parser.add_argument("--folder", type=Path, default=Path("build/grading"))
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--again", action="store_true")
    chosen = parser.parse_args()
    if not chosen.again:
        shutil.rmtree(chosen.folder, ignore_errors=True)
    made = make_class(chosen.folder / "submissions", tuple(chosen.labs), chosen.count)
    start = time.monotonic()
    out = chosen.folder / "grades"
    classroom(
        [
            "grade",
            str(chosen.folder / "submissions"),
            "--labs",
            *chosen.labs,
            "--out",
            str(out),
            "--jobs",
            chosen.jobs,
        ]
    )
    minutes = (time.monotonic() - start) / 60
    rows = read_rows(out / "grades.csv")
    unlike = differences(made, rows)
    print(*unlike[:20], sep="\n")
    cpu = sum(
        json.loads(path.read_text(encoding="utf-8"))["cpu"] for path in (out / "verdicts").glob("*.json")
    )
    print(
        f"{chosen.count} notebooks, {len(rows)} exercises: {minutes:.1f} minutes with {chosen.jobs} jobs,",
        end=" ",
    )
    print(f"{cpu / 60:.1f} CPU minutes for judging, the start of Python and torch not counted.")
    print(
        f"{len(rows) - len(unlike)} of {len(rows)} verdicts, cases and misconceptions are those of `check`."
    )
    print(dict(Counter(row["verdict"] for row in rows)))


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of grades.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def differences(made: dict[tuple[str, str], dict[str, Choice]], rows: list[dict[str, str]]) -> list[str]:
    """Return a line for each exercise whose row says something else than `check`, and for each that is missing."""
    found = {(row["student"], row["lab"], row["exercise"]): row for row in rows}
    unlike = []
    for (student, lab), choices in made.items():
        for name, choice in choices.items():
            row = found.get((student, lab, name))
            got = (row["verdict"], int(row["passed"]), row["misconception"]) if row else None
            if got != (wanted := deserved(lab, name, choice)):
                unlike.append(f"{student} {lab} {name} {choice}: {got} instead of {wanted}")
    return unlike


@functools.cache
def deserved(lab: str, name: str, choice: Choice) -> tuple[str, int, str]:
    """Return the verdict, the cases passed and the misconception that `check` finds for an answer."""
    kind, answer = choice
    exercise = find(name)
    if kind in FIXED:
        return FIXED[kind], len(exercise.cases) if kind == "solution" else 0, ""
    verdict = examine(answers(lab, name)[answer], exercise)
    word = "right" if verdict.right else "wrong" if verdict.attempted else "open"
    passed = len(exercise.cases) - len(verdict.failed) if verdict.attempted else 0
    return word, passed, " / ".join(wrong.name for wrong in verdict.diagnosis.wrong_answers)


if __name__ == "__main__":
    main()
