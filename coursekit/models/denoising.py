"""Denoising queries: in training a DETR also gets noisy copies of the true boxes and labels, and has to clean them.

Which query takes which object changes from step to step while a DETR is young, so its queries are trained on moving
targets. A copy knows its object from the start: it teaches the decoder to correct a box and to classify its content.

Source: Li et al., "DN-DETR", 2022, section 4, arXiv:2203.01305.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from coursekit.models.set_prediction import Truth

BOX_NOISE = 0.4  # of the half sides for the centre, of the sides for themselves
WRONG_LABELS = 0.2  # share of the labels that are drawn at random
LIMIT = 100  # noisy copies per image; but every object has at least one
SMALLEST = 1e-3  # side of a box, as a share of the image


class NoisyCopies(NamedTuple):
    """Copies of the objects of N images, each padded to the largest number in an image; P are real in all."""

    labels: Tensor  # (N, Q) 1..K, a few of them wrong
    boxes: Tensor  # (N, Q, 4) cx, cy, w, h as shares of the image, moved and stretched
    real: Tensor  # (N, Q) bool; the others are padding
    truth: Truth  # labels (P,) and boxes (P, 4) of the real ones as they should be
    group: Tensor  # (Q,) int64, which copy it is, from 1


def noisy_copies(truth: Sequence[Truth], copies: int, num_classes: int) -> NoisyCopies:
    """Return every object several times, each with its own noise from torch's global generator.

    Args:
        copies: of each object; fewer in a crowd, where they would be more than 100 queries.
        num_classes: K.
    """
    most = max(1, *(len(t.labels) for t in truth))
    copies = max(1, min(copies, LIMIT // most))
    group = 1 + torch.arange(copies, device=truth[0].boxes.device).repeat_interleave(most)  # (Q,)
    labels = torch.stack([padded(t.labels, most, 1) for t in truth]).repeat(1, copies)  # (N, Q)
    boxes = torch.stack([padded(t.boxes, most, 0.5) for t in truth]).repeat(1, copies, 1)  # (N, Q, 4)
    there = torch.stack([padded(torch.ones_like(t.labels), most, 0) for t in truth])  # (N, most)
    real = there.repeat(1, copies) > 0  # (N, Q)
    clean = Truth(labels[real], boxes[real])
    return NoisyCopies(noisy_labels(labels, num_classes), noisy_boxes(boxes), real, clean, group)


def noisy_boxes(boxes: Tensor) -> Tensor:
    """Return the boxes with centres moved by up to 0.4 half sides and sides changed by up to 40 %.

    Shapes: (..., 4) -> (..., 4) cx, cy, w, h as shares of the image.
    """
    noise = BOX_NOISE * (2 * torch.rand_like(boxes) - 1)
    centers, sides = boxes.split(2, -1)
    moved = centers + noise[..., :2] * sides / 2
    return torch.cat([moved, sides * (1 + noise[..., 2:])], -1).clamp(SMALLEST, 1 - SMALLEST)


def noisy_labels(labels: Tensor, num_classes: int) -> Tensor:
    """Return the labels with one of five drawn at random from 1..K."""
    drawn = torch.randint_like(labels, 1, num_classes + 1)
    return torch.where(torch.rand(labels.shape, device=labels.device) < WRONG_LABELS, drawn, labels)


def who_sees_whom(queries: int, group: Tensor) -> Tensor:
    """Return which query may look at which: those that detect form one group, each set of copies another.

    If a query could look at a copy, it would read the answer there.

    Shapes: (Q,) -> (queries + Q, queries + Q) bool.

    >>> who_sees_whom(1, torch.tensor([1, 2]))
    tensor([[ True, False, False],
            [False,  True, False],
            [False, False,  True]])
    """
    every = torch.cat([group.new_zeros(queries), group])
    return every[:, None] == every


def padded(rows: Tensor, length: int, value: float) -> Tensor:
    """Return the rows, padded with rows of one value: (G, ...) -> (length, ...)."""
    return torch.cat([rows, rows.new_full((length - len(rows), *rows.shape[1:]), value)])
