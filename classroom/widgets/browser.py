"""Stepping through images with their ground truth and predictions."""

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
    """Steps through images with their ground truth and predictions, the worst first: rank 1.

    Args:
        dataset: (image, target) pairs.
        predictions: one dict per image, in the same order.
        classes: `classes[k - 1]` is the name of label k.
        iou: (N, 4), (M, 4) -> (N, M), to sort by.
    Raises:
        ValueError: nothing to show, or not one prediction per image.
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
        self.slider = ipywidgets.IntSlider(
            1, 1, len(dataset), description="Rank", continuous_update=False, layout={"width": "360px"}
        )
        self.previous = ipywidgets.Button(description="◀ worse", tooltip="Show the image of the rank before")
        self.next = ipywidgets.Button(description="better ▶", tooltip="Show the image of the next rank")
        self.view = ipywidgets.HTML()
        self.previous.on_click(lambda _: self._step(-1))
        self.next.on_click(lambda _: self._step(1))
        self.slider.observe(self._draw, "value")
        super().__init__([ipywidgets.HBox([self.previous, self.slider, self.next]), self.view])
        self._draw()

    @property
    def shown(self) -> int:
        """The index in the dataset of the image on show."""
        return self.order[self.slider.value - 1]

    def _step(self, by: int) -> None:
        self.slider.value = min(max(self.slider.value + by, 1), len(self.order))

    @property
    def words(self) -> str:
        """What the image on show is, for those who cannot see it."""
        i = self.shown
        truth, found = (
            names(item["labels"], self.classes) for item in (self.dataset[i][1], self.predictions[i])
        )
        return f"Image {i}: truth {truth}; predicted {found}; IoU {self.ious[i]:.2f}"

    def _draw(self, _change: object = None) -> None:
        image, target = self.dataset[self.shown]
        figure = gallery([image], [target], [self.predictions[self.shown]], self.classes)
        said = html.escape(
            f"Rank {self.slider.value} of {len(self.order)}. {self.words} (dashed: ground truth)"
        )
        self.view.value = f"{image_tag(figure, self.words)}<div>{said}</div>"
        self.previous.disabled = self.slider.value == 1
        self.next.disabled = self.slider.value == len(self.order)
        plt.close(figure)

    def __repr__(self) -> str:
        return f"PredictionBrowser: {len(self.order)} images, worst first. {self.words}"[:110]


def names(labels: Tensor, classes: Sequence[str]) -> str:
    """Return the labels' names with commas between them, or "nothing"."""
    return ", ".join(classes[int(label) - 1] for label in labels) or "nothing"
