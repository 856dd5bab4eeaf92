"""One function for each experiment of the course; its docstring states the command, the cost and the score.

`python -m coursekit.recipes localiser --seed 0` runs one and adds its record to data/checkpoints/scores.json.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch.utils.data import ConcatDataset

from coursekit import training
from coursekit.data.features import cached_features
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.transforms import Flipped
from coursekit.folders import data_folder
from coursekit.metrics import bootstrap_interval, localisation_scores
from coursekit.models.localiser import HEADS, LEVELS, Localiser
from coursekit.nets.backbone import efficientnet_lite0

SINGLE_TESTS = ("single_test_scenes", "single_test_objects")


def localiser(
    head: str = "spatial", steps: int = 1000, seed: int = 0, weights: str | Path | None = None
) -> dict:
    """Train a localiser on the features of `single_train` and its mirror images; return its record.

    Command: python -m coursekit.recipes localiser --head spatial --seed 0
    Cost: 0.3 CPU minutes, after the features (cached, 25 ms an image).
    Score: in data/checkpoints/scores.json, on new scenes and on unseen objects.
    """
    backbone = efficientnet_lite0()

    def features(dataset: Sequence) -> Sequence:
        return cached_features(dataset, backbone, levels=tuple(LEVELS))

    scenes = still_life("single_train")
    both = ConcatDataset([features(scenes), features(Flipped(scenes))])
    torch.manual_seed(seed)
    model = Localiser(len(CLASSES), head)
    minutes = train(model, both, steps, seed, weights)
    scores = {split: localisation_intervals(model, features(still_life(split))) for split in SINGLE_TESTS}
    return {
        "recipe": f"localiser-{head}",
        "seed": seed,
        "steps": steps,
        "cpu_minutes": minutes,
        "scores": scores,
    }


def train(
    model: torch.nn.Module, dataset: Sequence, steps: int, seed: int, weights: str | Path | None
) -> float:
    """CPU minutes of the training; the weights are saved where `weights` says."""
    start = time.process_time()
    for _ in training.progress(training.fit(model, dataset, training.steps(steps), seed=seed)):
        pass
    if weights is not None:
        training.save_weights(model, weights)
    return round((time.process_time() - start) / 60, 2)


def localisation_intervals(model: Localiser, dataset: Sequence) -> dict[str, list[float]]:
    """Mean, low and high of the IoU, of the class accuracy and of both right, over one test split."""
    targets = [dataset[i][1] for i in range(len(dataset))]
    values = localisation_scores(training.predict(model, dataset), targets)
    names = {"mean_iou": "iou", "accuracy": "class_right", "both_right": "right"}
    return {mean: [round(x, 4) for x in bootstrap_interval(values[each])] for mean, each in names.items()}


RECIPES: dict[str, Callable[..., dict]] = {"localiser": localiser}


def record(entry: dict, path: Path) -> None:
    """Add one entry to the JSON list of scores; an older one of the same command gives way.

    Raises: ValueError when the file is there but no JSON list.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        entries = [old for old in entries if old["command"] != entry["command"]] + [entry]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is no list of scores: repair or remove it.") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)


def commit() -> str:
    """The commit of the code, "+" when files have changed since; "unknown" outside of a repository."""
    git = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty=+", "--abbrev=12"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m coursekit.recipes", description=__doc__)
    recipes = parser.add_subparsers(dest="recipe", required=True)
    options = recipes.add_parser("localiser", help=localiser.__doc__.splitlines()[0])
    options.add_argument("--head", choices=list(HEADS), default="spatial")
    options.add_argument("--steps", type=int, default=1000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--weights", help="a .safetensors file to save the trained weights in")
    chosen = vars(parser.parse_args(arguments))
    torch.set_num_threads(1)
    name = chosen.pop("recipe")
    command = " ".join(
        ["python -m coursekit.recipes", name, *(f"--{k} {v}" for k, v in chosen.items() if k != "weights")]
    )
    try:
        entry = {"command": command, "commit": commit()} | RECIPES[name](**chosen)
        record(entry, data_folder() / "checkpoints" / "scores.json")
    except (ValueError, FileNotFoundError) as error:
        sys.exit(str(error))
    print(json.dumps(entry, indent=1))


if __name__ == "__main__":
    main()
