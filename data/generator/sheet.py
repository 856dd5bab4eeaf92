"""A contact sheet of a split, with every box and mask drawn on it."""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from pycocotools import mask as coco_mask

COLOURS = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178))
COLOURS += ((213, 94, 0), (204, 121, 167), (255, 255, 255), (120, 255, 120), (255, 90, 90))


def contact_sheet(
    folder: Path, split: str, count: int = 24, columns: int = 6, marked: bool = True
) -> Image.Image:
    """The first pictures of a split side by side."""
    dataset = json.loads((folder / f"{split}.json").read_text())
    images = dataset["images"][:count]
    size = images[0]["width"]
    sheet = Image.new("RGB", (columns * size, -(-len(images) // columns) * size))
    for place, image in enumerate(images):
        picture = Image.open(folder / split / image["file_name"])
        own = [a for a in dataset["annotations"] if a["image_id"] == image["id"]] if marked else []
        sheet.paste(
            annotated(picture, own, dataset["categories"]), (place % columns * size, place // columns * size)
        )
    return sheet


def annotated(picture: Image.Image, annotations: list[dict], categories: list[dict]) -> Image.Image:
    """The picture with the outlines of its masks, its boxes and class names."""
    values = np.array(picture)
    for k, annotation in enumerate(annotations):
        mask = coco_mask.decode(annotation["segmentation"]).astype(bool)
        inner = mask.copy()
        inner[1:-1, 1:-1] &= mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
        values[mask & ~inner] = COLOURS[k]
    marked = Image.fromarray(values)
    pencil = ImageDraw.Draw(marked)
    names = {category["id"]: category["name"] for category in categories}
    for k, annotation in enumerate(annotations):
        x, y, width, height = annotation["bbox"]
        pencil.rectangle((x, y, x + width - 1, y + height - 1), outline=COLOURS[k])
        pencil.text((x + 2, y), names[annotation["category_id"]], fill=COLOURS[k])
    return marked
