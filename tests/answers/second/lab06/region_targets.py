"""Answers to `region_targets` (lab 06) by somebody else, written from the student's notebook alone."""

import math

import torch
from torch import Tensor

from coursekit import ops

WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def right_fill_zeros(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    labels = torch.zeros(len(regions), dtype=target["labels"].dtype)
    offsets = torch.zeros_like(regions)
    here = match.positive
    owner = match.target[here]
    labels[here] = target["labels"][owner]
    offsets[here] = ops.encode_boxes(target["boxes"][owner], regions[here], WEIGHTS)
    return labels, offsets


def right_loop(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    labels, offsets = [], []
    for r in range(len(regions)):
        if match.positive[r]:
            g = int(match.target[r])
            labels.append(target["labels"][g])
            offsets.append(ops.encode_boxes(target["boxes"][g : g + 1], regions[r : r + 1], WEIGHTS)[0])
        else:
            labels.append(target["labels"].new_zeros(()))
            offsets.append(regions.new_zeros(4))
    if not labels:
        return target["labels"].new_zeros(0), regions.new_zeros(0, 4)
    return torch.stack(labels), torch.stack(offsets)


def right_index_and_scatter(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    index = match.positive.nonzero().flatten()
    owner = match.target.index_select(0, index)
    plain = ops.encode_boxes(
        target["boxes"].index_select(0, owner), regions.index_select(0, index), (1.0, 1.0, 1.0, 1.0)
    )
    offsets = regions.new_zeros(len(regions), 4).index_copy(0, index, plain * regions.new_tensor(WEIGHTS))
    labels = target["labels"].new_zeros(len(regions))
    return labels.index_copy(0, index, target["labels"].index_select(0, owner)), offsets


def right_background_is_a_row(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Background becomes one more object, number 0, whose box is the region itself."""
    number = torch.where(match.positive, match.target + 1, torch.zeros_like(match.target))
    labels = torch.cat([target["labels"].new_zeros(1), target["labels"]])[number]
    boxes = torch.cat([target["boxes"].new_zeros(1, 4), target["boxes"]])[number]
    here = match.positive[:, None]
    safe = regions.new_tensor([0.0, 0.0, 1.0, 1.0]).expand_as(regions)
    offsets = ops.encode_boxes(torch.where(here, boxes, safe), torch.where(here, regions, safe), WEIGHTS)
    return labels, torch.where(here, offsets, torch.zeros_like(offsets))


def right_by_hand(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    labels = target["labels"].new_zeros(len(regions))
    offsets = regions.new_zeros(len(regions), 4)
    for r in match.positive.nonzero().flatten().tolist():
        g = int(match.target[r])
        a1, b1, a2, b2 = regions[r].tolist()
        x1, y1, x2, y2 = target["boxes"][g].tolist()
        labels[r] = target["labels"][g]
        offsets[r] = regions.new_tensor(
            [
                10 * ((x1 + x2) / 2 - (a1 + a2) / 2) / (a2 - a1),
                10 * ((y1 + y2) / 2 - (b1 + b2) / 2) / (b2 - b1),
                5 * math.log((x2 - x1) / (a2 - a1)),
                5 * math.log((y2 - y1) / (b2 - b1)),
            ]
        )
    return labels, offsets


def _filled(regions: Tensor, here: Tensor, labels: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
    all_labels, all_offsets = labels.new_zeros(len(regions)), regions.new_zeros(len(regions), 4)
    all_labels[here], all_offsets[here] = labels, offsets
    return all_labels, all_offsets


def wrong_counts_labels_up(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Adds 1 to the labels, although they leave 0 to the background already."""
    here = match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], WEIGHTS)
    return _filled(regions, here, target["labels"][owner] + 1, offsets)


def wrong_without_the_scale(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Forgets the (10, 10, 5, 5)."""
    here = match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], (1.0, 1.0, 1.0, 1.0))
    return _filled(regions, here, target["labels"][owner], offsets)


def wrong_divides_by_the_scale(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Divides the offsets by (10, 10, 5, 5) instead of multiplying them."""
    here = match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], (0.1, 0.1, 0.2, 0.2))
    return _filled(regions, here, target["labels"][owner], offsets)


def wrong_scales_twice(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Gives the weights to the encoder and multiplies by them once more."""
    here = match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], WEIGHTS)
    return _filled(regions, here, target["labels"][owner], offsets * regions.new_tensor(WEIGHTS))


def wrong_scale_in_other_order(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Takes the weights in the order of the two axes: (10, 5, 10, 5)."""
    here = match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], (10.0, 5.0, 10.0, 5.0))
    return _filled(regions, here, target["labels"][owner], offsets)


def wrong_from_object_to_region(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Swaps the arguments of the encoder: the offsets lead from the object to the region."""
    here = match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(regions[here], target["boxes"][owner], WEIGHTS)
    return _filled(regions, here, target["labels"][owner], offsets)


def wrong_background_has_a_class(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Every region gets the class of the object that it overlaps most, background too."""
    if len(target["labels"]) == 0:
        return target["labels"].new_zeros(len(regions)), torch.zeros_like(regions)
    here = match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], WEIGHTS)
    return target["labels"][match.target], _filled(regions, here, target["labels"][owner], offsets)[1]


def wrong_background_has_offsets(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Background regions keep the offsets to the object that they overlap most."""
    if len(target["labels"]) == 0:
        return target["labels"].new_zeros(len(regions)), torch.zeros_like(regions)
    labels = target["labels"][match.target] * match.positive
    return labels, ops.encode_boxes(target["boxes"][match.target], regions, WEIGHTS)


def wrong_number_instead_of_class(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """The label is the number of the object in the picture, counted from 1, instead of its class."""
    here = match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], WEIGHTS)
    return _filled(regions, here, owner + 1, offsets)


def wrong_ignored_are_minus_one(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Regions that are neither positive nor negative get the label -1."""
    here = match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], WEIGHTS)
    labels, offsets = _filled(regions, here, target["labels"][owner], offsets)
    labels[~(match.positive | match.negative)] = -1
    return labels, offsets


def wrong_all_but_negative(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Takes every region that is not negative for positive, ignored ones too."""
    here = ~match.negative if len(target["labels"]) else match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], WEIGHTS)
    return _filled(regions, here, target["labels"][owner], offsets)


def wrong_needs_an_object(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Looks up an object for every region, which is an error in a picture without objects."""
    labels = target["labels"][match.target]
    offsets = ops.encode_boxes(target["boxes"][match.target], regions, WEIGHTS)
    labels = torch.where(match.positive, labels, torch.zeros_like(labels))
    return labels, torch.where(match.positive[:, None], offsets, torch.zeros_like(offsets))


def wrong_offsets_first(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Returns the offsets before the labels."""
    return right_fill_zeros(regions, match, target)[::-1]


def wrong_only_positive_rows(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Returns rows for the positive regions only."""
    here = match.positive
    owner = match.target[here]
    return target["labels"][owner], ops.encode_boxes(target["boxes"][owner], regions[here], WEIGHTS)


def wrong_objects_of_the_first_rows(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Gives the positive regions the objects of the first regions, row for row, instead of their own."""
    here = match.positive
    owner = match.target[: int(here.sum())]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], WEIGHTS)
    return _filled(regions, here, target["labels"][owner], offsets)


def wrong_changes_the_target(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Writes the matched boxes and labels back into the caller's target."""
    here = match.positive
    owner = match.target[here]
    target["boxes"], target["labels"] = target["boxes"][owner], target["labels"][owner]
    offsets = ops.encode_boxes(target["boxes"], regions[here], WEIGHTS)
    return _filled(regions, here, target["labels"], offsets)


def wrong_all_labels_are_one(regions: Tensor, match: ops.Match, target: dict) -> tuple[Tensor, Tensor]:
    """Says only object or not, as the first stage does."""
    here = match.positive
    owner = match.target[here]
    offsets = ops.encode_boxes(target["boxes"][owner], regions[here], WEIGHTS)
    return here.to(target["labels"].dtype), _filled(regions, here, target["labels"][owner], offsets)[1]
