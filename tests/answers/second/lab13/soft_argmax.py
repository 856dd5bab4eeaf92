"""Answers to `soft_argmax` (lab 13) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_flat_softmax(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """A softmax over all cells, then the weighted mean of the columns and rows."""
    C, h, w = heatmaps.shape
    p = (temperature * heatmaps).flatten(1).softmax(1).reshape(C, h, w)
    x = (p * torch.arange(w)).sum((1, 2))
    y = (p * torch.arange(h)[:, None]).sum((1, 2))
    return torch.stack([x, y], 1)


def right_places_matrix(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """One matrix product with the places of all cells."""
    _, h, w = heatmaps.shape
    yy, xx = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    places = torch.stack([xx, yy], -1).reshape(-1, 2).to(heatmaps.dtype)
    return F.softmax(heatmaps.reshape(len(heatmaps), h * w) * temperature, dim=-1) @ places


def right_by_hand(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Subtract the maximum, exp, divide by the sum."""
    heat = heatmaps - heatmaps.amax(dim=(1, 2), keepdim=True)
    e = torch.exp(temperature * heat)
    p = e / e.sum(dim=(1, 2), keepdim=True)
    columns = torch.arange(p.shape[2], dtype=p.dtype)
    rows = torch.arange(p.shape[1], dtype=p.dtype)
    return torch.stack([p.sum(1) @ columns, p.sum(2) @ rows], dim=-1)


def right_map_by_map(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """A loop over the maps, with logsumexp and marginals."""
    found = []
    for heat in heatmaps:
        log_p = temperature * heat
        log_p = log_p - log_p.flatten().logsumexp(0)
        of_columns, of_rows = log_p.logsumexp(0).exp(), log_p.logsumexp(1).exp()
        x = sum(k * share for k, share in enumerate(of_columns))
        y = sum(k * share for k, share in enumerate(of_rows))
        found.append(torch.stack([x, y]))
    return torch.stack(found)


def right_axis_after_axis(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """The softmax over the rows of what each row holds together, and the same for the columns."""
    heat = heatmaps * temperature
    columns = heat.logsumexp(1).softmax(1)  # (C, w)
    rows = heat.logsumexp(2).softmax(1)  # (C, h)
    x = torch.einsum("cw,w->c", columns, torch.arange(columns.shape[1]).to(heat))
    y = torch.einsum("ch,h->c", rows, torch.arange(rows.shape[1]).to(heat))
    return torch.stack((x, y), 1)


def wrong_overflow(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Takes exp without subtracting the maximum, so large numbers overflow."""
    _, h, w = heatmaps.shape
    e = (temperature * heatmaps).exp()
    p = e / e.sum((1, 2), keepdim=True)
    return torch.stack([(p * torch.arange(w)).sum((1, 2)), (p * torch.arange(h)[:, None]).sum((1, 2))], 1)


def wrong_rows_first(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Returns y, then x."""
    return right_flat_softmax(heatmaps, temperature).flip(1)


def wrong_softmax_over_columns(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Takes the softmax over the last axis only, so each row adds up to 1."""
    _, h, w = heatmaps.shape
    p = (temperature * heatmaps).softmax(-1) / h
    return torch.stack([(p * torch.arange(w)).sum((1, 2)), (p * torch.arange(h)[:, None]).sum((1, 2))], 1)


def wrong_softmax_along_each_axis(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Takes the softmax of the mean heat of the columns and of the rows, each apart."""
    _, h, w = heatmaps.shape
    across = (temperature * heatmaps.mean(1)).softmax(1)
    down = (temperature * heatmaps.mean(2)).softmax(1)
    return torch.stack([(across * torch.arange(w)).sum(1), (down * torch.arange(h)).sum(1)], 1)


def wrong_softmax_over_all_maps(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Takes one softmax over all maps together."""
    C, h, w = heatmaps.shape
    p = (temperature * heatmaps).flatten().softmax(0).reshape(C, h, w)
    return torch.stack([(p * torch.arange(w)).sum((1, 2)), (p * torch.arange(h)[:, None]).sum((1, 2))], 1)


def wrong_softmax_over_channels(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Takes the softmax over the channels, as for the classes of a pixel, and normalises afterwards."""
    _, h, w = heatmaps.shape
    p = (temperature * heatmaps).softmax(0)
    p = p / p.sum((1, 2), keepdim=True)
    return torch.stack([(p * torch.arange(w)).sum((1, 2)), (p * torch.arange(h)[:, None]).sum((1, 2))], 1)


def wrong_divided_by_temperature(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Divides by the temperature, as in physics, instead of multiplying."""
    return right_flat_softmax(heatmaps, 1 / temperature)


def wrong_temperature_forgotten(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Forgets the temperature."""
    return right_flat_softmax(heatmaps, 1.0)


def wrong_temperature_fixed(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Writes 6 instead of the argument."""
    return right_flat_softmax(heatmaps, 6.0)


def wrong_heat_as_weights(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Weights with the heat itself instead of its softmax."""
    _, h, w = heatmaps.shape
    p = heatmaps / heatmaps.sum((1, 2), keepdim=True)
    return torch.stack([(p * torch.arange(w)).sum((1, 2)), (p * torch.arange(h)[:, None]).sum((1, 2))], 1)


def wrong_hard_argmax(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Returns the highest cell, which has no gradient and no fractions."""
    w = heatmaps.shape[2]
    best = heatmaps.flatten(1).argmax(1)
    return torch.stack([best % w, best // w], 1).to(heatmaps.dtype)


def wrong_no_gradient(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Detaches the heat maps, so the place has no gradient."""
    return right_flat_softmax(heatmaps.detach(), temperature)


def wrong_half_a_cell(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Adds half a cell, although cells are counted by their centres."""
    return right_flat_softmax(heatmaps, temperature) + 0.5


def wrong_counts_from_one(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Counts the columns and rows from 1."""
    return right_flat_softmax(heatmaps, temperature) + 1


def wrong_shares_of_the_map(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Returns the place from 0 to 1 instead of in cells."""
    h, w = heatmaps.shape[1:]
    return right_flat_softmax(heatmaps, temperature) / torch.tensor([max(w - 1, 1), max(h - 1, 1)])


def wrong_flat_places_mixed(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Lists the places column by column while the heat is flattened row by row."""
    _, h, w = heatmaps.shape
    xx, yy = torch.meshgrid(torch.arange(w), torch.arange(h), indexing="ij")
    places = torch.stack([xx.flatten(), yy.flatten()], 1).to(heatmaps.dtype)
    return (temperature * heatmaps).flatten(1).softmax(1) @ places


def wrong_mean_of_flat_index(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Takes the mean of the flat index and splits that into x and y."""
    _, h, w = heatmaps.shape
    p = (temperature * heatmaps).flatten(1).softmax(1)
    mean = (p * torch.arange(h * w)).sum(1)
    return torch.stack([mean % w, mean / w], 1)


def wrong_changes_the_heat(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Multiplies the caller's heat maps in place."""
    heatmaps.data.mul_(temperature)
    return right_flat_softmax(heatmaps, 1.0)


def wrong_clamped_before_exp(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Clamps large numbers against the overflow, so different large numbers become equal."""
    _, h, w = heatmaps.shape
    e = (temperature * heatmaps).clamp(max=50).exp()
    p = e / e.sum((1, 2), keepdim=True)
    return torch.stack([(p * torch.arange(w)).sum((1, 2)), (p * torch.arange(h)[:, None]).sum((1, 2))], 1)
