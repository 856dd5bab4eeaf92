"""Where the middle and the two ends of every object fall in the picture: the scenes are built again, not rendered."""

import json

import numpy as np
from camera import Camera
from layout import Item
from production import OUTPUT, write_checksums
from scene import staged
from scipy.ndimage import binary_dilation
from shapes import family_of, make
from splits import Split
from tqdm import tqdm

from coursekit.ops import rle_decode

NAMES = ("center", "top", "base")
# where the top of a class lies in its own frame, along which axis and on which side; elsewhere it is up
TOPS = {"lemon": (1, -1), "banana": (0, -1), "book": (0, -1)}
BOOK_TOPS = {"open": (1, 1), "standing": (2, 1)}
END = 0.03  # of the length: the vertices so near to an end are its own
HIDDEN, VISIBLE = 1, 2  # as in COCO; 0 is outside of the picture
SAVE_EVERY = 50  # scenes


def write_keypoints(split: Split) -> int:
    """Write data/still_life/keypoints/SPLIT.json from the seeds in data/still_life/SPLIT.json; the number of objects.

    Scenes that the file has already are kept: remove it to make them again. A run that is stopped goes on.
    """
    dataset = json.loads((OUTPUT / f"{split.name}.json").read_text())
    rows: dict[int, list[dict]] = {image["id"]: [] for image in dataset["images"]}
    for row in dataset["annotations"]:
        rows[row["image_id"]].append(row)
    points = written(split)
    missing = [im for im in dataset["images"] if not all(str(row["id"]) in points for row in rows[im["id"]])]
    for done, image in enumerate(tqdm(missing, desc=split.name, unit="scene"), start=1):
        points |= keypoints_of(image, rows[image["id"]], split)
        if done % SAVE_EVERY == 0 or done == len(missing):
            save(split, points)
    write_checksums()
    return len(points)


def written(split: Split) -> dict[str, list[list[float]]]:
    """What the file of a split has already."""
    path = OUTPUT / "keypoints" / f"{split.name}.json"
    return json.loads(path.read_text())["keypoints"] if path.exists() else {}


def save(split: Split, points: dict[str, list[list[float]]]) -> None:
    """Write the key points in the order of the annotations."""
    content = {"names": NAMES, "keypoints": dict(sorted(points.items(), key=lambda pair: int(pair[0])))}
    (OUTPUT / "keypoints").mkdir(exist_ok=True)
    path = OUTPUT / "keypoints" / f"{split.name}.json"
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")


def keypoints_of(image: dict, rows: list[dict], split: Split) -> dict[str, list[list[float]]]:
    """[x, y, visibility] of each key point of the objects of one picture, by annotation id."""
    random = np.random.default_rng(image["seed"])
    objects, camera, _, _ = staged(random, split.identities, split.single)
    return {
        str(row["id"]): triples(camera, objects[row["id"] - row["image_id"] * 10 - 1], row, image["width"])
        for row in rows
    }


def triples(camera: Camera, item: Item, row: dict, size: int) -> list[list[float]]:
    """[x, y, visibility] of each key point of an annotated object."""
    places = camera.project(np.stack(ends(item)), size)[:, :2]  # (2, 2)
    near = binary_dilation(rle_decode(row["segmentation"]).numpy(), np.ones((3, 3)))
    return [[*point, visibility(point, near)] for point in (row["center"], *places.round(2).tolist())]


def ends(item: Item) -> tuple[np.ndarray, np.ndarray]:
    """The top and the base of an object in the scene, each the mean of the vertices around that end."""
    axis, side = TOPS.get(item.class_name, (2, 1))
    if item.class_name == "book":
        axis, side = BOOK_TOPS.get(family_of("book", item.identity), (axis, side))
    standing = np.concatenate([part.surface.vertices for part in make(item.class_name, item.identity)])
    placed = np.concatenate([part.surface.vertices for part in item.parts])  # in the same order
    along = side * standing[:, axis]
    low, high = along.min(), along.max()
    return (
        placed[along >= high - END * (high - low)].mean(0),
        placed[along <= low + END * (high - low)].mean(0),
    )


def visibility(point: list[float], near: np.ndarray) -> int:
    """VISIBLE within a pixel of what one sees of the object, HIDDEN elsewhere in the picture, else 0."""
    column, row = np.floor(point).astype(int)
    if not (0 <= column < near.shape[1] and 0 <= row < near.shape[0]):
        return 0
    return VISIBLE if near[row, column] else HIDDEN
