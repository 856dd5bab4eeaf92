import torch
from torch import Tensor

from coursekit import ops

Size = tuple[int, int]


def right_columns(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """Column by column."""
    (rows, columns), (height, width) = shown, photo
    x1, y1, x2, y2 = found.unbind(1)
    left, top = (side - columns) // 2, (side - rows) // 2
    x1, x2 = ((x - left) * width / columns for x in (x1, x2))
    y1, y2 = ((y - top) * height / rows for y in (y1, y2))
    return torch.stack([x1.clamp(0, width), y1.clamp(0, height), x2.clamp(0, width), y2.clamp(0, height)], 1)


def right_corners(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """Corners as points, and sizes as (width, height)."""
    small, large = torch.tensor(shown[::-1]), torch.tensor(photo[::-1])
    border = (side - small) // 2
    points = (found.reshape(-1, 2, 2) - border) * large / small
    return torch.minimum(points.clamp(min=0), large.float()).reshape(-1, 4)


def right_in_place(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """Works on a copy, in place."""
    boxes = found.clone()
    boxes[:, 0::2] -= (side - shown[1]) // 2
    boxes[:, 1::2] -= (side - shown[0]) // 2
    boxes[:, 0::2] /= shown[1] / photo[1]
    boxes[:, 1::2] /= shown[0] / photo[0]
    return ops.clip_boxes_to_image(boxes, photo)


def wrong_no_border(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """As if the photograph lay at the top left."""
    scale = torch.tensor([photo[1] / shown[1], photo[0] / shown[0]] * 2)
    return ops.clip_boxes_to_image(found * scale, photo)


def wrong_order(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """Scales first, and then takes the border away."""
    scale = torch.tensor([photo[1] / shown[1], photo[0] / shown[0]] * 2)
    border = torch.tensor([(side - shown[1]) // 2, (side - shown[0]) // 2] * 2)
    return ops.clip_boxes_to_image(found * scale - border, photo)


def wrong_axes(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """Takes rows for x."""
    border = torch.tensor([(side - shown[0]) // 2, (side - shown[1]) // 2] * 2)
    scale = torch.tensor([photo[1] / shown[1], photo[0] / shown[0]] * 2)
    return ops.clip_boxes_to_image((found - border) * scale, photo)


def wrong_unclipped(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """Forgets to clip."""
    border = torch.tensor([(side - shown[1]) // 2, (side - shown[0]) // 2] * 2)
    return (found - border) * torch.tensor([photo[1] / shown[1], photo[0] / shown[0]] * 2)


def wrong_one_ratio(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """One ratio for both axes."""
    border = torch.tensor([(side - shown[1]) // 2, (side - shown[0]) // 2] * 2)
    return ops.clip_boxes_to_image((found - border) * (max(photo) / side), photo)


def wrong_full_border(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """The border of both sides together."""
    border = torch.tensor([side - shown[1], side - shown[0]] * 2)
    scale = torch.tensor([photo[1] / shown[1], photo[0] / shown[0]] * 2)
    return ops.clip_boxes_to_image((found - border) * scale, photo)


def wrong_true_division(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """Half pixels of border."""
    border = torch.tensor([(side - shown[1]) / 2, (side - shown[0]) / 2] * 2)
    scale = torch.tensor([photo[1] / shown[1], photo[0] / shown[0]] * 2)
    return ops.clip_boxes_to_image((found - border) * scale, photo)


def wrong_clip_swapped(found: Tensor, shown: Size, side: int, photo: Size) -> Tensor:
    """Clips to (width, height)."""
    border = torch.tensor([(side - shown[1]) // 2, (side - shown[0]) // 2] * 2)
    scale = torch.tensor([photo[1] / shown[1], photo[0] / shown[0]] * 2)
    return ops.clip_boxes_to_image((found - border) * scale, (photo[1], photo[0]))
