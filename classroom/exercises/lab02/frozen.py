"""What a frozen module must be, measured on the module and judged from the numbers."""

import copy
from typing import Any

import torch
from torch import nn

from classroom.exercises.cases import normal

BACK, ITSELF = "the module is returned", "the module itself is returned, not a copy"
WEIGHTS, STATISTICS = "no weight gets a gradient", "the statistics stay"
BATCH, THROUGH = "an output does not depend on its batch", "a gradient passes through"


def measure_module(arguments: tuple, module: Any) -> Any:
    """What a module does with a batch and with its first image; what is not a module stays as it is."""
    if not isinstance(module, nn.Module):
        return module
    generation = getattr(module, "generation", None)
    before = copy.deepcopy(module.state_dict())
    x = normal(4, 3, 5, 5).requires_grad_()
    y = module(x)
    if y.requires_grad:
        y.square().sum().backward()
    learning = {name for name, parameter in module.named_parameters() if parameter.grad is not None}
    frozen = {name for name, p in arguments[0].named_parameters() if not p.requires_grad}
    return {
        "generation": generation and generation.number,
        "before": dict(before),
        "after": dict(module.state_dict()),
        "learning": sorted(learning),
        "which": _which(module, learning, frozen),
        "attribute": "requires_grad" in vars(module),
        "batch": y.detach(),
        "first": module(x[:1]).detach(),
        "slope": x.grad,
    }


def judge_module(arguments: tuple, found: Any) -> dict[str, bool]:
    """What must be true of a frozen module; of a wrong one also which of its weights still learn."""
    if not isinstance(found, dict):
        return {BACK: False, "nothing is returned": found is None}
    itself = found["generation"] == arguments[0].generation.number
    findings = {BACK: True, ITSELF: itself}
    if not itself:
        copied = found["generation"] is not None
        findings["a copy is returned" if copied else "a different module is returned"] = True
    before, slope = found["before"], found["slope"]
    findings |= {
        WEIGHTS: not found["learning"],
        STATISTICS: all(torch.equal(before[name], value) for name, value in found["after"].items()),
        BATCH: torch.allclose(found["first"], found["batch"][:1], atol=1e-5),
        THROUGH: slope is not None and bool(slope.any()),
    }
    if found["learning"]:
        findings |= {f"{found['which']} still learn": True}
        findings |= {"requires_grad is an attribute of the module": found["attribute"]}
    return findings


def _which(module: nn.Module, learning: set[str], frozen_before: set[str]) -> str:
    """Which parameters these are, in words."""
    parameters = dict(module.named_parameters())
    norms = [name for name, part in module.named_modules() if isinstance(part, nn.BatchNorm2d)]
    kinds = {
        "all": set(parameters),
        "the biases": {name for name in parameters if name.endswith("bias")},
        "the weights": {name for name in parameters if name.endswith("weight")},
        "those of batch normalisation": {name for name in parameters if name.rpartition(".")[0] in norms},
        "those of the inner blocks": {name for name in parameters if name.count(".") > 1},
        "those that were frozen": frozen_before,
    }
    return next((words for words, names in kinds.items() if names == learning), "some")
