"""A COCO folder of three pictures and its annotations."""

import copy
import json

import numpy as np
import torch
from PIL import Image

from coursekit import ops
from coursekit.data.coco import CocoDataset

SIZES = {7: (40, 60), 3: (50, 30), 12: (20, 25)}  # image id: height, width
POLYGON = [2.0, 3.0, 22.0, 3.0, 22.0, 15.0, 2.0, 15.0]


def annotation(number, image, category, bbox, segmentation, **more):
    return {"id": number, "image_id": image, "category_id": category, "bbox": bbox} | {
        "segmentation": segmentation,
        "area": 99.5,
        "iscrowd": 0,
        **more,
    }


def content():
    """Three images, the last one empty; category ids with gaps, out of order; all kinds of segmentation."""
    height, width = SIZES[3]
    block = torch.zeros(height, width, dtype=torch.bool)
    block[10:20, 5:25] = True
    return {
        "images": [
            {"id": i, "file_name": f"picture {i}.png", "height": h, "width": w} for i, (h, w) in SIZES.items()
        ],
        "annotations": [
            annotation(1, 7, 90, [2, 3, 20, 12], [POLYGON], identity=41, occlusion=0.25),
            annotation(2, 3, 4, [5, 10, 20, 10], ops.rle_encode(block)),
            annotation(5, 7, 17, [50.5, 0, 12, 40], {"size": [40, 60], "counts": [2000, 400]}, iscrowd=1),
            annotation(6, 7, 17, [5, 5, 0, 3], [POLYGON]),
        ],
        "categories": [{"id": 90, "name": "zebra"}, {"id": 4, "name": "ant"}, {"id": 17, "name": "mouse"}],
    }


def write(folder, what):
    text = what if isinstance(what, str) else json.dumps(what)
    (folder / "some.json").write_text(text, encoding="utf-8")


def write_pictures(folder):
    """The folder with pictures of noise and the annotations beside them."""
    generator = np.random.default_rng(0)
    for i, (height, width) in SIZES.items():
        pixels = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"picture {i}.png")
    write(folder, content())
    return folder


def load(folder, **options):
    return CocoDataset(folder / "some.json", folder, **options)


def changed(path, value):
    """The content with one entry replaced, or removed if value is None."""
    whole = copy.deepcopy(content())
    *way, last = path
    place = whole
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return whole
