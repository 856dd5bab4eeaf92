"""The network inside an exported file: from one image to tensors of fixed shapes, for each model of the course."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.models.box_queries import BINS, LookIntoBox
from coursekit.models.cornernet import CornerHead
from coursekit.models.image_model import ImageModel, Inputs
from coursekit.models.retinanet import RetinaNet
from coursekit.models.set_prediction import in_pixels
from coursekit.models.ssd import OFFSET_WEIGHTS
from coursekit.models.yolo import class_scores
from coursekit.models.yolox_nano import YoloxNano, decode
from coursekit.ops.heatmap import DIRECTIONS

Outputs = tuple[Tensor, ...]
BOXES = ("boxes", "scores")  # (1, A, 4) xyxy pixels, (1, A, K) in [0, 1]


class Exported(nn.Module):
    """From one image to the tensors of `outputs`, without the checks of inputs, which depend on values."""

    def __init__(self, model: nn.Module, outputs: Callable[[Any, Any], Outputs]) -> None:
        super().__init__()
        self.model, self.outputs = model.eval(), outputs
        model.requires_grad_(False)
        for module in model.modules():
            if isinstance(module, CornerHead):
                module.pool = pooled_by_doubling
            if isinstance(module, LookIntoBox):
                vars(module)["forward"] = partial(look_by_grid, module)
        if isinstance(model, ImageModel):
            vars(model)["check_inputs"] = lambda *inputs: None

    def forward(self, image: Tensor) -> Outputs:
        if not isinstance(self.model, ImageModel):
            return self.outputs(self.model, image)
        backbone: Any = self.model.backbone
        x, features = backbone.normalise(image), {}
        for level, stage in backbone.stages.items():
            x = stage(x)  # (1, C, h, w)
            features[level] = x[0]
        return self.outputs(self.model, [{level: features[level] for level in backbone.channels}])


def pooled_by_doubling(features: Tensor, direction: str) -> Tensor:
    """Return what `ops.corner_pool` does, from copies shifted by 1, 2, 4, ... cells: ONNX has no cumulative maximum.

    >>> pooled_by_doubling(torch.tensor([[1, 3, 0, 2]]), "left")
    tensor([[3, 3, 2, 2]])
    """
    axis, backwards = DIRECTIONS[direction]
    length, reach = features.shape[axis], 1
    while reach < length:
        first, last = features.narrow(axis, 0, length - reach), features.narrow(axis, reach, length - reach)
        edge = features.narrow(axis, length - reach if backwards else 0, reach)  # nothing lies beyond it
        parts = [first.maximum(last), edge] if backwards else [edge, first.maximum(last)]
        features, reach = torch.cat(parts, axis), 2 * reach
    return features


def look_by_grid(
    layer: LookIntoBox, x: Tensor, place: Tensor, memory: Tensor, boxes: Tensor, mask: Tensor | None
) -> Tensor:
    """Return what the layer does, with `F.grid_sample` in place of `ops.roi_align`, whose embedding bag ONNX does not have."""
    x = layer.look_around(x, place, mask)
    pooled = sampled_boxes(layer.narrow(memory), boxes)  # (N, Q, C, 7, 7)
    return layer.transform(x + layer.read(pooled.flatten(2)))


def sampled_boxes(maps: Tensor, boxes: Tensor) -> Tensor:
    """Return the map at the centre of each of 7 x 7 bins of each box: RoIAlign with one sample per bin.

    Shapes: (N, C, h, w), (N, Q, 4) cx, cy, w, h as shares of the image -> (N, Q, C, 7, 7).
    """
    centres = (torch.arange(BINS) + 0.5) / BINS - 0.5  # (7,), as shares of the box
    x, y = (
        boxes[..., axis, None] + boxes[..., axis + 2, None] * centres for axis in (0, 1)
    )  # (N, Q, 7) each
    x, y = x[:, :, None].expand(-1, -1, BINS, -1), y[..., None].expand(-1, -1, -1, BINS)  # (N, Q, 7, 7) each
    grid = torch.stack([x, y], -1).flatten(1, 2) * 2 - 1  # (N, Q * 7, 7, 2) in [-1, 1]
    values = F.grid_sample(maps, grid, padding_mode="border", align_corners=False)  # (N, C, Q * 7, 7)
    height, width = maps.shape[-2:]
    far = (x * width < -0.5) | (x * width > width + 0.5) | (y * height < -0.5) | (y * height > height + 0.5)
    values = values.unflatten(2, (-1, BINS)).transpose(1, 2)  # (N, Q, C, 7, 7)
    return values * ~far[:, :, None]


def of_yolo(model: Any, batch: Inputs) -> Outputs:
    grid = model.outputs(batch)
    boxes = model.decode(grid.boxes, model.padded_size(batch[0])).flatten(1, 3)
    return boxes, class_scores(grid.confidences, grid.classes).flatten(1, 3)


def of_yolo_modern(model: Any, batch: Inputs) -> Outputs:
    (cells,) = model.outputs(batch).images()
    return cells.boxes[None], cells.scores()[None]


def of_ssd(model: Any, batch: Inputs) -> Outputs:
    logits, offsets, boxes = model.outputs(batch)
    return model.decode(offsets, boxes, OFFSET_WEIGHTS), logits.softmax(-1)[..., 1:]


def of_retinanet(model: RetinaNet, batch: Inputs) -> Outputs:
    logits, offsets, anchors = model.outputs(batch)
    return ops.decode_boxes(offsets, anchors), logits.sigmoid()


def of_fcos(model: Any, batch: Inputs) -> Outputs:
    logits, boxes, quality, *_ = model.outputs(batch)
    return boxes, (logits.sigmoid() * quality.sigmoid()[..., None]).sqrt()


def of_detr(model: Any, batch: Inputs) -> Outputs:
    logits, boxes = (layers[-1] for layers in model.outputs(batch))
    focal = getattr(model, "focal", False)
    return in_pixels(boxes, model.padded_size(batch[0])), logits.sigmoid() if focal else logits.softmax(-1)[
        ..., 1:
    ]


def of_localiser(model: Any, batch: Inputs) -> Outputs:
    boxes, logits = model.outputs(batch)
    return boxes[:, None], logits.softmax(-1)[:, None]


def of_yolox(model: YoloxNano, image: Tensor) -> Outputs:
    return decode(model.outputs(image))


def of_centernet(model: Any, batch: Inputs) -> Outputs:
    heat, sides = model.outputs(batch)
    return heat.sigmoid(), sides


def of_cornernet(model: Any, batch: Inputs) -> Outputs:
    return tuple(each for corner in model.outputs(batch) for each in corner)


def of_segmenter(model: Any, batch: Inputs) -> Outputs:
    return (model.outputs(batch),)


CORNERS = tuple(
    f"{corner}_{maps}"
    for corner in ("top_left", "bottom_right")
    for maps in ("heat", "embeddings", "offsets")
)
OUTPUTS: dict[str, tuple[tuple[str, ...], Callable[[Any, Any], Outputs]]] = {
    "localiser": (BOXES, of_localiser),
    "yolo": (BOXES, of_yolo),
    "yolo_modern": (BOXES, of_yolo_modern),
    "ssd": (BOXES, of_ssd),
    "retinanet": (BOXES, of_retinanet),
    "fcos": (BOXES, of_fcos),
    "detr": (BOXES, of_detr),
    "detr_modern": (BOXES, of_detr),
    "cornernet": (CORNERS, of_cornernet),
    "centernet": (("heat", "sides"), of_centernet),
    "segmenter": (("logits",), of_segmenter),
}
