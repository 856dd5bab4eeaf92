"""What a figure says without eyes, what fits into it, and who can tell its colours apart."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image

from coursekit import draw
from coursekit.data.still_life import CLASSES

# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB
EYES = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
CONES = [[0.41222, 0.53633, 0.05145], [0.21190, 0.68070, 0.10740], [0.08830, 0.28172, 0.62998]]
OKLAB = [[0.21045, 0.79362, -0.00407], [1.97800, -2.42859, 0.45059], [0.02590, 0.78277, -0.80868]]
LUMINANCE = [0.2126, 0.7152, 0.0722]


def linear(colour: str) -> np.ndarray:
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray, eyes: str) -> np.ndarray:
    seen = (rgb @ np.array(EYES[eyes]).T).clip(0, 1)
    return 100 * np.cbrt(seen @ np.array(CONES).T) @ np.array(OKLAB).T


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    plt.close("all")


@pytest.mark.parametrize("eyes", EYES)
def test_any_two_classes_are_told_apart(eyes):
    seen = oklab(np.stack([linear(colour) for colour in draw.PALETTE]), eyes)
    distances = np.linalg.norm(seen[:, None] - seen, axis=-1) + 99 * np.eye(len(seen))
    assert distances.min() > 10.5


def test_white_text_is_readable_on_every_class():
    assert len(set(draw.PALETTE)) == len(CLASSES)
    for colour in (*draw.PALETTE, draw.ACCENT):
        assert 1.05 / (linear(colour) @ LUMINANCE + 0.05) >= 2.99


def test_pixel_edges_not_pixel_centres():
    _, ax = plt.subplots()
    draw.draw_image(ax, torch.zeros(3, 20, 30))
    assert ax.get_xlim() == (0, 30) and ax.get_ylim() == (20, 0)
    assert tuple(ax.images[0].get_extent()) == (0, 30, 20, 0)


@pytest.mark.parametrize(
    "corner", [(0, 0, 5, 5), (55, 0, 60, 5), (0, 35, 5, 40), (55, 35, 60, 40), (20, 20, 30, 30)]
)
def test_no_caption_leaves_the_picture(corner):
    figure, ax = plt.subplots(figsize=(3, 2))
    label, score = torch.tensor([9]), torch.tensor([0.5])
    draw.draw_boxes(ax, torch.zeros(3, 40, 60), torch.tensor([corner]), label, score, CLASSES)
    figure.canvas.draw()
    (tag,) = [artist for artist in ax.get_children() if isinstance(artist, draw.Tag)]
    words = tag.get_bbox_patch().get_window_extent()
    assert tag.get_text() == "wine glass 0.50"
    assert ax.bbox.x0 - 1 <= words.x0 and words.x1 <= ax.bbox.x1 + 1
    assert ax.bbox.y0 - 1 <= words.y0 and words.y1 <= ax.bbox.y1 + 1


def test_a_mask_tints_its_own_pixels_and_no_others():
    figure = plt.figure(figsize=(1, 1), dpi=100, layout="none")
    ax = figure.add_axes([0, 0, 1, 1])
    masks = torch.zeros(2, 10, 10, dtype=torch.bool)
    masks[0, 2:8, 1:5] = True  # the second mask is empty
    draw.draw_masks(ax, torch.ones(3, 10, 10), masks, torch.tensor([1, 2]), None)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches=figure.bbox_inches)
    seen = np.asarray(Image.open(buffer).convert("RGB")).astype(int)
    assert abs(seen[50, 30] - 255 + 0.45 * (255 - 255 * np.array([0x94, 0, 0x4B]) / 255)).max() < 3
    assert (seen[50, 80] == 255).all() and (seen[5, 5] == 255).all()


def test_draw_iou_says_the_areas():
    _, ax = plt.subplots()
    draw.draw_iou(ax, torch.tensor([0.0, 0, 2, 2]), torch.tensor([1.0, 1, 3, 3]))
    assert ax.get_title() == "IoU = 1 / 7 = 0.143"
    _, ax = plt.subplots()
    draw.draw_iou(ax, torch.zeros(4), torch.zeros(4))
    assert ax.get_title() == "IoU = 0 / 0 = 0.000"
