"""Every odd folder, trained on for two steps and evaluated: `python tests/shared/trained_odd_folders.py`.

Prints how many were trained and evaluated and how many were refused in words, and what ended in another way.
"""

import contextlib
import io
import os
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "coursekit")]

from odd_layouts import LAYOUTS, REFUSED_LAYOUTS
from odd_values import ODD_VALUES, REFUSED_VALUES
from test_odd_folders import READ, REFUSED

from coursekit.cli import main

TABLES = (READ, LAYOUTS, ODD_VALUES, REFUSED, REFUSED_LAYOUTS, REFUSED_VALUES)


def outcome(build, place):
    """ "trained", "refused" or what is wrong."""
    build(place / "odd")
    said, file = io.StringIO(), str(place / "w.safetensors")
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        options = ["--size", "64", "--batch-size", "2", "--steps", "2", "--weights", file]
        code = main(["train", "retinanet", "--data", str(place / "odd"), *options])
        if code == 0:
            code = main(["evaluate", "--data", str(place / "odd"), "--weights", file])
            return "trained" if code == 0 else f"trained, not evaluated: {said.getvalue()}"
    last = said.getvalue().splitlines()[-1]
    return "refused" if str(place / "odd") in last else f"it names no file: {said.getvalue()}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    warnings.simplefilter("error", ResourceWarning)
    count = Counter()
    for number, (name, (build, _)) in enumerate(pair for table in TABLES for pair in table.items()):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["COURSEKIT_CACHE"] = str(Path(folder) / "cache")
            try:
                found = outcome(build, Path(folder))
            except BaseException:
                found = traceback.format_exc()
        count[found if found in ("trained", "refused") else "wrong"] += 1
        if found not in ("trained", "refused"):
            print(f"{number} {name}: {found}", flush=True)
    print(dict(count), f"of {count.total()}")
