"""Random boxes with classes, and feature maps of noise, each from its seed."""

import torch

from coursekit.models.yolo import Grid

GRIDS = [
    ((100, 180), (5, 6)),
    ((96, 64), (6, 4)),
    ((50, 90), (1, 9)),
    ((192, 192), (12, 12)),
]


def chance(seed):
    return torch.Generator().manual_seed(seed)


def random_objects(count, size, seed):
    """Boxes inside an image of `size` (height, width), and their labels in 1..4."""
    ends = torch.rand(count, 2, 2, generator=chance(seed)).sort(1).values * torch.tensor([size[1], size[0]])
    boxes = torch.cat([ends[:, 0], ends[:, 1] + 1e-3], 1)
    return boxes, torch.randint(1, 5, (count,), generator=chance(seed))


def features(count, height=96, width=64):
    """Feature maps of noise, as a backbone would make them of images of that size."""
    shapes = {"C3": (40, 8), "C4": (112, 16), "C5": (320, 32)}
    return [
        {
            level: torch.rand(channels, height // stride, width // stride, generator=chance(i))
            for level, (channels, stride) in shapes.items()
        }
        for i in range(count)
    ]


def targets(count, height=96, width=64):
    return [
        dict(zip(("boxes", "labels"), random_objects(i, (height, width), i), strict=True))
        for i in range(count)
    ]


def random_grid(rows, columns, seed, per_cell=2, classes=4, dtype=torch.float32):
    numbers = torch.rand(rows, columns, 5 * per_cell + classes, generator=chance(seed), dtype=dtype)
    boxes, confidences, classes = numbers.split([4 * per_cell, per_cell, classes], -1)
    return Grid(boxes.reshape(rows, columns, per_cell, 4), confidences, classes)
