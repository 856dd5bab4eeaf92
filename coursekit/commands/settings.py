"""The settings of a training, kept in its checkpoint and compared before anything is computed again."""

import json
import math
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coursekit.commands.models import Facts
from coursekit.recipes.recipe import Recipe
from coursekit.weights import settings_of

DATA = "data"  # the setting that is not an option with a number
FINE_TUNING_LR = 1e-3
PUBLISHED_IMAGES = 1600  # of the split that the steps of the recipes are for
MOST_VIEWS, FEWEST_STEPS = 60, 100  # of an image and of each copy of it; of a training on a small set


def options_of(chosen: Namespace, recipe: Recipe, items: int) -> dict[str, Any]:
    """Return the steps, the batch size, the learning rate and the seed of a training on a number of items."""
    batch_size = chosen.batch_size or recipe.batch_size
    steps = chosen.steps or enough_steps(items, batch_size, recipe)
    if chosen.epochs:
        steps = math.ceil(chosen.epochs * items / batch_size)
    lr = chosen.lr or (FINE_TUNING_LR if chosen.fine_tune else recipe.lr)
    return {"steps": steps, "batch_size": batch_size, "lr": lr, "seed": chosen.seed}


def enough_steps(items: int, batch_size: int, recipe: Recipe) -> int:
    """Return the steps of a training: an image of a large set is seen as often as in the recipes, one of a small set at most 60 times.

    >>> from coursekit.commands.models import recipe_of
    >>> recipe = recipe_of("retinanet")  # 1050 steps of 8 for 1600 still lifes and their mirror images
    >>> [enough_steps(items, 8, recipe) for items in (3200, 40, 4, 6400)]
    [1050, 300, 100, 2100]
    """
    published = recipe.steps * recipe.batch_size
    large = math.ceil(published * items / (2 * PUBLISHED_IMAGES * batch_size))
    small = max(FEWEST_STEPS, MOST_VIEWS * items // batch_size)
    return max(min(recipe.steps, small), large)


def settings_from(
    facts: Facts, options: dict[str, Any], changes: Sequence[str], init: str | None, fingerprint: str
) -> dict[str, Any]:
    """Return the settings that determine a training, named as on the command line, as JSON returns them."""
    height, width = facts.size
    settings = {
        "model": facts.name,
        DATA: fingerprint,
        "--steps": options["steps"],
        "--batch-size": options["batch_size"],
        "--lr": options["lr"],
        "--seed": options["seed"],
        "--size": f"{width} x {height}",
        "--backbone": facts.backbone_name,
        "--augment": ",".join(changes) or "none",
        "--init": init,
        "--letterbox": facts.letterbox,
        "--fine-tune": facts.fine_tuned,
    }
    return json.loads(json.dumps(settings))


def check_settings(checkpoint: Path, settings: dict[str, Any]) -> None:
    """Raises: ValueError when there is a checkpoint of other settings, with the first that differs."""
    theirs, _ = settings_of(checkpoint)
    for name, ours in settings.items():
        if theirs.get(name, ours) != ours:
            raise ValueError(
                f"{checkpoint} cannot go on: it was trained {difference(name, theirs[name], ours)}. "
                "Give the options that it began with, or remove it to begin again."
            )


def difference(name: str, theirs: Any, ours: Any) -> str:
    """Return how a setting of a checkpoint differs from that of this command.

    >>> difference("--steps", 120, 200), difference("--letterbox", True, False)
    ('with --steps 120, not 200', 'with --letterbox')
    >>> difference("--init", None, "retinanet"), difference("data", "a", "b")
    ('without --init', 'on other images or other annotations')
    """
    if name == DATA:
        return "on other images or other annotations"
    if name == "model":
        return f"as {theirs}, not as {ours}"
    if theirs in (None, False):
        return f"without {name}"
    if theirs is True:
        return f"with {name}"
    return f"with {name} {theirs}" + ("" if ours is None else f", not {ours}")
