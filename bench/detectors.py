"""The course's detectors beside torchvision's: accuracy at one budget of training, and images per second.

`python bench/detectors.py` trains all of them in one run, prints the tables and writes them into README.md.
`python bench/detectors.py SSD RetinaNet` does so for some; `--speed` measures the speed alone, of all.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torchvision.models.detection as peers
from report import machine, write_part
from torch import Tensor, nn
from torch.utils.data import Dataset

from coursekit import shipped, training
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.transforms import horizontal_flip
from coursekit.metrics.model_scores import detection_intervals
from coursekit.recipes.core import run
from coursekit.recipes.table import BOXES

HERE = Path(__file__).parent
RESULTS = HERE / "detectors.json"
TESTS = BOXES.tests
SIDE = 192  # pixels, the lab's size
ROUNDS = 15
# By the names of their shipped weights, which for these are those of their recipes too.
OURS = {
    "YOLO": "yolo",
    "modern YOLO": "yolo_modern",
    "SSD": "ssd",
    "RetinaNet": "retinanet",
    "FCOS": "fcos",
    "CenterNet": "centernet",
}
# Their training takes longer than this comparison, so their weights are the shipped ones.
SHIPPED = {
    "Faster R-CNN": "faster_rcnn",
    "Mask R-CNN": "mask_rcnn",
    "CornerNet": "cornernet",
    "DETR": "detr",
    "modern DETR": "detr_modern",
}
NO_WEIGHTS = {"weights": None, "weights_backbone": None, "num_classes": len(CLASSES) + 1}
FASTER_RCNN = "torchvision fasterrcnn_mobilenet_v3_large_320_fpn"


def faster_rcnn() -> nn.Module:
    """torchvision's smallest two-stage detector as it starts, on images of the lab's size."""
    return peers.fasterrcnn_mobilenet_v3_large_320_fpn(**NO_WEIGHTS, min_size=SIDE, max_size=SIDE)


def retinanet() -> nn.Module:
    return peers.retinanet_resnet50_fpn(**NO_WEIGHTS, min_size=SIDE, max_size=SIDE)


def mask_rcnn() -> nn.Module:
    return peers.maskrcnn_resnet50_fpn(**NO_WEIGHTS, min_size=SIDE, max_size=SIDE)


def ssdlite() -> nn.Module:
    model = peers.ssdlite320_mobilenet_v3_large(**NO_WEIGHTS)
    model.transform.fixed_size = (SIDE, SIDE)  # its constructor knows 320 pixels only
    return model


THEIRS: dict[str, Callable[[], nn.Module]] = {
    "torchvision ssdlite320_mobilenet_v3_large": ssdlite,
    "torchvision retinanet_resnet50_fpn": retinanet,
    FASTER_RCNN: faster_rcnn,
    "torchvision maskrcnn_resnet50_fpn": mask_rcnn,
}


class InMemory(Dataset):
    """All pictures of a split as bytes, with their boxes; the mirror images follow if asked for."""

    def __init__(self, split: str, mirrored: bool = False) -> None:
        dataset = still_life(split)
        pairs = [dataset[i] for i in range(len(dataset))]
        self.images = [(image * 255).round().byte() for image, _ in pairs]
        self.targets = [{key: target[key] for key in ("boxes", "labels", "area")} for _, target in pairs]
        self.mirrored = mirrored

    def __len__(self) -> int:
        return len(self.images) * (1 + self.mirrored)

    def __getitem__(self, i: int) -> tuple[Tensor, dict]:
        image, target = self.images[i % len(self.images)] / 255, self.targets[i % len(self.images)]
        return horizontal_flip(image, target) if i >= len(self.images) else (image, target)


def train_peer(seconds: float, lr: float = 1e-3, batch_size: int = 2) -> dict:
    """The scores of torchvision's Faster R-CNN after a number of CPU seconds of training from nothing.

    Two images a step, as in torchvision's own recipe: it looks at 512 regions of each. Its steps get cheaper as it
    learns, so it is trained again, with more of them, until nine tenths of the seconds are used.
    """
    dataset, steps, spent = InMemory("train", mirrored=True), 10, 0.0
    while spent < 0.9 * seconds:
        steps = round(steps * min(seconds / spent, 10)) if spent else steps
        torch.manual_seed(0)
        model, start = faster_rcnn(), time.process_time()
        for _ in training.fit(model, dataset, steps, batch_size, lr):
            pass
        spent = time.process_time() - start
    scores = {split: detection_intervals(model, InMemory(split)) for split in TESTS}
    return {"steps": steps, "cpu_minutes": round(spent / 60, 2), "scores": scores}


def accuracies(names: Sequence[str], folder: Path) -> dict[str, dict]:
    """The record of each of our models, trained now, and of the peer with the budget of the longest of them."""
    found = {}
    for name in names:
        weights = str(folder / f"{name}.safetensors")
        found[name], _ = run([OURS[name], "--seed", "0", "--weights", weights])
        print(name, json.dumps(found[name]), flush=True)
    found[FASTER_RCNN] = train_peer(max(60 * each["cpu_minutes"] for each in found.values()))
    print(FASTER_RCNN, json.dumps(found[FASTER_RCNN]), flush=True)
    return found


@torch.inference_mode()
def speeds(models: dict[str, nn.Module], rounds: int = ROUNDS) -> dict[str, float]:
    """Images per CPU second of each model, from pixels to boxes, one image at a time; the models take turns."""
    images = [image for image, _ in (still_life("val")[i] for i in range(rounds))]
    spent: dict[str, list[float]] = {name: [] for name in models}
    for model in models.values():
        model.eval()(images[:1])  # the first call is slow
    for image in images:
        for name, model in models.items():
            start = time.process_time()
            model([image])
            spent[name].append(time.process_time() - start)
    return {name: round(1 / statistics.median(times), 1) for name, times in spent.items()}


def models_to_time(folder: Path) -> dict[str, nn.Module]:
    """Ours with the weights of this run or else the shipped ones, and torchvision's with none: they find nothing."""
    models = {}
    for name, known in (OURS | SHIPPED).items():
        models[name], mine = shipped(known), folder / f"{name}.safetensors"
        if mine.exists():
            training.load_weights(models[name], mine)
    return models | {name: make() for name, make in THEIRS.items()}


def tables(found: dict) -> str:
    """What was measured, in Markdown."""
    lines = [
        f"{found['machine']}.",
        "",
        "| model | steps | CPU seconds | "
        + " | ".join(f"{score}, {split}" for split in TESTS for score in ("AP", "AP50"))
        + " |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, each in found["accuracy"].items():
        numbers = [interval(each["scores"][split][score]) for split in TESTS for score in ("AP", "AP50")]
        lines.append(f"| {name} | {each['steps']} | {60 * each['cpu_minutes']:.0f} | {' | '.join(numbers)} |")
    lines += ["", f"Speed: {found['speed_machine']}.", "", "| model | images per second |", "|---|--:|"]
    lines += [f"| {name} | {each:.1f} |" for name, each in found["images_per_second"].items()]
    return "\n".join(lines)


def interval(numbers: Sequence[float]) -> str:
    value, low, high = numbers
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(OURS), help=f"out of {', '.join(OURS)}")
    parser.add_argument("--speed", action="store_true", help="measure the speed alone, and keep the rest")
    chosen = parser.parse_args()
    for name in chosen.names:
        if name not in OURS:
            parser.error(f"unknown detector {name!r}: choose out of {', '.join(OURS)}.")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        if chosen.speed:
            found = json.loads(RESULTS.read_text(encoding="utf-8"))
        else:
            found = {"machine": machine(), "accuracy": accuracies(chosen.names, Path(folder))}
        found["speed_machine"] = machine()
        found["images_per_second"] = speeds(models_to_time(Path(folder)))
    print(tables(found))
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_part("detectors", tables(found))


if __name__ == "__main__":
    main()
