# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 10: A set of boxes
#
# "DETR on a CPU? Get a GPU." "After 300 epochs on 2,000 images my AP is still zero." That is what people are told elsewhere, and what they report
# (facebookresearch/detr, issues 605 and 125). Here you train a **DETR** on two CPU cores, in minutes, and watch it learn.
#
# It has no anchors, no grid and no non-maximum suppression. An image goes in, and a *set* of boxes comes out, all at once.
#
# | you write | you see | you train |
# |---|---|---|
# | a greedy and an optimal match, a cost, a loss with "no object", attention, boxes that are refined | which query takes which object, step by step; where each query looks; how few duplicates are left | the DETR of 2020 with your functions inside, and a modern one with your match |
#
# **Time:** about 80 minutes on a first reading, or 100 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Results of this lab** (AP, 95 % intervals; new scenes / unseen objects; seed 0; `data/checkpoints/scores.json`):
#
# | model | steps | AP |
# |---|---|---|
# | RetinaNet (lab 04) | 1,050 | 0.58 [0.57, 0.61] / 0.50 [0.49, 0.52] |
# | DETR, as in 2020 | 9,000 | 0.48 [0.47, 0.51] / 0.39 [0.37, 0.42] |
# | DETR, a modern one | 12,000 | 0.72 [0.70, 0.74] / 0.62 [0.60, 0.64] |
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("greedy_match")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.match_by_cost)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
from functools import partial
from itertools import pairwise, permutations

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor

from classroom import check, hint, show, style
from classroom.figures import queries as figures
from coursekit import ops
from coursekit.draw import draw_boxes, draw_image

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. What is wrong with a list
#
# Two problems have followed us through the labs. In lab 02 the loss depended on the *order* of a list, although the objects on a table have no order.
# In labs 03 to 06 many cells or anchors detected the same object, so that **duplicates** had to be removed afterwards. How many are there?
# Here is RetinaNet from lab 04, without its last step.

# %% tags=["nbval-ignore-output"]
from coursekit import shipped
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.still_life_features import still_life_features
from coursekit.metrics import coco_metrics
from coursekit.training import predict

scenes = still_life("val")
val = still_life_features("val", "boxes")
truth = [val.target(i) for i in range(len(val))]
retinanet = shipped("retinanet")
with_nms = predict(retinanet, val)
retinanet.nms = lambda boxes, scores, classes, threshold: torch.arange(len(boxes))  # keep everything
without_nms = predict(retinanet, val)


def boxes_per_object(predictions: list[dict], score: float = 0.3) -> float:
    """How many confident boxes of its class lie on an object, on average over the objects that have one."""
    counts = []
    for found, target in zip(predictions, truth, strict=True):
        sure = found["scores"] >= score
        right_class = target["labels"][:, None] == found["labels"][sure]
        counts.append((right_class & (ops.box_iou(target["boxes"], found["boxes"][sure]) >= 0.5)).sum(1))
    counts = torch.cat(counts)
    return counts[counts > 0].double().mean().item()


for name, found in (("without NMS", without_nms), ("with NMS", with_nms)):
    print(
        f"RetinaNet {name:12s} {boxes_per_object(found):5.1f} boxes per object, AP {coco_metrics(found, truth)['AP']:.2f}"
    )

# %% [markdown]
# A network that predicts a *set* needs a loss for sets. The loss must not depend on any order, and a second box on an object must count as a mistake.
# So each object is assigned to exactly *one* of the network's predictions, and all other predictions should be "no object".
# DETR's predictions come from **queries**: 20 learned vectors, each of which is turned into one class and one box.
#
# ## 2. Which query gets which object?
#
# A **cost matrix** has a row for each object and a column for each query. Assign a query of its own to each object; the sum of the chosen costs should be small.
#
# ### Exercise 1: greedy
# Take the cheapest pair in the whole table; its object and its query are then no longer available. Continue with the rest.
# `cost` is `(G, Q)` with `G <= Q`, and costs may be negative. Return the query of each object, `(G,)` int64. Do not change the table.
# Of two equally cheap pairs, either will do. Without objects the result is empty.


# %%
def greedy_match(cost: Tensor) -> Tensor:
    # BEGIN SOLUTION
    left, queries = cost.clone(), torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        g, q = divmod(left.argmin().item(), cost.shape[1])
        queries[g] = q
        left[g], left[:, q] = torch.inf, torch.inf
    return queries
    # END SOLUTION


greedy_match = check(greedy_match)

# %% [markdown]
# Greed can be expensive. Suppose that object A costs 1 with query 0 and 2 with query 1, and object B costs 1.5 and 10. The greedy match gives query 0 to A; what does B cost then?
#
# ### Exercise 2: the best match
# Try all ways to give the `G` objects queries of their own (`permutations(range(Q), G)`), and take the one with the smallest total, as in lab 02.
# There the result was a list. Here the queries *without* an object matter too, because they will be trained on "no object". So return an
# `ops.Match(target, positive, negative)` of the `Q` queries: `target`, `(Q,)` int64, is the object of each matched query (any number for the others);
# `positive`, `(Q,)` bool, is true for matched queries; `negative`, `(Q,)` bool, is true for all others. Again `G <= Q`, costs may be negative, and of equal totals any will do.
# An image may have no objects: then all queries are negative.


# %%
def best_match(cost: Tensor) -> ops.Match:
    # BEGIN SOLUTION
    rows, count = cost.tolist(), cost.shape[1]
    ways = permutations(range(count), len(cost))
    best = min(ways, key=lambda way: sum(row[q] for row, q in zip(rows, way, strict=True)))
    target = torch.zeros(count, dtype=torch.int64)
    positive = torch.zeros(count, dtype=torch.bool)
    for g, q in enumerate(best):
        target[q], positive[q] = g, True
    return ops.Match(target, positive, ~positive)
    # END SOLUTION


best_match = check(best_match)


# %%
def queries_of(match: ops.Match) -> Tensor:
    """The query of each object: (G,)."""
    queries = match.positive.nonzero()[:, 0]
    return queries[match.target[queries].argsort()]


def total(cost: Tensor, queries: Tensor) -> float:
    return cost[torch.arange(len(cost)), queries].sum().item()


trap = torch.tensor([[1.0, 2.0], [1.5, 10.0]])
ways = {"greedy": greedy_match(trap), "best": queries_of(best_match(trap))}
fig, ax = plt.subplots(figsize=(3.4, 2))
figures.draw_costs(ax, trap, *ways.values(), title="hatched: greedy; framed: best")
show(
    fig,
    alt="A table of two objects and two queries: A costs 1 and 2, B costs 1.5 and 10. The greedy match takes the cells 1 and 10, the best one 2 and 1.5.",
)
for name, queries in ways.items():
    print(f"{name:7s} pays {total(trap, queries):.1f}")

# %% [markdown]
# Is that a rare accident? Random tables with 6 queries show how often greedy is not optimal. For the best match of larger tables there is the **Hungarian method**, `ops.match_by_cost`.

# %%
generator = torch.Generator().manual_seed(0)
shares, extra = [], []
for objects in range(1, 7):
    tables = torch.rand(200, objects, 6, generator=generator)
    pairs = [(total(t, greedy_match(t)), total(t, queries_of(ops.match_by_cost(t)))) for t in tables]
    greedy, best = torch.tensor(pairs).T
    assert (best <= greedy + 1e-5).all()
    shares.append((greedy > best + 1e-5).double().mean().item())
    extra.append((greedy.sum() / best.sum() - 1).item())
small = torch.rand(20, 3, 6, generator=generator)
assert all(queries_of(best_match(t)).equal(queries_of(ops.match_by_cost(t))) for t in small)

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 2.6))
for ax, values, words in zip(
    axes, (shares, extra), ("share of tables where greedy is not best", "what greedy pays more"), strict=True
):
    ax.bar(range(1, 7), values)
    ax.set(xlabel="objects (6 queries)", ylabel=words.replace("share of tables ", "share of tables\n"))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
show(
    fig,
    alt="Two bar charts over 1 to 6 objects: with one object greedy is always best; with six, in most tables it is not, and it pays clearly more.",
)

# %% [markdown]
# With few objects and many queries, greed does little harm. In a crowd it does a lot.
#
# ## 3. What does a pair cost?
#
# A query is cheap for an object if it predicts the object's class, if the four numbers of its box are close, and if the boxes overlap:
#
# $$\mathrm{cost}_{g,q} = -\,p_q(\mathrm{class\ of\ } g) + 5\,\lVert b_g - b_q \rVert_1 - 2\,\mathrm{GIoU}(b_g, b_q)$$
#
# DETR's boxes are `cx, cy, w, h` as *fractions of the image*, from 0 to 1.
#
# ### Exercise 3: the cost
# The queries have `logits`, `(Q, K + 1)` before the softmax, where column 0 is "no object" and column `k` is label `k`, and `boxes`, `(Q, 4)`.
# The objects have `labels`, `(G,)`, and `true_boxes`, `(G, 4)`. Return `(G, Q)`. `ops.generalized_box_iou` gives the GIoU of all pairs, but needs corners:
# `ops.box_convert(boxes, "cxcywh", "xyxy")`. The L1 distance is the *sum* of the four absolute differences. The result may or may not carry a gradient, which is not used. `G` may be 0.


# %%
def detr_cost(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    # BEGIN SOLUTION
    probability = logits.softmax(-1)[:, labels].T  # (G, Q)
    distance = (true_boxes[:, None] - boxes).abs().sum(-1)
    true_corners, corners = (ops.box_convert(b, "cxcywh", "xyxy") for b in (true_boxes, boxes))
    return -probability + 5 * distance - 2 * ops.generalized_box_iou(true_corners, corners)
    # END SOLUTION


detr_cost = check(detr_cost)

# %% [markdown]
# Drag the queries and watch your cost. Can you find places where the greedy match (red) and the best one (yellow) differ? Then use each term alone: what goes wrong?

# %% tags=["nbval-ignore-output"]
from classroom.widgets import QueryMatcher

place = next(i for i, target in enumerate(truth) if len(target["boxes"]) == 3)
image, target = scenes[place]
drawn = torch.Generator().manual_seed(3)
logits = 0.5 * torch.randn(5, len(CLASSES) + 1, generator=drawn)
logits[torch.arange(3), target["labels"]] += 1.5  # each of three queries leans towards one object's class
boxes = torch.cat(
    [
        target["boxes"] + 25 * (torch.rand(3, 4, generator=drawn) - 0.5),
        torch.tensor([[20.0, 20, 70, 80], [110, 100, 180, 170]]),
    ]
)
boxes = ops.clip_boxes_to_image(boxes, (192, 192))


def class_only(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    return -logits.softmax(-1)[:, labels].T


def distance_only(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    return torch.cdist(true_boxes, boxes, p=1)


def giou_only(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    return -ops.generalized_box_iou(*(ops.box_convert(b, "cxcywh", "xyxy") for b in (true_boxes, boxes)))


QueryMatcher(
    boxes,
    logits,
    target["boxes"],
    target["labels"],
    image,
    {"your cost": detr_cost, "class only": class_only, "L1 only": distance_only, "GIoU only": giou_only},
    greedy=greedy_match,
    classes=CLASSES,
)

# %% [markdown]
# ### Why the cost is not the loss
#
# The cost only decides which query is trained on which object; no gradient flows through it. The class loss is `-log p`, because that is how classes are learned. But the cost uses `-p`. Why?
# Here are two queries for one object. Query 0 has nearly the right box but is confident of a wrong class; query 1 is far away and undecided.

# %%
one = torch.tensor([[0.5, 0.5, 0.3, 0.3]])
two = torch.tensor([[0.51, 0.5, 0.3, 0.3], [0.2, 0.2, 0.1, 0.1]])
sure_and_wrong = torch.tensor([[0.0, -6.0, 6.0], [0.0, 0.0, 0.0]])
label = torch.tensor([1])
as_in_detr = detr_cost(sure_and_wrong, two, label, one)[0]
with_logarithm = (
    as_in_detr + class_only(sure_and_wrong, two, label, one)[0].neg() - sure_and_wrong.log_softmax(-1)[:, 1]
)
for name, row in (("-p", as_in_detr), ("-log p", with_logarithm)):
    print(
        f"class term {name:6s} costs {row[0]:5.2f} and {row[1]:5.2f}: query {row.argmin()} takes the object"
    )
assert as_in_detr.argmin() == 0 and with_logarithm.argmin() == 1

# %% [markdown]
# A logarithm is unbounded: one confident mistake would send away the query that is nearly there. A probability is at most 1, so the boxes still have an influence.
#
# ## 4. All the other queries: "no object"
#
# ### Exercise 4: what each query should predict
# `match` is an `ops.Match` of the `Q` queries; `labels`, `(G,)`, are the classes of the objects. Return `(Q,)` int64: the label of its object for a positive query,
# and 0, "no object", for all others. `target` means nothing where a query is not positive, and there may be no objects at all. Do not change the inputs.


# %%
def query_classes(match: ops.Match, labels: Tensor) -> Tensor:
    # BEGIN SOLUTION
    classes = torch.zeros_like(match.target)
    classes[match.positive] = labels[match.target[match.positive]]
    return classes
    # END SOLUTION


query_classes = check(query_classes)

# %%
numbers = torch.tensor([len(target["labels"]) for target in truth])
print(
    f"{numbers.double().mean():.1f} objects per scene, {numbers.max()} at most: of 20 queries {20 - numbers.double().mean():.1f} have none"
)

# %% [markdown]
# If all queries had the same weight, a network that always predicts "no object" would be right for five in six queries, and its loss would be small. So the queries without an object get a small weight.
#
# ### Exercise 5: a loss in which "no object" has a small weight
# `logits` is `(Q, K + 1)`, `classes` is `(Q,)`. Return the *weighted mean* of the queries' cross-entropies: the weight of a query is `no_object_weight` if its class is 0,
# and otherwise 1, and the sum is divided by the *sum of the weights*, which is never 0 here. The logits may be large, and the gradient must reach them.


# %%
def class_loss(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    # BEGIN SOLUTION
    weight = torch.ones_like(logits[0])
    weight[0] = no_object_weight
    return F.cross_entropy(logits, classes, weight)
    # END SOLUTION


class_loss = check(class_loss)

# %% [markdown]
# Imagine a network that ignores the image, so that it predicts the same probabilities for every query. Which probability of "an object, whatever its class" gives it the lowest loss? That depends on the weight:

# %%
with_object = numbers.double().mean().item()
counts = torch.tensor([20 - with_object, with_object])  # queries without and with an object
for weight in (1.0, 0.1):
    weights = torch.tensor([weight, 1.0]) * counts
    print(f"weight {weight}: lowest loss at a probability of {weights[1] / weights.sum():.0%} for an object")

# %% [markdown]
# ## 5. Where does a query look?
#
# The 12 x 12 cells of a feature map become 144 **tokens**, a list of vectors. A query is compared with all of them at once. That is **attention**:
# each token has a **key**, which describes what is there, and a **value**, which is what it passes on. The better a query fits a key, the more it takes of the value.
#
# ### Exercise 6: attention
# `queries` is `(..., Q, d)`, `keys` is `(..., T, d)` and `values` is `(..., T, c)`; the leading axes, for images and heads, are the same for all three, and there may be any number of them. Return two things: what each query gathers, `(..., Q, c)`, and its weights, `(..., Q, T)`:
#
# $$\mathrm{weights} = \mathrm{softmax}\left(Q K^\mathsf{T} / \sqrt{d}\right), \qquad \mathrm{gathered} = \mathrm{weights} \cdot V$$
#
# The weights of one query add up to 1. Large numbers must not overflow, and gradients must flow through everything.


# %%
def attend(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    # BEGIN SOLUTION
    scores = queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5
    weights = scores.softmax(-1)
    return weights @ values, weights
    # END SOLUTION


attend = check(attend)

# %% [markdown]
# Here is an example by hand: a map of 2 x 3 cells. A key is (red, round); a value is the position of the cell (column, row). One query looks for red things, one for round ones, and one for both.

# %%
red_round = torch.tensor(
    [[[0, 0], [9, 0], [0, 0]], [[0, 9], [0, 0], [9, 9]]], dtype=torch.float32
)  # (2, 3, 2)
columns, rows = torch.arange(3.0).expand(2, 3), torch.arange(2.0)[:, None].expand(2, 3)
cell_places = torch.stack([columns, rows], -1).flatten(0, 1)  # (6, 2)
questions = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
gathered, weights = attend(questions, red_round.flatten(0, 1), cell_places)
fig, axes = plt.subplots(1, 3, figsize=(8, 1.9))
for ax, name, row, point in zip(axes, ("red?", "round?", "red and round?"), weights, gathered, strict=True):
    ax.imshow(row.view(2, 3), cmap="Greys", vmin=0, vmax=1)
    for t, value in enumerate(row.tolist()):
        ax.text(
            t % 3,
            t // 3 - 0.3,
            f"{value:.2f}",
            ha="center",
            va="center",
            color="white" if value > 0.5 else "black",
        )
    ax.plot(*point, "x", color="C1", markersize=10, markeredgewidth=3)
    ax.set(title=name, xticks=[], yticks=[])
show(
    fig,
    alt="Three maps of 2 x 3 weights. Red: the cell above and the one below right share the weight. Round: two cells of the lower row. "
    "Red and round: the lower right cell has nearly everything. A cross marks the position that is gathered.",
)

# %% [markdown]
# The cross is what is gathered: a mean position. With two red things it lies between them, where there is nothing. A query that should detect *one* object must be more specific.
#
# ### Exercise 7 (extra): where is a cell?
# In a list of tokens the positions of the cells are lost, so a code of its position (a **positional encoding**) is added to each key: half of the numbers for x, half for y. For one coordinate, `positions`, `(T,)` float32 from 0 to 1, return `(T, channels)` float32:
# first the sines, then the cosines, of `2π · position · frequency`, at the `n = channels / 2` frequencies $5 \cdot 0.05^{i/n}$ for i = 0 … n - 1. `channels` is even.


# %%
def encode_positions(positions: Tensor, channels: int) -> Tensor:
    # BEGIN SOLUTION
    n = channels // 2
    frequency = 5 * 0.05 ** (torch.arange(n) / n)
    angles = 2 * torch.pi * positions[:, None] * frequency
    return torch.cat([angles.sin(), angles.cos()], 1)
    # END SOLUTION


encode_positions = check(encode_positions)

# %%
along = (torch.arange(96) + 0.5) / 96
code = encode_positions(along, 64)
fig, axes = plt.subplots(1, 2, figsize=(9, 2.8), width_ratios=(1.3, 1))
axes[0].imshow(code.T, cmap="RdBu", aspect="auto", extent=(0, 1, 64, 0))
axes[0].set(xlabel="position", ylabel="channel", title="the code of each position")
for start in (16, 48):
    axes[1].plot(along, code @ code[start] / 32, label=f"with {along[start]:.2f}")
axes[1].set(xlabel="position", ylabel="similarity (product / 32)")
axes[1].legend()
show(
    fig,
    alt="Left: 64 waves, from fast to slow, over the positions from 0 to 1. Right: the similarity of each position with two chosen ones has its peak there.",
)

# %% [markdown]
# Neighbouring positions have similar codes, so a query can look for "what is near 0.5?" by a product.
#
# ## 6. DETR

# %%
show(
    figures.detr_diagram(),
    alt="The feature map of 112 x 12 x 12 becomes 144 tokens of 128 numbers. The encoder lets the cells look at each other, the decoder lets "
    "20 queries look at each other and at the cells, and a head predicts a class and a box for each query.",
)

# %% [markdown]
# The **encoder** lets cells look at cells. In each layer of the **decoder** the queries look at each other, so that no two of them take the same object, and then at the cells.
# After *each* layer the head predicts a set, and each set has its own loss: the first layer guesses, and the next ones correct the guess.
#
# Yours is half as wide as the one in the drawing, with 64 numbers per token, and has one encoder layer, so that it trains in less than a minute. It uses your parts: the cost, the match (your search for up to two objects, the Hungarian method for more), the class loss and the attention. Several **heads** means that
# the numbers of a token are split into parts, and each part attends on its own.

# %%
from coursekit.models.detr import DETR
from coursekit.nets.transformer import Attention


class YourAttention(Attention):
    """The library's attention with your function inside."""

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
        assert mask is None, "attend has no mask, and the DETR of 2020 needs none"
        parts = ((self.query, queries), (self.key, keys), (self.value, values))
        q, k, v = (self.split(layer(x)) for layer, x in parts)  # (N, heads, ., width / heads)
        return self.out(attend(q, k, v)[0].transpose(1, 2).flatten(2))


def match(cost: Tensor) -> ops.Match:
    return best_match(cost) if len(cost) <= 2 else ops.match_by_cost(cost)


def your_detr(match=match, no_object_weight: float = 0.1, **options) -> DETR:
    """A DETR made of your parts, the same at each call."""
    torch.manual_seed(0)
    model = DETR(len(CLASSES), cost=detr_cost, match=match, **options)
    model.class_loss = partial(class_loss, no_object_weight=no_object_weight)
    for part in model.modules():
        if isinstance(part, Attention):
            part.__class__ = YourAttention
    return model


detr = your_detr(width=64, heads=4, encoder_layers=1)
print(f"{sum(p.numel() for p in detr.parameters()):,} numbers to learn")

# %% [markdown]
# During training we stop every few steps and match the queries with the objects of the same eight scenes. How much has changed since the last time?
#
# ### Exercise 8: how many objects moved?
# `before` and `after` are two matches of the same image. Return the share of its *objects* that have a different query than before: a plain number from 0 to 1, or 0 if there are no objects.
# Every object has a query in both matches.


# %%
def share_moved(before: ops.Match, after: ops.Match) -> float:
    # BEGIN SOLUTION
    kept = before.positive & after.positive & (before.target == after.target)
    count = before.positive.sum().item()
    return 1 - kept.sum().item() / count if count else 0.0
    # END SOLUTION


share_moved = check(share_moved)

# %% tags=["nbval-ignore-output"]
from classroom import progress_bar, steps
from coursekit.training import fit

WATCHED = [i for i, target in enumerate(truth) if len(target["boxes"]) >= 4][:8]
watched_inputs = [val[i][0] for i in WATCHED]
SIZE = torch.tensor([192.0, 192, 192, 192])
watched_truth = [
    (truth[i]["labels"], ops.box_convert(truth[i]["boxes"] / SIZE, "xyxy", "cxcywh")) for i in WATCHED
]


@torch.no_grad()
def assignment(model: DETR) -> list[ops.Match]:
    """The match of each watched scene after the last layer."""
    logits, boxes = (layers[-1] for layers in model.eval().outputs(watched_inputs))
    return [
        ops.match_by_cost(detr_cost(x, b, *objects))
        for x, b, objects in zip(logits, boxes, watched_truth, strict=True)
    ]


train = still_life_features("train", "boxes", mirrored=True)
EVERY = 4
history, curve = [(0, assignment(detr))], []
for step in progress_bar(fit(detr, train, steps(400), batch_size=8, lr=1e-3, seed=0), 50):
    curve.append(step.losses)
    if step.index % EVERY == 0:
        history.append((step.index, assignment(detr)))

# %% [markdown]
# Look at one scene. Each row is an object, and each colour is a query. The number of the query is written where an object keeps it for a while.

# %% tags=["nbval-ignore-output", "folded"]
owners = torch.stack([queries_of(matches[0]) for _, matches in history])
fig, axes = plt.subplots(1, 2, figsize=(11, 3), width_ratios=(1, 2.6))
image, target = scenes[WATCHED[0]]
draw_boxes(axes[0], image, target["boxes"], target["labels"], classes=CLASSES)
names = [CLASSES[k - 1] for k in target["labels"].tolist()]
figures.draw_owners(axes[1], owners, [number for number, _ in history], names)
axes[1].set_title("the query assigned to each object")
show(
    fig,
    alt="A scene, and beside it a bar for each object over the training steps, coloured by the query it is matched with: "
    "at first the colours change often, later they change less.",
)

# %% [markdown]
# At first the queries have not learnt anything, and which of them is a little nearer to an object changes with each step. So a query is trained on one object now and on a different one soon after: it learns from
# moving targets. That is one reason why DETR needs long training. How fast does it settle? Here is the running mean over eight comparisons, over all eight scenes:

# %% tags=["nbval-ignore-output"]
moved = [
    sum(share_moved(a, b) for a, b in zip(before, after, strict=True)) / len(WATCHED)
    for (_, before), (_, after) in pairwise(history)
]
smooth = torch.tensor(moved).unfold(0, min(8, len(moved)), 1).mean(-1)
losses = torch.tensor([sum(row.values()) for row in curve]).unfold(0, min(20, len(curve)), 1).mean(-1)
fig, axes = plt.subplots(1, 2, figsize=(9, 2.8))
figures.draw_curves(
    axes[0],
    {"moved": (EVERY * torch.arange(1, len(smooth) + 1), smooth)},
    "step",
    f"objects that moved in {EVERY} steps",
)
figures.draw_curves(axes[1], {"loss": (range(len(losses)), losses)}, "step", "loss of all layers")
show(
    fig,
    alt="Left: the share of objects that change their query within four steps rises at first and then falls, nearly to zero at the end. Right: the training loss falls.",
)

# %% tags=["nbval-ignore-output"]
mine = predict(detr, val)
score = coco_metrics(mine, truth)
print(f"your DETR after {len(curve)} steps: AP {score['AP']:.3f}, AP50 {score['AP50']:.3f}")

# %% tags=["solution"]
assert losses[-1] < 0.85 * losses[0] and score["AP50"] > 0.01

# %% [markdown]
# The share of moves is small at the very start, because all queries are still alike and the learning rate is still low. It rises while the queries become different, and falls as each finds its role. At the end
# the learning rate falls to zero, so part of that calm is due to the schedule.
#
# The network starts learning at once, but after a minute it is still weak. What does more time buy? These scores are in `data/checkpoints/scores.json`, with 95 % intervals: the RetinaNet of lab 04 after its 1,050 steps,
# and a DETR, twice as wide as yours, after 9,000 (`detr_long`). The weights of the latter are in the repository, and `shipped("detr")` loads them.
# *New scenes* show objects that were in the training scenes; *unseen objects* are different ones of the same classes.

# %%
from coursekit.published import records

SPLITS = {"new scenes": "test_scenes", "unseen objects": "test_objects"}


def published(*recipes: str) -> None:
    for each in records():
        if each["recipe"] in recipes and each["seed"] == 0:
            words = "   ".join(
                "{} {:.3f} [{:.3f}, {:.3f}]".format(name, *each["scores"][split]["AP"])
                for name, split in SPLITS.items()
            )
            print(f"{each['recipe']:18s} {each['steps']:6d} steps   AP {words}")


published("retinanet", "detr_long")

# %% [markdown]
# ## 7. Inside a trained DETR
#
# ### After each layer
#
# Each decoder layer ends with a set of boxes. How good is each set, and would NMS improve it? If duplicates are left, NMS raises AP.

# %% tags=["nbval-ignore-output"]
good = shipped("detr")


@torch.no_grad()
def sets_after_layers(model, dataset) -> list[list[dict]]:
    """What each layer detects in each image, in the way the last layer does in `predict`: L lists of predictions."""
    depth = [[] for _ in model.decoder]
    for start in range(0, len(dataset), 32):
        batch = [dataset[i][0] for i in range(start, min(start + 32, len(dataset)))]
        logits, boxes = model.eval().outputs(batch)
        scores, labels = logits.softmax(-1)[..., 1:].max(-1)  # (L, N, Q)
        corners = ops.box_convert(boxes, "cxcywh", "xyxy") * SIZE
        for k, found in enumerate(depth):
            found += [
                {"boxes": ops.clip_boxes_to_image(b, (192, 192)), "labels": c + 1, "scores": s}
                for b, c, s in zip(corners[k], labels[k], scores[k], strict=True)
            ]
    return depth


def after_nms(predictions: list[dict], iou_threshold: float = 0.7) -> list[dict]:
    kept = [ops.batched_nms(p["boxes"], p["scores"], p["labels"], iou_threshold) for p in predictions]
    return [{name: p[name][k] for name in p} for p, k in zip(predictions, kept, strict=True)]


layers = sets_after_layers(good, val)
as_it_is, suppressed = (
    [coco_metrics(each, truth)["AP"] for each in found] for found in (layers, [after_nms(p) for p in layers])
)
fig, ax = plt.subplots(figsize=(5, 2.8))
figures.draw_table_of_layers(ax, as_it_is, suppressed)
show(
    fig,
    alt="AP after each of three layers of the decoder, without and with NMS: it rises from layer to layer, and NMS adds about two hundredths after each.",
)

# %% tags=["nbval-ignore-output"]
modern = shipped("detr_modern")
by_model = {"RetinaNet": without_nms, "DETR of 2020": layers[-1], "modern DETR": predict(modern, val)}
nms_gains = {}
for name, found in by_model.items():
    ap, ap_nms = (coco_metrics(p, truth)["AP"] for p in (found, after_nms(found, 0.5)))
    nms_gains[name] = ap_nms - ap
    print(
        f"{name:13s} {boxes_per_object(found):5.2f} boxes per object; AP {ap:.3f} without NMS, {ap_nms:.3f} with it"
    )

# %% tags=["solution"]
assert as_it_is[-1] > as_it_is[0]
assert (
    nms_gains["RetinaNet"] > 0.1 and nms_gains["DETR of 2020"] < 0.03 and abs(nms_gains["modern DETR"]) < 0.01
)

# %% [markdown]
# Without NMS, RetinaNet collapses. The DETR of 2020 has a few duplicates left, and removing them with NMS would gain about 0.02 AP. The modern one, which section 8 explains, has none worth removing.
#
# There are two possible reasons for that: the loss makes a second box a mistake, and the queries *look at each other*, so that they can coordinate. Does this network
# rely on the second? Switch it off in the trained network. (What a network would learn without it from the start is open question 3.)

# %% tags=["nbval-ignore-output"]
import copy

deaf = copy.deepcopy(good)
for layer in deaf.decoder:
    layer.look_around = lambda x, place, mask=None: x  # no query sees another
alone = predict(deaf, val)
for name, found in (("as they are", layers[-1]), ("each query alone", alone)):
    ap, ap_nms = (coco_metrics(p, truth)["AP"] for p in (found, after_nms(found, 0.5)))
    print(f"{name:17s} {boxes_per_object(found):.2f} boxes per object, AP {ap:.3f}, with NMS {ap_nms:.3f}")

# %% [markdown]
# AP falls, so the network does use what the queries pass to each other. But there are hardly more duplicates than before, and NMS does not bring the AP back. In this small network the queries
# must have another way of keeping apart. You will see it two sections further down.

# %% [markdown]
# ### Where the queries look
#
# This is the attention in the last layer of the four most confident queries, averaged over the heads. Bright cells have high weights.

# %% tags=["nbval-ignore-output"]
shown = WATCHED[1]
image, features = scenes[shown][0], val[shown][0]
with torch.no_grad():
    attention = good.attention([features])[0]  # (Q, h, w)
    logits, shares_of_image = (layers_[-1][0] for layers_ in good.outputs([features]))
scores, labels = logits.softmax(-1)[:, 1:].max(-1)
boxes = ops.clip_boxes_to_image(ops.box_convert(shares_of_image, "cxcywh", "xyxy") * SIZE, (192, 192))
fig, axes = plt.subplots(1, 5, figsize=(13, 3))
draw_image(axes[0], image)
for ax, q in zip(axes[1:], scores.argsort(descending=True)[:4].tolist(), strict=True):
    figures.draw_attention(
        ax, image, attention[q], boxes[q], f"query {q}: {CLASSES[labels[q]]} {scores[q]:.2f}"
    )
show(
    fig,
    alt="A scene, and four copies of it that are bright where one query looks, with the box of that query: some of the attention falls on the object in the box, some on other places in the scene.",
)

# %% [markdown]
# Not all of the attention falls on the object. How much does, over all scenes of `val`?

# %% tags=["nbval-ignore-output"]
cell_centers = ops.grid_centers((12, 12), 16) / 192  # (144, 2)
on_box, of_image = [], []
for start in range(0, len(val), 50):
    batch = [val[i][0] for i in range(start, start + 50)]
    with torch.no_grad():
        maps, outputs = good.attention(batch).flatten(2), good.outputs(batch)  # (N, Q, 144)
    certain = outputs.logits[-1].softmax(-1)[..., 0] < 0.5
    low, high = ops.box_convert(outputs.boxes[-1], "cxcywh", "xyxy")[:, :, None].split(2, -1)
    inside = ((cell_centers >= low) & (cell_centers <= high)).all(-1)  # (N, Q, 144)
    on_box.append((maps * inside).sum(-1)[certain])
    of_image.append(inside.double().mean(-1)[certain])
print(
    f"{torch.cat(on_box).mean():.0%} of the attention lies in the query's box, which has {torch.cat(of_image).mean():.0%} of the cells"
)

# %% [markdown]
# Point at a box, or choose a query with the arrow keys.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import QueryAttention

QueryAttention(image, attention, boxes, labels + 1, scores, CLASSES)

# %% [markdown]
# ### Queries specialise
#
# The queries were never assigned a place or a size. Here are the boxes of ten queries in *all* 600 test scenes. Each box is a dot at its centre; the colour shows whether the box is small, wide or tall.

# %% tags=["nbval-ignore-output"]
tests = {name: still_life_features(split, "boxes") for name, split in SPLITS.items()}


@torch.no_grad()
def all_boxes(model, dataset) -> tuple[Tensor, Tensor]:
    """The boxes (N, Q, 4) and the scores (N, Q) of the queries in all images."""
    parts = [
        model.eval().outputs([dataset[i][0] for i in range(start, min(start + 50, len(dataset)))])
        for start in range(0, len(dataset), 50)
    ]
    return (
        torch.cat([part.boxes[-1] for part in parts]),
        torch.cat([1 - part.logits[-1].softmax(-1)[..., 0] for part in parts]),
    )


both = [all_boxes(good, dataset) for dataset in tests.values()]
every_box, found = (torch.cat(parts) for parts in zip(*both, strict=True))
used = (found > 0.5).double().mean(0)  # (Q,) share of the images in which a query detects something
fig, axes = plt.subplots(2, 5, figsize=(11, 4.6))
for ax, q in zip(axes.flat, used.argsort(descending=True).tolist(), strict=False):
    figures.draw_places(ax, every_box[:, q], f"query {q}: used in {used[q]:.0%}")
fig.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, markerscale=3)
show(
    fig,
    alt="The centres of the boxes of ten queries over all test scenes: each query has a region, and often a size, of its own.",
)

# %% [markdown]
# The dots show all boxes, confident or not. Each query keeps to its own region, and this is how the queries stay apart: two of them rarely compete for the same object.
# So a query is something like an anchor after all, but one that was *learned*, and that sees the whole image before it predicts.
#
# ### How many queries?
#
# `Q` is the largest number of objects that can be detected. How many queries predict an object if there are 1, 2, … 6 objects, and how many queries are ever used?

# %% tags=["nbval-ignore-output"]
objects = torch.tensor([len(d.target(i)["boxes"]) for d in tests.values() for i in range(len(d))])
sure = (found > 0.5).sum(1)
print("objects  scenes  queries above 0.5")
for n in objects.unique().tolist():
    print(f"{n:7d}{(objects == n).sum():8d}{sure[objects == n].double().mean():12.2f}")
print(f"{(used > 0.01).sum()} of {len(used)} queries detect something in more than 1 % of the scenes")

# %%
crowd = torch.rand(6, 4, generator=torch.Generator().manual_seed(1))
left = ops.match_by_cost(crowd)
print(
    f"6 objects, 4 queries: {left.positive.sum()} objects are matched, the other {6 - left.positive.sum()} train no query"
)

# %% [markdown]
# With too few queries, objects are lost; too many are slow and make "no object" the rule. The paper uses 100 for COCO, whose images have seven objects on average.
#
# ## 8. What five years changed
#
# The DETR of 2020 learns slowly: its queries search the whole image in each layer, each layer predicts its boxes from scratch, and the targets move. The modern form changes that in six steps:
#
# | change | argument of `ModernDETR` |
# |---|---|
# | a query *is a box*, and each layer refines it | `refine=True` |
# | one sigmoid per class with the focal loss of lab 04; no class "no object" | `loss="focal"` |
# | the initial boxes are spread over the image | `spread=True` |
# | a finer map: the cells of C3, to which C4 and C5 are added as in the pyramid of lab 04 | `fine=True` |
# | a query looks *into its own box*, with the RoIAlign of lab 05 | `look="box"` |
# | noisy copies of the true boxes, which the decoder learns to clean (**denoising**) | `denoising=3` |
#
# ### Exercise 9: refine a box
# A box is four fractions of the image, and each layer corrects it. If the correction were added to the fractions, the box could leave the image. So DETR turns each fraction into an unbounded number,
# adds the correction there, and turns the sum back into a fraction with a sigmoid: clamp the box to [0.001, 0.999], take `log(x / (1 - x))`, which is the inverse of the sigmoid, add the correction, and apply the sigmoid.
# `boxes` and `corrections` are `(..., 4)`. The gradient must reach the corrections. Do not change the inputs.


# %%
def refine_boxes(boxes: Tensor, corrections: Tensor) -> Tensor:
    # BEGIN SOLUTION
    x = boxes.clamp(0.001, 0.999)
    return ((x / (1 - x)).log() + corrections).sigmoid()
    # END SOLUTION


refine_boxes = check(refine_boxes)

# %% [markdown]
# ### Exercise 10 (extra): no query may read the answer
# In training, the `queries` queries come first, followed by noisy copies of the true boxes; `group`, `(P,)` int64, is the number of the set that each copy belongs to, 1, 2, …. The sets may have different sizes and be in any
# order, and there may be none. A copy is nearly the answer, so a query that could look at one would learn to read it there, and would then detect nothing at test time, when there are no copies.
# Return the mask of self-attention, `(queries + P, queries + P)` bool, *true where the row may look at the column*: queries see queries, and copies see the copies of their own set, including themselves. Nothing else is allowed.


# %%
def who_sees_whom(queries: int, group: Tensor) -> Tensor:
    # BEGIN SOLUTION
    every = torch.cat([group.new_zeros(queries), group])
    return every[:, None] == every
    # END SOLUTION


who_sees_whom = check(who_sees_whom)

# %%
fig, ax = plt.subplots(figsize=(3, 3))
ax.imshow(who_sees_whom(6, torch.tensor([1, 1, 1, 2, 2, 2])), cmap="Greys_r")
ax.set(xlabel="is looked at", ylabel="looks", xticks=[2.5, 7, 10], yticks=[2.5, 7, 10])
ax.set_xticklabels(["queries", "set 1", "set 2"])
ax.set_yticklabels(["queries", "set 1", "set 2"], rotation=90, va="center")
show(
    fig,
    alt="A mask of twelve by twelve with three white squares on its diagonal: the queries, the first copies, the second copies.",
)

# %% [markdown]
# Take the corrections from the shipped modern DETR, layer by layer, and apply them with your function: the result must be the model's own boxes.

# %% tags=["nbval-ignore-output"]
corrections = []
hooks = [head.register_forward_hook(lambda _, x, out: corrections.append(out[1][0])) for head in modern.heads]
with torch.no_grad():
    logits, stages = (layers_[:, 0] for layers_ in modern.outputs([features]))  # (L, Q, K), (L, Q, 4)
for hook in hooks:
    hook.remove()
refined = [modern.first.detach().sigmoid()]
for correction, stage in zip(corrections, stages, strict=True):
    refined.append(refine_boxes(refined[-1], correction))
    assert torch.allclose(refined[-1], stage, atol=1e-4)

fig, axes = plt.subplots(1, 4, figsize=(11, 3))
confident = logits[-1].sigmoid().amax(-1) > 0.4
for ax, name, boxes_now in zip(axes, ("start", "layer 1", "layer 2", "layer 3"), refined, strict=True):
    draw_image(ax, image, name)
    draw_boxes(ax, None, ops.box_convert(boxes_now, "cxcywh", "xyxy")[confident] * SIZE)
show(
    fig,
    alt="A scene four times: the boxes that the confident queries start from, and the same boxes after each layer, which fit the objects more and more closely.",
)

# %% [markdown]
# ### Train it
#
# The modern form gets about the same training time as the 2020 form. Each of its steps takes longer, because its network is larger and its map is finer, so there are fewer steps.

# %% tags=["nbval-ignore-output"]
from coursekit.models.detr_modern import ModernDETR

torch.manual_seed(0)
young = ModernDETR(len(CLASSES), match=match)
modern_curve = []
for step in progress_bar(fit(young, train, steps(120), batch_size=8, lr=1e-3, seed=0), 50):
    modern_curve.append(step.losses)
modern_score = coco_metrics(predict(young, val), truth)
print(f"2020 form after {len(curve)} steps:  AP {score['AP']:.3f}, AP50 {score['AP50']:.3f}")
print(
    f"modern form after {len(modern_curve)} steps: AP {modern_score['AP']:.3f}, AP50 {modern_score['AP50']:.3f}"
)

# %% tags=["solution"]
assert modern_score["AP"] > score["AP"]

# %% [markdown]
# ### Change by change, at equal time
#
# Which of the six changes made the difference? The recipe `detr_changes` trains seven networks, the form of 2020 and one more after each change, all for the same CPU time. For each you see its AP and its gain over the previous form, with 95 % intervals.

# %%
for changes in [each for each in records() if each["recipe"] == "detr_changes"]:
    for name, split in SPLITS.items():
        print(f"{name:15s} steps   AP                       gain")
        for form, cost in changes["forms"].items():
            value, low, high = changes["scores"][split][f"{form}_AP"]
            line = f"   {form:12s} {cost['steps']:5d}   {value:.3f} [{low:.3f}, {high:.3f}]"
            if f"{form}_gain_AP" in changes["scores"][split]:
                line += "   {:+.3f} [{:+.3f}, {:+.3f}]".format(*changes["scores"][split][f"{form}_gain_AP"])
            print(line)

# %% [markdown]
# Looking into its own box gives by far the largest gain, because a query no longer has to search the whole image. The finer map and denoising add a little on top.
# Two changes gain nothing here by themselves: refining boxes helps little while each query still looks everywhere, and so does spreading them. The order matters, too:
# a change that comes late has less left to gain. Note also that this is only one seed; the intervals are over the scenes, not over the training.
#
# And with much more time? `detr_modern_long` was trained for 12,000 steps. Here it is beside the other detectors with long training.

# %%
published("retinanet", "faster_rcnn_long", "detr_long", "detr_modern_long")

# %% [markdown]
# Step through the shipped modern DETR's detections of unseen objects, worst scene first. Dashed: ground truth.

# %% tags=["nbval-ignore-output"]
from classroom.widgets import PredictionBrowser


def confident_ones(prediction: dict) -> dict:
    keep = prediction["scores"] >= 0.4
    return {key: value[keep] for key, value in prediction.items()}


unseen = still_life("test_objects")
answers = [confident_ones(p) for p in predict(modern, tests["unseen objects"])]
PredictionBrowser(unseen, answers, CLASSES)

# %% [markdown]
# ## What you can now say
#
# - A set has no order. Each object is assigned to one query so that the total cost is smallest; a greedy match may cost more.
# - The cost decides which query is trained on which object; the loss trains it. So the cost may use `-p` where the loss uses `-log p`.
# - All other queries learn "no object", with a small weight because there are many of them. With this loss few duplicates are left in the form of 2020, and none worth removing in the modern one.
# - Attention is a softmax of scaled products: each query gathers the values of the keys that fit. A positional encoding tells each token where it is.
# - Early in DETR's training the assignment jumps; it settles as the queries specialise.
# - In modern forms a query is a box, looks into that box, and also learns from noisy copies, whose object is known from the start.
#
# ## Open questions
#
# 1. Turn the queries of `greedy_match` into an `ops.Match` and train with `your_detr(match=…)`. Does AP change? In which scenes should it?
# 2. Train `your_detr(no_object_weight=1.0)`, or with 0.01. What happens to the scores, and what to AP?
# 3. Queries look at each other in three layers. Remove that before training instead of afterwards: do duplicates come back?
# 4. Does NMS at 0.5 hurt DETR where two objects of one class overlap? Find such a scene.
# 5. `ModernDETR(queries=100)` on the same scenes: is more better?
