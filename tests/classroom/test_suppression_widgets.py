"""What the widgets of lab 03 compute, without a browser: suppression in steps, a threshold, a camera."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from classroom.widgets import Camera, NmsStepper, PhotoInput, ThresholdSlider
from coursekit import ops
from coursekit.draw import ACCENT, colour_of

HEAP = torch.tensor([[0.0, 0, 20, 10], [1, 0, 21, 10], [40, 0, 60, 20], [2, 1, 22, 12]])
SCORES = torch.tensor([0.6, 0.9, 0.7, 0.5])


def fails(boxes, scores, threshold):
    raise RuntimeError("sizes differ")


def test_each_step_keeps_one_box_and_removes_its_duplicates():
    stepper = NmsStepper(HEAP, SCORES)
    assert stepper.steps == 2 and stepper.states == ["waiting"] * 4
    assert stepper.label == "Step 0 of 2: 4 boxes wait."
    stepper.step = 1
    assert stepper.states == ["removed", "best", "waiting", "removed"]
    assert stepper.captions == ["", "0.90", "", ""]
    assert stepper.colours == [ACCENT, colour_of(6), colour_of(6), ACCENT]
    assert stepper.label == "Step 1 of 2: keep 0.90, remove 2 (IoU 0.69 to 0.90)."
    stepper.step = 2
    assert stepper.states == ["hidden", "kept", "best", "hidden"]
    assert "0x" not in repr(stepper)


def test_another_threshold_makes_other_steps():
    stepper = NmsStepper(HEAP, SCORES)
    stepper.step = 2
    stepper.threshold = 0.95
    assert stepper.steps == 4 and stepper.step == 2
    stepper.step = 4
    assert stepper.states == ["kept", "kept", "kept", "best"]
    stepper.threshold = 0.1
    assert stepper.steps == stepper.step == 2


@pytest.mark.parametrize(
    ("nms", "words"),
    [
        (ops.nms, "Your nms keeps the same."),
        (lambda boxes, scores, threshold: torch.tensor([2, 0]), "Your nms keeps [2, 0], not [1, 2]."),
        (fails, "Your nms raised RuntimeError: sizes differ"),
        (lambda boxes, scores, threshold: None, "Your nms raised"),
    ],
)
def test_after_the_last_step_the_students_function_is_asked(nms, words):
    stepper = NmsStepper(HEAP, SCORES, nms=nms)
    stepper.step = 1
    assert "Your nms" not in stepper.label
    stepper.step = 2
    assert words in stepper.label


def test_no_box_is_no_step():
    stepper = NmsStepper(torch.zeros(0, 4), torch.zeros(0))
    assert stepper.steps == 0 and stepper.label == "Step 0 of 0: 0 boxes wait."


def test_boxes_and_scores_must_fit():
    with pytest.raises(ValueError, match="do not fit"):
        NmsStepper(HEAP, SCORES[:2])


TRUTH = {"boxes": HEAP[1:3], "labels": torch.tensor([1, 2])}
LABELS = torch.tensor([1, 1, 2, 2])


def test_a_threshold_hides_boxes_and_counts_the_rest():
    slider = ThresholdSlider(HEAP, SCORES, LABELS, ("cup", "spoon"), truth=TRUTH, threshold=0.65)
    assert slider.states == ["hidden", "kept", "kept", "hidden"]
    assert slider.captions == ["", "cup 0.90", "spoon 0.70", ""]
    assert slider.label == "2 boxes score 0.65 or more: 2 of 2 objects found, 0 duplicates, 0 other."
    slider.threshold = 0.0
    assert slider.label == "4 boxes score 0.00 or more: 2 of 2 objects found, 1 duplicates, 1 other."
    slider.threshold = 1.0
    assert slider.states == ["hidden"] * 4 and "0 of 2 objects found" in slider.label


def test_without_a_truth_boxes_are_only_counted_and_a_crowd_has_no_names():
    slider = ThresholdSlider(HEAP.repeat(4, 1), SCORES.repeat(4), LABELS.repeat(4), ("cup", "spoon"))
    assert slider.label == "16 boxes score 0.30 or more." and set(slider.captions) == {""}


def address_of(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="jpeg")
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def test_a_picture_of_the_camera_replaces_the_stored_one():
    widget = PhotoInput("coffee", longest_side=50)
    widget.camera.shot = address_of(np.full((40, 100, 3), 255, np.uint8))
    assert widget.image.shape == (3, 20, 50) and widget.image.min() > 0.95
    assert widget.status.value.startswith("camera: 100 x 40 pixels, made smaller to 50 x 20.")


def test_a_broken_picture_of_the_camera_is_told():
    widget = PhotoInput("coffee")
    before = widget.image
    widget.camera.shot = "data:image/jpeg;base64,AAAA"
    assert widget.image is before and "camera cannot be used" in widget.status.value


@pytest.mark.parametrize("widget", [NmsStepper, Camera])
def test_the_pages_ask_nobody_outside(widget):
    module = str(widget._esm)
    assert "export default" in module and "import " not in module and "fetch(" not in module
    assert (
        module.count("http") - module.count("with https") == module.count("http://www.w3.org/2000/svg") <= 1
    )
