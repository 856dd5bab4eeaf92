"""The exercises of a notebook are checked in seconds: nothing of it is run but what gives names to things."""

from pathlib import Path

import nbformat
import pytest

from classroom.exercises.catalogue import homes
from classroom.notebooks.marking import mark

LABS = Path(__file__).parents[2] / "labs"
IMPORTS = "import torch\nfrom coursekit import ops\nPI = 3\nraise RuntimeError('training')"
IOU = "def box_iou(boxes1, boxes2):\n    return ops.box_iou(boxes1, boxes2)\n\n\nbox_iou = check(box_iou)"


def notebook(path, *sources):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources]), path)
    return path


@pytest.mark.parametrize("lab", sorted(path.stem for path in LABS.glob("*.ipynb")))
def test_every_solution_is_right_and_every_hole_is_open(lab):
    expected = {name for name, home in homes().items() if f".lab{lab[:2]}." in home}
    solved = list(mark(LABS / "solutions" / f"{lab}.ipynb"))
    assert {name for name, _, _ in solved} == expected
    assert [said for _, right, said in solved if not right] == []
    holes = list(mark(LABS / f"{lab}.ipynb"))
    assert {name for name, _, _ in holes} == expected and all(said.startswith("⏳") for _, _, said in holes)


def test_nothing_is_trained_and_what_fails_is_left_out(tmp_path):
    cells = (IMPORTS, "model = train()", "import not_there", IOU)
    assert [row[:2] for row in mark(notebook(tmp_path / "a.ipynb", *cells))] == [("box_iou", True)]


def test_later_exercises_get_the_reference_where_an_earlier_one_is_wrong(tmp_path):
    wrong = IOU.replace("ops.box_iou(boxes1, boxes2)", "boxes1")
    mean = "def mean_iou(predicted, target):\n    return box_iou(predicted, target).diagonal().mean().item()"
    marked = list(mark(notebook(tmp_path / "a.ipynb", IMPORTS, wrong, mean)))
    assert [row[:2] for row in marked] == [("box_iou", False), ("mean_iou", True)]


def test_a_cell_that_is_not_python_is_said(tmp_path):
    ((name, right, said),) = mark(
        notebook(tmp_path / "a.ipynb", "def box_iou(boxes1, boxes2):\n    return (")
    )
    assert name == "box_iou" and not right and said.startswith("❌ box_iou: line 2 of its cell is not Python")


def test_a_damaged_file_is_one_sentence(tmp_path):
    (tmp_path / "a.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="a.ipynb is not a notebook that can be read"):
        list(mark(tmp_path / "a.ipynb"))
