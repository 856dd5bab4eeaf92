"""Answers to `soft_argmax` (lab 13), written from the student's notebook alone."""

import math

import torch
from torch import Tensor


def right_by_places(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """The softmax over all cells of a map, times a table of the places of the cells."""
    c, h, w = heatmaps.shape
    p = (temperature * heatmaps).reshape(c, h * w).softmax(1)
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    return p @ torch.stack([x.flatten(), y.flatten()], 1).to(p.dtype)


def right_by_margins(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """The probabilities of columns and of rows, and the mean of each; the softmax by hand, its maximum
    subtracted first.
    """
    heat = temperature * heatmaps
    weights = (heat - heat.amax((1, 2), keepdim=True)).exp()
    weights = weights / weights.sum((1, 2), keepdim=True)
    x = (weights.sum(1) * torch.arange(heatmaps.shape[2])).sum(1)
    y = (weights.sum(2) * torch.arange(heatmaps.shape[1])).sum(1)
    return torch.stack((x, y), -1)


def right_by_logsumexp(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """exp(heat - logsumexp), and one product of the three for each axis."""
    heat = heatmaps * temperature
    p = torch.exp(heat - heat.logsumexp((-2, -1), keepdim=True))
    x = torch.einsum("chw,w->c", p, torch.arange(p.shape[2], dtype=p.dtype))
    y = torch.einsum("chw,h->c", p, torch.arange(p.shape[1], dtype=p.dtype))
    return torch.cat([x[:, None], y[:, None]], 1)


def right_by_loops(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """Map by map and cell by cell; sums of tensors, so gradients flow."""
    found = []
    for heat in heatmaps:
        top = heat.detach().max()
        total, x, y = 0.0, 0.0, 0.0
        for i in range(heat.shape[0]):
            for j in range(heat.shape[1]):
                weight = torch.exp(temperature * (heat[i, j] - top))
                total, x, y = total + weight, x + weight * j, y + weight * i
        found.append(torch.stack([x / total, y / total]))
    return torch.stack(found)


def _mean(p):
    """The mean place, from probabilities (C, h, w)."""
    x = (p.sum(1) * torch.arange(p.shape[2])).sum(1)
    y = (p.sum(2) * torch.arange(p.shape[1])).sum(1)
    return torch.stack([x, y], 1)


def _softmax(heat):
    return heat.flatten(1).softmax(1).view_as(heat)


def wrong_row_first(heatmaps, temperature=6.0):
    """y before x."""
    return _mean(_softmax(temperature * heatmaps)).flip(1)


def wrong_softmax_of_each_row(heatmaps, temperature=6.0):
    """softmax(-1): each row sums to 1 and counts as much as every other; y is always the middle."""
    p = (temperature * heatmaps).softmax(-1)
    return _mean(p / heatmaps.shape[1])


def wrong_softmax_over_the_maps(heatmaps, temperature=6.0):
    """softmax(0): the maps share the probability of each cell."""
    p = (temperature * heatmaps).softmax(0)
    return _mean(p / p.sum((1, 2), keepdim=True))


def wrong_temperature_ignored(heatmaps, temperature=6.0):
    """The softmax of the heat as it is: the cold cells pull at the mean."""
    return _mean(_softmax(heatmaps))


def wrong_divided_by_the_temperature(heatmaps, temperature=6.0):
    """heat / temperature, as in other textbooks: nearly the middle of the map."""
    return _mean(_softmax(heatmaps / temperature))


def wrong_without_a_softmax(heatmaps, temperature=6.0):
    """Weighs by the heat itself: no probabilities, and nonsense for negative heat."""
    return _mean(heatmaps / heatmaps.sum((1, 2), keepdim=True))


def wrong_not_divided(heatmaps, temperature=6.0):
    """Forgets to divide by the sum of the weights."""
    return _mean((temperature * heatmaps).exp())


def wrong_from_the_edge(heatmaps, temperature=6.0):
    """Places at j + 0.5: half a cell too far, for cells are counted by their centres."""
    return _mean(_softmax(temperature * heatmaps)) + 0.5


def wrong_counted_from_one(heatmaps, temperature=6.0):
    """Counts columns and rows from 1."""
    return _mean(_softmax(temperature * heatmaps)) + 1


def wrong_overflow(heatmaps, temperature=6.0):
    """exp without subtracting the maximum: not a number where temperature * heat is over 88."""
    weights = (temperature * heatmaps).exp()
    return _mean(weights / weights.sum((1, 2), keepdim=True))


def wrong_rounded(heatmaps, temperature=6.0):
    """Rounds to whole cells: that is the arg-max again."""
    return _mean(_softmax(temperature * heatmaps)).round()


def wrong_share_of_the_map(heatmaps, temperature=6.0):
    """From 0 to 1 over the map and not in cells."""
    h, w = heatmaps.shape[1:]
    return _mean(_softmax(temperature * heatmaps)) / torch.tensor([max(w - 1, 1), max(h - 1, 1)])


def wrong_height_for_width(heatmaps, temperature=6.0):
    """place % h and place // h: right for square maps only."""
    h = heatmaps.shape[1]
    p = (temperature * heatmaps).flatten(1).softmax(1)
    place = torch.arange(p.shape[1])
    return torch.stack([(p * (place % h)).sum(1), (p * (place // h)).sum(1)], 1)


def wrong_mean_of_all_maps(heatmaps, temperature=6.0):
    """One softmax over all maps together: their places are pulled to 0."""
    return _mean((temperature * heatmaps).flatten().softmax(0).view_as(heatmaps))


def wrong_no_gradient(heatmaps, temperature=6.0):
    """Through plain numbers: no loss can train through the place that it returns."""
    found = []
    for heat in heatmaps.tolist():
        top = max(map(max, heat))
        cells = [
            (math.exp(temperature * (v - top)), x, y) for y, row in enumerate(heat) for x, v in enumerate(row)
        ]
        total = sum(weight for weight, _, _ in cells)
        found.append([sum(w * x for w, x, _ in cells) / total, sum(w * y for w, _, y in cells) / total])
    return torch.tensor(found)
