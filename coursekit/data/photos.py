"""Photographs: the student's own, and those that scikit-image carries, with our annotations of them."""

import json
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from coursekit.folders import RESTORE, data_folder
from coursekit.ops import box_convert, rle_decode
from coursekit.schema import Target

PHOTOS = {  # all inside scikit-image's wheel: nothing is downloaded
    "astronaut": "astronaut.png",
    "camera": "camera.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "motorcycle": "motorcycle_left.png",
    "rocket": "rocket.jpg",
}
PLAIN_MODES = ("L", "RGB", "RGBA", "I;16", "I;16B", "I;16L", "I", "F")  # what NumPy reads as it is

Picture = str | Path | bytes | Image.Image | np.ndarray


def read_image(source: Picture) -> Tensor:
    """Return a picture as RGB: grey is repeated, transparent becomes white, EXIF rotation is applied.

    Shapes: (3, H, W) float in [0, 1].
    Args:
        source: a path, the bytes of a file, a PIL image, or an array (H, W), (H, W, 1), (H, W, 3) or
            (H, W, 4) of bool, uint8, uint16 or float in [0, 1].
    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no picture, or cut off; the array is no picture.

    >>> read_image(np.full((2, 3), 255, dtype=np.uint8)).shape
    torch.Size([3, 2, 3])
    """
    if isinstance(source, np.ndarray):
        return to_rgb(to_unit_range(source))
    return to_rgb(to_unit_range(to_pixels(source)))


def to_pixels(source: str | Path | bytes | Image.Image) -> np.ndarray:
    """The pixels of an encoded picture, upright: (H, W), (H, W, 3) or (H, W, 4)."""
    name = f"the picture {source}" if isinstance(source, str | Path) else "the picture"
    if isinstance(source, str | Path) and not Path(source).is_file():
        raise FileNotFoundError(f"there is no picture {source}: check the path.")
    try:
        picture = source if isinstance(source, Image.Image) else open_picture(source)
        return plain(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError:
        raise ValueError(f"{name} is in no format that can be read: save it as JPEG or PNG.") from None
    except Image.DecompressionBombError:
        raise ValueError(f"{name} has too many pixels: make it smaller.") from None
    except Exception as error:  # each format breaks in its own way
        raise ValueError(f"{name} is truncated or damaged ({error}): copy or save it again.") from error


def open_picture(source: str | Path | bytes) -> Image.Image:
    return Image.open(BytesIO(source) if isinstance(source, bytes) else source)


def plain(picture: Image.Image) -> np.ndarray:
    """The pixels in one of the plain modes: a palette is looked up, CMYK becomes RGB."""
    if picture.mode not in PLAIN_MODES or (picture.has_transparency_data and picture.mode in ("L", "RGB")):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    pixels = np.array(picture)
    return (
        pixels.astype(np.uint16)
        if picture.mode == "I" and 0 <= pixels.min() and pixels.max() < 2**16
        else pixels
    )


def to_unit_range(pixels: np.ndarray) -> Tensor:
    """The pixels as floats in [0, 1], of the same shape."""
    if pixels.dtype == bool:
        return torch.tensor(pixels).float()
    if pixels.dtype.type in (np.uint8, np.uint16):
        return torch.tensor(pixels.astype(np.float32)) / np.iinfo(pixels.dtype).max
    if not np.issubdtype(pixels.dtype, np.floating):
        raise ValueError(
            f"a picture of {pixels.dtype} has no known range: make it uint8, uint16 or float in [0, 1]."
        )
    if not np.isfinite(pixels).all() or pixels.min(initial=0) < 0 or pixels.max(initial=0) > 1:
        raise ValueError("a picture of floats must lie in [0, 1], without NaN: divide bytes by 255.")
    return torch.tensor(pixels.astype(np.float32))


def to_rgb(pixels: Tensor) -> Tensor:
    """(H, W), (H, W, 1), (H, W, 3) or (H, W, 4) -> (3, H, W)."""
    channels = pixels[None] if pixels.ndim == 2 else pixels.movedim(-1, 0)  # (channels, H, W)
    if channels.ndim != 3 or len(channels) not in (1, 3, 4) or not channels.numel():
        raise ValueError(
            f"an array of shape {tuple(pixels.shape)} is no picture: (H, W), (H, W, 3) or (H, W, 4) is."
        )
    if len(channels) == 4:
        colour, opacity = channels[:3], channels[3]
        channels = colour * opacity + (1 - opacity)  # on white paper
    return channels.expand(3, -1, -1).contiguous()  # (3, H, W)


def photo(name: str) -> Tensor:
    """Return one of scikit-image's photographs, (3, H, W) float in [0, 1].

    Args:
        name: one of PHOTOS.
    Raises:
        ValueError: an unknown name.
        FileNotFoundError: scikit-image is not installed, or without its photographs.

    >>> photo("chelsea").shape
    torch.Size([3, 300, 451])
    """
    if name not in PHOTOS:
        raise ValueError(f"there is no photograph {name!r}: use one of {', '.join(PHOTOS)}.")
    return read_image(photo_folder() / PHOTOS[name])


def photo_folder() -> Path:
    """Return the folder of scikit-image's photographs.

    Raises:
        FileNotFoundError: it is not installed, or without its photographs.
    """
    package = find_spec("skimage")
    folder = Path(package.origin).parent / "data" if package and package.origin else None
    if folder is None or not (folder / "chelsea.png").is_file():
        raise FileNotFoundError(
            "the photographs come with scikit-image, which is missing or incomplete: "
            "run `python -m pip install --force-reinstall --no-deps scikit-image`."
        )
    return folder


def photo_annotations() -> dict:
    """Return what we know of the photographs, in COCO's format: boxes and masks drawn for the course.

    Categories 1 to 80 are the labels of the COCO detector; saucer, rocket and coin follow.

    Raises:
        FileNotFoundError: the file is not in the data folder.
        ValueError: the file is damaged.
    """
    path = data_folder() / "photos.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(f"the annotations {path} are missing: {RESTORE}") from None
    except ValueError:
        raise ValueError(f"the annotations {path} are damaged: {RESTORE}") from None


def photo_target(name: str) -> Target:
    """Return the annotated objects of one photograph; label k is category k of `photo_annotations()`.

    Raises:
        ValueError: a photograph that has no annotations.

    >>> photo_target("chelsea")["labels"]  # 16 is the cat
    tensor([16])
    """
    annotations = photo_annotations()
    images = {image["file_name"]: image["id"] for image in annotations["images"]}
    if PHOTOS.get(name) not in images:
        known = [other for other, file_name in PHOTOS.items() if file_name in images]
        raise ValueError(f"the photograph {name!r} has no annotations: use one of {', '.join(known)}.")
    image_id = images[PHOTOS[name]]
    rows = [row for row in annotations["annotations"] if row["image_id"] == image_id]
    boxes = torch.tensor([row["bbox"] for row in rows], dtype=torch.float32)  # (G, 4) xywh
    return {
        "boxes": box_convert(boxes, "xywh", "xyxy"),
        "labels": torch.tensor([row["category_id"] for row in rows]),
        "masks": torch.stack([rle_decode(row["segmentation"]) for row in rows]),  # (G, H, W)
        "image_id": torch.tensor(image_id),
        "area": torch.tensor([row["area"] for row in rows], dtype=torch.float32),
        "iscrowd": torch.tensor([row["iscrowd"] for row in rows]),
    }


def shrink(image: Tensor, longest_side: int) -> Tensor:
    """Return an image (3, H, W) whose longer side has at most `longest_side` pixels."""
    scale = longest_side / max(image.shape[-2:])
    if scale >= 1:
        return image
    size = [max(1, round(side * scale)) for side in image.shape[-2:]]
    smaller = torch.nn.functional.interpolate(image[None], size, mode="bilinear", antialias=True)
    return smaller[0].clamp(0, 1)  # (3, h, w)
