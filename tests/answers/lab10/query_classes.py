import torch
from torch import Tensor

from coursekit import ops


def right_mask(match: ops.Match, labels: Tensor) -> Tensor:
    """Zeros, and the positive ones filled in."""
    classes = torch.zeros(len(match.positive), dtype=torch.int64)
    classes[match.positive] = labels[match.target[match.positive]]
    return classes


def right_loop(match: ops.Match, labels: Tensor) -> Tensor:
    """A list, query by query."""
    answer = []
    for object_, is_matched in zip(match.target.tolist(), match.positive.tolist(), strict=True):
        answer.append(int(labels[object_]) if is_matched else 0)
    return torch.tensor(answer, dtype=torch.int64)


def right_extended_table(match: ops.Match, labels: Tensor) -> Tensor:
    """Puts the label 0 in front of the labels; object g is then g + 1, nobody is 0."""
    table = torch.cat([torch.zeros(1, dtype=torch.int64), labels.to(torch.int64)])
    return table[torch.where(match.positive, match.target + 1, 0)]


def wrong_no_mask(match: ops.Match, labels: Tensor) -> Tensor:
    """Looks the target up for all queries, also for those that have no object."""
    if len(labels) == 0:
        return torch.zeros_like(match.target)
    return labels[match.target.clamp(0, len(labels) - 1)]


def wrong_crash_without_objects(match: ops.Match, labels: Tensor) -> Tensor:
    """Looks all targets up and masks afterwards, which fails where target means nothing or there is no object."""
    return torch.where(match.positive, labels[match.target], 0)


def wrong_object_number(match: ops.Match, labels: Tensor) -> Tensor:
    """Returns the number of the object plus one instead of the object's label."""
    return torch.where(match.positive, match.target + 1, 0)


def wrong_labels_in_order(match: ops.Match, labels: Tensor) -> Tensor:
    """Gives the labels to the positive queries in the order of the queries, without looking at target."""
    classes = torch.zeros(len(match.positive), dtype=torch.int64)
    classes[match.positive] = labels[: int(match.positive.sum())]
    return classes


def wrong_shifted(match: ops.Match, labels: Tensor) -> Tensor:
    """Adds 1 to the labels to make room for "no object", although the labels begin at 1 already."""
    classes = torch.zeros(len(match.positive), dtype=torch.int64)
    classes[match.positive] = labels[match.target[match.positive]] + 1
    return classes


def wrong_minus_one(match: ops.Match, labels: Tensor) -> Tensor:
    """Marks the queries without an object with -1 instead of 0."""
    classes = torch.full((len(match.positive),), -1, dtype=torch.int64)
    classes[match.positive] = labels[match.target[match.positive]]
    return classes


def wrong_counted_from_one(match: ops.Match, labels: Tensor) -> Tensor:
    """Takes the object numbers for counted from 1 and reads labels[target - 1]."""
    classes = torch.zeros(len(match.positive), dtype=torch.int64)
    classes[match.positive] = labels[match.target[match.positive] - 1]
    return classes
