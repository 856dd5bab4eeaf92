"""The files of cached feature maps: one array per level, and a header that says what they are and how far they go."""

import json
import os
import shutil
import warnings
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from torch import Tensor


def images_done(folder: Path, identity: dict) -> int:
    """Return the number of images whose features are on disk; damaged files are removed with a warning."""
    if not (folder / "header.json").is_file():
        return 0
    try:
        header = json.loads((folder / "header.json").read_text(encoding="utf-8"))
        check_cache(folder, header, identity)
        return header["done"]
    except (ValueError, OSError, KeyError, TypeError) as error:
        warnings.warn(f"The features kept in {folder} are computed again: {error}.", stacklevel=3)
        shutil.rmtree(folder)
        return 0


def is_complete(folder: Path, identity: dict) -> bool:
    """Whether the features of all images are in a folder that is only read; a damaged one is left alone."""
    try:
        header = json.loads((folder / "header.json").read_text(encoding="utf-8"))
        check_cache(folder, header, identity)
        return header["done"] == identity["images"]
    except (ValueError, OSError, KeyError, TypeError):
        return False


def check_cache(folder: Path, header: dict, identity: dict) -> None:
    """Raises: ValueError or OSError when the files are not what the header and the identity say."""
    if {name: header.get(name) for name in identity} != identity:
        raise ValueError("they belong to another dataset or to other weights")
    maps = open_maps(folder, identity["levels"])
    if {level: list(values.shape) for level, values in maps.items()} != header["shapes"]:
        raise ValueError("their shapes are not those of the header")
    if header["done"] == identity["images"] and checksums(maps) != header["checksums"]:
        raise ValueError("they were changed or damaged")


def create_maps(folder: Path, shapes: dict[str, list[int]]) -> dict[str, np.memmap]:
    """New files of zeros; the room is checked first, because a full disk would kill the process later."""
    needed = sum(2 * int(np.prod(shape)) for shape in shapes.values())  # bytes
    folder.mkdir(exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed * 1.1:
        raise OSError(
            f"the features need {needed / 1e6:.0f} MB but {folder} has {free / 1e6:.0f} MB left: free some room, "
            "or set COURSEKIT_CACHE to a folder on another disk."
        )
    return {
        level: np.lib.format.open_memmap(folder / f"{level}.npy", "w+", np.float16, tuple(shape))
        for level, shape in shapes.items()
    }


def open_maps(folder: Path, levels: Sequence[str], mode: Literal["r", "r+"] = "r") -> dict[str, np.memmap]:
    """Return the file of each level as an array (N, C, h, w) that is read on access."""
    return {level: np.load(folder / f"{level}.npy", mmap_mode=mode) for level in levels}


def store(maps: Mapping[str, np.memmap], rows: slice, features: dict[str, Tensor]) -> None:
    for level, values in maps.items():
        values[rows] = features[level].numpy()
        values.flush()


def write_header(folder: Path, header: dict) -> None:
    """Replace the header atomically: a crash leaves the old one intact."""
    partial = folder / f"header.{os.getpid()}.partial"
    partial.write_text(json.dumps(header), encoding="utf-8")
    os.replace(partial, folder / "header.json")


def checksums(maps: Mapping[str, np.ndarray]) -> dict[str, int]:
    return {level: zlib.crc32(values.data) for level, values in maps.items()}
