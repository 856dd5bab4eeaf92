import math

import torch
import torch.nn.functional as F
from torch import Tensor


def right_normalize(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """Vectorised, with F.normalize."""
    return F.normalize(keep * old + (1 - keep) * new, dim=1)


def right_loop(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """A loop over tracks and channels in Python numbers; keeps the dtype; T = 0 gives (0, C)."""
    out = torch.zeros_like(old)
    for i, (a, b) in enumerate(zip(old.tolist(), new.tolist(), strict=False)):
        mean = [keep * x + (1 - keep) * y for x, y in zip(a, b, strict=False)]
        length = math.sqrt(sum(x * x for x in mean))
        out[i] = torch.tensor([x / length for x in mean], dtype=old.dtype)
    return out


def right_lerp_einsum(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """lerp for the mean, the squared length by einsum and rsqrt; no guard against length 0, which the text rules out."""
    mean = torch.lerp(new, old, keep)
    return mean * torch.einsum("tc,tc->t", mean, mean).rsqrt()[:, None]


def wrong_not_scaled(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """Forgets to scale to length 1 again."""
    return keep * old + (1 - keep) * new


def wrong_keep_swapped(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """`keep` is the weight of the new look."""
    return F.normalize((1 - keep) * old + keep * new, dim=1)


def wrong_dimension(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """Scales each channel over the tracks (dim 0) instead of each track."""
    return F.normalize(keep * old + (1 - keep) * new, dim=0)


def wrong_one_length_for_all(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """Divides by the length of the whole table: norm() without a dimension."""
    mean = keep * old + (1 - keep) * new
    return mean / mean.norm()


def wrong_in_place(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """The right numbers, but the memory is overwritten in place."""
    old *= keep
    old += (1 - keep) * new
    old /= old.norm(dim=1, keepdim=True)
    return old


def wrong_crash_without_tracks(old: Tensor, new: Tensor, keep: float) -> Tensor:
    """A list of rows and torch.stack, which raises for an empty list (T = 0)."""
    rows = []
    for a, b in zip(old, new, strict=False):
        mean = keep * a + (1 - keep) * b
        rows.append(mean / mean.norm())
    return torch.stack(rows)
