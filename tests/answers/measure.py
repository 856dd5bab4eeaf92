"""How `check` judges answers that its authors have not seen: `python tests/answers/measure.py [lab03 …]` prints a table.

Each function `right_…` of a file must be accepted and each `wrong_…` rejected, if possible by name.
"""

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import Pool
from pathlib import Path

import torch

from classroom.exercises.catalogue import find
from classroom.exercises.examine import examine
from classroom.exercises.exercise import Exercise

FOLDER = Path(__file__).parent


def main(labs: list[str]) -> None:
    """Print how many answers of the labs got which verdict, and which got a wrong one or no name; all labs: keep it."""
    files = [file for file in answer_files() if not labs or file.parent.name in labs]
    with Pool(2) as pool:
        rows = [row for rows in pool.imap(examined, files) for row in rows]
    for lab in sorted({row["lab"] for row in rows}):
        print(line(lab, [row for row in rows if row["lab"] == lab]))
    for row in rows:
        if row["verdict"] != {"right": "right", "wrong": "named"}[row["kind"]]:
            print(f"  {row['lab']}/{row['exercise']}.py {row['answer']}: {row['verdict']}. {row['said']}")
    for who in ("first", "second"):
        print(line(f"{who} authors", [row for row in rows if row["author"] == who]))
    if not labs:
        kept = [{key: row[key] for key in row if key != "said"} for row in rows]
        (FOLDER / "measured.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def answer_files() -> list[Path]:
    """Return the files of answers, those of the second authors last."""
    return sorted(FOLDER.glob("lab*/*.py")) + sorted(FOLDER.glob("second/lab*/*.py"))


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
        {"lab": file.parent.name, "exercise": file.stem, "author": author(file)}
        | {"answer": name, "kind": name.split("_")[0]}
        | verdict_on(function, exercise)
        for name, function in answers(file)
    ]


def author(file: Path) -> str:
    return "second" if file.parent.parent.name == "second" else "first"


def answers(file: Path) -> Iterator[tuple[str, Callable]]:
    """Yield the name of each answer of a file, and the function."""
    specification = importlib.util.spec_from_file_location(f"{file.parent.name}_{file.stem}", file)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    for name, value in list(vars(module).items()):
        if name.startswith(("right_", "wrong_")) and callable(value):
            yield name, value


def verdict_on(function: Callable, exercise: Exercise) -> dict:
    """Return what `examine` says of a function."""
    verdict = examine(function, exercise)
    names = [wrong.name for wrong in verdict.diagnosis.wrong_answers]
    word = "named" if names else "rejected"
    if not verdict.attempted or verdict.right:
        word = "right" if verdict.right else "not attempted"
    return {"verdict": word, "names": names, "said": verdict.sentence}


if __name__ == "__main__":
    main(sys.argv[1:])
