# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 04: Many scales, and nearly all of it is background
#
# The cells of lab 03's grid all have the same size, but a mushroom is small and a book is large. **SSD** and **RetinaNet** lay thousands of boxes of many
# sizes and shapes over the image, called **anchors**, so that every object has one that fits. The price is that nearly all anchors contain nothing but table.
# You build both remedies: hard negatives and the focal loss.
#
# | you write | you see | you train |
# |---|---|---|
# | anchors, their matching, encoding and decoding of offsets, hard negatives, a pyramid, the focal loss, an initial bias | where the loss comes from, measured | SSD; RetinaNet, without and with the focal loss; YOLO beside them |
#
# **Time:** about 80 minutes on a first reading, or 105 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Results of this lab** (95 % intervals; new scenes / unseen objects; seed 0; 90 CPU seconds of training each; `data/checkpoints/scores.json`):
#
# | model | AP | AP50 |
# |---|---|---|
# | YOLO, 2016 (lab 03) | 0.47 [0.45, 0.49] / 0.40 [0.38, 0.42] | 0.87 [0.84, 0.89] / 0.79 [0.77, 0.82] |
# | SSD | 0.58 [0.57, 0.60] / 0.49 [0.47, 0.51] | 0.90 [0.89, 0.92] / 0.82 [0.80, 0.85] |
# | RetinaNet | 0.58 [0.57, 0.61] / 0.50 [0.49, 0.52] | 0.89 [0.88, 0.91] / 0.83 [0.81, 0.85] |
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("anchors_of_cell")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import math

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor

from classroom import check, figures, hint, show, style
from coursekit import ops
from coursekit.draw import draw_boxes, draw_image

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. Objects of many sizes
#
# How large are the objects in the 1,600 training scenes? By the size of a box we mean the side of a square of the same area.

# %%
from coursekit.data.still_life import CLASSES, still_life

scenes = still_life("train")
targets = [scenes.target(i) for i in range(len(scenes))]
objects = torch.cat([target["boxes"] for target in targets])  # (G, 4)
width, height = (objects[:, 2:] - objects[:, :2]).T
size = (width * height).sqrt()
print(
    f"{len(objects)} objects, from {size.min():.0f} to {size.max():.0f} pixels; half of them from "
    f"{size.quantile(0.25):.0f} to {size.quantile(0.75):.0f}"
)

# %% tags=["folded"]
fig, axes = plt.subplots(1, 2, figsize=(9, 2.6))
axes[0].hist(size, bins=40)
axes[0].set(xlabel="size in pixels, of 192", ylabel="objects")
axes[1].hist((height / width).log2(), bins=40)
axes[1].set(
    xlabel="height / width", xticks=range(-3, 4), xticklabels=["1/8", "1/4", "1/2", "1", "2", "4", "8"]
)
show(
    fig,
    alt="Two histograms. Sizes spread from 10 to 192 pixels around 55; height over width spreads from about 1/8 to 8 around 1.",
)

# %% [markdown]
# One box per cell cannot fit them all. So each cell gets several **anchors**: boxes around its centre that are fixed in advance, whatever the image shows.
# For each anchor the network then predicts *what it is, and how far off it is*.
#
# ### Exercise 1: the anchors of one cell
# `side` is the side of a square, in pixels. Return one box around (0, 0) for each of the `ratios`, `(R, 4)` xyxy.
# A ratio is **height / width**. All boxes have the **same area**, side².


# %%
def anchors_of_cell(side: float, ratios: tuple[float, ...]) -> Tensor:
    # BEGIN SOLUTION
    root = torch.tensor(ratios).sqrt()
    half = torch.stack([side / root, side * root], 1) / 2  # (R, 2): width, height
    return torch.cat([-half, half], 1)
    # END SOLUTION


anchors_of_cell = check(anchors_of_cell)

# %% [markdown]
# Our RetinaNet's anchors have a size of 5 cells and three ratios. A level of stride 8 has small cells, so its anchors are small.
# `ops.grid_anchors` copies them to every cell.

# %%
from coursekit.models.retinanet import ANCHOR_SIZE, RATIOS

STRIDES = {"P3": 8, "P4": 16, "P5": 32}
of_cell = {name: anchors_of_cell(ANCHOR_SIZE * stride, RATIOS).float() for name, stride in STRIDES.items()}
levels = {
    name: ops.grid_anchors(of_cell[name], (192 // stride, 192 // stride), stride)
    for name, stride in STRIDES.items()
}
crowded = next(i for i, target in enumerate(targets) if len(target["boxes"]) == 5)
image, target = scenes[crowded]
fig, axes = plt.subplots(1, 3, figsize=(10, 3.6))
for ax, (name, stride) in zip(axes, STRIDES.items(), strict=True):
    middle = 96 + stride / 2  # a cell right of the middle
    cells = 192 // stride
    figures.draw_level(ax, image, (cells, cells), of_cell[name] + middle)
    ax.set_title(f"{name}: {cells} x {cells} cells, {len(levels[name])} anchors")
show(
    fig,
    alt="One scene three times, under a fine, a medium and a coarse grid, each with the three anchors of one cell: "
    "a square, a wide and a tall box of equal area, larger on the coarser grid.",
)

# %% [markdown]
# Is there an anchor for every object? For each object in the training scenes, take the anchor that overlaps it most.

# %%
all_anchors = torch.cat(list(levels.values()))  # (A, 4)
for name, anchors in (levels | {"all": all_anchors}).items():
    best = ops.box_iou(objects, anchors).amax(1)
    print(
        f"{name:3s} {len(anchors):5d} anchors: {(best >= 0.5).float().mean():5.1%} of the objects have one with an IoU of 0.5"
    )

# %%
alone = [(ops.box_iou(objects, anchors).amax(1) >= 0.5).float().mean() for anchors in levels.values()]
assert max(alone) < 0.6 and (ops.box_iou(objects, all_anchors).amax(1) >= 0.5).float().mean() > 0.9

# %% [markdown]
# No single level serves even half of the objects. Together they serve nearly all.
#
# ## 2. Which anchor is trained on which object?
#
# An anchor is **positive**, which means that it is trained to detect an object, if it overlaps that object enough. It is **negative**, trained to predict "nothing", if it overlaps every object too little.
# In between it is **ignored**. Choose a level and move the threshold. When does an object lose its last anchor?

# %% tags=["nbval-ignore-output"]
from classroom.widgets import AnchorMatcher

AnchorMatcher(target["boxes"], levels, image)

# %% [markdown]
# SSD has its own list of anchors, which it calls *default boxes*, on four maps. It ignores none: a box with an IoU of at least 0.5 is positive, and all others are negative.
# With this rule alone some objects would have no positive box, so no box would be trained to detect them. That is why SSD also gives **each object its best box**, however little they overlap.
#
# ### Exercise 2: an anchor for every object
# `iou` is `(G, A)`: rows are objects, columns are anchors. Return `ops.Match(target, positive, negative)`, each `(A,)`:
# the object of each anchor, and two masks. If several objects have the same best box, it may be given to any of them. Every other positive
# box belongs to the object that it overlaps most. An image without objects (G = 0) has only negatives.


# %%
def force_match(iou: Tensor) -> ops.Match:
    # BEGIN SOLUTION
    if not len(iou):
        nothing = torch.zeros(iou.shape[1], dtype=torch.int64)
        return ops.Match(nothing, nothing > 0, nothing == 0)
    best, target = iou.max(0)
    positive = best >= 0.5
    for g, a in enumerate(iou.argmax(1)):
        positive[a], target[a] = True, g
    return ops.Match(target, positive, ~positive)
    # END SOLUTION


force_match = check(force_match)

# %% [markdown]
# How many objects does that save? (An object can still lose its box to another one with the same best box.)

# %%
from coursekit.models.ssd import default_boxes_of

maps = {f"C{k}": torch.zeros(1, 1, 192 // 2**k, 192 // 2**k) for k in (3, 4, 5, 6)}
default_boxes = default_boxes_of(maps, (192, 192))
lost = {"threshold alone": 0, "best box of each object too": 0}
for each in targets:
    iou = ops.box_iou(each["boxes"], default_boxes)
    for name, match in (
        ("threshold alone", ops.match_by_iou(iou, 0.5, 0.5)),
        ("best box of each object too", force_match(iou)),
    ):
        lost[name] += len(each["boxes"]) - len(match.target[match.positive].unique())
for name, count in lost.items():
    print(f"{name:28s} {count:4d} of {len(objects)} objects have no positive box among {len(default_boxes)}")

# %% [markdown]
# ## 3. From an anchor to the box, and back
#
# An anchor is near the object, but not exactly right. So the network predicts four **offsets** from anchor $a$ to box $b$:
#
# $$d_x = \frac{x_b - x_a}{w_a} \qquad d_y = \frac{y_b - y_a}{h_a} \qquad d_w = \log\frac{w_b}{w_a} \qquad d_h = \log\frac{h_b}{h_a}$$
#
# Here $x, y$ are centres. Because offsets are measured in sizes of the anchor, they are similar for small and large objects. Each offset is multiplied by a weight, so that
# it is large enough to matter in the loss: SSD uses (10, 10, 5, 5).
#
# ### Exercise 3: encode
# Boxes and anchors are `(N, 4)` xyxy. Return `(N, 4)`. The logarithm of a width or height of 0 does not exist, so raise a `ValueError` for such a box, even if it is
# one among many. There may be no boxes at all.


# %%
def encode_offsets(boxes: Tensor, anchors: Tensor, weights: tuple = (1.0, 1.0, 1.0, 1.0)) -> Tensor:
    # BEGIN SOLUTION
    centre, sides = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    start, start_sides = (anchors[:, :2] + anchors[:, 2:]) / 2, anchors[:, 2:] - anchors[:, :2]
    if (sides <= 0).any():
        raise ValueError("a box has no width or height")
    offsets = torch.cat([(centre - start) / start_sides, (sides / start_sides).log()], 1)
    return offsets * torch.tensor(weights)
    # END SOLUTION


encode_offsets = check(encode_offsets)

# %% [markdown]
# ### Exercise 4: decode
# Now the inverse. Offsets and anchors have the same shape, `(..., 4)`, with any number of axes before the last. Early in training an output may be 100, and $e^{100}$ is infinite in float32,
# so limit $d_w$ and $d_h$ (after dividing by the weights) to at most $\log(1000/16)$.


# %%
def decode_offsets(offsets: Tensor, anchors: Tensor, weights: tuple = (1.0, 1.0, 1.0, 1.0)) -> Tensor:
    # BEGIN SOLUTION
    offsets = offsets / torch.tensor(weights)
    start, start_sides = (anchors[..., :2] + anchors[..., 2:]) / 2, anchors[..., 2:] - anchors[..., :2]
    centre = start + offsets[..., :2] * start_sides
    sides = start_sides * offsets[..., 2:].clamp(max=math.log(1000 / 16)).exp()
    return torch.cat([centre - sides / 2, centre + sides / 2], -1)
    # END SOLUTION


decode_offsets = check(decode_offsets)

# %% [markdown]
# Here is your decoder at work, inside an SSD that was trained for 90 CPU seconds: the twelve most confident default boxes of one scene, and where their offsets move them.

# %%
from coursekit import shipped
from coursekit.models.ssd import OFFSET_WEIGHTS

good_ssd = shipped("ssd")
val = still_life("val")
with torch.no_grad():
    logits, offsets, boxes = good_ssd.outputs([val[5][0]])
best = logits[0].softmax(-1)[:, 1:].amax(-1).topk(12).indices
decoded = decode_offsets(offsets[0], boxes, OFFSET_WEIGHTS)
fig, axes = plt.subplots(1, 2, figsize=(7.6, 3.9))
for ax, shown, title in zip(axes, (boxes, decoded), ("default boxes", "decoded"), strict=True):
    draw_image(ax, val[5][0], title)
    draw_boxes(ax, None, shown[best])
show(
    fig,
    alt="The same scene twice: default boxes roughly around the objects, and the decoded boxes, "
    "which coincide and fit the objects tightly.",
)

# %% [markdown]
# ## 4. Nearly all of it is background
#
# Each image has 3,132 default boxes. How many of them belong to an object?

# %% tags=["nbval-ignore-output"]
from coursekit.data.still_life_features import still_life_features

train = still_life_features(
    "train", "boxes", mirrored=True
)  # cached features of the training scenes and of their mirror images
val_features = still_life_features("val")

# %%
matches = [force_match(ops.box_iou(target["boxes"], default_boxes)) for target in targets]
positive = torch.stack([match.positive for match in matches]).sum(1).float()
share = positive.mean() / len(default_boxes)
print(f"{positive.mean():.1f} of {len(default_boxes)} default boxes are on an object: {share:.2%}")
print(f'Always predicting "background" is right for {1 - share:.2%} of them.')

# %% [markdown]
# So an accuracy over anchors means nothing unless you compare it with the accuracy of always predicting "background". Let us print that beside every score.


# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def ssd_answers(model, dataset, count: int = 100) -> tuple[Tensor, Tensor]:
    """What each default box predicts and what it should predict: 0 is background, 1 to 10 are the classes."""
    said, labels = [], []
    for maps, target in (dataset[i] for i in range(count)):
        logits, _, boxes = model.eval().outputs([maps])
        match = force_match(ops.box_iou(target["boxes"], boxes))
        said.append(logits[0].argmax(-1))
        labels.append(torch.where(match.positive, target["labels"][match.target], 0))
    return torch.cat(said), torch.cat(labels)


def accuracy(title: str, said: Tensor, labels: Tensor) -> None:
    right, on_object = said == labels, labels > 0
    print(
        f"{title:28s} all anchors {right.float().mean():7.2%}   on an object {right[on_object].float().mean():7.2%}"
    )


said, labels = ssd_answers(good_ssd, val_features)
accuracy('always "background"', torch.zeros_like(labels), labels)
accuracy("SSD after 90 CPU seconds", said, labels)

# %%
baseline = (labels == 0).float().mean()
assert baseline > 0.97 and (said == labels).float().mean() - baseline < 0.03

# %% [markdown]
# In the left column the trained detector is hardly better than a constant. In the right one, the constant scores 0.
#
# The same happens to a loss: thousands of easy negatives have small losses each, and their sum drowns out the few objects.
# SSD's remedy is to train on all positives, but only on the **hardest negatives**, three for each positive: those with the largest losses.
#
# ### Exercise 5 (extra): hard negatives
# `losses`, `(A,)`, is the loss of each anchor; `match` says which anchors are positive and which are negative. Return a mask `(A,)`
# of the negatives with the largest losses: `ratio` for each positive, or all negatives if there are fewer. Among equal losses, choose any.


# %%
def hard_negatives(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    # BEGIN SOLUTION
    count = min(ratio * int(match.positive.sum()), int(match.negative.sum()))
    hardest = losses.masked_fill(~match.negative, -torch.inf).topk(count).indices
    mask = torch.zeros_like(match.negative)
    mask[hardest] = True
    return mask
    # END SOLUTION


hard_negatives = check(hard_negatives)

# %% [markdown]
# Now train an SSD with your matching, your offsets and your negatives. The published scores took 90 CPU seconds of training; you train for **a quarter** of those steps.

# %% tags=["nbval-ignore-output"]
from classroom import progress_bar, steps
from coursekit.metrics import coco_intervals
from coursekit.models.ssd import SSD
from coursekit.training import fit, predict

tests = {
    name: still_life_features(split)
    for name, split in (("new scenes", "test_scenes"), ("unseen objects", "test_objects"))
}
truth = {name: [dataset.target(i) for i in range(len(dataset))] for name, dataset in tests.items()}
found, ap = {}, {}


def evaluate(title: str, model) -> None:
    """Detect on both test splits; keep the predictions, and AP and AP50 with their intervals."""
    for name, dataset in tests.items():
        found[title, name] = predict(model, dataset)
        ap[title, name] = coco_intervals(found[title, name], truth[name])
        words = (
            f"{key} {{:.2f}} [{{:.2f}}, {{:.2f}}]".format(*ap[title, name][key]) for key in ("AP", "AP50")
        )
        print(f"{title:26s} {name:15s} {next(words)}   {next(words)}")


torch.manual_seed(0)
coder = (
    encode_offsets,
    lambda offsets, boxes, weights: decode_offsets(offsets, boxes.expand_as(offsets), weights),
)
ssd = SSD(len(CLASSES), match=force_match, mine=hard_negatives, coder=coder)
for _ in progress_bar(fit(ssd, train, steps(260), batch_size=8, seed=0), 25):
    pass

# %% tags=["nbval-ignore-output"]
evaluate("SSD", ssd)
said, labels = ssd_answers(ssd, val_features)
accuracy('always "background"', torch.zeros_like(labels), labels)
accuracy("your SSD", said, labels)

# %% tags=["solution"]
assert ap["SSD", "new scenes"]["AP50"][0] > 0.6 and ap["SSD", "unseen objects"]["AP50"][0] > 0.5

# %% [markdown]
# ## 5. A pyramid: the coarse map helps the fine one
#
# SSD's finest map has precise positions but recognises little, because only the first part of the network has processed it. The coarsest map recognises the most but hardly knows where things are.
# RetinaNet's **feature pyramid** passes down what the coarse map knows: it upsamples the coarse map, **adds** it to the next finer one, and so on.
#
# ```
# C3 -- 1x1 -- (+) -- 3x3 -> P3
#               ^ upsampled
# C4 -- 1x1 -- (+) -- 3x3 -> P4
#               ^ upsampled
# C5 -- 1x1 ----------- 3x3 -> P5
# ```
#
# ### Exercise 6: top down
# `lateral` is `(N, C, h, w)`; `coarser` is `(N, C, h', w')`, about half as large (sizes may be odd). Return their sum, `(N, C, h, w)`, in their dtype.
# Each fine cell takes the value of the nearest coarse one (for odd sizes, by any usual rule). Both maps are trained through the sum.


# %%
def top_down(lateral: Tensor, coarser: Tensor) -> Tensor:
    # BEGIN SOLUTION
    return lateral + F.interpolate(coarser, size=lateral.shape[-2:])
    # END SOLUTION


top_down = check(top_down)

# %% [markdown]
# How far does a change in `C5` reach? Change one of its 36 cells and see which cells of `P3` change, without and with your function.

# %%
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.nets.fpn import FeaturePyramid

torch.manual_seed(0)
pyramid = FeaturePyramid({level: EfficientNetLite0.channels[level] for level in ("C3", "C4", "C5")}, 64)
quiet = {
    level: torch.zeros(1, EfficientNetLite0.channels[level], 192 // s, 192 // s)
    for level, s in (("C3", 8), ("C4", 16), ("C5", 32))
}
loud = quiet | {
    "C5": quiet["C5"].index_put(
        (torch.tensor(0), torch.arange(320), torch.tensor(2), torch.tensor(3)), torch.tensor(1.0)
    )
}
fig, axes = plt.subplots(1, 3, figsize=(9, 3))
axes[0].imshow(loud["C5"][0].norm(dim=0))
axes[0].set_title("C5: one cell changed")
for ax, merge, title in zip(
    axes[1:], (lambda lateral, coarser: lateral, top_down), ("without", "with your top_down"), strict=True
):
    pyramid.merge = merge
    with torch.no_grad():
        change = (pyramid(loud)["P3"] - pyramid(quiet)["P3"])[0].norm(dim=0)
    ax.imshow(change, vmin=0)
    ax.set_title(f"P3 {title}: {(change > 0).sum()} cells notice")
for ax in axes:
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
show(
    fig,
    alt="One changed cell of C5. Without the top-down path nothing changes in P3; with it, a patch of 6 x 6 cells does.",
)

# %% [markdown]
# ## 6. The focal loss
#
# RetinaNet keeps **all** negatives. Its idea is that a prediction that is already right should hardly count. Let $p_t$ be the probability of the **right** answer:
# $p$ for an object, $1 - p$ for background. The cross-entropy is $-\log p_t$. The **focal loss** multiplies it by a power of the probability of the *wrong* answer:
#
# $$\mathrm{FL} = -\,\alpha_t\,(1 - p_t)^{\gamma} \log p_t$$
#
# $\gamma$ reduces the weight of easy examples. $\alpha_t$ balances the two kinds: it is $\alpha$ for objects and $1 - \alpha$ for background. The paper uses $\gamma = 2$ and $\alpha = 0.25$.
#
# ### Exercise 7: the focal loss, from logits
# `logits` and `targets` (0 or 1) have the same shape; return the loss of each. It must be exact at logits of ±60, and so must its gradient
# with respect to the logits, because the network is trained with it.


# %%
def focal_loss(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    # BEGIN SOLUTION
    p = logits.sigmoid()
    wrong = p * (1 - targets) + (1 - p) * targets
    balance = alpha * targets + (1 - alpha) * (1 - targets)
    cross_entropy = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return balance * wrong**gamma * cross_entropy
    # END SOLUTION


focal_loss = check(focal_loss)

# %%
fig, ax = plt.subplots(figsize=(5.6, 3.6))
figures.draw_focal_loss(ax, loss=focal_loss)
show(
    fig,
    alt="The loss against the probability of the right answer, for five gammas: all are large for wrong predictions; "
    "the larger gamma is, the sooner the loss vanishes as the prediction becomes right.",
)


# %%
def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """The focal loss with gamma 0 and no balance."""
    return 2 * focal_loss(logits, targets, alpha=0.5, gamma=0.0)


easy, nothing = torch.tensor([-6.0]), torch.zeros(1)
print(f"An easy negative, p = {easy.sigmoid().item():.4f}")
print(
    f"  cross-entropy {cross_entropy(easy, nothing).item():.2g}, focal loss {focal_loss(easy, nothing).item():.2g}"
)

# %% [markdown]
# ### Exercise 8 (extra): the first prediction
# Before training, the weights of the last layer are near 0, so the logit is its **bias**. With bias 0 every anchor predicts each class with probability 0.5,
# for 2,268 anchors times 10 classes. RetinaNet starts with a probability of $\pi = 0.01$ instead, its **prior**. Which bias has this sigmoid? Return a number, not a tensor.


# %%
def prior_bias(probability: float) -> float:
    # BEGIN SOLUTION
    return -math.log((1 - probability) / probability)
    # END SOLUTION


prior_bias = check(prior_bias)

# %% [markdown]
# Now measure **where the loss comes from**. RetinaNet's `assign` returns which anchors enter the loss and what they should predict.
# We split its loss into three parts: objects, *hard* background ($p \geq 0.1$) and *easy* background.

# %% tags=["nbval-ignore-output"]
from coursekit.models.retinanet import RetinaNet

LOSSES = {"cross-entropy": cross_entropy, "focal loss": focal_loss}
batch, batch_targets = map(list, zip(*[val_features[i] for i in range(60)], strict=True))


def new_retinanet(bias: float, loss=focal_loss) -> RetinaNet:
    """A RetinaNet made of your parts, the same at each call except for its bias and its loss."""
    torch.manual_seed(0)
    model = RetinaNet(len(CLASSES), loss=loss)
    model.pyramid.merge = top_down
    torch.nn.init.constant_(model.class_head.last.bias, bias)
    return model


@torch.no_grad()
def judged_answers(model: RetinaNet) -> tuple[Tensor, Tensor, int]:
    """Logits and right answers of all anchors in the loss of 60 validation scenes, and how many belong to an object."""
    logits, _, anchors = model.eval().outputs(batch)
    positive, judged, _, classes = model.assign(batch_targets, anchors)
    return logits[judged], classes[judged], int(positive.sum())


def shares(title: str, model: RetinaNet) -> dict[str, dict[str, float]]:
    logits, classes, positive = judged_answers(model)
    rows = {}
    for name, loss in LOSSES.items():
        values = loss(logits, classes)
        rows[f"{title}: {name}"] = figures.loss_shares(values, logits, classes)
        print(f"{title:20s} {name:14s} {values.sum() / positive:8.2f} for each positive anchor")
    return rows


rows = shares("bias 0", new_retinanet(0.0)) | shares("prior 0.01", new_retinanet(prior_bias(0.01)))

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(8, 2.6))
figures.draw_loss_shares(ax, rows)
ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.25), ncols=3)
show(
    fig,
    alt="Shares of the loss before training. With bias 0 nearly all of it is background, under both losses. With the prior, "
    "more than half of the cross-entropy is easy background, while nearly all of the focal loss is objects.",
)

# %% tags=["solution"]
assert rows["bias 0: focal loss"]["objects"] < 0.01 < 0.99 < rows["prior 0.01: focal loss"]["objects"]
assert rows["prior 0.01: cross-entropy"]["easy background"] > 0.5

# %% [markdown]
# Both are needed. With bias 0 *all* background is hard, and the focal loss cannot help. With the prior it is easy, so the focal loss removes it,
# and already the first gradient is about objects.
#
# ## 7. RetinaNet, without and with the focal loss
#
# These two networks differ only in the loss: they have the same initial weights, the same prior, the same batches and a quarter of the published steps.

# %% tags=["nbval-ignore-output"]
retinanets = {name: new_retinanet(prior_bias(0.01), loss) for name, loss in LOSSES.items()}
run = fit(retinanets["cross-entropy"], train, steps(260), batch_size=8, seed=0)
for _ in progress_bar(run, 22):
    pass

# %% tags=["nbval-ignore-output"]
run = fit(retinanets["focal loss"], train, steps(260), batch_size=8, seed=0)
for _ in progress_bar(run, 22):
    pass

# %% tags=["nbval-ignore-output"]
for name, model in retinanets.items():
    evaluate(f"RetinaNet, {name}", model)

# %% tags=["solution"]
for name in tests:
    assert ap["RetinaNet, focal loss", name]["AP50"][0] > 0.5

# %% [markdown]
# And where does the loss come from **after** training? Measure both networks with both losses:
# "after cross-entropy: focal loss" is the network that was trained with the cross-entropy, measured with the focal loss.

# %% tags=["nbval-ignore-output"]
rows = {}
for name, model in retinanets.items():
    rows |= shares(f"after {name}", model)
    logits, classes, _ = judged_answers(model)
    p, best = logits.sigmoid().max(-1)
    labels = torch.where(classes.amax(-1) > 0, classes.argmax(-1) + 1, 0)
    accuracy(f"RetinaNet, {name}", torch.where(p > 0.5, best + 1, 0), labels)
accuracy('always "background"', torch.zeros_like(labels), labels)

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(8, 2.6))
figures.draw_loss_shares(ax, rows)
ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.25), ncols=3)
show(
    fig,
    alt="Shares of the loss after training, one bar for each network and loss. Measured with the cross-entropy, easy background "
    "has a visible share, and most of the loss of the network that was trained with the focal loss. Measured with the focal loss, "
    "it has almost none, and objects have most of it.",
)

# %% tags=["solution"]
for name in LOSSES:
    assert (
        rows[f"after {name}: focal loss"]["easy background"]
        < 0.1
        < rows[f"after {name}: cross-entropy"]["easy background"]
    )
assert rows["after focal loss: cross-entropy"]["easy background"] > 0.5

# %% [markdown]
# Look at the network that was trained with the focal loss. It leaves easy background at "rather not" and never pushes it to "certainly not".
# Measured with the cross-entropy, most of its loss is there, so training would go on working on it. For the focal loss that is settled:
# what counts is the objects, and background that looks like one.
#
# The network that was trained with the cross-entropy has pushed the background further down instead. Which of the two is the better detector?
# Compare their APs above, with the intervals. Then compare their accuracies over anchors: do these rank the two in the same order as AP?
#
# ## 8. The same data, the same budget
#
# Train one more: the YOLO of lab 03, with a quarter of its steps. Then compare all of them, and their published scores after 90 CPU seconds.

# %% tags=["nbval-ignore-output"]
from coursekit.models.yolo import Yolo

torch.manual_seed(0)
yolo = Yolo(len(CLASSES))
for _ in progress_bar(fit(yolo, train, steps(285), batch_size=16, seed=0), 25):
    pass
evaluate("YOLO", yolo)

# %%
from coursekit.published import record

MODELS = {"yolo": "YOLO", "ssd": "SSD", "retinanet": "RetinaNet, focal loss"}
published = {recipe: record(recipe)["scores"] for recipe in MODELS}

# %% tags=["nbval-ignore-output", "folded"]
fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
for ax, (name, split) in zip(
    axes, (("new scenes", "test_scenes"), ("unseen objects", "test_objects")), strict=True
):
    for shift, colour, words in (
        (-0.18, "C4", "yours, a quarter of the steps"),
        (0.18, "C0", "published, 90 CPU seconds"),
    ):
        for x, (recipe, title) in enumerate(MODELS.items()):
            value, low, high = ap[title, name]["AP"] if shift < 0 else published[recipe][split]["AP"]
            error = [[value - low], [high - value]]
            ax.bar(x + shift, value, 0.34, color=colour, label=None if x else words, yerr=error, capsize=4)
    ax.set_xticks(range(len(MODELS)), [title.split(",")[0] for title in MODELS.values()])
    ax.set(title=name)
axes[0].set_ylabel("AP")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
show(
    fig,
    alt="Bars of AP with intervals for YOLO, SSD and RetinaNet on new scenes and on unseen objects: with either budget "
    "YOLO, which has only one grid, is below SSD and RetinaNet.",
)

# %% [markdown]
# Mind the intervals. Which one learns fastest, and does it stay ahead?
#
# YOLO has one grid; the others have three or four. Does that show where it should? COCO scores small (under 32² pixels), medium (up to 96²) and large objects separately.
# These are the published detectors, on new scenes.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import coco_metrics

print("model        AP   small  medium  large")
for recipe in MODELS:
    metrics = coco_metrics(predict(shipped(recipe), tests["new scenes"]), truth["new scenes"])
    print(
        f"{recipe:10s} {metrics['AP']:.2f}    {metrics['APs']:.2f}    {metrics['APm']:.2f}   {metrics['APl']:.2f}"
    )

# %% [markdown]
# Step through your RetinaNet's detections of unseen objects, worst image first. Dashed: ground truth.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import PredictionBrowser


def confident(prediction: dict) -> dict:
    keep = prediction["scores"] >= 0.4
    return {key: value[keep] for key, value in prediction.items()}


answers = [confident(prediction) for prediction in found["RetinaNet, focal loss", "unseen objects"]]
PredictionBrowser(still_life("test_objects"), answers, CLASSES)

# %% [markdown]
# ## 9. Extension: boxes that turn
#
# A banana that lies across the image fills only part of its upright box; the rest is table. A **rotated box** has five numbers, $(c_x, c_y, w, h, \theta)$:
# the centre, the sides and an angle, which `coursekit` measures in degrees, counter-clockwise. Below is the smallest rotated box around a mask, beside the upright box,
# for two validation scenes.


# %%
def lies_across(name: str, seen: dict) -> torch.Tensor:
    """Which objects of a scene are of this class, large, long and nearly diagonal: (G,) bool."""
    _, _, long, short, angle = ops.masks_to_rotated_boxes(seen["masks"]).unbind(1)
    own = seen["labels"] == 1 + CLASSES.index(name)
    return own & (seen["area"] > 1000) & (long > 1.4 * short) & ((angle % 90 - 45).abs() < 20)


fig, axes = plt.subplots(1, 2, figsize=(7.6, 3.9))
overlap = {}
for ax, name in zip(axes, ("banana", "book"), strict=True):
    i = next(i for i in range(len(val)) if lies_across(name, val.target(i)).any())
    seen = val.target(i)
    one = lies_across(name, seen).nonzero()[0]  # (1,)
    mask, upright = seen["masks"][one], seen["boxes"][one]
    turned = ops.masks_to_rotated_boxes(mask)  # (1, 5)
    corners = ops.rotated_box_corners(turned)[0]  # (4, 2)
    draw_image(ax, val[i][0], f"{name}, {turned[0, 4]:.0f}°")
    draw_boxes(ax, None, upright)
    ax.add_patch(plt.Polygon(corners.numpy(), fill=False, edgecolor="C0", linewidth=2.5))
    area = mask.sum().item()  # the mask lies in both boxes, so its IoU with a box is area / area of the box
    overlap[name] = area / ops.box_area(upright).item(), area / turned[0, 2:4].prod().item()
    print(
        f"{name:7s} IoU of its mask with the upright box {overlap[name][0]:.2f}, with the rotated box {overlap[name][1]:.2f}"
    )
show(
    fig,
    alt="A banana and a book that lie across two scenes, each with its upright box and a tighter rotated box in another colour.",
)

# %% tags=["solution"]
assert all(rotated > upright + 0.1 for upright, rotated in overlap.values())

# %% [markdown]
# Two rotated boxes overlap in a polygon with up to eight corners. `ops.rotated_box_iou` cuts the first box along each side of the second and measures what is left.
# Thin boxes are sensitive to the angle:

# %%
for shape, (w, h) in {"square": (40.0, 40.0), "2 : 1": (40.0, 20.0), "8 : 1": (40.0, 5.0)}.items():
    turns = torch.tensor([[50.0, 50.0, w, h, angle] for angle in (0, 2, 10, 45, 90, 178)])
    iou = ops.rotated_box_iou(turns[:1], turns)[0].tolist()
    print(
        f"{shape:6s} turned by 0°, 2°, 10°, 45°, 90°, 178°: IoU " + ", ".join(f"{each:.2f}" for each in iou)
    )

# %% [markdown]
# **Open question.** You want RetinaNet to detect rotated boxes. What would you have to change in the anchors, the box coder, the matching and the suppression?
# And why is it a problem for the loss if the true angle is 1° and the network predicts 179°?

# %% [markdown] tags=["solution"]
# *An example of a good answer.*
#
# - *Anchors:* add angles, for example 0°, 60° and 120° for each ratio, which makes three times as many; or keep upright anchors and let the coder turn them.
# - *Box coder:* a fifth offset for the angle, and centre offsets measured along the axes of the anchor instead of those of the image.
# - *Matching:* the rotated IoU. The table above shows that a thin anchor that is 10° off may overlap its object too little to be positive, so either more angles or a lower threshold is needed.
# - *Suppression:* `ops.rotated_nms` instead of `ops.nms`. Upright IoU would remove one of two parallel pencils that lie across, because their upright boxes nearly coincide.
# - *Loss:* 179° and 1° are 2° apart as rectangles, with nearly the same IoU as 2° (see the table: 178°), but 178° apart as numbers. An L1 loss on the angle pulls the prediction
#   the long way round, through boxes that are far worse. The same happens where width and height swap at 90°; a square has four right answers. Remedies: predict $\sin 2\theta$ and
#   $\cos 2\theta$, which are equal for $\theta$ and $\theta + 180°$; treat the angle as classes with a circular neighbourhood; or use a loss on the overlap itself, such as the rotated IoU.

# %% [markdown]
# ## What you can now say
#
# - Anchors are boxes that are fixed in advance. One level fits fewer than half of the objects, three levels fit nearly all.
# - Width is side / √ratio, height is side · √ratio: a different shape with the same area.
# - A threshold alone leaves some objects without an anchor, so each object's best anchor must be forced to be positive.
# - Offsets are measured in sizes of the anchor; sides are encoded with a logarithm and decoded with a bounded exponential.
# - "Always background" is right for about 99 % of the anchors. An accuracy over anchors should never stand alone.
# - Hard negatives select; the focal loss weights. It works only if the first predictions are already right for the background, which is what the prior is for.
# - A pyramid adds what coarse maps know to fine ones, so that one head can serve all levels.
# - A rotated box fits an object that lies across, but its angle is a number on a circle, and an ordinary loss does not know that.
#
# ## Open questions
#
# 1. Train RetinaNet with bias 0. What does the loss do in the first 20 steps?
# 2. The share of the loss is not the share of the gradient. Measure the latter at the logits: what changes?
# 3. Set `model.pyramid.merge = lambda lateral, coarser: lateral` before training. Which objects suffer: small, medium or large?
# 4. Train SSD without forced matches. Does losing those few objects show in AP?
# 5. Why should a box be positive at 0.5? Try 0.4 and 0.6 in `match=` and compare on `val`, never on the test sets.
