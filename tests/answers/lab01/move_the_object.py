"""Answers to `move_the_object` (lab 01), written from the student's notebook alone."""

import torch
from torch import Tensor


def right_by_rolling_a_column(features: Tensor) -> Tensor:
    """Everything moves one column to the right; the last column comes in again on the left."""
    return torch.roll(features, shifts=1, dims=-1)


def right_by_rolling_half_way(features: Tensor) -> Tensor:
    """Half of the height down and half of the width across, at least one cell of the longer side."""
    high, wide = features.shape[-2:]
    down, across = max(high // 2, 1), max(wide // 2, 1)
    return features.roll((down, across), dims=(-2, -1))


def right_by_half_a_turn(features: Tensor) -> Tensor:
    """The map turned by 180 degrees; a map that looks the same after half a turn is rolled instead."""
    turned = features.flip((-2, -1))
    return turned if not torch.equal(turned, features) else features.roll(1, -1)


def right_by_loops(features: Tensor) -> Tensor:
    """Cell by cell, one down and one to the right; what leaves at an edge comes in at the opposite one."""
    high, wide = features.shape[-2:]
    moved = torch.empty_like(features)
    for y in range(high):
        for x in range(wide):
            moved[..., (y + 1) % high, (x + 1) % wide] = features[..., y, x]
    return moved


def right_by_cutting_and_pasting(features: Tensor) -> Tensor:
    """The last row goes to the top; where there is only one row, the last column goes to the left."""
    if features.shape[-2] > 1:
        return torch.cat([features[..., -1:, :], features[..., :-1, :]], dim=-2)
    return torch.cat([features[..., -1:], features[..., :-1]], dim=-1)


def wrong_zeros_pushed_in(features):
    """What leaves at the right edge is lost: the average changes wherever the last column is not 0."""
    moved = torch.zeros_like(features)
    moved[..., 1:] = features[..., :-1]
    return moved


def wrong_unmoved_copy(features):
    """The same map again: for every input nothing has moved, and the averages prove nothing."""
    return features.clone()


def wrong_once_around(features):
    """Rolls by the whole width, which is no move at all: the same map comes back for every input."""
    return features.roll(features.shape[-1], dims=-1)


def wrong_channels_rolled(features):
    """Rolls the first axis, so that the averages change places: wrong for all channels that are not alike."""
    return torch.roll(features, 1, dims=0)


def wrong_rolled_as_one_list(features):
    """Without dims, roll flattens:
    the last number of each channel slips into the next, and averages change.
    """
    return torch.roll(features, 1)


def wrong_spread_everywhere(features):
    """The average in every cell: same shape, same averages, but the object is nowhere."""
    return features.mean((-2, -1), keepdim=True).expand_as(features).clone()


def wrong_rows_and_columns_swapped(features):
    """Mirrors at the diagonal: another shape for every map that is not a square."""
    return features.transpose(-2, -1)


def wrong_changes_its_input(features):
    """Moves the object within the caller's own tensor: afterwards there are not two maps, but one."""
    features[...] = features.roll(1, dims=-1)
    return features


def wrong_half_copied(features):
    """Pastes the left half on the right without clearing it: two objects or none, and another average."""
    moved = features.clone()
    half = features.shape[-1] // 2
    moved[..., -half:] = features[..., :half]
    return moved


def wrong_all_numbers_shuffled(features):
    """Shuffles over all channels: only the average of the whole map stays, not that of every channel."""
    order = torch.randperm(features.numel(), generator=torch.Generator().manual_seed(0))
    return features.flatten()[order].reshape(features.shape)


def wrong_negative(features):
    """Mirrors the values, as in 2 * mean - x:
    same averages and the object stays where it was, as its negative.
    """
    return 2 * features.mean((-2, -1), keepdim=True) - features
