"""`coursekit evaluate --weights FILE`: COCO's twelve numbers of a trained model, for boxes and for masks."""

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import nn

from coursekit import distributed, training
from coursekit.commands.datasets import at_size, in_original_pixels, open_data, size_of, unsegmented
from coursekit.commands.models import Facts, check_classes, load_model, over_scales, read_facts, recipe_of
from coursekit.data.coco import CocoDataset
from coursekit.data.features import cached_features
from coursekit.data.objects import Picked
from coursekit.metrics import coco_metrics
from coursekit.schema import Items, Prediction

CHUNK = 16  # pictures whose masks are in memory at a time
MASK = "mask_"  # before the names of the numbers of masks


def evaluate(chosen: Namespace) -> int:
    """Print the scores of a file of weights on a dataset, and write them as JSON where `--json` says.

    Raises:
        ValueError, OSError: bad weights or data.
    """
    path = Path(chosen.weights)
    facts = read_facts(path, chosen.model)
    data = chosen.data or recipe_of(facts.name).task.splits[1]
    dataset = open_data(data, "val")
    check_classes(path, facts.classes, dataset.classes)
    torch.set_num_threads(chosen.threads)
    device = distributed.device_of(chosen.device)
    if chosen.scales:
        found = training.predict(over_scales(path, facts, chosen.scales).to(device), dataset, CHUNK)
    else:
        found = list(at_one_size(path, facts, dataset, device))
    scores = scores_of(found, dataset)
    report = {"model": facts.name, "weights": str(path), "data": data, "images": len(dataset)}
    report |= {"scales": list(chosen.scales)} if chosen.scales else {}
    report |= {"step": facts.step, "steps": facts.steps, "scores": scores}
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"{facts.name} on {len(dataset)} images of {data}:", table(scores), sep="\n")
    if recipe_of(facts.name).task.masks and f"{MASK}AP" not in scores:
        print("Its masks are not scored: the data has no segmentations.")
    return 0


def at_one_size(path: Path, facts: Facts, dataset: CocoDataset, device: torch.device) -> Iterator[Prediction]:
    """What the model of a file finds in each picture, at the size that it was trained on."""
    model = load_model(path, facts, on_features=not facts.fine_tuned)
    pictures = at_size(dataset, facts.size)
    inputs = pictures if facts.fine_tuned else cached_features(pictures, facts.backbone())
    return all_found(model.to(device), inputs, dataset, facts.size)


def all_found(
    model: nn.Module, inputs: Items, dataset: CocoDataset, size: tuple[int, int]
) -> Iterator[Prediction]:
    """What is found in each picture, stretched to `size` for the model, in the picture's own pixels."""
    for start in range(0, len(inputs), CHUNK):
        chunk = Picked(inputs, range(start, min(start + CHUNK, len(inputs))))
        for i, found in enumerate(training.predict(model, chunk, CHUNK), start):
            yield in_original_pixels(found, size, size_of(dataset, i))


def scores_of(found: Sequence[Prediction], dataset: CocoDataset) -> dict[str, float]:
    """The twelve numbers of boxes, and as `mask_AP` ... those of masks where both sides have them."""

    def scores(kind: str) -> dict[str, float]:
        return coco_metrics(found, (dataset.target(i) for i in range(len(dataset))), kind)

    with_masks = "masks" in found[0] and not unsegmented(dataset)
    masks = {f"{MASK}{name}": value for name, value in scores("masks").items()} if with_masks else {}
    return scores("boxes") | masks


def table(scores: dict[str, float]) -> str:
    """One line a number, of boxes and then of masks; a dash where there was nothing to be found.

    >>> print(table({"AP": 0.5, "APl": -1.0}))
    AP     0.500
    APl    –
    >>> print(table({"AP": 0.5, "APl": -1.0, "mask_AP": 0.25, "mask_APl": -1.0}))
           boxes  masks
    AP     0.500  0.250
    APl    –      –
    """
    prefixes = ["", MASK] if f"{MASK}AP" in scores else [""]
    lines = [f"{'':6s} boxes  masks"] * (len(prefixes) > 1)
    for name in (name for name in scores if not name.startswith(MASK)):
        values = [scores[f"{prefix}{name}"] for prefix in prefixes]
        lines.append(f"{name:6s} " + "  ".join("–    " if v < 0 else f"{v:.3f}" for v in values).rstrip())
    return "\n".join(lines)
