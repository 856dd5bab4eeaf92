"""JupyterLab with the student's own copy of a lab."""

import os
import subprocess
import sys
from pathlib import Path

# A photograph travels to Python in one message; the server's own limit is 10 MB.
LARGE_UPLOADS = "--ServerApp.tornado_settings={'websocket_max_message_size': 300000000}"


def command(mine: Path, options: list[str]) -> list[str]:
    """Return the command that opens a lab of the folder `mine`, lab 01 unless the first option is the number of another.

    Raises:
        ValueError: there is no lab of that number.
    """
    number, options = (options[0], options[1:]) if options and options[0].isdigit() else ("01", options)
    found = sorted(mine.glob(f"{number.zfill(2)}_*.ipynb"))
    if not found:
        there = ", ".join(path.name[:2] for path in sorted(mine.glob("*.ipynb")))
        raise ValueError(f"There is no lab {number}; there are {there}.")
    own = [] if any(option.endswith(".ipynb") for option in options) else [f"{mine.name}/{found[0].name}"]
    # In a container one is root, and JupyterLab refuses to start for root unless told to.
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    folders = [f"--ServerApp.root_dir={mine.parent}", f"--ServerApp.preferred_dir={mine}"]
    return [sys.executable, "-m", "jupyterlab", *folders, LARGE_UPLOADS, *as_root, *own, *options]


def start(words: list[str], folder: Path) -> int:
    """Run a command in a folder; where the system can, it takes the place of this program, and Ctrl-C goes to it."""
    os.chdir(folder)
    if os.name == "nt":
        return subprocess.call(words)
    os.execv(words[0], words)
