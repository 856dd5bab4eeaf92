# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 02: What and where, for one object and for N
#
# One network, two outputs: a class and a box. You train the two heads separately, and then together with part of the backbone.
# Then there are **three** objects on the table, which raises a question that a classifier never had to face: *which output is for which object?*
#
# | you write | you see | you train |
# |---|---|---|
# | counts, freezing, a padded loss, a matching, a loss for sets | a network that fails because of the order of a list | two heads, end to end; three slots, without and with matching |
#
# **Time:** about 70 minutes on a first reading, or 95 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Results of this lab** (95 % intervals; new scenes / unseen objects; seed 0; `data/checkpoints/scores.json`):
#
# | model | class accuracy | mean IoU | both right |
# |---|---|---|---|
# | two heads, frozen backbone | 0.94 [0.90, 0.96] / 0.89 [0.84, 0.93] | 0.75 [0.73, 0.77] / 0.74 [0.72, 0.76] | 0.90 [0.85, 0.94] / 0.84 [0.80, 0.89] |
# | two heads, then end to end with `C5` | 0.98 [0.96, 1.00] / 0.91 [0.87, 0.95] | 0.76 [0.75, 0.78] / 0.75 [0.74, 0.77] | 0.96 [0.94, 0.99] / 0.87 [0.82, 0.92] |
# | 3 slots, in the order of the list | 0.49 [0.43, 0.56] / 0.42 [0.37, 0.48] | 0.38 [0.35, 0.42] / 0.35 [0.32, 0.38] | 0.27 [0.21, 0.34] / 0.20 [0.15, 0.26] |
# | 3 slots, listed from left to right | 0.65 [0.60, 0.70] / 0.60 [0.55, 0.65] | 0.52 [0.49, 0.55] / 0.48 [0.45, 0.51] | 0.49 [0.43, 0.54] / 0.40 [0.34, 0.45] |
# | 3 slots, matched | 0.71 [0.66, 0.75] / 0.61 [0.55, 0.65] | 0.54 [0.51, 0.57] / 0.50 [0.47, 0.53] | 0.60 [0.55, 0.66] / 0.46 [0.40, 0.51] |
#
# A different seed gives a different network: over three seeds, *both right* ranges from 0.93 to 0.96 / 0.84 to 0.88 end to end, and from 0.54 to 0.60 / 0.46 to 0.49 matched.
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("count_right")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from classroom import check, hint, show, style
from classroom.figures.gallery import gallery
from coursekit import ops
from coursekit.draw import draw_boxes, draw_image

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. Two predictions for one image
#
# These are the images of lab 01, with one object each. The network predicts *what* it is (10 scores) and *where* it is (4 numbers).

# %%
from coursekit.data.still_life import CLASSES, still_life

single = {"new scenes": still_life("single_test_scenes"), "unseen objects": still_life("single_test_objects")}
pairs = [still_life("single_train")[i] for i in range(5)]
fig = gallery(
    [image for image, _ in pairs],
    [{name: target[name] for name in ("boxes", "labels")} for _, target in pairs],
    classes=CLASSES,
    columns=5,
)
show(fig, alt="Five training images with one object each, its box and its class.")

# %% [markdown]
# A high class accuracy does not guarantee good boxes, and two good averages may come from **different** images.
# So we count three things: how often the class is right, how often the box is right (IoU of at least 0.5), and how often **both** are right in the same image.
#
# ### Exercise 1: right, right, and both
# Prediction `i` belongs to image `i`: predicted boxes `(N, 4)` and labels `(N,)`, then the true boxes and labels in the same form. `ops.box_iou` gives the IoU of all pairs.
# Return three whole numbers (plain `int`s, not tensors): in how many images the class is right, the box is right, and both are right.


# %%
def count_right(
    predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> tuple[int, int, int]:
    # BEGIN SOLUTION
    class_right = labels == true_labels
    box_right = ops.box_iou(predicted, true_boxes).diagonal() >= 0.5
    return class_right.sum().item(), box_right.sum().item(), (class_right & box_right).sum().item()
    # END SOLUTION


count_right = check(count_right)

# %% [markdown]
# ## 2. Freeze one part, train another
#
# The backbone has learnt a lot from ImageNet, and training only the heads preserves that. But what exactly does *frozen* mean?
# The optimiser changes weights. **Batch normalisation** changes without any optimiser, just by looking at data: in training mode its running statistics follow the average of every batch.
#
# ### Exercise 2: freeze
# Freeze a module and return it (the module itself, not a copy): its weights get no gradient and its statistics do not move. A gradient may still pass *through* it.
# Part of the module may already be frozen.


# %%
def freeze(module: nn.Module) -> nn.Module:
    # BEGIN SOLUTION
    module.requires_grad_(False)
    return module.eval()
    # END SOLUTION


freeze = check(freeze)

# %% [markdown]
# `model.train()` puts every batch normalisation back into training mode. So the localiser calls your `freeze` after each `train()`.
#
# ## 3. Two heads, trained separately
#
# The features of the frozen backbone are computed once and stored, as in lab 01; the mirror images are the second half of the training set.

# %% tags=["nbval-ignore-output"]
from torch.utils.data import ConcatDataset

from coursekit.data.features import cached_features
from coursekit.data.transforms import Flipped
from coursekit.nets.efficientnet import efficientnet_lite0

backbone = efficientnet_lite0()
train = still_life("single_train")
both_ways = ConcatDataset([cached_features(train, backbone), cached_features(Flipped(train), backbone)])
single_features = {name: cached_features(dataset, backbone) for name, dataset in single.items()}

# %% [markdown]
# First train the class head alone, then the box head alone. `learn(…)` lists the parts that learn; all others are frozen by your `freeze`.

# %% tags=["nbval-ignore-output"]
from classroom import progress_bar, steps
from coursekit.models.localiser import Localiser
from coursekit.nets.upper_stages import UpperStages
from coursekit.training import fit, predict

torch.manual_seed(0)
localiser = Localiser(len(CLASSES), stages=UpperStages(backbone), freeze=freeze)
for _ in progress_bar(fit(localiser.learn("normalise", "class_head"), both_ways, steps(250), seed=0), 6):
    pass
before = predict(localiser, single_features["new scenes"])

# %% tags=["nbval-ignore-output"]
for _ in progress_bar(fit(localiser.learn("box_head"), both_ways, steps(750), seed=0), 20):
    pass
frozen = {name: predict(localiser, features) for name, features in single_features.items()}

# %% [markdown]
# While the box head was learning, the class scores did not change **at all**, not even in the last bit. That is what freezing is for.

# %%
same = [torch.equal(a["scores"], b["scores"]) for a, b in zip(before, frozen["new scenes"], strict=True)]
print(f"{sum(same)} of {len(same)} class scores are bit for bit what they were")
assert all(same)

# %% [markdown]
# At test time both heads predict at once. Here are the results, counted by your function:

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import bootstrap_interval, localisation_scores, paired_difference_interval


def together(answers: list[dict], name: str) -> Tensor:
    return torch.cat([answer[name] for answer in answers])


def report(title: str, predictions: dict[str, list[dict]]) -> dict[str, dict]:
    scores = {}
    for name, dataset in single.items():
        targets = [dataset.target(i) for i in range(len(dataset))]
        answers = [together(predictions[name], key) for key in ("boxes", "labels")]
        truth = [together(targets, key) for key in ("boxes", "labels")]
        class_right, box_right, both = count_right(*answers, *truth)
        scores[name] = localisation_scores(predictions[name], targets)
        iou, low, high = bootstrap_interval(scores[name]["iou"])
        print(
            f"{title:12s} {name:15s} class {class_right}, box {box_right}, both {both} of {len(targets)}"
            f"   mean IoU {iou:.2f} [{low:.2f}, {high:.2f}]"
        )
    return scores


frozen_scores = report("heads only", frozen)

# %% [markdown]
# ## 4. End to end: one gradient, two teachers
#
# Now part of the backbone should learn too: its last stage, `C5`. Both losses pull on it.
# Do they pull equally hard? A loss in squared **pixels** is a number in the thousands, while a cross-entropy is about 2.
#
# ### Exercise 3 (extra): whose gradient is it?
# `losses_of(features)` returns a dict of losses. Return the share of each loss in the gradient that reaches the features:
# the length (2-norm) of its gradient divided by the sum of the lengths of all gradients, as plain numbers.


# %%
def gradient_share(losses_of, features: Tensor) -> dict[str, float]:
    # BEGIN SOLUTION
    features = features.detach().requires_grad_()
    lengths = {
        name: torch.autograd.grad(loss, features, retain_graph=True)[0].norm().item()
        for name, loss in losses_of(features).items()
    }
    return {name: length / sum(lengths.values()) for name, length in lengths.items()}
    # END SOLUTION


gradient_share = check(gradient_share)

# %%
from coursekit.models.localiser import decode_box, giou_loss

torch.manual_seed(0)
fresh = Localiser(len(CLASSES))
inputs, targets = zip(*[both_ways[i] for i in range(16)], strict=True)
maps = fresh.feature_maps(inputs)


def two_losses(box_loss):
    def losses_of(c5: Tensor) -> dict[str, Tensor]:
        fractions = fresh.box_head(maps | {"C5": c5}).sigmoid()
        boxes = decode_box(fractions, torch.full((len(c5), 2), 192))
        logits = fresh.class_head(c5.mean((-2, -1)))
        labels = together(targets, "labels") - 1  # the head has columns 0 to 9, the labels are 1 to 10
        return {
            "box": box_loss(boxes, together(targets, "boxes")).mean(),
            "class": F.cross_entropy(logits, labels),
        }

    return losses_of


BOX_LOSSES = {
    "squared pixels": lambda a, b: (a - b).square().mean(-1),
    "squared fractions": lambda a, b: ((a - b) / 192).square().mean(-1),
    "1 - GIoU": giou_loss,
}
shares = {name: gradient_share(two_losses(loss), maps["C5"])["box"] for name, loss in BOX_LOSSES.items()}

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(6, 2))
ax.barh(list(shares), list(shares.values()), label="box")
ax.barh(list(shares), [1 - share for share in shares.values()], left=list(shares.values()), label="class")
ax.set(xlabel="share of the gradient at C5, before training", xlim=(0, 1))
ax.invert_yaxis()
ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.3), ncols=2)
show(
    fig,
    alt="Shares of the box and class losses in the gradient: with squared pixels nearly all of it is the box loss, "
    "with squared fractions nearly all of it is the class loss, with GIoU both contribute.",
)

# %% [markdown]
# With squared pixels the class has no influence on what `C5` learns; with squared fractions the box has hardly any.
# GIoU has no unit, so the two losses can simply be added.
#
# Now train end to end, starting from the trained heads: the cached `C4` is the input of the stage `C5`, which learns together with both heads.

# %% tags=["nbval-ignore-output"]
run = fit(localiser.learn("stages", "box_head", "class_head"), both_ways, steps(150), lr=1e-3, seed=1)
for _ in progress_bar(run, 30):
    pass
finetuned = {name: predict(localiser, features) for name, features in single_features.items()}
finetuned_scores = report("end to end", finetuned)

# %% tags=["nbval-ignore-output"]
for name in single:
    for score, words in (("class_right", "class"), ("iou", "mean IoU"), ("right", "both right")):
        difference = paired_difference_interval(finetuned_scores[name][score], frozen_scores[name][score])
        print(f"{name:15s} {words:10s} {difference[0]:+.3f} [{difference[1]:+.3f}, {difference[2]:+.3f}]")

# %% tags=["solution"]
for scores in (frozen_scores, finetuned_scores):
    assert scores["new scenes"]["accuracy"] > 0.85 and scores["new scenes"]["mean_iou"] > 0.65
    assert scores["unseen objects"]["both_right"] > 0.7

# %% [markdown]
# These are differences on the *same* images, end to end minus frozen. If the interval contains 0, do not call it progress.
#
# **Open question.** You trained a whole stage of the backbone on six hundred images. What would you expect on *unseen* objects, and what do you see?
#
# ## 5. Break one head on purpose
#
# A good way to find out what a number measures is to break the network and see which numbers react.

# %% tags=["nbval-ignore-output"]
import copy

torch.manual_seed(1)
no_class, no_box = copy.deepcopy(localiser), copy.deepcopy(localiser)
no_class.class_head.reset_parameters()
no_box.box_head = Localiser(len(CLASSES)).box_head
broken = {}
for name, model in {"intact": localiser, "class broken": no_class, "box broken": no_box}.items():
    broken[name] = report(
        name, {split: predict(model, features) for split, features in single_features.items()}
    )

# %%
for name in single:
    assert (broken["class broken"][name]["iou"] == broken["intact"][name]["iou"]).all()
    assert (broken["box broken"][name]["class_right"] == broken["intact"][name]["class_right"]).all()
    assert broken["class broken"][name]["accuracy"] < 0.5 and broken["box broken"][name]["mean_iou"] < 0.5

# %% [markdown]
# Each number drops only if its own head is broken; *both right* drops in either case. That is why one number alone says so little.
#
# Step through the unseen objects, worst box first. Dashed: ground truth.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import PredictionBrowser

PredictionBrowser(single["unseen objects"], finetuned["unseen objects"], CLASSES)

# %% [markdown]
# ## 6. Three objects, three slots
#
# Now we use scenes with up to three objects, so four numbers are no longer enough. The simplest idea is to give the network three **slots**: three groups of outputs, each for at most one object.
# Each slot predicts four numbers and `K + 1` scores, which makes 3 × 4 numbers and 3 × 11 scores. Why `K + 1`?
# A slot must be able to predict "nothing here". That is column **0**, the background; column `k` is label `k`.

# %%
from coursekit.data.objects import with_at_most

tables = {"new scenes": still_life("test_scenes"), "unseen objects": still_life("test_objects")}
scenes = {name: with_at_most(dataset, 3) for name, dataset in tables.items()}
for name, dataset in scenes.items():
    print(f"{name}: {len(dataset)} of {len(tables[name])} images have at most 3 objects")
pairs = [scenes["new scenes"][i] for i in range(5)]
fig = gallery(
    [image for image, _ in pairs],
    [{name: target[name] for name in ("boxes", "labels")} for _, target in pairs],
    classes=CLASSES,
    columns=5,
)
show(fig, alt="Five scenes with one to three objects on a table, their boxes and classes.")

# %% [markdown]
# ### Exercise 4: N slots are not N objects
# `boxes` is `(S, 4)`; `logits` is `(S, K + 1)`, before the softmax. Return a dict with the `boxes`, `labels` and `scores` of those slots
# whose most probable column is a class, the most confident first. If there are none, all three are empty and `boxes` is `(0, 4)`.


# %%
def keep_found(boxes: Tensor, logits: Tensor) -> dict:
    # BEGIN SOLUTION
    scores, labels = logits.softmax(-1).max(-1)
    order = scores.argsort(descending=True)
    found = order[labels[order] > 0]
    return {"boxes": boxes[found], "labels": labels[found], "scores": scores[found]}
    # END SOLUTION


keep_found = check(keep_found)

# %% [markdown]
# A batch is a rectangle: every image has three rows of targets, whether it has three objects or one. The rows that are left over are **padding**.
# Their numbers mean nothing, so nothing must be learnt from them.
#
# ### Exercise 5 (extra): padding that does not leak
# `predicted` and `target` are `(N, S, 4)`; `real` is `(N, S)` and true where a slot has an object.
# Return the mean `box_distance` over the real slots of all images together, or 0 if there are none. The padding of `target` may contain
# any numbers, even NaN. Gradients must reach `predicted`, but only at the real slots. `box_distance` compares two lists of boxes row by row:
# it is the GIoU loss plus the mean error of the four numbers, in cells of 32 pixels.

# %%
from coursekit.models.slot_localiser import box_distance


def padded_box_loss(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    # BEGIN SOLUTION
    distances = box_distance(predicted[real], target[real])
    return distances.sum() / max(len(distances), 1)
    # END SOLUTION


padded_box_loss = check(padded_box_loss)

# %% [markdown]
# The gradient reveals a leak: for a padded slot it must be exactly 0.

# %%
guess = torch.tensor([[[10.0, 10, 60, 60], [80, 20, 120, 90], [30, 30, 90, 90]]], requires_grad=True)
padded = torch.tensor([[[12.0, 8, 64, 58], [0, 0, 0, 0], [0, 0, 0, 0]]])
real = torch.tensor([[True, False, False]])
for name, loss in (
    ("masked", padded_box_loss(guess, padded, real)),
    ("leaking", box_distance(guess[0], padded[0]).mean()),
):
    (gradient,) = torch.autograd.grad(loss, guess)
    print(
        f"{name:8s} length of the gradient of each slot: {[round(x, 4) for x in gradient[0].norm(dim=-1).tolist()]}"
    )

# %% [markdown]
# ## 7. First try: object 1 to slot 1, object 2 to slot 2, …
#
# A target is a list of boxes. So let the first box train the first slot, the second box the second slot, and so on. What could go wrong?

# %% tags=["nbval-ignore-output"]
from coursekit.models.slot_localiser import SlotLocaliser, listed_order

train_scenes = with_at_most(cached_features(still_life("train"), backbone), 3)
print(f"{len(train_scenes)} training scenes with at most 3 objects")

# %% tags=["nbval-ignore-output"]
scene_features = {
    name: with_at_most(cached_features(dataset, backbone), 3) for name, dataset in tables.items()
}

# %% tags=["nbval-ignore-output"]
STEPS, SECONDS = 1000, 22
torch.manual_seed(0)
models, curves = {}, {}
models["listed"] = SlotLocaliser(
    len(CLASSES), 3, assign=listed_order, box_loss=padded_box_loss, select=keep_found
)
run = progress_bar(fit(models["listed"], train_scenes, steps(STEPS), seed=0), SECONDS)
curves["listed"] = [step.losses["box"] for step in run]

# %% [markdown]
# Look at four new scenes. Dashed: ground truth.


# %%
def look_at(model: SlotLocaliser, places: range) -> plt.Figure:
    features, pictures = scene_features["new scenes"], scenes["new scenes"]
    found = predict(model, [features[i] for i in places])
    pairs = [pictures[i] for i in places]
    return gallery([image for image, _ in pairs], [target for _, target in pairs], found, CLASSES, columns=4)


show(
    look_at(models["listed"], range(4)),
    alt="Four scenes with the predictions of the model that was trained in the order of the list: "
    "boxes between the objects or two on the same object, and wrong classes.",
)

# %% [markdown]
# What does each slot do? These are the centres of its boxes over all new scenes.


# %%
def draw_centres(ax: plt.Axes, model: SlotLocaliser, title: str) -> None:
    features = scene_features["new scenes"]
    with torch.no_grad():
        boxes, _ = model.eval().outputs([features[i][0] for i in range(len(features))])  # (N, 3, 4)
    for slot in range(boxes.shape[1]):
        x, y = (boxes[:, slot, :2] + boxes[:, slot, 2:]).T / 2
        ax.plot(x, y, "os^"[slot], markersize=3.5, alpha=0.7, label=f"slot {slot + 1}")
    ax.set(xlim=(0, 192), ylim=(192, 0), aspect="equal", xticks=[], yticks=[], title=title)
    ax.spines[:].set_visible(True)


fig, ax = plt.subplots(figsize=(3.6, 3.2))
draw_centres(ax, models["listed"], "in the order of the list")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(fig, alt="The centres of all three slots' boxes lie in one cluster around the middle of the image.")

# %% [markdown]
# Every slot stays around the middle. The reason is in the data: **the order of the list has no meaning**.
# The same scene can be listed in six ways. A slot cannot know which object will be "the second", so it settles for their average.
# Here is one new scene with three objects.

# %%
from itertools import permutations

from coursekit.data.objects import relisted

places = range(len(scenes["new scenes"]))
three = next(i for i in places if len(scenes["new scenes"].target(i)["boxes"]) == 3)
features, target = scene_features["new scenes"][three]
with torch.no_grad():
    guesses = models["listed"].eval().outputs([features])[0][0]  # (3, 4)
orders = list(permutations(range(3)))
listed = [box_distance(guesses, target["boxes"][list(order)]).mean().item() for order in orders]

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(5.5, 2.4))
ax.bar([" ".join("ABC"[g] for g in order) for order in orders], listed)
ax.set(xlabel="the order in which the same three objects are listed", ylabel="loss")
show(
    fig,
    alt="The loss of one prediction for one scene in six bars, one for each order of the list: they differ a lot.",
)

# %% [markdown]
# One image, one prediction, six losses. A loss should depend on **what** is there, not on the order in which it was written down.
#
# ## 8. Which slot is for which object?
#
# So let us choose the order ourselves, again in each step: give each object the slot that is **already nearest**, and use no slot twice. Such a choice is called a **matching** or an **assignment**.
# Every pair has a cost, every assignment has a total cost, and the cheapest assignment wins. Step through the assignments, drag a slot, and find the best one by eye.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import SetMatcher

image, target = scenes["new scenes"][three]
matcher = SetMatcher(guesses, target["boxes"], image=image)
matcher

# %% [markdown]
# ### Exercise 6: the cheapest assignment
# `cost` is `(G, S)`: rows are objects, columns are slots, and `G <= S`. Try **all** ways to give each object a slot of its own.
# A cost may be negative. Return the slot of each object in the cheapest assignment (any of them, if several cost the same)
# as a tensor of `G` whole numbers. (`itertools.permutations(range(S), G)` lists all assignments.)


# %%
def best_assignment(cost: Tensor) -> Tensor:
    # BEGIN SOLUTION
    objects, slots = cost.shape
    rows = torch.arange(objects)
    ways = permutations(range(slots), objects)
    best = min(ways, key=lambda way: cost[rows, torch.tensor(way, dtype=torch.int64)].sum().item())
    return torch.tensor(best, dtype=torch.int64)
    # END SOLUTION


best_assignment = check(best_assignment)

# %% [markdown]
# For N objects and N slots there are N! assignments: 6 for three, 3,628,800 for ten. The **Hungarian method** finds the cheapest one in about N³ steps.
# It is available as `ops.match_by_cost`, and DETR (lab 10) uses it for a hundred slots.

# %% tags=["nbval-ignore-output"]
import time

sizes, seconds = range(1, 8), {"all ways": [], "Hungarian": []}
for n in sizes:
    cost = torch.rand(n, n, generator=torch.Generator().manual_seed(n))
    for name, method in (("all ways", best_assignment), ("Hungarian", ops.match_by_cost)):
        method(cost[:1])  # the first call of a function may be slow
        start = time.perf_counter()
        method(cost)
        seconds[name].append(time.perf_counter() - start)
    assert ops.match_by_cost(cost).target[best_assignment(cost)].equal(torch.arange(n))  # the same pairs

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(5, 2.6))
for name, values in seconds.items():
    ax.semilogy(sizes, values, "o-", label=name)
ax.set(xlabel="objects and slots", ylabel="seconds")
ax.legend()
show(
    fig,
    alt="Seconds against the number of objects: trying all assignments grows like N factorial, the Hungarian method hardly grows.",
)

# %% [markdown]
# ### Exercise 7: what does a pair cost?
# A slot fits an object if it gives a high probability to the object's class and if the two boxes overlap:
#
# $$\mathrm{cost}_{g,s} = -\,p_s(\mathrm{class\ of\ } g) - \mathrm{GIoU}(\mathrm{box\ of\ } g, \mathrm{box\ of\ } s)$$
#
# Slots: boxes `(S, 4)` and logits `(S, K + 1)`. Objects: boxes `(G, 4)` and labels `(G,)`. Return `(G, S)`.
# `ops.generalized_box_iou` gives the GIoU of all pairs.


# %%
def matching_cost(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    # BEGIN SOLUTION
    probability = logits.softmax(-1)[:, true_labels].T
    return -probability - ops.generalized_box_iou(true_boxes, boxes)
    # END SOLUTION


matching_cost = check(matching_cost)

# %% [markdown]
# ### Exercise 8: a loss for sets
# Now the loss. Pair each target with a prediction by `box_distance` and your `best_assignment`, then take the mean distance of the pairs.
# `predicted` is `(S, 4)`, `target` is `(G, 4)`. Gradients must reach `predicted`,
# but the assignment itself needs none: `.detach()` its table.


# %%
def set_loss(predicted: Tensor, target: Tensor) -> Tensor:
    # BEGIN SOLUTION
    table = torch.stack([box_distance(predicted, row.expand_as(predicted)) for row in target])  # (G, S)
    slots = best_assignment(table.detach())
    return box_distance(predicted[slots], target).mean()
    # END SOLUTION


set_loss = check(set_loss)

# %%
matched = [set_loss(guesses, relisted(target, torch.tensor(order))["boxes"]).item() for order in orders]
fig, ax = plt.subplots(figsize=(5.5, 2.4))
for shift, name, values in ((-0.2, "in the order of the list", listed), (0.2, "matched", matched)):
    ax.bar([i + shift for i in range(6)], values, width=0.38, label=name)
ax.set_xticks(range(6), [" ".join("ABC"[g] for g in order) for order in orders])
ax.set(xlabel="the order in which the same three objects are listed", ylabel="loss")
ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.3), ncols=2)
show(
    fig,
    alt="Beside the six unequal losses of the list, the matched loss is the same, and smallest, for every order.",
)

# %% tags=["solution"]
assert max(matched) - min(matched) < 1e-5 and max(matched) <= min(listed) + 1e-5

# %% [markdown]
# The loss is now the same for every order, and never larger than that of the luckiest list.
#
# ## 9. Train again, matched
#
# The model, the scenes and the number of steps are the same. Only the assignment is different: yours. The cost, the loss and the choice of the filled slots are your code, too.

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
models["matched"] = SlotLocaliser(
    len(CLASSES), 3, assign=best_assignment, cost=matching_cost, box_loss=padded_box_loss, select=keep_found
)
run = progress_bar(fit(models["matched"], train_scenes, steps(STEPS), seed=0), SECONDS)
curves["matched"] = [step.losses["box"] for step in run]

# %% tags=["folded"]
fig, axes = plt.subplots(1, 3, figsize=(11, 3))
for name, losses in curves.items():
    smooth = torch.tensor(losses).unfold(0, min(25, len(losses)), 1).mean(-1)
    axes[0].plot(smooth, label=name)
axes[0].set(xlabel="step", ylabel="box loss", ylim=(0, None))
axes[0].legend()
draw_centres(axes[1], models["listed"], "in the order of the list")
draw_centres(axes[2], models["matched"], "matched")
axes[2].legend(loc="upper left", bbox_to_anchor=(1, 1))
show(
    fig,
    alt="The matched model's training loss falls faster at first; in the end both are low. On new scenes the matched "
    "model's slots have divided the image among them, while the listed model's all stay around the middle.",
)

# %% [markdown]
# The slots were never told to share the image between them. A slot that happens to be near an object is trained on it, and so it moves even nearer.
#
# Why, then, does the training loss of the listed model fall at all? It learns 859 lists **by heart**, which is worth nothing on new scenes:
# a falling training loss proves little.

# %%
show(
    look_at(models["matched"], range(4)),
    alt="The same four scenes with the predictions of the matched model: most objects have a box of their own.",
)

# %% [markdown]
# Now the numbers. Each detection is paired with at most one object; an object without a detection and a detection without an object both count as 0.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import set_scores

slot_scores, answers = {}, {}
for model_name, model in models.items():
    for name, dataset in scenes.items():
        targets = [dataset.target(i) for i in range(len(dataset))]
        answers[model_name, name] = predict(model, scene_features[name])
        scores = slot_scores[model_name, name] = set_scores(answers[model_name, name], targets)
        intervals = (bootstrap_interval(scores[key]) for key in ("class_right", "iou", "right"))
        words = ("{:.2f} [{:.2f}, {:.2f}]".format(*interval) for interval in intervals)
        print(
            f"{model_name:8s} {name:15s} class {next(words)}  mean IoU {next(words)}  both right {next(words)}"
        )

# %%
for name in scenes:
    assert slot_scores["matched", name]["mean_iou"] > slot_scores["listed", name]["mean_iou"]

# %% tags=["solution"]
for name in scenes:
    gain = paired_difference_interval(
        slot_scores["matched", name]["right"], slot_scores["listed", name]["right"]
    )
    assert gain[1] > 0.05, gain

# %% tags=["nbval-ignore-output"]
PredictionBrowser(scenes["unseen objects"], answers["matched", "unseen objects"], CLASSES)

# %% [markdown]
# ## 10. N is fixed, the world is not
#
# Three slots detect at most three objects. How many do they detect if there are one, two or three?

# %% tags=["nbval-ignore-output"]
table = torch.zeros(3, 4, dtype=torch.int64)
for i, found in enumerate(answers["matched", "new scenes"]):
    table[len(scenes["new scenes"].target(i)["boxes"]) - 1, len(found["boxes"])] += 1
print("objects   found    0    1    2    3")
for count, row in enumerate(table.tolist(), start=1):
    print(f"{count:7d}        " + "".join(f"{n:5d}" for n in row))

# %% [markdown]
# What about a table with more objects than slots? There is no output for the rest, however well we train.

# %% tags=["folded"]
crowded = max(range(len(tables["new scenes"])), key=lambda i: len(tables["new scenes"].target(i)["boxes"]))
image, target = tables["new scenes"][crowded]
found = predict(models["matched"], [scene_features["new scenes"].dataset[crowded]])[0]
fig, ax = plt.subplots(figsize=(3.4, 3.4))
draw_image(ax, image)
draw_boxes(ax, None, target["boxes"], colour="black", dashed=True)
draw_boxes(ax, None, found["boxes"], found["labels"], found["scores"], CLASSES)
show(
    fig,
    alt="A table with six objects in dashed boxes; the model with three slots predicts at most three boxes.",
)

# %% [markdown]
# ## What you can now say
#
# - A network can predict two things at once; to count *both right*, use an AND in each image.
# - Frozen means that there is no gradient **and** that the statistics do not move. `train()` switches batch normalisation back on.
# - Losses that share layers must have gradients of similar size. The unit of a loss decides which one dominates.
# - N slots are N × 4 numbers and N × (K + 1) scores; label 0 means "nothing here", and padding gets no gradient.
# - A set has no order. A loss that depends on an order makes every slot predict the average.
# - Matching gives each object one slot: by brute force for three objects, with the Hungarian method for a hundred.
#
# ## Open questions
#
# 1. Always list the objects from left to right (`coursekit.data.objects.LeftToRight`). Does that replace matching? When does it fail?
# 2. Use `relisted` to shuffle each list in every epoch. Does that help the model without matching?
# 3. What happens to the slots when you build the model with ten of them? Train it on all scenes.
# 4. Where do the slots of the matched model end up with a different seed?
# 5. What if there were one slot for **every place** in the image? (Lab 03)
