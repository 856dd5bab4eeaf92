"""`coursekit export`: the exported file, run by onnxruntime and by PyTorch, against the model itself."""

import json

import numpy as np
import onnxruntime
import pytest
import torch
from commanded import train

from coursekit.cli import main
from coursekit.commands.export import exportable
from coursekit.commands.exported import OUTPUTS, pooled_by_doubling, sampled_boxes
from coursekit.commands.models import MODELS, SEGMENTERS
from coursekit.data import still_life
from coursekit.models.box_queries import pool_boxes
from coursekit.models.detector import select_detections
from coursekit.ops import corner_pool
from coursekit.published import shipped

pytestmark = pytest.mark.usefixtures("here")


@pytest.mark.slow
def test_onnxruntime_finds_what_the_model_finds(here, capsys):
    assert main(["export", "yolo", "yolo.onnx"]) == 0
    assert "the largest difference to PyTorch is" in capsys.readouterr().out
    session = onnxruntime.InferenceSession(here / "yolo.onnx", providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    assert facts["model"] == "yolo" and json.loads(facts["size"]) == [192, 192]
    for i in range(3):
        image = still_life("val")[i][0]
        boxes, scores = (
            torch.from_numpy(each)[0] for each in session.run(None, {"image": image[None].numpy()})
        )
        theirs = select_detections(boxes, scores, (192, 192), score_threshold=0.01)
        (ours,) = shipped("yolo")([image])
        assert len(ours["boxes"]) == len(theirs["boxes"]) > 0
        torch.testing.assert_close(theirs["boxes"], ours["boxes"], rtol=0, atol=1e-2)
        torch.testing.assert_close(theirs["scores"], ours["scores"], rtol=0, atol=1e-4)
    assert [path.name for path in here.iterdir()] == ["yolo.onnx"]


@pytest.mark.parametrize("name", [name for name in OUTPUTS if name not in ("segmenter", "localiser")])
def test_what_is_exported_are_the_outputs_of_the_model(name):
    """Named, of one image, and free of the checks that depend on values."""
    network, facts, names = exportable(name)
    image = still_life("val")[0][0]
    outputs = network(image[None])
    assert len(outputs) == len(names) and all(each.shape[0] == 1 for each in outputs)
    if names == ("boxes", "scores"):
        found = shipped(name)([image])[0]
        best = outputs[1][0].max(0).values  # of each class
        for label, score in zip(found["labels"].tolist(), found["scores"].tolist(), strict=True):
            assert score <= best[label - 1] + 1e-5
        assert found["scores"][0].item() == pytest.approx(best.max().item(), abs=1e-5)


@pytest.mark.parametrize("direction", ["left", "right", "top", "bottom"])
def test_corner_pooling_without_a_cumulative_maximum(direction):
    maps = torch.randn(2, 3, 5, 12)
    assert torch.equal(pooled_by_doubling(maps, direction), corner_pool(maps, direction))


def test_a_box_is_sampled_as_roi_align_does_it():
    """Also where it leaves the image."""
    maps, boxes = torch.randn(2, 3, 9, 14), torch.rand(2, 20, 4) * torch.tensor([1.0, 1.0, 0.8, 0.8])
    expected = pool_boxes(maps, boxes).unflatten(2, (3, 7, 7))
    torch.testing.assert_close(sampled_boxes(maps, boxes), expected, rtol=0, atol=1e-5)


@pytest.mark.slow
def test_a_program_of_pytorch(folder, here, capsys):
    assert train(folder, steps=2, model="fcn32s") == 0
    assert main(["export", "w.safetensors", "deep/w.pt2"]) == 0
    network, _, _ = exportable("w.safetensors")
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        theirs, ours = torch.export.load(here / "deep" / "w.pt2").module()(image), network(image)
    assert np.allclose(theirs[0], ours[0], atol=1e-5) and ours[0].shape == (1, 3, 64, 64)


def test_what_cannot_be_exported_is_said(capsys):
    assert main(["export", "mask_rcnn", "m.onnx"]) == 1
    assert "how many proposals reach its second stage is known only at run time" in capsys.readouterr().err
    assert main(["export", "yolo", "m.tflite"]) == 1
    assert "is neither .onnx nor .pt2" in capsys.readouterr().err
    assert set(OUTPUTS) - {"segmenter"} == MODELS.keys() - set(SEGMENTERS) - {"faster_rcnn", "mask_rcnn"}


def test_a_missing_package_is_named_with_its_extra(capsys, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("coursekit.commands.export.import_module", missing)
    assert main(["export", "yolo", "m.onnx"]) == 1
    assert "coursekit[export]" in capsys.readouterr().err
