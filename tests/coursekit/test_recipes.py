"""Recipes: one table for the command line and the published scores; the list of scores survives a broken file."""

import json

import pytest

from coursekit import training
from coursekit.published import records
from coursekit.recipes import core, recipe
from coursekit.recipes.core import commit, keep, main, parser, run, words_of
from coursekit.recipes.table import RECIPES


def test_a_record_replaces_the_one_of_the_same_command(tmp_path):
    path = tmp_path / "checkpoints" / "scores.json"
    for command, score in [("a", 1), ("b", 2), ("a", 3)]:
        keep({"command": command, "score": score}, path)
    assert json.loads(path.read_text()) == [{"command": "b", "score": 2}, {"command": "a", "score": 3}]
    assert [file.name for file in path.parent.iterdir()] == ["scores.json"]


@pytest.mark.parametrize("content", ["{", "3", "[3]", "[{}]"])
def test_a_broken_list_is_not_overwritten(tmp_path, content):
    path = tmp_path / "scores.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="is not a list of scores"):
        keep({"command": "a"}, path)
    assert path.read_text() == content


def test_the_commit_is_one_word():
    assert commit() and " " not in commit()


def test_missing_data_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    with pytest.raises(SystemExit, match="single_train"):
        main(["localiser"])


def test_a_run_that_is_stopped_says_that_nothing_was_recorded(monkeypatch):
    def stopped(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(core, "run", stopped)
    with pytest.raises(SystemExit, match="no score was recorded"):
        main(["localiser"])


def test_training_says_how_long_and_counts_the_steps_of_an_earlier_run(monkeypatch, capsys):
    """Three of four steps were done before: one step took so long, all four took four times as long."""
    clock = iter([0.0, 60.0])
    monkeypatch.setattr(recipe.time, "process_time", lambda: next(clock))
    last = training.Step(4, 4, {"loss": 1.0}, 0.001)
    monkeypatch.setattr(training, "fit", lambda *_, **__: (step for step in [last]))
    assert recipe.timed_fit(None, [], steps=4, seed=0, seconds=240) == 4.0
    assert "about 240 s" in capsys.readouterr().out


def test_an_unknown_head_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["localiser", "--head", "corner"])
    assert "corner" in capsys.readouterr().err


@pytest.fixture
def followed(monkeypatch):
    """What is called instead of a training."""
    calls = []

    def instead(self, name, steps, seed, weights=None):
        calls.append((name, steps, seed, weights))
        return {"recipe": name}

    monkeypatch.setattr(recipe.Recipe, "run", instead)
    return calls


@pytest.mark.parametrize("entry", records(), ids=[entry["command"].split(" ", 3)[3] for entry in records()])
def test_the_command_of_a_published_record_follows_its_recipe(followed, entry):
    words = entry["command"].removeprefix("python -m coursekit.recipes ").split()
    record, command = run(words)
    assert command == entry["command"] and record["recipe"] == entry["recipe"]
    (name, steps, seed, weights), row = followed[0], RECIPES[entry["recipe"]]
    assert (name, seed, weights) == (entry["recipe"], entry["seed"], None)
    assert steps == entry.get("steps", row.steps) and ("steps" in entry) == ("steps" in row.options)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_chosen_by_its_words_and_has_its_published_steps(followed, name):
    run(words_of(name, RECIPES[name]).split())
    assert followed == [(name, RECIPES[name].steps, 0, None)]
    for entry in records():
        if entry["recipe"] == name and entry["seed"] == 0 and "steps" in entry:
            assert entry["steps"] == RECIPES[name].steps


def test_the_first_of_several_is_the_default(followed):
    for word, name in {"localiser": "localiser-spatial", "unet": "unet", "slots": "slots-matched"}.items():
        run([word, "--seed", "3"])
        assert followed.pop() == (name, RECIPES[name].steps, 3, None)


def test_what_is_not_trained_takes_no_weights(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["skip_gains", "--weights", "a.safetensors"])
    assert "--weights" in capsys.readouterr().err


def test_the_help_tells_what_a_recipe_costs_and_scores(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["unet", "--help"])
    said = capsys.readouterr().out
    for part in ("--skips none --steps 600 --seed 0", "1.23 CPU minutes", "test_scenes: mean_iou 0.60"):
        assert part in said
