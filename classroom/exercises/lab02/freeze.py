"""Lab 02, exercise 2: freezing a part of a network."""

import copy

import torch
from torch import nn

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.frozen import judge_module, measure_module
from coursekit.models.localiser import freeze


class _Generation:
    """How many times a module was copied: it lies in the module, and counts whenever that is copied deeply."""

    def __init__(self, number: int = 0) -> None:
        self.number = number

    def __deepcopy__(self, memo: dict) -> "_Generation":
        return _Generation(self.number + 1)


def _layers(*more: nn.Module) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), *more)


def _networks() -> dict[str, nn.Module]:
    """The modules of the cases, from small to large; a lab's own random numbers stay what they were."""
    with torch.random.fork_rng(devices=[]):
        networks = {
            "a convolution and its batch normalisation": _layers(),
            "a batch normalisation alone": nn.BatchNorm2d(3),
            "a block inside a block": nn.Sequential(_layers(), nn.ReLU(), nn.Conv2d(3, 2, 1)),
            "batch normalisation outside and inside": _layers(nn.ReLU(), _layers()),
            "a module that was partly frozen before": nn.Sequential(nn.Conv2d(3, 3, 1), freeze(_layers())),
        }
    for module in networks.values():
        module.generation = _Generation()
    return networks


FREEZE = Exercise(
    freeze,
    judge=judge_module,
    measure=measure_module,
    hints=(
        "Two things in a network change during training: what the optimiser changes, and what changes just by seeing data.",
        "No parameter requires a gradient, and the module is in evaluation mode.",
        "module.requires_grad_(False) is one half. Which method of a module is the other half? Return the module.",
    ),
    cases=tuple(Case(name, (module,)) for name, module in _networks().items()),
)

_wrong = FREEZE.wrong
_STATISTICS = "In training mode, batch normalisation updates its statistics with every batch, gradient or not: .eval() stops it."
_WEIGHTS = "Evaluation mode does not stop gradients: module.requires_grad_(False) does."
_ATTRIBUTE = "A module has no requires_grad; only its parameters do. The method is requires_grad_(False)."


@_wrong("nothing returned", "The last line should return the module.")
def _freeze_without_return(module: nn.Module) -> None:
    freeze(module)


@_wrong("something other than a module returned", "Return the module itself.")
def _freeze_to_parameters(module: nn.Module) -> list:
    return list(freeze(module).parameters())


@_wrong("a copy frozen", "The caller's module still learns: freeze that module itself, and return it.")
def _freeze_a_copy(module: nn.Module) -> nn.Module:
    return freeze(copy.deepcopy(module))


@_wrong("a new module returned", "Return the module itself, frozen, not a new one around it.")
def _freeze_wrapped(module: nn.Module) -> nn.Module:
    return nn.Sequential(freeze(module))


@_wrong("weights frozen, statistics not", _STATISTICS)
def _freeze_weights_only(module: nn.Module) -> nn.Module:
    return module.train().requires_grad_(False)


@_wrong("weights frozen, statistics left as they were", _STATISTICS)
def _freeze_weights_in_any_mode(module: nn.Module) -> nn.Module:
    return module.requires_grad_(False)


@_wrong("statistics frozen, weights not", _WEIGHTS)
def _freeze_statistics_only(module: nn.Module) -> nn.Module:
    return module.eval()


@_wrong("statistics frozen, all weights set to learn", _WEIGHTS)
def _freeze_nothing_but_statistics(module: nn.Module) -> nn.Module:
    return module.eval().requires_grad_(True)


@_wrong(
    "neither weights nor statistics frozen", "Weights need requires_grad_(False), statistics need eval()."
)
def _freeze_nothing(module: nn.Module) -> nn.Module:
    return module


@_wrong("everything set to learn", "The methods are eval() and requires_grad_(False).")
def _wake_up(module: nn.Module) -> nn.Module:
    return module.train().requires_grad_(True)


@_wrong("an attribute that is never read", _ATTRIBUTE)
def _freeze_by_attribute(module: nn.Module) -> nn.Module:
    module.requires_grad = False
    return module


@_wrong("statistics frozen, and an attribute that is never read", _ATTRIBUTE)
def _freeze_statistics_and_attribute(module: nn.Module) -> nn.Module:
    module.requires_grad = False
    return module.eval()


@_wrong(
    "only the parameters of the outermost module frozen",
    "parameters(recurse=False) leaves out the parameters of inner layers: use parameters().",
)
def _freeze_outer_weights(module: nn.Module) -> nn.Module:
    for parameter in module.parameters(recurse=False):
        parameter.requires_grad_(False)
    return module.eval()


@_wrong("biases left out", "Biases are parameters too: freeze all parameters(), whatever their names.")
def _freeze_without_biases(module: nn.Module) -> nn.Module:
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(parameter.requires_grad and name.endswith("bias"))
    return module.eval()


@_wrong("batch normalisation left out", "Its scale and shift are weights too: freeze all parameters().")
def _freeze_without_norms(module: nn.Module) -> nn.Module:
    for part in module.modules():
        if not isinstance(part, nn.BatchNorm2d):
            for parameter in part.parameters(recurse=False):
                parameter.requires_grad_(False)
    return module.eval()


@_wrong(
    "only batch normalisation frozen",
    "The weights of the other layers learn as well: freeze all parameters().",
)
def _freeze_norms_only(module: nn.Module) -> nn.Module:
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.eval().requires_grad_(False)
    return module


@_wrong(
    "requires_grad toggled",
    "Parts that were already frozen now learn again: set requires_grad to False, whatever it was.",
)
def _freeze_toggled(module: nn.Module) -> nn.Module:
    for parameter in module.parameters():
        parameter.requires_grad = not parameter.requires_grad
    return module.eval()


@_wrong(
    "batch normalisation of the inner blocks forgotten",
    "children() goes only one level deep; .eval() reaches all levels.",
)
def _freeze_outer_statistics(module: nn.Module) -> nn.Module:
    for child in module.children():
        if isinstance(child, nn.BatchNorm2d):
            child.eval()
    return module.requires_grad_(False)


@_wrong(
    "a gradient that is blocked", "Frozen layers must let the gradient through to the layers before them."
)
def _freeze_with_a_wall(module: nn.Module) -> nn.Module:
    module.register_forward_hook(lambda _module, _input, output: output.detach())
    return freeze(module)


@_wrong(
    "the statistics of the batch instead of the learnt ones",
    "Then the output for an image depends on the other images in its batch.",
)
def _freeze_with_batch_statistics(module: nn.Module) -> nn.Module:
    for layer in module.modules():
        layer.track_running_stats = False
    return module.train().requires_grad_(False)


EXERCISES = (FREEZE,)
