"""Trackers: which detections in the frames of a clip are the same object, in one flat namespace."""

from coursekit.tracking.appearance import LookTrack, looks_of, refresh_looks
from coursekit.tracking.byte_track import ByteTrack, match_twice
from coursekit.tracking.kalman import (
    Motion,
    boxes_of,
    predict_boxes,
    predict_motion,
    start_motion,
    update_boxes,
    update_motion,
)
from coursekit.tracking.sort import Sort, match_tracks
from coursekit.tracking.tracks import Lives, Tracks, live_on
from coursekit.tracking.watch import Seen, watch

__all__ = [
    "ByteTrack", "Lives", "LookTrack", "Motion", "Seen", "Sort", "Tracks", "boxes_of", "live_on", "looks_of", "match_tracks",
    "match_twice", "predict_boxes", "predict_motion", "refresh_looks", "start_motion", "update_boxes", "update_motion",
    "watch",
]  # fmt: skip
