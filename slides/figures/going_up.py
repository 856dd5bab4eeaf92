"""Part 3: transposed convolution cell by cell and in three views, checkerboards, and switches."""

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure

from classroom.figures import stamping
from coursekit import ops

KERNEL = torch.tensor([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]])  # changes when it is flipped
POOLED_MAP = torch.tensor(
    [[1.0, 5.0, 2.0, 0.0], [3.0, 2.0, 1.0, 7.0], [0.0, 4.0, 6.0, 1.0], [2.0, 1.0, 3.0, 2.0]]
)


def stamp_by_stamp() -> list[Figure]:
    """A transposed convolution of stride 2: nothing yet, then one stamp for each cell of the input."""
    return [stamping.stamp_step(step, kernel=KERNEL) for step in range(stamping.EXAMPLE.numel() + 1)]


def zeros_in_between() -> Figure:
    """The same output, as a convolution of the input with zeros between its cells."""
    return _readable(stamping.zeros_between(kernel=KERNEL, figsize=(11.5, 4.2)))


def a_matrix_and_its_transpose() -> Figure:
    """A convolution of nine places in a row, kernel (1, 2, 1), stride 2, as a matrix, and its transpose."""
    places = torch.eye(9)[:, None]  # a row with a single 1 in each place: (9, 1, 9)
    matrix = torch.nn.functional.conv1d(places, torch.tensor([[[1.0, 2.0, 1.0]]]), stride=2)[:, 0].T  # (4, 9)
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 4.3), width_ratios=(9, 4))
    for ax, (name, each) in zip(axes, {"9 numbers to 4": matrix, "4 to 9": matrix.T}.items(), strict=True):
        stamping.draw_cells(ax, each, name, shade=2 * each.sign(), empty=each == 0)
    return figure


def how_often_covered() -> Figure:
    """How many stamps cover each place: kernel 3 and kernel 4, both with stride 2."""
    ones, named = torch.ones(1, 1, 3, 4), {}
    for size in (3, 4):
        kernel = torch.ones(1, 1, size, size)
        named[f"kernel {size}, stride 2"] = ops.conv_transpose2d(ones, kernel, stride=2)[0, 0]
    return _readable(stamping.overlap_maps(named, (11.5, 4.3)))


def _readable(figure: Figure) -> Figure:
    """The figure with numbers that the last row can read."""
    for ax in figure.axes:
        for text in ax.texts:
            text.set_fontsize("small")
    return figure


def pooled_and_back() -> Figure:
    """A map, its maxima, and two ways back: into the places that the switches remember, and by copies."""
    pooled, places = torch.nn.functional.max_pool2d(POOLED_MAP[None, None], 2, return_indices=True)
    back = ops.max_unpool2d(pooled, places, 2)[0, 0]
    copies = pooled[0, 0].repeat_interleave(2, 0).repeat_interleave(2, 1)
    return stamping.switches(
        POOLED_MAP, pooled[0, 0], places[0, 0], {"with switches": back, "copied": copies}, (11.5, 3.4)
    )
