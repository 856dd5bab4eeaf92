"""The settings of a training, kept in its checkpoint and compared before anything is computed again."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coursekit.commands.models import Facts
from coursekit.weights import settings_of

DATA = "data"  # the setting that no option says in numbers


def settings_from(
    facts: Facts, options: dict[str, Any], changes: Sequence[str], init: str | None, fingerprint: str
) -> dict[str, Any]:
    """Return what decides a training, by the words of the command line, as JSON gives it back."""
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
    ('without --init', 'on other pictures or other annotations')
    """
    if name == DATA:
        return "on other pictures or other annotations"
    if name == "model":
        return f"as {theirs}, not as {ours}"
    if theirs in (None, False):
        return f"without {name}"
    if theirs is True:
        return f"with {name}"
    return f"with {name} {theirs}" + ("" if ours is None else f", not {ours}")
