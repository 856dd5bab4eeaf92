"""Corner pooling step by step: what tells of a corner, and where each pooled maximum comes from."""

import torch
from torch import Tensor

from coursekit.ops import corner_pool

# Which side of an object each direction of pooling carries away, and which axis and end of the box that is.
SIDES = {
    "left": ("upper", 1, False),
    "top": ("left", 0, False),
    "right": ("lower", 1, True),
    "bottom": ("right", 0, True),
}
CORNERS = {"top-left": ("left", "top"), "bottom-right": ("right", "bottom")}


def edge_evidence(box: Tensor, size: tuple[int, int], direction: str) -> Tensor:
    """Return a map in which the cells of a round object that touch one side of its box are high, 1 at most.

    It stands for what a layer has learnt: the side is the one that pooling in this direction carries away. One
    cell further inside the object the number is 1/2, then 1/3, and outside the object it is 0.

    Shapes: (4,) -> (h, w).
    Args:
        box: xyxy, in cells.
        size: (h, w).
        direction: "left" for the upper side, "top" for the left one, "right" for the lower one, "bottom" for the
            right one.

    >>> edge_evidence(torch.tensor([1.0, 0, 4, 2]), (2, 5), "left")
    tensor([[0.0000, 1.0000, 1.0000, 1.0000, 0.0000],
            [0.0000, 0.5000, 0.5000, 0.5000, 0.0000]])
    """
    _, axis, far = SIDES[direction]
    rows, columns = (torch.arange(n) + 0.5 for n in size)
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]).clamp(min=1e-3) / 2
    x, y = ((columns - middle[0]) / half[0])[None], ((rows - middle[1]) / half[1])[:, None]
    place = (columns[None], rows[:, None])[axis]
    depth = (box[2 + axis] - place if far else place - box[axis]).clamp(min=0).floor()
    return torch.where(x**2 + y**2 <= 1.1, 1 / (1 + depth), torch.zeros(size))


def source_of(values: Tensor, cell: tuple[int, int], direction: str) -> tuple[int, int]:
    """Return the cell (x, y) from which pooling carries its maximum to `cell`: the nearest of several.

    Shapes: (h, w) -> two ints.

    >>> source_of(torch.tensor([[1, 3, 0, 2]]), (0, 0), "left"), source_of(torch.tensor([[1, 3, 0, 2]]), (2, 0), "left")
    ((1, 0), (3, 0))
    """
    x, y = cell
    if direction == "left":
        return x + int(values[y, x:].argmax()), y
    if direction == "right":
        return x - int(values[y, : x + 1].flip(0).argmax()), y
    if direction == "top":
        return x, y + int(values[y:, x].argmax())
    return x, y - int(values[: y + 1, x].flip(0).argmax())


def pooled_corner(
    box: Tensor, size: tuple[int, int], corner: str, pool=corner_pool
) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """Return the evidence of both sides that meet in a corner, both pooled maps, and their sum: each (h, w).

    Args:
        corner: "top-left" or "bottom-right".
        pool: map and direction -> map, as `ops.corner_pool`.

    >>> pooled_corner(torch.tensor([1.0, 1, 4, 3]), (4, 5), "top-left")[2].argmax()  # row 1, column 1
    tensor(6)
    """
    evidence = [edge_evidence(box, size, direction) for direction in CORNERS[corner]]
    pooled = [pool(values, direction) for values, direction in zip(evidence, CORNERS[corner], strict=True)]
    return evidence, pooled, pooled[0] + pooled[1]


def published_radius(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Return the radius that CornerNet's first public code gives: the smallest (b + √(b² − 4ac)) / 2 of three equations.

    Each should be divided by 2a; the smallest is that of both corners moving outwards, and is a = 4 * min_overlap times
    too large. (princeton-vl/CornerNet, issues 37 and 110.)

    Shapes: (G, 4) -> (G,).

    >>> published_radius(torch.tensor([[0.0, 0, 10, 10]]))
    tensor([2.7332])
    """
    width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(1)
    s, area, o = width + height, width * height, min_overlap
    equations = (
        (1, s, area * (1 - o) / (1 + o)),
        (4, 2 * s, area * (1 - o)),
        (4 * o, -2 * o * s, -area * (1 - o)),
    )
    return torch.stack([(b + (b**2 - 4 * a * c).sqrt()) / 2 for a, b, c in equations]).amin(0)
