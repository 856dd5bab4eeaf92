import torch
from torch import Tensor


def right_argmax(ious: Tensor, target: float) -> Tensor:
    """Vectorised: the first True of each row with argmax, C where there is none."""
    reached = ious >= target
    first = reached.int().argmax(1) + 1
    return torch.where(reached.any(1), first, ious.shape[1])


def right_loops(ious: Tensor, target: float) -> Tensor:
    """Loops over Python numbers, so an IoU that is the float32 of the target is compared in float64 (0.7 in float32 is below 0.7: left open)."""
    rows = []
    for row in ious.tolist():
        rows.append(next((n for n, iou in enumerate(row, start=1) if iou >= target), len(row)))
    return torch.tensor(rows, dtype=torch.int64)


def right_best_so_far(ious: Tensor, target: float) -> Tensor:
    """The best IoU so far rises, so count after how many clicks it is below the target, and add one."""
    below = (ious.cummax(1).values < target).sum(1)
    return (below + 1).clamp(max=ious.shape[1])


def wrong_strictly_more(ious: Tensor, target: float) -> Tensor:
    """Asks for an IoU above the target; exactly the target does not count."""
    reached = ious > target
    return torch.where(reached.any(1), reached.int().argmax(1) + 1, ious.shape[1])


def wrong_never_is_one_more(ious: Tensor, target: float) -> Tensor:
    """Gives C + 1 to an object that never gets there."""
    reached = ious >= target
    return torch.where(reached.any(1), reached.int().argmax(1) + 1, ious.shape[1] + 1)


def wrong_never_is_one(ious: Tensor, target: float) -> Tensor:
    """Forgets that argmax of a row without True is 0, so an object that never gets there needs one click."""
    return (ious >= target).int().argmax(1) + 1


def wrong_counts_all_below(ious: Tensor, target: float) -> Tensor:
    """Counts all clicks below the target, also those after the first success."""
    return ((ious < target).sum(1) + 1).clamp(max=ious.shape[1])


def wrong_stays_there(ious: Tensor, target: float) -> Tensor:
    """The first click from which on the IoU never falls below the target again."""
    reached = ious >= target
    stays = reached.flip(1).int().cumprod(1).flip(1)
    return torch.where(stays.any(1), stays.argmax(1) + 1, ious.shape[1])


def wrong_leaves_failures_out(ious: Tensor, target: float) -> Tensor:
    """Drops the objects that never get there."""
    reached = ious >= target
    return reached[reached.any(1)].int().argmax(1) + 1
