"""Part 2d: which query takes which object while DETR learns, what changed since 2020, and a timeline of detectors."""

from typing import NamedTuple

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from regression import TESTS
from sets import QUERIES
from torch import Tensor
from trained import BLUE, scenes

from classroom.figures import canvas, enlarge, picture
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, PALETTE, draw_boxes
from coursekit.models.detr import DETR
from coursekit.published import record

FEW, STEPS, WINDOW = 4, 100, 8  # scenes that are learned by heart; steps; steps that a rate is taken over
WATCHED = 0  # the scene of them that is drawn


def assignment_while_it_learns() -> Figure:
    """Which query each object of a scene is matched with, step by step, and how often that changes."""
    taken = _assignments()
    image, target = still_life("train")[_crowded()[WATCHED]]
    figure, ax = canvas(1150, 440)
    place = picture(ax, (0, 40), (300, 300), enlarge(image))
    draw_boxes(place, None, 4 * target["boxes"], target["labels"], classes=CLASSES)
    _draw_takers(ax.inset_axes((400, 30, 740, 170), transform=ax.transData), taken[WATCHED], target["labels"])
    rate = torch.cat([(now[1:] != now[:-1]).float() for now in taken], 1).mean(1)  # (steps - 1,)
    smooth = rate.unfold(0, WINDOW, 1).mean(1)
    curve = ax.inset_axes((400, 250, 740, 110), transform=ax.transData)
    curve.plot(range(WINDOW, WINDOW + len(smooth)), smooth, color=ACCENT)
    curve.set(xlim=(0, STEPS), ylim=(0, 1), yticks=[0, 1], xlabel="step")
    curve.set_yticks([0, 1], ["0 %", "100 %"])
    curve.set_title("objects that change their query from one step to the next", fontsize="small", loc="left")
    return figure


def _draw_takers(ax: Axes, taken: Tensor, labels: Tensor) -> None:
    """Draw the query of each object (columns of taken, (steps, G)) as a row of colours, with its last number."""
    ax.imshow(taken.T.numpy(), aspect="auto", cmap="tab20", vmin=0, vmax=19, interpolation="nearest")
    ax.set_yticks(range(len(labels)), [CLASSES[label - 1] for label in labels.tolist()])
    ax.set(xticks=[], xlim=(0, len(taken)))
    ax.tick_params(length=0)
    for row, query in enumerate(taken[-1].tolist()):
        ax.text(
            len(taken) - 2,
            row,
            f"query {query + 1}",
            ha="right",
            va="center",
            color="white",
            fontsize="small",
            bbox={"facecolor": "black", "edgecolor": "none", "pad": 2},
        )


def _crowded() -> list[int]:
    """The first training scenes with at least four objects."""
    dataset = still_life("train")
    return [i for i in range(100) if len(dataset.annotations_of(i)) >= 4][:FEW]


def _assignments() -> list[Tensor]:
    """The query of each object, (steps, G) for each of a few scenes, while DETR learns them by heart."""
    torch.manual_seed(0)
    matches: list[Tensor] = []

    def match(cost: Tensor) -> ops.Match:
        found = ops.match_by_cost(cost)
        matches.append(found.positive.nonzero()[:, 0][found.target[found.positive].argsort()])  # (G,)
        return found

    model = DETR(len(CLASSES), match=match)
    batch, truth = zip(*(scenes("train")[i] for i in _crowded()), strict=True)
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    for _ in range(STEPS):
        optimiser.zero_grad()
        sum(model(list(batch), list(truth)).values()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    layers = len(matches) // (STEPS * FEW)
    last = [matches[(step * layers + layers - 1) * FEW :][:FEW] for step in range(STEPS)]
    return [torch.stack(of_scene) for of_scene in zip(*last, strict=True)]


CHANGES = {  # of the recipe detr_changes, in its order
    "2020": "DETR, 2020",
    "refine": "+ queries are boxes",
    "focal": "+ focal loss",
    "spread": "+ boxes spread out",
    "look": "+ look into the box",
    "fine": "+ finer tokens",
    "denoising": "+ denoising",
}
ON_TESTS = {"test_scenes": QUERIES, "test_objects": PALETTE[2]}


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
    Published("RT-DETR", 2023.29, 53.1, "val", "sets", "Zhao et al., CVPR 2024, table 2, ResNet-50"),
)
FAMILIES = {"two stages": PALETTE[1], "one stage": BLUE, "no anchors": PALETTE[3], "sets": QUERIES}
BESIDE = {  # where a name stands, in points from its mark
    "YOLOv2": (14, -6, "left"),
    "Faster R-CNN": (14, -2, "left"),
    "Faster R-CNN + FPN": (-12, 4, "right"),
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
        xlim=(2014.6, 2024),
        ylim=(15, 58),
        xticks=range(2015, 2025),
        yticks=[20, 30, 40, 50],
    )
    ax.legend(loc="lower right", ncols=2, columnspacing=1, handletextpad=0.2)
    return figure
