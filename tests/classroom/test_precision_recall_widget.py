"""What the precision-recall widget computes, without a browser."""

import pytest
import torch

from classroom.widgets import PrecisionRecall
from classroom.widgets.precision_recall import PrecisionRecall as Widget

CLASSES = ("cat", "dog")
A, B, NOWHERE = [0.0, 0, 40, 30], [50.0, 0, 90, 30], [0.0, 60, 20, 80]


def truth(*rows, **others):
    labels, boxes = zip(*rows, strict=True) if rows else ((), ())
    return {
        "boxes": torch.tensor(boxes).reshape(-1, 4),
        "labels": torch.tensor(labels, dtype=torch.int64),
    } | others


def found(*rows):
    scores = torch.tensor([row[0] for row in rows])
    return truth(*(row[1:] for row in rows)) | {"scores": scores}


def scene(*rows, size=(90, 120), **others):
    return torch.rand(3, *size), truth(*rows, **others)


@pytest.fixture
def widget():
    dataset = [scene((1, A), (2, B)), scene((1, A), size=(60, 100))]
    predictions = [found((0.9, 1, A), (0.6, 1, A), (0.3, 2, B)), found((0.8, 2, A))]
    return PrecisionRecall(dataset, predictions, CLASSES)


def test_what_is_counted_at_the_threshold(widget):
    assert widget.label == "Score ≥ 0.50: precision 1 / 3 = 0.33, recall 1 / 3 = 0.33"
    assert widget.here == pytest.approx([1 / 3, 1 / 3])
    assert widget.states == ["right", "wrong", "missed"]
    assert widget.captions == ["cat 0.90", "cat 0.60", "dog"]
    assert widget.boxes == [A, A, B]
    assert widget.words == "Picture 0: 1 right, 1 wrong, 1 not found"


def test_sliding_the_threshold_counts_anew(widget):
    widget.threshold = 0.25
    assert widget.label == "Score ≥ 0.25: precision 2 / 4 = 0.50, recall 2 / 3 = 0.67"
    assert widget.here == pytest.approx([2 / 3, 1 / 2])
    assert widget.states == ["right", "wrong", "right"]
    widget.threshold = 0.95
    assert widget.label == "Score ≥ 0.95: precision nothing is said, so none, recall 0 / 3 = 0.00"
    assert widget.states == ["missed", "missed"] and widget.here == [0.0, 1.0]


def test_a_score_of_exactly_the_threshold_counts(widget):
    widget.threshold = 0.75
    before = widget.label
    widget.threshold = widget.judged.found.score[-1]
    assert "1 / 2" in widget.label and widget.label != before


def test_another_picture_has_its_own_size_and_boxes(widget):
    assert (widget.width, widget.height) == (120, 90)
    first, label = widget.picture, widget.label
    widget.shown = 1
    assert (widget.width, widget.height) == (100, 60) and widget.picture != first
    assert widget.states == ["wrong", "missed"] and widget.captions == ["dog 0.80", "cat"]
    assert widget.label == label, "the curve is that of all pictures"


def test_the_curve_goes_through_all_detections(widget):
    assert widget.curve == [
        pytest.approx([1 / 3, 1.0]),
        pytest.approx([1 / 3, 1 / 2]),
        pytest.approx([1 / 3, 1 / 3]),
        pytest.approx([2 / 3, 1 / 2]),
    ]


def test_crowds_are_no_objects():
    dataset = [scene((1, A), (1, B), iscrowd=torch.tensor([0, 1]))]
    widget = PrecisionRecall(dataset, [found((0.9, 1, A), (0.8, 1, B))], CLASSES)
    assert widget.label.endswith("precision 1 / 1 = 1.00, recall 1 / 1 = 1.00")
    assert widget.states == ["right"]


def test_nothing_found_at_all():
    widget = PrecisionRecall([scene((1, A))], [found()], CLASSES)
    assert widget.curve == [] and widget.states == ["missed"]


def test_input_that_cannot_be_shown():
    with pytest.raises(ValueError, match="0 images but 0 predictions"):
        PrecisionRecall([], [], CLASSES)
    with pytest.raises(ValueError, match="1 images but 2 predictions"):
        PrecisionRecall([scene((1, A))], [found(), found()], CLASSES)
    with pytest.raises(ValueError, match="without objects"):
        PrecisionRecall([scene()], [found((0.5, 1, A))], CLASSES)


def test_the_page_asks_nobody_outside(widget):
    module = str(Widget._esm)
    assert "export default" in module and "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1
    assert repr(widget) == f"PrecisionRecall: {widget.label}. {widget.words}"
