"""A small COCO folder: red squares and blue bars on grey noise, in pictures of many sizes."""

import json

import numpy as np
from PIL import Image

SIZES = [(120, 90), (90, 120), (128, 128), (160, 96), (100, 100), (96, 64)]  # (width, height)


def write_folder(root, empty=3):
    """Six pictures, in each a red square and a blue bar on grey noise; image `empty` shows neither."""
    random = np.random.default_rng(0)
    images, rows = [], []
    (root / "images").mkdir(parents=True)
    for i, (width, height) in enumerate(SIZES):
        pixels = random.integers(90, 150, (height, width, 3), dtype=np.uint8)
        x, y = (int(v) for v in random.integers(2, [width - 50, height - 46]))
        for category, colour, (w, h) in [(7, (230, 20, 20), (28, 28)), (3, (20, 20, 230), (44, 12))]:
            if i == empty:
                continue
            top = y if category == 7 else y + 30
            pixels[top : top + h, x : x + w] = colour
            outline = [x, top, x + w, top, x + w, top + h, x, top + h]
            row = {"image_id": i, "category_id": category, "bbox": [x, top, w, h], "area": w * h}
            rows.append(row | {"id": len(rows), "iscrowd": 0, "segmentation": [outline]})
        Image.fromarray(pixels).save(root / "images" / f"{i}.png")
        images.append({"id": i, "file_name": f"{i}.png", "width": width, "height": height})
    categories = [{"id": 3, "name": "bar"}, {"id": 7, "name": "square"}]
    coco = {"images": images, "annotations": rows, "categories": categories}
    (root / "annotations.json").write_text(json.dumps(coco), encoding="utf-8")
    return root
