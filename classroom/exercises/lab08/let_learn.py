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


def measure_stages(arguments: tuple, stages: Any) -> Any:
    """Which weights get gradients, and the statistics before and after images pass; what holds no stages stays as it is."""
    if not isinstance(stages, nn.ModuleDict):
        return stages
    mark = getattr(stages, "mark", None)
    before, x = copy.deepcopy(stages.state_dict()), normal(4, 3, 6, 7)
    for stage in stages.values():
        x = stage(x)
    if x.requires_grad:
        x.square().sum().backward()
    gradients = dict(zip(("all", "norms"), gradients_of(stages), strict=True))
    return gradients | {
        "mark": mark and mark.number,
        "before": dict(before),
        "after": dict(stages.state_dict()),
    }


def gradients_of(stages: nn.ModuleDict) -> tuple[dict[str, list[bool]], dict[str, list[bool]]]:
    """By stage, whether each weight has a gradient; the same for those of batch normalisation alone."""
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
    return with_gradient, norms


def judge_stages(arguments: tuple, found: Any) -> dict[str, Any]:
    """What must be true of the stages: which weights learn, and which statistics change."""
    if not isinstance(found, dict):
        return {BACK: False, "nothing comes back": found is None}
    before, after = found["before"], found["after"]
    moved = {name for name, value in after.items() if not torch.equal(before[name], value)}
    return {
        BACK: True,
        ITSELF: found["mark"] == arguments[0].mark.number,
        WEIGHTS: listed(name for name, has in found["all"].items() if all(has)),
        ANY: listed(name for name, has in found["all"].items() if any(has)),
        NORMS: listed(name for name, has in found["norms"].items() if any(has)),
        STATISTICS: listed(each.split(".")[0] for each in moved),
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
    measure=measure_stages,
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
