"""Answers to `bilinear_weights` (lab 12), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_outer_product(channels: int, stride: int) -> Tensor:
    """A tent along one axis, its product with itself, on the diagonal of the channels."""
    k = 2 * stride
    tent = 1 - (torch.arange(k) - (k - 1) / 2).abs() / stride
    weights = torch.zeros(channels, channels, k, k)
    weights[torch.arange(channels), torch.arange(channels)] = tent[:, None] * tent
    return weights


def right_by_loops(channels: int, stride: int) -> Tensor:
    """Number by number, from the distances of each place to the middle of the kernel."""
    k = 2 * stride
    middle = stride - 0.5
    rows = []
    for i in range(k):
        down = 1 - abs(i - middle) / stride
        rows.append([down * (1 - abs(j - middle) / stride) for j in range(k)])
    weights = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        weights[c, c] = torch.tensor(rows)
    return weights


def right_by_two_boxes(channels: int, stride: int) -> Tensor:
    """A tent is a box folded with a box, halved between neighbours for the even length."""
    box = torch.ones(1, 1, stride, dtype=torch.float64)
    tent = F.conv1d(box, box, padding=stride - 1)
    tent = F.conv1d(tent, torch.tensor([[[0.5, 0.5]]], dtype=torch.float64), padding=1)[0, 0] / stride
    return torch.einsum("cd,i,j->cdij", torch.eye(channels, dtype=torch.float64), tent, tent).float()


def right_by_rising_and_falling(channels: int, stride: int) -> Tensor:
    """Half a step, one and a half, … up, and the same down again; kron puts it on the diagonal."""
    up = (torch.arange(stride) + 0.5) / stride
    tent = torch.cat([up, up.flip(0)])
    table = torch.kron(torch.eye(channels), torch.outer(tent, tent))
    return table.reshape(channels, 2 * stride, channels, 2 * stride).transpose(1, 2).contiguous()


def _diagonal(channels, kernel):
    return torch.eye(channels)[:, :, None, None] * kernel


def _tent(stride):
    return 1 - (torch.arange(2 * stride) - (stride - 0.5)).abs() / stride


def wrong_every_pair(channels, stride):
    """The tent for every pair of channels: each output is the sum of all channels."""
    return (_tent(stride)[:, None] * _tent(stride)).expand(channels, channels, -1, -1).clone()


def wrong_sum_of_one(channels, stride):
    """Makes the kernel sum to 1, like a blur: the output is stride² times too dark."""
    kernel = _tent(stride)[:, None] * _tent(stride)
    return _diagonal(channels, kernel / kernel.sum())


def wrong_middle_at_stride(channels, stride):
    """The peak stands on place `stride` and not between two: all is shifted by half a pixel."""
    tent = 1 - (torch.arange(2 * stride) - stride).abs() / stride
    return _diagonal(channels, tent[:, None] * tent)


def wrong_middle_before_stride(channels, stride):
    """The peak of 1 on place stride - 1, as for a kernel of odd size."""
    tent = (1 - (torch.arange(2 * stride) - (stride - 1)).abs() / stride).clamp(min=0)
    return _diagonal(channels, tent[:, None] * tent)


def wrong_zero_at_both_ends(channels, stride):
    """The tent falls to 0 at the first and the last place: too narrow, the outputs do not add up."""
    k = 2 * stride
    tent = 1 - torch.linspace(-1, 1, k).abs()
    return _diagonal(channels, tent[:, None] * tent)


def wrong_peak_of_one(channels, stride):
    """Scaled so that the largest weight is 1: too bright."""
    tent = _tent(stride) / _tent(stride).max()
    return _diagonal(channels, tent[:, None] * tent)


def wrong_round_tent(channels, stride):
    """Falls with the distance from the middle in the plane, a cone: bilinear is a product of two tents."""
    x = torch.arange(2 * stride) - (stride - 0.5)
    return _diagonal(channels, (1 - (x[:, None] ** 2 + x**2).sqrt() / stride).clamp(min=0))


def wrong_mean_of_tents(channels, stride):
    """The mean of both tents and not their product."""
    tent = _tent(stride)
    return _diagonal(channels, (tent[:, None] + tent) / 2)


def wrong_box(channels, stride):
    """All weights equal, with the same sum: that is no tent."""
    return _diagonal(channels, torch.full((2 * stride, 2 * stride), 0.25))


def wrong_nearest(channels, stride):
    """Ones in the middle: nearest-neighbour enlarging."""
    box = torch.zeros(2 * stride)
    box[stride // 2 : stride // 2 + stride] = 1
    return _diagonal(channels, box[:, None] * box)


def wrong_grouped_shape(channels, stride):
    """(C, 1, k, k), the weight for groups=C: the function was to return (C, C, k, k)."""
    return (_tent(stride)[:, None] * _tent(stride)).expand(channels, 1, -1, -1).clone()


def wrong_odd_size(channels, stride):
    """k = 2 * stride - 1, with the peak on a place: another size than asked for."""
    tent = 1 - (torch.arange(2 * stride - 1) - (stride - 1)).abs() / stride
    return _diagonal(channels, tent[:, None] * tent)


def wrong_fixed_for_two(channels, stride):
    """The kernel for stride 2, (0.25, 0.75, 0.75, 0.25), whatever the stride."""
    tent = torch.tensor([0.25, 0.75, 0.75, 0.25])
    return _diagonal(channels, tent[:, None] * tent)


def wrong_shared_by_the_channels(channels, stride):
    """Divides by the number of channels although each is enlarged on its own: too dark for more than one."""
    return _diagonal(channels, _tent(stride)[:, None] * _tent(stride)) / channels
