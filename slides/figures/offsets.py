"""Part 2: from an anchor to its box by four offsets, and the loss of an offset."""

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from meanings import BASELINE, BOX, RIGHT
from trained import BLUE

from classroom.figures import arrow, canvas, enlarge, picture, words
from coursekit import ops
from coursekit.data.still_life import still_life
from coursekit.draw import draw_boxes

MUG = 29  # a scene of single_val
LOSSES = ((1 / 9, "β = 1/9", BOX, "-"), (1.0, "β = 1", RIGHT, "-"))


def from_anchor_to_box() -> Figure:
    """A mug's box and an anchor beside it; the offsets that lead from one to the other."""
    image, target = still_life("single_val")[MUG]
    box = target["boxes"][0].round()
    middle, sides = (box[:2] + box[2:]) / 2 - torch.tensor([14.0, 9]), 0.62 * (box[2:] - box[:2]).min()
    anchor = torch.cat([middle - sides / 2, middle + sides / 2]).round()
    figure, ax = canvas(480, 425)
    place = picture(ax, (80, 0), (320, 320), enlarge(image))
    draw_boxes(place, None, 4 * anchor[None], colour=BLUE, dashed=True)
    draw_boxes(place, None, 4 * box[None], colour=BOX)
    start, end = ((4 * (each[:2] + each[2:]) / 2).tolist() for each in (anchor, box))
    arrow(place, start, end, "black")
    for x, name, colour in ((150, "anchor", BLUE), (330, "box", BOX)):
        words(ax, x, 346, name, 28, colour)
    values = ops.encode_boxes(box[None], anchor[None])[0].tolist()
    text = ", ".join(f"{value:.2f}" for value in values).replace("-", "−")
    words(ax, 240, 394, f"t = ({text})", 30, "black")
    return figure


def smooth_l1() -> Figure:
    """Smooth L1 for two betas between half the square and the absolute value."""
    d = torch.linspace(-2, 2, 401)
    figure, ax = plt.subplots(figsize=(6.0, 4.4))
    ax.plot(d, d**2 / 2, color=BASELINE, linestyle=":", label="d² / 2")
    ax.plot(d, d.abs(), color=BASELINE, linestyle="--", label="|d|")
    for beta, name, colour, style in LOSSES:
        loss = ops.smooth_l1_loss(d, torch.zeros_like(d), "none", beta)
        ax.plot(d, loss, color=colour, linestyle=style, label=name)
    ax.set(xlabel="d", ylabel="loss", ylim=(0, 2), xticks=[-2, -1, 0, 1, 2], yticks=[0, 1, 2])
    ax.legend(loc="upper center", handlelength=1.6)
    return figure
