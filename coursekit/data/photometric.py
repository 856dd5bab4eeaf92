"""Changes of an image that do not move its objects, as another lamp, camera or file format would make.

All functions take an image (3, H, W) in [0, 1] and a generator, and return an image of the same size.
"""

import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Generator, Tensor

GREY = (0.299, 0.587, 0.114)  # how bright red, green and blue appear


def uniform(low: float, high: float, generator: Generator) -> float:
    """Return a random number between two others."""
    return low + (high - low) * float(torch.rand((), generator=generator))


def chance(probability: float, generator: Generator) -> bool:
    """Return True with a probability."""
    return float(torch.rand((), generator=generator)) < probability


def another_light(image: Tensor, generator: Generator) -> Tensor:
    """Return the image under another lamp: white balance, gamma, contrast, saturation."""
    gains = 1 + uniform(0, 0.2, generator) * (2 * torch.rand(3, 1, 1, generator=generator) - 1)
    changed = (image * gains).clamp(0, 1) ** uniform(0.7, 1.45, generator)
    grey = (changed * changed.new_tensor(GREY)[:, None, None]).sum(0, keepdim=True)  # (1, H, W)
    changed = grey + uniform(0.6, 1.5, generator) * (changed - grey)
    middle = changed.mean()
    return (middle + uniform(0.7, 1.35, generator) * (changed - middle)).clamp(0, 1)


def another_lens(image: Tensor, generator: Generator) -> Tensor:
    """Return the image out of focus, or with the noise of a sensor, or as it is."""
    if chance(0.3, generator):
        image = blurred(image, uniform(0.3, 1.2, generator))
    if chance(0.4, generator):
        noise = torch.randn(image.shape, generator=generator)
        image = (image + uniform(0.005, 0.05, generator) * noise).clamp(0, 1)
    return image


def another_file(image: Tensor, generator: Generator) -> Tensor:
    """Return the image after a JPEG file of a random quality."""
    pixels = (image * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()  # (H, W, 3)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=round(uniform(30, 95, generator)))
    return torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1).float() / 255


def another_camera(image: Tensor, generator: Generator) -> Tensor:
    """Return the image as another camera would have taken it: light, lens and file, each most of the time."""
    for change, probability in ((another_light, 0.7), (another_lens, 0.6), (another_file, 0.5)):
        if chance(probability, generator):
            image = change(image, generator)
    return image


def blurred(maps: Tensor, sigma: float) -> Tensor:
    """Return maps (C, H, W) after a Gaussian blur of `sigma` pixels.

    >>> blurred(torch.ones(1, 5, 5), 0.8).allclose(torch.ones(1, 5, 5))
    True
    """
    reach = max(1, round(2.5 * sigma))
    weights = torch.exp(-(torch.arange(-reach, reach + 1).float() ** 2) / (2 * sigma**2))
    weights = (weights / weights.sum()).view(1, 1, -1)
    for axis in (1, 2):
        moved = maps.movedim(axis, -1)
        lines = F.pad(
            moved.reshape(1, -1, moved.shape[-1]), (reach, reach), "replicate"
        )  # (1, lines, length)
        lines = F.conv1d(lines.transpose(0, 1), weights)  # (lines, 1, length)
        maps = lines.view(moved.shape).movedim(-1, axis)
    return maps
