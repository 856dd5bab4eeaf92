"""Two processes under torchrun take the steps of one process with batches of twice the size."""

import inspect
import json
import os
import subprocess
import sys
from copy import deepcopy

import pytest
import torch
from shapes_folder import write_folder
from torch import nn

from coursekit import distributed, ops
from coursekit.commands.datasets import pixels_of
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.fcn import FCN8s
from coursekit.models.hourglass import HourglassSegmenter
from coursekit.models.localiser import Localiser
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.retinanet import RetinaNet
from coursekit.models.slot_localiser import SlotLocaliser
from coursekit.models.ssd import SSD
from coursekit.models.yolo import Yolo
from coursekit.models.yolo_modern import YoloModern
from coursekit.nets.backbone import CHANNELS, STRIDES
from coursekit.schema import VOID
from coursekit.training import fit
from coursekit.weights import read_tensors, save_weights

MODELS = (RetinaNet, SSD, Yolo, YoloModern, FasterRCNN, MaskRCNN, Localiser, SlotLocaliser, FCN8s)
MODELS += (HourglassSegmenter,)
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
SIDE = 96  # pixels


def items(objects):
    """Feature maps of noise in double precision, with as many objects as the list says."""
    random = torch.Generator().manual_seed(0)

    def noise(*shape):
        return torch.rand(*shape, generator=random, dtype=torch.float64)

    def item(count):
        levels = ("C3", "C4", "C5")
        maps = {k: noise(CHANNELS[k], SIDE // STRIDES[k], SIDE // STRIDES[k]) for k in levels}
        corner = 40 * noise(count, 2)
        boxes = torch.cat([corner, corner + 16 + 30 * noise(count, 2)], 1)
        labels = torch.randint(1, 4, (count,), generator=random)
        masks = pixels_of(boxes, (SIDE, SIDE))
        semantic = ops.semantic_map(masks, labels)
        semantic[: SIDE - 13 * count] = VOID  # all of it without objects
        return maps, {"boxes": boxes, "labels": labels, "masks": masks, "semantic": semantic}

    return [item(count) for count in objects]


def trainings(folder, batch_size):
    """Train each model for four steps; the first process writes the losses of the steps and the weights.

    Two-stage models train on all anchors and regions, not on a few by chance, so their numbers differ the more.
    Nothing is dropped out, since each process has chances of its own.
    """
    torch.set_num_threads(1)
    with distributed.processes("cpu"):
        for model_class in MODELS:
            objects = [1] * 10 if model_class is Localiser else [0, 1, 4, 0, 0, 7, 0, 0, 2, 1]
            torch.manual_seed(0)
            model = model_class(3, **({"slots": 7} if model_class is SlotLocaliser else {})).double()
            model.sample = lambda match, *numbers: match
            for dropout in filter(lambda layer: isinstance(layer, nn.Dropout), model.modules()):
                dropout.p = 0.0
            run = fit(model, items(objects), 4, batch_size, lr=1e-3)
            losses = {"losses": json.dumps([step.losses for step in run])}
            if distributed.rank() == 0:
                save_weights(model, f"{folder}/{model_class.__name__}.safetensors", **losses)


SCRIPT = """
import sys
from tests.coursekit.test_distributed import trainings
trainings(sys.argv[1], int(sys.argv[2]))
"""


def torchrun(root, *words):
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
    return subprocess.run([*TORCHRUN, *words], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_two_processes_are_one_with_the_doubled_batch(tmp_path, request):
    """Losses of each step, weights and statistics, to the precision of float64: also where one has no objects."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "run.py").write_text(SCRIPT)
    done = torchrun(request.config.rootpath, str(tmp_path / "run.py"), str(tmp_path / "two"), "2")
    assert done.returncode == 0, done.stderr
    trainings(tmp_path / "one", batch_size=4)
    for model_class in MODELS:
        file = f"{model_class.__name__}.safetensors"
        (one, header), (two, their_header) = (read_tensors(tmp_path / n / file) for n in ("one", "two"))
        losses, their_losses = json.loads(header["losses"]), json.loads(their_header["losses"])
        for ours, theirs in zip(losses, their_losses, strict=True):
            assert ours == pytest.approx(theirs, rel=1e-9), model_class
        for name, value in one.items():
            torch.testing.assert_close(two[name], value, rtol=1e-6, atol=1e-8, msg=f"{file}: {name}")


@pytest.mark.slow
def test_the_command_under_torchrun_trains_once_and_writes_one_file(tmp_path, request, monkeypatch):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    folder = write_folder(tmp_path / "shapes")
    options = [
        "train",
        "yolo_modern",
        "--data",
        str(folder),
        "--size",
        "64",
        "--steps",
        "8",
        "--device",
        "cpu",
    ]
    options += ["--batch-size", "2", "--save-every", "3"]
    done = torchrun(request.config.rootpath, "-m", "coursekit", *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("8 steps of 4 images") == 1
    assert done.stdout.count("The weights after 8 of 8 steps are in yolo_modern.safetensors.") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"shapes", "cache", "yolo_modern.safetensors"}


@pytest.mark.slow
def test_nan_in_one_process_stops_both_in_words(tmp_path, request, monkeypatch):
    """The second process alone has NaN: without the mean of the losses the first would wait for ever."""
    (tmp_path / "run.py").write_text(
        f"from tests.coursekit.test_distributed import *\n{inspect.getsource(one_has_nan)}"
    )
    (tmp_path / "run.py").open("a").write("one_has_nan()\n")
    done = torchrun(request.config.rootpath, str(tmp_path / "run.py"))
    assert done.stdout.count("loss is nan at step 2") == 2, done.stderr


def one_has_nan():
    with distributed.processes("cpu"):
        model = RetinaNet(3).double()
        run = fit(model, items([1] * 10), 4, 2)
        next(run)
        if distributed.rank() == 1:
            model.loss = lambda logits, targets: logits * torch.nan
        try:
            next(run)
        except ValueError as error:
            print(f"{error}\n", end="", flush=True)


def test_one_process_alone_is_left_as_it_is():
    model = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1))
    with distributed.processes("cpu") as device:
        assert device == torch.device("cpu") and (distributed.rank(), distributed.size()) == (0, 1)
        assert distributed.parallel(model) is model and type(model[1]) is nn.BatchNorm2d
        assert distributed.my_part([3, 1, 2]) == [3, 1, 2]
        assert distributed.same(7, device) and distributed.any_of(True, device)
        assert not distributed.any_of(False, device)
        with distributed.first_process_first():
            losses = {"box": torch.tensor(2.0)}
        assert distributed.mean(losses) is losses


def test_a_missing_gpu_is_said_in_words(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(
        ValueError, match="Process 1 has no GPU, there are 1: start fewer, or use --device cpu"
    ):
        distributed.device_of("cuda", number=1)


def test_shared_batch_normalisation_alone_is_batch_normalisation():
    theirs = nn.BatchNorm2d(3)
    ours = distributed.with_shared_batch_norm(deepcopy(theirs))
    assert type(ours) is distributed.SharedBatchNorm
    x = torch.rand(4, 3, 5, 6)
    assert torch.equal(ours(x), theirs(x)) and torch.equal(ours.running_var, theirs.running_var)
    assert torch.equal(ours.eval()(x), theirs.eval()(x))


def test_images_of_several_sizes_are_refused_before_one_waits_for_the_other(monkeypatch):
    sides = (64, 96)
    levels = ("C3", "C4", "C5")
    inputs = [
        {
            level: torch.rand(CHANNELS[level], side // STRIDES[level], side // STRIDES[level])
            for level in levels
        }
        for side in sides
    ]
    targets = [target for _, target in items([1, 1])]
    RetinaNet(3)(inputs, targets)
    monkeypatch.setattr(distributed, "size", lambda: 2)
    with pytest.raises(ValueError, match="several sizes: on several processes bring them to one first"):
        RetinaNet(3)(inputs, targets)
