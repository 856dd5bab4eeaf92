# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 14: Mask R-CNN, a mask for every object
#
# A box shows roughly where an object is. A **mask** shows which pixels belong to it. **Mask R-CNN** is Faster R-CNN (lab 06) with one more branch:
# it looks into each box once more and predicts a small mask, 28 x 28 cells, for each class. Then the mask of the object's class is resized to the box.
#
# | you write | you see | you train |
# |---|---|---|
# | the choice of the mask, its loss, its target, pasting, boundary F, a map of all objects and its quality, copy-paste | how classes compete, where half a pixel goes, why masks are coarse | Mask R-CNN with your functions inside |
#
# **Time:** about 90 minutes on a first reading, or 165 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Results of this lab** (95 % intervals; new scenes / unseen objects; seed 0; `data/checkpoints/scores.json`):
#
# | Mask R-CNN | AP of boxes | AP of masks |
# |---|---|---|
# | 240 CPU seconds of training, 1,000 steps | 0.61 [0.59, 0.63] / 0.51 [0.50, 0.53] | 0.67 [0.66, 0.69] / 0.58 [0.56, 0.60] |
# | the shipped one: 13.5 CPU minutes, the first 7 of them without masks | 0.66 [0.65, 0.68] / 0.59 [0.57, 0.61] | 0.69 [0.67, 0.71] / 0.62 [0.60, 0.64] |
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("own_masks")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor

from classroom import check, figures, hint, show, style
from classroom.figures.gallery import gallery
from coursekit import ops
from coursekit.draw import draw_boxes, draw_masks
from coursekit.schema import Target

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. From a box to a mask
#
# The scenes of this course come with a mask for every object. The masks are exact, because the renderer stored them.

# %%
from coursekit.data.still_life import CLASSES, still_life

val = still_life("val")
image, target = val[28]
show(
    gallery(
        [val[i][0] for i in (18, 28, 191)], [val[i][1] for i in (18, 28, 191)], classes=CLASSES, columns=3
    ),
    alt="Three table-top scenes with a box, a name and a coloured mask for each object. In each, two objects of one class overlap.",
)

# %% [markdown]
# Two mugs, one in front of the other; two pears; two books. Their boxes overlap, but **each pixel belongs to only one object**.
#
# The network's features and proposals are those of Faster R-CNN. For each region RoIAlign pools 14 x 14 cells, and the **mask branch** turns them into one mask of
# 28 x 28 cells *for each class*. You will train such a network below, for 250 steps.
# The one used here is shipped with the course and was trained for longer: see the second line of the table above.

# %%
from coursekit import shipped
from coursekit.data.still_life_features import still_life_features

good = shipped("mask_rcnn")
print(good.mask_head)
val_features = still_life_features("val")
maps, _ = val_features[28]
with torch.no_grad():
    pyramid = good.outputs([maps]).pyramid
    logits = good.mask_logits(pyramid, [target["boxes"]])  # (G, K, 28, 28)
print(tuple(logits.shape), "= objects, classes, cells down, cells across")

# %% [markdown]
# Here are all ten masks for the region of the wine glass; the sigmoid has turned the logits into probabilities.

# %%
labels = target["labels"]
glass = (labels == 1 + CLASSES.index("wine glass")).nonzero()[0].item()
show(
    figures.draw_class_masks(logits[glass].sigmoid(), int(labels[glass]), CLASSES),
    alt="Ten masks of one region, one for each class; that of the wine glass is framed and shows the glass. The others show other shapes, or parts of it.",
)

# %% [markdown]
# These are ten opinions of the form "if this is a book, then these are its pixels". Only one matters. **The box branch has already decided which class it is.**
#
# ### Exercise 1: the mask of its own class
# `logits` is `(D, K, m, m)`; `labels` is `(D,)`, from 1 to K. Return `(D, 1, m, m)`: for each detection the probabilities of its own class.
# D may be 0. Do not change `logits`.


# %%
def own_masks(logits: Tensor, labels: Tensor) -> Tensor:
    # BEGIN SOLUTION
    own = logits[torch.arange(len(labels)), labels - 1]
    return own.sigmoid()[:, None]
    # END SOLUTION


own_masks = check(own_masks)

# %% [markdown]
# ## 2. A sigmoid for each class, not a softmax
#
# How is a mask trained? Each cell is a yes-or-no question, so the loss is a **binary cross-entropy**, on the mask of the **true class alone**.
# The mask for "book" is not trained on this region.
#
# ### Exercise 2: the loss
# `logits` is `(P, K, m, m)`, `wanted` is `(P, m, m)`, from 0 to 1, and `labels` is `(P,)`. Return one number, as a tensor through which a gradient reaches `logits`:
# the mean over all objects and cells. Without objects it is 0. A logit may be 30 or -30, so do not take the logarithm of a rounded probability.


# %%
def mask_loss(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    # BEGIN SOLUTION
    own = logits[torch.arange(len(labels)), labels - 1]  # (P, m, m)
    total = F.binary_cross_entropy_with_logits(own, wanted, reduction="sum")
    return total / max(own.numel(), 1)
    # END SOLUTION


mask_loss = check(mask_loss)

# %% [markdown]
# Semantic segmentation (lab 11) uses a **softmax** over the classes instead: in each cell the probabilities of all classes add up to 1.
# Which masks does the loss change? Look at the gradient. This is its size in the mask of each class, for the wine glass:


# %%
from coursekit.models.mask_rcnn import mask_targets


def softmax_loss(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    """The classes and the background share the probability of each cell; background has the logit 0."""
    every = torch.cat([torch.zeros_like(logits[:, :1]), logits], 1)  # (P, 1 + K, m, m)
    log_p = every.log_softmax(1)
    own = log_p[torch.arange(len(labels)), labels]
    return -(wanted * own + (1 - wanted) * log_p[:, 0]).mean()


wanted = mask_targets(target["masks"], target["boxes"], 28)
LOSSES = {"one sigmoid per class": mask_loss, "a softmax over the classes": softmax_loss}
moved = {}
for name, loss in LOSSES.items():
    asked = logits[glass : glass + 1].clone().requires_grad_()
    (gradient,) = torch.autograd.grad(
        loss(asked, wanted[glass : glass + 1], labels[glass : glass + 1]), asked
    )
    moved[name] = gradient[0].abs().sum((1, 2))  # (K,)
show(
    figures.draw_class_gradients(moved, int(labels[glass]), CLASSES),
    alt="Two rows of bars, the size of the gradient in the mask of each class. With sigmoids only that of the wine glass is above 0; with a softmax all classes are changed.",
)

# %%
sigmoid_moves, softmax_moves = moved.values()
assert (sigmoid_moves > 0).tolist() == [name == "wine glass" for name in CLASSES]
assert (softmax_moves > 0).all()

# %% [markdown]
# With the softmax, a glass trains the book's mask to be empty. Classes compete for cells, although the class is decided elsewhere.
# With sigmoids each class learns its own shapes. In the paper this gained 5.5 points of mask AP (table 2b).
#
# ## 3. What a mask should be
#
# The branch sees a *region*, and a region is never quite right. So the target is cropped from the true mask **in the region's own cells**.
# RoIAlign can do that too: it reads a mask in the same way as features.
#
# ### Exercise 3: crop the true masks
# `masks`, `(P, H, W)` bool, has the mask of each region's object. `boxes`, `(P, 4)` xyxy, are the regions, in pixels of the image. Return `(P, size, size)`:
# how much of each cell the object covers. There is at least one region. Use `ops.roi_align(input, boxes, output_size, sampling_ratio=2, aligned=...)`;
# `input` is `(N, C, H, W)`, and `boxes` is a list with the regions of each of the N maps.


# %%
def crop_masks(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    # BEGIN SOLUTION
    if not len(masks):
        return torch.zeros(0, size, size)
    regions = [box[None] for box in boxes]  # one of each map
    return ops.roi_align(masks[:, None].float(), regions, size, sampling_ratio=2, aligned=True)[:, 0]
    # END SOLUTION


crop_masks = check(crop_masks)

# %%
region = target["boxes"][glass] + torch.tensor([-9.0, 6, 12, 10])  # a proposal that is not quite right
fig, axes = plt.subplots(1, 4, figsize=(11, 2.9))
draw_masks(axes[0], image, target["masks"][glass : glass + 1], labels[glass : glass + 1])
draw_boxes(axes[0], None, region[None])
axes[0].set_title("a region and its object")
for ax, size in zip(axes[1:], (28, 14, 7), strict=True):
    figures.draw_cells(
        ax, crop_masks(target["masks"][glass : glass + 1], region[None], size)[0], f"{size} x {size}"
    )
show(
    fig,
    alt="A wine glass with its mask and a region that is a little off; the mask in the cells of the region, 28, 14 and 7 per side. In all of them it is off-centre, as in the region.",
)

# %% [markdown]
# The target moves with the region: wherever the box is, the mask in it refers to the same pixels.
# Cells at the boundary have values between 0 and 1: the fraction of the cell that is covered.
#
# ## 4. Back into the image
#
# For each pixel of the image we need its position in the box. Pixel $j$ has its **centre** at $j + 0.5$. Relative to the box from $x_1$ to $x_2$ that is
#
# $$u = \frac{j + 0.5 - x_1}{x_2 - x_1} \in [0, 1]$$
#
# and cell $i$ of $m$ has its centre at $u = (i + 0.5) / m$. Between four cells we interpolate. Beyond the box the mask is 0.
# (Within half a cell of the edge of the box, you may let the mask fade to zero or end abruptly at the box.)
#
# ### Exercise 4: paste
# `masks` is `(D, 1, m, m)`, `boxes` is `(D, 4)`, and `img_shape` is the image's `(H, W)`. Return `(D, 1, H, W)`; D may be 0. `F.grid_sample(masks, grid, align_corners=False)` interpolates:
# `grid` is `(D, H, W, 2)`, x first, and runs from **-1 to 1** over the mask.


# %%
def paste_in_image(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    # BEGIN SOLUTION
    height, width = img_shape
    x1, y1, x2, y2 = boxes[:, :, None].unbind(1)  # (D, 1) each
    x = (torch.arange(width) + 0.5 - x1) / (x2 - x1) * 2 - 1  # (D, W)
    y = (torch.arange(height) + 0.5 - y1) / (y2 - y1) * 2 - 1  # (D, H)
    grid = torch.stack([x[:, None].expand(-1, height, -1), y[:, :, None].expand(-1, -1, width)], -1)
    return F.grid_sample(masks, grid, align_corners=False)
    # END SOLUTION


paste_in_image = check(paste_in_image)

# %%
show(
    figures.mask_steps(
        image, target["boxes"][glass], logits[glass, labels[glass] - 1], "wine glass", paste_in_image
    ),
    alt="Five images: a box around a wine glass; 28 x 28 logits; the sigmoid of them; the mask resized to the box in the image; the pixels above 0.5 on the image.",
)

# %% [markdown]
# The stem is gone. Is the grid to blame? In section 3 the stem survived 28 x 28 cells. Keep this question in mind until section 5.
#
# ### Half a pixel
#
# How much does a careless paste cost? Here is an experiment without any network: write each **true** mask into 28 x 28 cells (with your `crop_masks`), paste it back, and compare.
# Any difference between these ways of pasting is due to the paste alone.

# %%
truths = [val.target(i) for i in range(60)]


def there_and_back(truth: Target, cells: int, paste=paste_in_image, threshold: float = 0.5) -> Tensor:
    """The true masks (G, H, W), written into cells and pasted back."""
    small = crop_masks(truth["masks"], truth["boxes"], cells)[:, None]
    return paste(small, truth["boxes"], tuple(truth["masks"].shape[1:]))[:, 0] > threshold


def corners(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return paste_in_image(masks, boxes + 0.5, img_shape)  # j instead of j + 0.5


def cut_first(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return paste_in_image((masks > 0.5).float(), boxes, img_shape)


PASTES = {
    "yours": paste_in_image,
    "without the 0.5": corners,
    "cut at 0.5 before": cut_first,
    "box rounded to pixels, as in torchvision": ops.paste_masks,
}
paste_iou = {}
for name, paste in PASTES.items():
    overlaps = [ops.mask_iou(there_and_back(t, 28, paste), t["masks"]).diagonal() for t in truths]
    paste_iou[name] = torch.cat(overlaps).mean().item()
    print(f"{name:42s} mean IoU with the truth {paste_iou[name]:.3f}")

# %% tags=["solution"]
assert paste_iou["yours"] > 0.99 and max(v for k, v in paste_iou.items() if k != "yours") < paste_iou["yours"]

# %% [markdown]
# No network can recover what a wrong paste loses. The last line is what torchvision does: it puts a frame of zeros around the mask and
# rounds the box to whole pixels. `ops.paste_masks` does the same, so that results are comparable. **Compare with the library:**

# %% tags=["nbval-ignore-output"]
from torchvision.models.detection.roi_heads import paste_masks_in_image

small = crop_masks(target["masks"], target["boxes"], 28)[:, None]
theirs = paste_masks_in_image(small, target["boxes"], (192, 192))
print(
    f"ops.paste_masks and torchvision differ by {(ops.paste_masks(small, target['boxes'], (192, 192)) - theirs).abs().max():.1e}"
)
overlap = ops.mask_iou(paste_in_image(small, target["boxes"], (192, 192))[:, 0] > 0.5, theirs[:, 0] > 0.5)
print(f"your masks and torchvision's: mean IoU {overlap.diagonal().mean():.3f}")

# %%
torch.testing.assert_close(ops.paste_masks(small, target["boxes"], (192, 192)), theirs, rtol=0, atol=1e-5)

# %% [markdown]
# ## 5. Why masks are coarse
#
# IoU hardly changes with a ragged outline, because only a few of a large object's pixels are there. **Boundary F** looks at the outline alone.
# A pixel of the mask is on the boundary if one of its four neighbours *in the image* is not in the mask. Then
#
# - precision is the share of the predicted boundary that has true boundary within the tolerance,
# - recall is the share of the true boundary that has predicted boundary within the tolerance,
# - $F = 2PR / (P + R)$.
#
# ### Exercise 5: boundary F
# `found` and `truth` are `(H, W)` bool. Distances are Euclidean, in pixels; a distance equal to the tolerance counts as near. Return a Python number,
# which is 0 if one of the two has no boundary or if nothing is near.


# %%
def mask_boundary_f(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    # BEGIN SOLUTION
    edges = []
    for mask in (found, truth):
        padded = F.pad(mask[None].float(), (1, 1, 1, 1), mode="replicate")[0] > 0
        inner = padded[2:, 1:-1] & padded[:-2, 1:-1] & padded[1:-1, 2:] & padded[1:-1, :-2]
        edges.append((mask & ~inner).nonzero().float())
    if not len(edges[0]) or not len(edges[1]):
        return 0.0
    distance = torch.cdist(*edges)
    precision = (distance.amin(1) <= tolerance).float().mean().item()
    recall = (distance.amin(0) <= tolerance).float().mean().item()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    # END SOLUTION


mask_boundary_f = check(mask_boundary_f)

# %% [markdown]
# Now repeat the experiment with coarser and finer masks. With 14, 28 or 56 cells, how good can a *perfect* network be?

# %%
CELLS = (7, 14, 28, 56)
sizes = torch.cat([t["area"].sqrt() for t in truths])
ceiling = {}  # of each object: IoU and boundary F
for cells in CELLS:
    pairs = [(a, b) for t in truths for a, b in zip(there_and_back(t, cells), t["masks"], strict=True)]
    iou = torch.tensor([ops.mask_iou(a[None], b[None]).item() for a, b in pairs])
    f = torch.tensor([mask_boundary_f(a, b) for a, b in pairs])
    ceiling[cells] = iou, f
    large = sizes >= 64
    print(
        f"{cells:2d} x {cells:2d} cells: IoU {iou.mean():.3f}, boundary F {f.mean():.3f};"
        f" objects over 64 pixels: IoU {iou[large].mean():.3f}, boundary F {f[large].mean():.3f}"
    )

# %%
groups = {"under 32 pixels": sizes < 32, "32 to 64": (sizes >= 32) & (sizes < 64), "over 64": sizes >= 64}
fig, axes = plt.subplots(1, 2, figsize=(10, 3.2), sharey=True)
for ax, which, name in zip(axes, (0, 1), ("IoU", "boundary F"), strict=True):
    scores = {
        group: {cells: each[which][members].mean().item() for cells, each in ceiling.items()}
        for group, members in groups.items()
    }
    figures.draw_by_cells(ax, scores, name)
show(
    fig,
    alt="IoU and boundary F of true masks written into 7, 14, 28 and 56 cells per side, for small, medium and large objects. All rise with the number of cells; boundary F of large objects starts lowest and rises most.",
)

# %% tags=["solution"]
assert all((ceiling[a][1].mean() < ceiling[b][1].mean()) for a, b in zip(CELLS, CELLS[1:], strict=False))
assert ceiling[7][1][sizes >= 64].mean() < 0.8 < 0.98 < ceiling[28][1].mean()

# %% [markdown]
# The grid is the same for every object, so a **large** object has large cells. In these images of 192 pixels, 28 x 28 cells are nearly enough.
# In a photograph they are not. Here is part of the outline of a cat that covers 400 x 300 pixels. White: ground truth. Red: what comes back.

# %%
from coursekit.data.photos import photo, photo_annotations, photo_target

cat, view = photo_target("chelsea"), torch.tensor([20.0, 5, 100, 65])
fig, axes = plt.subplots(1, 4, figsize=(12, 2.6))
for ax, cells in zip(axes, (14, 28, 56, 112), strict=True):
    found = there_and_back(cat, cells)[0]
    words = f"{cells}: IoU {ops.mask_iou(found[None], cat['masks']).item():.3f}, F {mask_boundary_f(found, cat['masks'][0]):.2f}"
    figures.draw_outlines(ax, photo("chelsea"), cat["masks"][0], found, view, words)
show(
    fig,
    alt="Part of the outline of a cat, white, and the outline after 14, 28, 56 and 112 cells per side, red: it cuts corners at 14 and 28 and lies on the true one at 112.",
)

# %% [markdown]
# Try it: choose an object in the photograph and change the number of cells, the threshold and a shift of the paste. What costs IoU? What costs boundary F?

# %% tags=["nbval-ignore-output"]
from classroom.widgets import MaskGrid

COCO_NAMES = {row["id"]: row["name"] for row in photo_annotations()["categories"]}
things = [COCO_NAMES.get(k, "") for k in range(1, max(COCO_NAMES) + 1)]
MaskGrid(photo("coffee"), photo_target("coffee"), things, paste=paste_in_image)

# %% [markdown]
# What about a real network? Here is the shipped one, evaluated on the *true* boxes, beside what the grid would allow:


# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def in_true_boxes(model, dataset, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """For each object of the first images: IoU and boundary F of its mask, and whether its class is right."""
    iou, f, right = [], [], []
    for maps, truth in (dataset[i] for i in range(count)):
        pyramid = model.outputs([maps]).pyramid
        small = own_masks(model.mask_logits(pyramid, [truth["boxes"]]), truth["labels"])
        found = paste_in_image(small, truth["boxes"], (192, 192))[:, 0] > 0.5
        iou += ops.mask_iou(found, truth["masks"]).diagonal().tolist()
        f += [mask_boundary_f(a, b) for a, b in zip(found, truth["masks"], strict=True)]
        classes, _ = model.region_head(model.pooled(pyramid, [truth["boxes"]], 7))
        right += (classes.argmax(1) == truth["labels"]).tolist()
    return torch.tensor(iou), torch.tensor(f), torch.tensor(right).float()


network_iou, network_f, _ = in_true_boxes(good, val_features, 60)
print(f"28 x 28 cells, perfect: IoU {ceiling[28][0].mean():.3f}, boundary F {ceiling[28][1].mean():.3f}")
print(f"28 x 28 cells, network: IoU {network_iou.mean():.3f}, boundary F {network_f.mean():.3f}")

# %% tags=["solution"]
assert network_f.mean() < ceiling[14][1].mean() and network_iou.mean() < ceiling[14][0].mean()

# %% [markdown]
# On these small images the network is worse than *14 x 14* perfect cells. So here the grid is not what makes its masks coarse.
# Its features have only one cell for every 8 pixels, and it must guess the rest; that is where the stem went. On large objects both limits apply.
#
# ## 6. RoIPool against RoIAlign
#
# You built both in lab 05. RoIPool rounds a region to whole cells of the feature map, 8 pixels each. But the mask is pasted into the *unrounded* box,
# so what the branch saw and where its mask is pasted differ by up to half a cell.

# %%
one = target["boxes"][glass]
fig, axes = plt.subplots(1, 2, figsize=(6, 4.2))
for ax, rounded, title in zip(
    axes, (False, True), ("RoIAlign: the region", "RoIPool: whole cells"), strict=True
):
    figures.draw_bins(ax, image, one, 8, 7, rounded)
    ax.set_title(title)
show(
    fig,
    alt="A region in red on a grid of 8-pixel cells. The 7 x 7 bins of RoIAlign fill it exactly; those of RoIPool are whole cells, overlap, and extend beyond it.",
)

# %% [markdown]
# What is the best that can come back? Once more, test it without a network. Let the features be perfect: each cell of 8 x 8 pixels contains the fraction of it that the object covers.
# Pool 14 x 14 numbers, paste them, and compare with the ground truth. The middle line rounds the region to whole cells but still interpolates, so its loss is due to rounding alone.

# %%
from coursekit.models.faster_rcnn import pool_aligned


def pool_of_rounded(maps: Tensor, boxes: list[Tensor], bins: int, scale: float) -> Tensor:
    return pool_aligned(maps, [(box * scale).round() / scale for box in boxes], bins, scale)


def best_mask(truth: Target, pool) -> Tensor:
    """What comes back of the true masks (G, H, W) when perfect features of stride 8 are pooled and pasted."""
    covered = F.avg_pool2d(truth["masks"][:, None].float(), 8)  # (G, 1, H / 8, W / 8)
    cells = pool(covered, [box[None] for box in truth["boxes"]], 14, 1 / 8)
    return paste_in_image(cells, truth["boxes"], tuple(truth["masks"].shape[1:]))[:, 0] > 0.5


POOLS = {"RoIAlign": pool_aligned, "RoIAlign of the rounded region": pool_of_rounded, "RoIPool": ops.roi_pool}
best_iou = {}
for name, pool in POOLS.items():
    overlaps = [ops.mask_iou(best_mask(t, pool), t["masks"]).diagonal() for t in truths]
    best_iou[name] = torch.cat(overlaps).mean().item()
    print(f"{name:32s} mean IoU with the truth {best_iou[name]:.3f}")

# %% tags=["solution"]
assert best_iou["RoIAlign"] > best_iou["RoIAlign of the rounded region"] + 0.05

# %% [markdown]
# RoIPool loses twice. It takes the *maximum*, so every cell that the object touches looks full; a network can learn to undo that. And it *rounds*, but the network
# cannot know by how much, so it cannot undo it. (The first line is also the limit for features of stride 8. The shipped network is not far below it.)
#
# Now compare two trained networks that differ only in the pooling, with 1,000 steps each; both are shipped, too. First see the wine glass in its true box, and then all objects of 60 scenes:

# %% tags=["nbval-ignore-output"]
rivals = {"RoIAlign": shipped("mask_rcnn_roi_align"), "RoIPool": shipped("mask_rcnn_roi_pool")}
fig, axes = plt.subplots(1, 2, figsize=(6, 4.2))
for ax, (name, rival) in zip(axes, rivals.items(), strict=True):
    with torch.no_grad():
        cells = own_masks(
            rival.mask_logits(rival.outputs([maps]).pyramid, [one[None]]), labels[glass : glass + 1]
        )
    found = paste_in_image(cells, one[None], (192, 192))[0, 0] > 0.5
    figures.draw_outlines(ax, image, target["masks"][glass], found, one, name)
    iou, f, _ = in_true_boxes(rival, val_features, 60)
    print(f"{name:9s} IoU {iou.mean():.3f}, boundary F {f.mean():.3f}")
show(
    fig,
    alt="A wine glass with its true outline in white, and in red the outline that each network predicts: that of RoIAlign follows the bowl, that of RoIPool is rougher.",
)

# %% [markdown]
# These are their APs on all 300 scenes of each test set (recipe `pooling` in `data/checkpoints/scores.json`). Both were evaluated on the same images, so the interval is that of the *difference*:

# %%
from coursekit.published import record

TESTS = {"new scenes": "test_scenes", "unseen objects": "test_objects"}
pooling = record("pooling")
for name, split in TESTS.items():
    for kind, words in (
        ("mask_AP", "masks"),
        ("AP", "boxes"),
        ("AP50", "boxes at IoU 0.5"),
        ("AP75", "boxes at IoU 0.75"),
    ):
        (align, *_), (pool, *_), (gain, low, high) = (
            pooling["scores"][split][f"{key}_{kind}"] for key in ("roi_align", "roi_pool", "difference")
        )
        print(
            f"{name:15s} AP of {words}: RoIAlign {align:.2f}, RoIPool {pool:.2f}, difference {gain:.2f} [{low:.2f}, {high:.2f}]"
        )

# %% tags=["solution"]
assert all(pooling["scores"][split]["difference_mask_AP"][1] > 0.05 for split in TESTS.values())

# %% [markdown]
# Masks lose most. Boxes lose too, for the same reason, above all with a strict threshold: compare an IoU of 0.5 with one of 0.75.
#
# ## 7. Train one, with your functions in it
#
# `crop`, `mask_loss`, `choose` and `paste` are arguments of the model. The model in the first line of the table at the top was trained for 1,000 steps; you train for **a quarter** of them.

# %% tags=["nbval-ignore-output"]
from classroom import progress_bar, steps
from coursekit.metrics.model_scores import mask_intervals
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.training import fit

torch.manual_seed(0)
model = MaskRCNN(len(CLASSES), crop=crop_masks, mask_loss=mask_loss, choose=own_masks, paste=paste_in_image)
both_ways = still_life_features("train", mirrored=True)
last = {}
for step in progress_bar(fit(model, both_ways, steps(250), batch_size=8, seed=0), 60):
    last = step.losses
print({name: round(loss, 3) for name, loss in last.items()})

# %% [markdown]
# Here are the scores of yours and the shipped one on the first 100 scenes of each test split:

# %% tags=["nbval-ignore-output"]
from torch.utils.data import Subset

tests = {name: still_life_features(split) for name, split in TESTS.items()}
ap = {}
for title, each in (("yours, a quarter of the steps", model), ("shipped, trained for long", good)):
    for name, dataset in tests.items():
        ap[title, name] = scores = mask_intervals(each.eval(), Subset(dataset, range(100)))
        print(
            f"{title:30s} {name:15s} boxes {{:.2f}} [{{:.2f}}, {{:.2f}}]".format(*scores["AP"]),
            "  masks {:.2f} [{:.2f}, {:.2f}]".format(*scores["mask_AP"]),
        )

# %% tags=["solution"]
assert ap["yours, a quarter of the steps", "new scenes"]["mask_AP50"][0] > 0.6

# %% [markdown]
# The intervals are wide, because 100 scenes are few. The numbers at the top are over all 300.
#
# ### What is hard about unseen objects?
#
# Scores fall from new scenes to unseen objects. Is the class wrong, or the shape? Give the shipped network the true boxes, and measure the two separately:

# %% tags=["nbval-ignore-output"]
apart = {name: in_true_boxes(good, dataset, 100) for name, dataset in tests.items()}
for name, (iou, f, right) in apart.items():
    print(
        f"{name:15s} class right {right.mean():.3f}, IoU of the mask {iou.mean():.3f}, boundary F {f.mean():.3f}"
    )

# %% tags=["nbval-ignore-output"]
falls = {
    what: (apart["new scenes"][i].mean() - apart["unseen objects"][i].mean()).item()
    for what, i in (("class right", 2), ("IoU of the mask", 0))
}
print("lost from new scenes to unseen objects:", {what: round(fall, 3) for what, fall in falls.items()})
assert falls["IoU of the mask"] < falls["class right"] / 2

# %% [markdown]
# It is the class. You can see *where* an object ends without ever having seen it before: Mask R-CNN's masks generalise well, its classes do not.
#
# ## 8. Semantic and instances: the same scenes, two questions
#
# **Semantic segmentation** predicts the class of each pixel. **Instance segmentation** predicts which object it belongs to. From instances we can make both maps, but from a semantic map we cannot get the instances back.
#
# ### Exercise 6 (extra): paint the objects
# `masks` is `(D, H, W)` bool; `labels` and `scores` are `(D,)`, in any order. Return two maps, `(H, W)` int64: the class of each pixel, and the number of its object,
# which is **its row + 1**. 0 is background. Where masks overlap, the one with the better score is on top. D may be 0.


# %%
def panoptic_maps(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    # BEGIN SOLUTION
    semantic, instances = torch.zeros(2, *masks.shape[1:], dtype=torch.int64)
    for i in scores.argsort().tolist():  # the best is painted last
        semantic[masks[i]] = labels[i]
        instances[masks[i]] = i + 1
    return semantic, instances
    # END SOLUTION


panoptic_maps = check(panoptic_maps)

# %% [markdown]
# There are six validation scenes in which the boxes of two objects of **the same class** overlap, according to the annotations. Here are the first two: first the ground truth, then the network's prediction.

# %%
twins = []
for i in range(len(val)):
    truth = val.target(i)
    overlap = ops.box_iou(truth["boxes"], truth["boxes"]).triu(1)
    same = truth["labels"][:, None] == truth["labels"]
    if (overlap[same] > 0.13).any():
        twins.append(i)
print("scenes with two overlapping boxes of one class:", twins)


# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def sure(model, i: int, score: float = 0.5) -> dict:
    """The detections in validation scene i with at least this score, masks as (D, H, W) bool."""
    (found,) = model.eval()([val_features[i][0]])
    kept = found["scores"] >= score
    return {key: found[key][kept] for key in ("boxes", "labels", "scores")} | {
        "masks": found["masks"][kept, 0] > 0.5
    }


for i in twins[:2]:
    truth, found = val.target(i), sure(good, i)
    on_top = torch.ones(len(truth["labels"]))  # true masks do not overlap
    for whose, each, scores in (("truth", truth, on_top), ("network", found, found["scores"])):
        maps = panoptic_maps(each["masks"], each["labels"], scores)
        show(
            figures.semantic_and_instances(val[i][0], *maps, CLASSES, f"scene {i}, {whose}"),
            alt=f"Scene {i}, {whose}: coloured by class, {len(maps[0].unique()) - 1} of them, and by object, {len(maps[1].unique()) - 1}.",
        )

# %% [markdown]
# Can we get objects from a semantic map by taking its connected pieces? Count the objects in all 200 validation scenes in four ways: the pieces of the *true*
# semantic map, the pieces of the network's semantic map, the network's masks, and the ground truth.

# %% tags=["nbval-ignore-output"]
import numpy as np
from scipy.ndimage import label as connected_pieces

from coursekit.metrics import confusion_matrix, mean_iou, pixel_accuracy


def count_pieces(semantic: Tensor) -> int:
    """Connected pieces of all classes of a map (H, W)."""
    return sum(connected_pieces((semantic == k).numpy())[1] for k in semantic.unique() if k > 0)


counts, confusion = [], torch.zeros(len(CLASSES) + 1, len(CLASSES) + 1, dtype=torch.int64)
answers = [sure(good, i) for i in range(len(val))]
for i, found in enumerate(answers):
    truth = val.target(i)
    true_map, _ = panoptic_maps(truth["masks"], truth["labels"], torch.ones(len(truth["labels"])))
    found_map, _ = panoptic_maps(found["masks"], found["labels"], found["scores"])
    confusion += confusion_matrix(found_map, true_map, len(CLASSES) + 1)
    counts.append(
        [len(truth["labels"]), count_pieces(true_map), count_pieces(found_map), len(found["labels"])]
    )
counts = np.array(counts)
right = counts[:, 1:] == counts[:, :1]  # (scenes, ways)
print(f"{counts[:, 0].sum()} objects. Scenes in which their number is right:")
for way, of_all, of_twins in zip(
    ("pieces of the true map", "pieces of the network's map", "masks of the network"),
    right.sum(0),
    right[twins].sum(0),
    strict=True,
):
    print(f"  {way:28s} {of_all:3d} of {len(val)}; of the {len(twins)} scenes above {of_twins}")
print(
    f"as a semantic map: mean IoU {mean_iou(confusion):.3f}, pixel accuracy {pixel_accuracy(confusion):.3f}"
)

# %% tags=["solution"]
assert right[twins, 0].sum() == 0  # not one of them can be counted by the pieces of the true map

# %% [markdown]
# Pieces fail in two ways: two mugs that touch become one, and one bottle behind a banana becomes two. In the scenes above, even the pieces of the **true** map
# are wrong every time. Elsewhere they do well, as long as the map is the true one; with a network's map every tiny speck is counted.
# The masks fail differently: an object that is detected as two classes counts twice, and a hidden object not at all.
#
# ### One score for the whole map
#
# A map of classes and a map of objects together are a *panoptic* map. All pixels of one object are a *segment*, and so is the whole background.
# Mean IoU ignores the objects, and AP ignores which mask is in front. **Panoptic quality** (PQ) scores the map as it is.
#
# A predicted and a true segment match if they have the same class and an IoU of *more than* 0.5. Segments of one map do not overlap, so two of them
# cannot both cover more than half of the same object: each has at most one match, and nothing needs to be assigned. Then, for each class,
#
# $$\mathrm{PQ} = \underbrace{\frac{\sum_{\mathrm{TP}} \mathrm{IoU}}{\mathrm{TP}}}_{\text{segmentation quality, SQ}} \cdot
# \underbrace{\frac{\mathrm{TP}}{\mathrm{TP} + \frac{1}{2}\mathrm{FP} + \frac{1}{2}\mathrm{FN}}}_{\text{recognition quality, RQ}}$$
#
# where TP counts the matched pairs, FP the predicted segments without a match, and FN the true segments without a match.
#
# ### Exercise 7 (extra): panoptic quality
# `iou` is `(D, G)`: rows are predicted segments, columns are true ones. `labels`, `(D,)`, and `true_labels`, `(G,)`, are their classes. Return three numbers, in the order
# PQ, SQ, RQ: each is the mean over the classes that occur in `labels` or `true_labels`. A class without a match has an SQ of 0. D or G may be 0, but not both.


# %%
def pq_sq_rq(iou: Tensor, labels: Tensor, true_labels: Tensor) -> tuple[float, float, float]:
    # BEGIN SOLUTION
    rows = []
    for k in torch.cat([labels, true_labels]).unique():
        overlap = iou[labels == k][:, true_labels == k]
        hits = overlap[overlap > 0.5]
        extra, missed = overlap.shape[0] - len(hits), overlap.shape[1] - len(hits)
        rq = len(hits) / (len(hits) + 0.5 * extra + 0.5 * missed)
        sq = hits.mean().item() if len(hits) else 0.0
        rows.append((sq * rq, sq, rq))
    pq, sq, rq = (sum(column) / len(rows) for column in zip(*rows, strict=True))
    return pq, sq, rq
    # END SOLUTION


pq_sq_rq = check(pq_sq_rq)

# %% [markdown]
# First one scene, with your function: the network's map against the true one, without the background.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import panoptic_scores


def segments(semantic: Tensor, instances: Tensor) -> tuple[Tensor, Tensor]:
    """The mask of each object that has pixels in a map, and its class: (S, H, W) bool, (S,)."""
    numbers = instances.unique()
    masks = instances == numbers[numbers > 0, None, None]  # (S, H, W)
    return masks, torch.stack([semantic[mask][0] for mask in masks])


truth, found = val.target(twins[0]), answers[twins[0]]
true_masks, true_labels = segments(
    *panoptic_maps(truth["masks"], truth["labels"], torch.ones(len(truth["labels"])))
)
found_masks, found_labels = segments(*panoptic_maps(found["masks"], found["labels"], found["scores"]))
print(
    "means over the classes: PQ {:.3f}, SQ {:.3f}, RQ {:.3f}".format(
        *pq_sq_rq(ops.mask_iou(found_masks, true_masks), found_labels, true_labels)
    )
)

# %% [markdown]
# Over a whole dataset, TP, FP, FN and the IoUs are added up over the images before dividing; `coursekit.metrics.panoptic_scores` does that, and it counts the background as a class.
# The scores decide which mask is in front. But a mask that is almost wholly covered by better ones may be a second detection of the same object, of which only a sliver is left.
# `ops.panoptic_map(..., min_free=0.5)` leaves out every mask of which less than half is free.


# %% tags=["nbval-ignore-output"]
def as_maps(each: dict, min_free: float = 0.0) -> dict[str, Tensor]:
    """The panoptic map of masks, as `panoptic_scores` takes it."""
    scores = each.get("scores", torch.ones(len(each["labels"])))
    semantic, instances = ops.panoptic_map(each["masks"], each["labels"], scores, min_free)
    return {"semantic": semantic, "instances": instances}


true_maps = [as_maps(val.target(i)) for i in range(len(val))]
panoptic = {}
for title, min_free in (("every mask", 0.0), ("without masks that are mostly covered", 0.5)):
    panoptic[title] = panoptic_scores(
        [as_maps(each, min_free) for each in answers], true_maps, len(CLASSES) + 1
    )
    print(
        f"{title:38s} "
        + ", ".join(f"{key} {panoptic[title][key]:.3f}" for key in ("pq", "sq", "rq", "pq_things"))
    )
for k in panoptic[title]["of_class"][:, 0].argsort():
    print(
        f"   {(('background', *CLASSES)[k]):11s} PQ {{:.2f}} = SQ {{:.2f}} x RQ {{:.2f}}".format(
            *panoptic[title]["of_class"][k]
        )
    )

# %% tags=["solution"]
assert all(scores["pq_things"] > 0.6 for scores in panoptic.values())

# %% [markdown]
# `pq_things` is PQ without the background, which is an easy class: it is in every scene, and large.

# %% [markdown]
# ## 9. Copy and paste
#
# With masks you can make new training scenes: cut an object out of one scene and paste it into another. Lab 08 trains with such scenes.
# The image is the easy part. The **target** must describe what is visible *now*.
#
# ### Exercise 8 (extra): paste objects
# Paste the `objects` (a list of rows) of the donor on top of the scene; both have the same size. Return the new image and the new target with
# `"masks"`, `"boxes"`, `"labels"` and `"area"` (float, visible pixels): first the objects that were already there, then the pasted ones.
# Leave out every object with fewer than `min_pixels` visible pixels, pasted or not. Do not change the inputs.


# %%
def paste_objects(
    image: Tensor, target: Target, donor: Tensor, donor_target: Target, objects: list[int], min_pixels: int
) -> tuple[Tensor, Target]:
    # BEGIN SOLUTION
    pasted = donor_target["masks"][objects]
    covered = pasted.any(0)  # (H, W)
    masks = torch.cat([target["masks"] & ~covered, pasted])
    labels = torch.cat([target["labels"], donor_target["labels"][objects]])
    kept = masks.sum((1, 2)) >= min_pixels
    masks, labels = masks[kept], labels[kept]
    new = {
        "masks": masks,
        "boxes": ops.masks_to_boxes(masks),
        "labels": labels,
        "area": masks.sum((1, 2)).float(),
    }
    return torch.where(covered, donor, image), new
    # END SOLUTION


paste_objects = check(paste_objects)

# %%
scene, donor = val[28], val[18]
mixed = paste_objects(*scene, *donor, list(range(len(donor[1]["labels"]))), 40)
show(
    gallery(
        [scene[0], donor[0], mixed[0]],
        [scene[1], donor[1], mixed[1]],
        classes=CLASSES,
        columns=3,
        titles=["a scene", "the donor", "all of the donor's objects on the scene"],
    ),
    alt="A scene, a donor scene, and the scene with all of the donor's objects on top. The masks and boxes of the objects below have become smaller.",
)
count = len(scene[1]["labels"]) + len(donor[1]["labels"])
print(
    f"{count} objects went in, {len(mixed[1]['labels'])} are visible enough; every pixel has at most {mixed[1]['masks'].sum(0).max()} owner"
)

# %%
assert mixed[1]["masks"].sum(0).max() == 1
torch.testing.assert_close(mixed[1]["area"], mixed[1]["masks"].sum((1, 2)).float())

# %% [markdown]
# Shadows and light do not match, and no object stands on a table like that. It helps all the same: lab 08 measures how much.
#
# ## 10. Extension: what is hidden
#
# All masks so far show what is *visible*. People also know about what they do not see: the mug continues behind the apple. A mask of the whole object, including its hidden parts, is called **amodal**.
# The still lifes have them: `annotations_of(i)` gives each object's `amodal` mask, a run-length code, and its `occlusion`, the share that is hidden.


# %%
def amodal_masks(i: int) -> Tensor:
    """The whole masks of the objects of validation scene i, including hidden parts: (G, H, W)."""
    return torch.stack([ops.rle_decode(row["amodal"]) for row in val.annotations_of(i)])


fig, axes = plt.subplots(1, 3, figsize=(10, 3.5))
for ax, i in zip(axes, (18, 28, 191), strict=True):
    truth = val.target(i)
    figures.draw_amodal(ax, val[i][0], truth["masks"], amodal_masks(i), truth["labels"])
show(
    fig,
    alt="Three scenes; what is visible of each object is coloured, and what another object hides of it is striped.",
)

# %%
occlusion, shared = [], []
for i in range(len(val)):
    truth = val.target(i)
    occlusion += [row["occlusion"] for row in val.annotations_of(i)]
    shared += ops.mask_iou(truth["masks"], amodal_masks(i)).diagonal().tolist()
occlusion, shared = torch.tensor(occlusion), torch.tensor(shared)
for low, high in ((0, 0.05), (0.05, 0.1), (0.1, 0.3), (0.3, 1)):
    members = (occlusion >= low) & (occlusion < high)
    print(
        f"hidden {low:3.0%} to {high:4.0%}: {members.sum():3d} objects, IoU of visible and whole mask {shared[members].mean():.3f}"
    )

# %%
torch.testing.assert_close(shared, 1 - occlusion, rtol=0, atol=0.011)

# %% [markdown]
# For most objects the two are nearly the same. (Not quite: the whole mask is the silhouette of the model and includes every pixel that it touches,
# while the visible mask includes only pixels that are mostly object. So 2 or 3 % seem hidden even if nothing is.)
# If a third or more of an object is hidden, even a perfect visible mask has an IoU of only about a half with the whole mask.
#
# ### Train the branch on whole masks
#
# The mask branch learns whatever its targets show. `MaskBranch` is the shipped network with everything frozen but its mask branch. Train that branch for 60 steps
# with the amodal masks as targets. The boxes are still those of what is visible, so the network can only complete an object *inside* its box.
# How much of what is hidden lies there?

# %%
inside = hidden_pixels = 0
for i in range(len(val)):
    truth = val.target(i)
    hidden = amodal_masks(i) & ~truth["masks"]
    x, y = torch.arange(192) + 0.5, torch.arange(192)[:, None] + 0.5
    x1, y1, x2, y2 = truth["boxes"][:, :, None, None].unbind(1)  # (G, 1, 1) each
    inside += (hidden & (x > x1) & (x < x2) & (y > y1) & (y < y2)).sum().item()
    hidden_pixels += hidden.sum().item()
print(f"{inside / hidden_pixels:.0%} of the hidden pixels lie in the box of what is visible")

# %% [markdown]
# Most of them do.

# %% tags=["nbval-ignore-output"]
from coursekit.recipes.amodal import MaskBranch

torch.manual_seed(0)
whole = MaskBranch(len(CLASSES))
completed = still_life_features("train", "amodal")  # features, with whole masks in the targets
for step in progress_bar(fit(whole, completed, steps(60), batch_size=8, lr=2e-3, seed=0), 20):
    last = step.losses
print(f"loss of the masks {last['mask']:.3f}")

# %% [markdown]
# Both networks get the true boxes and classes. Look at what each of them paints behind the object in front:


# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def masks_in_true_boxes(model, i: int) -> Tensor:
    """The mask that a network predicts in each true box of a validation scene: (G, H, W) bool."""
    maps, truth = val_features[i]
    logits = model.mask_logits(model.outputs([maps]).pyramid, [truth["boxes"]])
    return paste_in_image(own_masks(logits, truth["labels"]), truth["boxes"], (192, 192))[:, 0] > 0.5


fig, axes = plt.subplots(3, 4, figsize=(11, 8.4))
for row, i in zip(axes, (18, 28, 191), strict=True):
    image, truth = val[i]
    behind = torch.tensor([each["occlusion"] >= 0.1 for each in val.annotations_of(i)])
    shown = {
        "visible, true": truth["masks"],
        "whole, true": amodal_masks(i),
        "trained on visible masks": masks_in_true_boxes(good, i),
        "trained on whole masks": masks_in_true_boxes(whole, i),
    }
    for ax, (title, masks) in zip(row, shown.items(), strict=True):
        draw_masks(ax, image, masks[behind], truth["labels"][behind])
        ax.set_title(title)
show(
    fig,
    alt="Three scenes, four times each, with only the objects that are hidden in part: their visible masks, their whole masks, "
    "the masks of the network trained on visible masks, which mostly end at the object in front, and those of the network trained on whole masks, which continue behind it.",
)

# %% [markdown]
# How good is that? The IoU of the *hidden* parts looks only at pixels outside the true visible mask, in objects of which at least a tenth is hidden. These are means
# over the first 100 scenes of each test split. Both networks were evaluated on the same images, so the interval is that of the difference:

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import paired_difference_interval
from coursekit.recipes.amodal import hidden_ious

gains = {}
for name, split in TESTS.items():
    learned, before = (hidden_ious(each, split, 100) for each in (whole, good))
    gains[name] = paired_difference_interval(learned, before)
    print(
        f"{name:15s} {len(learned)} scenes: trained on visible masks {np.mean(before):.2f}, on whole masks {np.mean(learned):.2f}, "
        "difference {:.2f} [{:.2f}, {:.2f}]".format(*gains[name])
    )

# %% tags=["solution"]
assert all(low > 0 for _, low, _ in gains.values())

# %% [markdown]
# The network has never seen what is behind the object in front. It has learned what the shapes of its classes look like, and continues them.
#
# ## What you can now say
#
# - Mask R-CNN is Faster R-CNN with a branch that predicts one small mask per class in each region.
# - The box branch predicts the class, the mask branch does not: one sigmoid per class, and a loss on the true class's mask alone.
# - The target is the true mask in the region's own cells; pasting is the inverse. Half a pixel can be lost in either.
# - IoU is insensitive to a ragged outline, boundary F is not. Large objects suffer from 28 x 28 cells, small ones do not.
# - RoIPool shifts what the branch sees by up to half a cell; RoIAlign does not.
# - Instances can be turned into a semantic map, but connected pieces of a semantic map are not instances.
# - Panoptic quality is segmentation quality times recognition quality. Segments do not overlap, so an IoU above 0.5 matches them without an assignment.
# - A mask branch can be trained on whole masks, and then it continues objects behind others, as far as their boxes reach.
# - If you paste an object, you must update the masks, boxes and areas of the objects that it covers.
#
# ## Open questions
#
# 1. Train with `softmax_loss` and a matching `choose`. What happens to the masks of overlapping objects?
# 2. `MaskRCNN(..., mask_bins=28)` predicts masks of 56 x 56. According to section 5, should that help here? Train it and judge on `val`.
# 3. One mask for all classes: put `mask_head(64, 2, 1)` of `coursekit.models.mask_rcnn` into `model.mask_head`, with a loss and a choice that
#    ignore the label. What is lost? The paper says hardly anything.
# 4. The branch of section 10 still looks only into boxes of what is visible. Train with boxes of the whole masks too, and with the box branch: what do you gain, and what happens to the boxes?
# 5. Where two masks overlap, the better score wins in `panoptic_maps`. Would it be better if the smaller one won? Count pixels on `val`.
