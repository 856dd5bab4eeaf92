"""Answers to `yolo_loss` (lab 03), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.models.yolo import Grid, overlaps, root


def decode_grid(boxes: Tensor, image_size: tuple[int, int]) -> Tensor:
    """Exercise 4."""
    rows, columns = boxes.shape[-4:-2]
    x = (boxes[..., 0] + torch.arange(columns)[:, None]) / columns * image_size[1]
    y = (boxes[..., 1] + torch.arange(rows)[:, None, None]) / rows * image_size[0]
    half_w, half_h = boxes[..., 2] * image_size[1] / 2, boxes[..., 3] * image_size[0] / 2
    return torch.stack([x - half_w, y - half_h, x + half_w, y + half_h], dim=-1)


def responsible(predicted: Tensor, targets: Tensor) -> Tensor:
    """Exercise 5."""
    return F.one_hot(overlaps(predicted, targets).argmax(1), predicted.shape[1]).bool()


def _given(grid: Grid, boxes: Tensor, labels: Tensor) -> tuple[Tensor, ...]:
    """The first lines, as the notebook gives them."""
    owned = labels > 0  # cells with an object, G of them
    true = boxes[owned]  # (G, 4): what their boxes should say
    corners = decode_grid(grid.boxes, (1, 1))[owned].detach()  # (G, B, 4): no gradient flows through an IoU
    true_corners = decode_grid(boxes[..., None, :], (1, 1))[owned][:, 0]  # (G, 4)
    mine = responsible(corners, true_corners)  # (G, B)
    found, iou = grid.boxes[owned][mine], overlaps(corners, true_corners)[mine]  # (G, 4), (G,)
    others = torch.ones_like(grid.confidences, dtype=torch.bool)
    others[owned] = ~mine  # all boxes of all cells, but for the responsible ones
    right_class = F.one_hot(labels[owned] - 1, grid.classes.shape[-1])  # (G, K)
    return owned, true, mine, found, iou, others, right_class


def right_by_sums(
    grid: Grid, boxes: Tensor, labels: Tensor, lambda_coord: float = 5.0, lambda_noobj: float = 0.5
) -> dict[str, Tensor]:
    """The table, line by line."""
    owned, true, mine, found, iou, others, right_class = _given(grid, boxes, labels)
    return {
        "centre": lambda_coord * (found[:, :2] - true[:, :2]).square().sum(),
        "size": lambda_coord * (root(found[:, 2:]) - root(true[:, 2:])).square().sum(),
        "object": (grid.confidences[owned][mine] - iou).square().sum(),
        "no_object": lambda_noobj * grid.confidences[others].square().sum(),
        "class": (grid.classes[owned] - right_class).square().sum(),
    }


def right_by_library(
    grid: Grid, boxes: Tensor, labels: Tensor, lambda_coord: float = 5.0, lambda_noobj: float = 0.5
) -> dict[str, Tensor]:
    """`mse_loss` with sums; no_object is the whole of all confidences without the responsible ones."""
    owned, true, mine, found, iou, _, right_class = _given(grid, boxes, labels)

    def squares(said: Tensor, wanted: Tensor) -> Tensor:
        return F.mse_loss(said, wanted.to(said), reduction="sum")

    confidence = grid.confidences[owned][mine]
    empty = squares(grid.confidences, torch.zeros_like(grid.confidences)) - confidence.square().sum()
    losses = {"object": squares(confidence, iou), "no_object": lambda_noobj * empty}
    losses["centre"] = lambda_coord * squares(found[:, :2], true[:, :2])
    losses["size"] = lambda_coord * squares(root(found[:, 2:]), root(true[:, 2:]))
    losses["class"] = squares(grid.classes[owned], right_class)
    return losses


def right_by_loops(
    grid: Grid, boxes: Tensor, labels: Tensor, lambda_coord: float = 5.0, lambda_noobj: float = 0.5
) -> dict[str, Tensor]:
    """Object by object; each term begins as a 0 that is tied to the network's numbers."""
    owned, true, mine, found, iou, others, right_class = _given(grid, boxes, labels)
    nothing = grid.confidences.sum() * 0
    terms = {name: nothing for name in ("centre", "size", "object", "no_object", "class")}
    confidence, classes = grid.confidences[owned][mine], grid.classes[owned]
    for g in range(len(true)):
        for i in (0, 1):
            terms["centre"] = terms["centre"] + lambda_coord * (found[g, i] - true[g, i]) ** 2
            sides = root(found[g, 2 + i]), root(true[g, 2 + i])
            terms["size"] = terms["size"] + lambda_coord * (sides[0] - sides[1]) ** 2
        terms["object"] = terms["object"] + (confidence[g] - iou[g]) ** 2
        for k in range(classes.shape[1]):
            terms["class"] = terms["class"] + (classes[g, k] - right_class[g, k]) ** 2
    for confidence in grid.confidences[others]:
        terms["no_object"] = terms["no_object"] + lambda_noobj * confidence**2
    return terms


def _terms(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """The right five terms: the wrong answers change one of them."""
    return right_by_sums(grid, boxes, labels, lambda_coord, lambda_noobj)


def wrong_mean_of_the_empty_boxes(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """no_object is a mean and not a sum: wrong whenever there are two or more other boxes."""
    *_, others, _ = _given(grid, boxes, labels)
    term = lambda_noobj * grid.confidences[others].square().mean()
    return _terms(grid, boxes, labels, lambda_coord, lambda_noobj) | {"no_object": term}


def wrong_without_roots(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """Compares w and h without their roots: wrong for every box of a wrong size."""
    _, true, _, found, *_ = _given(grid, boxes, labels)
    term = lambda_coord * (found[:, 2:] - true[:, 2:]).square().sum()
    return _terms(grid, boxes, labels, lambda_coord, lambda_noobj) | {"size": term}


def wrong_confidence_of_one(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """Asks for a confidence of 1 and not of the IoU: wrong for every box that is not perfect."""
    owned, _, mine, *_ = _given(grid, boxes, labels)
    term = (grid.confidences[owned][mine] - 1).square().sum()
    return _terms(grid, boxes, labels, lambda_coord, lambda_noobj) | {"object": term}


def wrong_only_empty_cells(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """no_object leaves out the other box of a cell with an object: too small for two boxes in a cell."""
    term = lambda_noobj * grid.confidences[labels == 0].square().sum()
    return _terms(grid, boxes, labels, lambda_coord, lambda_noobj) | {"no_object": term}


def wrong_all_boxes_are_empty(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """no_object counts the responsible boxes too, which are pulled both ways:
    wrong as soon as there is an object.
    """
    term = lambda_noobj * grid.confidences.square().sum()
    return _terms(grid, boxes, labels, lambda_coord, lambda_noobj) | {"no_object": term}


def wrong_without_weights(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """Leaves out both weights: centre and size are 5 times too small, no_object is twice too large."""
    return _terms(grid, boxes, labels, 1.0, 1.0)


def wrong_weights_fixed(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """Writes 5 and 0.5 into the code: wrong for all other values of the two arguments."""
    return _terms(grid, boxes, labels, 5.0, 0.5)


def wrong_classes_of_all_cells(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """Pulls the class probabilities of empty cells to 0: only cells with an object have a class."""
    term = _terms(grid, boxes, labels)["class"] + grid.classes[labels == 0].square().sum()
    return _terms(grid, boxes, labels, lambda_coord, lambda_noobj) | {"class": term}


def wrong_cross_entropy(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """A cross entropy on the probabilities, as in a modern network, where squares are asked for."""
    owned = labels > 0
    term = F.cross_entropy(grid.classes[owned], labels[owned] - 1, reduction="sum")
    return _terms(grid, boxes, labels, lambda_coord, lambda_noobj) | {"class": term}


def wrong_unsafe_root(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """sqrt() for root(): a predicted side of 0 has an endless gradient, and NaN goes into the network."""
    _, true, _, found, *_ = _given(grid, boxes, labels)
    term = lambda_coord * (found[:, 2:].sqrt() - true[:, 2:].sqrt()).square().sum()
    return _terms(grid, boxes, labels, lambda_coord, lambda_noobj) | {"size": term}


def wrong_root_of_the_difference(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """The root of the difference, squared, is the difference:
    0.09 instead of 0.01 for sides of 0.16 and 0.25.
    """
    _, true, _, found, *_ = _given(grid, boxes, labels)
    term = lambda_coord * root((found[:, 2:] - true[:, 2:]).abs()).square().sum()
    return _terms(grid, boxes, labels, lambda_coord, lambda_noobj) | {"size": term}


def wrong_all_boxes_of_the_cell(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    """Pulls every box of a cell to its object's centre, and not the responsible one alone."""
    owned, true, *_ = _given(grid, boxes, labels)
    term = lambda_coord * (grid.boxes[owned][..., :2] - true[:, None, :2]).square().sum()
    return _terms(grid, boxes, labels, lambda_coord, lambda_noobj) | {"centre": term}
