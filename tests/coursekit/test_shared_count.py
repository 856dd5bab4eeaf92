"""What losses are divided by when another process has its own images: its anchors, regions, masks and pixels count."""

import pytest
import torch
from two_processes import items

from coursekit import distributed
from coursekit.models.centernet import CenterNet
from coursekit.models.cornernet import CornerNet
from coursekit.models.detr import DETR
from coursekit.models.detr_modern import ModernDETR
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.fcn import FCN32s
from coursekit.models.fcos import FCOS
from coursekit.models.hourglass import HourglassSegmenter
from coursekit.models.localiser import Localiser
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.retinanet import RetinaNet
from coursekit.models.slot_localiser import SlotLocaliser
from coursekit.models.ssd import SSD
from coursekit.models.yolo import Yolo
from coursekit.models.yolo_modern import YoloModern

SHARED = {  # the losses of each model that are sums over something; the others are means over images
    RetinaNet: {"class", "box"},
    SSD: {"class", "box"},
    FCOS: {"class", "box", "quality"},
    FasterRCNN: {"objectness", "proposal_box", "class", "box"},
    MaskRCNN: {"objectness", "proposal_box", "class", "box", "mask"},
    CornerNet: {"heat", "offset"},
    CenterNet: {"heat", "box"},
    DETR: {"class", "box", "giou"},
    ModernDETR: {"class", "box", "giou"},
    SlotLocaliser: {"box"},
    FCN32s: {"semantic"},
    HourglassSegmenter: {"stack 1", "stack 2"},
    Yolo: set(),
    YoloModern: set(),
    Localiser: set(),
}


@pytest.mark.parametrize("model_class", SHARED)
def test_another_process_with_twice_as_much_makes_a_sum_count_less(model_class, monkeypatch):
    """The sums are then divided by (n + 2 n) / 2 instead of n."""
    batch, targets = zip(*items([1, 1] if model_class is Localiser else [1, 3]), strict=True)
    torch.manual_seed(0)
    model = model_class(3).double().eval()
    model.sample = lambda match, *numbers: match
    alone = model.losses(batch, targets)
    monkeypatch.setattr(distributed, "size", lambda: 2)
    monkeypatch.setattr(distributed, "total", lambda values: 3 * values)
    together = model.losses(batch, targets)
    for name, loss in alone.items():
        share = 1 / 1.5 if name in SHARED[model_class] else 1.0
        assert loss > 0 and together[name].item() == pytest.approx(share * loss.item(), rel=1e-9), name


@pytest.mark.parametrize(("processes", "expected"), [(1, [1, 7]), (2, [0.5, 10.5])])
def test_the_count_is_at_least_one_of_all_processes(processes, expected, monkeypatch):
    monkeypatch.setattr(distributed, "size", lambda: processes)
    monkeypatch.setattr(distributed, "total", lambda values: 3 * values)
    assert [distributed.shared_count(torch.tensor(n)).item() for n in (0, 7)] == expected


def test_batch_norm_is_replaced_in_place_of_its_module_with_the_same_tensors():
    model = FasterRCNN(3)
    norms = {name: m for name, m in model.named_modules() if isinstance(m, torch.nn.BatchNorm2d)}
    norms["normalise.C3"].eval()
    state, parameters = model.state_dict(keep_vars=True), list(model.parameters())
    assert distributed.with_shared_batch_norm(model) is model
    for name, tensor in model.state_dict(keep_vars=True).items():
        assert tensor is state[name], name
    assert all(a is b for a, b in zip(parameters, model.parameters(), strict=True))
    for name, norm in norms.items():
        shared = model.get_submodule(name)
        assert type(shared) is distributed.SharedBatchNorm and shared.training == norm.training
        assert (shared.eps, shared.momentum, shared.affine) == (norm.eps, norm.momentum, norm.affine)
