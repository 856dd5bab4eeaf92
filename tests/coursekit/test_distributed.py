"""Two processes under torchrun take the steps of one process with batches of twice the size."""

import json
import os
import subprocess
import sys
from copy import deepcopy

import pytest
import torch
from shapes_folder import write_folder
from torch import nn
from two_processes import MODELS, items, trainings

from coursekit import distributed
from coursekit.models.retinanet import RetinaNet
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.weights import read_tensors

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


SCRIPT = """
import sys
from two_processes import trainings
trainings(sys.argv[1], int(sys.argv[2]))
"""


def torchrun(root, *words):
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(map(str, (root, root / "tests" / "shared"))),
    }
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
    assert {path.name for path in tmp_path.iterdir()} == {
        "shapes",
        "cache",
        *(f"yolo_modern.{end}" for end in ("safetensors", "losses.csv", "losses.png")),
    }


@pytest.mark.slow
def test_nan_in_one_process_stops_both_in_words(tmp_path, request, monkeypatch):
    """The second process alone has NaN: without the mean of the losses the first would wait for ever."""
    (tmp_path / "run.py").write_text("from two_processes import one_has_nan\none_has_nan()\n")
    done = torchrun(request.config.rootpath, str(tmp_path / "run.py"))
    assert done.stdout.count("loss is nan at step 2") == 2, done.stderr


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
            level: torch.rand(
                EfficientNetLite0.channels[level],
                side // EfficientNetLite0.strides[level],
                side // EfficientNetLite0.strides[level],
            )
            for level in levels
        }
        for side in sides
    ]
    targets = [target for _, target in items([1, 1])]
    RetinaNet(3)(inputs, targets)
    monkeypatch.setattr(distributed, "size", lambda: 2)
    with pytest.raises(ValueError, match="several sizes: on several processes bring them to one first"):
        RetinaNet(3)(inputs, targets)
