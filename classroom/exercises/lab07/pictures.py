"""Pictures of failing cases of lab 07: tables of overlaps, and numbers after each detection."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

from coursekit.draw import ACCENT, PALETTE

Picture = tuple[Any, str] | None


def table_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The table of overlaps, and the function's verdict on each detection beside the right one."""
    iou, threshold = arguments
    if not iou.numel() or got.shape != wanted.shape:
        return None
    detections, objects = iou.shape
    figure, ax = plt.subplots(figsize=(1.2 * objects + 3.4, 0.5 * detections + 1))
    ax.imshow(iou.numpy(), cmap="Greys", vmin=0, vmax=2)
    for i, row in enumerate(iou.tolist()):
        for j, value in enumerate(row):
            weight = "bold" if value >= threshold else "normal"
            ax.text(j, i, f"{value:.2f}", ha="center", va="center", fontweight=weight)
        colour = "black" if got[i] == wanted[i] else ACCENT
        words = f"{_word(wanted[i])}, yours: {_word(got[i])}"
        ax.text(objects - 0.4, i, words, va="center", color=colour, fontsize=10)
    ax.set_xticks(range(objects), [f"object {'ABCDEFGH'[j]}" for j in range(objects)], fontsize=10)
    ax.set_yticks(range(detections), [f"{i + 1}." for i in range(detections)])
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    return figure, "The IoU of each detection with each object; next to it the right verdict, and yours."


def _word(right: Tensor) -> str:
    return "right" if bool(right) else "wrong"


def precision_recall_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """Precision and recall after each detection: yours as bars, the right ones framed."""
    right, _ = arguments
    if not len(right):
        return None
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 2.2), sharey=True)
    for ax, name, yours, truth in zip(axes, ("precision", "recall"), got, wanted, strict=True):
        _draw_bars(ax, yours, truth)
        ax.set_title(f"{name}. filled: yours; framed: expected", fontsize=10)
        ax.set(xlabel="detections so far")
        ax.set_xticks(range(len(truth)), range(1, len(truth) + 1))
    return figure, "Precision and recall after each detection: yours as bars, the right ones as black frames."


def readings_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The precision that is read at each recall: yours as bars, the right ones framed."""
    *_, recalls = arguments
    if got.shape != wanted.shape:
        return None
    figure, ax = plt.subplots(figsize=(4.8, 2.2))
    _draw_bars(ax, got, wanted)
    shown = range(0, len(recalls), max(1, len(recalls) // 10))
    ax.set_xticks(shown, [f"{recalls[i].item():.1f}" for i in shown])
    ax.set_title("filled: yours; framed: expected", fontsize=10)
    ax.set(xlabel="recall", ylabel="precision")
    return figure, "The precision read at each recall: yours as bars, the right ones as black frames."


def _draw_bars(ax: Axes, yours: Tensor, truth: Tensor) -> None:
    places = range(len(truth))
    ax.bar(places, torch.as_tensor(yours).tolist(), color=PALETTE[5], alpha=0.6)
    ax.bar(places, torch.as_tensor(truth).tolist(), fill=False, edgecolor="black", linewidth=1.5)
