"""Pictures beside masks whose pixels count the objects, as in Penn-Fudan: `PNGImages/a.png`, `PedMasks/a_mask.png`.

Source: Wang et al., "Object Detection Combining Recognition and Segmentation", 2007, doi:10.1007/978-3-540-76386-4_17.
"""

from functools import partial
from pathlib import Path

import numpy as np

from coursekit.data.formats.files import folders_in, pictures_in
from coursekit.data.formats.rows import whole_mask
from coursekit.data.formats.split import Content, Fault, Pictures, Split
from coursekit.data.image_files import in_words

MOST_OBJECTS = 1000  # of one picture: more values are no numbers of objects
KNOWN = {"PedMasks": "pedestrian"}  # the class that a folder of masks is about


def mask_splits(folder: Path) -> list[Split]:
    """Return the split of a folder that holds a folder of pictures and one of masks; none if it has none."""
    for place in folders_in(folder, depth=2):
        inside = sorted(path for path in place.iterdir() if path.is_dir())
        both = [(masks, pictures) for masks in inside for pictures in inside]
        for masks, pictures in both:
            named = "mask" in masks.name.lower() and "mask" not in pictures.name.lower()
            if named and (pairs := pairs_of(pictures, masks)):
                name = KNOWN.get(masks.name, "object")
                return [Split("", "masks", masks, pictures, partial(read, pairs, name))]
    return []


def pairs_of(pictures: Path, masks: Path) -> dict[Path, Path]:
    """The mask of each picture, of the same name or with _mask behind it."""
    by_stem = {path.stem.lower(): path for path in pictures_in(masks)}
    found = {}
    for picture in pictures_in(pictures):
        stem = picture.stem.lower()
        mask = next(
            (by_stem[name] for name in (stem, f"{stem}_mask", f"{stem}-mask") if name in by_stem), None
        )
        if mask:
            found[picture] = mask
    return found


def read(pairs: dict[Path, Path], name: str) -> Content:
    found = Pictures([name])
    for picture, path in sorted(pairs.items()):
        try:
            mask = in_words(path, np.array)
            numbers = objects_in(mask)
        except ValueError as error:
            found.faults.append(Fault(f"{path}: {error}"))
            continue
        rows = [whole_mask(1, mask == k) for k in numbers]
        found.add(picture.name, (mask.shape[1], mask.shape[0]), rows)
    return found.content(["Each value of a mask above 0 is one object."])


def objects_in(mask: np.ndarray) -> list[int]:
    """The values of the objects of a mask, or of all of its pixels that are not 0.

    Raises:
        ValueError: it is in colour, or has too many values.
    """
    if mask.ndim != 2:
        raise ValueError("it is in colour: a mask of objects has one channel.")
    values = [int(value) for value in np.unique(mask) if value]
    if len(values) > MOST_OBJECTS or any(value != int(value) for value in values):
        raise ValueError(f"it has {len(values)} values: they are no numbers of objects.")
    return values
