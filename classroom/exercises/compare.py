"""What a function did with one case, and how that differs from what it should have done, in words."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Outcome:
    """What happened when a function was called once: a value, or an error; gradients where they were asked for."""

    value: Any = None
    error: str | None = None
    gradients: tuple[Tensor | None, ...] = ()
    changed_input: bool = False


def run(function: Callable, arguments: tuple, gradient: bool | tuple[int, ...] = False) -> Outcome:
    """Call `function` on fresh copies of `arguments`; with `gradient`, also differentiate a weighted sum of its result."""
    places = range(len(arguments)) if gradient is True else gradient or ()
    fresh = tuple(_copy(a, i in places) for i, a in enumerate(arguments))
    try:
        value = function(*fresh)
        changed = any(not _same_numbers(f, a) for f, a in zip(fresh, arguments, strict=True))
        return Outcome(value, None, _gradients(value, fresh) if gradient else (), changed)
    except NotImplementedError:
        raise
    except Exception as error:  # whatever a student's code raises is part of the answer
        return Outcome(error=f"{type(error).__name__}: {error}")


def difference(got: Outcome, wanted: Outcome, tolerance: float = 1e-5) -> str | None:
    """One sentence on the first thing in which two outcomes differ, or None when they agree."""
    if got.error or wanted.error:
        return (
            None
            if got.error and wanted.error
            else f"it raised {got.error}"
            if got.error
            else "it raised nothing"
        )
    if got.changed_input and not wanted.changed_input:
        return "it changed its input: work on a new tensor, or copy the input with .clone() first"
    said = explain(got.value, wanted.value, tolerance)
    if said or not wanted.gradients:
        return said
    if all(g is None for g in got.gradients) and any(g is not None for g in wanted.gradients):
        return "no gradient flows through it: is there an .item(), a .detach() or a torch.tensor(...) on the way?"
    for got_gradient, wanted_gradient in zip(got.gradients, wanted.gradients, strict=True):
        if said := explain(got_gradient, wanted_gradient, 10 * tolerance, "the gradient"):
            return said
    return None


def explain(got: Any, wanted: Any, tolerance: float = 1e-5, what: str = "the result") -> str | None:
    """One sentence on how `got` differs from `wanted`, or None.

    >>> explain(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]))
    'the result[1] should be 3, but is 2'
    """
    if isinstance(wanted, Tensor):
        return _explain_tensor(got, wanted, tolerance, what)
    if got is None and wanted is not None:
        return f"{what} is None: is there a `return`?"
    if isinstance(wanted, dict):
        return _explain_dict(got, wanted, tolerance, what)
    if isinstance(wanted, (tuple, list)):
        if not isinstance(got, (tuple, list)) or len(got) != len(wanted):
            return f"{what} should be {len(wanted)} things together, but is {_short(got)}"
        pairs = enumerate(zip(got, wanted, strict=True))
        return next((s for i, (g, w) in pairs if (s := explain(g, w, tolerance, f"{what}[{i}]"))), None)
    if isinstance(wanted, float) and not isinstance(got, str):
        return _explain_tensor(torch.as_tensor(got), torch.as_tensor(wanted), tolerance, what, dtype=False)
    return None if got == wanted else f"{what} should be {wanted!r}, but is {_short(got)}"


def _explain_dict(got: Any, wanted: dict, tolerance: float, what: str) -> str | None:
    if not isinstance(got, dict):
        return f"{what} should be a dict, but is {_short(got)}"
    if missing := wanted.keys() - got.keys():
        return f"{what} lacks {', '.join(map(repr, sorted(missing)))}"
    said = (explain(got[k], wanted[k], tolerance, f"{what}[{k!r}]") for k in wanted)
    return next((s for s in said if s), None)


def _explain_tensor(got: Any, wanted: Tensor, tolerance: float, what: str, dtype: bool = True) -> str | None:
    if not isinstance(got, Tensor):
        hint = ": is there a `return`?" if got is None else ""
        return f"{what} should be a tensor of shape {tuple(wanted.shape)}, but is {_short(got)}{hint}"
    if got.shape != wanted.shape:
        return f"{what} should have shape {tuple(wanted.shape)}, but has {tuple(got.shape)}"
    if dtype and got.dtype != wanted.dtype:
        return f"{what} should be {wanted.dtype}, but is {got.dtype}"
    wrong = ~torch.isclose(got.double(), wanted.double(), rtol=tolerance, atol=tolerance, equal_nan=True)
    if not wrong.any():
        return None
    place = wrong.nonzero()[0].tolist()
    index = f"[{', '.join(map(str, place))}]" if place else ""
    return f"{what}{index} should be {_number(wanted[tuple(place)])}, but is {_number(got[tuple(place)])}"


def _copy(argument: Any, gradient: bool) -> Any:
    if isinstance(argument, dict):
        return {key: _copy(value, gradient) for key, value in argument.items()}
    if isinstance(argument, nn.Module):
        return copy.deepcopy(argument)
    if isinstance(argument, tuple) and hasattr(argument, "_fields"):
        return type(argument)(*(_copy(value, gradient) for value in argument))
    if not isinstance(argument, Tensor):
        return list(argument) if isinstance(argument, list) else argument
    copied = argument.detach().clone()
    return copied.requires_grad_() if gradient and copied.is_floating_point() else copied


def _same_numbers(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return a.shape == b.shape and torch.equal(torch.nan_to_num(a.detach()), torch.nan_to_num(b.detach()))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same_numbers(a[key], b[key]) for key in a)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_same_numbers, a, b))
    return isinstance(a, Tensor) == isinstance(b, Tensor) and a == b


def _gradients(value: Any, arguments: tuple) -> tuple[Tensor | None, ...]:
    """The gradient of every float argument of a weighted sum of `value`; unequal weights tell entries apart."""
    inputs = [a for a in _tensors(arguments) if a.requires_grad]
    outputs = [v for v in _tensors(value) if v.requires_grad]
    if not (outputs and inputs):
        return (None,) * len(inputs)
    flat = torch.cat([v.flatten() for v in outputs])
    weights = torch.arange(1, flat.numel() + 1, dtype=flat.dtype)
    return torch.autograd.grad((flat * weights).sum(), inputs, allow_unused=True)


def _tensors(value: Any) -> list[Tensor]:
    """The tensor itself, or those inside a tuple, a list or a dict, which is read in the order of its keys."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value, key=str)]
    return [t for part in value for t in _tensors(part)] if isinstance(value, tuple | list) else []


def _number(value: Tensor) -> str:
    number = value.item()
    return f"{number:.4g}" if isinstance(number, float) else str(number)


def _short(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
