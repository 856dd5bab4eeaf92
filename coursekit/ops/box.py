"""Boxes: areas and formats; how much they overlap is in `box_overlap`.

A box is four numbers. Unless a function says otherwise they are `xyxy` pixels: x to the right, y down, and
the right and lower ends exclusive, so that width = x2 - x1.

**The zero-area policy.** A box without width or height, or with its corners swapped (x2 < x1), is empty: its
area is 0 and its IoU with anything, itself included, is 0. torchvision answers NaN, or a positive area when
both pairs are swapped. Half precision is computed in single precision, as in torchvision, and whole numbers in
64 bits. An area in single precision is finite for coordinates up to 1e18 pixels.
"""

import torch
from torch import Tensor

from coursekit.ops.argument import PIXELS, SINGLE, WHOLE, expect, expect_image_size, wide

FORMATS = ("xyxy", "xywh", "cxcywh")
ROOM = {dtype: torch.int64 if dtype in WHOLE else SINGLE[dtype] for dtype in PIXELS}
EMPTY_AREA = 1e-14  # square pixels; below it a quotient of areas, and its gradient, is noise


def box_area(boxes: Tensor) -> Tensor:
    """Return the area of each box in square pixels, 0 for an empty one.

    Shapes: (..., 4) -> (...).
    Raises:
        ValueError: boxes of another shape.
    Like torchvision's `box_area`, but a box with swapped corners has area 0, and areas of whole numbers are int64.

    >>> box_area(torch.tensor([[10, 10, 30, 20], [5, 5, 1, 1]]))
    tensor([200,   0])
    """
    expect("boxes", boxes, "(..., 4)")
    x1, y1, x2, y2 = upcast(boxes).unbind(-1)  # four times (...)
    return (x2 - x1).clamp(min=0) * (y2 - y1).clamp(min=0)


def box_convert(boxes: Tensor, in_fmt: str, out_fmt: str) -> Tensor:
    """Return the same boxes in another format.

    Shapes: (..., 4) -> (..., 4).
    Args:
        boxes: boxes written as `in_fmt`, in any unit.
        in_fmt: "xyxy" two corners, "xywh" upper left corner and size, "cxcywh" centre and size.
        out_fmt: one of the same three.
    Raises:
        ValueError: an unknown format, or boxes of another shape.
    Like torchvision's `box_convert`.

    >>> box_convert(torch.tensor([[10.0, 20.0, 30.0, 60.0]]), "xyxy", "cxcywh")
    tensor([[20., 40., 20., 40.]])
    """
    for fmt in (in_fmt, out_fmt):
        if fmt not in FORMATS:
            raise ValueError(f"unknown box format {fmt!r}: use one of {', '.join(FORMATS)}.")
    expect("boxes", boxes, "(..., 4)")
    if in_fmt == out_fmt:
        return boxes.clone()
    corners = to_corners(wide(boxes).unbind(-1), in_fmt)
    return torch.stack(from_corners(corners, out_fmt), -1)  # (..., 4)


def clip_boxes_to_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the boxes with every corner moved to the nearest point of the image.

    Shapes: (..., 4) -> (..., 4).
    Args:
        size: (height, width) of the image, in that order.
    Raises:
        ValueError: boxes of another shape, or a size that is not (height, width).
    Like torchvision's `clip_boxes_to_image`.

    >>> clip_boxes_to_image(torch.tensor([[-5, 10, 300, 90]]), size=(80, 200))
    tensor([[  0,  10, 200,  80]])
    """
    expect("boxes", boxes, "(..., 4)")
    expect_image_size("size", size)
    height, width = size
    corners = wide(boxes)  # 300 pixels are no uint8
    far_corner = torch.tensor(
        (width, height, width, height), dtype=corners.dtype, device=boxes.device
    )  # (4,)
    return corners.clamp(torch.zeros_like(far_corner), far_corner).to(boxes.dtype)


def remove_small_boxes(boxes: Tensor, min_size: float) -> Tensor:
    """Return the indices of the boxes whose width and height are both at least `min_size` pixels.

    Shapes: (N, 4) -> (kept,).
    Raises:
        ValueError: boxes of another shape.
    Like torchvision's `remove_small_boxes`.

    >>> remove_small_boxes(torch.tensor([[0, 0, 9, 2], [0, 0, 9, 9]]), min_size=3)
    tensor([1])
    """
    expect("boxes", boxes, "(N, 4)")
    x1, y1, x2, y2 = upcast(boxes).unbind(1)  # four times (N,)
    return ((x2 - x1 >= min_size) & (y2 - y1 >= min_size)).nonzero()[:, 0]


def to_corners(numbers: tuple[Tensor, ...], fmt: str) -> tuple[Tensor, ...]:
    x, y, third, fourth = numbers
    if fmt == "xywh":
        return x, y, x + third, y + fourth
    if fmt == "cxcywh":
        return x - third / 2, y - fourth / 2, x + third / 2, y + fourth / 2
    return numbers


def from_corners(corners: tuple[Tensor, ...], fmt: str) -> tuple[Tensor, ...]:
    x1, y1, x2, y2 = corners
    if fmt == "xywh":
        return x1, y1, x2 - x1, y2 - y1
    if fmt == "cxcywh":
        return (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
    return corners


def upcast(boxes: Tensor) -> Tensor:
    """Room for a product of two sides: at least single precision, or 64-bit integers."""
    return boxes.to(ROOM[boxes.dtype])
