"""Part 2: boxes from pixels, how many of them are needed, and what each costs."""

import time
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from recorded import recorded
from torch import Tensor
from torchvision.transforms.v2.functional import resized_crop
from trained import FIVE, detector, scenes, targets

from classroom.figures import canvas, picture, recall_at, words
from classroom.figures.proposing import covered_by_now, draw_costs, draw_recall, draw_regions
from coursekit import proposals
from coursekit.data.still_life import still_life
from coursekit.draw import draw_boxes
from coursekit.models.fast_rcnn import BINS
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.nets.efficientnet import efficientnet_lite0

LEFT = (35, 18, 7)  # regions that are left in the drawings
MEASURED = 50  # scenes of val
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200)
CROP = [192, 192]  # pixels, to which R-CNN scales each box


def regions_merge() -> Figure:
    """The regions of a scene at the start, and when only `LEFT` are left."""
    pixels = proposals.to_space(still_life("val")[FIVE][0], "hsv")
    labels = proposals.segment(pixels)
    merges = list(proposals.merge_regions(proposals.describe_regions(pixels, labels)))
    left = (len(np.unique(labels)), *LEFT)
    image, target = still_life("val")[FIVE]
    figure, ax = canvas(1150, 330)
    for i, count in enumerate(left):
        done = merges[: left[0] - count]
        place = picture(ax, (291 * i, 0), (275, 275))
        draw_regions(place, image, proposals.merged_labels(labels, done))
        for lines in place.collections:
            lines.set_rasterized(True)  # thousands of short lines
        covered = covered_by_now(labels, done, target["boxes"])
        draw_boxes(place, None, target["boxes"][~covered], colour="black", dashed=True)
        draw_boxes(place, None, target["boxes"][covered])
        words(ax, 291 * i + 137, 306, f"{count} regions", 30, "black")
    return figure


@recorded
@torch.no_grad()
def _recalls() -> dict[str, list[float]]:
    """Recall among the first k boxes, for each of COUNTS, of three ways to propose, on the first scenes of val."""
    model, images = detector("faster_rcnn"), still_life("val")
    truths = [target["boxes"] for target in targets("val")[:MEASURED]]
    learnt = []
    for scene in range(MEASURED):
        batch = [scenes("val")[scene][0]]
        learnt += model.propose(model.outputs(batch), batch)
    ways = {
        "proposal network": learnt,
        "selective search": [proposals.selective_search(images[i][0]) for i in range(MEASURED)],
        "grid": [proposals.grid_proposals((192, 192), max(COUNTS))] * MEASURED,
    }
    shares = {name: recall_at(boxes, truths, max(COUNTS), 0.5) for name, boxes in ways.items()}
    return {name: [float(each[k - 1]) for k in COUNTS] for name, each in shares.items()}


def recall_of_proposals() -> Figure:
    """Recall among the first k boxes of a grid, of selective search and of the network that proposes."""
    figure, ax = plt.subplots(figsize=(11.5, 4.2))
    draw_recall(ax, COUNTS, _recalls())
    return figure


@recorded
@torch.no_grad()
def _costs_of_looking() -> dict[str, dict[str, float]]:
    """CPU milliseconds per image of each part of R-CNN and of Fast R-CNN; record them on an idle machine."""
    backbone, model = efficientnet_lite0(), detector("faster_rcnn")
    image, boxes = still_life("val")[FIVE][0], proposals.selective_search(still_life("val")[FIVE][0])[:50]
    crops = torch.stack([_crop(image, box) for box in boxes])
    pooled = model.pooled(_pyramid(model, backbone, image), [boxes], BINS)
    head = _milliseconds(lambda: model.region_head(pooled))
    network = _milliseconds(lambda: backbone(image[None]))
    pyramid = _milliseconds(lambda: _pyramid(model, backbone, image)) - network
    pooling = _milliseconds(lambda: model.pooled(_pyramid(model, backbone, image), [boxes], BINS))
    return {
        "R-CNN": {
            "network": _milliseconds(lambda: [backbone(crop[None]) for crop in crops], 1),
            "head": head,
        },
        "Fast R-CNN": {"network": network + pyramid, "pooling": pooling - network - pyramid, "head": head},
    }


def cost_of_looking() -> Figure:
    """CPU milliseconds per image of R-CNN, which runs the network on every box, and of Fast R-CNN, with the same boxes."""
    figure, ax = plt.subplots(figsize=(11.5, 3.6))
    draw_costs(ax, _costs_of_looking())
    return figure


def _crop(image: Tensor, box: Tensor) -> Tensor:
    left, top, right, bottom = box.int().tolist()
    return resized_crop(image, top, left, max(bottom - top, 1), max(right - left, 1), CROP)


def _pyramid(model: FasterRCNN, backbone: torch.nn.Module, image: Tensor) -> dict[str, Tensor]:
    maps = backbone(image[None])
    return model.pyramid({level: model.normalised(level, maps[level]) for level in model.levels})


def _milliseconds(function: Callable[[], object], times: int = 5) -> float:
    """The median CPU time."""
    spent = []
    for _ in range(times):
        began = time.process_time()
        function()
        spent.append(1000 * (time.process_time() - began))
    return float(np.median(spent))
