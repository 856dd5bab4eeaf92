"""Lab 14, section 8: panoptic quality, and the two numbers whose product it is."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import table
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.pictures import overlaps_picture

Quality = tuple[float, float, float]


def pq_sq_rq(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
    """The panoptic, segmentation and recognition quality: means over the classes that are predicted or true."""
    return _means([_of_counts(*each) for each in _by_class(iou, labels, true_labels)])


def _by_class(iou: Tensor, labels: Tensor, true_labels: Tensor) -> list[tuple[Tensor, int, int]]:
    """The IoUs of the matched segments of each class, its false positives and its false negatives."""
    rows = []
    for k in torch.cat([labels, true_labels]).unique():
        overlap = iou[labels == k][:, true_labels == k]
        hits = overlap[overlap > 0.5]
        rows.append((hits, len(overlap) - len(hits), overlap.shape[1] - len(hits)))
    return rows


def _of_counts(hits: Tensor, extra: int, missed: int) -> Quality:
    """PQ, SQ and RQ of one class; SQ is 0 without a match."""
    recognition = len(hits) / (len(hits) + 0.5 * extra + 0.5 * missed)
    segmentation = hits.mean().item() if len(hits) else 0.0
    return segmentation * recognition, segmentation, recognition


def _means(rows: list[Quality]) -> Quality:
    pq, sq, rq = (sum(column) / len(rows) for column in zip(*rows, strict=True))
    return pq, sq, rq


def _labels(*values: int) -> Tensor:
    return torch.tensor(values, dtype=torch.int64)


_NONE = _labels()

PQ_SQ_RQ = Exercise(
    pq_sq_rq,
    picture=overlaps_picture,
    hints=(
        "Look at one class at a time: its rows and its columns of the table. Which of these pairs match? What is left over in the rows, and what in the columns?",
        "Of one class: SQ is the mean IoU of the matched pairs, or 0; RQ = TP / (TP + FP / 2 + FN / 2); PQ = SQ * RQ. Then the mean of each over the classes that occur.",
        "rows = []\n"
        "for k in torch.cat([labels, true_labels]).unique():\n"
        "    overlap = iou[labels == k][:, true_labels == k]\n"
        "    hits = overlap[…]  # the IoUs of the pairs that match\n"
        "    false_positives, false_negatives = overlap.shape[0] - len(hits), …\n"
        "    rq = len(hits) / (len(hits) + 0.5 * false_positives + 0.5 * false_negatives)\n"
        "    sq = hits.mean().item() if len(hits) else 0.0\n"
        "    rows.append((sq * rq, sq, rq))\n"
        "return tuple(…)  # the mean of each column",
    ),
    cases=(
        Case("one object, found", (table((0.8,)), _labels(3), _labels(3))),
        Case(
            "one object found, one missed, one extra",
            (table((0.9, 0.0), (0.0, 0.4)), _labels(2, 2), _labels(2, 2)),
        ),
        Case("two extra segments", (table((0.7,), (0.2,), (0.1,)), _labels(1, 1, 1), _labels(1))),
        Case("two missed objects", (table((0.6, 0.1, 0.3)), _labels(1), _labels(1, 1, 1))),
        Case("an IoU of exactly 0.5", (table((0.5, 0.0), (0.0, 0.75)), _labels(4, 4), _labels(4, 4))),
        Case("another class", (table((0.9, 0.0), (0.0, 0.8)), _labels(1, 2), _labels(3, 2))),
        Case(
            "three classes of different sizes",
            (
                table(
                    (0.9, 0, 0, 0, 0),
                    (0, 0.7, 0.1, 0, 0),
                    (0, 0, 0.3, 0, 0),
                    (0, 0, 0, 0.6, 0),
                    (0, 0, 0, 0, 0.2),
                ),
                _labels(1, 1, 1, 2, 5),
                _labels(1, 1, 1, 2, 5),
            ),
        ),
        Case("nothing found", (torch.zeros(0, 2, dtype=torch.float64), _NONE, _labels(1, 4))),
        Case("nothing there", (torch.zeros(1, 0, dtype=torch.float64), _labels(2), _NONE)),
    ),
)


def _wrong(name: str, story: str, answer: Callable[[Tensor, Tensor, Tensor], Quality]) -> None:
    """Add an answer of a table and both lists of labels."""
    PQ_SQ_RQ.wrong(name, story)(lambda iou, labels, true_labels: answer(iou, labels, true_labels))


def _other_quality(name: str, story: str, quality: Callable[[Tensor, int, int], Quality]) -> None:
    """Add the answer that scores each class in another way."""
    _wrong(name, story, lambda *given: _means([quality(*each) for each in _by_class(*given)]))


def _recognised(name: str, story: str, share: Callable[[int, int, int], float]) -> None:
    """Add the answer with another recognition quality, from TP, FP and FN."""

    def quality(hits: Tensor, extra: int, missed: int) -> Quality:
        _, segmentation, _ = _of_counts(hits, extra, missed)
        recognition = share(len(hits), extra, missed)
        return segmentation * recognition, segmentation, recognition

    _other_quality(name, story, quality)


_RQ = "RQ = TP / (TP + FP / 2 + FN / 2): each of the two errors counts half."
_recognised("errors counted in full", _RQ, lambda tp, fp, fn: tp / (tp + fp + fn))
_recognised(
    "missed objects forgotten",
    "Then it is precision: an object without a match costs nothing.",
    lambda tp, fp, fn: tp / max(tp + fp, 1),
)
_recognised(
    "extra segments forgotten",
    "Then it is recall: a segment that is not there costs nothing.",
    lambda tp, fp, fn: tp / max(tp + fn, 1),
)


@PQ_SQ_RQ.wrong(
    "the class forgotten", "A pair of different classes never matches: compare only segments of one class."
)
def _any_class(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
    rows = []
    for k in torch.cat([labels, true_labels]).unique():
        its, there = iou[:, true_labels == k], iou[labels == k]
        hits = its[its > 0.5]
        rows.append(_of_counts(hits, len(there) - int((there > 0.5).sum()), its.shape[1] - len(hits)))
    return _means(rows)


@PQ_SQ_RQ.wrong(
    "all classes in one pot",
    "Score each class alone and take the mean over the classes, so that a rare class counts as much as a common one.",
)
def _pooled(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
    rows = _by_class(iou, labels, true_labels)
    hits = torch.cat([each[0] for each in rows])
    return _of_counts(hits, sum(each[1] for each in rows), sum(each[2] for each in rows))


@PQ_SQ_RQ.wrong(
    "the classes in one pot, whatever they are",
    "Only segments of one class match. Score each class alone and take the mean over the classes.",
)
def _one_table(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
    hits = iou[iou > 0.5]
    return _of_counts(hits, iou.shape[0] - len(hits), iou.shape[1] - len(hits))


@PQ_SQ_RQ.wrong("the product of the means", "Multiply within each class; then take the mean of the products.")
def _product_of_means(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
    _, sq, rq = pq_sq_rq(iou, labels, true_labels)
    return sq * rq, sq, rq


@PQ_SQ_RQ.wrong(
    "0.5 counted as a match",
    "More than 0.5 is needed: with exactly 0.5 an object could have two matches.",
)
def _at_least(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
    return pq_sq_rq(iou + 1e-9 * (iou == 0.5), labels, true_labels)


@PQ_SQ_RQ.wrong(
    "the classes of the truth alone", "A class that is only predicted is a mistake too, and its scores are 0."
)
def _true_classes(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
    known = torch.isin(labels, true_labels)
    return pq_sq_rq(iou[known], labels[known], true_labels) if len(true_labels) else (0.0, 0.0, 0.0)


@PQ_SQ_RQ.wrong(
    "classes without a match left out",
    "They are in the mean, with 0 for all three: otherwise a network that predicts little is perfect.",
)
def _matched_classes(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
    rows = [_of_counts(*each) for each in _by_class(iou, labels, true_labels) if len(each[0])]
    return _means(rows) if rows else (0.0, 0.0, 0.0)


@PQ_SQ_RQ.wrong("NaN without a match", "The mean of no IoU is NaN: SQ, and so PQ, is 0 for such a class.")
def _nan(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
    rows = _by_class(iou, labels, true_labels)
    nan = float("nan")
    return _means([_of_counts(*each) if len(each[0]) else (nan, nan, 0.0) for each in rows])


@PQ_SQ_RQ.wrong(
    "the mean IoU of all objects", "SQ is the mean over the *matched* pairs: what is missed is in RQ already."
)
def _over_all_objects(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
    rows = []
    for hits, extra, missed in _by_class(iou, labels, true_labels):
        _, _, rq = _of_counts(hits, extra, missed)
        sq = hits.sum().item() / max(len(hits) + missed, 1)
        rows.append((sq * rq, sq, rq))
    return _means(rows)


_wrong(
    "SQ and RQ swapped",
    "The order is PQ, SQ, RQ.",
    lambda *given: tuple(pq_sq_rq(*given)[i] for i in (0, 2, 1)),
)
_wrong(
    "the mean of SQ and RQ", "PQ is the product of SQ and RQ.", lambda *given: _averaged(*pq_sq_rq(*given))
)


def _averaged(pq: float, sq: float, rq: float) -> Quality:
    return (sq + rq) / 2, sq, rq


def _fails(name: str, story: str, applies: Callable[[Tensor], bool]) -> None:
    """Add the answer that raises an error for some tables."""

    def answer(iou: Tensor, labels: Tensor, true_labels: Tensor) -> Quality:
        if applies(iou):
            raise Exception  # whatever the error
        return pq_sq_rq(iou, labels, true_labels)

    _wrong(name, story, answer)


_fails(
    "an error when nothing is found",
    "Without a prediction the classes of the truth have scores of 0.",
    lambda iou: not len(iou),
)
_fails(
    "an error when nothing is there",
    "Without an object the predicted classes have scores of 0.",
    lambda iou: not iou.shape[1],
)
_fails("an error with an empty table", "Then all three are 0.", lambda iou: not iou.numel())

EXERCISES = (PQ_SQ_RQ,)
