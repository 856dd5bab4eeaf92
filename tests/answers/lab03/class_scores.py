"""Answers to `class_scores` (lab 03), written from the student's notebook alone."""

import torch
from torch import Tensor


def right_by_broadcasting(confidences: Tensor, classes: Tensor) -> Tensor:
    """P(something) times P(class, if something)."""
    return confidences[..., :, None] * classes[..., None, :]


def right_by_matrix_product(confidences: Tensor, classes: Tensor) -> Tensor:
    """A column times a row."""
    return confidences.unsqueeze(-1) @ classes.unsqueeze(-2)


def right_by_einsum(confidences: Tensor, classes: Tensor) -> Tensor:
    """The letters say it; in float64."""
    return torch.einsum("...b,...k->...bk", confidences.double(), classes.double())


def right_by_loops(confidences: Tensor, classes: Tensor) -> Tensor:
    """Box by box, class by class."""
    count, kinds = confidences.shape[-1], classes.shape[-1]
    rows = [
        torch.stack([confidences[..., b] * classes[..., k] for k in range(kinds)], -1) for b in range(count)
    ]
    return torch.stack(rows, dim=-2)


def wrong_classes_first(confidences, classes):
    """Gives (…, K, B): the shape is wrong for K unlike B, and the numbers for most others."""
    return classes[..., :, None] * confidences[..., None, :]


def wrong_sum(confidences, classes):
    """Adds instead of multiplying: a score above 1 for a sure box of a sure class."""
    return confidences[..., :, None] + classes[..., None, :]


def wrong_confidence_ignored(confidences, classes):
    """The score is the class alone: a cell with nothing in it scores as high as one with an object."""
    return torch.ones_like(confidences)[..., :, None] * classes[..., None, :]


def wrong_class_ignored(confidences, classes):
    """The score is the confidence alone: every class scores the same."""
    return confidences[..., :, None] * torch.ones_like(classes)[..., None, :]


def wrong_best_class_only(confidences, classes):
    """Only the score of the best class: (…, B) where (…, B, K) is asked for."""
    return confidences * classes.amax(-1, keepdim=True)


def wrong_second_sigmoid(confidences, classes):
    """Squeezes probabilities once more: no score falls below 0.25."""
    return confidences.sigmoid()[..., :, None] * classes.sigmoid()[..., None, :]


def wrong_classes_normalised(confidences, classes):
    """Makes the class probabilities add up to 1: wrong for independent ones, such as those of a sigmoid."""
    return confidences[..., :, None] * (classes / classes.sum(-1, keepdim=True))[..., None, :]


def wrong_softmax(confidences, classes):
    """A softmax over probabilities makes nearly all classes alike."""
    return confidences[..., :, None] * classes.softmax(-1)[..., None, :]


def wrong_smaller_of_the_two(confidences, classes):
    """The smaller of the two probabilities and not their product: 0.5 for 0.5 and 0.5, where 0.25 is due."""
    return torch.minimum(confidences[..., :, None], classes[..., None, :])


def wrong_geometric_mean(confidences, classes):
    """The root of the product: keeps the order, but 0.5 and 0.5 give 0.5 again."""
    return (confidences[..., :, None] * classes[..., None, :]).sqrt()


def wrong_one_dimension_before(confidences, classes):
    """Counts the axes from the front: an error or a wrong shape for all but one dimension before B and K."""
    return confidences[:, :, None] * classes[:, None, :]


def wrong_flat(confidences, classes):
    """B and K run together in one dimension, (…, B * K), where (…, B, K) is asked for."""
    return (confidences[..., :, None] * classes[..., None, :]).flatten(-2)
