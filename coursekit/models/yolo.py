"""YOLO, "You Only Look Once": a grid of cells, each answering for the object whose centre lies in it.

encode_grid -> the truth of each cell -> yolo_loss -> ... -> decode_grid -> class_scores -> suppression

Each of h x w cells predicts B boxes, a confidence for each, and the class of what it sees: 5 B + K numbers. The functions come
first, for they are the paper; a student can replace them. The network is the last thing.
Source: Redmon et al., "You Only Look Once: Unified, Real-Time Object Detection", 2016, arXiv:1506.02640.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.models.detector import Detector, Inputs, select_detections
from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import convolution
from coursekit.schema import Prediction, Target

SMALLEST_SIDE = 1e-6  # of the image; below it the square root has no useful slope
WIDTH = 128  # channels between the layers
SCORE_THRESHOLD, NMS_THRESHOLD = 0.01, 0.5


class Grid(NamedTuple):
    """What the network predicts for h x w cells. There may be a first dimension of N images.

    boxes: (h, w, B, 4): x, y of the centre, in cells from the cell's corner; width, height in parts of the image.
    confidences: (h, w, B), the IoU of each box with the object, as the cell guesses it.
    classes: (h, w, K), the probability of each class if there is an object.
    """

    boxes: Tensor
    confidences: Tensor
    classes: Tensor


def encode_grid(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Return what each cell should say: the box and the label of the object whose centre lies in it.

    A cell without an object has label 0. Of several objects in one cell the first is kept:
    `len(boxes) - (labels > 0).sum()` are lost.

    Shapes: (G, 4), (G,) -> (h, w, 4), (h, w) int64.
        The box of a cell is (x, y, width, height) as in `Grid`.
    Args:
        boxes: xyxy pixels.
        labels: 1..K.
        image_size: (height, width) in pixels.
        grid: (h, w), rows and columns of cells.
    Raises:
        ValueError: a box whose centre is outside the image.
    Source: Redmon et al., 2016, section 2, arXiv:1506.02640.

    >>> boxes, labels = encode_grid(torch.tensor([[20.0, 0.0, 50.0, 10.0]]), torch.tensor([7]), (20, 60), (1, 3))
    >>> boxes[0, 1], labels
    (tensor([0.7500, 0.2500, 0.5000, 0.5000]), tensor([[0, 7, 0]]))
    """
    rows, columns = grid
    match = ops.match_by_cell(boxes, image_size, grid)
    cell = match.positive.nonzero()[:, 0]  # (owners,)
    owned = match.target[cell]  # (owners,) objects
    x1, y1, x2, y2 = boxes[owned].unbind(1)
    height, width = image_size
    x = (x1 + x2) / 2 * columns / width - cell % columns
    y = (y1 + y2) / 2 * rows / height - cell // columns
    cell_boxes, cell_labels = boxes.new_zeros(rows * columns, 4), labels.new_zeros(rows * columns)
    cell_boxes[cell] = torch.stack([x, y, (x2 - x1) / width, (y2 - y1) / height], 1)
    cell_labels[cell] = labels[owned]
    return cell_boxes.view(rows, columns, 4), cell_labels.view(rows, columns)


def decode_grid(boxes: Tensor, image_size: tuple[float, float]) -> Tensor:
    """Return the boxes of the cells in pixels: the inverse of `encode_grid`.

    Shapes: (..., h, w, B, 4) as in `Grid` -> (..., h, w, B, 4) xyxy.
    Args:
        image_size: (height, width) in pixels; (1, 1) gives parts of the image.

    >>> decode_grid(torch.tensor([0.75, 0.25, 0.5, 0.5]).expand(1, 3, 1, 4), (20, 60))[0, :, 0]
    tensor([[ 0.,  0., 30., 10.],
            [20.,  0., 50., 10.],
            [40.,  0., 70., 10.]])
    """
    rows, columns = boxes.shape[-4:-2]
    height, width = image_size
    column = torch.arange(columns, device=boxes.device)[:, None]  # (w, 1)
    row = torch.arange(rows, device=boxes.device)[:, None, None]  # (h, 1, 1)
    x, y, w, h = boxes.unbind(-1)  # (..., h, w, B) each
    x, y = (x + column) * (width / columns), (y + row) * (height / rows)
    return ops.box_convert(torch.stack([x, y, w * width, h * height], -1), "cxcywh", "xyxy")


def responsible(predicted: Tensor, targets: Tensor) -> Tensor:
    """Return which of a cell's B boxes is responsible for its object: the one that overlaps it most, the first of equals.

    Shapes: (G, B, 4), (G, 4) -> (G, B) bool, one true in each row.
    Args:
        predicted, targets: xyxy, in any one unit.
    Source: Redmon et al., 2016, section 2.2, arXiv:1506.02640.

    >>> responsible(torch.tensor([[[0.0, 0, 2, 2], [0, 0, 4, 3]]]), torch.tensor([[0.0, 0, 4, 4]]))
    tensor([[False,  True]])
    """
    best = overlaps(predicted, targets).argmax(1)  # (G,)
    return F.one_hot(best, predicted.shape[1]).bool()  # (G, B)


def overlaps(predicted: Tensor, targets: Tensor) -> Tensor:
    """The IoU of each cell's boxes with its object: (G, B, 4), (G, 4) -> (G, B)."""
    return ops.paired_box_iou(predicted, targets[:, None])


def yolo_loss(
    grid: Grid,
    boxes: Tensor,
    labels: Tensor,
    lambda_coord: float = 5.0,
    lambda_noobj: float = 0.5,
    responsible: Callable[[Tensor, Tensor], Tensor] = responsible,
) -> dict[str, Tensor]:
    """Return the five terms of the loss, each a weighted sum of squared errors.

    centre, size: of the responsible boxes; of the sides the square roots are compared, for 5 pixels too many are
    worse for a spoon than for a table.
    object: the confidence of the responsible boxes, which should be their IoU.
    no_object: the confidence of all other boxes, of all cells, which should be 0.
    class: the class probabilities of the cells with an object.

    Shapes: Grid of (..., h, w), (..., h, w, 4), (..., h, w) -> five times ().
    Args:
        grid: what the network predicts.
        boxes, labels: what it should say, from `encode_grid`.
        lambda_coord: weight of centre and size.
        lambda_noobj: weight of no_object, for most cells have no object.
        responsible: see there.
    Source: Redmon et al., 2016, eq. 3, arXiv:1506.02640.
    """
    owned = labels > 0  # (..., h, w), G of them
    true = boxes[owned]  # (G, 4)
    corners = decode_grid(grid.boxes, (1, 1))[owned]  # (G, B, 4)
    true_corners = decode_grid(boxes[..., None, :], (1, 1))[owned][:, 0]  # (G, 4)
    mine = responsible(corners.detach(), true_corners)  # (G, B)
    found, iou = grid.boxes[owned][mine], overlaps(corners.detach(), true_corners)[mine]  # (G, 4), (G,)
    others = torch.ones_like(grid.confidences, dtype=torch.bool)
    others[owned] = ~mine
    right_class = F.one_hot(labels[owned] - 1, grid.classes.shape[-1])  # (G, K)
    return {
        "centre": lambda_coord * (found[:, :2] - true[:, :2]).square().sum(),
        "size": lambda_coord * (root(found[:, 2:]) - root(true[:, 2:])).square().sum(),
        "object": (grid.confidences[owned][mine] - iou).square().sum(),
        "no_object": lambda_noobj * grid.confidences[others].square().sum(),
        "class": (grid.classes[owned] - right_class).square().sum(),
    }


def root(sides: Tensor) -> Tensor:
    return sides.clamp(min=SMALLEST_SIDE).sqrt()


def class_scores(confidences: Tensor, classes: Tensor) -> Tensor:
    """Return the score of each box for each class: confidence times class probability.

    Shapes: (..., B), (..., K) -> (..., B, K).
    Source: Redmon et al., 2016, eq. 1, arXiv:1506.02640.

    >>> class_scores(torch.tensor([0.5, 0.25]), torch.tensor([0.5, 1.0]))
    tensor([[0.2500, 0.5000],
            [0.1250, 0.2500]])
    """
    return confidences[..., None] * classes[..., None, :]


class Yolo(Detector):
    """YOLO on the feature maps of a pretrained network, with a cell for each 16 x 16 pixels.

    The paper's network ends in two dense layers, so its images have one size; convolutions take any. Its outputs are
    the numbers themselves; here they pass a sigmoid or a softmax, so that each is in [0, 1] from the first step.

    Args:
        num_classes, backbone: as in `Detector`.
        boxes_per_cell: B.
        encode, decode, loss, nms: the parts of the paper, to be replaced by one's own; see the functions.
    """

    levels = ("C3", "C4", "C5")

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        boxes_per_cell: int = 2,
        *,
        encode: Callable[..., tuple[Tensor, Tensor]] = encode_grid,
        decode: Callable[[Tensor, tuple[int, int]], Tensor] = decode_grid,
        loss: Callable[[Grid, Tensor, Tensor], dict[str, Tensor]] = yolo_loss,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.boxes_per_cell = boxes_per_cell
        self.encode, self.decode, self.loss, self.nms = encode, decode, loss, nms
        self.layers = nn.Sequential(
            convolution(sum(self.channels[level] for level in self.levels), WIDTH, 1),
            convolution(WIDTH, WIDTH, 3),
            convolution(WIDTH, WIDTH, 3),
            nn.Conv2d(WIDTH, 5 * boxes_per_cell + num_classes, 1),
        )

    def outputs(self, batch: Inputs) -> Grid:
        """What the cells predict: a `Grid` of N images."""
        finer, own, coarser = self.feature_maps(batch).values()
        same = [F.avg_pool2d(finer, 2), own, F.interpolate(coarser, scale_factor=2)]  # (N, C, h, w) each
        numbers = self.layers(torch.cat(same, 1)).permute(0, 2, 3, 1)  # (N, h, w, 5 B + K)
        per_cell = self.boxes_per_cell
        boxes, confidences, classes = numbers.split([4 * per_cell, per_cell, self.num_classes], -1)
        centre, root_of_sides = boxes.unflatten(-1, (-1, 4)).sigmoid().split(2, -1)  # (N, h, w, B, 2) each
        boxes = torch.cat([centre, root_of_sides.square()], -1)  # (N, h, w, B, 4)
        return Grid(boxes, confidences.sigmoid(), classes.softmax(-1))

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The terms of the loss, summed over the cells, in the mean over the images."""
        self.check_targets(batch, targets)
        grid = self.outputs(batch)
        cells = grid.classes.shape[1:3]
        truth = [self.encode(t["boxes"], t["labels"], self.padded_size(batch[0]), cells) for t in targets]
        boxes, labels = (torch.stack(part) for part in zip(*truth, strict=True))
        return {name: term / len(batch) for name, term in self.loss(grid, boxes, labels).items()}

    def predict(self, batch: Inputs) -> list[Prediction]:
        """The objects found in each image: each box of each cell is a candidate for each class."""
        grid = self.outputs(batch)
        boxes = self.decode(grid.boxes, self.padded_size(batch[0])).flatten(1, 3)  # (N, h w B, 4)
        scores = class_scores(grid.confidences, grid.classes).flatten(1, 3)  # (N, h w B, K)
        return [
            select_detections(b, s, self.image_size(x), self.nms, SCORE_THRESHOLD, NMS_THRESHOLD)
            for b, s, x in zip(boxes, scores, batch, strict=True)
        ]
