"""The league: all detectors on the annotated photographs of a class, and the scorer of the final project."""

from classroom.league.contestants import Contestant, contestant_of_file, shipped_contestants
from classroom.league.folders import Photographs, put_together
from classroom.league.project import hidden, score
from classroom.league.table import Standing, as_text, standings, write_table

__all__ = [
    "Contestant", "Photographs", "Standing", "as_text", "contestant_of_file", "hidden", "put_together", "score",
    "shipped_contestants", "standings", "write_table",
]  # fmt: skip
