"""The final project: what its scorer checks, what a secret selects, and the papers that go with it."""

import json
import re
from pathlib import Path

import pytest
from commanded import train
from shapes_folder import write_folder

from classroom.cli import main
from classroom.league import hidden, score
from classroom.league import project as rules

PAPERS = Path(__file__).parents[2] / "labs" / "project"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six pictures of squares and bars; a square is called a mug, so that the league has a class of theirs."""
    root = write_folder(tmp_path_factory.mktemp("coco") / "shapes")
    text = (root / "annotations.json").read_text().replace('"square"', '"mug"')
    (root / "annotations.json").write_text(text)
    return root


@pytest.fixture
def trained(folder, tmp_path, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path_factory.getbasetemp() / "features"))
    monkeypatch.delenv("COURSEKIT_STEPS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert train(folder, "--record", "w.json", steps=3) == 0
    return tmp_path / "w.safetensors"


def test_a_record_of_the_training_and_a_score(folder, trained, capsys):
    said = json.loads((trained.parent / "w.json").read_text())
    assert said["model"] == "retinanet" and said["steps"] == 3 and 0 < said["cpu_minutes"] < 5
    row, broken = score(trained, [str(folder)])
    assert broken == [] and row.minutes == said["cpu_minutes"] and row.classes == 1
    assert main(["score", "w.safetensors", "--data", str(folder)]) == 0
    assert "w  " in capsys.readouterr().out


def test_what_is_against_the_rules_is_said(folder, trained, monkeypatch, capsys):
    monkeypatch.setattr(rules, "MOST_MINUTES", 1e-6)
    monkeypatch.setattr(rules, "MOST_MEGABYTES", 0.01)
    assert main(["score", "w.safetensors", "--data", str(folder)]) == 1
    said = capsys.readouterr().err
    assert "MB; at most 0.01 are allowed" in said and "CPU minutes; at most 1e-06 are allowed" in said
    (trained.parent / "w.json").unlink()
    _, (_, without) = score(trained, [str(folder)])
    assert without == f"The minutes are not recorded: train with --record {trained.with_suffix('.json')}."


def test_a_record_of_other_weights_and_a_damaged_one(folder, trained, capsys):
    assert train(folder, steps=2, out="other.safetensors") == 0
    (trained.parent / "w.json").rename(trained.parent / "other.json")
    assert main(["score", "other.safetensors", "--data", str(folder)]) == 1
    assert "is the record of other weights" in capsys.readouterr().err
    (trained.parent / "w.json").write_text("{")
    assert main(["score", "w.safetensors", "--data", str(folder)]) == 1
    assert "is not a record of a training" in capsys.readouterr().err


def test_what_cannot_be_scored(folder, trained, capsys):
    for words, said in (
        (["nothing.safetensors"], "The file of weights nothing.safetensors"),
        (["w.safetensors", "--data", "nowhere"], "nowhere is left out: Unknown data"),
    ):
        assert main(["score", *words]) == 1
        assert said in capsys.readouterr().err


def test_a_secret_selects_the_same_images_every_time():
    first, other = hidden(600, "red apple"), hidden(600, "green pear")
    assert (
        first == hidden(600, "red apple") != other
        and len(set(first)) == 100
        and 0 <= first[0] < first[-1] < 600
    )
    assert len(hidden(9, "x")) == 4 and hidden(1, "x") == [0]
    assert 5 < len(set(first) & set(other)) < 35  # 100 / 6 in the mean


def test_the_hidden_part_of_a_folder(folder, trained):
    rows = [score(trained, [str(folder)], secret)[0] for secret in ("a", "a")]
    assert rows[0].AP == rows[1].AP


def test_minutes_add_up_when_a_training_goes_on(folder, trained, monkeypatch):
    from coursekit.commands.record import minutes_before

    record, checkpoint = trained.parent / "w.json", trained.parent / "w.safetensors.checkpoint"
    assert minutes_before(record, checkpoint) == 0.0
    checkpoint.touch()
    assert minutes_before(record, checkpoint) == json.loads(record.read_text())["cpu_minutes"]


def test_the_papers_name_what_is_there():
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PAPERS.glob("*.md")))
    assert (
        f"at most {rules.MOST_MINUTES:g} CPU minutes" in text
        and f"at most {rules.MOST_MEGABYTES:g} MB" in text
    )
    assert all((PAPERS / link).is_file() for link in re.findall(r"\]\((\w+\.md)\)", text))
    points = [int(number) for number in re.findall(r"\*\* \| (\d+) \|", (PAPERS / "RUBRIC.md").read_text())]
    assert sum(points) == 100


def test_a_secret_split_has_seeds_of_its_own(monkeypatch):
    monkeypatch.syspath_prepend(str(PAPERS.parents[1] / "data" / "generator"))
    from splits import ATTEMPTS, SPLITS, secret_split

    first, other = secret_split("red apple"), secret_split("green pear")
    assert first == secret_split("red apple") and first.first_seed != other.first_seed
    last = max(split.seed(split.scenes, ATTEMPTS) for split in SPLITS.values())
    assert last < min(first.first_seed, other.first_seed) and first.unseen
