"""Targets in little memory, so that those of thousands of images stay there."""

import numpy as np
import torch

from coursekit.schema import Target


def pack(target: Target) -> dict:
    """The target with eight pixels of its masks, and each label of its map, in a byte.

    A label map that does not fit into bytes stays as it is, and training on it raises an error.

    >>> kept = pack({"masks": torch.ones(2, 4, 5, dtype=torch.bool), "semantic": torch.full((4, 5), 255)})
    >>> kept["masks"][1].nbytes, kept["semantic"].nbytes
    (5, 20)
    """
    kept = dict(target)
    if "masks" in target:
        kept["masks"] = target["masks"].shape, np.packbits(target["masks"].numpy())
    if "semantic" in target and ((target["semantic"] >= 0) & (target["semantic"] < 256)).all():
        kept["semantic"] = target["semantic"].to(torch.uint8)
    return kept


def unpack(kept: dict) -> Target:
    """What `pack` was given.

    >>> unpack(pack({"semantic": torch.tensor([[3, 255]])}))
    {'semantic': tensor([[  3, 255]])}
    """
    target = dict(kept)
    if "masks" in kept:
        shape, packed = kept["masks"]
        masks = np.unpackbits(packed, count=shape.numel()).view(bool).reshape(shape)  # (G, H, W)
        target["masks"] = torch.from_numpy(masks)
    if "semantic" in kept:
        target["semantic"] = kept["semantic"].long()
    return Target(**target)
