"""Image files of any kind become RGB tensors; large photographs are made smaller while they are read."""

import hashlib
import warnings
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from torch import Tensor

MOST_PIXELS = 60_000_000  # of a user's photograph: as much as a laptop can hold in memory while decoding it
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
PLAIN_MODES = ("L", "RGB", "RGBA", "I;16", "I;16B", "I;16L", "I", "F")  # those that NumPy reads directly

T = TypeVar("T")
Picture = str | Path | bytes | Image.Image | np.ndarray


def read_image(source: Picture) -> Tensor:
    """Return an image as RGB: grey is repeated, transparent becomes white, EXIF rotation is applied.

    Shapes: (3, H, W) float in [0, 1].
    Args:
        source: a path, the bytes of a file, a PIL image, or an array (H, W), (H, W, 1), (H, W, 3) or
            (H, W, 4) of bool, uint8, uint16 or float in [0, 1].
    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: the file is not an image or is cut off; the array is not an image.

    >>> read_image(np.full((2, 3), 255, dtype=np.uint8)).shape
    torch.Size([3, 2, 3])
    """
    if isinstance(source, np.ndarray):
        return to_rgb(to_unit_range(source))
    return to_rgb(to_unit_range(to_pixels(source)))


def read_photograph(source: str | Path | bytes, longest_side: int) -> tuple[Tensor, tuple[int, int]]:
    """Return a photograph, made smaller while it is read, and its true size (width, height).

    Shapes: (3, h, w) float in [0, 1].
    Args:
        longest_side: the longer side has at most this many pixels.
    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: the file is not an image, is cut off, or has more than MOST_PIXELS pixels.
    """
    width, height = in_words(source, upright_size)
    if width * height > MOST_PIXELS:
        raise ValueError(
            f"{name_of(source)} has {width:,} x {height:,} pixels; at most {MOST_PIXELS // 10**6} million can be "
            "read: make it smaller first."
        )
    pixels = in_words(source, lambda picture: plain(coarser(picture, 2 * longest_side)))
    return shrink(to_rgb(to_unit_range(pixels)), longest_side), (width, height)


def read_at_least(path: Path, least: tuple[int, int]) -> tuple[Tensor, tuple[int, int]]:
    """Return an image that is going to be resized, and its true (height, width), without decoding all its pixels.

    A JPEG is decoded at a half, a quarter or an eighth as long as that is twice as large as `least` (height, width).

    Shapes: (3, h, w) float in [0, 1].
    Raises:
        FileNotFoundError, ValueError: as `read_image`.
    """
    width, height = in_words(path, upright_size)
    factor = min(height // (2 * least[0]), width // (2 * least[1]))
    if factor < 2:
        return read_image(path), (height, width)
    side = max(height, width) // factor
    pixels = in_words(path, lambda picture: plain(coarser(picture, side)))
    return to_rgb(to_unit_range(pixels)), (height, width)


def read_unturned(path: Path) -> Tensor:
    """Return an image (3, H, W) as its pixels are stored, ignoring the EXIF orientation."""
    return to_rgb(to_unit_range(in_words(path, plain)))


def decoded_size(path: Path) -> tuple[int, int, bool]:
    """Return the width and the height of an image, upright, and whether its EXIF data turns it; decode it to its end.

    Raises:
        FileNotFoundError, ValueError: as `read_image`.
    """

    def look(picture: Image.Image) -> tuple[int, int, bool]:
        width, height = upright_size(picture)
        turned = picture.getexif().get(ExifTags.Base.Orientation, 1) in range(2, 9)
        if picture.format == "JPEG":
            picture.draft("RGB", (1, 1))  # at an eighth: every byte is read, few pixels are made
        picture.load()
        return width, height, turned

    return in_words(path, look)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal; read again only when its time or size has changed."""
    stat = path.stat()
    return _file_hash(path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


@cache
def _file_hash(path: Path, *changes: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_pixels(source: str | Path | bytes | Image.Image) -> np.ndarray:
    """The pixels of an encoded image, upright: (H, W), (H, W, 3) or (H, W, 4)."""
    return in_words(source, lambda picture: plain(ImageOps.exif_transpose(picture)))


def in_words(source: str | Path | bytes | Image.Image, use: Callable[[Image.Image], T]) -> T:
    """Return `use` of the opened image; a fault of the file becomes one sentence."""
    name = name_of(source)
    if isinstance(source, str | Path) and not Path(source).is_file():
        raise FileNotFoundError(f"the image file {source} does not exist: check the path.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about many pixels or odd metadata; real faults become errors
            return use(source if isinstance(source, Image.Image) else open_picture(source))
    except UnidentifiedImageError:
        raise ValueError(f"{name} is not in a format that can be read: save it as JPEG or PNG.") from None
    except ModuleNotFoundError:
        raise ValueError(
            f"{name} is a HEIC photograph: run `pip install pillow-heif`, or save it as JPEG."
        ) from None
    except Image.DecompressionBombError:
        raise ValueError(f"{name} has too many pixels: make it smaller.") from None
    except Exception as error:  # each format fails in its own way
        raise ValueError(f"{name} is truncated or damaged ({error}): copy or save it again.") from error


def name_of(source: object) -> str:
    return f"the image {source}" if isinstance(source, str | Path) else "the image"


def open_picture(source: str | Path | bytes) -> Image.Image:
    """The image with nothing but its header read; HEIC is for pillow-heif."""
    start = source[:12] if isinstance(source, bytes) else first_bytes(Path(source))
    if start[4:8] == b"ftyp" and start[8:12] in HEIC_BRANDS:
        import pillow_heif

        pillow_heif.register_heif_opener()
    return Image.open(BytesIO(source) if isinstance(source, bytes) else source)


def first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(12)


def upright_size(picture: Image.Image) -> tuple[int, int]:
    width, height = picture.size
    turned = picture.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
    return (height, width) if turned else (width, height)


def coarser(picture: Image.Image, longest_side: int) -> Image.Image:
    """The image upright, its pixels averaged in blocks while its longer side stays at least `longest_side` long."""
    picture.draft("RGB", (longest_side, longest_side))  # a JPEG is decoded at half, a quarter or an eighth
    upright = ImageOps.exif_transpose(picture)
    factor = max(upright.size) // longest_side
    return upright.reduce(factor) if factor > 1 and upright.mode in ("L", "RGB", "RGBA") else upright


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
            f"an image of {pixels.dtype} has no known range: make it uint8, uint16 or float in [0, 1]."
        )
    if not np.isfinite(pixels).all() or pixels.min(initial=0) < 0 or pixels.max(initial=0) > 1:
        raise ValueError("an image of floats must lie in [0, 1], without NaN: divide bytes by 255.")
    return torch.tensor(pixels.astype(np.float32))


def to_rgb(pixels: Tensor) -> Tensor:
    """(H, W), (H, W, 1), (H, W, 3) or (H, W, 4) -> (3, H, W)."""
    channels = pixels[None] if pixels.ndim == 2 else pixels.movedim(-1, 0)  # (channels, H, W)
    if channels.ndim != 3 or len(channels) not in (1, 3, 4) or not channels.numel():
        raise ValueError(
            f"an array of shape {tuple(pixels.shape)} is not an image: (H, W), (H, W, 3) or (H, W, 4) is."
        )
    if len(channels) == 4:
        colour, opacity = channels[:3], channels[3]
        channels = colour * opacity + (1 - opacity)  # on white paper
    return channels.expand(3, -1, -1).contiguous()  # (3, H, W)


def shrink(image: Tensor, longest_side: int) -> Tensor:
    """Return an image (3, H, W) whose longer side has at most `longest_side` pixels."""
    scale = longest_side / max(image.shape[-2:])
    if scale >= 1:
        return image
    size = [max(1, round(side * scale)) for side in image.shape[-2:]]
    smaller = torch.nn.functional.interpolate(image[None], size, mode="bilinear", antialias=True)
    return smaller[0].clamp(0, 1)  # (3, h, w)
