"""Losses that the detectors and segmenters are trained with, from logits wherever there is a probability.

**One signed logit.** The probability of the wrong answer is sigmoid(z), where z is the logit of a negative and
minus the logit of a positive; the cross-entropy is then log(1 + exp(z)). No probability is rounded to 0 or 1
before its logarithm is taken, so values and gradients are finite at logits of +-60 and beyond.

Half precision is computed and returned in single precision: a sum of 65,504 is all that float16 can hold. The mean
of no losses is 0, as their sum is, so an image without objects can be trained on.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.ops.argument import FLOATS, PIXELS, expect, single
from coursekit.ops.box_overlap import paired_generalized_box_iou

REDUCTIONS = {
    "none": lambda losses: losses,
    "mean": lambda losses: losses.mean() if losses.numel() else losses.sum(),
    "sum": lambda losses: losses.sum(),
}


def sigmoid_focal_loss(
    inputs: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2, reduction: str = "none"
) -> Tensor:
    r"""Return the binary cross-entropy of each logit, made small where the answer is already right.

    $$
    \mathrm{FL}(p_t) = -\alpha_t \, (1 - p_t)^\gamma \, \log p_t
    $$

    where the probability of the right answer is p_t, and alpha_t is alpha for a positive, 1 - alpha for a negative.
    `gamma` turns down the easy examples, `alpha` balances the positives against the negatives.
    "sum" divided by the number of positives is RetinaNet's loss: a mean over all anchors nearly vanishes.

    Shapes: (...), (...) -> (...) with reduction "none", else ().
    Args:
        inputs: logits, not probabilities.
        targets: 1 for a positive, 0 for a negative.
        alpha: share of the positives, in [0, 1]; negative for no balance at all.
        gamma: power of the probability of the wrong answer; 0 leaves the balanced cross-entropy.
        reduction: "none", "mean" or "sum".
    Raises:
        ValueError: shapes that differ, or a target that is neither 0 nor 1.
    Like torchvision's `sigmoid_focal_loss`, but exact for confident answers, and soft targets are refused.
    Source: Lin et al., "Focal Loss for Dense Object Detection", 2017, eq. 5, arXiv:1708.02002.

    >>> sigmoid_focal_loss(torch.tensor([0.0, 4.0, 4.0]), torch.tensor([1.0, 1.0, 0.0]))
    tensor([4.3322e-02, 1.4679e-06, 2.9062e+00])
    """
    inputs, targets = _logits_and_targets(inputs, targets)
    if not torch.equal(targets, targets * targets):
        raise ValueError("a target is neither 0 nor 1: the focal loss needs hard targets.")
    balance = 1.0 if alpha < 0 else 1 - alpha + (2 * alpha - 1) * targets
    return _reduced(balance * _focal((1 - 2 * targets) * inputs, gamma), reduction)


def smooth_l1_loss(input: Tensor, target: Tensor, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    r"""Return a loss that is quadratic in the distance d below beta and linear above: no gradient exceeds 1.

    $$
    \ell(d) = \begin{cases} d^2 / (2 \beta) & d < \beta \\ d - \beta / 2 & \text{otherwise} \end{cases}
    $$

    Shapes: (...), (...) -> (...) with reduction "none", else ().
    Args:
        beta: where the square turns into a line, in the unit of the input; 0 gives the plain distance.
        reduction: "none", "mean" or "sum".
    Raises:
        ValueError: shapes that differ, or a negative beta.
    Like torch's `F.smooth_l1_loss`, but shapes that would be broadcast are refused.
    Source: Girshick, "Fast R-CNN", 2015, eq. 3, arXiv:1504.08083.

    >>> smooth_l1_loss(torch.tensor([0.5, 3.0]), torch.zeros(2), reduction="none")
    tensor([0.1250, 2.5000])
    """
    expect("input", input, "(...)", FLOATS)
    expect("target", target, "(...)", PIXELS)
    _same_shape(input, target)
    if not beta >= 0:
        raise ValueError(f"beta is {beta}: it is a distance, so it cannot be negative.")
    input, target = single(input), single(target)
    distance = (input - target).abs()
    if beta == 0:
        return _reduced(distance, reduction)
    curved = distance.clamp(max=beta)
    return _reduced(curved * (distance - curved / 2) / beta, reduction)


def generalized_box_iou_loss(boxes1: Tensor, boxes2: Tensor, reduction: str = "none") -> Tensor:
    """Return 1 - GIoU of the boxes row by row: 0 for equal boxes, towards 2 as they move apart.

    Shapes: (..., 4), (..., 4) -> (...) with reduction "none", else ().
    Args:
        boxes1, boxes2: predicted and true boxes, xyxy pixels.
        reduction: "none", "mean" or "sum".
    Raises:
        ValueError: shapes that differ.
    Like torchvision's `generalized_box_iou_loss`, but without its eps; empty boxes have finite gradients.
    Source: Rezatofighi et al., "Generalized Intersection over Union", 2019, algorithm 1, arXiv:1902.09630.

    >>> generalized_box_iou_loss(torch.tensor([[0.0, 0, 2, 2]]), torch.tensor([[2.0, 0, 4, 2]]))
    tensor([1.])
    """
    _same_shape(boxes1, boxes2)
    return _reduced(1 - paired_generalized_box_iou(boxes1, boxes2), reduction)


def dice_loss(inputs: Tensor, targets: Tensor, smooth: float = 1.0, reduction: str = "none") -> Tensor:
    """Return 1 - 2 |A and B| / (|A| + |B|) of each mask, with probabilities in place of pixels.

    A mask of ten pixels weighs as much as one of ten thousand, which no mean over the pixels can do.

    Shapes: (N, ...), (N, ...) -> (N,) with reduction "none", else ().
    Args:
        inputs: logits.
        targets: 1 for the object, 0 elsewhere.
        smooth: pixels added above and below, so that two empty masks agree; 0 for none.
        reduction: "none", "mean" or "sum".
    Raises:
        ValueError: shapes that differ.
    Source: Milletari et al., "V-Net", 2016, section 3, arXiv:1606.04797; the sums without squares and with
    the 1 are those of DETR, Carion et al., 2020, arXiv:2005.12872.

    >>> dice_loss(torch.tensor([[60.0, 60.0, -60.0]]), torch.tensor([[1.0, 0.0, 0.0]]))
    tensor([0.2500])
    """
    inputs, targets = _logits_and_targets(inputs, targets, "(N, ..., W)")
    if not smooth >= 0:
        raise ValueError(f"smooth is {smooth}: it is a number of pixels, so it cannot be negative.")
    probabilities, targets = inputs.sigmoid().flatten(1), targets.flatten(1)  # (N, pixels)
    shared = (probabilities * targets).sum(1)
    total = probabilities.sum(1) + targets.sum(1)
    return _reduced(1 - (2 * shared + smooth) / (total + smooth), reduction)


def penalty_reduced_focal_loss(
    inputs: Tensor, targets: Tensor, alpha: float = 2, beta: float = 4, count: Tensor | None = None
) -> Tensor:
    """Return the focal loss of a heat map, divided by the number of its objects (or by 1 without one).

    A cell is positive where the target is exactly 1. Any other cell is negative, but is forgiven the more
    the higher the Gaussian that it lies under: a corner found there still makes a good box.

    Shapes: (..., H, W), (..., H, W) -> ().
    Args:
        inputs: logits.
        targets: in [0, 1], as `draw_gaussians` makes them.
        alpha: power of the probability of the wrong answer (gamma in the focal loss).
        beta: power of 1 - target.
        count: () what the sum is divided by instead, as when several processes share a batch.
    Raises:
        ValueError: shapes that differ, or a target outside [0, 1].
    Source: Law and Deng, "CornerNet", 2018, eq. 1, arXiv:1808.01244.

    >>> penalty_reduced_focal_loss(torch.zeros(1, 1, 3), torch.tensor([[[0.0, 0.5, 1.0]]]))
    tensor(0.3574)
    """
    inputs, targets = _logits_and_targets(inputs, targets)
    if not ((targets >= 0) & (targets <= 1)).all():
        raise ValueError("a target is outside [0, 1]: a heat map is 1 at an object and falls off around it.")
    positive = targets == 1
    wrong_way = torch.where(positive, -inputs, inputs)
    weight = torch.where(positive, 1, (1 - targets) ** beta)
    count = positive.sum().clamp(min=1) if count is None else count
    return (weight * _focal(wrong_way, alpha)).sum() / count


def associative_embedding_loss(
    top_left: Tensor, bottom_right: Tensor, margin: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Return two losses of one image: the pull of an object's corners together, the push of objects apart.

    Pull is the squared distance of both corners to their mean, averaged over the objects. Push is how much
    nearer than the margin two means are, averaged over the pairs of objects. Nothing to average gives 0.

    Shapes: (N, D), (N, D) -> (), ().
    Args:
        top_left, bottom_right: the embeddings at the two corners of each of N objects.
        margin: the distance at which two objects are told apart.
    Raises:
        ValueError: shapes that differ or are not (N, D).
    Source: Law and Deng, "CornerNet", 2018, eq. 4 and 5, arXiv:1808.01244; the distance of D numbers is
    Euclidean. After Newell et al., "Associative Embedding", 2017, arXiv:1611.05424.

    >>> associative_embedding_loss(torch.tensor([[0.0], [1.0]]), torch.tensor([[2.0], [1.5]]))
    (tensor(1.0625), tensor(0.7500))
    """
    expect("top_left", top_left, "(...)", FLOATS)
    expect("bottom_right", bottom_right, "(...)", FLOATS)
    _same_shape(top_left, bottom_right)
    if top_left.ndim != 2:
        raise ValueError(f"the embeddings have shape {tuple(top_left.shape)}: it must be (objects, numbers).")
    top_left, bottom_right, count = single(top_left), single(bottom_right), len(top_left)
    mean = (top_left + bottom_right) / 2  # (N, D)
    pull = ((top_left - mean) ** 2 + (bottom_right - mean) ** 2).sum() / max(count, 1)
    distances = torch.linalg.vector_norm(mean[:, None] - mean, dim=2)  # (N, N)
    others = ~torch.eye(count, dtype=torch.bool, device=mean.device)
    push = (margin - distances).clamp(min=0)[others].sum() / max(count * (count - 1), 1)
    return pull, push


def _focal(wrong_way: Tensor, gamma: float) -> Tensor:
    """sigmoid(z)^gamma log(1 + exp(z)) of the signed logit z: large where the answer is wrong."""
    return wrong_way.sigmoid() ** gamma * -F.logsigmoid(-wrong_way)


def _logits_and_targets(inputs: Tensor, targets: Tensor, form: str = "(...)") -> tuple[Tensor, Tensor]:
    """Both in at least single precision: a product of whole numbers would wrap around, one of truths fail."""
    expect("inputs", inputs, form, FLOATS)
    expect("targets", targets, form, PIXELS)
    _same_shape(inputs, targets)
    return single(inputs), single(targets)


def _same_shape(first: Tensor, second: Tensor) -> None:
    if first.shape != second.shape:
        raise ValueError(
            f"the shapes {tuple(first.shape)} and {tuple(second.shape)} differ: they must be equal."
        )


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    if reduction not in REDUCTIONS:
        raise ValueError(f"unknown reduction {reduction!r}: use one of {', '.join(REDUCTIONS)}.")
    return REDUCTIONS[reduction](losses)
