"""Where the course keeps what it ships."""

import os
from pathlib import Path

HERE = Path(__file__).parent
RESTORE = (
    "restore them with `git checkout -- data` in a clone; where coursekit is installed without one, "
    "clone its repository and set COURSEKIT_DATA to the data folder there."
)


def words_of(error: Exception) -> str:
    """Return what an error says, without the numbers that the operating system gives to its own."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename} cannot be opened ({error.strerror}): check the path, and whether you may use it."
    return str(error)


def data_folder() -> Path:
    """Return the folder of the data: $COURSEKIT_DATA, or that of an installed wheel, or `data/` of this repository.

    A wheel carries the weights and their scores, not the still lifes.

    Raises:
        FileNotFoundError: the folder does not exist.
    """
    installed = HERE / "shipped_data"  # in a wheel, not in a clone
    own = installed if installed.is_dir() else HERE.parent / "data"
    folder = Path(os.environ.get("COURSEKIT_DATA") or own)
    if not folder.is_dir():
        raise FileNotFoundError(
            f"the data folder {folder} does not exist: run the course from a full clone of its repository, "
            "or set COURSEKIT_DATA to the repository's data folder."
        )
    return folder


def checkpoint(name: str) -> Path:
    """Return the path of a shipped file of weights, data/checkpoints/NAME.safetensors, whether it is there or not.

    Raises:
        FileNotFoundError: the data folder does not exist.

    >>> checkpoint("retinanet").name
    'retinanet.safetensors'
    """
    return data_folder() / "checkpoints" / f"{name}.safetensors"
