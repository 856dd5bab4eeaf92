"""The error budget as double loops over the paper's definitions."""

import numpy as np
import torch
from random_detections import random_data_set

from coursekit.metrics import average_precision
from coursekit.metrics.error_budget import ERRORS

DATA_SETS = {seed: random_data_set(seed, classes=2) for seed in range(30)}


def row(boxes, labels, **others):
    others = {key: torch.tensor(value) for key, value in others.items()}
    boxes = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    return {"boxes": boxes, "labels": torch.tensor(labels, dtype=torch.int64)} | others


# ---------------------------------------------------------------- the witness: loops, image by image


def iou_of(a, b, crowd):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    own, other = ((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b))
    return shared / own if crowd else shared / (own + other - shared)


def mask_iou_of(a, b, crowd):
    shared = (a & b).sum().item()
    return shared / a.sum().item() if crowd else shared / (a | b).sum().item()


def judge_image(prediction, target, kind):
    """For each detection, best first: its kind, its object, its score and label; and the objects missed."""
    boxes = [r["boxes"].tolist() if kind == "boxes" else list(r["masks"]) for r in (prediction, target)]
    overlap = iou_of if kind == "boxes" else mask_iou_of
    labels, crowd, free = (
        target["labels"].tolist(),
        target["iscrowd"].tolist(),
        [True] * len(target["labels"]),
    )
    scores, answers = prediction["scores"].tolist(), []
    for d in sorted(range(len(scores)), key=lambda d: -scores[d]):
        label = prediction["labels"][d].item()
        iou = [overlap(boxes[0][d], box, c) for box, c in zip(boxes[1], crowd, strict=True)]
        own = [j for j in range(len(iou)) if labels[j] == label and not crowd[j]]
        other = [j for j in range(len(iou)) if labels[j] != label and not crowd[j]]
        best = max((j for j in own if free[j] and iou[j] >= 0.5), key=lambda j: (iou[j], j), default=None)
        highest, foreign = (max((iou[j] for j in side), default=0) for side in (own, other))
        if best is not None:
            answer = "right", best
            free[best] = False
        elif any(crowd[j] and labels[j] == label and iou[j] >= 0.5 for j in range(len(iou))):
            continue
        elif 0.1 <= highest < 0.5:
            answer = "localisation", max(own, key=lambda j: (iou[j], j))
        elif foreign >= 0.5:
            answer = "classification", max(other, key=lambda j: (iou[j], j))
        elif highest >= 0.5:
            answer = "duplicate", None
        elif foreign >= 0.1:
            answer = "both", None
        else:
            answer = "background", None
        answers.append((*answer, scores[d], label))
    claimed = {j for name, j, *_ in answers if name in ("right", "localisation", "classification")}
    return answers, [j for j in range(len(free)) if not crowd[j] and j not in claimed]


def fix(answers, name):
    """The paper's oracles on the detections of one image: (score, label, right, object)."""
    fixed = []
    for kind, j, score, label, true_label in answers:
        if kind == name and name in ("localisation", "classification"):
            fixed.append((score, true_label, True, j))
        elif kind != name:
            fixed.append((score, label, kind == "right", j))
    best = {}
    for detection in fixed:
        if detection[2] and (detection[3] not in best or detection[0] > best[detection[3]][0]):
            best[detection[3]] = detection
    return [d for d in fixed if not d[2] or best[d[3]] is d]


def budget_by_loops(predictions, targets, kind="boxes"):
    images = []
    for prediction, target in zip(predictions, targets, strict=True):
        answers, missed = judge_image(prediction, target, kind)
        labels = target["labels"].tolist()
        images.append(
            ([(*a, None if a[1] is None else labels[a[1]]) for a in answers], [labels[j] for j in missed])
        )
    counts = {
        name: sum(a[0] == name for answers, _ in images for a in answers) for name in ("right", *ERRORS)
    }
    counts["missed"] = sum(len(missed) for _, missed in images)
    true = [
        c for t in targets for c, crowd in zip(t["labels"].tolist(), t["iscrowd"], strict=True) if not crowd
    ]

    def ap(name):
        detections = [d for answers, _ in images for d in fix(answers, name)]
        gone = [label for _, missed in images for label in missed] if name == "missed" else []
        detections = sorted(detections, key=lambda d: -d[0])
        aps = []
        for label in set(true):
            right, number = [d[2] for d in detections if d[1] == label], true.count(label) - gone.count(label)
            aps.append(average_precision(right, number) if number else float(not right))
        return np.mean(aps)

    return counts, ap(None), {name: ap(name) - ap(None) for name in ERRORS}
