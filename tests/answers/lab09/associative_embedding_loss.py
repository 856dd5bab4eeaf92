import torch
import torch.nn.functional as F
from torch import Tensor


def right_broadcast(top_left: Tensor, bottom_right: Tensor, margin: float = 1.0) -> tuple[Tensor, Tensor]:
    """All pairs of means at once; the diagonal is left out."""
    count = len(top_left)
    means = (top_left + bottom_right) / 2
    pull = ((top_left - means) ** 2 + (bottom_right - means) ** 2).sum() / max(count, 1)
    distances = torch.linalg.vector_norm(means[:, None] - means[None], dim=-1)
    other = ~torch.eye(count, dtype=torch.bool)
    push = (margin - distances)[other].clamp(min=0).sum() / max(count * (count - 1), 1)
    return pull, push


def right_loops(top_left: Tensor, bottom_right: Tensor, margin: float = 1.0) -> tuple[Tensor, Tensor]:
    """Object by object and pair by pair, as the formula is written."""
    count = top_left.shape[0]
    nothing = 0 * (top_left.sum() + bottom_right.sum())
    pull, push = nothing, nothing
    means = [(top_left[k] + bottom_right[k]) / 2 for k in range(count)]
    for k in range(count):
        pull = pull + (top_left[k] - means[k]).square().sum() / count
        pull = pull + (bottom_right[k] - means[k]).square().sum() / count
        for j in range(count):
            if j != k:
                distance = torch.linalg.vector_norm(means[k] - means[j])
                push = push + F.relu(margin - distance) / (count * (count - 1))
    return pull, push


def right_pdist(top_left: Tensor, bottom_right: Tensor, margin: float = 1.0) -> tuple[Tensor, Tensor]:
    """Half the squared difference is the pull; every pair once, and averaged, is the push."""
    difference = top_left - bottom_right
    pull = difference.square().sum(1).div(2)
    pull = pull.mean() if len(pull) else difference.sum()
    means = torch.stack([top_left, bottom_right]).mean(0)
    if len(means) < 2:
        return pull, means.sum() * 0
    return pull, F.relu(margin - F.pdist(means)).mean()


def _pull(top_left, bottom_right):
    means = (top_left + bottom_right) / 2
    return ((top_left - means) ** 2 + (bottom_right - means) ** 2).sum() / max(len(means), 1)


def _push(means, margin):
    count = len(means)
    distances = torch.linalg.vector_norm(means[:, None] - means[None], dim=-1)
    other = ~torch.eye(count, dtype=torch.bool)
    return (margin - distances)[other].clamp(min=0).sum() / max(count * (count - 1), 1)


def wrong_diagonal_counted(
    top_left: Tensor, bottom_right: Tensor, margin: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Forgets j != k: every object is also pushed away from itself."""
    means = (top_left + bottom_right) / 2
    count = len(means)
    distances = torch.linalg.vector_norm(means[:, None] - means[None], dim=-1)
    push = (margin - distances).clamp(min=0).sum() / max(count * (count - 1), 1)
    return _pull(top_left, bottom_right), push


def wrong_no_hinge(top_left: Tensor, bottom_right: Tensor, margin: float = 1.0) -> tuple[Tensor, Tensor]:
    """Forgets max(0, ...): objects that are far apart already make the push negative."""
    means = (top_left + bottom_right) / 2
    count = len(means)
    distances = torch.linalg.vector_norm(means[:, None] - means[None], dim=-1)
    other = ~torch.eye(count, dtype=torch.bool)
    push = (margin - distances)[other].sum() / max(count * (count - 1), 1)
    return _pull(top_left, bottom_right), push


def wrong_pairs_once(top_left: Tensor, bottom_right: Tensor, margin: float = 1.0) -> tuple[Tensor, Tensor]:
    """Sums every pair only once but divides by G (G - 1), so the push is half as large."""
    g = len(top_left)
    m = (top_left + bottom_right) / 2
    k, j = torch.triu_indices(g, g, offset=1)
    push = (margin - (m[k] - m[j]).norm(dim=1)).clamp_min(0).sum() / max(g * (g - 1), 1)
    return _pull(top_left, bottom_right), push


def wrong_mean_detached(top_left: Tensor, bottom_right: Tensor, margin: float = 1.0) -> tuple[Tensor, Tensor]:
    """Detaches the means, so that the push has the right value and trains nothing."""
    means = ((top_left + bottom_right) / 2).detach()
    pull = ((top_left - means) ** 2 + (bottom_right - means) ** 2).sum() / max(len(means), 1)
    return pull, _push(means, margin) + 0 * top_left.sum()


def wrong_nan_without_objects(
    top_left: Tensor, bottom_right: Tensor, margin: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Takes means of nothing, which are nan, for no object and for a single one."""
    means = (top_left + bottom_right) / 2
    pull = ((top_left - means) ** 2 + (bottom_right - means) ** 2).sum(1).mean()
    g = len(means)
    k, j = torch.triu_indices(g, g, offset=1)
    return pull, (margin - (means[k] - means[j]).norm(dim=1)).clamp(min=0).mean()


def wrong_gradient_of_root(
    top_left: Tensor, bottom_right: Tensor, margin: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Takes the root of the squared distances also on the diagonal, where its gradient is nan."""
    means = (top_left + bottom_right) / 2
    count = len(means)
    distances = (means[:, None] - means[None]).square().sum(-1).sqrt()
    push = (margin - distances).clamp(min=0) * (1 - torch.eye(count, dtype=means.dtype))
    return _pull(top_left, bottom_right), push.sum() / max(count * (count - 1), 1)


def wrong_mean_over_numbers(
    top_left: Tensor, bottom_right: Tensor, margin: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Averages the squares over the D numbers too, so that the pull is too small when D is more than 1."""
    means = (top_left + bottom_right) / 2
    if not len(means):
        return means.sum(), means.sum()
    pull = ((top_left - means) ** 2 + (bottom_right - means) ** 2).mean()
    return pull, _push(means, margin)
