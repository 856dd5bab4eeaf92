# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 05: Look closer only where something may be
#
# YOLO, SSD and RetinaNet predict everywhere at once. The other family of detectors takes two steps: first **propose** a few hundred boxes that may contain an object,
# then **look into each** of them. That raises two questions. Where do the boxes come from? And how can a network look into a hundred boxes
# without running a hundred times?
#
# | you write | you see | you train |
# |---|---|---|
# | which regions merge, recall@k, the batch index, RoIPool, a value between cells, RoIAlign | regions that grow into objects; a region to drag over a feature map; where gradients go | a region proposal network; a Fast R-CNN with your RoIAlign inside |
#
# **Time:** about 70 minutes on a first reading, or 100 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Measured elsewhere** (all 200 validation scenes; `python bench/proposals.py`, `bench/README.md`): 200 boxes of selective search cover 0.974 [0.963, 0.984]
# of the objects in an image; 200 boxes of a regular grid cover 0.911 [0.892, 0.930].
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("region_similarity")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from classroom import check, hint, show, style
from classroom.figures import pooling, proposing
from classroom.figures.gallery import gallery
from coursekit import ops
from coursekit.draw import draw_image

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. Boxes from pixels
#
# How many boxes are there in an image? Every pair of corners makes one.

# %%
from coursekit.data.still_life import CLASSES, still_life

val = still_life("val")
image, target = val[5]
height, width = image.shape[1:]
every_box = (width * (width + 1) // 2) * (height * (height + 1) // 2)
print(
    f"{every_box:,} boxes with whole pixels in an image of {width} x {height}; {len(target['boxes'])} of them are right"
)

# %% [markdown]
# A one-stage detector thins them out to a few thousand anchors and makes a prediction for each. A **proposal** method looks at the image and selects a few hundred.
#
# **Selective search** learns nothing. It divides the image into small regions of similar colour, then merges the two most similar neighbours, again and again.
# Every region that ever existed contributes its box. One of these boxes is often an object, whether small or large.

# %%
from coursekit.proposals import describe_regions, merge_regions, segment, selective_search, to_space

pixels = to_space(image, "lab")  # lightness and two colours, 0 to 1
labels = segment(pixels, scale=50)  # (H, W): the number of its region for each pixel
fig, axes = plt.subplots(1, 2, figsize=(7, 3.6))
draw_image(axes[0], image, "the image")
proposing.draw_regions(axes[1], image, labels, f"{labels.max() + 1} regions to begin with")
show(
    fig,
    alt="A still life, and the same image divided into small regions, each in its mean colour: every object consists of a few regions.",
)

# %% [markdown]
# ### Exercise 1 (extra): how similar are two regions?
# A region is described by its colour histogram (whose bins sum to 1) and its size in pixels. The similarity is the sum of two numbers between 0 and 1:
#
# $$s(a, b) = \sum_{k} \min(\mathrm{colour}_a^k, \mathrm{colour}_b^k) \;+\; 1 - \frac{\mathrm{size}_a + \mathrm{size}_b}{\mathrm{size\ of\ the\ image}}$$
#
# The first part is what the histograms have in common. The second lets small regions merge early, so that all regions grow at the same pace.
# `colour_a` is `(B,)` and `colour_b` is `(N, B)`: return the similarity of region a to each of N others, `(N,)`. Any float dtype will do.


# %%
def region_similarity(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    # BEGIN SOLUTION
    shared = torch.minimum(colour_a, colour_b).sum(-1)
    return shared + 1 - (size_a + size_b) / image_size
    # END SOLUTION


region_similarity = check(region_similarity)

# %% [markdown]
# ### Exercise 2 (extra): which two merge next?
# `similarity` and `touching` are `(R, R)` tables, both symmetric. Return `(i, j)` with i < j: of all pairs of regions that **touch**, the most similar one, even if its similarity is 0.
# At least two regions touch. Among equal pairs take the first, row by row. Leave both tables unchanged.


# %%
def next_merge(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    # BEGIN SOLUTION
    table = similarity.masked_fill(~touching.triu(1), -torch.inf)
    return divmod(int(table.argmax()), len(table))
    # END SOLUTION


next_merge = check(next_merge)

# %% [markdown]
# These two functions are enough for a proposal method. The loop below describes all regions again after each merge, which is slow but simple.


# %%
def grow(pixels: np.ndarray, labels: np.ndarray) -> list[tuple]:
    """The box of every region that ever exists, in order."""
    labels, boxes = labels.copy(), []
    while labels.max() > 0:
        regions = describe_regions(pixels, labels)
        colour, size = torch.from_numpy(regions.colour), torch.from_numpy(regions.size)  # (R, 75), (R,)
        similarity = torch.stack(
            [
                region_similarity(c, s, colour, size, regions.image_size)
                for c, s in zip(colour, size, strict=True)
            ]
        )
        touching = torch.tensor([[j in near for j in range(len(size))] for near in regions.neighbours])
        i, j = map(int, next_merge(similarity, touching))
        boxes.append((*np.minimum(*regions.box[[i, j], :2]), *np.maximum(*regions.box[[i, j], 2:])))
        labels[labels == j] = i
        labels[labels > j] -= 1  # so that there are no gaps in the numbers
    return boxes


yours = grow(pixels, labels)
print(
    f"{labels.max() + 1} regions, {len(yours)} merges; the last box is the whole image: {[int(x) for x in yours[-1]]}"
)


# %% [markdown]
# `coursekit.proposals` does the same without looking at a pixel twice, because the histogram of a merged region is the mean of the two histograms, weighted by their sizes.
# Here it uses your similarity. Do both give the same boxes?


# %%
def my_similarity(regions, i: int, j: np.ndarray) -> np.ndarray:
    """`region_similarity` in the form that `merge_regions` needs: region i with each of those in j."""
    colour, size = torch.from_numpy(regions.colour), torch.from_numpy(regions.size)
    return region_similarity(colour[i], size[i], colour[j], size[j], regions.image_size).numpy()


merges = list(merge_regions(describe_regions(pixels, labels), [my_similarity]))
assert {merge.box for merge in merges} == set(yours)
left = [labels.max() + 1, 30, 20, 14, 9, 6, 3, 1]
show(
    proposing.grouping(image, labels, merges, left, target["boxes"]),
    alt="Eight moments of the grouping, from all small regions to a single one. An object's dashed black frame turns red once a region covers it; "
    "later merges absorb objects into the table, but their boxes have already been recorded.",
)

# %% [markdown]
# Dashed: an object that no region has covered so far. Red: some region, now or earlier, fits it. Does a later merge undo that?
#
# A single grouping makes mistakes. So selective search runs several, with different colour spaces, different initial regions and different similarities (texture, and how well two regions fill
# their common box), and puts all boxes into one list. There is no score that tells which boxes are good. On average the largest boxes come first, in a partly random order.
#
# ## 2. How many objects do k boxes cover?
#
# ### Exercise 3: recall@k
# `proposals` and `boxes` are lists with one tensor per image: `(P, 4)`, the best first, and `(G, 4)`.
# Return the share of **all objects of all images** that are covered with an IoU of at least 0.5 by one of the first k proposals of their image (**recall@k**).
# One proposal may cover several objects. An image may have fewer than k proposals, or none, or no objects; at least one image has an object.


# %%
def proposal_recall(proposals: list[Tensor], boxes: list[Tensor], k: int) -> float:
    # BEGIN SOLUTION
    pairs = zip(proposals, boxes, strict=True)
    found = sum((ops.box_iou(proposed[:k], true) >= 0.5).any(0).sum() for proposed, true in pairs)
    return float(found / sum(map(len, boxes)))
    # END SOLUTION


proposal_recall = check(proposal_recall)

# %% [markdown]
# Here are three methods without any learning, on 30 validation scenes: a grid of boxes that ignores the image, one grouping with your similarity, and the eight groupings of selective search.

# %% tags=["nbval-ignore-output"]
from classroom import progress_bar, steps
from coursekit.proposals import grid_proposals
from coursekit.training import fit, predict


def one_grouping(image: Tensor) -> Tensor:
    return selective_search(image, spaces=("lab",), scales=(50,), mixes=[(my_similarity,)])


WAYS = {
    "grid": lambda image: grid_proposals(image.shape[1:], 200),
    "one grouping, yours": one_grouping,
    "selective search": selective_search,
}
scenes = [val[i] for i in range(steps(30))]  # fewer of them when COURSEKIT_STEPS says so
truth = [target["boxes"] for _, target in scenes]
found, seconds = {}, {}
for name, propose in WAYS.items():
    start = time.process_time()
    found[name] = [propose(image) for image, _ in scenes]
    seconds[name] = (time.process_time() - start) / len(scenes)

# %% [markdown]
# And here is one that learns: a **region proposal network** (RPN), the first stage of Faster R-CNN. For every anchor it predicts whether there is an object, and how to move the anchor onto it.
# You will build it in lab 06. Here it is trained alone, for 120 steps on cached features.


# %% tags=["nbval-ignore-output"]
from coursekit.data.still_life_features import still_life_features
from coursekit.models import rpn
from coursekit.models.faster_rcnn import FasterRCNN


class Proposer(FasterRCNN):
    """A Faster R-CNN whose first stage alone is trained."""

    def losses(self, batch, targets):
        return self.proposal_losses(self.outputs(batch).rpn, targets)


torch.manual_seed(0)
proposer = Proposer(len(CLASSES))
train_features = still_life_features("train", "boxes", mirrored=True)
for _ in progress_bar(fit(proposer, train_features, steps(120), batch_size=8, seed=0), 6):
    pass


# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def learned_proposals(maps: dict) -> Tensor:
    outputs = proposer.eval().outputs([maps])
    return rpn.propose(outputs.rpn, [(height, width)], limit=200)[0]


from coursekit.nets.efficientnet import efficientnet_lite0

val_features, backbone = still_life_features("val"), efficientnet_lite0()
found["RPN"] = [learned_proposals(val_features[i][0]) for i in range(len(scenes))]
start = time.process_time()
for picture, _ in scenes[:5]:  # from pixels, as the others
    with torch.no_grad():
        learned_proposals({level: maps[0] for level, maps in backbone(picture[None]).items()})
seconds["RPN"] = (time.process_time() - start) / len(scenes[:5])

COUNTS = (5, 10, 20, 50, 100, 200)
recall = {name: [proposal_recall(boxes, truth, k) for k in COUNTS] for name, boxes in found.items()}
print(f"{'':20s} {'  '.join(f'@{k:<4d}' for k in COUNTS)} seconds per image")
for name, shares in recall.items():
    print(f"{name:20s} {'  '.join(f'{share:.2f} ' for share in shares)} {seconds[name]:.3f}")

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(6, 3.6))
proposing.draw_recall(ax, COUNTS, recall)
show(
    fig,
    alt="Recall against the number of boxes. The grid is lowest; selective search rises slowly to nearly all objects at 200 boxes; "
    "with few boxes, the trained region proposal network is far ahead.",
)

# %% tags=["solution"]
at = {name: dict(zip(COUNTS, shares, strict=True)) for name, shares in recall.items()}
assert at["selective search"][200] > at["grid"][200] and at["selective search"][200] > 0.9
assert at["RPN"][20] > at["selective search"][20] and seconds["RPN"] < seconds["selective search"]

# %% [markdown]
# The grid needs hundreds of boxes for what selective search achieves with a few dozen. But look at k = 5: the first boxes of selective search are merely the largest,
# not the best. The trained network *scores* its boxes, so it needs only a few. It is also faster.
#
# ## 3. A network for every box?
#
# **R-CNN** (2014) cut each proposal out of the image, stretched it to the network's input size, and ran the whole network on it.
# **Fast R-CNN** (2015) runs the network once and cuts the boxes out of its **feature map**. Compare both ways on the same 50 boxes:


# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def cost_of_boxes(image: Tensor, boxes: Tensor) -> dict[str, dict[str, float]]:
    """CPU milliseconds that both ways take."""
    clock = [time.process_time()]
    crops = ops.crop_and_resize(image[None], [boxes], image.shape[1:])  # (50, 3, H, W)
    clock.append(time.process_time())
    for some in crops.split(10):
        backbone(some)
    clock.append(time.process_time())
    maps = backbone(image[None])
    clock.append(time.process_time())
    ops.roi_align(maps["C3"], [boxes], 7, 1 / 8, sampling_ratio=2, aligned=True)  # (50, 40, 7, 7)
    clock.append(time.process_time())
    crop, many, once, pool = (1000 * (b - a) for a, b in zip(clock, clock[1:], strict=False))
    return {"R-CNN": {"pooling": crop, "network": many}, "Fast R-CNN": {"network": once, "pooling": pool}}


fifty = found["selective search"][0][:50]
cost_of_boxes(scenes[0][0], fifty[:2])  # the first call of a network is slow
costs = cost_of_boxes(scenes[0][0], fifty)
total = {name: sum(parts.values()) for name, parts in costs.items()}
ratio = total["R-CNN"] / total["Fast R-CNN"]
print(
    f"{len(fifty)} boxes: R-CNN {total['R-CNN']:.0f} ms, Fast R-CNN {total['Fast R-CNN']:.0f} ms: {ratio:.0f} times as much"
)

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(8, 1.9))
proposing.draw_costs(ax, costs)
show(
    fig,
    alt="Two bars of milliseconds per image. R-CNN's is long, and nearly all of it is the network; Fast R-CNN's is a small fraction of it.",
)

# %% tags=["solution"]
assert ratio > 8

# %% [markdown]
# ## 4. Any box in, 7 x 7 out
#
# The layers that follow need inputs of a fixed size. So **RoI pooling** turns each *region of interest* (RoI) into 7 x 7 cells, however large it is:
# R regions go in, and R x C x 7 x 7 numbers come out. The depth C stays; the original width and height are lost.

# %%
maps = val_features[5][0]["C3"]  # (40, 24, 24): a cell is 8 x 8 pixels
channel = int(maps.flatten(1).std(1).argmax())
three = target["boxes"][:3]
pooled = ops.roi_align(maps[None], [three], 7, 1 / 8, sampling_ratio=2, aligned=True)
print(f"{len(three)} regions of a map {tuple(maps.shape)} become {tuple(pooled.shape)}")
show(
    pooling.regions_in_cells_out(image, maps[channel], three, pooled[:, channel]),
    alt="A still life with three boxes of different shapes; the same boxes on its coarse feature map; three square outputs of 7 by 7 cells.",
)

# %% [markdown]
# ### Exercise 4: which image does a region belong to?
# A batch has one tensor of maps, `(N, C, h, w)`, and the boxes of N images. torchvision takes all boxes in **one** table `(K, 5)`: one extra column, then x1, y1, x2, y2.
# What must column 0 contain, so that each box is cut out of its own map? `targets` is a list of dicts with `"boxes"` `(G, 4)` and `"labels"` `(G,)`.
# Some images have no boxes. If no image has any, the table is `(0, 5)`. It has the dtype of the boxes.


# %%
def batch_regions(targets: list[dict]) -> Tensor:
    # BEGIN SOLUTION
    rows = []
    for i, target in enumerate(targets):
        index = torch.full((len(target["boxes"]), 1), float(i))
        rows.append(torch.cat([index, target["boxes"]], 1))  # (G, 5)
    return torch.cat(rows)
    # END SOLUTION


batch_regions = check(batch_regions)

# %% [markdown]
# torchvision does not check the index: with a wrong one, it reads memory that belongs to something else. Our operator checks it first.

# %%
regions = batch_regions([target])
regions[:, 0] = target["labels"]
try:
    ops.roi_pool(maps[None], regions, 7, 1 / 8)
except ValueError as error:
    print(error)

# %% [markdown]
# ### Exercise 5: RoIPool
# Fast R-CNN's operator, **RoIPool**, works on whole cells. For one map `(C, h, w)` and one `box` in **pixels**:
#
# 1. Multiply the box by `scale` (torchvision: `spatial_scale`, here 1/8) and round each corner to the nearest cell, halves up.
# 2. The cell of the right corner is part of the region, so the region is `x2 - x1 + 1` cells wide; the same holds for its height.
# 3. Bin j of `bins` covers the cells from `floor(j * length / bins)` to `ceil((j + 1) * length / bins)` (exclusive), counted from x1. Neighbouring bins may share a cell.
# 4. Take the **largest** value of each channel in each bin. A box may extend beyond the map on any side: there are no cells there, and a bin without cells is 0.
#
# Return `(C, bins, bins)`; the first of the two `bins` axes runs down. The map must get a gradient and keep its dtype, here and in exercises 6 and 7.


# %%
def roi_pool_one(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    # BEGIN SOLUTION
    def edges(start: int, end: int, limit: int) -> list[tuple[int, int]]:
        length = max(end - start + 1, 1)
        ends = [(start + j * length // bins, start - -(j + 1) * length // bins) for j in range(bins)]
        return [(min(max(a, 0), limit), min(max(b, 0), limit)) for a, b in ends]

    x1, y1, x2, y2 = (box * scale + 0.5).floor().int().tolist()
    height, width = features.shape[1:]
    empty = features.new_zeros(len(features))
    rows = []
    for top, bottom in edges(y1, y2, height):
        columns = edges(x1, x2, width)
        cells = [features[:, top:bottom, left:right].flatten(1) for left, right in columns]
        rows.append(torch.stack([c.amax(1) if c.numel() else empty for c in cells], 1))  # (C, bins)
    return torch.stack(rows, 1)  # (C, bins, bins)
    # END SOLUTION


roi_pool_one = check(roi_pool_one)

# %% [markdown]
# A map with numbered cells shows what happens to a box of 8 x 8 pixels when it moves to the right and down by a few pixels:

# %%
ramp = torch.arange(64.0).reshape(1, 8, 8)  # the value grows by 1 to the right, by 8 down
box = torch.tensor([11.0, 11, 19, 19])
for shift in (0, 1, 3, 8, 9):
    print(f"moved by {shift} pixels: {roi_pool_one(ramp, box + shift, 1, 1 / 8).item():g}")

# %% [markdown]
# It jumps by a whole cell at the first pixel, and then nothing changes up to the eighth. The calling code never sees the rounding,
# but the outline of an object does suffer: half a cell is 4 pixels.
#
# ## 5. Between the cells
#
# The cure is not to round at all, but to read the map **between** its cells. There is one trap, half a cell wide. Cell 0 covers the places from 0 to 1, so its centre is at **0.5**.
# Older code puts the centre at 0, and so it reads everything half a cell off:

# %%
show(
    pooling.half_a_cell(),
    alt="A row of four cells with the values 0, 10, 20, 30. With the centre of cell 0 at 0.5 a sample at 1.5 reads 10; with the centre at 0 it reads 15.",
)

# %% [markdown]
# ### Exercise 6: a value between cells
# `features` is `(C, h, w)`; `x` and `y` are N places in cells. Return `(C, N)`. Subtract half a cell, then blend the four cells around each place, with larger weights for nearer cells (**bilinear interpolation**):
# at a fraction r of the way from the left cell to the right one, their weights are 1 - r and r; the same holds from top to bottom. Beyond the outermost centres, and beyond the map, the value stays constant.


# %%
def sample_bilinearly(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    # BEGIN SOLUTION
    height, width = features.shape[1:]
    x, y = (x - 0.5).clamp(0, width - 1), (y - 0.5).clamp(0, height - 1)
    left, top = x.floor().long().clamp(max=width - 2), y.floor().long().clamp(max=height - 2)
    right, below = x - left, y - top  # weights of the next column, of the next row
    upper = (1 - right) * features[:, top, left] + right * features[:, top, left + 1]  # (C, N)
    lower = (1 - right) * features[:, top + 1, left] + right * features[:, top + 1, left + 1]
    return (1 - below) * upper + below * lower
    # END SOLUTION


sample_bilinearly = check(sample_bilinearly)

# %% [markdown]
# ### Exercise 7: RoIAlign
# Multiply the box by `scale`; do not round, and keep the parts of the box that lie beyond the map. Divide each side into `bins * samples` equal parts and sample at the **middle** of each part, every x with every y.
# The value of a bin is the **mean** of its `samples` x `samples` samples. Return `(C, bins, bins)`. (`F.avg_pool2d` may help.)


# %%
def roi_align_one(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    # BEGIN SOLUTION
    x1, y1, x2, y2 = box * scale
    n = bins * samples
    middle = (torch.arange(n) + 0.5) / n
    x, y = x1 + middle * (x2 - x1), y1 + middle * (y2 - y1)
    values = sample_bilinearly(features, x.repeat(n), y.repeat_interleave(n))  # (C, n * n)
    return F.avg_pool2d(values.unflatten(1, (n, n)), samples)
    # END SOLUTION


roi_align_one = check(roi_align_one)

# %% [markdown]
# With **one** sample per bin this is *crop-and-resize*, the operator of TensorFlow's first detectors. So there are three operators, and you have written all of them.
# The models call them for whole batches, so here is your function applied to every row of your table:


# %%
def for_batches(pool_one):
    """`pool_one` for all regions of a batch: maps (N, C, h, w) and N times (R, 4) -> (all R, C, bins, bins)."""

    def pool(maps: Tensor, boxes: list[Tensor], bins: int, scale: float) -> Tensor:
        rows = batch_regions([{"boxes": of_image} for of_image in boxes])  # (K, 5)
        pooled = [pool_one(maps[int(row[0])], row[1:], bins, scale) for row in rows]
        return torch.stack(pooled) if pooled else maps.new_zeros(0, maps.shape[1], bins, bins)

    return pool


mine = {
    "RoIPool": for_batches(roi_pool_one),
    "crop and resize": for_batches(lambda *arguments: roi_align_one(*arguments, samples=1)),
    "RoIAlign": for_batches(roi_align_one),
}
print(f"{'':16s} at first   moved by 3 pixels")
for name, pool in mine.items():
    before, after = (pool(ramp[None], [(box + shift)[None]], 1, 1 / 8).item() for shift in (0, 3))
    print(f"{name:16s} {before:8g}   {after:8g}")
older = ops.roi_align(ramp[None], [box[None]], 1, 1 / 8, sampling_ratio=2, aligned=False)
print(f"{'half a cell off':16s} {older.item():8g}   (aligned=False)")

# %% [markdown]
# The ramp grows by 9 for a step of one cell to the right and down. Three pixels are 3/8 of a cell, so the value should grow by 9 · 3/8 = 3.375. Which of the three operators gives that?

# %%
show(
    pooling.sliding(ramp[0], box, [shift / 4 for shift in range(4 * 24)], operators=mine),
    alt="The output against the shift of the region. RoIPool climbs in steps of a whole cell; crop-and-resize and RoIAlign lie on one straight line.",
)

# %% [markdown]
# On a constant slope the mean of several samples equals the sample in the middle, so two of the operators agree. On a real map they do not. Above: what each operator reads. Below: its output.

# %%
show(
    pooling.three_poolings(maps[channel], target["boxes"][0], operators=mine),
    alt="A feature map three times with the same region: RoIPool's bins are whole cells that overlap and extend beyond the region; crop-and-resize has a dot "
    "in each of 49 equal bins, RoIAlign four. Below, the three outputs: RoIPool's is brighter, as maxima are; the other two are alike.",
)

# %% [markdown]
# Compare with torchvision on 30 random boxes, some of which may touch the border.

# %%
import torchvision.ops as library

corners = torch.rand(30, 2, 2, generator=torch.Generator().manual_seed(0)) * 191
boxes = torch.cat([corners.amin(1), corners.amax(1) + 1], 1)
theirs = {
    "RoIPool": library.roi_pool(maps[None], [boxes], 7, 1 / 8),
    "crop and resize": library.roi_align(maps[None], [boxes], 7, 1 / 8, sampling_ratio=1, aligned=True),
    "RoIAlign": library.roi_align(maps[None], [boxes], 7, 1 / 8, sampling_ratio=2, aligned=True),
}
for name, wanted in theirs.items():
    difference = (mine[name](maps[None], [boxes], 7, 1 / 8) - wanted).abs().max().item()
    print(f"{name:16s} differs by less than 1e-4: {difference < 1e-4}")
    assert difference < 1e-4

# %% [markdown]
# ### Drag it
# Move the region by one pixel with the arrow keys and watch which numbers change. Press a name to see the bins of that operator. Move the slider to change the channel. The operators are your code.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import RoiPooling

RoiPooling(maps, image, target["boxes"][0], operators=mine, channel=channel)

# %% [markdown]
# ## 6. Where do gradients go?
#
# The head is trained through the pooled cells, so only the regions of the map get a gradient. Add up all outputs and see which cells those are.

# %%
show(
    pooling.gradient_maps(maps, target["boxes"], operators=mine),
    alt="Gradients on the map for three operators: none outside the regions. RoIPool reaches single cells, the largest of their bins; crop-and-resize "
    "a regular pattern with gaps in the large region; RoIAlign all cells of all regions evenly.",
)

# %%
for pool in mine.values():
    outside = torch.ones(24, 24, dtype=torch.bool)
    for x1, y1, x2, y2 in (target["boxes"] / 8).round().int().tolist():
        outside[max(y1 - 1, 0) : y2 + 2, max(x1 - 1, 0) : x2 + 2] = False  # a cell around, at most
    assert (pooling.gradient_map(maps, target["boxes"], 7, 1 / 8, pool)[outside] == 0).all()

# %% [markdown]
# RoIPool's maximum trains one cell per bin and channel. One sample per bin leaves gaps in a large region. RoIAlign's four samples reach every cell here.
# No gradient reaches the **box**: a proposal is a constant. How does it get moved, then? The head predicts offsets, as in lab 04.
#
# ## 7. A Fast R-CNN of your own
#
# Now put the parts together. The boxes are the first 100 of your grouping in each scene, the features are computed once, and the pooling is **your RoIAlign**. Two layers follow, which predict a class (or background) and offsets.
# First compute the boxes of 150 training scenes, which takes about 12 seconds. A mirrored scene has mirrored boxes.

# %% tags=["nbval-ignore-output"]
from coursekit.data.features import cached_features
from coursekit.data.transforms import Flipped, horizontal_flip
from coursekit.models.fast_rcnn import FastRCNN

train_scenes = still_life("train")
as_they_are = still_life_features("train")
mirrored = cached_features(Flipped(train_scenes), backbone)
proposed_scenes = []  # ({"C3": ..., "C4": ..., "C5": ..., "proposals": (100, 4)}, target)
for i in range(steps(150)):
    scene, whole_target = train_scenes[i]
    labelled = {key: whole_target[key] for key in ("boxes", "labels")}
    proposals = {"boxes": one_grouping(scene)[:100]}
    for source, flip in ((as_they_are, False), (mirrored, True)):
        said, right = (horizontal_flip(scene, x)[1] if flip else x for x in (proposals, labelled))
        proposed_scenes.append((source[i][0] | {"proposals": said["boxes"]}, right))
print(f"{len(proposed_scenes)} scenes with their boxes")

# %% [markdown]
# Your function runs once per region, in Python. So we train on 16 regions per scene instead of the usual 32, for 100 steps.


# %% tags=["nbval-ignore-output"]
def few_regions(match: ops.Match, count: int, share: float) -> ops.Match:
    return ops.balanced_sample(match, 16, share)


torch.manual_seed(0)
fast_rcnn = FastRCNN(len(CLASSES), sample=few_regions, pool=mine["RoIAlign"])
for _ in progress_bar(fit(fast_rcnn, proposed_scenes, steps(100), batch_size=8, seed=0), 20):
    pass

# %% [markdown]
# Now measure its AP on the validation scenes of section 2, none of which it was trained on. The head does not know where a box came from, so we can give it **different proposals** without training it
# again: 50 boxes per image from each method.

# %% tags=["nbval-ignore-output"]
from coursekit import metrics

targets = [target for _, target in scenes]
detections, ap = {}, {}
print(f"{'':20s} recall@50, IoU 0.5   IoU 0.75   AP                  AP50")
for name, boxes_of_scenes in found.items():
    dataset = [
        (val_features[i][0] | {"proposals": boxes[:50]}, targets[i])
        for i, boxes in enumerate(boxes_of_scenes)
    ]
    detections[name] = predict(fast_rcnn, dataset)
    ap[name] = metrics.coco_intervals(detections[name], targets)
    loose, tight = (metrics.proposal_recall(boxes_of_scenes, truth, 50, iou) for iou in (0.5, 0.75))
    low_high = "{:.2f} [{:.2f}, {:.2f}]".format(*ap[name]["AP"])
    print(f"{name:20s} {loose:18.2f} {tight:10.2f}   {low_high}   {ap[name]['AP50'][0]:.2f}")

# %% tags=["solution"]
assert ap["selective search"]["AP50"][0] > 0.4 and ap["RPN"]["AP50"][0] > ap["grid"]["AP50"][0]

# %% tags=["folded"]
shown = range(min(4, len(scenes)))
sure = [
    {key: value[answer["scores"] > 0.4] for key, value in answer.items()}
    for answer in detections["selective search"]
]
show(
    gallery([scenes[i][0] for i in shown], [targets[i] for i in shown], [sure[i] for i in shown], CLASSES),
    alt="Four validation scenes with what Fast R-CNN detects in the boxes of selective search; the true boxes are dashed.",
)

# %% [markdown]
# An object without a proposal is lost, because no head can detect it; the grid shows that. But coverage is not everything. Compare the RPN with selective search, column by column.
# The RPN's boxes cover more objects at an IoU of 0.5, but far fewer at 0.75: selective search follows edges, while a network after 120 steps is imprecise. Their AP50s are nearly the same,
# but the RPN's AP is lower. The head was trained on the boxes of your grouping, and it does not correct the errors of boxes that it has never seen. The remedy is to train both stages together, and longer (lab 06).
#
# What does an image cost now? Compare the seconds of section 2 with the milliseconds of section 3.

# %% tags=["nbval-ignore-output"]
network = total["Fast R-CNN"] / 1000
print(f"Fast R-CNN: {network:.3f} s for the network and 50 boxes")
for name in ("selective search", "RPN"):
    print(
        f"  with {name:18s} {seconds[name]:.3f} s for its boxes: {seconds[name] / (seconds[name] + network):.0%} of all"
    )

# %% [markdown]
# Now selective search takes most of the time. The region proposal network, on the other hand, starts from the **same** feature map: most of its time is spent in the backbone, which has to run anyway.
# Sharing that map is the idea of **Faster R-CNN**, in lab 06.
#
# ## What you can now say
#
# - There are two families of detectors: predict everywhere at once, or propose and look closer. Proposals are not detections: they have no class, and many are wrong.
# - Selective search learns nothing and scores nothing. It merges neighbouring regions, the most similar first and small ones early, and keeps every region that ever existed.
# - Recall@k counts each object once. It is an upper limit for what the second stage can detect.
# - If you crop features instead of images, the network runs once instead of once per box.
# - Column 0 of a table of regions is the index of the image. `spatial_scale` converts pixels to cells.
# - RoIPool rounds twice and takes maxima; a shift of 3 pixels moves it by a cell or not at all. RoIAlign does not round. Crop-and-resize is RoIAlign with one sample.
# - The centre of cell 0 is at 0.5.
# - Gradients reach only the parts of the map inside the regions, and never the boxes.
#
# ## Open questions
#
# 1. Train the head with `mine["RoIPool"]`. Which loses more, AP50 or AP75? Why?
# 2. What is recall@50 at an IoU of 0.7? Which proposal method suffers most?
# 3. Add `texture_similarity` or `fill_similarity` from `coursekit.proposals` to your similarity. How many objects does one grouping cover then?
# 4. Run selective search on the photographs of `coursekit.data.photos`. Which objects does it miss, and why?
# 5. Why 7 x 7? Pool the regions of a small mushroom and of a large book at 3 and at 14. What do you gain, and what does it cost?
