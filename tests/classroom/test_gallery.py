"""A gallery: what it draws of targets and of predictions."""

import torch

from classroom.figures.gallery import gallery
from coursekit.data.still_life import CLASSES


def test_gallery_draws_targets_and_predictions_and_leaves_spare_axes_empty():
    target = {"boxes": torch.tensor([[1.0, 1, 9, 9]]), "labels": torch.tensor([3])}
    found = target | {"scores": torch.tensor([0.8]), "masks": torch.ones(1, 1, 20, 30)}
    nothing = {
        "boxes": torch.zeros(0, 4),
        "labels": torch.zeros(0, dtype=torch.int64),
        "scores": torch.zeros(0),
    }
    images = [torch.zeros(3, 20, 30)] * 3
    figure = gallery(
        images, [target] * 3, [found, nothing, found], CLASSES, columns=2, titles=["a", "b", "c"]
    )
    frames = [[patch.get_linestyle() for patch in ax.patches] for ax in figure.axes]
    assert frames == [["--", "-"], ["--"], ["--", "-"], []]
    assert not figure.axes[3].axison and figure.axes[1].get_title() == "b"
