"""Compare selective search with OpenCV's and with a regular grid: `python bench/proposals.py`, about 3 minutes on an idle machine.

On the still-life scenes of `val` and on scikit-image's photographs, and writes its part of bench/README.md.
Needs `pip install -e .[bench]`. One thread, CPU time; the two searches take turns at every image.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import NamedTuple

import numpy as np
import torch
from report import machine, write_part
from torch import Tensor
from torchvision.transforms.v2.functional import resize
from tqdm import tqdm

from coursekit.data.photos import PHOTOS, photo, photo_annotations, photo_target
from coursekit.data.still_life import still_life
from coursekit.metrics import bootstrap_interval, paired_difference_interval, proposal_recall
from coursekit.proposals import grid_proposals, selective_search

try:
    import cv2
except ImportError:
    raise SystemExit("OpenCV is not installed: run `python -m pip install -e .[bench]`.") from None

BUDGETS = (50, 100, 200)  # boxes per image
TIMED_SIDE, TIMED_SCENES = 200, 12


class Found(NamedTuple):
    """What one method proposed: boxes and CPU seconds of each image."""

    boxes: list[Tensor]
    seconds: list[float]


def opencv_fast(image: Tensor) -> Tensor:
    """OpenCV's "fast" selective search, in its own order: (3, H, W) -> (P, 4) xyxy."""
    search = cv2.ximgproc.segmentation.createSelectiveSearchSegmentation()
    pixels = (image.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    search.setBaseImage(np.ascontiguousarray(pixels[..., ::-1]))  # blue first
    search.switchToSelectiveSearchFast()
    boxes = torch.from_numpy(search.process()).float()  # xywh
    return torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1)


METHODS = {"selective search": selective_search, "OpenCV, fast": opencv_fast}
GRID = "regular grid"


def search(images: Sequence[Tensor]) -> dict[str, Found]:
    found = {name: Found([], []) for name in METHODS}
    for image in tqdm(images, unit="image"):
        for name, method in METHODS.items():
            start = time.process_time()
            boxes = method(image)
            found[name].seconds.append(time.process_time() - start)
            found[name].boxes.append(boxes)
    return found


def grids(images: Sequence[Tensor], counts: Sequence[int]) -> list[Tensor]:
    return [grid_proposals(image.shape[1:], count) for image, count in zip(images, counts, strict=True)]


def recall_row(name: str, by_budget: Sequence[list[Tensor]], true: list[Tensor], seconds: str) -> str:
    """A line of the table: `by_budget` has the boxes for each of BUDGETS, and all of them."""
    recalls = [proposal_recall(boxes, true, k) for boxes, k in zip(by_budget, (*BUDGETS, 10**9), strict=True)]
    number = statistics.mean(len(boxes) for boxes in by_budget[-1])
    return f"| {name} | {number:.0f} | {' | '.join(f'{recall:.3f}' for recall in recalls)} | {seconds} |"


def recall_table(images: list[Tensor], true: list[Tensor], found: dict[str, Found]) -> list[str]:
    ours = [len(boxes) for boxes in found["selective search"].boxes]
    grid = [grids(images, [k] * len(images)) for k in BUDGETS] + [grids(images, ours)]
    columns = " | ".join(f"recall@{k}" for k in BUDGETS)
    return [
        f"| proposals | boxes per image | {columns} | recall of all | seconds per image |",
        "|---|--:|" + "--:|" * (len(BUDGETS) + 2),
        *(
            recall_row(name, [f.boxes] * (len(BUDGETS) + 1), true, f"{statistics.mean(f.seconds):.3f}")
            for name, f in found.items()
        ),
        recall_row(GRID, grid, true, "–"),
    ]


def recall_by_image(boxes: list[Tensor], true: list[Tensor], k: int) -> list[float]:
    return [proposal_recall([b], [t], k) for b, t in zip(boxes, true, strict=True)]


def interval(values: tuple[float, float, float]) -> str:
    mean, low, high = values
    return f"{mean:.3f} ({low:.3f} to {high:.3f})"


def certainty(images: list[Tensor], true: list[Tensor], found: dict[str, Found]) -> list[str]:
    """How sure the recalls of the still lifes are: means over the scenes, which are drawn again."""
    everything = 10**9
    ours, theirs = (found[name].boxes for name in METHODS)
    search, grid = (
        recall_by_image(ours, true, 200),
        recall_by_image(grids(images, [200] * len(images)), true, 200),
    )
    all_ours, all_theirs = (recall_by_image(boxes, true, everything) for boxes in (ours, theirs))
    return [
        "Means over the scenes, with 95 % bootstrap intervals:",
        "",
        f"- recall@200: selective search {interval(bootstrap_interval(search))}, grid "
        f"{interval(bootstrap_interval(grid))}, difference {interval(paired_difference_interval(search, grid))};",
        f"- recall of all boxes: ours {interval(bootstrap_interval(all_ours))}, OpenCV's "
        f"{interval(bootstrap_interval(all_theirs))}, "
        f"difference {interval(paired_difference_interval(all_ours, all_theirs))}.",
    ]


def speed(images: Sequence[Tensor]) -> str:
    """Median and largest CPU seconds at 200 x 200."""
    square = [resize(image, [TIMED_SIDE, TIMED_SIDE], antialias=True).clamp(0, 1) for image in images]
    times = {name: found.seconds for name, found in search(square).items()}
    parts = [f"{name} {statistics.median(t):.3f} s (at most {max(t):.3f})" for name, t in times.items()]
    return f"At {TIMED_SIDE} x {TIMED_SIDE} pixels, median of {len(square)} scenes: {'; '.join(parts)}."


def annotated_photos() -> tuple[list[Tensor], list[Tensor]]:
    files = {image["file_name"] for image in photo_annotations()["images"]}
    names = [name for name, file_name in PHOTOS.items() if file_name in files]
    return [photo(name) for name in names], [photo_target(name)["boxes"] for name in names]


def main() -> None:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    cv2.setRNGSeed(0)
    lines = [f"{machine()}, opencv {version('opencv-contrib-python-headless')}.", ""]
    scenes = still_life("val")
    images, true = zip(*((image, target["boxes"]) for image, target in scenes), strict=True)
    lines += [speed(images[:TIMED_SCENES]), ""]
    found = search(images)
    objects = sum(map(len, true))
    lines += [f"`val`: {len(images)} scenes of 192 x 192 pixels, {objects} objects, IoU at least 0.5.", ""]
    lines += [*recall_table(images, true, found), "", *certainty(images, true, found), ""]
    images, true = annotated_photos()
    sizes = f"{len(images)} photographs of 300 x 451 to 427 x 640 pixels, {sum(map(len, true))} objects"
    lines += [f"scikit-image's {sizes} (24 of them coins).", "", *recall_table(images, true, search(images))]
    print("\n".join(lines))
    write_part("proposals", "\n".join(lines))


if __name__ == "__main__":
    main()
