"""Part 5: segmentation by clicks: what is computed once, how a click is read, trained and counted."""

from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import BASELINE, BOX, CLASS, NETWORK, OURS, RIGHT, WRONG
from regression import grid
from torch import Tensor

from classroom.figures import arrow, block, canvas, enlarge, picture, words
from coursekit.data.still_life import still_life
from coursekit.draw import PALETTE, draw_image, draw_masks
from coursekit.metrics.clicking import CLICKS
from coursekit.models.clicks import Clicks, central_clicks, prompt_maps
from coursekit.models.promptable import STRIDE, Answers, Encoded, PromptableSegmenter, full_size
from coursekit.published import record, shipped
from coursekit.schema import Target

SPLIT = "test_scenes"
HARD = (42, 2)  # scene and object: a bottle
BOTH = (68, 0)  # a pear, of which one click misses some, and takes too much
MUG = (6, (158.5, 137.5))  # scene, and where is clicked
NEVER = ((1, 1), (2, 0), (7, 2), (8, 3), (22, 2))  # mugs and bananas
CROWD, SUREST = 25, 12
SIDE = 192
LIGHT = 0.35  # of what a mask leaves out


@cache
def _model() -> PromptableSegmenter:
    return shipped("promptable")


@cache
@torch.no_grad()
def _scene(scene: int) -> tuple[Tensor, Target, Encoded]:
    """Image, objects and what is computed once."""
    image, target = still_life(SPLIT)[scene]
    return image, target, _model().encode([image])


@torch.no_grad()
def _answers(scene: int, clicks: Clicks, so_far: Tensor | None = None) -> Answers:
    encoded = _scene(scene)[2]
    return _model().decode(encoded, _model().prompts(encoded, clicks), so_far)


def _mask(logits: Tensor) -> Tensor:
    """Logits at stride 2 as a mask of the image."""
    return full_size(logits, (SIDE, SIDE)) > 0.5


def _clicked(scene: int, number: int, count: int) -> list[tuple[Clicks, Tensor, float]]:
    """The clicks so far, the mask and its IoU, after each of `count` clicks on an object."""
    truth = _scene(scene)[1]["masks"][number][None]
    clicks, so_far, steps = central_clicks(torch.zeros_like(truth), truth, 1), None, []
    for _ in range(count):
        so_far = _answers(scene, clicks, so_far).best()
        found = _mask(so_far)
        steps.append((clicks, found[0], float((found & truth).sum() / (found | truth).sum())))
        clicks = clicks.and_then(central_clicks(found, truth, 1))
    return steps


def _draw_clicks(place: Axes, clicks: Clicks) -> None:
    """Clicks on the object as a plus, others as a minus."""
    for point, inside in zip(clicks.points[0].tolist(), clicks.inside[0].tolist(), strict=True):
        x, y = point
        place.plot(x, y, "o", ms=15, color=RIGHT if inside else WRONG, mec="white", mew=2, zorder=5)
        arms = [[[x - 0.8, x + 0.8], [y, y]], [[x, x], [y - 0.8, y + 0.8]]]
        for xs, ys in arms[: 2 if inside else 1]:
            place.plot(xs, ys, color="white", linewidth=2.5, zorder=6)


def _shown(ax: Axes, corner: tuple[float, float], size: tuple[float, float], image: Tensor) -> Axes:
    """Axes with an image whose unit is a pixel of the still life, so that outlines of masks stay small."""
    place = picture(ax, corner, size, enlarge(image))
    return _in_pixels(place)


def _in_pixels(place: Axes) -> Axes:
    place.images[0].set_extent((0, SIDE, SIDE, 0))
    place.set(xlim=(0, SIDE), ylim=(SIDE, 0))
    return place


def click_by_click() -> list[Figure]:
    """One click and its mask; a second where the mask was wrong; a third."""
    steps = _clicked(*HARD, 3)
    image, target, _ = _scene(HARD[0])
    figures = []
    for count in range(1, 4):
        figure, ax = canvas(1150, 400)
        for i, (clicks, found, iou) in enumerate(steps[:count]):
            place = _shown(ax, (395 * i, 0), (340, 340), image)
            draw_masks(place, None, found[None], target["labels"][HARD[1]][None])
            _draw_clicks(place, clicks)
            words(ax, 395 * i + 170, 372, f"{i + 1} click{'s' * (i > 0)}: IoU {iou:.2f}", 28, CLASS)
        figures.append(figure)
    return figures


def encoded_once() -> Figure:
    """Image, backbone and pyramid, once; below, for every prompt, a small decoder, three masks, three predicted IoUs."""
    image = _scene(HARD[0])[0]
    figure, ax = canvas(1150, 430)
    _shown(ax, (0, 20), (150, 150), image)
    arrow(ax, (156, 95), (196, 95))
    block(ax, (202, 20), (190, 150), "backbone,\npyramid", NETWORK, "funnel")
    arrow(ax, (398, 95), (438, 95))
    block(ax, (444, 50), (230, 90), "64 × 24 × 24", "0.45")
    words(ax, 690, 95, "once per image", 28, NETWORK, ha="left")
    arrow(ax, (559, 146), (559, 236))
    block(ax, (0, 260), (250, 110), "clicks, box,\nmask so far", CLASS)
    arrow(ax, (256, 315), (444, 315))
    block(ax, (450, 242), (218, 146), "decoder", OURS, "funnel")
    for i, text in enumerate(("3 masks", "3 predicted IoUs")):
        arrow(ax, (674, 315), (734, 280 + 70 * i))
        block(ax, (740, 250 + 70 * i), (240, 60), text, (BOX, CLASS)[i])
    words(ax, 340, 408, "for every prompt", 28, OURS)
    return figure


def prompts_as_maps() -> Figure:
    """A scene with two clicks, and the two maps of 24 × 24 cells that the decoder reads."""
    scene, number = BOTH
    clicks = _clicked(scene, number, 3)[2][0]
    image = _scene(scene)[0]
    maps = prompt_maps(clicks, None, (SIDE // STRIDE, SIDE // STRIDE), STRIDE)[0]
    figure, ax = canvas(1150, 370)
    place = _shown(ax, (0, 0), (320, 320), image)
    _draw_clicks(place, clicks)
    words(ax, 160, 348, "three clicks", 28)
    for i, name in enumerate(("“this”", "“not this”")):
        grid(ax, (415 * (i + 1), 0), 320, maps[i])
        words(ax, 415 * (i + 1) + 160, 348, f"{name}: 24 × 24", 28)
    return figure


def three_answers() -> Figure:
    """A click on the handle of a mug, and the three masks, each with its predicted IoU."""
    scene, point = MUG
    image = _scene(scene)[0]
    clicks = Clicks(torch.tensor([[point]]), torch.tensor([[True]]))
    answers = _answers(scene, clicks)
    figure, ax = canvas(1150, 320)
    place = _shown(ax, (0, 0), (265, 265), image)
    _draw_clicks(place, clicks)
    words(ax, 132, 294, "one click", 28)
    best = int(answers.iou[0].argmax())
    for i, (mask, iou) in enumerate(zip(answers.masks[0], answers.iou[0].tolist(), strict=True)):
        place = picture(ax, (295 * (i + 1), 0), (265, 265), enlarge(image))
        draw_masks(place, None, _mask(mask[None]))
        _draw_clicks(place, clicks)
        words(ax, 295 * (i + 1) + 132, 294, f"predicted {iou:.2f}", 28, OURS if i == best else None)
    return figure


def the_next_click() -> list[Figure]:
    """The mask after a click; where it is wrong; the middle of the largest wrong region, where the next click goes."""
    scene, number = BOTH
    clicks, found, _ = _clicked(scene, number, 1)[0]
    image, target, _ = _scene(scene)
    truth = target["masks"][number]
    missed, extra = truth & ~found, found & ~truth
    upcoming = central_clicks(found[None], truth[None], 1)
    figures = []
    for step in range(3):
        figure, ax = canvas(1150, 390)
        place = _shown(ax, (0, 0), (340, 340), image)
        draw_masks(place, None, found[None], target["labels"][number][None])
        _draw_clicks(place, clicks)
        words(ax, 170, 366, "the mask so far", 28)
        if step > 0:
            place = _shown(ax, (400, 0), (340, 340), LIGHT * image)
            for mask, colour in ((missed, RIGHT), (extra, WRONG)):
                _draw_mask(place, mask, colour)
            words(ax, 490, 366, "missed", 28, RIGHT)
            words(ax, 650, 366, "too much", 28, WRONG)
        if step > 1:
            place = _shown(ax, (800, 0), (340, 340), image)
            _draw_mask(place, missed | extra, PALETTE[8])
            _draw_clicks(place, upcoming)
            words(ax, 970, 366, "the next click", 28)
        figures.append(figure)
    return figures


def _look_at(ax: Axes, box: Tensor) -> None:
    """Show a square around a box and its surroundings, inside the image."""
    x1, y1, x2, y2 = box.tolist()
    half = min(0.75 * max(x2 - x1, y2 - y1), SIDE / 2)
    x, y = (min(max((low + high) / 2, half), SIDE - half) for low, high in ((x1, x2), (y1, y2)))
    ax.set(xlim=(x - half, x + half), ylim=(y + half, y - half))


def _draw_mask(ax: Axes, mask: Tensor, colour: str) -> None:
    """Draw one mask in one colour."""
    if mask.any():
        ax.contourf(mask.float().numpy(), levels=[0.5, 1.5], colors=[colour], alpha=0.75)


def iou_by_clicks() -> Figure:
    """Mean IoU after 1 to 5 clicks on new scenes: classes that were trained, and two that were not."""
    scores = record("promptable")["scores"]["test_scenes"]
    figure, ax = plt.subplots(figsize=(6.6, 4.2))
    for prefix, name, colour in (
        ("", "eight classes it was trained on", OURS),
        ("held_out_", "mug and banana: never trained", BASELINE),
    ):
        rows = [scores[f"{prefix}iou_{i}"] for i in range(1, CLICKS + 1)]
        middle, low, high = zip(*rows, strict=True)
        ax.plot(range(1, CLICKS + 1), middle, "o-", color=colour, label=name)
        ax.fill_between(range(1, CLICKS + 1), low, high, color=colour, alpha=0.2, linewidth=0)
    ax.set(xlabel="clicks", ylabel="mean IoU", xticks=range(1, CLICKS + 1), ylim=(0.4, 1))
    ax.legend(loc="lower right")
    return figure


def never_taught() -> Figure:
    """Mugs and bananas, whose masks were never seen in training, after one and after three clicks."""
    figure, ax = canvas(1150, 480)
    for i, (scene, number) in enumerate(NEVER):
        steps = _clicked(scene, number, 3)
        image, target, _ = _scene(scene)
        for row, count in enumerate((1, 3)):
            clicks, found, iou = steps[count - 1]
            place = _shown(ax, (90 + 215 * i, 240 * row), (205, 205), image)
            draw_masks(place, None, found[None], target["labels"][number][None])
            _draw_clicks(place, clicks)
            _look_at(place, target["boxes"][number])
            words(ax, 192 + 215 * i, 240 * row + 222, f"{iou:.2f}", 26)
    for row, count in enumerate((1, 3)):
        words(ax, 40, 240 * row + 102, f"{count}", 40, CLASS)
    words(ax, 40, 145, "click", 26)
    words(ax, 40, 385, "clicks", 26)
    return figure


@torch.no_grad()
def everything_by_clicks() -> Figure:
    """A scene with a grid of clicks, and the distinct masks that are left of their answers."""
    from coursekit.models.promptable import GRID

    image = _scene(CROWD)[0]
    found = _model()([image])[0]
    figure, ax = canvas(1150, 410)
    place = _shown(ax, (120, 0), (360, 360), image)
    points = (torch.arange(GRID) + 0.5) * SIDE / GRID
    x, y = torch.meshgrid(points, points, indexing="xy")
    place.plot(x.flatten().tolist(), y.flatten().tolist(), "o", ms=6, color=RIGHT, mec="white")
    words(ax, 300, 386, f"{GRID * GRID} clicks", 28)
    arrow(ax, (510, 180), (640, 180))
    place = _shown(ax, (670, 0), (360, 360), image)
    draw_masks(place, None, found["masks"][:SUREST, 0] > 0.5)
    words(ax, 850, 386, f"the {SUREST} surest of {len(found['masks'])} masks", 28)
    return figure


A_MUG = (22, 2)


def click_on(place: Axes, scene: int, number: int) -> None:
    """Draw a scene, two clicks on one of its objects, and the mask."""
    image, target, _ = _scene(scene)
    clicks, found, _ = _clicked(scene, number, 2)[1]
    draw_image(place, enlarge(image))
    _in_pixels(place)
    draw_masks(place, None, found[None], target["labels"][number][None])
    _draw_clicks(place, clicks)
