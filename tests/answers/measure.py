"""How `check` judges answers that its authors have not seen: `python tests/answers/measure.py` prints a table.

Each function `right_…` of a file must be accepted and each `wrong_…` rejected, if possible by name. Every answer is
examined in a process of its own kind of patience: what takes more than SECONDS counts as neither.
"""

import contextlib
import importlib.util
import io
import json
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path

import torch

from classroom.exercises.catalogue import find
from classroom.exercises.core import examine

FOLDER = Path(__file__).parent
SECONDS = 20
VERDICTS = ("right", "named", "rejected", "not attempted", "raised", "hung")


def main() -> None:
    """Print per lab how many answers got which verdict, then each that got a wrong one; write all to measured.json."""
    files = sorted(FOLDER.glob("lab*/*.py"))
    with Pool(2) as pool:
        rows = [row for rows in pool.imap(examined, files) for row in rows]
    for lab in sorted({row["lab"] for row in rows}):
        print(line(lab, [row for row in rows if row["lab"] == lab]))
    print(line("all", rows))
    (FOLDER / "measured.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def line(name: str, rows: list[dict]) -> str:
    """Return the counts of some answers in one line.

    >>> line("all", [{"kind": "right", "verdict": "right"}, {"kind": "wrong", "verdict": "named"}])
    'all: 1 of 1 right answers accepted; 1 of 1 wrong ones rejected, 1 of them by name'
    """
    right = Counter(row["verdict"] for row in rows if row["kind"] == "right")
    wrong = Counter(row["verdict"] for row in rows if row["kind"] == "wrong")
    rejected = wrong["named"] + wrong["rejected"]
    return (
        f"{name}: {right['right']} of {right.total()} right answers accepted; "
        f"{rejected} of {wrong.total()} wrong ones rejected, {wrong['named']} of them by name"
    )


def examined(file: Path) -> list[dict]:
    """Return the verdict on each answer of a file."""
    torch.set_num_threads(1)
    exercise = find(file.stem)
    return [
        {"lab": file.parent.name, "exercise": file.stem, "answer": name, "kind": name.split("_")[0]}
        | verdict_on(function, exercise)
        for name, function in answers(file)
    ]


def answers(file: Path) -> Iterator[tuple[str, object]]:
    """Yield the name of each answer of a file, and the function."""
    specification = importlib.util.spec_from_file_location(f"{file.parent.name}_{file.stem}", file)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    for name, value in vars(module).items():
        if name.startswith(("right_", "wrong_")) and callable(value):
            yield name, value


def verdict_on(function: object, exercise: object) -> dict:
    """Return what `examine` says of a function, or that it raised or did not end in time."""

    def too_long(_signal: int, _frame: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            verdict = examine(function, exercise)
    except TimeoutError:
        return {"verdict": "hung", "names": []}
    except (
        BaseException
    ) as error:  # `check` promises not to raise; a student's sys.exit() is among what happens
        return {"verdict": "raised", "names": [], "error": f"{type(error).__name__}: {error}"[:200]}
    finally:
        signal.alarm(0)
    names = [wrong.name for wrong in verdict.diagnosis]
    if not verdict.attempted:
        return {"verdict": "not attempted", "names": []}
    said = "right" if verdict.right else "named" if names else "rejected"
    return {"verdict": said, "names": names}


if __name__ == "__main__":
    sys.exit(main())
