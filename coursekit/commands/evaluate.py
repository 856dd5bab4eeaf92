"""`coursekit evaluate --weights FILE`: the scores of a trained model on a dataset, of all classes and of each."""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from coursekit import distributed, training
from coursekit.commands import detection_report, segmentation_report
from coursekit.commands.datasets import open_data, size_of
from coursekit.commands.fitting import in_picture, pictures_at
from coursekit.commands.items import picture_keys
from coursekit.commands.models import (
    Facts,
    check_classes,
    file_of,
    kind_of,
    load_model,
    over_scales,
    read_facts,
    recipe_of,
)
from coursekit.commands.room import check_writable
from coursekit.commands.train import levels_of
from coursekit.data.coco import CocoDataset
from coursekit.data.mirrored import cached_levels
from coursekit.data.objects import Picked
from coursekit.schema import Prediction

CHUNK = 16  # images whose masks are in memory at a time


def evaluate(chosen: Namespace) -> int:
    """Print the scores of a file of weights on a dataset, and write them as JSON where `--json` says.

    Raises:
        ValueError, OSError: bad weights or data.
    """
    if chosen.json:
        check_writable(Path(chosen.json), "--json")
    path = file_of(chosen.weights)
    facts = read_facts(path, chosen.model)
    data = chosen.data or recipe_of(facts.name).task.splits[1]
    masks = kind_of(recipe_of(facts.name)) != "boxes"
    dataset = open_data(data, "val", masks, chosen.skip_bad).with_classes(facts.classes)
    check_classes(path, facts.classes, dataset.classes)
    print(*dataset.notes or [described(dataset)], sep="\n", flush=True)
    known = seen_before(facts, dataset)
    if known:
        print(known, flush=True)
    torch.set_num_threads(chosen.threads)
    device = distributed.device_of(chosen.device)
    found: Iterator[Prediction]
    if chosen.scales:
        found = iter(
            training.predict(
                over_scales(path, facts, chosen.scales).to(device), dataset.without_masks(), CHUNK
            )
        )
    else:
        found = at_one_size(path, facts, dataset, device)
    report: dict[str, Any] = {"model": facts.name, "weights": str(path), "data": data, "images": len(dataset)}
    report |= {"annotations": str(dataset.annotation_file), "trained_on": known or None}
    report |= {"scales": list(chosen.scales)} if chosen.scales else {}
    report |= {"step": facts.step, "steps": facts.steps}
    if kind_of(recipe_of(facts.name)) == "semantic":
        report |= segmentation_report.segmentation_report(found, dataset)
        lines = segmentation_report.lines_of(report)
    else:
        report |= detection_report.detection_report(list(found), dataset, chosen.threshold)
        lines = detection_report.lines_of(report)
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"{facts.name} on {len(dataset)} images of {data}:", *lines, sep="\n")
    if recipe_of(facts.name).task.masks and "mask_AP" not in report["scores"]:
        print("Its masks are not scored: the data has no segmentations.")
    return 0


def described(dataset: CocoDataset) -> str:
    """Return how many images and objects of each class a dataset has, and the file that says so."""
    rows = dataset.annotations["annotations"]
    names = {each["id"]: each["name"] for each in dataset.annotations["categories"]}
    counts = Counter(names[row["category_id"]] for row in rows)
    objects = ", ".join(f"{counts[name]} {name}" for name in dataset.classes if counts[name])
    return f"{len(dataset)} images, {objects or 'no objects'}, from {dataset.annotation_file}."


def seen_before(facts: Facts, dataset: CocoDataset) -> str:
    """Return a warning when images of the dataset were trained on; empty if none was, or if the file does not say."""
    known = {facts.pictures[i : i + 8] for i in range(0, len(facts.pictures), 8)}
    if not known:
        return ""
    keys = picture_keys(dataset)
    count = sum(keys[i : i + 8] in known for i in range(0, len(keys), 8))
    if not count:
        return ""
    which = "These images were" if count == len(dataset) else f"{count} of these {len(dataset)} images were"
    return f"{which} trained on: the scores say little about new images."


def at_one_size(path: Path, facts: Facts, dataset: CocoDataset, device: torch.device) -> Iterator[Prediction]:
    """Return what a model detects in each image, resized to the size that it was trained on, in the image's own pixels."""
    model = load_model(path, facts, on_features=not facts.fine_tuned)
    pictures = pictures_at(dataset, facts.size, facts.letterbox)
    levels = levels_of(model)
    inputs = pictures if facts.fine_tuned else cached_levels(pictures, facts.backbone(), levels)
    model = model.to(device)
    for start in range(0, len(inputs), CHUNK):
        chunk = Picked(inputs, range(start, min(start + CHUNK, len(inputs))))
        for i, found in enumerate(training.predict(model, chunk, CHUNK), start):
            yield in_picture(found, size_of(dataset, i), facts.size, facts.letterbox)
