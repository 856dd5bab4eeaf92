"""The course's trackers on the clips: settings chosen on val, scores on test with intervals over the clips.

`python bench/tracking.py` chooses and measures, prints the table, and writes it into README.md and tracking.json.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

import torch
from report import machine, write_part

from coursekit import shipped
from coursekit.data.clips import Clip, clips
from coursekit.metrics import (
    TrackingCounts,
    tracking_counts,
    tracking_difference_intervals,
    tracking_intervals,
    tracking_scores,
)
from coursekit.tracking import ByteTrack, LookTrack, Seen, Sort, watch

RESULTS = Path(__file__).parent / "tracking.json"
DETECTOR = "detr_modern"
CHOSEN_BY = "HOTA"  # on val
TRACKERS: dict[str, Callable[..., Sort]] = {"SORT": Sort, "ByteTrack": ByteTrack, "+ appearance": LookTrack}
COMMON = {"score": (0.3, 0.4, 0.5), "least": (0.1, 0.2, 0.3), "max_missed": (5, 24), "min_hits": (2,)}
TRIED = {
    "SORT": COMMON,
    "ByteTrack": COMMON | {"low": (0.1, 0.2)},
    "+ appearance": {  # added to what was chosen for ByteTrack
        "alike": (0.6, 0.7, 0.8),
        "keep": (0.5, 0.9),
        "max_missed": COMMON["max_missed"],
    },
}
SHOWN = ("HOTA", "DetA", "AssA", "IDF1", "MOTA", "switches")
Watched = Sequence[tuple[Clip, list[Seen]]]


def watched(split: str) -> Watched:
    """Each clip of a split with what the detector sees in its frames."""
    detector = shipped(DETECTOR)
    return [(clip, watch(detector, clip.images)) for clip in clips(split)]


def counts_of(make: Callable[..., Sort], settings: dict, some: Watched) -> list[TrackingCounts]:
    """What the metrics count on each clip."""
    counts = []
    for clip, frames in some:
        tracker = make(**settings)
        counts.append(tracking_counts([tracker(*frame) for frame in frames], clip.targets))
    return counts


def settings_of(name: str, before: dict[str, dict], channels: int) -> Iterator[dict]:
    """The settings that are tried for a tracker; appearance is added to what was chosen for ByteTrack."""
    base = before["ByteTrack"] | {"channels": channels} if name == "+ appearance" else {}
    for values in product(*TRIED[name].values()):
        yield base | dict(zip(TRIED[name], values, strict=True))


def choose(val: Watched) -> dict[str, dict]:
    """For each tracker the settings with the highest HOTA on val, the first of those that are equal."""
    chosen: dict[str, dict] = {}
    channels = val[0][1][0].looks.shape[1]
    for name, make in TRACKERS.items():
        tried = list(settings_of(name, chosen, channels))
        scores = [tracking_scores(counts_of(make, settings, val))[CHOSEN_BY] for settings in tried]
        best = max(range(len(tried)), key=scores.__getitem__)
        chosen[name] = tried[best]
        print(
            f"{name}: {len(tried)} settings, {CHOSEN_BY} on val {scores[best]:.3f} with {tried[best]}",
            flush=True,
        )
    return chosen


def measure(chosen: dict[str, dict], splits: dict[str, Watched]) -> dict:
    """Of each split the scores of each tracker with low and high, and the differences from the one before it."""
    found: dict = {}
    for split, some in splits.items():
        counts = {name: counts_of(TRACKERS[name], chosen[name], some) for name in TRACKERS}
        names = list(counts)
        found[split] = {
            "scores": {name: tracking_intervals(each) for name, each in counts.items()},
            "gains": {
                name: tracking_difference_intervals(counts[name], counts[before])
                for before, name in zip(names[:-1], names[1:], strict=True)
            },
        }
    return found


def table(found: dict) -> str:
    """What was measured on test, in Markdown."""
    test = found["splits"]["test"]
    lines = [
        f"{found['machine']}.",
        "",
        "| tracker | " + " | ".join(SHOWN) + " |",
        "|---|" + "--:|" * len(SHOWN),
    ]
    for name, scores in test["scores"].items():
        lines.append(f"| {name} | " + " | ".join(cell(score, scores[score]) for score in SHOWN) + " |")
    lines += ["", "| gain | over | " + " | ".join(SHOWN) + " |", "|---|---|" + "--:|" * len(SHOWN)]
    for before, (name, gains) in zip(TRACKERS, test["gains"].items(), strict=False):
        lines.append(
            f"| {name} | {before} | " + " | ".join(cell(score, gains[score]) for score in SHOWN) + " |"
        )
    lines += [
        "",
        "Settings: " + "; ".join(f"{name}: {said(each)}" for name, each in found["settings"].items()) + ".",
    ]
    return "\n".join(lines)


def said(settings: dict) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items() if name != "channels")


def cell(score: str, numbers: Sequence[float]) -> str:
    form = "{:.0f} ({:.0f} to {:.0f})" if score == "switches" else "{:.3f} ({:.3f} to {:.3f})"
    return form.format(*numbers)


def main() -> None:
    torch.set_num_threads(1)
    splits = {"val": watched("val"), "test": watched("test")}
    chosen = choose(splits["val"])
    found = {
        "command": "python bench/tracking.py",
        "machine": machine(),
        "detector": DETECTOR,
        "clips": {split: len(some) for split, some in splits.items()},
        "settings": chosen,
        "splits": measure(chosen, splits),
    }
    print(table(found))
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_part("tracking", table(found))


if __name__ == "__main__":
    main()
