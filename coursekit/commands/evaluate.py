"""`coursekit evaluate --weights FILE`: COCO's twelve numbers of a trained model."""

import json
from argparse import Namespace
from pathlib import Path

import torch

from coursekit import distributed, training
from coursekit.commands.datasets import at_size, in_original_pixels, open_data
from coursekit.commands.models import check_classes, load_model, model_named, read_facts
from coursekit.data.features import cached_features
from coursekit.metrics import coco_metrics


def evaluate(chosen: Namespace) -> int:
    """Print the scores of a file of weights on a dataset, and write them as JSON where `--json` says.

    Raises: ValueError, OSError in words, for bad weights or data.
    """
    path = Path(chosen.weights)
    facts = read_facts(path, chosen.model)
    data = chosen.data or model_named(facts.name).splits[1]
    dataset = open_data(data, "val")
    check_classes(path, facts.classes, dataset.classes)
    torch.set_num_threads(chosen.threads)
    model = load_model(path, facts, on_features=not facts.fine_tuned)
    pictures = at_size(dataset, facts.size)
    inputs = pictures if facts.fine_tuned else cached_features(pictures, facts.backbone())
    found = training.predict(model.to(distributed.device_of(chosen.device)), inputs)
    targets = (dataset.target(i) for i in range(len(dataset)))
    scores = coco_metrics(in_original_pixels(found, dataset, facts.size), targets)
    report = {"model": facts.name, "weights": str(path), "data": data, "images": len(dataset)}
    report |= {"step": facts.step, "steps": facts.steps, "scores": scores}
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"{facts.name} on {len(dataset)} images of {data}:", table(scores), sep="\n")
    return 0


def table(scores: dict[str, float]) -> str:
    """One line a number; a dash where there was nothing to be found.

    >>> print(table({"AP": 0.5, "APl": -1.0}))
    AP     0.500
    APl    –
    """
    return "\n".join(f"{name:6s} {'–' if value < 0 else f'{value:.3f}'}" for name, value in scores.items())
