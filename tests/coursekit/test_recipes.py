"""Recipes: the list of scores keeps one record for each command and survives a broken file."""

import json

import pytest

from coursekit import training
from coursekit.recipes import core
from coursekit.recipes.core import all_recipes, commit, main, parser, record, train


def test_a_record_replaces_the_one_of_the_same_command(tmp_path):
    path = tmp_path / "checkpoints" / "scores.json"
    for command, score in [("a", 1), ("b", 2), ("a", 3)]:
        record({"command": command, "score": score}, path)
    assert json.loads(path.read_text()) == [{"command": "b", "score": 2}, {"command": "a", "score": 3}]
    assert [file.name for file in path.parent.iterdir()] == ["scores.json"]


@pytest.mark.parametrize("content", ["{", "3", "[3]", "[{}]"])
def test_a_broken_list_is_not_overwritten(tmp_path, content):
    path = tmp_path / "scores.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="no list of scores"):
        record({"command": "a"}, path)
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
    monkeypatch.setattr(core.time, "process_time", lambda: next(clock))
    last = training.Step(4, 4, {"loss": 1.0}, 0.001)
    monkeypatch.setattr(training, "fit", lambda *_, **__: (step for step in [last]))
    assert train(None, [], steps=4, seed=0, seconds=240) == 4.0
    assert "about 240 s" in capsys.readouterr().out


def test_an_unknown_head_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["localiser", "--head", "corner"])
    assert "corner" in capsys.readouterr().err


@pytest.mark.parametrize("name", all_recipes())
def test_every_recipe_has_options_and_a_docstring_with_its_command(name):
    recipe = all_recipes()[name]
    assert vars(parser(all_recipes()).parse_args([name]))["seed"] == 0
    for part in (f"Command: python -m coursekit.recipes {name}", "Cost: ", "Score: "):
        assert part in recipe.__doc__
