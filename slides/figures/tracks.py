"""Part 5: objects in a clip: detected, predicted, matched and counted."""

import json
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import BASELINE, BOX, CLASS, OURS, QUIET, RIGHT, SECOND, WRONG
from prompts import MUG_FROM_ABOVE, click_on
from torch import Tensor

from classroom.figures import canvas, enlarge, picture, words
from coursekit.data.clips import Clip, clips
from coursekit.draw import PALETTE, draw_boxes
from coursekit.metrics import tracking_counts, tracking_scores
from coursekit.ops import box_iou
from coursekit.published import shipped
from coursekit.schema import Prediction, Target
from coursekit.tracking import ByteTrack, Motion, Sort, predict_motion, update_motion

CLIP, FRAMES = 0, (0, 5, 10, 14, 18, 24)  # of val
HIDDEN = (0, 1)  # a clip of val, and the track of an object that is hidden for a while
MEASURED = Path(__file__).parents[2] / "bench" / "tracking.json"
TRACKERS = {"sort": "SORT", "byte_track": "ByteTrack", "appearance": "+ appearance"}
COLOURS = (BASELINE, SECOND, OURS)


@cache
def _clip(number: int) -> Clip:
    return clips("val")[number]


@cache
@torch.no_grad()
def _found(number: int) -> list[Prediction]:
    """What the detector predicts for each frame."""
    return [shipped("retinanet")([image])[0] for image in _clip(number).images]


def _tracked(number: int, tracker: Sort) -> list[Prediction]:
    return [tracker(found) for found in _found(number)]


def _colour(track: int) -> str:
    return PALETTE[(track - 1) % len(PALETTE)]


def _strip(ax: Axes, frames: tuple[int, ...], corner: tuple[float, float], size: int, gap: int) -> None:
    """Draw frames with the boxes of their tracks, and trails of the centres so far."""
    tracked = _tracked(CLIP, ByteTrack())
    for i, frame in enumerate(frames):
        x, y = corner[0] + i * (size + gap), corner[1]
        place = picture(ax, (x, y), (size, size), enlarge(_clip(CLIP).images[frame]))
        for number, box in zip(tracked[frame]["tracks"].tolist(), tracked[frame]["boxes"], strict=True):
            draw_boxes(place, None, 4 * box[None], colour=_colour(number))
            trail = _trail(tracked[: frame + 1], number)
            place.plot(*(4 * trail).T.tolist(), color=_colour(number), linewidth=4)
        words(ax, x + size / 2, y + size + 24, f"frame {frame + 1}", 26)


def _trail(tracked: list[Prediction], number: int) -> Tensor:
    """The centres of a track so far: (n, 2)."""
    boxes = torch.cat([frame["boxes"][frame["tracks"] == number] for frame in tracked])
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def a_film_strip() -> Figure:
    """Six frames of a clip, with tracks and their trails."""
    figure, ax = canvas(1150, 440)
    ax.set(xlim=(0, 1150), ylim=(440, 0))
    _strip(ax, FRAMES[:3], (110, 0), 180, 200)
    _strip(ax, FRAMES[3:], (110, 225), 180, 200)
    return figure


def click_and_follow() -> Figure:
    """A click on an object and its mask; and four frames in which objects are followed."""
    figure, ax = canvas(1150, 260)
    click_on(picture(ax, (0, 0), (220, 220)), *MUG_FROM_ABOVE)
    words(ax, 110, 244, "a click", 26)
    _strip(ax, FRAMES[1:5], (260, 0), 215, 8)
    return figure


def predict_and_correct() -> Figure:
    """A coordinate over 24 frames: measured, except in five of them; predicted and corrected, with two deviations."""
    random = torch.Generator().manual_seed(0)
    frames = torch.arange(24)
    truth = 40 + 4.2 * frames - 0.06 * frames**2
    measured = truth + 3 * torch.randn(24, generator=random)
    hidden = (frames >= 11) & (frames < 16)
    motion = Motion(*torch.tensor([float(measured[0]), 0.0, 9.0, 0.0, 25.0]))
    middle, spread = [float(motion.position)], [float(motion.position_variance) ** 0.5]
    for frame in range(1, 24):
        motion = predict_motion(motion, torch.tensor(0.5), torch.tensor(0.2))
        if not hidden[frame]:
            motion = update_motion(motion, measured[frame], torch.tensor(9.0))
        middle.append(float(motion.position))
        spread.append(float(motion.position_variance) ** 0.5)
    figure, ax = plt.subplots(figsize=(10.5, 3.2))
    low, high = zip(*((m - 2 * s, m + 2 * s) for m, s in zip(middle, spread, strict=True)), strict=True)
    ax.fill_between(frames.tolist(), low, high, color=OURS, alpha=0.2, linewidth=0)
    ax.plot(frames.tolist(), middle, color=OURS, label="the filter, ± 2 deviations")
    ax.plot(frames[~hidden].tolist(), measured[~hidden].tolist(), "o", color=CLASS, label="detected")
    ax.axvspan(10.5, 15.5, color=QUIET, alpha=0.3, linewidth=0)
    ax.text(13, 44, "hidden", ha="center")
    ax.set(xlabel="frame", ylabel="x, pixels")
    ax.legend(loc="upper left")
    return figure


def one_frame_of_sort() -> Figure:
    """Three predicted boxes, four detections, the pairs with their IoU, and a detection that begins a track."""
    predicted = torch.tensor([[60.0, 60, 220, 250], [330, 90, 500, 240], [640, 40, 800, 220]])
    detected = torch.tensor(
        [[80.0, 75, 245, 262], [372, 80, 540, 235], [655, 62, 812, 240], [900, 90, 1050, 250]]
    )
    iou = box_iou(predicted, detected)
    figure, ax = canvas(1150, 320)
    for i, box in enumerate(predicted):
        draw_boxes(ax, None, box[None], colour=_colour(i + 1), dashed=True)
        words(ax, float(box[0]), float(box[1]) - 22, f"track {i + 1}", 26, _colour(i + 1), ha="left")
        (x, y) = (float(detected[i][0] + detected[i][2]) / 2, float(detected[i][1] + detected[i][3]) / 2)
        words(ax, x, y, f"IoU {float(iou[i, i]):.2f}", 28)
    draw_boxes(ax, None, detected, colour=[*(_colour(i + 1) for i in range(3)), BOX])
    words(ax, 975, 170, "no track:\na new one", 28, BOX)
    words(ax, 575, 300, "dashed: predicted        solid: detected", 28)
    return figure


def weak_detections() -> Figure:
    """The score of one object in each frame of a clip; below, the frames in which two trackers have it."""
    number, track = HIDDEN
    clip, scores = _clip(number), []
    for found, target in zip(_found(number), clip.targets, strict=True):
        scores.append(_score(found, target, track))
    frames = range(1, len(scores) + 1)
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(10.5, 3.9), sharex=True, height_ratios=(3, 1.2))
    top.plot(frames, scores, "o-", color=CLASS)
    for level, name in ((0.5, "strong"), (0.1, "weak")):
        top.axhline(level, color=QUIET, linestyle="--")
        top.text(len(scores) + 0.6, level, name, va="center")
    top.set(ylabel="score", ylim=(0, 1), xlim=(0, len(scores) + 4))
    for row, tracker in enumerate((Sort(), ByteTrack())):
        numbers = _numbers(_tracked(number, tracker), clip.targets, track)
        first = next(n for n in numbers if n)
        for frame, n in zip(frames, numbers, strict=True):
            colour = "white" if not n else RIGHT if n == first else WRONG
            bottom.barh(row, 1, left=frame - 0.5, height=0.7, color=colour)
    bottom.set_yticks([0, 1], ["SORT", "ByteTrack"])
    bottom.set(xlabel="frame; green: the first number, red: another one", ylim=(1.6, -0.6))
    return figure


def _best(found: Prediction, target: Target, track: int) -> int | None:
    """The place of the detection that overlaps an object most, at least by half."""
    here = (target["tracks"] == track).nonzero()[:, 0]
    if not len(here) or not len(found["boxes"]):
        return None
    iou = box_iou(target["boxes"][here], found["boxes"])[0]
    return int(iou.argmax()) if iou.max() >= 0.5 else None


def _score(found: Prediction, target: Target, track: int) -> float:
    place = _best(found, target, track)
    return 0.0 if place is None else float(found["scores"][place])


def _numbers(tracked: list[Prediction], targets: list[Target], track: int) -> list[int]:
    """The number that a tracker gives to an object in each frame; 0: none."""
    places = [_best(found, target, track) for found, target in zip(tracked, targets, strict=True)]
    return [0 if p is None else int(f["tracks"][p]) for f, p in zip(tracked, places, strict=True)]


def one_switch() -> Figure:
    """Two objects whose numbers are exchanged in the middle of a clip, and what three scores make of it."""
    boxes = torch.tensor([[0.0, 0, 10, 10], [20, 0, 30, 10]])
    truth = [{"boxes": boxes, "tracks": torch.tensor([1, 2])} for _ in range(20)]
    said = [{"boxes": boxes, "tracks": torch.tensor([1, 2] if i < 10 else [2, 1])} for i in range(20)]
    scores = tracking_scores([tracking_counts(said, truth)])
    figure, ax = plt.subplots(figsize=(5.4, 3.6))
    for i, (name, colour) in enumerate((("MOTA", BASELINE), ("IDF1", SECOND), ("HOTA", OURS))):
        ax.bar(i, scores[name], color=colour)
        ax.text(i, scores[name] + 0.02, f"{scores[name]:.2f}", ha="center")
    ax.set_xticks(range(3), ["MOTA", "IDF1", "HOTA"])
    ax.set(ylim=(0, 1.15), title="one exchange after 10 of 20 frames")
    return figure


def trackers_measured() -> Figure:
    """HOTA, IDF1 and switches of three trackers on the test clips, from bench/tracking.json."""
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))["scores"]
    figure, axes = plt.subplots(1, 3, figsize=(10.8, 3.7))
    for ax, score in zip(axes, ("HOTA", "IDF1", "switches"), strict=True):
        for i, name in enumerate(TRACKERS):
            middle, low, high = measured[name][score]
            ax.bar(i, middle, color=COLOURS[i])
            ax.errorbar(i, middle, [[middle - low], [high - middle]], color="0.2", capsize=5)
            ax.text(
                i,
                0,
                f"{middle:.2f}" if middle < 2 else f"{middle:.0f}",
                ha="center",
                va="bottom",
                color="white",
            )
        ax.set_xticks(range(3), ["SORT", "Byte", "+ looks"])
        ax.set_title(score)
    return figure
