"""The contents of the user's cache: the features of datasets, and which images were checked."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from coursekit.data.features import cache_folder


@dataclass(frozen=True)
class Kept:
    """One entry of the cache: of how many images, of which feature maps, in how many bytes."""

    folder: Path
    images: int
    levels: str
    size: int


def kept_features() -> list[Kept]:
    """Return what the cache holds, the largest first; a damaged entry counts no image."""
    places = [path for path in cache_folder().glob("*") if path.is_dir()]
    found = [Kept(place, *header_of(place), size_of_folder(place)) for place in places]
    return sorted(found, key=lambda kept: -kept.size)


def header_of(place: Path) -> tuple[int, str]:
    try:
        header = json.loads((place / "header.json").read_text(encoding="utf-8"))
        return int(header["done"]), " ".join(header["levels"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, "damaged or not finished"


def size_of_folder(place: Path) -> int:
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def clear_cache() -> int:
    """Remove all features, and what is known about images; return how many bytes that were.

    Raises:
        OSError: something cannot be removed.
    """
    size = sum(kept.size for kept in kept_features())
    if cache_folder().is_dir():
        shutil.rmtree(cache_folder())
    (cache_folder().parent / "pictures.txt").unlink(missing_ok=True)
    return size
