"""What a function did with one case: it is called on copies, for a limited time, and whatever it prints is kept."""

import contextlib
import ctypes
import inspect
import io
import linecache
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from classroom.exercises.copies import fresh, same, tensors

SECONDS = 10  # for all cases of one check
MOST_PRINTED = 2000  # characters that are kept


@dataclass(frozen=True)
class Outcome:
    """A value, or an error with the student's own line that raised it; gradients where they were asked for."""

    value: Any = None
    error: BaseException | None = None
    line: str = ""
    gradients: dict[str, Tensor | None] | None = None
    changed: tuple[str, ...] = ()
    printed: str = ""
    judged: bool = False


class TookTooLong(Exception):
    """The function was still running when its time was up."""


def run(
    function: Callable,
    arguments: tuple,
    gradient: bool | tuple[int, ...] = False,
    *,
    names: tuple[str, ...] = (),
    judge: Callable | None = None,
    seconds: float = SECONDS,
) -> Outcome:
    """Call `function` on copies of `arguments` and return what it did.

    Args:
        gradient: also differentiate a weighted sum of the result, with respect to every argument or those at these places.
        names: of the arguments, for sentences about them.
        judge: replaces the value by what it finds out about it: judge(arguments, value).
        seconds: after which the call ends as `TookTooLong`.
    """
    names = names or tuple(f"argument {i + 1}" for i in range(len(arguments)))
    places = range(len(arguments)) if gradient is True else gradient or ()
    copies = tuple(fresh(argument, i in places) for i, argument in enumerate(arguments))
    printed = _FirstCharacters()

    def call() -> Outcome:
        value = function(*copies)
        changed = [n for n, copied, a in zip(names, copies, arguments, strict=True) if not same(copied, a)]
        gradients = _gradients(value, dict(zip(names, copies, strict=True))) if gradient else None
        found = Outcome(value, None, "", gradients, tuple(changed), printed.getvalue())
        return judge_outcome(found, arguments, judge) if judge else found

    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            return in_time(call, seconds)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a student's code raises, sys.exit() too, is part of the answer
        return Outcome(error=error, line=_own_line(function, error), printed=printed.getvalue())


def in_time(call: Callable, seconds: float) -> Any:
    """Return what `call()` returns, or raise what it raises.

    It runs in a thread of its own: that works in a notebook on every system, and an endless loop can be left behind.

    Raises:
        TookTooLong: it was still running after `seconds`.
    """
    returned: list = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            returned.append(call())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        thread.join(seconds)
    finally:
        if thread.is_alive():
            _stop(thread)
    if raised and not isinstance(raised[0], _Stop):
        raise raised[0]
    if not returned:
        raise TookTooLong
    return returned[0]


class _Stop(BaseException):
    """Ends a thread; not an Exception, so that a loop that ignores every error does not ignore this one."""


def _stop(thread: threading.Thread) -> None:
    for _ in range(20):
        if not thread.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Stop))
        thread.join(0.05)


class _FirstCharacters(io.StringIO):
    """Keeps the first characters that are printed, and forgets the rest."""

    def write(self, text: str) -> int:
        super().write(text[: max(0, MOST_PRINTED - self.tell())])
        return len(text)


def judge_outcome(outcome: Outcome, arguments: tuple, judge: Callable) -> Outcome:
    """Return the outcome with what the judge finds instead of its value.

    A value of another kind than the judge expects makes it fail, and stays as it is.
    """
    try:
        value = judge(tuple(map(fresh, arguments)), outcome.value)
    except Exception:
        value = NotJudged(outcome.value)
    return replace(outcome, value=value, judged=True)


@dataclass(frozen=True)
class NotJudged:
    """A value that is of another kind than the exercise asks for."""

    value: Any


def _gradients(value: Any, arguments: dict[str, Any]) -> dict[str, Tensor | None]:
    """The gradient of a weighted sum of `value`, for every float tensor; unequal weights tell entries apart."""
    named = [(name, t) for name, argument in arguments.items() for t in tensors(argument) if t.requires_grad]
    inputs = [tensor for _, tensor in named]
    outputs = [tensor for tensor in tensors(value) if tensor.requires_grad]
    found: tuple[Tensor | None, ...] = (None,) * len(inputs)
    if inputs and outputs:
        flat = torch.cat([tensor.flatten().double() for tensor in outputs])
        weights = torch.arange(1, flat.numel() + 1, dtype=flat.dtype)
        found = torch.autograd.grad((flat * weights).sum(), inputs, allow_unused=True)
    several = len({name for name, _ in named}) < len(named)
    return {
        f"{name} ({i + 1})" if several else name: gradient
        for i, ((name, _), gradient) in enumerate(zip(named, found, strict=True))
    }


def _own_line(function: Callable, error: BaseException) -> str:
    """The last line of the function's own file on the way to the error: 'line 3: return a / 0'."""
    code = getattr(inspect.unwrap(function) if callable(function) else function, "__code__", None)
    if code is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == code.co_filename]
    if not own or own[-1].lineno is None:
        return ""
    text = linecache.getline(code.co_filename, own[-1].lineno).strip()
    return f"line {own[-1].lineno}: {text}" if text else f"line {own[-1].lineno}"
