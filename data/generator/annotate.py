"""One finished scene: its picture and its COCO annotations, or a second attempt."""

from dataclasses import dataclass

import numpy as np
from camera import Camera, silhouette
from layout import Item, physical
from pycocotools import mask as coco_mask
from render import develop, first_hits, shapes_of, trace
from scene import Scene, compose
from shapes import CLASSES
from splits import ATTEMPTS, Split

SMALLEST = 40 / 192**2  # of the picture, visible
MOST_HIDDEN = 0.85
SINGLE_AREA = (0.03, 0.45)
SINGLE_INSIDE = 0.9  # of a single object's points, within the frame
MOST_CLIPPED = 0.02
OBJECTS_A_SCENE = 10  # annotation ids are image id * 10 + 1 ...


@dataclass
class Shot:
    """A picture (N, N, 3) uint8, its annotations as COCO records, and the seed that gave them."""

    picture: np.ndarray
    annotations: list[dict]
    seed: int


def shoot(split: Split, number: int) -> Shot:
    """The scene of that number: the first attempt in which everything can be seen."""
    for attempt in range(ATTEMPTS):
        seed = split.seed(number, attempt)
        random = np.random.default_rng(seed)
        scene = compose(seed, random, split.identities, split.single, split.unseen)
        shot = _attempt(scene, random, split, number) if physical(scene.objects) else None
        if shot is not None:
            return shot
    raise RuntimeError(
        f"scene {number} of {split.name} failed {ATTEMPTS} times: the layout rules are too strict"
    )


def _attempt(scene: Scene, random, split: Split, number: int) -> Shot | None:
    shapes = shapes_of(scene)
    hits = first_hits(scene, shapes, split.size)
    annotations = annotations_of(scene, hits.instances, number)
    if (
        annotations is None
        or split.single
        and not well_framed(scene.camera, scene.objects[0], annotations[0])
    ):
        return None
    picture = develop(trace(scene, shapes, hits, split.size), random)
    return Shot(picture, annotations, scene.seed) if clipped(picture) < MOST_CLIPPED else None


def annotations_of(scene: Scene, instances: np.ndarray, image_id: int) -> list[dict] | None:
    """COCO records of the objects in the picture, or None where one can hardly be seen."""
    size = len(instances)
    records = {}
    for index, item in enumerate(scene.objects):
        visible = instances == index
        amodal = silhouette(scene.camera, item.parts, size) | visible
        if not amodal.any():
            continue  # out of the frame altogether
        if visible.sum() < max(SMALLEST * size**2, (1 - MOST_HIDDEN) * amodal.sum()):
            return None
        records[index] = {"id": image_id * OBJECTS_A_SCENE + index + 1, "image_id": image_id}
        records[index] |= record(item, visible, amodal) | middle(scene.camera, item, size)
    supports = {item.support for index, item in enumerate(scene.objects) if index in records} - {None}
    if not records or not supports <= set(records):
        return None
    for index, entry in records.items():
        support = scene.objects[index].support
        entry["support"] = "table" if support is None else records[support]["id"]
    for order, entry in enumerate(sorted(records.values(), key=lambda entry: entry.pop("depth"))):
        entry["depth_order"] = order
    return list(records.values())


def record(item: Item, visible: np.ndarray, amodal: np.ndarray) -> dict:
    """What the masks and the object say of an annotation."""
    rows, cols = np.flatnonzero(visible.any(1)), np.flatnonzero(visible.any(0))
    left, top = int(cols[0]), int(rows[0])
    return {
        "category_id": CLASSES.index(item.class_name) + 1,
        "bbox": [left, top, int(cols[-1]) + 1 - left, int(rows[-1]) + 1 - top],
        "area": int(visible.sum()),
        "iscrowd": 0,
        "segmentation": run_lengths(visible),
        "amodal": run_lengths(amodal),
        "occlusion": round(1 - float(visible.sum() / amodal.sum()), 4),
        "identity": item.identity,
        "gap": round(float(item.gap), 4),
    }


def middle(camera: Camera, item: Item, size: int) -> dict:
    """Where the object's 3-D centre falls in the picture, and how far away it is."""
    x, y, depth = camera.project((item.points.min(0) + item.points.max(0))[None] / 2, size)[0]
    return {"center": [round(float(x), 2), round(float(y), 2)], "depth": float(depth)}


def run_lengths(mask: np.ndarray) -> dict:
    """The mask as COCO's compressed run lengths."""
    encoded = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return {"size": [int(n) for n in encoded["size"]], "counts": encoded["counts"].decode()}


def well_framed(camera: Camera, item: Item, annotation: dict) -> bool:
    """Whether a single object has a fair size and is at most slightly cut by the frame."""
    size = annotation["segmentation"]["size"][0]
    seen = camera.project(item.points, 1)[:, :2]
    inside = ((seen > 0) & (seen < 1)).all(1).mean()
    return SINGLE_AREA[0] < annotation["area"] / size**2 < SINGLE_AREA[1] and inside >= SINGLE_INSIDE


def clipped(picture: np.ndarray) -> float:
    """The fraction of pixels that are black or burnt out."""
    return float(((picture >= 254).all(-1) | (picture <= 3).all(-1)).mean())
