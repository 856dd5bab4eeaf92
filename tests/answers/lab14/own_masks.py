"""Answers to `own_masks` (lab 14), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_index(logits: Tensor, labels: Tensor) -> Tensor:
    """Row d and class labels[d] - 1, both as lists; then the sigmoid and an axis of one."""
    return logits[torch.arange(len(labels)), labels - 1].sigmoid()[:, None]


def right_by_gather(logits: Tensor, labels: Tensor) -> Tensor:
    """gather along the classes, the index laid over all cells; the axis stays."""
    own = (labels - 1).reshape(-1, 1, 1, 1).expand(-1, 1, *logits.shape[2:])
    return torch.sigmoid(logits.gather(1, own))


def right_by_one_hot(logits: Tensor, labels: Tensor) -> Tensor:
    """Probabilities of all classes; those of other classes become 0, and the sum over the classes is left."""
    mine = F.one_hot(labels - 1, logits.shape[1]).bool()[:, :, None, None]
    return torch.where(mine, logits.sigmoid(), 0).sum(1, keepdim=True)


def right_by_loop(logits: Tensor, labels: Tensor) -> Tensor:
    """Detection by detection; nothing found is answered early."""
    if not len(labels):
        return logits[:, :1].sigmoid()
    own = [each[label - 1 : label] for each, label in zip(logits, labels.tolist(), strict=True)]
    return 1 / (1 + torch.exp(-torch.stack(own)))


def _own(logits, labels):
    return logits[torch.arange(len(labels)), labels - 1][:, None]


def wrong_label_as_index(logits, labels):
    """Forgets that labels begin at 1: the mask of the next class, and an error for the last one."""
    return logits[torch.arange(len(labels)), labels].sigmoid()[:, None]


def wrong_softmax_over_classes(logits, labels):
    """A softmax over the classes: they compete for each cell."""
    return _own(logits.softmax(1), labels)


def wrong_softmax_over_cells(logits, labels):
    """A softmax over the cells: the whole mask sums to 1."""
    own = _own(logits, labels)
    return own.flatten(2).softmax(2).view_as(own)


def wrong_logits(logits, labels):
    """Returns logits, not probabilities."""
    return _own(logits, labels)


def wrong_without_the_axis(logits, labels):
    """(D, m, m): the axis of one is missing."""
    return _own(logits, labels)[:, 0].sigmoid()


def wrong_cut_at_a_half(logits, labels):
    """0 or 1 already, where probabilities were asked for."""
    return (_own(logits, labels).sigmoid() > 0.5).to(logits.dtype)


def wrong_most_certain_class(logits, labels):
    """In each cell the highest of all classes, whatever the label."""
    return logits.amax(1, keepdim=True).sigmoid()


def wrong_all_pairs(logits, labels):
    """logits[:, labels - 1]: the classes of all detections for each detection, (D, D, m, m)."""
    return logits[:, labels - 1].sigmoid()


def wrong_labels_of_the_first(logits, labels):
    """The class of the first detection for all: right while there is one class only."""
    return logits[:, labels[:1] - 1].sigmoid()


def wrong_sigmoid_twice(logits, labels):
    """Two sigmoids: all values lie between 0.5 and 0.73."""
    return _own(logits, labels).sigmoid().sigmoid()


def wrong_mean_of_classes(logits, labels):
    """The mean mask of all classes."""
    return logits.sigmoid().mean(1, keepdim=True)


def wrong_input_changed(logits, labels):
    """sigmoid_ works in place: the caller's logits are probabilities afterwards."""
    return logits.sigmoid_()[torch.arange(len(labels)), labels - 1][:, None]


def wrong_nothing_found(logits, labels):
    """Stacks a list: an error without detections."""
    return torch.stack([each[label - 1].sigmoid()[None] for each, label in zip(logits, labels, strict=True)])


def wrong_other_classes_kept(logits, labels):
    """All K masks, with 0 for the other classes: (D, K, m, m)."""
    mine = F.one_hot(labels - 1, logits.shape[1])[:, :, None, None]
    return logits.sigmoid() * mine


def wrong_masked_before_the_sigmoid(logits, labels):
    """Sets the logits of other classes to 0 and sums after the sigmoid: each of them adds a half."""
    mine = F.one_hot(labels - 1, logits.shape[1])[:, :, None, None]
    return (logits * mine).sigmoid().sum(1, keepdim=True)
