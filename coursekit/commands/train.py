"""`coursekit train MODEL`: from pictures to a file of weights, resumable at any moment."""

import copy
import time
from argparse import Namespace
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from coursekit import distributed, training
from coursekit.commands.datasets import common_size, open_data
from coursekit.commands.items import Seen, changes_of, picture_keys, training_items, validation_items
from coursekit.commands.models import BACKBONE_OF, Facts, file_of, kind_of, read_facts, recipe_of
from coursekit.commands.progress import FEWEST_BETWEEN, SCORED, Progress, validation_score
from coursekit.commands.record import minutes_before, write_record
from coursekit.commands.room import check_room, check_writable, refuse_to_replace
from coursekit.commands.settings import check_settings, options_of, settings_from
from coursekit.commands.start import begin_with, side_of
from coursekit.commands.stopping import LastGood, stop_signals
from coursekit.data.coco import CocoDataset
from coursekit.data.mirrored import COMMON
from coursekit.data.still_life import SPLITS
from coursekit.models.image_model import ImageModel
from coursekit.models.segmenter import Segmenter
from coursekit.recipes.recipe import Recipe

INTERRUPTED = 130  # the exit code of a command that Ctrl-C has ended


def train(chosen: Namespace) -> int:
    """Train a model and write its weights; 0 when it is finished, 130 when it was stopped before.

    Raises:
        ValueError, OSError: bad data or a bad file, no room, or a loss that is not finite any more.
    """
    recipe = recipe_of(chosen.model)
    out = Path(chosen.weights or f"{chosen.model}.safetensors")
    if not checkpoint_of(out).exists():
        refuse_to_replace(out)
    check_writable(out, "--weights")
    if chosen.record:
        check_writable(Path(chosen.record), "--record")
    start = file_of(chosen.init) if chosen.init else None
    begun = read_facts(start, chosen.model) if start else None
    masks = kind_of(recipe) != "boxes"
    dataset = open_data(chosen.data or recipe.task.splits[0], "train", masks, chosen.skip_bad)
    for note in dataset.notes:
        say(note)
    changes = changes_of(chosen.augment)
    options = options_of(chosen, recipe, len(dataset) * (1 + len(changes)))
    facts = facts_of(chosen, dataset, begun, options["steps"])
    settings = settings_from(facts, options, changes, chosen.init, dataset.fingerprint)
    check_settings(checkpoint_of(out), settings)
    torch.set_num_threads(chosen.threads)
    with distributed.processes(chosen.device) as device:
        backbone = facts.backbone()
        torch.manual_seed(chosen.seed)
        model = model_of(recipe, facts, backbone)
        check_room(out, model)
        if start:
            say(begin_with(model, start, facts))
        validation = validation_set(chosen, recipe, dataset)
        if set(changes) - {"flip"}:
            count, work = (
                len(dataset),
                "to be learned from" if facts.fine_tuned else "with features of its own",
            )
            say(f"{count} images, and of each a copy for {', '.join(changes)}, {work}.")
        seen = Seen(
            facts.size, facts.letterbox, backbone, levels_of(model), kind_of(recipe), not facts.fine_tuned
        )
        with distributed.first_process_first():
            items = training_items(dataset, seen, changes, chosen.seed)
            judged = validation and validation_items(validation, seen)
        facts = replace(facts, pictures=picture_keys(dataset))
        model = model.to(device)
        every = chosen.val_every or max(FEWEST_BETWEEN, options["steps"] // SCORED)
        score = partial(validation_score, model, judged) if judged else None
        progress = Progress(out, facts, score, every, partial(save, model))
        steps = partial(training.fit, model, items, **options)
        with recorded(chosen, out, facts):
            return run(model, steps, out, facts, progress, save_every=chosen.save_every, settings=settings)


def facts_of(chosen: Namespace, dataset: CocoDataset, begun: Facts | None, steps: int) -> Facts:
    """Return what the file will say of itself; size and backbone are those of `--init` unless options say otherwise."""
    size = common_size(dataset, chosen.size or (side_of(begun.size) if begun else None))
    name = begun.backbone_name if begun else Facts.backbone_name
    if chosen.backbone:
        name = BACKBONE_OF[chosen.backbone]
    letterbox = chosen.letterbox or (begun is not None and begun.letterbox)
    return Facts(
        chosen.model.replace("-", "_"),
        dataset.classes,
        size,
        chosen.fine_tune,
        steps=steps,
        backbone_name=name,
        letterbox=letterbox,
    )


def model_of(recipe: Recipe, facts: Facts, backbone: Any) -> ImageModel:
    """Return the untrained model; on features of the usual backbone it needs none."""
    own = facts.fine_tuned or facts.backbone_name != Facts.backbone_name
    return recipe.model(len(facts.classes), backbone=backbone if own else None)


def levels_of(model: ImageModel) -> tuple[str, ...]:
    return model.levels if isinstance(model, Segmenter) else COMMON


def validation_set(chosen: Namespace, recipe: Recipe, dataset: CocoDataset) -> CocoDataset | None:
    """Return what `--val` names, or the other split of the training data, if there is one; say which.

    Raises:
        ValueError, OSError: what `--val` names is no data, or has other classes.
    """
    train, val = recipe.task.splits
    source = chosen.data or train
    if chosen.val == "none" or (chosen.val is None and source in SPLITS and source != train):
        return None
    try:
        name, masks = chosen.val or (val if source == train else source), kind_of(recipe) != "boxes"
        found = open_data(name, "val", masks, chosen.skip_bad).with_classes(dataset.classes)
        if found.classes != dataset.classes:
            raise ValueError(f"{found.annotation_file} has other classes than {dataset.annotation_file}.")
    except (ValueError, OSError) as error:
        if chosen.val:
            raise
        say(f"No validation while it trains: {error}")
        return None
    if chosen.val is None and found.fingerprint == dataset.fingerprint:
        return None
    say(
        f"Validation while it trains: on {found.notes[0] if found.notes else f'images of {found.annotation_file}'}."
    )
    return found


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


def run(model: ImageModel, fit: partial, out: Path, facts: Facts, progress: Progress, **keeping: Any) -> int:
    """Train, or go on from the checkpoint beside `out`; whatever happens, the last good weights are written.

    Args:
        fit: `training.fit` with everything but the checkpoint; `keeping` says how it is kept.
    """
    checkpoint = checkpoint_of(out)
    steps = fit(checkpoint=checkpoint, **keeping)
    announce(model, fit, checkpoint)
    good = LastGood(model, partial(save, model))
    try:
        finished = all_steps(steps, good, progress, out, facts)
    except (ValueError, OSError) as error:
        if isinstance(error, training.NotFiniteError) and distributed.rank() == 0:
            checkpoint.unlink(missing_ok=True)  # to go on from it would end in the same way
        raise ValueError(f"{error} {good.rescue(out, facts, checkpoint)}") from error
    if not finished:
        say(f"The same command goes on from {checkpoint}.")
    return 0 if finished else INTERRUPTED


def announce(model: ImageModel, fit: partial, checkpoint: Path) -> None:
    """Say beforehand how long it will take, from two steps of a copy, or where it goes on."""
    (_, items), options = fit.args, fit.keywords
    images = options["batch_size"] * distributed.size()
    epochs = options["steps"] * images / len(items)
    what = f"{options['steps']} steps of {images} images, {epochs:.3g} epochs of {len(items)}"
    if checkpoint.exists():
        say(f"Going on from {checkpoint}: {what}, in all.")
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


def all_steps(
    steps: Generator[training.Step, None, None], good: LastGood, progress: Progress, out: Path, facts: Facts
) -> bool:
    """Take the steps until they end or someone stops them, write the weights; whether they came to their end.

    The weights of the end come after all other files and before the checkpoint is removed: where they are, all is done.
    """
    device = next(good.model.parameters()).device
    visible = training.progress_bar(steps) if distributed.rank() == 0 else steps
    index = facts.steps  # a checkpoint of the last step leaves no step to take
    with stop_signals() as signals, closing(visible):
        for step in visible:
            good.took(step)
            index, stop = step.index, distributed.any_of(bool(signals), device)
            if stop and index < step.total:
                save(good.model, out, replace(facts, step=index))
            if distributed.rank() == 0:
                progress.took(step, last=stop or index == step.total)
            if index == step.total:
                save(good.model, out, replace(facts, step=index))
            elif stop:
                break
    if good.step < 0:
        save(good.model, out, replace(facts, step=index))
    say(f"The weights after {index} of {facts.steps} steps are in {out}. {progress.summary()}".strip())
    return index == facts.steps


def save(model: ImageModel, out: Path, facts: Facts) -> None:
    if distributed.rank() == 0:
        training.save_weights(model, out, **facts.header())


def say(words: str) -> None:
    if distributed.rank() == 0:
        print(words, flush=True)
