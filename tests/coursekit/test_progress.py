"""What a training writes beside its weights, the steps that fit a set, and the words for settings that differ."""

import csv

import pytest
import torch
from commanded import train
from PIL import Image

from coursekit.cli import main
from coursekit.commands.models import Facts, read_facts
from coursekit.commands.progress import Progress, rows_of
from coursekit.training import Step

pytestmark = pytest.mark.usefixtures("here")


def test_validation_keeps_the_best_weights_and_the_table_has_every_step(folder, here, capsys):
    assert train(folder, "--val", str(folder), "--val-every", "2", "--letterbox", "--backbone", "lite2") == 0
    said = capsys.readouterr().out
    assert "Validation while it trains: on " in said and "AP50 on the validation images: " in said
    rows = list(csv.DictReader((here / "w.losses.csv").open()))
    assert [row["step"] for row in rows] == list("123456")
    assert [bool(row["val"]) for row in rows] == [False, True] * 3
    for row in rows:
        assert float(row["loss"]) == pytest.approx(float(row["class"]) + float(row["box"]), rel=1e-4)
    best = max((float(row["val"]), -int(row["step"])) for row in rows if row["val"])
    facts = read_facts(here / "w.best.safetensors")
    assert facts.step == -best[1] and facts.letterbox and facts.backbone_name == "EfficientNetLite2"
    assert Image.open(here / "w.losses.png").width == 800
    assert main(["evaluate", "--weights", "w.best.safetensors", "--data", str(folder)]) == 0


def test_a_run_that_goes_on_drops_the_rows_of_the_steps_it_takes_again(here):
    scores, kept = iter([0.5, 0.4, 0.6]), []

    def keep(path, facts):
        kept.append(facts.step)
        path.touch()

    def progress():
        return Progress(
            here / "w.safetensors", Facts("ssd", ("a",), (64, 64)), lambda: ("AP50", next(scores)), 2, keep
        )

    first = progress()
    for index in (1, 2, 3, 4, 5):
        first.took(Step(index, 8, {"a": 1.0 / index, "b": 2.0}, 0.1), last=False)
    with (here / "w.losses.csv").open("a") as file:
        file.write("6,0.1,2.")  # killed while it wrote
    again = progress()
    for index in (5, 6):  # from a checkpoint after step 4
        again.took(Step(index, 8, {"a": 9.0, "b": 2.0}, 0.1), last=index == 6)
    rows = rows_of(here / "w.losses.csv")
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6] and rows[4]["a"] == 9
    assert kept == [2, 6] and "at best 0.600 after step 6" in again.summary()


def test_epochs_stand_for_steps_and_the_other_split_is_found(folder, here, capsys):
    words = [
        "--data",
        str(folder),
        "--size",
        "64",
        "--batch-size",
        "5",
        "--augment",
        "none",
        "--weights",
        "w",
    ]
    assert main(["train", "yolo", *words, "--epochs", "2"]) == 0
    assert "3 steps of 5 images, 2.5 epochs of 6." in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["train", "yolo", *words, "--epochs", "2", "--steps", "3"])
    assert main(["train", "yolo", *words[:-1], "v", "--augment", "blur"]) == 1
    assert "Unknown augmentation 'blur': choose flip, scale, colour, crop or none." in capsys.readouterr().err


def test_two_trainings_make_the_same_bytes(folder, here):
    for out in ("a.safetensors", "b.safetensors"):
        assert train(folder, steps=2, out=out) == 0
    assert (here / "a.safetensors").read_bytes() == (here / "b.safetensors").read_bytes()
    assert torch.equal(torch.tensor(read_facts(here / "a.safetensors").size), torch.tensor((64, 64)))
