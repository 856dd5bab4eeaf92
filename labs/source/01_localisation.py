# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 01: Where is it?
#
# A classifier names the one thing in an image. In this lab you build a network that also predicts **where** it is.
# You write the operators that every detector in this course is built on, and then you train a network with them.
#
# | you write | you see | you train |
# |---|---|---|
# | box conversions, IoU, a flip, a decoder, a loss | a classifier and a detector at work on photographs | a network that finds one object: a class and a box |
#
# **Time:** about 70 minutes on a first reading, or 90 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Results of this lab** (means over 200 test images each, with 95 % intervals; 1000 steps, 17 s on one core; `data/checkpoints/scores.json`):
#
# | head | mean IoU, new scenes | class, new scenes | mean IoU, unseen objects | class, unseen objects |
# |---|---|---|---|---|
# | spatial | 0.76 [0.74, 0.78] | 0.94 [0.90, 0.97] | 0.76 [0.74, 0.78] | 0.90 [0.85, 0.94] |
# | pooled | 0.37 [0.34, 0.39] | 0.93 [0.89, 0.96] | 0.38 [0.35, 0.41] | 0.90 [0.86, 0.94] |
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct. If it is not,
# `last_case()` returns the arguments of the failing case, so that you can call your function with them. Stuck? `hint("box_iou")` gives one hint per call.
# An unsolved exercise never blocks you, because the cells below then use the reference. Exercises marked *extra* can wait.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import matplotlib.pyplot as plt
import torch
from torch import Tensor

from classroom import check, figures, hint, last_case, show, style
from classroom.figures.gallery import gallery
from coursekit import ops
from coursekit.draw import draw_boxes, draw_image

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. Five questions about one photograph
#
# *What* is it? *Where* is it? *What else* is there? *Which pixels* belong to which class? *Which pixels* belong to which object?
# You know the first question: it is image classification. This course is about the other four.

# %%
from coursekit.data.photos import photo

coffee = photo("coffee")
fig, ax = plt.subplots(figsize=(4.5, 3))
draw_image(ax, coffee)
show(fig, alt="Photograph of a cup of espresso on a saucer with a spoon, on a wooden table.")

# %% [markdown]
# Two pretrained networks will answer, both small enough for any laptop.
# **EfficientNet-Lite0** classifies images into the 1000 classes of ImageNet. **YOLOX-Nano** detects objects of the 80 classes of COCO.

# %%
from coursekit.models.yolox_nano import COCO_CLASSES, yolox_nano
from coursekit.nets.efficientnet import efficientnet_lite0, imagenet_classes

classifier = efficientnet_lite0().eval()
detector = yolox_nano().eval()

# %% [markdown]
# **What?** The classifier sees the centre of the image and outputs one list of class probabilities for all of it.

# %% tags=["nbval-ignore-output"]
from torchvision.transforms.v2.functional import center_crop, resize

with torch.no_grad():
    probabilities = classifier.logits(center_crop(resize(coffee, [256]), [224])[None]).softmax(-1)[0]
for share, index in zip(*probabilities.topk(3), strict=True):
    print(f"{imagenet_classes()[index]:12s} {share:.2f}")

# %% [markdown]
# **What, where, and what else?** The detector outputs a list with a class, a score and a box for each object.
# The first entry alone answers "where"; the whole list answers "what else".

# %% tags=["nbval-ignore-output"]
found = detector.detect([coffee])[0]
for label, score, box in zip(found["labels"], found["scores"], found["boxes"], strict=True):
    print(
        f"{COCO_CLASSES[label - 1]:14s} {score:.2f}  x {box[0]:.0f} to {box[2]:.0f}, y {box[1]:.0f} to {box[3]:.0f}"
    )

# %% [markdown]
# **Which pixels?** Slide the classifier's last layer over its feature map, and every cell of 32 × 32 pixels gets its own probabilities.
# The result is a **class map**: for each class, how likely it is at each place. It is coarse, but it comes for free, because it was trained without a single mask. (Lab 11 is about this trick.)

# %%
CUP = [imagenet_classes().index(name) for name in ("espresso", "cup", "coffee mug", "soup bowl")]

with torch.no_grad():
    cells = classifier.head[0](classifier(coffee[None])["C5"])[0]  # (1280, h, w)
    scores = torch.einsum("kc,chw->khw", classifier.head[3].weight, cells).softmax(0)  # (1000, h, w)
cup_map = torch.nn.functional.interpolate(
    scores[CUP].sum(0)[None, None], size=coffee.shape[1:], mode="bilinear"
)[0]  # (1, H, W)

# %% [markdown]
# **Which pixels of which object?** Crop the class map with one of the detector's boxes: that gives one mask for one cup.

# %%
cup = next(
    box
    for box, label in zip(found["boxes"], found["labels"], strict=True)
    if COCO_CLASSES[label - 1] == "cup"
)
rows, columns = torch.arange(coffee.shape[1]), torch.arange(coffee.shape[2])
inside = ((rows >= cup[1]) & (rows < cup[3]))[:, None] & (columns >= cup[0]) & (columns < cup[2])  # (H, W)
class_map = cup_map > 0.25
instance = class_map & inside

# %% tags=["folded"]
answers = figures.Answers(
    what=imagenet_classes()[probabilities.argmax()],
    box=cup,
    boxes=found["boxes"],
    labels=found["labels"],
    class_maps=class_map,
    map_labels=found["labels"][:1],
    masks=instance,
    mask_labels=found["labels"][:1],
)
fig = figures.five_tasks(coffee, answers, COCO_CLASSES)
show(
    fig,
    alt="The coffee photograph five times: with its class, one box, all boxes, a coarse map of the cup's pixels, and the mask of one cup.",
)

# %% [markdown]
# The last two results are blurred, because a cell is 32 pixels wide. The second half of the course makes them sharp.
#
# **Open question.** The classifier sees only the centre of the image. When is that a good idea, and when not?

# %% [markdown]
# ## 2. Four numbers for a box
#
# A box is four numbers. Which four? Three conventions are in use:
#
# | name | numbers | used by |
# |---|---|---|
# | `xyxy` | left, top, right, bottom | torchvision, and **coursekit everywhere** |
# | `xywh` | left, top, width, height | COCO's annotation files |
# | `cxcywh` | centre x, centre y, width, height | YOLO, DETR |
#
# Coordinates are continuous and measured in pixels. The right and bottom edges are exclusive, so width = x2 - x1.

# %% [markdown]
# ### Exercise 1: from centres to corners
# Networks often predict a centre and a size. Turn them into corners: `(N, 4)` to `(N, 4)`, in a new tensor.
# Coordinates are continuous, so do not round them. A box may extend beyond the image, so do not clip it.


# %%
def cxcywh_to_xyxy(boxes: Tensor) -> Tensor:
    # BEGIN SOLUTION
    cx, cy, w, h = boxes.unbind(-1)
    return torch.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], -1)
    # END SOLUTION


cxcywh_to_xyxy = check(cxcywh_to_xyxy)

# %% [markdown]
# ### Exercise 2 (extra): a drawer of unlabelled arrays
# Six arrays describe **the same** box: the cup. The photograph is 400 pixels high and 600 wide.
# Someone forgot to write down the formats. Work out which is which. Change `LETTER` to draw an array as if it were `xyxy` in pixels.

# %%
ARRAYS = {
    "A": (173, 18, 409, 309),
    "B": (291, 163.5, 236, 291),
    "C": (18, 173, 309, 409),
    "D": (0.485, 0.409, 0.393, 0.728),
    "E": (173, 18, 236, 291),
    "F": (0.288, 0.045, 0.682, 0.773),
}
LETTER = "B"

fig, ax = plt.subplots(figsize=(4.5, 3))
draw_boxes(ax, coffee, torch.tensor([ARRAYS[LETTER]], dtype=torch.float32))
ax.set_title(f"{LETTER} drawn as xyxy")
show(fig, alt=f"The coffee photograph with array {LETTER} drawn as if it were xyxy.")


# %%
def spot_formats() -> dict[str, str]:
    """Each of: "xyxy", "xywh", "cxcywh", "yxyx", "xyxy, normalised", "cxcywh, normalised"."""
    # BEGIN SOLUTION
    return {
        "A": "xyxy",
        "B": "cxcywh",
        "C": "yxyx",
        "D": "cxcywh, normalised",
        "E": "xywh",
        "F": "xyxy, normalised",
    }
    # END SOLUTION


spot_formats = check(spot_formats)

# %% [markdown]
# ## 3. How well do two boxes agree?
#
# **Intersection over union** (IoU) is the area covered by both boxes divided by the area covered by at least one of them.
# It is 1 for equal boxes and 0 for boxes that do not overlap, and it does not depend on the size of the image.
#
# ### Exercise 3: IoU of all pairs
# `(N, 4)` boxes against `(M, 4)` boxes give an `(N, M)` table. Our convention: the IoU of a box without area is 0 with every box, never NaN.


# %%
def box_iou(a: Tensor, b: Tensor) -> Tensor:
    # BEGIN SOLUTION
    top_left = torch.max(a[:, None, :2], b[None, :, :2])  # (N, M, 2)
    bottom_right = torch.min(a[:, None, 2:], b[None, :, 2:])  # (N, M, 2)
    intersection = (bottom_right - top_left).clamp(min=0).prod(-1)  # (N, M)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(-1), (b[:, 2:] - b[:, :2]).prod(-1)  # (N,), (M,)
    union = area_a[:, None] + area_b[None] - intersection  # (N, M)
    return torch.where(union > 0, intersection / union.clamp(min=1e-9), 0.0)
    # END SOLUTION


box_iou = check(box_iou)

# %% [markdown]
# Drag the boxes or their corners. The label shows what **your** function returns.
# With the keyboard, Tab selects a box, the arrow keys move it, and Shift with an arrow key resizes it.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import BoxIoU

BoxIoU(iou=box_iou, image=coffee, box_a=ARRAYS["A"], box_b=(230, 60, 460, 280))

# %% [markdown]
# Try it: cover exactly half of one box with the other, which has the same size. Why is the IoU 0.333, and not 0.5?
#
# How far off can a box be? Shift boxes of three sizes to the right and watch their IoU with the original box.

# %%
shift = torch.arange(0, 61.0)  # pixels
curves = {}
for size in (16, 48, 96):
    moved = torch.stack([shift, 0 * shift, shift + size, 0 * shift + size], 1)  # (61, 4)
    curves[f"{size} × {size}"] = box_iou(moved, torch.tensor([[0.0, 0.0, size, size]]))[:, 0]
fig = figures.iou_against_shift(shift, curves)
show(
    fig,
    alt="IoU falls as a box is shifted: the 16-pixel box is below 0.5 after 6 pixels, the 96-pixel box after 32.",
)

# %% [markdown]
# The same error of 10 pixels is fatal for a small object and harmless for a large one.
#
# Compare with the library. If neither box has an area, torchvision's function returns NaN; ours returns 0.

# %%
import torchvision

a, b = torch.tensor([[0.0, 0, 4, 2], [3, 3, 3, 3]]), torch.tensor([[2.0, 0, 6, 2], [3, 3, 3, 3]])
print("yours      ", box_iou(a, b).tolist())
print("torchvision", torchvision.ops.box_iou(a, b).tolist())

# %% [markdown]
# **A beautiful silent bug.** Pass `xyxy` boxes to something that expects `xywh`. Nothing crashes,
# and half of the boxes look reasonable. Only the IoU gives it away.

# %%
truth = torch.tensor([[20.0, 30, 120, 90], [60, 40, 90, 160]])
misread = ops.box_convert(truth, "xywh", "xyxy")  # as if x2, y2 were a width and a height
print(
    "IoU of each box with itself, misread:",
    [round(v, 2) for v in box_iou(truth, misread).diagonal().tolist()],
)

# %% [markdown]
# ## 4. A detector on real photographs
#
# Here is the COCO-trained detector again, on four photographs. The black dashed boxes were drawn by hand.
# Your IoU compares each hand-drawn box with the detector's best match.

# %%
from coursekit.data.photos import photo_annotations, photo_target

NAMES = ("coffee", "chelsea", "astronaut", "coins")
pictures = [photo(name) for name in NAMES]
detections = detector.detect(pictures)

fig, axes = plt.subplots(1, 4, figsize=(13, 3.2))
for ax, name, picture, detection in zip(axes, NAMES, pictures, detections, strict=True):
    draw_boxes(ax, picture, photo_target(name)["boxes"], colour="black", dashed=True)
    draw_boxes(ax, None, detection["boxes"], detection["labels"], classes=COCO_CLASSES)
    ax.set_title(name)
show(
    fig,
    alt="Four photographs with hand-drawn and detected boxes: a cup, a cat, an astronaut, and two dozen coins.",
)

# %% tags=["nbval-ignore-output"]
names = {category["id"]: category["name"] for category in photo_annotations()["categories"]}
for name, detection in zip(NAMES, detections, strict=True):
    true = photo_target(name)
    best, index = box_iou(true["boxes"], detection["boxes"]).max(1)
    for label, value, i in list(zip(true["labels"], best, index, strict=True))[:3]:
        print(
            f"{name:10s} {names[int(label)]:8s} best IoU {value:.2f}, called {COCO_CLASSES[detection['labels'][i] - 1]}"
        )

# %% [markdown]
# The detector was trained on 80 classes, and coins are not among them. A network cannot predict "something else" unless it has learnt to.

# %% [markdown]
# Now your own photograph: upload one, or keep the motorcycle. Nothing leaves this computer.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import PhotoInput

mine = PhotoInput(fallback="motorcycle")
mine

# %%
detection = detector.detect([mine.image], score_threshold=0.3)[0]
fig, ax = plt.subplots(figsize=(5, 3.6))
draw_boxes(ax, mine.image, detection["boxes"], detection["labels"], detection["scores"], COCO_CLASSES)
show(fig, alt="The chosen photograph with the detected boxes, if there are any.")

# %% [markdown]
# **Open question.** On which of your photographs does it fail, and what do they have in common?

# %% [markdown]
# ## 5. Images with one object
#
# The training data are photorealistic still lifes of ten everyday classes, with one object per image.
# A program modelled and path-traced them, so every box is exact. There are two test sets:
# **new scenes** show objects that the network was trained on, on other tables and in other light; **unseen objects** are objects that it was never trained on.

# %%
from coursekit.data.still_life import CLASSES, still_life

train, val = still_life("single_train"), still_life("single_val")
new_scenes, unseen_objects = still_life("single_test_scenes"), still_life("single_test_objects")
print(
    f"{len(train)} images to train, {len(val)} to validate, {len(new_scenes)} + {len(unseen_objects)} to test"
)


# %%
def box_and_label(target):
    return {name: target[name] for name in ("boxes", "labels")}


pairs = [train[i] for i in range(12)]
fig = gallery(
    [image for image, _ in pairs], [box_and_label(target) for _, target in pairs], classes=CLASSES, columns=6
)
show(fig, alt="Twelve training images with one object each, its box and its class.")

# %% [markdown]
# ### Exercise 4: a mirror
# Mirroring each image doubles the data for free. A target is a dict with `boxes` and `labels`.
# Return a new image and a new dict, with the boxes in the same order, and leave the old ones unchanged.


# %%
def horizontal_flip(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    # BEGIN SOLUTION
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    width = image.shape[-1]
    return image.flip(-1), target | {"boxes": torch.stack([width - x2, y1, width - x1, y2], -1)}
    # END SOLUTION


horizontal_flip = check(horizontal_flip)

# %%
image, target = train[11]
mirrored = horizontal_flip(image, box_and_label(target))
fig = gallery([image, mirrored[0]], [box_and_label(target), mirrored[1]], classes=CLASSES, columns=2)
show(fig, alt="A training image and its mirror image; the box has moved with the object.")

# %% [markdown]
# ## 6. Features that somebody else paid for
#
# ImageNet has 1.2 million images; we have a few hundred. So we keep the classifier's layers and throw away only the last one.
# What is left, the **backbone**, turns an image into **feature maps**: grids of cells with one number per channel. The cells of `C3` are 8 pixels wide, those of `C4` 16 and those of `C5` 32.

# %% tags=["folded"]
with torch.no_grad():
    features = classifier(image[None])
maps = {level: features[level][0] for level in ("C2", "C3", "C4", "C5")}  # (channels, h, w) each
fig = figures.feature_maps(image, maps)
show(
    fig,
    alt="A still life and one channel of each of four feature maps, from fine to coarse; the object's position is visible in all of them.",
)

# %% [markdown]
# The usual classifier then takes the **average** of each channel (**global average pooling**). That leaves one number per channel. It can tell us *whether* there is fur, but not *where*.
#
# ### Exercise 5 (extra): what an average forgets
# Return a different feature map of the same shape with the same average in every channel, as if the same object stood elsewhere.
# There are many correct answers. Keep all values of each channel, but move them to other cells, in a new tensor.


# %%
def move_the_object(features: Tensor) -> Tensor:
    # BEGIN SOLUTION
    return features.roll((1, 1), (-2, -1))
    # END SOLUTION


move_the_object = check(move_the_object)

# %% [markdown]
# A head that comes after the average receives the same numbers for both maps, so it **cannot** tell them apart. Remember this when we train.

# %% [markdown]
# ### Exercise 6: from outputs to pixels
# The network's four outputs are a centre and a size as **fractions of its own image**, `cxcywh` in [0, 1].
# `outputs` is `(N, 4)`, `sizes` is `(N, 2)`: the height and the width of each image. Return `(N, 4)` corners in pixels.
# A predicted box may extend beyond its image, so do not clip it. The network is trained through this function, so gradients must reach `outputs`.


# %%
def decode_box(outputs: Tensor, sizes: Tensor) -> Tensor:
    # BEGIN SOLUTION
    height, width = sizes.unbind(-1)
    cx, cy, w, h = (outputs * torch.stack([width, height, width, height], -1)).unbind(-1)
    return torch.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], -1)
    # END SOLUTION


decode_box = check(decode_box)

# %% [markdown]
# ## 7. What is a good loss for a box?
#
# The standard loss for regression is the squared distance of the four numbers. Is that what we want?
# The three predictions below have exactly the **same** squared distance from the ground truth, but different IoUs.

# %%
truth = torch.tensor([40.0, 40.0, 100.0, 70.0])
errors = torch.tensor([[10.0, 10, 10, 10], [-10, -10, 10, 10], [10, 10, -10, -10]])
print("squared distances:", errors.square().sum(1).tolist())
fig = figures.equal_squared_errors(truth, truth + errors, iou=box_iou)
show(
    fig,
    alt="Three predicted boxes with equal squared error 400: shifted, too large, too small; their IoU differs.",
)

# %% [markdown]
# So why not train with 1 - IoU? If two boxes do not overlap, their IoU is 0, however far apart they are, so there is no gradient to bring them together.
# **Generalized IoU** subtracts one term: the share of the enclosing box $C$ that neither box covers (Rezatofighi et al., 2019).
#
# $$\mathrm{GIoU} = \mathrm{IoU} - \frac{|C| - |A \cup B|}{|C|}, \qquad \mathrm{loss} = 1 - \mathrm{GIoU}$$
#
# ### Exercise 7: a loss that pulls boxes together
# Prediction `i` belongs to target `i`: `(N, 4)` and `(N, 4)` give `N` losses.
# Gradients must reach `predicted`. If your `box_iou` uses `.item()` or `.tolist()`, it passes no gradients on: use `ops.box_iou` here.


# %%
def giou_loss(predicted: Tensor, target: Tensor) -> Tensor:
    # BEGIN SOLUTION
    iou = box_iou(predicted, target).diagonal()  # (N,)
    low = torch.min(predicted[:, :2], target[:, :2])
    high = torch.max(predicted[:, 2:], target[:, 2:])
    hull = (high - low).prod(-1)
    areas = (predicted[:, 2:] - predicted[:, :2]).prod(-1) + (target[:, 2:] - target[:, :2]).prod(-1)
    union = areas / (1 + iou)  # areas = union + intersection
    return 1 - iou + (hull - union) / hull
    # END SOLUTION


giou_loss = check(giou_loss)

# %%
gap = torch.linspace(-40, 120, 81)  # pixels between the boxes; negative: they overlap
moved = torch.stack([gap + 40, 0 * gap, gap + 80, 0 * gap + 40], 1)  # (81, 4)
fixed = torch.tensor([[0.0, 0.0, 40.0, 40.0]]).expand(81, 4)
fig = figures.losses_against_gap(
    gap, {"1 - IoU": 1 - box_iou(moved, fixed[:1])[:, 0], "1 - GIoU": giou_loss(moved, fixed)}
)
show(
    fig,
    alt="Once the boxes no longer overlap, 1 - IoU is flat at 1, while 1 - GIoU keeps rising with the gap.",
)

# %% [markdown]
# ### Exercise 8: the score of a localiser
# Return the mean IoU of prediction `i` with target `i` as a plain number: a `float`, not a tensor. Use your `box_iou`.


# %%
def mean_iou(predicted: Tensor, target: Tensor) -> float:
    # BEGIN SOLUTION
    return ops.box_iou(predicted, target).diagonal().mean().item()
    # END SOLUTION


mean_iou = check(mean_iou)

# %% [markdown]
# Before any training, how good is the laziest localiser? It always predicts the average box of the training set.

# %%
truths = {"new scenes": new_scenes, "unseen objects": unseen_objects}
boxes = {
    name: torch.cat([dataset.target(i)["boxes"] for i in range(len(dataset))])
    for name, dataset in truths.items()
}
average = torch.cat([train.target(i)["boxes"] for i in range(len(train))]).mean(0)
for name, target_boxes in boxes.items():
    print(
        f"always the average box, {name:14s}: mean IoU {mean_iou(average.expand_as(target_boxes), target_boxes):.2f}"
    )

# %% [markdown]
# ## 8. Train two heads
#
# The backbone is **frozen**: training does not change its weights. So its features are computed only **once**, and training then reads them instead of the images.
# The flipped images are the second half of the training set.

# %% tags=["nbval-ignore-output"]
from torch.utils.data import ConcatDataset

from coursekit.data.features import cached_features
from coursekit.data.transforms import Flipped

both_ways = ConcatDataset(
    [cached_features(train, classifier), cached_features(Flipped(train, horizontal_flip), classifier)]
)
tests = {name: cached_features(dataset, classifier) for name, dataset in truths.items()}

# %% [markdown]
# Both heads see the same feature maps. The **pooled** head averages each channel first. The **spatial** head keeps every cell.
# Both are trained with your `decode_box` and your `giou_loss`.

# %% tags=["nbval-ignore-output"]
from classroom import progress_bar, steps
from coursekit.models.localiser import Localiser
from coursekit.training import fit, predict

STEPS, SECONDS = 1000, 20
models, curves = {}, {}
for head in ("pooled", "spatial"):
    torch.manual_seed(0)
    models[head] = Localiser(len(CLASSES), head, box_loss=giou_loss, decode=decode_box)
    curves[head] = [
        step.losses["box"]
        for step in progress_bar(fit(models[head], both_ways, steps(STEPS), seed=0), SECONDS)
    ]

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(5, 2.8))
for head, losses in curves.items():
    smooth = torch.tensor(losses).unfold(0, min(25, len(losses)), 1).mean(-1)
    ax.plot(smooth, label=head)
ax.set(xlabel="step", ylabel="box loss (1 - GIoU)", ylim=(0, None))
ax.legend()
show(fig, alt="The box loss of both heads during training: the spatial head falls far below the pooled one.")

# %% [markdown]
# ## 9. How good is it? Numbers with an interval
#
# The mean over a few hundred images depends on which images they are. So each score comes with a 95 % **bootstrap** interval: the range that holds 95 % of the means when the images are drawn again at random, with repetition.
# Your `box_iou` computes the IoUs.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import bootstrap_interval, localisation_scores

predictions, scores = {}, {}
for head, model in models.items():
    for name, dataset in truths.items():
        targets = [dataset.target(i) for i in range(len(dataset))]
        predictions[head, name] = predict(model, tests[name])
        scores[head, name] = localisation_scores(predictions[head, name], targets, iou=box_iou)
        iou, low, high = bootstrap_interval(scores[head, name]["iou"])
        print(
            f"{head:8s} {name:15s} mean IoU {iou:.2f} [{low:.2f}, {high:.2f}]   class {scores[head, name]['accuracy']:.2f}"
        )

# %% [markdown]
# In mean IoU the pooled head is nearer to the laziest localiser than to the spatial head, yet it predicts the class just as well.
# *What* survives the average; *where* hardly does. Unseen objects are also harder to classify than the objects in new scenes, so keep both numbers in mind.
#
# Check the result by hand, with your `mean_iou`:

# %% tags=["nbval-ignore-output"]
for name, target_boxes in boxes.items():
    found = torch.cat([prediction["boxes"] for prediction in predictions["spatial", name]])
    print(f"{name:15s} mean IoU {mean_iou(found, target_boxes):.4f}")

# %% tags=["solution"]
assert scores["spatial", "new scenes"]["mean_iou"] > scores["pooled", "new scenes"]["mean_iou"]

# %% tags=["solution"]
assert (
    scores["spatial", "new scenes"]["mean_iou"] >= 0.70
    and scores["spatial", "new scenes"]["accuracy"] >= 0.90
)
assert (
    scores["spatial", "unseen objects"]["mean_iou"] >= 0.60
    and scores["spatial", "unseen objects"]["accuracy"] >= 0.80
)

# %% [markdown]
# ## 10. Look at the mistakes
#
# A score hides everything. Step through the unseen objects, worst first. Dashed: ground truth.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import PredictionBrowser

PredictionBrowser(unseen_objects, predictions["spatial", "unseen objects"], CLASSES)

# %% tags=["folded"]
order = scores["spatial", "unseen objects"]["iou"].argsort()
chosen = [int(i) for i in (*order[:4], *order[-4:])]
pairs = [unseen_objects[i] for i in chosen]
fig = gallery(
    [image for image, _ in pairs],
    [target for _, target in pairs],
    [predictions["spatial", "unseen objects"][i] for i in chosen],
    CLASSES,
    titles=[f"IoU {scores['spatial', 'unseen objects']['iou'][i]:.2f}" for i in chosen],
)
show(
    fig,
    alt="The four worst and the four best predictions for unseen objects, with the true boxes as dashed lines.",
)

# %% [markdown]
# And your own photograph? The localiser knows ten classes of things on tables, **and always predicts exactly one box**.

# %%
square = resize(center_crop(mine.image, [min(mine.image.shape[1:])] * 2), [192, 192])
with torch.no_grad():
    answer = models["spatial"].eval()([{level: f[0] for level, f in classifier(square[None]).items()}])[0]
fig, ax = plt.subplots(figsize=(3, 3))
draw_boxes(ax, square, answer["boxes"], answer["labels"], answer["scores"], CLASSES)
show(fig, alt="The chosen photograph with the one box and the one class of the localiser.")

# %% [markdown]
# ## What you can now say
#
# - I can read and convert the three box formats, and I know the bug that mixing them causes.
# - IoU compares boxes of any size, and I know its corner cases: boxes that only touch, do not overlap, or have no area.
# - 1 - IoU has zero gradient when the boxes do not overlap; 1 - GIoU does not.
# - With a frozen ImageNet backbone, a head learns to localise an object in seconds.
# - Global average pooling discards positions. A head that must predict *where* needs to keep them.
# - A score is incomplete without its interval and the name of its test set: new scenes or unseen objects.
#
# ## Open questions
#
# 1. Two objects are on the table. What will the network predict, and why? (Lab 02)
# 2. `C5` has cells of 32 pixels. How can the box be more precise than a cell?
# 3. Would `C3` help small objects? Try `cached_features(..., levels=("C3", "C4", "C5"))` and a head of your own.
# 4. Is an IoU of 0.7 good? Draw ten boxes by hand, twice, and measure your IoU with yourself.
