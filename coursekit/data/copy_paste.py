"""Copy-paste: objects of one scene, cut out by their masks, put into another one."""

from collections.abc import Sequence

import torch
from torch import Tensor

from coursekit.ops import masks_to_boxes
from coursekit.schema import Target

MIN_PIXELS = 40  # as in the still lifes: objects with fewer visible pixels are not annotated


def copy_paste(
    image: Tensor,
    target: Target,
    donor: Tensor,
    donor_target: Target,
    objects: Sequence[int],
    min_pixels: int = MIN_PIXELS,
) -> tuple[Tensor, Target]:
    """Return the scene with some objects of another scene, of the same size, on top of it, and its new target.

    What they cover is no longer visible: the masks below lose those pixels, boxes and areas are measured again,
    and an object with less than `min_pixels` visible pixels is left out. Edges are not blended: a pixel belongs
    to one object.

    Shapes: (3, H, W) and its target, twice -> the same.
    Args:
        objects: rows of `donor_target`.
    Raises:
        ValueError: scenes of two sizes, or targets without masks.
    Source: Ghiasi et al., "Simple Copy-Paste", 2021, section 3, arXiv:2012.07177.

    >>> left, whole = (torch.tensor([[row]]).bool() for row in ([1, 0, 0], [1, 1, 1]))
    >>> below, above = ({"masks": m, "labels": torch.tensor([k])} for k, m in ((1, whole), (2, left)))
    >>> image, target = copy_paste(torch.zeros(3, 1, 3), below, torch.ones(3, 1, 3), above, [0], 1)
    >>> image[0].tolist(), target["labels"].tolist(), target["boxes"].tolist()
    ([[1.0, 0.0, 0.0]], [1, 2], [[1.0, 0.0, 3.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
    """
    if image.shape != donor.shape:
        raise ValueError(f"the scenes are {tuple(image.shape)} and {tuple(donor.shape)}: resize one of them.")
    if "masks" not in target or "masks" not in donor_target:
        raise ValueError("copy-paste needs the masks of both scenes: boxes alone cannot cut an object out.")
    rows = torch.as_tensor(list(objects), dtype=torch.int64)
    pasted = donor_target["masks"][rows]  # (P, H, W)
    covered = pasted.any(0)
    masks = torch.cat([target["masks"] & ~covered, pasted])  # (G + P, H, W)
    kept = masks.sum((1, 2)) >= min_pixels
    result = target | {"masks": masks[kept], "boxes": masks_to_boxes(masks[kept])}
    for key in ("labels", "iscrowd"):
        if key in target and key in donor_target:
            result[key] = torch.cat([target[key], donor_target[key][rows]])[kept]
    if "area" in target:
        result["area"] = masks[kept].sum((1, 2)).to(target["area"])
    return torch.where(covered, donor, image), result
