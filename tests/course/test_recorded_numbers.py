"""Numbers that figures of the slides read from slides/figures/recorded/: each belongs to a function, which can compute them again."""

import sys
from pathlib import Path

import pytest

from classroom.deck.drawing import load

FIGURES = Path(__file__).parents[2] / "slides" / "figures"
RECORDS = sorted(path.stem for path in FIGURES.glob("recorded/*.json"))
TIMED = ("costs_of_looking",)  # milliseconds differ from machine to machine


@pytest.fixture(scope="module")
def recorded():
    path = FIGURES / "recorded.py"
    sys.path.insert(0, str(FIGURES))
    return load(path, path.read_bytes())


def test_a_function_reads_its_record_or_says_how_to_make_one(recorded, monkeypatch, tmp_path):
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)

    def _thirds():
        return {"a": (1 / 3, 2)}

    with pytest.raises(FileNotFoundError, match="thirds.json is missing: run .* thirds"):
        recorded.recorded(_thirds)()
    (tmp_path / "thirds.json").write_text('{"a": [0.3333, 2]}')
    assert recorded.recorded(_thirds)() == recorded.rounded(_thirds())


@pytest.mark.slow
def test_every_function_has_its_record(recorded):
    assert RECORDS == sorted(recorded._all_recorded())


@pytest.mark.slow
@pytest.mark.rotated
@pytest.mark.parametrize("name", [name for name in RECORDS if name not in TIMED])
def test_a_record_is_computed_again(name, recorded):
    function = recorded._all_recorded()[name]
    assert almost(recorded.rounded(function.compute()), function())


def almost(ours, theirs):
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(almost(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(almost, ours, theirs))
    return ours == pytest.approx(theirs, rel=0.02, abs=0.02)
