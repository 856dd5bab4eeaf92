"""Lab 08, exercise 7: the reference of what learns, and wrong answers."""

import copy
from collections.abc import Sequence

from torch import nn

from classroom.exercises.mistakes import Mistakes

Stages = nn.ModuleDict


def let_learn(stages: nn.ModuleDict, names: Sequence[str], follow: bool) -> nn.ModuleDict:
    """The same stages; those named learn, the others are frozen. Statistics follow the batches in none or in those named."""
    stages.requires_grad_(False).eval()
    for name in names:
        stages[name].requires_grad_(True).train(follow)
    return stages


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


@wrong(
    "statistics of frozen stages that follow",
    "Frozen weights with moving statistics are no longer the ImageNet network: .eval() for frozen stages.",
)
def _frozen_follow(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    let_learn(stages, names, follow)
    for name in stages:
        stages[name].train(name not in names or follow)
    return stages


@wrong(
    "all statistics follow if those named do",
    "`follow` is about the stages that learn; a frozen stage is in evaluation mode.",
)
def _follow_everywhere(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    return let_learn(stages, names, follow).train(follow)


@wrong(
    "statistics always follow where weights learn",
    "With `follow=False` the stages that learn keep their statistics too: .eval(), though their weights learn.",
)
def _always_follow(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    return let_learn(stages, names, True)


@wrong(
    "statistics that never follow", "With `follow=True` the stages that learn are in training mode: .train()."
)
def _never_follow(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    return let_learn(stages, names, False)


@wrong(
    "statistics follow everywhere",
    "In training mode batch normalisation follows every batch, gradient or not: .eval() stops it.",
)
def _train_mode(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    return let_learn(stages, names, follow).train()


@wrong("`follow` the wrong way round", "`follow=True` means training mode for the stages that learn.")
def _follow_reversed(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    return let_learn(stages, names, not follow)


@wrong(
    "modes left as they were",
    "requires_grad_ does not touch statistics: set the mode of each stage with .eval() and .train().",
)
def _modes_left(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    modes = {name: stage.training for name, stage in stages.items()}
    let_learn(stages, names, follow)
    for name, mode in modes.items():
        stages[name].train(mode)
    return stages


@wrong(
    "nothing woken up", "A stage that was frozen before learns again if it is named: requires_grad_(True)."
)
def _not_woken(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    asleep = [p for p in stages.parameters() if not p.requires_grad]
    let_learn(stages, names, follow)
    for parameter in asleep:
        parameter.requires_grad_(False)
    return stages


@wrong("nothing frozen", "The stages that are not named must not learn: requires_grad_(False).")
def _nothing_frozen(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    return let_learn(stages, names, follow).requires_grad_(True)


@wrong(
    "frozen stages that go on learning as before",
    "What learned before and is not named must be frozen: first freeze all.",
)
def _only_woken(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    awake = [p for p in stages.parameters() if p.requires_grad]
    let_learn(stages, names, follow)
    for parameter in awake:
        parameter.requires_grad_(True)
    return stages


@wrong("the named stages frozen", "`names` lists the stages that *learn*.")
def _reversed(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    return let_learn(stages, [name for name in stages if name not in names], follow)


@wrong("the first name alone", "All stages in `names` learn: is there a `return` inside the loop?")
def _first_only(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    return let_learn(stages, names[:1], follow)


@wrong("the last name alone", "All stages in `names` learn: freeze before the loop, not inside it.")
def _last_only(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    return let_learn(stages, names[-1:], follow)


def _norms(stages: Stages) -> list[nn.Module]:
    return [part for part in stages.modules() if isinstance(part, nn.BatchNorm2d)]


@wrong(
    "batch normalisation left out of learning",
    "Only its *statistics* stay: its scale and shift are weights, and learn with their stage.",
)
def _norms_frozen(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    let_learn(stages, names, follow)
    for norm in _norms(stages):
        norm.requires_grad_(False)
    return stages


@wrong(
    "batch normalisation learns everywhere",
    "Its scale and shift are weights of their stage, and frozen with it.",
)
def _norms_awake(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    let_learn(stages, names, follow)
    for norm in _norms(stages):
        norm.requires_grad_(True)
    return stages


@wrong(
    "an attribute that nothing reads",
    "A module has no requires_grad: its parameters have. The method is requires_grad_(…).",
)
def _attribute(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    wanted = [p.requires_grad for p in stages.parameters()]
    let_learn(stages, names, follow)
    for parameter, before in zip(stages.parameters(), wanted, strict=True):
        parameter.requires_grad_(before)
    for name in stages:
        stages[name].requires_grad = name in names
    return stages


@wrong("a copy", "Change the stages themselves, and return them.")
def _copied(stages: Stages, names: Sequence[str], follow: bool) -> Stages:
    return let_learn(copy.deepcopy(stages), names, follow)


@wrong("nothing returned", "The last line should return the stages.")
def _without_return(stages: Stages, names: Sequence[str], follow: bool) -> None:
    let_learn(stages, names, follow)


@wrong("something other than the stages returned", "Return the stages, all of them.")
def _parameters(stages: Stages, names: Sequence[str], follow: bool) -> list:
    return [p for p in let_learn(stages, names, follow).parameters() if p.requires_grad]
