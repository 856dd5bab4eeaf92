"""Random boxes, and the names of the operators on boxes."""

import torch
import torchvision

from coursekit import ops

PEER = torchvision.ops
FORMATS = ops.box.FORMATS
OVERLAPS = ("box_iou", "generalized_box_iou", "distance_box_iou", "complete_box_iou")
HEIGHT, WIDTH = 300, 500


def random_boxes(count, seed=0, dtype=torch.float64):
    chance = torch.rand(count, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    corner = chance[:, :2] * torch.tensor([WIDTH - 100, HEIGHT - 100])
    return torch.cat([corner, corner + 1 + 99 * chance[:, 2:]], 1).to(dtype)


def exact(answer, expected, tolerance=1e-6):
    assert answer.shape == expected.shape and answer.dtype == expected.dtype
    torch.testing.assert_close(answer, expected, rtol=0, atol=tolerance)
