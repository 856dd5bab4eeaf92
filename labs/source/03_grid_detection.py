# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 03: A grid that looks once
#
# Lab 02 gave a network three slots. **YOLO** ("You Only Look Once") gives it a slot for every place in the image: a grid of cells.
# Each cell is responsible for the object whose centre lies in it. You write all the parts of a YOLO, run some of them inside a detector
# pretrained on COCO, and then train your own.
#
# | you write | you see | you train |
# |---|---|---|
# | who owns an object, encoding and decoding, the loss, scores, suppression | your own code detecting objects in real photographs, also in yours | your YOLO, end to end, and a modern one beside it |
#
# **Time:** about 90 minutes on a first reading, or 150 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Results of this lab** (95 % intervals; seed 0; 90 CPU seconds of training each; `data/checkpoints/scores.json`):
#
# | model | AP, new scenes | AP50, new scenes | AP, unseen objects | AP50, unseen objects |
# |---|---|---|---|---|
# | YOLO, as in the first paper | 0.47 [0.45, 0.49] | 0.87 [0.84, 0.89] | 0.40 [0.38, 0.42] | 0.79 [0.77, 0.82] |
# | YOLO as it is built today | 0.54 [0.53, 0.56] | 0.91 [0.90, 0.93] | 0.46 [0.45, 0.48] | 0.85 [0.83, 0.88] |
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("owner_cells")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import math

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor

from classroom import check, hint, show, style
from classroom.figures import grid as drawings
from classroom.figures.gallery import gallery
from coursekit import ops
from coursekit.draw import draw_boxes

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. How many boxes does a detector look at?
#
# A detector does not search for objects. It takes a **fixed list of candidates** and predicts for each one what it is, and how far off its box is.
#
# - **One stage:** every candidate is classified at once (YOLO, SSD, RetinaNet).
# - **Two stages:** a cheap first stage looks at every candidate and keeps the best few; only these get a second, closer look (Faster R-CNN, lab 06).
#
# Candidates sit on one or several grids: a grid of **stride** 16 has one cell for each 16 × 16 pixels, and a cell has one or more candidates.
#
# ### Exercise 1 (extra): count them
# `size` is (height, width), `strides` lists the grids, `per_cell` is the number of boxes in each cell.
# `keep` is the largest number of boxes that the second stage sees, over all grids together, or None if there is only one stage. For each grid, the image is padded
# to whole cells of that grid. Return two whole numbers: how many boxes the first stage looks at, and how many the second (0 if there is none).


# %%
def count_candidates(
    size: tuple[int, int], strides: tuple[int, ...], per_cell: int, keep: int | None = None
) -> tuple[int, int]:
    # BEGIN SOLUTION
    height, width = size
    first = sum(math.ceil(height / s) * math.ceil(width / s) * per_cell for s in strides)
    return first, 0 if keep is None else min(keep, first)
    # END SOLUTION


count_candidates = check(count_candidates)

# %%
FAMILIES = {
    "YOLO (2 boxes, stride 16)": ((16,), 2),
    "YOLO today (three levels)": ((8, 16, 32), 1),
    "RetinaNet (five levels, 9 anchors)": ((8, 16, 32, 64, 128), 9),
    "Faster R-CNN (3 anchors, keeps 300)": ((4, 8, 16, 32, 64), 3, 300),
}
for name, numbers in FAMILIES.items():
    ours, hd = ([int(n) for n in count_candidates(size, *numbers)] for size in ((192, 192), (720, 1280)))
    print(f"{name:36s} 192 × 192: {ours[0]:6d} then {ours[1]:3d}     720 × 1280: {hd[0]:6d} then {hd[1]:3d}")

# %% [markdown]
# There are perhaps five objects on a table. So nearly every candidate is background, in **every** family of detectors. Keep that in mind for lab 04.
#
# ## 2. Who owns an object?
#
# YOLO's rule is that an object belongs to **the cell that contains the centre of its box**: exactly one cell, however large the object is.
#
# ### Exercise 2: row and column
# `boxes` is `(G, 4)`, `image_size` is (height, width), `grid` is (rows, columns). Return `(G, 2)` integers: row, column.
# A centre on a grid line belongs to the cell after the line; a centre on the right or lower border of the image belongs to the last cell. All centres are inside the image.


# %%
def owner_cells(boxes: Tensor, image_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    # BEGIN SOLUTION
    (height, width), (rows, columns) = image_size, grid
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).unbind(1)  # (G,) each
    row = (y * rows / height).long().clamp(max=rows - 1)
    column = (x * columns / width).long().clamp(max=columns - 1)
    return torch.stack([row, column], 1)
    # END SOLUTION


owner_cells = check(owner_cells)

# %%
from coursekit.data.still_life import CLASSES, still_life

train = still_life("train")
image, target = train[drawings.TWO_IN_ONE_CELL]
fig = drawings.cell_ownership(image, target["boxes"], target["labels"], (12, 12), owner_cells)
show(
    fig,
    alt="A table with a banana, a bowl with a pear in it, and the edge of another banana, under a grid of 12 x 12 cells. "
    "The cell with each object's centre is filled; the pear and its bowl have their centres in the same cell, which is framed.",
)

# %% [markdown]
# The pear lies in its bowl: **two centres in one cell**. This YOLO detects one object per cell, so one of the two is lost.
#
# By the way, a cell sees more than its own 16 × 16 pixels: its numbers come from a deep network whose receptive field extends far beyond the cell.
# How many objects are lost depends on the grid:

# %%
every_box = [train.target(i)["boxes"] for i in range(len(train))]
SIDES = (3, 6, 12, 24)
lost = drawings.objects_lost(every_box, (192, 192), SIDES, owner_cells)
fig = drawings.lost_against_cells(SIDES, lost)
show(
    fig,
    alt="Share of training objects without a cell of their own: "
    + ", ".join(f"{s} x {s}: {v:.1%}" for s, v in zip(SIDES, lost, strict=True))
    + ".",
)

# %% [markdown]
# The paper's grid is 7 × 7 for an image of 448 pixels; ours is 12 × 12 for 192 pixels.
#
# **Open question.** Why not take 192 × 192 cells?
#
# ## 3. What should a cell predict?
#
# The box of a cell is four numbers between 0 and 1:
#
# - `x`, `y`: the centre, **in cells, measured from the upper left corner of the cell**;
# - `w`, `h`: width and height, **as fractions of the image** (a box may be much larger than its cell).
#
# ### Exercise 3: encode
# Return the boxes of the cells `(rows, columns, 4)` and their labels `(rows, columns)`, int64 like `labels`: 0 where there is no object.
# If two objects share a cell, the first one keeps it. There may be no objects at all. Use your `owner_cells`.


# %%
def encode_grid(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    # BEGIN SOLUTION
    (height, width), (rows, columns) = image_size, grid
    cell_boxes, cell_labels = boxes.new_zeros(rows, columns, 4), labels.new_zeros(rows, columns)
    cells = owner_cells(boxes, image_size, grid).tolist()
    for (x1, y1, x2, y2), label, (row, column) in zip(boxes.tolist(), labels, cells, strict=True):
        if cell_labels[row, column] == 0:
            x, y = (x1 + x2) / 2 * columns / width - column, (y1 + y2) / 2 * rows / height - row
            cell_boxes[row, column] = torch.tensor([x, y, (x2 - x1) / width, (y2 - y1) / height])
            cell_labels[row, column] = label
    return cell_boxes, cell_labels
    # END SOLUTION


encode_grid = check(encode_grid)

# %% [markdown]
# ### Exercise 4: decode
# Now the inverse: turn the cells' numbers, `(…, rows, columns, B, 4)`, into boxes in pixels, `xyxy`, of the same shape.
# `B` is the number of boxes that each cell predicts; there may be an image dimension before the rows. Boxes may extend beyond the image.


# %%
def decode_grid(boxes: Tensor, image_size: tuple[int, int]) -> Tensor:
    # BEGIN SOLUTION
    rows, columns = boxes.shape[-4:-2]
    height, width = image_size
    x, y, w, h = boxes.unbind(-1)  # (…, rows, columns, B) each
    x = (x + torch.arange(columns)[:, None]) * width / columns
    y = (y + torch.arange(rows)[:, None, None]) * height / rows
    return ops.box_convert(torch.stack([x, y, w * width, h * height], -1), "cxcywh", "xyxy")
    # END SOLUTION


decode_grid = check(decode_grid)

# %% [markdown]
# Encoding and then decoding must return the same boxes, except for the object that lost its cell:

# %%
cell_boxes, cell_labels = encode_grid(target["boxes"], target["labels"], (192, 192), (12, 12))
back = decode_grid(cell_boxes[:, :, None], (192, 192))[:, :, 0][cell_labels > 0]
distance = (back[:, None] - target["boxes"]).abs().amax(-1)  # (found, G)
print(f"{len(target['boxes'])} objects, {len(back)} cells own one")
print(f"largest error of the round trip: {distance.amin(1).max():.3f} pixels")
assert distance.amin(1).max() < 1e-3 and len(back) == len(target["boxes"]) - 1

# %% [markdown]
# ## 4. The loss, by hand
#
# Here are four cells, one object and two boxes per cell. All numbers are simple enough to work out on paper:

# %%
said, true_boxes, true_labels = drawings.two_by_two()
fig = drawings.loss_by_hand()
show(
    fig,
    alt="Two by two cells. The object, a dashed box, is in the upper right cell, whose box 1 (confidence 0.5) overlaps it with "
    "IoU 0.64 and box 2 (confidence 0.2) with 0.04. All other boxes have confidence 0.1. Class probabilities are 0.7 and 0.3.",
)

# %% [markdown]
# The cell predicts two boxes. Which of them should learn this object? **The one that is already better**: it is called **responsible** for the object.
# In this way one box can become the specialist for wide objects, and the other for tall ones.
#
# ### Exercise 5: who is responsible?
# `predicted` is `(G, B, 4)`: the boxes of each object's cell. `targets` is `(G, 4)`. Return a mask `(G, B)` with exactly one `True` in each row.
# If several boxes are equally good (perhaps none of them overlaps the object), choose any of them. `overlaps(predicted, targets)` gives the `(G, B)` table of IoUs.

# %%
from coursekit.models.yolo import Grid, overlaps, root


def responsible(predicted: Tensor, targets: Tensor) -> Tensor:
    # BEGIN SOLUTION
    best = overlaps(predicted, targets).argmax(1)
    return F.one_hot(best, predicted.shape[1]).bool()
    # END SOLUTION


responsible = check(responsible)

# %% [markdown]
# Now the loss. The first YOLO paper treats **everything** as a regression: five sums of squared errors.
#
# | term | which boxes | target | weight |
# |---|---|---|---|
# | `centre` | responsible | x, y of the object | 5 |
# | `size` | responsible | **square roots** of w, h of the object | 5 |
# | `object` | confidence of the responsible boxes | the **IoU** of that box | 1 |
# | `no_object` | confidence of **all other boxes of all cells** | 0 | ½ |
# | `class` | class probabilities of the cells with an object | 1 for its class, otherwise 0 | 1 |
#
# For the drawing above, where y is 0.55 instead of 0.5, h is 0.16 instead of 0.25 and the rest of the box is right, this gives:
#
# - centre: 5 × 0.05² = 0.0125
# - size: 5 × (√0.16 − √0.25)² = 5 × 0.1² = 0.05
# - object: (0.5 − 0.64)² = 0.0196
# - no_object: ½ × (0.2² + 6 × 0.1²) = 0.05
# - class: (0.7 − 1)² + (0.3 − 0)² = 0.18
#
# You write it in three steps.
#
# ### Exercise 6: centre and size
# `found` holds the responsible boxes and `true` what they should predict, both `(G, 4)` as x, y, w, h. Return a dict of two sums of squared errors, without their weights:
# `centre`, and `size` with the square roots. Use `root(sides)` for the roots: it adds a tiny number first, because sides can be 0, where the gradient of an ordinary root is infinite. G may be 0.


# %%
def box_terms(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    # BEGIN SOLUTION
    return {
        "centre": (found[:, :2] - true[:, :2]).square().sum(),
        "size": (root(found[:, 2:]) - root(true[:, 2:])).square().sum(),
    }
    # END SOLUTION


box_terms = check(box_terms)

# %%
found, true = torch.tensor([[0.5, 0.55, 0.25, 0.16]]), torch.tensor([[0.5, 0.5, 0.25, 0.25]])
for name, term in box_terms(found, true).items():
    print(f"{name:10s} 5 x {term:.4f} = {5 * term:.4f}")

# %% [markdown]
# ### Exercise 7: all other boxes
# `owned` is a mask of the cells, `(…, h, w)`, true where a cell has an object; there are G such cells. `mine` is `(G, B)`, with the responsible box of each of them; its rows are in the order of `owned.nonzero()`.
# Return a bool mask `(…, h, w, B)` of *all boxes of all cells* except the responsible ones. Begin with a mask `others` that is true everywhere; `others[owned] = …` then writes only into the cells with an object. G may be 0.


# %%
def other_boxes(owned: Tensor, mine: Tensor) -> Tensor:
    # BEGIN SOLUTION
    others = torch.ones(*owned.shape, mine.shape[1], dtype=torch.bool)
    others[owned] = ~mine
    return others
    # END SOLUTION


other_boxes = check(other_boxes)

# %%
others = other_boxes(true_labels > 0, torch.tensor([[True, False]]))
print(
    f"{others.sum()} of {others.numel()} boxes should have confidence 0; in the upper right cell: {others[0, 1].tolist()}"
)

# %% [markdown]
# ### Exercise 8: the five terms
# The first lines are given: they pick out what you need. Return a dict of the five *weighted* sums; the network is trained on their total.
# `grid` has `boxes (…, h, w, B, 4)`, `confidences (…, h, w, B)` and `classes (…, h, w, K)`.


# %%
def yolo_loss(
    grid: Grid, boxes: Tensor, labels: Tensor, lambda_coord: float = 5.0, lambda_noobj: float = 0.5
) -> dict[str, Tensor]:
    owned = labels > 0  # cells with an object, G of them
    corners = decode_grid(grid.boxes, (1, 1))[owned].detach()  # (G, B, 4): no gradient flows through an IoU
    true_corners = decode_grid(boxes[..., None, :], (1, 1))[owned][:, 0]  # (G, 4)
    mine = responsible(corners, true_corners)  # (G, B)
    iou = overlaps(corners, true_corners)[mine]  # (G,): of the responsible boxes
    right_class = F.one_hot(labels[owned] - 1, grid.classes.shape[-1])  # (G, K)
    terms = box_terms(grid.boxes[owned][mine], boxes[owned])
    others = other_boxes(owned, mine)
    # BEGIN SOLUTION
    return {
        "centre": lambda_coord * terms["centre"],
        "size": lambda_coord * terms["size"],
        "object": (grid.confidences[owned][mine] - iou).square().sum(),
        "no_object": lambda_noobj * grid.confidences[others].square().sum(),
        "class": (grid.classes[owned] - right_class).square().sum(),
    }
    # END SOLUTION


yolo_loss = check(yolo_loss)

# %%
for name, term in yolo_loss(said, true_boxes, true_labels).items():
    print(f"{name:10s} {term:.4f}")

# %% [markdown]
# **Why the roots?** A box that is 6 pixels too wide is bad for a spoon of 20 pixels, but hardly matters for a table of 180.

# %% tags=["folded"]
width = torch.arange(16.0, 181)  # pixels, in a picture of 192
plain = ((width + 6) / 192 - width / 192).square()
rooted = (((width + 6) / 192).sqrt() - (width / 192).sqrt()).square()
fig, ax = plt.subplots(figsize=(5, 2.6))
ax.plot(width, plain / plain[-1], label="squares of w")
ax.plot(width, rooted / rooted[-1], label="squares of √w")
ax.set(
    xlabel="width of the object (pixels)", ylabel="cost of 6 pixels\n(180-pixel object = 1)", ylim=(0, None)
)
ax.legend()
show(
    fig,
    alt=f"Without the root, 6 pixels cost the same for every object. With it they cost {rooted[0] / rooted[-1]:.0f} times as much at a width of 16 as at 180.",
)

# %% [markdown]
# The roots help, but they are a trick. The IoU itself has no such problem, which is why today's YOLO uses GIoU (lab 01).
#
# ## 5. The raw outputs of a trained detector
#
# Before you train, look at the outputs of a network that **is** trained: YOLOX-Nano with the 80 classes of COCO, the detector of lab 01.
# Without its last steps it outputs nothing but tensors. You will write those last steps.

# %%
from coursekit.data.photos import photo, photo_target
from coursekit.models.yolox_nano import COCO_CLASSES, STRIDES, letterbox, yolox_nano

coffee = photo("coffee")
detector = yolox_nano()
batch, scales = letterbox([coffee])  # resized to a square of 416 pixels
with torch.no_grad():
    raw = detector.outputs(batch)
for level, maps in raw.items():
    shapes = {name: tuple(numbers.shape[1:]) for name, numbers in maps.items()}
    print(f"{level}, stride {STRIDES[level]:2d}: {shapes}")

# %% [markdown]
# There are three grids. Each cell predicts four numbers (`offsets`), whether there is an object (`objectness`), and what it would be (`scores`).
# The last two are logits: a sigmoid turns them into probabilities.
#
# ### Exercise 9: confidence times class
# What should the score of a box for a class be? The confidence is the probability that there is *any* object; the class probabilities say which class it has *if* there is one.
# Confidences `(…, B)` and class probabilities `(…, K)` give scores `(…, B, K)`.


# %%
def class_scores(confidences: Tensor, classes: Tensor) -> Tensor:
    # BEGIN SOLUTION
    return confidences[..., None] * classes[..., None, :]
    # END SOLUTION


class_scores = check(class_scores)

# %% [markdown]
# ### Exercise 10 (extra): decode another network's grid
# This network uses different units. A cell at (column, row) predicts `dx, dy, log w, log h`, all **in strides**: the centre is at
# `(column + dx, row + dy)`, and the sides are `exp` of the logarithms. Turn `(N, 4, h, w)` into boxes `(N, h · w, 4)`, `xyxy` in pixels, row by row.


# %%
def decode_level(offsets: Tensor, stride: int) -> Tensor:
    # BEGIN SOLUTION
    rows, columns = offsets.shape[-2:]
    dx, dy, log_w, log_h = offsets.unbind(1)  # (N, h, w) each
    x, y = dx + torch.arange(columns), dy + torch.arange(rows)[:, None]
    boxes = torch.stack([x, y, log_w.exp(), log_h.exp()], -1).flatten(1, 2) * stride  # (N, h * w, 4)
    return ops.box_convert(boxes, "cxcywh", "xyxy")
    # END SOLUTION


decode_level = check(decode_level)

# %% [markdown]
# Together the two functions turn the raw outputs into boxes and scores for all cells of all levels:


# %%
def decode(outputs: dict) -> tuple[Tensor, Tensor]:
    boxes = [decode_level(maps["offsets"], STRIDES[level]) for level, maps in outputs.items()]
    confidences = [
        maps["objectness"].sigmoid().flatten(2)[:, 0, :, None] for maps in outputs.values()
    ]  # (N, h w, 1)
    classes = [
        maps["scores"].sigmoid().flatten(2).transpose(1, 2) for maps in outputs.values()
    ]  # (N, h w, 80)
    scores = [class_scores(*pair)[:, :, 0] for pair in zip(confidences, classes, strict=True)]  # (N, h w, 80)
    return torch.cat(boxes, 1).float(), torch.cat(scores, 1).float()


boxes, scores = (part[0] for part in decode(raw))
boxes = ops.clip_boxes_to_image(boxes / scales[0], coffee.shape[1:])  # in the photograph, not in the square
best, classes = scores.max(1)
print(
    f"{len(boxes)} cells; {int((best > 0.5).sum())} score more than 0.5, {int((best > 0.05).sum())} more than 0.05"
)

# %% [markdown]
# Move the threshold. A lower threshold finds more objects, but also more false detections. **No threshold removes the duplicates.**
# In this photograph only a cup and a spoon are annotated; the *other* boxes are on something that is not annotated, like the table, or on nothing at all.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import ThresholdSlider

sure = (best > 0.02).nonzero()[:, 0]
truth = photo_target("coffee")
known = truth["labels"] <= len(COCO_CLASSES)
truth = {"boxes": truth["boxes"][known], "labels": truth["labels"][known]}
ThresholdSlider(boxes[sure], best[sure], classes[sure] + 1, COCO_CLASSES, coffee, truth, threshold=0.5)

# %% [markdown]
# ## 6. Suppression: one object, one box
#
# Neighbouring cells see the same cup, and all of them detect it. **Non-maximum suppression** (NMS) cleans up:
# keep the best box, remove every box that overlaps it by **more than** a threshold, and continue with the best of the rest.
# Step through it. The image is one of our still lifes, with three mugs; the boxes are the COCO network's detections of cups.
# What happens at a threshold of 0.1? At 0.9?

# %% tags=["nbval-ignore-output"]
from classroom.widgets import NmsStepper

three_mugs = train[1391][0]
batch, scales = letterbox([three_mugs])
with torch.no_grad():
    mug_boxes, mug_scores = (part[0] for part in decode(detector.outputs(batch)))
cup = mug_scores[:, COCO_CLASSES.index("cup")]
rivals = (cup > 0.1).nonzero()[:, 0]
NmsStepper(mug_boxes[rivals] / scales[0], cup[rivals], three_mugs)

# %% [markdown]
# ### Exercise 11: suppression
# For boxes `(N, 4)` and scores `(N,)`, return the indices of the kept boxes (int64, even if there are no boxes), the best first.
# Only a **kept** box removes others. Boxes with equal scores may come in any order.


# %%
def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    # BEGIN SOLUTION
    left, kept = scores.argsort(descending=True, stable=True), []
    while len(left):
        kept.append(left[0])
        iou = ops.box_iou(boxes[left[:1]], boxes[left[1:]])[0]
        left = left[1:][iou <= iou_threshold]
    return torch.stack(kept) if kept else left
    # END SOLUTION


nms = check(nms)

# %% [markdown]
# ### Exercise 12 (extra): class by class
# A cat in front of a dog gives two boxes that overlap, and both are right. Only boxes of **the same class** compete.
# `idxs` is the class of each box, from 0. Return the indices of the kept boxes (int64), the best of all classes first. There may be no boxes.
# Use your `nms`.


# %%
def batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    # BEGIN SOLUTION
    far = boxes.max() + 1 if len(boxes) else 0  # classes that are so far apart never overlap
    return nms(boxes + (idxs * far)[:, None], scores, iou_threshold)
    # END SOLUTION


batched_nms = check(batched_nms)

# %% [markdown]
# Compare with the library, on the candidates of the photograph:

# %%
import torchvision

theirs = torchvision.ops.batched_nms(boxes[sure], best[sure], classes[sure], 0.45)
mine = batched_nms(boxes[sure], best[sure], classes[sure], 0.45)
print(
    f"{len(sure)} candidates; kept: yours {len(mine)}, torchvision's {len(theirs)}, the same: {mine.tolist() == theirs.tolist()}"
)
assert set(mine.tolist()) == set(theirs.tolist())

# %% [markdown]
# ## 7. Your detector on photographs
#
# The network was trained on COCO; everything after it is **your code**: `decode_level`, `class_scores`, `batched_nms`.

# %%
NAMES = ("coffee", "chelsea", "astronaut", "motorcycle")
pictures = [photo(name) for name in NAMES]
found = detector.detect(pictures, decode=decode, nms=batched_nms)

fig, axes = plt.subplots(2, 2, figsize=(9, 7))
for ax, name, picture, answer in zip(axes.flat, NAMES, pictures, found, strict=True):
    draw_boxes(ax, picture, answer["boxes"], answer["labels"], answer["scores"], COCO_CLASSES)
    ax.set_title(name)
show(
    fig,
    alt="Four photographs with the detections of your own decoding and suppression: a cup, a cat, an astronaut, a motorcycle.",
)

# %% [markdown]
# And now yours. Upload a photograph, or press *Camera* and take one. Nothing leaves this computer. **Then run the cell below again.**

# %% tags=["nbval-ignore-output"]
from classroom.widgets import PhotoInput

own = PhotoInput(fallback="astronaut")
own

# %%
(answer,) = detector.detect([own.image], decode=decode, nms=batched_nms)
fig, ax = plt.subplots(figsize=(5, 4))
draw_boxes(ax, own.image, answer["boxes"], answer["labels"], answer["scores"], COCO_CLASSES)
show(
    fig, alt="The chosen photograph with the detections from your decoding and suppression, if there are any."
)

# %% [markdown]
# **Open question.** Find a photograph in which suppression removes an object that is really there. What would help, and what would it cost?
#
# ## 8. Train your own YOLO
#
# The model is made of your `encode_grid`, `decode_grid`, `yolo_loss` and `batched_nms`; the network is four convolutions on frozen features.
# All terms are trained **together**, end to end: one gradient for *where*, *whether* and *what*.

# %% tags=["nbval-ignore-output"]
from coursekit.data.still_life_features import still_life_features

scenes = still_life_features(
    "train", "boxes", mirrored=True
)  # cached features of the training scenes and of their mirror images
print(f"{len(scenes)} training images")

# %% [markdown]
# You train for 500 steps, about 45 seconds, which is less than half of the published budget.

# %% tags=["nbval-ignore-output"]
from classroom import progress_bar, steps
from coursekit.models.yolo import Yolo
from coursekit.training import fit, predict

torch.manual_seed(0)
yolo = Yolo(len(CLASSES), encode=encode_grid, decode=decode_grid, loss=yolo_loss, nms=batched_nms)
curves = {}
for step in progress_bar(fit(yolo, scenes, steps(500), seed=0), 45):
    for name, value in step.losses.items():
        curves.setdefault(name, []).append(value)

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(6, 3))
for name, losses in curves.items():
    smooth = torch.tensor(losses).unfold(0, min(25, len(losses)), 1).mean(-1)
    ax.semilogy(smooth, label=name)
ax.set(xlabel="step", ylabel="term of the loss")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(
    fig,
    alt="The five terms of the loss during training, on a logarithmic scale: no_object falls at once and then creeps up, object rises and stays, the others fall.",
)

# %% [markdown]
# The two confidence terms pull in opposite directions: `no_object` pulls every confidence towards 0, and `object` pulls a few of them towards the IoU.
#
# ## 9. Average precision
#
# Accuracy makes no sense here, because the number of detections is not fixed. **Average precision** (AP) sorts all detections by score and measures, at every recall, which share of them is right.
# *AP50* counts a box as right if its IoU is at least 0.5; *AP* is the mean over ten such thresholds from 0.5 to 0.95. (Lab 07 takes it apart.)

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import coco_intervals, coco_metrics

TESTS = {"new scenes": "test_scenes", "unseen objects": "test_objects"}
tests = {name: still_life_features(split) for name, split in TESTS.items()}
truths = {name: [dataset.target(i) for i in range(len(dataset))] for name, dataset in tests.items()}


def report(title: str, model) -> dict[str, list[dict]]:
    answers = {name: predict(model, dataset) for name, dataset in tests.items()}
    for name, found in answers.items():
        intervals = coco_intervals(found, truths[name])
        words = "   ".join(
            f"{key} {mean:.2f} [{low:.2f}, {high:.2f}]" for key, (mean, low, high) in intervals.items()
        )
        print(f"{title:12s} {name:15s} {words}")
    return answers


answers = {"yolo": report("YOLO", yolo)}

# %% tags=["solution"]
for name, low in (("new scenes", 0.70), ("unseen objects", 0.60)):
    assert coco_metrics(answers["yolo"][name], truths[name])["AP50"] > low, name

# %% [markdown]
# Step through the unseen objects, worst first. Score ≥ 0.2; dashed: ground truth.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import PredictionBrowser


def confident(prediction: dict, threshold: float = 0.2) -> dict:
    keep = prediction["scores"] >= threshold
    return {name: values[keep] for name, values in prediction.items()}


unseen = still_life("test_objects")
PredictionBrowser(unseen, [confident(p) for p in answers["yolo"]["unseen objects"]], CLASSES)

# %% [markdown]
# Does a threshold help? To the eye it does, but for AP it only cuts off recall. And what happens without suppression?

# %% tags=["nbval-ignore-output"]
everything = Yolo(
    len(CLASSES), nms=lambda boxes, scores, idxs, iou_threshold: scores.argsort(descending=True)
)
everything.load_state_dict(yolo.state_dict())
variants = {
    "as it is": answers["yolo"]["new scenes"],
    "only scores above 0.3": [confident(p, 0.3) for p in answers["yolo"]["new scenes"]],
    "no suppression": predict(everything, tests["new scenes"]),
}
variant_ap = {name: coco_metrics(found, truths["new scenes"])["AP50"] for name, found in variants.items()}
for name, value in variant_ap.items():
    print(f"{name:22s} AP50 {value:.2f}")

# %% tags=["solution"]
assert variant_ap["only scores above 0.3"] <= variant_ap["as it is"] + 0.01

# %% [markdown]
# ## 10. YOLO today
#
# Ten years later the idea is still the same: one look, boxes from cells, confidence times class. What has changed is that there are three grids instead of one, several cells
# for each object, cross-entropy instead of squared errors, and GIoU instead of centre and size (`coursekit/models/yolo_modern.py`).
# You train for 250 steps, about 30 seconds, which is a third of the published budget.

# %% tags=["nbval-ignore-output"]
from coursekit.models.yolo_modern import YoloModern

torch.manual_seed(0)
modern = YoloModern(len(CLASSES), nms=batched_nms)
for _ in progress_bar(fit(modern, scenes, steps(250), seed=0), 30):
    pass
answers["modern"] = report("YOLO today", modern)

# %% tags=["folded"]
chosen = [1, 4, 7]
images = [unseen[i][0] for i in chosen]
rows = [confident(answers[model]["unseen objects"][i]) for model in ("yolo", "modern") for i in chosen]
targets = [{key: unseen[i][1][key] for key in ("boxes", "labels")} for i in chosen]
fig = gallery(images * 2, targets * 2, rows, CLASSES, columns=3, titles=["YOLO"] * 3 + ["YOLO today"] * 3)
show(
    fig,
    alt="Three scenes with unseen objects, detected by the first YOLO in the upper row and by the modern one in the lower row.",
)

# %% [markdown]
# After so few steps the two are about level. With the full budget the modern one is ahead: see the table at the top.
#
# ## 11. Cells against other candidates
#
# Back to section 1: how good are the *candidates*? **recall@k** is the share of objects that are covered (IoU of at least 0.5) by one of the k best boxes of their image, whatever its class.
# A **regular grid** does not look at the image at all. **Selective search** looks at the pixels, but is not trained (lab 05). The cells of your YOLO are sorted by confidence.
# This uses 24 new scenes and takes about 10 seconds.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import proposal_recall
from coursekit.proposals import grid_proposals, selective_search

pictures = [still_life("test_scenes")[i][0] for i in range(24)]
with torch.no_grad():
    said = yolo.eval().outputs([tests["new scenes"][i][0] for i in range(24)])
order = said.confidences.flatten(1).argsort(descending=True)  # (24, 288)
cells = decode_grid(said.boxes, (192, 192)).flatten(1, 3)  # (24, 288, 4)
proposals = {
    "regular grid": [grid_proposals((192, 192), 200)] * 24,
    "selective search": [selective_search(picture) for picture in pictures],
    "cells of your YOLO": [
        ops.clip_boxes_to_image(b[o], (192, 192)) for b, o in zip(cells, order, strict=True)
    ],
}
wanted = [target["boxes"] for target in truths["new scenes"][:24]]
KS = (1, 2, 5, 10, 20, 50, 100, 200)
recalls = {name: [proposal_recall(boxes, wanted, k) for k in KS] for name, boxes in proposals.items()}

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(5.5, 3))
for name, values in recalls.items():
    ax.semilogx(KS, values, "o-", label=name)
ax.set(xlabel="k, boxes per image", ylabel="recall@k", ylim=(0, 1.02))
ax.set_xticks(KS, KS)
ax.set_xticks([], minor=True)
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(
    fig,
    alt="Recall against the number of boxes: ten cells of YOLO cover about as many objects as fifty to a hundred boxes of selective search; the regular grid needs more than two hundred.",
)

# %% tags=["solution"]
assert (
    recalls["cells of your YOLO"][3] > recalls["selective search"][3] > 0
    and recalls["cells of your YOLO"][3] > 0.8
)

# %% [markdown]
# Ten *learnt* candidates cover about as many objects as fifty or more candidates that come from pixels alone. Two-stage detectors are built on this (lab 06).
#
# ## What you can now say
#
# - A one-stage detector classifies every candidate; a two-stage detector looks again at the best few. Most candidates are background in both.
# - The cell that contains the centre owns the object. If two centres lie in one cell, one object is lost.
# - x and y are measured from the corner of the cell, w and h are fractions of the image; encoding and then decoding changes nothing, even if H ≠ W.
# - The box with the best IoU in a cell is responsible; its confidence should be that IoU, and the confidence of all others should be 0.
# - Score = confidence × class. A threshold does not remove duplicates; suppression does, class by class.
# - YOLO's detections still need suppression. AP needs the low scores too.
#
# ## Open questions
#
# 1. Train `Yolo(len(CLASSES), boxes_per_cell=1)`. What is lost? And what happens with 4?
# 2. Change the two weights of the loss. Which term suffers when `lambda_noobj` is 5?
# 3. Train without the roots. Does the AP of small objects fall (`coco_metrics(...)["APs"]`)?
# 4. Set the IoU threshold of suppression to 0.3 and 0.7 in the detector on photographs. Which objects are affected?
# 5. Most cells are background, but their loss is counted too. What if it drowned out everything else? (Lab 04)
