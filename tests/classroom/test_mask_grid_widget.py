"""What the widget of a mask in its grid computes, without a browser."""

import base64
import io
import re

import pytest
import torch
from PIL import Image

from classroom.widgets import MaskGrid
from classroom.widgets.mask_grid import outline
from coursekit import ops
from coursekit.draw import ACCENT
from coursekit.metrics import boundary_f
from coursekit.models.mask_rcnn import mask_targets

H, W = 60, 90
y, x = torch.meshgrid(torch.arange(H) + 0.5, torch.arange(W) + 0.5, indexing="ij")
DISC = ((x - 40) ** 2 + (y - 30) ** 2) < 20**2
BAR = (x > 70) & (x < 85) & (y > 5) & (y < 55)
MASKS = torch.stack([DISC, BAR])
TARGET = {"boxes": ops.masks_to_boxes(MASKS), "labels": torch.tensor([1, 2]), "masks": MASKS}


@pytest.fixture
def widget():
    return MaskGrid(torch.rand(3, H, W), TARGET, ["apple", "book"])


def numbers(widget):
    """IoU and boundary F in the label."""
    return [float(number) for number in re.findall(r"(?:IoU|F) (\d\.\d{3})", widget.label)]


def pixels(address):
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))


@pytest.mark.parametrize(("chosen", "cells", "threshold"), [(0, 7, 0.5), (1, 20, 0.3), (0, 28, 0.8)])
def test_the_scores_are_those_of_the_operators(widget, chosen, cells, threshold):
    widget.chosen, widget.cells, widget.threshold = chosen, cells, threshold
    box, mask = TARGET["boxes"][chosen : chosen + 1], MASKS[chosen]
    found = ops.paste_masks(mask_targets(mask[None], box, cells)[:, None], box, (H, W))[0, 0] > threshold
    iou = (found & mask).sum() / (found | mask).sum()
    f = boundary_f(found.long(), mask.long(), 2, tolerance=1.0)[1]
    assert numbers(widget) == pytest.approx([float(iou), float(f)], abs=6e-4)
    assert widget.label.startswith(f"{cells} x {cells} cells, threshold {threshold:.2f}: ")
    assert widget.found == outline(found) and widget.truth == outline(mask)
    assert pixels(widget.grid).size == (8 * cells, 8 * cells) and pixels(widget.pasted).size == (W, H)


def test_more_cells_lose_less_and_a_shift_loses_more(widget):
    widget.cells = 4
    coarse = numbers(widget)
    widget.cells = 40
    fine = numbers(widget)
    assert fine[0] > coarse[0] and fine[1] > coarse[1]
    widget.shift = 4.0
    assert numbers(widget)[0] < fine[0] - 0.1 and "shifted by 4 pixels" in widget.label


def test_the_view_follows_the_object(widget):
    assert widget.names == ["1: apple", "2: book"] and widget.view == [14.0, 4.0, 52.0, 52.0]
    widget.chosen = 1
    assert widget.view == [64.0, 0.0, 26.0, 60.0]  # within the image


def test_an_outline_is_every_side_between_inside_and_outside():
    assert outline(torch.zeros(3, 4, dtype=torch.bool)) == ""
    mask = torch.tensor([[1, 1, 0], [0, 1, 0]]).bool()
    sides = set(re.findall(r"M\d+ \d+[vh]1", outline(mask)))
    assert len(sides) == 8 and {"M0 0v1", "M2 0v1", "M1 1v1", "M2 1v1", "M0 1h1", "M1 2h1"} <= sides


def test_a_students_paste_is_asked_and_its_error_is_told():
    asked = []

    def mine(masks, boxes, size):
        asked.append((tuple(masks.shape), boxes.tolist(), size))
        raise RuntimeError("not yet")

    widget = MaskGrid(torch.rand(3, H, W), TARGET, ["apple", "book"], paste=mine, cells=9)
    assert widget.label == "Your function raised RuntimeError: not yet"
    assert asked == [((1, 1, 9, 9), [TARGET["boxes"][0].tolist()], (H, W))]
    assert "0x" not in repr(widget) and "2 objects" in repr(widget)


@pytest.mark.parametrize(
    "target", [{"labels": torch.zeros(0)}, {"masks": torch.zeros(0, H, W), "labels": []}]
)
def test_nothing_to_show_in_words(target):
    with pytest.raises(ValueError, match="at least one object, and its masks"):
        MaskGrid(torch.rand(3, H, W), target, ["apple"])


def test_the_page_uses_the_palette_and_asks_nobody_outside():
    module = str(MaskGrid._esm)
    assert ACCENT in module and "export default" in module
    assert "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1
