"""The commands of the classroom, as a person calls them."""

import re

import nbformat
import pytest

from classroom import hint
from classroom.cli import main
from classroom.notebooks import build as building

COMMANDS = ("build", "check", "copy", "lab", "progress", "site", "slides")
IMPORTS = "from coursekit import ops"
SOLVED = "def mean_iou(a, b):\n    return ops.box_iou(a, b).diagonal().mean().item() if len(a) else 0.0"
OPEN = "def box_iou(boxes1, boxes2):\n    ...  # your code here"


@pytest.fixture
def labs(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "LABS", tmp_path / "labs")
    (tmp_path / "labs" / "source").mkdir(parents=True)
    (tmp_path / "labs" / "source" / "07_doubling.py").write_text("# %%\nprint(1)\n", encoding="utf-8")
    return tmp_path / "labs"


def write_notebook(path, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return str(path)


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as leave:
        main(["--help"])
    said = capsys.readouterr().out
    assert leave.value.code == 0 and all(f"\n    {name} " in said for name in COMMANDS)


def test_build_then_check_then_stale(labs, capsys):
    assert main(["build", "--check"]) == 1
    assert "07_doubling.ipynb: not what 07_doubling.py says" in capsys.readouterr().err
    assert main(["build", "07"]) == 0
    assert "solutions/07_doubling.ipynb" in capsys.readouterr().out
    assert main(["build", "--check"]) == 0
    (labs / "source" / "07_doubling.py").write_text("# %%\nprint(2)\n", encoding="utf-8")
    assert main(["build", "--check"]) == 1
    assert capsys.readouterr().err.count("not what") == 2


def test_build_says_which_cell_failed(labs, capsys):
    (labs / "source" / "07_doubling.py").write_text("# %%\nnothing\n", encoding="utf-8")
    assert main(["build"]) == 1
    assert "cell 1 ('nothing') raised NameError" in capsys.readouterr().err


def test_an_unknown_lab_is_one_sentence(labs, capsys):
    assert main(["build", "99"]) == 1
    assert main(["check", "99"]) == 1
    assert main(["check", "07"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert (
        "No lab is called '99'" in said[0]
        and "No lab is called '99'" in said[1]
        and "There is no notebook" in said[2]
    )


def test_check_lists_what_is_open(tmp_path, capsys):
    notebook = write_notebook(tmp_path / "a.ipynb", IMPORTS, SOLVED, OPEN)
    assert main(["check", notebook]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("✅ mean_iou: all") and said[2].startswith("⏳ box_iou: not written yet")
    assert said[-1] == "1 of 2 exercises are solved."


def test_check_of_a_finished_notebook(tmp_path, capsys):
    assert main(["check", write_notebook(tmp_path / "a.ipynb", IMPORTS, SOLVED)]) == 0
    assert "1 of 1 exercises are solved." in capsys.readouterr().out


def test_check_takes_the_own_copy_if_there_is_one(labs, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("classroom.cli.MY_LABS", tmp_path / "my_labs")
    main(["build", "07"])
    capsys.readouterr()
    main(["check", "07"])
    assert "Checking labs/07_doubling.ipynb" in capsys.readouterr().out
    assert main(["copy"]) == 0
    main(["check", "07"])
    assert "Checking my_labs/07_doubling.ipynb" in capsys.readouterr().out


def test_progress_says_where_one_stands(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "folder" / "progress.json"))
    main(["check", write_notebook(tmp_path / "a.ipynb", IMPORTS, SOLVED, OPEN)])
    hint("box_iou")
    capsys.readouterr()
    assert main(["progress"]) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"Lab 01: 1 of \d+ solved; \d+ hints? read", first) and "box_iou" in others[0]


@pytest.mark.parametrize(
    ("options", "opened"), [([], "01_a"), (["03"], "03_b"), (["--", "3", "--no-browser"], "03_b")]
)
def test_lab_opens_the_own_copy_after_an_update(options, opened, labs, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr("classroom.cli.MY_LABS", tmp_path / "my_labs")
    monkeypatch.setattr("classroom.notebooks.jupyter.start", lambda words, folder: started.extend(words) or 0)
    for name in ("01_a", "03_b"):
        write_notebook(labs / f"{name}.ipynb", "1")
    assert main(["lab", *options]) == 0
    assert f"my_labs/{opened}.ipynb" in started and (tmp_path / "my_labs" / f"{opened}.ipynb").is_file()
    assert ("--no-browser" in started) == ("--no-browser" in options)
    assert any("websocket_max_message_size" in word for word in started)


def test_lab_knows_which_labs_there_are(labs, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("classroom.cli.MY_LABS", tmp_path / "my_labs")
    write_notebook(labs / "01_a.ipynb", "1")
    assert main(["lab", "9"]) == 1
    assert "There is no lab 9; there are 01." in capsys.readouterr().err
