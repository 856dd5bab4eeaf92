"""All predictions and all targets of a data set as columns: one row per object, whatever its image."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from coursekit.metrics.mask_runs import Runs, join_runs, run_areas, run_boxes, runs_of_codes, runs_of_masks
from coursekit.schema import Prediction, Target

LISTED = ("labels", "scores", "iscrowd", "area")  # one number for each object


class Objects(NamedTuple):
    """N objects of all images, in the order of the images."""

    image: np.ndarray  # (N,) place in the list of images
    label: np.ndarray  # (N,)
    box: np.ndarray  # (N, 4) float64, xyxy; around the mask when masks are compared
    size: np.ndarray  # (N,) float64, square pixels of the box or of the mask: what IoU compares
    area: np.ndarray  # (N,) float64, as annotated: what makes an object small, medium or large
    runs: Runs | None
    score: np.ndarray  # (N,) of detections; (0,) of true objects, which have none
    crowd: np.ndarray  # (N,) bool


def read_columns(
    predictions: Iterable[Prediction], targets: Iterable[Target], kind: str
) -> tuple[Objects, Objects]:
    """Return the detections and the true objects; only one image at a time is needed.

    Raises:
        ValueError: another number of predictions than targets, or naming the image whose keys are missing,
            have other lengths than its labels, are not finite, or have masks of two sizes.
    """
    found, true = [], []
    for i, (prediction, target) in enumerate(_pairs(predictions, targets)):
        found.append(_read_image(prediction, f"prediction {i}", kind, ("labels", "scores")))
        true.append(_read_image(target, f"target {i}", kind, ("labels",)))
        if kind == "masks":
            _check_sizes(found[-1]["masks"], true[-1]["masks"], i)
    return _join(found, kind, "scores"), _join(true, kind, "iscrowd")


def image_and_class(objects: Objects, labels: np.ndarray) -> np.ndarray:
    """Return a number for each image and class: (N,); `labels` is ascending and holds every label."""
    return objects.image * len(labels) + np.searchsorted(labels, objects.label)


def _pairs(
    predictions: Iterable[Prediction], targets: Iterable[Target]
) -> Iterable[tuple[Prediction, Target]]:
    if isinstance(predictions, dict) or isinstance(targets, dict):
        raise ValueError(
            "predictions and targets are lists with one dict per image: pass [prediction], [target]."
        )
    rows = zip(predictions, targets, strict=True)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except ValueError as error:
            raise ValueError(
                "the numbers of predictions and targets differ: each image needs one of each."
            ) from error
        yield row


def _read_image(row: Mapping[str, Any], name: str, kind: str, needed: Sequence[str]) -> dict[str, Any]:
    missing = [key for key in (*needed, kind) if key not in row]
    if missing:
        raise ValueError(f"{name} has no {missing[0]!r}: {kind} cannot be compared without it.")
    columns: dict[str, Any] = {
        key: _numbers(row[key], key, name) for key in LISTED if row.get(key) is not None or key in needed
    }
    columns[kind] = _read_boxes(row[kind], name) if kind == "boxes" else _read_masks(row[kind], name)
    count = len(columns["labels"])
    for key, value in columns.items():
        rows = len(value.size) if isinstance(value, Runs) else len(value)
        if rows != count:
            raise ValueError(f"{name} has {count} labels but {rows} {key}: each object needs one.")
        if not isinstance(value, Runs) and not np.isfinite(value).all():
            raise ValueError(f"the {key} of {name} contain NaN or infinity.")
    if (columns["labels"] % 1).any():
        raise ValueError(f"the labels of {name} are not whole numbers.")
    columns.setdefault("iscrowd", np.zeros(count))
    columns.setdefault("area", np.full(count, np.nan))  # not known: that of the mask, or of the box
    return columns


def _read_boxes(boxes: Any, name: str) -> np.ndarray:
    numbers = _numbers(boxes, "boxes", name, axes=2)
    if numbers.size and numbers.shape[1] != 4:
        raise ValueError(f"the boxes of {name} have shape {numbers.shape}, not (N, 4).")
    return numbers.reshape(-1, 4)


def _read_masks(masks: Tensor | np.ndarray | Sequence[dict[str, Any]], name: str) -> Runs:
    if isinstance(masks, np.ndarray) and masks.dtype != object:
        masks = torch.from_numpy(np.ascontiguousarray(masks))
    if not isinstance(masks, Tensor):
        try:
            return runs_of_codes(list(masks))
        except (TypeError, ValueError) as error:
            raise ValueError(f"the masks of {name} cannot be read: {error}") from error
    if masks.ndim == 4 and masks.shape[1] == 1:
        masks = masks[:, 0]
    if masks.ndim != 3:
        raise ValueError(
            f"the masks of {name} have shape {tuple(masks.shape)}, not (N, H, W) or (N, 1, H, W)."
        )
    return runs_of_masks(masks > 0.5)


def _check_sizes(found: Runs, true: Runs, i: int) -> None:
    sizes = np.unique(np.concatenate([found.size, true.size]), axis=0)
    if len(sizes) > 1:
        raise ValueError(
            f"the masks of image {i} have sizes {sizes.tolist()}: resize them to that of the image."
        )


def _join(images: Sequence[dict[str, Any]], kind: str, last_key: str) -> Objects:
    def column(key: str, shape: tuple[int, ...] = (0,)) -> np.ndarray:
        return np.concatenate([np.zeros(shape), *(image[key] for image in images)])

    image = np.repeat(np.arange(len(images)), [len(image["labels"]) for image in images])
    runs = join_runs([image["masks"] for image in images]) if kind == "masks" else None
    box = run_boxes(runs) if runs else column("boxes", (0, 4))
    size = run_areas(runs) if runs else (box[:, 2:] - box[:, :2]).clip(0).prod(1)
    given = column("area")
    area = np.where(np.isnan(given) | (last_key == "scores"), size, given)
    score = column("scores") if last_key == "scores" else np.zeros(0)
    return Objects(image, column("labels").astype(int), box, size, area, runs, score, column("iscrowd") > 0)


def _numbers(values: Any, key: str, name: str, axes: int = 1) -> np.ndarray:
    """A list of numbers of any kind in double precision: (N,), or (N, M) with two axes."""
    try:
        numbers = np.asarray(
            values.detach().double().cpu() if isinstance(values, Tensor) else values, dtype=float
        )
    except (TypeError, ValueError):
        raise ValueError(f"the {key} of {name} are not a list of numbers.") from None
    if numbers.ndim != axes and numbers.size:
        raise ValueError(
            f"the {key} of {name} have shape {numbers.shape}: one row for each object is needed."
        )
    return numbers if numbers.ndim == axes else numbers.reshape(0, *[0] * (axes - 1))
