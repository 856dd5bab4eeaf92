"""Do networks that never saw a still life recognise its objects? `python bench/recognition.py`.

The COCO-trained detector counts an object as recognised when it has a box of the right class, a score of at
least 0.3 and an IoU of at least 0.5. The ImageNet classifier sees a crop of the object, and has it right when one
of its five best classes is right. The table in data/README.md is rewritten.
"""

import torch
from torch import Tensor
from torchvision.transforms.v2.functional import center_crop, resize
from tqdm import tqdm

from coursekit.data.coco import CocoDataset
from coursekit.data.still_life import CLASSES, still_life
from coursekit.folders import data_folder
from coursekit.models.yolox_nano import COCO_CLASSES, yolox_nano
from coursekit.nets.efficientnet import efficientnet_lite0, imagenet_classes
from coursekit.ops import box_iou

SPLITS = ("test_scenes", "test_objects", "single_test_scenes", "single_test_objects")
README = data_folder() / "README.md"
START, END = "<!-- recognition: start -->", "<!-- recognition: end -->"
CLEAR = 32**2  # visible pixels from which an object counts as clear, when at most 30 % of it is hidden

IN_COCO = {
    "apple": {"apple"},
    "lemon": {"orange"},
    "banana": {"banana"},
    "mug": {"cup"},
    "bowl": {"bowl"},
    "bottle": {"bottle"},
    "wine glass": {"wine glass"},
    "book": {"book"},
}
IN_IMAGENET = {
    "apple": {"Granny Smith", "pomegranate"},
    "lemon": {"lemon", "orange"},
    "banana": {"banana"},
    "mushroom": {
        "mushroom",
        "agaric",
        "bolete",
        "hen-of-the-woods",
        "stinkhorn",
        "gyromitra",
        "coral fungus",
    },
    "mug": {"coffee mug", "cup", "espresso", "measuring cup"},
    "bowl": {"mixing bowl", "soup bowl", "wok", "consomme", "eggnog"},
    "bottle": {"wine bottle", "beer bottle", "pop bottle", "water bottle", "red wine", "beer glass"},
    "wine glass": {"goblet", "red wine", "beer glass", "cocktail shaker"},
    "book": {"book jacket", "comic book", "notebook", "menu", "binder", "envelope", "crossword puzzle"},
}
CROP, RESIZED = 224, 256


def crop_around(image: Tensor, box: Tensor) -> Tensor:
    """A square of the image around a box, enlarged by a quarter, as the classifier was shown its objects."""
    x1, y1, x2, y2 = box.tolist()
    half = max(x2 - x1, y2 - y1) * 0.62
    cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
    top, left = max(0, int(cy - half)), max(0, int(cx - half))
    crop = image[:, top : int(cy + half) + 1, left : int(cx + half) + 1]
    return center_crop(resize(crop, [RESIZED, RESIZED]).clamp(0, 1), [CROP, CROP])


@torch.no_grad()
def recognised(
    dataset: CocoDataset, detector, classifier
) -> list[tuple[str, bool, bool | None, bool | None]]:
    """For each object: its class, whether it is clear, whether the detector and the classifier know it."""
    names, rows = imagenet_classes(), []
    for i in tqdm(range(len(dataset)), unit="picture"):
        image, target = dataset[i]
        found = detector.detect([image])[0]
        overlap = box_iou(target["boxes"], found["boxes"]) >= 0.5  # (G, D)
        called = [COCO_CLASSES[label - 1] for label in found["labels"]]
        for g, record in enumerate(dataset.annotations_of(i)):
            name = CLASSES[target["labels"][g] - 1]
            hits = [
                hit and word in IN_COCO.get(name, ()) for hit, word in zip(overlap[g], called, strict=True)
            ]
            best = classifier.logits(crop_around(image, target["boxes"][g])[None])[0].topk(5).indices
            right = any(names[k] in IN_IMAGENET.get(name, ()) for k in best)
            clear = record["area"] >= CLEAR and record["occlusion"] <= 0.3
            rows.append(
                (name, clear, any(hits) if name in IN_COCO else None, right if name in IN_IMAGENET else None)
            )
    return rows


def share(values: list[bool | None]) -> str:
    """'0.81 (42)': the share of the true ones, and how many there are."""
    known = [value for value in values if value is not None]
    return f"{sum(known) / len(known):.2f} ({len(known)})" if known else "–"


def table(rows: list[tuple[str, bool, bool | None, bool | None]]) -> str:
    lines = [
        "| class | COCO detector, all | COCO detector, clear objects | ImageNet top 5, clear objects |",
        "|---|--:|--:|--:|",
    ]
    for name in CLASSES:
        mine = [row for row in rows if row[0] == name]
        clear = [row for row in mine if row[1]]
        columns = [share([row[2] for row in mine]), *(share([row[k] for row in clear]) for k in (2, 3))]
        lines.append(f"| {name} | {' | '.join(columns)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and rewrite the table in data/README.md."""
    torch.set_num_threads(1)
    detector, classifier = yolox_nano().eval(), efficientnet_lite0().eval()
    present = [split for split in SPLITS if (data_folder() / "still_life" / f"{split}.json").exists()]
    rows = [row for split in present for row in recognised(still_life(split), detector, classifier)]
    text = f"Splits {', '.join(present)}: share recognised (number of objects).\n\n{table(rows)}"
    print(text)
    before, rest = README.read_text(encoding="utf-8").split(START)
    README.write_text(f"{before}{START}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
