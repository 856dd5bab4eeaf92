"""The comparison with the libraries: every operator has its row, and the machinery runs, on the smallest sizes."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from coursekit import ops

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def bench():
    """bench/ops.py as it is when it is run, with the modules beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        import compare
        import ops as command
        import report
        import two_stage

        modules = {"compare": compare, "command": command, "report": report, "two_stage": two_stage}
        yield type("Bench", (), modules)


RESHAPING = {"matched", "permute_and_flatten"}  # torch's own gathering and permuting, one line each
WITHOUT_A_PEER = {
    "average_boxes"
}  # the authors' package needs numba: a double loop is the witness in its test


def test_every_operator_has_a_row(bench):
    rows = bench.compare.ROWS.values()
    measured = {row.name.partition(",")[0] for row in rows} | {name for row in rows for name in row.covers}
    functions = {name for name in ops.__all__ if name.islower()}
    assert functions - measured - RESHAPING - WITHOUT_A_PEER == set()


def test_the_smallest_size_of_every_row(bench, monkeypatch):
    monkeypatch.setattr(bench.compare, "TURN_SECONDS", 0.0)  # one run a turn
    for row in bench.compare.ROWS.values():
        sizes = [3] if row.name.startswith("coco_metrics") else row.sizes[:1]
        found = bench.command.run_row(row, "now", budget=0, sizes=sizes)
        for line in found["lines"]:
            assert line["difference"] < 1e-3, (row.name, line["peer"], line["difference"])
            assert line["ratio"] > 0 and line["ratio_two"] > 0 and bench.report.table_row(line)
        json.dumps(found)
    assert torch.get_num_threads() == 1


def test_the_largest_difference(bench):
    differ = bench.compare.largest_difference
    assert differ(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.5])) == 0.5
    assert differ([torch.zeros(2), 3.0], [torch.ones(2), 3.0]) == 1
    assert differ(torch.zeros(2), torch.zeros(3)) == float("inf")
    assert bench.compare.other_members(torch.tensor([1, 2, 3]), torch.tensor([3, 1])) == 1


def test_memory_is_that_of_the_run(bench):
    peak = bench.compare.peak_megabytes(lambda: torch.ones(2**23).sum())  # 32 MB
    assert peak is None or 31 < peak < 40


def test_a_selection_replaces_its_rows_alone(bench, tmp_path, monkeypatch, capsys):
    for name in ("README", "RESULTS", "PLOT"):
        monkeypatch.setattr(bench.report, name, tmp_path / getattr(bench.report, name).name)
    bench.report.README.write_text("before <!-- ops: start --> old <!-- ops: end --> after", encoding="utf-8")
    bench.command.main(["box_area", "bilinear", "--budget", "0"])
    first = bench.report.load()["rows"]
    bench.command.main(["box_area", "--budget", "0"])
    text, second = bench.report.README.read_text(encoding="utf-8"), bench.report.load()["rows"]
    assert [row["name"] for row in second] == ["box_area", "bilinear_kernel"] and second[1] == first[1]
    assert second[0] != first[0]
    assert text.startswith("before ") and text.endswith(" after") and "old" not in text
    assert text.count("| box_area |") == 3 and "load average" in text
    assert bench.report.PLOT.read_text(encoding="utf-8").startswith("<?xml")
    assert "2 rows, about 1 min" in capsys.readouterr().out


def test_an_unknown_row_in_words(bench):
    with pytest.raises(SystemExit, match="unknown row 'ssd': the rows are box_iou"):
        bench.command.select(["ssd"])


@pytest.mark.parametrize("model", ["Faster R-CNN", "Mask R-CNN"])
def test_a_step_of_training_beside_torchvisions(bench, model):
    """The losses are the same, the stages are all that is there, and every stage was entered."""
    found = {
        kind: bench.two_stage.compare(model, kind, count=2, rounds=1) for kind in ("feature maps", "images")
    }
    for each in found.values():
        assert each["difference"] < 1e-3 and each["ratio"] > 0
        for stages, seconds in (
            (each["stages"], each["seconds"]),
            (each["peer_stages"], each["peer_seconds"]),
        ):
            assert sum(stages.values()) == pytest.approx(seconds, rel=0.5)
            quiet = [stage for stage, spent in stages.items() if not spent]
            assert quiet == (["mask targets"] if model == "Faster R-CNN" else [])
    text = bench.two_stage.tables({"machine": "here", "weights": "any", "rows": list(found.values())})
    assert text.count(f"| {model} |") == 2 and text.count("\n| backward |") == 1


def test_a_stage_that_is_entered_from_another_one_stops_its_time(bench, monkeypatch):
    clock = iter([0.0, 1.0, 3.0, 7.0])
    monkeypatch.setattr("time.process_time", lambda: next(clock))
    watch, parts = bench.two_stage.Stopwatch(), SimpleNamespace(inner=lambda x: x + 1)
    with watch.at([(parts, "inner", "inner")]), watch.stage("outer"):
        assert parts.inner(1) == 2
    assert watch.seconds == {"outer": 1 + 4, "inner": 2}
