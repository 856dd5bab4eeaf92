"""The small regions that selective search begins with, and all it needs to know of each.

Inside, an image is an (H, W, 3) NumPy array and a region is the number of a row.
Source: Uijlings et al., "Selective Search for Object Recognition", IJCV 104, 2013, section 3.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.ndimage import find_objects, gaussian_filter1d
from skimage.color import rgb2hsv, rgb2lab
from skimage.segmentation import felzenszwalb
from torch import Tensor

SPACES = ("rgb", "hsv", "lab")
COLOUR_BINS, TEXTURE_BINS, DIRECTIONS = 25, 10, 8


class Regions(NamedTuple):
    """What selective search knows of the R regions of an image: no pixel is looked at again after this."""

    colour: np.ndarray  # (R, 75) histogram of three channels, sums to 1
    texture: np.ndarray  # (R, 240) histogram of the slopes of three channels in eight directions, sums to 1
    size: np.ndarray  # (R,) in pixels
    box: np.ndarray  # (R, 4) xyxy pixels, exclusive ends
    neighbours: list[set[int]]  # of each region, those that share an edge of a pixel with it
    image_size: int  # in pixels


def to_space(image: Tensor, space: str) -> np.ndarray:
    """Return the pixels in another colour space, every channel in [0, 1].

    Shapes: (3, H, W) -> (H, W, 3).
    Args:
        space: "rgb"; "hsv" hue, saturation, value; "lab" lightness and two opponent colours.
    Raises:
        ValueError: an unknown space, or no image of that shape and range.
    """
    if space not in SPACES:
        raise ValueError(f"unknown colour space {space!r}: use one of {', '.join(SPACES)}.")
    if image.ndim != 3 or len(image) != 3 or not image.numel():
        raise ValueError(
            f"the image has shape {tuple(image.shape)}: it must be (3, height, width), with pixels."
        )
    if not (image.is_floating_point() and image.min() >= 0 and image.max() <= 1):  # NaN is neither
        raise ValueError("the image must be floats in [0, 1], without NaN: divide bytes by 255.")
    pixels = image.detach().cpu().double().permute(1, 2, 0).numpy()  # (H, W, 3)
    if space == "lab":
        return (rgb2lab(pixels) / [100, 255, 255] + [0, 0.5, 0.5]).clip(0, 1)
    return rgb2hsv(pixels) if space == "hsv" else pixels


def segment(pixels: np.ndarray, scale: float = 100, min_size: int = 100) -> np.ndarray:
    """Return the small regions to begin with: a label map of 0 to R - 1.

    Two regions stay apart when even the weakest step between them is larger than the steps that hold one of them
    together, plus scale / its size: a rough surface stays whole, a small region needs a strong border.

    Shapes: (H, W, 3) -> (H, W).
    Args:
        scale: the larger, the larger the regions; for channels of 0 to 255, as the paper's k.
        min_size: pixels; smaller regions join a neighbour across their weakest border.
    Source: Felzenszwalb and Huttenlocher, "Efficient Graph-Based Image Segmentation", IJCV 59, 2004.
    """
    return felzenszwalb(pixels, scale=scale, sigma=0.8, min_size=min_size)


def describe_regions(pixels: np.ndarray, labels: np.ndarray) -> Regions:
    """Return what the grouping needs to know of each region.

    Shapes: (H, W, 3), (H, W) -> R rows.
    Args:
        pixels: in [0, 1], from `to_space`.
        labels: every number from 0 to R - 1 at least once.
    Raises:
        ValueError: shapes that do not fit, pixels out of range, or a number that is left out.

    >>> regions = describe_regions(np.zeros((2, 4, 3)), np.array([[0, 0, 1, 2], [0, 0, 1, 1]]))
    >>> regions.size, regions.box.tolist(), regions.neighbours
    (array([4, 3, 1]), [[0, 0, 2, 2], [2, 0, 4, 2], [3, 0, 4, 1]], [{1}, {0, 2}, {1}])
    """
    if pixels.ndim != 3 or pixels.shape[:2] != labels.shape:
        raise ValueError(
            f"pixels {pixels.shape} and labels {labels.shape} do not fit: use (H, W, 3) and (H, W)."
        )
    if not (pixels.min(initial=1) >= 0 and pixels.max(initial=0) <= 1):  # NaN is neither
        raise ValueError("the pixels must lie in [0, 1], without NaN: use `to_space`.")
    found = np.unique(labels)
    if labels.dtype.kind != "i" or not labels.size or not np.array_equal(found, np.arange(len(found))):
        raise ValueError("the labels must be whole numbers 0 to R - 1, each at least once: renumber them.")
    places = find_objects(labels + 1)
    box = np.array([[columns.start, rows.start, columns.stop, rows.stop] for rows, columns in places])
    colour = _histograms(pixels, labels, COLOUR_BINS)
    texture = _histograms(_slopes(pixels), labels, TEXTURE_BINS)
    return Regions(colour, texture, np.bincount(labels.ravel()), box, _neighbours(labels), labels.size)


def _slopes(pixels: np.ndarray) -> np.ndarray:
    """Gaussian derivatives in eight directions, downhill cut off, each scaled to [0, 1]: (H, W, 3 * 8)."""
    x, y = (gaussian_filter1d(pixels, 1, axis, order=1)[..., None] for axis in (1, 0))  # (H, W, 3, 1)
    angles = np.arange(DIRECTIONS) * 2 * math.pi / DIRECTIONS
    slopes = (x * np.cos(angles) + y * np.sin(angles)).clip(0).reshape(*pixels.shape[:2], -1)
    steepest = slopes.max((0, 1))
    return slopes / np.where(steepest > 0, steepest, 1)


def _histograms(channels: np.ndarray, labels: np.ndarray, bins: int) -> np.ndarray:
    """One histogram a region over all channels: (H, W, C) in [0, 1], (H, W) -> (R, C * bins), each sums to 1."""
    number = channels.shape[2]
    level = (channels * bins).astype(int).clip(max=bins - 1)  # (H, W, C)
    code = (labels[..., None] * number + np.arange(number)) * bins + level
    counts = np.bincount(code.ravel(), minlength=(labels.max() + 1) * number * bins)
    counts = counts.reshape(-1, number * bins)  # (R, C * bins)
    return counts / counts.sum(1, keepdims=True)


def _neighbours(labels: np.ndarray) -> list[set[int]]:
    sides = ((labels[:, 1:], labels[:, :-1]), (labels[1:], labels[:-1]))
    pairs = np.concatenate([np.stack([a[a != b], b[a != b]], 1) for a, b in sides])  # (edges, 2)
    neighbours: list[set[int]] = [set() for _ in range(labels.max() + 1)]
    for i, j in np.unique(pairs, axis=0).tolist():
        neighbours[i].add(j)
        neighbours[j].add(i)
    return neighbours
