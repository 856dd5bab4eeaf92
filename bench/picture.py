"""Draw the picture of the README: `python bench/picture.py`."""

from pathlib import Path

import matplotlib.pyplot as plt

from coursekit.data.photos import photo
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import draw_boxes, draw_masks
from coursekit.models.yolox_nano import COCO_CLASSES, yolox_nano

PICTURE = Path(__file__).with_suffix(".jpg")
PHOTOS = ("coffee", "astronaut")
SCENES = (4, 12)  # of the validation split


def main() -> None:
    """Detections of a COCO-trained detector on photographs, and the exact masks of still lifes."""
    detector, scenes = yolox_nano().eval(), still_life("val")
    figure, axes = plt.subplots(1, 4, figsize=(14, 3.6), width_ratios=(1.5, 1, 1, 1))
    for ax, name in zip(axes[:2], PHOTOS, strict=True):
        found = detector.detect([photo(name)])[0]
        draw_boxes(ax, photo(name), found["boxes"], found["labels"], found["scores"], COCO_CLASSES)
    for ax, index in zip(axes[2:], SCENES, strict=True):
        image, target = scenes[index]
        draw_masks(ax, image, target["masks"], target["labels"])
        draw_boxes(ax, None, target["boxes"], target["labels"], classes=CLASSES)
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=100, bbox_inches="tight", pil_kwargs={"quality": 88})


if __name__ == "__main__":
    main()
