"""ByteTrack: detections with low scores are matched too, with the tracks that found nothing better.

An object that is half hidden is often still detected, but with a low score. A tracker that drops such detections loses
its track; one that lets them begin new tracks follows false detections. So they may only continue a track.

Source: Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", 2022, arXiv:2110.06864.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.ops import Match, box_iou
from coursekit.tracking.kalman import boxes_of
from coursekit.tracking.sort import Pair, Sort, as_match, match_some, match_tracks
from coursekit.tracking.tracks import Tracks

Rounds = Callable[[Tensor, Tensor, float, float, float], Match]


def match_twice(
    iou: Tensor, scores: Tensor, high: float, low: float, least: float, match: Pair = match_tracks
) -> Match:
    """Return the match of confident detections with all tracks, and of the unsure ones with the tracks that are left.

    Shapes: (T, D), (D,) -> Match of (D,): negative are confident detections without a track, which begin new ones.
        Neither positive nor negative are unsure ones without a track, and all below `low`.
    Args:
        iou: of the predicted box of each track with each detection.
        high: a detection is confident from this score on.
        low: and unsure from this one on.
        least: the lowest IoU of a pair, in both rounds.
    Source: Zhang et al., "ByteTrack", 2022, algorithm 1, arXiv:2110.06864.

    >>> match_twice(torch.tensor([[0.8, 0.0], [0.0, 0.7]]), torch.tensor([0.9, 0.2]), 0.5, 0.1, 0.3).positive
    tensor([True, True])
    """
    confident = scores >= high
    unsure = (scores >= low) & ~confident
    first = match_some(iou, confident, least, match)
    left = torch.ones(len(iou), dtype=torch.bool)
    left[first.target[first.positive]] = False  # tracks without a detection
    second = match_some(iou[left], unsure, least, match)
    here = second.positive.nonzero()[:, 0]
    target = first.target.clone()
    target[here] = left.nonzero()[:, 0][second.target[here]]
    return Match(target, first.positive | second.positive, first.negative)


class ByteTrack(Sort):
    """SORT with a second round for detections with low scores.

    Args:
        score: detections are confident from it on.
        low: and worth looking at in the second round from this score on.
        rounds: see `match_twice`.
        options: as `Sort`.
    """

    def __init__(self, score: float = 0.5, low: float = 0.1, rounds: Rounds = match_twice, **options) -> None:
        super().__init__(score, **options)
        self.low, self.rounds = low, rounds

    def associate(self, tracks: Tracks, boxes: Tensor, scores: Tensor, looks: Tensor) -> Match:
        """Return which detection belongs to which track, as `Sort.associate`."""
        iou = box_iou(boxes_of(tracks.motion), boxes)
        return as_match(self.rounds(iou, scores, self.score, self.low, self.least))
