"""`coursekit train --init`: the weights of another training, class by class."""

import pytest
import torch
from commanded import train

from coursekit import shipped
from coursekit.cli import main
from coursekit.commands.models import DETECTORS, SEGMENTERS, Facts, file_of, read_facts, recipe_of
from coursekit.commands.start import begin_with, class_rows, side_of
from coursekit.data.still_life import CLASSES, still_life
from coursekit.folders import checkpoint
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.training import predict
from coursekit.weights import read_tensors, save_weights

OURS, SIZE = ("kettle", "book", "apple"), (64, 64)


def begun(name, classes, path):
    torch.manual_seed(1)
    model = recipe_of(name).model(len(classes))
    return model, begin_with(model, path, Facts(name, classes, SIZE))


@pytest.mark.parametrize("name", DETECTORS)
def test_every_tensor_of_the_shipped_weights_is_taken_with_the_rows_of_known_names(name):
    path = checkpoint(name)
    shipped, _ = read_tensors(path)
    classes = read_facts(path).classes
    same, said = begun(name, classes, path)
    state = same.state_dict()
    assert (
        all(torch.equal(state[each], value.float()) for each, value in shipped.items())
        and "new: none" in said
    )
    other, said = begun(name, OURS, path)
    assert said.startswith(
        f"Beginning with {path}: it knows book, apple; new: kettle, whose part of the last"
    )
    rows = class_rows(recipe_of(name).model)
    assert rows
    for each, value in other.state_dict().items():
        if each not in rows:
            assert each not in shipped or torch.equal(value, shipped[each].float())
            continue
        for k, theirs in ((2, 10), (3, 1)):
            taken = value[rows[each].of(k, 3)]
            assert torch.equal(taken, shipped[each][rows[each].of(theirs, 10)].float())


@pytest.mark.parametrize("name", SEGMENTERS)
def test_a_segmenter_keeps_the_rows_of_known_names_and_of_the_background(name, tmp_path):
    """In each tensor that grows with the classes, along whichever axis."""
    file = tmp_path / "w.safetensors"
    old = recipe_of(name).model(len(CLASSES))
    save_weights(old, file, **Facts(name, CLASSES, SIZE).header())
    model, _ = begun(name, OURS, file)
    rows, before, after = class_rows(recipe_of(name).model), old.state_dict(), model.state_dict()
    assert rows and all(torch.equal(after[each], before[each]) for each in after if each not in rows)
    for each, row in rows.items():
        ours, theirs = (state[each].movedim(row.axis, 0) for state in (after, before))
        background = row.before - 1
        for k, known in ((0, 0), (2, 10), (3, 1)):
            assert torch.equal(ours[background + k], theirs[background + known])


@pytest.mark.slow
@pytest.mark.parametrize("name", DETECTORS)
def test_a_model_of_reordered_classes_finds_the_same_under_the_same_names(name):
    images = [still_life("val")[i] for i in range(3)]
    order = [*CLASSES[4:], *CLASSES[:4]]
    model = recipe_of(name).model(len(order), backbone=efficientnet_lite0())
    begin_with(model, checkpoint(name), Facts(name, tuple(order), (192, 192)))
    for ours, theirs in zip(predict(model.eval(), images), predict(shipped(name), images), strict=True):
        assert len(ours["boxes"]) and [order[k - 1] for k in ours["labels"]] == [
            CLASSES[k - 1] for k in theirs["labels"]
        ]
        torch.testing.assert_close(ours["boxes"], theirs["boxes"])
        torch.testing.assert_close(ours["scores"], theirs["scores"])


def test_training_on_from_a_file_and_from_shipped_weights(folder, here, capsys):
    assert train(folder, steps=3) == 0
    assert train(folder, "--init", "w.safetensors", steps=3, out="on.safetensors") == 0
    assert "Beginning with w.safetensors: it knows bar, square; new: none." in capsys.readouterr().out
    options = ["--data", str(folder), "--batch-size", "2", "--steps", "2", "--weights", "s.safetensors"]
    assert main(["train", "retinanet", "--init", "retinanet", *options]) == 0
    assert "it knows no class; new: bar, square, whose part" in capsys.readouterr().out
    assert read_facts(here / "s.safetensors").size == (192, 192)


def test_what_does_not_fit_is_refused_in_a_sentence(folder, here, capsys):
    assert train(folder, "--init", "yolo") == 1
    assert "holds the weights of yolo, not of retinanet" in capsys.readouterr().err
    assert train(folder, "--init", "nothing.safetensors") == 1
    assert "The file of weights nothing.safetensors" in capsys.readouterr().err
    assert train(folder, "--fine-tune", steps=2, out="tuned.safetensors") == 0
    assert train(folder, "--init", "tuned.safetensors") == 1
    assert "add --fine-tune to go on with it" in capsys.readouterr().err
    assert train(folder, "--fine-tune", "--init", "tuned.safetensors", steps=2) == 0


def test_names_and_sides():
    assert file_of("w.safetensors").name == "w.safetensors" and file_of("retinanet") == checkpoint(
        "retinanet"
    )
    assert side_of((192, 192)) == 192 and side_of((192, 224)) is None
