"""Part 3: label maps and how they are measured, a classifier that slides, FCN, U-Net, and their scores."""

from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from meanings import BASELINE, CLASS, NETWORK, ON_TESTS, OURS
from regression import TESTS, scores_of
from torch import Tensor
from trained import FIVE

from classroom.figures import arrow, block, canvas, enlarge, picture, words
from classroom.figures.segmentation import (
    draw_heat_map,
    draw_instances,
    draw_label_map,
    draw_mistakes,
    draw_model_scores,
    fcn_diagram,
)
from classroom.figures.slide import POINT
from classroom.figures.upward import up_diagram
from coursekit.data.photos import photo, photo_target
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, draw_image
from coursekit.metrics import confusion_matrix, mean_iou, pixel_accuracy
from coursekit.models.class_map import class_map, merge_scales
from coursekit.models.segmenter import labels_of
from coursekit.nets.efficientnet import efficientnet_lite0, imagenet_classes
from coursekit.published import shipped

TWO_LEMONS = 127  # a scene of val
STEP_HEIGHT = 410  # pixels, of figures in one place
STRIP = (FIVE, 20, 22, 23, 74)  # scenes of val
SIDES = (192, 320, 512)  # pixels of the shorter side of a photograph
MEASURED = range(0, 200, 4)  # scenes of val
FCNS = {"fcn32s": "FCN-32s", "fcn16s": "FCN-16s", "fcn8s": "FCN-8s"}
WAYS_UP = {"fcn8s": "FCN-8s", "deconvnet": "DeconvNet", "unet_none": "U-Net, no skips", "unet": "U-Net"}


@cache
def segmenter(name: str):
    """A shipped segmenter."""
    return shipped(name)


@cache
@torch.no_grad()
def label_map(name: str, scene: int) -> Tensor:
    """What a segmenter predicts for a scene of val: (H, W)."""
    return segmenter(name)([still_life("val")[scene][0]])[0]["semantic"]


def truth(scene: int) -> Tensor:
    return labels_of(still_life("val").target(scene))


def class_for_every_pixel() -> Figure:
    """Five scenes with the label maps of the U-Net."""
    figure, ax = canvas(1150, 218)
    for i, scene in enumerate(STRIP):
        place = picture(ax, (233 * i, 0), (218, 218))
        draw_label_map(place, label_map("unet", scene), still_life("val")[scene][0])
    return figure


def both_questions() -> Figure:
    """A scene with two lemons: the image, by class, by object."""
    image, target = still_life("val")[TWO_LEMONS]
    figure, ax = canvas(1150, 400)
    places = [picture(ax, (400 * i, 0), (350, 350)) for i in range(3)]
    draw_image(places[0], enlarge(image))
    draw_label_map(places[1], truth(TWO_LEMONS), image)
    draw_instances(places[2], target["masks"], image)
    for i, name in enumerate(("image", "semantic", "instances")):
        words(ax, 400 * i + 175, 380, name, 30, "black")
    return figure


def accuracy_and_miou() -> Figure:
    """Pixel accuracy and mIoU of the answer "background", of FCN-8s and of the U-Net on scenes of val."""
    answers = {
        "always background": lambda scene: torch.zeros_like(truth(scene)),
        "FCN-8s": lambda scene: label_map("fcn8s", scene),
        "U-Net": lambda scene: label_map("unet", scene),
    }
    rows = {}
    for name, answer in answers.items():
        total = sum(confusion_matrix(answer(i), truth(i), len(CLASSES) + 1) for i in MEASURED)
        rows[name] = {"pixel accuracy": pixel_accuracy(total), "mIoU": mean_iou(total)}
    figure, ax = plt.subplots(figsize=(11.5, 3.3))
    for i, (measure, colour) in enumerate({"pixel accuracy": BASELINE, "mIoU": OURS}.items()):
        bars = ax.bar([x + 0.4 * i - 0.2 for x in range(3)], [row[measure] for row in rows.values()], 0.37)
        plt.setp(bars, color=colour)
        bars.set_label(measure)
        ax.bar_label(bars, fmt="%.2f", fontweight="bold")
    ax.set(xticks=range(3), xticklabels=list(rows), yticks=[], ylim=(0, 1.15))
    ax.spines["left"].set_visible(False)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside right upper")
    return figure


def dense_layer_slides() -> list[Figure]:
    """A dense layer behind a map of 3 x 3 cells; and the same weights on a map of 5 x 7."""
    return [_sliding(*sizes) for sizes in (((3, 3), False), ((5, 7), True))]


def _sliding(size: tuple[int, int], slides: bool) -> Figure:
    (rows, columns), cell = size, 52
    figure, ax = canvas(1150, 400)
    top = 200 - rows * cell / 2
    _cells(ax, (330 - columns * cell / 2 - 60, top), size, cell, "0.8")
    _cells(ax, (330 - columns * cell / 2 - 60, top), (3, 3), cell, CLASS)
    words(ax, 270, 370, f"map of {rows} × {columns}", 28)
    arrow(ax, (480, 200), (530, 200))
    block(ax, (540, 130), (270, 140), "3 × 3\nconvolution" if slides else "flatten,\ndense layer", ACCENT)
    arrow(ax, (820, 200), (870, 200))
    answers = (rows - 2, columns - 2)
    left, top = 1000 - answers[1] * cell / 2, 200 - answers[0] * cell / 2
    _cells(ax, (left, top), answers, cell, NETWORK)
    _cells(ax, (left, top), (1, 1), cell, CLASS)
    words(ax, 1000, 370, f"{answers[0]} × {answers[1]} outputs" if slides else "1 output", 28)
    return figure


def _cells(ax, corner: tuple[float, float], size: tuple[int, int], cell: float, colour: str) -> None:
    for row in range(size[0]):
        for column in range(size[1]):
            place = (corner[0] + column * cell + 2, corner[1] + row * cell + 2)
            block(ax, place, (cell - 4, cell - 4), colour=colour)


@torch.no_grad()
def classifier_as_a_map() -> Figure:
    """Where the classifier sees a cat in a photograph, at three scales and merged."""
    backbone, image, names = efficientnet_lite0(), photo("chelsea"), imagenet_classes()
    cats = [k for k, name in enumerate(names) if name in ("tabby", "tiger cat", "Egyptian cat")]
    maps = [class_map(backbone, image, side) for side in SIDES]
    merged = merge_scales(maps, tuple(maps[-1].shape[-2:]))
    figure, ax = canvas(690, 510)
    for i, (each, name) in enumerate(
        zip((*maps, merged), (*(f"{s} pixels" for s in SIDES), "merged"), strict=True)
    ):
        x, y = 350 * (i % 2), 258 * (i // 2)
        place = picture(ax, (x, y), (336, 336 * image.shape[1] / image.shape[2]))
        draw_heat_map(place, image, each[cats].sum(0), photo_target("chelsea")["boxes"][:1])
        words(ax, x + 168, y + 240, name, 26, "black")
    return figure


def scores_are_added() -> list[Figure]:
    """FCN-32s, 16s and 8s, each with one more level."""
    figures = [_readable(fcn_diagram(levels)) for levels in (("C5",), ("C4", "C5"), ("C3", "C4", "C5"))]
    width, height = figures[-1].get_size_inches()
    for figure in figures:  # all steps in one place, the first level at the top
        share = figure.get_size_inches()[1] / height
        figure.set_size_inches(width, height)
        figure.axes[0].set_position((0, 1 - share, 1, share))
    return figures


def _readable(figure: Figure) -> Figure:
    """The figure, no wider than a slide, with words that the last row can read."""
    width, height = figure.get_size_inches()
    figure.set_size_inches(min(width, 11.5), height * min(1, 11.5 / width))
    for text in figure.axes[0].texts:
        text.set_fontsize(max(text.get_fontsize(), 27 * POINT))
    return figure


def three_strides() -> list[Figure]:
    """The label maps of the three FCNs for a scene and the truth; then their scores on both tests."""
    return [_maps({name: label_map(recipe, FIVE) for recipe, name in FCNS.items()}, 274), _scores(FCNS)]


def with_and_without_skips() -> list[Figure]:
    """The label maps of a U-Net without and with skips and the truth; then the scores of four decoders on both tests."""
    maps = {WAYS_UP[name]: label_map(name, FIVE) for name in ("unet_none", "unet")}
    scores = _scores({name: label.replace(", ", ",\n") for name, label in WAYS_UP.items()})
    return [_maps(maps, 220, mistakes=True), scores]


def _maps(maps: dict[str, Tensor], size: int, mistakes: bool = False) -> Figure:
    """Label maps in a row, each followed by its mistakes if wanted, the truth last."""
    right, panels = truth(FIVE), []
    for name, each in maps.items():
        panels.append((name, each, draw_label_map))
        if mistakes:
            panels.append(("its mistakes", each, lambda ax, labels: draw_mistakes(ax, labels, right)))
    panels.append(("ground truth", right, draw_label_map))
    figure, ax = canvas(1150, STEP_HEIGHT)
    top = (STEP_HEIGHT - size - 40) / 2
    step = (1150 - size) / (len(panels) - 1)
    for i, (name, each, draw) in enumerate(panels):
        draw(picture(ax, (step * i, top), (size, size)), each)
        words(ax, step * i + size / 2, top + size + 26, name, 28, "black")
    return figure


def _scores(models: dict[str, str]) -> Figure:
    """mIoU and boundary F of models on both tests."""
    figure, axes = plt.subplots(1, 2, figsize=(11.5, STEP_HEIGHT / 100))
    for ax, (key, name) in zip(axes, {"mean_iou": "mIoU", "boundary_f": "boundary F"}.items(), strict=True):
        ax.set_prop_cycle(color=list(ON_TESTS.values()))
        rows = {
            label: dict(zip(TESTS, scores_of(recipe, key), strict=True)) for recipe, label in models.items()
        }
        draw_model_scores(ax, rows, name)
        ax.get_legend().remove()
        for text, bar in zip(ax.texts, _by_model(ax), strict=True):
            text.set(text=text.get_text().removeprefix("0"), y=bar.get_height() + 0.06, color="black")
            text.set_fontsize("small")
    figure.legend(*axes[0].get_legend_handles_labels(), ncols=2, loc="outside upper center")
    return figure


def _by_model(ax: Axes) -> list[Rectangle]:
    """The bars in the order of the numbers in them: all of one test, then all of the other."""
    return [bar for bars in ax.containers if isinstance(bars, BarContainer) for bar in bars]


def the_letter_u() -> Figure:
    """The backbone down, the decoder up, and skips across."""
    return _readable(up_diagram("skips", 1200))
