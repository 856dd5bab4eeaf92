"""Whether files can be written where they should go; asked before anything is computed."""

import os
import shutil
import tempfile
from pathlib import Path

from coursekit.commands.models import read_facts
from coursekit.models.image_model import ImageModel
from coursekit.weights import own_state

COPIES = 10  # of the weights: two files, two checkpoints with three tensors each, and the other files


def refuse_to_replace(out: Path) -> None:
    """Raises: ValueError if the file holds a finished training, or anything else; one that was stopped early may be replaced."""
    if out.is_dir():
        raise ValueError(f"{out} is a folder: name a file in it, such as {out / 'model.safetensors'}.")
    if out.exists():
        try:
            facts = read_facts(out)
        except ValueError:
            raise ValueError(
                f"{out} is there already, and is not a training: name another file with --weights."
            ) from None
        if facts.step == facts.steps:
            raise ValueError(
                f"{out} is there already, after all of its {facts.steps} steps: train on from it with --init {out} and "
                "another file after --weights, or remove it to begin again."
            )


def check_writable(file: Path, how: str) -> Path:
    """Return the folder that holds the file, or will hold its folders.

    Args:
        how: the option that names the file, or another way to name one, for the sentence.
    Raises:
        OSError: nothing can be written there.
    """
    folder = next(each for each in file.absolute().parents if each.exists())
    try:
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"0" * 4096)
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        raise OSError(
            f"{file} cannot be written: {folder} is read-only, or no folder ({error.strerror}). Name a file in another "
            f"folder{how and f' with {how}'}."
        ) from error
    return folder


def check_room(out: Path, model: ImageModel) -> None:
    """Raises: OSError when there is no room for the weights and for their checkpoints."""
    folder = next(each for each in out.absolute().parents if each.exists())
    needed = COPIES * sum(value.nbytes for value in own_state(model).values())
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            f"The weights and their checkpoints need {needed / 1e6:.0f} MB, but {folder} has {free / 1e6:.0f} MB left: "
            "free some room, or name a file on another disk with --weights."
        )
