# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 09: Boxes without anchors
#
# The detectors of labs 04 and 06 start with thousands of anchors, and every anchor is a guess that someone made before seeing any image.
# Three detectors do without them. **CornerNet** detects two *corners* and joins them into a box. **CenterNet** detects the *centre* and measures from there.
# In **FCOS** every *cell* near the middle of an object predicts how far away the four sides of the object are.
#
# | you write | you see | you train |
# |---|---|---|
# | corner pooling, Gaussians and their loss, embeddings and pairs; peaks and sides; who owns a cell | corners detected and joined, wrong pairs counted, a detector in 40 lines that does not need NMS | CornerNet, CenterNet and FCOS, beside the RetinaNet of lab 04 |
#
# **Time:** about 90 minutes on a first reading, or 110 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Results of this lab** (95 % intervals; new scenes / unseen objects; seed 0; `data/checkpoints/scores.json`):
#
# | model | training steps | AP | AP50 | AP75 |
# |---|---|---|---|---|
# | CornerNet | 1,200 | 0.57 [0.55, 0.60] / 0.47 [0.45, 0.51] | 0.74 [0.71, 0.77] / 0.66 [0.63, 0.69] | 0.64 [0.61, 0.68] / 0.53 [0.50, 0.57] |
# | CenterNet | 900 | 0.54 [0.52, 0.56] / 0.46 [0.45, 0.49] | 0.85 [0.84, 0.88] / 0.77 [0.75, 0.80] | 0.59 [0.56, 0.64] / 0.51 [0.48, 0.55] |
# | FCOS | 1,050 | 0.58 [0.57, 0.61] / 0.51 [0.49, 0.53] | 0.89 [0.87, 0.91] / 0.82 [0.80, 0.85] | 0.68 [0.65, 0.72] / 0.55 [0.52, 0.59] |
# | RetinaNet (lab 04) | 1,050 | 0.58 [0.57, 0.61] / 0.50 [0.49, 0.52] | 0.89 [0.88, 0.91] / 0.83 [0.81, 0.85] | 0.67 [0.64, 0.70] / 0.53 [0.50, 0.57] |
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("corner_pool")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.peaks)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from classroom import check, hint, show, style
from classroom.figures import corners as figures
from coursekit import ops
from coursekit.draw import draw_boxes, draw_image

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. What is wrong with anchors?
#
# They work. But count the numbers that someone had to choose for them: sizes, ratios, and the overlaps (IoU) at which an anchor becomes positive or negative.

# %%
from coursekit.models import retinanet, rpn, ssd

SETTINGS = {
    "SSD (lab 04)": {
        "scales": ssd.SCALES,
        "ratios": ssd.RATIOS,
        "positive from": 0.5,
        "weights of the offsets": ssd.OFFSET_WEIGHTS,
        "negatives per positive": ssd.NEGATIVES,
    },
    "RetinaNet (lab 04)": {
        "size in cells": retinanet.ANCHOR_SIZE,
        "ratios": retinanet.RATIOS,
        "positive from": 0.5,
        "negative below": 0.4,
        "best of each object": True,
    },
    "region proposals (lab 06)": {
        "size in cells": rpn.ANCHOR_SIZE,
        "ratios": rpn.RATIOS,
        "positive from, negative below, best of each object": rpn.MATCH,
        "sample and its positive share": rpn.SAMPLE,
    },
}


def numbers_in(setting) -> int:
    """How many numbers a setting has, including those in nested tuples."""
    return sum(map(numbers_in, setting)) if isinstance(setting, tuple) else 1


for model, settings in SETTINGS.items():
    print(f"{model:26s} {sum(map(numbers_in, settings.values())):2d} numbers: {', '.join(settings)}")

# %% [markdown]
# Each of these numbers is a statement about *this* data set. What if the camera is farther away? Shrink the objects of the training scenes,
# and count those that one of RetinaNet's anchors overlaps with an IoU of at least 0.5.

# %%
from coursekit.data.still_life import CLASSES, still_life

scenes = still_life("train")
targets = [scenes.target(i) for i in range(len(scenes))]
objects = torch.cat([target["boxes"] for target in targets])  # (G, 4)
some = objects[::5]
levels = {f"P{k}": torch.zeros(1, 1, 192 // 2**k, 192 // 2**k) for k in (3, 4, 5)}
anchors = retinanet.anchors_of(levels, {"P3": 8, "P4": 16, "P5": 32})
squares = anchors[1::3]  # of the three ratios, the middle one
shrink = torch.tensor([1.0, 0.8, 0.6, 0.45, 0.35, 0.25, 0.18, 0.12])
shares = {
    name: [(ops.box_iou(some * factor, boxes).amax(1) >= 0.5).float().mean().item() for factor in shrink]
    for name, boxes in (("three ratios", anchors), ("squares only", squares))
}
fig, ax = plt.subplots(figsize=(5.6, 3))
for name, values in shares.items():
    ax.plot(shrink, values, "o-", label=name)
ax.set(
    xlabel="size of the objects (1: as they are)",
    ylabel="share that has an anchor",
    ylim=(0, 1),
    xlim=(1.03, 0),
)
ax.legend()
show(
    fig,
    alt="The share of objects that have an anchor with an IoU of at least 0.5, against their size: 95 % as "
    "they are, two thirds at 0.6 of that size, a fifth at 0.35, and none in the end; with squares only it is lower.",
)

# %% tags=["solution"]
assert shares["three ratios"][0] > 0.9 > 0.5 > shares["three ratios"][-1]
assert all(a >= b for a, b in zip(*shares.values(), strict=True))

# %% [markdown]
# For smaller objects these anchors are wrong, and you would have to choose again. Can a detector do without them?
#
# ## 2. There is no object at a corner
#
# A box is two points: its top-left and its bottom-right **corner**. A network can predict points on a **heat map**, a map whose values are high where the point is (lab 13 does this with parts of objects). But a corner of a *box* is a strange point.

# %%
val = still_life("val")
val_targets = [val.target(i) for i in range(len(val))]
empty = torch.cat(
    [
        ~target["masks"][torch.arange(len(x)), y, x]
        for target in val_targets
        for x, y in [target["boxes"][:, :2].long().unbind(1)]
    ]
)
print(f"{empty.float().mean():.1%} of the {len(empty)} top-left corners are not on their object.")

# %% tags=["solution"]
assert empty.float().mean() > 0.9

# %% tags=["folded"]
fig, axes = plt.subplots(1, 3, figsize=(10, 3.4))
for ax, i in zip(axes, (1, 5, 8), strict=True):
    image, target = val[i]
    whole = ((target["boxes"] > 4) & (target["boxes"] < 188)).all(1)  # not cut off by the border
    largest = int((ops.box_area(target["boxes"]) * whole).argmax())
    figures.draw_corner_clues(ax, image, target["boxes"][largest], target["masks"][largest])
show(
    fig,
    alt="Three objects in their boxes. The top-left corner of each box lies on the table beside the object; arrows lead to it from "
    "the object's topmost point, to its right, and from the object's leftmost point, below it.",
)

# %% [markdown]
# There is nothing to see at the corner itself. The evidence for it is elsewhere: the top of the object lies somewhere to its *right*, and the object's left side somewhere *below*.
# **Corner pooling** brings both pieces of evidence to the corner. Along one direction each cell takes the largest number of a whole stretch of the map:
#
# ```
# features          1  3  0  2
# pooled "left"     3  3  2  2     each cell: the largest of itself and all cells to its right
# pooled "right"    1  3  3  3     each cell: the largest of itself and all cells to its left
# ```
#
# ### Exercise 1: corner pooling
# `features` is `(..., H, W)`, with any number of axes before the last two. The direction says *where the maxima are carried*: `"left"` as above, and `"right"` the other way;
# `"top"` takes the largest of the cell itself and all cells below it, `"bottom"` of itself and all cells above it. Return the same shape. The network is trained through it, so the gradient must flow.


# %%
def corner_pool(features: Tensor, direction: str) -> Tensor:
    # BEGIN SOLUTION
    axis = -1 if direction in ("left", "right") else -2
    if direction in ("left", "top"):
        return features.flip(axis).cummax(axis).values.flip(axis)
    return features.cummax(axis).values
    # END SOLUTION


corner_pool = check(corner_pool)

# %% [markdown]
# Suppose that one channel is high along the upper side of an object, and another one along its left side. Pool the first to the left and the second to the top, and add them.

# %%
fig, axes = plt.subplots(1, 5, figsize=(12, 2.2))
total = figures.draw_pooling(axes, corner_pool)
show(
    fig,
    alt="Five maps of 9 x 12 cells with the dotted box of a round object. The upper side of the object is bright, then its left side; pooled to "
    "the left the first becomes a bright row that begins far left, pooled to the top the second becomes a bright column; in their sum "
    "the cell in the top-left corner of the box is brightest.",
)

# %% tags=["solution"]
assert divmod(int(total.argmax()), 12) == (2, 3), "row 2, column 3: the top-left corner of the box"

# %% [markdown]
# The two meet in only one cell, the corner, although both maps are empty there. Try it: drag the box, choose a cell with the arrow keys, and see where its two maxima come from.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import CornerPooling

CornerPooling(pool=corner_pool)

# %% [markdown]
# ## 3. How near is near enough?
#
# The network's target is one heat map per class for top-left corners, and another one for bottom-right corners. For each corner only one cell is exactly right.
# But if both corners are off by one cell, the box is still good. So the cells around the corner should be warm, too. How far around? That depends on the size of the box.
# Suppose that each corner may be wrong by up to r cells along each axis. In the worst case both move *inwards* by r, and the box shrinks to $w - 2r$ by $h - 2r$.
# Its IoU with the true box is then
#
# $$o = \frac{(w - 2r)(h - 2r)}{w h}$$
#
# ### Exercise 2 (extra): the radius
# `boxes` is `(G, 4)`, xyxy *in cells*; `min_overlap` is $o$, the IoU that must remain. Return the r of each box, `(G,)`, not rounded.
# A box without width or height has radius 0. There may be no boxes.


# %%
def gaussian_radius(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    # BEGIN SOLUTION
    width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(1)
    s = width + height
    return (s - (s**2 - 4 * (1 - min_overlap) * width * height).sqrt()) / 4
    # END SOLUTION


gaussian_radius = check(gaussian_radius)

# %% [markdown]
# CornerNet's first public code got this wrong, and CenterNet's code copied it. It considers three ways of moving (both inwards, both outwards, both the same way), solves a quadratic equation
# $a r^2 - b r + c = 0$ for each, and divides by 2 where it should divide by $2a$. Nothing crashed, and both networks scored well.
# This is what the two radii do to a box of 10 x 7 cells, and to the objects of the training scenes with cells of 8 pixels.

# %%
from classroom.step_by_step.corners import published_radius

box = torch.tensor([[0.0, 0.0, 10.0, 7.0]])
fig, ax = plt.subplots(figsize=(4.6, 4))
figures.draw_radii(
    ax, box[0], {"yours": gaussian_radius(box).item(), "first code": published_radius(box).item()}
)
show(
    fig,
    alt="A box, and squares around its corners in which they may move. With the right radius, the box whose corners have moved inwards is nearly "
    "as large and has an IoU of 0.7; with that of the first code it has shrunk to a strip.",
)
cells = objects / 8
for name, radius in (("yours", gaussian_radius(cells)), ("first code", published_radius(cells))):
    moved = cells + radius[:, None] * torch.tensor([1.0, 1, -1, -1])
    left = (moved[:, 2:] - moved[:, :2]).clamp(min=0).prod(1) / ops.box_area(cells)
    print(
        f"{name:10s} radius {radius.mean():.2f} cells on average; after such a move the IoU is {left.mean():.2f}"
    )

# %% [markdown]
# ### Exercise 3: Gaussians
# `points`, `(G, 2)`, are the cells x, y of the corners (int64, all inside the map); `radii`, `(G,)`, are their radii; `labels`, `(G,)`, are their channels 0..K-1; and `size` is (K, h, w).
# Return `(K, h, w)`, floats. A cell at distance d from the point (Euclidean, in cells) has the heat $\exp(-d^2 / 2\sigma^2)$, which is 1 at the point itself. There are three rules:
#
# - First round the radius r *down* to a whole number.
# - $\sigma$ is one sixth of the diameter $2r + 1$.
# - More than r cells away along either axis, the heat is 0 (so the Gaussian is cut off in a square).
#
# Where Gaussians of one channel overlap, the higher value counts. There may be no objects.


# %%
def draw_gaussians(points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]) -> Tensor:
    # BEGIN SOLUTION
    heat = torch.zeros(size)
    for (x, y), radius, label in zip(points.tolist(), radii.tolist(), labels.tolist(), strict=True):
        r = int(radius)
        dx, dy = torch.arange(size[2]) - x, torch.arange(size[1])[:, None] - y
        bell = torch.exp(-(dx**2 + dy**2) / (2 * ((2 * r + 1) / 6) ** 2))
        bell = bell * ((dx.abs() <= r) & (dy.abs() <= r))
        heat[label] = torch.maximum(heat[label], bell)
    return heat
    # END SOLUTION


draw_gaussians = check(draw_gaussians)

# %% [markdown]
# Which overlap should we choose? At 0.7 the average radius is below one cell, as printed above, so most Gaussians would be a single cell. The paper uses 0.3, and here, with cells of 8 pixels, that gives warm spots of a few cells.

# %%
crowded = next(i for i, target in enumerate(targets) if len(target["boxes"]) == 5)
image, target = scenes[crowded]
radii = gaussian_radius(target["boxes"] / 8, 0.3)
fig, axes = plt.subplots(1, 3, figsize=(10, 3.5))
draw_boxes(axes[0], image, target["boxes"], target["labels"], classes=CLASSES)
for ax, columns, name in ((axes[1], slice(0, 2), "top-left"), (axes[2], slice(2, 4), "bottom-right")):
    points = (target["boxes"][:, columns] / 8).long().clamp(max=23)
    heat = draw_gaussians(points, radii, target["labels"] - 1, (10, 24, 24))
    figures.draw_heat(ax, image, heat, target["boxes"][:, columns], f"{name} corners, all classes")
show(
    fig,
    alt="A scene with five boxes, and the target heat maps of its top-left and of its bottom-right corners: a warm spot at each corner, "
    "larger for larger boxes.",
)

# %% [markdown]
# ## 4. A loss that forgives
#
# Nearly all cells are background. That is the problem of lab 04, and the solution is the focal loss again. But a warm cell beside a corner is not quite background.
# The **penalty-reduced focal loss** penalises such a cell less, the warmer its target $t$ is:
#
# $$L = \frac{1}{\text{objects}} \sum_{\text{cells}} \begin{cases} (1 - p)^{\alpha} \cdot (-\log p) & t = 1 \\ (1 - t)^{\beta} \cdot p^{\alpha} \cdot (-\log (1 - p)) & t < 1 \end{cases}$$
#
# ### Exercise 4: the penalty-reduced focal loss
# `logits` and `targets` have the same shape, `(..., h, w)`; $p$ is the sigmoid of a logit. The objects are the cells whose target is exactly 1. Return one number: the sum over *all* cells,
# divided by the number of objects, or by 1 if there are none. It must be exact at logits of ±60, and so must its gradient with respect to the logits.


# %%
def penalty_reduced_focal_loss(
    logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0
) -> Tensor:
    # BEGIN SOLUTION
    p, positive = logits.sigmoid(), targets == 1
    found = (1 - p) ** alpha * -F.logsigmoid(logits)
    empty = (1 - targets) ** beta * p**alpha * -F.logsigmoid(-logits)
    return torch.where(positive, found, empty).sum() / positive.sum().clamp(min=1)
    # END SOLUTION


penalty_reduced_focal_loss = check(penalty_reduced_focal_loss)

# %%
fig, ax = plt.subplots(figsize=(5.6, 3))
figures.draw_forgiveness(ax, draw_gaussians, penalty_reduced_focal_loss)
show(
    fig,
    alt="The loss of a cell that wrongly predicts a corner with probability 0.8, against its distance from the true corner: constant without "
    "forgiveness; with beta 4 nearly nothing beside the corner, rising to the same value where the target has fallen to 0.",
)

# %% [markdown]
# ## 5. Which top-left belongs to which bottom-right?
#
# Five apples have five top-left and five bottom-right corners: that makes 25 pairs, and only 5 of them are apples. CornerNet lets the network *predict* which corners belong together.
# At each corner it predicts one more number, its **embedding**. No value is right or wrong by itself: the two corners of one object should have *nearly the same* embedding,
# and different objects should have different ones. Two losses train this. Let $m_k$ be the mean of the embeddings $e_k$ and $e'_k$ at the two corners of object $k$:
#
# $$\text{pull} = \frac{1}{G} \sum_k \left( \lVert e_k - m_k \rVert^2 + \lVert e'_k - m_k \rVert^2 \right) \qquad
# \text{push} = \frac{1}{G (G - 1)} \sum_k \sum_{j \neq k} \max(0,\ \text{margin} - \lVert m_k - m_j \rVert)$$
#
# ### Exercise 5: pull and push
# Both arguments are `(G, D)`: the embeddings at the corners of G objects of one image, in the same order; D is 1 in CornerNet. Distances are Euclidean. Return two numbers, pull first.
# If there is nothing to average (no object, or for push only one), the loss is 0. The network is trained with both, so their gradients must be right.


# %%
def associative_embedding_loss(
    top_left: Tensor, bottom_right: Tensor, margin: float = 1.0
) -> tuple[Tensor, Tensor]:
    # BEGIN SOLUTION
    mean, count = (top_left + bottom_right) / 2, len(top_left)
    pull = ((top_left - mean) ** 2 + (bottom_right - mean) ** 2).sum() / max(count, 1)
    distances = torch.linalg.vector_norm(mean[:, None] - mean, dim=-1)
    others = ~torch.eye(count, dtype=torch.bool)
    push = (margin - distances).clamp(min=0)[others].sum() / max(count * (count - 1), 1)
    return pull, push
    # END SOLUTION


associative_embedding_loss = check(associative_embedding_loss)

# %% [markdown]
# Start with five objects and ten random numbers, and use nothing but the gradients of your two losses:

# %%
generator = torch.Generator().manual_seed(1)
first, last = (torch.randn(5, 1, generator=generator).mul(0.7).requires_grad_() for _ in range(2))
history = []
for _ in range(120):
    history.append(torch.stack([first.detach()[:, 0], last.detach()[:, 0]]))
    pull, push = associative_embedding_loss(first, last)
    for numbers, gradient in zip((first, last), torch.autograd.grad(pull + push, (first, last)), strict=True):
        numbers.data -= 0.5 * gradient
fig, ax = plt.subplots(figsize=(6.6, 3.2))
figures.draw_embeddings_in_training(ax, torch.stack(history))
show(
    fig,
    alt="The embeddings of both corners of five objects against the step, a solid and a dashed line of one colour for each object: the two of "
    "each colour come together at once, and the five colours move apart until they are about 1 from each other.",
)

# %%
means = (first + last).detach()[:, 0].sort().values / 2
assert (first - last).abs().max() < 0.05 and means.diff().min() > 0.9

# %% [markdown]
# ### Exercise 6: form the pairs
# `top_left` and `bottom_right` are `ops.Peaks(points, labels, scores)` with P and Q corners, `points` are x and y. The embeddings are `(P, D)` and `(Q, D)`. A pair is a box if
#
# - both corners have the same label,
# - their embeddings are *at most* `max_distance` apart (Euclidean), and
# - the bottom-right corner lies to the right of the top-left one *and* below it (equal coordinates are not enough).
#
# Return the boxes `(B, 4)` in the dtype of the points, their labels `(B,)` and their scores `(B,)`. The score of a box is the mean of its corners' scores; the best box comes first, and there are at most `count`. Equal scores may come in any order.
# A corner may belong to several boxes, and there may be no corners of one kind.


# %%
def group_corners(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    # BEGIN SOLUTION
    difference = top_left_embeddings[:, None] - bottom_right_embeddings  # (P, Q, D)
    near = torch.linalg.vector_norm(difference, dim=-1) <= max_distance
    same = top_left.labels[:, None] == bottom_right.labels
    is_box = (top_left.points[:, None] < bottom_right.points).all(-1)
    i, j = (near & same & is_box).nonzero().unbind(1)
    scores = (top_left.scores[i] + bottom_right.scores[j]) / 2
    order = scores.argsort(descending=True)[:count]
    i, j = i[order], j[order]
    return torch.cat([top_left.points[i], bottom_right.points[j]], 1), top_left.labels[i], scores[order]
    # END SOLUTION


group_corners = check(group_corners)

# %% [markdown]
# ## 6. CornerNet
#
# That is all that CornerNet needs. Put your pooling, your Gaussians and your pairs into the real model and train it. Running maxima in four directions are slow on a CPU,
# so you train for an eighth of the steps of the shipped weights, which `shipped("cornernet")` will load afterwards.

# %% tags=["nbval-ignore-output"]
from coursekit.data.still_life_features import still_life_features

train = still_life_features("train", "boxes", mirrored=True)  # cached features, and of the mirror images
val_features = still_life_features("val", "boxes")
tests = {
    "new scenes": still_life_features("test_scenes", "boxes"),
    "unseen objects": still_life_features("test_objects", "boxes"),
}

# %% tags=["nbval-ignore-output"]
from classroom import progress_bar, steps
from coursekit.models.cornernet import CornerNet, corners_of, images_of
from coursekit.training import fit, predict

torch.manual_seed(0)
cornernet = CornerNet(len(CLASSES), pool=corner_pool, draw=draw_gaussians, group=group_corners)
for _ in progress_bar(fit(cornernet, train, steps(150), batch_size=8, seed=0), 36):
    pass

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import coco_intervals

truth = {name: [dataset.target(i) for i in range(len(dataset))] for name, dataset in tests.items()}
ap = {}


def evaluate(title: str, model) -> None:
    """Detect on both test splits; keep AP and AP50 with their intervals."""
    for name, dataset in tests.items():
        ap[title, name] = coco_intervals(predict(model, dataset), truth[name])
        words = (
            f"{key} {{:.2f}} [{{:.2f}}, {{:.2f}}]".format(*ap[title, name][key]) for key in ("AP", "AP50")
        )
        print(f"{title:12s} {name:15s} {next(words)}   {next(words)}")


evaluate("CornerNet", cornernet)

# %% tags=["solution"]
assert ap["CornerNet", "new scenes"]["AP"][0] > 0.1

# %% [markdown]
# What has it learnt? Look at the shipped weights, with your pooling and your pairs. Take the scene of `val` with the most objects of one class: here are its two heat maps, the corners that score above 0.3, their embeddings,
# and the boxes that your function forms from them.

# %% tags=["nbval-ignore-output"]
from coursekit import shipped

good = shipped("cornernet")
good.group = group_corners
for head in good.heads.values():
    head.pool = corner_pool
same_class = [int(target["labels"].bincount().max()) for target in val_targets]
chosen = max(range(len(val)), key=same_class.__getitem__)
image, target = val[chosen]


@torch.no_grad()
def corners_in(i: int, least: float = 0.3) -> list[tuple[ops.Peaks, Tensor]]:
    """Both kinds of corners of a scene of `val` that score more than `least`, in pixels, and their embeddings."""
    outputs = good.outputs([val_features[i][0]])
    found = []
    for maps in outputs:
        peaks, embeddings = corners_of(images_of(maps)[0])
        keep = peaks.scores > least
        found.append(
            (ops.Peaks(8 * peaks.points[keep], peaks.labels[keep], peaks.scores[keep]), embeddings[keep])
        )
    return found


with torch.no_grad():
    outputs = good.outputs([val_features[chosen][0]])
(first, first_numbers), (last, last_numbers) = corners_in(chosen)
boxes, labels, scores = group_corners(first, last, first_numbers, last_numbers)
pairs = [
    (
        int((first.points - box[:2]).abs().sum(1).argmin()),
        int((last.points - box[2:]).abs().sum(1).argmin()),
    )
    for box in boxes
]
fig, axes = plt.subplots(1, 4, figsize=(13, 3.5), width_ratios=(1, 1, 1, 1.1))
for ax, maps, columns, name in zip(
    axes, outputs, (slice(0, 2), slice(2, 4)), ("top-left", "bottom-right"), strict=False
):
    figures.draw_heat(ax, image, maps.heat[0].sigmoid(), target["boxes"][:, columns], f"{name}; rings: true")
figures.draw_pairs(axes[2], image, first.points, last.points, pairs, "corners and pairs")
figures.draw_embedding_line(axes[3], first_numbers[:, 0], last_numbers[:, 0], pairs)
show(
    fig,
    alt="A scene with several objects of one class. Its two heat maps have warm spots near most of the true corners; corners are joined into boxes, some of "
    "them right; on two lines of embeddings the two corners of each box are joined. Where several objects have nearly the same number, "
    "a box joins corners of two of them.",
)

# %% [markdown]
# Count the pairs in 150 scenes. Some are right: they have an IoU of at least 0.5 with an object of their class. Some join corners of *two different objects*. Others are wrong in a different way,
# for example because there is no true corner at one of them. Without embeddings, every pair of one class that could be a box would be one. How similar must the embeddings be?


# %% tags=["nbval-ignore-output"]
def kind_of_pairs(boxes: Tensor, labels: Tensor, target: dict) -> Tensor:
    """0 for each box that is right, 1 for one that joins corners of two objects, 2 for one that is wrong otherwise."""
    alike = labels[:, None] == target["labels"] - 1  # (B, G)
    right = ((ops.box_iou(boxes, target["boxes"]) >= 0.5) & alike).any(1)
    far = [
        (boxes[:, None, columns] - target["boxes"][:, columns]).abs().amax(-1).masked_fill(~alike, torch.inf)
        for columns in (slice(0, 2), slice(2, 4))
    ]  # of each corner from each object's, (B, G)
    corners = (far[0].amin(1) < 16) & (far[1].amin(1) < 16)
    mixed = corners & (far[0].argmin(1) != far[1].argmin(1))
    return torch.where(right, 0, torch.where(mixed, 1, 2))


corners = [corners_in(i) for i in range(150)]
counted = {}
print("embeddings at most      right   two objects   otherwise   share that is right")
for distance in (0.1, 0.25, 0.5, 1.0, 2.0, torch.inf):
    kinds = torch.zeros(3)
    for ((first, a), (last, b)), target in zip(corners, val_targets, strict=False):
        boxes, labels, _ = group_corners(first, last, a, b, distance)
        kinds += kind_of_pairs(boxes, labels, target).bincount(minlength=3)
    counted[distance] = kinds
    right, mixed, otherwise = kinds.int().tolist()
    print(f"{distance:4g} apart {right:18d} {mixed:13d} {otherwise:11d} {kinds[0] / kinds.sum():14.0%}")

# %% tags=["solution"]
shares = [float(kinds[0] / kinds.sum()) for kinds in counted.values()]
assert shares[0] > shares[-1] and counted[0.5][1] < counted[torch.inf][1]

# %% [markdown]
# The more similar the embeddings must be, the larger is the share of right pairs. But some right pairs are lost as well, because their two embeddings are not similar enough.
# On a table with two apples that is a poor bargain, because there are few wrong pairs to reject. In a crowd of fifty people there would be 2,500 pairs.
#
# ## 7. CenterNet: an object is one point
#
# Why two points, then? If you take only one, the *centre*, there is nothing to join. The size of the box is predicted *at* the centre, as four distances to its sides.
# And because an object is a single peak, there is little to suppress: a cell beside the peak is lower, so it is not a peak. (Two neighbours that are exactly equal would both be peaks, but the outputs of a trained network hardly ever are.)
#
# ### Exercise 7: peaks instead of NMS
# `heatmap` is `(K, h, w)`, probabilities or logits. A **peak** is a cell that *none of its eight neighbours in the same channel exceeds*; equal neighbours are both peaks, and there are no neighbours beyond the border.
# Return `ops.Peaks(points, labels, scores)`: `points`, `(P, 2)` int64, are x and y; `labels`, `(P,)`, are the channels; `scores`, `(P,)`, are the heats. Return the highest first, and at most `count` of all classes together. Equal scores may come in any order.


# %%
def center_peaks(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    # BEGIN SOLUTION
    highest = F.max_pool2d(heatmap[None], 3, stride=1, padding=1)[0]
    label, y, x = (heatmap == highest).nonzero().unbind(1)
    scores, order = heatmap[label, y, x].sort(descending=True)
    order = order[:count]
    return ops.Peaks(torch.stack([x, y], 1)[order], label[order], scores[:count])
    # END SOLUTION


center_peaks = check(center_peaks)

# %% [markdown]
# ### Exercise 8: four distances make a box
# `sides` is `(..., 4)`: how far the left, upper, right and lower sides are from a point. `centers` is `(..., 2)`, the x and y of the points; it may lack the first axes of `sides`, because all images have the same cells.
# Return the boxes `(..., 4)`, xyxy. Do not clip them. The network is trained through this function.


# %%
def sides_to_boxes(sides: Tensor, centers: Tensor) -> Tensor:
    # BEGIN SOLUTION
    return torch.cat([centers - sides[..., :2], centers + sides[..., 2:]], -1)
    # END SOLUTION


sides_to_boxes = check(sides_to_boxes)

# %% [markdown]
# Now you have a whole detector. Here it is, all of it, in 40 lines made of your parts: without anchors, without matching by IoU, without NMS.
# (The paper predicts width, height and an offset of the centre, with an L1 loss; we use four distances, which describe the same box, with the GIoU loss of lab 01.)

# %%
from coursekit.models.detector import Detector
from coursekit.nets.convolution import convolution, small_start
from coursekit.nets.fpn import FeaturePyramid, sum_of_levels

STRIDE = 8


class SmallCenterNet(Detector):
    """Objects as points."""

    def __init__(self, num_classes: int, channels: int = 64) -> None:
        super().__init__(num_classes)
        self.pyramid = FeaturePyramid({level: self.channels[level] for level in self.levels}, channels)
        self.trunk = convolution(channels, channels, 3)
        self.heat, self.sides = (
            nn.Sequential(convolution(channels, channels, 3), nn.Conv2d(channels, numbers, 3, padding=1))
            for numbers in (num_classes, 4)
        )
        small_start(self.heat[-1], 0.01, retinanet.prior_bias(0.01))  # predicts almost no objects at first
        small_start(self.sides[-1], 0.01, 0.0)

    def outputs(self, batch):
        x = self.trunk(sum_of_levels(self.pyramid(self.feature_maps(batch))))
        return self.heat(x), 2 * STRIDE * self.sides(x).clamp(max=5).exp()  # logits; distances in pixels

    def boxes_at(self, sides, cells):
        return sides_to_boxes(sides[:, cells[:, 1], cells[:, 0]].T, STRIDE * (cells + 0.5))

    def losses(self, batch, targets):
        heat, sides = self.outputs(batch)
        true = [target["boxes"] for target in targets]
        cells = [((boxes[:, :2] + boxes[:, 2:]) / 2 / STRIDE).long() for boxes in true]
        wanted = [
            draw_gaussians(
                points, gaussian_radius(boxes / STRIDE), target["labels"] - 1, tuple(heat.shape[1:])
            )
            for points, boxes, target in zip(cells, true, targets, strict=True)
        ]
        found = torch.cat([self.boxes_at(s, points) for s, points in zip(sides, cells, strict=True)])
        box = ops.generalized_box_iou_loss(found, torch.cat(true)).mean()
        return {"heat": penalty_reduced_focal_loss(heat, torch.stack(wanted)), "box": 2 * box}

    def predict(self, batch):
        found = []
        for x, heat, sides in zip(batch, *self.outputs(batch), strict=True):
            points, labels, scores = center_peaks(heat.sigmoid())
            boxes = ops.clip_boxes_to_image(self.boxes_at(sides, points), self.image_size(x))
            found.append({"boxes": boxes, "labels": labels + 1, "scores": scores})
        return found


# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
centernet = SmallCenterNet(len(CLASSES))
for _ in progress_bar(fit(centernet, train, steps(225), batch_size=8, seed=0), 22):
    pass
evaluate("CenterNet", centernet)

# %% tags=["solution"]
assert ap["CenterNet", "new scenes"]["AP"][0] > 0.15

# %% [markdown]
# Is NMS really not needed? Apply it to the detections and see how much AP changes.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import coco_metrics


def suppressed(prediction: dict) -> dict:
    keep = ops.batched_nms(prediction["boxes"], prediction["scores"], prediction["labels"], 0.5)
    return {key: values[keep] for key, values in prediction.items()}


val_truth = [val_features.target(i) for i in range(len(val_features))]
found = predict(centernet, val_features)
plain, after = coco_metrics(found, val_truth), coco_metrics(map(suppressed, found), val_truth)
print(f"CenterNet on val: AP {plain['AP']:.3f}; with NMS behind it {after['AP']:.3f}")

# %% tags=["solution"]
assert abs(plain["AP"] - after["AP"]) < 0.06

# %% [markdown]
# NMS has almost nothing to do here. CornerNet and FCOS still need it, because several pairs of corners, or several cells, may detect the same object.
#
# `SmallCenterNet` reads the box at one cell only, and only that cell is trained to predict it. The course's own `coursekit.models.CenterNet`, whose weights are shipped, also trains the eight cells around it,
# because the predicted peak may be one cell away from the centre.
#
# ## 8. FCOS: who owns a cell?
#
# **FCOS** keeps the feature pyramid of RetinaNet, with fine cells for small objects and coarse cells for large ones. But each cell predicts *one* box, by its distances to the four sides.
# So FCOS must decide, without anchors, which object a cell is trained to predict. We say that this object *owns* the cell. An object owns a cell if
#
# 1. the cell's centre is *inside* the box, so that all four distances are positive;
# 2. the cell is *near the middle*: along both axes its centre is less than 1.5 strides from the middle of the box (**centre sampling**);
# 3. the *longest* of the four distances suits the level of the cell: it is in the range of the cell, from ≤ distance < to.
#
# If several objects could own a cell, the *smallest* of them does.
#
# ### Exercise 9: who owns a cell
# `boxes` is `(G, 4)`, in pixels. There are A cells on all levels together. `centers`, `(A, 2)`, are their centres, x and y; `strides`, `(A,)`, is how many pixels wide each cell is; `ranges`, `(A, 2)`, is from and to.
# Return `ops.Match(target, positive, negative)`, each `(A,)`: which object owns the cell, the cells that have an owner, and all other cells. The target of a cell without an owner does not matter.
# Among objects of equal area any will do. A scene without objects has only negatives.


# %%
def assign_cells(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    # BEGIN SOLUTION
    distances = torch.cat([centers - boxes[:, None, :2], boxes[:, None, 2:] - centers], -1)  # (G, A, 4)
    longest, middle = distances.amax(-1), (boxes[:, :2] + boxes[:, 2:]) / 2
    near = (centers - middle[:, None]).abs().amax(-1) < 1.5 * strides
    owned = (distances.amin(-1) > 0) & near & (longest >= ranges[:, 0]) & (longest < ranges[:, 1])
    area = torch.where(owned, ops.box_area(boxes)[:, None], torch.inf)  # (G, A)
    smallest, target = torch.cat([area, torch.full((1, len(centers)), torch.inf)]).min(0)
    positive = smallest < torch.inf
    return ops.Match(torch.where(positive, target, 0), positive, ~positive)
    # END SOLUTION


assign_cells = check(assign_cells)

# %%
from coursekit.models.fcos import FCOS, cells_of

centers, strides, ranges = cells_of(levels, {"P3": 8, "P4": 16, "P5": 32})
image, target = scenes[crowded]
match = assign_cells(target["boxes"], centers, strides, ranges)
fig, axes = plt.subplots(1, 3, figsize=(10, 3.6))
for ax, (name, stride) in zip(axes, (("P3", 8), ("P4", 16), ("P5", 32)), strict=True):
    level = strides == stride
    part = ops.Match(*(values[level] for values in match))
    low, high = ranges[level][0].tolist()
    words = f"{name}: distances from {low:.0f}" + (f" to {high:.0f}" if high < 1e6 else "")
    figures.draw_owners(ax, image, target["boxes"], centers[level], part, words)
show(
    fig,
    alt="One scene three times with the centres of the cells of a fine, a medium and a coarse level. Cells that have an owner are large dots of its "
    "colour around the middle of its box; small objects own fine cells, large ones coarse cells.",
)

# %% [markdown]
# Which settings are left? Only the 1.5 strides, and where one level ends and the next one starts. And how many objects do not own any cell?

# %%
owned = []
for each in targets:
    match = assign_cells(each["boxes"], centers, strides, ranges)
    owned.append(match.target[match.positive].bincount(minlength=len(each["boxes"])))
owned = torch.cat(owned).float()
print(f"{owned.mean():.1f} cells per object; {int((owned == 0).sum())} of {len(owned)} objects own none")

# %% [markdown]
# Among the cells that an object owns, some are nearer to its middle than others and predict better boxes. And at test time *every* cell predicts a box, even those near the edge of an object that were never trained to.
# So FCOS predicts one more number per cell, the quality of its box, and a low quality lowers the score. In the first paper the quality is the **centre-ness**:
#
# $$\sqrt{\frac{\min(l, r)}{\max(l, r)} \cdot \frac{\min(t, b)}{\max(t, b)}}$$
#
# ### Exercise 10 (extra): centre-ness
# `boxes` is `(P, 4)`; `centers`, `(P, 2)`, has one point for each box, inside it or on a side; l, t, r, b are the distances to the left, upper, right and lower side. No box has width or height 0. Return `(P,)`. P may be 0.


# %%
def centerness(boxes: Tensor, centers: Tensor) -> Tensor:
    # BEGIN SOLUTION
    before, after = centers - boxes[:, :2], boxes[:, 2:] - centers
    return (torch.minimum(before, after) / torch.maximum(before, after)).prod(1).sqrt()
    # END SOLUTION


centerness = check(centerness)

# %%
box = torch.tensor([[20.0, 30.0, 180.0, 130.0]])
points = ops.grid_centers((50, 80), 2) + box[0, :2]
fig, ax = plt.subplots(figsize=(4.6, 3))
draw_image(ax, torch.zeros(3, 160, 200))
values = centerness(box.expand(len(points), -1), points).float().view(50, 80)
picture = ax.imshow(values, cmap="magma", extent=(20, 180, 130, 30), vmin=0, vmax=1)
draw_boxes(ax, None, box)
fig.colorbar(picture, ax=ax, label="centre-ness")
show(fig, alt="A box filled with its centre-ness: 1 in the middle, falling off to 0 at all four sides.")

# %% [markdown]
# Here FCOS is trained to predict the IoU of its own box instead, as in the later version of the paper (`quality=` selects it). It uses your assignment. You train for a quarter of the shipped model's steps.

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
fcos = FCOS(len(CLASSES), assign=assign_cells)
for _ in progress_bar(fit(fcos, train, steps(262), batch_size=8, seed=0), 24):
    pass
evaluate("FCOS", fcos)

# %% tags=["solution"]
assert ap["FCOS", "new scenes"]["AP"][0] > 0.3

# %% [markdown]
# ## 9. The same data, about the same number of steps
#
# Compare your three detectors with the shipped ones and with the RetinaNet of lab 04. The shipped ones were all trained on the same scenes for about the same number of steps of eight images (900 to 1,200).

# %%
from coursekit.published import record

MODELS = {"cornernet": "CornerNet", "centernet": "CenterNet", "fcos": "FCOS", "retinanet": "RetinaNet"}
published = {recipe: record(recipe)["scores"] for recipe in MODELS}
for recipe, title in MODELS.items():
    words = "   ".join(
        "{} {:.2f} [{:.2f}, {:.2f}]".format(score, *published[recipe]["test_scenes"][score])
        for score in ("AP", "AP50", "AP75")
    )
    print(f"{title:10s} new scenes: {words}")

# %% tags=["nbval-ignore-output", "folded"]
fig, axes = plt.subplots(1, 2, figsize=(9.6, 3), sharey=True)
for ax, (name, split) in zip(
    axes, (("new scenes", "test_scenes"), ("unseen objects", "test_objects")), strict=True
):
    for shift, colour, words in ((-0.18, "C4", "yours, fewer steps"), (0.18, "C0", "shipped")):
        for x, (recipe, title) in enumerate(MODELS.items()):
            if shift < 0 and (title, name) not in ap:
                continue
            value, low, high = ap[title, name]["AP"] if shift < 0 else published[recipe][split]["AP"]
            error = [[value - low], [high - value]]
            ax.bar(x + shift, value, 0.34, color=colour, label=None if x else words, yerr=error, capsize=4)
    ax.set_xticks(range(len(MODELS)), MODELS.values())
    ax.set(title=name)
axes[0].set_ylabel("AP")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
show(
    fig,
    alt="Bars of AP with intervals for CornerNet, CenterNet, FCOS and RetinaNet on new scenes and on unseen objects: the shipped FCOS is level with RetinaNet, "
    "CornerNet and CenterNet are a little below them; yours, after fewer steps, are lower.",
)

# %%
for split in ("test_scenes", "test_objects"):
    assert abs(published["fcos"][split]["AP"][0] - published["retinanet"][split]["AP"][0]) < 0.05

# %% [markdown]
# FCOS has one prediction per cell where RetinaNet has three, and it has no anchors, and yet the two are level: with these data and this budget the anchors were not needed.
#
# Compare AP50 with AP75. At an IoU of 0.5 CornerNet is far behind: it misses about a quarter of the objects. At 0.75 it has overtaken CenterNet and nearly caught up with the others: the boxes that it does detect are tight, because each corner is predicted where it is.
# CenterNet is the opposite: it detects objects well, but a single cell must predict the whole box.
#
# ## 10. Where each of them fails
#
# First by size, as COCO defines it: small objects are under 32² pixels, medium ones up to 96². Then by the number of objects: scenes with at most two, and scenes with five or more. These are the shipped detectors, on new scenes.

# %% tags=["nbval-ignore-output"]
few = [i for i, target in enumerate(truth["new scenes"]) if len(target["boxes"]) <= 2]
many = [i for i, target in enumerate(truth["new scenes"]) if len(target["boxes"]) >= 5]
print(f"{len(few)} scenes with at most two objects, {len(many)} with five or more")
print("model        AP   small  medium  large     few   many")
for recipe, title in MODELS.items():
    found = predict(shipped(recipe), tests["new scenes"])
    by_size = coco_metrics(found, truth["new scenes"])
    by_crowd = [
        coco_metrics([found[i] for i in rows], [truth["new scenes"][i] for i in rows])["AP"]
        for rows in (few, many)
    ]
    print(
        f"{title:10s} {by_size['AP']:.2f}    {by_size['APs']:.2f}    {by_size['APm']:.2f}   {by_size['APl']:.2f}"
        f"    {by_crowd[0]:.2f}   {by_crowd[1]:.2f}"
    )

# %% [markdown]
# CornerNet is at its best with few objects, and loses most in a crowd and on small objects, because two corners must both be detected and then joined.
# CenterNet is weakest on large objects, because a single cell of 8 pixels must predict all of a large box. FCOS and RetinaNet have a pyramid, with a level for every size.
#
# Each has its own weak point, which training cannot remove. If two objects of one class have their top-left corners in the same cell of 8 pixels, CornerNet cannot detect both; if they have their centres in the same cell, CenterNet cannot;
# and FCOS is not trained on an object that does not own a cell. Count such objects in the training scenes.


# %%
def share_a_cell(points: Tensor, labels: Tensor) -> int:
    """How many objects lie in a cell of 8 pixels that is already taken by an object of the same class."""
    cells = torch.cat([(points / 8).long(), labels[:, None]], 1)
    return len(cells) - len(cells.unique(dim=0))


lost = {"CornerNet, one corner": 0, "CenterNet, one centre": 0, "FCOS, no cell": int((owned == 0).sum())}
for each in targets:
    boxes, labels = each["boxes"], each["labels"]
    lost["CornerNet, one corner"] += share_a_cell(boxes[:, :2], labels)
    lost["CenterNet, one centre"] += share_a_cell((boxes[:, :2] + boxes[:, 2:]) / 2, labels)
for name, count in lost.items():
    print(f"{name:22s} {count:3d} of {len(objects)} objects")

# %% [markdown]
# There are hardly any, so they are not what costs AP here. In a crowd of people they would be.
#
# ## What you can now say
#
# - Anchors are a dozen numbers about one data set; a detector can do without them.
# - CornerNet predicts two **corners**. There is no object at a corner, so corner pooling carries the evidence for the object's sides to it.
# - A Gaussian defines how near is near enough, and the loss penalises near misses less. A wrong radius in a famous program went unnoticed, so test by hand what you can test by hand.
# - The value of an embedding means nothing by itself: if embeddings are equal within an object and different between objects, pairs can be formed.
# - A peak does not need NMS, because the cells beside it are lower.
# - In FCOS objects own cells: inside the box, near its middle, on the level that suits; the smallest object wins. That replaces all anchors.
#
# ## Open questions
#
# 1. Train CornerNet with `pool=lambda features, direction: features`. What can it still detect, and why?
# 2. Use the radius of the first code (`published_radius`) in `SmallCenterNet`. Does AP on `val` change?
# 3. What happens to CenterNet at a stride of 4? `sum_of_levels` would need `C2`.
# 4. Train FCOS with `quality=lambda predicted, true, centers: centerness(true, centers)`. Which quality ranks better? Judge on `val`.
