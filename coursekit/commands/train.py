"""`coursekit train MODEL`: from pictures to a file of weights, resumable at any moment."""

import copy
import signal
import time
from argparse import Namespace
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from coursekit import distributed, training
from coursekit.commands.datasets import common_size, open_data, training_items
from coursekit.commands.models import Facts, read_facts, recipe_of
from coursekit.commands.record import minutes_before, write_record
from coursekit.commands.start import begin_with, init_file, side_of
from coursekit.models.detector import Detector
from coursekit.schema import Items
from coursekit.weights import own_state

INTERRUPTED = 130  # the exit code of a command that Ctrl-C has ended
FINE_TUNING_LR = 1e-3
MOST_VIEWS, FEWEST_STEPS = 60, 100  # of a picture and of its mirror image; of a training on a small set


def train(chosen: Namespace) -> int:
    """Train a model and write its weights; 0 when it is finished, 130 when it was stopped before.

    Raises:
        ValueError, OSError: bad data or a bad file, or a loss that is not finite any more.
    """
    recipe = recipe_of(chosen.model)
    out = Path(chosen.weights or f"{chosen.model}.safetensors")
    refuse_to_replace(out)
    dataset = open_data(chosen.data or recipe.task.splits[0], "train")
    batch_size, start = chosen.batch_size or recipe.batch_size, init_file(chosen.init)
    steps = chosen.steps or enough_steps(2 * len(dataset), batch_size, recipe.steps)
    size = common_size(dataset, chosen.size or side_of(start))
    facts = Facts(chosen.model, dataset.classes, size, chosen.fine_tune, steps=steps)
    torch.set_num_threads(chosen.threads)
    with distributed.processes(chosen.device) as device:
        backbone = facts.backbone()
        with distributed.first_process_first():
            items = training_items(dataset, size, backbone, not chosen.fine_tune, recipe.task.masks)
        torch.manual_seed(chosen.seed)
        model = recipe.model(len(facts.classes), backbone=backbone if chosen.fine_tune else None)
        if start:
            say(begin_with(model, start, facts))
        options = {
            "steps": steps,
            "batch_size": batch_size,
            "lr": chosen.lr or (FINE_TUNING_LR if chosen.fine_tune else recipe.lr),
            "seed": chosen.seed,
        }
        with recorded(chosen, out, facts):
            return run(model.to(device), items, options, out, facts, chosen.save_every)


@contextmanager
def recorded(chosen: Namespace, out: Path, facts: Facts) -> Iterator[None]:
    """Write what a training cost where `--record` says, the parts before an interruption included."""
    record = Path(chosen.record) if chosen.record and distributed.rank() == 0 else None
    before = minutes_before(record, checkpoint_of(out)) if record else 0.0
    began = time.process_time()
    yield
    if record:
        minutes = before + (time.process_time() - began) / 60
        write_record(record, out, facts, minutes, data=chosen.data, init=chosen.init, seed=chosen.seed)


def checkpoint_of(out: Path) -> Path:
    return out.with_name(out.name + ".checkpoint")


def enough_steps(items: int, batch_size: int, most: int) -> int:
    """The steps of a training: at most as published, and no picture of a small set more than 60 times.

    >>> enough_steps(3200, 8, most=1050), enough_steps(40, 8, most=1050), enough_steps(4, 8, most=1050)
    (1050, 300, 100)
    """
    return min(most, max(FEWEST_STEPS, MOST_VIEWS * items // batch_size))


def refuse_to_replace(out: Path) -> None:
    """Raises: ValueError when the file holds a finished training; one that was stopped early may be replaced."""
    if out.exists():
        facts = read_facts(out)
        if facts.step == facts.steps:
            raise ValueError(f"{out} is there already: remove it, or name another file with --weights.")


def run(model: Detector, items: Items, options: dict, out: Path, facts: Facts, save_every: int) -> int:
    """Train, or go on from the checkpoint beside `out`; whatever happens, the last good weights are written."""
    checkpoint = checkpoint_of(out)
    steps = training.fit(model, items, **options, checkpoint=checkpoint, save_every=save_every)
    announce(model, items, options, checkpoint)
    good = LastGood(model)
    try:
        finished = all_steps(steps, good, out, facts)
    except (ValueError, OSError) as error:
        if isinstance(error, training.NotFiniteError) and distributed.rank() == 0:
            checkpoint.unlink(missing_ok=True)  # to go on from it would end in the same way
        raise ValueError(f"{error} {good.rescue(out, facts)}") from error
    if not finished:
        say(f"The same command goes on from {checkpoint}.")
    return 0 if finished else INTERRUPTED


def announce(model: Detector, items: Items, options: dict, checkpoint: Path) -> None:
    """Say beforehand how long it will take, from two steps of a copy, or where it goes on."""
    what = f"{options['steps']} steps of {options['batch_size'] * distributed.size()} images"
    if checkpoint.exists():
        say(f"Going on from {checkpoint}: {what} in all.")
        return
    trial = training.fit(copy.deepcopy(model), items, **options | {"steps": 2, "lr": 0.0})
    next(trial)  # the first step of a network is slow
    start = time.perf_counter()
    next(trial)
    say(f"Training takes about {duration((time.perf_counter() - start) * options['steps'])}: {what}.")


def duration(seconds: float) -> str:
    """The time in words.

    >>> duration(0.2), duration(89), duration(1500), duration(9000)
    ('1 s', '89 s', '25 min', '2.5 h')
    """
    if seconds < 120:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def all_steps(steps: Generator[training.Step, None, None], good: "LastGood", out: Path, facts: Facts) -> bool:
    """Take the steps until they end or someone stops them, write the weights; whether they came to their end."""
    device = next(good.model.parameters()).device
    visible = training.progress_bar(steps) if distributed.rank() == 0 else steps
    with stop_signals() as signals, closing(visible):
        for step in visible:
            good.took(step)
            finished = step.index == step.total
            stop = distributed.any_of(bool(signals), device)
            if stop or finished:  # before the checkpoint is removed
                save(good.model, out, replace(facts, step=step.index))
            if stop and not finished:
                break
    say(f"The weights after {step.index} of {step.total} steps are in {out}.")
    return finished


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """A list of the requests to stop, such as Ctrl-C; a step is finished before it counts, but the second is obeyed."""
    received: list[int] = []

    def receive(number, frame):
        received.append(number)
        if len(received) > 1 and distributed.size() == 1:  # torchrun passes on what the terminal has sent too
            raise KeyboardInterrupt

    before = {number: signal.signal(number, receive) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class LastGood:
    """The newest weights that gave finite losses: those before the last step, for only the next one tries its own."""

    def __init__(self, model: Detector) -> None:
        self.model, self.step = model, -1
        self.weights: dict[str, torch.Tensor] = {}
        self.untried = self.copied()

    def copied(self) -> dict[str, torch.Tensor]:
        return {name: value.clone() for name, value in own_state(self.model).items()}

    def took(self, step: training.Step) -> None:
        self.step, self.weights, self.untried = step.index - 1, self.untried, self.copied()

    def rescue(self, out: Path, facts: Facts) -> str:
        """Write the weights, unless they are those of the start, and say so."""
        if self.step < 1:
            return "That is too early for weights worth keeping."
        self.model.load_state_dict(self.weights, strict=False)
        save(self.model, out, replace(facts, step=self.step))
        return f"The weights after step {self.step}, the last good ones, are in {out}."


def save(model: Detector, out: Path, facts: Facts) -> None:
    if distributed.rank() == 0:
        training.save_weights(model, out, **facts.header())


def say(words: str) -> None:
    if distributed.rank() == 0:
        print(words, flush=True)
