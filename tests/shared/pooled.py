"""Maps to pool from, and the operators."""

import torch

from coursekit.ops.pool import crop_and_resize, roi_align, roi_pool

HEIGHT, WIDTH, STRIDE = 13, 19, 16
OPERATORS = (roi_pool, roi_align, crop_and_resize)


def maps(images=2, channels=3, dtype=torch.float32, seed=0):
    return torch.randn(
        images, channels, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(seed), dtype=dtype
    )
