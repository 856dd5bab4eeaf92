"""Answers to `rpn_losses` (lab 06), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops


def right_by_indexing(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Picks the anchors of the sample and lets the library sum; sums over nothing are 0."""
    sample = match.positive | match.negative
    n = max(int(sample.sum()), 1)
    what = F.binary_cross_entropy_with_logits(
        objectness[sample], match.positive[sample].to(objectness.dtype), reduction="sum"
    )
    where = ops.smooth_l1_loss(offsets[match.positive], wanted[match.positive], reduction="sum", beta=1 / 9)
    return what / n, where / n


def right_by_hand(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Both losses from their formulas: softplus of the wrong answer, a parabola and a line."""
    n = (match.positive.sum() + match.negative.sum()).clamp(min=1)
    what = F.softplus(-objectness[match.positive]).sum() + F.softplus(objectness[match.negative]).sum()
    distance = (offsets[match.positive] - wanted[match.positive]).abs()
    beta = 1 / 9
    where = torch.where(distance < beta, distance**2 / (2 * beta), distance - beta / 2).sum()
    return what / n, where / n


def right_by_masks(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """The losses of all anchors; those that do not count are set to 0."""
    sample = torch.logical_or(match.positive, match.negative)
    n = sample.sum().clamp(min=1).to(objectness.dtype)
    costs = F.binary_cross_entropy_with_logits(
        objectness, match.positive.to(objectness.dtype), reduction="none"
    )
    said = offsets.masked_fill(~match.positive[:, None], 0.0)
    true = wanted.masked_fill(~match.positive[:, None], 0.0)
    return (
        torch.where(sample, costs, 0).sum() / n,
        F.smooth_l1_loss(said, true, reduction="sum", beta=1 / 9) / n,
    )


def right_by_loops(
    objectness: Tensor, offsets: Tensor, wanted: Tensor, match: ops.Match
) -> tuple[Tensor, Tensor]:
    """Anchor by anchor; starts at a 0 that hangs on the outputs,
    so that nothing to train on can go backward.
    """
    what, where, n = objectness.sum() * 0, offsets.sum() * 0, 0
    for a in range(len(objectness)):
        if match.positive[a]:
            n, what = n + 1, what - F.logsigmoid(objectness[a])
            for said, true in zip(offsets[a], wanted[a], strict=True):
                d = (said - true).abs()
                where = where + (4.5 * d * d if d < 1 / 9 else d - 1 / 18)
        elif match.negative[a]:
            n, what = n + 1, what - F.logsigmoid(-objectness[a])
    return what / max(n, 1), where / max(n, 1)


def _sums(objectness, offsets, wanted, match, beta=1 / 9):
    """The two right sums and the number of anchors, for answers whose mistake is elsewhere."""
    sample = match.positive | match.negative
    what = F.binary_cross_entropy_with_logits(
        objectness[sample], match.positive[sample].float(), reduction="sum"
    )
    where = F.smooth_l1_loss(offsets[match.positive], wanted[match.positive], reduction="sum", beta=beta)
    return what, where, max(int(sample.sum()), 1)


def wrong_box_by_positives(objectness, offsets, wanted, match):
    """Divides the box loss by the positives: it weighs far more than it should."""
    what, where, n = _sums(objectness, offsets, wanted, match)
    return what / n, where / max(int(match.positive.sum()), 1)


def wrong_boxes_of_negatives(objectness, offsets, wanted, match):
    """Trains the boxes of negatives too, which have no object to lead to."""
    what, _, n = _sums(objectness, offsets, wanted, match)
    sample = match.positive | match.negative
    return what / n, F.smooth_l1_loss(offsets[sample], wanted[sample], reduction="sum", beta=1 / 9) / n


def wrong_ignored_are_negative(objectness, offsets, wanted, match):
    """All that is not positive counts as background: ignored anchors are trained on."""
    _, where, n = _sums(objectness, offsets, wanted, match)
    what = F.binary_cross_entropy_with_logits(objectness, match.positive.float(), reduction="sum")
    return what / n, where / n


def wrong_mean_of_the_four(objectness, offsets, wanted, match):
    """The mean of the four offsets and not their sum: a quarter of the box loss."""
    what, where, n = _sums(objectness, offsets, wanted, match)
    return what / n, where / 4 / n


def wrong_beta(objectness, offsets, wanted, match):
    """beta is left at 1: the parabola reaches too far, small errors cost next to nothing."""
    what, where, n = _sums(objectness, offsets, wanted, match, beta=1.0)
    return what / n, where / n


def wrong_parabola_not_divided(objectness, offsets, wanted, match):
    """A parabola of d² / 2 without beta: it does not meet the line, and small errors cost a ninth."""
    what, _, n = _sums(objectness, offsets, wanted, match)
    d = (offsets[match.positive] - wanted[match.positive]).abs()
    return what / n, torch.where(d < 1 / 9, d**2 / 2, d - 1 / 18).sum() / n


def wrong_divided_by_all(objectness, offsets, wanted, match):
    """Divides by all anchors and not by those of the sample: both losses become tiny."""
    what, where, _ = _sums(objectness, offsets, wanted, match)
    return what / max(len(objectness), 1), where / max(len(objectness), 1)


def wrong_nothing_to_train_on(objectness, offsets, wanted, match):
    """Divides by 0 without a sample: not a number."""
    what, where, _ = _sums(objectness, offsets, wanted, match)
    n = (match.positive | match.negative).sum()
    return what / n, where / n


def wrong_sigmoid_twice(objectness, offsets, wanted, match):
    """Makes probabilities of the logits, and gives them to a loss that takes logits."""
    _, where, n = _sums(objectness, offsets, wanted, match)
    return _sums(objectness.sigmoid(), offsets, wanted, match)[0] / n, where / n


def wrong_answers_exchanged(objectness, offsets, wanted, match):
    """1 for background and 0 for objects: the first stage learns the opposite."""
    sample = match.positive | match.negative
    _, where, n = _sums(objectness, offsets, wanted, match)
    what = F.binary_cross_entropy_with_logits(
        objectness[sample], match.negative[sample].float(), reduction="sum"
    )
    return what / n, where / n


def wrong_objects_only(objectness, offsets, wanted, match):
    """Objectness of positives alone: "object" everywhere costs nothing."""
    _, where, n = _sums(objectness, offsets, wanted, match)
    return F.softplus(-objectness[match.positive]).sum() / n, where / n


def wrong_plain_l1(objectness, offsets, wanted, match):
    """The absolute differences: 1/18 too much for each offset that is far off."""
    what, _, n = _sums(objectness, offsets, wanted, match)
    return what / n, (offsets[match.positive] - wanted[match.positive]).abs().sum() / n


def wrong_not_divided(objectness, offsets, wanted, match):
    """Sums, not divided by n: the losses grow with the sample."""
    return _sums(objectness, offsets, wanted, match)[:2]


def wrong_no_gradient(objectness, offsets, wanted, match):
    """`.item()` makes plain numbers of the losses: nothing can be trained."""
    what, where, n = _sums(objectness, offsets, wanted, match)
    return torch.tensor(what.item() / n), torch.tensor(where.item() / n)


def wrong_order(objectness, offsets, wanted, match):
    """The box loss first: whoever gives them names gives the wrong ones."""
    what, where, n = _sums(objectness, offsets, wanted, match)
    return where / n, what / n


def wrong_one_sum(objectness, offsets, wanted, match):
    """Adds both up, where both were asked for."""
    what, where, n = _sums(objectness, offsets, wanted, match)
    return (what + where) / n
