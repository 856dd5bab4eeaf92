"""`coursekit train` after Ctrl-C, kill -9, NaN and a second call: no weights are lost, and the run goes on."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import killed_training
import pytest
import torch
from commanded import Disturbed, assert_same, press_ctrl_c, stretched_items, train

from coursekit.commands.datasets import open_data
from coursekit.commands.models import MODELS, read_facts
from coursekit.models.retinanet import RetinaNet
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
    assert (here / "w.safetensors").read_bytes() == whole.read_bytes()
    assert not (here / "w.safetensors.checkpoint").exists()
    table = (here / "w.losses.csv").read_text()
    assert table == (whole.parent / "w.losses.csv").read_text() and table.count("\n") == 7


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
    items = stretched_items(open_data(str(folder), "train"), (64, 64))
    for _ in fit(model, items, 6, batch_size=2, lr=MODELS["retinanet"].lr):
        states.append({name: value.clone() for name, value in own_state(model).items()})
    Disturbed(monkeypatch, 5, make_nan)
    assert train(folder) == 1
    said = capsys.readouterr().err
    assert "The class loss is nan at step 5: is the learning rate too high?" in said
    assert "The weights after step 3, the last good ones, are in w.safetensors." in said
    tensors, _ = read_tensors(here / "w.safetensors")
    assert all(torch.equal(tensors[name], value) for name, value in states[2].items())
    assert not (here / "w.safetensors.checkpoint").exists()  # it would end so again


@pytest.mark.parametrize("model", ["retinanet", "faster_rcnn", "mask_rcnn"])
def test_a_learning_rate_that_is_too_high_is_said(folder, here, capsys, model):
    assert train(folder, "--lr", "1e20", model=model, steps=20) == 1
    assert "at step 2: is the learning rate too high? That is too early" in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == ["w.losses.csv"]  # no weights worth keeping


def test_a_finished_file_is_not_replaced(folder, whole, capsys):
    before = whole.read_bytes()
    assert train(folder, "--seed", "1", out=str(whole)) == 1
    assert "w.safetensors is there already, after all of its 6 steps: train on" in capsys.readouterr().err
    assert whole.read_bytes() == before


def test_a_checkpoint_of_other_options_is_refused_before_anything_is_computed(
    folder, here, capsys, monkeypatch
):
    with monkeypatch.context() as patch:
        Disturbed(patch, 4, press_ctrl_c)
        train(folder)
    monkeypatch.setattr("coursekit.commands.train.training_items", None)
    assert train(folder, "--lr", "0.001") == 1
    assert "it was trained with --lr 0.003, not 0.001." in capsys.readouterr().err
    assert train(folder, "--letterbox") == 1
    assert "it was trained without --letterbox." in capsys.readouterr().err


def test_a_closed_terminal_stops_as_ctrl_c_does(folder, here, capsys, monkeypatch):
    def close_terminal(losses):
        signal.raise_signal(signal.SIGHUP)
        return losses

    Disturbed(monkeypatch, 4, close_terminal)
    assert train(folder) == 130
    assert read_facts(here / "w.safetensors").step == 4


@pytest.mark.parametrize("full", ["w.safetensors.checkpoint", "w.losses.csv"])
def test_a_full_disk_is_one_sentence_and_the_last_good_file_stays(folder, here, capsys, monkeypatch, full):
    """Full from the fourth step on, for every file of the training."""
    opened, left = Path.open, {"writes": 3}

    def on_a_full_disk(path, mode="r", *rest, **options):
        if path.name.startswith(full) and mode != "r":
            left["writes"] -= 1
            if left["writes"] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
        elif path.name == "w.safetensors.partial":
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", on_a_full_disk)
    assert train(folder, "--save-every", "1") == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert f"{full} could not be written: No space left on device." in said
    assert said.endswith(
        "w.safetensors.checkpoint is still good: free some room, and the same command goes on from it."
    )
    assert int(read_tensors(here / "w.safetensors.checkpoint")[1]["done"]) >= 3
    assert not list(here.glob("*.partial"))


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_computed(
    folder, here, capsys, monkeypatch
):
    def refuse(**options):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("coursekit.commands.room.tempfile.TemporaryFile", refuse)
    monkeypatch.setattr("coursekit.commands.train.training_items", None)
    assert train(folder, out="deep/w.safetensors") == 1
    assert (
        f"{here} is read-only, or no folder (Read-only file system). Name a file in"
        in capsys.readouterr().err
    )
    assert list(here.iterdir()) == []


def test_files_have_the_mode_of_the_umask(whole):
    umask = os.umask(0)
    os.umask(umask)
    assert whole.stat().st_mode & 0o777 == 0o666 & ~umask


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


@pytest.mark.slow
def test_kill_9_at_bad_moments_changes_no_file(folder, here):
    """Three of the moments that `tests/shared/killed_training.py` tries."""
    (here / "whole").mkdir()
    assert killed_training.train(folder, here / "whole") == 0
    for k, moment in enumerate(
        ("after the second checkpoint", "in line 4 of the CSV", "in the last weights")
    ):
        found = killed_training.faults(folder, here / str(k), killed_training.MOMENTS[moment], here / "whole")
        assert found == [], moment
