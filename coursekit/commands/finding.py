"""A trained or shipped model as a function of one image of any size; its detections in words and as COCO's JSON."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from coursekit import training
from coursekit.commands.fitting import Size, fitted, in_picture
from coursekit.commands.models import file_of, load_model, over_scales, read_facts
from coursekit.models.yolox_nano import YoloxNano
from coursekit.ops import box_convert, masks_to_boxes, rle_decode, rle_encode
from coursekit.published import SHIPPED, shipped
from coursekit.schema import Prediction

Rows = Literal["boxes", "labels", "scores", "masks"]
ROWS: tuple[Rows, ...] = ("boxes", "labels", "scores", "masks")  # one row per object
POINTS = ("centre", "top", "base")  # the key points of each class, in the order of their channels
LEAST_SCORE = 0.001  # that YOLOX-Nano is asked for
Finder = Callable[[Tensor], Prediction]


def finder_of(
    weights: str, threshold: float, scales: Sequence[int] | None, device: torch.device
) -> tuple[Finder, tuple[str, ...]]:
    """Return a function of an image (3, H, W), and the names of the classes of what it returns.

    It returns the objects that score above the threshold, in pixels of the image, their masks (D, H, W), bool.

    Args:
        weights: a file that `coursekit train` wrote, or the name of shipped weights.
        scales: longest sides to average over, if any.
    Raises:
        ValueError, OSError: bad weights, or a model that cannot be averaged.
    """
    if weights in SHIPPED and not Path(weights).exists() and not scales:
        known, model = SHIPPED[weights], shipped(weights).to(device)
        classes, size, letterbox = known.classes, known.size, False
        any_size = bool(known.scales) or isinstance(model, YoloxNano)
    else:
        path = file_of(weights)
        facts = read_facts(path)
        classes, size, letterbox, any_size = facts.classes, facts.size, facts.letterbox, bool(scales)
        model = (over_scales(path, facts, scales) if scales else load_model(path, facts)).to(device)

    def find(image: Tensor) -> Prediction:
        return found_in(model, image, None if any_size else size, letterbox, threshold)

    return find, tuple(classes)


def found_in(
    model: nn.Module, image: Tensor, size: Size | None, letterbox: bool, threshold: float
) -> Prediction:
    """Return what a model finds in an image above the threshold, in its own pixels.

    Args:
        size: that the model sees images at; None if it takes any.
    """
    if isinstance(model, YoloxNano):
        return model.detect([image], max(threshold, LEAST_SCORE))[0]
    if size is None:
        return sure(training.predict(model, [(image, {})])[0], threshold)
    small, _ = fitted(image, {}, size, letterbox)
    (found,) = training.predict(model, [(small, {})])
    old = image.shape[-2], image.shape[-1]
    found = in_picture(sure(found, threshold), old, size, letterbox)
    if "masks" in found:
        none = torch.zeros(0, *old, dtype=torch.bool)
        found["masks"] = torch.cat([none, *(rle_decode(code)[None] for code in found["masks"])])  # (D, H, W)
    return found


def sure(found: Prediction, threshold: float) -> Prediction:
    """Return the objects, or the key points, whose score is above the threshold; a label map as it is."""
    chosen: Any = found.copy()
    if "scores" in found:
        kept = found["scores"] > threshold
        chosen |= {key: found[key][kept] for key in ROWS if key in found}
    if "point_scores" in found:
        kept = found["point_scores"] > threshold
        chosen |= {key: chosen[key][kept] for key in ("points", "point_labels", "point_scores")}
    return chosen


def as_masks(found: Prediction) -> tuple[Tensor, Tensor]:
    """Return the masks (R, H, W) and labels (R,) of the classes that a label map has, background left out."""
    labels = found["semantic"].unique()
    labels = labels[labels > 0]
    return found["semantic"] == labels[:, None, None], labels


def lines(found: Prediction, classes: Sequence[str]) -> Iterator[str]:
    """Yield each detection as a line of text."""
    if "semantic" in found:
        for mask, label in zip(*as_masks(found), strict=True):
            yield f"{classes[int(label) - 1]:12s} {100 * mask.float().mean():.1f} % of the pixels"
        return
    if "points" in found:
        for (x, y), label, score in zip(
            found["points"].tolist(),
            found["point_labels"].tolist(),
            found["point_scores"].tolist(),
            strict=True,
        ):
            yield f"{point_name(label, classes):20s} {score:.2f}  at ({x:.0f}, {y:.0f})"
        return
    for i, box in enumerate(found["boxes"]):
        name, score = classes[int(found["labels"][i]) - 1], float(found["scores"][i])
        corners = ", ".join(f"{number:.0f}" for number in box.tolist())
        mask = f"  mask of {int(found['masks'][i].sum())} pixels" if "masks" in found else ""
        yield f"{name:12s} {score:.2f}  box ({corners}){mask}"


def point_name(channel: int, classes: Sequence[str]) -> str:
    """Return the name of a key point.

    >>> point_name(4, ("apple", "pear"))
    'pear top'
    """
    return f"{classes[channel // len(POINTS)]} {POINTS[channel % len(POINTS)]}"


def coco_rows(found: Prediction) -> Iterator[dict[str, Any]]:
    """Yield one annotation per object in COCO's format, with its score; one per class for a label map."""
    if "semantic" in found:
        masks, labels = as_masks(found)
        boxes = box_convert(masks_to_boxes(masks), "xyxy", "xywh")
        for mask, label, box in zip(masks, labels, boxes, strict=True):
            code = rle_encode(mask)
            yield row_of(int(label), box.tolist()) | {"area": int(mask.sum()), "segmentation": code}
        return
    if "points" in found:
        rows = zip(
            found["points"].tolist(),
            found["point_labels"].tolist(),
            found["point_scores"].tolist(),
            strict=True,
        )
        for (x, y), channel, score in rows:
            said = {"score": round(score, 4), "keypoints": [round(x, 2), round(y, 2), 2], "num_keypoints": 1}
            yield row_of(channel // len(POINTS) + 1, [round(x, 2), round(y, 2), 0, 0]) | said
        return
    for i, box in enumerate(box_convert(found["boxes"], "xyxy", "xywh").tolist()):
        row = row_of(int(found["labels"][i]), box) | {"score": round(float(found["scores"][i]), 4)}
        if "masks" in found:
            row |= {"segmentation": rle_encode(found["masks"][i]), "area": int(found["masks"][i].sum())}
        yield row


def row_of(label: int, box: Sequence[float]) -> dict[str, Any]:
    x, y, width, height = (round(number, 2) for number in box)
    return {
        "category_id": label,
        "bbox": [x, y, width, height],
        "area": round(width * height, 2),
        "iscrowd": 0,
    }
