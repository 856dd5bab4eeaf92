"""The plan of a course, a small TOML file: the points of each exercise, and the deadlines.

title = "Object detection, autumn 2026"
partial = true                  # points in proportion to the cases that pass; otherwise all or none

[labs.03]
deadline = "Friday 13 November 2026, 18:00"
points = { nms = 4, yolo_loss = 3 }   # one point for every other exercise
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classroom.exercises.record import by_lab


@dataclass(frozen=True)
class Plan:
    """What a course plan says: deadlines by lab, points by exercise, and whether part of an answer earns part of them."""

    title: str = ""
    partial: bool = False
    deadlines: dict[str, str] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)

    def most(self, exercise: str) -> float:
        """Return the points of an exercise that is right."""
        return self.points.get(exercise, 1.0)

    def earned(self, row: dict[str, Any]) -> float:
        """Return the points of a row of verdicts.

        >>> Plan(partial=True).earned({"exercise": "nms", "verdict": "wrong", "passed": 3, "cases": 4})
        0.75
        """
        if row["verdict"] == "right":
            return self.most(row["exercise"])
        share = row["passed"] / row["cases"] if self.partial and row["cases"] else 0.0
        return round(self.most(row["exercise"]) * share, 2)


def read_plan(path: str | Path | None) -> Plan:
    """Return the plan of a TOML file; without one, every exercise has one point.

    Raises:
        ValueError: the file cannot be read as a plan; the sentence says why.
    """
    if path is None:
        return Plan()
    try:
        told = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a TOML file: {error}.") from None
    if unknown := told.keys() - {"title", "partial", "labs"}:
        raise ValueError(
            f"{path} has an unknown entry {min(unknown)!r}; it may have title, partial and labs."
        )
    deadlines, points = {}, {}
    for lab, entry in told.get("labs", {}).items():
        known = by_lab().get(lab)
        if known is None or not isinstance(entry, dict) or entry.keys() - {"deadline", "points"}:
            raise ValueError(
                f"{path}: [labs.{lab}] must name a lab, such as 03, and may have a deadline and points."
            )
        deadlines[lab] = str(entry.get("deadline", ""))
        for name, number in entry.get("points", {}).items():
            if name not in known or type(number) not in (int, float) or number < 0:
                raise ValueError(
                    f"{path}: {name} = {number!r} must be an exercise of lab {lab} and at least 0 points."
                )
            points[name] = float(number)
    return Plan(str(told.get("title", "")), bool(told.get("partial", False)), deadlines, points)
