"""Answers to `decode_offsets` (lab 04), written from the student's notebook alone."""

import math

import torch
import torchvision
from torch import Tensor


def right_by_formula(offsets: Tensor, anchors: Tensor, weights: tuple = (1.0, 1.0, 1.0, 1.0)) -> Tensor:
    """Four columns, whatever stands before the last axis; anchors may be broadcast."""
    dx, dy, dw, dh = (part / weight for part, weight in zip(offsets.unbind(-1), weights, strict=True))
    x1, y1, x2, y2 = anchors.unbind(-1)
    most = math.log(1000 / 16)
    w, h = x2 - x1, y2 - y1
    x, y = (x1 + x2) / 2 + dx * w, (y1 + y2) / 2 + dy * h
    w, h = w * dw.clamp(max=most).exp(), h * dh.clamp(max=most).exp()
    return torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], dim=-1)


def right_in_pairs(offsets: Tensor, anchors: Tensor, weights: tuple = (1.0, 1.0, 1.0, 1.0)) -> Tensor:
    """x and y together; the factor of a side is bounded before it is computed, as a minimum."""
    scaled = offsets / offsets.new_tensor(weights)
    size = anchors[..., 2:] - anchors[..., :2]
    half = 0.5 * size * torch.minimum(scaled[..., 2:], scaled.new_tensor(1000 / 16).log()).exp()
    centre = anchors[..., :2] + size * (0.5 + scaled[..., :2])
    return torch.cat((centre - half, centre + half), -1)


def right_by_plain_numbers(offsets: Tensor, anchors: Tensor, weights: tuple = (1.0, 1.0, 1.0, 1.0)) -> Tensor:
    """Row by row with Python's numbers: anchors have the shape of the offsets, and there is no gradient."""
    most, rows = math.log(1000 / 16), []
    for said, anchor in zip(offsets.reshape(-1, 4).tolist(), anchors.reshape(-1, 4).tolist(), strict=True):
        dx, dy, dw, dh = (value / weight for value, weight in zip(said, weights, strict=True))
        x1, y1, x2, y2 = anchor
        w, h = (x2 - x1) * math.exp(min(dw, most)), (y2 - y1) * math.exp(min(dh, most))
        x, y = (x1 + x2) / 2 + dx * (x2 - x1), (y1 + y2) / 2 + dy * (y2 - y1)
        rows.append((x - w / 2, y - h / 2, x + w / 2, y + h / 2))
    return torch.tensor(rows, dtype=offsets.dtype).reshape(offsets.shape)


def right_by_conversion(offsets: Tensor, anchors: Tensor, weights: tuple = (1.0, 1.0, 1.0, 1.0)) -> Tensor:
    """Flat tables, double precision, torchvision for the corners."""
    offsets, anchors = torch.broadcast_tensors(offsets, anchors)
    a = torchvision.ops.box_convert(anchors.reshape(-1, 4).double(), "xyxy", "cxcywh")
    d = offsets.reshape(-1, 4).double() / torch.tensor(weights, dtype=torch.float64)
    sides = a[:, 2:] * d[:, 2:].clamp(max=math.log(62.5)).exp()
    boxes = torchvision.ops.box_convert(
        torch.cat([a[:, :2] + d[:, :2] * a[:, 2:], sides], 1), "cxcywh", "xyxy"
    )
    return boxes.reshape(offsets.shape).to(offsets.dtype)


MOST = math.log(1000 / 16)


def _boxes(d, anchors, most=MOST):
    """The right way back from offsets that are divided by the weights already."""
    size, centre = anchors[..., 2:] - anchors[..., :2], (anchors[..., 2:] + anchors[..., :2]) / 2
    half = size * d[..., 2:].clamp(max=most).exp() / 2
    centre = centre + d[..., :2] * size
    return torch.cat([centre - half, centre + half], -1)


def wrong_without_bound(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """No bound: an output of 100 makes an infinite box."""
    return _boxes(offsets / torch.tensor(weights), anchors, most=math.inf)


def wrong_bound_before_the_weights(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Bounds the raw output: with a weight of 5 a side grows by a factor of 2.3 at most."""
    shift, size = offsets[..., :2], offsets[..., 2:].clamp(max=MOST)
    return _boxes(torch.cat([shift, size], -1) / torch.tensor(weights), anchors)


def wrong_bound_below_too(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Bounds both ends: sides cannot shrink below 16/1000, wrong for an offset of -6."""
    d = offsets / torch.tensor(weights)
    return _boxes(torch.cat([d[..., :2], d[..., 2:].clamp(min=-MOST)], -1), anchors)


def wrong_all_four_bounded(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Bounds the shifts as well: wrong for a small anchor five of its widths away."""
    return _boxes((offsets / torch.tensor(weights)).clamp(max=MOST), anchors)


def wrong_bound_without_logarithm(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Bounds by 1000/16 = 62.5 itself: e to the 62.5 is 10 to the 27."""
    return _boxes(offsets / torch.tensor(weights), anchors, most=1000 / 16)


def wrong_times_the_weights(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Multiplies by the weights once more: wrong for all weights but 1."""
    return _boxes(offsets * torch.tensor(weights), anchors)


def wrong_weights_ignored(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Never looks at the weights: wrong for SSD's (10, 10, 5, 5)."""
    return _boxes(offsets, anchors)


def wrong_two_axes_only(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Columns are taken from axis 1: with three axes that is another axis,
    and the boxes are wrong or an error.
    """
    d, a = offsets / torch.tensor(weights), anchors
    size, centre = a[:, 2:] - a[:, :2], (a[:, 2:] + a[:, :2]) / 2
    half = size * d[:, 2:].clamp(max=MOST).exp() / 2
    centre = centre + d[:, :2] * size
    return torch.cat([centre - half, centre + half], 1)


def wrong_format(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Returns centre, width and height and not the corners."""
    boxes = _boxes(offsets / torch.tensor(weights), anchors)
    return torch.cat([(boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]], -1)


def wrong_shift_in_pixels(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Adds dx and dy as pixels, without the anchor's sides."""
    d = offsets / torch.tensor(weights)
    size = anchors[..., 2:] - anchors[..., :2]
    return _boxes(torch.cat([d[..., :2] / size, d[..., 2:]], -1), anchors)


def wrong_no_exponential(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """A side times 1 + d: nearly right for small offsets, wrong for 0.5, and negative below -1."""
    d = offsets / torch.tensor(weights)
    size, centre = anchors[..., 2:] - anchors[..., :2], (anchors[..., 2:] + anchors[..., :2]) / 2
    half = size * (1 + d[..., 2:].clamp(max=MOST)) / 2
    centre = centre + d[..., :2] * size
    return torch.cat([centre - half, centre + half], -1)


def wrong_new_sides_for_the_shift(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Counts the shift in the new sides and not in the anchor's:
    wrong when size and place change together.
    """
    d = offsets / torch.tensor(weights)
    return _boxes(torch.cat([d[..., :2] * d[..., 2:].clamp(max=MOST).exp(), d[..., 2:]], -1), anchors)


def wrong_from_the_corner(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Moves the upper left corner, then adds the new sides:
    a box that grows does so to the lower right only.
    """
    d = offsets / torch.tensor(weights)
    size = anchors[..., 2:] - anchors[..., :2]
    corner = anchors[..., :2] + d[..., :2] * size
    return torch.cat([corner, corner + size * d[..., 2:].clamp(max=MOST).exp()], -1)


def wrong_offsets_changed(offsets, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Divides the caller's own offsets by the weights: decoding twice gives two answers."""
    with torch.no_grad():
        offsets /= torch.tensor(weights)
    return _boxes(offsets, anchors)
