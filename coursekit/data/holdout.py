"""A validation set where a folder has none: it depends on the names of the images alone, so nothing has to be stored with the data."""

import hashlib
from collections.abc import Iterable
from pathlib import PurePosixPath

SHARE = 0.2  # of the images, about
FEWEST = 10  # images; a smaller folder is not split


def held_out(names: Iterable[str], seed: int = 0) -> set[str]:
    """Return the file names that are kept for validation: about a fifth, the same ones on every machine.

    Each name is hashed on its own, so adding images does not move others between the sets. The augmented copies
    of one photograph that Roboflow writes (`a_jpg.rf.1f3e.jpg`) stay together. Fewer than 10 are not split.

    >>> sorted(held_out(f"{i}.jpg" for i in range(12)))
    ['4.jpg', '6.jpg']
    >>> held_out(["a.jpg", "b.jpg"])
    set()
    """
    names = list(names)
    if len(names) < FEWEST:
        return set()
    places = {name: place(name, seed) for name in names}
    limit = max(SHARE, min(places.values()))  # at least one is held out
    found = {name for name in names if places[name] <= limit}
    return found if len(found) < len(names) else set()


def place(name: str, seed: int) -> float:
    """A number in [0, 1) that follows from the name of the photograph."""
    photograph = PurePosixPath(name.replace("\\", "/")).stem.split(".rf.")[0]
    return int.from_bytes(hashlib.sha256(f"{seed} {photograph}".encode()).digest()[:6], "big") / 2**48
