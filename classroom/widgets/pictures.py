"""A photograph of the student's own, and pictures inside the addresses of a page."""

import base64
import html
import io

import anywidget
import ipywidgets
import torch
import traitlets
from PIL import Image
from torch import Tensor

from classroom.widgets.page import page
from coursekit.data.photos import photo, read_image


class Camera(anywidget.AnyWidget):
    """A button that asks the browser for its camera; `shot` is the address of the last picture that was taken."""

    _esm = page("camera.js")
    shot = traitlets.Unicode("").tag(sync=True)


class PhotoInput(ipywidgets.VBox):
    """Buttons for a photograph of your own, from a file or the camera; `.image` is it as a (3, H, W) tensor, a stored one until then.

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
        self.camera = Camera()
        self.upload.observe(self._read, "value")
        self.camera.observe(self._shoot, "shot")
        super().__init__([ipywidgets.HBox([self.upload, self.camera]), self.status, self.view])
        self._draw(fallback)

    def _read(self, _change: object = None) -> None:
        for file in self.upload.value[-1:]:
            self._take(file["name"], bytes(file["content"]))

    def _shoot(self, _change: object = None) -> None:
        self._take("camera", base64.b64decode(self.camera.shot.partition(",")[2]))

    def _take(self, name: str, content: bytes) -> None:
        shown = html.escape(name)
        try:
            self.image = shrink(read_image(content), self.longest_side)
        except (ValueError, OSError) as error:
            self.status.value = (
                f"{shown} cannot be used: {html.escape(str(error))} The photograph before stays."
            )
            return
        self.status.value = f"{shown}: {self.image.shape[-1]} x {self.image.shape[-2]} pixels."
        self._draw(name)

    def _draw(self, name: str) -> None:
        self.view.value = f'<img alt="{html.escape(name)}" width="240" src="{data_url(self.image)}">'

    def __repr__(self) -> str:
        return f"PhotoInput: a photograph of {self.image.shape[-1]} x {self.image.shape[-2]} pixels"


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
