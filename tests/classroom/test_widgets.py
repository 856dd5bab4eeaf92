"""What the widgets compute, without a browser."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from classroom.widgets import BoxIoU, PhotoInput, PredictionBrowser, SetMatcher
from coursekit.data.still_life import CLASSES
from coursekit.draw import ACCENT, PALETTE


def test_boxes_that_move_change_label_and_formula():
    widget = BoxIoU(box_a=(0, 0, 20, 20), box_b=(10, 10, 30, 30))
    assert widget.label == "IoU = 0.143"
    assert widget.formula == "intersection 100 / union (400 + 400 - 100 = 700) = 0.143"
    widget.box_b = [0, 0, 20, 20]
    assert widget.label == "IoU = 1.000"
    widget.box_b = [20, 0, 40, 20]
    assert widget.label == "IoU = 0.000"
    assert "IoU = 0.000" in repr(widget) and "0x" not in repr(widget)


def test_the_students_function_gives_the_label():
    calls = []

    def mine(a, b):
        calls.append((tuple(a.shape), tuple(b.shape)))
        return torch.full((len(a), len(b)), 0.25)

    assert BoxIoU(mine).label == "IoU = 0.250"
    assert calls == [((1, 4), (1, 4))]


def fails(a, b):
    raise RuntimeError("sizes differ")


@pytest.mark.parametrize(
    ("iou", "words"),
    [
        (fails, "raised RuntimeError: sizes differ"),
        (lambda a, b: None, "gave None"),
        (lambda a, b: ..., "raised"),
        (lambda a, b: torch.zeros(1, 1) / 0, "NaN"),
        (lambda a, b: torch.zeros(2, 3), "(2, 3)"),
        (lambda a, b: torch.full((1, 1), 1.3), "1.300, which is not between 0 and 1"),
        (lambda a, b: 0.5, "IoU = 0.500"),
    ],
)
def test_a_wrong_function_is_told_in_words(iou, words):
    assert words in BoxIoU(iou).label


def test_the_picture_is_inside_and_the_boxes_fit_it():
    widget = BoxIoU(image=torch.rand(3, 60, 80))
    assert (widget.width, widget.height) == (80, 60)
    assert widget.picture.startswith("data:image/jpeg;base64,")
    assert all(0 <= side <= 80 for side in (*widget.box_a, *widget.box_b))


def test_a_box_is_four_numbers():
    with pytest.raises(ValueError, match="four numbers"):
        BoxIoU(box_a=(1, 2, 3))


def test_the_page_uses_the_palette_and_asks_nobody_outside():
    module = str(BoxIoU._esm)
    assert PALETTE[5] in module and ACCENT in module and "export default" in module
    assert "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1


def scene(label, box):
    return torch.rand(3, 20, 30), {"boxes": torch.tensor([box]), "labels": torch.tensor([label])}


def prediction(label, box):
    return {"boxes": torch.tensor([box]), "labels": torch.tensor([label]), "scores": torch.tensor([0.9])}


@pytest.fixture
def browser():
    dataset = [scene(1, [0.0, 0, 10, 10]), scene(2, [0.0, 0, 10, 10]), scene(3, [0.0, 0, 10, 10])]
    found = [
        prediction(1, [0.0, 0, 10, 10]),
        prediction(9, [15.0, 5, 20, 10]),
        prediction(3, [0.0, 0, 10, 5]),
    ]
    return PredictionBrowser(dataset, found, CLASSES)


def test_worst_prediction_comes_first(browser):
    assert browser.order == [1, 2, 0]
    assert browser.words == "Image 1: truth pear; predicted wine glass; IoU 0.00"
    assert 'alt="Image 1: truth pear' in browser.view.value


def test_buttons_and_slider_step_and_stop_at_the_ends(browser):
    assert browser.previous.disabled and not browser.next.disabled
    browser.previous.click()
    assert browser.slider.value == 1 and "Rank 1 of 3. Image 1" in browser.view.value
    browser.next.click()
    assert browser.words == "Image 2: truth lemon; predicted lemon; IoU 0.50"
    assert "lemon; IoU 0.50" in browser.view.value
    browser.next.click()
    browser.next.click()
    assert browser.slider.value == 3 and browser.words.startswith("Image 0")
    assert browser.next.disabled and not browser.previous.disabled


def test_one_prediction_an_image():
    with pytest.raises(ValueError, match="1 images but 0 predictions"):
        PredictionBrowser([scene(1, [0.0, 0, 1, 1])], [], CLASSES)


def upload(widget, name, content):
    """As the page sends it: in parts, each after the answer to the one before."""
    heard = []
    widget.upload.send = lambda message: heard.append(message["kind"])
    widget.upload._handle_custom_msg({"kind": "begin", "name": name}, [])
    for start in range(0, len(content), 100):
        widget.upload._handle_custom_msg({"kind": "part"}, [memoryview(content[start : start + 100])])
    widget.upload._handle_custom_msg({"kind": "end"}, [])
    assert heard == ["next"] * (1 + (len(content) + 99) // 100) + ["done"]


def test_own_photograph_replaces_the_stored_one():
    widget = PhotoInput("coffee", longest_side=50)
    assert widget.image.shape[0] == 3
    buffer = io.BytesIO()
    Image.fromarray(np.full((40, 100, 3), 255, np.uint8)).save(buffer, format="png")
    upload(widget, "white.png", buffer.getvalue())
    assert widget.image.shape == (3, 20, 50) and widget.image.min() > 0.99
    said = "white.png: 100 x 40 pixels, made smaller to 50 x 20. Now run the next cell again."
    assert widget.status.value == said and 'alt="white.png"' in widget.view.value


def test_a_broken_upload_is_told_and_the_photograph_stays():
    widget = PhotoInput("coffee")
    before = widget.image
    upload(widget, "<b>.png", b"this is not an image")
    assert widget.image is before
    assert "&lt;b&gt;.png cannot be used" in widget.status.value


def test_a_photograph_from_a_path(tmp_path):
    Image.new("RGB", (30, 20), "red").save(tmp_path / "red.png")
    widget = PhotoInput("coffee")
    widget.path.value = f'"{tmp_path / "red.png"}"'
    assert widget.image.shape == (3, 20, 30) and widget.status.value.startswith("red.png: 30 x 20 pixels. ")
    widget.path.value = str(tmp_path / "blue.png")
    assert "blue.png cannot be used: the image file" in widget.status.value and widget.image.shape[1] == 20


PREDICTED = [[0.0, 0, 40, 40], [100, 0, 140, 40], [200, 0, 240, 40]]
TRUTH = [PREDICTED[2], PREDICTED[0], PREDICTED[1]]


def test_ways_to_pair_three_objects_with_three_slots():
    widget = SetMatcher(PREDICTED, TRUTH)
    assert len(widget.ways) == 6 and widget.ways[widget.cheapest] == [2, 0, 1]
    assert widget.label.endswith(f"The cheapest is way {widget.cheapest + 1}: 0.000.")
    widget.way = widget.cheapest
    assert widget.slots.tolist() == [2, 0, 1]
    assert widget.label.startswith(f"Way {widget.cheapest + 1} of 6 costs 0.000.")
    assert "0x" not in repr(widget) and "3 objects, 3 slots" in repr(widget)


def test_a_dragged_slot_changes_costs_and_the_cheapest_way():
    widget = SetMatcher(PREDICTED, TRUTH)
    before = widget.cheapest
    widget.predicted = [PREDICTED[1], PREDICTED[0], PREDICTED[2]]
    assert widget.ways[widget.cheapest] == [2, 1, 0] and widget.cheapest != before
    assert widget.costs[0] == pytest.approx([1 + 100 / 140 - 40 / 140, 1 + 200 / 240 - 40 / 240, 0], abs=0.2)


def test_more_slots_than_objects_and_a_cost_of_ones_own():
    widget = SetMatcher(PREDICTED, TRUTH[:2], cost=lambda p, t: torch.tensor([[3.0, 1, 2], [1, 9, 9]]))
    assert len(widget.ways) == 6 and widget.ways[widget.cheapest] == [1, 0]
    assert widget.costs == [[3, 1, 2], [1, 9, 9]]


@pytest.mark.parametrize("cost", [fails, lambda p, t: None, lambda p, t: torch.zeros(1, 1)])
def test_a_wrong_cost_is_told_in_words(cost):
    assert SetMatcher(PREDICTED, TRUTH, cost).label.startswith("Your cost function raised ")


@pytest.mark.parametrize(("slots", "objects"), [(0, 0), (2, 0), (1, 2), (5, 5)])
def test_too_few_or_too_many_boxes_in_words(slots, objects):
    with pytest.raises(ValueError, match=f"There are {objects} objects and {slots} slots"):
        SetMatcher(torch.rand(slots, 4), torch.rand(objects, 4))


def test_the_matching_page_asks_nobody_outside():
    module = str(SetMatcher._esm)
    assert all(colour in module for colour in (PALETTE[5], ACCENT)) and "export default" in module
    assert "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1
