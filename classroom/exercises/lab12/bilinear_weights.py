"""Lab 12, third part: the weights with which a transposed convolution interpolates."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from coursekit import ops


def bilinear_weights(channels: int, stride: int) -> Tensor:
    """Weights of a transposed convolution that upsamples each channel bilinearly: (C, C, 2 * stride, 2 * stride)."""
    return torch.eye(channels)[:, :, None, None] * ops.bilinear_kernel(2 * stride)


BILINEAR_WEIGHTS = Exercise(
    bilinear_weights,
    picture=lambda arguments, got, wanted: cells_picture((None,), got, wanted),
    hints=(
        "In one direction, how far is each of the 2 * stride places from the middle? The weight falls linearly to 0 at the distance `stride`.",
        "distance = |arange(2 * stride) - (2 * stride - 1) / 2|; tent = 1 - distance / stride; "
        "in two directions tent[:, None] * tent; on the diagonal of the channels.",
        "places = torch.arange(2 * stride) - (2 * stride - 1) / 2  # distances from the middle\n"
        "tent = …  # 1 in the middle, falling by 1 / stride per place\nreturn torch.eye(channels)[:, :, None, None] * (tent[:, None] * tent)",
    ),
    cases=(
        Case("one channel, stride 2", (1, 2)),
        Case("three channels, stride 2", (3, 2)),
        Case("two channels, stride 4", (2, 4)),
    ),
)


@BILINEAR_WEIGHTS.wrong(
    "every channel into every channel",
    "Class 3 must not leak into class 5: the weights between different channels are 0.",
)
def _all_channels(channels: int, stride: int) -> Tensor:
    return ops.bilinear_kernel(2 * stride).expand(channels, channels, -1, -1).clone()


def _on_the_diagonal(channels: int, tent: Tensor) -> Tensor:
    return torch.eye(channels)[:, :, None, None] * tent


@BILINEAR_WEIGHTS.wrong(
    "ones in the middle, zeros around",
    "That repeats the nearest pixel. The weight must fall with the distance.",
)
def _box(channels: int, stride: int) -> Tensor:
    inside = (torch.arange(2 * stride) - stride + 0.5).abs() < stride / 2
    return _on_the_diagonal(channels, torch.outer(inside.float(), inside.float()))


@BILINEAR_WEIGHTS.wrong(
    "a tent that sums to 1",
    "Each place is covered by only a part of each stamp: the weights of one kernel add up to stride².",
)
def _sums_to_one(channels: int, stride: int) -> Tensor:
    return bilinear_weights(channels, stride) / stride**2


@BILINEAR_WEIGHTS.wrong(
    "a peak on a place",
    "With an even kernel, the middle lies between two places. This one shifts the image by half a pixel.",
)
def _peak_on_a_place(channels: int, stride: int) -> Tensor:
    side = 1 - (torch.arange(2 * stride) - stride).abs() / stride
    return _on_the_diagonal(channels, torch.outer(side, side))


@BILINEAR_WEIGHTS.wrong("row and column added", "Bilinear is linear in each direction: a product.")
def _added(channels: int, stride: int) -> Tensor:
    side = ops.bilinear_kernel(2 * stride).sum(0) / stride
    return _on_the_diagonal(channels, (side[:, None] + side) / 2)


@BILINEAR_WEIGHTS.wrong(
    "a tent that ends in zeros",
    "It is 0 one step beyond the kernel, not at its last place: divide the distance by the stride.",
)
def _corners_aligned(channels: int, stride: int) -> Tensor:
    side = 1 - (torch.linspace(-1, 1, 2 * stride)).abs()
    return _on_the_diagonal(channels, torch.outer(side, side))


def _tent(stride: int) -> Tensor:
    return 1 - (torch.arange(2 * stride) - stride + 0.5).abs() / stride


def _offsets(stride: int) -> Tensor:
    return torch.arange(2 * stride) - stride + 0.5


def _plane(make: Callable[[int], Tensor]) -> Callable:
    """An answer that puts the kernel make(stride) on the diagonal of the channels."""
    return lambda channels, stride: _on_the_diagonal(channels, make(stride))


def _square(make: Callable[[int], Tensor]) -> Callable:
    return _plane(lambda stride: torch.outer(make(stride), make(stride)))


MIDDLE = "The kernel has 2 * stride places, so its middle lies between the places stride - 1 and stride."
FALL = "The tent is 1 - distance / stride, with the distance from the middle of the kernel."
for name, story, function in (
    (
        "a peak on the place before the middle",
        MIDDLE,
        _square(lambda s: (1 - (torch.arange(2 * s) - s + 1).abs() / s).clamp(min=0)),
    ),
    (
        "a kernel with a largest weight of 1",
        FALL + " None of the places is exactly in the middle, so none of the weights is 1.",
        _square(lambda s: _tent(s) / _tent(s).max()),
    ),
    (
        "a cone",
        "Bilinear is the product of a tent along the rows and one along the columns.",
        _plane(lambda s: (1 - (_offsets(s)[:, None] ** 2 + _offsets(s) ** 2).sqrt() / s).clamp(min=0)),
    ),
    (
        "a pyramid",
        "Bilinear is the product of a tent along the rows and one along the columns.",
        _plane(lambda s: torch.minimum(_tent(s)[:, None], _tent(s).expand(2 * s, -1))),
    ),
    (
        "a pyramid",
        "Bilinear is the product of a tent along the rows and one along the columns.",
        _plane(lambda s: (1 - (_offsets(s)[:, None].abs() + _offsets(s).abs()) / s).clamp(min=0)),
    ),
    (
        "equal weights",
        "The weight falls linearly with the distance from the middle.",
        _plane(lambda s: torch.full((2 * s, 2 * s), 0.25)),
    ),
    (
        "equal weights",
        "The weight falls linearly with the distance from the middle.",
        _plane(lambda s: torch.full((2 * s, 2 * s), 1.0)),
    ),
    (
        "equal weights",
        "The weight falls linearly with the distance from the middle.",
        _plane(lambda s: torch.full((2 * s, 2 * s), 0.25 / s**2)),
    ),
    (
        "a kernel of odd size",
        "The kernel has 2 * stride rows and columns.",
        _plane(
            lambda s: torch.outer(
                1 - (torch.arange(2 * s - 1) - s + 1).abs() / s,
                1 - (torch.arange(2 * s - 1) - s + 1).abs() / s,
            )
        ),
    ),
    (
        "a kernel of the size of the stride",
        "The kernel has 2 * stride rows and columns.",
        _plane(lambda s: torch.outer(_tent(s)[:s], _tent(s)[:s])),
    ),
    (
        "the kernel of stride 2 for every stride",
        "The kernel grows with the stride: 2 * stride places.",
        _square(lambda s: torch.tensor([0.25, 0.75, 0.75, 0.25])),
    ),
    ("a tent that falls half as fast", FALL, _square(lambda s: 1 - _offsets(s).abs() / (2 * s))),
    (
        "a tent that falls twice as fast",
        FALL,
        _square(lambda s: (1 - 2 * _offsets(s).abs() / s).clamp(min=0)),
    ),
    (
        "a tent of width stride + 1/2",
        FALL + " Divide by the stride.",
        _square(lambda s: 1 - _offsets(s).abs() / (s + 0.5)),
    ),
    ("a tent upside down", FALL, _square(lambda s: _offsets(s).abs() / s)),
    (
        "a Gaussian bell",
        "Bilinear weights fall linearly.",
        _square(lambda s: (-((_offsets(s) / s) ** 2) / 2).exp()),
    ),
    (
        "the square root of the weights",
        "The weight is the product of the two tents.",
        _plane(lambda s: torch.outer(_tent(s), _tent(s)).sqrt()),
    ),
    (
        "the tent along the columns only",
        "The weight is the product of the two tents.",
        _plane(lambda s: _tent(s).expand(2 * s, -1)),
    ),
    (
        "the tent along the rows only",
        "The weight is the product of the two tents.",
        _plane(lambda s: _tent(s)[:, None].expand(-1, 2 * s)),
    ),
    (
        "rows and columns that each sum to 1",
        "Each place is covered by only a part of each stamp: the weights of one tent add up to stride.",
        _square(lambda s: _tent(s) / _tent(s).sum() * s**0.5),
    ),
    (
        "weights divided by the number of channels",
        "Each channel is upsampled separately, with the whole kernel.",
        lambda c, s: bilinear_weights(c, s) / c,
    ),
    (
        "weights of all pairs, divided by the channels",
        "Each channel is upsampled separately: off the diagonal the weights are 0.",
        lambda c, s: _tent(s).outer(_tent(s)).expand(c, c, -1, -1) / c,
    ),
    (
        "one kernel per channel",
        "The shape is (C, C, k, k): from every channel to every channel, with 0 off the diagonal.",
        lambda c, s: _tent(s).outer(_tent(s)).expand(c, 1, -1, -1),
    ),
    (
        "one kernel per channel",
        "The shape is (C, C, k, k): from every channel to every channel, with 0 off the diagonal.",
        lambda c, s: _tent(s).outer(_tent(s)).expand(1, c, -1, -1),
    ),
    (
        "one kernel per channel",
        "The shape is (C, C, k, k): from every channel to every channel, with 0 off the diagonal.",
        lambda c, s: _tent(s).outer(_tent(s)).expand(c, -1, -1),
    ),
    (
        "the kernel for the first channel only",
        "Every channel has the kernel on the diagonal.",
        lambda c, s: bilinear_weights(c, s) * (torch.arange(c) == 0)[:, None, None, None],
    ),
    (
        "the channels as the last axes",
        "The shape is (C, C, k, k).",
        lambda c, s: bilinear_weights(c, s).permute(2, 3, 0, 1),
    ),
    (
        "double precision",
        "Networks compute in float32, which is also the default of torch.zeros and torch.eye.",
        lambda c, s: bilinear_weights(c, s).double(),
    ),
):
    BILINEAR_WEIGHTS.wrong(name, story)(function)


EXERCISES = (BILINEAR_WEIGHTS,)
