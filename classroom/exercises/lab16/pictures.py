"""Pictures of failing cases of lab 16: maps of clicks, the click on a wrong region, masks and bars, beside the expected ones."""

import re
from typing import Any

import matplotlib.pyplot as plt
import torch
from torch import Tensor

from classroom.exercises.pictures import shaped

Picture = tuple[Any, str] | None


def maps_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The maps that come out above the expected ones."""
    if not isinstance(got, Tensor) or got.shape != wanted.shape or not wanted.numel():
        return None
    rows = [each.detach().float().reshape(-1, *each.shape[-2:])[:2] for each in (got, wanted)]
    figure, axes = plt.subplots(2, len(rows[0]), figsize=(2.6 * len(rows[0]), 3.8), squeeze=False)
    for line, maps, whose in zip(axes, rows, ("yours", "expected"), strict=True):
        for i, (ax, values) in enumerate(zip(line, maps, strict=True)):
            ax.imshow(values.numpy(), cmap="Blues", vmin=0, vmax=1)
            ax.set(title=f"map {i}, {whose}", xticks=[], yticks=[])
    return figure, "The maps of the function in the first row, the expected ones below."


def click_picture(arguments: tuple, got: Any, wanted: Any) -> Picture:
    """Where the masks differ, and the click: the student's as a cross."""
    found, truth = arguments
    figure, ax = plt.subplots(figsize=(3.4, 2.8))
    ax.imshow((truth.int() + 2 * (found ^ truth).int()).numpy(), cmap="Blues", vmin=0, vmax=4)
    place = re.findall(r"\d+", got["the place of the click"])
    if place:
        ax.plot(int(place[1]), int(place[0]), "x", color="black", markersize=10, markeredgewidth=3)
    ax.set(title="cross: your click" if place else "the place is right", xticks=[], yticks=[])
    return (
        figure,
        "The object in light blue, the wrong cells darker, and the click of the function as a cross.",
    )


def masks_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The first mask that comes out, and the expected one."""
    got = shaped(got, *wanted.shape)
    if got is None or not wanted.numel():
        return None
    figure, axes = plt.subplots(1, 2, figsize=(5.2, 2.6))
    for ax, values, title in zip(axes, (got, wanted), ("yours", "expected"), strict=True):
        first = values.detach().float().reshape(-1, *values.shape[-2:])[0]
        ax.imshow(first.numpy(), cmap="Blues", vmin=-3, vmax=3)
        ax.set(title=title, xticks=[], yticks=[])
    return figure, "The mask of the function, and the expected one."


def table_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """Mean actual IoU of each bin: bars as they come out, outlines as expected."""
    got = shaped(got, *wanted.shape)
    if got is None:
        return None
    figure, ax = plt.subplots(figsize=(3.6, 2.6))
    places = torch.arange(len(wanted)).tolist()
    ax.bar(places, got[:, 2].nan_to_num().tolist(), color="C0", alpha=0.6)
    ax.bar(places, wanted[:, 2].tolist(), fill=False, edgecolor="black", linestyle="--")
    ax.set(title="yours; dashed: expected", xlabel="bin", ylabel="mean actual IoU", ylim=(0, 1.05))
    return (
        figure,
        "Bars of the mean actual IoU in each bin, those of the function and, dashed, the expected ones.",
    )
