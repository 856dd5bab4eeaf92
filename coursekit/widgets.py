"""Things to drag, to step through and to upload. All computing is in Python traits; the pages ask nobody outside."""

import base64
import html
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import anywidget
import ipywidgets
import matplotlib.pyplot as plt
import torch
import traitlets
from PIL import Image
from torch import Tensor

from coursekit.data.photos import photo, read_image
from coursekit.draw import gallery, image_tag, overlap
from coursekit.ops import box_iou
from coursekit.schema import Prediction


class BoxIoU(anywidget.AnyWidget):
    """Two boxes on a picture, to drag or to move with the keys, and the IoU that a function of yours gives them.

    Args:
        iou: (N, 4), (M, 4) -> (N, M); what it does wrong is shown in words.
        image: (3, H, W) in [0, 1]; plain grey without one.
        box_a, box_b: where the boxes start, xyxy pixels.
    Raises:
        ValueError: a box is not four numbers.

    >>> BoxIoU(box_a=(0, 0, 20, 20), box_b=(10, 10, 30, 30)).label
    'IoU = 0.143'
    """

    _esm = Path(__file__).with_name("box_iou.js")
    box_a = traitlets.List(traitlets.Float()).tag(sync=True)
    box_b = traitlets.List(traitlets.Float()).tag(sync=True)
    width = traitlets.Int(400).tag(sync=True)
    height = traitlets.Int(300).tag(sync=True)
    picture = traitlets.Unicode("").tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)
    formula = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        iou: Callable[[Tensor, Tensor], Tensor] = box_iou,
        image: Tensor | None = None,
        box_a: Sequence[float] | None = None,
        box_b: Sequence[float] | None = None,
    ) -> None:
        height, width = (300, 400) if image is None else image.shape[-2:]
        box_a = [0.15 * width, 0.2 * height, 0.55 * width, 0.65 * height] if box_a is None else box_a
        box_b = [0.35 * width, 0.4 * height, 0.8 * width, 0.85 * height] if box_b is None else box_b
        boxes = {name: [float(side) for side in box] for name, box in (("box_a", box_a), ("box_b", box_b))}
        if any(len(box) != 4 for box in boxes.values()):
            raise ValueError("A box is four numbers: left, top, right and bottom, in pixels.")
        rounded = {name: [float(round(side)) for side in box] for name, box in boxes.items()}
        super().__init__(width=width, height=height, picture=data_url(image), **rounded)
        self.iou = iou
        self.observe(self._compute, ["box_a", "box_b"])
        self._compute()

    def _compute(self, _change: object = None) -> None:
        a, b = torch.tensor(self.box_a), torch.tensor(self.box_b)
        self.label, self.formula = iou_in_words(self.iou, a, b), areas_in_words(a, b)

    def __repr__(self) -> str:
        sides = " and ".join(str([round(side) for side in box]) for box in (self.box_a, self.box_b))
        return f"BoxIoU: boxes {sides}, {self.label}"[:110]


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
        if not len(dataset) or len(dataset) != len(predictions):
            raise ValueError(
                f"There are {len(dataset)} images but {len(predictions)} predictions: give one each."
            )
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


class PhotoInput(ipywidgets.VBox):
    """A button for a photograph of your own; `.image` is it as a (3, H, W) tensor, a stored one until then.

    Args:
        fallback: the photograph of scikit-image to begin with.
        longest_side: larger photographs are made smaller, pixels.
    """

    def __init__(self, fallback: str = "coffee", longest_side: int = 640) -> None:
        self.image, self.longest_side = photo(fallback), longest_side
        wide = {"width": "max-content"}
        self.upload = ipywidgets.FileUpload(accept="image/*", description="Your photograph", layout=wide)
        self.status = ipywidgets.HTML(
            f"The photograph <b>{html.escape(fallback)}</b>, until you give your own."
        )
        self.view = ipywidgets.HTML()
        self.upload.observe(self._read, "value")
        super().__init__([self.upload, self.status, self.view])
        self._draw(fallback)

    def _read(self, _change: object = None) -> None:
        for file in self.upload.value[-1:]:
            name = html.escape(file["name"])
            try:
                self.image = shrink(read_image(bytes(file["content"])), self.longest_side)
            except (ValueError, OSError) as error:
                self.status.value = (
                    f"{name} cannot be used: {html.escape(str(error))} The photograph before stays."
                )
                return
            self.status.value = f"{name}: {self.image.shape[-1]} x {self.image.shape[-2]} pixels."
            self._draw(file["name"])

    def _draw(self, name: str) -> None:
        self.view.value = f'<img alt="{html.escape(name)}" width="240" src="{data_url(self.image)}">'

    def __repr__(self) -> str:
        return f"PhotoInput: a photograph of {self.image.shape[-1]} x {self.image.shape[-2]} pixels"


def iou_in_words(iou: Callable[[Tensor, Tensor], Tensor], a: Tensor, b: Tensor) -> str:
    """Return "IoU = 0.123" for two boxes (4,), or one sentence on what the function did instead."""
    try:
        value = iou(a[None], b[None])
        if value is None:
            return "Your IoU function gave None: is there a `return`?"
        value = torch.as_tensor(value)
    except Exception as error:  # the student's own code: anything may happen, and all of it is told
        return f"Your IoU function raised {type(error).__name__}: {error}"
    if value.numel() != 1:
        return f"Your IoU function gave the shape {tuple(value.shape)}; one box with one box is (1, 1)."
    number = float(value)
    if math.isnan(number):
        return "Your IoU function gave NaN (not a number): was 0 divided by 0?"
    return f"IoU = {number:.3f}" + ("" if -1e-6 <= number <= 1 + 1e-6 else ", which is not between 0 and 1")


def areas_in_words(a: Tensor, b: Tensor) -> str:
    """Return the arithmetic of the right IoU.

    >>> areas_in_words(torch.tensor([0, 0, 2, 2]), torch.tensor([1, 1, 3, 3]))
    'intersection 1 / union (4 + 4 - 1 = 7) = 0.143'
    """
    shared, union = overlap(a, b)
    area_a, area_b = (overlap(box, box)[0] for box in (a, b))
    quotient = shared / union if union else 0.0
    sums = f"({area_a:.0f} + {area_b:.0f} - {shared:.0f} = {union:.0f})"
    return f"intersection {shared:.0f} / union {sums} = {quotient:.3f}"


def mean_best_iou(truth: Tensor, found: Tensor, iou: Callable[[Tensor, Tensor], Tensor] = box_iou) -> float:
    """Return the mean over the true boxes (G, 4) of the best IoU with a found one (D, 4); 1 when both are empty."""
    if not len(truth):
        return float(not len(found))
    return float(iou(truth, found).amax(1).mean()) if len(found) else 0.0


def names(labels: Tensor, classes: Sequence[str]) -> str:
    """Return the labels' names with commas between them, or "nothing"."""
    return ", ".join(classes[int(label) - 1] for label in labels) or "nothing"


def shrink(image: Tensor, longest_side: int) -> Tensor:
    """Return an image (3, H, W) whose longer side has at most `longest_side` pixels."""
    scale = longest_side / max(image.shape[-2:])
    if scale >= 1:
        return image
    size = [max(1, round(side * scale)) for side in image.shape[-2:]]
    smaller = torch.nn.functional.interpolate(image[None], size, mode="bilinear", antialias=True)
    return smaller[0].clamp(0, 1)  # (3, h, w)


def data_url(image: Tensor | None) -> str:
    """Return an image (3, H, W) as an address that holds the picture itself; "" for None."""
    if image is None:
        return ""
    pixels = (image.detach().clamp(0, 1) * 255).round().byte().permute(1, 2, 0)  # (H, W, 3)
    buffer = io.BytesIO()
    Image.fromarray(pixels.numpy()).save(buffer, format="jpeg", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
