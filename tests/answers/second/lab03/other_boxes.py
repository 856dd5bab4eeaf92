"""Lab 03, exercise 7: other_boxes."""

import torch
from torch import Tensor


def right_assign(owned: Tensor, mine: Tensor) -> Tensor:
    """All true, then one masked write, as the text suggests. Without objects: all true."""
    others = torch.ones(*owned.shape, mine.shape[1], dtype=torch.bool, device=owned.device)
    others[owned] = ~mine
    return others


def right_loops(owned: Tensor, mine: Tensor) -> Tensor:
    """Loop over owned.nonzero() and the boxes; works on nested places of any depth. Without objects: all true."""
    others = owned.new_ones((*owned.shape, mine.shape[1]), dtype=torch.bool)
    for row, place in zip(mine.tolist(), owned.nonzero().tolist(), strict=True):
        for b, responsible in enumerate(row):
            if responsible:
                others[(*place, b)] = False
    return others


def right_running_count(owned: Tensor, mine: Tensor) -> Tensor:
    """No write in place: a running count gives each cell its row of `mine`, a gather, a logical and. Without objects: all true."""
    padded = torch.cat([mine, mine.new_zeros(1, mine.shape[1])])
    flat = owned.flatten()
    row = torch.where(flat, flat.long().cumsum(0) - 1, torch.full_like(flat, len(mine), dtype=torch.int64))
    return padded.index_select(0, row).logical_not().reshape(*owned.shape, mine.shape[1])


def wrong_copy(owned: Tensor, mine: Tensor) -> Tensor:
    """Writes into others[owned][mine], which is a copy: everything stays true."""
    others = torch.ones(*owned.shape, mine.shape[1], dtype=torch.bool)
    others[owned][mine] = False
    return others


def wrong_owned_cells_only(owned: Tensor, mine: Tensor) -> Tensor:
    """Starts with false: only the other boxes of the cells WITH an object are left."""
    others = torch.zeros(*owned.shape, mine.shape[1], dtype=torch.bool)
    others[owned] = ~mine
    return others


def wrong_empty_cells_only(owned: Tensor, mine: Tensor) -> Tensor:
    """Leaves out every box of the cells with an object: only the boxes of empty cells are true."""
    return (~owned)[..., None].expand(*owned.shape, mine.shape[1]).clone()


def wrong_not_inverted(owned: Tensor, mine: Tensor) -> Tensor:
    """Writes `mine` instead of its opposite: the responsible boxes stay, the others of their cells go."""
    others = torch.ones(*owned.shape, mine.shape[1], dtype=torch.bool)
    others[owned] = mine
    return others


def wrong_two_dimensions(owned: Tensor, mine: Tensor) -> Tensor:
    """Expects (h, w) only: with images before the rows, an error is raised."""
    h, w = owned.shape
    others = torch.ones(h, w, mine.shape[1], dtype=torch.bool)
    others[owned] = ~mine
    return others


def wrong_column_order(owned: Tensor, mine: Tensor) -> Tensor:
    """Fills the cells column by column, so the rows of `mine` land in other cells."""
    others = torch.ones(*owned.shape, mine.shape[1], dtype=torch.bool)
    turned = others.transpose(-3, -2)
    turned[owned.transpose(-2, -1)] = ~mine
    return others
