"""Lab 12, fourth part: what a skip connection passes on."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from coursekit.models.unet import join_skip

JOIN_SKIP = Exercise(
    join_skip,
    picture=cells_picture,
    hints=(
        "Both maps belong to the same images. Their numbers of channels may differ, and the coarse one may be a row or a column larger.",
        "Cut coarse to skip.shape[2:] at the end of both axes, then concatenate both along axis 1.",
        "height, width = skip.shape[2:]\n"
        "return torch.cat([coarse…, skip], 1)  # coarse, cut to the size of the skip",
    ),
    cases=(
        Case("one channel each, 2 x 2", (torch.ones(1, 1, 2, 2), 2 * torch.ones(1, 1, 2, 2))),
        Case("one channel each, 2 x 3", (torch.ones(1, 1, 2, 3), 2 * torch.ones(1, 1, 2, 3))),
        Case("two channels and three", (normal(2, 2, 2, 4), normal(2, 3, 2, 4, seed=1))),
        Case("one row and one column too many", (normal(1, 2, 4, 6), normal(1, 1, 3, 5, seed=1))),
        Case("one row too many", (normal(2, 3, 4, 4), normal(2, 1, 3, 4, seed=1))),
        Case("one column too many", (normal(2, 1, 3, 5), normal(2, 2, 3, 4, seed=1))),
        Case("equal channels", (normal(1, 2, 3, 3), normal(1, 2, 3, 2, seed=1))),
        Case("the gradient", (normal(1, 2, 4, 4), normal(1, 3, 3, 4, seed=1)), True),
    ),
)


@JOIN_SKIP.wrong(
    "a sum instead of a concatenation",
    "That is the other kind of skip connection, which needs equal numbers of channels. Here the channels are concatenated.",
)
def _sum(coarse: Tensor, skip: Tensor) -> Tensor:
    return coarse[:, :, : skip.shape[2], : skip.shape[3]] + skip


@JOIN_SKIP.wrong("the skip first", "The map from below comes first, then the skip.")
def _skip_first(coarse: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([skip, coarse[:, :, : skip.shape[2], : skip.shape[3]]], 1)


@JOIN_SKIP.wrong("images side by side", "Axis 1 is the channels; axis 0 is the images.")
def _more_images(coarse: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([coarse[:, :, : skip.shape[2], : skip.shape[3]], skip], 0)


@JOIN_SKIP.wrong(
    "an error if there is something to cut", "Twice 2 is 4, but the skip may have 3: cut to its size."
)
def _not_cut(coarse: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([coarse, skip], 1)


@JOIN_SKIP.wrong("the skip upsampled", "The skip already has the right size: cut the coarse map.")
def _skip_grows(coarse: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([coarse, F.interpolate(skip, coarse.shape[2:])], 1)


@JOIN_SKIP.wrong(
    "the coarse map resized", "Resizing shifts it by a fraction of a pixel: cut the last row or column."
)
def _shrunk(coarse: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([F.interpolate(coarse, skip.shape[2:], mode="bilinear"), skip], 1)


@JOIN_SKIP.wrong("a cut at the start", "Cell 0 belongs to cell 0: the surplus row or column is at the end.")
def _cut_at_the_start(coarse: Tensor, skip: Tensor) -> Tensor:
    top, left = (coarse.shape[axis] - skip.shape[axis] for axis in (2, 3))
    return torch.cat([coarse[:, :, top:, left:], skip], 1)


@JOIN_SKIP.wrong("no gradient to the skip", "The encoder is trained through the skip too.")
def _skip_detached(coarse: Tensor, skip: Tensor) -> Tensor:
    return join_skip(coarse, skip.detach())


def _joined(change: Callable) -> Callable:
    """An answer that changes the two maps before it joins them, the coarse one already cut: change(coarse, skip)."""
    return lambda coarse, skip: change(coarse[:, :, : skip.shape[2], : skip.shape[3]], skip)


CUT = "Cut the coarse map to the height and the width of the skip, at the end: [:, :, :h, :w]."
for name, story, function in (
    (
        "a row and a column cut in every case",
        CUT,
        lambda coarse, skip: torch.cat([coarse[:, :, :-1, :-1], skip], 1),
    ),
    ("only rows cut", CUT, lambda coarse, skip: torch.cat([coarse[:, :, : skip.shape[2]], skip], 1)),
    ("only columns cut", CUT, lambda coarse, skip: torch.cat([coarse[:, :, :, : skip.shape[3]], skip], 1)),
    (
        "height and width swapped",
        CUT,
        lambda coarse, skip: torch.cat([coarse[:, :, : skip.shape[3], : skip.shape[2]], skip], 1),
    ),
    (
        "the skip padded to the coarse size",
        "The result has the size of the skip: cut the coarse map.",
        lambda coarse, skip: torch.cat(
            [coarse, F.pad(skip, (0, coarse.shape[3] - skip.shape[3], 0, coarse.shape[2] - skip.shape[2]))], 1
        ),
    ),
    (
        "the coarse map averaged to the smaller size",
        "Averaging mixes neighbours: cut the last row or column.",
        lambda coarse, skip: torch.cat([F.adaptive_avg_pool2d(coarse, skip.shape[2:]), skip], 1),
    ),
    (
        "the coarse map alone",
        "The skip is missing: C + D channels.",
        _joined(lambda coarse, skip: coarse + 0),
    ),
    ("the skip alone", "The coarse map is missing: C + D channels.", _joined(lambda coarse, skip: skip + 0)),
    (
        "channels of both alternating",
        "First all channels of the coarse map, then all of the skip.",
        _joined(lambda coarse, skip: torch.stack([coarse, skip], 2).flatten(1, 2)),
    ),
    (
        "maps on top of each other",
        "Axis 1 is the channels; axis 2 is the rows.",
        _joined(lambda coarse, skip: torch.cat([coarse, skip], 2)),
    ),
    (
        "maps side by side",
        "Axis 1 is the channels; axis 3 is the columns.",
        _joined(lambda coarse, skip: torch.cat([coarse, skip], 3)),
    ),
    (
        "an additional axis",
        "cat joins along an existing axis; stack makes a new one.",
        _joined(lambda coarse, skip: torch.stack([coarse, skip], 1)),
    ),
    (
        "an additional axis",
        "cat joins along an existing axis; stack makes a new one.",
        _joined(lambda coarse, skip: torch.stack([coarse, skip])),
    ),
    (
        "no gradient to the coarse map",
        "The layers below are trained through it: no .detach().",
        lambda coarse, skip: join_skip(coarse.detach(), skip),
    ),
    (
        "no gradient",
        "The network is trained through both maps: no .detach(), .data or new tensor of numbers.",
        lambda coarse, skip: join_skip(coarse.detach(), skip.detach()),
    ),
    (
        "the first image alone",
        "Join the maps of every image in the batch.",
        _joined(lambda coarse, skip: torch.cat([coarse, skip], 1)[:1]),
    ),
    (
        "the mean of both",
        "Concatenate both maps: torch.cat.",
        _joined(lambda coarse, skip: (coarse + skip) / 2),
    ),
    (
        "the product of both",
        "Concatenate both maps: torch.cat.",
        _joined(lambda coarse, skip: coarse * skip),
    ),
    ("the maximum of both", "Concatenate both maps: torch.cat.", _joined(torch.maximum)),
):
    JOIN_SKIP.wrong(name, story)(function)


EXERCISES = (JOIN_SKIP,)
