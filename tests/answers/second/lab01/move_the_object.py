"""Answers to `move_the_object` (lab 01) by somebody else, written from the student's notebook alone."""

import torch
from torch import Tensor

# ------------------------------------------------------------------ right


def right_roll(features: Tensor) -> Tensor:
    """Every value goes one row down and one column to the right, around the border."""
    return torch.roll(features, (1, 1), (-2, -1))


def right_mirror(features: Tensor) -> Tensor:
    """The map is mirrored left and right."""
    return features.flip(-1)


def right_two_slices(features: Tensor) -> Tensor:
    """The left part of the map changes places with the right part."""
    half = features.shape[-1] // 2
    return torch.cat([features[..., half:], features[..., :half]], dim=-1)


def right_loop(features: Tensor) -> Tensor:
    """A loop over all cells: row r goes to row r - 1, column c to column c - 1, around the border."""
    moved = torch.zeros_like(features)
    h, w = features.shape[-2:]
    for r in range(h):
        for c in range(w):
            moved[..., (r - 1) % h, (c - 1) % w] = features[..., r, c]
    return moved


def right_flattened(features: Tensor) -> Tensor:
    """The cells of a channel as one list that is rotated by one."""
    cells = features.flatten(-2)
    order = torch.arange(cells.shape[-1]).roll(1)
    return cells[..., order].reshape(features.shape)


def right_upside_down_and_mirrored(features: Tensor) -> Tensor:
    """The cells of each channel in reversed order."""
    return features.clone().flatten(-2).flip(-1).unflatten(-1, features.shape[-2:])


# ------------------------------------------------------------------ wrong


def wrong_nothing_moves(features: Tensor) -> Tensor:
    """Returns a copy: nothing moved."""
    return features.clone()


def wrong_rolled_once_around(features: Tensor) -> Tensor:
    """Rolls by the whole width, which leads back to the start."""
    return features.roll(features.shape[-1], -1)


def wrong_in_place(features: Tensor) -> Tensor:
    """Writes the moved map into the old tensor."""
    features.copy_(features.roll((1, 1), (-2, -1)))
    return features


def wrong_channels_change(features: Tensor) -> Tensor:
    """Moves along the channels instead of along rows and columns."""
    return features.roll(1, -3)


def wrong_falls_off(features: Tensor) -> Tensor:
    """Shifts and fills with zeros, so what leaves at the border is lost and the average changes."""
    moved = torch.zeros_like(features)
    moved[..., :, 1:] = features[..., :, :-1]
    return moved


def wrong_repeats_the_border(features: Tensor) -> Tensor:
    """Shifts and keeps the old first column, so one column is there twice and another one is gone."""
    moved = features.clone()
    moved[..., 1:] = features[..., :-1]
    return moved


def wrong_constant(features: Tensor) -> Tensor:
    """Returns the average in every cell: the same average, but the values are gone."""
    return features.mean((-2, -1), keepdim=True).expand_as(features).clone()


def wrong_shuffled_over_channels(features: Tensor) -> Tensor:
    """Rotates all values of all channels as one list, so values cross from channel to channel."""
    return features.flatten().roll(features.shape[-1] + 1).view_as(features)


def wrong_average_only(features: Tensor) -> Tensor:
    """Returns the averages of the channels instead of a map."""
    return features.mean((-2, -1))


def wrong_transposed(features: Tensor) -> Tensor:
    """Swaps rows and columns, so a map that is not square gets another shape (and it is a view of the old one)."""
    return features.transpose(-2, -1)


def wrong_turned_by_a_quarter(features: Tensor) -> Tensor:
    """Turns by 90 degrees, so a map that is not square gets another shape."""
    return torch.rot90(features, 1, (-2, -1))


def wrong_negated(features: Tensor) -> Tensor:
    """Mirrors the values about the average instead of moving them."""
    return 2 * features.mean((-2, -1), keepdim=True) - features


def wrong_only_the_peak(features: Tensor) -> Tensor:
    """Copies the largest value into two corners and leaves it also where it was."""
    moved = features.clone()
    moved[..., 0, 0] = features.amax((-2, -1))
    moved[..., -1, -1] = features.amax((-2, -1))
    return moved


def wrong_noise(features: Tensor) -> Tensor:
    """Adds noise without an average: the average is kept, the values are not."""
    noise = torch.randn_like(features)
    return features + noise - noise.mean((-2, -1), keepdim=True)
