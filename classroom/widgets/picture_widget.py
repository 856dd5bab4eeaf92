"""What the widgets with a picture share: its size, its address, and a sentence about what is on show."""

import anywidget
import traitlets
from torch import Tensor

from classroom.widgets.pictures import data_url


def rows() -> traitlets.List:
    """Return the trait of a table of numbers, such as the four sides of each box, which the page gets too."""
    return traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)


class PictureWidget(anywidget.AnyWidget):
    """A widget with a picture (3, H, W) in [0, 1]; plain grey without one."""

    width = traitlets.Int(400).tag(sync=True)
    height = traitlets.Int(300).tag(sync=True)
    picture = traitlets.Unicode("").tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)

    def __init__(self, image: Tensor | None = None, **traits) -> None:
        super().__init__(**(picture_traits(image) | traits))

    def show(self, image: Tensor) -> None:
        """Take another picture and its size."""
        for name, value in picture_traits(image).items():
            self.set_trait(name, value)


def picture_traits(image: Tensor | None) -> dict[str, int | str]:
    """Return the traits that an image (3, H, W) sets; none without one."""
    if image is None:
        return {}
    return {"height": image.shape[-2], "width": image.shape[-1], "picture": data_url(image)}
