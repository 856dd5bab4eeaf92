"""Answers to `jitter_colours` (lab 08), written from the student's notebook alone."""

import torch
from torchvision.transforms import functional

SHARES = torch.tensor([0.2989, 0.587, 0.114])


def _grey(x):
    return torch.einsum("c,chw->hw", SHARES, x)


def right_by_blending(image, target, brightness, contrast, saturation):
    """Weighted means with black, with the mean grey, with the grey of the pixel."""
    x = (image * brightness).clamp(0, 1)
    x = (contrast * x + (1 - contrast) * _grey(x).mean()).clamp(0, 1)
    return (saturation * x + (1 - saturation) * _grey(x)).clamp(0, 1), target


def right_by_lerp(image, target, brightness, contrast, saturation):
    """torch.lerp goes beyond its ends too."""
    x = torch.lerp(torch.zeros_like(image), image, brightness).clamp(0, 1)
    x = torch.lerp(_grey(x).mean().expand_as(x), x, contrast).clamp(0, 1)
    return torch.lerp(_grey(x).expand_as(x), x, saturation).clamp(0, 1), dict(target)


def right_by_library(image, target, brightness, contrast, saturation):
    """torchvision's three functions, which do the same."""
    x = functional.adjust_brightness(image, brightness)
    x = functional.adjust_contrast(x, contrast)
    return functional.adjust_saturation(x, saturation), target


def wrong_no_clamp(image, target, brightness, contrast, saturation):
    """Values leave the range."""
    x = image * brightness
    x = contrast * x + (1 - contrast) * _grey(x).mean()
    return saturation * x + (1 - saturation) * _grey(x), target


def wrong_clamp_at_the_end(image, target, brightness, contrast, saturation):
    """One clamp at the end."""
    x, target = wrong_no_clamp(image, target, brightness, contrast, saturation)
    return x.clamp(0, 1), target


def wrong_half(image, target, brightness, contrast, saturation):
    """Contrast around 0.5."""
    x = (image * brightness).clamp(0, 1)
    x = (contrast * (x - 0.5) + 0.5).clamp(0, 1)
    return (saturation * x + (1 - saturation) * _grey(x)).clamp(0, 1), target


def wrong_plain_mean(image, target, brightness, contrast, saturation):
    """Contrast around the mean of all numbers."""
    x = (image * brightness).clamp(0, 1)
    x = (contrast * x + (1 - contrast) * x.mean()).clamp(0, 1)
    return (saturation * x + (1 - saturation) * _grey(x)).clamp(0, 1), target


def wrong_channel_means(image, target, brightness, contrast, saturation):
    """Contrast around the mean of each channel."""
    x = (image * brightness).clamp(0, 1)
    x = (contrast * x + (1 - contrast) * x.mean((1, 2), keepdim=True)).clamp(0, 1)
    return (saturation * x + (1 - saturation) * _grey(x)).clamp(0, 1), target


def wrong_unweighted_grey(image, target, brightness, contrast, saturation):
    """The grey of a pixel is its plain mean, in the last step."""
    x = (image * brightness).clamp(0, 1)
    x = (contrast * x + (1 - contrast) * _grey(x).mean()).clamp(0, 1)
    return (saturation * x + (1 - saturation) * x.mean(0)).clamp(0, 1), target


def wrong_image_alone(image, target, brightness, contrast, saturation):
    """Forgets the target."""
    return right_by_blending(image, target, brightness, contrast, saturation)[0]


def wrong_added(image, target, brightness, contrast, saturation):
    """Adds the brightness."""
    x = (image + brightness - 1).clamp(0, 1)
    x = (contrast * x + (1 - contrast) * _grey(x).mean()).clamp(0, 1)
    return (saturation * x + (1 - saturation) * _grey(x)).clamp(0, 1), target
