# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 07: Measuring
#
# A detector outputs a list of boxes, labels and scores. How good is such a list?
# The number that all papers report is **average precision** (AP). You build it from scratch, check that it equals the official one to the last digits,
# and then learn how it can mislead.
#
# | you write | you see | you measure |
# |---|---|---|
# | matching, precision and recall, three averages, a mean over thresholds, recall of the best k, a test, an interval | ten detections counted by hand; a curve that you slide along; the errors, by kind | your own detector; what a cut, duplicates and empty images do to its AP; accuracy against milliseconds |
#
# **Time:** about 80 minutes on a first reading, or 105 with the exercises marked *extra*. The computer needs about two minutes. Nothing is downloaded.
#
# **The detectors** (95 % intervals; seed 0; 90 CPU seconds of training each; `data/checkpoints/scores.json`):
#
# | model | AP, new scenes | AP50, new scenes | AP, unseen objects | AP50, unseen objects |
# |---|---|---|---|---|
# | YOLO, as in the first paper | 0.47 [0.45, 0.49] | 0.87 [0.84, 0.89] | 0.40 [0.38, 0.42] | 0.79 [0.77, 0.82] |
# | YOLO as it is built today | 0.54 [0.53, 0.56] | 0.91 [0.90, 0.93] | 0.46 [0.45, 0.48] | 0.85 [0.83, 0.88] |
# | SSD | 0.58 [0.57, 0.60] | 0.90 [0.89, 0.92] | 0.49 [0.47, 0.51] | 0.82 [0.80, 0.85] |
# | RetinaNet | 0.58 [0.57, 0.61] | 0.89 [0.88, 0.91] | 0.50 [0.49, 0.52] | 0.83 [0.81, 0.85] |
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("match_greedily")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor

from classroom import check, hint, show, style
from classroom.figures.gallery import gallery
from coursekit import ops
from coursekit.draw import draw_boxes

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## A detector of your own
#
# First we need something to measure. This cell trains the modern YOLO of lab 03 for a quarter of its steps.
# If you wrote your own parts there, paste them here: `YoloModern(len(CLASSES), nms=batched_nms)`.

# %% tags=["nbval-ignore-output"]
from classroom import progress_bar, steps
from coursekit import shipped
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.still_life_features import still_life_features
from coursekit.models.yolo_modern import YoloModern
from coursekit.training import fit, predict

torch.manual_seed(0)
mine = YoloModern(len(CLASSES))
both_ways = still_life_features("train", "boxes", mirrored=True)
for _ in progress_bar(fit(mine, both_ways, steps(200), seed=0), 25):
    pass

# %% [markdown]
# In this lab we use the **validation** scenes. The test scenes are for the end: if you look at them often, you end up tuning on them.
# Besides yours there are four detectors that were trained for longer.

# %% tags=["nbval-ignore-output"]
NAMES = {"yolo": "YOLO, 2016", "yolo_modern": "modern YOLO", "ssd": "SSD", "retinanet": "RetinaNet"}
scenes, validation = still_life("val"), still_life_features("val")
targets = [validation.target(i) for i in range(len(validation))]
detectors = {name: shipped(recipe) for recipe, name in NAMES.items()}
answers = {name: predict(detector, validation) for name, detector in detectors.items()}
answers["mine"] = predict(mine, validation)
for name, predictions in answers.items():
    print(f"{name:12s} predicts {sum(len(p['scores']) for p in predictions):6d} boxes")
print(f"there are              {sum(len(t['labels']) for t in targets):6d} objects in {len(targets)} scenes")

# %% [markdown]
# There are many more boxes than objects! Every box has a **score**, and most scores are low. So the output is a *ranking*,
# and a good measure tests whether the right boxes rank above the wrong ones.
#
# ## 1. Which detections are right?
#
# A detection is right if its IoU with an object of its class is at least some threshold, say 0.5. But two detections may overlap the same object.
# The rule is to go down the list, best score first: **each detection takes the object that it overlaps most, among those that are still free.**
# A detection without a free object that it overlaps enough is wrong. So is a duplicate, because an object counts only once.
#
# ### Exercise 1: match
# `iou` is `(D, G)`: the detections of one class in one image, best score first, against the objects. Return a `bool` tensor `(D,)` that is true for right detections.
# D or G may be 0. Do not change `iou`: it is needed again for the next threshold.


# %%
def match_greedily(iou: Tensor, threshold: float) -> Tensor:
    # BEGIN SOLUTION
    iou, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for i in range(len(iou) if iou.shape[1] else 0):
        overlap, best = iou[i].max(0)
        if overlap >= threshold:
            right[i] = True
            iou[:, best] = -1  # taken
    return right
    # END SOLUTION


match_greedily = check(match_greedily)

# %% [markdown]
# For one class of a whole data set, match image by image, then put the detections of **all** images into **one** ranking.


# %%
def of_class(row: dict, label: int) -> dict:
    return {key: row[key][row["labels"] == label] for key in ("boxes", "labels", "scores") if key in row}


def overlaps(predictions: list[dict], targets: list[dict], label: int) -> tuple:
    """For each image the IoU of its detections, best first, with its objects, and the scores."""
    found = [of_class(row, label) for row in predictions]
    true = [of_class(row, label) for row in targets]
    pairs = zip(found, true, strict=True)
    return tuple(ops.box_iou(f["boxes"].double(), t["boxes"].double()) for f, t in pairs), tuple(
        f["scores"] for f in found
    )


# %% [markdown]
# ## 2. Ten detections
#
# Take twenty scenes and one class, the **pears**. Here are the ten most confident detections of the first YOLO. Dashed: the true pears.

# %% tags=["nbval-ignore-output"]
from classroom.figures.measuring import RIGHT, WRONG

PEAR, SOME = 1 + CLASSES.index("pear"), range(60, 80)
predictions, truth = ([of_class(rows[i], PEAR) for i in SOME] for rows in (answers["YOLO, 2016"], targets))
ious, scores = overlaps(predictions, truth, PEAR)
num_pears = sum(iou.shape[1] for iou in ious)
ranking = torch.cat(scores).argsort(descending=True, stable=True)[:10]
right = torch.cat([match_greedily(iou, 0.5) for iou in ious])[ranking]
owners = torch.repeat_interleave(torch.tensor([len(s) for s in scores]))[ranking].tolist()
boxes = torch.cat([row["boxes"] for row in predictions])[ranking]

fig, axes = plt.subplots(2, 5, figsize=(10, 4.4))
for n, ax in enumerate(axes.flat):
    score, colour = torch.cat(scores)[ranking[n]], RIGHT if right[n] else WRONG
    draw_boxes(ax, scenes[SOME[owners[n]]][0], truth[owners[n]]["boxes"], colour="black", dashed=True)
    draw_boxes(ax, None, boxes[[n]], colour=colour)
    ax.set_title(f"{n + 1}. {score:.2f} {'right' if right[n] else 'wrong'}", color=colour)
show(
    fig,
    alt="Ten images, each with one detection of a pear; above it are its score and whether it is right.",
)
print(f"{num_pears} pears; the ten detections:", " ".join("right" if yes else "wrong" for yes in right))

# %% [markdown]
# After each detection in the ranking you can stop and measure two things:
#
# - **precision**: the share of the detections so far that are right,
# - **recall**: the share of the objects that have been found so far.
#
# ### Exercise 2: precision and recall
# `right` is `(D,)`, true or false, best score first. Return precision and recall after the first, the second, … and the last detection: two `(D,)` tensors of `float64`.
# Convert before you divide, or you lose digits. D may be 0.


# %%
def precision_and_recall(right: Tensor, num_objects: int) -> tuple[Tensor, Tensor]:
    # BEGIN SOLUTION
    found = right.double().cumsum(0)
    return found / torch.arange(1, len(right) + 1), found / num_objects
    # END SOLUTION


precision_and_recall = check(precision_and_recall)

# %% tags=["nbval-ignore-output"]
from classroom.figures.measuring import draw_interpolation, draw_precision_recall

precision, recall = precision_and_recall(right, num_pears)
print("            " + "".join(f"{n:6d}" for n in range(1, 11)))
print("precision   " + "".join(f"{value:6.2f}" for value in precision))
print("recall      " + "".join(f"{value:6.2f}" for value in recall))
fig, ax = plt.subplots(figsize=(5, 3))
draw_precision_recall(ax, right.tolist(), num_pears)
ax.legend(loc="lower left")
show(
    fig,
    alt="Precision against recall after each of the ten detections: a right one moves the curve to the right, a wrong one straight down.",
)

# %% [markdown]
# A right detection moves the curve to the right (and up, if precision was below 1). A wrong one moves it straight down.
#
# **Open question.** Where is the curve after *no* detection at all?
#
# ## 3. One number: three ways
#
# The average precision is the mean height of this curve. But the curve zigzags, so it is first turned into a staircase:
# at each recall, take **the best precision at this recall or beyond**. You could reach that precision by stopping later.
#
# ### Exercise 3: read the staircase
# Return the height of the staircase at each of `recalls`, `(R,)` in `float64`; it is 0 at a recall that the detector never reaches. D may be 0.


# %%
def interpolated_precision(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    # BEGIN SOLUTION
    best = [
        precision[recall >= r].amax() if (recall >= r).any() else precision.new_zeros(()) for r in recalls
    ]
    return torch.stack(best)
    # END SOLUTION


interpolated_precision = check(interpolated_precision)

# %% [markdown]
# The mean over 11 recalls was Pascal VOC's average precision until 2009; the mean over 101 is COCO's. Since 2010 VOC has used the whole area.
#
# ### Exercise 4: the area
# The area under the staircase consists of one rectangle per detection. Use your `interpolated_precision`. Return a Python number (`.item()`), which is 0 without detections.


# %%
def area_under_curve(precision: Tensor, recall: Tensor) -> float:
    # BEGIN SOLUTION
    if not len(recall):
        return 0.0
    widths = recall.diff(prepend=recall.new_zeros(1))
    return (widths * interpolated_precision(precision, recall, recall)).sum().item()
    # END SOLUTION


area_under_curve = check(area_under_curve)

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import average_precision
from coursekit.metrics.average_precision import METHODS, RECALLS

elevens, hundreds = (torch.from_numpy(RECALLS[method]) for method in ("11-point", "101-point"))
three = {
    "every-point": area_under_curve(precision, recall),
    "11-point": interpolated_precision(precision, recall, elevens).mean().item(),
    "101-point": interpolated_precision(precision, recall, hundreds).mean().item(),
}
fig, axes = plt.subplots(1, 3, figsize=(11, 3), sharey=True)
for ax, method in zip(axes, METHODS, strict=True):
    draw_interpolation(ax, right.tolist(), num_pears, method)
show(
    fig,
    alt="The same curve read in three ways: as an area, at 11 recalls, at 101 recalls; the averages are in the titles.",
)
print("yours:", {method: round(value, 4) for method, value in three.items()})

# %%
for method, value in three.items():
    assert abs(value - average_precision(right, num_pears, method)) < 1e-12

# %% [markdown]
# Three rules give three numbers for one detector. A paper's AP means nothing until you know which rule it used.
# From here on we use COCO's 101 recalls.
#
# ## 4. Slide along the curve
#
# Now take all classes and all validation scenes, for **your** detector. Move the score threshold: which detections count, and where is that on the curve?
# Choose another image. At which threshold would you ship this detector? That is your choice; AP does not make it for you.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import PrecisionRecall

PrecisionRecall(scenes, answers["mine"], CLASSES)

# %% [markdown]
# ## 5. COCO's AP: how precise are the boxes?
#
# An IoU of 0.5 is generous. COCO measures ten times, with thresholds 0.5, 0.55, … 0.95, and takes the mean.
# So AP rewards precise boxes, while AP50 does not. For each threshold the detections are matched again, but the ranking stays the same.
#
# ### Exercise 5: the mean over thresholds
# For one class of a data set, `ious` has a table `(D, G)` for each image, best score first, and `scores` has its `(D,)` scores.
# Return the mean AP over `thresholds`, each read at `recalls`, as a Python number. Some images have no detections, and some have no objects; both count.


# %%
def ap_over_thresholds(
    ious: tuple[Tensor, ...], scores: tuple[Tensor, ...], thresholds: tuple[float, ...], recalls: Tensor
) -> float:
    # BEGIN SOLUTION
    order = torch.cat(scores).argsort(descending=True, stable=True)  # one ranking of all images
    num_objects, aps = sum(iou.shape[1] for iou in ious), []
    for threshold in thresholds:
        right = torch.cat([match_greedily(iou, threshold) for iou in ious])[order]
        curve = precision_and_recall(right, num_objects)
        aps.append(interpolated_precision(*curve, recalls).mean().item())
    return sum(aps) / len(aps)
    # END SOLUTION


ap_over_thresholds = check(ap_over_thresholds)

# %% [markdown]
# The mean over the classes is COCO's **AP**, and you have written all of it. `coco_metrics` is the course's own function for the whole data set;
# it returns twelve numbers: AP, AP50 and AP75; the AP of small, medium and large objects; and recalls.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import coco_metrics
from coursekit.metrics.coco_matching import THRESHOLDS

labels = range(1, len(CLASSES) + 1)
ap_of_classes = [
    ap_over_thresholds(*overlaps(answers["mine"], targets, label), tuple(THRESHOLDS.tolist()), hundreds)
    for label in labels
]
my_ap = sum(ap_of_classes) / len(ap_of_classes)
twelve = coco_metrics(answers["mine"], targets)
print(f"AP of your detector, by your functions: {my_ap:.6f}")
print({name: round(value, 4) for name, value in twelve.items()})

# %% tags=["solution"]
assert abs(my_ap - twelve["AP"]) < 1e-9

# %% tags=["solution"]
assert twelve["AP"] > 0.3 and twelve["AP50"] > 0.65

# %% [markdown]
# ### Compare with the library
# `pycocotools` is COCO's own reference, and the numbers in ten years of papers come from it. These are the twelve numbers of your detector:

# %% tags=["nbval-ignore-output"]
import contextlib
import io

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def rows_of(image: int, row: dict) -> list[dict]:
    """COCO's rows of one image: corner, width and height; a score, or the area and whether it is a crowd."""
    corners, sides = row["boxes"].double().split(2, 1)
    boxes = torch.cat([corners, sides - corners], 1).tolist()
    others = ("score",) if "scores" in row else ("area", "iscrowd")
    columns = [row["scores" if name == "score" else name].tolist() for name in others]
    return [
        {"image_id": image, "category_id": label, "bbox": box} | dict(zip(others, values, strict=True))
        for label, box, *values in zip(row["labels"].tolist(), boxes, *columns, strict=True)
    ]


def coco_of_library(predictions: list[dict], targets: list[dict]) -> np.ndarray:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        annotations = [row for i, target in enumerate(targets) for row in rows_of(i, target)]
        truth.dataset = {
            "info": {},
            "images": [{"id": i} for i in range(len(targets))],
            "categories": [{"id": label} for label in labels],
            "annotations": [row | {"id": number} for number, row in enumerate(annotations, 1)],
        }
        truth.createIndex()
        found = truth.loadRes([row for i, p in enumerate(predictions) for row in rows_of(i, p)])
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


theirs = coco_of_library(answers["mine"], targets)
print("number   coursekit    pycocotools")
for (name, ours), value in zip(twelve.items(), theirs, strict=True):
    print(f"{name:6s} {ours:11.8f} {value:13.8f}")

# %% tags=["solution"]
assert np.abs(np.array(list(twelve.values())) - theirs).max() < 1e-9

# %% [markdown]
# They are equal. Here is AP against the IoU threshold: some detectors find many objects, but with imprecise boxes.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import coco_curves

fig, ax = plt.subplots(figsize=(6.5, 3.2))
for name, predictions in answers.items():
    by_threshold = coco_curves(predictions, targets).precision[..., 0].mean((1, 2))
    ax.plot(THRESHOLDS, by_threshold, "o-", markersize=4, label=f"{name}: AP {by_threshold.mean():.2f}")
ax.set(xlabel="IoU threshold", ylabel="average precision", ylim=(0, 1))
ax.legend(loc="lower left", fontsize="small")
show(
    fig,
    alt="AP of five detectors against the IoU threshold: all fall to nearly zero at 0.95; RetinaNet stays highest at strict thresholds.",
)

# %% [markdown]
# ## 6. Four experiments on one list
#
# Now the detector stays the same; only the list that is submitted changes, or the program that evaluates it.
#
# **A score cut before measuring.** People cut at 0.5 "because that is what the user sees".

# %% tags=["nbval-ignore-output"]


def cut(predictions: list[dict], at: float) -> list[dict]:
    return [{key: row[key][row["scores"] >= at] for key in row} for row in predictions]


CUTS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
by_cut = [coco_metrics(cut(answers["mine"], at), targets)["AP"] for at in CUTS]
for at, ap in zip(CUTS, by_cut, strict=True):
    print(f"scores from {at:.2f} on: AP {ap:.3f}")

# %% tags=["solution"]
assert all(more >= less - 1e-9 for more, less in zip(by_cut, by_cut[1:], strict=False))

# %% [markdown]
# Each cut removes the end of the curve, and recalls that the detector no longer reaches count with precision 0. More boxes never lower AP,
# as long as their scores are **lower** than those of the right ones. (Each detector has its own cut, at 0.01 or 0.05, to save time.)
#
# **Duplicates.** Submit every detection twice: first with each copy ranked right behind its original, then with all copies at the end.

# %% tags=["nbval-ignore-output"]


def twice(predictions: list[dict], score_of_copy) -> list[dict]:
    return [
        {key: torch.cat([row[key], score_of_copy(row[key]) if key == "scores" else row[key]]) for key in row}
        for row in predictions
    ]


behind = coco_metrics(twice(answers["mine"], lambda s: s * 0.999), targets)["AP"]
at_the_end = coco_metrics(twice(answers["mine"], lambda s: s * 0.01), targets)["AP"]
print(f"AP {twelve['AP']:.3f}; copies right behind: {behind:.3f}; copies at the end: {at_the_end:.3f}")

# %% tags=["solution"]
assert behind < 0.8 * twelve["AP"] and abs(at_the_end - twelve["AP"]) < 0.01

# %% [markdown]
# Every copy is a wrong detection. Right behind its original it halves the precision; at the end of the ranking it hardly matters.
# That is why suppression matters, and why it is enough to suppress by *lowering the score* (Soft-NMS).
#
# **Empty images.** Some evaluators only go through the images *with detections*. Keep only the most confident three per cent of the boxes, and many images have none:

# %% tags=["nbval-ignore-output"]
at = torch.cat([row["scores"] for row in answers["mine"]]).quantile(0.97).item()
sure = cut(answers["mine"], at)
said = [i for i, row in enumerate(sure) if len(row["scores"])]
all_images = coco_metrics(sure, targets)["AP"]
skipped = coco_metrics([sure[i] for i in said], [targets[i] for i in said])["AP"]
print(f"{len(targets) - len(said)} of {len(targets)} images have no detection from {at:.2f} on.")
print(f"AP of all images {all_images:.3f}, without the empty ones {skipped:.3f}")

# %% tags=["solution"]
assert skipped >= all_images

# %% [markdown]
# The objects in empty images are missed. An evaluator that skips these images forgives exactly the worst failures.
#
# **Different scores, same order.** Take the square root of all scores: the detector now *sounds* more confident.

# %%
surer = [row | {"scores": row["scores"].double().sqrt()} for row in answers["mine"]]
assert coco_metrics(surer, targets) == twelve
print("the twelve numbers are the same to the last bit")

# %% [markdown]
# AP depends only on the order. A score of 0.9 does **not** promise that nine in ten detections are right; that property is called **calibration**, and AP does not measure it.
#
# ### Exercise 6 (extra): recall of the k best
# Now the opposite question: if we ignore the wrong boxes, how many objects are found at all with `k` boxes per image?
# That is what matters for region proposals (lab 05). `ious` has a table `(D, G)` for each image, best score first; D or G may be 0. An object is found if the IoU is at least 0.5.
# Return the share of **all** objects that are found, as a Python number.


# %%
def recall_of_k_best(ious: tuple[Tensor, ...], k: int) -> float:
    # BEGIN SOLUTION
    found = sum(match_greedily(iou[:k], 0.5).sum().item() for iou in ious)
    return found / sum(iou.shape[1] for iou in ious)
    # END SOLUTION


recall_of_k_best = check(recall_of_k_best)

# %% tags=["nbval-ignore-output"]
BEST = (1, 2, 3, 5, 8, 13, 20)
fig, ax = plt.subplots(figsize=(5, 2.8))
recalls = {}
for name in ("YOLO, 2016", "mine", "RetinaNet"):
    table = tuple(ops.box_iou(p["boxes"], t["boxes"]) for p, t in zip(answers[name], targets, strict=True))
    recalls[name] = [recall_of_k_best(table, k) for k in BEST]
    ax.plot(BEST, recalls[name], "o-", label=f"{name}: {recalls[name][-1]:.2f} at k = 20")
ax.set(xlabel="k: boxes per image, of any class", ylabel="recall", ylim=(0, 1), xticks=BEST)
ax.legend(loc="lower right")
show(
    fig,
    alt="Recall against the number of boxes per image, whatever their class: it rises fast up to about five boxes, "
    "then slowly, and almost equally for all three detectors.",
)

# %% tags=["solution"]
assert abs(recalls["YOLO, 2016"][-1] - recalls["RetinaNet"][-1]) < 0.03

# %% [markdown]
# The first YOLO finds as many objects as RetinaNet if neither the class nor the precision of the box counts. So it is not recall that makes its AP lower. What is it?
#
# ## 7. Where is AP lost? An error budget
#
# "AP 0.5" does not tell you what to improve. So find out for every wrong detection *why* it is wrong, and how much AP50 you would gain by fixing this kind of error.
# Here is your detector's most confident error of each kind:

# %% tags=["nbval-ignore-output"]
from classroom.figures.measuring import ERROR_WORDS, draw_error_budget
from coursekit.metrics import error_budget, judge_detections

judged = judge_detections(answers["mine"], targets)
worst = {
    kind: max(np.flatnonzero(judged.kind == kind), key=lambda i: judged.found.score[i])
    for kind in ERROR_WORDS
    if (judged.kind == kind).any()
}
fig = gallery(
    [scenes[judged.found.image[i]][0] for i in worst.values()],
    [{name: targets[judged.found.image[i]][name] for name in ("boxes", "labels")} for i in worst.values()],
    [
        {
            "boxes": torch.from_numpy(judged.found.box[[i]]),
            "labels": torch.from_numpy(judged.found.label[[i]]),
            "scores": torch.from_numpy(judged.found.score[[i]]),
        }
        for i in worst.values()
    ],
    classes=CLASSES,
    columns=5,
    titles=[ERROR_WORDS[kind] for kind in worst],
)
show(
    fig,
    alt="The most confident error of each kind that your detector makes, with its class and score; dashed: ground truth.",
)

# %% tags=["nbval-ignore-output"]
budgets = {name: error_budget(answers[name], targets) for name in ("YOLO, 2016", "mine", "RetinaNet")}
fig, ax = plt.subplots(figsize=(8, 4.2))
draw_error_budget(ax, budgets)
show(
    fig,
    alt="AP50 gained by fixing each kind of error, for the first YOLO, for your detector and for RetinaNet: "
    "wrong classes and imprecise boxes cost most.",
)

# %%
for name, budget in budgets.items():
    assert abs(budget.ap - coco_metrics(answers[name], targets)["AP50"]) < 1e-9

# %% tags=["solution"]
for budget in budgets.values():
    assert max(budget.gains, key=budget.gains.get) in ("classification", "localisation")
    assert budget.gains["missed"] < 0.02

# %% [markdown]
# *Missed* objects cost next to nothing here: the boxes are there, but with the wrong class or not precise enough.
# So a second look at each box would help more than additional boxes. That is the idea of lab 06.
#
# ## 8. The bug museum
#
# Evaluators are programs, and programs have bugs. Some of the bugs below were in famous repositories. None of them makes the program crash: it prints a number, just a slightly wrong one.
# The museum has 17 wrong evaluators, and you hunt them with a **test**: scenes so small that you can work out the AP with a pencil, and an `assert`.
#
# An evaluator takes `predictions, targets` and returns AP50 (the mean over the classes that have objects, at 101 recalls).
# `found((score, label, box), …)` makes the prediction for an image, and `truth((label, box), …)` makes its target.
# `truth(…, iscrowd=torch.tensor([0, 1]))` makes the second object a **crowd**: a region with many objects that were not annotated one by one. `truth(…, masks=torch.zeros(1, 60, 80))` says
# that the image has 60 rows and 80 columns.

# %%
from math import isclose

from classroom.museum import (
    EVALUATOR_BUGS,
    average_precision_50,
    found,
    score,
    truth,
)

A, B = (10, 20, 50, 50), (100, 20, 140, 50)
print(average_precision_50([found((0.9, 1, A))], [truth((1, A), (1, B))]), "=", 51 / 101)

# %% [markdown]
# One of two objects is found, and there are no wrong detections. Of the recalls 0, 0.01, … 1.00, the 51 up to 0.5 have precision 1, so AP50 is 51/101.
#
# ### Exercise 7: kill the bugs
# Write a test: given an evaluator, `assert` what must be true. It must **pass** on the right evaluator and **fail** on the wrong ones.
# A test of the obvious cases kills hardly any bugs, because nearly all evaluators are right about one object in one image. What would a wrong evaluator get wrong?
#
# Every bug that you kill counts, as long as the right evaluator passes. `score` tells you what was wrong with the bugs that you killed, and `check` tells you how many they are;
# the names of those still alive are hints. The evaluators come in disguise: your test sees their numbers, not their names. It makes assertions and returns nothing.
# `check` is satisfied when all 17 are dead. It also tries an evaluator that always returns 2.


# %%
def kill_the_bugs(evaluate) -> None:
    # BEGIN SOLUTION
    A, B, NOWHERE = (10, 20, 50, 50), (100, 20, 140, 50), (60, 200, 90, 230)

    def must_be(expected: float, predictions: list, targets: list) -> None:
        assert isclose(evaluate(predictions, targets), expected, abs_tol=1e-6)

    one, two = [truth((1, A))], [truth((1, A), (1, B))]
    must_be(51 / 101, [found((0.9, 1, A))], two)  # half of the objects
    must_be(1, [found((0.9, 1, A), (0.1, 1, B))], two)  # low scores count
    must_be((51 + 50 * 2 / 3) / 101, [found((0.9, 1, A), (0.8, 1, A), (0.7, 1, B))], two)  # a duplicate
    must_be(2 / 3, [found((0.9, 1, NOWHERE), (0.8, 1, A), (0.7, 1, B))], two)  # the staircase
    must_be(1, [found((0.9, 1, A), (0.8, 1, NOWHERE))], one)  # a wrong detection after all objects are found
    must_be(
        0, [found((0.9, 1, (10, 20, 12, 22)))], [truth((1, (11, 20, 13, 22)))]
    )  # IoU 1/3, without an extra pixel
    must_be(1, [found((0.9, 1, (10, 20, 50, 45)), (0.8, 1, A))], one)  # the more confident one takes it
    near = [truth((1, A), (1, (20, 20, 60, 50)))]
    must_be(1, [found((0.9, 1, A), (0.8, 1, (13, 20, 53, 50)))], near)  # the second one is still free
    crowd = truth((1, A), (1, (100, 0, 200, 90)), iscrowd=torch.tensor([0, 1]))
    must_be(1, [found((0.9, 1, A))], [crowd])
    must_be(51 / 101, [found((0.9, 1, A)), found()], one * 2)  # an image without detections
    must_be(1, [found((0.3, 1, NOWHERE)), found((0.9, 1, A))], [truth(), *one])  # one ranking
    unsure = [found((0.9, 1, A)), found((0.8, 1, NOWHERE), (0.7, 1, A))]
    must_be((51 + 50 * 2 / 3) / 101, unsure, one * 2)  # one curve, not one for each image
    sizes = [truth((1, A), masks=torch.zeros(1, h, w, dtype=torch.bool)) for h, w in ((60, 80), (240, 90))]
    must_be(1, [found((0.9, 1, A))] * 2, sizes)
    must_be(0, [found((0.9, 1, A))], [truth((2, A))])  # the wrong class
    must_be(1, [found((0.9, 1, A), (0.8, 2, A))], one)  # a class that does not occur
    # END SOLUTION


print(score(kill_the_bugs, EVALUATOR_BUGS))
kill_the_bugs = check(kill_the_bugs)

# %% [markdown]
# And how wrong are they about your detector? Here is each bug's result on the real predictions; the dashed line is the right value.

# %% tags=["nbval-ignore-output", "folded"]
plain = [{name: target[name] for name in ("boxes", "labels")} for target in targets]
wrong_numbers = {bug.name: bug.wrong(answers["mine"], plain) for bug in EVALUATOR_BUGS}
fig, ax = plt.subplots(figsize=(8, 5))
ax.barh(list(wrong_numbers), list(wrong_numbers.values()))
ax.axvline(average_precision_50(answers["mine"], plain), color="black", linestyle="--")
ax.set(xlabel="AP50 of your detector according to this evaluator", xlim=(0, 1))
ax.invert_yaxis()
show(
    fig,
    alt="AP50 of your detector according to each of 17 wrong evaluators: four are far off, the others are near the right value.",
)

# %% [markdown]
# A few are far off, and someone will notice. The others look like a right evaluator, some to the last digit on *this* data,
# because it has no crowds and no images of different sizes. Only a test on scenes that were made for the purpose tells them apart.
#
# ## 9. How sure are we?
#
# 200 scenes are only a sample. Different scenes would have given a different number. The **bootstrap** estimates how different:
# draw 200 scenes from the 200, with replacement, again and again, and look at how much the mean varies.
#
# ### Exercise 8 (extra): an interval
# `values` is `(N,)`, a number for each image. Each row of `draws`, `(R, N)`, is a resampled test set, given as indices of images.
# Return the mean of the values, and the two ends between which 95 % of the resampled means lie (quantiles 0.025 and 0.975; between two means, any usual rule
# will do), as Python numbers.


# %%
def resampled_interval(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    # BEGIN SOLUTION
    means = values[draws].mean(1)  # (R,)
    low, high = means.quantile(torch.tensor([0.025, 0.975], dtype=means.dtype)).tolist()
    return values.mean().item(), low, high
    # END SOLUTION


resampled_interval = check(resampled_interval)

# %% [markdown]
# The number for each image is the share of its objects that are found with an IoU of at least 0.75 and a score of at least 0.3.


# %% tags=["nbval-ignore-output"]
def share_found(prediction: dict, target: dict) -> float:
    sure = {key: prediction[key][prediction["scores"] >= 0.3] for key in prediction}
    number = 0
    for label in target["labels"].unique().tolist():
        number += match_greedily(overlaps([sure], [target], label)[0][0], 0.75).sum().item()
    return number / len(target["labels"])


draws = torch.randint(len(targets), (2000, len(targets)), generator=torch.Generator().manual_seed(0))
shares = {
    name: torch.tensor([share_found(p, t) for p, t in zip(answers[name], targets, strict=True)]).double()
    for name in ("modern YOLO", "SSD", "RetinaNet")
}
for name, values in shares.items():
    print("{:12s} {:.3f} [{:.3f}, {:.3f}]".format(name, *resampled_interval(values, draws)))

# %% [markdown]
# The intervals overlap. So is it impossible to say which is better? **No.** Both detectors looked at the *same* images, and a difficult image is difficult for both.
# So take the **difference in each image**, and compute the interval of *that* mean.

# %% tags=["nbval-ignore-output"]
for name in ("modern YOLO", "SSD"):
    difference = resampled_interval(shares["RetinaNet"] - shares[name], draws)
    print("RetinaNet minus {:12s} {:+.3f} [{:+.3f}, {:+.3f}]".format(name, *difference))

# %% [markdown]
# The intervals of the differences decide the matter: if an interval excludes 0, we have an answer; if it includes 0, we do not have one yet.
#
# AP is not a mean over images; it comes from one ranking over all of them. That is not a problem for the bootstrap: draw the images again, and compute AP again.
# For the difference, both detectors get **the same draws**.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics.coco_interval import hits, mean_precision

times = [
    np.bincount(row, minlength=len(targets)) for row in draws[:300].numpy()
]  # how often each image is drawn
judgements = {name: hits(answers[name], targets) for name in shares}
drawn_ap = {
    name: np.array([mean_precision(judged, row).mean() for row in times])
    for name, judged in judgements.items()
}
fig, axes = plt.subplots(1, 2, figsize=(10, 2.8))
for name, aps in drawn_ap.items():
    axes[0].hist(aps, bins=25, alpha=0.6, label=name)
axes[0].set(xlabel="AP of resampled scenes", ylabel="count")
axes[0].legend(fontsize="small")
difference = drawn_ap["RetinaNet"] - drawn_ap["SSD"]
axes[1].hist(difference, bins=25, color="#795ca8")
axes[1].axvline(0, color="black", linestyle="--")
axes[1].set(xlabel="AP of RetinaNet minus AP of SSD, same scenes")
show(
    fig,
    alt="Left: the resampled APs of three detectors overlap. Right: the difference of RetinaNet and SSD on the same scenes "
    "lies entirely above zero.",
)
ends = {name: np.quantile(aps, (0.025, 0.975)) for name, aps in drawn_ap.items()}
low, high = np.quantile(difference, (0.025, 0.975))
for name, (first, last) in ends.items():
    print(f"{name:12s} AP between {first:.3f} and {last:.3f}")
print(f"RetinaNet minus SSD: between {low:+.3f} and {high:+.3f}")

# %% tags=["solution"]
assert ends["SSD"][1] > ends["RetinaNet"][0], "the two intervals overlap"
assert low > 0, "and yet RetinaNet is better"

# %% [markdown]
# Two separate intervals answer a different question from the interval of the difference. Report the difference.
#
# And remember what is **not** included in any of these intervals: a different training seed gives a different detector. Only training again shows how different.
#
# ## 10. Accuracy against time
#
# This is the last figure of many papers. It shows the computing time per image in milliseconds, from pixels to boxes, measured here and now on one thread: one image at a time, the detectors in turn.
# More detectors join here: the Faster R-CNN of lab 06, which looks twice, and those of labs 09 and 10, which you will build later. FCOS and CenterNet were trained for
# the same 90 seconds as the four. Faster R-CNN, CornerNet and both DETRs were trained for 3 to 40 minutes, so their dots show what they can do, not which design learns faster.

# %% tags=["nbval-ignore-output"]
import time

from coursekit.metrics import bootstrap_interval
from coursekit.models.yolox_nano import COCO_CLASSES

LATER = {"faster_rcnn": "Faster R-CNN", "fcos": "FCOS", "centernet": "CenterNet", "cornernet": "CornerNet"}
LATER |= {"detr": "DETR, 2020", "detr_modern": "modern DETR"}
detectors |= {name: shipped(weights) for weights, name in LATER.items()}
answers |= {name: predict(detectors[name], validation) for name in LATER.values()}
detectors["YOLOX-Nano"] = shipped("yolox_nano")
milliseconds = {name: [] for name in detectors}
for i in range(16):
    image, _ = scenes[i]
    for name, detector in detectors.items():
        start = time.process_time()
        predict(detector, [(image, targets[i])])
        milliseconds[name].append(1000 * (time.process_time() - start))
speeds = {
    name: bootstrap_interval(values[1:]) for name, values in milliseconds.items()
}  # the first one warms up
for name, (mean, low, high) in speeds.items():
    print(f"{name:12s} {mean:5.1f} ms [{low:.1f}, {high:.1f}]   {1000 / mean:4.0f} images per second")

# %% [markdown]
# **YOLOX-Nano** is a guest: it was pretrained on COCO's 118,000 photographs and has never seen a still life.
# It resizes each image to 416 pixels, and seven of our ten classes are among its classes.
# So it gets a separate comparison, on these seven. It is not a fair race: our detectors were trained on such scenes, the guest on a hundred times as many images.

# %% tags=["nbval-ignore-output"]
COCO_NAME = {"mug": "cup"}
shared = {label: COCO_NAME.get(name, name) for label, name in enumerate(CLASSES, 1)}
shared = {label: 1 + COCO_CLASSES.index(name) for label, name in shared.items() if name in COCO_CLASSES}
ours_of = {theirs: label for label, theirs in shared.items()}


def renamed(row: dict, names: dict[int, int]) -> dict:
    """Only the objects whose label is in `names`, under their new label."""
    known = torch.tensor([label in names for label in row["labels"].tolist()], dtype=torch.bool)
    new = torch.tensor([names[label] for label in row["labels"][known].tolist()], dtype=torch.int64)
    return {key: row[key][known] for key in ("boxes", "scores") if key in row} | {"labels": new}


guest = [detectors["YOLOX-Nano"].detect([scenes[i][0]], score_threshold=0.05)[0] for i in range(len(scenes))]
same = {label: label for label in shared}
seven = [renamed(target, same) for target in targets]
ours = NAMES | LATER
of_seven = {name: [renamed(row, same) for row in answers[name]] for name in ours.values()} | {
    "YOLOX-Nano": [renamed(row, ours_of) for row in guest]
}

# %% tags=["nbval-ignore-output"]
from classroom.figures.measuring import draw_speed_accuracy
from coursekit.metrics import coco_intervals
from coursekit.published import SHIPPED

panels = {
    title: {name: SHIPPED[weights].scores[split]["AP"] for weights, name in ours.items()}
    for title, split in (("new scenes", "test_scenes"), ("unseen objects", "test_objects"))
}
panels["seven classes, validation"] = {
    name: coco_intervals(rows, seven)["AP"] for name, rows in of_seven.items()
}
fig, axes = plt.subplots(1, 3, figsize=(11, 3.6), sharex=True, sharey=True)
for ax, (title, aps) in zip(axes, panels.items(), strict=True):
    draw_speed_accuracy(ax, speeds, aps, title)
axes[2].legend(loc="upper left", bbox_to_anchor=(1, 1))
axes[0].set(xlim=(0, 1.2 * max(mean for mean, _, _ in speeds.values())), ylim=(0.25, 0.85))
for ax in axes[1:]:
    ax.set_ylabel("")
show(
    fig,
    alt="AP against milliseconds per image, with intervals, on new scenes, on unseen objects, and for seven classes with YOLOX-Nano.",
)

# %%
for aps in list(panels.values())[:2]:
    assert max(NAMES.values(), key=aps.get) == "RetinaNet"  # of the four with one budget
    assert aps["Faster R-CNN"] > aps["RetinaNet"]
for name in ("RetinaNet", "Faster R-CNN", "YOLOX-Nano"):
    numbers = coco_metrics(of_seven[name], seven)
    print(
        f"seven classes, {name:12s} AP {numbers['AP']:.2f}, AP50 {numbers['AP50']:.2f}, AP75 {numbers['AP75']:.2f}"
    )

# %% [markdown]
# The guest detects and classifies fewer of the objects correctly: its AP50 is far lower. But when it is right, its boxes are so precise that AP, the mean over thresholds,
# cannot tell it apart from RetinaNet. **One number never tells the whole story**, and the choice of the number in a table decides who "wins".
#
# Read such a plot with care. Our ten detectors share one backbone, so much of the time is the same for all. On another machine, with another image size or a batch of 32,
# the dots move. Four of them had more training than the others. And the intervals are over the *scenes*; a different training seed moves a dot as well.
#
# ## What you can now say
#
# - A detection is right if it takes a free object of its class; the more confident detection chooses first, and a duplicate is wrong.
# - Precision is a share of the detections so far, recall a share of the objects; AP is the mean height of the staircase. Reading it at 11 recalls, at 101 recalls or at all points gives three different numbers.
# - COCO's AP is the mean over ten thresholds and over the classes, so it rewards precise boxes.
# - AP depends only on the order of the scores. A cut lowers it, copies at the end do not, and it says nothing about calibration.
# - The error budget shows *what* to fix. Test the evaluator before you trust it.
# - Overlapping intervals do not mean "equal": compare on the same images, and look at the difference.
#
# ## Open questions
#
# 1. You may tune one threshold for the user of a robot arm that grasps pears. AP does not help with that. What would you measure?
# 2. `coco_table` returns AP class by class. Which class is worst for your detector, and what does the budget of that class alone show?
# 3. Which of the 17 bugs would make a detector look *better*? Would anyone look for those?
# 4. How many scenes would the test set need for the interval of AP to be half as wide?
# 5. Write a wrong evaluator that your test does not kill, and give it to your neighbour.
