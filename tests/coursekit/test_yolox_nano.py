"""The COCO detector: photographs, decoding against a loop, bad input."""

import math
import shutil
from pathlib import Path

import pytest
import skimage.data
import torch
from safetensors.torch import load_file

from coursekit.models.yolox_nano import (
    COCO_CATEGORY_IDS,
    COCO_CLASSES,
    GREY,
    STRIDES,
    YoloxNano,
    decode,
    letterbox,
    select,
    yolox_nano,
)
from coursekit.nets.csp_darknet import focus
from coursekit.ops import box_iou
from coursekit.schema import validate

CHECKPOINTS = Path(__file__).parents[2] / "data" / "checkpoints"


@pytest.fixture(scope="module")
def model():
    return yolox_nano()


def photograph(name):
    pixels = getattr(skimage.data, name)()
    pixels = pixels[0] if isinstance(pixels, tuple) else pixels
    return torch.tensor(pixels).permute(2, 0, 1) / 255


def test_the_objects_of_photographs_are_found_where_they_are(model):
    expected = {  # read off the photographs, in pixels
        "chelsea": ("cat", [0, 0, 451, 300], 0.85),
        "coffee": ("cup", [173, 18, 408, 308], 0.8),
        "astronaut": ("person", [15, 20, 370, 512], 0.9),
        "stereo_motorcycle": ("motorcycle", [110, 70, 710, 445], 0.9),
    }
    images = [photograph(name) for name in expected]
    for image, found, (name, box, iou) in zip(images, model(images), expected.values(), strict=True):
        validate([found], [image], num_classes=80)
        assert COCO_CLASSES[found["labels"][0] - 1] == name
        assert box_iou(found["boxes"][:1], torch.tensor([box])) > iou
        assert (found["scores"].diff() <= 0).all() and found["scores"][0] > 0.6


def test_a_batch_of_different_sizes_answers_as_one_image_at_a_time(model):
    images = [photograph("coffee"), photograph("chelsea")[:, ::3, :], torch.rand(3, 40, 31)]
    for together, image in zip(model.detect(images), images, strict=True):
        (alone,) = model.detect([image])
        assert together["labels"].equal(alone["labels"])
        torch.testing.assert_close(together["boxes"], alone["boxes"], atol=1e-2, rtol=0)


def test_boxes_are_pixels_of_the_image_as_given(model):
    small = photograph("astronaut")
    large = torch.nn.functional.interpolate(small[None], scale_factor=(1, 2))[0]
    boxes = [model.detect([image])[0]["boxes"][0] for image in (small, large)]
    assert box_iou(boxes[1][None], (boxes[0] * torch.tensor([2, 1, 2, 1]))[None]) > 0.85


def test_outputs_are_raw(model):
    batch, _ = letterbox([photograph("coffee")], size=256)
    raw = model.outputs(torch.cat([batch, batch])[..., :192, :])
    for level, maps in raw.items():
        grid = (192 // STRIDES[level], 256 // STRIDES[level])
        shapes = {name: tuple(values.shape) for name, values in maps.items()}
        assert shapes == {"offsets": (2, 4, *grid), "objectness": (2, 1, *grid), "scores": (2, 80, *grid)}
        assert maps["objectness"].min() < -1  # no sigmoid yet


def test_decode_equals_a_loop_over_cells():
    grids = {"P3": (4, 6), "P4": (2, 3), "P5": (1, 2)}
    raw = {
        level: {
            "offsets": torch.randn(2, 4, *grid),
            "objectness": torch.randn(2, 1, *grid),
            "scores": torch.randn(2, 80, *grid),
        }
        for level, grid in grids.items()
    }
    boxes, scores = decode(raw)
    cells = [(level, y, x) for level, (h, w) in grids.items() for y in range(h) for x in range(w)]
    assert boxes.shape == (2, len(cells), 4) and scores.shape == (2, len(cells), 80)
    for a, (level, y, x) in enumerate(cells):
        dx, dy, log_width, log_height = raw[level]["offsets"][1, :, y, x].tolist()
        width, height = math.exp(log_width) * STRIDES[level], math.exp(log_height) * STRIDES[level]
        left, top = (x + dx) * STRIDES[level] - width / 2, (y + dy) * STRIDES[level] - height / 2
        torch.testing.assert_close(boxes[1, a], torch.tensor([left, top, left + width, top + height]))
        objectness, score = raw[level]["objectness"][1, 0, y, x], raw[level]["scores"][1, 7, y, x]
        expected = 1 / (1 + math.exp(-objectness)) / (1 + math.exp(-score))
        assert scores[1, a, 7].item() == pytest.approx(expected, abs=1e-6)


def test_decoding_and_suppression_can_be_ones_own(model):
    asked = []

    def mine(outputs):
        asked.append(sorted(outputs))
        boxes, scores = decode(outputs)
        return boxes, torch.where(torch.arange(80) == COCO_CLASSES.index("cup"), scores, 0.0)

    def all_of_them(boxes, scores, idxs, iou_threshold):
        asked.append(iou_threshold)
        return scores.argsort(descending=True)

    (found,) = model.detect([photograph("coffee")], decode=mine, nms=all_of_them)
    assert asked == [["P3", "P4", "P5"], 0.45]
    assert len(found["labels"]) > 1 and {COCO_CLASSES[k - 1] for k in found["labels"]} == {"cup"}


def test_nothing_confident_is_an_empty_prediction():
    found = select(torch.rand(5, 4), torch.zeros(5, 80), (30, 40), 0.3, 0.45)
    assert found["boxes"].shape == (0, 4)
    assert found["labels"].dtype == torch.int64 and len(found["scores"]) == 0


def test_a_box_in_the_grey_border_is_no_detection():
    boxes = torch.tensor([[10.0, 10, 20, 20], [50, 5, 60, 15], [35, 5, 60, 15]])
    scores = torch.zeros(3, 80)
    scores[:, 4] = torch.tensor([0.5, 0.9, 0.7])
    found = select(boxes, scores, (30, 40), 0.3, 0.45)
    assert found["boxes"].tolist() == [[35, 5, 40, 15], [10, 10, 20, 20]]
    assert found["labels"].tolist() == [5, 5]


def test_letterbox_keeps_the_proportions():
    images = [torch.ones(3, 30, 60), torch.zeros(3, 100, 50)]
    batch, scales = letterbox(images, size=64)
    assert batch.shape == (2, 3, 64, 64)
    assert (batch[0, :, :32] == 1).all() and (batch[0, :, 32:] == GREY).all()
    assert (batch[1, :, :, :32] == 0).all() and (batch[1, :, :, 32:] == GREY).all()
    torch.testing.assert_close(scales, torch.tensor([[64 / 60, 32 / 30] * 2, [0.64] * 4]))


def test_focus_loses_no_pixel():
    pixels = torch.arange(2 * 3 * 4 * 6.0).reshape(2, 3, 4, 6)
    moved = focus(pixels)
    assert moved.shape == (2, 12, 2, 3)
    assert moved[1, 0:3].equal(pixels[1, :, ::2, ::2])
    assert moved[1, 3:6].equal(pixels[1, :, 1::2, ::2])  # the row below comes before the column to the right
    assert moved.unique().equal(pixels.unique())


def test_the_classes_are_those_of_coco():
    assert len(COCO_CLASSES) == len(set(COCO_CLASSES)) == len(COCO_CATEGORY_IDS) == 80
    ids = dict(zip(COCO_CLASSES, COCO_CATEGORY_IDS, strict=True))
    known = {
        "person": 1,
        "stop sign": 13,
        "backpack": 27,
        "wine glass": 46,
        "dining table": 67,
        "toothbrush": 90,
    }
    assert {name: ids[name] for name in known} == known


def test_the_checkpoint_is_the_whole_network_and_small():
    tensors = load_file(CHECKPOINTS / "yolox_nano.safetensors")
    assert {name: value.shape for name, value in tensors.items()} == {
        name: value.shape for name, value in YoloxNano().state_dict().items()
    }
    assert {value.dtype for value in tensors.values()} == {torch.float16}


def test_no_image_no_prediction(model):
    assert model.detect([]) == []


@pytest.mark.parametrize(
    "image, words",
    [
        (torch.full((3, 30, 40), 128.0), "divide by 255"),
        (torch.zeros(3, 30, 40, dtype=torch.uint8), "divide by 255"),
        (torch.zeros(30, 40, 3), "channels come first"),
        (torch.full((3, 30, 40), float("nan")), "NaN"),
    ],
)
def test_wrong_images_are_answered_in_words(model, image, words):
    with pytest.raises(ValueError, match=words):
        model.detect([torch.zeros(3, 20, 20), image])


def test_a_batch_of_odd_size_is_answered_in_words(model):
    with pytest.raises(ValueError, match="letterbox"):
        model.outputs(torch.zeros(1, 3, 100, 64))


def test_a_missing_checkpoint_names_the_remedy(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="git checkout"):
        yolox_nano()


@pytest.mark.parametrize("length", [0, 5, 1000, 1_000_000])
def test_a_truncated_checkpoint_names_the_remedy(monkeypatch, tmp_path, length):
    (tmp_path / "checkpoints").mkdir()
    broken = tmp_path / "checkpoints" / "yolox_nano.safetensors"
    shutil.copy(CHECKPOINTS / "yolox_nano.safetensors", broken)
    broken.write_bytes(broken.read_bytes()[:length])
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    with pytest.raises(ValueError, match="damaged.*git checkout"):
        yolox_nano()
