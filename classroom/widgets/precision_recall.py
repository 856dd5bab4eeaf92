"""A threshold of the score to slide: what is counted on an image, and where that is on the curve."""

from collections.abc import Sequence

import numpy as np
import traitlets

from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from classroom.widgets.pictures import check_one_each
from coursekit.data.features import target_of
from coursekit.metrics import judge_detections, pooled_ranking, precision_recall
from coursekit.schema import Prediction

Rows = list[list[float]]


class PrecisionRecall(PictureWidget):
    """The curve of all classes and images in one ranking, and the detections of one image above a threshold.

    A detection is right when it takes an object of its class at IoU 0.5, as in COCO's matching.

    Args:
        dataset: (image, target) pairs.
        predictions: one dict an image, in the same order.
        classes: `classes[k - 1]` is the name of label k.
    Raises:
        ValueError: no image, not one prediction an image, or no object at all.
    """

    _esm = page("precision_recall.js")
    threshold = traitlets.Float(0.5).tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    pictures = traitlets.Int(1).tag(sync=True)
    boxes = rows()
    states = traitlets.List(traitlets.Unicode()).tag(sync=True)  # right, wrong, missed
    captions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    curve = rows()  # recall, precision
    here = traitlets.List(traitlets.Float()).tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        dataset: Sequence,
        predictions: Sequence[Prediction],
        classes: Sequence[str],
        threshold: float = 0.5,
    ) -> None:
        check_one_each(dataset, predictions)
        self.dataset, self.classes = dataset, classes
        self.judged = judge_detections(predictions, [target_of(dataset, i) for i in range(len(dataset))])
        self.scores, self.right = pooled_ranking(self.judged)
        self.num_objects = int((~self.judged.true.crowd).sum())
        self.points = precision_recall(self.right, self.num_objects)
        super().__init__(threshold=threshold, pictures=len(dataset), curve=thinned(*self.points))
        self.observe(self._show_picture, "shown")
        self.observe(self._count, ["threshold", "shown"])
        self._show_picture()
        self._count()

    def _show_picture(self, _change: object = None) -> None:
        self.show(self.dataset[self.shown][0])

    def _count(self, _change: object = None) -> None:
        count = int((self.scores >= self.threshold).sum())
        right = int(self.right[:count].sum())
        precision = f"{right} / {count} = {right / count:.2f}" if count else "nothing is said, so none"
        self.label = (
            f"Score ≥ {self.threshold:.2f}: precision {precision}, "
            f"recall {right} / {self.num_objects} = {right / self.num_objects:.2f}"
        )
        self.here = [float(axis[count - 1]) for axis in self.points[::-1]] if count else [0.0, 1.0]
        self._mark()

    def _mark(self) -> None:
        """The boxes of the image on show: the detections that count, and the objects that they leave out."""
        found, true, kind, taken, _ = self.judged
        here = (found.image == self.shown) & (found.score >= self.threshold) & (kind != "not counted")
        seen = np.flatnonzero(here)
        right = kind[seen] == "right"
        is_missed = (true.image == self.shown) & ~true.crowd
        is_missed[taken[seen[right]]] = False
        missed = np.flatnonzero(is_missed)
        self.states = ["right" if is_right else "wrong" for is_right in right] + ["missed"] * len(missed)
        self.captions = [self._name(found.label[i], found.score[i]) for i in seen]
        self.captions = self.captions + [self._name(true.label[i]) for i in missed]
        self.boxes = [*found.box[seen].tolist(), *true.box[missed].tolist()]
        self.words = (
            f"Picture {self.shown}: {right.sum()} right, {(~right).sum()} wrong, {len(missed)} not found"
        )

    def _name(self, label: int, score: float | None = None) -> str:
        return self.classes[int(label) - 1] + ("" if score is None else f" {score:.2f}")

    def __repr__(self) -> str:
        return f"PrecisionRecall: {self.label}. {self.words}"


def thinned(precision: np.ndarray, recall: np.ndarray, most: int = 400) -> Rows:
    """Return at most `most` points (recall, precision) of a curve, the first and the last among them.

    >>> thinned(np.array([1.0, 0.5, 0.4]), np.array([0.5, 0.5, 0.6]), most=2)
    [[0.5, 1.0], [0.6, 0.4]]
    """
    chosen = np.unique(np.linspace(0, len(recall) - 1, min(most, len(recall))).round().astype(int))
    return np.stack([recall, precision], 1)[chosen].tolist()
