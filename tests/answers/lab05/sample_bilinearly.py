"""Answers to `sample_bilinearly` (lab 05), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_four_cells(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Half a cell off, held between the outermost centres; four cells, four weights."""
    _, h, w = features.shape
    x, y = (x - 0.5).clamp(0, w - 1), (y - 0.5).clamp(0, h - 1)
    left, top = x.floor().long(), y.floor().long()
    right, bottom = (left + 1).clamp(max=w - 1), (top + 1).clamp(max=h - 1)
    rx, ry = x - left, y - top
    above = features[:, top, left] * (1 - rx) + features[:, top, right] * rx
    below = features[:, bottom, left] * (1 - rx) + features[:, bottom, right] * rx
    return above * (1 - ry) + below * ry


def right_by_library(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """F.grid_sample counts from -1 to 1 over the whole map; "border" keeps the value beyond the centres."""
    if x.numel() == 0:
        return features.new_zeros(len(features), 0)
    _, h, w = features.shape
    grid = torch.stack([2 * x / w - 1, 2 * y / h - 1], -1).to(features.dtype)[None, None]
    sampled = F.grid_sample(features[None], grid, mode="bilinear", padding_mode="border", align_corners=False)
    return sampled[0, :, 0]


def right_by_tents(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Each cell counts 1 less its distance, at least 0, across and down: two tables of weights,
    one product.
    """

    def weights(place: Tensor, cells: int) -> Tensor:
        centre = torch.arange(cells) + 0.5
        place = torch.minimum(torch.maximum(place, centre[0]), centre[-1])
        return (1 - (place[:, None] - centre).abs()).relu().to(features.dtype)

    _, h, w = features.shape
    return torch.einsum("chw,nh,nw->cn", features, weights(y, h), weights(x, w))


def right_by_loops(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Place by place in plain numbers; the map stays a tensor, so it gets its gradient."""
    channels, h, w = features.shape
    columns = []
    for px, py in zip(x.tolist(), y.tolist(), strict=True):
        px, py = min(max(px - 0.5, 0.0), w - 1.0), min(max(py - 0.5, 0.0), h - 1.0)
        j, i = int(px), int(py)
        value = torch.zeros(channels, dtype=features.dtype)
        for row, share_down in ((i, 1 - (py - i)), (i + 1, py - i)):
            for column, share in ((j, 1 - (px - j)), (j + 1, px - j)):
                if row < h and column < w:
                    value = value + share_down * share * features[:, row, column]
        columns.append(value)
    return torch.stack(columns, 1) if columns else features.new_empty(channels, 0)


def right_by_a_frame(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Repeats the outermost cells once around the map: then every place has four neighbours."""
    _, h, w = features.shape
    framed = F.pad(features[None], (1, 1, 1, 1), mode="replicate")[0]
    x, y = x.clamp(0, w) + 0.5, y.clamp(0, h) + 0.5  # in cells of the framed map, less half a cell
    j, i = x.long(), y.long()
    upper = torch.lerp(framed[:, i, j], framed[:, i, j + 1], (x - j).to(features.dtype))
    lower = torch.lerp(framed[:, i + 1, j], framed[:, i + 1, j + 1], (x - j).to(features.dtype))
    return torch.lerp(upper, lower, (y - i).to(features.dtype))


def _blend(features, x, y):
    """The right blend of places that are half a cell off already, for answers whose mistake is elsewhere."""
    _, h, w = features.shape
    x, y = x.clamp(0, w - 1), y.clamp(0, h - 1)
    j, i = x.floor().long(), y.floor().long()
    j1, i1 = (j + 1).clamp(max=w - 1), (i + 1).clamp(max=h - 1)
    rx, ry = x - j, y - i
    above = features[:, i, j] * (1 - rx) + features[:, i, j1] * rx
    return above * (1 - ry) + (features[:, i1, j] * (1 - rx) + features[:, i1, j1] * rx) * ry


def wrong_centre_at_zero(features, x, y):
    """Takes 0 for the centre of cell 0: everything is read half a cell off."""
    return _blend(features, x, y)


def wrong_half_cell_added(features, x, y):
    """Adds the half cell where it is subtracted: a whole cell off."""
    return _blend(features, x + 0.5, y + 0.5)


def wrong_half_cell_in_x_only(features, x, y):
    """Subtracts the half cell across and forgets it down."""
    return _blend(features, x - 0.5, y)


def wrong_nearest(features, x, y):
    """Takes the nearest cell: right at centres, wrong between them."""
    return _blend(features, (x - 0.5).round(), (y - 0.5).round())


def wrong_weights_exchanged(features, x, y):
    """r for the left and 1 - r for the right cell: far ones count more."""
    _, h, w = features.shape
    x, y = (x - 0.5).clamp(0, w - 1), (y - 0.5).clamp(0, h - 1)
    j, i = x.floor().long(), y.floor().long()
    j1, i1 = (j + 1).clamp(max=w - 1), (i + 1).clamp(max=h - 1)
    rx, ry = x - j, y - i
    above = features[:, i, j] * rx + features[:, i, j1] * (1 - rx)
    return above * ry + (features[:, i1, j] * rx + features[:, i1, j1] * (1 - rx)) * (1 - ry)


def wrong_x_for_the_rows(features, x, y):
    """features[:, x, y]: the first axis of the map runs down, so this reads the mirrored place."""
    return _blend(features.transpose(1, 2), x - 0.5, y - 0.5)


def wrong_zero_beyond(features, x, y):
    """Cells beyond the border count as 0: the value fades where it should stay."""
    _, h, w = features.shape
    x, y = (x - 0.5).clamp(-1, w), (y - 0.5).clamp(-1, h)
    return _blend(F.pad(features, (1, 1, 1, 1)), x + 1, y + 1)


def wrong_goes_on_beyond(features, x, y):
    """Holds the cells inside but not the share r: beyond the outermost centres the slope goes on."""
    _, h, w = features.shape
    x, y = x - 0.5, y - 0.5
    j, i = x.floor().long().clamp(0, w - 2), y.floor().long().clamp(0, h - 2)
    rx, ry = x - j, y - i
    above = features[:, i, j] * (1 - rx) + features[:, i, j + 1] * rx
    return above * (1 - ry) + (features[:, i + 1, j] * (1 - rx) + features[:, i + 1, j + 1] * rx) * ry


def wrong_no_neighbour_at_the_border(features, x, y):
    """Never asks whether there is a right neighbour: an error at the last centre and beyond."""
    _, h, w = features.shape
    x, y = (x - 0.5).clamp(0, w - 1), (y - 0.5).clamp(0, h - 1)
    j, i = x.long(), y.long()
    rx, ry = x - j, y - i
    above = features[:, i, j] * (1 - rx) + features[:, i, j + 1] * rx
    return above * (1 - ry) + (features[:, i + 1, j] * (1 - rx) + features[:, i + 1, j + 1] * rx) * ry


def wrong_corners_aligned(features, x, y):
    """grid_sample with align_corners=True: stretches the map, so that only its middle is right."""
    _, h, w = features.shape
    grid = torch.stack([2 * x / w - 1, 2 * y / h - 1], -1)[None, None]
    return F.grid_sample(features[None], grid, padding_mode="border", align_corners=True)[0, :, 0]


def wrong_every_x_with_every_y(features, x, y):
    """A grid of N x N places: N places were asked for, x and y in pairs."""
    return _blend(features, (x - 0.5).expand(len(y), -1), (y - 0.5)[:, None].expand(-1, len(x)))


def wrong_blend_across_only(features, x, y):
    """Blends left and right, and takes the upper row as it is."""
    return _blend(features, x - 0.5, (y - 0.5).floor())


def wrong_mean_of_four(features, x, y):
    """The plain mean of the four cells around: near ones should count more."""
    _, h, w = features.shape
    x, y = (x - 0.5).clamp(0, w - 1), (y - 0.5).clamp(0, h - 1)
    four = [_blend(features, a, b) for a in (x.floor(), x.ceil()) for b in (y.floor(), y.ceil())]
    return sum(four) / 4


def wrong_channels_last(features, x, y):
    """(N, C) and not (C, N)."""
    return _blend(features, x - 0.5, y - 0.5).T


def wrong_places_changed(features, x, y):
    """Subtracts the half cell from the caller's own places: sampling twice gives two answers."""
    x -= 0.5
    y -= 0.5
    return _blend(features, x, y)


def wrong_no_gradient(features, x, y):
    """Samples a detached map: the values are right, but nothing in front of it can be trained."""
    return _blend(features.detach(), x - 0.5, y - 0.5)
