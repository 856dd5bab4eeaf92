# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 15: The league, and your own detector
#
# Eleven detectors have been built in this course. Which one would you take? That depends on what you count: accuracy, time, parameters, minutes of training. And it depends on *where* you count:
# all of them were trained on rendered still lifes. What happens in front of a real photograph, on your own table?
#
# | you write | you see | you train |
# |---|---|---|
# | a stopwatch, a front, a translation of classes, the way back from a letterbox, an average of views, a COCO file, two learning rates | all detectors in one plot; a real mug; which errors a camera adds | a detector for your own photographs, from ten of them |
#
# **Time:** for a first reader about 90 minutes, and as long as you like for your photographs. The computer needs about three minutes. Nothing is downloaded.
#
# **What is measured here** (AP, 95 % interval; new scenes / unseen objects; seed 0; `data/checkpoints/scores.json`):
#
# | model | minutes of training | AP |
# |---|---|---|
# | YOLO, as in 2016 (lab 03) | 1.5 | 0.47 [0.45, 0.49] / 0.40 [0.38, 0.42] |
# | RetinaNet (lab 04) | 1.6 | 0.58 [0.57, 0.61] / 0.50 [0.49, 0.52] |
# | Faster R-CNN (lab 06) | 7 | 0.67 [0.65, 0.69] / 0.58 [0.57, 0.61] |
# | DETR, a modern one (lab 10) | 56 | 0.72 [0.70, 0.74] / 0.62 [0.60, 0.64] |
#
# **How to work:** replace each `...` by your code and run the cell. `check` tells you what happened.
# Stuck? `hint("median_time")` gives one hint per call. An open exercise never blocks you: the reference takes its place.
# To look a function up, run `help(ops.clip_boxes_to_image)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import json
import statistics
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from classroom import check, hint, show, style  # noqa: F401  (hint is for you)
from coursekit import SHIPPED, ops, shipped
from coursekit.draw import draw_boxes

style.use()  # the look of the course's figures, for yours too
torch.set_num_threads(1)  # two threads that wait for each other are slower than one

# %% [markdown]
# ## 1. The league
#
# First what the files say: the published scores of each detector, the CPU minutes of its training, and its parameters. All of them share one backbone, the EfficientNet-Lite0 of lab 01,
# so count also what each of them adds to it.

# %%
from coursekit.published import record

NAMES = {
    "yolo": "YOLO",
    "yolo_modern": "modern YOLO",
    "ssd": "SSD",
    "retinanet": "RetinaNet",
    "fcos": "FCOS",
    "centernet": "CenterNet",
    "cornernet": "CornerNet",
    "faster_rcnn": "Faster R-CNN",
    "mask_rcnn": "Mask R-CNN",
    "detr": "DETR",
    "detr_modern": "modern DETR",
}
models = {name: shipped(name) for name in NAMES}


def millions(module: nn.Module) -> float:
    return sum(parameter.numel() for parameter in module.parameters()) / 1e6


print(f"{'':14s} new scenes   unseen objects   minutes   million parameters, own")
for name, model in models.items():
    new, unseen = (SHIPPED[name].scores[split]["AP"][0] for split in ("test_scenes", "test_objects"))
    minutes, own = record(SHIPPED[name].recipe)["cpu_minutes"], millions(model) - millions(model.backbone)
    print(f"{NAMES[name]:14s} {new:10.2f} {unseen:16.2f} {minutes:9.1f} {millions(model):20.1f}, {own:.1f}")

# %% [markdown]
# Do not read this as a race of designs: the minutes differ. Faster R-CNN and Mask R-CNN had about five times as long as RetinaNet, and the two DETRs twenty times and more. At equal time (lab 10) the order is another one.
#
# Now the time of an image. It has to be measured on the machine that will do the work, and a measurement of time has traps of its own:
# the first runs are slow because memory is still cold, and now and then something else on the machine gets in between.
#
# ### Exercise 1: a stopwatch
# `machine.run()` sends one image through a detector, and `machine.clock()` reads a clock, in seconds. Call `machine.run()` `warm_up` times without counting, then `repeats` times with a stopwatch,
# and return the *median* of these times in milliseconds, as a Python number. `repeats` is odd in all cases; `statistics.median` is imported as `statistics`.


# %%
def median_time(machine, repeats: int = 15, warm_up: int = 2) -> float:
    # BEGIN SOLUTION
    for _ in range(warm_up):
        machine.run()
    times = []
    for _ in range(repeats):
        start = machine.clock()
        machine.run()
        times.append(machine.clock() - start)
    return 1000 * statistics.median(times)
    # END SOLUTION


median_time = check(median_time)

# %% [markdown]
# Your stopwatch now times all of them, from pixels to boxes, one image of 192 pixels at a time. Its clock counts the seconds in which this process had the processor, so that a busy neighbour costs little.

# %% tags=["nbval-ignore-output"]
from coursekit.data.still_life import CLASSES, still_life
from coursekit.folders import data_folder

scenes = still_life("val")
image = scenes[0][0]
ms = {}
with torch.inference_mode():
    for name, model in models.items():
        machine = SimpleNamespace(run=partial(model, [image]), clock=time.process_time)
        ms[name] = float(median_time(machine, repeats=7))

bench = data_folder().parent / "bench" / "detectors.json"  # what we measured with the same method
published = json.loads(bench.read_text())["images_per_second"] if bench.is_file() else {}
for name in sorted(ms, key=ms.get):
    ours = f"   {1000 / published[NAMES[name]]:6.1f} ms" if NAMES[name] in published else ""
    print(f"{NAMES[name]:14s} {ms[name]:6.1f} ms here{ours}{' in bench/detectors.json' if ours else ''}")

# %% [markdown]
# The backbone takes most of the time of each, so they lie close together. (The two pages of numbers need not agree: another processor, another answer.)
#
# ### Exercise 2: who is worth having?
# One detector **dominates** another if it is at least as fast and at least as accurate, and better in one of the two. Nobody needs a detector that is dominated. The others form the **front**:
# for each of them there is a budget of time at which it is the best.
#
# `ms` and `ap` are `(N,)`. Return a mask, `(N,)` bool: true for each detector that no other one dominates. Two that are equal in both do not dominate each other.


# %%
def not_dominated(ms: Tensor, ap: Tensor) -> Tensor:
    # BEGIN SOLUTION
    as_good = (ms <= ms[:, None]) & (ap >= ap[:, None])  # (N, N): the column is as good as the row
    better = (ms < ms[:, None]) | (ap > ap[:, None])
    return ~(as_good & better).any(1)
    # END SOLUTION


not_dominated = check(not_dominated)

# %% tags=["nbval-ignore-output"]
from classroom.figures.measuring import draw_speed_accuracy

fig, axes = plt.subplots(1, 2, figsize=(11, 4), sharey=True)
for ax, (title, split) in zip(
    axes, {"new scenes": "test_scenes", "unseen objects": "test_objects"}.items(), strict=True
):
    scores = {NAMES[name]: SHIPPED[name].scores[split]["AP"] for name in models}
    draw_speed_accuracy(ax, {NAMES[name]: (ms[name],) * 3 for name in models}, scores, title)
    ap = torch.tensor([score[0] for score in scores.values()])
    times = torch.tensor([ms[name] for name in models])
    front = not_dominated(times, ap)
    ax.scatter(times[front], ap[front], s=260, facecolor="none", edgecolor="black", linewidth=1.5)
axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
axes[1].set_ylabel("")
show(
    fig,
    alt="AP with its interval against milliseconds per image for eleven detectors, on new scenes and on unseen objects; "
    "those that no other one dominates have a ring.",
)

# %%
assert front[list(models).index("detr_modern")], "the most accurate one is always on the front"

# %% [markdown]
# Every detector loses about as much, 0.07 to 0.10, on objects that it has never seen, whatever its design. The order hardly changes.
#
# ## 2. A guest with other words
#
# **YOLOX-Nano** was trained by others on the 118,000 photographs of **COCO**, and knows 80 classes. Its banana is class 47 and ours is class 4; it says *cup* where we say *mug*; it has no pear, lemon and mushroom,
# and we have no person. To compare, translate.
#
# ### Exercise 3: in the classes of the course
# `found` is a prediction (`boxes`, `labels`, `scores`), and `ours` a dict from their label to ours. Return a new prediction: the detections whose label is in `ours`, in the same order, with our labels (int64).
# Other detections are left out, because they can be neither right nor wrong in our test. Leave `found` as it is.


# %%
def course_classes(found: dict[str, Tensor], ours: dict[int, int]) -> dict[str, Tensor]:
    # BEGIN SOLUTION
    keep = torch.tensor([label in ours for label in found["labels"].tolist()], dtype=torch.bool)
    labels = [ours[label] for label in found["labels"][keep].tolist()]
    return {
        "boxes": found["boxes"][keep],
        "labels": torch.tensor(labels, dtype=torch.int64),
        "scores": found["scores"][keep],
    }
    # END SOLUTION


course_classes = check(course_classes)

# %% [markdown]
# The guest is judged on the seven classes that both know, in 40 scenes of `val`; so are ours.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import coco_metrics
from coursekit.models.yolox_nano import COCO_CLASSES
from coursekit.training import predict

COCO_NAME = {"mug": "cup"}
ours_of_coco = {
    1 + COCO_CLASSES.index(COCO_NAME.get(name, name)): label
    for label, name in enumerate(CLASSES, 1)
    if COCO_NAME.get(name, name) in COCO_CLASSES
}
print("both know:", ", ".join(CLASSES[label - 1] for label in ours_of_coco.values()))

guest = shipped("yolox_nano")
first = [scenes[i] for i in range(40)]
same = {label: label for label in ours_of_coco.values()}
seven = [
    {key: t[key][torch.isin(t["labels"], torch.tensor(list(same)))] for key in ("boxes", "labels")}
    for _, t in first
]
for name in ("retinanet", "detr_modern"):
    answers = [course_classes(found, same) for found in predict(models[name], first)]
    print("{:12s} AP {AP:.2f}, AP50 {AP50:.2f}".format(NAMES[name], **coco_metrics(answers, seven)))
with torch.inference_mode():
    answers = [
        course_classes(guest.detect([picture], score_threshold=0.05)[0], ours_of_coco) for picture, _ in first
    ]
guest_score = coco_metrics(answers, seven)
print("{:12s} AP {AP:.2f}, AP50 {AP50:.2f}".format("YOLOX-Nano", **guest_score))

# %% [markdown]
# The guest finds and names fewer of our objects than the specialists, which saw 1,600 rendered scenes where it saw 118,000 photographs: it has never seen scenes like these. Now turn that around.
#
# ## 3. From rendered to real
#
# Here is a real mug, which comes with scikit-image. The photograph is 600 x 400 pixels, the detectors know 192 x 192. Bring it into their size *without changing its shape*: shrink it until its longer side is 192, and
# put it into the middle of a grey square. This is a **letterbox**.


# %%
def in_the_middle(photo: Tensor, side: int = 192) -> tuple[Tensor, tuple[int, int]]:
    """The photograph in the middle of a grey square, and the (rows, columns) that it has there."""
    ratio = side / max(photo.shape[-2:])
    rows, columns = (max(round(pixels * ratio), 1) for pixels in photo.shape[-2:])
    small = F.interpolate(photo[None], (rows, columns), mode="bicubic", antialias=True)[0].clamp(0, 1)
    left, top = (side - columns) // 2, (side - rows) // 2
    square = F.pad(small, (left, side - columns - left, top, side - rows - top), value=0.5)
    return square, (rows, columns)


# %% [markdown]
# ### Exercise 4: back into the photograph
# The boxes that come out are in pixels of the square. Bring them back. `found` is `(D, 4)`; `shown` is what `in_the_middle` returned, (rows, columns); `side` is the side of the square; `photo` is the (height, width) of the photograph.
# Take the border away, `(side - columns) // 2` on the left and `(side - rows) // 2` at the top, divide x by `columns / width` and y by `rows / height`, and clip to the photograph.


# %%
def boxes_in_photo(found: Tensor, shown: tuple[int, int], side: int, photo: tuple[int, int]) -> Tensor:
    # BEGIN SOLUTION
    offset = torch.tensor([(side - shown[1]) // 2, (side - shown[0]) // 2] * 2)
    scale = torch.tensor([shown[1] / photo[1], shown[0] / photo[0]] * 2)
    return ops.clip_boxes_to_image((found - offset) / scale, photo)
    # END SOLUTION


boxes_in_photo = check(boxes_in_photo)

# %% [markdown]
# Three detectors of the course and the guest look at the mug. Everything with a score of at least 0.3 is drawn.

# %% tags=["nbval-ignore-output"]
from coursekit.data.photos import photo


@torch.inference_mode()
def look(detector: nn.Module, picture: Tensor, score: float = 0.3, side: int = 192) -> dict[str, Tensor]:
    """What a detector of the course finds in a photograph, with boxes in the photograph's pixels."""
    square, shown = in_the_middle(picture, side)
    found = detector([square])[0]
    sure = found["scores"] >= score
    boxes = boxes_in_photo(found["boxes"][sure], shown, side, tuple(picture.shape[-2:]))
    return {"boxes": boxes, "labels": found["labels"][sure], "scores": found["scores"][sure]}


@torch.inference_mode()
def guest_looks(picture: Tensor, score: float = 0.3) -> dict[str, Tensor]:
    return course_classes(guest.detect([picture], score_threshold=score)[0], ours_of_coco)


coffee = photo("coffee")
seen = {NAMES[name]: look(models[name], coffee) for name in ("retinanet", "faster_rcnn", "detr_modern")}
seen["YOLOX-Nano"] = guest_looks(coffee)
fig, axes = plt.subplots(1, 4, figsize=(13, 2.6))
for ax, (name, found) in zip(axes, seen.items(), strict=True):
    draw_boxes(ax, coffee, found["boxes"], found["labels"], found["scores"], CLASSES)
    ax.set_title(name)
show(fig, alt="A photograph of a cup of coffee on a saucer, four times, with what each detector finds in it.")

# %% [markdown]
# A mug is there. What about photographs in which there is *nothing* to find? Five of scikit-image's have none of our ten classes: an astronaut, a cat, coins, a motorcycle, a rocket. Each box is a false alarm.

# %% tags=["nbval-ignore-output"]
EMPTY = ("astronaut", "chelsea", "coins", "motorcycle", "rocket")
alarms = {NAMES[name]: {p: look(models[name], photo(p)) for p in EMPTY} for name in NAMES}
alarms["YOLOX-Nano"] = {p: guest_looks(photo(p)) for p in EMPTY}
print(f"{'false alarms':14s}" + "".join(f"{p:>12s}" for p in EMPTY))
for name, found in alarms.items():
    print(f"{name:14s}" + "".join(f"{len(found[p]['boxes']):12d}" for p in EMPTY))

# %% tags=["nbval-ignore-output"]
fig, axes = plt.subplots(1, 4, figsize=(13, 3))
for ax, p in zip(axes, ("astronaut", "chelsea", "coins", "rocket"), strict=True):
    found = alarms["RetinaNet"][p]
    draw_boxes(ax, photo(p), found["boxes"], found["labels"], found["scores"], CLASSES)
    ax.set_title(p)
show(fig, alt="Four photographs without any of the ten classes, with the false alarms of RetinaNet.")

# %% [markdown]
# In the still lifes there is always something to find, and everything on the table is one of ten classes. So the detectors never learned that there are other things in the world. COCO's detector has seen cats and people;
# for it they are not background, but classes of their own.
#
# (Do not compare the rows: 0.3 means something else in each design. FCOS multiplies two scores, CornerNet takes the mean of two. A threshold is chosen for one detector, on validation images.)
#
# ### Torchvision's detector, if you have it
#
# torchvision has detectors with COCO weights too. They would have to be downloaded, so this cell uses them only where they are on your computer already.

# %% tags=["nbval-ignore-output"]
from torchvision.models import detection

WEIGHTS = detection.FasterRCNN_MobileNet_V3_Large_320_FPN_Weights.COCO_V1


def torchvision_looks(picture: Tensor, score: float = 0.3) -> dict[str, Tensor] | None:
    """What torchvision's Faster R-CNN finds, in our classes; None where its weights are not on this computer."""
    if not (Path(torch.hub.get_dir()) / "checkpoints" / Path(WEIGHTS.url).name).is_file():
        return None
    model = detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=WEIGHTS, box_score_thresh=score).eval()
    names = WEIGHTS.meta["categories"]  # label k is names[k]: 0 is the background here, too
    ours = {
        names.index(COCO_NAME.get(c, c)): k for k, c in enumerate(CLASSES, 1) if COCO_NAME.get(c, c) in names
    }
    with torch.inference_mode():
        return course_classes(model([picture])[0], ours)


theirs = torchvision_looks(coffee)
if theirs is None:
    print("Its weights are not in torch's cache here, so there is nothing to see. (19 MB, if you want them.)")
else:
    print(
        [
            (CLASSES[k - 1], round(s, 2))
            for k, s in zip(theirs["labels"].tolist(), theirs["scores"].tolist(), strict=True)
        ]
    )

# %% [markdown]
# ## 4. What is the gap made of?
#
# One mug is no test set, and your own photographs come later. To *measure* a gap, build one. Here is a bad camera: objects come out larger than in training, the light is dim and yellowish, the lens is soft, and the sensor is noisy.


# %% tags=["nbval-ignore-output"]
def seen_by_camera(
    picture: Tensor,
    target: dict,
    number: int,
    side: int = 256,
    light: bool = True,
    soft: bool = True,
    noise: float = 0.04,
) -> tuple[Tensor, dict]:
    """The scene as a bad camera would show it, and its boxes; `number` decides the noise, the others switch a fault off."""
    scale = side / picture.shape[-1]
    seen = F.interpolate(picture[None], (side, side), mode="bicubic", antialias=True).clamp(0, 1)
    if soft:
        seen = F.avg_pool2d(F.pad(seen, (2, 2, 2, 2), mode="replicate"), 5, 1)  # (1, 3, side, side)
    if light:
        seen = seen**1.5 * torch.tensor([1.0, 0.8, 0.55])[:, None, None]  # dim, much red, little blue
    grains = torch.randn(seen[0].shape, generator=torch.Generator().manual_seed(number))
    boxes, area = target["boxes"] * scale, target["area"] * scale**2
    image = (seen[0] + noise * grains).clamp(0, 1)
    return image, {"boxes": boxes, "area": area, "labels": target["labels"], "iscrowd": target["iscrowd"]}


TEST = range(100, 130)
as_rendered = [scenes[i] for i in TEST]
as_seen = [seen_by_camera(*scenes[i], i) for i in TEST]
fig, axes = plt.subplots(1, 4, figsize=(11, 3))
for ax, (picture, target) in zip(axes, (as_rendered[0], as_seen[0], as_rendered[3], as_seen[3]), strict=True):
    draw_boxes(ax, picture, target["boxes"])
    ax.set_title(f"{picture.shape[-1]} pixels")
show(
    fig,
    alt="Two scenes, each as it was rendered and as the bad camera shows it: larger, darker, yellowish, soft and noisy.",
)

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import error_budget


def scores_of(detector: nn.Module, pairs: list) -> tuple[dict, dict, list]:
    """COCO's numbers on (image, target) pairs, the error budget, and the predictions."""
    answers, truth = predict(detector, pairs), [target for _, target in pairs]
    return coco_metrics(answers, truth), error_budget(answers, truth), answers


gap = {}
for name in ("retinanet", "faster_rcnn", "detr_modern"):
    gap[name] = [scores_of(models[name], pairs) for pairs in (as_rendered, as_seen)]
    print(
        "{:14s} AP {:.2f} as rendered, {:.2f} as the camera sees it".format(
            NAMES[name], *(s["AP"] for s, _, _ in gap[name])
        )
    )

# %% [markdown]
# The same objects at the same places, and AP falls by about a third. *Which* errors has the camera added? The **error budget** of lab 07 says how much AP50 each kind of error costs.

# %% tags=["nbval-ignore-output"]
from classroom.figures.measuring import draw_error_budget

fig, ax = plt.subplots(figsize=(8, 3.6))
draw_error_budget(ax, {"as rendered": gap["retinanet"][0][1], "seen by the camera": gap["retinanet"][1][1]})
ax.set_title("RetinaNet")
show(
    fig,
    alt="AP50 that each kind of fixed error would give back to RetinaNet, on rendered scenes and as the camera sees them.",
)

# %% tags=["solution"]
for rendered, camera in gap.values():
    assert camera[0]["AP"] < rendered[0]["AP"] - 0.1

# %% [markdown]
# Nothing is missed: the boxes are there, but the *class* goes wrong, and then the box. Which fault of the camera does that? Guess first. Then take them one at a time.

# %% tags=["nbval-ignore-output"]
NONE = {"side": 192, "light": False, "soft": False, "noise": 0.0}
FAULTS = {
    "larger": {"side": 256},
    "dim and yellowish": {"light": True},
    "soft": {"soft": True},
    "noisy": {"noise": 0.04},
    "all of them": {"side": 256, "light": True, "soft": True, "noise": 0.04},
}
unharmed = scores_of(models["retinanet"], as_rendered[:15])[0]["AP"]
lost = {}
for fault, switch in FAULTS.items():
    pairs = [seen_by_camera(*scenes[i], i, **(NONE | switch)) for i in TEST[:15]]
    lost[fault] = unharmed - scores_of(models["retinanet"], pairs)[0]["AP"]
    print(f"{fault:18s} AP falls by {lost[fault]:.3f}")

# %% tags=["solution"]
assert lost["all of them"] > lost["larger"] + 0.1

# %% [markdown]
# One fault alone costs little. Together they cost much more than any of them alone, because each takes away a cue that would still help against the others.
#
# What closes a gap? In the order of what it costs you: several sizes of the same image at test time (no training at all, section 5); rendered scenes that are changed as a camera would change them; ten annotated photographs and a minute of fine-tuning
# (sections 6 and 7); a better backbone (lab 08); and, if you can, many more photographs.
#
# ## 5. Look at several scales
#
# The detectors know objects of the sizes that the still lifes have. In a photograph an object may be twice as large. So show them the photograph in several sizes, bring all boxes back into one, and *average*: where several views agree, the mean box is
# better than each of them, and what a single view reports, the others vote down.
#
# ### Exercise 5: the average of several views
# `boxes` `(N, 4)`, `scores` `(N,)` and `labels` `(N,)` are what all views found together, in the pixels of one image. Go through them from the most to the least confident. Each box joins the average *of its class* that it overlaps most,
# if that IoU is more than `iou_threshold`; otherwise it begins a new average. An average is the mean of its boxes *weighted with their scores*, and it moves with each box that joins.
# Its score is the sum of its scores divided by `views`, so that a view without the object counts as 0. Return boxes `(D, 4)`, scores `(D,)` and labels `(D,)`, the best score first; without any box, empty ones.


# %%
def average_boxes(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> tuple[Tensor, Tensor, Tensor]:
    # BEGIN SOLUTION
    sums, totals, classes = [], [], []
    for i in scores.argsort(descending=True).tolist():
        ious = [
            ops.box_iou(boxes[i][None], (s / t)[None]).item() if c == labels[i] else 0.0
            for s, t, c in zip(sums, totals, classes, strict=True)
        ]
        best = max(ious, default=0.0)
        if best > iou_threshold:
            k = ious.index(best)
            sums[k], totals[k] = sums[k] + scores[i] * boxes[i], totals[k] + scores[i]
        else:
            sums.append(scores[i] * boxes[i])
            totals.append(scores[i])
            classes.append(labels[i])
    if not sums:
        return boxes, scores, labels
    weights = torch.stack(totals)
    order = weights.argsort(descending=True)
    means = torch.stack(sums) / weights[:, None]  # (D, 4)
    return means[order], weights[order] / views, torch.stack(classes)[order]
    # END SOLUTION


average_boxes = check(average_boxes)

# %% [markdown]
# Your function goes into `SeveralScales`, which makes any detector look at six sizes, with the longer side from 96 to 256 pixels.

# %% tags=["nbval-ignore-output"]
from coursekit.models import SeveralScales

several = SeveralScales(shipped("retinanet"), average_boxes=average_boxes)
for title, pairs in (("as rendered", as_rendered), ("seen by the camera", as_seen)):
    one, many = (scores_of(model, pairs[:15])[0] for model in (models["retinanet"], several))
    print(
        f"{title:19s} one size AP {one['AP']:.3f}, AP50 {one['AP50']:.3f};   six sizes AP {many['AP']:.3f}, AP50 {many['AP50']:.3f}"
    )

# %% tags=["nbval-ignore-output"]
with torch.inference_mode():
    at_six = several([coffee])[0]
fig, axes = plt.subplots(1, 2, figsize=(9, 3))
for ax, (title, found) in zip(
    axes,
    {"one size": look(models["retinanet"], coffee), "six sizes": at_six}.items(),
    strict=True,
):
    sure = found["scores"] >= 0.3
    draw_boxes(ax, coffee, found["boxes"][sure], found["labels"][sure], found["scores"][sure], CLASSES)
    ax.set_title(title)
show(fig, alt="The cup of coffee with what RetinaNet finds at one size, and with the average of six sizes.")

# %% [markdown]
# Six sizes cost the time of six images. Whether they help depends on the gap: on scenes as they were rendered the detector's own size is already right.
#
# ## 6. Your own photographs
#
# Take ten photographs of fruit, mugs, bottles and books on a table, and some without any of them. Your phone will do. Vary what will vary later: the light, the distance, the table, what lies in front of what.
# Then annotate them here: add photographs, drag a box around each object, and choose its name. Every change is saved in `my_photographs/annotations.json`, so you can go on tomorrow.
#
# Two clicks are quicker than a careful outline: choose *Click* and then click on an object, and the segmenter of lab 16 draws its outline, which is stored as a polygon.
# Move, resize or delete it like a box, and look at each one: on real photographs one click is often not enough.
#
# Annotate *all* objects of the ten classes, also those that are cut off or hidden in part, and draw the box around what is **visible**. What you leave out, the detector learns as background.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import Annotator

MINE = Path("my_photographs")
Annotator(MINE, CLASSES)

# %% [markdown]
# A COCO file is a dict of three lists, written as JSON. The widget writes one for you. To know what is in it, write one yourself: you will need it to hand boxes from one program to another.
#
# ### Exercise 6: a COCO file
# `names` are file names, `sizes` their (height, width), `targets` have `boxes` `(G, 4)` xyxy and `labels` `(G,)`, and `classes` are the names of the classes 1, 2, …. Return a dict with three lists of dicts:
#
# - `images`: `id`, `file_name`, `height`, `width`
# - `categories`: `id` and `name` of *all* classes; the id of a class is its label
# - `annotations`: `id`, `image_id`, `category_id`, `bbox` as [x, y, width, height], `area` (width times height), and `iscrowd`, which is 0
#
# All ids count from 1 in the order of the arguments. The annotations of all photographs stand in one list, those of the first photograph first, and their ids go on counting from one photograph to the next. Numbers are plain Python numbers, so that `json.dumps` can write them.


# %%
def coco_dict(names: list[str], sizes: list[tuple[int, int]], targets: list[dict], classes) -> dict:
    # BEGIN SOLUTION
    images = [
        {"id": i, "file_name": name, "height": height, "width": width}
        for i, (name, (height, width)) in enumerate(zip(names, sizes, strict=True), 1)
    ]
    categories = [{"id": k, "name": name} for k, name in enumerate(classes, 1)]
    annotations = []
    for image_id, target in enumerate(targets, 1):
        for (x1, y1, x2, y2), label in zip(target["boxes"].tolist(), target["labels"].tolist(), strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": label,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "iscrowd": 0,
                }
            )
    return {"images": images, "categories": categories, "annotations": annotations}
    # END SOLUTION


coco_dict = check(coco_dict)

# %% [markdown]
# As long as you have no photographs, the lab makes a stand-in for them: ten scenes of `val` as the bad camera of section 4 sees them, written as JPEG files into a folder of their own, with a COCO file by *your* function.
# They are no photographs, but everything below works with them as it will with yours. With at least four annotated photographs in `my_photographs`, run this cell again: from here on everything uses them.

# %% tags=["nbval-ignore-output"]
import tempfile

from torchvision.utils import save_image

from coursekit.data.coco_folder import coco_folder


def write_stand_in(folder: Path) -> None:
    """Write ten scenes as the bad camera sees them, and their annotations."""
    pairs = [seen_by_camera(*scenes[i], i) for i in range(10)]
    names = [f"stand_in_{i:02d}.jpg" for i in range(len(pairs))]
    for (picture, _), name in zip(pairs, names, strict=True):
        save_image(picture, folder / name)
    sizes, targets = [tuple(p.shape[-2:]) for p, _ in pairs], [target for _, target in pairs]
    text = json.dumps(coco_dict(names, sizes, targets, CLASSES))
    (folder / "annotations.json").write_text(text, encoding="utf-8")


def own_photographs() -> Path:
    """The folder of your photographs if at least four are annotated, or else a stand-in."""
    if (MINE / "annotations.json").is_file() and len(coco_folder(MINE)) >= 4:
        return MINE
    folder = Path(tempfile.mkdtemp(prefix="stand_in_"))
    write_stand_in(folder)
    return folder


folder = own_photographs()
photographs = coco_folder(folder)
print(
    f"{len(photographs)} annotated photographs, {'your own' if folder == MINE else 'the stand-in'}: {', '.join(photographs.classes)}"
)

# %% tags=["nbval-ignore-output"]
fig, axes = plt.subplots(1, 4, figsize=(12, 3.2))
for ax, i in zip(axes, range(4), strict=True):
    picture, target = photographs[i]
    draw_boxes(ax, picture, target["boxes"], target["labels"], classes=photographs.classes)
show(fig, alt="Four annotated photographs, or what stands in for them, with a named box around each object.")

# %% [markdown]
# ## 7. Fine-tuning
#
# The detector knows the ten classes already, but not your camera. So do not start again: go on training from its weights, on the new photographs. The head may change quickly. The backbone has learned from a million photographs, and should change slowly or not at all.
#
# ### Exercise 7: two learning rates
# An optimiser of PyTorch takes a list of dicts, its **parameter groups**, each with `"params"` and `"lr"`. Return two groups: the parameters of `model.backbone` that are not frozen (`requires_grad`), with `lr * slower`,
# and all *other* parameters of `model` that are not frozen, with `lr`. Frozen ones stay frozen and are in no group.
# Compare parameters with `is` or by `id(...)`, because `==` compares their numbers.


# %%
def two_rates(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    # BEGIN SOLUTION
    known = {id(parameter) for parameter in model.backbone.parameters()}
    learns = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [p for p in learns if id(p) in known], "lr": lr * slower},
        {"params": [p for p in learns if id(p) not in known], "lr": lr},
    ]
    # END SOLUTION


two_rates = check(two_rates)

# %% [markdown]
# Photographs come in all sizes, so each is brought to a longer side of 256 pixels. Your own are divided: two thirds to learn from, one third to test on. The stand-in is tested on the 30 scenes of section 4.

# %% tags=["nbval-ignore-output"]
from coursekit.data.transforms import horizontal_flip
from coursekit.schema import collate
from coursekit.training import one_cycle

Pairs = list[tuple]  # of an image, or the maps of a backbone, and its target


def at_side(picture: Tensor, target: dict, side: int = 256) -> tuple[Tensor, dict]:
    """The photograph with this longer side, and its boxes."""
    ratio = side / max(picture.shape[-2:])
    size = tuple(round(pixels * ratio) for pixels in picture.shape[-2:])
    small = F.interpolate(picture[None], size, mode="bicubic", antialias=True)[0].clamp(0, 1)
    boxes, area = target["boxes"] * ratio, target["area"] * ratio**2
    return small, {"boxes": boxes, "area": area, "labels": target["labels"], "iscrowd": target["iscrowd"]}


pairs = [at_side(*photographs[i]) for i in range(len(photographs))]
learn_from, test_on = (
    (pairs, as_seen) if folder != MINE else ([p for i, p in enumerate(pairs) if i % 3 != 2], pairs[2::3])
)
learn_from = learn_from + [horizontal_flip(*pair) for pair in learn_from]  # and the mirror images
print(f"{len(learn_from)} images to learn from, {len(test_on)} to test on")


# %% [markdown]
# The training loop, with your groups. Both learning rates rise and fall together. A small peak, 0.0003, is enough: the weights are good already, and ten images would soon be known by heart.


# %%
def fine_tune(model: nn.Module, items: Pairs, number: int, lr: float = 3e-4, batch: int = 5) -> None:
    """Train what is not frozen, in `number` steps on random batches."""
    optimizer = torch.optim.AdamW(two_rates(model, lr), weight_decay=0.05)
    peaks = [group["lr"] for group in optimizer.param_groups]
    generator = torch.Generator().manual_seed(0)
    for step in range(number):
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = one_cycle(step, number, peak)
        chosen = torch.randperm(len(items), generator=generator)[:batch].tolist()
        loss = sum(model.train()(*collate([items[i] for i in chosen])).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()


@torch.no_grad()
def maps_of(backbone: nn.Module, pairs: Pairs) -> Pairs:
    """The maps of a frozen backbone, made once instead of in every step."""
    found = []
    for picture, target in pairs:
        maps = backbone(picture[None])
        found.append(({level: maps[level][0] for level in ("C3", "C4", "C5")}, target))
    return found


# %% [markdown]
# Your classes need not be ours. The head has one output per class and anchor, so with other classes these outputs start again, and everything else comes along.


# %%
def detector_for(classes: tuple[str, ...], learn: tuple[str, ...] = ()) -> nn.Module:
    """The shipped RetinaNet for these classes, with the named stages of its backbone free to learn."""
    ready = shipped("retinanet")
    if tuple(classes) != CLASSES:
        torch.manual_seed(0)
        fresh = type(ready)(len(classes), backbone=ready.backbone)
        shapes = {name: value.shape for name, value in fresh.state_dict().items()}
        fitting = {name: v for name, v in ready.state_dict().items() if v.shape == shapes[name]}
        fresh.load_state_dict(fitting, strict=False)
        ready = fresh.eval()
    ready.backbone.learn(learn)
    return ready


# %% [markdown]
# *First way: no photograph at all.* Change rendered scenes at random, as *some* camera might, and go on training the head on them. This is *data augmentation*.

# %% tags=["nbval-ignore-output"]
from classroom.pace import steps


def some_camera(picture: Tensor, target: dict, number: int) -> tuple[Tensor, dict]:
    """The scene as a camera sees it that has each fault at random."""
    dice = torch.rand(3, generator=torch.Generator().manual_seed(number)).tolist()
    faults = {"light": dice[0] < 0.5, "soft": dice[1] < 0.5, "noise": 0.08 * dice[2]}
    return seen_by_camera(picture, target, number, **faults)


train_scenes = still_life("train")
changed = [some_camera(*train_scenes[30 * i], i) for i in range(50)]
backbone = models["retinanet"].backbone
start, results = time.process_time(), {}
changed_maps = maps_of(backbone, changed)
if photographs.classes == CLASSES:
    results["as shipped"] = scores_of(models["retinanet"], test_on)
    augmented = detector_for(CLASSES)
    fine_tune(augmented, changed_maps, steps(50), lr=1e-3)
    results["50 changed scenes"] = scores_of(augmented, test_on)

# %% [markdown]
# *Second way: the annotated photographs*, on which the head alone learns; and *third*, both together.

# %% tags=["nbval-ignore-output"]
own_maps = maps_of(backbone, learn_from)
head_only = detector_for(photographs.classes)
fine_tune(head_only, own_maps, steps(50))
results["10 photographs, head"] = scores_of(head_only, test_on)
if photographs.classes == CLASSES:
    mixed = detector_for(CLASSES)
    fine_tune(mixed, changed_maps + own_maps, steps(60), lr=1e-3)
    results["both, head"] = scores_of(mixed, test_on)

# %% [markdown]
# *Fourth way:* the last stages of the backbone learn along, at a tenth of the head's rate. Now the maps change in every step and cannot be kept, so a step takes much longer.

# %% tags=["nbval-ignore-output"]
deeper = detector_for(photographs.classes, learn=("C4", "C5"))
fine_tune(deeper, learn_from, steps(20), batch=4)
results["10 photographs, C4 and C5"] = scores_of(deeper, test_on)
for name, (numbers, _, _) in results.items():
    print(f"{name:26s} AP {numbers['AP']:.3f}, AP50 {numbers['AP50']:.3f}")
print(f"{time.process_time() - start:.0f} s of the processor")

# %% tags=["solution"]
if folder != MINE:
    assert results["both, head"][0]["AP"] > results["as shipped"][0]["AP"]

# %% tags=["nbval-ignore-output"]
best = max(results, key=lambda name: results[name][0]["AP"])
fig, axes = plt.subplots(2, 4, figsize=(12, 6))
for column in range(4):
    for ax, name in zip(axes[:, column], (next(iter(results)), best), strict=True):
        picture, found = test_on[column % len(test_on)][0], results[name][2][column % len(test_on)]
        sure = found["scores"] >= 0.4
        draw_boxes(
            ax,
            picture,
            found["boxes"][sure],
            found["labels"][sure],
            found["scores"][sure],
            photographs.classes,
        )
        draw_boxes(ax, None, test_on[column % len(test_on)][1]["boxes"], colour="black", dashed=True)
        ax.set_title(name, fontsize=9)
show(
    fig,
    alt="Four test images: above what the detector finds before, below after fine-tuning; dashed: ground truth.",
)

# %% [markdown]
# A network forgets. How does the best of them do on scenes *as they were rendered*?

# %% tags=["nbval-ignore-output"]
if photographs.classes == CLASSES:
    for title, detector in (("as shipped", models["retinanet"]), ("both, head", mixed)):
        print(f"{title:12s} AP {scores_of(detector, as_rendered)[0]['AP']:.2f} on scenes as rendered")

# %% [markdown]
# The same without a notebook, in a terminal, on a folder with photographs and their `annotations.json`:
#
# ```
# coursekit train retinanet --data my_photographs --init retinanet --fine-tune
# coursekit evaluate --weights retinanet.safetensors --data my_photographs --scales 96 128 160 192 224 256
# coursekit predict photo.jpg --weights retinanet.safetensors
# ```
#
# ## 8. From scratch, frozen, or fine-tuned?
#
# How many photographs does it take? The recipe `fine_tuning` trained RetinaNet on 1, 10 and 100 % of the 1,600 still lifes: with a backbone that starts from random weights, with the frozen ImageNet one, with a last stage (C5) that learns along,
# and with all stages learning. All had a similar CPU time, so the fewer maps have to be computed again in each step, the more steps there are.

# %% tags=["nbval-ignore-output"]
from classroom.figures import better_data as figures
from coursekit.published import records

LEARNING = {"scratch": "from scratch", "frozen": "frozen", "C5": "last stage learns", "all": "all learn"}
SCENES = {16: 1, 160: 10, 1600: 100}  # of 1,600: 1, 10 and 100 per cent
fig, axes = figures.two_tests(3.4, tuple(SCENES))
for split, ax in axes.items():
    for i, (learning, words) in enumerate(LEARNING.items()):
        found = {n: figures.seeds_of(f"fine_tuning-{learning}-{share}", split) for n, share in SCENES.items()}
        points = {n: intervals for n, intervals in found.items() if intervals}
        figures.draw_learning_curve(ax, points, words, f"C{i}", 1.05**i)
axes["test_scenes"].legend()
show(
    fig,
    alt="AP against 16, 160 and 1,600 training scenes on both tests. The frozen backbone leads throughout, the one whose last stage learns follows; "
    "with all stages learning AP stays low, and from scratch it is nearly zero.",
)

# %% tags=["nbval-ignore-output"]
for learning, words in LEARNING.items():
    for number, share in SCENES.items():
        each = record(f"fine_tuning-{learning}-{share}")
        new, unseen = (each["scores"][split]["AP"][0] for split in ("test_scenes", "test_objects"))
        print(
            f"{words:18s} {number:5d} scenes: AP {new:.3f} / {unseen:.3f}, {each['steps']} steps in {each['cpu_minutes']:.1f} minutes"
        )

# %% [markdown]
# In this budget the frozen backbone leads everywhere. Its maps are computed once, so it gets 400 steps where a backbone that learns as a whole gets 70. That says something about *time*, not about what can be reached:
# with many scenes and many more steps, a backbone that learns catches up (He et al., 2019, arXiv:1811.08883). And sixteen scenes are too few for all four.
#
# ## 9. Libraries of today
#
# You have written all of this yourself, once. At work you will take a library. Which one?
#
# | library | what it is for | licence of the code |
# |---|---|---|
# | torchvision | Faster and Mask R-CNN, RetinaNet, SSD, FCOS: the classic detectors, readable, with COCO weights; our dicts are its dicts | BSD |
# | Detectron2 (Meta) | research on two-stage detectors, panoptic segmentation, ViTDet; installed from source | Apache-2.0 |
# | MMDetection (OpenMMLab) | the largest collection of published detectors behind one system of configuration files; needs its own `mmcv` | Apache-2.0 |
# | transformers (Hugging Face) | the DETR family: DETR, Deformable DETR, RT-DETR, D-FINE; a model is three lines | Apache-2.0 |
# | RF-DETR (Roboflow) | a DETR on a DINOv2 backbone, made for fine-tuning; the largest two models have another licence | Apache-2.0, PML-1.0 |
# | Ultralytics | YOLO from v5 on: training, export and tracking behind one command | AGPL-3.0, or a paid one |
# | supervision (Roboflow) | not a detector: draws, counts, tracks and converts what any of them found | MIT |
# | TensorFlow Object Detection API | read it in old tutorials; its README has said since 2022 that it is no longer maintained, and points to TF-Vision | Apache-2.0 |
#
# Read the licence before you train. AGPL-3.0 obliges you to publish the source of a service that uses the code over a network; a company that does not want that buys another licence. The *weights* have a licence as well,
# and so do the photographs that they were trained on.
#
# The same ten lines three times. In coursekit:

# %% tags=["nbval-ignore-output"]
detector = shipped("yolox_nano")
found = detector.detect([coffee], score_threshold=0.5)[0]
for box, label, score in zip(
    found["boxes"].tolist(), found["labels"].tolist(), found["scores"].tolist(), strict=True
):
    print(COCO_CLASSES[label - 1], f"{score:.2f}", [round(x) for x in box])

# %% [markdown]
# In torchvision, where the weights are there; the dict is the same, because we took it from there:

# %% tags=["nbval-ignore-output"]
if torchvision_looks(coffee) is not None:
    theirs = detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=WEIGHTS, box_score_thresh=0.5).eval()
    with torch.inference_mode():
        found = theirs([coffee])[0]
    for box, label, score in zip(
        found["boxes"].tolist(), found["labels"].tolist(), found["scores"].tolist(), strict=True
    ):
        print(WEIGHTS.meta["categories"][label], f"{score:.2f}", [round(x) for x in box])
else:
    print("its weights are not here: see section 3")

# %% [markdown]
# In transformers (not installed here, so only to read; the first run downloads the weights). Its boxes are in pixels only after `post_process_object_detection`, and its classes count from 0:
#
# ```python
# from transformers import AutoImageProcessor, AutoModelForObjectDetection
#
# processor = AutoImageProcessor.from_pretrained("PekingU/rtdetr_v2_r18vd")
# model = AutoModelForObjectDetection.from_pretrained("PekingU/rtdetr_v2_r18vd")
# inputs = processor(images=photograph, return_tensors="pt")  # a PIL image
# with torch.inference_mode():
#     outputs = model(**inputs)
# sizes = [photograph.size[::-1]]  # (height, width)
# found = processor.post_process_object_detection(outputs, target_sizes=sizes, threshold=0.5)[0]
# for box, label, score in zip(found["boxes"], found["labels"], found["scores"]):
#     print(model.config.id2label[label.item()], f"{score:.2f}", [round(x) for x in box.tolist()])
# ```
#
# Three libraries, three conventions: whether 0 is a class or the background, boxes in pixels or in shares of the image, who resizes. They are what goes wrong first, and none of it raises an error.
#
# ## 10. Benchmarks
#
# | benchmark | what | what it is known for |
# |---|---|---|
# | PASCAL VOC (2005 to 2012) | 20 classes; 11,530 training and validation images in 2012 | began the yearly challenges, and AP at IoU 0.5, with 11 points until 2009 |
# | **COCO** (2014, split of 2017) | 80 classes; 118,000 training, 5,000 validation images | AP over ten IoU thresholds: exact boxes count |
# | Objects365 (2019) | 365 classes; more than 600,000 training images | what large detectors are pretrained on before COCO |
# | LVIS (2019) | more than 1,200 classes on COCO's images, most of them rare | a long tail; AP of rare classes on its own |
# | Roboflow-100 (2022) | 100 small datasets: cells, games, X-rays, satellites | how well a detector can be *fine-tuned* |
#
# Where is the best today? On COCO the curve went from 19.7 (Fast R-CNN, 2015) over 42 (DETR, 2020) to 66.0 (Co-DETR, 2023, on `test-dev`): 304 million parameters, pretrained on Objects365, several scales averaged at test time.
# A detector that runs in real time had 60.1 at 17 ms in 2025 (RF-DETR 2XL, on `val`, on a T4 GPU). (Status: November 2025. Papers with Code, where everyone looked such numbers up, was closed in July 2025.)
#
# Now look at *one* network, YOLO11x, on the same 5,000 images:
#
# | who measured | AP |
# |---|---|
# | its maker's table | 54.7 |
# | Roboflow's leaderboard, July 2025, at most 100 detections per image | 53.6 |
# | the benchmark page of RF-DETR, a competitor, later | 50.9 |
#
# Nobody need have lied. Thresholds may differ, the number format of the weights, how the image is resized, how many boxes may remain. Neighbours in a leaderboard are often closer together than these three.
#
# What a leaderboard does not say: what the training cost and on which extra data; whether the test set was looked at when choosing; how much another seed would change; whether the milliseconds include decoding and NMS; and the only thing that you want to know,
# how it does on *your* photographs.
#
# ## 11. The best of several
#
# Somebody trains ten times with different seeds and publishes the best. How much better does that look than it is?
#
# ### Exercise 8 (extra): the expected best
# `scores` `(K,)` are the scores of `K` trainings. Somebody draws `n` of them at random, *with replacement*, and reports the best. Return what that is expected to be, as a Python number.
# Sort the scores. All `n` draws are among the `i` smallest with probability `(i / K) ** n`; so what is the probability that the best draw is exactly the `i`-th?


# %%
def expected_best(scores: Tensor, n: int) -> float:
    # BEGIN SOLUTION
    ordered = scores.double().sort().values
    share = torch.arange(len(scores) + 1, dtype=torch.float64) / len(scores)
    return (ordered * (share[1:] ** n - share[:-1] ** n)).sum().item()
    # END SOLUTION


expected_best = check(expected_best)

# %% [markdown]
# The published scores of three seeds of each detector that was trained with three:

# %% tags=["nbval-ignore-output"]
for name in ("yolo", "yolo_modern", "ssd", "retinanet"):
    runs = [each["scores"]["test_scenes"]["AP"][0] for each in records() if each["recipe"] == name]
    runs = torch.tensor(runs, dtype=torch.float64)
    best = [expected_best(runs, n) for n in (1, 3, 10)]
    print(
        "{:12s} three seeds {}; expected best of 1: {:.3f}, of 3: {:.3f}, of 10: {:.3f}".format(
            NAMES[name], [round(x, 3) for x in runs.tolist()], *best
        )
    )

# %% [markdown]
# Here it looks like 0.01 of AP at most, because our seeds differ little; many a published improvement is not larger. It costs ten trainings and is worth nothing: on other scenes the best seed is again an average one. A fair table says how many runs there were, and gives their mean and their spread (Dodge et al., "Show Your Work", 2019, arXiv:1909.03004).
#
# ## 12. Final project: five minutes, ten photographs
#
# Build the best detector of the ten classes that you can within five CPU minutes of training, on the still lifes and on the photographs of your class. The rules, a template of the **model card** and the rubric are in `labs/project/`. In short:
#
# 1. *Data.* Ten annotated photographs per group, for everybody in the class.
# 2. *Rules.* At most five CPU minutes of training and 40 MB of weights. You may begin with any shipped weights. Nothing may be trained on `val` or on the tests, and no setting may be chosen on the tests.
# 3. *Training.* `coursekit train retinanet --data my_photographs --init retinanet --record retinanet.json` begins with the shipped weights and writes down the minutes.
# 4. *Open score.* `classroom score retinanet.safetensors` scores it on `val`, and with `--data FOLDER` on photographs, as often as you like. That is exactly why there must be another one:
# 5. *Hidden score.* Your instructor runs `classroom score retinanet.safetensors --secret TEXT`, where the text, which only your instructor knows, chooses the images.
# 6. *League.* `classroom league group1/my_photographs group2/my_photographs --weights retinanet.safetensors` puts all photographs together, and all detectors into one table.
# 7. *Model card*, one page: what it detects and who it is for; what it was trained on; its scores with intervals; where it fails; who may be harmed if it is wrong.
#
# ## What you can now say
#
# - There is no best detector, only a front: for each budget another one is the best.
# - Time is a median of runs after a warm-up, on the machine that will do the work.
# - A detector knows the world that it was trained on. In another one it fails in ways that an error budget can name: look there before you change anything.
# - Ten annotated photographs give back some of a gap, forty more of it; rendered scenes that are changed as a camera changes them need no annotation at all. A small learning rate protects what is known already.
# - Several views that agree are better than one, and they cost the time of several.
# - Formats, classes and sizes have conventions. Nothing fails loudly when two programs disagree about them.
# - A leaderboard says who won, on its test, by its rules. The best of many seeds is not a better method.
#
# ## Open questions
#
# 1. Fine-tune on two, five and ten of your photographs. Where would the curve go with fifty?
# 2. Which *two* of the faults of section 4 explain most of the gap? Switch them off in pairs.
# 3. Does a detector that has also seen photographs *without* any of its classes still raise false alarms on a cat?
# 4. What should your detector do with an orange? What does it do, and which photographs would teach it?
# 5. Let somebody else annotate the same ten photographs. What is the AP of *their* boxes against yours?
