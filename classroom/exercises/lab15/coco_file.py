"""Lab 15, section 4: annotated photographs as the dict that a COCO file holds."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab15.pictures import annotations_picture
from classroom.exercises.mistakes import overwriting

Target = dict[str, Tensor]
NEEDED = {"id", "image_id", "category_id", "bbox", "area", "iscrowd"}  # of an annotation
Coco = dict[str, list[dict[str, Any]]]


def coco_dict(
    names: list[str], sizes: list[tuple[int, int]], targets: list[Target], classes: Sequence[str]
) -> Coco:
    """The images, categories and annotations of a COCO file; all ids count from 1."""
    images = [
        {"id": i, "file_name": name, "height": height, "width": width}
        for i, (name, (height, width)) in enumerate(zip(names, sizes, strict=True), 1)
    ]
    categories = [{"id": k, "name": name} for k, name in enumerate(classes, 1)]
    annotations: list[dict[str, Any]] = []
    for image, target in zip(images, targets, strict=True):
        for (x1, y1, x2, y2), label in zip(target["boxes"].tolist(), target["labels"].tolist(), strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image["id"],
                    "category_id": label,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "iscrowd": 0,
                }
            )
    return {"images": images, "categories": categories, "annotations": annotations}


def judge_file(arguments: tuple, value: Any) -> Any:
    """What json would write and read again, and whether it can."""
    if value is None:
        return None
    try:
        file = json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return {"json.dumps can write it": False}
    kept = [sorted(NEEDED & row.keys()) for row in file["annotations"]]
    return {
        "json.dumps can write it": True,
        "the file": file,
        "what each annotation has": [", ".join(each) for each in kept],
    }


def _target(*objects: tuple[int, tuple[float, float, float, float]]) -> Target:
    return {
        "boxes": boxes(*(box for _, box in objects)),
        "labels": torch.tensor([label for label, _ in objects], dtype=torch.int64),
    }


MUG, PEAR, SMALL = (2, (10.0, 20.0, 50.0, 90.0)), (1, (60.5, 8.0, 75.0, 30.25)), (3, (0.0, 0.0, 3.0, 5.0))
FRUIT = ("pear", "mug", "book")
ONE = (["a.jpg"], [(120, 90)])

COCO_DICT = Exercise(
    coco_dict,
    picture=annotations_picture,
    judge=judge_file,
    hints=(
        "Three lists of dicts. The annotations are one list for all photographs: each says with image_id where it belongs, and has an id of its own.",
        "enumerate(…, 1) counts from 1. bbox is [x1, y1, x2 − x1, y2 − y1], area is width times height; "
        "a box as plain numbers is target['boxes'].tolist().",
        'images = [{"id": i, "file_name": n, "height": h, "width": w} for i, (n, (h, w)) in enumerate(zip(names, sizes), 1)]\n'
        'categories = [{"id": k, "name": name} for k, name in enumerate(classes, 1)]\n'
        "annotations = []\n"
        "for i, target in enumerate(targets, 1):\n"
        '    for (x1, y1, x2, y2), label in zip(target["boxes"].tolist(), target["labels"].tolist()):\n'
        '        annotations.append({"id": len(annotations) + 1, "image_id": i, "category_id": label, "iscrowd": 0,\n'
        '                            "bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)})\n'
        'return {"images": images, "categories": categories, "annotations": annotations}',
    ),
    cases=(
        Case("one photograph, one mug", (*ONE, [_target(MUG)], FRUIT)),
        Case("two objects, of which one has half pixels", (*ONE, [_target(MUG, PEAR)], FRUIT)),
        Case("two photographs", (["a.jpg", "b.jpg"], [(120, 90), (80, 200)], [_target(PEAR), _target(SMALL, MUG)], FRUIT)),
        Case(
            "a photograph without objects",
            (["a.jpg", "none.jpg", "c.jpg"], [(120, 90), (60, 70), (99, 98)], [_target(SMALL), _target(), _target(PEAR)], FRUIT),
        ),
        Case("no photograph", ([], [], [], FRUIT)),
    ),
)  # fmt: skip

_wrong = COCO_DICT.wrong
PLAIN = "A file holds plain numbers, not tensors: .tolist() makes them."


def _each(part: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable:
    """An answer in which every entry of one of the three lists is changed."""

    def answer(names: list, sizes: list, targets: list[Target], classes: Sequence[str]) -> Coco:
        right = coco_dict(names, sizes, targets, classes)
        return right | {part: [entry | change(entry) for entry in right[part]]}

    return answer


def _box(change: Callable[..., list[float]]) -> Callable:
    return _each("annotations", lambda entry: {"bbox": change(*entry["bbox"])})


def _without(key: str) -> Callable:
    """An answer whose annotations lack one entry."""

    def answer(*arguments: Any) -> Coco:
        right = coco_dict(*arguments)
        return right | {"annotations": [{k: a[k] for k in a if k != key} for a in right["annotations"]]}

    return answer


def _restarting(names: list, sizes: list, targets: list[Target], classes: Sequence[str]) -> Coco:
    right = coco_dict(names, sizes, targets, classes)
    numbers = [j for target in targets for j in range(1, len(target["labels"]) + 1)]
    fresh = [a | {"id": j} for a, j in zip(right["annotations"], numbers, strict=True)]
    return right | {"annotations": fresh}


def _only_with_objects(names: list, sizes: list, targets: list[Target], classes: Sequence[str]) -> Coco:
    right = coco_dict(names, sizes, targets, classes)
    used = {a["image_id"] for a in right["annotations"]}
    return right | {"images": [image for image in right["images"] if image["id"] in used]}


def _only_classes_used(*arguments: Any) -> Coco:
    right = coco_dict(*arguments)
    used = {a["category_id"] for a in right["annotations"]}
    return right | {"categories": [c for c in right["categories"] if c["id"] in used]}


for _name, _story, _function in (
    (
        "corners for bbox",
        "COCO's bbox is x, y, width, height.",
        _box(lambda x, y, w, h: [x, y, x + w, y + h]),
    ),
    (
        "centre and size for bbox",
        "COCO's bbox begins with the top left corner, not with the centre.",
        _box(lambda x, y, w, h: [x + w / 2, y + h / 2, w, h]),
    ),
    (
        "a pixel more",
        "x2 and y2 are exclusive here, so the width is x2 − x1.",
        _each(
            "annotations",
            lambda a: {
                "bbox": [*a["bbox"][:2], a["bbox"][2] + 1, a["bbox"][3] + 1],
                "area": (a["bbox"][2] + 1) * (a["bbox"][3] + 1),
            },
        ),
    ),
    (
        "height before width in bbox",
        "COCO's bbox is x, y, width, height.",
        _box(lambda x, y, w, h: [x, y, h, w]),
    ),
    (
        "whole pixels",
        "COCO's numbers may have fractions: rounding moves the box.",
        _box(lambda x, y, w, h: [int(x), int(y), int(w), int(h)]),
    ),
    (
        "the area of the corners",
        "The area is width times height, not x2 times y2.",
        _each(
            "annotations",
            lambda a: {"area": (a["bbox"][0] + a["bbox"][2]) * (a["bbox"][1] + a["bbox"][3])},
        ),
    ),
    ("no area", "COCO's scores by size need the area of each object.", _without("area")),
    ("no iscrowd", "pycocotools asks each annotation for iscrowd.", _without("iscrowd")),
    ("annotations without id", "Each annotation has an id of its own.", _without("id")),
    (
        "ids that restart in each photograph",
        "The annotations are one list: two with the same id are the same to pycocotools.",
        _restarting,
    ),
    (
        "ids from 0",
        "Here all ids count from 1; pycocotools takes an annotation with id 0 for “not matched”.",
        _each("annotations", lambda a: {"id": a["id"] - 1}),
    ),
    (
        "photographs counted from 0 in the annotations",
        "image_id must be an id of the list of images.",
        _each("annotations", lambda a: {"image_id": a["image_id"] - 1}),
    ),
    (
        "classes counted from 0 in the annotations",
        "Label k is category k: 0 is the background and no category.",
        _each("annotations", lambda a: {"category_id": a["category_id"] - 1}),
    ),
    (
        "categories counted from 0",
        "Label k is category k, and labels count from 1.",
        _each("categories", lambda c: {"id": c["id"] - 1}),
    ),
    (
        "the file name as image_id",
        "image_id is the number of the image, its id.",
        lambda names, *rest: _each("annotations", lambda a: {"image_id": names[a["image_id"] - 1]})(
            names, *rest
        ),
    ),
    (
        "height and width swapped",
        "A size is (height, width).",
        _each("images", lambda image: {"height": image["width"], "width": image["height"]}),
    ),
    (
        "photographs without objects left out",
        "They belong to the data: what a detector predicts there is wrong, and must count.",
        _only_with_objects,
    ),
    (
        "classes without objects left out",
        "The numbers of the classes must be the same in every file: list all of them.",
        _only_classes_used,
    ),
    (
        "tensors in the file",
        PLAIN,
        lambda *arguments: coco_dict(*arguments) | {"areas": torch.zeros(1)},
    ),
    ("the boxes overwritten", "The caller needs them again: work on copies.", overwriting(coco_dict, 2)),
):
    _wrong(_name, _story)(_function)

EXERCISES = (COCO_DICT,)
