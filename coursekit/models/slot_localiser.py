"""N slots for up to N objects: N x 4 numbers and N x (K + 1) scores, and a matching that says which slot is for what.

Read it from top to bottom: what a slot says (`keep_found`), which slot an object belongs to (`matching_cost`,
`best_assignment`), the loss that forgets the empty slots (`padded_box_loss`), and the model. A student can replace all four.
It is DETR's idea of a set of boxes without its transformer; only as many objects are found as there are slots.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.detector import Detector, Features, Inputs
from coursekit.models.localiser import GRID, SpatialHead, decode_box, giou_loss, on_grid, sizes_of
from coursekit.nets.backbone import Backbone
from coursekit.schema import Prediction, Target


def keep_found(boxes: Tensor, logits: Tensor) -> Prediction:
    """The slots whose most probable answer is a class, not the background, the most confident first.

    Shapes: (S, 4), (S, K + 1) -> D <= S detections.
    Args:
        logits: before the softmax; column 0 is the background, column k is label k.

    >>> keep_found(torch.tensor([[0.0, 0, 9, 9], [1, 1, 2, 2]]), torch.tensor([[0.0, 0, 5], [5, 0, 0]]))["labels"]
    tensor([2])
    """
    scores, labels = logits.softmax(-1).max(-1)  # (S,) each
    order = scores.argsort(descending=True, stable=True)
    found = order[labels[order] > 0]  # (D,)
    return {"boxes": boxes[found], "labels": labels[found], "scores": scores[found]}


def matching_cost(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """What it costs to give each object to each slot: minus the probability of its class, minus the GIoU.

    Shapes: (S, 4), (S, K + 1), (G, 4), (G,) -> (G, S).
    Source: Carion et al., DETR, arXiv:2005.12872, section 3.1, without the L1 term.

    >>> square = torch.tensor([[0.0, 0, 9, 9]])
    >>> matching_cost(square, torch.tensor([[0.0, 0]]), square, torch.tensor([1]))
    tensor([[-1.5000]])
    """
    probability = logits.softmax(-1)[:, true_labels].T  # (G, S)
    return -probability - ops.generalized_box_iou(true_boxes, boxes)


def best_assignment(cost: Tensor) -> Tensor:
    """The slot of each object, no slot twice, with the smallest total cost.

    Shapes: (G, S), G <= S -> (G,) int64.
    Source: Kuhn, "The Hungarian method for the assignment problem", 1955.

    >>> best_assignment(torch.tensor([[1.0, 2.0], [1.5, 10.0]]))  # the first object gives way to the second
    tensor([1, 0])
    """
    match = ops.match_by_cost(cost)  # of S slots
    slots = match.positive.nonzero()[:, 0]  # (G,) those in use
    return slots[match.target[slots].argsort()]  # (G,) in the order of the objects


def listed_order(cost: Tensor) -> Tensor:
    """The slot of each object when the first one listed belongs to the first slot, and so on: (G, S) -> (G,)."""
    return torch.arange(len(cost), device=cost.device)


def box_distance(predicted: Tensor, target: Tensor) -> Tensor:
    """How far each predicted box is from the target in its row: the GIoU loss, plus the mean error in cells of C5.

    From random places the GIoU alone is content with boxes as large as the image; the plain error pulls them apart.

    Shapes: (R, 4), (R, 4), xyxy pixels -> (R,).
    Source: Carion et al., DETR, arXiv:2005.12872, section 3.1, "Bounding box loss".

    >>> box_distance(torch.tensor([[0.0, 0, 64, 64]]), torch.tensor([[0.0, 0, 64, 32]]))
    tensor([0.7500])
    """
    return giou_loss(predicted, target) + (predicted - target).abs().mean(-1) / 32  # (R,)


def padded_box_loss(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    """The mean distance of the slots that have an object; the others get no gradient. 0 when no slot has one.

    Shapes: (N, S, 4), (N, S, 4), (N, S) bool -> ().
    Args:
        target: the box of each slot; where `real` is False it is only padding.

    >>> boxes = torch.tensor([[[0.0, 0, 4, 4], [1, 1, 2, 2]]])
    >>> padded_box_loss(boxes, torch.zeros_like(boxes), torch.tensor([[False, False]]))
    tensor(0.)
    """
    distances = box_distance(predicted[real], target[real])  # (objects,)
    return distances.sum() / max(len(distances), 1)


class SlotLocaliser(Detector):
    """Up to N boxes and classes for each image, one from each slot.

    Args:
        num_classes: K, without background.
        slots: N, the most objects of an image.
        backbone: as `ImageModel`.
        assign: (G, S) costs -> (G,) the slot of each object.
        cost: boxes (S, 4), logits (S, K + 1), true boxes (G, 4), true labels (G,) -> (G, S) costs.
        box_loss: (N, S, 4) predicted and (N, S, 4) wanted boxes, (N, S) bool, is it an object -> ().
        select: boxes (S, 4), logits (S, K + 1) -> the `Prediction` of an image.
    """

    levels = tuple(GRID)

    def __init__(
        self,
        num_classes: int,
        slots: int = 3,
        backbone: Backbone | None = None,
        assign: Callable[[Tensor], Tensor] = best_assignment,
        cost: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor] = matching_cost,
        box_loss: Callable[[Tensor, Tensor, Tensor], Tensor] = padded_box_loss,
        select: Callable[[Tensor, Tensor], Prediction] = keep_found,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.slots, self.assign, self.cost = slots, assign, cost
        self.box_loss, self.select = box_loss, select
        self.head = SpatialHead(self.channels, slots * (4 + num_classes + 1))

    def outputs(self, batch: Inputs) -> tuple[Tensor, Tensor]:
        """The boxes (N, S, 4), xyxy pixels, and the scores (N, S, K + 1) before the softmax; column 0 is background."""
        numbers = self.head(self.feature_maps(batch)).unflatten(1, (self.slots, -1))  # (N, S, 4 + K + 1)
        fractions, logits = numbers[..., :4].sigmoid(), numbers[..., 4:]
        sizes = sizes_of(batch, self.padded_size(batch[0])).repeat_interleave(self.slots, 0)  # (N * S, 2)
        return decode_box(fractions.flatten(0, 1), sizes).view_as(fractions), logits

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The box loss of the slots with an object, and the mean cross entropy of all slots."""
        self.check_targets(batch, targets)
        boxes, logits = self.outputs(batch)
        wanted, labels = torch.zeros_like(boxes), torch.zeros_like(logits[..., 0], dtype=torch.int64)
        for i, target in enumerate(targets):
            slots = self.slots_of(boxes[i].detach(), logits[i].detach(), target)  # (G,)
            wanted[i, slots], labels[i, slots] = target["boxes"], target["labels"]
        count = (labels > 0).sum()
        box = count / shared_count(count) * self.box_loss(boxes, wanted, labels > 0)  # 1 on one process
        return {"box": box, "class": F.cross_entropy(logits.flatten(0, 1), labels.flatten())}

    def slots_of(self, boxes: Tensor, logits: Tensor, target: Target) -> Tensor:
        """The slot of each object of one image: (S, 4), (S, K + 1) -> (G,)."""
        return self.assign(self.cost(boxes, logits, target["boxes"], target["labels"]))

    def predict(self, batch: Inputs) -> list[Prediction]:
        """What the slots found in each image."""
        boxes, logits = self.outputs(batch)
        sizes = map(self.image_size, batch)
        clipped = [ops.clip_boxes_to_image(box, size) for box, size in zip(boxes, sizes, strict=True)]
        return [self.select(box, scores) for box, scores in zip(clipped, logits, strict=True)]

    def feature_maps(self, batch: Inputs) -> Features:
        """The normalised maps of a batch of one size, on one grid whatever the size."""
        return {level: on_grid(maps, GRID[level]) for level, maps in super().feature_maps(batch).items()}

    def check_targets(self, inputs: Inputs, targets: Sequence[Target]) -> None:
        """Raises: ValueError in words when a target is not well formed, or has more objects than there are slots."""
        super().check_targets(inputs, targets)
        for i, target in enumerate(targets):
            if len(target["boxes"]) > self.slots:
                raise ValueError(
                    f"Image {i} has {len(target['boxes'])} objects, but there are {self.slots} slots: "
                    "train on scenes with fewer objects, or build the model with more slots."
                )
