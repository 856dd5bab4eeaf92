"""The slides of the course themselves, built and looked at as `classroom slides --check` does."""

import subprocess
import sys

import pytest

from classroom.deck.folders import ROOT


@pytest.mark.slow
@pytest.mark.browser
def test_no_slide_has_a_problem():
    """Minutes; a drawing that is kept in build/slides/ is not made again."""
    command = [sys.executable, "-m", "classroom", "slides", "--check"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, f"{run.stdout[-3000:]}\n{run.stderr[-3000:]}"
