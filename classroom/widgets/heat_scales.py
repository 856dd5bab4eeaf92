"""The class map of a photograph at several scales: slide the scale, and see what the mean of the scales says."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
import traitlets
from torch import Tensor

from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget
from classroom.widgets.pictures import data_url
from coursekit.metrics import heat_scores
from coursekit.models.class_map import merge_scales

MEANS = ("this scale", "arithmetic mean", "geometric mean")
HOT = torch.tensor([0.878, 0.192, 0.0])  # ACCENT


class HeatScales(PictureWidget):
    """A heat map over a photograph; slide the size at which the network looks, choose a mean over the sizes so far.

    A mean takes all scales from the coarsest up to the slider's.

    Args:
        image: (3, H, W) in [0, 1].
        maps: the class map (K, h, w) of each scale by its name, coarsest first.
        classes: the numbers of the classes that are the object.
        box: (4,) xyxy pixels of the object.
        merge: maps, (height, width), geometric -> (K, height, width).
        name: of the object.
    Raises:
        ValueError: no map.

    >>> maps = {"64 px": torch.full((2, 1, 2), 0.5), "96 px": torch.tensor([[[0.0, 0, 1]], [[1, 1, 0]]])}
    >>> widget = HeatScales(torch.rand(3, 20, 60), maps, [0], torch.tensor([40.0, 0, 60, 20]), name="cat")
    >>> widget.scale = 1
    >>> widget.label
    '96 px: 0.88 of the heat lies in the box, which covers 0.33 of the image. The hottest place is in the box.'
    """

    _esm = page("heat_scales.js")
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    means = traitlets.List(traitlets.Unicode(), list(MEANS)).tag(sync=True)
    mean = traitlets.Unicode(MEANS[0]).tag(sync=True)
    scale = traitlets.Int(0).tag(sync=True)
    box = traitlets.List(traitlets.Float()).tag(sync=True)
    cells = traitlets.List(traitlets.Int()).tag(sync=True)
    name = traitlets.Unicode("object").tag(sync=True)

    def __init__(
        self,
        image: Tensor,
        maps: dict[str, Tensor],
        classes: Sequence[int],
        box: Tensor,
        merge: Callable[[Sequence[Tensor], tuple[int, int], bool], Tensor] = merge_scales,
        name: str = "object",
    ) -> None:
        if not maps:
            raise ValueError("Give the class map of at least one scale.")
        super().__init__(image, names=list(maps), box=box.tolist(), name=name)
        self.image, self.maps, self.classes, self.merge = image, list(maps.values()), list(classes), merge
        self.observe(self._compute, ["scale", "mean"])
        self._compute()

    def heat(self) -> Tensor:
        """The probability of the object at each place, (h, w), as the slider and the choice of a mean say."""
        chosen = self.maps[self.scale]
        if self.mean != MEANS[0]:
            seen = self.maps[: self.scale + 1]
            chosen = self.merge(seen, tuple(chosen.shape[-2:]), self.mean == MEANS[2])
        return chosen[self.classes].sum(0)

    def _compute(self, _change: object = None) -> None:
        try:
            heat = self.heat()
            scores = heat_scores(heat, torch.tensor(self.box), (self.height, self.width))
        except Exception as error:  # the student's own code may raise anything; report it
            self.label = f"Your function raised {type(error).__name__}: {error}"
            return
        with self.hold_sync():
            self.picture = data_url(glowing(self.image, heat))
            self.cells = list(heat.shape)
            where = "in" if scores.peak_inside else "not in"
            self.label = (
                f"{self._title()}: {scores.share:.2f} of the heat lies in the box, which covers "
                f"{scores.chance:.2f} of the image. The hottest place is {where} the box."
            )

    def _title(self) -> str:
        if self.mean == MEANS[0]:
            return self.names[self.scale]
        return f"{self.mean} up to {self.names[self.scale]}"

    def __repr__(self) -> str:
        return f"HeatScales: {len(self.names)} scales. {self.label}"[:110]


def glowing(image: Tensor, heat: Tensor) -> Tensor:
    """The grey image with red light where the heat map, upsampled, is high: (3, H, W), (h, w) in [0, 1] -> (3, H, W)."""
    large = F.interpolate(heat[None, None], image.shape[-2:], mode="bilinear", align_corners=False)[
        0
    ]  # (1, H, W)
    strength = 0.8 * large.clamp(0, 1).sqrt()
    grey = image.mean(0, keepdim=True).expand(3, -1, -1) * 0.8 + 0.1
    return (1 - strength) * grey + strength * HOT[:, None, None]
