"""What takes long is repeated by quarters, chosen by the date, or in full with `--all`: published trainings and other tests."""

import json

from coursekit.folders import data_folder
from coursekit.published import SHIPPED

SCORES = json.loads((data_folder() / "checkpoints" / "scores.json").read_text(encoding="utf-8"))
FIRST_SEEDS = [entry for entry in SCORES if entry["seed"] == 0]
JUDGED_BY_FILE = {weights.recipe for weights in SHIPPED.values()}
# A recipe whose weights are shipped is judged by its file, in test_trained_*.py; of each kind one is trained again.
AGAIN = {
    "localiser-spatial",
    "localiser-pooled",
    "retinanet",
    "faster_rcnn",
    "detr",
    "fcn8s",
    "learning_curve-none-50",
}
NEVER = {
    "detr_changes",
    "detr_modern",
    "mask_rcnn",
    "learning_curve",
    "image_size",
    "fine_tuning",
    "backbone",
}  # many trainings or long ones; another row of their kind is trained again
QUARTERS = 4
ALL = "python course.py test tests/course/test_scores.py -m slow --all"


def is_repeated(entry):
    recipe = entry["recipe"]
    of_kind = recipe.split("-")[0]
    return recipe in AGAIN or not (entry.get("weights") or recipe in JUDGED_BY_FILE or of_kind in NEVER)


REPEATED = [entry for entry in FIRST_SEEDS if is_repeated(entry)]


def words(entry):
    return entry["command"].removeprefix("python -m coursekit.recipes ").split()


def title(entry):
    return " ".join(words(entry))


def quarter(entries, day):
    """Every fourth of the entries; four days that follow each other have them all.

    The entries are dealt from the longest training to the shortest, to and fro, so that the days take about
    equally long.
    """
    longest_first = sorted(entries, key=lambda entry: -entry.get("cpu_minutes", 0))
    there, back = day % QUARTERS, 2 * QUARTERS - 1 - day % QUARTERS
    chosen = [title(entry) for start in (there, back) for entry in longest_first[start :: 2 * QUARTERS]]
    return [entry for entry in entries if title(entry) in chosen]


def of_other_days(tests, day):
    """Three quarters of the tests, by their names; four days that follow each other have them all."""
    in_order = sorted(tests, key=lambda test: test.nodeid)
    return {test for i, test in enumerate(in_order) if (i + day) % QUARTERS}


def sentence(day):
    """What today's quarter is, what is left out, and how to repeat all."""
    today = quarter(REPEATED, day)
    left_out = [title(entry) for entry in REPEATED if entry not in today]
    return (
        f"Published trainings: repeated today {len(today)} of {len(REPEATED)} ({'; '.join(map(title, today))}), "
        f"not {'; '.join(left_out)}. Of the tests marked rotated, a quarter ran. All of them: {ALL}"
    )
