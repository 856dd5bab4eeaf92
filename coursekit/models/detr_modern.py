"""A modern DETR: each query is a box that looks into itself and corrects itself, layer by layer.

C4, C5 -- 1x1, added -- encoder --(+)--> memory at the cells of C3
C3 -- 1x1 -------------------------^        |  looks into its own box by RoIAlign, in every layer
queries, each with a box ------- decoder ---+--> each query corrects its box and predicts a class

What changed since 2020, each in one argument of `ModernDETR`; without all of them it is a DETR of 2020:

    refine      a query is a box, which every layer corrects       DAB-DETR, 2022, arXiv:2201.12329
    loss        focal loss instead of a class "no object"          Deformable DETR, 2020, arXiv:2010.04159
    spread      the first boxes lie all over the image             as the anchor points of Anchor DETR, arXiv:2109.07107
    fine        the cells of C3 are added to the memory            as the levels of Deformable DETR
    look        a query looks into its own box, not everywhere     Sparse R-CNN, 2020, arXiv:2011.12450
    denoising   noisy copies of the objects, cleaned in training   DN-DETR, 2022, arXiv:2203.01305

What stays: a set of queries, attention among them, one-to-one matching, losses after every layer, no NMS.
"""

from collections.abc import Sequence
from functools import partial
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.box_queries import LookEverywhere, LookIntoBox, spread_boxes
from coursekit.models.denoising import NoisyCopies, noisy_copies, who_sees_whom
from coursekit.models.detector import Detector, Inputs
from coursekit.models.detr import DETROutputs, Head, detr_cost, softmax_class_loss
from coursekit.models.retinanet import PRIOR, prior_bias
from coursekit.models.set_prediction import (
    Losses,
    Matcher,
    Truth,
    box_cost,
    box_losses,
    every_class,
    in_pixels,
    in_shares,
    match_sets,
    matched_losses,
    one_class_each,
    summed,
)
from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import small_start
from coursekit.nets.fpn import add_coarser
from coursekit.nets.transformer import Encoder, encode_places, two_linear
from coursekit.schema import Prediction, Target

FOCAL_WEIGHT = 2.0  # in the cost and in the loss
INSIDE = 1e-3  # a box is corrected as if its four shares were at least this far from 0 and 1


def focal_cost(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """Return what it costs to give each object to each query, when the classes are trained with the focal loss.

    It is `box_cost` plus twice the difference between the loss if the class is there and the loss if it is not.

    Shapes: (Q, K), (Q, 4), (G,), (G, 4) -> (G, Q).
    Source: Zhu et al., "Deformable DETR", 2020, appendix A.4, arXiv:2010.04159, and its published code.

    >>> square = torch.tensor([[0.5, 0.5, 0.2, 0.2]])
    >>> focal_cost(torch.zeros(1, 2), square, torch.tensor([1]), square).round(decimals=4)
    tensor([[-2.1733]])
    """
    chosen = logits[:, labels - 1].T  # (G, Q)
    there = ops.sigmoid_focal_loss(chosen, torch.ones_like(chosen))
    not_there = ops.sigmoid_focal_loss(chosen, torch.zeros_like(chosen))
    return box_cost(boxes, true_boxes) + FOCAL_WEIGHT * (there - not_there)


def focal_class_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return twice the focal loss of all queries per query with an object.

    Shapes: (M, K), (M,) with 0 for "no object" -> ().
    """
    wanted = F.one_hot(labels, logits.shape[1] + 1)[:, 1:].to(logits)  # (M, K)
    return FOCAL_WEIGHT * ops.sigmoid_focal_loss(logits, wanted).sum() / shared_count((labels > 0).sum())


class ModernDETR(Detector):
    """DETR with what five years have changed.

    Args:
        num_classes, backbone, width, heads, encoder_layers, decoder_layers, queries, match: as `DETR`.
        refine: whether a query is a box that every layer corrects; otherwise every layer predicts a box from nothing.
        loss: "focal", one sigmoid per class, or "softmax" with a class "no object".
        spread: whether the first boxes are spread over the image or drawn at random.
        fine: whether the memory has the cells of C3 or those of C4.
        look: "box", where each query looks into its own box, or "everywhere".
        denoising: noisy copies of each object in training; 0 for none.
    Raises:
        ValueError: another word, or no `refine` where queries need boxes.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        width: int = 128,
        heads: int = 8,
        encoder_layers: int = 2,
        decoder_layers: int = 3,
        queries: int = 20,
        refine: bool = True,
        loss: Literal["focal", "softmax"] = "focal",
        spread: bool = True,
        fine: bool = True,
        look: Literal["box", "everywhere"] = "box",
        denoising: int = 3,
        match: Matcher = ops.match_by_cost,
    ) -> None:
        check_options(refine, loss, look, denoising)
        self.levels = ("C3", "C4", "C5") if fine else ("C4", "C5")
        super().__init__(num_classes, backbone)
        self.refine, self.focal, self.match, self.denoising = refine, loss == "focal", match, denoising
        self.cost = focal_cost if self.focal else detr_cost
        self.class_loss = (
            focal_class_loss if self.focal else partial(softmax_class_loss, no_object_weight=0.1)
        )
        self.project = nn.ModuleDict({c: nn.Conv2d(self.channels[c], width, 1) for c in self.levels})
        self.encoder = Encoder(encoder_layers, width, heads, 2 * width)
        layer = LookIntoBox if look == "box" else LookEverywhere
        self.decoder = nn.ModuleList(layer(width, heads, 2 * width) for _ in range(decoder_layers))
        self.queries = nn.Parameter(torch.randn(queries, width))
        self.heads = nn.ModuleList(self.head(width) for _ in range(decoder_layers if refine else 1))
        if refine:
            first = spread_boxes(queries) if spread else torch.rand(queries, 4)
            self.first = nn.Parameter(first.logit(INSIDE))
            self.place_of_box = two_linear(width, width)
        if denoising:
            self.names = nn.Embedding(num_classes, width)

    def head(self, width: int) -> Head:
        """A head that at first predicts few objects and corrects hardly anything."""
        head = Head(width, self.num_classes if self.focal else self.num_classes + 1)
        if self.focal:
            nn.init.constant_(head.classes.bias, prior_bias(PRIOR))
        if self.refine:
            small_start(head.box[-1], 1e-3)
        return head

    def outputs(self, batch: Inputs) -> DETROutputs:
        return self.decode(self.memory(batch))

    def memory(self, batch: Inputs) -> Tensor:
        """The cells that queries look at: (N, width, h, w)."""
        maps = {level: self.project[level](x) for level, x in self.feature_maps(batch).items()}
        coarse = self.encoder(add_coarser(maps["C4"], maps["C5"]))
        return add_coarser(maps["C3"], coarse) if "C3" in maps else coarse

    def decode(self, memory: Tensor, noisy: NoisyCopies | None = None) -> DETROutputs:
        """What the queries predict after each layer, and behind them the noisy copies, if there are any."""
        x, boxes, mask = self.queries.expand(len(memory), -1, -1), self.first_boxes(memory), None
        if noisy is not None:
            x = torch.cat([x, self.names(noisy.labels - 1)], 1)  # (N, Q, width)
            boxes = torch.cat([boxes, noisy.boxes], 1)  # (N, Q, 4)
            mask = who_sees_whom(len(self.queries), noisy.group)  # (Q, Q)
        logits, found = [], []
        for i, layer in enumerate(self.decoder):
            x = layer(x, self.place(boxes), memory, boxes, mask)  # (N, Q, width)
            classes, corrections = self.heads[i % len(self.heads)](x)
            logits.append(classes)
            found.append((boxes.logit(INSIDE) + corrections).sigmoid())
            if self.refine:
                boxes = found[-1].detach()  # each layer learns its own correction only
        return DETROutputs(torch.stack(logits), torch.stack(found))

    def first_boxes(self, memory: Tensor) -> Tensor:
        """The boxes that the queries start from, or the middle of the image if they are not corrected: (N, Q, 4)."""
        numbers = self.first if self.refine else memory.new_zeros(len(self.queries), 4)
        return numbers.sigmoid().expand(len(memory), -1, -1)

    def place(self, boxes: Tensor) -> Tensor:
        """The encoding of where each query is: (N, Q, 4) -> (N, Q, width), or what it learned: (Q, width)."""
        return self.place_of_box(encode_places(boxes, self.queries.shape[1])) if self.refine else self.queries

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> Losses:
        """The losses of `DETR`; in training those of the noisy copies are added."""
        self.check_targets(batch, targets)
        truth = in_shares(targets, self.padded_size(batch[0]))
        copies = self.denoising if self.training else 0
        noisy = noisy_copies(truth, copies, self.num_classes) if copies else None
        layers = zip(*self.decode(self.memory(batch), noisy), strict=True)
        return summed([part for layer in layers for part in self.layer_losses(*layer, truth, noisy)])

    def layer_losses(
        self, logits: Tensor, boxes: Tensor, truth: Sequence[Truth], noisy: NoisyCopies | None
    ) -> list[Losses]:
        """The losses of the queries after one layer, and those of the noisy copies."""
        own = len(self.queries)
        matches = match_sets(logits[:, :own], boxes[:, :own], truth, self.cost, self.match)
        losses = [matched_losses(logits[:, :own], boxes[:, :own], truth, matches, self.class_loss)]
        if noisy is not None:
            logits, boxes = logits[:, own:][noisy.real], boxes[:, own:][noisy.real]  # (P, ...), (P, 4)
            classes = {"class": self.class_loss(logits, noisy.truth.labels)}
            losses.append(classes | box_losses(boxes, noisy.truth.boxes))
        return losses

    def predict(self, batch: Inputs) -> list[Prediction]:
        logits, boxes = (layers[-1] for layers in self.outputs(batch))
        scores = logits.sigmoid() if self.focal else logits.softmax(-1)[..., 1:]  # (N, Q, K)
        select = every_class if self.focal else one_class_each
        boxes = in_pixels(boxes, self.padded_size(batch[0]))  # (N, Q, 4)
        return [
            select(ops.clip_boxes_to_image(b, self.image_size(x)), s)
            for b, s, x in zip(boxes, scores, batch, strict=True)
        ]


def check_options(refine: bool, loss: str, look: str, denoising: int) -> None:
    """Raises: ValueError in words when an option does not exist, or needs queries that are boxes."""
    if loss not in ("focal", "softmax"):
        raise ValueError(f"loss is {loss!r}: use 'focal' or 'softmax'.")
    if look not in ("box", "everywhere"):
        raise ValueError(f"look is {look!r}: use 'box' or 'everywhere'.")
    if not refine and (look == "box" or denoising):
        raise ValueError("Queries that are not boxes have nothing to look into or to clean: use refine=True.")
