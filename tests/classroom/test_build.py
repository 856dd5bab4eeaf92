"""Two editions from one source: the holes, the rebuild that changes no byte, and what must not be published."""

import nbformat
import pytest

from classroom.notebooks.build import (
    build,
    find_sources,
    instructor_edition,
    read_source,
    solution_path,
    stale,
    student_edition,
    student_path,
)
from classroom.notebooks.execution import BuildError, as_text, cell_problems, tidy

SOURCE = '''# %% [markdown]
# # A lab

# %% tags=["nbval-ignore-output"]
def double(x):
    """Twice x."""
    # BEGIN SOLUTION
    y = x
    return y + x
    # END SOLUTION


print(double(2))

# %% tags=["solution"]
print("only for instructors")

# %% tags=["student"]
print("only for students")

# %%
# BEGIN SOLUTION
answer = double(21)
# END SOLUTION
answer
'''


@pytest.fixture
def lab(tmp_path):
    def write(text=SOURCE):
        source = tmp_path / "labs" / "source" / "07_doubling.py"
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text, encoding="utf-8")
        return source

    return write


def code(path):
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def test_code_of_a_folded_cell_is_hidden_in_both_editions(lab):
    notebook = read_source(lab('# %% tags=["nbval-ignore-output", "folded"]\ndraw()\n\n# %%\nread_me()\n'))
    for edition in (student_edition(notebook), instructor_edition(notebook)):
        hidden = {
            cell.source: cell.metadata.get("jupyter") for cell in edition.cells if cell.cell_type == "code"
        }
        assert hidden["draw()"] == {"source_hidden": True} and hidden["read_me()"] is None
        nbformat.validate(edition)


def test_both_editions(lab):
    source = lab()
    lines = list(build(source))
    assert [line.split(":")[0] for line in lines] == ["labs/07_doubling.ipynb", "solutions/07_doubling.ipynb"]
    student, solution = code(student_path(source)), code(solution_path(source))
    assert student[0] == 'def double(x):\n    """Twice x."""\n    ...  # your code here\n\n\nprint(double(2))'
    assert student[1:3] == ['print("only for students")', "...  # your code here\nanswer"]
    assert student[3:] == ["from classroom import progress\n\nprogress()"]
    assert solution[0].endswith("    y = x\n    return y + x\n\n\nprint(double(2))")
    assert solution[1:] == ['print("only for instructors")', "answer = double(21)\nanswer"]
    for path in (student_path(source), solution_path(source)):
        nbformat.validate(nbformat.read(path, 4))
        assert "SOLUTION" not in path.read_text(encoding="utf-8")
    executed = nbformat.read(solution_path(source), 4)
    assert executed.cells[1].outputs[0].text == "4\n"
    assert executed.metadata.kernelspec.name == "python3" and "version" not in executed.metadata.language_info
    assert executed.cells[1].metadata == {"tags": ["nbval-ignore-output"]}
    assert all(
        not cell.outputs for cell in nbformat.read(student_path(source), 4).cells if cell.cell_type == "code"
    )
    assert stale(source) == []
    before = [path.read_bytes() for path in (student_path(source), solution_path(source))]
    list(build(source))
    assert before == [path.read_bytes() for path in (student_path(source), solution_path(source))]


def test_stale_editions_are_named(lab):
    source = lab()
    assert any("07_doubling.ipynb: not what" in line for line in stale(source))
    assert "solutions/07_doubling.ipynb: missing" in stale(source)
    student_path(source).write_text(as_text(student_edition(read_source(source))), encoding="utf-8")
    solution_path(source).parent.mkdir()
    solution_path(source).write_text(as_text(read_source(source)), encoding="utf-8")
    found = stale(source)
    assert not any(line.startswith("07_doubling") for line in found)
    assert any("solutions/07_doubling.ipynb: not what" in line for line in found)
    assert any("was not executed" in line for line in found)


def test_build_stops_at_the_first_error_and_names_the_cell(lab):
    source = lab("# %%\nx = 1\n\n# %%\n1 / 0\n\n# %%\nraise SystemExit\n")
    with pytest.raises(BuildError, match=r"07_doubling.py: cell 2 \('1 / 0'\) raised ZeroDivisionError"):
        list(build(source))
    assert not solution_path(source).exists()


def test_build_is_complete_whatever_the_environment_says(lab, monkeypatch):
    monkeypatch.setenv("COURSEKIT_STEPS", "0.1")
    monkeypatch.setenv("COURSEKIT_STRICT", "1")
    source = lab(
        "# %%\nimport os\nprint([k for k in os.environ if k in ('COURSEKIT_STEPS', 'COURSEKIT_STRICT')])\n"
    )
    list(build(source))
    assert nbformat.read(solution_path(source), 4).cells[0].outputs[0].text == "[]\n"


@pytest.mark.parametrize("text", ["# BEGIN SOLUTION\nx = 1\n", "x = 1\n# END SOLUTION\n"])
def test_a_marker_without_its_partner(lab, text):
    with pytest.raises(BuildError, match="without its partner"):
        read_source(lab(f"# %%\n{text}"))


def test_find_sources_by_number_name_or_path(lab):
    source = lab()
    labs = source.parents[1]
    for name in ("07", "doubling", "07_doubling", "labs/07_doubling.ipynb"):
        assert find_sources(labs, [name]) == [source]
    with pytest.raises(FileNotFoundError, match="[Nn]o lab is called '99'; there are 07_doubling"):
        find_sources(labs, ["99"])
    with pytest.raises(FileNotFoundError, match="no lab in"):
        find_sources(labs / "elsewhere", [])


def output(**data):
    return nbformat.v4.new_output("display_data", data=data)


@pytest.mark.parametrize(
    ("shown", "problem"),
    [
        ([nbformat.v4.new_output("stream", name="stdout", text="✅ iou: all 9 cases pass.\n")], None),
        ([nbformat.v4.new_output("stream", name="stdout", text="fine\n❌ iou: 3 of 9\n")], "❌ iou: 3 of 9"),
        ([nbformat.v4.new_output("stream", name="stdout", text="⏳ iou: not written yet")], "⏳ iou"),
        ([nbformat.v4.new_output("stream", name="stderr", text="UserWarning: old\n")], "warning"),
        ([nbformat.v4.new_output("error", ename="KeyError", evalue="'x'", traceback=[])], "raised KeyError"),
        ([output(**{"text/html": '<img src="data:," alt="a cat">'})], None),
        ([output(**{"text/html": '<img src="data:,">'})], "text alternative"),
        ([output(**{"text/html": '<img src="data:," alt=" ">'})], "text alternative"),
        ([output(**{"image/png": "iVBOR", "text/plain": "<Figure>"})], "text alternative"),
    ],
)
def test_what_must_not_be_published(shown, problem):
    cell = nbformat.v4.new_code_cell("x", execution_count=1, outputs=shown)
    found = list(cell_problems(cell))
    assert (not found) if problem is None else (len(found) == 1 and problem in found[0])


def test_a_picture_in_the_text_needs_an_alternative_too():
    bad, good = (nbformat.v4.new_markdown_cell(text) for text in ("![](a.png)", "![a cat](a.png)"))
    assert list(cell_problems(bad)) and not list(cell_problems(good))


def test_bars_and_widget_views_are_not_kept():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    bar, endless, slider = (
        output(**{"text/plain": "  0%|          | 0/9"}, **view),
        output(**{"text/plain": "0step [00:00, ?step/s]"}, **view),
        output(**{"text/plain": "Slider"}, **view),
    )
    stream = nbformat.v4.new_output("stream", name="stderr", text="\r 50%|#####     | 1/2")
    share = nbformat.v4.new_output("stream", name="stdout", text="50%| is fine\n")
    cell = nbformat.v4.new_code_cell("x", execution_count=1, outputs=[bar, endless, slider, stream, share])
    notebook = tidy(nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"a": 1}}))
    assert "widgets" not in notebook.metadata
    kept = notebook.cells[0].outputs
    assert [next(iter(o.get("data", {"stdout": 0}))) for o in kept] == ["text/plain", "stdout"]


@pytest.mark.slow
def test_bars_and_interact_do_not_hang(lab):
    text = """# %%
from ipywidgets import interact
from tqdm import tqdm as plain
from tqdm.auto import tqdm
for _ in tqdm(range(3)):
    pass
for _ in plain(range(3)):
    pass


@interact(x=(0, 10))
def square(x=3):
    print(x * x)
"""
    source = lab(text)
    list(build(source))
    assert stale(source) == []
    assert "%|" not in solution_path(source).read_text(encoding="utf-8")
