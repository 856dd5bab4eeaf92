"""Pictures of failing cases of lab 12: small maps as tables of numbers, yours beside the expected ones."""

from typing import Any

import matplotlib.pyplot as plt
from torch import Tensor

from classroom.figures.stamping import draw_cells

Picture = tuple[Any, str] | None
MOST = 14  # rows and columns whose numbers can be read


def cells_picture(arguments: tuple, got: Any, wanted: Any) -> Picture:
    """The first channel of the first input, of the output, and of the expected output."""
    pairs = [("input", arguments[0]), ("yours", got), ("expected", wanted)]
    parts = [(title, plane(value)) for title, value in pairs if plane(value) is not None]
    if not parts or max(max(part.shape) for _, part in parts) > MOST:
        return None
    widths = [part.shape[1] for _, part in parts]
    tallest = max(part.shape[0] for _, part in parts)
    size = (0.42 * sum(widths) + 1, 0.42 * tallest + 0.6)
    figure, axes = plt.subplots(1, len(parts), figsize=size, width_ratios=widths, squeeze=False)
    for ax, (title, part) in zip(axes[0], parts, strict=True):
        different = (
            None if title != "yours" or part.shape != plane(wanted).shape else 4 * (part != plane(wanted))
        )
        draw_cells(ax, part, title, different, size=8)
    return figure, "The first input map, the function's output, and the expected output."


def plane(value: Any) -> Tensor | None:
    """The first table of numbers of a tensor, or of the first tensor of several; None if there is none."""
    if isinstance(value, tuple | list) and value:
        value = value[0]
    if not isinstance(value, Tensor) or value.ndim < 2 or not value.numel():
        return None
    return value.detach().reshape(-1, *value.shape[-2:])[0].float()
