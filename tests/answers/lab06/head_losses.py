"""Answers to `head_losses` (lab 06), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops


def right_by_indexing(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Sums of the library, and for each region on an object the box of its class."""
    count = max(len(labels), 1)
    what = F.cross_entropy(logits, labels, reduction="sum")
    rows = (labels > 0).nonzero()[:, 0]
    said = offsets[rows, labels[rows] - 1]
    where = ops.smooth_l1_loss(said, wanted[rows], reduction="sum", beta=1 / 9)
    return what / count, where / count


def right_by_hand(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """-log softmax at the right column; parabola and line for the box, gathered by class."""
    if len(labels) == 0:
        return logits.sum(), offsets.sum()
    what = -logits.log_softmax(1).gather(1, labels[:, None]).sum()
    place = (labels - 1).clamp(min=0)[:, None, None].expand(-1, 1, 4)
    distance = (offsets.gather(1, place)[:, 0] - wanted).abs()
    cost = torch.where(distance < 1 / 9, 4.5 * distance.square(), distance - 1 / 18)
    where = cost[labels > 0].sum()
    return what / len(labels), where / len(labels)


def right_by_one_hot(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """A mask over regions and classes without the column of the background; all costs,
    then the sum of those in it.
    """
    right_class = torch.arange(logits.shape[1]) == labels[:, None]
    n = max(logits.shape[0], 1)
    what = (logits.logsumexp(1) - logits.masked_fill(~right_class, 0.0).sum(1)).sum() / n
    costs = F.smooth_l1_loss(offsets, wanted[:, None].expand_as(offsets), reduction="none", beta=1 / 9)
    return what, costs.sum(-1)[right_class[:, 1:]].sum() / n


def right_by_loops(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Region by region; both sums begin with a 0 that hangs on the outputs."""
    what, where = logits.sum() * 0, offsets.sum() * 0
    for r, label in enumerate(labels.tolist()):
        what = what + torch.logsumexp(logits[r], 0) - logits[r, label]
        if label > 0:
            where = where + F.smooth_l1_loss(offsets[r, label - 1], wanted[r], reduction="sum", beta=1 / 9)
    return what / (len(labels) or 1), where / (len(labels) or 1)


def _what(logits, labels):
    """The right class loss."""
    return F.cross_entropy(logits, labels, reduction="sum") / max(len(labels), 1)


def _where(offsets, labels, wanted, beta=1 / 9):
    """The right box loss, not yet divided."""
    rows = (labels > 0).nonzero()[:, 0]
    return F.smooth_l1_loss(offsets[rows, labels[rows] - 1], wanted[rows], reduction="sum", beta=beta)


def wrong_box_of_the_next_class(logits, offsets, labels, wanted):
    """Takes column `labels` of the boxes, which have none for background: the next class,
    or an error at the last.
    """
    rows = (labels > 0).nonzero()[:, 0]
    where = F.smooth_l1_loss(offsets[rows, labels[rows]], wanted[rows], reduction="sum", beta=1 / 9)
    return _what(logits, labels), where / max(len(labels), 1)


def wrong_box_by_regions_on_objects(logits, offsets, labels, wanted):
    """Divides the box loss by the regions on objects and not by all of them."""
    return _what(logits, labels), _where(offsets, labels, wanted) / max(int((labels > 0).sum()), 1)


def wrong_class_on_objects_only(logits, offsets, labels, wanted):
    """Background has no class loss: the head never learns to say "nothing"."""
    on_object = labels > 0
    what = F.cross_entropy(logits[on_object], labels[on_object], reduction="sum") / max(len(labels), 1)
    return what, _where(offsets, labels, wanted) / max(len(labels), 1)


def wrong_boxes_of_all_classes(logits, offsets, labels, wanted):
    """Trains the boxes of all classes on each region on an object."""
    on_object = labels > 0
    said, true = offsets[on_object], wanted[on_object][:, None].expand(-1, offsets.shape[1], -1)
    where = F.smooth_l1_loss(said, true, reduction="sum", beta=1 / 9)
    return _what(logits, labels), where / max(len(labels), 1)


def wrong_background_trains_a_box(logits, offsets, labels, wanted):
    """Column labels - 1 for all regions: for background that is -1, the last class."""
    said = offsets[torch.arange(len(labels)), labels - 1]
    where = F.smooth_l1_loss(said, wanted, reduction="sum", beta=1 / 9)
    return _what(logits, labels), where / max(len(labels), 1)


def wrong_mean_of_the_four(logits, offsets, labels, wanted):
    """The mean of the four offsets and not their sum: a quarter of the box loss."""
    return _what(logits, labels), _where(offsets, labels, wanted) / 4 / max(len(labels), 1)


def wrong_mean_of_nothing(logits, offsets, labels, wanted):
    """The mean of the library: without regions it is not a number."""
    return F.cross_entropy(logits, labels), _where(offsets, labels, wanted) / max(len(labels), 1)


def wrong_beta(logits, offsets, labels, wanted):
    """beta is left at 1: the parabola reaches too far."""
    return _what(logits, labels), _where(offsets, labels, wanted, beta=1.0) / max(len(labels), 1)


def wrong_softmax_twice(logits, offsets, labels, wanted):
    """Gives probabilities to a loss that takes logits: it never falls to 0."""
    return _what(logits.softmax(1), labels), _where(offsets, labels, wanted) / max(len(labels), 1)


def wrong_axis_of_the_softmax(logits, offsets, labels, wanted):
    """The softmax runs over the regions and not over the classes."""
    what = -logits.log_softmax(0)[torch.arange(len(labels)), labels].sum() / max(len(labels), 1)
    return what, _where(offsets, labels, wanted) / max(len(labels), 1)


def wrong_box_of_the_predicted_class(logits, offsets, labels, wanted):
    """Trains the box of the class that is predicted, not of the one that is right."""
    rows = (labels > 0).nonzero()[:, 0]
    said = offsets[rows, logits[rows, 1:].argmax(1)]
    where = F.smooth_l1_loss(said, wanted[rows], reduction="sum", beta=1 / 9)
    return _what(logits, labels), where / max(len(labels), 1)


def wrong_not_divided(logits, offsets, labels, wanted):
    """Sums, not divided by R: the losses grow with the number of regions."""
    return F.cross_entropy(logits, labels, reduction="sum"), _where(offsets, labels, wanted)


def wrong_no_gradient(logits, offsets, labels, wanted):
    """`.item()` makes plain numbers of the losses: nothing can be trained."""
    where = _where(offsets, labels, wanted) / max(len(labels), 1)
    return torch.tensor(_what(logits, labels).item()), torch.tensor(where.item())


def wrong_binary(logits, offsets, labels, wanted):
    """A binary cross-entropy for each column, where one softmax over K + 1 answers was meant."""
    right = F.one_hot(labels, logits.shape[1]).float()
    what = F.binary_cross_entropy_with_logits(logits, right, reduction="sum") / max(len(labels), 1)
    return what, _where(offsets, labels, wanted) / max(len(labels), 1)


def wrong_plain_l1(logits, offsets, labels, wanted):
    """The absolute differences: 1/18 too much for each offset that is far off."""
    rows = (labels > 0).nonzero()[:, 0]
    where = (offsets[rows, labels[rows] - 1] - wanted[rows]).abs().sum()
    return _what(logits, labels), where / max(len(labels), 1)


def wrong_background_last(logits, offsets, labels, wanted):
    """Takes the last column for background and shifts the others: the columns begin with background."""
    columns = torch.where(labels > 0, labels - 1, logits.shape[1] - 1)
    return _what(logits, columns), _where(offsets, labels, wanted) / max(len(labels), 1)
