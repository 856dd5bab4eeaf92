"""Answers to `inside_image` (lab 06), written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor


def right_by_comparisons(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    """Four comparisons; the border belongs to the image."""
    height, width = size
    x1, y1, x2, y2 = anchors.unbind(1)
    return (x1 >= 0) & (y1 >= 0) & (x2 <= width) & (y2 <= height)


def right_by_clipping(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    """An anchor lies inside when clipping does not change it."""
    return (torchvision.ops.clip_boxes_to_image(anchors, size) == anchors).all(1)


def right_by_room(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    """The room that is left at each of the four sides; none of it is negative."""
    corner = torch.tensor([size[1], size[0]], dtype=anchors.dtype)
    room = torch.cat([anchors[:, :2], corner - anchors[:, 2:]], 1)
    return room.amin(1) >= 0


def right_by_loops(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    """Anchor by anchor, with chained comparisons."""
    height, width = size
    inside = [0 <= x1 <= x2 <= width and 0 <= y1 <= y2 <= height for x1, y1, x2, y2 in anchors.tolist()]
    return torch.tensor(inside, dtype=torch.bool)


def _inside(anchors, height, width):
    """The right answer, for answers whose mistake is elsewhere."""
    x1, y1, x2, y2 = anchors.unbind(1)
    return (x1 >= 0) & (y1 >= 0) & (x2 <= width) & (y2 <= height)


def wrong_width_first(anchors, size):
    """Takes size for (width, height): wrong for images that are not square."""
    return _inside(anchors, size[1], size[0])


def wrong_one_length_for_both(anchors, size):
    """Compares x and y with the height: wrong at the right border of a wide image."""
    return _inside(anchors, size[0], size[0])


def wrong_centre(anchors, size):
    """Asks whether the centre lies inside: an anchor that sticks out passes."""
    centre = (anchors[:, :2] + anchors[:, 2:]) / 2
    return _inside(torch.cat([centre, centre], 1), *size)


def wrong_any_overlap(anchors, size):
    """Asks whether image and anchor meet at all: an anchor that sticks out passes."""
    height, width = size
    x1, y1, x2, y2 = anchors.unbind(1)
    return (x2 > 0) & (y2 > 0) & (x1 < width) & (y1 < height)


def wrong_far_corner_forgotten(anchors, size):
    """Looks at the upper left corner only: anchors beyond the right or lower border pass."""
    height, width = size
    x1, y1 = anchors[:, 0], anchors[:, 1]
    return (x1 >= 0) & (y1 >= 0) & (x1 <= width) & (y1 <= height)


def wrong_negative_numbers_forgotten(anchors, size):
    """Compares with width and height only: anchors beyond the left or upper border pass."""
    height, width = size
    return (anchors[:, 2] <= width) & (anchors[:, 3] <= height)


def wrong_one_axis_is_enough(anchors, size):
    """`|` between x and y: an anchor that sticks out below passes."""
    height, width = size
    x1, y1, x2, y2 = anchors.unbind(1)
    return ((x1 >= 0) & (x2 <= width)) | ((y1 >= 0) & (y2 <= height))


def wrong_last_pixel(anchors, size):
    """Ends at width - 1, the number of the last pixel: an anchor up to 191.5 of 192 lies inside."""
    return _inside(anchors, size[0] - 1, size[1] - 1)


def wrong_border_excluded(anchors, size):
    """< for <=: an anchor that ends exactly at the border lies inside, and is left out."""
    height, width = size
    x1, y1, x2, y2 = anchors.unbind(1)
    return (x1 > 0) & (y1 > 0) & (x2 < width) & (y2 < height)


def wrong_anchors_left_over(anchors, size):
    """Returns the anchors that lie inside, not a mask (A,)."""
    return anchors[_inside(anchors, *size)]


def wrong_indices(anchors, size):
    """Returns the numbers of the anchors inside, not a mask (A,)."""
    return _inside(anchors, *size).nonzero()[:, 0]


def wrong_outside(anchors, size):
    """The mask is turned round: True for what is to be left out."""
    return ~_inside(anchors, *size)


def wrong_one_answer_for_all(anchors, size):
    """`all` without an axis: one truth for the whole table."""
    return _inside(anchors, *size).all()


def wrong_smaller_than_the_image(anchors, size):
    """Compares width and height of the anchor with those of the image: where it lies plays no part."""
    sides = anchors[:, 2:] - anchors[:, :2]
    return (sides[:, 0] <= size[1]) & (sides[:, 1] <= size[0])


def wrong_anchors_clipped(anchors, size):
    """Clips the caller's own anchors first: then all lie inside, and the anchors are ruined."""
    height, width = size
    anchors[:, 0::2] = anchors[:, 0::2].clamp(0, width)
    anchors[:, 1::2] = anchors[:, 1::2].clamp(0, height)
    return _inside(anchors, height, width)
