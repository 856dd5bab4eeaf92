"""Precision against recall, by hand and of a detector: lab 07 and part 2 of the slides."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from coursekit.draw import ACCENT, PALETTE
from coursekit.metrics import ErrorBudget, Interval, average_precision, precision_at, precision_recall
from coursekit.metrics.average_precision import RECALLS
from coursekit.metrics.error_budget import ERRORS

RIGHT, WRONG, CURVE = PALETTE[1], ACCENT, PALETTE[5]
MARKERS = "os^"  # of six detectors each: the course's colours are six
ERROR_WORDS = {
    "classification": "wrong class",
    "localisation": "poor box",
    "both": "class and box",
    "duplicate": "duplicate",
    "background": "background",
    "missed": "missed",
}


def draw_precision_recall(
    ax: Axes, true_positives: Sequence[bool], num_objects: int, count: int | None = None
) -> None:
    """Draw precision against recall after each of the first `count` detections, a dot for each, right or wrong."""
    precision, recall = precision_recall(true_positives, num_objects)
    shown = slice(count)
    ax.plot(recall[shown], precision[shown], color=CURVE, zorder=2)
    for right, colour, name in ((True, RIGHT, "right"), (False, WRONG, "wrong")):
        chosen = np.flatnonzero(np.asarray(true_positives)[shown] == right)
        ax.plot(recall[chosen], precision[chosen], "o", color=colour, markersize=9, label=name, zorder=3)
    _percent(ax)


def draw_interpolation(ax: Axes, true_positives: Sequence[bool], num_objects: int, method: str) -> None:
    """Draw where one of the three average precisions reads the curve: the best precision at each recall or beyond.

    Args:
        method: one of `coursekit.metrics.average_precision.METHODS`.
    """
    precision, recall = precision_recall(true_positives, num_objects)
    everywhere = np.linspace(0, 1, 1001)
    envelope = precision_at(everywhere, precision, recall)
    ax.plot(recall, precision, color=CURVE, alpha=0.35, zorder=1)
    ax.plot(everywhere, envelope, color=CURVE, zorder=2)
    if method == "every-point":
        ax.fill_between(everywhere, envelope, color=CURVE, alpha=0.2, linewidth=0)
    else:
        at = RECALLS[method]
        ax.vlines(at, 0, precision_at(at, precision, recall), color=CURVE, alpha=0.4, linewidth=1.5)
        ax.plot(at, precision_at(at, precision, recall), "o", color=CURVE, markersize=70 / len(at) + 3)
    value = average_precision(true_positives, num_objects, method)
    ax.set_title(f"{method}: {value:.4f}", fontweight="bold")
    _percent(ax)


def draw_error_budget(ax: Axes, budgets: Mapping[str, ErrorBudget]) -> None:
    """Draw what AP50 each detector would gain if it made no errors of one kind: a bar for each kind and detector."""
    thickness = 0.8 / len(budgets)
    for i, (name, budget) in enumerate(budgets.items()):
        places = np.arange(len(ERRORS)) + (i - (len(budgets) - 1) / 2) * thickness
        gains = [budget.gains[error] for error in ERRORS]
        ax.barh(places, gains, 0.92 * thickness, label=f"{name}: AP50 {budget.ap:.2f}")
        for place, gain in zip(places, gains, strict=True):
            ax.text(gain + 0.0005, place, f"{gain:.3f}", va="center", fontsize="small")
    ax.set_yticks(range(len(ERRORS)), [ERROR_WORDS[error] for error in ERRORS])
    ax.invert_yaxis()
    ax.set(xlabel="AP50 gained by fixing this kind of error")
    ax.legend(loc="lower right")


def draw_speed_accuracy(
    ax: Axes, speeds: Mapping[str, Interval], scores: Mapping[str, Interval], name: str
) -> None:
    """Draw a dot for each detector: milliseconds per image against AP, each with its low and high; `name` of the test."""
    for i, (detector, (ap, low, high)) in enumerate(scores.items()):
        milliseconds, fastest, slowest = speeds[detector]
        spread = {
            "xerr": [[milliseconds - fastest], [slowest - milliseconds]],
            "yerr": [[ap - low], [high - ap]],
        }
        ax.errorbar(
            milliseconds, ap, **spread, fmt=MARKERS[i // 6 % 3], markersize=8, capsize=3, label=detector
        )
    ax.set(title=name, xlabel="milliseconds per image", ylabel="AP")


def _percent(ax: Axes) -> None:
    ax.set(xlabel="recall", ylabel="precision", xlim=(-0.02, 1.02), ylim=(0, 1.05))
    ax.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
