"""Running an experiment from the command line and keeping its scores.

`python -m coursekit.recipes localiser --seed 0` runs one and adds its record to data/checkpoints/scores.json.
"""

import argparse
import inspect
import json
import os
import pkgutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Literal, get_args, get_origin

import torch

import coursekit.recipes
from coursekit import training
from coursekit.folders import data_folder

Recipe = Callable[..., dict]


def all_recipes() -> dict[str, Recipe]:
    """Every experiment by its name: what the modules beside this one list in their `RECIPES`.

    >>> "localiser" in all_recipes()
    True
    """
    names = [module.name for module in pkgutil.iter_modules(coursekit.recipes.__path__)]
    modules = [
        import_module(f"coursekit.recipes.{name}") for name in names if name not in ("core", "__main__")
    ]
    return {name: recipe for module in modules for name, recipe in module.RECIPES.items()}


def train(
    model: torch.nn.Module,
    dataset: Sequence,
    steps: int,
    seed: int,
    weights: str | Path | None = None,
    seconds: float | None = None,
    **options,
) -> float:
    """CPU minutes of the training; the weights are saved where `weights` says. `options` go to `training.fit`.

    A run that goes on from a checkpoint counts its own steps, and the earlier ones as equally long.

    Args:
        seconds: what it takes on one core; said beforehand.
    """
    start = time.process_time()
    run = training.progress(training.fit(model, dataset, steps, seed=seed, **options), seconds)
    here = sum(1 for _ in run)
    if weights is not None:
        training.save_weights(model, weights)
    return round((time.process_time() - start) / 60 * steps / max(here, 1), 2)


def run(arguments: Sequence[str]) -> tuple[dict, str]:
    """The record of an experiment and the command that makes it again, from the words after `coursekit.recipes`.

    Raises: ValueError or FileNotFoundError in words, from the experiment; SystemExit for words that it does not know.
    """
    recipes = all_recipes()
    chosen = vars(parser(recipes).parse_args(arguments))
    name = chosen.pop("recipe")
    options = " ".join(f"--{option} {value}" for option, value in chosen.items() if option != "weights")
    torch.set_num_threads(1)
    return recipes[name](**chosen), f"python -m coursekit.recipes {name} {options}"


def parser(recipes: dict[str, Recipe]) -> argparse.ArgumentParser:
    """A parser with a sub-command for each experiment and an option for each of its parameters."""
    whole = argparse.ArgumentParser("python -m coursekit.recipes", description=coursekit.recipes.__doc__)
    commands = whole.add_subparsers(dest="recipe", required=True)
    for name, recipe in recipes.items():
        options = commands.add_parser(name, help=recipe.__doc__.splitlines()[0])
        for parameter in inspect.signature(recipe).parameters.values():
            add_option(options, parameter)
    return whole


def add_option(options: argparse.ArgumentParser, parameter: inspect.Parameter) -> None:
    """Add what a parameter of an experiment says of itself: its default, its type, its `Literal` values."""
    if parameter.name == "weights":
        options.add_argument("--weights", help="a .safetensors file to save the trained weights in")
        return
    names = get_args(parameter.annotation) if get_origin(parameter.annotation) is Literal else None
    kind = str if names else type(parameter.default)
    options.add_argument(f"--{parameter.name}", type=kind, choices=names, default=parameter.default)


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
    try:
        before = commit()
        scores, command = run(sys.argv[1:] if arguments is None else arguments)
        entry = {"command": command, "commit": before} | scores
        record(entry, data_folder() / "checkpoints" / "scores.json")
    except (ValueError, FileNotFoundError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped before the end: no score was recorded.")
    print(json.dumps(entry, indent=1))
