"""Answers to `pixel_loss` (lab 11) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_library_sum(logits: Tensor, labels: Tensor) -> Tensor:
    """The library's sum without 255, divided by the number of labelled pixels."""
    total = F.cross_entropy(logits, labels, ignore_index=255, reduction="sum")
    return total / (labels != 255).sum().clamp(min=1)


def right_boolean_selection(logits: Tensor, labels: Tensor) -> Tensor:
    """Channels last, then select the labelled pixels."""
    known = labels != 255
    if not known.any():
        return logits.sum() * 0
    return F.cross_entropy(logits.permute(0, 2, 3, 1)[known], labels[known])


def right_gather(logits: Tensor, labels: Tensor) -> Tensor:
    """Log-softmax and gather; void pixels are multiplied by 0."""
    known = labels != 255
    safe = labels.masked_fill(~known, 0)
    log_p = logits.log_softmax(1).gather(1, safe[:, None])[:, 0]
    return -(log_p * known).sum() / max(int(known.sum()), 1)


def right_image_by_image(logits: Tensor, labels: Tensor) -> Tensor:
    """A loop over the images, which adds sums and counts."""
    total, count = logits.new_zeros(()), 0
    for scores, truth in zip(logits, labels, strict=False):
        rows, columns = (truth != 255).nonzero(as_tuple=True)
        picked = scores[:, rows, columns]  # (K, M)
        names = truth[rows, columns]
        total = total + (picked.logsumexp(0) - picked[names, torch.arange(len(names))]).sum()
        count += len(names)
    return total / count if count else total + 0 * logits.sum()


def right_where(logits: Tensor, labels: Tensor) -> Tensor:
    """The library's mean, or 0 where all is void."""
    loss = F.cross_entropy(logits, labels, ignore_index=255)
    return torch.where((labels == 255).all(), torch.zeros_like(loss), loss)


def wrong_nan_when_empty(logits: Tensor, labels: Tensor) -> Tensor:
    """Forgets that nothing may be labelled: the mean of no pixels is NaN."""
    return F.cross_entropy(logits, labels, ignore_index=255)


def wrong_void_counts(logits: Tensor, labels: Tensor) -> Tensor:
    """Forgets 255, which is no class."""
    return F.cross_entropy(logits, labels)


def wrong_divided_by_all_pixels(logits: Tensor, labels: Tensor) -> Tensor:
    """Divides by all pixels, void ones included."""
    return F.cross_entropy(logits, labels, ignore_index=255, reduction="none").mean()


def wrong_sum(logits: Tensor, labels: Tensor) -> Tensor:
    """Returns the sum over the labelled pixels, not their mean."""
    return F.cross_entropy(logits, labels, ignore_index=255, reduction="sum")


def wrong_mean_of_images(logits: Tensor, labels: Tensor) -> Tensor:
    """Takes the mean of each image first, so pixels of sparse images count more."""
    losses = [
        F.cross_entropy(x[None], y[None], ignore_index=255, reduction="sum") / (y != 255).sum().clamp(min=1)
        for x, y in zip(logits, labels, strict=False)
    ]
    return torch.stack(losses).mean()


def wrong_sum_over_number_of_images(logits: Tensor, labels: Tensor) -> Tensor:
    """Divides by the number of images instead of the number of pixels."""
    return F.cross_entropy(logits, labels, ignore_index=255, reduction="sum") / len(logits)


def wrong_void_is_background(logits: Tensor, labels: Tensor) -> Tensor:
    """Treats void pixels as background, so they count."""
    return F.cross_entropy(logits, labels.masked_fill(labels == 255, 0))


def wrong_background_left_out(logits: Tensor, labels: Tensor) -> Tensor:
    """Leaves out the background as well as the void pixels."""
    known = (labels != 255) & (labels != 0)
    total = F.cross_entropy(logits, labels.masked_fill(~known, 255), ignore_index=255, reduction="sum")
    return total / known.sum().clamp(min=1)


def wrong_two_softmaxes(logits: Tensor, labels: Tensor) -> Tensor:
    """Applies a softmax before cross_entropy, which applies one itself."""
    total = F.cross_entropy(logits.softmax(1), labels, ignore_index=255, reduction="sum")
    return total / (labels != 255).sum().clamp(min=1)


def wrong_reshape_without_permute(logits: Tensor, labels: Tensor) -> Tensor:
    """Reshapes to (pixels, K) without moving the class axis to the end."""
    flat, names = logits.reshape(-1, logits.shape[1]), labels.reshape(-1)
    total = F.cross_entropy(flat, names, ignore_index=255, reduction="sum")
    return total / (names != 255).sum().clamp(min=1)


def wrong_softmax_over_columns(logits: Tensor, labels: Tensor) -> Tensor:
    """Takes the softmax over the last axis, the columns, instead of the classes."""
    known = labels != 255
    log_p = logits.log_softmax(-1).gather(1, labels.masked_fill(~known, 0)[:, None])[:, 0]
    return -(log_p * known).sum() / known.sum().clamp(min=1)


def wrong_changes_the_labels(logits: Tensor, labels: Tensor) -> Tensor:
    """Overwrites the 255 in the caller's labels."""
    known = labels != 255
    labels[~known] = 0
    losses = F.cross_entropy(logits, labels, reduction="none")
    return (losses * known).sum() / known.sum().clamp(min=1)


def wrong_sign(logits: Tensor, labels: Tensor) -> Tensor:
    """Forgets the minus: the mean log-probability is not the loss."""
    known = labels != 255
    log_p = logits.log_softmax(1).gather(1, labels.masked_fill(~known, 0)[:, None])[:, 0]
    return (log_p * known).sum() / known.sum().clamp(min=1)


def wrong_mean_over_classes(logits: Tensor, labels: Tensor) -> Tensor:
    """Takes the mean of each class first and then the mean over the classes."""
    losses = F.cross_entropy(logits, labels, ignore_index=255, reduction="none")
    means = [losses[labels == k].mean() for k in labels.unique() if k != 255]
    return torch.stack(means).mean() if means else logits.sum() * 0


def wrong_no_gradient(logits: Tensor, labels: Tensor) -> Tensor:
    """Makes a new tensor out of the number, so nothing can learn from it."""
    total = F.cross_entropy(logits, labels, ignore_index=255, reduction="sum")
    return torch.tensor(total.item() / max(int((labels != 255).sum()), 1))
