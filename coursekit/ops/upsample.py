"""Upsampling: transposed convolution three ways, and bilinear resizing; unpooling is in `unpool`.

A convolution is a matrix C; a *transposed* convolution multiplies by C^T, with the same weights. It is not the
inverse: shapes come back, values do not. Three views of it, with equal answers: every input pixel stamps its
weighted kernel on the output; zeros between the pixels, then an ordinary convolution; the matrix itself.
Source: Dumoulin and Visin, "A guide to convolution arithmetic", 2016, chapter 4, arXiv:1603.07285.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.ops.argument import FLOATS, expect

Size = int | tuple[int, int]


def conv_transpose_size(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, output_padding: int = 0, dilation: int = 1
) -> int:
    """Return the length of the output of a transposed convolution along one axis.

    The last kernel starts (size - 1) strides after the first and is dilation * (kernel_size - 1) + 1 long;
    `padding` is cut off at both ends. `output_padding` adds places at the far end, where an ordinary
    convolution with this stride would have rounded down; they are filled by the kernels, not with zeros.

    Raises:
        ValueError: output_padding that is not below the stride, an output without a pixel, or a size below 1.
    Like `torch.nn.ConvTranspose2d`, but output_padding must be below the stride whatever the dilation.

    >>> conv_transpose_size(4, kernel_size=3, stride=2), conv_transpose_size(8, 64, stride=32, padding=16)
    (9, 256)
    """
    if not 0 <= output_padding < stride:
        raise ValueError(
            f"output_padding is {output_padding}: it must be at least 0 and below the stride, {stride}."
        )
    if min(kernel_size, dilation) < 1 or padding < 0:
        raise ValueError(
            f"kernel {kernel_size}, dilation {dilation}, padding {padding}: at least 1, 1 and 0."
        )
    length = (size - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + output_padding
    if size < 1 or length < 1:
        raise ValueError(f"an input of length {size} makes an output of length {length}: use less padding.")
    return length


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """Return the transposed convolution by scattering: each input pixel adds its kernel to the output.

    Shapes: (N, C, H, W), (C, D / groups, kh, kw) -> (N, D, H', W'), sizes by `conv_transpose_size`.
    Args:
        weight: input channels first, as in the convolution from D to C channels that it transposes.
        stride, padding, output_padding, dilation: one number, or (vertical, horizontal).
    Raises:
        ValueError: channels that do not fit, or what `conv_transpose_size` refuses.
    Like `F.conv_transpose2d`.

    >>> conv_transpose2d(torch.ones(1, 1, 2, 2), torch.ones(1, 1, 3, 3), stride=2)[0, 0]
    tensor([[1., 1., 2., 1., 1.],
            [1., 1., 2., 1., 1.],
            [2., 2., 4., 2., 2.],
            [1., 1., 2., 1., 1.],
            [1., 1., 2., 1., 1.]])
    """
    size = _output_size(input, weight, stride, padding, output_padding, groups, dilation)
    values = input.flatten(2).unflatten(1, (groups, -1))  # (N, groups, C / groups, H * W)
    kernels = weight.flatten(1).unflatten(0, (groups, -1)).transpose(1, 2)
    stamps = (kernels @ values).flatten(1, 2)  # (N, D * kh * kw, H * W)
    output = F.fold(stamps, size, weight.shape[2:], dilation, padding, stride)  # (N, D, H', W')
    return output if bias is None else output + bias[:, None, None]


def conv_transpose2d_by_zeros(
    input: Tensor, weight: Tensor, stride: Size = 1, padding: Size = 0, output_padding: Size = 0
) -> Tensor:
    """Return the transposed convolution as zeros between the pixels, then a convolution with flipped kernels.

    Shapes, Args and Raises: as for `conv_transpose2d`. Slower: most of its products are with those zeros.
    """
    _output_size(input, weight, stride, padding, output_padding)
    (down, right), (height, width) = pair(stride), input.shape[2:]
    spread = input.new_zeros(*input.shape[:2], (height - 1) * down + 1, (width - 1) * right + 1)
    spread[:, :, ::down, ::right] = input
    margins = []  # F.pad wants the last axis first; a margin below 0 cuts
    for axis in (1, 0):
        before = weight.shape[2 + axis] - 1 - pair(padding)[axis]
        margins += [before, before + pair(output_padding)[axis]]
    flipped = weight.flip(2, 3).transpose(0, 1)  # (D, C, kh, kw)
    return F.conv2d(F.pad(spread, margins), flipped)  # (N, D, H', W')


def conv_transpose2d_by_matrix(
    input: Tensor, weight: Tensor, stride: Size = 1, padding: Size = 0, output_padding: Size = 0
) -> Tensor:
    """Return the transposed convolution as a product with the transpose of a convolution's matrix.

    Shapes, Args and Raises: as for `conv_transpose2d`. For small maps: the matrix has C H W x D H' W' numbers.
    """
    size = _output_size(input, weight, stride, padding, output_padding)
    matrix = conv_matrix(weight, size, stride, padding)  # (C * H * W, D * H' * W')
    rows = input.flatten(1) @ matrix  # of a row vector: x C = (C^T x^T)^T
    return rows.view(len(input), weight.shape[1], *size)


def conv_matrix(weight: Tensor, size: tuple[int, int], stride: Size = 1, padding: Size = 0) -> Tensor:
    """Return the matrix of `F.conv2d` on maps of one size: its column j is the answer to the map with one 1, at j.

    Shapes: (D, C, kh, kw) -> (D * H' * W', C * H * W).
    Args:
        size: (H, W) of the maps that the convolution reads.
    Raises:
        ValueError: weights of another shape, or larger than the maps.

    >>> conv_matrix(torch.tensor([[[[1.0, 2.0]]]]), size=(1, 3))
    tensor([[1., 2., 0.],
            [0., 1., 2.]])
    """
    expect("weight", weight, "(D, C, kh, kw)", FLOATS)
    sides = zip(size, pair(padding), weight.shape[2:], strict=True)
    if 0 in weight.shape or not all(side + 2 * margin >= kernel for side, margin, kernel in sides):
        raise ValueError(
            f"weights {tuple(weight.shape)} have no place on maps of {tuple(size)} (height, width)."
        )
    channels = weight.shape[1]
    units = torch.eye(channels * size[0] * size[1], dtype=weight.dtype, device=weight.device)
    answers = F.conv2d(units.view(-1, channels, *size), weight, None, stride, padding)
    return answers.flatten(1).T


def bilinear_kernel(kernel_size: int) -> Tensor:
    """Return the tent with which a transposed convolution interpolates: FCN's first weights.

    With kernel_size = 2 * stride, padding = stride / 2 and one group a channel it doubles (triples, ...) a map
    as `F.interpolate` with align_corners=False does, but at the border, where it reads zeros.

    Shapes: -> (kernel_size, kernel_size).
    Raises:
        ValueError: a size below 1.
    Source: Long et al., "Fully Convolutional Networks", 2015, section 3.3, arXiv:1411.4038.

    >>> bilinear_kernel(4)[0]
    tensor([0.0625, 0.1875, 0.1875, 0.0625])
    """
    if kernel_size < 1 or kernel_size != int(kernel_size):
        raise ValueError(f"a kernel of size {kernel_size} is empty: give at least 1.")
    reach = (kernel_size + 1) // 2
    distance = (torch.arange(kernel_size) - (kernel_size - 1) / 2).abs()
    tent = 1 - distance / reach  # (kernel_size,)
    return tent[:, None] * tent


def upsample_bilinear(input: Tensor, size: Size, align_corners: bool = False) -> Tensor:
    """Return the maps resized bilinearly, as one matrix for the rows and one for the columns.

    Shapes: (N, C, H, W) -> (N, C, h, w).
    Args:
        size: (h, w), or one number for both.
        align_corners: True: the centres of the corner pixels stay; False: the outer edges do.
    Raises:
        ValueError: a size below 1, a map without a pixel, or whole numbers.
    Like `F.interpolate(input, size, mode="bilinear", align_corners=align_corners)`.

    >>> upsample_bilinear(torch.tensor([[[[0.0, 4.0]]]]), (1, 4))
    tensor([[[[0., 1., 3., 4.]]]])
    """
    expect("input", input, "(...)", FLOATS)
    if input.ndim != 4 or 0 in input.shape[2:] or min(pair(size)) < 1:
        raise ValueError(
            f"cannot resize maps {tuple(input.shape)} to {size}: (N, C, H, W) and at least 1 x 1."
        )
    rows, columns = (
        _resampling(old, new, align_corners).to(input)
        for old, new in zip(input.shape[2:], pair(size), strict=True)
    )
    with torch.autocast(input.device.type, enabled=False):
        return rows @ input @ columns.T


def _output_size(
    input: Tensor,
    weight: Tensor,
    stride: Size,
    padding: Size,
    output_padding: Size,
    groups: int = 1,
    dilation: Size = 1,
) -> tuple[int, int]:
    for name, values in (("input", input), ("weight", weight)):
        expect(name, values, "(...)", FLOATS)
    if 0 in weight.shape:
        raise ValueError(f"the weights {tuple(weight.shape)} have no number in them.")
    if input.dtype != weight.dtype:
        raise ValueError(f"the maps are {input.dtype} and the weights {weight.dtype}: make them alike.")
    if (
        input.ndim != 4
        or weight.ndim != 4
        or groups < 1
        or input.shape[1] != len(weight)
        or len(weight) % groups
    ):
        raise ValueError(
            f"maps {tuple(input.shape)} and weights {tuple(weight.shape)} do not fit in {groups} group(s): "
            "give (N, C, H, W) and (C, D / groups, kh, kw)."
        )
    settings = map(pair, (stride, padding, output_padding, dilation))
    axes = zip(input.shape[2:], weight.shape[2:], *settings, strict=True)
    height, width = (conv_transpose_size(*axis) for axis in axes)
    return height, width


def _resampling(old: int, new: int, align_corners: bool) -> Tensor:
    """The share of each old place in each new one: (new, old) float64."""
    order = torch.arange(new, dtype=torch.float64)
    if align_corners:
        place = order * (old - 1) / max(new - 1, 1)  # (new,)
    else:
        place = (order + 0.5) * old / new - 0.5
    distance = place.clamp(0, old - 1)[:, None] - torch.arange(old)  # (new, old)
    return (1 - distance.abs()).clamp(min=0)


def pair(size: Size) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size
