"""Following a recipe from the command line and keeping its scores.

`python -m coursekit.recipes localiser --seed 0` follows one and adds its record to data/checkpoints/scores.json.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

import coursekit.recipes
from coursekit.folders import data_folder
from coursekit.published import records
from coursekit.recipes.recipe import Recipe
from coursekit.recipes.table import RECIPES

MANY = 3  # the help gives each recipe of a word a paragraph, or a line if there are more


def run(arguments: Sequence[str]) -> tuple[dict, str]:
    """Return the record of a recipe and the command that makes it again, from the words after `coursekit.recipes`.

    Raises:
        ValueError, FileNotFoundError: from the recipe.
        SystemExit: words that it does not know.
    """
    chosen = vars(parser().parse_args(arguments))
    words, seed, weights = chosen.pop("words"), chosen.pop("seed"), chosen.pop("weights", None)
    steps = chosen.pop("steps", None)
    words += "".join(f" --{option} {value}" for option, value in chosen.items())
    name = next(name for name, recipe in RECIPES.items() if words_of(name, recipe) == words)
    recipe = RECIPES[name]
    steps = recipe.steps if steps is None else steps
    torch.set_num_threads(1)
    numbers = f"--steps {steps} --seed {seed}" if "steps" in recipe.options else f"--seed {seed}"
    return recipe.run(name, steps, seed, weights), f"python -m coursekit.recipes {words} {numbers}"


def words_of(name: str, recipe: Recipe) -> str:
    """Return the words that choose a recipe, without its numbers.

    >>> words_of("unet_none", RECIPES["unet_none"]), words_of("ssd", RECIPES["ssd"])
    ('unet --skips none', 'ssd')
    """
    return recipe.command or name


def parser() -> argparse.ArgumentParser:
    """Return a parser with a sub-command for the recipes of each first word, and an option to choose between them."""
    whole = argparse.ArgumentParser("python -m coursekit.recipes", description=coursekit.recipes.__doc__)
    commands = whole.add_subparsers(dest="words", required=True, metavar="NAME")
    together: dict[str, dict[str, Recipe]] = {}
    for name, recipe in RECIPES.items():
        together.setdefault(words_of(name, recipe).split()[0], {})[name] = recipe
    for word, recipes in together.items():
        first, *_ = recipes.values()
        add_options(commands.add_parser(word, help=first.about, **described(recipes)), recipes)
    return whole


def add_options(sub: argparse.ArgumentParser, recipes: dict[str, Recipe]) -> None:
    """Add the options of the recipes that begin with one word."""
    first, *_ = recipes.values()
    variants = [recipe.command.split()[1:] for recipe in recipes.values() if recipe.command]
    for place, option in list(enumerate(variants[0] if variants else []))[::2]:
        values = list(dict.fromkeys(variant[place + 1] for variant in variants))
        sub.add_argument(option, choices=values, default=values[0])
    if "steps" in first.options:
        published = dict.fromkeys(str(recipe.steps) for recipe in recipes.values())
        sub.add_argument("--steps", type=int, help=f"of training ({' or '.join(published)})")
    sub.add_argument("--seed", type=int, default=0)
    if "weights" in first.options:
        sub.add_argument("--weights", help="a .safetensors file to save the trained weights in")


def described(recipes: dict[str, Recipe]) -> dict:
    """Return what the help of a word says: what each of its recipes does, costs and scores, as it was published."""
    published = {each["recipe"]: each for each in records() if each["seed"] == 0}
    lines: list[str] = []
    for name, recipe in recipes.items():
        many = len(recipes) > MANY
        if not (many and lines):
            lines.append(recipe.about if many else f"{name}: {recipe.about}")
        if name in published:
            lines += [short_line(recipe, published[name])] if many else published_lines(published[name])
    return {"description": "\n".join(lines), "formatter_class": argparse.RawDescriptionHelpFormatter}


def short_line(recipe: Recipe, entry: dict) -> str:
    """Return the options, the cost and the first score on both splits of a record, in one line."""
    options = " ".join(recipe.command.split()[1:])
    scores = [next(iter(found.items())) for found in entry["scores"].values()]
    both = " and ".join(f"{value[0]:.2f}" for _, value in scores)
    return f"  {options}: {entry['cpu_minutes']} CPU minutes, {scores[0][0]} {both} on {' and '.join(entry['scores'])}"


def published_lines(entry: dict) -> list[str]:
    """Return the command, the cost and the scores of a record, a line each."""
    minutes = entry.get("cpu_minutes")
    cost = [f"  cost: {minutes} CPU minutes after the features"] if minutes else []
    scores = [
        f"  {split}: {', '.join(f'{score} {value[0]:.2f}' for score, value in found.items())}"
        for split, found in entry["scores"].items()
    ]
    return [f"  command: {entry['command']}", *cost, *scores]


def keep(entry: dict, path: Path) -> None:
    """Add one entry to the JSON list of scores; an older one of the same command gives way.

    Raises:
        ValueError: the file exists but is not a JSON list.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        entries = [old for old in entries if old["command"] != entry["command"]] + [entry]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is not a list of scores: repair or remove it.") from error
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
        keep(entry, data_folder() / "checkpoints" / "scores.json")
    except (ValueError, FileNotFoundError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped before the end: no score was recorded.")
    print(json.dumps(entry, indent=1))
