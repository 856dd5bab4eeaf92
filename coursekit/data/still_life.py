"""The still lifes: path-traced table-top scenes of ten everyday classes, shipped with the course (CC BY 4.0).

How they were made, counted and measured is in data/README.md.
"""

from collections.abc import Callable

from coursekit.data.coco import CocoDataset
from coursekit.folders import RESTORE, data_folder

CLASSES = ("apple", "pear", "lemon", "banana", "mushroom", "mug", "bowl", "bottle", "wine glass", "book")
SPLITS = (
    "train",
    "val",
    "test_scenes",
    "test_objects",
    "single_train",
    "single_val",
    "single_test_scenes",
    "single_test_objects",
    "preview",
)


def still_life(split: str, transform: Callable | None = None) -> CocoDataset:
    """Return one split of the still lifes: (image (3, 192, 192), Target) pairs, label k is CLASSES[k - 1].

    `*_scenes` are new scenes of objects seen in training, `*_objects` new scenes of unseen objects;
    `single_*` show one object each; `preview` is small, for fast tests. `annotations_of(i)` also tells the
    `amodal` mask (run-length code), `occlusion` in [0, 1], `identity` and `depth_order` of each object.

    Args:
        split: one of SPLITS.
        transform: called with (image, target), returns the pair to hand out.
    Raises:
        ValueError: an unknown split.
        FileNotFoundError: the files of the split are not there.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r} of the still lifes: use one of {', '.join(SPLITS)}.")
    folder = data_folder() / "still_life"
    if not (folder / f"{split}.json").is_file() or not (folder / split).is_dir():
        raise FileNotFoundError(f"the still lifes {split!r} are not in {folder}: {RESTORE}")
    return CocoDataset(folder / f"{split}.json", folder / split, transform)
