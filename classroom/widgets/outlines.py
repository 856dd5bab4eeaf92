"""One click, and the outline of the object under it: what the annotation widget adds when "Click" is chosen."""

import math

import numpy as np
import torch
from torch import Tensor

from coursekit.models.clicked_image import LONGEST_SIDE, ClickedImage
from coursekit.models.clicks import Clicks
from coursekit.models.promptable import PromptableSegmenter
from coursekit.published import shipped

FEWEST = 9  # pixels of a mask that is an object
TOLERANCE = 1 / 400  # of the longer side of the photograph: how far an outline may lie beside the mask's own


class Outliner:
    """Outlines what is clicked on; the network is read from its file at the first click, the photograph is encoded once.

    Args:
        model: the segmenter; by default the shipped one.
        longest_side: that the network sees, pixels.
    """

    def __init__(self, model: PromptableSegmenter | None = None, longest_side: int = LONGEST_SIDE) -> None:
        self.model, self.longest_side = model, longest_side
        self.name, self.clicked = "", None

    def outline(self, name: str, image: Tensor, x: float, y: float, size: tuple[int, int]) -> list[float]:
        """Return the outline of what is at a point, [x1, y1, x2, y2, ...]; empty if the network finds nothing.

        Args:
            name: of the photograph; another one is encoded first.
            image: the photograph or a smaller copy, (3, h, w).
            x, y: the point, in pixels of the photograph.
            size: (width, height) of the photograph.
        """
        if self.model is None:
            self.model = shipped("promptable")
        if self.clicked is None or name != self.name:
            self.name, self.clicked = name, ClickedImage(self.model, image, self.longest_side)
        scale = size[0] / image.shape[2]  # photograph pixels per pixel of the copy
        click = Clicks(torch.tensor([[[x, y]]]) / scale, torch.tensor([[True]]))
        answers = self.clicked.answers(click)
        mask = self.clicked.masks(answers)[0, int(answers.iou[0].argmax())]
        corners = mask_outline(part_at(mask, int(x / scale), int(y / scale)))
        limits = [size[i % 2] for i in range(len(corners))]
        return [round(min(max(v * scale, 0.0), m), 1) for v, m in zip(corners, limits, strict=True)]


def part_at(mask: Tensor, x: int, y: int) -> Tensor:
    """Return the connected part of a mask (H, W) at a pixel; the largest part where the mask is not there."""
    from scipy.ndimage import label

    parts = torch.from_numpy(label(mask.numpy())[0])
    here = int(parts[min(max(y, 0), len(mask) - 1), min(max(x, 0), mask.shape[1] - 1)])
    counts = parts.flatten().bincount()[1:]
    if not len(counts):
        return mask
    return parts == (here or int(counts.argmax()) + 1)


def mask_outline(mask: Tensor) -> list[float]:
    """Return the outer outline of a mask of one part as a COCO polygon, [x1, y1, x2, y2, ...]; empty for a few pixels.

    >>> mask = torch.zeros(8, 8, dtype=torch.bool)
    >>> mask[2:6, 1:7] = True
    >>> sorted(set(mask_outline(mask)[::2]))  # the corners of pixels are cut off
    [1.0, 1.5, 6.5, 7.0]
    """
    from skimage.measure import approximate_polygon, find_contours

    if int(mask.sum()) < FEWEST:
        return []
    contours = find_contours(np.pad(mask.numpy(), 1).astype(float), 0.5)  # of pixel centres, row and column
    longest = max(contours, key=len)
    corners = approximate_polygon(longest, max(TOLERANCE * max(mask.shape), 0.1))[:-1, ::-1] - 0.5
    return [round(float(value), 2) for value in corners.flatten()] if len(corners) >= 3 else []


def box_around(outline: list[float]) -> list[int]:
    """Return the box around an outline [x1, y1, x2, y2, ...], xyxy in whole pixels.

    >>> box_around([1.5, 2, 6.5, 2, 4, 5.2])
    [1, 2, 7, 6]
    """
    across, down = outline[::2], outline[1::2]
    return [math.floor(min(across)), math.floor(min(down)), math.ceil(max(across)), math.ceil(max(down))]
