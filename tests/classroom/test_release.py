"""What is handed out is the same each time, stands alone, and never overwrites work."""

import json
from pathlib import Path

import nbformat
import pytest

from classroom.cli import main
from classroom.notebooks.release import release

LABS = Path(__file__).parents[2] / "labs"
PLAN = '[labs.03]\ndeadline = "Friday, 18:00"\npoints = { nms = 4 }\n'


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN)
    return str(tmp_path / "plan.toml")


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_same_bytes_each_time_and_nothing_of_the_solutions(tmp_path, plan):
    for name in ("a", "b", "b"):
        assert main(["release", "03", "--to", str(tmp_path / name), "--plan", plan]) == 0
    files = content(tmp_path / "a")
    assert files == content(tmp_path / "b")
    handed_out = {name for name in files if not name.startswith(".course/")}
    assert handed_out == {"03_grid_detection.ipynb", "README.md", "requirements.txt"}
    text = files["03_grid_detection.ipynb"].decode()
    assert "SOLUTION" not in text and "](../" not in text and "course.py" not in text
    holes = [c for c in json.loads(text)["cells"] if "...  # your code here" in "".join(c["source"])]
    assert len(holes) >= 5 and all(not c["outputs"] for c in holes)
    assert "`nms` (4)" in files["README.md"].decode() and "Friday, 18:00" in files["README.md"].decode()


def edit(path, text):
    notebook = nbformat.read(path, 4)
    cell = next(c for c in notebook.cells if "def nms(" in c.source)
    cell.source = cell.source.replace("...  # your code here", text)
    nbformat.write(notebook, path)


def test_work_is_never_overwritten(tmp_path, plan):
    out, labs = tmp_path / "out", tmp_path / "labs"
    (labs / "source").mkdir(parents=True)
    (labs / "source" / "03_grid_detection.py").write_text("")
    lab = labs / "03_grid_detection.ipynb"
    lab.write_bytes((LABS / lab.name).read_bytes())
    assert list(release(labs, ["03"], out, plan)) == [
        f"{lab.name} is new.",
        "README.md is new.",
        "requirements.txt is new.",
    ]
    notebook = nbformat.read(lab, 4)
    notebook.cells[0].source += "\n\nA new sentence."
    nbformat.write(notebook, lab)
    (said,) = release(labs, ["03"], out, plan)
    assert "nobody had worked in it" in said and "A new sentence" in (out / lab.name).read_text(
        encoding="utf-8"
    )
    edit(out / lab.name, "return 7")
    (out / "README.md").write_text("my notes")
    notebook.cells[0].source += " And another."
    nbformat.write(notebook, lab)
    said = list(release(labs, ["03"], out, plan))
    merged = (out / lab.name).read_text(encoding="utf-8")
    assert "return 7" in merged and "And another." in merged and "Your answers are in the new" in said[0]
    assert (out / "README.md").read_text() == "my notes" and (out / "README.md.new").is_file()


def test_solutions_are_handed_out_apart(tmp_path):
    assert main(["release", "03", "--to", str(tmp_path), "--solutions"]) == 0
    assert "...  # your code here" not in (tmp_path / "solutions" / "03_grid_detection.ipynb").read_text(
        encoding="utf-8"
    )
    assert not (tmp_path / "03_grid_detection.ipynb").exists()


def test_a_lab_that_is_not_there_is_one_sentence(tmp_path, capsys):
    assert main(["release", "77", "--to", str(tmp_path)]) == 1
    assert "No lab is called '77'" in capsys.readouterr().err
