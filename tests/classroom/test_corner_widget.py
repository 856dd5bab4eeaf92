"""What the widget of corner pooling computes, and its steps, without a browser."""

import pytest
import torch
from matplotlib import colormaps
from matplotlib.colors import to_rgb

from classroom.step_by_step.corners import CORNERS, edge_evidence, pooled_corner, published_radius, source_of
from classroom.widgets import CornerPooling
from coursekit import ops
from coursekit.draw import ACCENT

BOXES = [(4, 2, 10, 7), (0, 0, 3, 9), (7, 3, 8, 4), (1, 6, 12, 9)]


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("corner", CORNERS)
def test_the_sum_is_highest_at_the_corner_and_there_alone(box, corner):
    widget = CornerPooling(box=box, corner=corner)
    total = pooled_corner(torch.tensor(widget.box), (9, 12), corner)[2]
    x, y = box[:2] if corner == "top-left" else (box[2] - 1, box[3] - 1)
    assert widget.peak == [x, y] and total[y, x] == 2 and (total == 2).sum() == 1
    widget.cell = [x, y]
    assert widget.label.endswith(f"Together 2.00: the highest of the map, the {corner} corner.")


@pytest.mark.parametrize("direction", ["left", "top", "right", "bottom"])
def test_the_source_has_the_maximum_and_is_on_the_way(direction):
    values = torch.rand(6, 8, generator=torch.Generator().manual_seed(0)).round(decimals=1)  # with ties
    pooled = ops.corner_pool(values, direction)
    for y in range(6):
        for x in range(8):
            sx, sy = source_of(values, (x, y), direction)
            assert values[sy, sx] == pooled[y, x]
            ahead = {"left": sx - x, "right": x - sx, "top": sy - y, "bottom": y - sy}[direction]
            assert ahead >= 0 and ahead == abs(sx - x) + abs(sy - y)
            between = {"left": values[y, x:sx], "right": values[y, sx + 1 : x + 1]}
            between |= {"top": values[y:sy, x], "bottom": values[sy + 1 : y + 1, x]}
            assert (between[direction] < values[sy, sx]).all()


@pytest.mark.parametrize("direction", ["left", "top", "right", "bottom"])
def test_evidence_lies_inside_the_box_and_is_one_along_its_side(direction):
    values = edge_evidence(torch.tensor([3.0, 2, 10, 7]), (9, 12), direction)
    inside = torch.zeros(9, 12, dtype=torch.bool)
    inside[2:7, 3:10] = True
    assert not values[~inside].any() and values.max() == 1
    side = {"left": values[2], "right": values[6], "top": values[:, 3], "bottom": values[:, 9]}
    assert (side[direction] == 1).sum() >= 3 and (values == 1).sum() == (side[direction] == 1).sum()


def test_the_maps_are_coloured_and_named():
    widget = CornerPooling(box=(3, 2, 10, 7))
    assert widget.titles == ['upper side, pooled "left"', 'left side, pooled "top"', "the sum"]
    _, pooled, total = pooled_corner(torch.tensor(widget.box), (9, 12), "top-left")
    for colours, share in zip(widget.pooled, (*pooled, total / 2), strict=True):
        found = torch.tensor([to_rgb(colour) for colour in colours])
        wanted = torch.tensor(colormaps["magma"](share.flatten().numpy())[:, :3])
        torch.testing.assert_close(found, wanted.float(), rtol=0, atol=0.01)
    widget.corner = "bottom-right"
    assert widget.titles[:2] == ['lower side, pooled "right"', 'right side, pooled "bottom"']


def test_a_cell_beside_the_object_and_one_behind_it():
    widget = CornerPooling(box=(4, 2, 10, 7), cell=(0, 3))
    assert widget.label.startswith(
        "Cell 0, 3 gets 0.50 of the upper side from cell 4, 3 (4 to the right), and nothing of"
    )
    assert widget.label.endswith("Together 0.50; the highest is 2.00, in cell 4, 2.")
    widget.cell = [11, 8]
    assert widget.label.startswith("Cell 11, 8 gets nothing of the upper side, and nothing of the left side.")
    widget.cell = [6, 2]
    assert "1.00 of the upper side from itself" in widget.label


def test_moving_the_object_moves_the_peak():
    widget = CornerPooling()
    before = widget.pooled
    widget.box = [2.0, 3, 8, 8]
    assert widget.peak == [2, 3] and widget.pooled != before


def test_a_students_pooling_is_asked_and_its_error_is_told():
    asked = []

    def mine(features, direction):
        asked.append((tuple(features.shape), direction))
        raise RuntimeError("not yet")

    widget = CornerPooling(pool=mine)
    assert widget.label == "Your corner_pool raised RuntimeError: not yet" and asked == [((9, 12), "left")]
    assert "0x" not in repr(widget) and "\n" not in repr(CornerPooling())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"size": (0, 3)}, "at least one cell"),
        ({"corner": "left"}, "a corner out of"),
        ({"box": (1, 2, 3)}, "left, top, right and bottom"),
        ({"box": (5, 2, 3, 4)}, "left, top, right and bottom"),
        ({"box": (0, 0, 13, 4)}, "12 x 9"),
        ({"cell": (12, 0)}, "A cell is x and y"),
    ],
)
def test_bad_input_in_words(arguments, words):
    with pytest.raises(ValueError, match=words):
        CornerPooling(**arguments)


def test_the_published_radius_is_far_too_large():
    boxes = torch.tensor([[0.0, 0, 10, 10], [2, 3, 8, 24]])
    assert (published_radius(boxes) > 2 * ops.gaussian_radius(boxes)).all()


def test_the_page_uses_the_palette_and_asks_nobody_outside():
    module = str(CornerPooling._esm)
    assert ACCENT in module and "export default" in module
    assert "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1
