# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 12: Going back up
#
# A network makes its maps smaller and smaller. At the end 6 x 6 cells encode *what* is in the image, but have nearly lost *where* it is.
# A segmenter must go back up to every pixel. The part that does this is called the **decoder**; the part that goes down is the **encoder**. You build the decoder's three tools: the **transposed convolution**, **unpooling with switches**, and the **skip connection**.
#
# | you write | you see | you train |
# |---|---|---|
# | a transposed convolution in three ways, its size, its initial weights; pooling with switches and unpooling; a skip | stamps, checkerboards, what switches keep, what each early layer adds | DeconvNet; U-Net with and without skips |
#
# **Time:** about 90 minutes on a first reading, or 130 with the exercises marked *extra*. The computer needs about three minutes. Nothing is downloaded.
#
# **Results of this lab** (95 % intervals; new scenes / unseen objects; seed 0; at most 90 CPU seconds of training each; `data/checkpoints/scores.json`):
#
# | model | mIoU | boundary F |
# |---|---|---|
# | FCN-8s (lab 11, 45 CPU seconds) | 0.79 [0.77, 0.80] / 0.70 [0.67, 0.72] | 0.42 [0.40, 0.44] / 0.34 [0.32, 0.35] |
# | U-Net without skips | 0.60 [0.57, 0.62] / 0.51 [0.48, 0.53] | 0.15 [0.14, 0.16] / 0.12 [0.11, 0.13] |
# | DeconvNet | 0.73 [0.71, 0.75] / 0.61 [0.59, 0.64] | 0.35 [0.34, 0.37] / 0.27 [0.26, 0.29] |
# | U-Net | 0.84 [0.83, 0.86] / 0.74 [0.71, 0.76] | 0.56 [0.54, 0.58] / 0.43 [0.41, 0.45] |
#
# **How to work:** replace each `...` with your code and run the cell. `check` tells you whether your function is correct.
# Stuck? `hint("stamp_map")` gives one hint per call. An unsolved exercise never blocks you, because the reference takes its place.
# To look a function up, run `help(ops.box_iou)`, or build the API reference with `classroom api` and open `build/api/index.html`.

# %%
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor

from classroom import check, hint, show, style
from classroom.figures import segmentation, stamping, upward
from coursekit import ops
from coursekit.draw import draw_image

style.use()  # gives your figures the look of the course's
torch.set_num_threads(1)  # on these small networks, two threads waiting for each other are slower than one

# %% [markdown]
# ## 1. How much is lost on the way down?
#
# Take the *true* label map, average it over cells of 32, 8 and 4 pixels, and upsample it again. That is about the best that a map with such cells can do.

# %%
from coursekit.data.still_life import CLASSES, still_life
from coursekit.metrics import semantic_counts, semantic_intervals
from coursekit.models.segmenter import labels_of

val = still_life("val")
truth = [labels_of(val.target(i)) for i in range(40)]


def through_cells(labels: Tensor, stride: int) -> Tensor:
    """The label map averaged over cells and upsampled bilinearly: (H, W) -> (H, W)."""
    shares = F.avg_pool2d(F.one_hot(labels, len(CLASSES) + 1).permute(2, 0, 1).float(), stride)
    return ops.upsample_bilinear(shares[None], tuple(labels.shape))[0].argmax(0)


for stride in (32, 8, 4):
    seen = [{"semantic": through_cells(labels, stride)} for labels in truth]
    scores = semantic_intervals(semantic_counts(seen, [{"semantic": labels} for labels in truth], 11))
    print(
        f"stride {stride:2d}: at best mIoU {scores['mean_iou'][0]:.2f}, boundary F {scores['boundary_f'][0]:.2f}"
    )

# %% tags=["folded"]
image, labels = val[5][0], truth[5]
fig, axes = plt.subplots(1, 4, figsize=(10, 2.9))
draw_image(axes[0], image, "the image")
for ax, stride in zip(axes[1:], (32, 8, 4), strict=True):
    segmentation.draw_label_map(ax, through_cells(labels, stride), title=f"through cells of {stride}")
show(
    fig,
    alt="A still life, and its true label map seen through cells of 32, 8 and 4 pixels: blobs, rounded shapes, nearly exact shapes.",
)

# %% [markdown]
# So we need finer maps, and their values have to come from somewhere. Nearest or bilinear upsampling has nothing to learn. The **transposed convolution** upsamples with learnt weights.
#
# ## 2. Stamps
#
# A convolution *gathers*: each window of the input gives one number. A transposed convolution *scatters*: each number of the input stamps the kernel, multiplied by that number,
# onto the output. The stamps are `stride` apart. Where they overlap they **add up**. At the end, `padding` rows and columns are cut off at each edge.
#
# Step through it. Then change the kernel size, the stride and the padding. When is every place covered equally often?

# %% tags=["nbval-ignore-output"]
from classroom.widgets import TransposedStepper

TransposedStepper(kernel="tent")

# %% [markdown]
# ### Exercise 1: one map
# Begin with one map `(h, w)` and one kernel `(kh, kw)`. Each cell adds `kernel` times its number to the output, and the stamps of neighbouring cells begin `stride` places apart.
# The output is just large enough for the last stamp. Return it, `(H, W)`, in the dtype of the map. Both are floating-point tensors, and `stride` may be larger than the kernel.


# %%
def stamp_map(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    # BEGIN SOLUTION
    (h, w), (kh, kw) = cells.shape, kernel.shape
    whole = cells.new_zeros((h - 1) * stride + kh, (w - 1) * stride + kw)
    for row in range(h):
        for column in range(w):
            top, left = row * stride, column * stride
            whole[top : top + kh, left : left + kw] += cells[row, column] * kernel
    return whole
    # END SOLUTION


stamp_map = check(stamp_map)

# %%
cells = torch.tensor([[1.0, 2.0, 3.0], [3.0, 1.0, 2.0]])
stamped = [stamp_map(cells, torch.ones(3, 3), stride) for stride in (1, 2, 3)]

# %% tags=["folded"]
fig, axes = stamping.side_by_side([cells, *stamped], figsize=(10, 2.9))
for ax, values, title in zip(
    axes, [cells, *stamped], ("the map", "stride 1", "stride 2", "stride 3"), strict=True
):
    stamping.draw_cells(ax, values, title, shade=values / 3)
show(
    fig,
    alt="A map of two rows and three columns, and what a kernel of three by three ones stamps from it: with stride 1 the sums reach 12, "
    "with stride 2 neighbouring stamps share one row or column, with stride 3 they lie side by side.",
)

# %% [markdown]
# In a network there are many maps. Every input channel has one kernel for each output channel, and what all input channels stamp is added up.
#
# ### Exercise 2: stamps with channels
# `input` is `(N, C, h, w)`; `weight` is `(C, D, kh, kw)`: each input channel has one kernel for each of the D output channels.
# `padding` rows and columns are cut off at each side. Return `(N, D, H, W)`. The result has the dtype of the input, here and in all exercises of this lab.
# Your function will be used to train a network, so now loop over the few places of the kernel, not over the many cells: place (i, j) of the kernel meets all cells at once.


# %%
def scatter_kernels(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    # BEGIN SOLUTION
    (n, _, h, w), (_, d, kh, kw) = input.shape, weight.shape
    whole = input.new_zeros(n, d, (h - 1) * stride + kh, (w - 1) * stride + kw)
    for i in range(kh):
        for j in range(kw):
            part = torch.einsum("nchw,cd->ndhw", input, weight[:, :, i, j])
            whole[:, :, i : i + h * stride : stride, j : j + w * stride : stride] += part
    return whole[:, :, padding : whole.shape[2] - padding, padding : whole.shape[3] - padding]
    # END SOLUTION


scatter_kernels = check(scatter_kernels)

# %%
fig = stamping.stamp_step(4, cells)
show(
    fig,
    alt="The fourth of six cells, a 3, stamps three times the kernel onto the output, two rows below the first stamp.",
)

# %% [markdown]
# Compare with the library: the results are equal for several kernels, strides and paddings, on maps that are not square.

# %%
torch.manual_seed(0)
for kernel_size, stride, padding in ((2, 2, 0), (3, 2, 1), (4, 2, 1), (5, 3, 2)):
    x = torch.randn(2, 3, 5, 8, dtype=torch.float64)
    weight = torch.randn(3, 4, kernel_size, kernel_size, dtype=torch.float64)
    theirs = F.conv_transpose2d(x, weight, stride=stride, padding=padding)
    assert (scatter_kernels(x, weight, stride, padding) - theirs).abs().max() < 1e-12
    print(
        f"kernel {kernel_size}, stride {stride}, padding {padding}: 5 x 8 -> {theirs.shape[2]} x {theirs.shape[3]}, equal"
    )

# %% [markdown]
# ### Exercise 3: how large is the output?
# Compute the size along one axis. `output_padding` adds places at the **far end only**. (They are not zeros, because stamps reach them.) Return an `int`.


# %%
def transposed_size(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    # BEGIN SOLUTION
    return (size - 1) * stride + kernel_size - 2 * padding + output_padding
    # END SOLUTION


transposed_size = check(transposed_size)

# %% [markdown]
# What is `output_padding` for? On the way down the stride rounds, so several lengths become the same one. On the way up, you must specify which one it was.

# %%
for length in (11, 12):
    down = F.conv1d(torch.zeros(1, 1, length), torch.zeros(1, 1, 3), stride=2, padding=1).shape[-1]
    print(f"a map of {length} goes down to {down}", end="; ")
    for extra in (0, 1):
        print(f"up with output_padding {extra}: {transposed_size(down, 3, 2, 1, extra)}", end="; ")
    print()

# %% [markdown]
# ## 3. The same, with zeros in between
#
# Here is a second view. Put `stride - 1` zeros between the pixels, and then **gather** with an ordinary convolution of stride 1.
# Take a kernel (1, 2, 3) in one dimension. A stamp puts its 3 to the *right* of the cell. When you gather for that place, the cell lies on the *left* of the window, where an ordinary kernel has its 1.
# So the kernel must be **flipped** to (3, 2, 1).

# %%
fig = stamping.zeros_between(cells)
show(
    fig,
    alt="Six numbers with zeros between and around them, a window on it, the flipped kernel, and the output with the window's place framed.",
)

# %% [markdown]
# ### Exercise 4: zeros between
# Put `stride - 1` zeros between neighbouring rows and columns of each map, but none around the map: `(N, C, h, w)` -> `(N, C, H, W)`. Gradients must flow.


# %%
def spread_out(input: Tensor, stride: int) -> Tensor:
    # BEGIN SOLUTION
    n, c, h, w = input.shape
    spread = input.new_zeros(n, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = input
    return spread
    # END SOLUTION


spread_out = check(spread_out)

# %%
print(spread_out(cells[None, None], stride=2)[0, 0])

# %% [markdown]
# ### Exercise 5: then a convolution
# The shapes and the result are the same as in exercise 2. Three things are left after `spread_out`: zeros *around* the map, `kh - 1 - padding` rows and `kw - 1 - padding` columns on each side
# (`padding` is smaller than the kernel); the flipped kernel; and the order of channels, because `F.conv2d` expects its weight as (outputs, inputs, kh, kw).
# You may use `F.conv2d`, but not `F.conv_transpose2d`.


# %%
def convolve_with_zeros(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    # BEGIN SOLUTION
    rows, columns = (side - 1 - padding for side in weight.shape[2:])
    spread = F.pad(spread_out(input, stride), (columns, columns, rows, rows))
    return F.conv2d(spread, weight.flip(2, 3).transpose(0, 1))
    # END SOLUTION


convolve_with_zeros = check(convolve_with_zeros)

# %% [markdown]
# Three quarters of these products are products with zero. What does that cost?

# %% tags=["nbval-ignore-output"]
from time import process_time

x, weight = torch.randn(4, 64, 24, 24), torch.randn(64, 32, 4, 4)
for name, operator in (("stamps", scatter_kernels), ("zeros between", convolve_with_zeros)):
    operator(x, weight, 2, 1)
    start = process_time()
    for _ in range(5):
        operator(x, weight, 2, 1)
    print(f"{name:14s} {200 * (process_time() - start):6.1f} ms")

# %% [markdown]
# ## 4. Why "transposed"?
#
# A convolution is linear, so it is a **matrix** $C$: flatten the image, multiply by $C$, and you have the flattened output.
#
# ### Exercise 6 (extra): the matrix of a convolution
# `kernel` is `(kh, kw)`; images have `size` (H, W) and are flattened row by row. There is no padding. Return `(outputs, H * W)` in the kernel's dtype, with one row for each window, from left to right, then down.


# %%
def convolution_matrix(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    # BEGIN SOLUTION
    (kh, kw), (height, width) = kernel.shape, size
    rows = []
    for top in range(0, height - kh + 1, stride):
        for left in range(0, width - kw + 1, stride):
            picture = torch.zeros(height, width, dtype=kernel.dtype)
            picture[top : top + kh, left : left + kw] = kernel
            rows.append(picture.flatten())
    return torch.stack(rows)
    # END SOLUTION


convolution_matrix = check(convolution_matrix)

# %%
kernel = torch.arange(1.0, 10, dtype=torch.float64).reshape(3, 3)
C = convolution_matrix(kernel, (5, 7), stride=2)
fig = stamping.matrices({"C": C, "its transpose": C.T})
show(
    fig,
    alt="The matrix of a convolution, 6 by 35, with the kernel's rows as dark steps, and its transpose, 35 by 6.",
)

# %% [markdown]
# $C$ maps 5 x 7 to 2 x 3. Its transpose $C^T$ maps 2 x 3 to 5 x 7. Which operation is that?

# %%
x = torch.randn(1, 1, 5, 7, dtype=torch.float64)
y = torch.randn(1, 1, 2, 3, dtype=torch.float64)
weight = kernel[None, None]
print(
    "C x is the convolution:               ",
    torch.allclose(C @ x.flatten(), F.conv2d(x, weight, stride=2).flatten()),
)
print(
    "C^T y is the transposed convolution:  ",
    torch.allclose(C.T @ y.flatten(), scatter_kernels(y, weight, 2).flatten()),
)
there_and_back = scatter_kernels(F.conv2d(x, weight, stride=2), weight, 2)
print("back and forth gives x again:         ", torch.allclose(there_and_back, x))

# %% [markdown]
# The shape comes back, but the values do not: $C^T$ is the **transpose**, not the inverse. What makes it special is one equation, which holds for all $x$ and $y$:
#
# $$\langle C x,\, y\rangle = \langle x,\, C^T y\rangle$$
#
# It means that *backpropagation* through $C$ is a multiplication by $C^T$. The gradient of a convolution is a transposed convolution, and vice versa.

# %%
for name, operator in (("stamps", scatter_kernels), ("zeros between", convolve_with_zeros)):
    left = (F.conv2d(x, weight, stride=2) * y).sum()
    right = (x * operator(y, weight, 2)).sum()
    print(f"{name:14s} <Cx, y> = {left:.6f}, <x, C^T y> = {right:.6f}")
    assert (left - right).abs() < 1e-6

x.requires_grad_()
(gradient,) = torch.autograd.grad((F.conv2d(x, weight, stride=2) * y).sum(), x)
print("autograd's gradient is your function: ", torch.allclose(gradient, scatter_kernels(y, weight, 2)))

# %% [markdown]
# ## 5. Checkerboards
#
# Stamp a kernel of ones from a map of ones. Then the output counts how many stamps cover each place.

# %%
counts = {}
for kernel_size in (3, 4):
    ones = torch.ones(1, 1, kernel_size, kernel_size)
    counts[f"kernel {kernel_size}, stride 2"] = scatter_kernels(torch.ones(1, 1, 4, 5), ones, 2)[0, 0]
fig = stamping.overlap_maps(counts)
show(
    fig,
    alt="Counts of stamps. Kernel 3: 1, 2 and 4 in a checkerboard. Kernel 4: 4 everywhere inside, less only at the edge.",
)

# %%
three, four = counts.values()
assert three[2:-2, 2:-2].unique().tolist() == [1, 2, 4] and four[2:-2, 2:-2].unique().tolist() == [4]

# %% [markdown]
# With kernel 3 and stride 2 some places get four times as much as others. This is not noise from training: it is there **before** training, and the weights must learn to compensate for it.
# If the kernel size is a multiple of the stride, all places are covered equally often.
#
# This is what it looks like: a photograph of half the size, upsampled with untrained kernels, whose weights are either all equal or random but positive.

# %%
from coursekit.data.photos import photo

cat = F.interpolate(photo("chelsea")[None], (75, 112), mode="bilinear", antialias=True).transpose(
    0, 1
)  # (3, 1, h, w)
torch.manual_seed(4)
kernels = {}
for kernel_size in (3, 4):
    kernels[f"kernel {kernel_size}: ones"] = torch.ones(1, 1, kernel_size, kernel_size)
    kernels[f"kernel {kernel_size}: random"] = torch.rand(1, 1, kernel_size, kernel_size)
fig, axes = plt.subplots(2, 2, figsize=(9, 6.4))
for ax, (name, weight) in zip(axes.T.flat, kernels.items(), strict=True):
    large = scatter_kernels(cat, weight, 2)[:, 0, 44:144, 60:210]
    draw_image(ax, large / large.max(), name)
show(
    fig,
    alt="Part of a photograph of a cat, upsampled with four untrained kernels. Kernel 3 with ones and with random weights: a grid of dark and bright "
    "points. Kernel 4 with ones: smooth. Kernel 4 with random weights: a grid again.",
)

# %% [markdown]
# Kernel 4 makes an even result possible, but random weights still do not give one. So the initial weights matter, too.
#
# ## 6. Initial weights: bilinear
#
# FCN initialises its upsampling as **bilinear interpolation** and trains it from there. Which kernel does that? A tent: the weight falls linearly with the distance from the middle.
#
# ### Exercise 7 (extra): bilinear weights
# Return `(C, C, k, k)` with k = 2 · stride, float32, for an even `stride` and padding = stride / 2. Each channel is upsampled separately: the weight from one channel to another is 0.


# %%
def bilinear_weights(channels: int, stride: int) -> Tensor:
    # BEGIN SOLUTION
    distance = (torch.arange(2 * stride) - (2 * stride - 1) / 2).abs()
    tent = 1 - distance / stride
    return torch.eye(channels)[:, :, None, None] * (tent[:, None] * tent)
    # END SOLUTION


bilinear_weights = check(bilinear_weights)

# %% [markdown]
# Is this equal to the library's bilinear interpolation? Inside, yes. At the edge it is not: there the stamps extend beyond the map, and none come in from outside. Besides, there are two kinds of "bilinear":

# %%
x = torch.rand(1, 3, 6, 9)
ours = scatter_kernels(x, bilinear_weights(3, 2), stride=2, padding=1)
for corners in (False, True):
    theirs = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=corners)
    apart = (ours - theirs).abs()
    print(
        f"align_corners={corners!s:5}: differs by {apart[:, :, 1:-1, 1:-1].max():.5f} inside, {apart.max():.2f} at the edge"
    )

# %%
inside = F.interpolate(x, scale_factor=2, mode="bilinear")[:, :, 1:-1, 1:-1]
assert (ours[:, :, 1:-1, 1:-1] - inside).abs().max() < 1e-6

# %% [markdown]
# ## 7. Switches
#
# Pooling keeps the largest of four numbers, but not which one it was. A **switch** stores that: it is the place of the maximum, counted row by row, `row * W + column`, where W is the width of the whole map.
#
# ### Exercise 8: pool, and remember
# `input` is `(N, C, H, W)`. Return the maxima of the 2 x 2 windows and their switches, each `(N, C, H // 2, W // 2)`. Leave out an odd last row or column. Of equal numbers, any will do.
# The maxima must pass the gradient on; the switches are int64.


# %%
def pool_with_switches(input: Tensor) -> tuple[Tensor, Tensor]:
    # BEGIN SOLUTION
    n, c, height, width = input.shape
    h, w = height // 2, width // 2
    windows = input[:, :, : 2 * h, : 2 * w].reshape(n, c, h, 2, w, 2).transpose(3, 4).flatten(4)  # 4 each
    values, inside = windows.max(-1)
    rows = 2 * torch.arange(h)[:, None] + inside // 2
    columns = 2 * torch.arange(w) + inside % 2
    return values, rows * width + columns
    # END SOLUTION


pool_with_switches = check(pool_with_switches)

# %% [markdown]
# ### Exercise 9: unpool
# Now the inverse: put each value at the place of its switch, in a map of `size` (H, W), with zeros elsewhere. The values must pass the gradient on.


# %%
def unpool(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    # BEGIN SOLUTION
    flat = input.new_zeros(*input.shape[:2], size[0] * size[1])
    flat = flat.scatter(2, switches.flatten(2), input.flatten(2))
    return flat.unflatten(2, size)
    # END SOLUTION


unpool = check(unpool)

# %%
small = torch.tensor([[[[1.0, 7, 2, 3, 5, 1], [5, 2, 8, 1, 0, 4], [3, 1, 0, 2, 9, 6], [2, 4, 6, 1, 3, 2]]]])
pooled, places = pool_with_switches(small)
back = unpool(pooled, places, (4, 6))
nearest = F.interpolate(pooled, (4, 6))
fig = stamping.switches(
    small[0, 0], pooled[0, 0], places[0, 0], {"unpooled": back[0, 0], "nearest": nearest[0, 0]}
)
show(
    fig,
    alt="A map of 4 x 6, its six maxima, the unpooled map with the maxima at their old places and zeros around, and nearest upsampling "
    "with each maximum four times.",
)

# %% [markdown]
# Nothing is added and nothing is lost: the map has the same numbers as were pooled, with the same sum. And the result equals the library's exactly:

# %%
x = torch.randn(2, 3, 8, 12)
pooled, places = pool_with_switches(x)
back = unpool(pooled, places, (8, 12))
assert torch.equal(back, F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2))
assert (back != 0).sum() == pooled.numel() and torch.allclose(back.sum(), pooled.sum())
print(f"{(back != 0).sum()} of {back.numel()} numbers are not 0: the others are to be filled in")

# %% [markdown]
# The decoder of **DeconvNet** works like that: *unpooling* puts the values in their places, and a *transposed convolution* of stride 1 fills the gaps. Its channels mirror those of the encoder.
# Our backbone is frozen and does not have pooling layers. So each of its maps C2, C3, C4 is pooled once, only to get its switches. Not a single value of these maps is passed to the decoder, only **places**.

# %%
fig = upward.up_diagram("switches")
show(
    fig,
    alt="The encoder on the left, C2 to C5; the decoder on the right; from each fine map a dotted arrow with switches goes across.",
)

# %% [markdown]
# Train it with your pooling, your unpooling and your stamps. The published scores took 500 steps, or 84 CPU seconds; you train for **a quarter** of them.

# %% tags=["nbval-ignore-output"]
from torch.utils.data import Subset

from classroom import progress_bar, steps
from coursekit.data.still_life_features import still_life_features
from coursekit.models.deconvnet import DeconvNet
from coursekit.training import fit

LEVELS = ("C2", "C3", "C4", "C5")
# cached features of the training scenes and of their mirror images
train = still_life_features("train", "semantic", LEVELS, mirrored=True)
tests = {
    name: Subset(still_life_features(split, levels=LEVELS), range(100))
    for name, split in (("new scenes", "test_scenes"), ("unseen objects", "test_objects"))
}

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
deconvnet = DeconvNet(len(CLASSES), pool=pool_with_switches, unpool=unpool, deconv=scatter_kernels)
for _ in progress_bar(fit(deconvnet, train, steps(125), batch_size=8, seed=0), 21):
    pass

# %% [markdown]
# How good is it? Evaluate it on the first 100 scenes of each test set, with the two scores of lab 11: **mIoU** (mean IoU) for the regions and **boundary F** for the edges.

# %% tags=["nbval-ignore-output"]
from coursekit.metrics import SemanticCounts, semantic_difference_intervals
from coursekit.training import predict

true_maps = {
    name: [{"semantic": labels_of(target)} for _, target in dataset] for name, dataset in tests.items()
}
found, counts = {}, {}


def evaluate(title: str, model) -> None:
    """Segment both test sets; keep the label maps and the counts of each image."""
    for name, dataset in tests.items():
        found[title, name] = predict(model, dataset)
        counts[title, name] = semantic_counts(found[title, name], true_maps[name], len(CLASSES) + 1)
        scores = semantic_intervals(counts[title, name])
        words = [
            f"{key} {scores[key][0]:.2f} [{scores[key][1]:.2f}, {scores[key][2]:.2f}]"
            for key in ("mean_iou", "boundary_f")
        ]
        print(f"{title:22s} {name:15s} {words[0]}   {words[1]}")


evaluate("DeconvNet", deconvnet)

# %% [markdown]
# ## 8. Skip connections
#
# A switch passes on a place. A **skip connection** passes on the whole fine map, with all its values. The decoder of **U-Net** upsamples with transposed convolutions of 2 x 2 with stride 2,
# **concatenates** the result with the encoder's map of the same size, and applies a convolution to both.

# %%
fig = upward.up_diagram("skips")
show(
    fig,
    alt="The same encoder and decoder; now solid arrows go across from C2, C3 and C4 and are joined with the map from below.",
)

# %% [markdown]
# ### Exercise 10: join
# `coarse`, `(N, C, h', w')`, comes from below; `skip`, `(N, D, h, w)`, comes from the encoder. The upsampled map may have one row or column too many: cut them off at the end.
# Return `(N, C + D, h, w)`: first the map from below, then the skip. Both are trained through it.


# %%
def join_skip(coarse: Tensor, skip: Tensor) -> Tensor:
    # BEGIN SOLUTION
    height, width = skip.shape[2:]
    return torch.cat([coarse[:, :, :height, :width], skip], 1)
    # END SOLUTION


join_skip = check(join_skip)

# %% [markdown]
# Train two U-Nets that differ only in the skips: they have the same seed, the same batches and your stamps, but only one has your `join_skip`. Each is trained for a quarter of the published steps.

# %% tags=["nbval-ignore-output"]
from coursekit.models.unet import UNet

torch.manual_seed(0)
unet = UNet(len(CLASSES), up=scatter_kernels, join=join_skip)
for _ in progress_bar(fit(unet, train, steps(150), batch_size=8, seed=0), 21):
    pass

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
without = UNet(len(CLASSES), skips="none", up=scatter_kernels)
for _ in progress_bar(fit(without, train, steps(150), batch_size=8, seed=0), 21):
    pass

# %% tags=["nbval-ignore-output"]
evaluate("U-Net", unet)
evaluate("U-Net without skips", without)

# %% [markdown]
# The intervals of two models can easily overlap, because some images are difficult for both. So take the **difference on the same images**.

# %% tags=["nbval-ignore-output"]
gains = {}
for title in ("U-Net without skips", "DeconvNet"):
    for name in tests:
        gain = semantic_difference_intervals(counts["U-Net", name], counts[title, name])
        gains[f"to {title},\n{name}"] = gain
fig, ax = plt.subplots(figsize=(10, 3.2))
upward.draw_gains(ax, gains)
show(
    fig,
    alt="The gain of the U-Net in mIoU and in boundary F, with intervals, over the one without skips and over DeconvNet, on both test sets: "
    "large over the one without skips, smaller over DeconvNet.",
)

# %% tags=["solution"]
for gain in gains.values():
    assert gain["boundary_f"][1] > 0

# %% [markdown]
# Now look at the published networks, with the full budget. What do they predict for one scene?

# %%
from coursekit import shipped

good = {
    "U-Net without skips": shipped("unet_none"),
    "DeconvNet": shipped("deconvnet"),
    "U-Net": shipped("unet"),
}
image, _ = val[3]
maps = {"truth": truth[3]}
maps |= {title: model([image])[0]["semantic"] for title, model in good.items()}
fig = upward.compare_maps(image, maps)
show(
    fig,
    alt="A still life with a glass, a mug and two bottles, its true label map, and those of the U-Net without skips, of DeconvNet and of the U-Net; "
    "below, their mistakes: blobs without skips, ragged outlines with switches, thin lines along the edges with skips.",
)

# %% [markdown]
# Without skips the objects are blobs, because the decoder cannot know where an edge is. Switches bring the outlines back, but they are ragged. With skips the mistakes are only a pixel or two wide.
#
# ### What does each early layer add?
#
# Remove one skip from the published U-Net: replace the map of one level with its mean (0, since the maps are normalised) and measure again.

# %% tags=["nbval-ignore-output"]


def blind(model: UNet, level: str) -> None:
    """From now on the model sees only the mean of this level."""
    usual = type(model).normalised
    model.normalised = lambda name, maps: usual(model, name, maps) * (name != level)


def counts_of(model) -> SemanticCounts:
    predictions = predict(model, tests["new scenes"])
    return semantic_counts(predictions, true_maps["new scenes"], len(CLASSES) + 1)


seeing, lost = counts_of(good["U-Net"]), {}
for level in ("C4", "C3", "C2"):
    blind(good["U-Net"], level)
    lost[f"without {level}"] = semantic_difference_intervals(counts_of(good["U-Net"]), seeing)
fig, ax = plt.subplots(figsize=(6.4, 3))
upward.draw_gains(ax, lost)
show(
    fig,
    alt="What the U-Net loses in mIoU and in boundary F when C4, C3 or C2 is replaced by its mean: most without C4, least without C2.",
)

# %% [markdown]
# The network was trained with all levels, so this is not the score of a network that never had the level. It shows what *this* network relies on.
# Which level does it rely on most? Does boundary F suffer more from the loss of C2 than mIoU does? Why?
#
# ## 9. The published scores
#
# These are the same models with the full budget, on all 300 scenes of each test set, seed 0.

# %% tags=["nbval-ignore-output"]
from coursekit.published import records

published = {record["recipe"]: record["scores"] for record in records() if record["seed"] == 0}
for name, split in (("new scenes", "test_scenes"), ("unseen objects", "test_objects")):
    print(name)
    for recipe in ("fcn8s", "deconvnet", "unet_none", "unet_add", "unet"):
        if recipe in published:
            scores = published[recipe][split]
            print(
                f"   {recipe:10s} mIoU {scores['mean_iou'][0]:.2f}   boundary F {scores['boundary_f'][0]:.2f}"
            )

# %% [markdown]
# FCN-8s is better than DeconvNet here, although its upsampling has nothing to learn. Look back at its diagram in lab 11: it *adds scores of the fine maps*, so it has skips.
# Places alone preserve a good part of the outlines. Values preserve more.
#
# These are the gains of the published U-Net, as differences on the same images:

# %% tags=["nbval-ignore-output"]
for name, split in (("new scenes", "test_scenes"), ("unseen objects", "test_objects")):
    for other in ("fcn8s", "deconvnet", "unet_none"):
        gain, low, high = published["skip_gains"][split][f"{other}_boundary_f"]
        print(f"{name:15s} U-Net - {other:10s} boundary F {gain:+.2f} [{low:+.2f}, {high:+.2f}]")

# %% [markdown]
# Does the fine map help a *detector*, too? You have already seen that: the **feature pyramid** of lab 04 is the same idea with a sum instead of a concatenation.
# There the help also goes the other way: the fine maps, which detect small objects, *receive* from the coarse ones what these objects are.
# A skip connection gives positions to the late, semantic map, and it gives meaning to the early, fine map.
#
# ## What you can now say
#
# - A transposed convolution stamps weighted kernels; overlaps add up; padding cuts off the edges.
# - It equals a convolution with a flipped kernel over a map with zeros in between. It is $C^T$: the gradient of a convolution, not its inverse.
# - The size of its output is (n - 1) · stride + kernel - 2 · padding + output_padding. Output padding selects one of the lengths that the stride had rounded to the same one.
# - If the kernel size is not a multiple of the stride, places are covered unequally: a checkerboard, before any training.
# - With a bilinear tent on the diagonal it interpolates; training continues from there.
# - A switch keeps the place of a maximum, but not a value. A skip keeps both. Without either, the edges are lost.
# - mIoU hardly changes if an edge is off by two pixels. Boundary F does.
#
# ## Open questions
#
# 1. `skips="add"` first gives the skip as many channels as the map that it is added to. Train it. Is it worse?
# 2. Use a skip from the raw image only, not from C2 to C4. What is missing then?
# 3. Use one switch map for two different images: unpool the values of one with the switches of the other. What do you see?
# 4. Use kernel 3 instead of 2 for the upsampling of a U-Net (`kernel_size=3, padding=1` and an `output_padding`). Do you find the checkerboard in its scores?
# 5. Train a network without skips ten times longer. Does it ever get the edges right?
