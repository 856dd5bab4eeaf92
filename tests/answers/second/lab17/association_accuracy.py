from collections import Counter

import torch
from torch import Tensor


def right_counter(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Counters and a loop over the different pairs, each weighted by its hits; returns 0.0 (a float) if there is no hit."""
    of_pair = Counter(map(tuple, pairs.tolist()))
    of_object, of_track = Counter(objects.tolist()), Counter(tracks.tolist())
    total = 0.0
    for (g, t), hits in of_pair.items():
        total += hits * hits / (of_object[g] + of_track[t] - hits)
    return total / max(len(pairs), 1)


def right_comparisons(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Vectorised tables of comparisons (P, P), (P, M), (P, N). int / int is float32 in PyTorch, so it agrees to about 1e-7 only (the text asks for no precision, but the cell after the check does: 1e-9)."""
    if len(pairs) == 0:
        return 0
    tpa = (pairs[:, None] == pairs[None]).all(2).sum(1)
    fna = (pairs[:, :1] == objects).sum(1) - tpa
    fpa = (pairs[:, 1:] == tracks).sum(1) - tpa
    return (tpa / (tpa + fna + fpa)).mean().item()


def right_unique(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """torch.unique with inverse and counts, numbers of any size or sign; doubles."""
    if not pairs.numel():
        return 0.0
    _, which, hits = torch.unique(pairs, dim=0, return_inverse=True, return_counts=True)
    tpa = hits[which].double()

    def boxes(numbers: Tensor, wanted: Tensor) -> Tensor:
        values, counts = torch.unique(numbers, return_counts=True)
        return counts[torch.searchsorted(values, wanted.contiguous())]

    union = boxes(objects, pairs[:, 0]) + boxes(tracks, pairs[:, 1]) - tpa
    return float(torch.mean(tpa / union))


def wrong_mean_over_pairs(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """The mean over the different pairs instead of over all hits."""
    of_pair = Counter(map(tuple, pairs.tolist()))
    of_object, of_track = Counter(objects.tolist()), Counter(tracks.tolist())
    values = [n / (of_object[g] + of_track[t] - n) for (g, t), n in of_pair.items()]
    return sum(values) / max(len(values), 1)


def wrong_hits_only(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Counts FNA and FPA among the hits only: boxes that are missed or on nothing do not count."""
    return right_counter(pairs, pairs[:, 0], pairs[:, 1])


def wrong_tpa_twice(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Adds all boxes of the object and of the track to TPA, instead of the *other* ones."""
    of_pair = Counter(map(tuple, pairs.tolist()))
    of_object, of_track = Counter(objects.tolist()), Counter(tracks.tolist())
    total = sum(n * n / (n + of_object[g] + of_track[t]) for (g, t), n in of_pair.items())
    return total / max(len(pairs), 1)


def wrong_pooled(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Adds up TPA, FNA and FPA of all hits and divides once, instead of the mean of the quotients."""
    of_pair = Counter(map(tuple, pairs.tolist()))
    of_object, of_track = Counter(objects.tolist()), Counter(tracks.tolist())
    top = sum(n * n for n in of_pair.values())
    bottom = sum(n * (of_object[g] + of_track[t] - n) for (g, t), n in of_pair.items())
    return top / bottom if bottom else 0.0


def wrong_false_positives_forgotten(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Leaves out FPA: a track that also sits on other objects is not punished."""
    of_pair = Counter(map(tuple, pairs.tolist()))
    of_object = Counter(objects.tolist())
    total = sum(n * n / of_object[g] for (g, _), n in of_pair.items())
    return total / max(len(pairs), 1)


def wrong_nan_without_hits(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """The mean of nothing: NaN if there is no hit."""
    tpa = (pairs[:, None] == pairs[None]).all(2).sum(1).double()
    union = (pairs[:, :1] == objects).sum(1) + (pairs[:, 1:] == tracks).sum(1) - tpa
    return (tpa / union).mean().item()
