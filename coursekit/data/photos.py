"""The photographs that scikit-image carries, with our annotations of them."""

import json
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from coursekit.data.image_files import read_image
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
        raise ValueError(f"unknown photograph {name!r}: use one of {', '.join(PHOTOS)}.")
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
