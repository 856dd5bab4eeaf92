"""Lab 15, section 5: the pretrained backbone learns slowly, the new head fast."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab15.pictures import rates_picture

Groups = list[dict[str, Any]]


def two_rates(model: nn.Module, lr: float, slower: float = 0.1) -> Groups:
    """Two groups for an optimiser: what learns in `model.backbone`, at lr times `slower`, and what else learns, at lr."""
    pretrained = [p for p in model.backbone.parameters() if p.requires_grad]
    known = {id(p) for p in model.backbone.parameters()}
    new = [p for p in model.parameters() if p.requires_grad and id(p) not in known]
    return [{"params": pretrained, "lr": lr * slower}, {"params": new, "lr": lr}]


class Small(nn.Module):
    """A backbone of three layers, of which some are frozen, and a head; every parameter holds its own number."""

    def __init__(self, frozen: int, more: str = "") -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):  # the first weights are replaced, so the lab's seed stays
            self.head = nn.Linear(2, 3)
            self.backbone = nn.Sequential(*(nn.Linear(2, 2) for _ in range(3)))
            if more:
                self.add_module(more, nn.Linear(2, 2))
        for number, parameter in enumerate(self.parameters()):
            nn.init.constant_(parameter, number)
        for layer in list(self.backbone)[:frozen]:
            layer.requires_grad_(False)


def measure_groups(arguments: tuple, value: Any) -> Any:
    """The groups with lists of tensors, whatever held them."""
    return [{"params": _tensors(group["params"]), "lr": group["lr"]} for group in value]


def judge_groups(arguments: tuple, value: Any) -> dict[str, Any]:
    """The learning rate of each parameter of the model, by name; whether one is in two groups, or frozen and in one."""
    model = arguments[0]
    names = {float(p.flatten()[0].detach()): name for name, p in model.named_parameters()}
    rates: dict[str, list[float]] = {}
    thawed: set[str] = set()
    for group in value:
        for parameter in group["params"]:
            name = names[float(parameter.flatten()[0].detach())]
            rates.setdefault(name, []).append(float(group["lr"]))
            thawed |= {name} if parameter.requires_grad else set()
    learns = {name for name, p in model.named_parameters() if p.requires_grad}
    return {
        "no frozen parameter is in a group": set(rates) <= learns,
        "every parameter that learns is in a group": learns <= set(rates),
        "no parameter is in two groups": all(len(each) == 1 for each in rates.values()),
        "what is frozen stays frozen": not thawed & (set(names.values()) - learns),
        "every lr is a Python number": all(isinstance(group["lr"], int | float) for group in value),
    } | {f"the learning rate of {name}": rates.get(name, [0.0])[0] for name in sorted(learns)}


def _tensors(parameters: Any) -> list[torch.Tensor]:
    """An optimiser takes one tensor, tensors, or pairs of a name and a tensor."""
    each = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    return [pair[1] if isinstance(pair, tuple) else pair for pair in each]


TWO_RATES = Exercise(
    two_rates,
    picture=rates_picture,
    judge=judge_groups,
    measure=measure_groups,
    hints=(
        "An optimiser takes a list of dicts, each with its parameters and its learning rate. Which parameters are the backbone's, and which of all learn at all?",
        "model.backbone.parameters() against the rest of model.parameters(); only those with requires_grad. "
        "Compare parameters with `is` or id(): == compares their numbers.",
        "known = {id(p) for p in model.backbone.parameters()}\n"
        "learns = [p for p in model.parameters() if p.requires_grad]\n"
        'return [{"params": [p for p in learns if id(p) in known], "lr": lr * slower},\n'
        '        {"params": [p for p in learns if id(p) not in known], "lr": lr}]',
    ),
    cases=(
        Case("nothing is frozen", (Small(0), 0.001)),
        Case("the first two layers are frozen", (Small(2), 0.001)),
        Case("a hundredth", (Small(1), 0.002, 0.01)),
        Case("a layer that is called backbone_to_head", (Small(1, more="backbone_to_head"), 0.001, 0.5)),
        Case("a layer that is called neck", (Small(1, more="neck"), 0.001, 0.5)),
        Case("the whole backbone is frozen", (Small(3), 0.004)),
    ),
)

_wrong = TWO_RATES.wrong


def _by(
    backbone: Callable[[nn.Module, str], bool] = lambda model, name: name.startswith("backbone."),
    fast: Callable[[float, float], float] = lambda lr, slower: lr,
    slow: Callable[[float, float], float] = lambda lr, slower: lr * slower,
    frozen: bool = False,
) -> Callable:
    """An answer that sorts the parameters by name, with other rates or with the frozen ones."""

    def answer(model: nn.Module, lr: float, slower: float = 0.1) -> Groups:
        learns = [(n, p) for n, p in model.named_parameters() if p.requires_grad or frozen]
        return [
            {"params": [p for n, p in learns if backbone(model, n)], "lr": slow(lr, slower)},
            {"params": [p for n, p in learns if not backbone(model, n)], "lr": fast(lr, slower)},
        ]

    return answer


for _name, _story, _function in (
    ("one rate for all", "The backbone is pretrained: a large step would destroy what it knows.", _by(slow=lambda lr, slower: lr)),
    ("slow everywhere", "The head starts from random weights and needs the full learning rate.", _by(fast=lambda lr, slower: lr * slower)),
    ("the rates swapped", "The backbone is the part that is already trained: it gets the smaller one.", _by(fast=lambda lr, slower: lr * slower, slow=lambda lr, slower: lr)),
    ("divided instead of multiplied", "`slower` is a factor below 1.", _by(slow=lambda lr, slower: lr / slower)),
    ("the factor as the rate", "`slower` is a factor of lr, not a learning rate.", _by(slow=lambda lr, slower: slower)),
    ("a tenth in every case", "Use the factor that is given.", _by(slow=lambda lr, slower: lr * 0.1)),
    ("the factor subtracted", "lr · slower, not lr − slower.", _by(slow=lambda lr, slower: lr - slower * lr)),
    ("the frozen parameters too", "A frozen parameter has no gradient: leave it out, or weight decay may still move what you load later.", _by(frozen=True)),
    ("every name with “backbone” in it", "Other layers may have the word in their name: take model.backbone's own parameters.", _by(backbone=lambda model, name: "backbone" in name)),
    ("every name that does not begin with “head”", "A model may have more parts than these two: what is not the backbone's is new.", _by(backbone=lambda model, name: not name.startswith("head"))),
    ("the first layer only", "All layers of the backbone that learn belong to the slow group.", _by(backbone=lambda model, name: name.startswith("backbone.0"))),
    ("the last layer only", "All layers of the backbone that learn belong to the slow group.", _by(backbone=lambda model, name: name.startswith("backbone.2"))),
    ("the weights without the biases", "Biases are parameters too.", lambda model, lr, slower=0.1: [g | {"params": [p for p in g["params"] if p.ndim > 1]} for g in two_rates(model, lr, slower)]),
    ("the head forgotten", "What is in no group does not learn.", lambda *a: two_rates(*a)[:1]),
    ("the backbone forgotten", "What is in no group does not learn.", lambda *a: two_rates(*a)[1:]),
    ("the backbone in both groups", "model.parameters() has the backbone's, too: PyTorch refuses a parameter in two groups.", lambda model, lr, slower=0.1: [two_rates(model, lr, slower)[0], {"params": [p for p in model.parameters() if p.requires_grad], "lr": lr}]),
):  # fmt: skip
    _wrong(_name, _story)(_function)


@_wrong(
    "only the layers called head",
    "A model may have more parts than these two: what is not the backbone's is new.",
)
def _head_alone(model: nn.Module, lr: float, slower: float = 0.1) -> Groups:
    return [two_rates(model, lr, slower)[0], {"params": list(model.head.parameters()), "lr": lr}]


@_wrong("thawed first", "What is frozen stays frozen: that was decided before.")
def _thawed(model: nn.Module, lr: float, slower: float = 0.1) -> Groups:
    return two_rates(model.requires_grad_(True), lr, slower)


EXERCISES = (TWO_RATES,)
