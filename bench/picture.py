"""Draw the picture of the README: `python bench/picture.py`."""

from pathlib import Path

import matplotlib.pyplot as plt

from coursekit.data.photos import photo
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import draw_boxes, draw_masks
from coursekit.models.yolox_nano import COCO_CLASSES, yolox_nano

PICTURE = Path(__file__).with_suffix(".jpg")
PHOTOS = ("coffee", "astronaut")
BOXES, MASKS = 13, 11  # scenes of the validation split
SURE = 0.8  # the score from which a detection is drawn


def main() -> None:
    """Detections of a COCO-trained detector on photographs; boxes and exact masks of still lifes."""
    detector, scenes = yolox_nano().eval(), still_life("val")
    figure, axes = plt.subplots(1, 4, figsize=(14, 3.3), width_ratios=(1.5, 1, 1, 1))
    for ax, name in zip(axes[:2], PHOTOS, strict=True):
        found = detector.detect([photo(name)], score_threshold=SURE)[0]
        draw_boxes(ax, photo(name), found["boxes"], found["labels"], found["scores"], COCO_CLASSES)
    image, target = scenes[BOXES]
    draw_boxes(axes[2], image, target["boxes"], target["labels"], classes=CLASSES)
    image, target = scenes[MASKS]
    draw_masks(axes[3], image, target["masks"], target["labels"], CLASSES)
    figure.savefig(PICTURE, dpi=100, bbox_inches="tight", pil_kwargs={"quality": 88})


if __name__ == "__main__":
    main()
