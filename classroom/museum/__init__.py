"""The bug museum: wrong implementations that were published or handed in, each beside the right one."""

from classroom.museum.bug import Bug, Score, disguised, kills, objection, score, show_difference
from classroom.museum.evaluator_parts import average_precision_50
from classroom.museum.evaluators import EVALUATOR_BUGS, found, truth
from classroom.museum.geometry import GEOMETRY_BUGS
from classroom.museum.learning import LEARNING_BUGS
from classroom.museum.overlap import IOU_BUGS, PLUS_ONE_OUTSIDE

MUSEUM = (*IOU_BUGS, *GEOMETRY_BUGS, *LEARNING_BUGS, *EVALUATOR_BUGS)

__all__ = [
    "EVALUATOR_BUGS",
    "GEOMETRY_BUGS",
    "IOU_BUGS",
    "LEARNING_BUGS",
    "MUSEUM",
    "PLUS_ONE_OUTSIDE",
    "Bug",
    "Score",
    "average_precision_50",
    "disguised",
    "found",
    "kills",
    "objection",
    "score",
    "show_difference",
    "truth",
]
