"""Answers to `paste_in_image` (lab 14), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_grid_sample(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    """u and v of all pixels, stretched to -1 to 1; around the mask grid_sample finds zeros, with which the
    outermost half cell is blended, inside of the box and outside.
    """
    h, w = img_shape
    x1, y1, x2, y2 = boxes[:, :, None].unbind(1)
    u = (torch.arange(w) + 0.5 - x1) / (x2 - x1)
    v = (torch.arange(h) + 0.5 - y1) / (y2 - y1)
    grid = torch.stack([u[:, None].expand(-1, h, w), v[:, :, None].expand(-1, h, w)], 3)
    return F.grid_sample(masks, 2 * grid - 1, align_corners=False)


def right_by_tents(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    """The weight of each cell for each row and each column of pixels, a tent around the cell's centre;
    then two products of matrices. The same blend with zeros at the edge.
    """
    m = masks.shape[-1]

    def weights(first: Tensor, last: Tensor, pixels: int) -> Tensor:
        share = (torch.arange(pixels) + 0.5 - first[:, None]) / (last - first)[:, None]
        off = (share * m - 0.5)[:, :, None] - torch.arange(m)
        return (1 - off.abs()).clamp(min=0)

    down = weights(boxes[:, 1], boxes[:, 3], img_shape[0])
    across = weights(boxes[:, 0], boxes[:, 2], img_shape[1])
    return (down @ masks[:, 0] @ across.mT)[:, None]


def right_cut_at_the_box(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    """One object after the other; "beyond the box there is nothing" taken at its word: pixels whose centre is
    outside are set to 0, inside the outermost cells are still blended with zeros.
    """
    h, w = img_shape
    out = torch.zeros(len(masks), 1, h, w, dtype=masks.dtype)
    for d, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
        u, v = (torch.arange(w) + 0.5 - x1) / (x2 - x1), (torch.arange(h) + 0.5 - y1) / (y2 - y1)
        y, x = torch.meshgrid(2 * v - 1, 2 * u - 1, indexing="ij")
        inside = (x.abs() <= 1) & (y.abs() <= 1)
        grid = torch.stack([x, y], -1)[None]
        out[d] = F.grid_sample(masks[d : d + 1], grid, align_corners=False)[0] * inside
    return out


def right_with_full_cells_at_the_edge(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    """Inside of the box the outermost cells keep their value up to its edge, for there are no four cells to
    interpolate between; outside of the box it is 0. The text leaves the edge open.
    """
    h, w = img_shape
    start, extent = boxes[:, None, :2], (boxes[:, 2:] - boxes[:, :2])[:, None]
    pixels = torch.cartesian_prod(torch.arange(h), torch.arange(w)).flip(1) + 0.5
    place = ((pixels - start) / extent).view(len(boxes), h, w, 2)
    inside = ((place >= 0) & (place <= 1)).all(-1)[:, None]
    values = F.grid_sample(masks, place * 2 - 1, padding_mode="border", align_corners=False)
    return torch.where(inside, values, 0)


def _paste(masks, boxes, img_shape, half=0.5, stretch=lambda place: 2 * place - 1, **options):
    """The pixels' places in their boxes, and the interpolation, for answers whose mistake is elsewhere."""
    h, w = img_shape
    x1, y1, x2, y2 = boxes[:, :, None].unbind(1)
    u = stretch((torch.arange(w) + half - x1) / (x2 - x1))
    v = stretch((torch.arange(h) + half - y1) / (y2 - y1))
    grid = torch.stack([u[:, None].expand(-1, h, w), v[:, :, None].expand(-1, h, w)], 3)
    return F.grid_sample(masks, grid, **({"align_corners": False} | options))


def wrong_without_the_half(masks, boxes, img_shape):
    """Pixel j at j: the mask is shifted by half a pixel."""
    return _paste(masks, boxes, img_shape, half=0.0)


def wrong_corners_aligned(masks, boxes, img_shape):
    """align_corners=True: the centres of the outer cells lie on the box's edges, the mask is too large."""
    return _paste(masks, boxes, img_shape, align_corners=True)


def wrong_from_zero_to_one(masks, boxes, img_shape):
    """Gives u and v to grid_sample as they are: the box shows the lower right quarter of the mask."""
    return _paste(masks, boxes, img_shape, stretch=lambda place: place)


def wrong_smeared_beyond(masks, boxes, img_shape):
    """padding_mode="border": the outer cells reach to the ends of the image."""
    return _paste(masks, boxes, img_shape, padding_mode="border")


def wrong_row_first(masks, boxes, img_shape):
    """The grid with y first: the mask is transposed in its box."""
    return _paste(masks.mT, boxes, img_shape)


def wrong_width_before_height(masks, boxes, img_shape):
    """Reads img_shape as (W, H): another shape for images that are not square."""
    return _paste(masks, boxes, (img_shape[1], img_shape[0]))


def wrong_nearest(masks, boxes, img_shape):
    """The nearest cell, not interpolated between four: blocks."""
    return _paste(masks, boxes, img_shape, mode="nearest")


def wrong_box_rounded(masks, boxes, img_shape):
    """Rounds the box to whole pixels before it pastes."""
    return _paste(masks, boxes.round(), img_shape)


def wrong_whole_image(masks, boxes, img_shape):
    """Stretches the mask over the image: the box is ignored."""
    return F.interpolate(masks, tuple(img_shape), mode="bilinear", align_corners=False)


def wrong_cut_before(masks, boxes, img_shape):
    """Cuts the cells at 0.5 first: the outline becomes ragged."""
    return _paste((masks > 0.5).to(masks.dtype), boxes, img_shape)


def wrong_cut_after(masks, boxes, img_shape):
    """Cuts the pixels at 0.5: the values were asked for."""
    return (_paste(masks, boxes, img_shape) > 0.5).to(masks.dtype)


def wrong_box_of_the_first(masks, boxes, img_shape):
    """Pastes all masks into the first box."""
    return _paste(masks, boxes[:1].expand_as(boxes), img_shape)


def wrong_corner_and_size(masks, boxes, img_shape):
    """Takes x2 and y2 for width and height: too large unless the box begins at 0."""
    return _paste(masks, torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1), img_shape)


def wrong_last_pixel_added(masks, boxes, img_shape):
    """x2 - x1 + 1 for the width: boxes of this course end where the last pixel ends."""
    return _paste(masks, boxes + torch.tensor([0.0, 0, 1, 1]), img_shape)


def wrong_without_the_axis(masks, boxes, img_shape):
    """(D, H, W): the axis of one is missing."""
    return _paste(masks, boxes, img_shape)[:, 0]


def wrong_pixels_of_the_box_only(masks, boxes, img_shape):
    """Pastes an enlarged copy at whole pixels, from floor to ceil: shifted for every box between pixels."""
    h, w = img_shape
    out = masks.new_zeros(len(masks), 1, h, w)
    for d, box in enumerate(boxes):
        x1, y1 = box[:2].floor().long().tolist()
        x2, y2 = box[2:].ceil().long().tolist()
        large = F.interpolate(masks[d : d + 1], (y2 - y1, x2 - x1), mode="bilinear")[0, 0]
        top, left = max(y1, 0), max(x1, 0)
        part = large[top - y1 : h - y1, left - x1 : w - x1]
        out[d, 0, top : top + part.shape[0], left : left + part.shape[1]] = part
    return out


def wrong_upside_down(masks, boxes, img_shape):
    """Takes -1 for the lower edge: masks stand on their heads."""
    return _paste(masks.flip(2), boxes, img_shape)
