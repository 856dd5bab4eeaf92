"""The commands of the classroom, as a person calls them."""

import nbformat
import pytest

from classroom.cli import main
from classroom.notebooks import build as building

COMMANDS = ("build", "check", "slides")
GOOD, OPEN = 'print("✅ box_iou: all 9 cases pass.")', 'print("⏳ giou: not written yet.")'


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
        "no lab called '99'" in said[0]
        and "no lab called '99'" in said[1]
        and "classroom build 07" in said[2]
    )


def test_check_lists_open_exercises(tmp_path, capsys):
    raising = "import os\nassert os.environ['COURSEKIT_STRICT'] == '1'\nraise AssertionError('⏳ giou: not written yet.')"
    notebook = write_notebook(tmp_path / "a.ipynb", GOOD, f"{OPEN}\n{raising}", "undefined")
    assert main(["check", notebook]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [
        "✅ box_iou: all 9 cases pass.",
        "⏳ giou: not written yet.",
        "1 of 2 exercises are open.",
    ]


def test_check_of_a_finished_notebook(tmp_path, capsys):
    assert main(["check", write_notebook(tmp_path / "a.ipynb", GOOD)]) == 0
    assert "0 of 1 exercises are open." in capsys.readouterr().out


def test_check_tells_an_error_that_no_exercise_explains(tmp_path, capsys):
    assert main(["check", write_notebook(tmp_path / "a.ipynb", GOOD, "undefined")]) == 1
    assert "raised NameError" in capsys.readouterr().out
