"""How what a function did with one case differs from what it should have done, in words."""

import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from classroom.exercises.trial import SECONDS, NotJudged, Outcome, TookTooLong

RESULT = "the result"


def difference(got: Outcome, wanted: Outcome, tolerance: float = 1e-5, any_error: bool = False) -> str | None:
    """One sentence, without its full stop, on the first thing in which two outcomes differ, or None if they agree.

    Errors agree if they are of one type; with `any_error`, every error is as good as another.
    """
    if got.error or wanted.error:
        return (
            None if any_error and got.error and wanted.error else _different_errors(got.error, wanted.error)
        )
    if changed := [name for name in got.changed if name not in wanted.changed]:
        them = "it" if len(changed) == 1 else "them"
        return f"the function changes its input {_listed(changed)}: work on a new tensor, or copy {them} first with .clone()"
    explained = judged if wanted.judged else explain
    if said := explained(got.value, wanted.value, tolerance):
        return said
    return _different_gradients(got.gradients or {}, wanted.gradients or {}, tolerance)


def _different_errors(got: BaseException | None, wanted: BaseException | None) -> str | None:
    if isinstance(got, TookTooLong):
        return f"the function had not finished after {SECONDS} seconds: is there a loop that never ends?"
    if wanted is None:
        return f"the function raises {described(got)}"
    kind = type(wanted).__name__
    if got is None:
        return f"the function should raise {_a(kind)}, but returns a value"
    return (
        None
        if isinstance(got, type(wanted))
        else f"the function should raise {_a(kind)}, but raises {described(got)}"
    )


def described(error: BaseException | None) -> str:
    """The type of an error and the first line of its message, without a full stop.

    >>> described(ValueError("no such box."))
    'ValueError: no such box'
    """
    try:
        message = str(error).strip().splitlines()
    except Exception:  # an error of the student's own whose __str__ fails
        message = []
    short = (message[0] if message else "")[:200].rstrip(".")
    return f"{type(error).__name__}: {short}" if short else type(error).__name__


def _different_gradients(got: dict, wanted: dict, tolerance: float) -> str | None:
    lost = [name for name in wanted if wanted[name] is not None and got.get(name) is None]
    if lost and all(gradient is None for gradient in got.values()):
        return "no gradient flows through it: is there an .item(), a .detach() or a torch.tensor(...) on the way?"
    if lost:
        return f"no gradient reaches {lost[0]}: is there an .item(), a .detach() or a torch.tensor(...) on the way?"
    for name, gradient in wanted.items():
        theirs = got.get(name)
        if gradient is None and theirs is None:
            continue
        should = torch.zeros_like(theirs) if gradient is None else gradient  # type: ignore[arg-type]
        if said := explain(theirs, should, 10 * tolerance, f"the gradient with respect to {name}"):
            return said
    return None


def judged(got: Any, wanted: Any, tolerance: float = 1e-5) -> str | None:
    """One sentence on the first of a judge's findings that differs.

    >>> judged({"every row is used once": False}, {"every row is used once": True})
    'this should be true, but is not: every row is used once'
    """
    if isinstance(got, NotJudged):
        return f"{RESULT} is {short(got.value)}, which is not what the exercise asks for"
    if not (isinstance(got, dict) and isinstance(wanted, dict)):
        return explain(got, wanted, tolerance)
    for finding, should in wanted.items():
        if finding not in got:
            return f"{RESULT} has no {finding}"
        if isinstance(should, bool):
            if bool(got[finding]) is not should:
                return f"this should be {'true' if should else 'false'}, but is not: {finding}"
        elif said := explain(got[finding], should, tolerance, finding):
            return said
    return None


def explain(got: Any, wanted: Any, tolerance: float = 1e-5, what: str = RESULT) -> str | None:
    """One sentence, without its full stop, on how `got` differs from `wanted`, or None.

    >>> explain(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]))
    'the result[1] should be 3, but is 2'
    """
    if got is None and wanted is not None:
        return f"{what} is None: is there a `return`?" if what == RESULT else f"{what} is None"
    if isinstance(wanted, Tensor):
        return _explain_tensor(got, wanted, tolerance, what)
    if isinstance(wanted, dict):
        return _explain_dict(got, wanted, tolerance, what)
    if isinstance(wanted, (tuple, list)):
        return _explain_sequence(got, wanted, tolerance, what)
    if isinstance(wanted, numbers.Number):
        return _explain_number(got, wanted, tolerance, what)
    try:
        equal = bool(got == wanted)
    except Exception:
        equal = False
    return None if equal else f"{what} should be {short(wanted)}, but is {short(got)}"


def _explain_sequence(got: Any, wanted: tuple | list, tolerance: float, what: str) -> str | None:
    if not isinstance(got, (tuple, list)) and not (isinstance(got, Tensor) and _all_numbers(wanted)):
        return f"{what} should be {kind(wanted)}, but is {short(got)}"
    if isinstance(got, Tensor) and got.ndim != 1 or len(got) != len(wanted):
        return f"{what} should be {kind(wanted)}, but is {kind(got)}"
    pairs = enumerate(zip(got, wanted, strict=True))
    return next((s for i, (g, w) in pairs if (s := explain(g, w, tolerance, f"{what}[{i}]"))), None)


def _all_numbers(values: tuple | list) -> bool:
    return all(isinstance(value, numbers.Number) for value in values)


def _explain_dict(got: Any, wanted: dict, tolerance: float, what: str) -> str | None:
    if not isinstance(got, dict):
        return f"{what} should be {kind(wanted)}, but is {short(got)}"
    if missing := [key for key in wanted if key not in got]:
        return f"{what} has no {_listed([repr(key) for key in missing])}"
    said = (explain(got[k], wanted[k], tolerance, f"{what}[{k!r}]") for k in wanted)
    return next((s for s in said if s), None)


def _explain_number(got: Any, wanted: Any, tolerance: float, what: str) -> str | None:
    """A number is compared in double precision; a tensor or an array with one element counts as its number."""
    number = _as_number(got)
    if number is None:
        return f"{what} should be {kind(wanted)}, but is {short(got)}"
    if isinstance(wanted, int):
        close = number == wanted
    else:
        both_nan = math.isnan(number) and math.isnan(wanted)
        close = both_nan or abs(number - wanted) <= tolerance * max(1, abs(wanted)) or number == wanted
    return None if close else _should_be(what, wanted, number)


def _as_number(value: Any) -> Any:
    if isinstance(value, (Tensor, np.ndarray, np.generic)):
        try:
            value = value.item() if value.ndim == 0 else None
        except (RuntimeError, NotImplementedError, ValueError):
            return None
    if not isinstance(value, numbers.Real):
        return None
    try:
        return value if isinstance(value, int) and abs(value) < 2**63 else float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _explain_tensor(got: Any, wanted: Tensor, tolerance: float, what: str) -> str | None:
    if not isinstance(got, Tensor):
        remedy = ": torch.from_numpy makes a tensor of it" if isinstance(got, np.ndarray) else ""
        return f"{what} should be {kind(wanted)}, but is {short(got)}{remedy}"
    if got.layout != torch.strided or got.device != wanted.device or got.is_quantized:
        return f"{what} should be an ordinary tensor on the CPU, but is {short(got)}"
    if got.shape != wanted.shape:
        return f"{what} should have shape {tuple(wanted.shape)}, but has {tuple(got.shape)}"
    if got.dtype != wanted.dtype:
        return f"{what} should be {wanted.dtype}, but is {got.dtype}"
    wide = torch.complex128 if wanted.is_complex() else torch.float64
    wrong = ~torch.isclose(got.to(wide), wanted.to(wide), rtol=tolerance, atol=tolerance, equal_nan=True)
    if not wrong.any():
        return None
    place = wrong.nonzero()[0].tolist()
    index = f"[{', '.join(map(str, place))}]" if place else ""
    return _should_be(what + index, wanted[tuple(place)].item(), got[tuple(place)].item())


def _should_be(what: str, wanted: Any, got: Any) -> str:
    """Enough digits to see the difference.

    >>> _should_be("the result", 1.0, 1.00001)
    'the result should be 1, but is 1.00001'
    """
    for digits in (4, 7, 10, 17):
        should, is_ = number_text(wanted, digits), number_text(got, digits)
        if should != is_:
            break
    return f"{what} should be {should}, but is {is_}"


def number_text(value: Any, digits: int = 4) -> str:
    """A number with a few digits; minus zero is zero.

    >>> number_text(-0.0), number_text(1 / 3), number_text(7), number_text(True)
    ('0', '0.3333', '7', 'True')
    """
    return f"{value + 0.0:.{digits}g}" if isinstance(value, float) else str(value)


def kind(value: Any) -> str:
    """What kind of thing a value is, such as 'a tensor of shape (2, 4)' or 'a list of 3'."""
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {value.shape}"
    if isinstance(value, (tuple, list, set)):
        return (
            f"an empty {type(value).__name__}"
            if not len(value)
            else f"{_a(type(value).__name__)} of {len(value)}"
        )
    if isinstance(value, dict):
        return f"a dict with {_listed([repr(key) for key in value])}" if value else "an empty dict"
    if value is None:
        return "None"
    return "a number" if isinstance(value, numbers.Real) else _a(type(value).__name__)


def short(value: Any) -> str:
    """The value itself when it is a number or a short text, else what kind of thing it is."""
    if isinstance(value, (str, numbers.Number)) or value is None:
        text = number_text(value) if isinstance(value, numbers.Number) else repr(value)
        return text if len(text) <= 60 else text[:57] + "…"
    if isinstance(value, Callable):  # type: ignore[arg-type]
        return "a function" if not isinstance(value, type) else f"the class {value.__name__}"
    return kind(value)


def _a(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeio' else 'a'} {noun}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
