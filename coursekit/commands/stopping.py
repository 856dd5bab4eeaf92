"""How a training stops early without losing weights: a signal, a loss that is not finite, a full disk."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from coursekit import distributed, training
from coursekit.commands.models import Facts
from coursekit.models.image_model import ImageModel
from coursekit.weights import own_state

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
HANG_UP = getattr(signal, "SIGHUP", None)  # the terminal was closed; Windows has no such signal


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Yield a list of the requests to stop, such as Ctrl-C; the first takes effect after the current step, the second at once.

    A closed terminal is such a request too, unless it is ignored, as under nohup.
    """
    received: list[int] = []
    terminals = [file.fileno() for file in (sys.__stdout__, sys.__stderr__) if file and file.isatty()]

    def receive(number, frame):
        received.append(number)
        if number == HANG_UP:
            for terminal in terminals:  # writing to it would fail
                os.dup2(os.open(os.devnull, os.O_WRONLY), terminal)
        elif (
            len(received) > 1 and distributed.size() == 1
        ):  # torchrun passes on what the terminal has sent too
            raise KeyboardInterrupt

    heard = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, receive) for number in heard}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class LastGood:
    """The latest weights that gave finite losses: those before the last step, since only the next step tests its result.

    Args:
        save: writes the model to a file with some facts.
    """

    def __init__(self, model: ImageModel, save: Callable[[Path, Facts], None]) -> None:
        self.model, self.save, self.step = model, save, -1
        self.weights: dict[str, torch.Tensor] = {}
        self.untried = self.copied()

    def copied(self) -> dict[str, torch.Tensor]:
        return {name: value.clone() for name, value in own_state(self.model).items()}

    def took(self, step: training.Step) -> None:
        self.step, self.weights, self.untried = step.index - 1, self.untried, self.copied()

    def rescue(self, out: Path, facts: Facts, checkpoint: Path) -> str:
        """Write the weights unless they are the initial ones; return a sentence that says what was kept."""
        if self.step < 1:
            return "That is too early for weights worth keeping."
        self.model.load_state_dict(self.weights, strict=False)
        try:
            self.save(out, replace(facts, step=self.step))
        except OSError:
            if not checkpoint.exists():
                return "Free some room, or name another folder with --weights, and begin again."
            return f"{checkpoint} is still good: free some room, and the same command goes on from it."
        return f"The weights after step {self.step}, the last good ones, are in {out}."
