"""How good masks are after 1, 2, 3 … clicks, each in the middle of what is still wrong."""

import numpy as np
import torch
from torch import Tensor

from coursekit.metrics.interval import Interval
from coursekit.models.clicks import central_clicks
from coursekit.models.promptable import Encoded, PromptableSegmenter, full_size
from coursekit.schema import Items

CLICKS, REPEATS = 5, 2000


@torch.no_grad()
def click_ious(
    model: PromptableSegmenter, dataset: Items, clicks: int = CLICKS
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the IoU of every object's mask after 1, 2, … clicks, its label and the number of its image.

    The masks are compared at the size of the image; of several answers the one with the highest predicted IoU counts.

    Shapes: -> (P, clicks), (P,), (P,).
    """
    model.eval()
    rows, labels, images = [], [], []
    for i in range(len(dataset)):
        x, target = dataset[i]
        if not len(target["labels"]):
            continue
        encoded = model.encode([x])
        rows.append(ious_of_image(model, encoded, target["masks"], clicks))
        labels.append(target["labels"])
        images.append(torch.full_like(target["labels"], i))
    return torch.cat(rows), torch.cat(labels), torch.cat(images)


def ious_of_image(model: PromptableSegmenter, encoded: Encoded, truth: Tensor, count: int) -> Tensor:
    """Return the IoU of each object of one image after 1, 2, … clicks: (G, H, W) bool -> (G, count)."""
    encoded = encoded.of(torch.zeros(len(truth), dtype=torch.int64))
    clicks = central_clicks(torch.zeros_like(truth), truth, 1)
    so_far, ious = None, []
    for number in range(count):
        so_far = model.decode(encoded, model.prompts(encoded, clicks), so_far).best()
        found = full_size(so_far, (truth.shape[1], truth.shape[2])) > 0.5
        ious.append((found & truth).sum((1, 2)) / (found | truth).sum((1, 2)))
        if number + 1 < count:
            clicks = clicks.and_then(central_clicks(found, truth, 1))
    return torch.stack(ious, 1)


def click_intervals(ious: Tensor, images: Tensor) -> dict[str, Interval]:
    """Return the mean over the objects after 1, 2, … clicks: {"iou_1": (mean, low, high), ...}.

    Whole images are drawn again for the interval, because what makes one object hard makes its neighbours hard.

    Shapes: (P, clicks), (P,).

    >>> click_intervals(torch.tensor([[0.5, 1.0], [0.5, 1.0]]), torch.tensor([0, 3]))
    {'iou_1': (0.5, 0.5, 0.5), 'iou_2': (1.0, 1.0, 1.0)}
    """
    numbers, places = images.unique(return_inverse=True)
    sums = torch.zeros(len(numbers), ious.shape[1], dtype=torch.float64).index_add(0, places, ious.double())
    counts = places.bincount()  # objects per image
    drawn = torch.from_numpy(np.random.default_rng(0).integers(len(numbers), size=(REPEATS, len(numbers))))
    means = sums[drawn].sum(1) / counts[drawn].sum(1, keepdim=True)  # (REPEATS, clicks)
    low, high = means.quantile(torch.tensor([0.025, 0.975], dtype=torch.float64), dim=0).tolist()
    mean = (sums.sum(0) / counts.sum()).tolist()
    return {f"iou_{i + 1}": each for i, each in enumerate(zip(mean, low, high, strict=True))}
