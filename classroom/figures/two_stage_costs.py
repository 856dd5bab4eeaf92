"""What a two-stage detector is made of, in numbers: scales of offsets, gradients, shifted maps, time and AP. Lab 06."""

from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from torch import Tensor

from coursekit.draw import ACCENT, PALETTE

Interval = tuple[float, float, float]
COST = PALETTE[5]


def draw_offsets(ax: Axes, offsets: Mapping[str, Tensor], beta: float = 1 / 9, reach: float = 2.0) -> None:
    """Draw the spread of the offsets (N, 4) to be learned, one histogram per name; grey is where the loss is nearly flat.

    Args:
        beta: below it smooth L1 is quadratic, with a gradient so small that it hardly trains.
        reach: offsets beyond it are drawn at the ends.
    """
    ax.axvspan(-beta, beta, color="0.88", label=f"|offset| < {beta:.2g}: the loss is quadratic")
    bins = torch.linspace(-reach, reach, 81).tolist()
    for colour, (name, values) in zip((ACCENT, COST, PALETTE[1]), offsets.items(), strict=False):
        shown = values.detach().flatten().clamp(-reach, reach).tolist()
        ax.hist(shown, bins, histtype="stepfilled", color=colour, alpha=0.35)
        ax.hist(shown, bins, histtype="step", color=colour, linewidth=1.8, label=name)
    ax.set(xlabel="offset to be learned", ylabel="count", xlim=(-reach, reach))
    ax.legend(fontsize="small")


def draw_heat(ax: Axes, values: Tensor, title: str = "", most: float = 1.0, colours: str = "viridis") -> None:
    """Draw a map (h, w) of numbers from 0 to `most`, without ticks."""
    ax.imshow(values.detach().numpy(), cmap=colours, vmin=0, vmax=most)
    ax.set(xticks=[], yticks=[], title=title)
    ax.spines[:].set_visible(False)


def draw_gradients(ax: Axes, norms: Mapping[str, Mapping[str, float | None]]) -> None:
    """Draw a table: does the gradient of each loss (rows) reach each part (columns)? Its norm, or "none".

    Args:
        norms: loss -> part -> norm of the gradient; None where no gradient flows at all.
    """
    parts = list(next(iter(norms.values())))
    for y, (_, row) in enumerate(norms.items()):
        for x, part in enumerate(parts):
            value = row[part]
            flows = bool(value)
            ax.fill_between([x, x + 1], y, y + 1, color=PALETTE[1] if flows else "0.92", edgecolor="white")
            words = "none" if value is None else f"{value:.2g}"
            style = {"ha": "center", "va": "center", "fontweight": "bold" if flows else "normal"}
            ax.text(x + 0.5, y + 0.5, words, color="white" if flows else "0.35", **style)
    ax.set(xlim=(0, len(parts)), ylim=(len(norms), 0))
    ax.set_xticks([x + 0.5 for x in range(len(parts))], parts)
    ax.set_yticks([y + 0.5 for y in range(len(norms))], list(norms))
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    ax.spines[:].set_visible(False)


def draw_times(ax: Axes, milliseconds: Mapping[str, float]) -> None:
    """Draw a bar for each stage, from top to bottom in its order, with milliseconds and the share of the whole."""
    total = sum(milliseconds.values())
    ax.barh(range(len(milliseconds)), list(milliseconds.values()), color=COST, height=0.7)
    for y, value in enumerate(milliseconds.values()):
        ax.text(value + total * 0.01, y, f"{value:.1f} ms, {value / total:.0%}", va="center")
    ax.set(ylim=(len(milliseconds) - 0.5, -0.5), xlim=(0, 1.3 * max(milliseconds.values())), xticks=[])
    ax.set_yticks(range(len(milliseconds)), list(milliseconds))
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)


def draw_scores(
    ax: Axes,
    groups: Mapping[str, Mapping[str, Interval]],
    ylabel: str = "AP",
    colours: Sequence[str] = ("C0", "C1", "C2", "C3", "C4", "C5"),
) -> None:
    """Draw bars with intervals: a group for each name on the x axis, a colour for each name inside the groups.

    Args:
        groups: e.g. "SSD" -> "new scenes" -> (value, low, high).
        colours: of the names inside the groups.
    """
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    width = 0.8 / len(names)
    for i, name in enumerate(names):
        places = [x for x, group in enumerate(groups.values()) if name in group]
        rows = [group[name] for group in groups.values() if name in group]
        at = [x + (i - (len(names) - 1) / 2) * width for x in places]
        error = [[value - low for value, low, _ in rows], [high - value for value, _, high in rows]]
        ax.bar(at, [row[0] for row in rows], 0.92 * width, color=colours[i], label=name)
        ax.errorbar(at, [row[0] for row in rows], error, fmt="none", ecolor="0.2", capsize=4)
        for x, (value, *_) in zip(at, rows, strict=True):
            ax.text(x, 0.02, f"{value:.2f}", ha="center", color="white", fontweight="bold")
    ax.set_xticks(range(len(groups)), list(groups))
    ax.set_ylabel(ylabel)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.2), ncols=len(names))
