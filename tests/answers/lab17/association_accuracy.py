import torch
from torch import Tensor


def right_loop(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Hit by hit, with lists."""
    hits = [tuple(pair) for pair in pairs.tolist()]
    gs, ts = objects.tolist(), tracks.tolist()
    total = 0.0
    for g, t in hits:
        tpa = hits.count((g, t))
        total += tpa / (gs.count(g) + ts.count(t) - tpa)
    return total / len(hits) if hits else 0.0


def right_tables(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """All hits against all, at once."""
    if not len(pairs):
        return 0.0
    tpa = (pairs[:, None] == pairs[None]).all(-1).sum(1)
    fna = (pairs[:, :1] == objects).sum(1) - tpa
    fpa = (pairs[:, 1:] == tracks).sum(1) - tpa
    return (tpa / (tpa + fna + fpa)).mean().item()


def right_matrix(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """A table of object x track, as in TrackEval."""
    size = 1 + max([0, *objects.tolist(), *tracks.tolist()])
    together = torch.zeros(size, size, dtype=torch.float64)
    for g, t in pairs.tolist():
        together[g, t] += 1
    rows, columns = torch.bincount(objects, minlength=size), torch.bincount(tracks, minlength=size)
    share = together / (rows[:, None] + columns - together).clamp(min=1)
    return ((together * share).sum() / max(len(pairs), 1)).item()


def wrong_recall(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Frames of the object alone."""
    hits = [tuple(pair) for pair in pairs.tolist()]
    shares = [hits.count((g, t)) / objects.tolist().count(g) for g, t in hits]
    return sum(shares) / len(shares) if shares else 0.0


def wrong_precision(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Frames of the track alone."""
    hits = [tuple(pair) for pair in pairs.tolist()]
    shares = [hits.count((g, t)) / tracks.tolist().count(t) for g, t in hits]
    return sum(shares) / len(shares) if shares else 0.0


def wrong_distinct(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Averages over different pairs."""
    hits = [tuple(pair) for pair in pairs.tolist()]
    gs, ts = objects.tolist(), tracks.tolist()
    shares = [hits.count(h) / (gs.count(h[0]) + ts.count(h[1]) - hits.count(h)) for h in set(hits)]
    return sum(shares) / len(shares) if shares else 0.0


def wrong_double(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Does not take the shared frames away."""
    hits = [tuple(pair) for pair in pairs.tolist()]
    gs, ts = objects.tolist(), tracks.tolist()
    shares = [hits.count((g, t)) / (gs.count(g) + ts.count(t)) for g, t in hits]
    return sum(shares) / len(shares) if shares else 0.0


def wrong_over_objects(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Divides by all true boxes."""
    return right_loop(pairs, objects, tracks) * len(pairs) / len(objects)


def wrong_root(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """Takes HOTA's root already here."""
    return right_loop(pairs, objects, tracks) ** 0.5


def wrong_f1(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """2 TPA / (2 TPA + FNA + FPA)."""
    hits = [tuple(pair) for pair in pairs.tolist()]
    gs, ts = objects.tolist(), tracks.tolist()
    shares = [2 * hits.count((g, t)) / (gs.count(g) + ts.count(t)) for g, t in hits]
    return sum(shares) / len(shares) if shares else 0.0
