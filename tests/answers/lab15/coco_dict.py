def right_loops(names, sizes, targets, classes):
    """A counter and three lists."""
    images, annotations, categories = [], [], []
    for k, name in enumerate(classes):
        categories.append({"id": k + 1, "name": name})
    number = 0
    for i, (name, size, target) in enumerate(zip(names, sizes, targets, strict=True)):
        images.append({"file_name": name, "height": size[0], "width": size[1], "id": i + 1})
        for box, label in zip(target["boxes"], target["labels"], strict=True):
            number += 1
            x1, y1, x2, y2 = (float(v) for v in box)
            annotations.append(
                {
                    "id": number,
                    "image_id": i + 1,
                    "category_id": int(label),
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "iscrowd": 0,
                }
            )
    return {"images": images, "annotations": annotations, "categories": categories}


def right_tensors_first(names, sizes, targets, classes):
    """Converts the boxes as a tensor, then lists them."""
    rows = []
    for i, target in enumerate(targets, 1):
        corners = target["boxes"].reshape(-1, 4)
        wide_high = corners[:, 2:] - corners[:, :2]
        for xy, wh, k in zip(
            corners[:, :2].tolist(), wide_high.tolist(), target["labels"].tolist(), strict=True
        ):
            rows.append(
                {"image_id": i, "category_id": k, "bbox": xy + wh, "area": wh[0] * wh[1], "iscrowd": 0}
            )
    return {
        "images": [
            {"id": i + 1, "file_name": names[i], "height": sizes[i][0], "width": sizes[i][1]}
            for i in range(len(names))
        ],
        "categories": [{"id": i + 1, "name": classes[i]} for i in range(len(classes))],
        "annotations": [row | {"id": j + 1} for j, row in enumerate(rows)],
    }


def right_more(names, sizes, targets, classes):
    """Adds what COCO files have besides: a title, and supercategories; tuples for lists."""
    file = right_loops(names, sizes, targets, classes)
    file["info"] = {"description": "my photographs"}
    file["categories"] = tuple(c | {"supercategory": "thing"} for c in file["categories"])
    return file


def changed(change, names, sizes, targets, classes):
    """The right file, with each annotation changed."""
    file = right_loops(names, sizes, targets, classes)
    for annotation in file["annotations"]:
        change(annotation)
    return file


def wrong_corners(names, sizes, targets, classes):
    """Writes x2 and y2."""

    def change(a):
        x, y, w, h = a["bbox"]
        a["bbox"] = [x, y, x + w, y + h]

    return changed(change, names, sizes, targets, classes)


def wrong_tensors(names, sizes, targets, classes):
    """Leaves tensors in the dict."""
    file = right_loops(names, sizes, targets, classes)
    at = 0
    for target in targets:
        for label in target["labels"]:
            file["annotations"][at]["category_id"] = label
            at += 1
    file["count"] = sum(len(t["labels"]) for t in targets) + targets[0]["labels"].sum() * 0 if targets else 0
    return file


def wrong_restart(names, sizes, targets, classes):
    """Counts the annotations of each photograph from 1."""
    file = right_loops(names, sizes, targets, classes)
    seen = {}
    for annotation in file["annotations"]:
        seen[annotation["image_id"]] = seen.get(annotation["image_id"], 0) + 1
        annotation["id"] = seen[annotation["image_id"]]
    return file


def wrong_labels_from_zero(names, sizes, targets, classes):
    """category_id counts from 0."""
    return changed(lambda a: a.update(category_id=a["category_id"] - 1), names, sizes, targets, classes)


def wrong_size(names, sizes, targets, classes):
    """Takes (width, height) for the sizes."""
    file = right_loops(names, sizes, targets, classes)
    for image, (width, height) in zip(file["images"], sizes, strict=True):
        image["width"], image["height"] = width, height
    return file


def wrong_no_area(names, sizes, targets, classes):
    """Forgets the area."""
    return changed(lambda a: a.pop("area"), names, sizes, targets, classes)


def wrong_empty_left_out(names, sizes, targets, classes):
    """Leaves photographs without objects out of the list."""
    file = right_loops(names, sizes, targets, classes)
    file["images"] = [
        image for image, target in zip(file["images"], targets, strict=True) if len(target["labels"])
    ]
    return file


def wrong_center(names, sizes, targets, classes):
    """The centre instead of the corner."""

    def change(a):
        x, y, w, h = a["bbox"]
        a["bbox"] = [x + w / 2, y + h / 2, w, h]

    return changed(change, names, sizes, targets, classes)
