"""What a classifier cannot predict, and how far two boxes are from each other: lab 01 and part 1 of the slides."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from coursekit.draw import ACCENT, draw_boxes, draw_image, draw_masks
from coursekit.ops import box_iou

Size = tuple[float, float]
TASKS = ("what?", "where?", "what else?", "which pixels?", "of which object?")


class Answers(NamedTuple):
    """The predictions of networks for one photograph.

    what: the class; box: (4,) of its object; boxes, labels: (D, 4) and (D,) of all objects; class_maps and
    map_labels: (M, H, W) bool and (M,); masks and mask_labels: (D, H, W) bool and (D,).
    """

    what: str
    box: Tensor
    boxes: Tensor
    labels: Tensor
    class_maps: Tensor
    map_labels: Tensor
    masks: Tensor
    mask_labels: Tensor


def draw_task(ax: Axes, task: str, answers: Answers, classes: Sequence[str], names: bool = True) -> None:
    """Draw the answer to one of TASKS on the photograph that `ax` shows.

    Args:
        classes: `classes[k - 1]` is the name of label k.
        names: write the names of the classes on masks too.
    """
    named = classes if names else None
    if task == "where?":
        draw_boxes(ax, None, answers.box[None], colour=ACCENT)
    elif task == "what else?":
        draw_boxes(ax, None, answers.boxes, answers.labels, classes=classes)
    elif task == "which pixels?":
        draw_masks(ax, None, answers.class_maps, answers.map_labels, named)
    elif task == "of which object?":
        draw_masks(ax, None, answers.masks, answers.mask_labels, named)
        draw_boxes(ax, None, answers.box[None], colour=ACCENT)


def five_tasks(image: Tensor, answers: Answers, classes: Sequence[str], figsize: Size = (13, 2.2)) -> Figure:
    """Return a photograph (3, H, W) five times, each with the answer to one more question."""
    figure, axes = plt.subplots(1, 5, figsize=figsize)
    for ax, task in zip(axes, TASKS, strict=True):
        draw_image(ax, image, f"{task} {answers.what}" if task == "what?" else task)
        draw_task(ax, task, answers, classes, names=False)
    return figure


def iou_against_shift(shift: Tensor, curves: dict[str, Tensor], figsize: Size = (5, 2.8)) -> Figure:
    """Return a plot of IoU, one curve for each size of box, against the shift (S,) in pixels."""
    figure, ax = curves_of(shift, curves, figsize)
    ax.axhline(0.5, color="grey", linestyle=":")
    ax.set(xlabel="shift to the right (pixels)", ylabel="IoU", ylim=(0, 1.02))
    ax.legend(title="box", loc="upper right", frameon=True, framealpha=1, edgecolor="none")
    return figure


def losses_against_gap(gap: Tensor, curves: dict[str, Tensor], figsize: Size = (5, 2.8)) -> Figure:
    """Return a plot of losses (S,) against the gap (S,) between two boxes in pixels; below 0 they overlap."""
    figure, ax = curves_of(gap, curves, figsize)
    ax.set(xlabel="gap between two boxes (pixels)", ylabel="loss")
    ax.legend()
    return figure


def curves_of(x: Tensor, curves: dict[str, Tensor], figsize: Size) -> tuple[Figure, Axes]:
    """Return a plot of each curve (S,) against x (S,), and its axes, for the words around it."""
    figure, ax = plt.subplots(figsize=figsize)
    for name, values in curves.items():
        ax.plot(x.numpy(), values.numpy(), label=name)
    return figure, ax


def equal_squared_errors(
    truth: Tensor,
    guesses: Tensor,
    iou: Callable[[Tensor, Tensor], Tensor] = box_iou,
    figsize: Size = (9, 2.4),
) -> Figure:
    """Return the guesses (S, 4) beside each other over the true box (4,), with both measures above."""
    figure, axes = plt.subplots(1, len(guesses), figsize=figsize, squeeze=False)
    for ax, guess in zip(axes[0], guesses, strict=True):
        draw_boxes(ax, torch.full((3, 100, 140), 0.96), truth[None], colour="black", dashed=True)
        draw_boxes(ax, None, guess[None])
        error, overlap = (guess - truth).square().sum(), iou(truth[None], guess[None])[0, 0]
        ax.set_title(f"squared error {error:.0f}, IoU {overlap:.2f}")
    return figure


def feature_maps(image: Tensor, features: dict[str, Tensor], figsize: Size = (12, 2.6)) -> Figure:
    """Return the image (3, H, W), and next to it the channel of each map (C, h, w) that varies most."""
    figure, axes = plt.subplots(1, 1 + len(features), figsize=figsize)
    draw_image(axes[0], image, "image")
    for ax, (level, maps) in zip(axes[1:], features.items(), strict=True):
        ax.imshow(maps[maps.flatten(1).std(1).argmax()].numpy(), cmap="magma", interpolation="nearest")
        ax.set_title(f"{level}: {tuple(maps.shape)}")
        ax.axis("off")
    return figure
