# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 08: Better data, better features
#
# Two detectors, the same code, the same number of steps, and one is far better. Why? It saw better *data*, or it stands on better *features*.
# Most of the progress of ten years is one of these two. In this lab you change both, one thing at a time, and measure each change.
#
# | you write | you see | you train |
# |---|---|---|
# | copy-paste, a crop, a zoom and other colours, each with its target; PCA and nearest neighbours of features; what learns and what is frozen; whether a gain is real | learning curves, what each change gives and what it costs; what an ImageNet network knows about a scene that it was never trained on | a RetinaNet on 50 scenes, with and without the scenes that your own function pasted together |
#
# **Time:** for a first reader about 85 minutes. The computer needs about three minutes. Nothing is downloaded.
#
# **How to work:** replace each `...` by your code and run the cell. `check` tells you what happened.
# Stuck? `hint("paste_at")` gives one hint per call. An open exercise never blocks you: the reference takes its place.
# To look a function up, run `help(ops.masks_to_boxes)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from classroom import check, hint, show, style  # noqa: F401  (hint is for you)
from classroom.figures import better_data as figures
from classroom.figures.gallery import gallery
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import PALETTE
from coursekit.schema import Target

style.use()  # the look of the course's figures, for yours too
torch.set_num_threads(1)  # two threads that wait for each other are slower than one

# %% [markdown]
# **What is measured here.** Dozens of trainings of lab 04's RetinaNet. You need not repeat them: their scores are in `data/checkpoints/scores.json`, each with the command that repeats it.
# Here are the two ends of the range. AP is on new scenes, then on unseen objects, with 95 % intervals of seed 0.


# %%
def published(**recipes: str) -> None:
    """Print the published AP of recipes on both test splits, under names of ours."""
    for name, recipe in recipes.items():
        cells = [figures.seeds_of(recipe, split) for split in figures.SPLITS]
        words = "   ".join("{:.2f} [{:.2f}, {:.2f}]".format(*cell[0]) for cell in cells if cell)
        print(f"{name.replace('_', ' '):32s} {words or 'not measured'}")


published(
    features_of_random_weights="backbone-untrained",
    _25_scenes="learning_curve-none-25",
    _1600_scenes="learning_curve-none-1600",
    the_best_features_of_this_lab="backbone-lite2",
)

# %% [markdown]
# ## 1. What is one more scene worth?
#
# A **learning curve** shows the score against the number of training scenes. Each dot is one training, all with the same number of steps, so only the data differ; the line is the mean over the seeds, the bar the interval of seed 0.

# %%
SCENES = (25, 50, 100, 200, 400, 800, 1600)
fig, axes = figures.two_tests(3.2, SCENES)
for split, ax in axes.items():
    figures.draw_learning_curve(ax, figures.learning_curve("none", SCENES, split), "scenes alone", PALETTE[5])
show(
    fig,
    alt="AP against the number of training scenes from 25 to 1,600 on a logarithmic axis, on new scenes and on unseen objects: it rises steeply at first and then ever more slowly, and is lower on unseen objects.",
)

# %% [markdown]
# Each step to the right *doubles* the work of the people who annotate. What does it buy?

# %%
plain_curve = figures.learning_curve("none", SCENES)
counts = list(plain_curve)
for before, after in zip(counts, counts[1:], strict=False):
    gain = figures.mean_of(plain_curve[after]) - figures.mean_of(plain_curve[before])
    print(
        f"from {before:4d} to {after:4d} scenes: {gain:+.3f} AP, {1000 * gain / (after - before):+6.2f} per thousand scenes"
    )

# %% [markdown]
# The first scenes are worth most. So before you annotate more: can the scenes that you have be used again?
#
# ## 2. Copy and paste
#
# With masks you can make new scenes from old ones: cut an object out of one scene and put it into another (Dwibedi et al., 2017; Ghiasi et al., 2021). This is **copy-paste**.
# The image is the easy part. The *target* must tell what is visible now.
#
# ### Exercise 1: paste an object, moved
# Take object `row` of the donor, move it by `shift` = (right, down) pixels, which may be negative, and put it on top of the scene; both images have the same size, and the shift is smaller than it.
# What leaves the image is lost. What is covered is no longer visible. Return the new image and a new target with `"masks"`, `"boxes"`, `"labels"` and `"area"` (float, visible pixels):
# first the objects that were there, then the pasted one. Leave every object out of the target of which fewer than `min_pixels` pixels are visible, the pasted one too: such **slivers** nobody can find. Do not change the inputs.
# `F.pad` cuts off with a negative number: `F.pad(x, (2, -2, 0, 0))` moves `x` to the right by two columns of zeros.


# %%
def paste_at(
    image: Tensor,
    target: Target,
    donor: Tensor,
    donor_target: Target,
    row: int,
    shift: tuple[int, int],
    min_pixels: int,
) -> tuple[Tensor, Target]:
    # BEGIN SOLUTION
    right, down = shift
    mask, pixels = (F.pad(x, (right, -right, down, -down)) for x in (donor_target["masks"][row], donor))
    masks = torch.cat([target["masks"] & ~mask, mask[None]])  # (G + 1, H, W)
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    area = masks.sum((1, 2)).float()
    kept = area >= min_pixels
    new = {
        "masks": masks[kept],
        "boxes": ops.masks_to_boxes(masks[kept]),
        "labels": labels[kept],
        "area": area[kept],
    }
    return torch.where(mask, pixels, image), new
    # END SOLUTION


paste_at = check(paste_at)

# %% [markdown]
# Paste one object at three places. Watch the boxes of what lies below.

# %%
train = still_life("train")
scene, donor = train[12], train[30]
row = donor[1]["area"].argmax().item()  # the donor's largest object
pasted = {
    f"moved by {shift}": paste_at(*scene, *donor, row, shift, 40) for shift in ((0, 0), (-60, 20), (55, -35))
}
show(
    gallery(
        [scene[0], donor[0], *(image for image, _ in pasted.values())],
        [scene[1], donor[1], *(target for _, target in pasted.values())],
        classes=CLASSES,
        columns=5,
        titles=["a scene", "the donor", *pasted],
    ),
    alt="A scene, a donor scene, and the scene three times with the donor's largest object on top, at three places. Masks and boxes of what lies below, or reaches over the edge, are smaller.",
)
for name, (_, target) in pasted.items():
    print(
        f"{name}: {len(target['labels'])} objects, every pixel has at most {target['masks'].sum(0).max()} owner"
    )

# %% [markdown]
# ### The seam
#
# Light and shadow do not match, and the edge is hard. Does a detector learn to find *edges of pasted objects*? Dwibedi et al. (2017) blended edges in several ways, so that no single kind of edge means "object".
# Ghiasi et al. (2021) compared: at their scale a soft edge made no difference. Whole boxes are another matter: they bring their own table along.

# %%
mask = donor[1]["masks"][row]
show(
    figures.seams(scene[0], donor[0], mask),
    alt="The same object pasted three times, enlarged: with a hard edge, with a soft edge, and as a whole box that brings a rectangle of the other table along.",
)

# %% [markdown]
# ### Many of them
#
# The recipe takes 50 scenes and makes 300 new ones: each gets some objects of another of *the same 50 scenes*, or of its mirror image. Nothing new was annotated. Your function does the pasting.

# %%
from coursekit.data.augmentation import Changed, whole
from coursekit.data.transforms import horizontal_flip
from coursekit.recipes.better_data import quick_backbone, some_scenes

few = some_scenes(train, 50, seed=0)


def paste_yours(image: Tensor, target: Target, generator: torch.Generator) -> tuple[Tensor, Target]:
    """Some objects of one of the 50 scenes, or of its mirror image, on top: each where it was."""
    donor, donor_target = few[whole(len(few), generator)]
    if whole(2, generator):
        donor, donor_target = horizontal_flip(donor, donor_target)
    count = len(donor_target["labels"])
    for row in torch.randperm(count, generator=generator)[: 1 + whole(count, generator)].tolist():
        image, target = paste_at(image, target, donor, donor_target, row, (0, 0), 40)
    return image, target | {"boxes": target["boxes"].float()}


new_scenes = Changed(few, paste_yours, 300, seed=0)
shown = [new_scenes[i] for i in range(0, 10)]
show(
    gallery([image for image, _ in shown], [target for _, target in shown], classes=CLASSES, columns=5),
    alt="Ten scenes into which objects of other scenes were pasted, with masks and boxes: more crowded than rendered scenes, with odd light, and with objects that float.",
)

# %% [markdown]
# How do they differ from rendered scenes? They are more crowded, and more is hidden.


# %%
def objects_and_cut(dataset) -> tuple[float, float]:
    """Objects per scene, and the share of objects whose mask fills less than 40 % of its box."""
    targets = [dataset.target(i) for i in range(50)]
    fill = torch.cat([t["area"] / ops.box_area(t["boxes"]) for t in targets])
    return sum(len(t["labels"]) for t in targets) / len(targets), (fill < 0.4).double().mean().item()


for name, dataset in (("rendered", few), ("pasted", new_scenes)):
    count, cut = objects_and_cut(dataset)
    print(f"{name:9s} {count:.1f} objects per scene, {cut:.0%} fill less than 40 % of their box")

# %% [markdown]
# ### Train with them
#
# Two trainings with the steps of the recipe: on the 50 scenes alone, and on the 50 and your 300. A step costs the same, so only the 300 feature maps cost more. *Each training takes about 20 seconds on one core, the features of the new scenes 10 seconds, once.*

# %% tags=["nbval-ignore-output"]
import time

from torch.utils.data import ConcatDataset

from classroom import progress_bar, steps
from coursekit.data.objects import Picked
from coursekit.data.still_life_features import features_with_boxes, still_life_features
from coursekit.metrics import coco_metrics
from coursekit.models.retinanet import RetinaNet
from coursekit.recipes.table import RECIPES
from coursekit.training import fit, predict

start = time.process_time()
from_pasted = Picked(features_with_boxes(new_scenes, quick_backbone()), range(len(new_scenes)))
print(f"300 scenes pasted and their features computed in {time.process_time() - start:.0f} CPU seconds")

# %% tags=["nbval-ignore-output"]
the_few = Picked(features_with_boxes(train), few.places)
tests = still_life_features("test_scenes", "boxes")
truth = [tests.target(i) for i in range(len(tests))]
recipe = RECIPES["learning_curve-paste-50"]


def trained_on(items) -> RetinaNet:
    """A RetinaNet that was trained on these items as in the recipe `learning_curve`."""
    torch.manual_seed(0)
    model = RetinaNet(len(CLASSES))
    for _ in progress_bar(fit(model, items, steps(recipe.steps), recipe.batch_size, recipe.lr, seed=0), 20):
        pass
    return model.eval()


alone = predict(trained_on(the_few), tests)

# %% tags=["nbval-ignore-output"]
with_paste = predict(trained_on(ConcatDataset([the_few, from_pasted])), tests)
scores = {name: coco_metrics(p, truth)["AP"] for name, p in (("none", alone), ("paste", with_paste))}
for name, value in scores.items():
    known = figures.seeds_of(f"learning_curve-{name}-50")
    words = "not measured" if not known else "{:.3f} [{:.3f}, {:.3f}]".format(*known[0])
    print(f"50 scenes, {name:5s} AP {value:.3f} now; published {words}")

# %% tags=["solution"]
assert scores["paste"] > 0.1 and scores["none"] > 0.1

# %% [markdown]
# ## 3. Is the gain real?
#
# The number is higher. But it is a number of 300 test scenes, and other scenes would give another one. In lab 07 you drew the test scenes again, with replacement, to see how much a score moves. A *difference* of two runs has its own answer.
#
# ### Exercise 2: a paired interval
# `found` and `other` `(N,)` int64 count the objects that two runs found in each of `N` images, `objects` `(N,)` says how many there are. The score of a run is the number of found objects divided by the number of objects, over *all* images:
# sum by sum, not a mean of shares. `draws` `(R, N)` int64 are drawn test sets: each row lists images, some of them twice or more. Every drawn set has an object.
# Return three Python numbers: the gain of `found` over `other` on the images as they are, and the 2.5 % and 97.5 % quantiles of the gains on the drawn sets. Draw the same images for both runs.


# %%
def gain_interval(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple[float, float, float]:
    # BEGIN SOLUTION
    def score(found: Tensor) -> Tensor:
        return found[draws].double().sum(1) / objects[draws].sum(1)  # (R,)

    gains = score(found) - score(other)
    low, high = gains.quantile(torch.tensor([0.025, 0.975], dtype=gains.dtype)).tolist()
    return ((found.sum() - other.sum()) / objects.sum()).item(), low, high
    # END SOLUTION


gain_interval = check(gain_interval)


# %%
def count_found(predictions: list[dict], score: float = 0.3) -> Tensor:
    """How many objects of each image have a confident box of their class that overlaps them by at least half: (N,)."""
    counts = []
    for found, target in zip(predictions, truth, strict=True):
        sure = found["scores"] >= score
        hit = ops.box_iou(target["boxes"], found["boxes"][sure]) >= 0.5
        hit &= target["labels"][:, None] == found["labels"][sure]
        counts.append(hit.any(1).sum())
    return torch.stack(counts)


# %% [markdown]
# Below are your interval and, for comparison, what comes out when the draws of the two runs have nothing to do with each other. The last line is the same idea for AP, `coco_difference_intervals`.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import coco_difference_intervals

objects = torch.tensor([len(target["labels"]) for target in truth])
draws = torch.randint(len(truth), (2000, len(truth)), generator=torch.Generator().manual_seed(0))
new, old = count_found(with_paste), count_found(alone)
paired = gain_interval(new, old, objects, draws)
shares = [
    each[rows].double().sum(1) / objects[rows].sum(1) for each, rows in ((new, draws), (old, draws.flip(0)))
]
ends = (shares[0] - shares[1]).quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
gain_of_ap = coco_difference_intervals(with_paste, alone, truth)["AP"]
fig, ax = plt.subplots(figsize=(7, 1.9))
intervals = {"objects found": paired, "objects found, not paired": (paired[0], *ends), "AP": gain_of_ap}
for place, (name, interval) in enumerate(intervals.items()):
    figures.draw_gain(ax, -place, interval, name)
ax.set(ylim=(-2.6, 0.6))
show(
    fig,
    alt="Three gains with their intervals beside a line at zero: objects found with paired draws, the same without pairing, which is wider, and AP.",
)

# %% [markdown]
# If the interval does not reach 0, other scenes would hardly turn the sign around. Scenes are not the only chance, though: another *seed* draws other 50 scenes and other first weights. So the curves have several seeds where scenes are few.
#
# ### The whole curve
#
# One point is a point. Where does copy-paste help, and where does it stop?

# %%
fig, axes = figures.two_tests(3.4, SCENES)
for split, ax in axes.items():
    for name, change, colour, shift in (
        ("scenes alone", "none", PALETTE[5], 1),
        ("with copy-paste", "paste", "#e03100", 1.06),
    ):
        figures.draw_learning_curve(ax, figures.learning_curve(change, SCENES, split), name, colour, shift)
axes["test_scenes"].legend()
show(
    fig,
    alt="Two learning curves from 25 to 1,600 scenes, with and without copy-paste, on new scenes and on unseen objects.",
)


# %%
def gain_over_none(change: str, count: int, split: str = "test_scenes") -> list[float]:
    """The gain of a change in AP, of each seed that was run with and without it."""
    pairs = zip(
        *(figures.seeds_of(f"learning_curve-{each}-{count}", split) for each in (change, "none")),
        strict=False,
    )
    return [with_it[0] - without[0] for with_it, without in pairs]


print("scenes   gain of copy-paste in AP, of each seed: new scenes; unseen objects")
for count in SCENES:
    both = [gain_over_none("paste", count, split) for split in figures.SPLITS]
    words = ["  ".join(f"{gain:+.3f}" for gain in gains) or "not measured" for gains in both]
    print(f"{count:6d}   {words[0]:24s} {words[1]}")

# %% [markdown]
# Up to 100 scenes copy-paste helps, with every seed that was run. From 200 on there is little to gain, and in the middle of the curve it even costs some AP. Copy-paste makes *combinations* of objects, tables and light that were not rendered.
# With few scenes those are what is missing; with many, the renderer has made them already, and better. And each training has the same number of steps, so a pasted image takes the place of a rendered one.
# That is the boundary of the method: it replaces data that you do not have, not data that you have.
#
# ## 4. Other ways to use a scene again
#
# Every change of an image needs the same care: the target must follow. Here are three more.
#
# ### Exercise 3: a crop
# `window` is `(x1, y1, x2, y2)` in whole pixels inside the image, x2 and y2 exclusive. Return the pixels of the window, and a target with the `"boxes"` in its coordinates and the `"labels"`. Cut the boxes at its edges, and
# leave out every object of which less than the share `least` of its box is inside (exactly `least` is enough). There may be no object at all. Do not change the inputs.


# %%
def crop_scene(
    image: Tensor, target: Target, window: tuple[int, int, int, int], least: float
) -> tuple[Tensor, Target]:
    # BEGIN SOLUTION
    x1, y1, x2, y2 = window
    boxes = target["boxes"] - torch.tensor([x1, y1, x1, y1])
    boxes = boxes.clamp(min=0).minimum(torch.tensor([x2 - x1, y2 - y1, x2 - x1, y2 - y1]))
    kept = ops.box_area(boxes) >= least * ops.box_area(target["boxes"])
    return image[:, y1:y2, x1:x2], {"boxes": boxes[kept], "labels": target["labels"][kept]}
    # END SOLUTION


crop_scene = check(crop_scene)

# %% [markdown]
# ### Exercise 4: zoom out
# Shrink the scene to `round(scale * H)` by `round(scale * W)` pixels with `F.interpolate(image[None], (h, w), mode="bilinear", antialias=True)[0]`, and put it with its upper left corner at `corner` = (x, y), in whole pixels,
# on a canvas as large as before that has the mean colour of the image (the mean of each channel). `scale` is at most 1, and all of it fits. Return the canvas, and a target with `"boxes"` and `"labels"`. Careful: the sides are rounded, so the image did not shrink by exactly `scale`.


# %%
def zoom_out(image: Tensor, target: Target, scale: float, corner: tuple[int, int]) -> tuple[Tensor, Target]:
    # BEGIN SOLUTION
    _, height, width = image.shape
    h, w = round(scale * height), round(scale * width)
    x, y = corner
    canvas = image.mean((1, 2), keepdim=True).repeat(1, height, width)
    canvas[:, y : y + h, x : x + w] = F.interpolate(image[None], (h, w), mode="bilinear", antialias=True)[0]
    boxes = target["boxes"] * torch.tensor([w / width, h / height] * 2) + torch.tensor([x, y, x, y])
    return canvas, {"boxes": boxes, "labels": target["labels"]}
    # END SOLUTION


zoom_out = check(zoom_out)

# %% [markdown]
# **Scale jitter** is both: sometimes a crop that is enlarged again, sometimes a zoom out.
#
# ### Exercise 5: other colours
# Nothing moves here, but the range can break. Three steps, and after each of them cut off what is below 0 or above 1: *brightness*, multiply every value; *contrast*, multiply every value's distance to the mean grey of the image;
# *saturation*, multiply every value's distance to the grey of its own pixel. The grey of a pixel is 0.2989 red + 0.587 green + 0.114 blue, of the image as it is before that step. A factor of 1 changes nothing.
# Return the new image and the target as it was. Do not change the inputs.


# %%
def jitter_colours(
    image: Tensor, target: Target, brightness: float, contrast: float, saturation: float
) -> tuple[Tensor, Target]:
    # BEGIN SOLUTION
    shares = torch.tensor([0.2989, 0.587, 0.114])[:, None, None]
    x = (brightness * image).clamp(0, 1)
    mean = (shares * x).sum(0).mean()
    x = (mean + contrast * (x - mean)).clamp(0, 1)
    grey = (shares * x).sum(0)
    return (grey + saturation * (x - grey)).clamp(0, 1), target
    # END SOLUTION


jitter_colours = check(jitter_colours)

# %%
image, target = train[4]
boxed = {"boxes": target["boxes"], "labels": target["labels"]}
changed = {
    "as it is": (image, boxed),
    "mirrored": horizontal_flip(image, boxed),
    "cropped": crop_scene(image, boxed, (30, 40, 158, 168), 0.25),
    "zoomed out": zoom_out(image, boxed, 0.6, (20, 55)),
    "darker, more contrast": jitter_colours(image, boxed, 0.7, 1.4, 1.0),
    "paler": jitter_colours(image, boxed, 1.2, 0.8, 0.3),
}
show(
    gallery(
        [each for each, _ in changed.values()],
        [each for _, each in changed.values()],
        classes=CLASSES,
        columns=6,
        titles=list(changed),
    ),
    alt="A scene six times with its boxes: as it is, mirrored, cropped, smaller on a plain canvas, darker with more contrast, and paler. The boxes always lie on the objects.",
)

# %% [markdown]
# ### What each gives, and what it costs
#
# The same recipe with each change: six changed images per scene (of mirror images there is only one), the same number of steps. A change costs pixels that are made, and features that are computed again, because the backbone is frozen and its maps are kept.

# %%
CHANGES = {
    "paste": "copy-paste",
    "flip": "mirror image",
    "scale": "scale jitter",
    "colour": "other colours",
    "crop": "crop",
}
print(f"{'':14s} gain in AP on new scenes, mean over the seeds" + " " * 11 + "CPU seconds more at 200")
print(f"{'scenes':14s}" + "".join(f"{count:>8d}" for count in SCENES))
for change, name in CHANGES.items():
    gains = [gain_over_none(change, count) for count in SCENES]
    cells = "".join(f"{sum(each) / len(each):+8.3f}" if each else f"{'–':>8s}" for each in gains)
    minutes = figures.number_of(f"learning_curve-{change}-200", "changed_cpu_minutes")
    print(f"{name:14s}{cells}   {'–' if minutes is None else round(60 * minutes)}")

# %%
fig, axes = figures.two_tests(3.4, SCENES)
for split, ax in axes.items():
    for i, (change, name) in enumerate({"none": "scenes alone", **CHANGES}.items()):
        points = figures.learning_curve(change, SCENES, split)
        figures.draw_learning_curve(ax, points, name, f"C{i}", 1.03**i)
axes["test_scenes"].legend(fontsize="small")
show(
    fig,
    alt="Learning curves on new scenes and on unseen objects: scenes alone and with copy-paste from 25 to 1,600 scenes; mirror images, scale jitter, "
    "other colours and crops at 50 and 200. At 50 scenes all lie above scenes alone, scale jitter and crops highest; at 200 they lie together.",
)

# %% [markdown]
# With 50 scenes every change helps, and those that show objects *at another size*, scale jitter and crops, help most. One mirror image per scene costs next to nothing and gives nearly as much as six pasted images. Other colours give least: the backbone has seen photographs in every light.
# With 200 scenes only copy-paste still gains, about 0.01. The others are within the spread of the seeds, or below zero, because each changed image takes the place of a real one.
# Most of these points have one seed, and the seeds of the same recipe differ by about 0.01 to 0.03: read large differences only.
#
# ## 5. Larger images
#
# The same photograph with more pixels has more cells on each object. What do 128, 192 and 256 pixels give, and what do they cost? The still lifes were rendered with 192 pixels, so 256 add no detail, only cells.

# %%
SIDES = (128, 192, 256)
fig, axes = figures.two_tests(2.2)
for split, ax in axes.items():
    rows = {f"{side} pixels": figures.seeds_of(f"image_size-{side}", split) for side in SIDES}
    figures.draw_bars(ax, {name: intervals for name, intervals in rows.items() if intervals})
show(
    fig,
    alt="Bars of AP with intervals for images of 128, 192 and 256 pixels, on new scenes and on unseen objects.",
)
for side in SIDES:
    minutes = figures.number_of(f"image_size-{side}", "cpu_minutes")
    print(
        f"{side} pixels: {side // 8} x {side // 8} cells of C3, {'–' if minutes is None else minutes} CPU minutes of training"
    )

# %% [markdown]
# ## 6. What a feature knows before any training
#
# All detectors of this course look at the scenes through a network that was trained on something else: a thousand classes of ImageNet photographs, one label per photograph, no box.
# What does it know about a scene? Look at its feature maps before any training of ours: 112 channels at C4. Too many to look at, so turn them into three colours.
#
# ### Exercise 6: a feature map in colour
# **Principal component analysis** (PCA) looks for the directions in which points differ most. The points are the `N · h · w` cells of all images `(N, C, h, w)` together, in `C` dimensions: subtract their mean, and project them onto the three directions of the largest variance,
# the largest first. Then stretch each of the three numbers over all cells: the smallest becomes 0, the largest 1. Return `(N, 3, h, w)`. The sign of a direction is arbitrary, so either is right. Do not change the input.


# %%
def pca_colours(maps: Tensor) -> Tensor:
    # BEGIN SOLUTION
    n, c, h, w = maps.shape
    cells = maps.permute(0, 2, 3, 1).reshape(-1, c)  # (N h w, C)
    cells = cells - cells.mean(0)
    values = cells @ torch.linalg.svd(cells, full_matrices=False)[2][:3].T  # (N h w, 3)
    values = (values - values.amin(0)) / (values.amax(0) - values.amin(0))
    return values.reshape(n, h, w, 3).permute(0, 3, 1, 2)
    # END SOLUTION


pca_colours = check(pca_colours)

# %% [markdown]
# Four scenes at twice their size, so that the maps have more cells; one PCA for all four, so a colour means the same in each. Below the ImageNet network, the same network with random weights. *A few seconds.*

# %%
from coursekit.nets.efficientnet import efficientnet_lite0

val = still_life("val")
four = [val[i][0] for i in (10, 11, 13, 16)]
large = F.interpolate(torch.stack(four), (384, 384), mode="bilinear", antialias=True)
imagenet = efficientnet_lite0()
torch.manual_seed(0)
untrained = efficientnet_lite0(pretrained=False)
with torch.no_grad():
    known, random = imagenet(large), untrained(large)
rows = {
    "ImageNet, C4": pca_colours(known["C4"]),
    "ImageNet, C5": pca_colours(known["C5"]),
    "random weights, C4": pca_colours(random["C4"]),
}
show(
    figures.coloured_maps(four, rows),
    alt="Four scenes. Below them their feature maps in colour: in C4 of the ImageNet network the objects stand out from table and wall, and things of one kind have similar colours; C5 is coarser; with random weights the maps show little more than light and dark.",
)

# %% [markdown]
# Nobody told this network where objects are. C4 sets them apart from table and wall, above all at their outlines. In C5 things of one kind have similar colours in all four scenes: look for the mugs, the glasses, the bananas.
#
# ### Which cell is most like this one?
#
# Choose a cell on an object in the first scene, and look in other scenes for the cell whose vector points in the most similar direction. This is called **correspondence**.
#
# ### Exercise 7: labels of nearest neighbours
# `cells` is `(P, C)`, `known` is `(M, C)`, and `labels` `(M,)` int64 are the labels of the known vectors. For each cell find the known vector with the largest **cosine similarity**, the product of both vectors after each was divided by its length.
# Return two things: the labels of these vectors, `(P,)`, and the cosines, `(P,)`. No vector is zero, and there may be no cell. Do not change the inputs.


# %%
def nearest_labels(cells: Tensor, known: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    # BEGIN SOLUTION
    cosines = F.normalize(cells, dim=1) @ F.normalize(known, dim=1).T  # (P, M)
    similarity, place = cosines.max(1)
    return labels[place], similarity
    # END SOLUTION


nearest_labels = check(nearest_labels)


# %%
def vectors(maps: dict[str, Tensor]) -> Tensor:
    """C4 and, enlarged to its size, C5 of each cell, each of length 1: (N, C, h, w)."""
    c5 = F.interpolate(F.normalize(maps["C5"], dim=1), maps["C4"].shape[-2:], mode="bilinear")
    return torch.cat([F.normalize(maps["C4"], dim=1), c5], 1)


in_four = vectors(known)  # (4, 432, 24, 24)
first = val.target(10)
largest = first["area"].argmax()
y, x = (
    (first["masks"][largest].nonzero().double().mean(0) / 8).long().tolist()
)  # a cell is 8 pixels of the scene
asked = in_four[0, :, y, x]
fig, axes = plt.subplots(1, 4, figsize=(11, 3))
for ax, image, cells in zip(axes, four, in_four, strict=True):
    _, similarity = nearest_labels(cells.flatten(1).T, asked[None], torch.zeros(1, dtype=torch.int64))
    figures.draw_similarity(
        ax, image, similarity.reshape(cells.shape[1:]).float(), f"at most {similarity.max():.2f}"
    )
axes[0].set_title(f"asked: {CLASSES[first['labels'][largest] - 1]}")
show(
    fig,
    alt="Four scenes, lit where a cell is similar to one cell on the largest object of the first scene; a dot marks the most similar cell of each.",
)

# %% [markdown]
# ### One labelled scene
#
# Now label every cell of *one* scene with the class that most of its pixels have, and give each cell of other scenes the label of its nearest neighbour. No weight is trained. A class that the labelled scene does not show cannot be named.

# %%
cached = still_life_features("val")


def vectors_of(numbers: list[int]) -> Tensor:
    """The vectors of scenes of `val` from the cached maps: (n, 432, 12, 12)."""
    features = [cached[i][0] for i in numbers]
    return vectors({level: torch.stack([each[level] for each in features]) for level in ("C4", "C5")})


def labels_of_cells(numbers: list[int], stride: int = 16) -> Tensor:
    """The class of most pixels of each cell, 0 for background: (n, 192 / stride, 192 / stride)."""
    targets = [val.target(i) for i in numbers]
    maps = torch.stack([ops.semantic_map(each["masks"], each["labels"]) for each in targets])
    return maps.unfold(1, stride, stride).unfold(2, stride, stride).flatten(3).mode(-1).values


def segmented(maps: Tensor, known: Tensor, labels: Tensor) -> Tensor:
    """The label of each cell of some maps (n, C, h, w) by the nearest cell of the known maps: (n, h, w)."""
    cells, examples = (each.permute(0, 2, 3, 1).flatten(0, 2) for each in (maps, known))
    return nearest_labels(cells, examples, labels.flatten())[0].reshape(len(maps), *maps.shape[2:])


lesson = labels_of_cells([16], stride=8)
taught = segmented(in_four[:3], in_four[3:], lesson)
fig, axes = plt.subplots(1, 4, figsize=(12, 3.2))
figures.draw_segments(axes[0], four[3], lesson[0], "the labelled scene", CLASSES)
for ax, image, cells in zip(axes[1:], four, taught, strict=False):
    figures.draw_segments(ax, image, cells, "by nearest neighbours", CLASSES)
show(
    fig,
    alt="One scene whose cells are labelled, and three others whose cells have the labels of their nearest neighbours in it: most objects are found, with coarse outlines, and some get a wrong class.",
)

# %% [markdown]
# How good is that, in numbers? *Object or not* is the IoU of all object cells; *class* is the share of object cells with the right one, of classes that the labelled scenes show. Beside it random weights, on the same scenes. *About 10 seconds.*

# %%
teachers, exam = [16, 10, 11, 13, 21, 24, 38, 44], list(range(100, 140))
with torch.no_grad():
    maps_of_random = [untrained(torch.stack([val[i][0] for i in part])) for part in (teachers, exam)]
kinds = {
    "ImageNet": (vectors_of(teachers), vectors_of(exam)),
    "random weights": tuple(vectors(maps) for maps in maps_of_random),
}
right, taught_labels = labels_of_cells(exam), labels_of_cells(teachers)
quality = {}
for name, (examples, cells) in kinds.items():
    for count in (1, 4, 8):
        said = segmented(cells, examples[:count], taught_labels[:count])
        overlap = ((said > 0) & (right > 0)).sum() / ((said > 0) | (right > 0)).sum()
        fair = (right > 0) & torch.isin(right, taught_labels[:count])
        quality[name, count] = overlap.item(), (said == right)[fair].double().mean().item()
        print(
            f"{name:15s} {count} labelled: object or not {overlap:.2f}, class {quality[name, count][1]:.2f}"
        )
assert quality["ImageNet", 1][0] > quality["random weights", 8][0]

# %% [markdown]
# One labelled scene and ImageNet features beat eight labelled scenes and random weights. A detector's head does not start from nothing: most of the work is done before its first step.
#
# ## 7. "Better networks have a huge impact"
#
# So better features should give a better detector. RetinaNet's head on five frozen backbones, with the same number of steps: random weights; EfficientNet-Lite0, 1 and 2 (ImageNet); and the backbone of YOLOX-Nano, whose weights were trained on *COCO*, to detect.

# %%
BACKBONES = {
    "random weights": "untrained",
    "Lite0": "lite0",
    "Lite1": "lite1",
    "Lite2": "lite2",
    "COCO's CSPDarknet": "csp_darknet",
}
fig, axes = figures.two_tests(2.8)
for split, ax in axes.items():
    rows = {name: figures.seeds_of(f"backbone-{key}", split) for name, key in BACKBONES.items()}
    figures.draw_bars(ax, {name: intervals for name, intervals in rows.items() if intervals})
show(
    fig,
    alt="Bars of AP with intervals for five backbones on new scenes and on unseen objects: random weights far behind all others.",
)

# %% [markdown]
# How much is that, beside what data gave?


# %%
def step_in_ap(before: str, after: str) -> str:
    """The difference of two published recipes on new scenes, in the mean over their seeds."""
    pair = [figures.seeds_of(recipe) for recipe in (before, after)]
    return f"{figures.mean_of(pair[1]) - figures.mean_of(pair[0]):+.2f} AP" if all(pair) else "not measured"


print("from random weights to Lite0:", step_in_ap("backbone-untrained", "backbone-lite0"))
print("from Lite0 to Lite2:", step_in_ap("backbone-lite0", "backbone-lite2"))
print("from ImageNet to COCO:", step_in_ap("backbone-lite0", "backbone-csp_darknet"))
print("from 50 to 1,600 scenes:", step_in_ap("learning_curve-none-50", "learning_curve-none-1600"))
print("copy-paste with 50 scenes:", step_in_ap("learning_curve-none-50", "learning_curve-paste-50"))

# %% [markdown]
# Features are the longest lever in this lab. That a network was trained on *something* counts for more than which of the pretrained ones it is.
#
# ## 8. Frozen, or not?
#
# So far the backbone was frozen: its maps are computed once, and training is fast. It could also learn: only its last stage, or all of it, from ImageNet's weights or **from scratch**.
#
# Two things in a network change during training. *Weights*, by the optimiser. And the *statistics* of batch normalisation, mean and variance, which follow the batches in training mode, gradient or not.
#
# ### Exercise 8: what learns
# `stages` is an `nn.ModuleDict` such as `{"C1": …, …, "C5": …}`. Let the weights of the stages in `names` learn, batch normalisation's scale and shift included, and freeze all others, whatever they were before.
# Statistics follow the batches only in the stages in `names`, and only if `follow` is true; everywhere else they stay. Change the stages themselves and return them.


# %%
def let_learn(stages: nn.ModuleDict, names: list[str], follow: bool) -> nn.ModuleDict:
    # BEGIN SOLUTION
    stages.requires_grad_(False).eval()
    for name in names:
        stages[name].requires_grad_(True).train(follow)
    return stages
    # END SOLUTION


let_learn = check(let_learn)

# %% [markdown]
# How many weights learn, and what do statistics do that follow? Show stage C5 forty batches of eight scenes, *without any optimiser*, and compare its map of one scene before and after.

# %%
maps = still_life_features("train", "boxes")
watched = cached[16][0]["C4"][None]
for names, follow in (([], False), (["C5"], False), (["C5"], True), (["C4", "C5"], True)):
    stages = let_learn(efficientnet_lite0().stages, names, follow)
    count = sum(p.numel() for p in stages.parameters() if p.requires_grad)
    with torch.no_grad():
        before = stages.eval()["C5"](watched)
        let_learn(stages, names, follow)
        for start in range(0, 320, 8):
            stages["C5"](torch.stack([maps[i][0]["C4"] for i in range(start, start + 8)]))
        after = stages.eval()["C5"](watched)
    moved = 1 - F.cosine_similarity(before, after, dim=1).mean()
    print(
        f"{', '.join(names) or 'nothing':8s} follow={follow!s:5s} {count:9,d} weights learn; the map of C5 turned by {max(0, moved):.3f}"
    )

# %% [markdown]
# With `follow=True` the features move although not one weight changed. A head that learns on features that move follows a moving target, and batches of eight are noisy. This is why fine-tuning with small batches usually keeps ImageNet's statistics.
#
# ### From scratch, frozen, in part, all
#
# The recipe `fine_tuning` gives each way about the same CPU time, and 16, 160 or all 1,600 scenes. What learns end to end has to compute the whole backbone forwards and backwards in each step, so it gets far fewer steps.

# %%
WAYS = {"scratch": "from scratch", "frozen": "frozen", "C5": "last stage learns", "all": "all stages learn"}
fig, axes = figures.two_tests(3.2, (16, 160, 1600))
for split, ax in axes.items():
    for i, (way, name) in enumerate(WAYS.items()):
        found = {
            16 * share if share < 100 else 1600: figures.seeds_of(f"fine_tuning-{way}-{share}", split)
            for share in (1, 10, 100)
        }
        figures.draw_learning_curve(
            ax, {n: each for n, each in found.items() if each}, name, f"C{i}", 1.04**i
        )
axes["test_scenes"].legend(fontsize="small")
show(
    fig,
    alt="AP against 16, 160 and 1,600 scenes for four ways to train: from scratch, frozen, the last stage learns, all stages learn; on new scenes and on unseen objects.",
)
for way, name in WAYS.items():
    steps_of, minutes = (
        figures.number_of(f"fine_tuning-{way}-100", each) for each in ("steps", "cpu_minutes")
    )
    print(f"{name:18s} {steps_of or '–'} steps in {minutes or '–'} CPU minutes")

# %% [markdown]
# From scratch there is next to nothing after so short a time. He et al. (2019) show the other side: with all of COCO and a *much longer schedule*, a network from scratch arrives where the pretrained one is. Pretraining saves time, and it saves data where there are few.
#
# ## 9. What the state of the art adds
#
# The same levers, at another scale. All scores are box AP on COCO's test images (test-dev), as published:
#
# | year | paper | what it added | AP |
# |---|---|---|---|
# | 2021 | Ghiasi et al., "Simple Copy-Paste is a Strong Data Augmentation Method", arXiv:2012.07177 | copy-paste, scale jitter from 0.1 to 2, images of 1,280 pixels, long schedules, **pseudo-labels** | 57.3 |
# | 2021 | Xu et al., "End-to-End Semi-Supervised Object Detection with Soft Teacher", arXiv:2106.09018 | a Swin-L backbone, pseudo-labels on COCO's 123,000 unlabelled images: 58.9 before, then | 60.4 |
# | 2021 | the same | pretraining of the detector on Objects365 | 61.3 |
# | 2023 | Zong et al., "DETRs with Collaborative Hybrid Assignments Training" (Co-DETR), arXiv:2211.12860 | a ViT-L backbone, a DETR whose encoder also learns from one-to-many assignments | 66.0 |
#
# Pseudo-labels are boxes that a trained detector, the teacher, predicts on unlabelled images, and on which a student is trained as if they were true. Ghiasi et al. found that copy-paste adds to them.
# In none of these is the *detector's head* the main news. Most of the gain is data, resolution, time and features.
#
# ## What you can now say
#
# - A learning curve shows what data are worth; the first scenes are worth most.
# - After a change of an image its target must follow: what is covered, cut or too small is no longer there.
# - Copy-paste combines annotated objects in new ways. It helps where scenes are few, and may cost where they are many. A gain is a difference, with a paired interval and more than one seed.
# - Changed images need features of their own when the backbone is frozen: a change has a price in seconds.
# - ImageNet features separate objects from background before any training, and one labelled scene goes far.
# - Freezing means two things: weights, and the statistics of batch normalisation.
#
# ## Open questions
#
# 1. Paste with random shifts, `paste_at(…, shift=…)`, instead of (0, 0). Objects now float in the air. Is AP higher or lower with 50 scenes? Choose on `val`.
# 2. Paste whole boxes. How much of the gain is left?
# 3. Blend the edges as in `figures.seams`. Ghiasi et al. found no difference; do you?
# 4. Make pseudo-labels: let the detector with paste predict on 200 other training scenes, keep confident boxes, and train on them too.
# 5. Take features of the COCO backbone (`coursekit.nets.csp_darknet`) for the nearest neighbours. Is "object or not" better than with ImageNet's?
