import torch
from torch import Tensor


def right_loops(ms: Tensor, ap: Tensor) -> Tensor:
    """Asks every other detector."""
    keep = []
    for i in range(len(ms)):
        dominated = False
        for j in range(len(ms)):
            if ms[j] <= ms[i] and ap[j] >= ap[i] and (ms[j] < ms[i] or ap[j] > ap[i]):
                dominated = True
        keep.append(not dominated)
    return torch.tensor(keep, dtype=torch.bool)


def right_table(ms: Tensor, ap: Tensor) -> Tensor:
    """A table of differences; at least as good, and not equal."""
    faster, better = ms[:, None] - ms[None], ap[None] - ap[:, None]
    dominates = (faster >= 0) & (better >= 0) & (faster + better > 0)
    return ~dominates.any(dim=1)


def right_sweep(ms: Tensor, ap: Tensor) -> Tensor:
    """Sorted by time, with equal times together: keep those that beat all faster ones and are the best of their time."""
    keep = torch.zeros(len(ms), dtype=torch.bool)
    best = float("-inf")
    for time in ms.unique().tolist():
        here = ms == time
        top = ap[here].max().item()
        if top > best:
            keep |= here & (ap == top)
            best = top
    return keep


def wrong_strict(ms: Tensor, ap: Tensor) -> Tensor:
    """Only what is strictly better in both dominates."""
    return ~((ms < ms[:, None]) & (ap > ap[:, None])).any(1)


def wrong_itself(ms: Tensor, ap: Tensor) -> Tensor:
    """Everything dominates itself."""
    return ~((ms <= ms[:, None]) & (ap >= ap[:, None])).any(1)


def wrong_or(ms: Tensor, ap: Tensor) -> Tensor:
    """Better in one is enough."""
    return ~((ms < ms[:, None]) | (ap > ap[:, None])).any(1)


def wrong_turned(ms: Tensor, ap: Tensor) -> Tensor:
    """Returns the dominated ones."""
    as_good = (ms <= ms[:, None]) & (ap >= ap[:, None])
    return (as_good & ((ms < ms[:, None]) | (ap > ap[:, None]))).any(1)


def wrong_direction(ms: Tensor, ap: Tensor) -> Tensor:
    """Takes more milliseconds for better."""
    as_good = (ms >= ms[:, None]) & (ap >= ap[:, None])
    return ~(as_good & ((ms > ms[:, None]) | (ap > ap[:, None]))).any(1)


def wrong_only_best(ms: Tensor, ap: Tensor) -> Tensor:
    """The most accurate one."""
    return ap == ap.max() if len(ap) else torch.zeros(0, dtype=torch.bool)


def wrong_climb(ms: Tensor, ap: Tensor) -> Tensor:
    """Loses one of two equal detectors."""
    keep = torch.zeros(len(ms), dtype=torch.bool)
    best = -1.0
    for i in sorted(range(len(ms)), key=lambda i: (ms[i].item(), -ap[i].item())):
        if ap[i].item() > best:
            keep[i], best = True, ap[i].item()
    return keep


def wrong_indices(ms: Tensor, ap: Tensor) -> Tensor:
    """Returns which, not whether."""
    as_good = (ms <= ms[:, None]) & (ap >= ap[:, None])
    return torch.where(~(as_good & ((ms < ms[:, None]) | (ap > ap[:, None]))).any(1))[0]
