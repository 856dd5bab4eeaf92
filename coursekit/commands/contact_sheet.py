"""`coursekit data FOLDER --sheet FILE`: some annotated images of a folder, on one sheet."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from PIL import Image

from coursekit import draw
from coursekit.data.coco import CocoDataset
from coursekit.data.image_files import shrink
from coursekit.data.transforms import stretch

COLUMNS, ROWS = 4, 4
LONGER_SIDE = 400  # pixels of an image on the sheet


def save_sheet(datasets: Sequence[CocoDataset], out: Path) -> None:
    """Draw up to 16 images, spread evenly over the splits, with their objects, into a file.

    Raises:
        ValueError: it is not an image file name.
    """
    Image.init()
    if Image.EXTENSION.get(out.suffix.lower()) not in Image.SAVE:
        raise ValueError(f"{out} is not an image file name: name a .png, .webp or .jpg file with --sheet.")
    places = [(dataset, i) for dataset in datasets for i in range(len(dataset))]
    count = min(len(places), COLUMNS * ROWS)
    some = [places[k * len(places) // count] for k in range(count)]
    rows = -(-count // COLUMNS)
    with plt.rc_context(draw.STYLE):
        figure, axes = plt.subplots(rows, COLUMNS, figsize=(3 * COLUMNS, 2.6 * rows), squeeze=False)
        for ax in axes.flat:
            ax.axis("off")
        for ax, (dataset, i) in zip(axes.flat, some, strict=False):
            draw_one(ax, dataset, i)
        out.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(out)
        plt.close(figure)


def draw_one(ax: Axes, dataset: CocoDataset, i: int) -> None:
    """Draw an image, made smaller, with its boxes and masks."""
    target, entry = dataset.target(i), dataset.annotations["images"][i]
    image = shrink(dataset.picture(i, (LONGER_SIDE, LONGER_SIDE)), LONGER_SIDE)
    height, width = image.shape[1:]
    scale = target["boxes"].new_tensor([width / entry["width"], height / entry["height"]] * 2)
    draw.draw_image(ax, image, title=Path(entry["file_name"]).name[-32:])
    if "masks" in target:
        draw.draw_masks(ax, None, stretch(target["masks"], (height, width)), target["labels"])
    draw.draw_boxes(ax, None, target["boxes"] * scale, target["labels"], classes=dataset.classes)
