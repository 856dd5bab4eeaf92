"""A student's copies of the labs are made once; a changed lab comes in and the answers stay."""

import nbformat
import pytest

from classroom.notebooks.working_copy import update

STUB = "def box_iou(boxes1, boxes2):\n    ...  # your code here\n\n\nbox_iou = check(box_iou)"
ANSWER = STUB.replace("...  # your code here", "return 7")


def cell(source, kind="code", name=None):
    made = nbformat.v4.new_code_cell(source) if kind == "code" else nbformat.v4.new_markdown_cell(source)
    if name:
        made.id = name
    return made


def write(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)


def sources(path):
    return [c.source for c in nbformat.read(path, 4).cells]


@pytest.fixture
def folders(tmp_path):
    """A lab of three cells, and the student's copy of it."""
    labs, mine = tmp_path / "labs", tmp_path / "my_labs"
    write(
        labs / "01_a.ipynb",
        cell("# Lab", "markdown", "a"),
        cell("STEPS = 100", name="b"),
        cell(STUB, name="c"),
    )
    assert list(update(labs, mine)) == []
    return labs, mine


def edit(path, **changes):
    """Change the cells of those ids, as JupyterLab does, which keeps the ids."""
    notebook = nbformat.read(path, 4)
    for c in notebook.cells:
        c.source = changes.get(c.id, c.source)
    nbformat.write(notebook, path)
    return notebook


def old_files(mine):
    return sorted(path.name for path in mine.glob("*before*"))


def test_a_copy_is_made_once_and_left_alone(folders):
    labs, mine = folders
    assert (mine / "01_a.ipynb").read_text() == (labs / "01_a.ipynb").read_text()
    edit(mine / "01_a.ipynb", c=ANSWER)
    before = (mine / "01_a.ipynb").read_bytes()
    assert list(update(labs, mine)) == [] and (mine / "01_a.ipynb").read_bytes() == before


def test_new_text_comes_in_and_answers_stay(folders):
    labs, mine = folders
    edit(mine / "01_a.ipynb", c=ANSWER, b="STEPS = 7")
    write(
        labs / "01_a.ipynb",
        cell("# Lab, with better words", "markdown", "a"),
        cell("A new paragraph.", "markdown", "b"),
        cell("STEPS = 100", name="c"),
        cell(STUB, name="d"),
    )
    (said,) = update(labs, mine)
    assert sources(mine / "01_a.ipynb") == [
        "# Lab, with better words",
        "A new paragraph.",
        "STEPS = 7",
        ANSWER,
    ]
    (old,) = old_files(mine)
    assert old in said and "Your answers are in the new 01_a.ipynb" in said and ANSWER in sources(mine / old)
    assert list(update(labs, mine)) == []


def test_an_answer_goes_into_a_stub_whose_cell_changed(folders):
    labs, mine = folders
    helper = "def area(box):\n    return 1"
    edit(mine / "01_a.ipynb", c=f"{helper}\n\n\n{ANSWER}")
    write(
        labs / "01_a.ipynb",
        cell(STUB.replace("check(box_iou)", "check(box_iou)  # in the last line"), name="c"),
    )
    list(update(labs, mine))
    (answered,) = sources(mine / "01_a.ipynb")
    assert answered.startswith(helper) and "return 7" in answered and "..." not in answered
    assert answered.endswith("check(box_iou)  # in the last line")


def test_cells_of_ones_own_stay_where_they_were(folders):
    labs, mine = folders
    notebook = nbformat.read(mine / "01_a.ipynb", 4)
    notebook.cells.insert(2, cell("my_experiment()"))
    notebook.cells.append(cell("What I learnt", "markdown"))
    nbformat.write(notebook, mine / "01_a.ipynb")
    write(
        labs / "01_a.ipynb",
        cell("# New", "markdown", "a"),
        cell("STEPS = 100", name="b"),
        cell(STUB, name="c"),
    )
    list(update(labs, mine))
    assert sources(mine / "01_a.ipynb") == ["# New", "STEPS = 100", "my_experiment()", STUB, "What I learnt"]


def test_what_has_no_place_is_said_and_kept_in_the_old_file(folders):
    labs, mine = folders
    edit(mine / "01_a.ipynb", b="STEPS = 7")
    write(labs / "01_a.ipynb", cell(STUB, name="a"))
    (said,) = update(labs, mine)
    assert "1 of your cells" in said and sources(mine / "01_a.ipynb") == [STUB]
    assert "STEPS = 7" in sources(mine / old_files(mine)[0])


def test_an_answer_that_does_not_parse_stays(folders):
    labs, mine = folders
    broken = "def box_iou(boxes1, boxes2):\n    return ("
    edit(mine / "01_a.ipynb", c=broken)
    write(labs / "01_a.ipynb", cell("# New", "markdown", "a"), cell(STUB + "  # new", name="c"))
    list(update(labs, mine))
    assert sources(mine / "01_a.ipynb") == ["# New", broken]


def test_two_updates_on_one_day_keep_two_old_files(folders):
    labs, mine = folders
    for text in ("# One", "# Two"):
        write(labs / "01_a.ipynb", cell(text, "markdown", "a"), cell(STUB, name="c"))
        assert len(list(update(labs, mine))) == 1
    assert len(old_files(mine)) == 2


def test_a_copy_that_cannot_be_read_is_put_aside(folders):
    labs, mine = folders
    (mine / "01_a.ipynb").write_text("not a notebook", encoding="utf-8")
    write(labs / "01_a.ipynb", cell("# New", "markdown", "a"))
    (said,) = update(labs, mine)
    assert "could not be read" in said and sources(mine / "01_a.ipynb") == ["# New"]
    assert (mine / old_files(mine)[0]).read_text() == "not a notebook"


def test_answers_are_found_when_the_base_is_lost(folders):
    labs, mine = folders
    edit(mine / "01_a.ipynb", c=ANSWER)
    (mine / ".course" / "01_a.ipynb").unlink()
    list(update(labs, mine))
    assert sources(mine / "01_a.ipynb") == ["# Lab", "STEPS = 100", ANSWER]
