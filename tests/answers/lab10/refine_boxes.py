import torch
from torch import Tensor


def right_formula(boxes: Tensor, corrections: Tensor) -> Tensor:
    """The text, word by word."""
    x = boxes.clamp(0.001, 0.999)
    return torch.sigmoid(torch.log(x / (1 - x)) + corrections)


def right_library(boxes: Tensor, corrections: Tensor) -> Tensor:
    """torch.logit brings into [eps, 1 - eps] by itself."""
    return (corrections + torch.logit(boxes, eps=0.001)).sigmoid()


def right_four_columns(boxes: Tensor, corrections: Tensor) -> Tensor:
    """One coordinate after another, the sigmoid written as a tanh."""
    refined = []
    for k in range(4):
        x = torch.minimum(torch.maximum(boxes[..., k], torch.tensor(0.001)), torch.tensor(0.999))
        before = torch.log(x) - torch.log1p(-x)
        refined.append(0.5 + 0.5 * torch.tanh((before + corrections[..., k]) / 2))
    return torch.stack(refined, dim=-1)


def wrong_sum_of_shares(boxes: Tensor, corrections: Tensor) -> Tensor:
    """Adds the correction to the shares and cuts off what leaves the image."""
    return (boxes + corrections).clamp(0.001, 0.999)


def wrong_sigmoid_not_undone(boxes: Tensor, corrections: Tensor) -> Tensor:
    """Adds the correction to the shares and applies a sigmoid, without undoing the first one."""
    return torch.sigmoid(boxes.clamp(0.001, 0.999) + corrections)


def wrong_no_clamp(boxes: Tensor, corrections: Tensor) -> Tensor:
    """Forgets the clamp, so that a share of 0 or 1 becomes infinite and can never be corrected."""
    return torch.sigmoid(torch.log(boxes / (1 - boxes)) + corrections)


def wrong_upside_down(boxes: Tensor, corrections: Tensor) -> Tensor:
    """Undoes the sigmoid with log((1 - x) / x), which has the wrong sign."""
    x = boxes.clamp(0.001, 0.999)
    return torch.sigmoid(torch.log((1 - x) / x) + corrections)


def wrong_no_sigmoid(boxes: Tensor, corrections: Tensor) -> Tensor:
    """Returns the sum before the sigmoid, not the box."""
    x = boxes.clamp(0.001, 0.999)
    return torch.log(x / (1 - x)) + corrections


def wrong_clamp_at_the_end(boxes: Tensor, corrections: Tensor) -> Tensor:
    """Brings the refined box into the interval instead of the given one."""
    return torch.sigmoid(torch.log(boxes / (1 - boxes)) + corrections).clamp(0.001, 0.999)


def wrong_no_gradient(boxes: Tensor, corrections: Tensor) -> Tensor:
    """Detaches the corrections, so that the layer learns nothing."""
    x = boxes.clamp(0.001, 0.999)
    return torch.sigmoid(torch.log(x / (1 - x)) + corrections.detach())
