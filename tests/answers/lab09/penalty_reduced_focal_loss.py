import torch
import torch.nn.functional as F
from torch import Tensor


def right_softplus(logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0) -> Tensor:
    """-log p is softplus(-x), -log(1 - p) is softplus(x), and 1 - p is sigmoid(-x)."""
    hit = targets == 1
    at_objects = torch.sigmoid(-logits) ** alpha * F.softplus(-logits)
    elsewhere = (1 - targets) ** beta * torch.sigmoid(logits) ** alpha * F.softplus(logits)
    return torch.where(hit, at_objects, elsewhere).sum() / hit.sum().clamp(min=1)


def right_logsigmoid_and_masks(
    logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0
) -> Tensor:
    """Both kinds of cells picked out and summed apart; the powers taken as logarithms."""
    objects = targets.eq(1)
    x = logits[objects]
    loss = -(torch.exp(alpha * F.logsigmoid(-x)) * F.logsigmoid(x)).sum()
    x, t = logits[~objects], targets[~objects]
    loss = loss - ((1 - t).pow(beta) * torch.exp(alpha * F.logsigmoid(x)) * F.logsigmoid(-x)).sum()
    return loss / max(int(objects.sum()), 1)


def right_cell_by_cell(logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0) -> Tensor:
    """One cell after another."""
    total, objects = logits.sum() * 0, 0
    for x, t in zip(logits.flatten(), targets.flatten(), strict=False):
        if t == 1:
            objects += 1
            total = total + torch.sigmoid(-x) ** alpha * -F.logsigmoid(x)
        else:
            total = total + (1 - t) ** beta * torch.sigmoid(x) ** alpha * -F.logsigmoid(-x)
    return total / max(objects, 1)


def wrong_log_of_sigmoid(logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0) -> Tensor:
    """Takes the logarithm of the sigmoid, which is infinite or nan at large logits."""
    p = logits.sigmoid()
    hit = targets == 1
    loss = torch.where(
        hit, -((1 - p) ** alpha) * p.log(), -((1 - targets) ** beta) * p**alpha * (1 - p).log()
    )
    return loss.sum() / hit.sum().clamp(min=1)


def wrong_clamped_probability(
    logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0
) -> Tensor:
    """Clamps p to [0.0001, 0.9999], so the loss is not exact at large logits and its gradient is 0."""
    p = logits.sigmoid().clamp(1e-4, 1 - 1e-4)
    hit = targets == 1
    loss = torch.where(
        hit, -((1 - p) ** alpha) * p.log(), -((1 - targets) ** beta) * p**alpha * (1 - p).log()
    )
    return loss.sum() / hit.sum().clamp(min=1)


def wrong_divides_by_zero(logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0) -> Tensor:
    """Divides by the number of objects even when there is none."""
    hit = targets == 1
    at_objects = torch.sigmoid(-logits) ** alpha * F.softplus(-logits)
    elsewhere = (1 - targets) ** beta * torch.sigmoid(logits) ** alpha * F.softplus(logits)
    return torch.where(hit, at_objects, elsewhere).sum() / hit.sum()


def wrong_no_forgiveness(logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0) -> Tensor:
    """Forgets the factor (1 - t)^beta: it is the plain focal loss."""
    hit = targets == 1
    at_objects = torch.sigmoid(-logits) ** alpha * F.softplus(-logits)
    elsewhere = torch.sigmoid(logits) ** alpha * F.softplus(logits)
    return torch.where(hit, at_objects, elsewhere).sum() / hit.sum().clamp(min=1)


def wrong_warm_cells_are_objects(
    logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0
) -> Tensor:
    """Counts every cell with a target above 0 as an object."""
    hit = targets > 0
    at_objects = torch.sigmoid(-logits) ** alpha * F.softplus(-logits)
    elsewhere = (1 - targets) ** beta * torch.sigmoid(logits) ** alpha * F.softplus(logits)
    return torch.where(hit, at_objects, elsewhere).sum() / hit.sum().clamp(min=1)


def wrong_focal_weight_detached(
    logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0
) -> Tensor:
    """Treats the focal weight as a constant, so that the value is right and the gradient is not."""
    hit = targets == 1
    p = logits.detach().sigmoid()
    q = (-logits.detach()).sigmoid()
    loss = torch.where(
        hit, q**alpha * F.softplus(-logits), (1 - targets) ** beta * p**alpha * F.softplus(logits)
    )
    return loss.sum() / hit.sum().clamp(min=1)


def wrong_mean_of_images(logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0) -> Tensor:
    """Divides each map by its own number of objects and averages, instead of one sum over all cells."""
    hit = targets == 1
    at_objects = torch.sigmoid(-logits) ** alpha * F.softplus(-logits)
    elsewhere = (1 - targets) ** beta * torch.sigmoid(logits) ** alpha * F.softplus(logits)
    loss = torch.where(hit, at_objects, elsewhere).sum((-1, -2))
    return (loss / hit.sum((-1, -2)).clamp(min=1)).mean()
