import torch
import torch.nn.functional as F
from torch import Tensor


def right_normalize(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """torch's own scaling."""
    return F.normalize(old * keep + new * (1 - keep), dim=-1)


def right_lerp(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """torch.lerp, and the root of the sum of squares."""
    mean = torch.lerp(new, old, keep)
    return mean / (mean**2).sum(1, keepdim=True).sqrt()


def right_rows(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """Row by row."""
    rows = [keep * a + (1 - keep) * b for a, b in zip(old, new, strict=True)]
    return torch.stack([row / row.norm() for row in rows]) if rows else torch.zeros_like(old)


def wrong_not_scaled(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """The mean as it is."""
    return keep * old + (1 - keep) * new


def wrong_swapped(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """keep for the new one."""
    return F.normalize(keep * new + (1 - keep) * old, dim=1)


def wrong_whole_table(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """One length for all rows."""
    mean = keep * old + (1 - keep) * new
    return mean / mean.norm() if len(mean) else mean


def wrong_axis(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """Scales the columns."""
    return F.normalize(keep * old + (1 - keep) * new, dim=0)


def wrong_sum(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """The new look with its full weight."""
    return F.normalize(keep * old + new, dim=1)


def wrong_latest(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """The newest look."""
    return new.clone()


def wrong_in_place(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """Writes into the old look."""
    old.mul_(keep).add_((1 - keep) * new)
    return F.normalize(old, dim=1)
