"""The cases of each exercise notice every small change of its reference that makes a difference."""

import runpy
from pathlib import Path

import pytest

from classroom.exercises.catalogue import find, homes

ALIVE = runpy.run_path(str(Path(__file__).parents[1] / "answers" / "alive.py"))


@pytest.mark.rotated
@pytest.mark.slow
@pytest.mark.parametrize("name", homes())
def test_every_mutant_is_killed_or_no_different(name):
    _, alive = ALIVE["examined"](find(name))
    reasons = ALIVE["equal"](name)
    assert [said for said in alive if said not in reasons] == []
