"""Lab 08, exercise 7: which weights and which statistics of a backbone learn."""

import copy
from typing import Any

import torch
from torch import nn

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab08.let_learn_mistakes import MISTAKES, let_learn
from classroom.exercises.lab08.pictures import learning_picture

BACK, ITSELF = "an nn.ModuleDict comes back", "the stages themselves come back, not a copy"
WEIGHTS, NORMS = "stages of which every weight learns", "stages of which any batch normalisation learns"
ANY, STATISTICS = "stages of which any weight learns", "stages whose statistics follow the batches"


class Mark:
    """Lies in a module and counts how often that was copied deeply."""

    def __init__(self, number: int = 0) -> None:
        self.number = number

    def __deepcopy__(self, memo: dict) -> "Mark":
        return Mark(self.number + 1)


def judge_stages(arguments: tuple, stages: Any) -> dict[str, Any]:
    """What must be true of the stages: which weights get gradients, and which statistics change, when images pass."""
    if not isinstance(stages, nn.ModuleDict):
        return {BACK: False, "nothing comes back": stages is None}
    mark = getattr(stages, "mark", None)
    itself = mark is not None and mark.number == arguments[0].mark.number
    before, x = copy.deepcopy(stages.state_dict()), normal(4, 3, 6, 7)
    for stage in stages.values():
        x = stage(x)
    if x.requires_grad:
        x.square().sum().backward()
    after = stages.state_dict()
    moved = {name for name, value in after.items() if not torch.equal(before[name], value)}
    return {
        BACK: True,
        ITSELF: itself,
        **learning(stages),
        STATISTICS: listed(each.split(".")[0] for each in moved),
    }


def learning(stages: nn.ModuleDict) -> dict[str, str]:
    """Where all weights, where any, and where any of batch normalisation got a gradient."""
    with_gradient = {
        name: [parameter.grad is not None for parameter in stage.parameters()]
        for name, stage in stages.items()
    }
    norms = {
        name: [
            p.grad is not None
            for part in stage.modules()
            if isinstance(part, nn.BatchNorm2d)
            for p in part.parameters()
        ]
        for name, stage in stages.items()
    }
    return {
        WEIGHTS: listed(name for name, found in with_gradient.items() if all(found)),
        ANY: listed(name for name, found in with_gradient.items() if any(found)),
        NORMS: listed(name for name, found in norms.items() if any(found)),
    }


def listed(names: Any) -> str:
    return " ".join(sorted(set(names))) or "none"


def _block() -> nn.Sequential:
    inner = nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.Tanh())
    return nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), inner)


def _stages(*frozen: str) -> nn.ModuleDict:
    """Three small stages; those named here were frozen before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        stages = nn.ModuleDict({name: _block() for name in ("C3", "C4", "C5")})
    for name in frozen:
        stages[name].requires_grad_(False).eval()
    stages.mark = Mark()
    return stages


LET_LEARN = Exercise(
    let_learn,
    judge=judge_stages,
    picture=learning_picture,
    hints=(
        "Two things change in training: weights, by the optimiser, and the statistics of batch normalisation, by looking. "
        "Freeze everything first; then wake up what is named.",
        "stages.requires_grad_(False) and stages.eval() for all; for each name requires_grad_(True), and train(follow).",
        "stages.requires_grad_(False).eval()\n"
        "for name in names:\n"
        "    stages[name].requires_grad_(True).train(follow)\n"
        "return stages",
    ),
    cases=(
        Case("everything frozen", (_stages(), [], False)),
        Case("the last stage, its statistics as they are", (_stages(), ["C5"], False)),
        Case("the last stage with its statistics", (_stages(), ["C5"], True)),
        Case("two stages of which one was frozen before", (_stages("C3", "C4"), ["C4", "C5"], False)),
        Case(
            "all were frozen before, two learn with their statistics",
            (_stages("C3", "C4", "C5"), ["C3", "C5"], True),
        ),
        Case("all stages", (_stages("C3"), ["C3", "C4", "C5"], False)),
    ),
)

LET_LEARN.wrong_answers.extend(MISTAKES)

EXERCISES = (LET_LEARN,)
