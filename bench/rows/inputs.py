"""Made-up inputs, from seeds."""

import torch
from torch import Tensor

HEIGHT, WIDTH = 300, 500


def chance(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=chance(seed))


def random_boxes(count: int, seed: int, height: float = HEIGHT, width: float = WIDTH) -> Tensor:
    """Boxes of 5 to 100 pixels anywhere in an image of 300 x 500, unless told otherwise: (count, 4) float32."""
    share = torch.rand(count, 4, generator=chance(seed))
    corner = share[:, :2] * torch.tensor([width - 100.0, height - 100.0])
    return torch.cat([corner, corner + 5 + 95 * share[:, 2:]], 1)


def heaped_boxes(count: int, seed: int, a_heap: int = 10) -> Tensor:
    """Boxes of 20 to 40 pixels in heaps of ten, as a detector makes them: (count, 4) float32."""
    generator = chance(seed)
    heaps = torch.rand(count // a_heap + 1, 2, generator=generator) * torch.tensor(
        [WIDTH - 50.0, HEIGHT - 50.0]
    )
    corner = heaps.repeat(a_heap, 1)[:count] + 8 * torch.rand(count, 2, generator=generator)
    return torch.cat([corner, corner + 20 + 20 * torch.rand(count, 2, generator=generator)], 1)


def distinct_scores(count: int, seed: int) -> Tensor:
    return (torch.randperm(count, generator=chance(seed)) + 1) / (count + 1)


def discs(count: int, height: int, width: int, seed: int = 0) -> Tensor:
    """Masks of discs, some cut off by the edge: (count, height, width) bool."""
    x, y, radius = torch.rand(3, count, 1, 1, generator=chance(seed))
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    radius = (0.05 + 0.3 * radius) * height
    return (rows - y * height) ** 2 + (columns - x * width) ** 2 < radius**2
