"""Label maps: a class for every pixel, and the loss of the scores that predict it."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.ops.argument import FLOATS, PIXELS, WHOLE, expect, single, wide
from coursekit.schema import VOID


def semantic_map(masks: Tensor, labels: Tensor, depth: Tensor | None = None) -> Tensor:
    """Return the label map of an image: each pixel has the label of the nearest object there, 0 where is none.

    Which object a pixel belongs to is lost: two apples side by side become one region.

    Shapes: (G, H, W) bool, (G,) -> (H, W) int64.
    Args:
        depth: (G,) the distance of each object, or its place in depth order, the nearest lowest. Without it the
            smaller of two overlapping objects is the nearer one.
    Raises:
        ValueError: not one label, or not one depth, for each mask, or a depth that is NaN.

    >>> semantic_map(torch.tensor([[[True, True, False]], [[False, True, False]]]), torch.tensor([4, 2]))
    tensor([[4, 2, 0]])
    """
    expect("masks", masks, "(G, H, W)", PIXELS)
    expect("labels", labels, "(G,)", WHOLE)
    pixels = masks.detach().bool().cpu().numpy()  # NumPy looks at many pixels at once
    depth = torch.from_numpy(np.count_nonzero(pixels, axis=(1, 2))) if depth is None else depth  # (G,)
    if masks.ndim != 3 or not len(masks) == len(labels) == len(depth):
        counts = f"{tuple(masks.shape)} for {len(labels)} labels and {len(depth)} depths"
        raise ValueError(f"the masks are {counts}: (G, H, W), (G,) and (G,) are needed.")
    if depth.isnan().any():
        raise ValueError("a depth is NaN, so the objects have no order: give each object a distance.")
    canvas, painted = np.zeros(pixels.shape[1:], np.int64), labels.tolist()  # (H, W)
    for i in depth.argsort(descending=True).tolist():  # the painter's algorithm: from back to front
        np.copyto(canvas, painted[i], where=pixels[i])
    return torch.from_numpy(canvas).to(labels.device)


def pixel_cross_entropy(logits: Tensor, labels: Tensor, ignore_label: int = VOID) -> Tensor:
    """Return the mean cross-entropy of the labelled pixels; 0 if no pixel is labelled.

    Shapes: (N, C, H, W) before the softmax over the C classes, (N, H, W) int64 -> ().
    Args:
        ignore_label: pixels with this label do not count, whatever is predicted there.
    Raises:
        ValueError: shapes that do not fit, or a label without a channel.
    Like `F.cross_entropy(..., ignore_index=255)`, but 0 instead of NaN without a labelled pixel.

    >>> pixel_cross_entropy(torch.zeros(1, 2, 1, 2), torch.tensor([[[1, 255]]]))
    tensor(0.6931)
    >>> pixel_cross_entropy(torch.zeros(1, 2, 1, 2), torch.full((1, 1, 2), 255))
    tensor(0.)
    """
    expect("logits", logits, "(N, C, ...)", FLOATS)
    expect("labels", labels, "(...)", WHOLE)
    if logits.shape[:1] + logits.shape[2:] != labels.shape:
        shapes = f"logits {tuple(logits.shape)} and labels {tuple(labels.shape)}"
        raise ValueError(f"{shapes} do not fit: they must be (N, C, H, W) and (N, H, W).")
    labels = wide(labels)
    try:  # the loss looks at every label anyway
        total = F.cross_entropy(single(logits), labels, ignore_index=ignore_label, reduction="sum")
    except IndexError as error:
        raise ValueError(
            f"a label is neither in 0..{logits.shape[1] - 1}, the channels of the logits, nor {ignore_label}."
        ) from error
    return total / (labels != ignore_label).sum().clamp(min=1)


def panoptic_map(
    masks: Tensor, labels: Tensor, scores: Tensor, min_free: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Return the class of each pixel and the number of its object, its row + 1; both 0 where there is none.

    Where masks overlap, the pixel belongs to the one with the best score. Object numbers of masks that are left out
    do not occur.

    Shapes: (D, H, W) bool, (D,), (D,) -> (H, W) int64, (H, W) int64.
    Args:
        min_free: a mask is left out if less than this share of it is free of masks with better scores; in [0, 1].
    Raises:
        ValueError: not one label and one score for each mask, a score that is NaN, or a share outside [0, 1].
    Source: Kirillov et al., "Panoptic Segmentation", 2019, section 5, arXiv:1801.00868.

    >>> masks = torch.tensor([[[True, True, False]], [[False, True, True]]])
    >>> panoptic_map(masks, torch.tensor([4, 2]), torch.tensor([0.6, 0.9]))
    (tensor([[4, 2, 2]]), tensor([[1, 2, 2]]))
    """
    expect("masks", masks, "(D, H, W)", PIXELS)
    expect("labels", labels, "(D,)", WHOLE)
    expect("scores", scores, "(D,)", PIXELS)
    if not len(masks) == len(labels) == len(scores):
        counts = f"{len(masks)} masks, {len(labels)} labels and {len(scores)} scores"
        raise ValueError(f"there are {counts}: one label and one score per mask are needed.")
    if scores.isnan().any() or not 0 <= min_free <= 1:
        raise ValueError(f"a score is NaN, or `min_free`, {min_free}, is not in [0, 1]: correct it.")
    masks, painted = masks.bool(), labels.tolist()
    semantic, instances = torch.zeros(2, *masks.shape[1:], dtype=torch.int64, device=masks.device)
    for i in scores.argsort(descending=True, stable=True).tolist():  # the best takes its pixels first
        free = masks[i] & (instances == 0)  # (H, W)
        if free.sum() >= min_free * masks[i].sum():
            semantic = torch.where(free, painted[i], semantic)
            instances = torch.where(free, i + 1, instances)
    return semantic, instances
