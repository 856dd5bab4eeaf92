"""Appearance: a track that was lost is found again because it looks the same, wherever it comes back.

What an object looks like is the mean of the backbone's features in its box, scaled to length 1; a track keeps a running
mean of it. The similarity of two looks is the cosine of the angle between them.

Source: Wojke et al., "Simple Online and Realtime Tracking with a Deep Association Metric", 2017, arXiv:1703.07402, for
appearance; Aharon et al., "BoT-SORT", 2022, section 3.3, arXiv:2206.14651, for the running mean.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.ops import Match, roi_align
from coursekit.tracking.byte_track import ByteTrack
from coursekit.tracking.sort import match_some
from coursekit.tracking.tracks import Tracks

Refresh = Callable[[Tensor, Tensor, float], Tensor]


def looks_of(features: Mapping[str, Tensor], boxes: Tensor, strides: Mapping[str, int]) -> Tensor:
    """Return what is in each box: the mean of every channel there, each level scaled to length 1, and so the whole.

    Shapes: {level: (C, h, w)}, (D, 4) -> (D, C of all levels together).
    Args:
        features: maps of one frame, such as `cached_features` returns.
        strides: of these levels, pixels per cell; only these levels are used.
    """
    parts = [
        roi_align(features[level][None].float(), [boxes.float()], 2, 1 / stride, 2, aligned=True).mean((2, 3))
        for level, stride in strides.items()
    ]
    return F.normalize(torch.cat([F.normalize(part, dim=1) for part in parts], 1), dim=1)


def refresh_looks(old: Tensor, new: Tensor, keep: float = 0.9) -> Tensor:
    """Return the running mean of what each track looks like, scaled to length 1 again.

    Shapes: (T, C), (T, C) -> (T, C).
    Args:
        keep: the share of the old look; the new one has the rest.
    Source: Aharon et al., "BoT-SORT", 2022, equation 10, arXiv:2206.14651.

    >>> refresh_looks(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), 0.5)
    tensor([[0.7071, 0.7071]])
    """
    return F.normalize(keep * old + (1 - keep) * new, dim=1)


class LookTrack(ByteTrack):
    """ByteTrack with a third round: tracks and confident detections that are left are matched by their looks alone.

    Args:
        channels: C of the looks.
        alike: the lowest cosine of a pair in the third round.
        keep: see `refresh_looks`.
        refresh: (T, C), (T, C), keep -> (T, C).
        options: as `ByteTrack`.
    """

    def __init__(
        self,
        channels: int,
        alike: float = 0.8,
        keep: float = 0.9,
        refresh: Refresh = refresh_looks,
        **options,
    ) -> None:
        super().__init__(**options)
        self.channels, self.alike, self.keep, self.refresh = channels, alike, keep, refresh

    def associate(self, tracks: Tracks, boxes: Tensor, scores: Tensor, looks: Tensor) -> Match:
        """Return which detection belongs to which track, as `Sort.associate`."""
        near = super().associate(tracks, boxes, scores, looks)
        left = tracks.hits >= self.min_hits
        left[near.target[near.positive]] = False
        far = match_some((tracks.looks @ looks.T)[left], near.negative, self.alike, self.match)
        here = far.positive.nonzero()[:, 0]
        target = near.target.clone()
        target[here] = left.nonzero()[:, 0][far.target[here]]
        return Match(target, near.positive | far.positive, far.negative)

    def grown(self, tracks: Tracks, place: Tensor, boxes: Tensor, looks: Tensor) -> tuple[Tracks, Tensor]:
        """Return the tracks as `Sort.grown`, with the looks of the matched ones refreshed."""
        tracks, alive = super().grown(tracks, place, boxes, looks)
        fresh = torch.as_tensor(self.refresh(tracks.looks[place], looks, self.keep), dtype=tracks.looks.dtype)
        return tracks._replace(looks=tracks.looks.index_copy(0, place, fresh)), alive
