"""Answers to `crop_scene` (lab 08), written from the student's notebook alone."""

import torch

from coursekit import ops


def right_by_columns(image, target, window, least):
    """Each of the four columns clamped on its own."""
    x1, y1, x2, y2 = window
    left, top, right, bottom = target["boxes"].unbind(1)
    boxes = torch.stack(
        [
            left.clamp(x1, x2) - x1,
            top.clamp(y1, y2) - y1,
            right.clamp(x1, x2) - x1,
            bottom.clamp(y1, y2) - y1,
        ],
        1,
    )
    share = ops.box_area(boxes) / ops.box_area(target["boxes"])
    return image[:, y1:y2, x1:x2].clone(), {
        "boxes": boxes[share >= least],
        "labels": target["labels"][share >= least],
    }


def right_by_library(image, target, window, least):
    """ops.clip_boxes_to_image after the move."""
    x1, y1, x2, y2 = window
    moved = target["boxes"] - torch.tensor(window[:2] * 2)
    boxes = ops.clip_boxes_to_image(moved, (y2 - y1, x2 - x1))
    kept = ops.box_area(boxes) >= least * ops.box_area(moved)
    return image[:, y1:y2, x1:x2], {"boxes": boxes[kept], "labels": target["labels"][kept]}


def right_by_loop(image, target, window, least):
    """One box after another."""
    x1, y1, x2, y2 = window
    rows, labels = [], []
    for (a, b, c, d), label in zip(target["boxes"].tolist(), target["labels"].tolist(), strict=True):
        new = [max(a, x1), max(b, y1), min(c, x2), min(d, y2)]
        inside = max(0, new[2] - new[0]) * max(0, new[3] - new[1])
        if inside >= least * (c - a) * (d - b):
            rows.append([new[0] - x1, new[1] - y1, new[2] - x1, new[3] - y1])
            labels.append(label)
    boxes = torch.tensor(rows, dtype=torch.float32).reshape(-1, 4)
    return image[:, y1:y2, x1:x2], {"boxes": boxes, "labels": torch.tensor(labels, dtype=torch.int64)}


def _moved(target, window):
    return target["boxes"] - torch.tensor(window[:2] * 2)


def _cut(target, window):
    return ops.clip_boxes_to_image(_moved(target, window), (window[3] - window[1], window[2] - window[0]))


def _kept(target, boxes, kept):
    return {"boxes": boxes[kept], "labels": target["labels"][kept]}


def wrong_boxes_stay(image, target, window, least):
    """The boxes are cut, but keep their old coordinates."""
    x1, y1, x2, y2 = window
    share = ops.box_area(_cut(target, window)) / ops.box_area(target["boxes"])
    boxes = _cut(target, window) + torch.tensor([x1, y1, x1, y1])
    return image[:, y1:y2, x1:x2], _kept(target, boxes, share >= least)


def wrong_not_cut(image, target, window, least):
    """The boxes reach out of the window."""
    x1, y1, x2, y2 = window
    share = ops.box_area(_cut(target, window)) / ops.box_area(target["boxes"])
    return image[:, y1:y2, x1:x2], _kept(target, _moved(target, window), share >= least)


def wrong_everything_kept(image, target, window, least):
    """Nothing is left out."""
    x1, y1, x2, y2 = window
    return image[:, y1:y2, x1:x2], {"boxes": _cut(target, window), "labels": target["labels"]}


def wrong_image_axes(image, target, window, least):
    """Rows and columns of the image exchanged."""
    x1, y1, x2, y2 = window
    return image[:, x1:x2, y1:y2], right_by_loop(image, target, window, least)[1]


def wrong_labels(image, target, window, least):
    """The labels of all objects."""
    pixels, new = right_by_loop(image, target, window, least)
    return pixels, {"boxes": new["boxes"], "labels": target["labels"]}


def wrong_centre(image, target, window, least):
    """Objects whose centre is inside are kept."""
    x1, y1, x2, y2 = window
    x, y = ((target["boxes"][:, :2] + target["boxes"][:, 2:]) / 2).unbind(1)
    kept = (x >= x1) & (x < x2) & (y >= y1) & (y < y2)
    return image[:, y1:y2, x1:x2], _kept(target, _cut(target, window), kept)
