"""A photograph of the student's own, and images inside the addresses of a page."""

import base64
import html
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import anywidget
import ipywidgets
import matplotlib
import numpy as np
import torch
import traitlets
from PIL import Image
from torch import Tensor

from classroom.widgets.page import page
from coursekit.data.image_files import read_photograph
from coursekit.data.photos import photo


class Camera(anywidget.AnyWidget):
    """A button that asks the browser for its camera; `shot` is the address of the last picture that was taken."""

    _esm = page("camera.js")
    shot = traitlets.Unicode("").tag(sync=True)


class PhotoFile(anywidget.AnyWidget):
    """A button for a file, which arrives in parts; `take(name, content)` is called with all of it.

    Args:
        take: called with each photograph.
        longest_side: what is larger, in pixels, the browser makes smaller before it is sent; 0 leaves it as it is.
        several: whether more than one can be chosen at a time.
        words: of the button.
    """

    _esm = page("photo_file.js")
    longest_side = traitlets.Int(0).tag(sync=True)
    several = traitlets.Bool(False).tag(sync=True)
    words = traitlets.Unicode("Your photograph").tag(sync=True)

    def __init__(self, take: Callable[[str, bytes], None], **traits: int | str) -> None:
        super().__init__(**traits)
        self._take, self._name, self._content = take, "", bytearray()
        self.on_msg(self._hear)

    def _hear(self, _widget: object, message: dict, buffers: list) -> None:
        if message["kind"] == "end":
            content, self._content = bytes(self._content), bytearray()
            try:
                self._take(self._name, content)
            finally:
                self.send({"kind": "done"})
            return
        if message["kind"] == "begin":
            self._name, self._content = message["name"], bytearray()
        for part in buffers:
            self._content += part
        self.send({"kind": "next"})


class PhotoInput(ipywidgets.VBox):
    """A photograph of your own, from a file or the camera; `.image` is it as a (3, H, W) tensor, a stored one until then.

    Args:
        fallback: the photograph of scikit-image to begin with.
        longest_side: larger photographs are made smaller, pixels.
        next_step: the sentence that says what to do once a photograph has come.
    """

    def __init__(
        self,
        fallback: str = "coffee",
        longest_side: int = 640,
        next_step: str = "Now run the next cell again.",
    ) -> None:
        self.image, self.longest_side, self.next_step = photo(fallback), longest_side, next_step
        self.upload = PhotoFile(self._take)
        self.path = ipywidgets.Text(
            placeholder="or the path of a file, then Enter",
            continuous_update=False,
            layout={"width": "22em"},
        )
        self.status = ipywidgets.HTML(
            f"The photograph <b>{html.escape(fallback)}</b>, until you give your own."
        )
        self.view = ipywidgets.HTML()
        self.camera = Camera()
        self.path.observe(self._open, "value")
        self.camera.observe(self._shoot, "shot")
        buttons = ipywidgets.HBox([self.upload, self.camera, self.path], layout={"flex_flow": "row wrap"})
        super().__init__([buttons, self.status, self.view])
        self._draw(fallback)

    def _open(self, _change: object = None) -> None:
        if path := self.path.value.strip().strip("\"'"):
            self._take(Path(path).name, Path(path).expanduser())

    def _shoot(self, _change: object = None) -> None:
        self._take("camera", base64.b64decode(self.camera.shot.partition(",")[2]))

    def _take(self, name: str, source: bytes | Path) -> None:
        shown = html.escape(name)
        self.status.value = f"Reading {shown} …"
        try:
            self.image, (width, height) = read_photograph(source, self.longest_side)
        except (ValueError, OSError) as error:
            reason = html.escape(str(error))
            self.status.value = f"{shown} cannot be used: {reason} The photograph before stays."
            return
        used = f"{self.image.shape[-1]} x {self.image.shape[-2]}"
        smaller = (
            f", made smaller to {used}"
            if (width, height) != (self.image.shape[-1], self.image.shape[-2])
            else ""
        )
        self.status.value = f"{shown}: {width} x {height} pixels{smaller}. {self.next_step}"
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
