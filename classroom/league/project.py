"""The scorer of the final project: the best detector of the still lifes for five CPU minutes of training."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from classroom.league.contestants import contestant_of_file
from classroom.league.folders import put_together
from classroom.league.table import Standing, standings

MOST_MEGABYTES = 40.0
MOST_MINUTES = 5.0  # of one CPU core
OPEN = ("val",)
HIDDEN = ("test_scenes", "test_objects")
HIDDEN_SCENES = 100


def score(path: str | Path, data: Sequence[str], secret: str | None = None) -> tuple[Standing, list[str]]:
    """Return the row of a detector on open or on hidden data, and what is against the rules, in sentences.

    Args:
        path: a file that `coursekit train` wrote; its record is beside it, as `--record` wrote it.
        data: folders in COCO's format or splits; by default `val`, and with a secret both test splits.
        secret: the seed that selects the hidden part of the data.
    Raises:
        FileNotFoundError, ValueError: no detector, or nothing to score it on.
    """
    path = Path(path)
    minutes, broken = checked(path)
    photographs = put_together(data or (OPEN if secret is None else HIDDEN))
    if photographs.troubles:
        raise ValueError(photographs.troubles[0])
    if secret is not None:
        photographs = photographs.chosen(hidden(len(photographs), secret))
    (row,) = standings([contestant_of_file(path, minutes)], photographs)
    return row, broken


def checked(path: Path) -> tuple[float | None, list[str]]:
    """The recorded minutes of a training, and a sentence for each rule that is broken.

    Raises:
        FileNotFoundError: there is no file of weights.
        ValueError: the record is damaged, or of another file.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"The file of weights {path} does not exist: train them with `coursekit train`."
        )
    broken = []
    megabytes = path.stat().st_size / 1e6
    if megabytes > MOST_MEGABYTES:
        broken.append(f"{path} has {megabytes:.1f} MB; at most {MOST_MEGABYTES:g} are allowed.")
    minutes = recorded_minutes(path)
    if minutes is None:
        broken.append(f"The minutes are not recorded: train with --record {path.with_suffix('.json')}.")
    elif minutes > MOST_MINUTES:
        broken.append(f"The training took {minutes:.1f} CPU minutes; at most {MOST_MINUTES:g} are allowed.")
    return minutes, broken


def recorded_minutes(path: Path) -> float | None:
    """The CPU minutes in the record of these very weights; None without a record."""
    record = path.with_suffix(".json")
    if not record.is_file():
        return None
    try:
        said = json.loads(record.read_text(encoding="utf-8"))
        minutes, fingerprint = float(said["cpu_minutes"]), said["sha256"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{record} is not a record of a training: train again with --record.") from None
    if fingerprint != hashlib.sha256(path.read_bytes()).hexdigest():
        raise ValueError(f"{record} is the record of other weights than {path}: train again with --record.")
    return minutes


def hidden(count: int, secret: str, most: int = HIDDEN_SCENES) -> list[int]:
    """Return which of `count` images a secret selects: half of them, at most `most`, the same ones every time.

    >>> hidden(8, "our secret") == hidden(8, "our secret"), len(hidden(8, "another"))
    (True, 4)
    """
    digest = hashlib.sha256(f"coursekit {secret}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    return sorted(random.permutation(count)[: min(most, max(1, count // 2))].tolist())
