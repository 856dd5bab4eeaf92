"""Lab 01, exercise 2: the format of each of six unlabelled arrays."""

from itertools import combinations
from typing import Any

from classroom.exercises.exercise import Case, Exercise

PIXELS = ("xyxy", "xywh", "cxcywh", "yxyx")
FORMATS = (*PIXELS, "xyxy, normalised", "cxcywh, normalised")
ANSWERS = dict(
    zip("ABCDEF", ("xyxy", "cxcywh", "yxyx", "cxcywh, normalised", "xywh", "xyxy, normalised"), strict=True)
)
REASONS = {
    "A": "Drawn as xyxy, A lies on the cup.",
    "B": "B starts inside the cup, at its centre, and ends with the width and the height of the box.",
    "C": "C has the numbers of A, with the rows first.",
    "D": "The numbers of D are fractions, and its third number is smaller than its first, so it cannot be x2.",
    "E": "E starts at the corner of the cup, like A, and ends with a width and a height.",
    "F": "Multiply F by 600, 400, 600, 400 and you get A.",
}


def spot_formats() -> dict[str, str]:
    """The format of each of the six arrays of lab 01."""
    return dict(ANSWERS)


def _judge(arguments: tuple, value: Any) -> dict[str, bool]:
    """Which arrays are right, without the right format of the others; what a wrong answer says is kept with it."""
    findings = {"the result is a dict": isinstance(value, dict)}
    if not findings["the result is a dict"]:
        return findings
    findings["the keys are the letters A to F"] = all(letter in ANSWERS for letter in value)
    findings["each of the six arrays has a format"] = all(letter in value for letter in ANSWERS)
    if not all(findings.values()):
        return findings
    findings["every format is one of the six in the docstring"] = all(f in FORMATS for f in value.values())
    if not all(findings.values()):
        return findings
    wrong = [letter for letter in ANSWERS if value[letter] != ANSWERS[letter]]
    findings["more than half of the formats are right"] = len(wrong) < 3
    if len(wrong) < 3:
        findings |= {f"the format of {letter} is right": letter not in wrong for letter in ANSWERS}
        findings |= {f"{letter} is called {value[letter]}": True for letter in wrong}
    return findings


SPOT_FORMATS = Exercise(
    spot_formats,
    judge=_judge,
    hints=(
        "Draw each array as if it were xyxy. Which rectangle lies on the cup?",
        "Numbers below 1 are normalised. Where the third number is smaller than the first, it cannot be x2.",
        "A is xyxy in pixels. C holds the same four numbers as A. D and F are normalised.",
    ),
    cases=(Case("the six arrays", ()),),
)


def _add(name: str, story: str, answer: Any) -> None:
    SPOT_FORMATS.wrong(name, story)(lambda: answer)


_add(
    "no dict",
    "Return a dict from each letter to its format, such as {'A': …, 'B': …}.",
    list(ANSWERS.values()),
)
_add(
    "keys that are not the letters",
    "The letters A to F are the keys, the formats are the values.",
    {name: letter for letter, name in ANSWERS.items()},
)
_add("a missing array", "All six arrays need a format.", {k: f for k, f in ANSWERS.items() if k not in "DF"})
_add(
    "a format that is not on the list",
    "Use the six names in the docstring, spelt exactly as they are there.",
    ANSWERS | {"D": "normalised"},
)
_add(
    "half of the formats or more wrong",
    "Begin with the array that lies on the cup when you draw it as xyxy, and work out its numbers in each other format.",
    dict.fromkeys(ANSWERS, "xyxy"),
)
_add(
    "pixels and fractions not told apart",
    "D and F hold fractions of the image, not pixels: their formats are normalised.",
    {letter: name.removesuffix(", normalised") for letter, name in ANSWERS.items()},
)
for one, other in combinations(ANSWERS, 2):
    _add(
        f"{one} and {other} swapped",
        f"{REASONS[one]} {REASONS[other]}",
        ANSWERS | {one: ANSWERS[other], other: ANSWERS[one]},
    )
for array, right in ANSWERS.items():
    for name in FORMATS:
        if name != right:
            _add(f"{array} taken for {name}", REASONS[array], ANSWERS | {array: name})

EXERCISES = (SPOT_FORMATS,)
