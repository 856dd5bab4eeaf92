"""Answers to `rpn_losses` (lab 06) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops


def right_by_index(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    chosen = match.positive | match.negative
    n = max(int(chosen.sum()), 1)
    said, true = objectness[chosen], match.positive[chosen].to(objectness.dtype)
    what = F.binary_cross_entropy_with_logits(said, true, reduction="sum") / n
    where = ops.smooth_l1_loss(offsets[match.positive], wanted[match.positive], reduction="sum", beta=1 / 9)
    return what, where / n


def right_by_hand(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    n = (match.positive.sum() + match.negative.sum()).clamp(min=1)
    # BCE of a logit z: -log sigmoid(z) on objects, -log sigmoid(-z) elsewhere
    what = F.softplus(-objectness[match.positive]).sum() + F.softplus(objectness[match.negative]).sum()
    off = (offsets - wanted)[match.positive].abs()
    where = torch.where(off < 1 / 9, 4.5 * off**2, off - 1 / 18).sum()
    return what / n, where / n


def right_weights(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    weight = torch.logical_or(match.positive, match.negative).to(objectness.dtype)
    n = weight.sum().clamp(min=1)
    what = F.binary_cross_entropy_with_logits(
        objectness, match.positive.to(objectness.dtype), weight=weight, reduction="sum"
    )
    here = match.positive[:, None]
    said = torch.where(here, offsets, torch.zeros_like(offsets))
    true = torch.where(here, wanted, torch.zeros_like(wanted))
    where = F.smooth_l1_loss(said, true, reduction="none", beta=1 / 9).sum(1).sum()
    return what / n, where / n


def right_loop(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    what, where, n = objectness[:0].sum(), offsets[:0].sum(), 0
    for a in range(len(objectness)):
        if match.positive[a]:
            what = what - F.logsigmoid(objectness[a])
            for k in range(4):
                off = (offsets[a, k] - wanted[a, k]).abs()
                where = where + (off * off * 9 / 2 if off.item() < 1 / 9 else off - 1 / 18)
            n += 1
        elif match.negative[a]:
            what = what - F.logsigmoid(-objectness[a])
            n += 1
    return what / max(n, 1), where / max(n, 1)


def _bce(said: Tensor, true: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(said, true.to(said.dtype), reduction="sum")


def _box(offsets: Tensor, wanted: Tensor, here: Tensor, beta: float = 1 / 9) -> Tensor:
    return F.smooth_l1_loss(offsets[here], wanted[here], reduction="sum", beta=beta)


def wrong_box_over_positives(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Divides the box loss by the number of positive anchors, not by that of the whole sample."""
    chosen = match.positive | match.negative
    what = _bce(objectness[chosen], match.positive[chosen]) / max(int(chosen.sum()), 1)
    return what, _box(offsets, wanted, match.positive) / max(int(match.positive.sum()), 1)


def wrong_ignored_are_negative(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Trains on the ignored anchors too, as if all that is not positive were negative."""
    n = max(len(objectness), 1)
    return _bce(objectness, match.positive) / n, _box(offsets, wanted, match.positive) / n


def wrong_divides_by_all_anchors(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Adds the sample only, but divides by the number of all anchors."""
    chosen = match.positive | match.negative
    n = max(len(objectness), 1)
    return _bce(objectness[chosen], match.positive[chosen]) / n, _box(offsets, wanted, match.positive) / n


def wrong_mean_of_four(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Takes the mean of the four offsets of an anchor instead of their sum."""
    chosen = match.positive | match.negative
    n = max(int(chosen.sum()), 1)
    what = _bce(objectness[chosen], match.positive[chosen]) / n
    off = F.smooth_l1_loss(offsets, wanted, reduction="none", beta=1 / 9).mean(1)
    return what, off[match.positive].sum() / n


def wrong_beta_one(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Leaves beta at the library's 1."""
    chosen = match.positive | match.negative
    n = max(int(chosen.sum()), 1)
    what = _bce(objectness[chosen], match.positive[chosen]) / n
    return what, _box(offsets, wanted, match.positive, beta=1.0) / n


def wrong_boxes_of_negatives(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Negative anchors of the sample have a box loss as well."""
    chosen = match.positive | match.negative
    n = max(int(chosen.sum()), 1)
    return _bce(objectness[chosen], match.positive[chosen]) / n, _box(offsets, wanted, chosen) / n


def wrong_sigmoid_twice(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Applies a sigmoid before a loss that applies it again."""
    chosen = match.positive | match.negative
    n = max(int(chosen.sum()), 1)
    what = _bce(objectness[chosen].sigmoid(), match.positive[chosen]) / n
    return what, _box(offsets, wanted, match.positive) / n


def wrong_box_first(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Returns the box loss before the objectness."""
    chosen = match.positive | match.negative
    n = max(int(chosen.sum()), 1)
    what = _bce(objectness[chosen], match.positive[chosen]) / n
    return _box(offsets, wanted, match.positive) / n, what


def wrong_nothing_is_nan(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """With nothing to train on it divides by 0."""
    chosen = match.positive | match.negative
    n = chosen.sum()
    return _bce(objectness[chosen], match.positive[chosen]) / n, _box(offsets, wanted, match.positive) / n


def wrong_negatives_are_objects(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Has the two answers the wrong way round: 1 for background."""
    chosen = match.positive | match.negative
    n = max(int(chosen.sum()), 1)
    what = _bce(objectness[chosen], match.negative[chosen]) / n
    return what, _box(offsets, wanted, match.positive) / n


def wrong_huber(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Takes Huber's loss for smooth L1: it is smaller by the factor beta."""
    chosen = match.positive | match.negative
    n = max(int(chosen.sum()), 1)
    what = _bce(objectness[chosen], match.positive[chosen]) / n
    here = match.positive
    return what, F.huber_loss(offsets[here], wanted[here], reduction="sum", delta=1 / 9) / n


def wrong_target_is_the_label(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Takes the number of the object for the answer, so that object 0 is background."""
    chosen = match.positive | match.negative
    n = max(int(chosen.sum()), 1)
    what = _bce(objectness[chosen], (match.target > 0)[chosen]) / n
    return what, _box(offsets, wanted, match.positive) / n


def wrong_only_positive_objectness(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Only positive anchors have an objectness loss."""
    n = max(int((match.positive | match.negative).sum()), 1)
    here = match.positive
    return _bce(objectness[here], here[here]) / n, _box(offsets, wanted, here) / n


def wrong_each_kind_has_its_mean(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Averages over positive and over negative anchors separately, so that both count the same."""
    positive, negative = match.positive, match.negative
    what = F.softplus(-objectness[positive]).sum() / max(int(positive.sum()), 1)
    what = (what + F.softplus(objectness[negative]).sum() / max(int(negative.sum()), 1)) / 2
    return what, _box(offsets, wanted, positive) / max(int((positive | negative).sum()), 1)


def wrong_plain_numbers(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Computes on detached tensors, so that nothing is trained."""
    chosen = match.positive | match.negative
    n = max(int(chosen.sum()), 1)
    what = _bce(objectness.detach()[chosen], match.positive[chosen]) / n
    return what, _box(offsets.detach(), wanted, match.positive) / n
