"""Answers to `keep_found` (lab 02), written from the student's notebook alone."""

import torch
from torch import Tensor


def right_by_max_and_sort(boxes: Tensor, logits: Tensor) -> dict:
    """Softmax, the best column of each slot, all but column 0, sorted; torch decides about ties."""
    scores, labels = logits.softmax(-1).max(-1)
    found = labels > 0
    boxes, labels, scores = boxes[found], labels[found], scores[found]
    order = scores.argsort(descending=True)
    return {"boxes": boxes[order], "labels": labels[order], "scores": scores[order]}


def right_by_loops(boxes: Tensor, logits: Tensor) -> dict:
    """Slot by slot, with Python's sort: among equal scores the earlier slot comes first."""
    probabilities = logits.softmax(1).tolist()
    winners = [max(range(len(row)), key=row.__getitem__) for row in probabilities]
    slots = [s for s, winner in enumerate(winners) if winner != 0]
    slots.sort(key=lambda s: -probabilities[s][winners[s]])
    return {
        "boxes": boxes[slots] if slots else boxes[:0],
        "labels": torch.tensor([winners[s] for s in slots], dtype=torch.int64),
        "scores": torch.tensor([probabilities[s][winners[s]] for s in slots], dtype=torch.float32),
    }


def right_by_comparing_with_nothing(boxes: Tensor, logits: Tensor) -> dict:
    """The best class must be at least as probable as background, so that a class wins a tie with it."""
    log_share = logits.log_softmax(-1)
    best, place = log_share[:, 1:].max(1)
    order = best.sort(descending=True, stable=True).indices
    order = order[best[order] >= log_share[order, 0]]
    return {"scores": best[order].exp(), "labels": place[order] + 1, "boxes": boxes[order]}


def right_by_sorting_first(boxes: Tensor, logits: Tensor) -> dict:
    """All slots are sorted, then the empty ones are struck out; scores by hand, in float64."""
    weights = (logits.double() - logits.double().amax(1, keepdim=True)).exp()
    probabilities = weights / weights.sum(1, keepdim=True)
    labels = probabilities.argmax(1)
    scores = probabilities.gather(1, labels[:, None]).squeeze(1)
    order = torch.argsort(-scores)
    order = order[labels[order].nonzero().squeeze(1)]
    return {"boxes": boxes[order], "labels": labels[order], "scores": scores[order]}


def _sorted(boxes, labels, scores, descending=True):
    order = scores.argsort(descending=descending)
    return {"boxes": boxes[order], "labels": labels[order], "scores": scores[order]}


def wrong_softmax_over_the_slots(boxes, logits):
    """Softmax along the wrong axis, the columns add up to 1: wrong for all slots with unlike logits."""
    scores, labels = logits.softmax(0).max(1)
    found = labels > 0
    return _sorted(boxes[found], labels[found], scores[found])


def wrong_nothing_is_never_said(boxes, logits):
    """Takes the best of the columns 1 to K in every slot:
    a slot that says "nothing here" comes back as an object.
    """
    scores, labels = logits.softmax(1)[:, 1:].max(1)
    return _sorted(boxes, labels + 1, scores)


def wrong_background_kept(boxes, logits):
    """Sorts all slots and strikes none out: label 0 comes back as an object."""
    scores, labels = logits.softmax(1).max(1)
    return _sorted(boxes, labels, scores)


def wrong_labels_from_zero(boxes, logits):
    """Counts the classes from 0 although column k is label k: every label is one too low."""
    scores, labels = logits.softmax(1).max(1)
    found = labels > 0
    return _sorted(boxes[found], labels[found] - 1, scores[found])


def wrong_logits_for_scores(boxes, logits):
    """The scores are logits and not probabilities: wrong numbers, and slots may come in the wrong order."""
    scores, labels = logits.max(1)
    found = labels > 0
    return _sorted(boxes[found], labels[found], scores[found])


def wrong_unsorted(boxes, logits):
    """The slots stay in their order: wrong when a later one is more confident."""
    scores, labels = logits.softmax(1).max(1)
    found = labels > 0
    return {"boxes": boxes[found], "labels": labels[found], "scores": scores[found]}


def wrong_least_confident_first(boxes, logits):
    """argsort without `descending`: the order is upside down for two slots with unlike scores."""
    scores, labels = logits.softmax(1).max(1)
    found = labels > 0
    return _sorted(boxes[found], labels[found], scores[found], descending=False)


def wrong_half_as_threshold(boxes, logits):
    """Asks for a probability above 0.5: loses a class that is the most probable answer with 0.4."""
    scores, labels = logits.softmax(1).max(1)
    found = (labels > 0) & (scores > 0.5)
    return _sorted(boxes[found], labels[found], scores[found])


def wrong_background_below_half(boxes, logits):
    """Keeps a slot if background has less than 0.5: wrong for 0.4 against two classes of 0.3."""
    probabilities = logits.softmax(1)
    found = probabilities[:, 0] < 0.5
    scores, labels = probabilities[:, 1:].max(1)
    return _sorted(boxes[found], labels[found] + 1, scores[found])


def wrong_softmax_without_background(boxes, logits):
    """The probabilities of a found slot leave out column 0 and are too high wherever it had a share."""
    found = logits.argmax(1) > 0
    scores, labels = logits[found, 1:].softmax(1).max(1)
    return _sorted(boxes[found], labels + 1, scores)


def wrong_sigmoids(boxes, logits):
    """Treats each column as a yes or no of its own: wrong scores, which do not add up to 1."""
    scores, labels = logits.sigmoid().max(1)
    found = labels > 0
    return _sorted(boxes[found], labels[found], scores[found])


def wrong_score_of_something(boxes, logits):
    """The score is 1 minus background and not the class's share: too high for a slot between two classes."""
    probabilities = logits.softmax(1)
    labels = probabilities.argmax(1)
    found = labels > 0
    return _sorted(boxes[found], labels[found], 1 - probabilities[found, 0])


def wrong_boxes_left_unsorted(boxes, logits):
    """Sorts labels and scores and forgets the boxes: each box gets the name of another slot."""
    scores, labels = logits.softmax(1).max(1)
    found = labels > 0
    return _sorted(boxes[found], labels[found], scores[found]) | {"boxes": boxes[found]}


def wrong_last_column_is_background(boxes, logits):
    """Looks for "nothing" in the last column, as in DETR: loses label K and keeps label 0."""
    scores, labels = logits.softmax(1).max(1)
    found = labels < logits.shape[1] - 1
    return _sorted(boxes[found], labels[found], scores[found])
