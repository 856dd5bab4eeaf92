"""Part 5: segmentation by clicks: what is computed once, how a click is read, trained and counted."""

from functools import cache

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import BOX, CLASS, NETWORK, OURS, RIGHT, WRONG
from regression import grid
from torch import Tensor

from classroom.figures import arrow, block, canvas, enlarge, picture, words
from coursekit.data.still_life import still_life
from coursekit.draw import PALETTE, draw_masks
from coursekit.models.clicks import Clicks, central_clicks, prompt_maps
from coursekit.models.promptable import STRIDE, Answers, Encoded, PromptableSegmenter, full_size
from coursekit.published import shipped
from coursekit.schema import Target

NAME, SPLIT = "promptable", "test_scenes"
HARD = (42, 2)  # scene and object: a bottle
BOTH = (68, 0)  # a pear, of which one click misses some, and takes too much
MUG = (6, (158.5, 137.5))  # scene, and where is clicked
SIDE = 192
LIGHT = 0.35  # of what a mask leaves out


@cache
def segmenter(name: str) -> PromptableSegmenter:
    return shipped(name)


@cache
@torch.no_grad()
def encoded_scene(scene: int) -> tuple[Tensor, Target, Encoded]:
    """Image, objects and what is computed once."""
    image, target = still_life(SPLIT)[scene]
    return image, target, segmenter(NAME).encode([image])


@torch.no_grad()
def _answers(scene: int, clicks: Clicks, so_far: Tensor | None = None) -> Answers:
    encoded = encoded_scene(scene)[2]
    return segmenter(NAME).decode(encoded, segmenter(NAME).prompts(encoded, clicks), so_far)


def _mask(logits: Tensor) -> Tensor:
    """Logits at stride 2 as a mask of the image."""
    return full_size(logits, (SIDE, SIDE)) > 0.5


def after_clicks(scene: int, number: int, count: int) -> list[tuple[Clicks, Tensor, float]]:
    """The clicks so far, the mask and its IoU, after each of `count` clicks on an object."""
    truth = encoded_scene(scene)[1]["masks"][number][None]
    clicks, so_far, steps = central_clicks(torch.zeros_like(truth), truth, 1), None, []
    for _ in range(count):
        so_far = _answers(scene, clicks, so_far).best()
        found = _mask(so_far)
        steps.append((clicks, found[0], float((found & truth).sum() / (found | truth).sum())))
        clicks = clicks.and_then(central_clicks(found, truth, 1))
    return steps


def draw_clicks(place: Axes, clicks: Clicks) -> None:
    """Clicks on the object as a plus, others as a minus."""
    for point, inside in zip(clicks.points[0].tolist(), clicks.inside[0].tolist(), strict=True):
        x, y = point
        place.plot(x, y, "o", ms=15, color=RIGHT if inside else WRONG, mec="white", mew=2, zorder=5)
        arms = [[[x - 0.8, x + 0.8], [y, y]], [[x, x], [y - 0.8, y + 0.8]]]
        for xs, ys in arms[: 2 if inside else 1]:
            place.plot(xs, ys, color="white", linewidth=2.5, zorder=6)


def shown(ax: Axes, corner: tuple[float, float], size: tuple[float, float], image: Tensor) -> Axes:
    """Axes with an image whose unit is a pixel of the still life, so that outlines of masks stay small."""
    place = picture(ax, corner, size, enlarge(image))
    return in_pixels(place)


def in_pixels(place: Axes) -> Axes:
    place.images[0].set_extent((0, SIDE, SIDE, 0))
    place.set(xlim=(0, SIDE), ylim=(SIDE, 0))
    return place


def click_by_click() -> list[Figure]:
    """One click and its mask; a second where the mask was wrong; a third."""
    steps = after_clicks(*HARD, 3)
    image, target, _ = encoded_scene(HARD[0])
    figures = []
    for count in range(1, 4):
        figure, ax = canvas(1150, 400)
        for i, (clicks, found, iou) in enumerate(steps[:count]):
            place = shown(ax, (395 * i, 0), (340, 340), image)
            draw_masks(place, None, found[None], target["labels"][HARD[1]][None])
            draw_clicks(place, clicks)
            words(ax, 395 * i + 170, 372, f"{i + 1} click{'s' * (i > 0)}: IoU {iou:.2f}", 28, CLASS)
        figures.append(figure)
    return figures


def encoded_once() -> Figure:
    """Image, backbone and pyramid, once; below, for every prompt, a small decoder, three masks, three predicted IoUs."""
    image = encoded_scene(HARD[0])[0]
    figure, ax = canvas(1150, 430)
    shown(ax, (0, 20), (150, 150), image)
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
    clicks = after_clicks(scene, number, 3)[2][0]
    image = encoded_scene(scene)[0]
    maps = prompt_maps(clicks, None, (SIDE // STRIDE, SIDE // STRIDE), STRIDE)[0]
    figure, ax = canvas(1150, 370)
    place = shown(ax, (0, 0), (320, 320), image)
    draw_clicks(place, clicks)
    words(ax, 160, 348, "three clicks", 28)
    for i, name in enumerate(("“this”", "“not this”")):
        grid(ax, (415 * (i + 1), 0), 320, maps[i])
        words(ax, 415 * (i + 1) + 160, 348, f"{name}: 24 × 24", 28)
    return figure


def three_answers() -> Figure:
    """A click on the handle of a mug, and the three masks, each with its predicted IoU."""
    scene, point = MUG
    image = encoded_scene(scene)[0]
    clicks = Clicks(torch.tensor([[point]]), torch.tensor([[True]]))
    answers = _answers(scene, clicks)
    figure, ax = canvas(1150, 320)
    place = shown(ax, (0, 0), (265, 265), image)
    draw_clicks(place, clicks)
    words(ax, 132, 294, "one click", 28)
    best = int(answers.iou[0].argmax())
    for i, (mask, iou) in enumerate(zip(answers.masks[0], answers.iou[0].tolist(), strict=True)):
        place = picture(ax, (295 * (i + 1), 0), (265, 265), enlarge(image))
        draw_masks(place, None, _mask(mask[None]))
        draw_clicks(place, clicks)
        words(ax, 295 * (i + 1) + 132, 294, f"predicted {iou:.2f}", 28, OURS if i == best else None)
    return figure


def the_next_click() -> list[Figure]:
    """The mask after a click; where it is wrong; the middle of the largest wrong region, where the next click goes."""
    scene, number = BOTH
    clicks, found, _ = after_clicks(scene, number, 1)[0]
    image, target, _ = encoded_scene(scene)
    truth = target["masks"][number]
    missed, extra = truth & ~found, found & ~truth
    upcoming = central_clicks(found[None], truth[None], 1)
    figures = []
    for step in range(3):
        figure, ax = canvas(1150, 390)
        place = shown(ax, (0, 0), (340, 340), image)
        draw_masks(place, None, found[None], target["labels"][number][None])
        draw_clicks(place, clicks)
        words(ax, 170, 366, "the mask so far", 28)
        if step > 0:
            place = shown(ax, (400, 0), (340, 340), LIGHT * image)
            for mask, colour in ((missed, RIGHT), (extra, WRONG)):
                _draw_mask(place, mask, colour)
            words(ax, 490, 366, "missed", 28, RIGHT)
            words(ax, 650, 366, "too much", 28, WRONG)
        if step > 1:
            place = shown(ax, (800, 0), (340, 340), image)
            _draw_mask(place, missed | extra, PALETTE[8])
            draw_clicks(place, upcoming)
            words(ax, 970, 366, "the next click", 28)
        figures.append(figure)
    return figures


def _draw_mask(ax: Axes, mask: Tensor, colour: str) -> None:
    """Draw one mask in one colour."""
    if mask.any():
        ax.contourf(mask.float().numpy(), levels=[0.5, 1.5], colors=[colour], alpha=0.75)
