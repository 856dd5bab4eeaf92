"""Training as a stream of steps: `fit` yields after each one, and the caller logs, plots or breaks.

All randomness is determined by the seed and the step, so a run that was killed resumes from its checkpoint and
ends with the same bits as one that was not. Under torchrun several processes share each step.
"""

import math
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import torch
from torch import nn

from coursekit import distributed
from coursekit.data.features import check_features
from coursekit.schema import Items, Prediction, collate
from coursekit.weights import Checkpoint, Tensors, load_weights, save_weights

__all__ = [
    "NotFiniteError",
    "Step",
    "fit",
    "load_weights",
    "norm_of_gradients",
    "predict",
    "progress_bar",
    "save_weights",
]


class NotFiniteError(ValueError):
    """A loss or a gradient is infinite or NaN; the weights are still those of the step before."""


@dataclass(frozen=True)
class Step:
    """One finished step of training: `index` counts from 1 to `total`; `lr` is the learning rate it used."""

    index: int
    total: int
    losses: dict[str, float]
    lr: float

    @property
    def loss(self) -> float:
        return sum(self.losses.values())


@dataclass(frozen=True)
class Schedule:
    """The settings of a run besides the model and the data."""

    steps: int
    batch_size: int  # of all processes together
    lr: float
    seed: int
    weight_decay: float


def fit(
    model: nn.Module,
    dataset: Items,
    steps: int,
    batch_size: int = 16,
    lr: float = 3e-3,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    weight_decay: float = 0.05,
    save_every: int = 50,
    settings: dict[str, Any] | None = None,
) -> Generator[Step, None, None]:
    """A generator of `Step`s: AdamW under a one-cycle learning rate, for a fixed number of steps.

    `model(inputs, targets)` must return a dict of losses; their sum is minimised. Frozen parameters stay.

    Args:
        dataset: `dataset[i]` is (image or dict of feature maps, Target).
        batch_size: images per step, of each process.
        lr: the peak of the learning rate.
        seed: decides the batches and the dropout; the caller initialises the model's weights.
        checkpoint: a file, written every `save_every` steps and when the caller breaks. A run that finds its
            own file goes on from there and yields the steps that are left; a run that ends removes it.
        settings: kept in the checkpoint, where `coursekit.weights.settings_of` finds them before a run goes on.
    Raises:
        ValueError: the dataset is empty, nothing can learn, the checkpoint is foreign, or a loss or gradient
            is not finite; the last good checkpoint is then still there.
    Source: AdamW, arXiv:1711.05101; one cycle, arXiv:1708.07120.
    """
    if not len(dataset) or steps < 1 or batch_size < 1:
        raise ValueError(
            f"Nothing to train on: {len(dataset)} images, {steps} steps, batches of {batch_size}."
        )
    check_features(dataset, model)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not parameters:
        raise ValueError("Every parameter of the model is frozen, so nothing can be trained.")
    schedule = Schedule(steps, batch_size * distributed.size(), lr, seed, weight_decay)
    optimizer = torch.optim.AdamW(parameters, lr=lr, weight_decay=weight_decay)
    if checkpoint is None:
        return all_steps(model, dataset, optimizer, schedule, 0)
    file = Checkpoint(Path(checkpoint), model, dataset, optimizer, schedule, settings or {})
    done = file.resume()
    if not distributed.same(done, parameters[0].device):
        raise ValueError(f"Not every process finds the same {checkpoint}: name a file that all of them see.")
    run = all_steps(model, dataset, optimizer, schedule, done)
    return file.keep(run, save_every) if distributed.rank() == 0 else run


def all_steps(
    model: nn.Module, dataset: Items, optimizer: torch.optim.Optimizer, schedule: Schedule, done: int
) -> Generator[Step, None, None]:
    network = distributed.parallel(model)
    for index in range(done, schedule.steps):
        lr = one_cycle(index, schedule.steps, schedule.lr)
        optimizer.param_groups[0]["lr"] = lr
        with torch.random.fork_rng(devices=[]):  # leave the caller's random numbers alone
            torch.manual_seed(schedule.seed + index * 1_000_003 + distributed.rank())
            indices = batch_indices(index, len(dataset), schedule.batch_size, schedule.seed)
            batch = [dataset[i] for i in distributed.my_part(indices)]
            losses = network.train()(*collate(to_device_of(model, batch)))
        values = {name: loss.item() for name, loss in distributed.mean(losses).items()}
        check_finite(values, index + 1)
        descend(optimizer, losses, index + 1)
        yield Step(index + 1, schedule.steps, values, lr)


def to_device_of(model: nn.Module, batch: Any) -> Any:
    """The batch with its tensors on the model's device."""
    return moved(batch, next(model.parameters()).device)


def moved(batch: Any, device: torch.device) -> Any:
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {name: moved(value, device) for name, value in batch.items()}
    return type(batch)(moved(value, device) for value in batch) if isinstance(batch, list | tuple) else batch


def check_finite(losses: dict[str, float], number: int) -> None:
    for name, loss in losses.items():
        if not math.isfinite(loss):
            raise NotFiniteError(
                f"The {name} loss is {loss} at step {number}: is the learning rate too high?"
            )


def descend(optimizer: torch.optim.Optimizer, losses: Tensors, number: int) -> None:
    optimizer.zero_grad()
    reduce(torch.add, losses.values()).backward()
    norm = nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], max_norm=10.0)
    if not norm.isfinite():
        raise NotFiniteError(
            f"The gradient is {norm.item()} at step {number}, although every loss is finite."
        )
    optimizer.step()


def norm_of_gradients(module: nn.Module) -> float:
    """Return the norm of the gradients of all parameters that have one."""
    squares = [p.grad.square().sum() for p in module.parameters() if p.grad is not None]
    return float(sum(squares)) ** 0.5


def one_cycle(index: int, total: int, peak: float, warm_up: float = 0.25) -> float:
    """The learning rate of step `index`, counted from 0: a cosine up to `peak`, and a longer one down to 0.

    Like torch's `OneCycleLR` but a function of the step, without a state to save.

    >>> [round(one_cycle(index, 8, peak=1.0), 2) for index in range(8)]
    [0.15, 0.85, 0.98, 0.85, 0.63, 0.37, 0.15, 0.02]
    """
    at = (index + 0.5) / total
    phase = at / warm_up if at < warm_up else 1 + (at - warm_up) / (1 - warm_up)  # 0 to 2, the peak at 1
    return peak * (1 - math.cos(math.pi * phase)) / 2


def batch_indices(index: int, length: int, batch_size: int, seed: int) -> list[int]:
    """The images of batch `index`: the next ones in an endless row of shuffled epochs.

    >>> sorted(batch_indices(0, 6, 4, seed=0) + batch_indices(1, 6, 4, seed=0)[:2])
    [0, 1, 2, 3, 4, 5]
    """
    places = range(index * batch_size, (index + 1) * batch_size)
    order = {epoch: shuffled(length, seed, epoch) for epoch in {place // length for place in places}}
    return [order[place // length][place % length] for place in places]


def shuffled(length: int, seed: int, epoch: int) -> list[int]:
    generator = torch.Generator().manual_seed(seed + epoch * 7919)
    return torch.randperm(length, generator=generator).tolist()


def progress_bar(
    run: Generator[Step, None, None], seconds: float | None = None
) -> Generator[Step, None, None]:
    """Yield the same steps under a bar that shows the loss and the remaining time.

    Args:
        seconds: what the whole run takes on one core; printed before it starts.
    """
    from tqdm.auto import tqdm

    if seconds is not None:
        print(f"Training takes about {max(1, seconds):.0f} s on one core.", flush=True)
    with closing(run), tqdm(unit="step", mininterval=0.5) as bar:
        for step in run:
            if bar.total is None:
                bar.total, bar.initial, bar.n = step.total, step.index - 1, step.index - 1
            bar.set_postfix(loss=f"{step.loss:.3f}", refresh=False)
            bar.update()
            yield step


@torch.no_grad()
def predict(model: nn.Module, dataset: Items, batch_size: int = 32) -> list[Prediction]:
    """One prediction for every item of the dataset, in its order, on the CPU; the model stays in its mode."""
    check_features(dataset, model)
    training = model.training
    model.eval()
    try:
        predictions: list[Prediction] = []
        for start in range(0, len(dataset), batch_size):
            batch = [dataset[i] for i in range(start, min(start + batch_size, len(dataset)))]
            predictions += moved(model(collate(to_device_of(model, batch))[0]), torch.device("cpu"))
        return predictions
    finally:
        model.train(training)
