"""Tracks: what a tracker remembers of the objects that it follows, and how they are born, live and die."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from coursekit.tracking.kalman import Motion, start_motion


class Tracks(NamedTuple):
    """T tracks that are alive."""

    numbers: Tensor  # (T,) int64, 1, 2, … in the order of their births; never used twice
    motion: Motion  # five times (T, 4): centre x, centre y, width, height
    hits: Tensor  # (T,) int64, frames in which it was matched
    missed: Tensor  # (T,) int64, frames since then
    looks: Tensor  # (T, C) unit vectors: what it looks like; C is 0 without appearance


class Lives(NamedTuple):
    """What becomes of T tracks after a frame."""

    hits: Tensor  # (T,) int64
    missed: Tensor  # (T,) int64
    alive: Tensor  # (T,) bool


Live = Callable[[Tensor, Tensor, Tensor, int, int], Lives]


def live_on(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
    """Return the counts of each track after a frame, and whether it lives on.

    A track is confirmed once it has been matched in `min_hits` frames. A confirmed one dies when it has been missed in
    more than `max_missed` frames in a row, any other at its first miss, because it was probably a false detection.

    Shapes: three times (T,) -> three times (T,).
    Args:
        hits: frames in which it was matched.
        missed: frames since then.
        matched: whether it is matched in this frame.
    Source: Bewley et al., "SORT", 2016, section 3.4, arXiv:1602.00763.

    >>> live_on(torch.tensor([3, 3, 1]), torch.tensor([0, 5, 0]), torch.tensor([True, False, False]), 2, 5)
    Lives(hits=tensor([4, 3, 1]), missed=tensor([0, 6, 1]), alive=tensor([ True, False, False]))
    """
    hits = hits + matched.long()
    missed = torch.where(matched, 0, missed + 1)
    return Lives(hits, missed, (missed == 0) | ((hits >= min_hits) & (missed <= max_missed)))


def as_lives(parts: Iterable[Tensor]) -> Lives:
    """Return three tensors or arrays as lives: two counts and a mask."""
    hits, missed, alive = map(torch.as_tensor, parts)
    return Lives(hits.long(), missed.long(), alive.bool())


def no_tracks(looks: int = 0) -> Tracks:
    """Return the tracks before the first frame: none."""
    return born(torch.zeros(0, 4), torch.zeros(0, looks), 1, 0)


def born(boxes: Tensor, looks: Tensor, first: int, hits: int) -> Tracks:
    """Return a track for each box: (D, 4), (D, C) -> D tracks, numbered from `first` on."""
    numbers = torch.arange(first, first + len(boxes))
    return Tracks(
        numbers, start_motion(boxes), torch.full_like(numbers, hits), torch.zeros_like(numbers), looks
    )


def select(tracks: Tracks, keep: Tensor) -> Tracks:
    """Return some of the tracks, by a mask or by their places."""
    motion = Motion(*(part[keep] for part in tracks.motion))
    return Tracks(tracks.numbers[keep], motion, tracks.hits[keep], tracks.missed[keep], tracks.looks[keep])


def join(tracks: Tracks, others: Tracks) -> Tracks:
    """Return the tracks of both, in this order."""
    motion = Motion(*(torch.cat(parts) for parts in zip(tracks.motion, others.motion, strict=True)))
    return Tracks(
        torch.cat([tracks.numbers, others.numbers]),
        motion,
        torch.cat([tracks.hits, others.hits]),
        torch.cat([tracks.missed, others.missed]),
        torch.cat([tracks.looks, others.looks]),
    )
