"""Every odd folder, trained on for two steps and evaluated: `python tests/shared/trained_odd_folders.py [NAME ...]`.

Prints how many were trained and evaluated and how many were refused in words, and what ended in another way.
"""

import contextlib
import io
import os
import runpy
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

import torch
from odd_layouts import LAYOUTS, REFUSED_LAYOUTS
from odd_values import ODD_VALUES, REFUSED_VALUES

from coursekit.cli import main


def every_folder():
    """The name and the builder of each folder."""
    first = runpy.run_path(str(Path(__file__).parents[1] / "coursekit" / "test_odd_folders.py"))
    tables = first["READ"], LAYOUTS, ODD_VALUES, first["REFUSED"], REFUSED_LAYOUTS, REFUSED_VALUES
    return [(name, build) for table in tables for name, (build, _) in table.items()]


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
    return "refused" if str(place / "odd") in said.getvalue() else f"it names no file: {said.getvalue()}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    count = Counter()
    for name, build in every_folder():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.environ["COURSEKIT_CACHE"] = str(Path(folder) / "cache")
            try:
                found = outcome(build, Path(folder))
            except BaseException:
                found = traceback.format_exc()
        count[found if found in ("trained", "refused") else "wrong"] += 1
        if found not in ("trained", "refused"):
            print(f"{name}: {found}", flush=True)
    print(dict(count), f"of {count.total()}")
