"""The pace of a lab: COURSEKIT_STEPS shortens every training of it, and what is said beforehand."""

import pytest
import torch

from classroom import progress_bar, steps
from coursekit.training import fit


def test_steps_are_scaled_by_the_environment(monkeypatch):
    monkeypatch.setenv("COURSEKIT_STEPS", "0.1")
    assert (steps(400), steps(3)) == (40, 1)
    for wrong in ("a lot", "0", "-1", "nan", "inf"):
        monkeypatch.setenv("COURSEKIT_STEPS", wrong)
        with pytest.raises(ValueError, match="COURSEKIT_STEPS must be a positive number"):
            steps(400)


class Point(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.place = torch.nn.Parameter(torch.zeros(1))

    def forward(self, inputs, targets):
        return {"distance": (self.place - 1).square().sum()}


def test_the_time_said_beforehand_is_scaled_too(capsys, monkeypatch):
    monkeypatch.setenv("COURSEKIT_STEPS", "0.5")
    run = progress_bar(fit(Point(), [(torch.zeros(1), {})] * 4, steps(8)), seconds=30)
    assert [step.index for step in run] == [1, 2, 3, 4]
    assert "about 15 s" in capsys.readouterr().out


def test_no_time_is_said_where_none_is_known(capsys):
    list(progress_bar(fit(Point(), [(torch.zeros(1), {})] * 4, 1)))
    assert "Training takes" not in capsys.readouterr().out
