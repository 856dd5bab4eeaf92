"""DETR: an image is a set of tokens, the output is a set of objects. No anchors, no NMS.

C4, C5 -- 1x1, added --> tokens -- encoder --> memory
                                                 |  each query looks at all of it, in every layer
queries ------------------------- decoder -------+--> each query predicts a class, or "no object", and a box

In training the queries are matched with the objects one to one at the lowest total cost, after every layer of the
decoder. A second query on the same object is then trained on "no object", so duplicates disappear without NMS.

Source: Carion et al., "End-to-End Object Detection with Transformers", 2020, arXiv:2005.12872. Unlike there, the norm
comes first in every layer, a query starts from its own embedding instead of zeros, and the tokens are finer.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.detector import Detector, Inputs
from coursekit.models.set_prediction import (
    Cost,
    Losses,
    Matcher,
    box_cost,
    in_pixels,
    in_shares,
    match_sets,
    matched_losses,
    one_class_each,
    summed,
)
from coursekit.nets.backbone import Backbone
from coursekit.nets.fpn import add_coarser
from coursekit.nets.transformer import DecoderLayer, Encoder, to_tokens
from coursekit.schema import Prediction, Target


class DETROutputs(NamedTuple):
    """What each of Q queries predicts after each of L layers of the decoder; the last layer detects."""

    logits: Tensor  # (L, N, Q, K + 1) before the softmax; class 0 is "no object"
    boxes: Tensor  # (L, N, Q, 4) cx, cy, w, h as shares of the image


def detr_cost(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """Return what it costs to give each object to each query: `box_cost` minus the probability of its class.

    Shapes: (Q, K + 1), (Q, 4), (G,), (G, 4) -> (G, Q).
    Args:
        logits: before the softmax; class 0 is "no object".
        boxes, true_boxes: cx, cy, w, h as shares of the image.
    Source: Carion et al., 2020, section 3.1: the probability, not its logarithm, which would dwarf the boxes.

    >>> square = torch.tensor([[0.5, 0.5, 0.2, 0.2]])
    >>> detr_cost(torch.zeros(1, 2), square, torch.tensor([1]), square)
    tensor([[-2.5000]])
    """
    return box_cost(boxes, true_boxes) - logits.softmax(-1)[:, labels].T


def softmax_class_loss(logits: Tensor, labels: Tensor, no_object_weight: float) -> Tensor:
    """Return the weighted mean of the cross-entropy: most queries are trained on "no object", so each weighs little.

    Shapes: (M, K + 1), (M,) with 0 for "no object" -> ().
    Source: Carion et al., 2020, section 3.1.

    >>> softmax_class_loss(torch.zeros(4, 2), torch.tensor([0, 0, 0, 1]), no_object_weight=0.1)
    tensor(0.6931)
    """
    weights = logits.new_ones(logits.shape[1])  # (K + 1,)
    weights[0] = no_object_weight
    total = F.cross_entropy(logits, labels, weights, reduction="sum")
    return total / shared_count(weights[labels].sum())


class DETR(Detector):
    """The detector of "End-to-End Object Detection with Transformers", small enough to be trained on a CPU.

    Args:
        num_classes, backbone: as `Detector`.
        width: numbers per token.
        heads: of each attention.
        encoder_layers, decoder_layers: how many.
        queries: Q, the most objects that can be detected in an image.
        cost: as `detr_cost`.
        match: costs (G, Q) -> `Match`, one query per object.
        no_object_weight: of a query without an object in the class loss.
    """

    levels = ("C4", "C5")

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        width: int = 128,
        heads: int = 8,
        encoder_layers: int = 2,
        decoder_layers: int = 3,
        queries: int = 20,
        cost: Cost = detr_cost,
        match: Matcher = ops.match_by_cost,
        no_object_weight: float = 0.1,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.cost, self.match = cost, match
        self.class_loss = partial(softmax_class_loss, no_object_weight=no_object_weight)
        self.project = nn.ModuleDict({c: nn.Conv2d(self.channels[c], width, 1) for c in self.levels})
        self.encoder = Encoder(encoder_layers, width, heads, 2 * width)
        self.decoder = nn.ModuleList(DecoderLayer(width, heads, 2 * width) for _ in range(decoder_layers))
        self.queries = nn.Parameter(torch.randn(queries, width))
        self.head = Head(width, num_classes + 1)

    def outputs(self, batch: Inputs) -> DETROutputs:
        _, *states = self.states(self.memory(batch))
        logits, numbers = zip(*map(self.head, states), strict=True)
        return DETROutputs(torch.stack(logits), torch.stack(numbers).sigmoid())

    def memory(self, batch: Inputs) -> Tensor:
        """The cells of C4, with C5 added, after they have looked at each other: (N, width, h, w)."""
        maps = {level: self.project[level](x) for level, x in self.feature_maps(batch).items()}
        return self.encoder(add_coarser(maps["C4"], maps["C5"]))

    def states(self, memory: Tensor) -> list[Tensor]:
        """The queries before the decoder and after each of its layers, (N, Q, width) each."""
        states, tokens = [self.queries.expand(len(memory), -1, -1)], to_tokens(memory)
        for layer in self.decoder:
            states.append(layer(states[-1], self.queries, *tokens))
        return states

    def attention(self, batch: Inputs) -> Tensor:
        """How much each query looks at each cell in the last layer, in the mean over its heads: (N, Q, h, w)."""
        memory, last = self.memory(batch), self.decoder[-1]
        assert isinstance(last, DecoderLayer)
        before = self.states(memory)[-2]  # (N, Q, width)
        weights = last.weights(before, self.queries, *to_tokens(memory))  # (N, heads, Q, h * w)
        return weights.mean(1).unflatten(-1, memory.shape[-2:])

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> Losses:
        """The class loss of all queries and the box losses of those with an object, each summed over the layers."""
        self.check_targets(batch, targets)
        truth = in_shares(targets, self.padded_size(batch[0]))
        layers = []
        for logits, boxes in zip(*self.outputs(batch), strict=True):
            matches = match_sets(logits, boxes, truth, self.cost, self.match)
            layers.append(matched_losses(logits, boxes, truth, matches, self.class_loss))
        return summed(layers)

    def predict(self, batch: Inputs) -> list[Prediction]:
        logits, boxes = (layers[-1] for layers in self.outputs(batch))
        scores = logits.softmax(-1)[..., 1:]  # (N, Q, K)
        boxes = in_pixels(boxes, self.padded_size(batch[0]))  # (N, Q, 4)
        return [
            one_class_each(ops.clip_boxes_to_image(b, self.image_size(x)), s)
            for b, s, x in zip(boxes, scores, batch, strict=True)
        ]


class Head(nn.Module):
    """The class logits of each query, and four numbers that become its box: the same weights after every layer.

    Shapes: (N, Q, width) -> (N, Q, classes), (N, Q, 4).
    """

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.norm, self.classes = nn.LayerNorm(width), nn.Linear(width, classes)
        self.box = nn.Sequential(
            nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 4)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.norm(x)
        return self.classes(x), self.box(x)
