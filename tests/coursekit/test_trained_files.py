"""Weights come back from files, whole or not at all; predictions keep order; batches follow the model."""

import pytest
import torch
from line_model import ITEMS, Line, assert_same, train
from torch import nn

from coursekit.training import load_weights, predict, save_weights, to_device_of
from coursekit.weights import read_tensors


def test_predict_keeps_order_and_mode():
    model = Line()
    expected = model.eval()([image for image, _ in ITEMS])
    for mode in (True, False):
        model.train(mode)
        found = predict(model, ITEMS, batch_size=4)
        assert model.training is mode
        assert all(torch.allclose(a["scores"], b["scores"]) for a, b in zip(found, expected, strict=True))
    assert predict(model, []) == []


def test_weights_come_back_and_foreign_files_do_not(tmp_path):
    file, model, other = tmp_path / "deep" / "line.safetensors", Line(), Line()
    train(model)
    save_weights(model, file, classes='["cat"]')
    load_weights(other, file)
    assert_same(other, model)
    assert read_tensors(file)[1] == {"model": "Line", "classes": '["cat"]'}
    wide, before = Line(width=5), Line(width=5)
    with pytest.raises(ValueError, match=r"does not hold .* body.0.bias is \(4,\), here it is \(5,\)"):
        load_weights(wide, file)
    with pytest.raises(ValueError, match="lacks weight"):
        load_weights(nn.Linear(3, 3), file)
    assert_same(wide, before)
    with pytest.raises(FileNotFoundError, match="The file of weights .* does not exist"):
        load_weights(model, tmp_path / "nothing.safetensors")
    for broken in (file.read_bytes()[:-10], b"", b"\x80\x04pickle"):
        file.write_bytes(broken)
        with pytest.raises(ValueError, match="truncated or not a safetensors"):
            load_weights(other, file)
    assert_same(other, model)


def test_a_frozen_backbone_that_is_shipped_is_not_in_the_file(tmp_path):
    class Detector(nn.Module):
        def __init__(self):
            super().__init__()
            self.backbone, self.head = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), nn.Linear(2, 1)

    file, model = tmp_path / "head.safetensors", Detector()
    model.backbone.requires_grad_(False)
    save_weights(model, file)
    assert "backbone.0.weight" in read_tensors(file)[0], "nobody has these random weights"
    model.backbone.shipped = True
    save_weights(model, file)
    assert set(read_tensors(file)[0]) == {"head.weight", "head.bias"}
    other = Detector().requires_grad_(False)
    other.backbone.shipped = True
    load_weights(other, file)
    assert torch.equal(other.head.weight, model.head.weight)
    with pytest.raises(ValueError, match="lacks backbone"):
        load_weights(Detector(), file)


def test_a_batch_is_moved_to_the_models_device():
    """The meta device stands for a GPU: every tensor of the batch must arrive there, nested ones too."""
    batch = [({"C5": torch.rand(2, 3)}, {"boxes": torch.rand(1, 4), "note": "kept"})]
    ((features, target),) = to_device_of(torch.nn.Linear(2, 2, device="meta"), batch)
    assert features["C5"].device.type == target["boxes"].device.type == "meta"
    assert target["note"] == "kept"
