"""The measured table of trackers is the one in bench/README.md, and lab 17 uses the settings that were chosen on val."""

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOUND = json.loads((ROOT / "bench" / "tracking.json").read_text(encoding="utf-8"))


def test_the_table_is_that_of_the_measurement():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "bench")
        import tracking

        table = tracking.table(FOUND)
    assert table in (ROOT / "bench" / "README.md").read_text(encoding="utf-8")
    files = {split: len(list((ROOT / "data" / "clips" / split).glob("*.json"))) for split in ("val", "test")}
    assert FOUND["clips"] == files, "there are other clips: run python bench/tracking.py again"


def test_the_lab_has_the_chosen_settings():
    tree = ast.parse((ROOT / "labs" / "source" / "17_follow_an_object.py").read_text(encoding="utf-8"))
    assigned = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    settings = ast.literal_eval(assigned["SETTINGS"])
    chosen = FOUND["settings"]
    assert {name: chosen[name] for name in ("SORT", "ByteTrack")} == {
        name: settings[name] for name in ("SORT", "ByteTrack")
    }
    both = settings["ByteTrack"] | settings["+ appearance"]
    assert {key: value for key, value in chosen["+ appearance"].items() if key != "channels"} == both
