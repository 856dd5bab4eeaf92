"""Part 2: Faster R-CNN, from anchors to proposals to detections, and how it compares with one stage."""

from functools import cache

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from recorded import recorded
from regression import grid
from torch import Tensor
from trained import BLUE, FIVE, NETWORK, _few_scenes, confident, detector, features, found_in, targets

from classroom import figures
from classroom.figures import arrow, block, canvas, enlarge, picture, words
from classroom.figures.two_stage import HIT, MISS, thin_boxes
from classroom.figures.two_stage_costs import draw_gradients, draw_heat, draw_offsets
from coursekit import ops, training
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, draw_boxes
from coursekit.models import fast_rcnn, faster_rcnn, rpn
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.published import shipped

NAME = "faster_rcnn"
STEPS = (1, 10, 100)
TWENTY = 20  # proposals that are drawn
FEW = (1, 20, 4)  # of the positive, ignored and negative anchors one in this many is drawn
WINDOW = 1152  # pixels
FIRST, SECOND = ACCENT, BLUE  # colours of the stages


@cache
@torch.no_grad()
def _proposed(scene: int) -> tuple[Tensor, Tensor]:
    """The proposals (R, 4) of a scene of val, and the pyramid's P3 (C, h, w)."""
    model, batch = detector(NAME), [features(scene)]
    outputs = model.outputs(batch)
    return model.propose(outputs, batch)[0], outputs.pyramid["P3"][0]


def look_twice() -> Figure:
    """A scene; all its proposals; and what the second stage makes of them."""
    image = enlarge(still_life("val")[FIVE][0])
    proposals = _proposed(FIVE)[0]
    detections = confident(found_in(NAME, FIVE), 0.4)
    figure, ax = canvas(1150, 370)
    panels = (("one image", None), (f"{len(proposals)} proposals", proposals), ("detections", None))
    for i, (name, boxes) in enumerate(panels):
        place = picture(ax, (415 * i, 0), (320, 320), image)
        words(ax, 415 * i + 160, 350, name, 30, "black")
        if boxes is not None:
            thin_boxes(place, 4 * boxes, FIRST, 1.5, 0.9)
    draw_boxes(place, None, 4 * detections["boxes"], detections["labels"], detections["scores"], CLASSES)
    return figure


def two_stages_grow() -> list[Figure]:
    """The features; the network that proposes; pooling; the head that looks again."""
    return [_two_stages(step) for step in range(4)]


def _two_stages(step: int) -> Figure:
    figure, ax = canvas(1150, 365)
    image, (proposals, map_) = enlarge(still_life("val")[FIVE][0]), _proposed(FIVE)
    picture(ax, (0, 130), (200, 200), image)
    arrow(ax, (206, 230), (236, 230))
    block(ax, (240, 110), (190, 240), "network,\npyramid", NETWORK, "funnel")
    arrow(ax, (436, 230), (466, 230))
    grid(ax, (472, 140), 180, map_[map_.flatten(1).std(1).argmax()])
    words(ax, 562, 350, "features", 28)
    if step > 0:
        arrow(ax, (562, 132), (562, 92), FIRST)
        block(ax, (472, 20), (180, 66), "proposer", FIRST)
        arrow(ax, (658, 53), (690, 53), FIRST)
        place = picture(ax, (696, 0), (150, 150), image)
        thin_boxes(place, 4 * proposals[:TWENTY], FIRST, 1.2, 0.9)
        words(ax, 771, 172, "proposals", 28, FIRST)
    if step > 1:
        arrow(ax, (660, 250), (690, 250), SECOND)
        arrow(ax, (771, 192), (771, 214), FIRST)
        block(ax, (696, 220), (150, 66), "pooling", SECOND)
        words(ax, 771, 318, "R × 7 × 7", 28, SECOND)
    if step > 2:
        arrow(ax, (852, 253), (882, 253), SECOND)
        block(ax, (888, 190), (90, 126), "head", SECOND)
        for y, name in ((190, "class"), (262, "box")):
            arrow(ax, (984, y + 27), (1012, y + 27), SECOND)
            block(ax, (1018, y), (130, 54), name, SECOND)
    return figure


@cache
def _matched():
    """Anchors of a scene, their matches with its objects, and the sample that is trained on."""
    torch.manual_seed(0)
    anchors, _ = rpn.anchors_of(_pyramid_sizes(), {"P3": 8, "P4": 16, "P5": 32})
    match = ops.match_by_iou(ops.box_iou(targets("val")[FIVE]["boxes"], anchors), *rpn.MATCH)
    return anchors, match, ops.balanced_sample(match, *rpn.SAMPLE)


def _pyramid_sizes() -> dict[str, Tensor]:
    return {f"P{level}": torch.zeros(1, 1, 192 >> level, 192 >> level) for level in (3, 4, 5)}


def which_anchors_learn() -> Figure:
    """The positive, ignored and negative anchors of a scene, and those that are sampled."""
    image, target = still_life("val")[FIVE]
    figure = figures.anchor_kinds(image, *_matched(), target["boxes"], (11.5, 4.0))
    for ax, every in zip(figure.axes, FEW, strict=True):
        ax.set_title(ax.get_title().replace(", ", "\n"))
        for i, anchor in enumerate([patch for patch in ax.patches if patch.get_linestyle() == "-"]):
            if i % every:
                anchor.remove()
    return figure


def proposals_while_it_learns() -> Figure:
    """The best proposals for one scene after 1, 10 and 100 steps of training, and after all of them."""
    image, target = still_life("val")[FIVE]
    after = _proposals_while_training() | {"trained": _proposed(FIVE)[0].tolist()}
    figure, ax = canvas(1150, 330)
    for i, (name, boxes) in enumerate(after.items()):
        best = torch.tensor(boxes[:TWENTY])
        hit = (ops.box_iou(target["boxes"], best) >= 0.5).any(0)
        place = picture(ax, (291 * i, 0), (275, 275), enlarge(image))
        thin_boxes(place, 4 * best[~hit], MISS, 1.5, 0.8)
        thin_boxes(place, 4 * best[hit], HIT, 2.5, 0.95)
        words(ax, 291 * i + 137, 306, name, 30, "black")
    return figure


@recorded
def _proposals_while_training() -> dict[str, list[list[float]]]:
    """The best boxes for the scene, xyxy pixels, after some steps of a training."""
    torch.manual_seed(0)
    model, after = FasterRCNN(len(CLASSES)), {}
    batch = [features(FIVE)]
    run = training.fit(model, _few_scenes(), 1000, batch_size=8)
    for done, _ in enumerate(run, start=1):
        if done in STEPS:
            model.eval()
            with torch.no_grad():
                proposed = model.propose(model.outputs(batch), batch)[0]
            after[f"{done} step{'s' * (done > 1)}"] = proposed[:TWENTY].tolist()
            model.train()
        if done == max(STEPS):
            break
    return after


def sampled_regions() -> Figure:
    """Regions that the second stage is trained on, and what is pooled from six of them."""
    torch.manual_seed(0)
    image, target = still_life("val")[FIVE]
    proposals, map_ = _proposed(FIVE)
    regions = detector(NAME).regions(proposals, target)
    pooled = faster_rcnn.pool_aligned(map_[None], [regions.boxes], fast_rcnn.BINS, 1 / 8)
    figure = figures.pooled_regions(
        image, regions.boxes, regions.labels, pooled, CLASSES, figsize=(11.5, 4.4)
    )
    figure.axes[0].set_title(figure.axes[0].get_title().replace(", ", ",\n"))
    for name in list(figure.axes[0].texts):  # they would lie on each other; the cells have their names
        name.remove()
    return figure


def small_offsets() -> Figure:
    """The offsets from sampled regions to their objects, as they are and times (10, 10, 5, 5)."""
    offsets = {"as they are": [], "times (10, 10, 5, 5)": []}
    for scene in range(20):
        torch.manual_seed(scene)
        regions = detector(NAME).regions(_proposed(scene)[0], targets("val")[scene])
        moved = (regions.labels > 0) & (regions.boxes != regions.truth).any(1)  # not the objects themselves
        for values, weights in zip(offsets.values(), ((1.0,) * 4, fast_rcnn.OFFSET_WEIGHTS), strict=True):
            values.append(ops.encode_boxes(regions.truth[moved], regions.boxes[moved], weights))
    figure, ax = plt.subplots(figsize=(11.5, 3.9))
    draw_offsets(ax, {name: torch.cat(values) for name, values in offsets.items()}, rpn.BETA)
    return figure


def who_gets_a_gradient() -> Figure:
    """Which of the four losses moves which part of the network."""
    torch.manual_seed(0)
    model, target = FasterRCNN(len(CLASSES)), targets("val")[FIVE]
    parts = {"pyramid": model.pyramid, "proposer": model.proposer, "head": model.region_head}
    norms: dict[str, dict[str, float | None]] = {}
    for name, loss in model.losses([features(FIVE)], [target]).items():
        model.zero_grad(set_to_none=True)
        loss.backward(retain_graph=True)
        norms[name.replace("_", " ")] = {part: _norm(module) for part, module in parts.items()}
    figure, ax = plt.subplots(figsize=(9.5, 3.9))
    draw_gradients(ax, norms)
    return figure


def _norm(module: torch.nn.Module) -> float | None:
    """The length of the gradient of a module's weights; None if none of them has one."""
    there = [weight.grad.norm() for weight in module.parameters() if weight.grad is not None]
    return float(torch.stack(there).norm()) if there else None


def shifted_by_strides() -> Figure:
    """Objectness of a large image, and how much it changes when the image moves by 32 and by 16 pixels."""
    still = _objectness(0)
    figure, ax = canvas(1150, 400)
    panels = {"objectness": (still, "Blues", 1.0)}
    for shift, name in ((32, "change, 32 pixels"), (16, "change, 16 pixels")):
        cells = shift // EfficientNetLite0.strides["C3"]
        change = (still[:, cells:] - _objectness(shift)[:, : still.shape[1] - cells]).abs()
        panels[name] = (change, "Reds", 0.2)
    for i, (name, (values, colours, most)) in enumerate(panels.items()):
        place = picture(ax, (400 * i, 0), (350, 350))
        draw_heat(
            place, F.max_pool2d(values[None], 3, 1, 1)[0], most=most, colours=colours
        )  # wide enough to see
        words(ax, 400 * i + 175, 380, name, 30, "black")
    return figure


@torch.no_grad()
def _objectness(shift: int) -> Tensor:
    """The largest objectness of each cell of P3 in a window of 49 scenes side by side: (h, w) in [0, 1]."""
    scenes_of = still_life("val")
    rows = [torch.cat([scenes_of[7 * row + column][0] for column in range(7)], 2) for row in range(7)]
    window = torch.cat(rows, 1)[:, :WINDOW, shift : shift + WINDOW]
    outputs = _with_backbone().outputs([window])
    cells = WINDOW // EfficientNetLite0.strides["C3"]
    first = outputs.rpn.objectness[0, : cells**2 * len(rpn.RATIOS)]
    return first.sigmoid().view(cells, cells, -1).amax(-1)


@cache
def _with_backbone() -> FasterRCNN:
    return shipped(NAME)
