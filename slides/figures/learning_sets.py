"""Part 2d: which query takes which object while DETR learns, what changed since 2020, and a timeline of detectors."""

from typing import NamedTuple

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import ON_TESTS as COLOURS
from recorded import recorded
from regression import TESTS
from sets import QUERIES
from torch import Tensor
from trained import BLUE, FIVE, QUIET, _few_scenes, features, targets

from classroom.figures import canvas, enlarge, picture, words
from coursekit import ops, training
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, PALETTE, colour_of, draw_boxes
from coursekit.models.detr import DETR
from coursekit.models.set_prediction import in_shares, match_sets
from coursekit.published import record

STEPS, WINDOW = 80, 8  # of the training that is watched; steps that the rate is a mean of
WATCHED = (FIVE, 20, 22, 23)  # scenes of val


def assignment_while_it_learns() -> Figure:
    """Which query each object of a scene is matched with, step by step, and how often that changes."""
    image, target = still_life("val")[WATCHED[0]]
    taken = [torch.tensor(of_scene) for of_scene in _assignments_while_training()]
    figure, ax = canvas(1140, 430)
    place = picture(ax, (0, 20), (320, 320), enlarge(image))
    draw_boxes(place, None, 4 * target["boxes"], target["labels"], classes=[""] * len(CLASSES))
    rows = ax.inset_axes((440, 6, 690, 200), transform=ax.transData)
    _draw_takers(rows, taken[0], target["labels"])
    changes = torch.cat([(now[1:] != now[:-1]).float() for now in taken], 1).mean(1)  # (steps - 1,)
    smooth = changes.unfold(0, WINDOW, 1).mean(1)
    curve = ax.inset_axes((440, 276, 690, 84), transform=ax.transData)
    curve.plot(range(WINDOW, WINDOW + len(smooth)), smooth, color=ACCENT)
    curve.set(xlim=(0, STEPS), ylim=(0, 0.5), xlabel="step")
    curve.set_yticks([0, 0.5], ["0 %", "50 %"])
    words(ax, 785, 248, "objects that change their query per step", 25, ACCENT)
    return figure


def _draw_takers(ax: Axes, taken: Tensor, labels: Tensor) -> None:
    """Draw the query of each object (columns of taken, (steps, G)) as a row of colours."""
    ax.imshow(taken.T.numpy(), aspect="auto", cmap="tab20", vmin=0, vmax=19, interpolation="nearest")
    ax.set_yticks(range(len(labels)), [CLASSES[label - 1] for label in labels.tolist()])
    ax.set(xticks=[])
    ax.tick_params(length=0)
    for tick, label in zip(ax.get_yticklabels(), labels, strict=True):
        tick.set(color=colour_of(label), fontweight="bold")


@recorded
def _assignments_while_training() -> list[list[list[int]]]:
    """The query of each object after each step of a training, (steps, G) for each of the scenes watched."""
    torch.manual_seed(0)
    model, taken = DETR(len(CLASSES)), []
    watched = [features(i) for i in WATCHED]
    truth = in_shares([targets("val")[i] for i in WATCHED], (192, 192))
    for _ in training.fit(model, _few_scenes(), STEPS, batch_size=4, lr=1e-3):
        with torch.no_grad():
            outputs = model.eval().outputs(watched)
        model.train()
        matches = match_sets(outputs.logits[-1], outputs.boxes[-1], truth, model.cost, model.match)
        taken.append([queries_of(match) for match in matches])
    return [torch.stack(of_scene).tolist() for of_scene in zip(*taken, strict=True)]


def queries_of(match: ops.Match) -> Tensor:
    """The query of each object: Match of (Q,) -> (G,).

    >>> queries_of(ops.match_by_cost(torch.tensor([[1.0, 2.0], [1.5, 10.0]])))
    tensor([1, 0])
    """
    queries = match.positive.nonzero()[:, 0]
    return queries[match.target[queries].argsort()]


def no_duplicates_to_remove() -> Figure:
    """AP50 on the validation scenes with every box and after suppression, of RetinaNet and of both DETRs."""
    from suppression import KEPT, _ap50_of_sets

    values = _ap50_of_sets()
    every = values["every box"]
    figure, ax = plt.subplots(figsize=(6.2, 3.9))
    for shift, colour, label in ((-0.2, QUIET, "every box"), (0.2, KEPT, "after suppression")):
        for i, name in enumerate(every):
            value = values[label][name]
            ax.bar(i + shift, value, 0.38, color=colour, label=None if i else label)
            ax.text(i + shift, value + 0.02, f"{value:.3f}", ha="center", fontweight="bold", fontsize="small")
    ax.set(
        xticks=range(len(every)), xticklabels=list(every), ylabel="AP50", ylim=(0, 1.1), yticks=[0, 0.5, 1]
    )
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1, handlelength=1)
    return figure


CHANGES = {  # of the recipe detr_changes, in its order
    "2020": "DETR, 2020",
    "refine": "+ queries are boxes",
    "focal": "+ focal loss",
    "spread": "+ boxes spread out",
    "look": "+ look into the box",
    "fine": "+ finer tokens",
    "denoising": "+ denoising",
}
ON_TESTS = dict(zip(("test_scenes", "test_objects"), COLOURS.values(), strict=True))


def change_by_change() -> Figure:
    """AP of each form from the DETR of 2020 to the modern one, at equal time, and what each change gained."""
    scores = record("detr_changes")["scores"]
    figure, axes = plt.subplots(1, 2, figsize=(11.5, 4.3), sharey=True)
    for (test, colour), label, shift in zip(ON_TESTS.items(), TESTS, (-0.17, 0.17), strict=True):
        for ax, middle in zip(axes, ("_AP", "_gain_AP"), strict=True):
            for row, form in enumerate(CHANGES):
                if form + middle in scores[test]:
                    mean, low, high = scores[test][form + middle]
                    look = {"fmt": "o", "color": colour, "markersize": 10, "linewidth": 3}
                    name = label if form == "denoising" else None
                    ax.errorbar(mean, row + shift, xerr=[[mean - low], [high - mean]], label=name, **look)
    axes[0].set_yticks(range(len(CHANGES)), list(CHANGES.values()))
    axes[0].invert_yaxis()
    axes[0].set_xlabel("AP")
    axes[1].set_xlabel("gain by this change")
    axes[1].axvline(0, color="0.3", linewidth=1.5)
    axes[1].tick_params(axis="y", length=0)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


class Published(NamedTuple):
    """A detector with the AP that its paper reports on COCO; `test` is "test-dev" or "val"."""

    name: str
    year: float
    ap: float
    test: str
    family: str
    source: str


# Single model, one scale in testing; where in the paper, so that everybody can look it up.
TIMELINE = (
    Published(
        "Faster R-CNN",
        2015.4,
        21.9,
        "test-dev",
        "two stages",
        "Ren et al., NeurIPS 2015, COCO experiments, VGG-16",
    ),
    Published("YOLOv2", 2016.95, 21.6, "test-dev", "one stage", "Redmon and Farhadi, CVPR 2017, table 5"),
    Published(
        "Faster R-CNN + FPN",
        2016.93,
        36.2,
        "test-dev",
        "two stages",
        "Lin et al., FPN, CVPR 2017, table 4, ResNet-101",
    ),
    Published(
        "RetinaNet", 2017.6, 39.1, "test-dev", "one stage", "Lin et al., ICCV 2017, table 2, ResNet-101"
    ),
    Published("CornerNet", 2018.6, 40.5, "test-dev", "no anchors", "Law and Deng, ECCV 2018, Hourglass-104"),
    Published("FCOS", 2019.25, 44.7, "test-dev", "no anchors", "Tian et al., ICCV 2019, ResNeXt-101-64x4d"),
    Published(
        "CenterNet", 2019.3, 42.1, "test-dev", "no anchors", "Zhou et al., 2019, table 2, Hourglass-104"
    ),
    Published(
        "DETR", 2020.4, 42.0, "val", "sets", "Carion et al., ECCV 2020, table 1, ResNet-50, 500 epochs"
    ),
    Published(
        "Deformable DETR",
        2020.77,
        46.2,
        "val",
        "sets",
        "Zhu et al., ICLR 2021, table 1, ResNet-50, two-stage",
    ),
    Published("DINO", 2022.18, 51.3, "val", "sets", "Zhang et al., ICLR 2023, ResNet-50, 24 epochs"),
    Published("RT-DETR", 2023.29, 53.1, "val", "sets", "Zhao et al., CVPR 2024, ResNet-50"),
)
FAMILIES = {"two stages": PALETTE[1], "one stage": BLUE, "no anchors": PALETTE[3], "sets": QUERIES}
BESIDE = {  # where a name stands, in points from its mark
    "YOLOv2": (14, -6, "left"),
    "Faster R-CNN": (0, -30, "center"),
    "Faster R-CNN + FPN": (14, -8, "left"),
    "RetinaNet": (-12, 8, "right"),
    "CornerNet": (-8, 14, "right"),
    "FCOS": (-10, 12, "right"),
    "CenterNet": (10, -24, "left"),
    "DETR": (14, -8, "left"),
    "Deformable DETR": (14, -10, "left"),
    "DINO": (-12, 8, "right"),
    "RT-DETR": (-12, 12, "right"),
}


def timeline() -> Figure:
    """COCO AP against the month of the paper, as the papers report it; the filled marks are on test-dev, the others on val."""
    figure, ax = plt.subplots(figsize=(11.5, 4.4))
    for paper in TIMELINE:
        colour = FAMILIES[paper.family]
        inside = colour if paper.test == "test-dev" else "white"
        ax.plot(
            paper.year, paper.ap, "o", color=colour, markerfacecolor=inside, markeredgewidth=4, markersize=13
        )
        x, y, side = BESIDE[paper.name]
        label = f"{paper.name} {paper.ap:.1f}"
        ax.annotate(
            label,
            (paper.year, paper.ap),
            (x, y),
            textcoords="offset points",
            ha=side,
            color=colour,
            fontsize="small",
            fontweight="bold",
        )
    for name, colour in FAMILIES.items():
        ax.plot([], [], "o", color=colour, markersize=13, label=name)
    ax.plot(
        [], [], "o", color="0.3", markerfacecolor="white", markeredgewidth=4, markersize=13, label="on val"
    )
    ax.set(
        ylabel="COCO AP",
        xlim=(2014.3, 2024),
        ylim=(15, 58),
        xticks=range(2015, 2025),
        yticks=[20, 30, 40, 50],
    )
    ax.legend(loc="lower right", ncols=2, columnspacing=1, handletextpad=0.2)
    return figure
