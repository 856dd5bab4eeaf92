"""Where the course keeps what it ships."""

import os
from pathlib import Path


def data_folder() -> Path:
    """The folder of the course's data: $COURSEKIT_DATA, or `data/` of this repository.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    folder = Path(os.environ.get("COURSEKIT_DATA") or Path(__file__).parents[1] / "data")
    if not folder.is_dir():
        raise FileNotFoundError(
            f"there is no data folder {folder}: run the course from a full clone of its repository, "
            "or set COURSEKIT_DATA to the repository's data folder."
        )
    return folder


def checkpoint(name: str) -> Path:
    """Return the path of a shipped file of weights, data/checkpoints/NAME.safetensors, whether it is there or not.

    Raises:
        FileNotFoundError: there is no data folder.

    >>> checkpoint("retinanet").name
    'retinanet.safetensors'
    """
    return data_folder() / "checkpoints" / f"{name}.safetensors"
