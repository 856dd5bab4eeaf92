"""The grades as tables: one row per student and exercise, and what nbgrader, otter, Moodle and Canvas read."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from classroom.notebooks.plan import Plan

FORMATS = ("nbgrader", "otter", "moodle", "canvas")
HEADINGS = (
    "student", "number", "lab", "exercise", "points", "most", "passed", "cases", "verdict", "misconception", "human",
)  # fmt: skip


def write_grades(graded: Sequence[dict[str, Any]], plan: Plan, path: Path) -> None:
    """Write grades.csv: one row per student and exercise."""
    rows = [
        [
            safe(g["student"]["name"]), safe(g["student"]["number"]), g["lab"], row["exercise"], number(plan.earned(row)),
            number(plan.most(row["exercise"])), row["passed"], row["cases"], row["verdict"],
            " / ".join(row["misconceptions"]), safe("; ".join(row["human"])),
        ]
        for g in graded
        for row in g["rows"]
    ]  # fmt: skip
    write_csv(path, [HEADINGS, *rows])


def write_format(graded: Sequence[dict[str, Any]], plan: Plan, name: str, folder: Path) -> list[Path]:
    """Write the file that another system reads, one for each lab; return the paths."""
    made = []
    for lab in sorted({g["lab"] for g in graded}):
        several = [g for g in graded if g["lab"] == lab]
        made.append(folder / f"{name}_{lab}.csv")
        write_csv(
            made[-1],
            list(
                {"nbgrader": nbgrader, "otter": otter, "moodle": moodle, "canvas": canvas}[name](
                    several, plan
                )
            ),
        )
    return made


def nbgrader(graded: Sequence[dict], plan: Plan) -> Iterator[list]:
    """As `nbgrader export` writes it."""
    yield "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score".split(
        ","
    )
    for g in graded:
        points, most = total(g, plan)
        yield [
            f"lab{g['lab']}",
            plan.deadlines.get(g["lab"], ""),
            "",
            identity(g),
            "",
            "",
            "",
            points,
            0,
            points,
            most,
        ]


def otter(graded: Sequence[dict], plan: Plan) -> Iterator[list]:
    """As `otter grade` writes it: a column per question, the total, and the share of all points."""
    names = [row["exercise"] for row in graded[0]["rows"]]
    yield ["file", *names, "total", "percent_correct"]
    yield ["points-per-question", *(number(plan.most(name)) for name in names), total(graded[0], plan)[1], 1]
    for g in graded:
        points, most = total(g, plan)
        share = round(float(points) / float(most), 4) if float(most) else 0
        yield [safe(g["path"]), *(number(plan.earned(row)) for row in g["rows"]), points, share]


def moodle(graded: Sequence[dict], plan: Plan) -> Iterator[list]:
    """As Moodle's offline grading worksheet."""
    yield ["Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments"]
    for g in graded:
        number_of = g["student"]["number"]
        yield [
            f"Participant {number_of}" if number_of else "",
            safe(g["student"]["name"]),
            *total(g, plan),
            feedback(g),
        ]


def canvas(graded: Sequence[dict], plan: Plan) -> Iterator[list]:
    """As the gradebook that Canvas imports; its second row holds the points possible."""
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"Lab {graded[0]['lab']}"]
    yield ["    Points Possible", "", "", "", "", total(graded[0], plan)[1]]
    for g in graded:
        yield [safe(g["student"]["name"]), g["student"]["number"], "", "", "", total(g, plan)[0]]


def feedback(g: dict[str, Any]) -> str:
    """Return one line on a notebook: which exercises are not right, and the misconceptions."""
    said = [
        f"{row['exercise']}: {row['verdict']}"
        + (f" ({' / '.join(row['misconceptions'])})" if row["misconceptions"] else "")
        for row in g["rows"]
        if row["verdict"] != "right"
    ]
    return "; ".join(said) or "Every exercise is right."


def identity(g: dict[str, Any]) -> str:
    """Return what other systems know a student by: the number if there is one, otherwise the name."""
    return safe(g["student"]["number"] or g["student"]["name"])


def total(g: dict[str, Any], plan: Plan) -> tuple[str, str]:
    """Return the points of a notebook, and how many there were to earn."""
    return number(sum(map(plan.earned, g["rows"]))), number(
        sum(plan.most(row["exercise"]) for row in g["rows"])
    )


def number(value: float) -> str:
    """Return a number of points as short as it can be written.

    >>> number(3.0), number(0.75)
    ('3', '0.75')
    """
    return f"{round(value, 2):g}"


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> safe("=HYPERLINK(1)"), safe("Ada")
    ("'=HYPERLINK(1)", 'Ada')
    """
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


def write_csv(path: Path, rows: Sequence[Sequence]) -> None:
    """Write rows as a CSV file, atomically."""
    half = path.with_suffix(".half")
    with half.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    half.replace(path)
