"""Many masks as the runs of their pixels, to overlap all pairs of a data set at once without drawing them.

Pixels are counted column by column, as in COCO's run-length code. A mask of a thousand pixels is a few dozen
runs, and the pixels of a mask in front of a place grow linearly inside a run and stay the same outside:
`np.interp` reads them off, for every run of every partner in one call.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from coursekit.metrics.groups import ranges
from coursekit.ops.mask import rle_decode, rle_encode

DIGIT_BITS, MORE, SIGN, FIRST_CHARACTER, MOST_DIGITS = 5, 32, 16, 48, 7  # of COCO's code: see ops/mask.py


class Runs(NamedTuple):
    """N masks with R runs in all, the runs of a mask next to each other and from its first pixel on."""

    owner: np.ndarray  # (R,) ascending: which mask a run belongs to
    ends: np.ndarray  # (R, 2) first pixel and one past the last
    size: np.ndarray  # (N, 2) height and width of the image of each mask


def runs_of_masks(masks: Tensor) -> Runs:
    """Return the runs of masks (N, H, W) bool.

    >>> import torch
    >>> runs_of_masks(torch.tensor([[[0, 1], [0, 1]]]) == 1).ends.tolist()
    [[2, 4]]
    """
    columns = F.pad(masks.cpu().transpose(1, 2).flatten(1), (1, 1))  # (N, 1 + W * H + 1)
    changes = (columns[:, 1:] != columns[:, :-1]).nonzero().numpy()  # (2R, 2): mask, pixel
    size = np.tile(masks.shape[1:], (len(masks), 1))
    return Runs(changes[::2, 0], changes[:, 1].reshape(-1, 2), size)


def runs_of_codes(codes: Sequence[dict[str, Any]]) -> Runs:
    """Return the runs of COCO's run-length codes, compressed or not, all of them at once.

    Raises:
        ValueError: a malformed code, as `rle_decode`.

    >>> runs_of_codes([{"size": [2, 2], "counts": [2, 2]}, {"size": [2, 2], "counts": "13"}]).ends.tolist()
    [[2, 4], [1, 4]]
    """
    if not len(codes):
        return join_runs([])
    texts, size = _texts_and_sizes(codes)
    digits = np.frombuffer(b"".join(texts), np.uint8) - np.uint8(FIRST_CHARACTER)
    text_end = np.cumsum([len(text) for text in texts])
    if size is None or not all(texts) or digits.max() >= 2 * MORE or (digits[text_end - 1] >= MORE).any():
        _complain(codes)
    assert size is not None  # otherwise `_complain` has raised
    numbers, count = _read_numbers(digits, text_end)
    start = np.cumsum(count) - count  # the first number of each code
    lengths, is_object = _undo_differences(numbers, start, count)
    end = np.cumsum(lengths)
    before = end[start] - lengths[start]  # pixels of all codes in front of each
    if (lengths < 0).any() or (np.diff(before, append=end[-1]) != size.prod(1)).any():
        _complain(codes)
    kept = np.flatnonzero(is_object & (lengths > 0))
    owner = np.repeat(np.arange(len(codes)), count)[kept]
    last = end[kept] - before[owner]
    return Runs(owner, np.stack([last - lengths[kept], last], 1), size)


def join_runs(parts: Sequence[Runs]) -> Runs:
    """Return the runs of several sets of masks as those of one."""
    if not parts:
        return Runs(np.zeros(0, int), np.zeros((0, 2), int), np.zeros((0, 2), int))
    first = np.cumsum([0, *(len(part.size) for part in parts[:-1])])
    owner = np.concatenate([part.owner + k for part, k in zip(parts, first, strict=True)])
    return Runs(owner, np.concatenate([p.ends for p in parts]), np.concatenate([p.size for p in parts]))


def run_areas(runs: Runs) -> np.ndarray:
    """Return the pixels of each mask: (N,) float."""
    return np.bincount(runs.owner, np.diff(runs.ends)[:, 0], len(runs.size))


def run_boxes(runs: Runs) -> np.ndarray:
    """Return the smallest box around each mask, xyxy with exclusive ends: (N, 4) float; zeros around nothing."""
    boxes = np.zeros((len(runs.size), 4))
    first = np.flatnonzero(np.diff(runs.owner, prepend=-1))  # the first run of each mask
    if not len(first):
        return boxes
    owner, height = runs.owner[first], runs.size[runs.owner, 0]
    last = np.append(first[1:], len(runs.owner)) - 1
    top = runs.ends[:, 0] % height
    bottom = top + runs.ends[:, 1] - runs.ends[:, 0]
    turns = bottom > height  # a run that goes on in the next column touches both edges of the image
    boxes[owner, 0] = runs.ends[first, 0] // height[first]
    boxes[owner, 1] = np.minimum.reduceat(np.where(turns, 0, top), first)
    boxes[owner, 2] = (runs.ends[last, 1] - 1) // height[last] + 1
    boxes[owner, 3] = np.maximum.reduceat(np.where(turns, height, bottom), first)
    return boxes


def shared_pixels(a: Runs, b: Runs, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Return how many pixels mask i of `a` and mask j of `b` share, for each of P pairs: (P,) float."""
    first, last = np.searchsorted(b.owner, j), np.searchsorted(b.owner, j, side="right")
    pair, run = ranges(first, last - first)
    if not len(run) or not len(a.ends):
        return np.zeros(len(i))
    span = 1 + max(a.ends.max(), b.ends.max())  # the masks of `a` lie end to end on one line
    line = (a.ends + a.owner[:, None] * span).ravel()
    before = np.cumsum(np.diff(a.ends)[:, 0])
    pixels = np.stack([before - np.diff(a.ends)[:, 0], before], 1).ravel()
    below = np.interp(b.ends[run] + i[pair, None] * span, line, pixels)  # (runs of b, 2)
    return np.bincount(pair, below[:, 1] - below[:, 0], len(i))


def _texts_and_sizes(codes: Sequence[dict[str, Any]]) -> tuple[list[bytes], np.ndarray | None]:
    """The compressed form of each code, and height and width (N, 2); no sizes when one is malformed."""
    try:
        counts = [code["counts"] for code in codes]
        size = np.array([code["size"] for code in codes])
    except (TypeError, KeyError, IndexError, ValueError):
        return [], None
    if not {str, bytes}.issuperset(map(type, counts)):
        counts = [rle_encode(rle_decode(code))["counts"] for code in codes]
    texts = [text.encode("utf-8", "surrogatepass") if type(text) is str else text for text in counts]
    well_formed = size.shape == (len(codes), 2) and size.dtype.kind == "i" and (size >= 0).all()
    return texts, size if well_formed else None


def _complain(codes: Sequence[dict[str, Any]]) -> None:
    for code in codes:
        rle_decode(code)  # says in words what is wrong
    raise ValueError("malformed run-length code.")


def _read_numbers(digits: np.ndarray, text_end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of all codes, and how many each code has."""
    last = np.flatnonzero(digits < MORE)
    length = np.diff(last, prepend=-1)  # digits of each number
    first = last - length + 1
    numbers = (digits[first] & (MORE - 1)).astype(int)
    for place in range(1, min(length.max(), MOST_DIGITS)):
        longer = np.flatnonzero(length > place)  # few: most numbers are small
        numbers[longer] += (digits[first[longer] + place] & (MORE - 1)).astype(int) << DIGIT_BITS * place
    negative = digits[last] & SIGN > 0
    numbers -= np.where(negative, 1 << DIGIT_BITS * np.minimum(length, MOST_DIGITS), 0)  # two's complement
    numbers[length > MOST_DIGITS] = -1  # longer than any image
    return numbers, np.diff(np.searchsorted(last, text_end), prepend=0)


def _undo_differences(
    numbers: np.ndarray, start: np.ndarray, count: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the run lengths, and which are object; each was stored as its change from two runs before, but the first."""
    begin = np.repeat(start, count)
    is_odd = (np.arange(len(numbers)) - begin) & 1
    sums = np.concatenate([[0, 0], numbers])
    sums[2 + start] = 0
    for parity in (0, 1):
        sums[parity::2] = np.cumsum(sums[parity::2])  # over all codes; what came before a code is taken off
    lengths = sums[2:] - sums[begin + is_odd]
    lengths[start] = numbers[start]
    return lengths, is_odd == 1
