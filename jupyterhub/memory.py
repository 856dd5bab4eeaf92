"""Say how much memory one student needs: run labs to their end, and read the largest size of each kernel.

python jupyterhub/memory.py 01 04      Linux only: the kernel of Linux keeps the peak of every process

With COURSEKIT_STEPS=0.1 it takes a tenth of the training steps, and as much memory; a cell that asserts a score may then fail, which is ignored.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]


def megabytes(process: int, kind: str) -> float:
    """Return a size of a process: VmHWM, its largest resident size so far, or RssAnon, what only it uses now."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:")) / 1024


def measure(lab: Path) -> str:
    """Run every cell of a solved lab; return a line with its peak, the largest part of its own, and the minutes."""
    notebook = nbformat.read(lab, 4)
    client = NotebookClient(
        notebook, timeout=900, allow_errors=True, resources={"metadata": {"path": str(ROOT / "labs")}}
    )
    began, own = time.perf_counter(), 0.0
    with client.setup_kernel():
        process = client.km.provisioner.pid
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
            own = max(own, megabytes(process, "RssAnon"))
        peak = megabytes(process, "VmHWM")
    minutes = (time.perf_counter() - began) / 60
    return f"{lab.stem}: {peak:.0f} MB at most, {own:.0f} MB of its own after a cell, {minutes:.1f} minutes"


if __name__ == "__main__":
    for number in sys.argv[1:] or ["01", "04"]:
        (lab,) = (ROOT / "labs" / "solutions").glob(f"{number}_*.ipynb")
        print(measure(lab), flush=True)
