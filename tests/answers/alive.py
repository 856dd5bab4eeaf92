"""Which small changes of a reference its cases do not notice: `python tests/answers/alive.py [lab03 | nms …]`.

What cannot be told apart from the reference by any case that the exercise allows is listed, with the reason, in
equal/labNN.json.
"""

import json
import sys
from pathlib import Path

import torch

FOLDER = Path(__file__).parent
sys.path.append(str(FOLDER.parent / "shared"))

from mutants import mutants  # noqa: E402

from classroom.exercises.catalogue import find, homes  # noqa: E402
from classroom.exercises.examine import differences, expected, outcomes  # noqa: E402
from classroom.exercises.exercise import Exercise  # noqa: E402

SECONDS = 3  # for all cases of one mutant


def main(chosen: list[str]) -> None:
    """Print the mutants that are alive, and how many there are."""
    torch.set_num_threads(1)
    total = alive = 0
    for name in homes():
        if not chosen or name in chosen or lab_of(name) in chosen:
            everyone, survivors = examined(find(name))
            unexplained = [said for said in survivors if said not in equal(name)]
            total, alive = total + len(everyone), alive + len(unexplained)
            print(
                f"{name}: {len(everyone)} mutants, {len(survivors)} alive, {len(unexplained)} without a reason"
            )
            print(*(f"   {said}" for said in unexplained), sep="\n", end="\n" * bool(unexplained))
    print(f"{total} mutants, {alive} alive without a reason")


def examined(exercise: Exercise) -> tuple[list[str], list[str]]:
    """Return all mutants of an exercise's reference in words, and those that pass every case."""
    wanted, everyone, alive = expected(exercise), [], []
    for said, changed in mutants(exercise.reference):
        everyone.append(said)
        with changed:
            noticed = any(differences(outcomes(exercise.reference, exercise, SECONDS), wanted, exercise))
        if not noticed:
            alive.append(said)
    return everyone, alive


def equal(name: str) -> dict[str, str]:
    """Return the mutants of an exercise that are no different, each with the reason."""
    file = FOLDER / "equal" / f"{lab_of(name)}.json"
    return json.loads(file.read_text(encoding="utf-8")).get(name, {}) if file.exists() else {}


def lab_of(name: str) -> str:
    return homes()[name].split(".")[2]


if __name__ == "__main__":
    main(sys.argv[1:])
