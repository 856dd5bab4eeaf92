"""What the widget that peels stacks of hourglasses computes, without a browser."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from classroom.widgets.pictures import heat_url
from classroom.widgets.stack_peeling import StackPeeler
from coursekit import ops
from coursekit.models.hourglass import channels_of

NAMES = ("center", "top", "base")
PLACES = torch.tensor(
    [[[20.0, 20.0], [28.0, 12.0], [20.0, 40.0]], [[60.0, 36.0], [70.0, 30.0], [52.0, 44.0]]]
)


def scene(visibility=2.0, size=(64, 96)):
    keypoints = torch.cat([PLACES, torch.full((2, 3, 1), visibility)], 2)
    boxes = torch.tensor([[10.0, 8, 40, 48], [40.0, 20, 80, 50]])  # 40 pixels long both
    return torch.rand(3, *size), {"labels": torch.tensor([1, 2]), "boxes": boxes, "keypoints": keypoints}


def drawn(places, size=(6, 8, 12)):
    """Heat maps of stride 8 with a Gaussian at each place, of classes 1 and 2."""
    cells = ops.to_cells(places.flatten(0, 1), 8)
    return ops.gaussian_heatmap(cells, channels_of(torch.tensor([1, 2])).flatten(), size, 1.25)


@pytest.fixture
def peeler():
    """Two pictures; after stack 1 all points are 8 pixels too far to the right, after stack 2 they are right."""
    stacks = torch.stack([drawn(PLACES + torch.tensor([8.0, 0.0])), drawn(PLACES)])
    return StackPeeler([scene(), scene(0.0)], stacks[:, None].expand(-1, 2, -1, -1, -1), channels_of, NAMES)


def test_the_error_falls_as_stacks_are_put_on(peeler):
    assert (peeler.stacks, peeler.stack, peeler.names) == (2, 1, list(NAMES))
    assert peeler.errors == [pytest.approx(0.2, abs=0.02), pytest.approx(0.0, abs=0.02)]
    assert peeler.label == (
        f"After stack 1 of 2: center, 2 points, mean error {peeler.errors[0]:.3f} of the object's longer side."
    )
    before = peeler.heat
    peeler.stack = 2
    assert peeler.label.startswith("After stack 2 of 2: center") and peeler.heat != before
    torch.testing.assert_close(torch.tensor(peeler.found), PLACES[:, 0], atol=1.0, rtol=0)


def test_another_key_point(peeler):
    peeler.stack, peeler.point = 2, 1
    assert peeler.true == PLACES[:, 1].tolist() and ": top, 2 points" in peeler.label
    torch.testing.assert_close(torch.tensor(peeler.found), PLACES[:, 1], atol=1.0, rtol=0)


def test_a_picture_whose_points_are_outside(peeler):
    first = peeler.picture
    peeler.shown = 1
    assert peeler.picture != first and (peeler.width, peeler.height) == (96, 64)
    assert peeler.true == peeler.found == [] and peeler.errors == [None, None]
    assert peeler.label.endswith("0 points, none of them shows.")


def test_heat_is_transparent_where_nothing_is():
    heat = torch.zeros(2, 3, 5)
    heat[1, 2, 4] = 1.0
    content = base64.b64decode(heat_url(heat).partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    assert pixels.shape == (3, 5, 4) and pixels[2, 4, 3] > 200
    assert pixels[..., 3].sum() == pixels[2, 4, 3]


def test_input_that_cannot_be_shown():
    with pytest.raises(ValueError, match="0 images but heat maps"):
        StackPeeler([], torch.zeros(2, 0, 6, 8, 12), channels_of, NAMES)
    with pytest.raises(ValueError, match="N images"):
        StackPeeler([scene()], torch.zeros(2, 3, 6, 8, 12), channels_of, NAMES)


def test_the_page_asks_nobody_outside(peeler):
    module = str(StackPeeler._esm)
    assert "export default" in module and "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1
    assert repr(peeler).startswith("StackPeeler: 2 pictures, 2 stacks. After stack 1 of 2")
