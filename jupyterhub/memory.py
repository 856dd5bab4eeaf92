"""Say how much memory one student needs: run labs to their end, and read the largest size of each kernel.

python jupyterhub/memory.py 01 04      Linux only: the kernel of Linux keeps the peak of every process
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]


def peak_megabytes(process: int) -> float:
    """Return the largest resident size that a process has had."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def measure(lab: Path) -> str:
    """Run every cell of a solved lab, and return a line with its peak and its minutes."""
    notebook = nbformat.read(lab, 4)
    client = NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(ROOT / "labs")}})
    began = time.perf_counter()
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        megabytes = peak_megabytes(client.km.provisioner.pid)
    return f"{lab.stem}: {megabytes:.0f} MB, {(time.perf_counter() - began) / 60:.1f} minutes"


if __name__ == "__main__":
    for number in sys.argv[1:] or ["01", "04"]:
        (lab,) = (ROOT / "labs" / "solutions").glob(f"{number}_*.ipynb")
        print(measure(lab), flush=True)
