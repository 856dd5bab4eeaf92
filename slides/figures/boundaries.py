"""Part 3: which pixels of a predicted boundary are near the true one."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from meanings import RIGHT, WRONG
from scipy.ndimage import distance_transform_edt
from segmenters import WAYS_UP, label_map, truth
from torch import Tensor
from trained import FIVE

from classroom.figures import canvas, picture, words
from coursekit.data.still_life import CLASSES
from coursekit.draw import draw_image
from coursekit.metrics import boundary_f, iou_of_classes
from coursekit.metrics.semantic import confusion_matrix

MUG = 1 + CLASSES.index("mug")
NEAR = 2  # pixels: 0.75 % of the diagonal of a scene, rounded
TWO = {"fcn32s": "FCN-32s", "unet": WAYS_UP["unet"]}
CLOSER = 4  # pixels of margin around the object


def boundaries_by_hand() -> Figure:
    """The true boundary of a mug, and the predicted one of two networks, near it or not; with both scores."""
    right = truth(FIVE)
    rows, columns = (right == MUG).nonzero(as_tuple=True)
    figure, ax = canvas(545, 390)
    for i, (recipe, name) in enumerate(TWO.items()):
        labels = label_map(recipe, FIVE)
        place = picture(ax, (280 * i, 0), (265, 265))
        _draw(place, labels == MUG, right == MUG)
        half = int(max(rows.max() - rows.min(), columns.max() - columns.min())) / 2 + 4 * CLOSER
        x, y = (float(each.min() + each.max()) / 2 for each in (columns, rows))
        place.set(xlim=(x - half, x + half), ylim=(y + half, y - half))
        confusion = confusion_matrix(labels, right, len(CLASSES) + 1)
        iou = iou_of_classes(confusion)[MUG]
        score = boundary_f(labels, right, len(CLASSES) + 1)[MUG]
        words(ax, 280 * i + 132, 292, name, 28, "black")
        words(ax, 280 * i + 132, 332, f"IoU {iou:.2f}", 28)
        words(ax, 280 * i + 132, 368, f"boundary F {score:.2f}", 28, RIGHT)
    return figure


def _draw(ax: Axes, predicted: Tensor, true: Tensor) -> None:
    """Draw the boundaries of two masks (H, W): the true one grey, the other green where it is near, else red."""
    mine, right = _boundary(predicted), _boundary(true)
    near = torch.from_numpy(distance_transform_edt(~right.numpy()) <= NEAR)
    colours = torch.ones(*mine.shape, 3, dtype=torch.float64)
    for where, colour in ((right, "0.7"), (mine & near, RIGHT), (mine & ~near, WRONG)):
        colours[where] = torch.from_numpy(np.array(to_rgb(colour)))
    draw_image(ax, colours.permute(2, 0, 1))
    ax.spines[:].set(visible=True, color="0.7")


def _boundary(mask: Tensor) -> Tensor:
    """The pixels of a mask (H, W) with a neighbour, above, below, left or right, outside of it."""
    inside = mask.clone()
    inside[1:] &= mask[:-1]
    inside[:-1] &= mask[1:]
    inside[:, 1:] &= mask[:, :-1]
    inside[:, :-1] &= mask[:, 1:]
    return mask & ~inside
