"""Masks: COCO's run-length code, COCO's polygons, and the box around a mask.

COCO writes a mask as the lengths of its runs of equal pixels, column by column; the first run is background
(perhaps of length 0). The *compressed* form stores each length as its difference from the length two runs
before, in digits of 5 bits with a "more follows" bit, as printable characters.
Source: Lin et al., "Microsoft COCO", 2014, arXiv:1405.0312; the code is that of the COCO API, maskApi.c.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

DIGIT_BITS, MORE, SIGN, FIRST_CHARACTER = 5, 32, 16, 48
MOST_DIGITS = 7  # 35 bits: more than any image has pixels
POLYGON_SCALE = 5  # COCO draws outlines on a grid five times finer


def rle_encode(mask: Tensor | np.ndarray) -> dict[str, Any]:
    """Return COCO's compressed run-length code of a mask, ready for JSON: {"size": [H, W], "counts": str}.

    Shapes: (H, W) bool, or numbers of which the non-zero ones are object.
    Raises:
        ValueError: a mask that is not two-dimensional.
    Like pycocotools' `mask.encode`, character by character, but `counts` is str, not bytes.

    >>> rle_encode(torch.tensor([[0, 1], [0, 1]]))
    {'size': [2, 2], 'counts': '22'}
    """
    pixels = np.asarray(mask.cpu() if isinstance(mask, Tensor) else mask) != 0
    if pixels.ndim != 2:
        raise ValueError(f"the mask has shape {pixels.shape}, not (H, W): encode one mask at a time.")
    return {"size": list(pixels.shape), "counts": _write_counts(_run_lengths(pixels))}


def rle_decode(rle: dict[str, Any]) -> Tensor:
    """Return the mask (H, W), bool, of a COCO run-length code.

    Args:
        rle: {"size": [H, W], "counts": compressed str or bytes, or a plain list of run lengths}.
    Raises:
        ValueError: a code that is cut off, has foreign characters, or does not fill H x W pixels.
    Like pycocotools' `mask.decode`, column by column in memory too, but a malformed code raises instead of
    reading foreign memory.

    >>> rle_decode({"size": [2, 2], "counts": [2, 2]})
    tensor([[False,  True],
            [False,  True]])
    """
    height, width = _size(rle)
    counts = rle["counts"]
    lengths = _read_counts(counts) if isinstance(counts, str | bytes) else _read_list(counts)
    if (lengths < 0).any() or lengths.sum() != height * width:
        raise ValueError(
            f"malformed run-length code: its runs cover {lengths.sum()} pixels, "
            f"but the mask has {height} x {width} = {height * width}."
        )
    pixels = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)  # (W * H,), column by column
    return torch.from_numpy(pixels).view(width, height).T  # (H, W)


def masks_to_boxes(masks: Tensor) -> Tensor:
    """Return the smallest box around each mask, xyxy with exclusive ends; zeros for a mask without pixels.

    Shapes: (N, H, W) -> (N, 4) float32.
    Like torchvision's `masks_to_boxes`, but x2 and y2 are exclusive: 4 x 3 pixels have area 12, not 6.

    >>> masks_to_boxes(torch.ones(1, 3, 4, dtype=torch.bool))
    tensor([[0., 0., 4., 3.]])
    """
    if masks.numel() == 0:
        return torch.zeros(len(masks), 4, device=masks.device)
    masks = masks != 0
    x1, x2 = _extent(masks.any(1))  # from (N, W)
    y1, y2 = _extent(masks.any(2))  # from (N, H)
    boxes = torch.stack([x1, y1, x2, y2], 1)  # (N, 4)
    return boxes.float() * masks.any(2).any(1)[:, None]


def polygons_to_mask(polygons: Sequence[Sequence[float]], size: tuple[int, int]) -> Tensor:
    """Return the union of COCO polygons as a mask, by COCO's own rule of which pixels an outline covers.

    Shapes: -> (H, W) bool.
    Args:
        polygons: each [x1, y1, x2, y2, ...] in pixels, at least three points.
        size: (height, width) of the image.
    Raises:
        ValueError: a polygon with fewer than three points or a missing coordinate.
    Like pycocotools' `frPyObjects`, `merge` and `decode`, pixel by pixel.

    >>> polygons_to_mask([[1, 0, 3, 0, 3, 2, 1, 2]], size=(2, 4)).int()
    tensor([[0, 1, 1, 0],
            [0, 1, 1, 0]], dtype=torch.int32)
    """
    mask = np.zeros(size, bool)
    for polygon in polygons:
        mask |= _polygon(_points(polygon), *size)
    return torch.from_numpy(mask)


def _run_lengths(mask: np.ndarray) -> np.ndarray:
    pixels = mask.T.ravel()  # column by column
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    first_is_object = pixels[:1].astype(int)  # then an empty run of background comes first
    return np.diff(np.concatenate([np.zeros(1 + first_is_object.sum(), int), changes, [pixels.size]]))


def _write_counts(lengths: np.ndarray) -> str:
    numbers = lengths.copy()
    numbers[3:] -= lengths[1:-2]
    place = np.arange(MOST_DIGITS)
    magnitude = np.where(numbers < 0, ~numbers, numbers)
    more = magnitude[:, None] >= SIGN << DIGIT_BITS * place  # (runs, digits): another digit follows
    used = np.concatenate([np.ones((len(numbers), 1), bool), more[:, :-1]], 1)
    digits = (numbers[:, None] >> DIGIT_BITS * place) & (MORE - 1)
    return (digits + MORE * more + FIRST_CHARACTER)[used].astype(np.uint8).tobytes().decode("ascii")


def _read_counts(counts: str | bytes) -> np.ndarray:
    code = counts.encode("utf-8") if isinstance(counts, str) else counts
    digits = np.frombuffer(code, np.uint8).astype(int) - FIRST_CHARACTER
    if ((digits < 0) | (digits >= 2 * MORE)).any():
        raise ValueError("malformed run-length code: it contains a character that COCO's code does not use.")
    if len(digits) == 0 or digits[-1] >= MORE:
        raise ValueError("malformed run-length code: it ends in the middle of a number, or is empty.")
    ends = np.flatnonzero(digits < MORE)
    starts = np.concatenate([[0], ends[:-1] + 1])
    if (ends - starts).max() >= MOST_DIGITS:
        raise ValueError("malformed run-length code: it contains a run longer than any image.")
    place = np.arange(len(digits)) - np.repeat(starts, ends - starts + 1)
    numbers = np.add.reduceat((digits & (MORE - 1)) << DIGIT_BITS * place, starts)
    numbers -= np.where(digits[ends] & SIGN, 1 << DIGIT_BITS * (place[ends] + 1), 0)  # two's complement
    numbers[1::2] = np.cumsum(numbers[1::2])  # each length was stored as its change from two runs before,
    numbers[2::2] = np.cumsum(numbers[2::2])  # except the first of all
    return numbers


def _read_list(counts: Any) -> np.ndarray:
    try:
        lengths = np.asarray(counts, float).reshape(-1)
    except (TypeError, ValueError):
        lengths = np.array([np.nan])
    if not np.array_equal(lengths, np.trunc(lengths)) or not np.isfinite(lengths).all():
        raise ValueError("malformed run-length code: 'counts' must be a string or a list of whole numbers.")
    return lengths.astype(int)


def _size(rle: dict[str, Any]) -> tuple[int, int]:
    if not isinstance(rle, dict) or not {"size", "counts"} <= rle.keys():
        raise ValueError("malformed run-length code: it needs the keys 'size' and 'counts'.")
    size = rle["size"]
    sides = size if isinstance(size, Sequence) and len(size) == 2 else (None,)
    if not all(isinstance(side, int) and side >= 0 for side in sides):
        raise ValueError(f"malformed run-length code: 'size' is {size!r}, not [height, width].")
    return size[0], size[1]


def _extent(occupied: Tensor) -> tuple[Tensor, Tensor]:
    """First and one past the last true entry of each row: (N, L) -> (N,), (N,)."""
    occupied = occupied.byte()
    return occupied.argmax(1), occupied.shape[1] - occupied.flip(1).argmax(1)


def _points(polygon: Sequence[float]) -> np.ndarray:
    numbers = np.asarray(polygon, float)
    if numbers.ndim != 1 or len(numbers) < 6 or len(numbers) % 2 or not np.isfinite(numbers).all():
        raise ValueError("malformed polygon: it must be [x1, y1, x2, y2, ...] with three or more points.")
    return numbers.reshape(-1, 2)  # (points, 2)


def _polygon(points: np.ndarray, height: int, width: int) -> np.ndarray:
    fine = (POLYGON_SCALE * points + 0.5).astype(int)
    edges = zip(fine, np.roll(fine, -1, 0), strict=True)
    x, y = np.concatenate([_edge(start, end) for start, end in edges]).T  # the whole outline, step by step
    step = np.flatnonzero(x[1:] != x[:-1])
    column = np.minimum(x[step], x[step + 1])
    row = (np.minimum(y[step], y[step + 1]) + 0.5) / POLYGON_SCALE - 0.5
    column, centred = np.divmod(column, POLYGON_SCALE)
    # Only where the outline crosses the middle of a column of pixels does it count.
    kept = (centred == POLYGON_SCALE // 2) & (column >= 0) & (column < width)
    crossings = column[kept] * height + np.ceil(row[kept].clip(0, height)).astype(int)
    inside = np.bincount(crossings, minlength=height * width + 1)[: height * width].cumsum() % 2 == 1
    return inside.reshape(width, height).T  # (H, W)


def _edge(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The points of the fine grid from start to end, one a step of the longer axis: (steps + 1, 2)."""
    sides = np.abs(end - start)
    axis = int(sides[1] > sides[0])
    backwards = start[axis] > end[axis]
    first, last = (end, start) if backwards else (start, end)  # COCO rounds alike in both directions
    along = np.arange(sides[axis] + 1)
    slope = (last - first)[1 - axis] / max(sides[axis], 1)
    points = np.empty((len(along), 2), int)
    points[:, axis] = first[axis] + along
    points[:, 1 - axis] = (first[1 - axis] + slope * along + 0.5).astype(int)
    return points[::-1] if backwards else points
