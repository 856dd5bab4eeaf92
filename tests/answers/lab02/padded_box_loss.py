"""Answers to `padded_box_loss` (lab 02), written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit.models.slot_localiser import box_distance


def right_by_picking(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    """Only the real rows are looked at; without any, a 0 that is still tied to the predictions."""
    if not real.any():
        return predicted.sum() * 0
    return box_distance(predicted[real], target[real]).mean()


def right_by_sum_and_count(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    """The sum of no rows is 0, and the count is at least 1: no branch is needed."""
    flat = real.flatten()
    distances = box_distance(predicted.flatten(0, 1)[flat], target.flatten(0, 1)[flat])
    return distances.sum() / flat.sum().clamp(min=1)


def right_by_loops(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    """Slot by slot; without a real one, a new 0 that knows nothing of the predictions."""
    distances = []
    for n in range(real.shape[0]):
        for s in range(real.shape[1]):
            if real[n, s]:
                distances.append(box_distance(predicted[n, s][None], target[n, s][None])[0])
    return torch.stack(distances).mean() if distances else torch.zeros(())


def right_by_harmless_padding(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    """Both boxes of a padded slot become the same fixed box,
    whatever stood there; its distance is not counted.
    """
    fixed = predicted.new_tensor([0.0, 0.0, 32.0, 32.0])
    ours = torch.where(real[..., None], predicted, fixed).reshape(-1, 4)
    theirs = torch.where(real[..., None], target, fixed).reshape(-1, 4)
    weights = real.reshape(-1).to(predicted.dtype)
    return (box_distance(ours, theirs) * weights).sum() / max(int(real.sum()), 1)


def _distances(predicted, target):
    return box_distance(predicted.reshape(-1, 4), target.reshape(-1, 4)).reshape(predicted.shape[:-1])


def wrong_padding_learns(predicted, target, real):
    """Ignores `real`: the padded slots are pulled towards boxes that mean nothing."""
    return _distances(predicted, target).mean()


def wrong_all_slots_in_the_denominator(predicted, target, real):
    """Divides by N * S: too small as soon as there is one padded slot."""
    return torch.where(real, _distances(predicted, target), 0.0).mean()


def wrong_divided_by_pictures(predicted, target, real):
    """Divides by the number of pictures: too large for two objects in one picture."""
    return torch.where(real, _distances(predicted, target), 0.0).sum() / len(predicted)


def wrong_mean_of_means(predicted, target, real):
    """The mean of each picture first: wrong for pictures with different numbers of objects."""
    sums = torch.where(real, _distances(predicted, target), 0.0).sum(1)
    return (sums / real.sum(1).clamp(min=1)).sum() / real.any(1).sum().clamp(min=1)


def wrong_sum(predicted, target, real):
    """Adds up and does not divide: wrong for two or more real slots."""
    return box_distance(predicted[real], target[real]).sum()


def wrong_nan_without_objects(predicted, target, real):
    """The mean of nothing is NaN, where 0 is asked for: wrong for a batch without any object."""
    return box_distance(predicted[real], target[real]).mean()


def wrong_mask_upside_down(predicted, target, real):
    """Takes `real` for a mask of the padding: the real objects teach nothing."""
    return box_distance(predicted[~real], target[~real]).sum() / (~real).sum().clamp(min=1)


def wrong_boxes_times_mask(predicted, target, real):
    """Multiplies the boxes and not the distances:
    two empty boxes still have a distance, and the mean counts them.
    """
    mask = real[..., None].to(predicted.dtype)
    return _distances(predicted * mask, target * mask).mean()


def wrong_only_targets_masked(predicted, target, real):
    """Sets the padded targets to 0 and keeps their predictions: the padded slots shrink into the corner."""
    return _distances(predicted, torch.where(real[..., None], target, 0.0)).sum() / real.sum().clamp(min=1)


def wrong_padding_guessed_from_the_boxes(predicted, target, real):
    """Takes boxes of four zeros for padding and ignores `real`: wrong for padding with any other numbers."""
    some = target.abs().sum(-1) > 0
    return box_distance(predicted[some], target[some]).sum() / some.sum().clamp(min=1)


def wrong_without_gradient(predicted, target, real):
    """Builds a new tensor from plain numbers: the right value, but nothing reaches the predictions."""
    values = box_distance(predicted[real], target[real]).tolist()
    return torch.tensor(sum(values) / max(len(values), 1))


def wrong_whole_pictures(predicted, target, real):
    """Picks pictures with at least one object, and all their slots: the padding of such a picture leaks."""
    some = real.any(1)
    distances = _distances(predicted[some], target[some])
    return distances.mean() if some.any() else predicted.sum() * 0


def wrong_zeros_in_the_product(predicted, target, real):
    """Multiplies by 0 after the fact: 0 times NaN is NaN,
    when the meaningless numbers of the padding are NaN.
    """
    return (_distances(predicted, target) * real).sum() / real.sum().clamp(min=1)


def wrong_first_slots(predicted, target, real):
    """Takes the first slots of each picture, as many as there are objects:
    wrong when `real` has a hole before them.
    """
    front = torch.arange(real.shape[1]) < real.sum(1, keepdim=True)
    return box_distance(predicted[front], target[front]).sum() / real.sum().clamp(min=1)
