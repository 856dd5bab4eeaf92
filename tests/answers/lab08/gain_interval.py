"""Answers to `gain_interval` (lab 08), written from the student's notebook alone."""

import numpy as np
import torch


def right_by_difference(found, other, objects, draws):
    """The difference of the counts first."""
    more = (found - other).double()
    gains = more[draws].sum(1) / objects[draws].sum(1)
    low, high = torch.quantile(gains, 0.025).item(), torch.quantile(gains, 0.975).item()
    return float(more.sum() / objects.sum()), low, high


def right_by_numpy(found, other, objects, draws):
    """NumPy's percentiles."""
    a, b, n, rows = (each.numpy() for each in (found, other, objects, draws))
    gains = a[rows].sum(1) / n[rows].sum(1) - b[rows].sum(1) / n[rows].sum(1)
    return a.sum() / n.sum() - b.sum() / n.sum(), np.percentile(gains, 2.5), np.percentile(gains, 97.5)


def right_by_sorting(found, other, objects, draws):
    """Sorted gains, read at rounded places."""
    gains = []
    for row in draws:
        total = objects[row].sum().item()
        gains.append((found[row].sum().item() - other[row].sum().item()) / total)
    gains.sort()
    low, high = gains[round(0.025 * (len(gains) - 1))], gains[round(0.975 * (len(gains) - 1))]
    return (found.sum().item() - other.sum().item()) / objects.sum().item(), low, high


def _scores(found, objects, draws):
    return found[draws].double().sum(1) / objects[draws].sum(1)


def _gain(found, other, objects):
    return ((found.sum() - other.sum()) / objects.sum()).item()


def _ends(gains, low=0.025, high=0.975):
    return gains.quantile(low).item(), gains.quantile(high).item()


def wrong_mean_of_shares(found, other, objects, draws):
    """The mean of each image's share."""
    shares = (found - other).double() / objects
    return shares.mean().item(), *_ends(shares[draws].mean(1))


def wrong_unpaired(found, other, objects, draws):
    """The other run's draws in reverse."""
    gains = _scores(found, objects, draws) - _scores(other, objects, draws.flip(0))
    return _gain(found, other, objects), *_ends(gains)


def wrong_two_intervals(found, other, objects, draws):
    """Low minus high and high minus low."""
    a, b = _ends(_scores(found, objects, draws)), _ends(_scores(other, objects, draws))
    return _gain(found, other, objects), a[0] - b[1], a[1] - b[0]


def wrong_ninety(found, other, objects, draws):
    """5 % on each side."""
    gains = _scores(found, objects, draws) - _scores(other, objects, draws)
    return _gain(found, other, objects), *_ends(gains, 0.05, 0.95)


def wrong_sign(found, other, objects, draws):
    """The other way round."""
    return right_by_difference(other, found, objects, draws)


def wrong_all_objects(found, other, objects, draws):
    """Divides by the objects of all images."""
    gains = (found - other)[draws].double().sum(1) / objects.sum()
    return _gain(found, other, objects), *_ends(gains)


def wrong_mean_of_draws(found, other, objects, draws):
    """The mean of the drawn gains as the gain."""
    gains = _scores(found, objects, draws) - _scores(other, objects, draws)
    return gains.mean().item(), *_ends(gains)


def wrong_low_first(found, other, objects, draws):
    """Low, gain, high."""
    gain, low, high = right_by_difference(found, other, objects, draws)
    return low, gain, high
