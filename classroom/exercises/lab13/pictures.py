"""Pictures of failing cases of lab 13: heat maps and points, yours beside the expected ones."""

from typing import Any

import matplotlib.pyplot as plt
from torch import Tensor

from coursekit.draw import ACCENT

Picture = tuple[Any, str] | None


def heatmaps_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The first channel that differs: yours and the expected one."""
    if got is None or got.shape != wanted.shape or wanted.ndim != 3:
        return None
    worst = int((got - wanted).detach().abs().flatten(1).sum(1).argmax())
    figure, axes = plt.subplots(1, 2, figsize=(6, 2.4))
    for ax, heatmap, title in zip(axes, (got, wanted), ("yours", "expected"), strict=True):
        ax.imshow(heatmap[worst].detach().numpy(), cmap="magma", vmin=0, vmax=1)
        ax.set(title=title, xticks=[], yticks=[])
    return figure, "A heat map of the function, and the expected one."


def places_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The heat map with your point, red, and the right one, white."""
    maps = arguments[0]
    maps = maps[None] if maps.ndim == 2 else maps
    if got is None or got.shape != wanted.shape or maps.ndim != 3 or not wanted.numel():
        return None
    got, wanted = got.detach().float(), wanted.detach().float()
    worst = int((got - wanted).norm(dim=-1).nan_to_num(9).argmax()) if len(maps) > 1 else 0
    rows = slice(worst, worst + 1) if len(maps) > 1 else slice(None)
    figure, ax = plt.subplots(figsize=(3.8, 2.6))
    ax.imshow(maps[worst].detach().numpy(), cmap="magma")
    ax.plot(*wanted[rows].T.numpy(), "o", color="white", markeredgecolor="black", markersize=11)
    ax.plot(*got[rows].T.numpy(), "x", color=ACCENT, markersize=11, markeredgewidth=3)
    ax.set(title="red cross: yours; white: expected", xticks=[], yticks=[])
    return figure, "The heat map with the function's points, red crosses, and the right ones, white dots."


def fold_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The input and the outputs, yours and the expected one: the first channel."""
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.2))
    named = zip(axes, ("in", "yours", "expected"), (arguments[0], got, wanted), strict=True)
    for ax, title, maps in named:
        ax.set(xticks=[], yticks=[])
        if not isinstance(maps, Tensor) or maps.ndim != 4:  # it raised an error
            ax.axis("off")
            continue
        ax.imshow(maps[0, 0].detach().numpy(), cmap="magma", vmin=-2, vmax=4)
        ax.set_title(f"{title}: {maps.shape[-2]} x {maps.shape[-1]}")
    return (
        figure,
        "The input map, the function's output, and the expected output.",
    )
