"""The course's segmenters beside torchvision's: steps of training a second, and mean IoU at one budget of training.

`python bench/segmenters.py` measures all, prints the tables and writes them into README.md; `--speed` the speed alone.
All start without segmentation weights; ours have the ImageNet backbone of the course, frozen, torchvision's have
none, since theirs are a download.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
import torchvision.models.segmentation as peers
from report import machine, write_part
from torch import Tensor, nn
from torch.utils.data import Dataset, Subset

from coursekit import training
from coursekit.data.still_life import CLASSES, still_life
from coursekit.metrics.model_scores import segmentation_intervals
from coursekit.models.fcn import FCN8s
from coursekit.models.segmenter import Inputs, Segmenter, labels_of
from coursekit.models.unet import UNet
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.published import record
from coursekit.recipes.table import SEMANTIC
from coursekit.schema import Target, collate, pad

HERE = Path(__file__).parent
RESULTS = HERE / "segmenters.json"
BATCH, ROUNDS = 8, 3
NO_WEIGHTS = {"weights": None, "weights_backbone": None, "num_classes": len(CLASSES) + 1}


class Theirs(Segmenter):
    """A segmentation network of torchvision under our contract: its own auxiliary loss is not used."""

    levels = ()

    def __init__(self, build: Callable[..., nn.Module]) -> None:
        super().__init__(len(CLASSES))
        self.network, self.backbone = build(**NO_WEIGHTS), nn.Identity()

    def outputs(self, batch: Inputs) -> Tensor:
        return self.network(pad(batch))["out"]


OURS: dict[str, type[Segmenter]] = {"FCN-8s": FCN8s, "U-Net": UNet}
TESTS = SEMANTIC.tests
OUR_RECIPES = ("fcn8s", "fcn16s", "fcn32s", "unet", "unet_none", "deconvnet")
THEIRS: dict[str, Callable[..., nn.Module]] = {
    "torchvision lraspp_mobilenet_v3_large": peers.lraspp_mobilenet_v3_large,
    "torchvision fcn_resnet50": peers.fcn_resnet50,
}


class InMemory(Dataset):
    """All pictures of a split and their label maps as bytes; the mirror images follow if asked for."""

    def __init__(self, split: str, mirrored: bool = False) -> None:
        dataset = still_life(split)
        pairs = [dataset[i] for i in range(len(dataset))]
        self.images = [(image * 255).round().byte() for image, _ in pairs]
        self.labels = [labels_of(target).byte() for _, target in pairs]
        self.mirrored = mirrored

    def __len__(self) -> int:
        return len(self.images) * (1 + self.mirrored)

    def __getitem__(self, i: int) -> tuple[Tensor, Target]:
        image, labels = self.images[i % len(self.images)] / 255, self.labels[i % len(self.images)].long()
        return (
            (image.flip(-1), {"semantic": labels.flip(-1)})
            if i >= len(self.images)
            else (image, {"semantic": labels})
        )


def steps(model: Segmenter, inputs: Inputs, targets: Sequence[Target]) -> Iterator[None]:
    """Endless steps of training on one batch."""
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], 1e-4)
    while True:
        training.descend(optimizer, model.train()(inputs, targets), 0)
        yield


def speeds(rounds: int = ROUNDS) -> dict[str, float]:
    """Images per CPU second of a step of training with each model; the models take turns."""
    val = still_life("val")
    images, targets = collate([val[i] for i in range(BATCH)])
    targets = [{"semantic": labels_of(target)} for target in targets]
    backbone = efficientnet_lite0()
    maps = backbone(torch.stack(images))
    features = [{level: maps[level][i] for level in maps} for i in range(BATCH)]
    runs = {}
    for name, kind in OURS.items():
        runs[f"{name}, from cached features"] = steps(kind(len(CLASSES)), features, targets)
        runs[f"{name}, from images"] = steps(kind(len(CLASSES), backbone), images, targets)
    runs |= {name: steps(Theirs(build), images, targets) for name, build in THEIRS.items()}
    spent: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):  # the first turn is slow
        for name, run in runs.items():
            start = time.process_time()
            next(run)
            spent[name] += [time.process_time() - start] * (number > 0)
    return {name: round(BATCH / statistics.median(times), 1) for name, times in spent.items()}


def ours() -> dict[str, dict]:
    """The published record of each of our models with seed 0, as the recipe made it."""
    return {name: record(name) for name in OUR_RECIPES}


def train_peer(name: str, seconds: float, lr: float = 1e-3, pictures: int = 100) -> dict:
    """The scores of one of torchvision's models, after a number of CPU seconds of training from nothing.

    Four steps tell how many fit; scored on the first `pictures` of each test split.
    """
    dataset = InMemory("train", mirrored=True)
    pace = timed(Theirs(THEIRS[name]), dataset, 4, lr)[0] / 4
    torch.manual_seed(0)
    model = Theirs(THEIRS[name])
    number = max(round(seconds / pace), 1)
    spent, _ = timed(model, dataset, number, lr)
    scores = {
        split: segmentation_intervals(model, Subset(InMemory(split), range(pictures))) for split in TESTS
    }
    return {"steps": number, "cpu_minutes": round(spent / 60, 2), "scores": scores}


def timed(model: Segmenter, dataset: Dataset, number: int, lr: float) -> tuple[float, Segmenter]:
    start = time.process_time()
    for _ in training.fit(model, dataset, number, BATCH, lr):
        pass
    return time.process_time() - start, model


def tables(found: dict) -> str:
    """What was measured, in Markdown."""
    heads = " | ".join(f"{score}, {split}" for split in TESTS for score in ("mean IoU", "boundary F"))
    lines = [
        f"{found['machine']}.",
        "",
        f"| model | steps | CPU seconds | {heads} |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, each in found["accuracy"].items():
        numbers = [
            "{:.3f} ({:.3f} to {:.3f})".format(*each["scores"][split][score])
            for split in TESTS
            for score in ("mean_iou", "boundary_f")
        ]
        lines.append(f"| {name} | {each['steps']} | {60 * each['cpu_minutes']:.0f} | {' | '.join(numbers)} |")
    lines += [
        "",
        f"Speed: {found['speed_machine']}.",
        "",
        "| a step of training | images per CPU second |",
        "|---|--:|",
    ]
    return "\n".join(
        lines + [f"| {name} | {each:.1f} |" for name, each in found["images_per_second"].items()]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speed", action="store_true", help="measure the speed alone, and keep the rest")
    torch.set_num_threads(1)
    before = (
        json.loads(RESULTS.read_text(encoding="utf-8"))
        if RESULTS.exists()
        else {"machine": machine(), "accuracy": {}}
    )
    found = before | {"accuracy": before["accuracy"] | ours()}
    if not parser.parse_args().speed:
        seconds = 60 * found["accuracy"]["fcn8s"]["cpu_minutes"]
        found["accuracy"] |= {name: train_peer(name, seconds) for name in THEIRS}
        found["machine"] = machine()
    found |= {"speed_machine": machine(), "images_per_second": speeds()}
    print(tables(found))
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_part("segmenters", tables(found))


if __name__ == "__main__":
    main()
