"""Answers to `region_targets` (lab 06), written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit import ops


def right_by_indexing(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Zeros everywhere, then the positives."""
    labels = torch.zeros(len(regions), dtype=torch.int64)
    wanted = torch.zeros(len(regions), 4)
    objects = match.target[match.positive]
    labels[match.positive] = target["labels"][objects]
    wanted[match.positive] = ops.encode_boxes(
        target["boxes"][objects], regions[match.positive], (10.0, 10.0, 5.0, 5.0)
    )
    return labels, wanted


def right_by_hand(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """The formulas of lab 04 for the positives, written into copies that begin with nothing but zeros."""
    on_object = match.positive.nonzero()[:, 0]
    a, b = regions[on_object], target["boxes"][match.target[on_object]]
    sides, true_sides = a[:, 2:] - a[:, :2], b[:, 2:] - b[:, :2]
    shift = (b[:, :2] + b[:, 2:] - a[:, :2] - a[:, 2:]) / (2 * sides)
    offsets = torch.cat([10 * shift, 5 * torch.log(true_sides / sides)], 1)
    labels = (
        target["labels"]
        .new_zeros(len(regions))
        .index_put((on_object,), target["labels"][match.target[on_object]])
    )
    return labels, torch.zeros_like(regions).index_copy(0, on_object, offsets)


def right_by_loops(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Region by region, one call of the encoder for each on an object."""
    labels, rows = [], []
    for r, positive in enumerate(match.positive.tolist()):
        if not positive:
            labels.append(0)
            rows.append(torch.zeros(1, 4))
            continue
        g = int(match.target[r])
        labels.append(int(target["labels"][g]))
        rows.append(ops.encode_boxes(target["boxes"][g : g + 1], regions[r : r + 1], (10, 10, 5, 5)))
    return torch.tensor(labels, dtype=torch.long), torch.cat([torch.zeros(0, 4), *rows])


def right_by_where(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Object 0 is put before all objects: background, whose box is the region itself.
    Early return without objects.
    """
    if not match.positive.any():
        return torch.zeros(len(regions), dtype=torch.long), torch.zeros_like(regions)
    number = torch.where(match.positive, match.target + 1, 0)
    labels = torch.cat([torch.zeros_like(target["labels"][:1]), target["labels"]])[number]
    whole = torch.tensor([0.0, 0.0, 1.0, 1.0])
    boxes = torch.cat([target["boxes"][:1], target["boxes"]])[number]
    boxes = torch.where(match.positive[:, None], boxes, whole)
    safe = torch.where(match.positive[:, None], regions, whole)
    return labels, ops.encode_boxes(boxes, safe) * torch.tensor([10.0, 10.0, 5.0, 5.0])


WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def _targets(regions, match, target, weights=WEIGHTS):
    """The right answer with a screw for the weights, for answers whose mistake is elsewhere."""
    labels, wanted = torch.zeros(len(regions), dtype=torch.int64), torch.zeros_like(regions)
    objects = match.target[match.positive]
    labels[match.positive] = target["labels"][objects]
    wanted[match.positive] = ops.encode_boxes(target["boxes"][objects], regions[match.positive], weights)
    return labels, wanted


def wrong_weights_missing(regions, match, target):
    """The famous bug: no (10, 10, 5, 5)."""
    return _targets(regions, match, target, (1.0, 1.0, 1.0, 1.0))


def wrong_divided_by_the_weights(regions, match, target):
    """Divides by the weights, which is the way back: targets of a hundredth."""
    return _targets(regions, match, target, (0.1, 0.1, 0.2, 0.2))


def wrong_weights_exchanged(regions, match, target):
    """5 for the shifts and 10 for the sides."""
    return _targets(regions, match, target, (5.0, 5.0, 10.0, 10.0))


def wrong_weights_twice(regions, match, target):
    """The encoder multiplies by the weights, and then the function does so again."""
    labels, wanted = _targets(regions, match, target)
    return labels, wanted * torch.tensor(WEIGHTS)


def wrong_background_has_a_class(regions, match, target):
    """Gives every region the label of its nearest object: nothing is background."""
    _, wanted = _targets(regions, match, target)
    return target["labels"][match.target], wanted


def wrong_background_has_offsets(regions, match, target):
    """Encodes the offsets of background regions too, where 0 was asked for."""
    labels, _ = _targets(regions, match, target)
    return labels, ops.encode_boxes(target["boxes"][match.target], regions, WEIGHTS)


def wrong_labels_one_too_high(regions, match, target):
    """Adds 1 for the background, though the labels begin with 1 already."""
    labels, wanted = _targets(regions, match, target)
    return labels + match.positive.long(), wanted


def wrong_number_of_the_object(regions, match, target):
    """The number of the object plus 1 where its class was asked for."""
    _, wanted = _targets(regions, match, target)
    return torch.where(match.positive, match.target + 1, 0), wanted


def wrong_from_the_box_to_the_region(regions, match, target):
    """Encodes the region as seen from the true box: the signs are turned round."""
    labels, wanted = _targets(regions, match, target)
    objects = match.target[match.positive]
    wanted[match.positive] = ops.encode_boxes(regions[match.positive], target["boxes"][objects], WEIGHTS)
    return labels, wanted


def wrong_without_objects(regions, match, target):
    """Looks objects up before it asks whether there are any: an error in a picture without objects."""
    labels = torch.where(match.positive, target["labels"][match.target.clamp(min=0)], 0)
    _, wanted = _targets(regions, match, target)
    return labels, wanted


def wrong_in_the_order_of_the_objects(regions, match, target):
    """Pairs the positives with the objects as they come, and not by the match:
    for two regions on one object an error, else wrong classes.
    """
    labels, wanted = torch.zeros(len(regions), dtype=torch.int64), torch.zeros_like(regions)
    labels[match.positive] = target["labels"]
    wanted[match.positive] = ops.encode_boxes(target["boxes"], regions[match.positive], WEIGHTS)
    return labels, wanted


def wrong_positives_alone(regions, match, target):
    """Returns rows for the positives only, (P,) and (P, 4): background is lost."""
    labels, wanted = _targets(regions, match, target)
    return labels[match.positive], wanted[match.positive]


def wrong_boxes_for_offsets(regions, match, target):
    """Returns the true boxes themselves and not the offsets to them."""
    labels, wanted = _targets(regions, match, target)
    wanted[match.positive] = target["boxes"][match.target[match.positive]]
    return labels, wanted


def wrong_labels_of_the_target_changed(regions, match, target):
    """Writes zeros into the caller's own labels, for objects that are first for a background region."""
    _, wanted = _targets(regions, match, target)
    if len(target["labels"]):
        target["labels"][match.target[~match.positive]] = 0
        return target["labels"][match.target], wanted
    return torch.zeros(len(regions), dtype=torch.int64), wanted


def wrong_minus_one_for_background(regions, match, target):
    """-1 for background, where 0 was asked for."""
    labels, wanted = _targets(regions, match, target)
    return torch.where(match.positive, labels, -1), wanted
