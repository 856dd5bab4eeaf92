"""torchvision's Faster R-CNN and Mask R-CNN with the weights of ours, on the maps of our pyramid: a witness.

What differs by design is made equal: its anchors become ours, around the centres of the cells, and ours pools with
`as_torchvision`. Both draw the same samples under the same seed, and so have the same proposals, losses, detections.
"""

from copy import deepcopy

import torch
from torch import nn
from torchvision.models import detection
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import MultiScaleRoIAlign

from coursekit import ops
from coursekit.models import rpn
from coursekit.models.fast_rcnn import BINS, SAMPLE
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.nets.efficientnet import EfficientNetLite0


def as_torchvision(input, boxes, output_size, spatial_scale):
    """Its detectors sample 2 x 2 points a bin, with the centre of a cell at 0."""
    return ops.roi_align(input, boxes, output_size, spatial_scale, sampling_ratio=2, aligned=False)


class Unchanged(nn.Module):
    """Their backbone: the maps of our pyramid, whatever the image."""

    def __init__(self, channels):
        super().__init__()
        self.out_channels = channels


class Predictor(nn.Module):
    """The last layers of the second stage. Their box of the background, which nothing reads, is as it was made."""

    def __init__(self, head):
        super().__init__()
        classes = head.classes.out_features
        self.cls_score = deepcopy(head.classes)
        self.bbox_pred = nn.Linear(head.offsets.in_features, 4 * classes)
        with torch.no_grad():
            self.bbox_pred.weight[4:], self.bbox_pred.bias[4:] = head.offsets.weight, head.offsets.bias

    def forward(self, hidden):
        return self.cls_score(hidden), self.bbox_pred(hidden)


def witness_of(model: FasterRCNN) -> nn.Module:
    """torchvision's model of the same kind, with the same numbers of everything and copies of the weights."""
    strides = [EfficientNetLite0.strides[level] for level in model.levels]
    anchors = AnchorGenerator(tuple((rpn.ANCHOR_SIZE * stride,) for stride in strides), (rpn.RATIOS,) * 3)
    anchors.cell_anchors = [ops.cell_anchors([rpn.ANCHOR_SIZE * s], rpn.RATIOS) + s / 2 for s in strides]
    kind, parts = (
        (detection.MaskRCNN, mask_parts(model)) if isinstance(model, MaskRCNN) else (detection.FasterRCNN, {})
    )
    witness = kind(
        Unchanged(model.proposer.shared.in_channels),
        rpn_anchor_generator=anchors,
        box_roi_pool=MultiScaleRoIAlign(["P3"], BINS, sampling_ratio=2),
        box_head=deepcopy(model.region_head.layers),
        box_predictor=Predictor(model.region_head),
        rpn_pre_nms_top_n_train=rpn.CANDIDATES,
        rpn_pre_nms_top_n_test=rpn.CANDIDATES,
        rpn_post_nms_top_n_train=rpn.PROPOSALS,
        rpn_post_nms_top_n_test=rpn.PROPOSALS,
        rpn_batch_size_per_image=rpn.SAMPLE[0],
        box_batch_size_per_image=SAMPLE[0],
        **parts,
    )
    head, ours = witness.rpn.head, model.proposer
    for layer, source in (
        (head.conv[0][0], ours.shared),
        (head.cls_logits, ours.objectness),
        (head.bbox_pred, ours.offsets),
    ):
        layer.load_state_dict(source.state_dict())
    return witness.eval()


def mask_parts(model: MaskRCNN) -> dict:
    """The third branch. Their mask of the background, which nothing reads, is as it was made."""
    *head, larger, relu, last = deepcopy(model.mask_head)
    masks = nn.Conv2d(last.in_channels, last.out_channels + 1, 1)
    with torch.no_grad():
        masks.weight[1:], masks.bias[1:] = last.weight, last.bias
    return {
        "mask_roi_pool": MultiScaleRoIAlign(["P3"], model.mask_bins, sampling_ratio=2),
        "mask_head": nn.Sequential(*head),
        "mask_predictor": nn.Sequential(larger, relu, masks),
    }


def their_answer(witness, pyramid, sizes, targets=None):
    """The proposals, the detections and the losses, of images of these sizes (height, width)."""
    height, width = (max(sides) for sides in zip(*sizes, strict=True))
    images = ImageList(torch.zeros(len(sizes), 3, height, width), list(sizes))
    proposals, losses = witness.rpn(images, pyramid, targets)
    found, more = witness.roi_heads(pyramid, proposals, list(sizes), targets)
    return proposals, found, losses | more
