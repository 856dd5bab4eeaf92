"""What the metrics of tracking read: which objects and tracks are in each frame, and how far their boxes overlap."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from coursekit.metrics.argument import as_array
from coursekit.ops import box_iou
from coursekit.schema import Prediction, Target


class Frame(NamedTuple):
    """One frame with G true boxes and D predicted ones; objects and tracks are numbered from 0."""

    objects: np.ndarray  # (G,) int64
    tracks: np.ndarray  # (D,) int64
    iou: np.ndarray  # (G, D) float64


class Frames(NamedTuple):
    """All frames of one clip, and how many objects and tracks there are in it."""

    frames: list[Frame]
    objects: int
    tracks: int


def read_frames(predictions: Sequence[Prediction], targets: Sequence[Target]) -> Frames:
    """Return the frames of a clip, with identities that count from 0.

    Raises:
        ValueError: another number of predictions than targets, or naming the frame that has no boxes or no tracks,
            another number of one than of the other, numbers that are not finite, or an identity twice.
    """
    if isinstance(predictions, Mapping) or isinstance(targets, Mapping):
        raise ValueError("predictions and targets must be lists with one dict per frame.")
    if len(predictions) != len(targets):
        counts = f"{len(predictions)} predictions and {len(targets)} targets"
        raise ValueError(f"there are {counts}: each frame needs one of both.")
    found = [_read(row, f"prediction {t}") for t, row in enumerate(predictions)]
    true = [_read(row, f"target {t}") for t, row in enumerate(targets)]
    objects, objects_of = _numbered([identities for _, identities in true])
    tracks, tracks_of = _numbered([identities for _, identities in found])
    overlaps = [
        box_iou(torch.from_numpy(theirs), torch.from_numpy(ours)).numpy()  # (G, D)
        for (theirs, _), (ours, _) in zip(true, found, strict=True)
    ]
    return Frames(
        [Frame(*parts) for parts in zip(objects_of, tracks_of, overlaps, strict=True)], objects, tracks
    )


def _read(row: Mapping[str, Any], name: str) -> tuple[np.ndarray, np.ndarray]:
    for key in ("boxes", "tracks"):
        if key not in row:
            raise ValueError(f"{name} has no {key!r}: a frame needs boxes and the track of each.")
    boxes, identities = (as_array(row[key]).astype(float) for key in ("boxes", "tracks"))
    if boxes.ndim != 2 or boxes.shape[1] != 4 or identities.shape != boxes.shape[:1]:
        shapes = f"{boxes.shape} and tracks of shape {identities.shape}"
        raise ValueError(f"{name} has boxes of shape {shapes}: they must be (D, 4) and (D,).")
    if not np.isfinite(boxes).all() or not np.isfinite(identities).all():
        raise ValueError(f"the boxes or tracks of {name} contain NaN or infinity.")
    if (identities % 1).any() or len(np.unique(identities)) < len(identities):
        raise ValueError(f"the tracks of {name} must be whole numbers, each at most once per frame.")
    return boxes, identities


def _numbered(identities: list[np.ndarray]) -> tuple[int, list[np.ndarray]]:
    """How many identities there are, and those of each frame, counted from 0."""
    every, places = np.unique(np.concatenate([np.zeros(0), *identities]), return_inverse=True)
    ends = np.cumsum([len(each) for each in identities])
    return len(every), np.split(places, ends)[:-1]
