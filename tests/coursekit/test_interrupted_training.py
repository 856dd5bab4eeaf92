"""`coursekit train` after Ctrl-C, kill -9, NaN and a second call: no weights are lost, and the run goes on."""

import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from commanded import Disturbed, assert_same, press_ctrl_c, train

from coursekit.commands.datasets import open_data, training_items
from coursekit.commands.models import MODELS, read_facts
from coursekit.models.retinanet import RetinaNet
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.training import fit
from coursekit.weights import own_state, read_tensors

pytestmark = pytest.mark.usefixtures("here")


def test_ctrl_c_keeps_the_weights_and_the_same_command_goes_on(folder, whole, here, capsys, monkeypatch):
    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        Disturbed(patch, 4, press_ctrl_c)
        assert train(folder) == 130
    said = capsys.readouterr().out
    assert "The weights after 4 of 6 steps are in w.safetensors." in said
    assert "The same command goes on from w.safetensors.checkpoint." in said
    assert read_facts(here / "w.safetensors").step == 4 and signal.getsignal(signal.SIGINT) == before
    assert train(folder) == 0
    assert "Going on from w.safetensors.checkpoint" in capsys.readouterr().out
    assert_same(here / "w.safetensors", whole)
    assert [path.name for path in here.iterdir()] == ["w.safetensors"]


def test_the_second_ctrl_c_stops_at_once(folder, here, capsys, monkeypatch):
    Disturbed(monkeypatch, 4, lambda losses: press_ctrl_c(press_ctrl_c(losses)))
    assert train(folder, "--save-every", "2") == 1
    assert "Stopped." in capsys.readouterr().err
    assert read_tensors(here / "w.safetensors.checkpoint")[1]["done"] == "2"


def make_nan(losses):
    return {name: loss * torch.nan for name, loss in losses.items()}


def test_nan_stops_and_keeps_the_last_good_weights(folder, here, capsys, monkeypatch):
    torch.manual_seed(0)
    model, states = RetinaNet(2), []
    items = training_items(open_data(str(folder), "train"), (64, 64), efficientnet_lite0(), True)
    for _ in fit(model, items, 6, batch_size=2, lr=MODELS["retinanet"].lr):
        states.append({name: value.clone() for name, value in own_state(model).items()})
    Disturbed(monkeypatch, 5, make_nan)
    assert train(folder) == 1
    said = capsys.readouterr().err
    assert "The class loss is nan at step 5: is the learning rate too high?" in said
    assert "The weights after step 3, the last good ones, are in w.safetensors." in said
    tensors, _ = read_tensors(here / "w.safetensors")
    assert all(torch.equal(tensors[name], value) for name, value in states[2].items())
    assert [path.name for path in here.iterdir()] == ["w.safetensors"]  # the checkpoint would end so again


@pytest.mark.parametrize("model", ["retinanet", "faster_rcnn", "mask_rcnn"])
def test_a_learning_rate_that_is_too_high_is_said(folder, here, capsys, model):
    assert train(folder, "--lr", "1e20", model=model, steps=20) == 1
    assert "at step 2: is the learning rate too high? That is too early" in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_a_finished_file_is_not_replaced(folder, whole, capsys):
    before = whole.read_bytes()
    assert train(folder, "--seed", "1", out=str(whole)) == 1
    assert "w.safetensors is there already: remove it, or name another" in capsys.readouterr().err
    assert whole.read_bytes() == before


def test_a_checkpoint_of_other_options_is_refused(folder, here, capsys, monkeypatch):
    with monkeypatch.context() as patch:
        Disturbed(patch, 4, press_ctrl_c)
        train(folder)
    assert train(folder, "--lr", "0.001") == 1
    assert "is the checkpoint of another run, whose lr differs" in capsys.readouterr().err


COMMAND = [sys.executable, "-m", "coursekit", "train"]


@pytest.mark.rotated
@pytest.mark.slow
@pytest.mark.parametrize("model", ["retinanet", "faster_rcnn", "mask_rcnn"])
def test_kill_9_then_the_same_command_gives_the_weights_of_an_uninterrupted_run(folder, here, model):
    options = ["--size", "64", "--batch-size", "2", "--steps", "40", "--save-every", "7"]
    run = [*COMMAND, model, "--data", str(folder), *options, "--weights"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run([*run, "whole.safetensors"], check=True, env=environment)
    process = subprocess.Popen([*run, "killed.safetensors"], env=environment)
    checkpoint = here / "killed.safetensors.checkpoint"
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL and not (here / "killed.safetensors").exists()
    again = subprocess.run([*run, "killed.safetensors"], check=True, env=environment, capture_output=True)
    assert b"Going on from killed.safetensors.checkpoint" in again.stdout
    assert_same(here / "killed.safetensors", here / "whole.safetensors")
    assert not checkpoint.exists()
