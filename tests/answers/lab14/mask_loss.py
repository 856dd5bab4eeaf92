"""Answers to `mask_loss` (lab 14), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_library(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy with logits of the own masks; a 0 that hangs on the logits without objects."""
    if not len(labels):
        return logits.sum() * 0
    own = logits[torch.arange(len(labels)), labels - 1]
    return F.binary_cross_entropy_with_logits(own, wanted)


def right_by_formula(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    """softplus(logit) - wanted * logit, summed and divided by the number of cells, 1 at least."""
    own = logits.gather(1, (labels - 1)[:, None, None, None].expand(-1, 1, *logits.shape[2:]))[:, 0]
    return (F.softplus(own) - wanted * own).sum() / max(own.numel(), 1)


def right_by_objects(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    """The mean of each object, and their mean, for all have as many cells; a plain 0 without objects."""
    costs = []
    for each, true, label in zip(logits, wanted, labels.tolist(), strict=True):
        own = each[label - 1]
        costs.append(-(true * F.logsigmoid(own) + (1 - true) * F.logsigmoid(-own)).mean())
    return torch.stack(costs).mean() if costs else torch.tensor(0.0)


def right_by_weights(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    """The costs of all classes, those of other classes weighted with 0."""
    mine = F.one_hot(labels - 1, logits.shape[1]).to(logits.dtype)[:, :, None, None]
    true = wanted[:, None].expand_as(logits).to(logits.dtype)
    costs = F.binary_cross_entropy_with_logits(logits, true, weight=mine.expand_as(logits), reduction="sum")
    return costs / max(wanted.numel(), 1)


def _own(logits, labels):
    return logits[torch.arange(len(labels)), labels - 1]


def _entropy(own, wanted):
    """The right loss of the right masks, 0 without objects."""
    return F.binary_cross_entropy_with_logits(own, wanted, reduction="sum") / max(own.numel(), 1)


def wrong_label_as_index(logits, wanted, labels):
    """Forgets that labels begin at 1: trains the mask of the next class, and fails for the last."""
    return _entropy(logits[torch.arange(len(labels)), labels], wanted)


def wrong_all_classes_want_it(logits, wanted, labels):
    """Trains the masks of all classes to look like the object."""
    return _entropy(logits, wanted[:, None].expand_as(logits))


def wrong_other_classes_want_nothing(logits, wanted, labels):
    """Trains the masks of other classes to be empty: nobody asked them."""
    mine = F.one_hot(labels - 1, logits.shape[1])[:, :, None, None]
    return _entropy(logits, wanted[:, None] * mine)


def wrong_softmax(logits, wanted, labels):
    """A softmax over the classes and then the cross-entropy: other classes are moved as well."""
    own = _own(logits.softmax(1), labels).clamp(1e-6, 1 - 1e-6)
    return _entropy(own.logit(), wanted)


def wrong_sum(logits, wanted, labels):
    """The sum over objects and cells."""
    return F.binary_cross_entropy_with_logits(_own(logits, labels), wanted, reduction="sum")


def wrong_sum_over_cells(logits, wanted, labels):
    """The sum over the cells and the mean over the objects: m² times too much."""
    return _entropy(_own(logits, labels), wanted) * (wanted.shape[1] * wanted.shape[2])


def wrong_divided_by_classes(logits, wanted, labels):
    """Divides by K as well, as a mean over all masks with zeros for other classes would."""
    return _entropy(_own(logits, labels), wanted) / logits.shape[1]


def wrong_no_objects(logits, wanted, labels):
    """The mean over nothing: not a number in an image without objects."""
    return F.binary_cross_entropy_with_logits(_own(logits, labels), wanted)


def wrong_sigmoid_twice(logits, wanted, labels):
    """Gives probabilities to a loss that takes logits."""
    return _entropy(_own(logits, labels).sigmoid(), wanted)


def wrong_logarithm_of_the_sigmoid(logits, wanted, labels):
    """The loss for probabilities: a logit of 30 is rounded to the probability 1, and costs 100 and not 30."""
    own = _own(logits, labels).sigmoid()
    return F.binary_cross_entropy(own, wanted, reduction="sum") / max(own.numel(), 1)


def wrong_yes_or_no(logits, wanted, labels):
    """Rounds the wanted values to 0 or 1: what the cells at the boundary know is lost."""
    return _entropy(_own(logits, labels), (wanted > 0.5).to(logits.dtype))


def wrong_object_only(logits, wanted, labels):
    """Only the first term: background costs nothing, and a full mask is perfect."""
    own = _own(logits, labels)
    return -(wanted * F.logsigmoid(own)).sum() / max(own.numel(), 1)


def wrong_sign(logits, wanted, labels):
    """Forgets the minus: the loss is smallest for the worst mask."""
    return -_entropy(_own(logits, labels), wanted)


def wrong_squares(logits, wanted, labels):
    """Squared differences of probabilities: no cross-entropy."""
    off = _own(logits, labels).sigmoid() - wanted
    return (off**2).sum() / max(off.numel(), 1)


def wrong_covered_cells_only(logits, wanted, labels):
    """The mean over the cells that have some object in them: the rest of the region is not trained."""
    covered = wanted > 0
    return _entropy(_own(logits, labels)[covered], wanted[covered])


def wrong_number(logits, wanted, labels):
    """`.item()` makes a plain number of it: nothing can be trained."""
    return torch.tensor(_entropy(_own(logits, labels), wanted).item())


def wrong_cost_of_each_object(logits, wanted, labels):
    """(P,) losses, not one number."""
    costs = F.binary_cross_entropy_with_logits(_own(logits, labels), wanted, reduction="none")
    return costs.mean((1, 2))
