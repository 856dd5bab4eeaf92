"""Judge what the functions of a notebook returned inside the fence, as `check` would, outside it.

The fence gets the arguments of the cases and sends back values. What is right is known here only.
"""

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from classroom.exercises.catalogue import find
from classroom.exercises.copies import tensors
from classroom.exercises.core import failing_picture
from classroom.exercises.examine import Verdict, verdict_on
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.report import markup, plain
from classroom.exercises.trial import SECONDS, Outcome, TookTooLong, in_time, judge_outcome
from classroom.grading.fence import Fence
from classroom.grading.plain import made_error, pack, stand_in
from classroom.grading.remarks import ENDS, all_names, missing, remarks, told_cases
from classroom.grading.submissions import defines
from classroom.notebooks.marking import not_python

PATIENCE = 4  # times the seconds, where the machine was busy with something else
LARGEST_PICTURE = 1_000_000  # numbers in a value that is drawn


class EndedPython(Exception):
    """The function ended the whole program, so that it never returned."""


def judge_notebook(
    fence: Fence,
    sources: Sequence[str],
    names: Sequence[str],
    extra: dict[str, tuple[Case, ...]],
    seconds: float = SECONDS,
) -> list[dict[str, Any]]:
    """Return a row for each exercise of a notebook: its verdict, and what a student and a lecturer should read.

    Args:
        names: of the exercises.
        extra: cases that students do not know, by the exercise.
    """
    text = "\n".join(sources)
    there = sorted((name for name in names if defines(text, name)), key=lambda name: _place(text, name))
    right: set[str] = set()
    rows = {}
    for name in there:
        others = [other for other in names if other not in right and other != name]
        request = {"cells": list(sources), "notebook": "the notebook", "exercise": name, "others": others}
        rows[name] = judge_exercise(fence, request | {"seconds": seconds}, extra.get(name, ()))
        right |= {name} if rows[name]["verdict"] == "right" else set()
    return [rows.get(name) or missing(name, text) for name in names]


def judge_exercise(fence: Fence, request: dict[str, Any], extra: tuple[Case, ...]) -> dict[str, Any]:
    """Return the row of one exercise; the extra cases are run apart, where what is printed is not shown to anybody."""
    exercise = find(request["exercise"])
    about, first, got = answers(fence, request, exercise)
    row = {
        "exercise": exercise.name,
        "cases": len(exercise.cases) + len(extra),
        "passed": 0,
        "end": about["end"],
    }
    row |= {"seconds": round(about["seconds"], 2), "cpu": round(about.get("cpu", 0.0), 3)}
    row |= {"code": str(first.get("code", "")), "misconceptions": [], "stories": [], "html": "", "human": []}
    if not first.get("found"):
        why = ENDS.get(about["end"], f"it ended with {about['end']}")
        return row | {"verdict": "stopped", "said": f"❌ {exercise.name}: {why}.", "human": [why]}
    if isinstance(error := first.get("not_python"), list):
        said = not_python(exercise.name, SyntaxError(str(error[1]), ("", int(error[0]), 0, "")))
        return row | {"verdict": "not Python", "said": said, "human": ["a cell is not Python"]}
    if first.get("empty") is True:
        verdict = Verdict(exercise, attempted=False, hole=_line(first))
    else:
        verdict = verdict_on(got, exercise, _line(first))
    row |= of_verdict(verdict, about) | {"human": remarks(row["code"], exercise, about)}
    if extra and verdict.attempted:
        add_secret(row, fence, request, dataclasses.replace(exercise, cases=extra), verdict.right)
    return row


def answers(fence: Fence, request: dict[str, Any], exercise: Exercise) -> tuple[dict, dict, list[Outcome]]:
    """How a request ended, what was found in the notebook, and an outcome for every case."""
    cases, names = told_cases(exercise), all_names(exercise)
    request = request | {"cases": cases, "names": names}
    about, frames = fence.ask(request)
    if _starved(about, frames, request["seconds"]):
        about, frames = fence.ask(request | {"seconds": PATIENCE * request["seconds"]})
    first = frames[0] if frames else {}
    got = [outcome_of(frame, exercise, case) for frame, case in zip(frames[1:], exercise.cases, strict=False)]
    rest = (
        TookTooLong() if _out_of_time(about, got) else EndedPython(ENDS.get(about["end"], str(about["end"])))
    )
    return about, first, got + [Outcome(error=rest)] * (len(exercise.cases) - len(got))


def _starved(about: dict, frames: list[dict], seconds: float) -> bool:
    """Whether time ran out though the code had hardly any of it: the machine was busy with something else."""
    errors = [frame.get("error") for frame in frames[1:]]
    late = about["end"] == "time" or any(isinstance(e, list) and "TookTooLong" in e for e in errors)
    return late and about.get("cpu", 0.0) < seconds / 2


def _out_of_time(about: dict, got: list[Outcome]) -> bool:
    return about["end"] == "time" or bool(got) and isinstance(got[-1].error, TookTooLong)


def outcome_of(frame: dict, exercise: Exercise, case: Case) -> Outcome:
    """What the fence said of one case, with the judge's findings; what is not well formed is an error."""
    try:
        told = frame["error"]
        if told is not None:
            kind = TookTooLong() if told[1] == "TookTooLong" else made_error(*map(str, told))
            return Outcome(error=kind, line=str(frame["line"]), printed=str(frame["printed"]))
        gradients = frame["gradients"]
        if gradients is not None and not all(g is None or isinstance(g, Tensor) for g in gradients.values()):
            raise ValueError("gradients")
        changed = tuple(map(str, frame["changed"]))
        found = Outcome(frame["value"], None, "", gradients, changed, str(frame["printed"]))
        if exercise.judge is None:
            return found
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(frame["seed"]))
            return in_time(lambda: judge_outcome(found, case.arguments, exercise.judge), SECONDS)
    except TookTooLong as error:
        return Outcome(error=error)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError):
        return Outcome(error=stand_in("NoAnswer", Exception)("what came back was not an answer"))


def of_verdict(verdict: Verdict, about: dict) -> dict[str, Any]:
    """What a row says of a verdict; the words and the picture are those of the notebook."""
    total = len(verdict.exercise.cases)
    name = "right" if verdict.right else "wrong" if verdict.attempted else "open"
    wrong = verdict.diagnosis.wrong_answers
    row = {"verdict": name, "said": plain(verdict), "misconceptions": [answer.name for answer in wrong]}
    row |= {
        "stories": [answer.story for answer in wrong],
        "passed": total - len(verdict.failed) if verdict.attempted else 0,
    }
    if verdict.failing:
        row["html"] = markup(verdict, picture(verdict))
    return row


_pictures: dict[tuple, str] = {}


def picture(verdict: Verdict) -> str:
    """The failing case as an image; students who return the same value get the same one."""
    assert verdict.failing is not None
    if sum(tensor.numel() for tensor in tensors(verdict.got.value)) > LARGEST_PICTURE:
        return ""
    key = (verdict.exercise.name, verdict.failing.name, pack(verdict.got.value))
    if key not in _pictures:
        if len(_pictures) > 1000:
            _pictures.clear()
        _pictures[key] = failing_picture(verdict)
    return _pictures[key]


def add_secret(row: dict, fence: Fence, request: dict, exercise: Exercise, right: bool) -> None:
    """Run the cases that students do not know, and say no more of them than how many pass."""
    about, _, got = answers(fence, request, exercise)
    verdict = verdict_on(got, exercise)
    passed = len(exercise.cases) - len(verdict.failed) if verdict.attempted else 0
    row["passed"] += passed
    if passed == len(exercise.cases):
        return
    said = f"{passed} of {len(exercise.cases)} further cases of your instructor pass."
    row["said"] += f"\n   {said}"
    row["html"] += f"<p>{said}</p>"
    if right:
        row |= {"verdict": "wrong", "said": f"❌ {exercise.name}: {said}", "html": f"<p>{said}</p>"}
        row["human"] = [*row["human"], "only further cases fail"]
        row["misconceptions"] = [wrong.name for wrong in verdict.diagnosis.wrong_answers]
        row["stories"] = [wrong.story for wrong in verdict.diagnosis.wrong_answers]


def _line(first: dict) -> int | None:
    return first["hole"] if isinstance(first.get("hole"), int) else None


def _place(text: str, name: str) -> int:
    return max(match.start() for match in re.finditer(rf"^(?:def {name}\b|{name}\s*=)", text, re.MULTILINE))
