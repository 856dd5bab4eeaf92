"""What `coursekit evaluate` reports on a detector: COCO's numbers, each class, confusions, and where AP is lost."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from coursekit.commands.datasets import unsegmented
from coursekit.data.coco import CocoDataset
from coursekit.metrics import coco_curves, coco_summary, coco_table, error_budget, judge_detections
from coursekit.metrics.coco import CocoCurves
from coursekit.schema import Prediction, Target

MASK = "mask_"  # before the names of the numbers of masks
NOTHING = "nothing"  # beside the classes: a false detection, or an object that was missed
WIDEST = 10  # classes of a table of confusions; of more, the most frequent ones are listed


def targets_of(dataset: CocoDataset) -> Iterator[Target]:
    return (dataset.target(i) for i in range(len(dataset)))


def detection_report(found: Sequence[Prediction], dataset: CocoDataset, threshold: float) -> dict[str, Any]:
    """Return the scores, those of each class, the confusions and the error budget.

    Args:
        threshold: precision, recall and confusions are those of the detections that score above it.
    """
    with_masks = any("masks" in each for each in found) and not unsegmented(dataset)
    curves = {"": coco_curves(found, targets_of(dataset), "boxes")}
    if with_masks:
        curves[MASK] = coco_curves(found, targets_of(dataset), "masks")
    budget = error_budget(found, targets_of(dataset))
    confusion = confusions(found, dataset, threshold)
    return {
        "scores": {
            f"{kind}{name}": x for kind, each in curves.items() for name, x in coco_summary(each).items()
        },
        "threshold": threshold,
        "classes": classes_of(curves, dataset.classes, confusion),
        "confusion": confusion.tolist(),
        "errors": {name: {"count": budget.counts[name], "gain": gain} for name, gain in budget.gains.items()},
    }


def confusions(found: Sequence[Prediction], dataset: CocoDataset, threshold: float) -> np.ndarray:
    """Return how often an object of a class (row) is detected as one of a class (column); the last of each is nothing.

    A detection belongs to an object if their IoU is at least 0.5, one per object: one of its class if possible, otherwise the most confident.
    All other detections are in the last row, undetected objects in the last column.

    Shapes: -> (K + 1, K + 1).
    """
    judged = judge_detections([sure_boxes(each, threshold) for each in found], targets_of(dataset))
    nothing = len(dataset.classes)
    counts = np.zeros((nothing + 1, nothing + 1), int)
    hits = np.flatnonzero(np.isin(judged.kind, ("right", "classification")))
    hits = hits[np.lexsort((-judged.found.score[hits], judged.kind[hits] != "right"))]
    objects, first = np.unique(
        judged.object[hits], return_index=True
    )  # one of the right class, otherwise the most confident
    true = np.full(len(judged.kind), nothing)
    true[hits[first]] = judged.true.label[objects] - 1
    counted = judged.kind != "not counted"
    np.add.at(counts, (true[counted], judged.found.label[counted] - 1), 1)
    lost = ~judged.true.crowd
    lost[objects] = False
    np.add.at(counts[:, nothing], judged.true.label[lost] - 1, 1)
    return counts


def sure_boxes(found: Prediction, threshold: float) -> Prediction:
    kept = found["scores"] > threshold
    return {"boxes": found["boxes"][kept], "labels": found["labels"][kept], "scores": found["scores"][kept]}


def classes_of(
    curves: dict[str, CocoCurves], classes: Sequence[str], confusion: np.ndarray
) -> dict[str, dict[str, float | int | None]]:
    """Return the AP of each class, and its precision and recall at the threshold; None where there is nothing to divide."""
    tables = {kind: coco_table(each, classes) for kind, each in curves.items()}
    said: dict[str, dict[str, float | int | None]] = {}
    for k, name in enumerate(classes):
        right, predicted = int(confusion[k, k]), int(confusion[:, k].sum())
        row: dict[str, float | int | None] = {}
        for kind, table in tables.items():
            for score in ("AP", "AP50"):
                value = table.get(name, {}).get(score, -1.0)
                row[f"{kind}{score}"] = None if value < 0 else value
        objects = int(confusion[k].sum())
        row |= {"objects": objects, "found": predicted}
        row["precision"] = right / predicted if predicted else None
        row["recall"] = right / objects if objects else None
        said[name] = row
    return said


def lines_of(report: dict[str, Any]) -> Iterator[str]:
    """Yield what the report says, line by line."""
    yield scores_table(report["scores"])
    names = list(report["classes"])
    wide = max(len("class"), *map(len, names))
    columns = list(next(iter(report["classes"].values())))
    yield f"\nEach class; precision and recall are those of scores above {report['threshold']:g}:"
    yield f"{'class':{wide}s} " + " ".join(f"{column:>9s}" for column in columns)
    for name, row in report["classes"].items():
        yield f"{name:{wide}s} " + " ".join(cell(value) for value in row.values())
    yield from confusion_lines(np.array(report["confusion"]), names)
    yield "\nWhat each kind of error costs (AP50 without it, minus AP50 as it is):"
    for name, error in report["errors"].items():
        yield f"{name:14s} {error['count']:6d}  {error['gain']:+.3f}"


def cell(value: float | int | None) -> str:
    if value is None:
        return f"{'–':>9s}"
    return f"{value:9d}" if isinstance(value, int) else f"{value:9.3f}"


def confusion_lines(confusion: np.ndarray, classes: Sequence[str]) -> Iterator[str]:
    """Yield a table of a few classes, or the most frequent confusions of many."""
    names = [*classes, NOTHING]
    if len(classes) <= WIDEST:
        wide = max(map(len, names))
        yield "\nObjects (rows) and what they were detected as (columns):"
        yield f"{'':{wide}s} " + " ".join(f"{name[:9]:>9s}" for name in names)
        for name, row in zip(names, confusion, strict=True):
            yield f"{name:{wide}s} " + " ".join(f"{count:9d}" for count in row)
        return
    wrong = confusion.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong[:-1, :-1], axis=None, kind="stable")[:WIDEST]
    yield "\nThe most frequent confusions:"
    for true, predicted in zip(*np.unravel_index(order, wrong[:-1, :-1].shape), strict=True):
        if wrong[true, predicted]:
            yield f"{wrong[true, predicted]:6d}  {names[true]} detected as {names[predicted]}"


def scores_table(scores: dict[str, float]) -> str:
    """One line per number, of boxes and then of masks; a dash where there are no objects.

    >>> print(scores_table({"AP": 0.5, "APl": -1.0}))
    AP     0.500
    APl    –
    >>> print(scores_table({"AP": 0.5, "APl": -1.0, "mask_AP": 0.25, "mask_APl": -1.0}))
           boxes  masks
    AP     0.500  0.250
    APl    –      –
    """
    prefixes = ["", MASK] if f"{MASK}AP" in scores else [""]
    lines = [f"{'':6s} boxes  masks"] * (len(prefixes) > 1)
    for name in (name for name in scores if not name.startswith(MASK)):
        values = [scores[f"{prefix}{name}"] for prefix in prefixes]
        lines.append(f"{name:6s} " + "  ".join("–    " if v < 0 else f"{v:.3f}" for v in values).rstrip())
    return "\n".join(lines)
