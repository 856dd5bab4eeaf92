"""Upsampling, against PyTorch's own."""

from functools import partial

import torch
import torch.nn.functional as F
from compare import Case, row

from coursekit import ops
from rows.inputs import noise

GROUP = "Upsampling"
SIZES = ((1, 16, 16), (2, 64, 32), (4, 128, 64))  # images, channels, side
SMALL = ((1, 2, 6), (1, 4, 10), (2, 4, 16))
Size = tuple[int, int, int]


def in_words(size: Size) -> str:
    return "{} x {} x {}²".format(*size)


def transposed(name: str, size: Size) -> Case:
    """Kernel 4, stride 2, padding 1: doubles the map."""
    images, channels, side = size
    leaves = noise(images, channels, side, side), noise(channels, channels, 4, 4, seed=1) / (4 * channels)
    ours, theirs = (partial(f, stride=2, padding=1) for f in (getattr(ops, name), F.conv_transpose2d))
    return Case(in_words(size), images * side**2, ours, {"PyTorch": theirs}, leaves)


@row(GROUP, "as many channels out as in, kernel 4, stride 2", SIZES, covers=["conv_transpose_size"])
def conv_transpose2d(size: Size) -> Case:
    return transposed("conv_transpose2d", size)


@row(GROUP, "as conv_transpose2d; a teaching form, not counted", SIZES, teaching=True)
def conv_transpose2d_by_zeros(size: Size) -> Case:
    return transposed("conv_transpose2d_by_zeros", size)


@row(
    GROUP,
    "as conv_transpose2d, on maps small enough for the matrix; a teaching form, not counted",
    SMALL,
    covers=["conv_matrix"],
    teaching=True,
)
def conv_transpose2d_by_matrix(size: Size) -> Case:
    return transposed("conv_transpose2d_by_matrix", size)


@row(GROUP, "maps doubled by a fixed kernel, a group a channel; inside they are interpolation", SIZES)
def bilinear_kernel(size: Size) -> Case:
    images, channels, side = size
    map, groups = noise(images, channels, side, side), channels
    inside = (..., slice(2, -2), slice(2, -2))

    def ours() -> torch.Tensor:
        kernel = ops.bilinear_kernel(4).expand(channels, 1, 4, 4)
        return F.conv_transpose2d(map, kernel, stride=2, padding=1, groups=groups)[inside]

    theirs = lambda: F.interpolate(map, scale_factor=2, mode="bilinear")[inside]  # noqa: E731
    return Case(in_words(size), images * side**2, ours, {"PyTorch": theirs})


@row(GROUP, "maps made four times as large a side", SIZES)
def upsample_bilinear(size: Size) -> Case:
    images, channels, side = size
    goal = (4 * side, 4 * side)
    theirs = partial(F.interpolate, size=goal, mode="bilinear")
    leaves = (noise(images, channels, side, side),)
    ours = partial(ops.upsample_bilinear, size=goal)
    return Case(in_words(size), images * side**2, ours, {"PyTorch": theirs}, leaves)


@row(GROUP, "the switches of 2 x 2 maxima", SIZES, forward=(1.1, 1.1, 1.1), gradient=(1.1, 1.1, 1.1))
def max_unpool2d(size: Size) -> Case:
    images, channels, side = size
    pooled, switches = F.max_pool2d(noise(images, channels, 2 * side, 2 * side), 2, return_indices=True)
    ours, theirs = (partial(f, indices=switches, kernel_size=2) for f in (ops.max_unpool2d, F.max_unpool2d))
    return Case(in_words(size), images * side**2, ours, {"PyTorch": theirs}, (pooled,))
