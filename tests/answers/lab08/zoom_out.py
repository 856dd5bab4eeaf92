"""Answers to `zoom_out` (lab 08), written from the student's notebook alone."""

import torch
import torch.nn.functional as F


def _small(image, scale):
    size = (round(scale * image.shape[1]), round(scale * image.shape[2]))
    return F.interpolate(image[None], size, mode="bilinear", antialias=True)[0]


def right_by_padding(image, target, scale, corner):
    """The frame by padding each channel with its mean."""
    small = _small(image, scale)
    _, h, w = small.shape
    x, y = corner
    frame = (x, image.shape[2] - w - x, y, image.shape[1] - h - y)
    canvas = torch.stack([F.pad(s, frame, value=c.mean().item()) for s, c in zip(small, image, strict=True)])
    factors = torch.tensor([w / image.shape[2], h / image.shape[1]]).repeat(2)
    return canvas, {
        "boxes": target["boxes"] * factors + torch.tensor(corner).repeat(2),
        "labels": target["labels"],
    }


def right_by_columns(image, target, scale, corner):
    """Each column of the boxes on its own."""
    small = _small(image, scale)
    canvas = torch.zeros_like(image) + image.flatten(1).mean(1)[:, None, None]
    canvas[:, corner[1] : corner[1] + small.shape[1], corner[0] : corner[0] + small.shape[2]] = small
    across, down = small.shape[2] / image.shape[2], small.shape[1] / image.shape[1]
    x1, y1, x2, y2 = target["boxes"].unbind(1)
    columns = [x1 * across + corner[0], y1 * down + corner[1], x2 * across + corner[0], y2 * down + corner[1]]
    return canvas, {**target, "boxes": torch.stack(columns, 1)}


def right_in_double(image, target, scale, corner):
    """The boxes in double precision."""
    canvas, new = right_by_columns(image, target, scale, corner)
    small = _small(image, scale)
    factors = torch.tensor(
        [small.shape[2] / image.shape[2], small.shape[1] / image.shape[1]] * 2, dtype=torch.float64
    )
    return canvas, new | {"boxes": target["boxes"].double() * factors + torch.tensor(corner * 2)}


def _with_boxes(image, target, scale, corner, boxes):
    return right_by_columns(image, target, scale, corner)[0], target | {"boxes": boxes}


def wrong_scale(image, target, scale, corner):
    """Multiplies the boxes by the scale."""
    return _with_boxes(image, target, scale, corner, target["boxes"] * scale + torch.tensor(corner * 2))


def wrong_not_moved(image, target, scale, corner):
    """Forgets the corner in the boxes."""
    small = _small(image, scale)
    factors = torch.tensor([small.shape[2] / image.shape[2], small.shape[1] / image.shape[1]] * 2)
    return _with_boxes(image, target, scale, corner, target["boxes"] * factors)


def wrong_move_first(image, target, scale, corner):
    """Adds the corner before it multiplies."""
    small = _small(image, scale)
    factors = torch.tensor([small.shape[2] / image.shape[2], small.shape[1] / image.shape[1]] * 2)
    return _with_boxes(image, target, scale, corner, (target["boxes"] + torch.tensor(corner * 2)) * factors)


def wrong_black(image, target, scale, corner):
    """A black canvas."""
    canvas, small = torch.zeros_like(image), _small(image, scale)
    canvas[:, corner[1] : corner[1] + small.shape[1], corner[0] : corner[0] + small.shape[2]] = small
    return canvas, right_by_columns(image, target, scale, corner)[1]


def wrong_one_mean(image, target, scale, corner):
    """One mean for all channels."""
    canvas, small = torch.full_like(image, image.mean().item()), _small(image, scale)
    canvas[:, corner[1] : corner[1] + small.shape[1], corner[0] : corner[0] + small.shape[2]] = small
    return canvas, right_by_columns(image, target, scale, corner)[1]


def wrong_small(image, target, scale, corner):
    """Returns the small image without a canvas."""
    return _small(image, scale), right_by_columns(image, target, scale, corner)[1]


def wrong_no_antialias(image, target, scale, corner):
    """Forgets antialias."""
    size = (round(scale * image.shape[1]), round(scale * image.shape[2]))
    small = F.interpolate(image[None], size, mode="bilinear")[0]
    canvas = image.mean((1, 2), keepdim=True).repeat(1, *image.shape[1:])
    canvas[:, corner[1] : corner[1] + small.shape[1], corner[0] : corner[0] + small.shape[2]] = small
    return canvas, right_by_columns(image, target, scale, corner)[1]
