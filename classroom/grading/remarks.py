"""What is said of an answer beside its verdict: why a human should look at it, and what was not found."""

import functools
import re
from typing import Any

from classroom.exercises.catalogue import find
from classroom.exercises.examine import argument_names
from classroom.exercises.exercise import Exercise
from classroom.grading.plain import NotPlain, pack

ODD = re.compile(
    r"\b(os|sys|subprocess|socket|ctypes|inspect|gc|importlib|builtins|pickle|shutil|signal|multiprocessing|threading|resource)\b(?=[.\s,])"
    r"|\b(eval|exec|open|compile|globals|setattr|__import__)\s*\(|\b(classroom|__\w+__)\b"
)
ENDS = {
    "time": "it did not end when its time was up, and was stopped",
    "size": "it returned more than can be taken",
    "closed": "it ended Python before all cases were done",
}


@functools.cache
def told_cases(exercise: Exercise) -> list[dict] | None:
    """Return the cases as the fence gets them, or None where their arguments are not plain values."""
    cases = [
        {"arguments": c.arguments, "gradient": c.gradient, "names": argument_names(exercise, c)}
        for c in exercise.cases
    ]
    return cases if is_plain(cases) else None


def is_plain(value: Any) -> bool:
    """Return whether a value arrives inside the fence as it is."""
    try:
        pack(value, strict=True)
    except NotPlain:
        return False
    return True


def all_names(exercise: Exercise) -> tuple[str, ...]:
    """Return the names of the parameters that the cases of an exercise use."""
    return argument_names(exercise, max(exercise.cases, key=lambda case: len(case.arguments)))


def missing(name: str, text: str) -> dict[str, Any]:
    """Return the row of an exercise whose function the notebook does not define; one with the same parameters may be it."""
    parameters = all_names(find(name))
    alike = [
        found
        for found, inside in re.findall(r"^def (\w+)\(([^()]*)\)", text, re.MULTILINE)
        if tuple(re.findall(r"(?:^|,)\s*(\w+)", inside))[: len(parameters)] == parameters
        and len(parameters) > 1
    ]
    human = [f"no function {name}" + (f", but {alike[0]} has the same parameters" if alike else "")]
    row = {
        "exercise": name,
        "verdict": "missing",
        "passed": 0,
        "cases": len(find(name).cases),
        "seconds": 0.0,
        "end": "",
    }
    row |= {
        "misconceptions": [],
        "stories": [],
        "html": "",
        "code": "",
        "human": human,
    }
    return row | {"said": f"❌ {name}: the notebook defines no function of this name."}


def remarks(code: str, exercise: Exercise, about: dict) -> list[str]:
    """Return why a human should look at an answer, whatever its verdict is."""
    odd = sorted({next(filter(None, match)) for match in ODD.findall(code)})
    said = [f"the code uses {', '.join(odd)}"] if odd else []
    if about["end"] != "closed":
        said.append(ENDS.get(about["end"], f"it ended with {about['end']}"))
    if re.search(rf"\.{exercise.name}\b(?!\s*=)", code):
        said.append(f"it calls another function {exercise.name}")
    return said
