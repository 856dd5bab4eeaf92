# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 11: From a class to a map
#
# A classifier predicts what an image shows. **Segmentation** predicts it for *every pixel*. The step between the two is smaller than it looks:
# a dense layer is a convolution that stays in a single place. Let it slide, and a classifier outputs maps that it was never trained for.
# Train it on every pixel, add what finer layers see, and you have a **fully convolutional network** (FCN).
#
# | you write | you see | you train |
# |---|---|---|
# | a label map, its scores, a dense layer as a kernel, the loop that it replaces, a softmax, a mean over scales, a skip, the loss of all pixels, a smaller label map | heat maps of an ImageNet network, and how often they are right | FCN-32s, FCN-16s, FCN-8s with your skip and your loss |
#
# **Time:** about 75 minutes on a first reading, or 110 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Results of this lab** (95 % intervals; new scenes / unseen objects; seed 0; 330 steps of training, at most 45 CPU seconds each; `data/checkpoints/scores.json`):
#
# | model | mean IoU | boundary F |
# |---|---|---|
# | FCN-32s | 0.59 [0.56, 0.61] / 0.51 [0.48, 0.53] | 0.13 [0.12, 0.14] / 0.11 [0.10, 0.11] |
# | FCN-16s | 0.77 [0.75, 0.79] / 0.68 [0.66, 0.70] | 0.36 [0.34, 0.37] / 0.30 [0.28, 0.31] |
# | FCN-8s | 0.79 [0.77, 0.80] / 0.70 [0.67, 0.72] | 0.42 [0.40, 0.44] / 0.34 [0.32, 0.35] |
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("paint_classes")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import time
from collections.abc import Callable

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from classroom import check, figures, hint, show, style
from coursekit.draw import draw_image

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. The same scene, both ways
#
# A target of lab 01 lists *objects*, each with a box, a class and a mask. A **label map** lists *pixels*, each with a class, where 0 is background.
#
# ### Exercise 1: paint the classes
# `masks` is `(G, H, W)` bool, `labels` is `(G,)`. Return the label map, `(H, W)`, int64. Where two masks overlap, the **smaller** object (the one with fewer pixels) is in front. A scene may be empty, `G` = 0.


# %%
def paint_classes(masks: Tensor, labels: Tensor) -> Tensor:
    # BEGIN SOLUTION
    canvas = labels.new_zeros(masks.shape[1:])
    for i in masks.sum((1, 2)).argsort(descending=True):
        canvas[masks[i]] = labels[i]
    return canvas
    # END SOLUTION


paint_classes = check(paint_classes)

# %% [markdown]
# What is lost? Count the *connected regions* of one class in the map and compare them with the number of objects.

# %%
from scipy.ndimage import label as connected

from coursekit.data.still_life import CLASSES, still_life

val = still_life("val")
targets = [val.target(i) for i in range(len(val))]
truth = [paint_classes(target["masks"], target["labels"]) for target in targets]  # a label map each


def count_regions(semantic: Tensor) -> int:
    """Connected regions of one class; pixels that touch at a corner are connected."""
    return sum(connected(semantic == k, structure=torch.ones(3, 3))[1] for k in range(1, len(CLASSES) + 1))


regions = torch.tensor([count_regions(semantic) for semantic in truth])
objects = torch.tensor([len(target["labels"]) for target in targets])
print(f"{len(val)} scenes, {objects.sum()} objects, {regions.sum()} regions")
print(
    f"{(regions < objects).sum()} scenes have fewer regions than objects, {(regions > objects).sum()} have more"
)

# %%
merged = int((regions < objects).nonzero()[0])
image = val[merged][0]
fig = figures.both_ways(image, targets[merged], truth[merged], CLASSES)
show(
    fig,
    alt="One scene three times: the photograph; with a class for every pixel, where neighbouring objects of one class are "
    "one region; and with each object in its own colour.",
)

# %% [markdown]
# Two neighbours of the same class become one region, and an object that is partly hidden by another may become two. So **connected regions are not instances**.
# A label map cannot count objects. Mask R-CNN (lab 14) can, but it does not segment the table.
#
# ## 2. How good is a map?
#
# The obvious score is **pixel accuracy**, the share of pixels that are right. Here is the score of a blind "network" that always predicts "background".

# %%
from coursekit.metrics import semantic_scores

maps = [{"semantic": semantic} for semantic in truth]
nothing = [{"semantic": torch.zeros_like(semantic)} for semantic in truth]
blind = semantic_scores(nothing, maps, num_classes=11)
print(f'always "background": pixel accuracy {blind["pixel_accuracy"]:.3f}, mean IoU {blind["mean_iou"]:.3f}')

# %% tags=["solution"]
assert blind["pixel_accuracy"] > 0.65 and blind["mean_iou"] < 0.1

# %% [markdown]
# Most of an image is background, so pixel accuracy rewards the blind. **Mean IoU** computes the IoU of each class separately and then takes the mean over the classes,
# so the background is only one of 11.
#
# ### Exercise 2: the IoU of each class
# `prediction` and `target` are `(H, W)`; classes are 0 to `num_classes` - 1. Pixels whose target is **255** are unlabelled (**void**) and do not count.
# Return `(num_classes,)` floats, with NaN for a class that is neither predicted nor present.


# %%
def pixel_iou(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    # BEGIN SOLUTION
    known = target != 255
    classes = torch.arange(num_classes)[:, None, None]
    mine, true = (prediction == classes) & known, (target == classes) & known  # (K, H, W)
    return (mine & true).sum((1, 2)) / (mine | true).sum((1, 2))
    # END SOLUTION


pixel_iou = check(pixel_iou)

# %% [markdown]
# Some data sets declare a border around each object as void, because it is not clear to which side these pixels belong.
# That is fair, but it **changes the score**. Here is a prediction that is the ground truth moved by two pixels, scored with and without such a border:

# %%
semantic = truth[merged]
moved = semantic.roll(2, dims=1)
edge = (
    F.max_pool2d((semantic != moved)[None].float(), 5, stride=1, padding=2)[0] > 0
)  # within 2 pixels of a difference
for name, target in (("every pixel counts", semantic), ("a border is void", semantic.masked_fill(edge, 255))):
    print(f"{name:20s} mean IoU {pixel_iou(moved, target, 11).nanmean():.3f}")
assert pixel_iou(moved, semantic.masked_fill(edge, 255), 11).nanmean() == 1

# %% [markdown]
# The same prediction is either flawed or perfect. Compare numbers only if the border rule is the same. In this course every pixel counts.
# For contours there is a separate score, **boundary F**: the F score, from precision and recall, of the *edge pixels*, with a tolerance of two pixels.
#
# ## 3. A dense layer is a convolution
#
# A classifier ends in dense layers: the last map is flattened, and each output is a weighted sum of **all** its numbers. That is a convolution
# at one place, with a kernel as large as the map. So use the same weights as a kernel and let it slide.
#
# ### Exercise 3: the weights as a kernel
# `weight` is `(K, C * h * w)`, the weight of an `nn.Linear` after an `nn.Flatten`; `size` is `(h, w)`. Return `(K, C, h, w)`.


# %%
def dense_to_kernel(weight: Tensor, size: tuple[int, int]) -> Tensor:
    # BEGIN SOLUTION
    return weight.view(len(weight), -1, *size)
    # END SOLUTION


dense_to_kernel = check(dense_to_kernel)

# %% [markdown]
# What must the sliding kernel equal? The classifier itself, applied window by window. That loop is slow, but it is right by definition.
#
# ### Exercise 4 (extra): the loop
# `classify` takes `(1, C, h, w)` and returns `(1, K)`. Call it once for every window of `size` on `maps`, `(C, H, W)`, one cell apart.
# Return `(K, H - h + 1, W - w + 1)`.


# %%
def slide_over(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    # BEGIN SOLUTION
    (height, width), (rows, columns) = size, (maps.shape[1] - size[0] + 1, maps.shape[2] - size[1] + 1)
    windows = [maps[None, :, y : y + height, x : x + width] for y in range(rows) for x in range(columns)]
    return torch.stack([classify(window)[0] for window in windows], -1).unflatten(-1, (rows, columns))
    # END SOLUTION


slide_over = check(slide_over)

# %% [markdown]
# Take a head of two dense layers for windows of 3 x 4 cells of `C3`. The first layer becomes a 3 x 4 kernel. The second one no longer reads a window,
# only the outputs of the first layer at one place, so it becomes a **1 x 1** kernel.

# %%
from coursekit.nets.efficientnet import efficientnet_lite0

torch.manual_seed(0)
head = nn.Sequential(nn.Flatten(), nn.Linear(40 * 3 * 4, 64), nn.ReLU(), nn.Linear(64, 11))
backbone = efficientnet_lite0()
with torch.no_grad():
    cells = backbone(image[None, :, :160])["C3"][0]  # (40, 20, 24)
cells = cells / cells.std()


@torch.no_grad()
def as_convolutions(maps: Tensor) -> Tensor:
    first, second = head[1], head[3]
    hidden = F.conv2d(maps[None], dense_to_kernel(first.weight, (3, 4)), first.bias).relu()  # (1, 64, 18, 21)
    return F.conv2d(hidden, dense_to_kernel(second.weight, (1, 1)), second.bias)[0]


with torch.no_grad():
    loop = slide_over(head, cells, (3, 4))
at_once = as_convolutions(cells)
print(
    f"{tuple(at_once.shape)}: {at_once[0].numel()} windows, largest difference below 1e-5: {(at_once - loop).abs().max() < 1e-5}"
)
assert at_once.shape == loop.shape == (11, 18, 21) and (at_once - loop).abs().max() < 1e-5

# %% tags=["nbval-ignore-output"]
start = time.process_time()
with torch.no_grad():
    slide_over(head, cells, (3, 4))
middle = time.process_time()
as_convolutions(cells)
end = time.process_time()
print(f"the loop {1e3 * (middle - start):.1f} ms, the convolutions {1e3 * (end - middle):.1f} ms")

# %% [markdown]
# You get the same numbers at every position, and what the windows share is computed only once. The layers *below* the head slide already, because a convolution does not depend on the size of the image.
# So the whole network accepts an image of any size, and a larger one gives a map of predictions.
#
# One warning: a network with padding sees zeros at the edge of its image. Inside a larger image there are neighbouring pixels instead,
# so the map differs from the prediction for the crop near the edge of the window.
#
# ## 4. Heat maps of a network that was never told where
#
# EfficientNet learnt 1,000 classes from whole images. Its head is a 1 x 1 convolution, the mean over the map, and a dense layer.
# As a convolution, with a window of one cell, the head gives 1,000 logits at each cell of `C5`.
#
# ### Exercise 5: a distribution at each place
# `logits` is `(K, h, w)`. Return the probabilities, `(K, h, w)`. Over which axis must they add up to 1?


# %%
def softmax_of_pixels(logits: Tensor) -> Tensor:
    # BEGIN SOLUTION
    return logits.softmax(0)
    # END SOLUTION


softmax_of_pixels = check(softmax_of_pixels)

# %% [markdown]
# With a wrong axis there is no error, and all numbers are between 0 and 1. Only a **sum** reveals the mistake. Make it a habit: after each softmax, check a sum.

# %%
from coursekit.data.photos import photo, photo_target
from coursekit.models.class_map import class_map
from coursekit.nets.efficientnet import imagenet_classes

PHOTOS = {  # our annotated object, and the ImageNet classes that it may be called
    "chelsea": ("cat", 0, (281, 282, 283, 284, 285)),
    "coffee": ("cup", 0, (504, 967, 968)),
    "rocket": ("rocket", 0, (657, 744)),
}
SIDES = (160, 256, 384)  # pixels of the shorter side of the network's input
names = imagenet_classes()
for title, (thing, _, numbers) in PHOTOS.items():
    print(f"{title}, {thing}: {', '.join(names[k] for k in numbers)}")
pyramids = {
    title: [class_map(backbone, photo(title), side, softmax=softmax_of_pixels) for side in SIDES]
    for title in PHOTOS
}
for probabilities in pyramids["chelsea"]:
    sums = probabilities.sum(0)
    print(f"{tuple(probabilities.shape)}: sums over the classes from {sums.min():.3f} to {sums.max():.3f}")
    assert (sums - 1).abs().max() < 1e-4

# %% [markdown]
# Small images give few cells, each of which sees a lot. Large images give many cells, each of which sees a detail. Which one should we believe? Take a **mean over the scales**.
# With the arithmetic mean, one confident scale is enough. With the geometric mean, one scale that predicts "no" is a veto.
#
# ### Exercise 6 (extra): one map from several scales
# `maps` is a list of probabilities `(K, h, w)`, of several sizes. Resize each to `size` (height, width) bilinearly (with or without `align_corners`). Then take the mean over the scales:
# the arithmetic mean or, with `geometric`, exp of the mean of the logarithms, divided by its sum over the classes.


# %%
def merge_maps(maps: list[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    # BEGIN SOLUTION
    planes = torch.stack([F.interpolate(m[None], size, mode="bilinear")[0] for m in maps])  # (S, K, *size)
    return planes.log().mean(0).softmax(0) if geometric else planes.mean(0)
    # END SOLUTION


merge_maps = check(merge_maps)

# %% [markdown]
# Now **score** them against the boxes that we drew by hand. *Share* is the share of the heat that lies in the box (printed above it is chance, the share of the image that the box covers).
# *IoU* is the IoU of the true box with the box around everything that is at least half as hot as the hottest place.

# %%
from coursekit.metrics import heat_scores


def heat_maps(scales: list[Tensor], numbers: tuple[int, ...]) -> dict[str, Tensor]:
    """The heat of an object at each scale, and the two means at the size of the finest."""
    finest = tuple(scales[-1].shape[-2:])
    heats = {f"{side} px": p for side, p in zip(SIDES, scales, strict=True)}
    heats |= {"arithmetic": merge_maps(scales, finest, False), "geometric": merge_maps(scales, finest, True)}
    return {name: p[list(numbers)].sum(0) for name, p in heats.items()}


found = {}
for title, (thing, which, numbers) in PHOTOS.items():
    box, size = photo_target(title)["boxes"][which], tuple(photo(title).shape[-2:])
    for name, heat in heat_maps(pyramids[title], numbers).items():
        found[thing, name] = heat_scores(heat, box, size)
    print(f"{thing}: chance {found[thing, name].chance:.2f}")
    for name in ("160 px", "256 px", "384 px", "arithmetic", "geometric"):
        scores = found[thing, name]
        print(f"   {name:10s} share {scores.share:.2f}   IoU {scores.iou:.2f}")

# %%
fig, axes = plt.subplots(3, 5, figsize=(12, 6.4))
for row, (title, (thing, which, numbers)) in zip(axes, PHOTOS.items(), strict=True):
    box = photo_target(title)["boxes"][which : which + 1]
    for ax, (name, heat) in zip(row, heat_maps(pyramids[title], numbers).items(), strict=True):
        figures.draw_heat_map(
            ax, photo(title), heat, box, f"{name}: {found[thing, name].share:.2f}", most=1.0
        )
show(
    fig,
    alt="Three photographs, one per row: a cat, a cup, a rocket. In five columns the heat at three scales and of two means, with the "
    "annotated box. The cat and the cup glow at every scale; the rocket only at the fine ones.",
)

# %% [markdown]
# The network has located the cat's face and the cup without ever having seen a box. But it is not a segmenter: it highlights what is *typical*, not the whole object.
#
# Move through the scales of the rocket. What does a coarse map see instead of the rocket? What does a veto do?

# %% tags=["nbval-ignore-output"]
from classroom.widgets import HeatScales

sides = (96, 160, 224, 288, 352, 416, 480)
rocket = {
    f"{side} px": class_map(backbone, photo("rocket"), side, softmax=softmax_of_pixels) for side in sides
}
HeatScales(
    photo("rocket"), rocket, PHOTOS["rocket"][2], photo_target("rocket")["boxes"][0], merge_maps, "rocket"
)

# %% [markdown]
# Three photographs prove nothing. So repeat the measurement on those objects of 30 validation scenes whose class has a counterpart in ImageNet.

# %%
from coursekit.metrics import bootstrap_interval, paired_difference_interval

IMAGENET = {  # our class: what ImageNet may call it
    "lemon": ("lemon", "orange"),
    "banana": ("banana",),
    "mushroom": ("mushroom", "agaric", "bolete"),
    "mug": ("coffee mug", "cup", "espresso"),
    "bottle": ("wine bottle", "beer bottle", "pop bottle", "water bottle"),
    "wine glass": ("goblet", "red wine", "cocktail shaker"),
}
shares: dict[str, list[float]] = {}
for i in range(30):
    wanted = [k for k in targets[i]["labels"].unique().tolist() if CLASSES[k - 1] in IMAGENET]
    alone = [k for k in wanted if (targets[i]["labels"] == k).sum() == 1]
    scales = (
        [class_map(backbone, val[i][0], side, softmax=softmax_of_pixels) for side in SIDES] if alone else []
    )
    for k in alone:
        box = targets[i]["boxes"][targets[i]["labels"] == k][0]
        numbers = tuple(names.index(word) for word in IMAGENET[CLASSES[k - 1]])
        for name, heat in heat_maps(scales, numbers).items():
            scores = heat_scores(heat, box, (192, 192))
            shares.setdefault(name, []).append(scores.share)
            if name == "160 px":
                shares.setdefault("chance", []).append(scores.chance)

# %% tags=["nbval-ignore-output"]
print(f"share of the heat in the box, {len(shares['chance'])} objects:")
for name, values in shares.items():
    print("   {:10s} {:.2f} [{:.2f}, {:.2f}]".format(name, *bootstrap_interval(values)))
gain = paired_difference_interval(shares["geometric"], shares["arithmetic"])
print("   geometric - arithmetic: {:+.2f} [{:+.2f}, {:+.2f}]".format(*gain))

# %%
mean = {name: sum(values) / len(values) for name, values in shares.items()}
assert mean["384 px"] > 2 * mean["chance"] and mean["384 px"] > mean["160 px"]

# %% [markdown]
# That is several times better than chance, without a single labelled pixel. The finest scale is the best one here, since our objects are small in the image; a mean is
# worth its cost if you do not know that beforehand. Which mean is better? Look at the interval of the difference, not at the two numbers.
#
# ## 5. FCN: learn every pixel
#
# Now we train with supervision. The head is convolutional, so one forward pass predicts **every** pixel, and one backward pass learns from all of them.
# A single 192 x 192 image provides 36,864 examples.
#
# FCN-32s upsamples the scores of `C5` 32 times: it knows what, but not where. FCN-16s and FCN-8s **add** scores of finer levels while upsampling.

# %% tags=["folded"]
fig = figures.fcn_diagram()
show(
    fig,
    alt="FCN-8s: C5 goes through fc6, fc7 and scores; its scores, upsampled by 2, are added to those of C4; the sum, upsampled "
    "by 2, to those of C3; and this sum is upsampled by 8 to a class for every pixel.",
    width=720,
)

# %% [markdown]
# ### Exercise 7: a skip
# `coarse` is `(N, K, h, w)`; `fine` is `(N, K, H, W)`, about twice as large (sizes may be odd). Upsample the coarse scores **bilinearly** (with or without `align_corners`) to the size of the fine ones
# and return the sum. Both are trained through the sum.


# %%
def add_skip(coarse: Tensor, fine: Tensor) -> Tensor:
    # BEGIN SOLUTION
    return F.interpolate(coarse, fine.shape[-2:], mode="bilinear") + fine
    # END SOLUTION


add_skip = check(add_skip)

# %% [markdown]
# ### Exercise 8: the loss of all pixels
# `logits` is `(N, K, H, W)`, `labels` is `(N, H, W)`. Return the **mean** cross-entropy of the labelled pixels. Pixels labelled 255 do not count;
# if no pixel is labelled, the loss is 0 (and not NaN).


# %%
def pixel_loss(logits: Tensor, labels: Tensor) -> Tensor:
    # BEGIN SOLUTION
    total = F.cross_entropy(logits, labels, ignore_index=255, reduction="sum")
    return total / (labels != 255).sum().clamp(min=1)
    # END SOLUTION


pixel_loss = check(pixel_loss)

# %% [markdown]
# Train three networks with your skip and your loss, on the cached features of the training scenes and their mirror images, each for **a third** of the published steps.

# %% tags=["nbval-ignore-output"]
from torch.utils.data import Subset

from classroom import progress_bar, steps
from coursekit.data.still_life_features import still_life_features
from coursekit.models.fcn import FCN8s, FCN16s, FCN32s
from coursekit.training import fit, predict

train = still_life_features("train", "semantic", mirrored=True)
tests = {
    "new scenes": still_life_features("test_scenes"),
    "unseen objects": still_life_features("test_objects"),
}

# %% tags=["nbval-ignore-output"]
models = {}
for name, kind in (("FCN-32s", FCN32s), ("FCN-16s", FCN16s), ("FCN-8s", FCN8s)):
    torch.manual_seed(0)
    models[name] = kind(len(CLASSES), fuse=add_skip, loss=pixel_loss)
    for _ in progress_bar(fit(models[name], train, steps(110), seed=0), 15):
        pass

# %% [markdown]
# These are the scores on the first 100 images of each test split, with bootstrap intervals over whole images.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import semantic_difference_intervals, semantic_intervals
from coursekit.metrics.model_scores import count_pixels

first = {name: Subset(dataset, range(100)) for name, dataset in tests.items()}
counts = {model: {name: count_pixels(models[model], few) for name, few in first.items()} for model in models}
scores = {model: {name: semantic_intervals(c) for name, c in of.items()} for model, of in counts.items()}
for model, of in scores.items():
    for name, s in of.items():
        words = ["{} {:.2f} [{:.2f}, {:.2f}]".format(key, *s[key]) for key in ("mean_iou", "boundary_f")]
        print(f"{model:8s} {name:15s} {words[0]}   {words[1]}   pixel accuracy {s['pixel_accuracy'][0]:.3f}")
for name in tests:
    gain = semantic_difference_intervals(counts["FCN-8s"][name], counts["FCN-32s"][name])
    print(
        f"FCN-8s - FCN-32s, {name}: mean IoU {{:+.2f}} [{{:+.2f}}, {{:+.2f}}]".format(*gain["mean_iou"]),
        "boundary F {:+.2f} [{:+.2f}, {:+.2f}]".format(*gain["boundary_f"]),
    )

# %% tags=["solution"]
for name in tests:
    assert scores["FCN-8s"][name]["mean_iou"][0] > scores["FCN-32s"][name]["mean_iou"][0]
    assert scores["FCN-8s"][name]["boundary_f"][0] > scores["FCN-32s"][name]["boundary_f"][0]
    assert scores["FCN-8s"][name]["mean_iou"][0] > 0.4

# %% tags=["nbval-ignore-output"]
fig, axes = plt.subplots(1, 2, figsize=(10, 3.2))
for ax, key, title in zip(axes, ("mean_iou", "boundary_f"), ("mean IoU", "boundary F"), strict=True):
    rows = {model: {name: s[key] for name, s in of.items()} for model, of in scores.items()}
    figures.draw_model_scores(ax, rows, title)
show(
    fig,
    alt="Bars of the mean IoU and of the boundary F of FCN-32s, FCN-16s and FCN-8s, on new scenes and on unseen objects: "
    "both rise with each skip.",
)

# %% [markdown]
# Where are the mistakes? Look at one scene: above is what each network predicts, and below, in red, where it is wrong.

# %% tags=["nbval-ignore-output"]
i = 21
scene, answer = still_life("test_scenes")[i]
semantic = paint_classes(answer["masks"], answer["labels"])
fig, axes = plt.subplots(2, 4, figsize=(10, 5.4))
draw_image(axes[0, 0], scene, "the image")
figures.draw_label_map(axes[1, 0], semantic, scene, "ground truth", CLASSES)
for (above, below), (name, model) in zip(axes.T[1:], models.items(), strict=True):
    predicted = predict(model, Subset(tests["new scenes"], [i]))[0]["semantic"]
    figures.draw_label_map(above, predicted, scene, name)
    wrong = (predicted != semantic).float().mean()
    figures.draw_mistakes(below, predicted, semantic, f"wrong: {wrong:.1%} of the pixels")
show(
    fig,
    alt="A test scene with the maps of FCN-32s, 16s and 8s: the first is coarse and misses thin parts, the "
    "last follows the outlines; below, the wrong pixels form bands around the objects, thinner with each skip.",
)

# %% [markdown]
# The mistakes form bands along the outlines. The coarse map cannot do better, because a cell of `C5` is 32 pixels wide. Each skip makes the bands thinner.
# Pixel accuracy gains a few points and mean IoU many, and boundary F becomes several times as large.
#
# ## 6. A smaller label map
#
# If images are resized, their label maps must be resized with them. Pixel values are amounts of light, so they can be blended. **Labels are names, so they cannot.**
#
# ### Exercise 9 (extra): resize labels
# `labels` is `(H, W)`, int64, where 255 is void. Return the map at `size` (height, width): each new pixel takes the label at its **centre**.
# If the centre lies on a border between pixels, the label of either side will do.


# %%
def shrink_labels(labels: Tensor, size: tuple[int, int]) -> Tensor:
    # BEGIN SOLUTION
    rows, columns = (
        ((torch.arange(new) + 0.5) * old / new).long() for new, old in zip(size, labels.shape, strict=True)
    )
    return labels[rows[:, None], columns]
    # END SOLUTION


shrink_labels = check(shrink_labels)

# %% [markdown]
# What would blending do? Resize all validation maps to a quarter of their size: how many pixels get a class that **is not in the scene**?


# %%
def blend_labels(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """What not to do."""
    return (
        F.interpolate(labels[None, None].float(), size, mode="bilinear", antialias=True)[0, 0].round().long()
    )


for name, resize in (("bilinear, rounded", blend_labels), ("yours", shrink_labels)):
    small = [resize(semantic, (48, 48)) for semantic in truth]
    invented = sum((~torch.isin(s, semantic)).sum().item() for s, semantic in zip(small, truth, strict=True))
    scenes = sum(not torch.isin(s, semantic).all() for s, semantic in zip(small, truth, strict=True))
    print(f"{name:18s} {invented:6d} invented pixels, in {scenes} of {len(truth)} scenes")
    assert (invented == 0) == (resize is shrink_labels)

# %%
fig, axes = plt.subplots(1, 3, figsize=(9, 3.3))
figures.draw_label_map(axes[0], truth[merged], title="192 x 192", classes=CLASSES)
for ax, (name, resize) in zip(axes[1:], (("blended", blend_labels), ("yours", shrink_labels)), strict=True):
    figures.draw_label_map(ax, resize(truth[merged], (48, 48)), title=f"48 x 48, {name}", classes=CLASSES)
show(
    fig,
    alt="A label map and two small copies. In the blended one the objects have rims in the colours of classes that are not there.",
)

# %% [markdown]
# The rims are apples and pears that are not in the scene, because 1 and 2 lie between 0 and all other labels. A network would learn them.
#
# ## Open questions
#
# - FCN-8s stops at stride 8. What would FCN-4s need, and what could it gain? (Lab 12.)
# - A label map cannot count objects. Which output would you add so that it can?
# - The heat maps show what is *typical* of a class. For which task is that better than a full mask?
#
# ## What you should now be able to explain
#
# - What a label map keeps of a scene, and what it loses.
# - Why pixel accuracy rewards the blind, and what mean IoU and boundary F measure instead.
# - Why a dense layer is a convolution (k × k for the first layer, 1 × 1 for all others), and what it must equal.
# - Why a classifier gives heat maps without being trained for them, and how an arithmetic and a geometric mean over scales differ.
# - What FCN adds at stride 16 and 8, and which score gains most from it.
# - Why scores may be blended, but labels must not.
