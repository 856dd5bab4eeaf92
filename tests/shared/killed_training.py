"""`coursekit train`, killed with SIGKILL at many moments, and the same command again: the files must be those of a run in peace.

`python tests/shared/killed_training.py [MOMENT ...]` tries every moment, in processes forked from one that has imported everything.
"""

import os
import signal
import sys
import tempfile
from contextlib import nullcontext
from functools import partial
from importlib import import_module
from pathlib import Path
from unittest import mock

import torch
from shapes_folder import write_folder

from coursekit.cli import main
from coursekit.commands.progress import Progress

FILES = ("w.safetensors", "w.best.safetensors", "w.losses.csv", "w.losses.png")


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def at(place, number=1, name="", after=False):
    """Kill before or after a call of a function, the `number`th of those whose path, if any is asked for, ends in `name`."""
    module, _, attribute = place.rpartition(".")
    owner, calls = owner_of(module), [0]
    original = getattr(owner, attribute)

    def called(*arguments, **options):
        calls[0] += path_of(*arguments).endswith(name)
        if calls[0] < number:
            return original(*arguments, **options)
        if after:
            original(*arguments, **options)
        kill()

    return mock.patch.object(owner, attribute, called)


def owner_of(path):
    """A module, or a class in one."""
    try:
        return import_module(path)
    except ImportError:
        module, _, name = path.rpartition(".")
        return getattr(import_module(module), name)


def path_of(*arguments):
    """The last path among the arguments, or that of an open file."""
    if arguments and isinstance(arguments[0], int):
        return os.readlink(f"/proc/self/fd/{arguments[0]}")
    return next((str(each) for each in reversed(arguments) if isinstance(each, str | Path)), "")


def half_a_line(number):
    """Kill when half of a line of the CSV file is written."""
    calls, original = [0], Progress.add

    def add(progress, row):
        calls[0] += 1
        if calls[0] < number:
            return original(progress, row)
        cells = ",".join(progress.cells(row))
        with progress.table.open("a", encoding="utf-8") as file:
            file.write(cells[: len(cells) // 2])
        kill()

    return mock.patch.object(Progress, "add", add)


TRAIN, DATA, WRITE = "coursekit.commands.train", "coursekit.data", "coursekit.weights.os"
MOMENTS = {
    "before the pictures are looked at": partial(at, f"{DATA}.coco_folder.inspect"),
    "at the third picture": partial(at, f"{DATA}.inspection.decoded_size", 3),
    "before the features": partial(at, f"{DATA}.mirrored.cached_features"),
    "among the features": partial(at, f"{DATA}.features.store", 2),
    "features stored, not counted": partial(at, f"{DATA}.features.store", 2, after=True),
    "before the features of the mirror images": partial(at, f"{DATA}.mirrored.cached_features", 2),
    "before the first step": partial(at, f"{TRAIN}.announce", after=True),
    "in the gradient of step 3": partial(at, "coursekit.training.descend", 5),
    "after the gradient of step 5": partial(at, "coursekit.training.descend", 7, after=True),
    "at the head of the CSV": partial(at, "pathlib.Path.replace", 1, "losses.csv"),
    "in the first checkpoint": partial(at, f"{WRITE}.fsync", 1, "checkpoint.partial"),
    "in the second checkpoint": partial(at, f"{WRITE}.fsync", 2, "checkpoint.partial"),
    "before the second checkpoint counts": partial(at, f"{WRITE}.replace", 2, "checkpoint"),
    "after the second checkpoint": partial(at, f"{WRITE}.replace", 2, "checkpoint", after=True),
    "in the first validation": partial(at, f"{TRAIN}.validation_score", 1),
    "in the last validation": partial(at, f"{TRAIN}.validation_score", 3),
    "in the best weights": partial(at, f"{WRITE}.fsync", 1, "best.safetensors.partial"),
    "before the best weights count": partial(at, f"{WRITE}.replace", 1, "best.safetensors"),
    "after the best weights": partial(at, f"{WRITE}.replace", 1, "best.safetensors", after=True),
    "in line 4 of the CSV": partial(half_a_line, 4),
    "in the last line of the CSV": partial(half_a_line, 6),
    "before the first curves": partial(at, "matplotlib.figure.Figure.savefig", 1),
    "in the last curves": partial(at, "pathlib.Path.replace", 3, "losses.png"),
    "in the last weights": partial(at, f"{WRITE}.fsync", 1, "/w.safetensors.partial"),
    "after the last weights": partial(at, f"{WRITE}.replace", 1, "/w.safetensors", after=True),
    "before the checkpoint is removed": partial(at, "pathlib.Path.unlink", 1, "checkpoint"),
}  # fmt: skip


def train(data, here):
    options = "--size 64 --batch-size 2 --steps 6 --save-every 2 --val-every 2 --threads 1".split()
    options += ["--data", str(data), "--val", str(data), "--weights", str(here / "w.safetensors")]
    cache = mock.patch.dict(os.environ, COURSEKIT_CACHE=str(here / "cache"))
    with cache, mock.patch("coursekit.data.features.BATCH_SIZE", 2):
        return main(["train", "retinanet", *options])


def in_a_child(data, here, moment=nullcontext):
    """The exit code of a training in a forked process, with a cache of its own; -9 if it was killed."""
    here.mkdir(exist_ok=True)
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            with (here / "said.txt").open("a") as said:
                for stream in (1, 2):
                    os.dup2(said.fileno(), stream)
            with moment():
                code = train(data, here)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def faults(data, here, moment, whole):
    """What is wrong after a run that was killed at a moment, and after the same command again."""
    code = in_a_child(data, here, moment)
    if code != -signal.SIGKILL:
        return [f"it was not killed, but ended with {code}"]
    code = in_a_child(data, here)
    found = (
        [] if code == 0 else [f"the same command ended with {code}: {(here / 'said.txt').read_text()[-300:]}"]
    )
    for name in FILES:
        if not (here / name).exists() or (here / name).read_bytes() != (whole / name).read_bytes():
            found.append(f"{name} is another one")
    left = {path.name for path in here.iterdir()} - {*FILES, "cache", "said.txt"}
    return found + [f"{name} is left" for name in sorted(left)]


if __name__ == "__main__":
    torch.set_num_threads(1)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shapes = write_folder(place / "shapes")
        (place / "whole").mkdir()
        assert (
            train(shapes, place / "whole") == 0
        )  # here, so that the forked processes find everything imported
        for k, (name, moment) in enumerate(MOMENTS.items()):
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            found = faults(shapes, place / str(k), moment, place / "whole")
            wrong += bool(found)
            print(f"{name}: {'; '.join(found) or 'the same files'}", flush=True)
    print(f"{len(MOMENTS)} moments, {wrong} with faults")
    sys.exit(bool(wrong))
