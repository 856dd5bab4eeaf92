"""Answers to `other_boxes` (lab 03), written by the author of its check as a student might."""

import torch
from torch import Tensor


def right_by_mask(owned: Tensor, mine: Tensor) -> Tensor:
    """All true, then the rows of cells with an object."""
    others = torch.ones(owned.shape + (mine.shape[1],), dtype=torch.bool)
    others[owned] = ~mine
    return others


def right_from_false(owned: Tensor, mine: Tensor) -> Tensor:
    """The responsible ones first, then turned around."""
    responsible = torch.zeros(*owned.shape, mine.shape[-1]) > 0
    responsible[owned] = mine
    return ~responsible


def right_by_loop(owned: Tensor, mine: Tensor) -> Tensor:
    """Cell by cell, in the order of nonzero."""
    others = owned[..., None].repeat(*[1] * owned.ndim, mine.shape[1]) * 0 == 0
    for g, place in enumerate(owned.nonzero().tolist()):
        for b in range(mine.shape[1]):
            if mine[g, b]:
                others[(*place, b)] = False
    return others


def wrong_empty_cells(owned, mine):
    """Only the boxes of cells without an object."""
    return (~owned)[..., None].repeat(*[1] * owned.ndim, mine.shape[1])


def wrong_all(owned, mine):
    """All boxes."""
    return torch.ones(*owned.shape, mine.shape[1], dtype=torch.bool)


def wrong_mine(owned, mine):
    """Forgets the ~."""
    others = torch.ones(*owned.shape, mine.shape[1], dtype=torch.bool)
    others[owned] = mine
    return others


def wrong_from_zeros(owned, mine):
    """zeros for ones: the boxes of empty cells are lost."""
    others = torch.zeros(*owned.shape, mine.shape[1], dtype=torch.bool)
    others[owned] = ~mine
    return others


def wrong_floats(owned, mine):
    """torch.ones without a dtype."""
    others = torch.ones(*owned.shape, mine.shape[1])
    others[owned] = (~mine).float()
    return others


def wrong_only_cells(owned, mine):
    """No axis for the boxes."""
    return ~owned


def wrong_responsible(owned, mine):
    """The mask of the responsible boxes."""
    responsible = torch.zeros(*owned.shape, mine.shape[1], dtype=torch.bool)
    responsible[owned] = mine
    return responsible
