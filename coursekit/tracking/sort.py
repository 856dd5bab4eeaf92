"""SORT: predict where each track is now, match predicted and detected boxes by IoU, and let tracks be born and die.

Source: Bewley et al., "Simple Online and Realtime Tracking", 2016, arXiv:1602.00763.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from coursekit.ops import Match, box_iou, match_by_cost
from coursekit.schema import Prediction
from coursekit.tracking.kalman import (
    Motion,
    Predict,
    Update,
    boxes_of,
    predict_boxes,
    predict_motion,
    update_boxes,
    update_motion,
)
from coursekit.tracking.tracks import Live, Tracks, as_lives, born, join, live_on, no_tracks, select

Pair = Callable[[Tensor, float], Match]


def match_tracks(iou: Tensor, least: float) -> Match:
    """Return the match of D detections with T tracks whose total IoU is largest; pairs below `least` are not allowed.

    Shapes: (T, D) -> Match of (D,): the place of the track of each positive detection; the others are negative.
    Args:
        iou: of the predicted box of each track with each detection, or another similarity in [0, 1].
        least: the lowest IoU of a pair.
    Raises:
        ValueError: as `ops.match_by_cost`.
    Source: Bewley et al., "SORT", 2016, section 3.3, arXiv:1602.00763. There, forbidden pairs are removed after the match.

    >>> match_tracks(torch.tensor([[0.6, 0.5], [0.5, 0.1]]), 0.3).target
    tensor([1, 0])
    """
    allowed = iou >= least
    match = match_by_cost(-torch.where(allowed, iou, 0.0))
    positive = match.positive.clone()
    here = match.positive.nonzero()[:, 0]
    positive[here] = allowed[match.target[here], here]
    return Match(torch.where(positive, match.target, 0), positive, ~positive)


class Sort:
    """A tracker that is called with the prediction for each frame and returns it with "tracks", frame by frame.

    Detections of tracks that are not confirmed, and those that belong to none, are left out. In the first frame
    every new track is confirmed at once.

    Args:
        score: detections below it are not looked at.
        least: the lowest IoU of a detection with the predicted box of its track.
        min_hits, max_missed: frames, see `live_on`.
        predict, update, match, live: see `predict_motion`, `update_motion`, `match_tracks`, `live_on`.
    """

    channels = 0  # of what tracks look like

    def __init__(
        self,
        score: float = 0.5,
        least: float = 0.3,
        min_hits: int = 2,
        max_missed: int = 5,
        predict: Predict = predict_motion,
        update: Update = update_motion,
        match: Pair = match_tracks,
        live: Live = live_on,
    ) -> None:
        self.score, self.least, self.min_hits, self.max_missed = score, least, min_hits, max_missed
        self.predict, self.update, self.match, self.live = predict, update, match, live
        self.tracks: Tracks | None = None
        self.next = 1

    def __call__(self, found: Prediction, looks: Tensor | None = None) -> Prediction:
        """Return the detections of confirmed tracks in the next frame, with the number of the track of each.

        Args:
            found: boxes (D, 4), labels (D,) and scores (D,) of this frame.
            looks: (D, C) unit vectors, what each detection looks like, for trackers that use it.
        Raises:
            ValueError: boxes, labels and scores that do not belong together.
        """
        looks = self.checked(found, looks)
        boxes = found["boxes"].float()
        first = self.tracks is None
        tracks = self.moved(no_tracks(looks.shape[1]) if self.tracks is None else self.tracks)
        match = self.associate(tracks, boxes, found["scores"], looks)
        detection = match.positive.nonzero()[:, 0]  # (M,) of each matched pair
        place = match.target[detection]  # (M,)
        tracks, alive = self.grown(tracks, place, boxes[detection], looks[detection])
        new = born(boxes[match.negative], looks[match.negative], self.next, self.min_hits if first else 1)
        self.next += len(new.numbers)
        self.tracks = join(select(tracks, alive), new)
        numbers = torch.zeros(len(boxes), dtype=torch.int64)  # of the tracks; 0: none that is confirmed
        numbers[detection] = torch.where(tracks.hits >= self.min_hits, tracks.numbers, 0)[place]
        numbers[match.negative] = torch.where(new.hits >= self.min_hits, new.numbers, 0)
        return with_tracks(found, numbers)

    def associate(self, tracks: Tracks, boxes: Tensor, scores: Tensor, looks: Tensor) -> Match:
        """Return which detection belongs to which track; a negative one begins a new track, an ignored one does not.

        Shapes: T tracks, (D, 4), (D,), (D, C) -> Match of (D,).
        """
        return match_some(
            box_iou(boxes_of(tracks.motion), boxes), scores >= self.score, self.least, self.match
        )

    def moved(self, tracks: Tracks) -> Tracks:
        """Return the tracks where they should be in the next frame."""
        return tracks._replace(motion=predict_boxes(tracks.motion, self.predict))

    def grown(self, tracks: Tracks, place: Tensor, boxes: Tensor, looks: Tensor) -> tuple[Tracks, Tensor]:
        """Return the tracks after M of them, at these places, have been matched, and whether each is alive: (T,) bool."""
        matched = torch.zeros(len(tracks.numbers), dtype=torch.bool)
        matched[place] = True
        better = update_boxes(Motion(*(part[place] for part in tracks.motion)), boxes, self.update)
        motion = Motion(
            *(old.index_copy(0, place, new) for old, new in zip(tracks.motion, better, strict=True))
        )
        lives = as_lives(self.live(tracks.hits, tracks.missed, matched, self.min_hits, self.max_missed))
        tracks = tracks._replace(motion=motion, hits=lives.hits, missed=lives.missed)
        return tracks, lives.alive

    def checked(self, found: Prediction, looks: Tensor | None) -> Tensor:
        """Return what the detections look like; without appearance, vectors of length 0.

        Raises:
            ValueError: as when called.
        """
        count = len(found["boxes"])
        if len(found["labels"]) != count or len(found["scores"]) != count:
            parts = f"{len(found['labels'])} labels and {len(found['scores'])} scores"
            raise ValueError(f"there are {count} boxes but {parts}: each box needs one of both.")
        if not self.channels:
            return torch.zeros(count, 0)
        if looks is None or looks.shape != (count, self.channels):
            got = "none" if looks is None else f"shape {tuple(looks.shape)}"
            raise ValueError(f"`looks` must be ({count}, {self.channels}), one row per box, but is {got}.")
        return looks


def match_some(iou: Tensor, chosen: Tensor, least: float, match: Pair = match_tracks) -> Match:
    """Return the match of all detections when only the chosen ones are looked at; the others are ignored.

    Shapes: (T, D), (D,) bool -> Match of (D,).
    """
    of_chosen = as_match(match(iou[:, chosen], least))
    whole = [torch.zeros(len(chosen), dtype=part.dtype).masked_scatter(chosen, part) for part in of_chosen]
    return Match(*whole)


def as_match(parts: Iterable[Tensor]) -> Match:
    """Return three tensors or arrays as a match: indices and two masks."""
    target, positive, negative = map(torch.as_tensor, parts)
    return Match(target.long(), positive.bool(), negative.bool())


def with_tracks(found: Prediction, numbers: Tensor) -> Prediction:
    """Return the detections whose number is not 0, with their numbers as "tracks"."""
    kept = numbers > 0
    rows: Prediction = {key: value[kept] for key, value in found.items()}  # type: ignore[index, assignment]
    rows["tracks"] = numbers[kept]
    return rows
