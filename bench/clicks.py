"""Masks after 1 to 5 clicks on real photographs: `python bench/clicks.py [longest side]` prints one line per photograph.

The photographs are scikit-image's with the course's annotations, the network is the shipped one, and a simulated user
clicks in the middle of what is still wrong. Nothing is chosen on these photographs.
"""

import sys

import torch
from torch import Tensor

from coursekit import ops, shipped
from coursekit.data.photos import photo, photo_target
from coursekit.models.clicked_image import LONGEST_SIDE, ClickedImage
from coursekit.models.clicks import central_clicks

PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "coffee", "coins", "rocket")
CLICKS = 5


def click_ious(clicked: ClickedImage, truth: Tensor, count: int = CLICKS) -> Tensor:
    """Return the IoU of each object's mask after 1, 2, … clicks: (G, H, W) bool -> (G, count)."""
    clicks, so_far, ious = central_clicks(torch.zeros_like(truth), truth, 1), None, []
    for _ in range(count):
        answers = clicked.answers(clicks, so_far=so_far)
        so_far = answers.best()
        found = clicked.masks(answers)[torch.arange(len(truth)), answers.iou.argmax(1)]
        ious.append(ops.mask_iou(found, truth).diagonal())
        clicks = clicks.and_then(central_clicks(found, truth, 1))
    return torch.stack(ious, 1)


def main(longest_side: int) -> None:
    torch.set_num_threads(1)
    model, rows = shipped("promptable"), []
    for name in PHOTOGRAPHS:
        ious = click_ious(ClickedImage(model, photo(name), longest_side), photo_target(name)["masks"])
        rows.append(ious)
        print(f"{name:10s} {len(ious):2d} objects: {said(ious)}")
    print(f"mean of the {len(rows)} photographs: {said(torch.stack([ious.mean(0) for ious in rows]))}")
    print(f"mean of the {sum(map(len, rows))} objects: {said(torch.cat(rows))}")


def said(ious: Tensor) -> str:
    return "  ".join(f"{value:.3f}" for value in ious.mean(0).tolist())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LONGEST_SIDE)
