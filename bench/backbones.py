"""One detector on several backbones: what each backbone costs, measured here, and what it gives, from its recipe's records.

`python bench/backbones.py` measures the rows that are not in backbones.json yet, and writes the table into README.md;
`python bench/backbones.py NAME ...` measures these again. The scores are those of `python -m coursekit.recipes backbone`.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import torch
from report import machine, write_part

from coursekit.data.features import features_of
from coursekit.data.still_life import still_life
from coursekit.nets.backbone import Backbone
from coursekit.published import records
from coursekit.recipes.better_features import BACKBONES

RESULTS = Path(__file__).parent / "backbones.json"
ROUNDS, BATCH = 9, 16
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
TITLES = {
    "lite0": "EfficientNet-Lite0",
    "lite1": "EfficientNet-Lite1",
    "lite2": "EfficientNet-Lite2",
    "csp_darknet": "CSP darknet of YOLOX-Nano",
    "untrained": "EfficientNet-Lite0, untrained",
}


def measure(backbone: Backbone) -> dict:
    """One row: the machine, the milliseconds of the feature maps and the number of weights."""
    weights = sum(each.numel() for each in backbone.stages.parameters())
    return {"machine": machine(), "milliseconds": milliseconds(backbone), "weights": weights}


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
    """What was measured, and the published scores of every seed, in Markdown."""
    lines = [f"- {TITLES[name]}: {row['machine']}." for name, row in rows.items()]
    lines += [
        "",
        "| backbone | weights, millions | ms per image | ms, channels_last | seed | steps | AP, new scenes | AP, unseen objects |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, row in rows.items():
        cost = [f"{row['weights'] / 1e6:.1f}", *(f"{row['milliseconds'][layout]:.0f}" for layout in LAYOUTS)]
        for entry in records():
            if entry["recipe"] == f"backbone-{name}":
                scores = [
                    "{:.3f} ({:.3f} to {:.3f})".format(*each["AP"]) for each in entry["scores"].values()
                ]
                numbers = [str(entry["seed"]), str(entry["steps"])]
                lines.append(f"| {' | '.join([TITLES[name], *cost, *numbers, *scores])} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"to be measured again, out of {', '.join(BACKBONES)}")
    chosen = parser.parse_args().names
    for name in chosen:
        if name not in BACKBONES:
            parser.error(f"unknown backbone {name!r}: choose one of {', '.join(BACKBONES)}.")
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
