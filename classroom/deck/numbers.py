"""Numbers in a slide's words, drawn from what was measured: `{score:yolo test_scenes AP}` is 0.47 today."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from coursekit.folders import data_folder

BENCH = Path(__file__).parents[2] / "bench"
NUMBER = re.compile(r"\{(score|bench):([^{}]+)\}")
FORMAT = re.compile(r"(?:\.\d[f%]|d)$")
NEEDED = "write {score:RECIPE SPLIT METRIC} or {bench:FILE KEY KEY}, a format such as .3f or .0% after it if need be"


def fill(text: str, report: Callable[[int, str], object]) -> str:
    """Return a slide's markdown with its measured numbers; report a name without a measurement."""

    def value(found: re.Match) -> str:
        try:
            return written(found[1], found[2])
        except (KeyError, ValueError, OSError) as error:
            reason = error.args[0] if isinstance(error, KeyError | ValueError) else error
            report(text.count("\n", 0, found.start()), f"{found[0]}: {reason}: {NEEDED}.")
            return "?"

    return NUMBER.sub(value, text)


def written(kind: str, names: str) -> str:
    """Return a measured number, or the difference of two, as it is written on a slide.

    >>> written("score", "yolo test_scenes AP") == written("score", "yolo test_scenes AP .2f")
    True
    >>> float(written("score", "yolo test_scenes AP - yolo test_objects AP .3f")) > 0
    True
    """
    names, form = names.strip(), ".2f"
    if found := FORMAT.search(names):
        names, form = names[: found.start()].strip(), found[0]
    first, *others = [measured(kind, part.split()) for part in names.split(" - ")]
    value = first - sum(others)
    return (
        format(round(value), "d") if form == "d" else format(value, form).replace("-", "−").replace("%", " %")
    )


def measured(kind: str, names: list[str]) -> float:
    """Return a number by its names; of an interval (value, low, high) the value, or the limit that `low` or `high` names.

    Raises:
        KeyError: nothing was measured under these names.
    """
    found = score_of(names[0]) if kind == "score" else bench(names[0])
    for name in names[1:]:
        if isinstance(found, list) and name in ("low", "high"):
            found = found[("low", "high").index(name) + 1]
        elif not isinstance(found, dict) or name not in found:
            raise KeyError(f"there is no {name!r} in {names[0]!r}")
        else:
            found = found[name]
    found = found[0] if isinstance(found, list) else found
    if not isinstance(found, int | float):
        raise KeyError("this is not a single number")
    return found


def score_of(recipe: str) -> dict:
    """Return the scores of a recipe by split, and the number of its `steps` and `cpu_minutes`; `NAME@2` is seed 2."""
    name, _, seed = recipe.partition("@")
    for each in all_records():
        if (each["recipe"], each["seed"]) == (name, int(seed or 0)):
            return {**each["scores"], **{key: each[key] for key in ("steps", "cpu_minutes") if key in each}}
    raise KeyError(f"scores.json has no {recipe!r}")


@cache
def all_records() -> list[dict]:
    """Return the same as `coursekit.published.records`, whose import takes seconds."""
    return json.loads((data_folder() / "checkpoints" / "scores.json").read_text(encoding="utf-8"))


@cache
def bench(name: str) -> dict:
    """Return what bench/NAME.json holds."""
    return json.loads((BENCH / f"{name}.json").read_text(encoding="utf-8"))
