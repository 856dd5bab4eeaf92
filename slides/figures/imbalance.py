"""Part 2: how much background there is, the focal loss, and RetinaNet as a whole."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import BOX, CLASS, QUIET, RIGHT
from recorded import recorded
from torch import Tensor
from trained import BLUE, FIVE, NETWORK, confident, detector, found_in, said, scenes, targets

from classroom import figures
from classroom.figures import arrow, block, canvas, enlarge, picture, words
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import PALETTE, draw_boxes
from coursekit.models.retinanet import RetinaNet

KINDS = {"on an object": RIGHT, "in between: no loss": PALETTE[2], "background": QUIET}


@torch.no_grad()
def _judged(model: RetinaNet, batch: int = 25) -> tuple[Tensor, Tensor]:
    """Logits and true classes of all anchors of val with a loss: (anchors, K) each."""
    every, maps = targets("val"), scenes("val")
    logits, classes = [], []
    for start in range(0, len(every), batch):
        outputs = model.outputs([maps[i][0] for i in range(start, start + batch)])
        assigned = model.assign(every[start : start + batch], outputs.anchors)
        logits.append(outputs.logits[assigned.judged])
        classes.append(assigned.classes[assigned.judged])
    return torch.cat(logits), torch.cat(classes)


def _untrained() -> RetinaNet:
    """A network that has learned nothing but the mean and the variance of its input."""
    torch.manual_seed(0)
    model = RetinaNet(len(CLASSES)).eval()
    model.normalise.load_state_dict(detector("retinanet").normalise.state_dict())
    return model


def anchors_see_background() -> Figure:
    """What RetinaNet's anchors are trained on: the mean over the validation scenes, as one bar."""
    anchors = said("retinanet", FIVE).anchors
    positive, judged, _, _ = detector("retinanet").assign(targets("val"), anchors)
    total, kinds = positive.shape[1], (positive, ~judged, judged & ~positive)
    figure, ax = plt.subplots(figsize=(11.5, 2.9))
    counts = [round(kind.sum(1).double().mean().item()) for kind in kinds[:-1]]
    counts.append(total - sum(counts))  # so that the rounded numbers add up
    left = 0
    for (name, colour), count in zip(KINDS.items(), counts, strict=True):
        ax.barh(0, count, left=left, color=colour, label=f"{name}: {count}, {count / total:.1%}")
        left += count
    ax.set(
        xlim=(0, total), yticks=[], xlabel=f"the {total} anchors of a scene, mean of {len(positive)} scenes"
    )
    ax.spines["left"].set_visible(False)
    figure.legend(loc="outside upper center", ncols=3, columnspacing=1.5, handlelength=1)
    return figure


def focal_loss_curves() -> Figure:
    """The focal loss against the probability of the right answer, for five gammas."""
    figure, ax = plt.subplots(figsize=(6.3, 4.4))
    figures.draw_focal_loss(ax)
    return figure


@recorded
def _shares_of_the_loss() -> dict[str, dict[str, float]]:
    """The share of objects, hard and easy background in two losses on val, of RetinaNet at its start and trained."""
    rows = {}
    for when, model in (("start", _untrained()), ("trained", detector("retinanet"))):
        logits, classes = _judged(model)
        for name, gamma, alpha in (("cross-entropy", 0, -1), ("focal loss", 2, 0.25)):
            losses = ops.sigmoid_focal_loss(logits, classes, alpha=alpha, gamma=gamma)
            rows[f"{when}: {name}"] = figures.loss_shares(losses, logits, classes)
    return rows


def where_the_loss_comes_from() -> Figure:
    """The share of objects, hard and easy background in two losses, of RetinaNet at its start and trained."""
    figure, ax = plt.subplots(figsize=(11.5, 3.9))
    figures.draw_loss_shares(ax, _shares_of_the_loss())
    figure.legend(loc="outside upper center", ncols=3, columnspacing=1.5, handlelength=1)
    return figure


def retinanet_as_a_whole() -> Figure:
    """A scene, the network, the pyramid, the two heads that all levels share, and the detections."""
    image = enlarge(still_life("val")[FIVE][0])
    figure, ax = canvas(1150, 400)
    picture(ax, (0, 90), (220, 220), image)
    arrow(ax, (228, 200), (258, 200))
    block(ax, (264, 60), (150, 280), "network", NETWORK, "funnel")
    for i, level in enumerate(("P5", "P4", "P3")):
        y = 26 + 124 * i
        arrow(ax, (420, 200), (462, y + 50))
        block(ax, (468, y), (100, 100), level, BLUE)
        arrow(ax, (574, y + 50), (646, 140))
        arrow(ax, (574, y + 50), (646, 260))
    _head(ax, 90, "what?", "K sigmoids", CLASS)
    _head(ax, 210, "where?", "4 offsets", BOX)
    for y in (140, 260):
        arrow(ax, (838, y), (916, 200))
    place = picture(ax, (924, 90), (220, 220), image)
    shown = confident(found_in("retinanet", FIVE), 0.4)
    draw_boxes(place, None, 4 * shown["boxes"], shown["labels"], classes=[""] * len(CLASSES))
    words(ax, 765, 372, "the same heads on every level", 27)
    return figure


def _head(ax: Axes, y: float, name: str, numbers: str, colour: str) -> None:
    block(ax, (652, y), (180, 100), f"{name}\n{numbers}", colour)
