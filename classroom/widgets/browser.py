"""Stepping through pictures with their truth and predictions."""

import html
from collections.abc import Callable, Sequence

import ipywidgets
import matplotlib.pyplot as plt
from torch import Tensor

from classroom.display import image_tag
from classroom.figures.gallery import gallery
from classroom.widgets.pictures import check_one_each
from coursekit.metrics import mean_best_iou
from coursekit.ops import box_iou
from coursekit.schema import Prediction


class PredictionBrowser(ipywidgets.VBox):
    """Steps through pictures with their truth and predictions, the worst first.

    Args:
        dataset: (image, target) pairs.
        predictions: one dict an image, in the same order.
        classes: `classes[k - 1]` is the name of label k.
        iou: (N, 4), (M, 4) -> (N, M), to sort by.
    Raises:
        ValueError: nothing to show, or not one prediction an image.
    """

    def __init__(
        self,
        dataset: Sequence,
        predictions: Sequence[Prediction],
        classes: Sequence[str],
        iou: Callable[[Tensor, Tensor], Tensor] = box_iou,
    ) -> None:
        check_one_each(dataset, predictions)
        self.dataset, self.predictions, self.classes = dataset, predictions, classes
        self.ious = [
            mean_best_iou(dataset[i][1]["boxes"], p["boxes"], iou) for i, p in enumerate(predictions)
        ]
        self.order = sorted(range(len(dataset)), key=lambda i: self.ious[i])
        last = len(dataset) - 1
        wide = {"width": "360px"}
        self.slider = ipywidgets.IntSlider(
            0, 0, last, description="Picture", continuous_update=False, layout=wide
        )
        self.previous = ipywidgets.Button(
            description="◀ worse", tooltip="Show the picture before, which is worse"
        )
        self.next = ipywidgets.Button(
            description="better ▶", tooltip="Show the next picture, which is better"
        )
        self.view = ipywidgets.HTML()
        self.previous.on_click(lambda _: self.slider.set_trait("value", max(self.slider.value - 1, 0)))
        self.next.on_click(lambda _: self.slider.set_trait("value", min(self.slider.value + 1, last)))
        self.slider.observe(self._draw, "value")
        super().__init__([ipywidgets.HBox([self.previous, self.slider, self.next]), self.view])
        self._draw()

    @property
    def words(self) -> str:
        """What the picture on show is, for those who cannot see it."""
        i = self.order[self.slider.value]
        truth, found = (
            names(item["labels"], self.classes) for item in (self.dataset[i][1], self.predictions[i])
        )
        return f"Picture {i}: truth {truth}; predicted {found}; IoU {self.ious[i]:.2f}"

    def _draw(self, _change: object = None) -> None:
        i = self.order[self.slider.value]
        image, target = self.dataset[i]
        figure = gallery([image], [target], [self.predictions[i]], self.classes)
        self.view.value = (
            f"{image_tag(figure, self.words)}<div>{html.escape(self.words)} (broken line: truth)</div>"
        )
        plt.close(figure)

    def __repr__(self) -> str:
        return f"PredictionBrowser: {len(self.order)} pictures, worst first. {self.words}"[:110]


def names(labels: Tensor, classes: Sequence[str]) -> str:
    """Return the labels' names with commas between them, or "nothing"."""
    return ", ".join(classes[int(label) - 1] for label in labels) or "nothing"
