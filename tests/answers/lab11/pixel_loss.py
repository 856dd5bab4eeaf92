"""Answers to `pixel_loss` (lab 11), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def right_by_ignore_index(logits: Tensor, labels: Tensor) -> Tensor:
    """The library leaves out 255; a sum over nothing is 0, and its gradient as well."""
    total = F.cross_entropy(logits, labels.long(), ignore_index=255, reduction="sum")
    return total / (labels != 255).sum().clamp(min=1)


def right_by_picking_pixels(logits: Tensor, labels: Tensor) -> Tensor:
    """Lists the labelled pixels first; returns early if there are none, with a 0 that hangs on the logits."""
    known = labels != 255
    if not known.any():
        return logits.sum() * 0
    return F.cross_entropy(logits.permute(0, 2, 3, 1)[known], labels[known].long())


def right_by_gather(logits: Tensor, labels: Tensor) -> Tensor:
    """Reads the log-probability of each label; any class stands in for 255, times a weight of 0."""
    known = (labels != 255).to(logits.dtype)
    names = torch.where(labels == 255, 0, labels).long()
    costs = -logits.log_softmax(1).gather(1, names[:, None])[:, 0]
    return (costs * known).sum() / known.sum().clamp(min=1)


def right_by_one_hot(logits: Tensor, labels: Tensor) -> Tensor:
    """Log of the sum of all exponentials minus the logit of the label; the mean, or 0 where it is not a
    number.
    """
    count = logits.shape[1]
    true = torch.stack([labels == k for k in range(count)], 1)
    costs = logits.logsumexp(1) - torch.where(true, logits, 0).sum(1)
    number = int(true.sum())
    return torch.where(true.any(1), costs, 0).sum() / max(number, 1)


def right_with_a_plain_zero(logits: Tensor, labels: Tensor) -> Tensor:
    """The library's mean; with nothing labelled a constant 0, since the text asks for no gradient of it."""
    if (labels == 255).all():
        return torch.zeros((), dtype=logits.dtype)
    return nn.CrossEntropyLoss(ignore_index=255)(logits, labels.long())


def right_picture_by_picture(logits: Tensor, labels: Tensor) -> Tensor:
    """Adds up costs and pixels over the pictures and divides once, at the end."""
    total, number = logits.new_zeros(()), 0
    for scores, names in zip(logits, labels, strict=True):
        known = names != 255
        chances = scores[:, known].log_softmax(0)
        total = total - chances[names[known].long(), torch.arange(chances.shape[1])].sum()
        number += int(known.sum())
    return total / number if number else (logits * 0).sum()


def _costs(logits, labels):
    """The cost of each pixel, 0 for void, and the number of labelled pixels."""
    known = labels != 255
    return F.cross_entropy(logits, labels, ignore_index=255, reduction="none"), known.sum().clamp(min=1)


def wrong_not_a_number(logits, labels):
    """The library's own mean: 0 / 0 where nothing is labelled at all."""
    return F.cross_entropy(logits, labels, ignore_index=255)


def wrong_void_is_background(logits, labels):
    """Trains void pixels as background."""
    return F.cross_entropy(logits, labels.masked_fill(labels == 255, 0))


def wrong_mean_over_all_pixels(logits, labels):
    """Divides by all pixels: void counts as perfect, and the loss is too small."""
    return F.cross_entropy(logits, labels, ignore_index=255, reduction="none").mean()


def wrong_sum(logits, labels):
    """The sum and not the mean: 36,864 times too large for a whole picture."""
    return _costs(logits, labels)[0].sum()


def wrong_mean_of_the_pictures_means(logits, labels):
    """The mean of each picture, then their mean: a picture that is nearly all void weighs as much as a
    full one.
    """
    costs, known = F.cross_entropy(logits, labels, ignore_index=255, reduction="none"), labels != 255
    return (costs.sum((1, 2)) / known.sum((1, 2)).clamp(min=1)).mean()


def wrong_divided_by_pictures(logits, labels):
    """Divides the sum by the number of pictures, not of pixels."""
    return _costs(logits, labels)[0].sum() / len(logits)


def wrong_no_gradient(logits, labels):
    """A number without a graph, through .item(): nothing can be trained."""
    costs, number = _costs(logits, labels)
    return torch.tensor(costs.sum().item() / number.item())


def wrong_softmax_twice(logits, labels):
    """Hands probabilities to a loss that takes logits: too large for sure answers, and small gradients."""
    costs, number = _costs(logits.softmax(1), labels)
    return costs.sum() / number


def wrong_background_does_not_count(logits, labels):
    """Leaves out class 0 as well: nobody learns where nothing is."""
    known = (labels != 255) & (labels != 0)
    costs, _ = _costs(logits, labels)
    return (costs * known).sum() / known.sum().clamp(min=1)


def wrong_each_class_for_itself(logits, labels):
    """A sigmoid and a binary loss for each class in place of one softmax over them."""
    known = labels != 255
    chosen = logits.permute(0, 2, 3, 1)[known]
    true = F.one_hot(labels[known], logits.shape[1]).to(logits.dtype)
    return F.binary_cross_entropy_with_logits(chosen, true, reduction="sum") / known.sum().clamp(min=1)


def wrong_softmax_along_the_rows(logits, labels):
    """log_softmax over the last axis: the columns of the picture compete, and not the classes."""
    known = labels != 255
    names = labels.masked_fill(~known, 0)
    costs = -logits.log_softmax(-1).gather(1, names[:, None])[:, 0]
    return (costs * known).sum() / known.sum().clamp(min=1)


def wrong_reshaped_not_permuted(logits, labels):
    """(N, K, H, W) read as (N * H * W, K): scores of different pixels are taken for the classes of one."""
    total = F.cross_entropy(
        logits.reshape(-1, logits.shape[1]), labels.flatten(), ignore_index=255, reduction="sum"
    )
    return total / (labels != 255).sum().clamp(min=1)


def wrong_classes_weigh_alike(logits, labels):
    """The mean of each class, then the mean of the classes: background pixels count less than others."""
    costs, _ = _costs(logits, labels)
    means = [costs[labels == k].mean() for k in labels[labels != 255].unique()]
    return torch.stack(means).mean() if means else logits.sum() * 0


def wrong_sign(logits, labels):
    """The mean log-probability without the minus: training makes it worse."""
    costs, number = _costs(logits, labels)
    return -costs.sum() / number


def wrong_probability_of_the_label(logits, labels):
    """1 minus the probability of the label: no logarithm, and hardly a gradient for what is very wrong."""
    known = labels != 255
    chances = logits.softmax(1).gather(1, labels.masked_fill(~known, 0)[:, None])[:, 0]
    return ((1 - chances) * known).sum() / known.sum().clamp(min=1)


def wrong_logarithm_of_a_softmax(logits, labels):
    """log(softmax) in two steps: infinite for a label whose logit is 200 below the best."""
    known = labels != 255
    chances = logits.softmax(1).gather(1, labels.masked_fill(~known, 0)[:, None])[:, 0]
    return torch.where(known, -chances.log(), 0).sum() / known.sum().clamp(min=1)


def wrong_void_overwritten(logits, labels):
    """The right loss, but 255 is replaced by 0 in the caller's labels: next time void is background."""
    known = labels != 255
    labels[~known] = 0
    costs = F.cross_entropy(logits, labels, reduction="none")
    return (costs * known).sum() / known.sum().clamp(min=1)


def wrong_one_in_the_denominator(logits, labels):
    """Adds 1 to the number of pixels against 0 / 0: too small, which is seen with few labelled pixels."""
    return _costs(logits, labels)[0].sum() / ((labels != 255).sum() + 1)
