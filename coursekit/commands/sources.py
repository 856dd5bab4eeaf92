"""The inputs of `coursekit predict`: images, folders, videos, a camera; and the names of its drawings."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from coursekit.data.image_files import MOST_PIXELS, read_photograph

HEIC = (".heic", ".heif")
VIDEOS = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg")


class Source(NamedTuple):
    """A file to process, and its path in the folder that was named, from which its drawing is named."""

    path: Path
    place: Path


def sources_of(names: Sequence[str]) -> list[Source]:
    """Return the files named on the command line; for a folder, all images and videos in it and below.

    Raises:
        FileNotFoundError: a file or folder does not exist, or a folder holds no images.
    """
    found = []
    for name in names:
        path = Path(name)
        if path.is_dir():
            inside = [file for file in sorted(path.rglob("*")) if file.is_file() and is_seen(file)]
            if not inside:
                raise FileNotFoundError(f"The folder {path} holds no images and no videos.")
            found += [Source(file, file.relative_to(path)) for file in inside]
        elif path.exists():
            found.append(Source(path, Path(path.name)))
        else:
            raise FileNotFoundError(f"the image file {path} does not exist: check the path.")
    return found


def is_seen(path: Path) -> bool:
    Image.init()
    ending = path.suffix.lower()
    return ending in Image.EXTENSION or ending in HEIC or is_video(path)


def is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEOS


def drawings_of(sources: Sequence[Source], out: str | None) -> list[Path]:
    """Return where the drawing of each source goes; no two have the same name.

    One image is drawn in the file `out`, by default NAME_found.webp; several in the folder `out`, by default `found`.

    >>> several = [Source(Path(each), Path("1.png")) for each in ("a/1.png", "b/1.png")]
    >>> [path.as_posix() for path in drawings_of(several, None)]
    ['found/1_found.webp', 'found/1_2_found.webp']
    """
    if len(sources) == 1 and not (out and Path(out).is_dir()):
        return [Path(out or found_name(sources[0].place.name))]
    taken: dict[Path, None] = {}
    for source in sources:
        place, number = Path(out or "found") / source.place, 1
        drawing = place.with_name(found_name(place.name))
        while drawing in taken:
            number += 1
            drawing = place.with_name(found_name(f"{place.stem}_{number}{place.suffix}"))
        taken[drawing] = None
    return list(taken)


def found_name(name: str) -> str:
    path = Path(name)
    return f"{path.stem}_found{'.mp4' if is_video(path) else '.webp'}"


def read_picture(path: Path) -> Tensor:
    """Return an image (3, H, W) as `read_image`. Raises: ValueError in words when it has more than MOST_PIXELS pixels."""
    return read_photograph(path, MOST_PIXELS)[0]  # longer than any side, so the size does not change


class Film(NamedTuple):
    """The frames of a video or of a camera as (3, H, W) tensors, and how many there are per second."""

    frames: Iterator[Tensor]
    rate: float


def open_film(source: str | int, most: int | None = None) -> Film:
    """Return the frames of a video file, or of the camera with a number, at most this many.

    Raises:
        ValueError: OpenCV is not installed, or cannot read it.
    """
    cv2 = open_cv()
    film = cv2.VideoCapture(source)
    camera = isinstance(source, int)
    name = f"the camera {source}" if camera else f"the video {source}"
    if not film.isOpened():
        advice = "connect it, or try another number" if camera else "save it in a common format, such as MP4"
        raise ValueError(f"OpenCV cannot open {name}: {advice}.")
    return Film(frames_of(film, name, most), film.get(cv2.CAP_PROP_FPS) or 25.0)


def frames_of(film: Any, name: str, most: int | None) -> Iterator[Tensor]:
    count = 0
    try:
        while most is None or count < most:
            there, pixels = film.read()  # (H, W, 3), blue first
            if not there:
                break
            count += 1
            yield torch.from_numpy(np.ascontiguousarray(pixels[..., ::-1])).permute(2, 0, 1).float() / 255
    finally:
        film.release()
    if not count:
        raise ValueError(f"OpenCV can read no frame of {name}.")


class FilmWriter:
    """Writes drawings (H, W, 3) of bytes as the frames of an MP4 file; the first one decides their size."""

    def __init__(self, path: Path, rate: float) -> None:
        self.path, self.rate, self.size = path, rate, (0, 0)
        self.writer: Any = None

    def add(self, pixels: np.ndarray) -> None:
        cv2: Any = open_cv()
        if self.writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.size = pixels.shape[1] // 2 * 2, pixels.shape[0] // 2 * 2  # the encoder needs even sides
            code = cv2.VideoWriter_fourcc(*"mp4v")
            self.writer = cv2.VideoWriter(str(self.path), code, self.rate, self.size)
            if not self.writer.isOpened():
                raise OSError(
                    f"{self.path} cannot be written: name a .mp4 file in another folder with --out."
                )
        width, height = self.size
        self.writer.write(np.ascontiguousarray(pixels[:height, :width, ::-1]))

    def close(self) -> None:
        if self.writer is not None:
            self.writer.release()


def open_cv() -> Any:
    """Return the module of OpenCV. Raises: ValueError when it is not installed."""
    try:
        return import_module("cv2")
    except ImportError:
        raise ValueError(
            "Videos and cameras are read with OpenCV: run `python -m pip install 'coursekit[video]'`."
        ) from None
