"""The plot of how time grows with the number of boxes, regions, anchors or images."""

from pathlib import Path

import numpy as np

OURS, PEER = "#0b5cad", "#c2571a"


def draw_growth(found: list[dict], path: Path) -> None:
    """Write small log-log plots, one an operator: our time and the first peer's."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    settings = {"svg.fonttype": "none", "svg.hashsalt": "coursekit", "font.size": 9}
    with plt.rc_context(settings):
        fig, axes = plt.subplots(2, 4, figsize=(11, 5), layout="constrained")
        for ax, row in zip(axes.flat, found, strict=False):
            draw_one(ax, row)
        for ax in axes.flat[len(found) :]:
            ax.set_axis_off()
        fig.supylabel("seconds, one thread")
        fig.savefig(path, metadata={"Date": None})
        plt.close(fig)


def draw_one(ax, row: dict) -> None:
    counts, ours, theirs, peer = curve(row)
    ax.loglog(
        counts, theirs, "s--", color=PEER, markersize=4, label=f"{peer}, N^{exponent(counts, theirs):.1f}"
    )
    ax.loglog(counts, ours, "o-", color=OURS, markersize=4, label=f"ours, N^{exponent(counts, ours):.1f}")
    ax.set_title(row["name"], fontsize=10)
    ax.grid(alpha=0.3)
    ax.minorticks_off()
    ax.legend(fontsize=8, frameon=False)


def curve(row: dict) -> tuple[list[float], list[float], list[float], str]:
    peer = row["lines"][0]["peer"]
    points = [line for line in row["lines"] if line["part"] == "forward" and line["peer"] == peer]
    points = sorted(points + row["between"], key=lambda point: point["count"])
    return *([p[key] for p in points] for key in ("count", "seconds", "peer_seconds")), peer


def exponent(counts: list[float], seconds: list[float]) -> float:
    """The slope between the last two points: what it grows like when N is large."""
    (x0, x1), (y0, y1) = np.log(counts[-2:]), np.log(seconds[-2:])
    return float((y1 - y0) / (x1 - x0))
