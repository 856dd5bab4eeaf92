"""What `check` accepts breaks no later cell of a lab, however odd it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.rotated
@pytest.mark.slow
@pytest.mark.parametrize("lab", sorted(path.stem for path in ROOT.glob("labs/*.ipynb")))
def test_a_lab_runs_with_odd_but_accepted_answers(lab):
    command = [sys.executable, "tests/shared/odd_answers.py", f"labs/{lab}.ipynb"]
    run = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"COURSEKIT_STEPS": "0.05", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, f"{run.stdout[-2000:]}\n{run.stderr[-3000:]}"
