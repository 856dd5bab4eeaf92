"""A photograph of the student's own, and pictures inside the addresses of a page."""

import base64
import html
import io
from collections.abc import Sequence

import anywidget
import ipywidgets
import matplotlib
import numpy as np
import torch
import traitlets
from PIL import Image
from torch import Tensor

from classroom.widgets.page import page
from coursekit.data.photos import photo, read_image, shrink


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


def data_url(image: Tensor | None) -> str:
    """Return an image (3, H, W) as an address that holds the picture itself; "" for None."""
    if image is None:
        return ""
    pixels = (image.detach().clamp(0, 1) * 255).round().byte().permute(1, 2, 0)  # (H, W, 3)
    return address_of(pixels.numpy(), "jpeg", quality=88)


def heat_url(heatmaps: Tensor) -> str:
    """Return the highest of some heat maps (C, h, w) as a picture that is transparent where nothing is, as an address."""
    heat = heatmaps.amax(0).clamp(0, 1) if len(heatmaps) else torch.zeros(heatmaps.shape[1:])  # (h, w)
    pixels = matplotlib.colormaps["inferno"](heat.detach().numpy(), bytes=True)  # (h, w, 4)
    pixels[..., 3] = (255 * 0.85 * heat.detach().sqrt()).numpy().astype("uint8")
    return address_of(pixels, "png")


def address_of(pixels: np.ndarray, kind: str, **options: int) -> str:
    """Return pixels (H, W, 3 or 4) as an address that holds the picture itself, of the kind "jpeg" or "png"."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format=kind, **options)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def check_one_each(dataset: Sequence, predictions: Sequence) -> None:
    if not len(dataset) or len(dataset) != len(predictions):
        raise ValueError(
            f"There are {len(dataset)} images but {len(predictions)} predictions: give one each."
        )
