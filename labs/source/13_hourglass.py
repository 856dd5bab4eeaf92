# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 13: The hourglass, or look again
#
# A box shows where an object *is*. A **key point** shows where a part of it is: the stalk of a pear, the foot of a glass.
# The network predicts a **heat map**, which is high where the point is likely to be. The **hourglass** is a U, as in lab 12: down to a few cells, and up again.
# If you put several in a row, each one sees the guess of the previous one and **looks again**.
#
# | you write | you see | you train |
# |---|---|---|
# | the heat map of a point, peaks, a place between the cells, the fold of an hourglass, a loss after each stack, a score | a guess that improves from stack to stack | three hourglasses in a row, with a loss after each, and with one loss at the end |
#
# **Time:** about 70 minutes on a first reading, or 95 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Results of this lab** (95 % intervals; new scenes / unseen objects; seed 0; 500 steps, 2.2 CPU minutes for each of the two networks; `data/checkpoints/scores.json`):
#
# | key points | share within 0.1 of the object's size | mean distance, in object sizes |
# |---|---|---|
# | after stack 1 of 3 | 0.64 [0.61, 0.66] / 0.58 [0.55, 0.60] | 0.171 [0.156, 0.187] / 0.220 [0.202, 0.241] |
# | after stack 2 | 0.66 [0.63, 0.68] / 0.59 [0.56, 0.61] | 0.167 [0.151, 0.184] / 0.209 [0.190, 0.229] |
# | after stack 3 | 0.66 [0.64, 0.69] / 0.59 [0.57, 0.62] | 0.166 [0.152, 0.182] / 0.205 [0.188, 0.225] |
# | the same three stacks with one loss, at the end | 0.67 [0.65, 0.70] / 0.60 [0.58, 0.63] | 0.161 [0.146, 0.177] / 0.208 [0.191, 0.224] |
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("gaussian_target")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor

from classroom import check, hint, show, style
from classroom.figures import keypoints as figures
from coursekit import ops
from coursekit.draw import draw_image

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. Three points of every object
#
# The program that rendered the still lifes has a complete model of every object. So it can compute where three points of each object lie in the image:
# the **center**, the **top** (the stalk of a fruit, the crown of a mushroom, the middle of a rim) and the **base**, at the opposite end.
# Objects may lie in any direction: the top of a bottle may be on the left.

# %%
from coursekit.data.keypoints import NAMES, KeypointTargets
from coursekit.data.still_life import CLASSES, still_life

val = still_life("val")
val_targets = KeypointTargets("val").targets
chosen = (0, 1, 3, 8)
fig, axes = plt.subplots(1, 4, figsize=(11, 3))
for ax, i in zip(axes, chosen, strict=True):
    figures.draw_keypoints(ax, val[i][0], val_targets[i]["keypoints"])
figures.key_of_points(axes[1])
show(
    fig,
    alt="Four scenes; each object has a white dot in its middle, a red one at its top, a blue one at its base, and a yellow line between the two.",
)

# %%
visibility = torch.cat([target["keypoints"][..., 2].flatten() for target in val_targets])
for value, words in ((2, "show"), (1, "are behind another object"), (0, "are outside the image")):
    print(f"{(visibility == value).float().mean():6.1%} of the {len(visibility)} points {words}")

# %% [markdown]
# ## 2. A point becomes a heat map
#
# A network could simply predict two numbers. A heat map is easier to learn, because it can express "here or there", and each cell only looks at its own surroundings.
# The target is a **Gaussian** around the point, of height 1:
#
# $$h(\mathrm{column}, \mathrm{row}) = \exp\left(-\frac{(\mathrm{column} - x)^2 + (\mathrm{row} - y)^2}{2\sigma^2}\right)$$
#
# ### Exercise 1: the target
# `points` is `(P, 2)`: x and y **in cells**, with fractions. `channels`, `(P,)`, is the map that each point belongs to; `size` is (C, h, w).
# Return `(C, h, w)`. Where Gaussians in one map overlap, the higher value counts. There may be no points at all, and points may lie outside the map.


# %%
def gaussian_target(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    # BEGIN SOLUTION
    heatmap = torch.zeros(size)
    rows, columns = torch.arange(size[1]), torch.arange(size[2])
    for (x, y), channel in zip(points, channels, strict=True):
        bell = torch.exp(-((columns - x) ** 2 + (rows[:, None] - y) ** 2) / (2 * sigma**2))
        heatmap[channel] = torch.maximum(heatmap[channel], bell)
    return heatmap
    # END SOLUTION


gaussian_target = check(gaussian_target)

# %% [markdown]
# Each of the 10 classes has three maps of 24 x 24 cells: channel `3 * (label - 1) + j` is for point `j`. A cell is 8 pixels wide.
# Here is the target of one scene; for each kind of point the maps of all classes are combined by their maximum.

# %%
from coursekit.models.hourglass import SIGMA, HourglassKeypoints, channels_of

STRIDE = 8
image, target = val[chosen[1]][0], val_targets[chosen[1]]
there = target["keypoints"][..., 2] > 0
cells = ops.to_cells(target["keypoints"][..., :2][there], STRIDE)
truth = gaussian_target(cells, channels_of(target["labels"])[there], (30, 24, 24), SIGMA)
fig, axes = plt.subplots(1, 4, figsize=(11, 3))
draw_image(axes[0], image)
for j, name in enumerate(NAMES):
    axes[j + 1].imshow(truth[j::3].amax(0), cmap="magma", vmin=0, vmax=1)
    axes[j + 1].set(title=f"{name}, all classes", xticks=[], yticks=[])
show(
    fig,
    alt="A scene and the target heat maps of the centers, the tops and the bases, with a soft round spot for each object.",
)

# %% [markdown]
# ## 3. A heat map becomes points
#
# ### Exercise 2: the highest cell
# `heatmaps` is `(C, h, w)`. Return the highest cell of each map, `(C, 2)` int64: x, then y. Of equally high cells, any will do.


# %%
def hard_argmax(heatmaps: Tensor) -> Tensor:
    # BEGIN SOLUTION
    place = heatmaps.flatten(1).argmax(1)
    width = heatmaps.shape[-1]
    return torch.stack([place % width, place // width], 1)
    # END SOLUTION


hard_argmax = check(hard_argmax)

# %% [markdown]
# If there are two pears in a scene, they share a map, so a single highest cell is not enough.
#
# ### Exercise 3: all peaks
# A **peak** is a cell above the `threshold` that **none of its eight neighbours exceeds**. `heatmap` is `(h, w)`; return `(P, 2)` int64, x and y, the highest peak first.
# Equal neighbours are both peaks, equally high peaks may come in any order, and there are no neighbours beyond the edge of the map.


# %%
def local_peaks(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    # BEGIN SOLUTION
    highest = F.max_pool2d(heatmap[None, None], 3, stride=1, padding=1)[0, 0]
    y, x = ((heatmap == highest) & (heatmap > threshold)).nonzero().unbind(1)
    order = heatmap[y, x].sort(descending=True, stable=True).indices
    return torch.stack([x, y], 1)[order]
    # END SOLUTION


local_peaks = check(local_peaks)

# %%
pears = local_peaks(truth[3 * CLASSES.index("pear") + 1])
print(f"The tops of the pears are in the cells {pears.tolist()}.")

# %% [markdown]
# ### Exercise 4 (extra): cells to pixels
# The coordinates in cells refer to their **centres**. At stride 8, where in the image is the point (0, 0)? `points` may be int64; the pixels are always floats. Return `(..., 2)`.


# %%
def cells_to_pixels(points: Tensor, stride: float) -> Tensor:
    # BEGIN SOLUTION
    return (points + 0.5) * stride
    # END SOLUTION


cells_to_pixels = check(cells_to_pixels)

# %% [markdown]
# A cell is 8 pixels wide, so its centre may be 4 pixels off along each axis, even in a perfect heat map. But the neighbours contain more information:
# if the point lies to the right, the right neighbour is warmer.
#
# ### Exercise 5: the soft-arg-max
# Interpret the softmax of `temperature * heat` as the probability of each cell, and return the **mean position** (the **soft-arg-max**): `(C, h, w)` -> `(C, 2)`, x and y, with its gradient. Large numbers must not overflow.


# %%
def soft_argmax(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    # BEGIN SOLUTION
    p = (temperature * heatmaps).flatten(1).softmax(1).view_as(heatmaps)
    rows, columns = (torch.arange(n, dtype=heatmaps.dtype) for n in heatmaps.shape[1:])
    return torch.stack([p.sum(1) @ columns, p.sum(2) @ rows], 1)
    # END SOLUTION


soft_argmax = check(soft_argmax)

# %% [markdown]
# Here is one row of a heat map, and the result of both methods:

# %%
row = gaussian_target(torch.tensor([[3.4, 0.0]]), torch.tensor([0]), (1, 1, 8), SIGMA)
fig, ax = plt.subplots(figsize=(6, 2.6))
figures.draw_between_cells(ax, 3.4, row[0, 0], hard_argmax(row)[0, 0].item(), soft_argmax(row)[0, 0].item())
show(
    fig,
    alt="Bars of heat around 3.4. The arg-max is 3, the soft-arg-max is within a tenth of a cell of 3.4.",
)

# %% [markdown]
# Now try 500 random points on perfect maps. Over the whole map, the many cold cells pull on the soft-arg-max, and so would a second peak.
# So it is better to use only a **window** of 5 x 5 cells around the highest cell, as the model will do.

# %%
points = 2.5 + 19 * torch.rand(500, 2, generator=torch.Generator().manual_seed(0))
maps = gaussian_target(points, torch.arange(500), (500, 24, 24), SIGMA)
hard = hard_argmax(maps)
peaks = ops.Peaks(hard, torch.arange(500), torch.ones(500))
places = {
    "arg-max": hard.float(),
    "soft-arg-max, whole map": soft_argmax(maps),
    "soft-arg-max, window": ops.refine_peaks(maps, peaks, soft_argmax).points,
}
for name, found in places.items():
    error = (found - points).norm(dim=1)
    print(f"{name:24s} off by {error.mean():.2f} cells on average, {error.max():.2f} at most")
assert (places["soft-arg-max, window"] - points).abs().max() < 0.5
assert (places["soft-arg-max, window"] - hard).abs().max() < 0.75

# %% [markdown]
# ## 4. The hourglass
#
# To predict "this is the base, because the top is up there", a cell must see the whole object. So the map is downsampled from 24 to 12 to 6 to 3 cells, and then upsampled again.
# Details that would be lost on the way go **around** the smaller maps, at every size.

# %%
show(
    figures.depth_diagram(),
    alt="An hourglass unfolded: maps of 24, 12, 6 and 3 cells per side on the way down, the same on the way up, and at each size an arrow that goes around.",
)

# %% [markdown]
# ### Exercise 6: the fold
# A *fold* is one step of that. `around` and `through` are layers; `through` works on a map of half the size: 2 x 2 maxima, with odd sizes rounded **up** (so that the last window is smaller).
# Its result is upsampled to the size of `x` (nearest cell) and **added** to `around(x)`. Return `(N, C, h, w)`.
#
# That is all: put another fold inside `through`, and you have a deeper hourglass.


# %%
def fold(x: Tensor, around, through) -> Tensor:
    # BEGIN SOLUTION
    small = through(F.max_pool2d(x, 2, ceil_mode=True))
    return around(x) + F.interpolate(small, x.shape[-2:])
    # END SOLUTION


fold = check(fold)

# %%
from coursekit.nets.hourglass import Hourglass

sizes = []


def watched_fold(x: Tensor, around, through) -> Tensor:
    sizes.append(tuple(x.shape[-2:]))
    return fold(x, around, through)


result = Hourglass(8, depth=3, fold=watched_fold)(torch.zeros(1, 8, 24, 18))
print("folded at", *sizes, "and back to", tuple(result.shape[-2:]))

# %% [markdown]
# ## 5. Several in a row, and a loss after each
#
# After each hourglass, a 1 x 1 convolution makes a guess of all 30 maps. The guess is fed back into the row, so that the next hourglass can **correct** it.
# Each guess is compared with the same target. This is called **intermediate supervision**.

# %%
show(
    figures.hourglass_diagram(),
    alt="Three hourglasses in a row. After each one a guess branches off and has its own loss; from the first two guesses an arrow leads back into the row.",
)

# %% [markdown]
# ### Exercise 7: a loss after each stack
# `guesses`, `(S, N, C, h, w)`, are the guesses after each of S stacks; `target` is `(N, C, h, w)`. Return the squared errors, **summed** over stacks, channels and cells
# and divided by the number of images N.


# %%
def stack_loss(guesses: Tensor, target: Tensor) -> Tensor:
    # BEGIN SOLUTION
    return (guesses - target).square().sum() / len(target)
    # END SOLUTION


stack_loss = check(stack_loss)


# %%
def end_loss(guesses: Tensor, target: Tensor) -> Tensor:
    """The loss of the last stack alone."""
    return stack_loss(guesses[-1:], target)


LOSSES = {"after each stack": stack_loss, "at the end": end_loss}

# %% [markdown]
# Does the first hourglass get a gradient from its mistakes? Take an untrained network and 16 scenes, and measure the **norm of the gradient** of each hourglass.

# %% tags=["nbval-ignore-output"]
from coursekit.data.still_life_features import still_life_features
from coursekit.training import norm_of_gradients

train = still_life_features("train", "keypoints", mirrored=True)
val_features = still_life_features("val", "keypoints")


# %%
def new_model(loss) -> HourglassKeypoints:
    """Three hourglasses made of your parts, the same at each call except for the loss."""
    torch.manual_seed(0)
    return HourglassKeypoints(
        len(CLASSES), target=gaussian_target, loss=loss, fold=fold, soft_argmax=soft_argmax
    )


def gradients(model: HourglassKeypoints) -> list[float]:
    """The norm of the gradient of each hourglass, on the first scenes of `val`."""
    inputs, targets = zip(*(val_features[i] for i in range(16)), strict=True)
    model.zero_grad()
    model.train().losses(inputs, targets)["heat"].backward()
    norms = [norm_of_gradients(hourglass) for hourglass in model.stacked.hourglasses]
    model.zero_grad()
    return norms


# %% tags=["nbval-ignore-output"]
models = {name: new_model(loss) for name, loss in LOSSES.items()}
before = {name: gradients(model) for name, model in models.items()}
for name, norms in before.items():
    print(f"loss {name:18s}", *(f"hourglass {k}: {norm:.3g}  " for k, norm in enumerate(norms, start=1)))

# %% tags=["solution"]
assert before["after each stack"][0] > before["at the end"][0] > 0

# %%
fig, ax = plt.subplots(figsize=(5.4, 3))
figures.draw_first_gradients(ax, before)
show(
    fig,
    alt="The norm of the gradient of each of three hourglasses, for both losses: with a loss after each stack, the first hourglass has the larger gradient.",
)

# %% [markdown]
# ## 6. How good is a point?
#
# An error of five pixels is nothing on a book, but a lot on a mushroom. So distances are measured in units of the **side of the object's box**.
#
# ### Exercise 8 (extra): the percentage of correct key points
# `found` and `true` are `(G, P, 2)`, `visible` is `(G, P)` bool, and `sizes` is `(G,)`. A point is right if its (Euclidean) distance from the true point is at most `threshold` times the size of its object.
# Return the share of the **visible** points that are right (**PCK**) as a number, which is NaN or 0 if none is visible.


# %%
def pck(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    # BEGIN SOLUTION
    distance = (found - true).norm(dim=-1)
    right = distance <= threshold * sizes[:, None]
    return right[visible].double().mean().item()
    # END SOLUTION


pck = check(pck)

# %% [markdown]
# The class of each object is given, like the box of a person in pose estimation: the n highest peaks of a map are used for the n objects of its class.

# %%
from coursekit.metrics.keypoint import locate


@torch.no_grad()
def heatmaps_of(model: HourglassKeypoints, dataset, count: int) -> Tensor:
    """The heat maps after each stack, of the first scenes: (S, count, 30, 24, 24)."""
    model.eval()
    parts = [
        model.outputs([dataset[i][0] for i in range(start, min(start + 32, count))])
        for start in range(0, count, 32)
    ]
    return torch.cat(parts, 1)


def scores(heatmaps: Tensor, dataset, soft_argmax=soft_argmax) -> tuple[float, float]:
    """PCK, and the mean distance in sides of the box, of the heat maps (N, 30, h, w) of the first N scenes."""
    rows = [dataset.target(i) for i in range(len(heatmaps))]
    found = torch.cat(
        [
            locate(maps, row, channels_of(row["labels"]), STRIDE, soft_argmax)
            for maps, row in zip(heatmaps, rows, strict=True)
        ]
    )
    keypoints, boxes = (
        torch.cat([row["keypoints"] for row in rows]),
        torch.cat([row["boxes"] for row in rows]),
    )
    visible, sizes = keypoints[..., 2] == 2, (boxes[:, 2:] - boxes[:, :2]).amax(1)
    distance = (found - keypoints[..., :2]).norm(dim=-1) / sizes[:, None]
    return pck(found, keypoints[..., :2], visible, sizes), distance[visible].mean().item()


# %% [markdown]
# ## 7. Train both
#
# Both networks have the same initial weights, the same batches and the same number of steps: only the loss differs. You train for **a quarter** of the published steps.

# %% tags=["nbval-ignore-output"]
from classroom import progress_bar, steps
from coursekit.training import fit

run = fit(models["after each stack"], train, steps(125), batch_size=16, seed=0)
for _ in progress_bar(run, 36):
    pass

# %% tags=["nbval-ignore-output"]
run = fit(models["at the end"], train, steps(125), batch_size=16, seed=0)
for _ in progress_bar(run, 36):
    pass

# %% [markdown]
# These are the errors after each stack, on 100 scenes of `val`:

# %% tags=["nbval-ignore-output"]
mine = {name: heatmaps_of(model, val_features, 100) for name, model in models.items()}
for name, stacks in mine.items():
    words = "   ".join("PCK {:.2f}, distance {:.2f}".format(*scores(heat, val_features)) for heat in stacks)
    print(f"loss {name:18s} {words}")

# %% tags=["solution"]
assert scores(mine["after each stack"][-1], val_features)[0] > 0.2
assert (
    scores(mine["after each stack"][0], val_features)[0]
    > scores(mine["at the end"][0], val_features)[0] + 0.1
)

# %% [markdown]
# The network with one loss at the end was never trained on its first two guesses, so they are worth nothing.
# With a loss after each stack every guess is usable: you may stop after the first one if time is short.
#
# ### The published network
#
# The same network after all 500 steps is in the repository. Here its heat maps are read with **your** soft-arg-max, on all scenes.

# %% tags=["nbval-ignore-output"]
from coursekit import shipped

tests = {
    "val": val_features,
    "new scenes": still_life_features("test_scenes", "keypoints"),
    "unseen objects": still_life_features("test_objects", "keypoints"),
}
good = shipped("hourglass")
maps = {test: heatmaps_of(good, data, len(data)) for test, data in tests.items()}
errors = {test: [scores(heat, tests[test]) for heat in stacks] for test, stacks in maps.items()}
for test, rows in errors.items():
    words = "   ".join(f"PCK {right:.3f}, distance {off:.3f}" for right, off in rows)
    print(f"{test:15s} {words}")

# %%
for rows in errors.values():
    assert rows[0][0] < rows[1][0] and rows[0][0] < rows[2][0], "looking again helps"

# %% [markdown]
# With each look a few more points are right. The mean distance, which is dominated by a few gross errors, falls mostly at the second look. Is that chance? Intervals tell us, and those of **paired differences** are the narrowest, because both guesses are for the same scenes.

# %%
from coursekit.published import record, records

published = record("hourglass")["scores"]
SPLITS = {"new scenes": "test_scenes", "unseen objects": "test_objects"}
DIFFERENCES = {
    "pck_3_minus_1": "PCK, stack 3 minus stack 1",
    "distance_3_minus_1": "distance, stack 3 minus stack 1",
    "pck_each_minus_end": "PCK, a loss after each stack minus one at the end",
}
for name, words in DIFFERENCES.items():
    for test, split in SPLITS.items():
        value, low, high = published[split][name]
        print(f"{words:50s} {test:15s} {value:+.3f} [{low:+.3f}, {high:+.3f}]")

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.2))
for ax, score, words in zip(
    axes, ("pck", "distance"), ("PCK at 0.1", "mean distance, in sizes"), strict=True
):
    rows = {test: [published[split][f"{score}_{k}"] for k in (1, 2, 3)] for test, split in SPLITS.items()}
    figures.draw_errors(ax, rows, words)
show(
    fig,
    alt="PCK and mean distance after each of three stacks on new scenes and on unseen objects, with intervals: "
    "PCK rises a little from stack to stack, and the distance falls, mostly from the first to the second.",
)

# %% [markdown]
# Read the last two lines of numbers again. Before training, the loss after each stack gave the first hourglass about three times the gradient, and yet the network with a single loss is **not worse** in the end:
# the interval of the difference contains 0. Three hourglasses with skip connections and batch normalisation pass gradients on well enough.
# The paper stacks eight, and found that the losses help. What they buy here is a usable guess after every stack.
#
# What did the second and the third stack correct? Peel them off, one by one.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import StackPeeler


class Scenes(torch.utils.data.Dataset):
    """The first images of `val` with their key points."""

    def __len__(self):
        return 40

    def __getitem__(self, i):
        return val[i][0], val_targets[i]


StackPeeler(Scenes(), maps["val"][:, :40], channels_of, NAMES, soft_argmax)

# %% [markdown]
# ### Arg-max against soft-arg-max
#
# Read the same heat maps of the last stack in two ways.

# %% tags=["nbval-ignore-output"]
read = {}
for test, data in tests.items():
    for name, reader in (("arg-max", None), ("soft-arg-max", soft_argmax)):
        read[test, name] = scores(maps[test][-1], data, reader)
        print(f"{test:15s} {name:13s} PCK {read[test, name][0]:.2f}, distance {read[test, name][1]:.3f}")

# %%
for test in tests:
    assert read[test, "soft-arg-max"][0] > read[test, "arg-max"][0] + 0.03

# %% [markdown]
# ### The points on the scenes
#
# These are unseen objects. Dots are the predictions of the last stack; dotted red lines lead to the true points.

# %% tags=["nbval-ignore-output"]
unseen, unseen_targets = still_life("test_objects"), tests["unseen objects"].dataset.targets
fig, axes = plt.subplots(1, 4, figsize=(11, 3))
for ax, i in zip(axes, (0, 3, 5, 9), strict=True):
    row = unseen_targets[i]
    found = locate(maps["unseen objects"][-1, i], row, channels_of(row["labels"]), STRIDE, soft_argmax)
    figures.draw_keypoints(ax, unseen[i][0], row["keypoints"], found)
figures.key_of_points(axes[1])
show(
    fig,
    alt="Four scenes of unseen objects with the key points predicted by the last stack; dotted lines lead to the true positions of those that are off.",
)

# %% [markdown]
# ## 8. How it compares with U-Net
#
# An hourglass and a U-Net differ little: a U-Net is a single network that concatenates its skips, while hourglasses add them, and look again.
# Both can predict label maps. These are the scores of the recipes that were run for this course (`data/checkpoints/scores.json`).

# %% tags=["nbval-ignore-output"]
for each in records():
    if each["recipe"] in ("fcn8s", "unet", "hourglass_segmenter") and each["seed"] == 0:
        for split, row in each["scores"].items():
            words = ", ".join(
                f"{name} {row[name][0]:.2f} [{row[name][1]:.2f}, {row[name][2]:.2f}]"
                for name in ("mean_iou", "boundary_f")
            )
            print(f"{each['recipe']:20s} {split:13s} {words}")

# %% [markdown]
# ## What you can now say
#
# - A key point becomes a Gaussian on a heat map, and a peak becomes a key point again.
# - Coordinates in cells are measured from the centres of cells: half a cell is four pixels here.
# - The arg-max gives whole cells; the soft-arg-max reads between them, within a window.
# - A fold goes around at full size and through at half size; folds inside folds make an hourglass.
# - Each look corrects a little. A loss after each stack makes every guess usable; whether it improves the last one must be measured.
# - A distance is only meaningful relative to the size of the object; hidden points do not count.
#
# ## Open questions
#
# 1. Remove the way around from `fold`. Which points suffer most?
# 2. What if the guess is not fed back into the row? (Set the weights of `model.stacked.returns` to zero.)
# 3. Six hourglasses, or three with twice the steps: which is better for the same time?
# 4. Books have two ends that look alike. What does the heat map of their top show?
# 5. Which temperature of the soft-arg-max is best for these heat maps? Judge on `val`.
