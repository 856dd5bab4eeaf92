"""From the DETR of 2020 to the modern one, change by change, each form trained for the same CPU time."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from coursekit import training
from coursekit.data.still_life import CLASSES
from coursekit.metrics.coco_interval import coco_difference_intervals, coco_intervals
from coursekit.metrics.model_scores import Scores, rounded, targets_in
from coursekit.models.detr_modern import ModernDETR
from coursekit.recipes.recipe import Recipe
from coursekit.schema import Items
from coursekit.weights import load_weights, read_tensors, save_weights

Options = dict[str, Any]

FIRST: Options = {
    "refine": False,
    "loss": "softmax",
    "spread": False,
    "look": "everywhere",
    "fine": False,
    "denoising": 0,
}
CHANGES: dict[str, Options] = {  # in the order in which they are made; a form has all changes up to its own
    "refine": {"refine": True},
    "focal": {"loss": "focal"},
    "spread": {"spread": True},
    "look": {"look": "box"},
    "fine": {"fine": True},
    "denoising": {"denoising": 3},
}
STEP_TIMES = {  # of a training step, in those of the first form: medians of 40 steps, taken in turns on one thread
    "2020": 1.0,
    "refine": 1.02,
    "focal": 1.04,
    "spread": 1.07,
    "look": 1.13,
    "fine": 1.2,
    "denoising": 1.4,
}


def forms() -> dict[str, Options]:
    """Return the options of each form, from that of 2020 to the modern one.

    >>> list(forms())[:3], forms()["focal"]["refine"], forms()["refine"]["loss"]
    (['2020', 'refine', 'focal'], True, 'softmax')
    """
    found = {"2020": FIRST}
    for name, change in CHANGES.items():
        found[name] = list(found.values())[-1] | change
    return found


def steps_of(form: str, steps: int) -> int:
    """Return the steps of a form that take as long as `steps` of the first form.

    >>> steps_of("2020", 1200)
    1200
    """
    return round(steps / STEP_TIMES[form])


def detr_changes(name: str, recipe: Recipe, steps: int, seed: int, weights: str | Path | None) -> dict:
    """Train a DETR in each form for the same time; return their scores, and what each gains on the form before it.

    All see the same batches. With `weights` each form has a file of its own, NAME_2020 and so on: a run that was
    interrupted goes on in the middle of a form, and a form whose file exists is not trained again.

    Args:
        steps: of the first form; the others take as many as fit in the same time.
    """
    models, minutes, items = {}, {}, recipe.task.items(None)
    for form, options in forms().items():
        torch.manual_seed(seed)
        models[form] = recipe.model(len(CLASSES), **options)
        file = None if weights is None else Path(weights).with_stem(f"{Path(weights).stem}_{form}")
        train = partial(recipe.fit, models[form], items, steps_of(form, steps), seed)
        minutes[form] = trained_once(models[form], train, file)
    scores = {
        split: form_intervals(models, recipe.task.test_items(None, split)) for split in recipe.task.tests
    }
    record = {"recipe": name, "seed": seed, "steps": steps, "cpu_minutes": round(sum(minutes.values()), 2)}
    each = {form: {"steps": steps_of(form, steps), "cpu_minutes": minutes[form]} for form in models}
    return record | {"forms": each, "scores": scores}


def trained_once(model: ModernDETR, train: Callable[..., float], file: Path | None) -> float:
    """Train the model, or load it from its file if there is one; return the CPU minutes of its training."""
    if file is not None and file.exists():
        load_weights(model, file)
        return float(read_tensors(file)[1]["cpu_minutes"])
    checkpoint = None if file is None else f"{file}.checkpoint"
    minutes = train(checkpoint=checkpoint)
    if file is not None:
        save_weights(model, file, cpu_minutes=str(minutes))
    return minutes


def form_intervals(models: dict[str, ModernDETR], dataset: Items) -> Scores:
    """Return the scores of each form, "focal_AP" ..., and its gains on the form before it, "focal_gain_AP" ...."""
    targets = targets_in(dataset)
    found = {form: training.predict(model, dataset) for form, model in models.items()}
    scores = {form: coco_intervals(each, targets) for form, each in found.items()}
    for before, form in pairwise(found):
        scores[f"{form}_gain"] = coco_difference_intervals(found[form], found[before], targets)
    return rounded(
        {f"{form}_{score}": value for form, each in scores.items() for score, value in each.items()}
    )
