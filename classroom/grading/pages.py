"""Pages of the grades: one per student with the words of the notebook, and one for the lecturer with what the class misunderstood."""

import hashlib
import io
import re
import statistics
import tokenize
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from classroom.grading.table import number, total
from classroom.notebooks.plan import Plan

TEMPLATES = Path(__file__).parent / "templates"
FEW_SLOW = 10
FULLY_SHOWN = 10  # misconceptions; the less common ones are folded up
MOST_CODE = 3000  # characters of an example
NOTHING_WRITTEN = ("open", "missing")
ODD = ("stopped", "unreadable", "not Python")


def write_pages(graded: Sequence[dict[str, Any]], plan: Plan, folder: Path, anonymous: bool = False) -> Path:
    """Write a page per notebook and the lecturer's page; return the path of the latter.

    Args:
        anonymous: the lecturer's page, to be shown in the lecture, names nobody and links to nobody.
    """
    (folder / "students").mkdir(parents=True, exist_ok=True)
    pages = {}
    for g in graded:
        pages[id(g)] = f"students/{file_name(g)}.html"
        (folder / pages[id(g)]).write_text(student_page(g, plan), encoding="utf-8", newline="\n")
    names = made_up_names(graded) if anonymous else {id(g): g["student"]["name"] for g in graded}
    path = folder / "class.html"
    text = lecturer_page(graded, plan, names, {} if anonymous else pages)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def rendered(template: str, **values: Any) -> str:
    """Return a template with its values; what is no markup of ours is escaped."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, keep_trailing_newline=True
    )
    css = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return found.get_template(f"{template}.html.jinja2").render(css=Markup(css), **values)


def student_page(g: dict[str, Any], plan: Plan) -> str:
    """Return the page of one notebook."""
    points, most = total(g, plan)
    rows = [
        row
        | {
            "points": number(plan.earned(row)),
            "most": number(plan.most(row["exercise"])),
            "colour": colour(row),
        }
        for row in g["rows"]
    ]
    about = {"student": g["student"]["name"], "lab": g["lab"], "title": plan.title, "note": g["note"]}
    return rendered("student", **about, points=points, most=most, rows=rows)


def lecturer_page(graded: Sequence[dict], plan: Plan, names: dict[int, str], pages: dict[int, str]) -> str:
    """Return the page about the class.

    Args:
        names: what each notebook's student is called, by the notebook's id().
        pages: the links to the students' pages; without them the page is anonymous.
    """
    labs = [lab_table(lab, graded, plan, names, pages) for lab in sorted({g["lab"] for g in graded})]
    people, seconds = len(set(names.values())), [g["seconds"] for g in graded]
    rows = [row for g in graded for row in g["rows"]]
    right = sum(row["verdict"] == "right" for row in rows)
    slowest = sorted(graded, key=lambda g: -g["seconds"])[:FEW_SLOW]
    return rendered(
        "lecturer",
        heading=f"{plan.title or 'The class'}: {people} students, lab{'s' * (len(labs) > 1)} {', '.join(lab['number'] for lab in labs)}",
        summary=f"{len(graded)} notebooks. {right} of {len(rows)} exercises are right.",
        labs=labs,
        misconceptions=misconceptions(graded, names, anonymous=not pages),
        shown=FULLY_SHOWN,
        unnamed=unnamed(rows),
        human=for_a_human(graded, names, anonymous=not pages),
        time=f"A notebook took {statistics.median(seconds):.1f} seconds in the median, and {max(seconds):.1f} at most.",
        slowest=[
            {"student": names[id(g)], "lab": g["lab"], "seconds": f"{g['seconds']:.1f}"} for g in slowest
        ],
    )


def lab_table(
    lab: str, graded: Sequence[dict], plan: Plan, names: dict[int, str], pages: dict[int, str]
) -> dict[str, Any]:
    """Return the heat map of a lab."""
    several = [g for g in graded if g["lab"] == lab]
    exercises = [row["exercise"] for row in several[0]["rows"]]
    earned = {id(g): sum(map(plan.earned, g["rows"])) for g in several}
    students = [
        {
            "name": names[id(g)],
            "page": pages.get(id(g), ""),
            "points": number(earned[id(g)]),
            "cells": [{"text": cell(row), "colour": colour(row)} for row in g["rows"]],
        }
        for g in sorted(several, key=lambda g: (-earned[id(g)], names[id(g)].casefold()))
    ]
    columns = list(zip(*(g["rows"] for g in several), strict=True))
    shares = [round(100 * statistics.mean(row["verdict"] == "right" for row in column)) for column in columns]
    about = {"number": lab, "count": len(several), "names": exercises, "students": students, "shares": shares}
    return about | {"most": total(several[0], plan)[1], "mean": f"{statistics.mean(earned.values()):.1f}"}


def cell(row: dict[str, Any]) -> str:
    """Return what stands in a cell of the heat map."""
    if row["verdict"] in ODD:
        return "!"
    return {"right": "✓", "wrong": f"{row['passed']}/{row['cases']}"}.get(row["verdict"], "–")


def colour(row: dict[str, Any]) -> str:
    """Return the class of a cell."""
    if row["verdict"] == "wrong":
        share = row["passed"] / row["cases"] if row["cases"] else 0
        return "most" if share >= 0.75 else "half" if share >= 0.5 else "few"
    return "odd" if row["verdict"] in ODD else "open" if row["verdict"] in NOTHING_WRITTEN else "right"


def misconceptions(graded: Sequence[dict], names: dict[int, str], anonymous: bool) -> list[dict[str, Any]]:
    """Return the named mistakes of a class, the commonest first, each with its story and the shortest code that shows it."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for g in graded:
        for row in g["rows"]:
            for name, story in zip(row["misconceptions"][:1], row["stories"], strict=False):
                entry = found.setdefault((row["exercise"], name), {"story": story, "codes": [], "who": []})
                entry["codes"].append(row["code"])
                entry["who"].append(names[id(g)])
    listed = [
        {"exercise": exercise, "name": name, "story": entry["story"], "count": len(entry["who"])}
        | {"who": sorted(entry["who"], key=str.casefold), "code": example(entry["codes"], anonymous)}
        for (exercise, name), entry in found.items()
    ]
    return sorted(listed, key=lambda entry: (-entry["count"], entry["exercise"], entry["name"]))


def example(codes: Sequence[str], anonymous: bool) -> str:
    """Return the shortest of several codes; an anonymous one has no comments, which may hold a name."""
    code = min(codes, key=lambda code: (len(code), code))[:MOST_CODE]
    return without_comments(code) if anonymous else code


def without_comments(code: str) -> str:
    """Return code without its comments and docstrings; nothing if it is not Python.

    >>> without_comments("x = 1  # by Ada")
    'x = 1'
    """
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return ""
    lines = code.splitlines()
    for token in reversed(tokens):
        alone = token.type == tokenize.STRING and token.line.strip().startswith(('"', "'", 'r"'))
        if token.type == tokenize.COMMENT or alone:
            (first, start), (last, end) = token.start, token.end
            lines[first - 1 : last] = [(lines[first - 1][:start] + lines[last - 1][end:]).rstrip()]
    return "\n".join(line for line in lines if line.strip())


def unnamed(rows: Sequence[dict]) -> str:
    """Return a sentence on the wrong answers that no misconception explains, by exercise."""
    counts: dict[str, int] = {}
    for row in rows:
        if row["verdict"] == "wrong" and not row["misconceptions"]:
            counts[row["exercise"]] = counts.get(row["exercise"], 0) + 1
    said = ", ".join(
        f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
    return f"Wrong answers of no known kind: {said}." if said else ""


def for_a_human(graded: Sequence[dict], names: dict[int, str], anonymous: bool) -> list[dict[str, str]]:
    """Return what a human should look at: one row per student and reason, with the exercises that it is about."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for g in graded:
        reasons = [(why, row["exercise"]) for row in g["rows"] for why in row["human"]]
        if not anonymous:
            stopped = f"it does not run to its end: {g['run']}" if g.get("run") else ""
            reasons += [(why, "") for why in (g["note"], stopped) if why]
        for why, exercise in reasons:
            found.setdefault((names[id(g)], g["lab"], why), []).append(exercise)
    return [
        {
            "student": student,
            "lab": lab,
            "why": why,
            "exercises": "all" if len(several) > 6 else ", ".join(several),
        }
        for (student, lab, why), several in sorted(found.items())
    ]


def made_up_names(graded: Sequence[dict]) -> dict[int, str]:
    """Return "student 001" and so on, in an order that does not follow the names."""

    def place(student: tuple) -> str:
        return hashlib.sha256(repr(student).encode()).hexdigest()

    people = sorted({(g["student"]["name"], g["student"]["number"]) for g in graded}, key=place)
    numbers = {student: f"student {i:03d}" for i, student in enumerate(people, 1)}
    return {id(g): numbers[g["student"]["name"], g["student"]["number"]] for g in graded}


def file_name(g: dict[str, Any]) -> str:
    """Return the name of a student's page: readable, and another one for every student."""
    who = f"{g['student']['name']}_{g['student']['number']}".strip("_")
    digest = hashlib.sha256(who.encode()).hexdigest()[:6]
    return f"{re.sub(r'[^A-Za-z0-9]+', '_', who).strip('_')[:60]}_{digest}_{g['lab']}"
