"""Whole notebooks run inside the fence: each has a report, none stops the others, and what was run is not run again."""

import csv
import json
import shutil

import pytest

from classroom.cli import main

DEFINED = "def box_iou(boxes1, boxes2):\n    ..."
RUNS = "import os\nassert os.environ['COURSEKIT_STEPS'] == '0.1' and 'LECTURERS_SECRET' not in os.environ"
NOTEBOOKS = {
    "ada": (DEFINED, RUNS, "open('/tmp/note', 'w').write('mine')"),
    "ben": (DEFINED, "", "print(undefined)", "print('not reached')"),
    "cem": (DEFINED, "import time\ntime.sleep(1000)"),
    "dee": (DEFINED, "import os\nos._exit(1)"),
    "eve": (DEFINED, "assert not open('CANARY').read()"),
    "fay": (DEFINED, "import socket\nsocket.create_connection(('127.0.0.1', 1), 1)"),
}
PROBLEMS = {
    "ada": "",
    "ben": "cell 3 ('print(undefined)') raised NameError: name 'undefined' is not defined",
    "cem": "cell 2 ('import time') did not finish: A cell timed out",
    "dee": "cell 2 ('import os') did not finish: Kernel died",
    "eve": "raised FileNotFoundError",
    "fay": "raised ConnectionRefusedError",
    "gil": "This is not a notebook that can be read",
}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="there is no bubblewrap on this machine")
def test_each_notebook_has_a_report(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LECTURERS_SECRET", "1")
    (tmp_path / "canary").write_text("another student's answer")
    for name, sources in NOTEBOOKS.items():
        cells = [
            {"cell_type": "code", "source": source.replace("CANARY", str(tmp_path / "canary"))}
            for source in sources
        ]
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "01.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "in" / "gil").mkdir()
    (tmp_path / "in" / "gil" / "01.ipynb").write_text('{"cells": 3}')
    command = ["grade", str(tmp_path / "in"), "--labs", "01", "--out", str(tmp_path / "out"), "--run", "30"]
    assert main([*command, "--jobs", "2"]) == 0
    first = (tmp_path / "out" / "runs.csv").read_bytes()
    rows = {row["student"]: row for row in csv.DictReader(first.decode().splitlines())}
    assert rows.keys() == PROBLEMS.keys()
    assert all(PROBLEMS[name] in row["problem"] for name, row in rows.items()), rows
    assert [name for name, row in rows.items() if row["ran"] == "yes"] == ["ada"]
    assert "1 of 7 notebooks run from their first cell to the last." in capsys.readouterr().out
    page = (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
    assert "it does not run to its end: cell 3" in page
    assert main(command) == 0
    assert "7 of 7 notebooks are run already." in capsys.readouterr().out
    assert (tmp_path / "out" / "runs.csv").read_bytes() == first
