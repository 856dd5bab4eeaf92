"""Selective search: merge the two neighbouring regions that are most alike, again and again, until one is left.

Every region that was there at some time may be an object, small or large: its box is a proposal. Nothing is learned.
Several colour spaces, region sizes and similarities make up for each other's mistakes.
Source: Uijlings et al., "Selective Search for Object Recognition", IJCV 104, 2013.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from coursekit.proposals.regions import Regions, describe_regions, segment, to_space


class Merge(NamedTuple):
    """One step of the grouping: regions `first` and `second` become the region number `merged`."""

    first: int
    second: int
    merged: int
    similarity: float
    box: tuple[int, ...]  # xyxy pixels, of the merged region


Similarity = Callable[[Regions, int, np.ndarray], np.ndarray]  # of region i with each region in j: (len(j),)


def colour_similarity(regions: Regions, i: int, j: np.ndarray) -> np.ndarray:
    """Return the histogram intersection of the colours, in [0, 1]. Source: Uijlings et al., 2013, eq. 1."""
    return np.minimum(regions.colour[i], regions.colour[j]).sum(-1)


def texture_similarity(regions: Regions, i: int, j: np.ndarray) -> np.ndarray:
    """Return the histogram intersection of the textures, in [0, 1]. Source: Uijlings et al., 2013, eq. 3."""
    return np.minimum(regions.texture[i], regions.texture[j]).sum(-1)


def size_similarity(regions: Regions, i: int, j: np.ndarray) -> np.ndarray:
    """Return the share of the image that both leave: small regions merge early. Source: 2013, eq. 4."""
    return 1 - (regions.size[i] + regions.size[j]) / regions.image_size


def fill_similarity(regions: Regions, i: int, j: np.ndarray) -> np.ndarray:
    """Return 1 minus the share of the image that their common box has but neither region covers.

    A region merges early with one that fills its holes. Source: Uijlings et al., 2013, eq. 5.
    """
    x1, y1 = np.minimum(regions.box[i], regions.box[j]).T[:2]
    x2, y2 = np.maximum(regions.box[i], regions.box[j]).T[2:]
    return 1 - ((x2 - x1) * (y2 - y1) - regions.size[i] - regions.size[j]) / regions.image_size


SIMILARITIES = (colour_similarity, texture_similarity, size_similarity, fill_similarity)


def selective_search(
    image: Tensor,
    spaces: Sequence[str] = ("hsv", "lab"),
    scales: Sequence[float] = (50, 100),
    mixes: Sequence[Sequence[Similarity]] = (SIMILARITIES, SIMILARITIES[1:]),
    min_size: int = 100,
    seed: int = 0,
) -> Tensor:
    """Return the boxes of all regions of all groupings, without repetition, the best guess first.

    Each combination of a space, a scale and a mix of similarities is one grouping. Rank k from the top of a
    grouping (the whole image has rank 1) is multiplied by a random number, and the smallest products come first:
    without chance, all the large boxes would. The seed makes the order the same in every run.

    Shapes: (3, H, W) -> (P, 4) float32, xyxy pixels; P differs from image to image.
    Args:
        image: floats in [0, 1]. An image of one colour has one proposal, the whole of it.
        spaces, scales: as in `segment`; the defaults are the paper's "fast" version.
        mixes: the similarities that are added up, one tuple a grouping.
        min_size: smallest region to begin with, in pixels.
    Raises:
        ValueError: no image of that shape and range, NaN, an unknown space, or nothing to combine.
    Source: Uijlings et al., 2013, sections 3.1 to 3.3.
    """
    if not (spaces and scales and mixes):
        raise ValueError("selective search needs at least one colour space, one scale and one mix.")
    groupings = []
    for space in spaces:
        pixels = to_space(image, space)
        for scale in scales:
            regions = describe_regions(pixels, segment(pixels, scale, min_size))
            for mix in mixes:
                merged = [merge.box for merge in merge_regions(regions, mix)]
                groupings.append(np.array([*regions.box.tolist(), *merged])[::-1])  # the whole image first
    return torch.from_numpy(_ranked(groupings, seed)).float()


def merge_regions(regions: Regions, similarities: Sequence[Similarity] = SIMILARITIES) -> Iterator[Merge]:
    """Yield the merges one by one, the most similar neighbours first, until one region is left.

    Of equally similar pairs the one with the lowest numbers comes first, so the order is always the same. The new
    regions are numbered R, R + 1, ...; the regions handed in stay as they are.

    Args:
        similarities: functions whose sum decides, at least one.
    Raises:
        ValueError: no similarity at all.
    Source: Uijlings et al., 2013, algorithm 1.

    >>> pixels = np.array([[[0.0], [0.1], [0.9]]]) * np.ones(3)  # black, nearly black, nearly white
    >>> merges = merge_regions(describe_regions(pixels, np.array([[0, 1, 2]])), [size_similarity])
    >>> [(merge.first, merge.second, merge.merged, merge.box) for merge in merges]
    [(0, 1, 3, (0, 0, 2, 1)), (2, 3, 4, (0, 0, 3, 1))]
    """
    if not similarities:
        raise ValueError("regions are merged by how similar they are: name at least one similarity.")
    regions, gone = _with_room(regions), set()
    ahead = [{k for k in near if k > i} for i, near in enumerate(regions.neighbours)]  # each pair once
    pairs = [pair for i, near in enumerate(ahead) for pair in _compare(regions, i, near, similarities)]
    heapq.heapify(pairs)  # the smallest first, and that is the most similar
    while pairs:
        minus_similarity, i, j = heapq.heappop(pairs)
        if i in gone or j in gone:
            continue
        gone |= {i, j}
        merged = _join(regions, i, j, gone)
        for pair in _compare(regions, merged, regions.neighbours[merged], similarities):
            heapq.heappush(pairs, pair)
        yield Merge(i, j, merged, -minus_similarity, tuple(regions.box[merged].tolist()))


def merged_labels(labels: np.ndarray, merges: Iterable[Merge]) -> np.ndarray:
    """Return the label map after these merges, in their order: a picture of one moment of the grouping.

    Shapes: (H, W) -> (H, W).

    >>> merged_labels(np.array([[0, 1, 2]]), [Merge(0, 1, 3, 1.5, (0, 0, 2, 1))])
    array([[3, 3, 2]])
    """
    labels = labels.copy()
    for merge in merges:
        labels[(labels == merge.first) | (labels == merge.second)] = merge.merged
    return labels


def _ranked(groupings: list[np.ndarray], seed: int) -> np.ndarray:
    """The boxes of all groupings, each from the whole image down, in one order without repetition: (P, 4)."""
    random = np.random.default_rng(seed)
    priority = np.concatenate([np.arange(1, len(g) + 1) * random.random(len(g)) for g in groupings])
    boxes = np.concatenate(groupings)[priority.argsort()]
    _, first = np.unique(boxes, axis=0, return_index=True)
    return boxes[np.sort(first)]


def _compare(
    regions: Regions, i: int, others: set[int], similarities: Sequence[Similarity]
) -> list[tuple[float, int, int]]:
    """(minus the similarity, lower number, higher number) of region i with each of the others."""
    j = np.array(sorted(others), dtype=int)
    total = np.zeros(len(j))
    for similarity in similarities:
        total += similarity(regions, i, j)
    return [(-s, min(i, k), max(i, k)) for s, k in zip(total.tolist(), j.tolist(), strict=True)]


def _with_room(regions: Regions) -> Regions:
    """A copy with R - 1 more rows, for the merged regions."""
    more = len(regions.size) - 1
    colour, texture, size, box = (np.concatenate([part, np.zeros_like(part[:more])]) for part in regions[:4])
    neighbours = [set(near) for near in regions.neighbours]
    return Regions(colour, texture, size, box, neighbours, regions.image_size)


def _join(regions: Regions, i: int, j: int, gone: set[int]) -> int:
    """Fill in the row of the region made of i and j, and return its number."""
    new = len(regions.neighbours)
    size_i, size_j = regions.size[[i, j]]
    regions.size[new] = size_i + size_j
    for histogram in (regions.colour, regions.texture):
        histogram[new] = (size_i * histogram[i] + size_j * histogram[j]) / (size_i + size_j)
    regions.box[new, :2] = np.minimum(regions.box[i, :2], regions.box[j, :2])
    regions.box[new, 2:] = np.maximum(regions.box[i, 2:], regions.box[j, 2:])
    near = (regions.neighbours[i] | regions.neighbours[j]) - gone
    regions.neighbours.append(near)
    for k in near:
        regions.neighbours[k].add(new)
    return new
