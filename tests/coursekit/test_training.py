"""Training: the same bits after an interruption, whole files or none, errors in one sentence."""

import itertools
import subprocess
import sys

import pytest
import torch
from line_model import ITEMS, Line, assert_same, train

from coursekit.training import NotFiniteError, Step, batch_indices, fit, progress_bar, save_weights
from coursekit.weights import read_tensors


def test_fit_yields_every_step_and_lowers_the_loss():
    run = train(Line(), 60, lr=0.05)
    assert [step.index for step in run] == list(range(1, 61)) and {step.total for step in run} == {60}
    assert set(run[0].losses) == {"square", "size"} and run[0].loss == sum(run[0].losses.values())
    assert max(step.lr for step in run) == pytest.approx(0.05, rel=0.02) and run[-1].lr < 1e-3
    assert sum(step.loss for step in run[-10:]) < sum(step.loss for step in run[:10])


def test_a_seed_decides_everything_and_the_callers_random_numbers_are_left_alone():
    first, second, other = Line(), Line(), Line()
    state = torch.get_rng_state()
    losses = [step.losses for step in train(first)]
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(7)
    assert [step.losses for step in train(second)] == losses
    assert_same(first, second)
    assert [step.losses for step in train(other, seed=4)] != losses


def test_every_epoch_shows_every_image_once():
    shown = [i for batch in range(5) for i in batch_indices(batch, 10, 4, seed=1)]
    assert sorted(shown[:10]) == sorted(shown[10:]) == list(range(10)) and shown[:10] != shown[10:]
    assert len(batch_indices(0, 3, 8, seed=0)) == 8


def test_frozen_parameters_and_none_else_stay():
    model, untouched = Line(), Line()
    train(model)
    assert torch.equal(model.frozen.weight, untouched.frozen.weight)
    assert not torch.equal(model.body[0].weight, untouched.body[0].weight)


@pytest.mark.parametrize("stop", [1, 5, 6, 12])
def test_a_run_that_was_broken_off_ends_with_the_same_bits(tmp_path, stop):
    whole, model, later = Line(), Line(), Line()
    losses = [step.losses for step in train(whole)]
    file = tmp_path / "run.safetensors"
    run = fit(model, ITEMS, 12, batch_size=4, seed=3, checkpoint=file, save_every=3)
    start = [step.losses for step in itertools.islice(run, stop)]
    run.close()
    torch.nn.init.zeros_(later.body[0].weight)
    end = train(later, checkpoint=file)
    assert start + [step.losses for step in end] == losses
    assert [step.index for step in end] == list(range(stop + 1, 13))
    assert_same(later, whole)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, sys, torch
sys.path.append("tests/shared")
torch.set_num_threads(1)
from line_model import ITEMS, Line, fit
for step in fit(Line(), ITEMS, 12, batch_size=4, seed=3, checkpoint=sys.argv[1], save_every=3):
    if step.index == 8:
        os._exit(9)
"""


def test_a_run_that_was_killed_goes_on_from_its_last_checkpoint(tmp_path, request):
    file = tmp_path / "run.safetensors"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(file)], cwd=request.config.rootpath, check=False
    )
    assert killed.returncode == 9
    whole, model = Line(), Line()
    losses = train(whole)
    assert train(model, checkpoint=file) == losses[6:]
    assert_same(model, whole)


def test_an_interrupt_inside_a_step_does_not_save_half_a_step(tmp_path):
    class Interrupted(Line):
        def forward(self, inputs, targets=None):
            if torch.is_grad_enabled() and self.frozen.bias is not None and self.count == 7:
                raise KeyboardInterrupt
            self.count += 1
            return super().forward(inputs, targets)

    file, model = tmp_path / "run.safetensors", Interrupted()
    model.count = 0
    with pytest.raises(KeyboardInterrupt):
        train(model, checkpoint=file)
    assert read_tensors(file)[1]["done"] == "6"


def test_a_checkpoint_of_another_run_is_refused_in_one_sentence(tmp_path):
    file = tmp_path / "run.safetensors"
    next(run := fit(Line(), ITEMS, 12, checkpoint=file))
    run.close()
    for model, options, difference in [
        (Line(width=5), {}, "shapes"),
        (Line(), {"steps": 13}, "steps"),
        (Line(), {"seed": 1}, "seed"),
        (Line(), {"dataset": ITEMS[:9]}, "dataset"),
    ]:
        before = [value.clone() for value in model.state_dict().values()]
        with pytest.raises(ValueError, match=f"another run, whose {difference} "):
            fit(**{"model": model, "dataset": ITEMS, "steps": 12, "checkpoint": file} | options)
        assert all(map(torch.equal, before, model.state_dict().values()))
    save_weights(Line(), file)
    with pytest.raises(ValueError, match="another run"):
        fit(Line(), ITEMS, 12, checkpoint=file)
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(ValueError, match="truncated"):
        fit(Line(), ITEMS, 12, checkpoint=file)


class Breaks(Line):
    def __init__(self, how):
        super().__init__()
        self.how, self.count = how, 0

    def forward(self, inputs, targets=None):
        losses, self.count = super().forward(inputs, targets), self.count + 1
        if self.count == 8:
            zero = losses["size"] * 0
            losses["size"] = losses["size"] * torch.nan if self.how == "loss" else zero.sqrt()
        return losses


@pytest.mark.parametrize(
    "how, sentence", [("loss", "size loss is nan at step 8"), ("gradient", "nan at step 8")]
)
def test_nan_stops_before_the_weights_or_the_checkpoint_are_lost(tmp_path, how, sentence):
    file, model = tmp_path / "run.safetensors", Breaks(how)
    with pytest.raises(NotFiniteError, match=sentence):
        train(model, checkpoint=file, save_every=1)
    tensors, header = read_tensors(file)
    assert header["done"] == "7"
    assert all(value.isfinite().all() for value in [*tensors.values(), *model.state_dict().values()])


@pytest.mark.parametrize("options", [{"dataset": []}, {"steps": 0}, {"batch_size": 0}])
def test_nothing_to_train_on(options):
    with pytest.raises(ValueError, match="Nothing to train on"):
        fit(**{"model": Line(), "dataset": ITEMS, "steps": 3} | options)


def test_nothing_to_train():
    with pytest.raises(ValueError, match="frozen"):
        fit(Line().requires_grad_(False), ITEMS, 3)


def test_progress_says_beforehand_how_long_and_passes_the_steps_on(capsys):
    run = progress_bar(fit(Line(), ITEMS, 4), seconds=30)
    assert isinstance(next(run), Step)
    assert "about 30 s" in capsys.readouterr().out
    assert [step.index for step in run] == [2, 3, 4]
    assert "4/4" in capsys.readouterr().err


def test_breaking_out_of_progress_saves_the_run(tmp_path):
    file = tmp_path / "run.safetensors"
    for step in progress_bar(fit(Line(), ITEMS, 9, checkpoint=file)):
        if step.index == 4:
            break
    del step
    assert read_tensors(file)[1]["done"] == "4"
