"""What a detector of the course sees in the frames of a clip: its detections, and what each of them looks like."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from coursekit.models.image_model import ImageModel
from coursekit.ops import nms
from coursekit.schema import Prediction
from coursekit.tracking.appearance import looks_of

SAME = 0.7  # IoU above which two detections are of one object, whatever their labels
BATCH = 8


class Seen(NamedTuple):
    """One frame as a tracker is given it."""

    found: Prediction  # D detections
    looks: Tensor  # (D, C) unit vectors


@torch.no_grad()
def watch(model: ImageModel, images: Tensor, levels: tuple[str, ...] = ("C4", "C5")) -> list[Seen]:
    """Return the detections of every frame and their looks; each frame goes through the backbone once.

    Of several detections of one object the most confident is kept, even if they have different labels, so that no
    object gets two tracks.

    Shapes: (T, 3, H, W) in [0, 1] -> T frames.
    Args:
        model: a detector with a backbone, such as `shipped("retinanet")`.
        levels: the feature maps that say what a detection looks like, normalised as the detector normalises them.
    """
    strides = {level: model.strides[level] for level in levels}
    model.eval()
    frames: list[Seen] = []
    for start in range(0, len(images), BATCH):
        batch = list(images[start : start + BATCH])
        maps = model.maps(batch, model.levels)
        inputs = [{level: values[i] for level, values in maps.items()} for i in range(len(batch))]
        normal = {level: model.normalised(level, maps[level]) for level in levels}
        for i, found in enumerate(model(inputs)):
            features = {level: values[i] for level, values in normal.items()}
            frames.append(_seen(found, features, strides))
    return frames


def _seen(found: Prediction, features: Mapping[str, Tensor], strides: Mapping[str, int]) -> Seen:
    keep = nms(found["boxes"], found["scores"], SAME)
    kept: Prediction = {
        "boxes": found["boxes"][keep],
        "labels": found["labels"][keep],
        "scores": found["scores"][keep],
    }
    return Seen(kept, looks_of(features, kept["boxes"], strides))
