"""Masks: COCO's run-length code, COCO's polygons, and the box around a mask.

COCO writes a mask as the lengths of its runs of equal pixels, column by column; the first run is background
(perhaps of length 0). The *compressed* form stores each length as its difference from the length two runs
before, in digits of 5 bits with a "more follows" bit, as printable characters.
Source: Lin et al., "Microsoft COCO", 2014, arXiv:1405.0312; the code is that of the COCO API, maskApi.c.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from torch import Tensor

from coursekit.ops.argument import PIXELS, expect, expect_image_size

DIGIT_BITS, MORE, SIGN, FIRST_CHARACTER = 5, 32, 16, 48
NUMBER = re.compile(rb"[P-o]{0,6}[0-O]")  # up to six digits that say "more follows", and the last: 35 bits
POLYGON_SCALE = 5  # COCO draws outlines on a grid five times finer
MOST_PIXELS = 2**31  # of one image
FARTHEST = 100_000  # pixels: beyond, an outline would take seconds and gigabytes


def rle_encode(mask: Tensor | np.ndarray) -> dict[str, Any]:
    """Return COCO's compressed run-length code of a mask, ready for JSON: {"size": [H, W], "counts": str}.

    Shapes: (H, W) bool, or numbers of which the non-zero ones are object.
    Raises:
        ValueError: a mask that is not two-dimensional, or not of numbers.
    Like pycocotools' `mask.encode`, character by character, but `counts` is str, not bytes.

    >>> rle_encode(torch.tensor([[0, 1], [0, 1]]))
    {'size': [2, 2], 'counts': '22'}
    """
    pixels = mask.detach().bool().cpu().numpy() if isinstance(mask, Tensor) else np.asarray(mask) != 0
    if pixels.ndim != 2:
        raise ValueError(f"the mask has shape {pixels.shape}, not (H, W): encode one mask at a time.")
    return {"size": list(pixels.shape), "counts": _write_counts(_run_lengths(pixels))}


def rle_decode(rle: dict[str, Any]) -> Tensor:
    """Return the mask (H, W), bool, of a COCO run-length code.

    Args:
        rle: {"size": [H, W], "counts": compressed str or bytes, or a plain list of run lengths}.
    Raises:
        ValueError: a code that is cut off, has foreign characters or a negative run, or does not fill H x W pixels.
    Like pycocotools' `mask.decode`, column by column in memory too, but a malformed code raises instead of
    reading foreign memory.

    >>> rle_decode({"size": [2, 2], "counts": [2, 2]})
    tensor([[False,  True],
            [False,  True]])
    """
    height, width = _size(rle)
    counts = rle["counts"]
    lengths = _read_counts(counts) if isinstance(counts, str | bytes) else _read_list(counts)
    if min(lengths, default=0) < 0:
        raise ValueError(f"malformed run-length code: it has a run of {min(lengths)} pixels, below 0.")
    if sum(lengths) != height * width:
        raise ValueError(
            f"malformed run-length code: its runs cover {sum(lengths)} pixels, "
            f"but the mask has {height} x {width} = {height * width}."
        )
    return _filled(lengths, width, height)  # (H, W)


def masks_to_boxes(masks: Tensor) -> Tensor:
    """Return the smallest box around each mask, xyxy with exclusive ends; zeros for a mask without pixels.

    Shapes: (N, H, W) -> (N, 4) float32.
    Raises:
        ValueError: masks of another shape; those of a prediction, (N, 1, H, W), are `masks[:, 0]`.
    Like torchvision's `masks_to_boxes`, but x2 and y2 are exclusive: 4 x 3 pixels have area 12, not 6.

    >>> masks_to_boxes(torch.ones(1, 3, 4, dtype=torch.bool))
    tensor([[0., 0., 4., 3.]])
    """
    expect("masks", masks, "(N, H, W)", PIXELS)
    if masks.numel() == 0:
        return torch.zeros(len(masks), 4, device=masks.device)
    pixels = masks.detach().bool().cpu().numpy()  # NumPy looks at many pixels at once
    columns, rows = np.asarray(pixels.any(1)), np.asarray(pixels.any(2))  # (N, W), (N, H)
    (x1, x2), (y1, y2) = _extent(columns), _extent(rows)
    boxes = np.stack([x1, y1, x2, y2], 1) * np.asarray(rows.any(1))[:, None]  # (N, 4)
    return torch.from_numpy(boxes).float().to(masks.device)


def polygons_to_mask(polygons: Sequence[Sequence[float]], size: tuple[int, int]) -> Tensor:
    """Return the union of COCO polygons as a mask, by COCO's own rule of which pixels an outline covers.

    Shapes: -> (H, W) bool.
    Args:
        polygons: each [x1, y1, x2, y2, ...] in pixels, at least three points.
        size: (height, width) of the image.
    Raises:
        ValueError: a polygon with fewer than three points or a missing coordinate, a point farther out than 100,000
            pixels, or a size that is not (height, width).
    Like pycocotools' `frPyObjects`, `merge` and `decode`, pixel by pixel.

    >>> polygons_to_mask([[1, 0, 3, 0, 3, 2, 1, 2]], size=(2, 4)).int()
    tensor([[0, 1, 1, 0],
            [0, 1, 1, 0]], dtype=torch.int32)
    """
    expect_image_size("size", size)
    height, width = map(int, size)
    masks = [_polygon(_points(polygon), height, width) for polygon in polygons]
    return masks[0] if len(masks) == 1 else torch.stack([_empty(height, width), *masks]).any(0)


def _run_lengths(mask: np.ndarray) -> list[int]:
    pixels = mask.T.ravel()  # column by column
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    first_is_object = bool(pixels[:1].any())  # then an empty run of background comes first
    ends = np.concatenate([np.zeros(1 + first_is_object, int), changes, [pixels.size]])
    return (ends[1:] - ends[:-1]).tolist()


def _write_counts(lengths: list[int]) -> str:
    changes = [length - before for length, before in zip(lengths[3:], lengths[1:], strict=False)]
    return "".join(map(_in_digits, lengths[:3] + changes))


@lru_cache(maxsize=2**16)
def _in_digits(number: int) -> str:
    """The characters of one number, the lowest five bits first."""
    text = ""
    while not -SIGN <= number < SIGN:
        text += chr((number & (MORE - 1)) + MORE + FIRST_CHARACTER)
        number >>= DIGIT_BITS
    return text + chr((number & (MORE - 1)) + FIRST_CHARACTER)


def _read_counts(counts: str | bytes) -> list[int]:
    code = counts.encode("utf-8", "surrogatepass") if isinstance(counts, str) else counts
    words = NUMBER.findall(code)
    if not words or sum(map(len, words)) != len(code):
        raise ValueError(f"malformed run-length code: {_fault(code)}.")
    numbers = list(map(_from_digits, words))
    numbers[1::2] = accumulate(numbers[1::2])  # each length was stored as its change from two runs before,
    numbers[2::2] = accumulate(numbers[2::2])  # except the first of all
    return numbers


@lru_cache(maxsize=2**16)
def _from_digits(word: bytes) -> int:
    """The number that some characters stand for: the inverse of `_in_digits`."""
    digits = [character - FIRST_CHARACTER for character in word]
    number = sum((digit & (MORE - 1)) << DIGIT_BITS * place for place, digit in enumerate(digits))
    return number - (1 << DIGIT_BITS * len(word)) if digits[-1] & SIGN else number  # two's complement


def _fault(code: bytes) -> str:
    if not all(0 <= character - FIRST_CHARACTER < 2 * MORE for character in code):
        return "it contains a character that COCO's code does not use"
    if not code or code[-1] - FIRST_CHARACTER >= MORE:
        return "it ends in the middle of a number, or is empty"
    return "it contains a run longer than any image"


def _read_list(counts: Any) -> list[int]:
    try:
        lengths = np.asarray(counts, float).reshape(-1)
    except (TypeError, ValueError):
        lengths = np.array([np.nan])
    if not np.array_equal(lengths, np.trunc(lengths)) or not np.isfinite(lengths).all():
        raise ValueError("malformed run-length code: 'counts' must be a string or a list of whole numbers.")
    return lengths.astype(int).tolist()


def _size(rle: dict[str, Any]) -> tuple[int, int]:
    if not isinstance(rle, dict) or not {"size", "counts"} <= rle.keys():
        raise ValueError("malformed run-length code: it needs the keys 'size' and 'counts'.")
    size = rle["size"]
    sides = size if isinstance(size, Sequence) and len(size) == 2 else (None,)
    if not all(isinstance(side, int) and side >= 0 for side in sides):
        raise ValueError(f"malformed run-length code: 'size' is {size!r}, not [height, width].")
    if size[0] * size[1] > MOST_PIXELS:
        raise ValueError(f"malformed run-length code: 'size' is {size!r}, larger than any image.")
    return size[0], size[1]


def _filled(lengths: Sequence[int] | np.ndarray, width: int, height: int) -> Tensor:
    """The mask of runs of background and object in turns, column by column: (H, W)."""
    is_object = np.zeros(len(lengths), bool)
    is_object[1::2] = True
    return torch.from_numpy(np.repeat(is_object, lengths)).view(width, height).T


def _empty(height: int, width: int) -> Tensor:
    return torch.zeros(height, width, dtype=torch.bool)


def _extent(occupied: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and one past the last true entry of each row: (N, L) -> (N,), (N,)."""
    return occupied.argmax(1), occupied.shape[1] - occupied[:, ::-1].argmax(1)


def _points(polygon: Sequence[float]) -> np.ndarray:
    try:
        numbers = np.asarray(polygon, float)
    except (TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.ndim != 1 or len(numbers) < 6 or len(numbers) % 2 or not np.isfinite(numbers).all():
        raise ValueError("malformed polygon: it must be [x1, y1, x2, y2, ...] with three or more points.")
    if np.abs(numbers).max() > FARTHEST:
        far = np.abs(numbers).max()
        raise ValueError(
            f"malformed polygon: a point lies {far:g} pixels out; at most {FARTHEST} can be drawn."
        )
    return numbers.reshape(-1, 2)  # (points, 2)


def _polygon(points: np.ndarray, height: int, width: int) -> Tensor:
    x, y = _outline((POLYGON_SCALE * points + 0.5).astype(int))
    step = np.flatnonzero(x[1:] != x[:-1])
    column = np.minimum(x[step], x[step + 1])
    row = (np.minimum(y[step], y[step + 1]) + 0.5) / POLYGON_SCALE - 0.5
    column, centred = np.divmod(column, POLYGON_SCALE)
    # Only where the outline crosses the middle of a column of pixels does it count.
    kept = (centred == POLYGON_SCALE // 2) & (column >= 0) & (column < width)
    crossings = column[kept] * height + np.ceil(row[kept].clip(0, height)).astype(int)
    crossings.sort()  # between two of them everything is alike
    return _filled(np.diff(crossings, prepend=0, append=height * width), width, height)  # (H, W)


def _outline(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points of the fine grid along all edges, one a step of an edge's longer axis: x and y."""
    ends = np.roll(corners, -1, 0)
    sides = np.abs(ends - corners)
    steep = sides[:, 1] > sides[:, 0]
    # COCO rounds alike in both directions: an edge that runs backwards is drawn from its end.
    backwards = np.where(steep, corners[:, 1] > ends[:, 1], corners[:, 0] > ends[:, 0])[:, None]
    first, last = np.where(backwards, ends, corners), np.where(backwards, corners, ends)
    steps = sides.max(1)
    edge = np.repeat(np.arange(len(corners)), steps + 1)
    along = np.arange(len(edge)) - (np.cumsum(steps + 1) - steps - 1)[edge]
    along = np.where(backwards[edge, 0], steps[edge] - along, along)
    slope = (last - first) / np.maximum(steps, 1)[:, None]  # (edges, 2): 1 along the longer axis
    x = (first[edge, 0] + slope[edge, 0] * along + 0.5).astype(int)
    y = (first[edge, 1] + slope[edge, 1] * along + 0.5).astype(int)
    return np.where(steep[edge], x, first[edge, 0] + along), np.where(steep[edge], first[edge, 1] + along, y)
