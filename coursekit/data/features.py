"""The feature maps of a whole dataset, computed once and kept on disk: heads then train at full speed on a CPU."""

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from coursekit.data.feature_files import (
    checksums,
    create_maps,
    images_done,
    is_complete,
    open_maps,
    store,
    write_header,
)
from coursekit.data.packing import pack, unpack
from coursekit.nets.backbone import Backbone
from coursekit.schema import Target

FORMAT = 1  # raise it when the meaning of the files changes
BATCH_SIZE = 16


class FeatureDataset(Dataset):
    """The features and the targets of a dataset: [i] is ({"C3": (C, h, w) float, ...}, Target).

    The features stay on disk as float16 and are read when asked for; the targets are those of the dataset now.

    Args:
        maps: of each level, (N, C, h, w).
        backbone: made them; its name and its layout are remembered.
    """

    def __init__(self, dataset: Any, maps: Mapping[str, np.ndarray], backbone: Backbone) -> None:
        self.dataset: Any = dataset
        self.maps: Mapping[str, np.ndarray] = maps
        self.made_by = type(backbone).__name__
        self.strides = dict(backbone.strides)
        self._targets: list[dict | None] = [None] * len(dataset)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, i: int) -> tuple[dict[str, Tensor], Target]:
        features = {level: torch.from_numpy(maps[i].astype(np.float32)) for level, maps in self.maps.items()}
        return features, self.target(i)

    def target(self, i: int) -> Target:
        """Return the target of image i without its features; it is computed once."""
        kept = self._targets[i]
        if kept is None:
            kept = self._targets[i] = pack(target_of(self.dataset, i))
        return unpack(kept)

    @property
    def channels(self) -> dict[str, int]:
        """The channels of each level."""
        return {level: maps.shape[1] for level, maps in self.maps.items()}


def check_features(dataset: Any, model: nn.Module) -> None:
    """Raises: ValueError when the dataset has cached features of a backbone that is not laid out as the model expects.

    Subsets and concatenations are looked into.
    """
    if isinstance(dataset, FeatureDataset):
        expected = getattr(model, "channels", {})
        for level, channels in dataset.channels.items():
            if channels != expected.get(level, channels):
                raise ValueError(
                    f"The features are of {dataset.made_by} with {channels} channels at {level}, but the model "
                    f"expects {expected[level]}: build it with that backbone, as backbone=…."
                )
        return
    for part in getattr(dataset, "datasets", None) or [getattr(dataset, "dataset", None)]:
        if part is not None:
            check_features(part, model)


def cached_features(
    dataset: Any,
    backbone: Backbone,
    levels: Sequence[str] = ("C3", "C4", "C5"),
    folder: str | Path | None = None,
) -> FeatureDataset:
    """Return the backbone's feature maps of every image, from disk if they were computed before.

    They are stored under a key made of the dataset's fingerprint, the weights and the levels, so that two datasets
    or two networks never mix. A run that was interrupted goes on after its last complete batch. A damaged cache
    is computed again, with a warning. What $COURSEKIT_SHARED_CACHE holds, the cache of a whole class, is only
    read, never written, so it may belong to somebody else.

    Args:
        dataset: (image, Target) pairs of one image size, with a `fingerprint`.
        backbone: as `coursekit.nets.backbone.Backbone`; its `fingerprint()` tells one network from another.
        levels: the feature maps to keep.
        folder: where to keep them; else $COURSEKIT_CACHE, else the user's cache folder.
    Raises:
        ValueError: a dataset without images or fingerprint, with a transform or images of different sizes.
        OSError: there is no room, or the folder cannot be written.
    """
    check_dataset(dataset)
    identity = {
        "format": FORMAT,
        "dataset": dataset.fingerprint,
        "weights": backbone.fingerprint(),
        "levels": list(levels),
        "images": len(dataset),
    }
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:24]
    shared = os.environ.get("COURSEKIT_SHARED_CACHE")
    if shared and not folder and is_complete(Path(shared) / "features" / key, identity):
        return FeatureDataset(dataset, open_maps(Path(shared) / "features" / key, levels), backbone)
    folder = Path(folder or cache_folder()) / key
    if images_done(folder, identity) < len(dataset):
        with only_writer(
            folder
        ):  # two labs may need them at the same time: the second finds what the first computed
            if (done := images_done(folder, identity)) < len(dataset):
                compute(dataset, backbone, identity, folder, done)
    return FeatureDataset(dataset, open_maps(folder, levels), backbone)


def cache_folder() -> Path:
    """Return where features are kept: $COURSEKIT_CACHE, or the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("COURSEKIT_CACHE") or user_cache_path("coursekit")) / "features"


def check_dataset(dataset: Any) -> None:
    if not getattr(dataset, "fingerprint", None):
        raise ValueError(
            f"a {type(dataset).__name__} has no fingerprint to keep its features by: cache the features of a "
            "CocoDataset, then take a Subset or ConcatDataset of the features."
        )
    if getattr(dataset, "transform", None) is not None:
        raise ValueError(
            "the features of a dataset with a transform cannot be kept, because its fingerprint does not "
            "know the transform: use Flipped or Resized of coursekit.data.transforms."
        )
    if not len(dataset):
        raise ValueError("the dataset has no images, so there are no features to compute.")


def compute(dataset: Any, backbone: Backbone, identity: dict, folder: Path, done: int) -> None:
    """Write the features of the images from `done` on, batch by batch; the header always comes last."""
    from tqdm.auto import tqdm

    first = dataset[0][0]
    size = first.shape
    shapes, seconds = probe(first, len(dataset), backbone, identity["levels"])
    maps = open_maps(folder, identity["levels"], "r+") if done else create_maps(folder, shapes)
    header = identity | {"shapes": shapes}
    total = len(dataset) - done
    with tqdm(total=total, desc=f"features of {total} images, once, about {total * seconds:.0f} s") as bar:
        for start in range(done, len(dataset), BATCH_SIZE):
            stop = min(start + BATCH_SIZE, len(dataset))
            batch = torch.stack([image_of_size(dataset, i, size) for i in range(start, stop)])
            store(maps, slice(start, stop), features_of(backbone, batch))
            write_header(folder, header | {"done": stop, "checksums": {}})
            bar.update(stop - start)
    write_header(folder, header | {"done": len(dataset), "checksums": checksums(maps)})


def only_writer(folder: Path) -> AbstractContextManager:
    """Make the folder and wait until no other process writes into it; to be entered with `with`."""
    from filelock import FileLock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder.with_suffix(".lock")).acquire()
    except OSError as error:
        raise OSError(f"{folder} cannot be written: set COURSEKIT_CACHE to another folder.") from error


def probe(
    image: Tensor, count: int, backbone: Backbone, levels: Sequence[str]
) -> tuple[dict[str, list[int]], float]:
    """The shape of the map of each level for `count` images like this one, and the seconds that one takes."""
    features_of(backbone, image[None])  # the first call of a network is slow
    start = time.perf_counter()
    features = features_of(backbone, image[None])
    seconds = time.perf_counter() - start
    unknown = [level for level in levels if level not in features]
    if unknown or not levels:
        raise ValueError(f"the levels {list(levels)} are not among the backbone's: {', '.join(features)}.")
    return {level: [count, *features[level].shape[1:]] for level in levels}, seconds


@torch.no_grad()
def features_of(backbone: Backbone, batch: Tensor) -> dict[str, Tensor]:
    training = backbone.training
    layout = getattr(backbone, "memory_format", torch.contiguous_format)
    features = backbone.eval()(batch.contiguous(memory_format=layout))
    backbone.train(training)
    return features


def image_of_size(dataset: Any, i: int, size: torch.Size) -> Tensor:
    image = dataset[i][0]
    if image.shape != size:
        raise ValueError(
            f"image {i} is {image.shape[1]} x {image.shape[2]} pixels but image 0 is {size[1]} x {size[2]}: resize "
            "first, for example with coursekit.data.transforms.Resized(dataset, (192, 192))."
        )
    return image


def target_of(dataset: Any, i: int) -> Target:
    """The target of image i, without reading the image if the dataset can do that."""
    return dataset.target(i) if hasattr(dataset, "target") else dataset[i][1]
