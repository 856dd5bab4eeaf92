"""A slider over the stacks of hourglasses: the heat map after each of them, the points found, and their error."""

from collections.abc import Callable, Sequence

import traitlets
from torch import Tensor

from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from classroom.widgets.pictures import heat_url
from coursekit.metrics.keypoint import keypoint_distances, locate
from coursekit.ops import soft_argmax


class StackPeeler(PictureWidget):
    """The heat maps of one key point of all objects of an image, after as many stacks as are left on.

    Args:
        dataset: (image, target) pairs, the targets with `keypoints` (G, P, 3).
        heatmaps: (S, N, C, h, w), after each stack, for each image.
        channels: labels (G,) -> the channel of each key point (G, P).
        names: of the P key points.
        soft_argmax: as `ops.soft_argmax`.
    Raises:
        ValueError: no image, or not one heat map an image.
    """

    _esm = page("stack_peeler.js")
    stack = traitlets.Int(1).tag(sync=True)
    stacks = traitlets.Int(1).tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    pictures = traitlets.Int(1).tag(sync=True)
    point = traitlets.Int(0).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    heat = traitlets.Unicode("").tag(sync=True)
    true = rows()
    found = rows()
    errors = traitlets.List(traitlets.Float(allow_none=True)).tag(
        sync=True
    )  # of this image, after each stack

    def __init__(
        self,
        dataset: Sequence,
        heatmaps: Tensor,
        channels: Callable[[Tensor], Tensor],
        names: Sequence[str],
        soft_argmax: Callable[[Tensor], Tensor] | None = soft_argmax,
    ) -> None:
        if not len(dataset) or heatmaps.ndim != 5 or heatmaps.shape[1] != len(dataset):
            raise ValueError(
                f"There are {len(dataset)} images but heat maps {tuple(heatmaps.shape)}: give (S, N, C, h, w), N images."
            )
        self.dataset, self.heatmaps, self.channels = dataset, heatmaps, channels
        self.soft_argmax = soft_argmax
        super().__init__(stacks=len(heatmaps), pictures=len(dataset), names=list(names))
        self.observe(self._show_picture, "shown")
        self.observe(self._peel, ["stack", "shown", "point"])
        self._show_picture()
        self._peel()

    def _show_picture(self, _change: object = None) -> None:
        image, target = self.dataset[self.shown]
        self.show(image)
        self.places = [self._locate(maps[self.shown], target) for maps in self.heatmaps]

    def _locate(self, maps: Tensor, target: dict) -> Tensor:
        """Where the points of the image on show are found: (G, P, 2)."""
        stride = self.height / maps.shape[-2]
        return locate(maps, target, self.channels(target["labels"]), stride, self.soft_argmax)

    def _peel(self, _change: object = None) -> None:
        _, target = self.dataset[self.shown]
        channels = self.channels(target["labels"])[:, self.point]  # (G,)
        self.heat = heat_url(self.heatmaps[self.stack - 1, self.shown][channels.unique()])
        there = target["keypoints"][:, self.point, 2] > 0  # (G,)
        self.true = target["keypoints"][there, self.point, :2].tolist()
        self.found = self.places[self.stack - 1][there, self.point].tolist()
        self.errors = [self._error(places, target) for places in self.places]
        error = self.errors[self.stack - 1]
        words = (
            "none of them shows" if error is None else f"mean error {error:.3f} of the object's longer side"
        )
        count = f"{len(self.true)} point" + "s" * (len(self.true) != 1)
        self.label = f"After stack {self.stack} of {self.stacks}: {self.names[self.point]}, {count}, {words}."

    def _error(self, places: Tensor, target: dict) -> float | None:
        distances = keypoint_distances(places, target)[:, self.point]
        known = distances[~distances.isnan()]
        return known.mean().item() if len(known) else None

    def __repr__(self) -> str:
        return f"StackPeeler: {self.pictures} pictures, {self.stacks} stacks. {self.label}"[:110]
