"""Answers to `head_losses` (lab 06) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops


def right_by_index(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    n = max(len(labels), 1)
    what = F.cross_entropy(logits, labels, reduction="sum") / n
    here = torch.where(labels > 0)[0]
    own = offsets[here, labels[here] - 1]  # (P, 4)
    return what, ops.smooth_l1_loss(own, wanted[here], reduction="sum", beta=1 / 9) / n


def right_gather_and_where(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    n = max(logits.shape[0], 1)
    what = -logits.log_softmax(1).gather(1, labels[:, None]).sum() / n
    column = (labels - 1).clamp(min=0)[:, None, None].expand(-1, 1, 4)
    own = offsets.gather(1, column).squeeze(1)
    each = F.smooth_l1_loss(own, wanted, reduction="none", beta=1 / 9).sum(1)
    return what, torch.where(labels > 0, each, torch.zeros_like(each)).sum() / n


def right_loop(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    what, where = logits[:0].sum(), offsets[:0].sum()
    for r, label in enumerate(labels.tolist()):
        what = what + logits[r].logsumexp(0) - logits[r, label]
        if label > 0:
            off = (offsets[r, label - 1] - wanted[r]).abs()
            where = where + torch.where(off < 1 / 9, off**2 * 9 / 2, off - 1 / 18).sum()
    n = max(len(labels), 1)
    return what / n, where / n


def right_class_after_class(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """The boxes class by class: column k holds the boxes of label k + 1."""
    n = max(len(labels), 1)
    what = F.nll_loss(F.log_softmax(logits, 1), labels, reduction="sum")
    where = offsets[:0].sum()
    for k in range(offsets.shape[1]):
        rows = labels == k + 1
        where = where + F.smooth_l1_loss(offsets[rows, k], wanted[rows], reduction="sum", beta=1 / 9)
    return what / n, where / n


def _class(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels, reduction="sum") / max(len(labels), 1)


def _box(own: Tensor, wanted: Tensor, beta: float = 1 / 9) -> Tensor:
    return F.smooth_l1_loss(own, wanted, reduction="sum", beta=beta)


def wrong_column_of_the_next_class(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Uses the label as the column of the box, although background has no box: one class too far."""
    here = labels > 0
    own = offsets[here, labels[here]]
    return _class(logits, labels), _box(own, wanted[here]) / max(len(labels), 1)


def wrong_next_class_wraps(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Reads the box one class too far, and keeps the index inside so that nothing crashes."""
    here = labels > 0
    own = offsets[here, labels[here].clamp(max=offsets.shape[1] - 1)]
    return _class(logits, labels), _box(own, wanted[here]) / max(len(labels), 1)


def wrong_box_over_positives(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Divides the box loss by the number of regions on objects instead of all regions."""
    here = labels > 0
    own = offsets[here, labels[here] - 1]
    return _class(logits, labels), _box(own, wanted[here]) / max(int(here.sum()), 1)


def wrong_background_has_a_box(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Background regions have a box loss too: column -1 is the last class, and is drawn to 0."""
    own = offsets[torch.arange(len(labels)), labels - 1]
    return _class(logits, labels), _box(own, wanted) / max(len(labels), 1)


def wrong_class_of_objects_only(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Only regions on objects have a class loss."""
    n, here = max(len(labels), 1), labels > 0
    own = offsets[here, labels[here] - 1]
    return F.cross_entropy(logits[here], labels[here], reduction="sum") / n, _box(own, wanted[here]) / n


def wrong_boxes_of_all_classes(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Trains the boxes of all classes of a region on an object, not only that of its own class."""
    here = labels > 0
    said = offsets[here]
    return _class(logits, labels), _box(said, wanted[here][:, None].expand_as(said)) / max(len(labels), 1)


def wrong_box_of_the_answer(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Trains the box of the class that the head says instead of the class that is true."""
    here = labels > 0
    said = logits[here][:, 1:].argmax(1)
    own = offsets[here, said]
    return _class(logits, labels), _box(own, wanted[here]) / max(len(labels), 1)


def wrong_mean_of_four(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Averages the four offsets instead of adding them."""
    here = labels > 0
    own = offsets[here, labels[here] - 1]
    return _class(logits, labels), _box(own, wanted[here]) / 4 / max(len(labels), 1)


def wrong_beta_one(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Leaves beta at the library's 1."""
    here = labels > 0
    own = offsets[here, labels[here] - 1]
    return _class(logits, labels), _box(own, wanted[here], beta=1.0) / max(len(labels), 1)


def wrong_softmax_twice(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Applies a softmax before the cross entropy, which applies it again."""
    here = labels > 0
    own = offsets[here, labels[here] - 1]
    return _class(logits.softmax(1), labels), _box(own, wanted[here]) / max(len(labels), 1)


def wrong_nothing_is_nan(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Takes the mean over the regions, which is no number without any region."""
    here = labels > 0
    each = F.smooth_l1_loss(offsets[here, labels[here] - 1], wanted[here], reduction="none", beta=1 / 9)
    of_region = offsets.new_zeros(len(labels))
    of_region = of_region.masked_scatter(here, each.sum(1))
    return F.cross_entropy(logits, labels), of_region.mean()


def wrong_box_first(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the box loss before the class loss."""
    return right_by_index(logits, offsets, labels, wanted)[::-1]


def wrong_class_not_divided(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Adds the class losses of all regions and does not divide."""
    what, where = right_by_index(logits, offsets, labels, wanted)
    return what * max(len(labels), 1), where


def wrong_background_is_last(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Takes the last column of the logits for background instead of column 0."""
    here = labels > 0
    own = offsets[here, labels[here] - 1]
    shifted = (labels - 1) % logits.shape[1]
    return _class(logits, shifted), _box(own, wanted[here]) / max(len(labels), 1)


def wrong_mean_box_of_classes(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Compares the mean box of all classes with the wanted one."""
    here = labels > 0
    return _class(logits, labels), _box(offsets[here].mean(1), wanted[here]) / max(len(labels), 1)


def wrong_binary_cross_entropy(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Asks of each class for itself, by binary cross entropy, as RetinaNet does."""
    true = F.one_hot(labels, logits.shape[1]).to(logits.dtype)
    what = F.binary_cross_entropy_with_logits(logits, true, reduction="sum") / max(len(labels), 1)
    return what, right_by_index(logits, offsets, labels, wanted)[1]


def wrong_huber(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Takes Huber's loss for smooth L1: it is smaller by the factor beta."""
    here = labels > 0
    own = offsets[here, labels[here] - 1]
    where = F.huber_loss(own, wanted[here], reduction="sum", delta=1 / 9)
    return _class(logits, labels), where / max(len(labels), 1)


def wrong_plain_absolute(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Takes plain L1, without the parabola near 0."""
    here = labels > 0
    own = offsets[here, labels[here] - 1]
    return _class(logits, labels), (own - wanted[here]).abs().sum() / max(len(labels), 1)


def wrong_box_teaches_the_wish(
    logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor
) -> tuple[Tensor, Tensor]:
    """Detaches the boxes that the head says, so that the box loss trains nothing."""
    here = labels > 0
    own = offsets.detach()[here, labels[here] - 1]
    return _class(logits, labels), _box(own, wanted[here]) / max(len(labels), 1)
