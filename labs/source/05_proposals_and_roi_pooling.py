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
# YOLO, SSD and RetinaNet answer everywhere at once. The other family takes two steps: first **propose** a few boxes that may hold an object,
# then **look into each** of them. That leads to two questions. Where do the boxes come from? And how does a network look into a hundred boxes
# without running a hundred times?
#
# | you write | you see | you train |
# |---|---|---|
# | which regions merge, recall@k, the batch index, RoIPool, a value between cells, RoIAlign | regions as they grow to objects; a region to drag over a feature map; where gradients go | a region proposal network; a Fast R-CNN with your RoIAlign inside |
#
# **Time:** for a first reader about 70 minutes, or 100 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **What is measured elsewhere** (all 200 validation scenes; `python bench/proposals.py`, `bench/README.md`): 200 boxes of selective search cover 0.974 [0.963, 0.984]
# of an image's objects, 200 boxes of a regular grid 0.911 [0.892, 0.930].
#
# **How to work:** replace each `...` by your code and run the cell. `check` tells you what happened.
# Stuck? `hint("region_similarity")` gives one hint per call. An open exercise never blocks you: the reference takes its place.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from classroom import check, hint, show, style  # noqa: F401  (hint is for you)
from classroom.figures import pooling, proposing
from classroom.figures.gallery import gallery
from coursekit import ops
from coursekit.draw import draw_image

style.use()  # the look of the course's figures, for yours too
torch.set_num_threads(1)  # two threads that wait for each other are slower than one

# %% [markdown]
# ## 1. Boxes from pixels
#
# How many boxes are there? Each pair of corners is one.

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
# A one-stage detector thins them out to a few thousand anchors, and answers for all of them. A **proposal** method looks at the image and names a few hundred.
#
# **Selective search** learns nothing. It cuts the image into small regions of one colour, then merges the two neighbours that are most alike, again and again.
# Every region that ever existed gives a box. An object is often one of them, whether it is small or large.

# %%
from coursekit.proposals import describe_regions, merge_regions, segment, selective_search, to_space

pixels = to_space(image, "lab")  # lightness and two colours, 0 to 1
labels = segment(pixels, scale=50)  # (H, W): the number of its region for each pixel
fig, axes = plt.subplots(1, 2, figsize=(7, 3.6))
draw_image(axes[0], image, "the image")
proposing.draw_regions(axes[1], image, labels, f"{labels.max() + 1} regions to begin with")
show(
    fig,
    alt="A still life, and the same cut into small regions, each in its mean colour: the objects consist of a few regions each.",
)

# %% [markdown]
# ### Exercise 1 (extra): how alike are two regions?
# A region is known by its colour histogram (its bins sum to 1) and its size in pixels. The similarity is a sum of two numbers from 0 to 1:
#
# $$s(a, b) = \sum_{k} \min(\mathrm{colour}_a^k, \mathrm{colour}_b^k) \;+\; 1 - \frac{\mathrm{size}_a + \mathrm{size}_b}{\mathrm{size\ of\ the\ image}}$$
#
# The first part is what the histograms share. The second lets small regions merge early, so that they all grow at one pace.
# `colour_a` is `(B,)`, `colour_b` `(N, B)`: return the similarity of region a with each of N others, `(N,)`. Any float dtype will do.


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
# `similarity` and `touching` are `(R, R)` tables, both symmetric. Return `(i, j)` with i < j: of all regions that **touch**, the two most alike, even if their similarity is 0.
# At least two regions touch. Of equal pairs take the first, row by row. Leave both tables as they are.


# %%
def next_merge(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    # BEGIN SOLUTION
    table = similarity.masked_fill(~touching.triu(1), -torch.inf)
    return divmod(int(table.argmax()), len(table))
    # END SOLUTION


next_merge = check(next_merge)

# %% [markdown]
# Two functions are a proposal method. This loop describes all regions anew after each merge, which is slow and plain.


# %%
def grow(pixels: np.ndarray, labels: np.ndarray) -> list[tuple]:
    """The box of every region that comes into being, in order."""
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
        labels[labels > j] -= 1  # the numbers stay without a gap
    return boxes


yours = grow(pixels, labels)
print(
    f"{labels.max() + 1} regions, {len(yours)} merges; the last box is the whole image: {[int(x) for x in yours[-1]]}"
)


# %% [markdown]
# `coursekit.proposals` does the same without looking at a pixel twice: the histogram of a merged region is the mean of the two, weighted by their sizes.
# Your similarity goes into it. Do both find the same boxes?


# %%
def my_similarity(regions, i: int, j: np.ndarray) -> np.ndarray:
    """`region_similarity` as `merge_regions` asks for it: region i with each of those in j."""
    colour, size = torch.from_numpy(regions.colour), torch.from_numpy(regions.size)
    return region_similarity(colour[i], size[i], colour[j], size[j], regions.image_size).numpy()


merges = list(merge_regions(describe_regions(pixels, labels), [my_similarity]))
assert {merge.box for merge in merges} == set(yours)
left = [labels.max() + 1, 30, 20, 14, 9, 6, 3, 1]
show(
    proposing.grouping(image, labels, merges, left, target["boxes"]),
    alt="Eight moments of the grouping, from all small regions to one. An object's broken black frame turns red once a region covers it; "
    "later merges melt objects into the table, but their boxes have been noted.",
)

# %% [markdown]
# Broken: an object that no region has covered so far. Red: some region, now or earlier, fits it. Does a later merge undo that?
#
# One grouping makes mistakes. So selective search runs several, with other colours, other first regions and other similarities (texture, and how well two regions fill
# their common box), and puts all boxes in one list. Nothing says which box is good. The largest come first on average, with some chance.
#
# ## 2. How many objects do k boxes cover?
#
# ### Exercise 3: recall@k
# `proposals` and `boxes` are lists with one tensor an image, `(P, 4)` best first and `(G, 4)`.
# Return the share of **all objects of all images** that one of the first k proposals of their image covers with an IoU of at least 0.5.
# One proposal may cover several objects. An image may have fewer than k proposals, or none, or no objects; one image at least has an object.


# %%
def proposal_recall(proposals: list[Tensor], boxes: list[Tensor], k: int) -> float:
    # BEGIN SOLUTION
    pairs = zip(proposals, boxes, strict=True)
    found = sum((ops.box_iou(proposed[:k], true) >= 0.5).any(0).sum() for proposed, true in pairs)
    return float(found / sum(map(len, boxes)))
    # END SOLUTION


proposal_recall = check(proposal_recall)

# %% [markdown]
# Three ways that learn nothing, on 30 validation scenes: a grid of boxes that never looks, one grouping with your similarity, and the eight groupings of selective search.

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
# And one that learns: a **region proposal network**, the first stage of Faster R-CNN. It asks of every anchor "is anything here?", and moves it.
# You build it in lab 06. Here it is trained alone, for 120 steps on cached features.


# %% tags=["nbval-ignore-output"]
from coursekit.data.still_life_features import still_life_features
from coursekit.models import rpn
from coursekit.models.faster_rcnn import FasterRCNN


class Proposer(FasterRCNN):
    """A Faster R-CNN of which only the first stage is trained."""

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
print(f"{'':20s} {'  '.join(f'@{k:<4d}' for k in COUNTS)} seconds an image")
for name, shares in recall.items():
    print(f"{name:20s} {'  '.join(f'{share:.2f} ' for share in shares)} {seconds[name]:.3f}")

# %%
fig, ax = plt.subplots(figsize=(6, 3.6))
proposing.draw_recall(ax, COUNTS, recall)
show(
    fig,
    alt="Recall against the number of boxes. The grid is lowest; selective search rises slowly to nearly all objects at 200 boxes; "
    "the trained region proposal network is far ahead with few boxes.",
)

# %% tags=["solution"]
at = {name: dict(zip(COUNTS, shares, strict=True)) for name, shares in recall.items()}
assert at["selective search"][200] > at["grid"][200] and at["selective search"][200] > 0.9
assert at["RPN"][20] > at["selective search"][20] and seconds["RPN"] < seconds["selective search"]

# %% [markdown]
# The grid needs hundreds of boxes for what selective search does with a few dozen. But mind k = 5: the first boxes of selective search are the largest, and that is all
# that speaks for them. The trained network *knows* which of its boxes are good, so it needs few. And it is faster.
#
# ## 3. A network for every box?
#
# **R-CNN** (2014) cut each proposal out of the image, stretched it to the network's input size, and ran the whole network on it.
# **Fast R-CNN** (2015) runs the network once and cuts the boxes out of its **feature map**. The same 50 boxes, both ways:


# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def cost_of_boxes(image: Tensor, boxes: Tensor) -> dict[str, dict[str, float]]:
    """CPU milliseconds of both ways."""
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
    alt="Two bars of milliseconds an image. R-CNN's is long, nearly all of it the network; Fast R-CNN's is a small fraction of it.",
)

# %%
assert ratio > 8

# %% [markdown]
# ## 4. Any box in, 7 x 7 out
#
# The layers that follow want one size. So **RoI pooling** turns each region of interest into 7 x 7 cells, however large it is:
# R regions in, R x C x 7 x 7 out. The depth C stays; width and height are given up.

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
# ### Exercise 4: which image is a region of?
# A batch has one tensor of maps `(N, C, h, w)` and boxes of N images. torchvision takes all boxes in **one** table `(K, 5)`: first a column, then x1, y1, x2, y2.
# What must stand in column 0, so that a box finds its map? `targets` is a list of dicts with `"boxes"` `(G, 4)` and `"labels"` `(G,)`.
# Some images have no boxes, perhaps none has any: then the table is `(0, 5)`. It has the dtype of the boxes.


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
# A wrong index is not looked at by torchvision: it reads foreign memory. Ours asks first.

# %%
regions = batch_regions([target])
regions[:, 0] = target["labels"]
try:
    ops.roi_pool(maps[None], regions, 7, 1 / 8)
except ValueError as error:
    print(error)

# %% [markdown]
# ### Exercise 5: RoIPool
# Fast R-CNN's operator works on whole cells. For one map `(C, h, w)` and one `box` in **pixels**:
#
# 1. Multiply the box by `scale` (torchvision: `spatial_scale`, here 1/8) and round each corner to the nearest cell, halves up.
# 2. The cell of the right corner belongs to it: the region is `x2 - x1 + 1` cells wide, and the same down.
# 3. Bin j of `bins` covers the cells from `floor(j * length / bins)` to `ceil((j + 1) * length / bins)`, counted from x1. Neighbours may share a cell.
# 4. Take the **largest** value of each channel. A box may reach beyond the map on any side: cells there do not exist, and a bin without cells is 0.
#
# Return `(C, bins, bins)`; the first of the two runs down. The map gets a gradient and keeps its dtype, here and in exercises 6 and 7.


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
# A map whose cells are numbered shows what happens to a box of 8 x 8 pixels that moves by 3 pixels, right and down:

# %%
ramp = torch.arange(64.0).reshape(1, 8, 8)  # the value grows by 1 to the right, by 8 down
box = torch.tensor([11.0, 11, 19, 19])
for shift in (0, 1, 3, 8, 9):
    print(f"moved by {shift} pixels: {roi_pool_one(ramp, box + shift, 1, 1 / 8).item():g}")

# %% [markdown]
# It jumps by a whole cell at the first pixel, then nothing happens up to the eighth. The code that calls it does not notice the rounding.
# The outline of an object does: half a cell is 4 pixels.
#
# ## 5. Between the cells
#
# The cure is to round nothing: read the map **between** its cells. There is one trap, half a cell wide. Cell 0 covers the places from 0 to 1, so its centre is at **0.5**.
# Older code takes 0 for the centre, and reads everything half a cell off:

# %%
show(
    pooling.half_a_cell(),
    alt="A row of four cells with the values 0, 10, 20, 30. With the centre of cell 0 at 0.5 a sample at 1.5 reads 10; with the centre at 0 it reads 15.",
)

# %% [markdown]
# ### Exercise 6: a value between cells
# `features` is `(C, h, w)`, `x` and `y` are N places in cells. Return `(C, N)`. Subtract the half cell, then blend the four cells around each place, near ones more:
# at a share r of the way from the left to the right one, they count 1 - r and r; the same down. Beyond the outermost centres, also beyond the map, the value stays as it is.


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
# Multiply the box by `scale`; round nothing, and keep the parts of the box that lie beyond the map. Cut each side into `bins * samples` equal parts and sample the **middle** of each, every x with every y.
# A bin is the **mean** of its `samples` x `samples` values. Return `(C, bins, bins)`. (`F.avg_pool2d` may help.)


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
# With **one** sample a bin that is *crop-and-resize*, the operator of TensorFlow's first detectors. Three operators, then, and you have written all of them.
# The models call them for whole batches, so here is your function for every row of your table:


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
# The ramp grows by 9 on a step of one cell right and down. Three pixels are 3/8 of a cell: 9 · 3/8 = 3.375. Which of the three says so?

# %%
show(
    pooling.sliding(ramp[0], box, [shift / 4 for shift in range(4 * 24)], operators=mine),
    alt="What comes out against the shift of the region. RoIPool climbs in steps of a whole cell; crop-and-resize and RoIAlign lie on one straight line.",
)

# %% [markdown]
# On a slope a mean of samples is the sample in the middle, so two of them agree. On a real map they do not. Above: what each operator reads. Below: what comes out.

# %%
show(
    pooling.three_poolings(maps[channel], target["boxes"][0], operators=mine),
    alt="A feature map three times with the same region: RoIPool's bins are whole cells that overlap and stick out of the region; crop-and-resize has a dot "
    "in each of 49 equal bins, RoIAlign four. Below, the three outputs: RoIPool's is brighter, as maxima are; the other two are alike.",
)

# %% [markdown]
# Compare with torchvision, on 30 random boxes that may reach the border.

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
# Move the region by one pixel with the arrow keys, and look which numbers change. Press a name to see its bins. Slide through the channels. The operators are yours.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import RoiPooling

RoiPooling(maps, image, target["boxes"][0], operators=mine, channel=channel)

# %% [markdown]
# ## 6. Where do gradients go?
#
# The head is trained through the pooled cells, so the map hears only about the regions. Add up all outputs and see which cells of the map get a gradient.

# %%
show(
    pooling.gradient_maps(maps, target["boxes"], operators=mine),
    alt="Gradients on the map for three operators: nothing outside of the regions. RoIPool reaches single cells, the largest of their bins; crop-and-resize "
    "a regular pattern with gaps in the large region; RoIAlign all cells of all regions evenly.",
)

# %%
for pool in mine.values():
    outside = torch.ones(24, 24, dtype=torch.bool)
    for x1, y1, x2, y2 in (target["boxes"] / 8).round().int().tolist():
        outside[max(y1 - 1, 0) : y2 + 2, max(x1 - 1, 0) : x2 + 2] = False  # a cell around, at most
    assert (pooling.gradient_map(maps, target["boxes"], 7, 1 / 8, pool)[outside] == 0).all()

# %% [markdown]
# RoIPool's maximum teaches one cell of each bin and channel. One sample a bin leaves gaps in a large region. RoIAlign's four reach every cell here.
# And no gradient reaches the **box**: a proposal is a constant. Who moves it, then? The head says by how much, as in lab 04.
#
# ## 7. A Fast R-CNN of your own
#
# Now the parts meet. Boxes: your grouping, the first 100 of each scene. Features: computed once. Pooling: **your RoIAlign**. Then two layers, a class (or background) and offsets.
# First the boxes of 150 training scenes, which takes about 12 seconds. A mirrored scene has the mirrored boxes.

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
# Your function runs once for each region, in Python. So we train on 16 regions a scene instead of the usual 32, for 100 steps.


# %% tags=["nbval-ignore-output"]
def few_regions(match: ops.Match, count: int, share: float) -> ops.Match:
    return ops.balanced_sample(match, 16, share)


torch.manual_seed(0)
fast_rcnn = FastRCNN(len(CLASSES), sample=few_regions, pool=mine["RoIAlign"])
for _ in progress_bar(fit(fast_rcnn, proposed_scenes, steps(100), batch_size=8, seed=0), 20):
    pass

# %% [markdown]
# And its AP on the validation scenes of section 2, none of which it was trained on. The head does not know where a box came from, so we can give it **other proposals**, without training
# again: 50 boxes an image of each way.

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

# %%
shown = range(min(4, len(scenes)))
sure = [
    {key: value[answer["scores"] > 0.4] for key, value in answer.items()}
    for answer in detections["selective search"]
]
show(
    gallery([scenes[i][0] for i in shown], [targets[i] for i in shown], [sure[i] for i in shown], CLASSES),
    alt="Four validation scenes with what Fast R-CNN finds in the boxes of selective search; the true boxes are broken lines.",
)

# %% [markdown]
# An object without a proposal is lost: no head can find it. The grid shows it. But covering is not all. Compare the network with selective search, column by column.
# Its boxes cover more objects at an IoU of 0.5, and far fewer at 0.75: selective search follows edges, a network after 120 steps is rough. Their AP50 is nearly the same,
# but its AP is lower. The head was trained on boxes of your grouping, and does not mend what is wrong with boxes that it has never met. Train both stages together, and longer: lab 06.
#
# What does an image cost now? Put the seconds of section 2 beside the milliseconds of section 3.

# %% tags=["nbval-ignore-output"]
network = total["Fast R-CNN"] / 1000
print(f"Fast R-CNN: {network:.3f} s for the network and 50 boxes")
for name in ("selective search", "RPN"):
    print(
        f"  with {name:18s} {seconds[name]:.3f} s for its boxes: {seconds[name] / (seconds[name] + network):.0%} of all"
    )

# %% [markdown]
# Selective search is what takes long now. The region proposal network, on the other hand, starts from the **same** feature map: most of its seconds are the backbone, which has run anyway.
# To share it is the idea of **Faster R-CNN**, in lab 06.
#
# ## What you can now say
#
# - Two families: answer everywhere at once, or propose and look closer. Proposals are no detections: they have no class and many are wrong.
# - Selective search learns nothing and scores nothing. It keeps every region that ever existed while neighbours merge, the most alike first, small ones early.
# - Recall@k counts objects, each once. It is the ceiling of what the second stage can find.
# - Cropping features instead of images runs the network once instead of once a box.
# - Column 0 of a table of regions is the number of the image. `spatial_scale` leads from pixels to cells.
# - RoIPool rounds twice and takes maxima; a shift of 3 pixels moves it by a cell or not at all. RoIAlign rounds nothing. Crop-and-resize is RoIAlign with one sample.
# - The centre of cell 0 is at 0.5.
# - Gradients reach the map inside the regions only, and never the boxes.
#
# ## Open questions
#
# 1. Train the head with `mine["RoIPool"]`. Which loses more, AP50 or AP75? Why?
# 2. What is recall@50 at an IoU of 0.7? Which way of proposing suffers most?
# 3. Add `texture_similarity` or `fill_similarity` of `coursekit.proposals` to your mix. How many objects does one grouping cover then?
# 4. Selective search on the photographs of `coursekit.data.photos`: which objects does it miss, and why?
# 5. Why 7 x 7? Pool the regions of a small mushroom and of a large book at 3 and at 14. What do you gain, what does it cost?
