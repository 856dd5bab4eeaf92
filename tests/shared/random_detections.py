"""Made-up data sets with everything that is awkward for COCO's numbers, and pycocotools' answer to them."""

import contextlib
import io

import numpy as np
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from coursekit.ops.mask import rle_encode

HEIGHT, WIDTH = 118, 150
NAMES = "AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl".split()


def random_data_set(seed, images=4, classes=3, most=6):
    """Predictions and targets with masks: crowds, empty images, absent classes, equal scores, equal boxes."""
    random = np.random.default_rng(seed)
    targets = [random_target(random, random.integers(0, most), classes) for _ in range(images)]
    return [random_prediction(random, target, classes) for target in targets], targets


def random_target(random, count, classes):
    boxes, masks = random_masks(random, random_boxes(random, count))
    labels = random.choice([1, *range(3, classes + 2)], count)  # label 2 is only ever predicted
    crowd = random.random(count) < 0.2
    area = masks.sum((1, 2)) * random.choice([0.7, 1.0], count)  # a polygon's area is not its pixels
    return as_tensors(boxes, labels, masks, area=area, iscrowd=crowd.astype(int))


def random_prediction(random, target, classes):
    if random.random() < 0.15:
        return as_tensors(
            np.zeros((0, 4)), np.zeros(0), np.zeros((0, HEIGHT, WIDTH), bool), scores=np.zeros(0)
        )
    near = np.repeat(target["boxes"].numpy(), random.integers(1, 4), 0)
    near = near + random.integers(-3, 4, near.shape) * (random.random(near.shape) < 0.5)
    boxes = np.concatenate([np.sort(near.reshape(-1, 2, 2), 1).reshape(-1, 4), random_boxes(random, 3)])
    boxes, masks = random_masks(random, boxes.clip(0, [WIDTH, HEIGHT] * 2))
    labels = np.resize(np.append(target["labels"].numpy(), 2), len(boxes))
    labels = np.where(random.random(len(boxes)) < 0.2, random.integers(1, classes + 2, len(boxes)), labels)
    scores = random.integers(0, 8, len(boxes)) / 8  # many equal ones
    return as_tensors(boxes, labels, masks, scores=scores)


def random_boxes(random, count):
    side = random.choice([8, 30, 60, 110], (count, 1)) + random.integers(0, 8, (count, 2))
    corner = (random.random((count, 2)) * (np.array([WIDTH, HEIGHT]) - side)) // 4 * 4
    return np.concatenate([corner, corner + side], 1)


def random_masks(random, boxes):
    """The boxes themselves, or the ellipses in them; boxes without a pixel are left out."""
    boxes = boxes[(boxes[:, 2:] > boxes[:, :2]).all(1)]
    x1, y1, x2, y2 = boxes.T[:, :, None, None]
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    across, down = (2 * x - x1 - x2) / (x2 - x1), (2 * y - y1 - y2) / (y2 - y1)
    square = np.maximum(abs(across), abs(down)) <= 1
    return boxes, np.where(random.random((len(boxes), 1, 1)) < 0.5, square, across**2 + down**2 <= 1)


def as_tensors(boxes, labels, masks, **others):
    row = {"boxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)}
    row |= {"labels": torch.tensor(labels, dtype=torch.int64), "masks": torch.from_numpy(masks)}
    return row | {key: torch.from_numpy(np.asarray(value)) for key, value in others.items()}


def peer_evaluation(predictions, targets, kind):
    """pycocotools' COCOeval after all three steps, with `stats`."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        annotations = [a for i, target in enumerate(targets) for a in annotation_rows(i, target, kind)]
        for number, annotation in enumerate(annotations, 1):
            annotation["id"] = number  # 0 would mean "not matched"
        labels = np.unique(np.concatenate([row["labels"] for row in (*predictions, *targets)]))
        images = [{"id": i, "height": HEIGHT, "width": WIDTH} for i in range(len(targets))]
        truth.dataset = {"images": images, "annotations": annotations, "info": {}}
        truth.dataset["categories"] = [{"id": int(label)} for label in labels]
        truth.createIndex()
        answers = [a for i, row in enumerate(predictions) for a in annotation_rows(i, row, kind)]
        found = truth.loadRes(answers) if answers else COCO()
        evaluation = COCOeval(truth, found, {"boxes": "bbox", "masks": "segm"}[kind])
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def annotation_rows(image, row, kind):
    for k, label in enumerate(row["labels"].tolist()):
        x1, y1, x2, y2 = row["boxes"][k].double().tolist()
        annotation = {"image_id": image, "category_id": label}
        if kind == "boxes":
            annotation["bbox"] = [x1, y1, x2 - x1, y2 - y1]
        else:
            annotation["segmentation"] = rle_encode(row["masks"][k])
        if "scores" in row:
            yield annotation | {"score": row["scores"][k].item()}
        else:
            yield annotation | {"iscrowd": row["iscrowd"][k].item(), "area": row["area"][k].item()}
