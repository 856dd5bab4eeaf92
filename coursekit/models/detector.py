"""What all detectors of the course have in common: images or feature maps go in, losses or detections come out.

A model writes three functions, `outputs`, `losses` and `predict`, for a batch of images of one size; `ImageModel`
does the rest.
"""

from collections.abc import Callable, Sequence

from torch import Tensor

from coursekit import ops
from coursekit.models.image_model import Features, ImageModel, Inputs
from coursekit.schema import OUTSIDE_TOLERANCE, Prediction, Target

__all__ = ["Detector", "Features", "Inputs", "select_detections"]


class Detector(ImageModel):
    """The contract: `model(inputs, targets)` gives losses in training, `model(inputs)` detections in evaluation.

    A subclass names the `levels` that it looks at and writes, for a batch of inputs of one size,
    `outputs(batch)`, `losses(batch, targets)` -> {name: ()} and `predict(batch)` -> one `Prediction` per image, with
    at most 100 objects.

    Args:
        num_classes, backbone: as `ImageModel`.
    """

    def check_targets(self, inputs: Inputs, targets: Sequence[Target]) -> None:
        """Raises: ValueError in words when the targets are not one well-formed dict for each image."""
        super().check_targets(inputs, targets)
        for i, (x, target) in enumerate(zip(inputs, targets, strict=True)):
            check_inside(target["boxes"], self.image_size(x), i)


def select_detections(
    boxes: Tensor,
    scores: Tensor,
    size: tuple[int, int],
    nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    score_threshold: float = 0.05,
    iou_threshold: float = 0.5,
    candidates: int = 1000,
    limit: int = 100,
) -> Prediction:
    """The detections of one image: boxes inside it, without duplicates, the most confident first.

    A box is a candidate once for each class that it scores in.

    Shapes: boxes (A, 4) xyxy pixels, or (A, K, 4) with one for each class; scores (A, K) in [0, 1] -> D
        detections, labels 1..K.
    Args:
        size: (height, width) of the image.
        nms: boxes (N, 4), scores (N,), classes (N,), IoU threshold -> indices of the boxes kept.
        score_threshold: candidates up to this score are left out.
        candidates: how many of the best enter suppression.
        limit: how many detections are kept, at most.

    >>> import torch
    >>> found = select_detections(torch.tensor([[-5.0, 0, 9, 9]]), torch.tensor([[0.1, 0.0, 0.8]]), (8, 8))
    >>> found["boxes"][0], found["labels"], found["scores"]
    (tensor([0., 0., 8., 8.]), tensor([3, 1]), tensor([0.8000, 0.1000]))
    """
    boxes = ops.clip_boxes_to_image(boxes if boxes.ndim == 3 else boxes[:, None], size)  # (A, 1 or K, 4)
    scores = scores * (ops.box_area(boxes) > 0)  # (A, K): nothing is seen outside of the image
    boxes = boxes.expand(-1, scores.shape[1], -1)  # (A, K, 4)
    best, places = scores.flatten().topk(min(candidates, scores.numel()))  # (candidates,), falling
    best, places = best[best > score_threshold], places[best > score_threshold]
    which, classes = places // scores.shape[1], places % scores.shape[1]
    boxes = boxes[which, classes]  # (candidates, 4), in order
    kept = nms(boxes, best, classes, iou_threshold).sort().values[:limit]  # (D,)
    return {"boxes": boxes[kept], "labels": classes[kept] + 1, "scores": best[kept]}


def check_inside(boxes: Tensor, size: tuple[int, int], i: int) -> None:
    """Raises: ValueError in words when a box of image i leaves the image of `size` (height, width)."""
    moved = (boxes - ops.clip_boxes_to_image(boxes, size)).abs()  # (G, 4)
    if len(boxes) and moved.max() > OUTSIDE_TOLERANCE:
        k = int(moved.amax(1).argmax())
        raise ValueError(
            f"Box {k} of image {i} leaves the image of width {size[1]} and height {size[0]} "
            f"({[round(x, 1) for x in boxes[k].tolist()]}): clip it, or resize image and boxes alike."
        )
