"""Part 5: objects in a clip: detected, predicted, matched and counted."""

import json
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from clicked_objects import A_MUG, click_on
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import BASELINE, BOX, CLASS, OURS, QUIET, RIGHT, SECOND, WRONG

from classroom.figures import canvas, enlarge, picture, words
from classroom.figures.tracking import colour_of_track, draw_tracks
from coursekit.data.clips import Clip, clips
from coursekit.draw import draw_boxes
from coursekit.metrics import tracking_counts, tracking_scores
from coursekit.ops import box_iou
from coursekit.published import shipped
from coursekit.schema import Prediction, Target
from coursekit.tracking import ByteTrack, LookTrack, Motion, Sort, predict_motion, update_motion
from coursekit.tracking.watch import Seen, watch

CLIP, FRAMES, FOUR = 3, (0, 6, 10, 13, 17, 23), (0, 8, 14, 20)  # a clip of val, and frames of it
HIDDEN = (4, 3)  # a clip of val, and the track of an object that becomes hard to see
MEASURED = Path(__file__).parents[2] / "bench" / "tracking.json"
TRACKERS = {"SORT": (Sort, BASELINE), "ByteTrack": (ByteTrack, SECOND), "+ appearance": (LookTrack, OURS)}


@cache
def _measured() -> dict:
    """Settings chosen on val, and scores on test, of each tracker."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))


@cache
def _clip(number: int) -> Clip:
    return clips("val")[number]


@cache
def _seen(number: int) -> list[Seen]:
    """What the detector sees in each frame of a clip."""
    return watch(shipped(_measured()["detector"]), _clip(number).images)


@cache
def _tracked(number: int, name: str) -> list[Prediction]:
    tracker = TRACKERS[name][0](**_measured()["settings"][name])
    return [tracker(*frame) for frame in _seen(number)]


def _strip(ax: Axes, frames: tuple[int, ...], corner: tuple[float, float], size: int, gap: int) -> None:
    """Draw frames with the boxes of their tracks, and trails of the centres."""
    tracked, clip = _tracked(CLIP, "+ appearance"), _clip(CLIP)
    for i, frame in enumerate(frames):
        x, y = corner[0] + i * (size + gap), corner[1]
        place = picture(ax, (x, y), (size, size))
        draw_tracks(place, enlarge(clip.images[frame]), [_enlarged(rows) for rows in tracked[: frame + 1]])
        words(ax, x + size / 2, y + size + 20, f"frame {frame + 1}", 26)


def _enlarged(rows: Prediction) -> Prediction:
    return {**rows, "boxes": 4 * rows["boxes"]}


def a_film_strip() -> Figure:
    """Six frames of a clip, with tracks and their trails."""
    figure, ax = canvas(1150, 450)
    _strip(ax, FRAMES[:3], (180, 0), 180, 125)
    _strip(ax, FRAMES[3:], (180, 230), 180, 125)
    return figure


def click_and_follow() -> Figure:
    """A click on an object and its mask; and four frames in which objects are followed."""
    figure, ax = canvas(1150, 260)
    click_on(picture(ax, (0, 0), (212, 212)), *A_MUG)
    words(ax, 106, 234, "clicks", 26)
    _strip(ax, FOUR, (262, 0), 212, 13)
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
        draw_boxes(ax, None, box[None], colour=colour_of_track(i + 1), dashed=True)
        words(ax, float(box[0]), float(box[1]) - 22, f"track {i + 1}", 26, colour_of_track(i + 1), ha="left")
        (x, y) = (float(detected[i][0] + detected[i][2]) / 2, float(detected[i][1] + detected[i][3]) / 2)
        words(ax, x, y, f"IoU {float(iou[i, i]):.2f}", 28)
    draw_boxes(ax, None, detected, colour=[*(colour_of_track(i + 1) for i in range(3)), BOX])
    words(ax, 975, 170, "no track:\na new one", 28, BOX)
    words(ax, 575, 300, "dashed: predicted        solid: detected", 28)
    return figure


def weak_detections() -> Figure:
    """The score of one object in each frame of a clip; below, the frames in which two trackers have it."""
    number, track = HIDDEN
    clip, scores = _clip(number), []
    for (found, _), target in zip(_seen(number), clip.targets, strict=True):
        scores.append(_score(found, target, track))
    frames = range(1, len(scores) + 1)
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(10.5, 3.9), sharex=True, height_ratios=(3, 1.2))
    top.plot(frames, scores, "o-", color=CLASS)
    settings = _measured()["settings"]["ByteTrack"]
    for level, name in ((settings["score"], "strong"), (settings["low"], "weak")):
        top.axhline(level, color=QUIET, linestyle="--")
        top.text(len(scores) + 0.6, level, name, va="center")
    top.set(ylabel="score", ylim=(0, 1), xlim=(0, len(scores) + 4))
    for row, name in enumerate(("SORT", "ByteTrack")):
        numbers = _numbers(_tracked(number, name), clip.targets, track)
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
    scores = _measured()["splits"]["test"]["scores"]
    figure, axes = plt.subplots(1, 3, figsize=(10.8, 3.7))
    for ax, score in zip(axes, ("HOTA", "IDF1", "switches"), strict=True):
        for i, (name, (_, colour)) in enumerate(TRACKERS.items()):
            middle, low, high = scores[name][score]
            ax.bar(i, middle, color=colour)
            ax.errorbar(i, middle, [[middle - low], [high - middle]], color="0.2", capsize=5)
            text = f"{middle:.2f}" if middle < 2 else f"{middle:.0f}"
            ax.text(i, 0, text, ha="center", va="bottom", color="white", fontweight="bold")
        ax.set_xticks(range(3), ["SORT", "Byte", "+ looks"])
        ax.set_title(score)
    return figure
