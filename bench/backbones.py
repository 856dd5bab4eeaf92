"""One detector on several backbones: RetinaNet with its recipe's number of steps, and what each backbone costs.

`python bench/backbones.py` measures the rows that are not in backbones.json yet, and writes the table into README.md;
`python bench/backbones.py NAME ...` measures these again. Scores are of `val`: the test splits choose nothing.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import torch
from report import machine, write_part

from coursekit.data.features import features_of
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.still_life_features import still_life_features
from coursekit.metrics.model_scores import detection_intervals
from coursekit.models.retinanet import RetinaNet
from coursekit.nets.backbone import Backbone
from coursekit.nets.csp_darknet import csp_darknet
from coursekit.nets.efficientnet import efficientnet_lite0, efficientnet_lite1, efficientnet_lite2
from coursekit.recipes.table import RECIPES

RESULTS = Path(__file__).parent / "backbones.json"
SEED, ROUNDS, BATCH = 0, 9, 16
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def untrained() -> Backbone:
    """An EfficientNet-Lite0 with random weights, the same each time."""
    torch.manual_seed(SEED)
    return efficientnet_lite0(pretrained=False)


BACKBONES = {
    "EfficientNet-Lite0": efficientnet_lite0,
    "EfficientNet-Lite1": efficientnet_lite1,
    "EfficientNet-Lite2": efficientnet_lite2,
    "CSP darknet of YOLOX-Nano": csp_darknet,
    "EfficientNet-Lite0, untrained": untrained,
}


def measure(backbone: Backbone) -> dict:
    """One row: what the features and the training of the head cost, and the scores on `val`."""
    recipe = RECIPES["retinanet"]
    row = {"machine": machine(), "milliseconds": milliseconds(backbone)}
    train = still_life_features("train", "boxes", mirrored=True, backbone=backbone)
    torch.manual_seed(SEED)
    model = RetinaNet(len(CLASSES), backbone=backbone)
    minutes = recipe.fit(model, train, recipe.steps, SEED)
    scores = detection_intervals(model, still_life_features("val", backbone=backbone))
    return row | {
        "weights": sum(each.numel() for each in backbone.stages.parameters()),
        "steps": recipe.steps,
        "cpu_minutes": minutes,
        "scores": scores,
    }


def milliseconds(backbone: Backbone) -> dict[str, float]:
    """CPU milliseconds per image of the feature maps in each memory layout, which take turns."""
    images = torch.stack([image for image, _ in (still_life("val")[i] for i in range(BATCH))])
    spent: dict[str, list[float]] = {name: [] for name in LAYOUTS}
    own = backbone.memory_format
    for _ in range(1 + ROUNDS):
        for name, backbone.memory_format in LAYOUTS.items():
            start = time.process_time()
            features_of(backbone, images)
            spent[name].append((time.process_time() - start) / BATCH * 1000)
    backbone.memory_format = own
    return {
        name: round(statistics.median(times[1:]), 1) for name, times in spent.items()
    }  # the first is slow


def table(rows: dict[str, dict]) -> str:
    """What was measured, in Markdown."""
    lines = [f"- {name}: {row['machine']}." for name, row in rows.items()]
    lines += [
        "",
        "| backbone | weights, millions | ms per image | ms, channels_last | steps | CPU seconds | AP | AP50 | AP75 |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, row in rows.items():
        cost = [f"{row['weights'] / 1e6:.1f}", *(f"{row['milliseconds'][layout]:.0f}" for layout in LAYOUTS)]
        cost += [str(row["steps"]), f"{60 * row['cpu_minutes']:.0f}"]
        scores = ["{:.3f} ({:.3f} to {:.3f})".format(*row["scores"][each]) for each in ("AP", "AP50", "AP75")]
        lines.append(f"| {' | '.join([name, *cost, *scores])} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"to be measured again, out of {', '.join(BACKBONES)}")
    chosen = parser.parse_args().names
    for name in chosen:
        if name not in BACKBONES:
            parser.error(f"there is no backbone {name!r}: choose one of {', '.join(BACKBONES)}.")
    torch.set_num_threads(1)
    rows = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for name, build in BACKBONES.items():
        if name in chosen or name not in rows:
            rows[name] = measure(build())
            rows = {each: rows[each] for each in BACKBONES if each in rows}
            RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
            print(name, json.dumps(rows[name]), flush=True)
    write_part("backbones", table(rows))


if __name__ == "__main__":
    main()
