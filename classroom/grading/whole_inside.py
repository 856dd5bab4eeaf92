"""The program inside the fence that runs a whole notebook: cells come in as JSON, and the sentence on the first problem goes out."""

import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path

from classroom.grading.isolate import FENCED, become_nobody, forbid
from classroom.notebooks.execution import BuildError, execute, of_code

MEMORY = 4_000_000_000  # bytes that the kernel may use; the largest lab takes less than half of it
LARGEST_FILE = 1_500_000_000
MOST_PROCESSES = 200  # threads count too


def main() -> None:
    """Run the notebook and say what stopped it, or nothing."""
    answer = os.dup(1)  # the kernel does not inherit it
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    request = json.load(sys.stdin.buffer)
    become_nobody()
    if FENCED and os.path.isdir(fonts := os.environ["COURSEKIT_FONTS"]):
        shutil.copytree(fonts, os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)
    work = Path(os.environ["HOME"]) / "work"
    work.mkdir()
    limit()
    os.write(answer, json.dumps({"problem": problem(request, work)}).encode())


def problem(request: dict, work: Path) -> str:
    """The sentence on the first cell that fails, or nothing."""
    steps = {"COURSEKIT_STEPS": os.environ["COURSEKIT_STEPS"]}
    try:
        execute(of_code(request["cells"]), work, steps, until=time.monotonic() + request["seconds"])
    except BuildError as error:
        return str(error)
    return ""


def limit() -> None:
    """Take from the kernel and all that it starts what no lab needs."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    if FENCED:
        resource.setrlimit(resource.RLIMIT_NPROC, (MOST_PROCESSES, MOST_PROCESSES))
        forbid()


if __name__ == "__main__":
    main()
