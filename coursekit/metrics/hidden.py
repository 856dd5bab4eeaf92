"""How well the hidden part of an object is predicted: what an amodal mask has beyond the visible one."""

import torch
from torch import Tensor

from coursekit.ops.argument import PIXELS, expect


def hidden_iou(found: Tensor, visible: Tensor, whole: Tensor) -> Tensor:
    r"""Return the IoU of the predicted and the true hidden part of each object, NaN where nothing is hidden.

    $$
    \frac{|(F \cap W) \setminus V|}{|(F \cup W) \setminus V|}
    $$

    A prediction has no hidden part of its own: it is what its amodal mask covers outside the true visible mask.

    Shapes: (G, H, W), (G, H, W), (G, H, W) -> (G,) float32 in [0, 1] or NaN.
    Args:
        found: predicted masks of whole objects; the non-zero pixels are object.
        visible: true masks of what is visible.
        whole: true masks of whole objects.
    Raises:
        ValueError: the shapes differ.
    Source: Zhu et al., "Semantic Amodal Segmentation", 2017, arXiv:1509.01329, on what is hidden; the formula is ours.

    >>> found, visible, whole = torch.tensor([[[1, 1, 1, 0]], [[1, 0, 0, 0]], [[0, 1, 1, 1]]])
    >>> hidden_iou(found[None], visible[None], whole[None])
    tensor([0.6667])
    """
    for name, masks in (("found", found), ("visible", visible), ("whole", whole)):
        expect(name, masks, "(...)", PIXELS)
    if found.ndim != 3 or not found.shape == visible.shape == whole.shape:
        shapes = ", ".join(str(tuple(masks.shape)) for masks in (found, visible, whole))
        raise ValueError(
            f"the masks have shapes {shapes}: they must be (objects, height, width), three times."
        )
    seen = visible != 0
    found, whole = (found != 0) & ~seen, (whole != 0) & ~seen
    both, either = ((found & whole).sum((1, 2)), (found | whole).sum((1, 2)))  # (G,)
    return torch.where(whole.any(-1).any(-1), both / either, torch.nan)
