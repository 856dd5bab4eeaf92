"""Pictures of failing cases of lab 06: anchors at the border of an image, proposed boxes, numbers side by side."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.patches import Rectangle
from torch import Tensor

from coursekit.draw import ACCENT, PALETTE

Picture = tuple[Any, str] | None
MOST = 60  # numbers of a figure


def inside_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The image as a grey sheet and the anchors on it: blue where the answer is right, red where it is wrong."""
    anchors, (height, width) = arguments
    if not len(anchors):
        return None
    figure, ax = plt.subplots(figsize=(3.6, 2.8))
    ax.add_patch(Rectangle((0, 0), width, height, facecolor="0.88"))
    for box, right in zip(anchors.tolist(), (got == wanted).tolist(), strict=True):
        look = {"fill": False, "linewidth": 2, "edgecolor": PALETTE[5] if right else ACCENT}
        ax.add_patch(Rectangle(box[:2], box[2] - box[0], box[3] - box[1], **look))
    low = (anchors.amin(0)[:2].clamp(max=0) - 8).tolist()
    high = (anchors.amax(0)[2:].maximum(torch.tensor([width, height])) + 8).tolist()
    ax.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]), aspect="equal", title="red: wrong")
    return figure, "The image as a grey sheet with the anchors; those that the function got wrong are red."


def numbers_picture(arguments: tuple, got: Any, wanted: Any) -> Picture:
    """A bar for each number of the answer, beside the expected one."""
    yours, right = _flat(got), _flat(wanted)
    if len(yours) != len(right) or not len(right) or len(right) > MOST:
        return None
    figure, ax = plt.subplots(figsize=(5, 2.4))
    x = torch.arange(len(right))
    for shift, values, name in ((-0.2, right, "expected"), (0.2, yours, "yours")):
        ax.bar((x + shift).tolist(), values.tolist(), 0.38, label=name)
    ax.set(xlabel="number of the answer", ylabel="value")
    ax.legend()
    return figure, "A bar for each number of the answer: the expected one and that of the function."


def _flat(value: Any) -> Tensor:
    if value is None:
        return torch.zeros(0)
    parts = (
        value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else [value]
    )
    flat = torch.cat([torch.as_tensor(part).detach().flatten().float() for part in parts])
    return flat.nan_to_num(0, posinf=0, neginf=0)
