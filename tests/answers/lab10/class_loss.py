import torch
import torch.nn.functional as F
from torch import Tensor


def right_library(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """F.cross_entropy with a weight per class divides by the weights."""
    weight = torch.ones(logits.shape[1], dtype=logits.dtype)
    weight[0] = no_object_weight
    return F.cross_entropy(logits, classes, weight=weight)


def right_by_hand(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """log_softmax, gather, weights per query."""
    entropies = -logits.log_softmax(-1).gather(1, classes[:, None])[:, 0]
    weights = torch.where(classes == 0, no_object_weight, 1.0).to(logits.dtype)
    return (weights * entropies).sum() / weights.sum()


def right_loop(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """Query by query, with logsumexp."""
    total, weights = 0.0, 0.0
    for row, label in zip(logits, classes.tolist(), strict=True):
        weight = no_object_weight if label == 0 else 1.0
        total = total + weight * (torch.logsumexp(row, 0) - row[label])
        weights += weight
    return total / weights


def wrong_plain_mean(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """Divides the weighted sum by the number of queries instead of by the sum of the weights."""
    weights = torch.where(classes == 0, no_object_weight, 1.0)
    return (weights * F.cross_entropy(logits, classes, reduction="none")).mean()


def wrong_by_objects(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """Divides by the number of queries that have an object."""
    weights = torch.where(classes == 0, no_object_weight, 1.0)
    total = (weights * F.cross_entropy(logits, classes, reduction="none")).sum()
    return total / (classes > 0).sum().clamp(min=1)


def wrong_weights_swapped(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """Gives the small weight to the queries that have an object."""
    weights = torch.where(classes > 0, no_object_weight, 1.0)
    return (weights * F.cross_entropy(logits, classes, reduction="none")).sum() / weights.sum()


def wrong_log_of_softmax(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """Takes the logarithm of the softmax, which is -inf for large logits."""
    chances = logits.softmax(-1)[torch.arange(len(classes)), classes]
    weights = torch.where(classes == 0, no_object_weight, 1.0)
    return (weights * -chances.log()).sum() / weights.sum()


def wrong_weight_is_fixed(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """Writes 0.1 into the code and never uses the argument."""
    weight = torch.ones(logits.shape[1])
    weight[0] = 0.1
    return F.cross_entropy(logits, classes, weight=weight)


def wrong_by_prediction(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """Gives the small weight to the queries that predict "no object", not to those whose class it is."""
    weights = torch.where(logits.argmax(-1) == 0, no_object_weight, 1.0)
    return (weights * F.cross_entropy(logits, classes, reduction="none")).sum() / weights.sum()


def wrong_no_gradient(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """Makes a new tensor out of plain numbers, so that no gradient reaches the logits."""
    weight = torch.ones(logits.shape[1])
    weight[0] = no_object_weight
    return torch.tensor(F.cross_entropy(logits, classes, weight=weight).item())
