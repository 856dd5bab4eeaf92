"""Check that the weights of a training can be written where they should go, before anything is computed."""

import os
import shutil
import tempfile
from pathlib import Path

from coursekit.commands.models import read_facts
from coursekit.models.image_model import ImageModel
from coursekit.weights import own_state

COPIES = 10  # of the weights: two files, two checkpoints with three tensors each, and the other files


def refuse_to_replace(out: Path) -> None:
    """Raises: ValueError if the file holds a finished training; one that was stopped early may be replaced."""
    if out.exists():
        facts = read_facts(out)
        if facts.step == facts.steps:
            raise ValueError(
                f"{out} is there already, after all of its {facts.steps} steps: train on from it with --init {out} and "
                "another file after --weights, or remove it to begin again."
            )


def check_room(out: Path, model: ImageModel) -> None:
    """Raises: OSError when the folder of the weights cannot be written, or has no room for them and for checkpoints."""
    folder = next(each for each in (out.absolute().parent, *out.absolute().parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(
            f"{folder} cannot be written ({error.strerror}): name a file in another folder with --weights."
        ) from error
    needed = COPIES * sum(value.nbytes for value in own_state(model).values())
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            f"The weights and their checkpoints need {needed / 1e6:.0f} MB, but {folder} has {free / 1e6:.0f} MB left: "
            "free some room, or name a file on another disk with --weights."
        )
