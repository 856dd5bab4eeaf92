"""A step of training of our two-stage detectors beside torchvision's, and where the time goes, stage by stage.

`python bench/two_stage.py` measures, prints the tables and writes them into README.md; about 2 minutes on an idle machine.
One thread, CPU time. Both take turns in one process, with the same backbone, images, weights, proposals and samples.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import torch
from report import machine, write_part
from stopwatch import Door, Stopwatch
from torch import Tensor, nn
from torchvision.models.detection import roi_heads as their_heads
from torchvision.ops import boxes as their_boxes

from coursekit import ops
from coursekit.data.features import features_of
from coursekit.data.still_life import CLASSES, still_life
from coursekit.folders import checkpoint
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.nets.efficientnet import EfficientNetLite0, efficientnet_lite0
from coursekit.schema import Target
from coursekit.weights import load_weights

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "shared"))
from torchvision_rcnn import as_torchvision, their_answer, witness_of  # noqa: E402

RESULTS = HERE / "two_stage.json"
MODELS = {"Faster R-CNN": (FasterRCNN, "faster_rcnn"), "Mask R-CNN": (MaskRCNN, "mask_rcnn")}
FEATURES, IMAGES = "feature maps", "images"
BATCH_SIZE, ROUNDS = 8, 11
LR = 1e-6  # the optimizer has its work, and the weights stay nearly what they are
SAME_LOSSES = {
    "objectness": "loss_objectness",
    "proposal_box": "loss_rpn_box_reg",
    "class": "loss_classifier",
    "box": "loss_box_reg",
}  # the targets of masks are cropped in another way
FORWARD = "backbone", "pyramid", "region proposal network", "proposals", "match and sample", "pool", "heads"
STAGES = (*FORWARD, "mask targets", "losses and the rest", "backward", "optimizer")


class Trained(NamedTuple):
    """A model in training: what gives its losses, and where its stages are entered."""

    losses: Callable[[], dict[str, Tensor]]
    doors: list[Door]
    optimizer: torch.optim.Optimizer


def in_training(kind: type, name: str, backbone: EfficientNetLite0 | None) -> FasterRCNN:
    """Our model with the shipped weights, or as it starts where there are none; it pools as torchvision's does."""
    torch.manual_seed(0)
    model = kind(len(CLASSES), pool=as_torchvision)
    if checkpoint(name).exists():
        load_weights(model, checkpoint(name))
    model.backbone = backbone
    return model.train()


def ours(model: FasterRCNN, inputs: Sequence, targets: Sequence[Target]) -> Trained:
    doors = [
        *neck(model),
        (model.proposer, "forward", "region proposal network"),
        (model, "propose", "proposals"),
        (ops, "box_iou", "match and sample"),
        (model, "match", "match and sample"),
        (model, "sample", "match and sample"),
        (model, "regions", "match and sample"),
        (model, "pooled", "pool"),
        (model.region_head, "forward", "heads"),
    ]
    if isinstance(model, MaskRCNN):
        doors += [(model.mask_head, "forward", "heads"), (model, "crop", "mask targets")]
    return Trained(lambda: model.losses(inputs, targets), doors, optimizer_of(model))


def theirs(model: FasterRCNN, inputs: Sequence, targets: Sequence[Target]) -> Trained:
    """torchvision's heads on the backbone and the pyramid of a copy of our model."""
    model = deepcopy(model)
    witness, sizes = witness_of(model).train(), [model.image_size(x) for x in inputs]
    first, second = witness.rpn, witness.roi_heads
    doors = [
        *neck(model),
        (first.head, "forward", "region proposal network"),
        (first.anchor_generator, "forward", "region proposal network"),
        (first.box_coder, "decode", "proposals"),
        (first, "filter_proposals", "proposals"),
        (their_boxes, "box_iou", "match and sample"),
        (first, "assign_targets_to_anchors", "match and sample"),
        (first, "fg_bg_sampler", "match and sample"),
        (second, "select_training_samples", "match and sample"),
        (second.box_roi_pool, "forward", "pool"),
        (second.box_head, "forward", "heads"),
        (second.box_predictor, "forward", "heads"),
    ]
    if second.mask_head is not None:
        doors += [
            (second.mask_roi_pool, "forward", "pool"),
            (second.mask_head, "forward", "heads"),
            (second.mask_predictor, "forward", "heads"),
            (their_heads, "project_masks_on_boxes", "mask targets"),
        ]

    def losses() -> dict[str, Tensor]:
        return their_answer(witness, model.pyramid(model.feature_maps(inputs)), sizes, targets)[2]

    shared = [module for module in (model.backbone, model.pyramid) if module is not None]
    return Trained(losses, doors, optimizer_of(nn.ModuleList([*shared, witness])))


def neck(model: FasterRCNN) -> list[Door]:
    return [
        (model, "maps", "backbone"),
        (model, "normalised", "pyramid"),
        (model.pyramid, "forward", "pyramid"),
    ]


def optimizer_of(module: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.AdamW([p for p in module.parameters() if p.requires_grad], lr=LR)


def take_a_step(model: Trained, watch: Stopwatch, seed: int) -> dict[str, float]:
    """One step of training; its losses."""
    torch.manual_seed(seed)
    with watch.stage("losses and the rest"):
        losses = model.losses()
    model.optimizer.zero_grad()
    with watch.stage("backward"):
        sum(losses.values()).backward()
    with watch.stage("optimizer"):
        nn.utils.clip_grad_norm_(model.optimizer.param_groups[0]["params"], max_norm=10.0)
        model.optimizer.step()
    return {name: loss.item() for name, loss in losses.items()}


def step_by_stages(model: Trained, seed: int) -> dict[str, float]:
    """The CPU seconds of each stage of one step."""
    watch = Stopwatch()
    with watch.at(model.doors):
        take_a_step(model, watch, seed)
    return {stage: watch.seconds[stage] for stage in STAGES}


def step(model: Trained, seed: int) -> float:
    """The CPU seconds of one step, measured as a whole."""
    start = time.process_time()
    take_a_step(model, Stopwatch(), seed)
    return time.process_time() - start


def in_turns(both: Sequence[Trained], measure: Callable[[Trained, int], Any], rounds: int) -> list[list]:
    """What is measured of each model in each round; who comes first changes."""
    found = [[], []]
    for seed in range(rounds + 1):
        for at in (0, 1) if seed % 2 else (1, 0):
            found[at].append(measure(both[at], seed))
    return [each[1:] for each in found]  # the first step of a network is slow


def compare(name: str, kind: str, count: int = BATCH_SIZE, rounds: int = ROUNDS) -> dict:
    """Our model and torchvision's: seconds, their ratio, how far the losses are apart, and seconds of each stage.

    Args:
        kind: FEATURES: of a frozen backbone, as in the labs; IMAGES: the last stage of the backbone learns too.
        count: images a step.
    """
    images, targets = zip(*(still_life("train")[i] for i in range(count)), strict=True)
    backbone = efficientnet_lite0(trainable=("C5",) if kind == IMAGES else ())
    if kind == FEATURES:
        maps, backbone = features_of(backbone, torch.stack(images)), None
        images = [{level: maps[level][i] for level in FasterRCNN.levels} for i in range(count)]
    model = in_training(*MODELS[name], backbone)
    both = [ours(model, images, targets), theirs(model, images, targets)]
    mine, other = (take_a_step(each, Stopwatch(), seed=0) for each in both)
    seconds, peer_seconds = in_turns(both, step, rounds)
    stages, peer_stages = in_turns(both, step_by_stages, rounds)
    return {
        "model": name,
        "input": kind,
        "seconds": statistics.median(seconds),
        "peer_seconds": statistics.median(peer_seconds),
        "ratio": statistics.median(a / b for a, b in zip(seconds, peer_seconds, strict=True)),
        "difference": max(abs(mine[a] / other[b] - 1) for a, b in SAME_LOSSES.items()),
        "stages": medians(stages),
        "peer_stages": medians(peer_stages),
    }


def medians(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    return {stage: statistics.median(each[stage] for each in rounds) for stage in STAGES}


def tables(found: dict) -> str:
    """What was measured, in Markdown."""
    lines = [f"{found['machine']}. {found['weights']}", ""]
    lines += ["| model | from | ours, ms | torchvision's, ms | ratio | largest difference of a loss |"]
    lines += ["|---|---|--:|--:|--:|--:|"]
    for row in found["rows"]:
        numbers = f"{1000 * row['seconds']:.0f} | {1000 * row['peer_seconds']:.0f} | {row['ratio']:.2f}"
        lines += [f"| {row['model']} | {row['input']} | {numbers} | {row['difference']:.0e} |"]
    shown = [row for row in found["rows"] if row["input"] == IMAGES]
    titles = [f"{row['model']}, {who}" for row in shown for who in ("ours", "torchvision's")]
    lines += ["", f"| stage, ms | {' | '.join(titles)} |", f"|---|{'--:|' * len(titles)}"]
    for stage in STAGES:
        seconds = [row[side][stage] for row in shown for side in ("stages", "peer_stages")]
        lines += [f"| {stage} | {' | '.join(f'{1000 * each:.1f}' for each in seconds)} |"]
    return "\n".join(lines)


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    torch.set_num_threads(1)
    fresh = [name for name, (_, file) in MODELS.items() if not checkpoint(file).exists()]
    weights = f"Fresh weights of {' and '.join(fresh)}." if fresh else "The shipped weights."
    found = {"machine": machine(), "weights": weights, "rows": []}
    for name in MODELS:
        for kind in (FEATURES, IMAGES):
            found["rows"].append(compare(name, kind))
            print(name, kind, f"{found['rows'][-1]['ratio']:.2f}", flush=True)
    print(tables(found))
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_part("two_stage", tables(found))


if __name__ == "__main__":
    main()
