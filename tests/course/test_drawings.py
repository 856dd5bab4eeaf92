"""A drawing has one of five homes, and what is shared is used: the rule is in CONTRIBUTING.md, in the house rules."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("coursekit", "classroom", "slides", "bench", "data")
HOMES = (
    "coursekit/draw.py",  # on given axes
    "classroom/figures/*.py",  # shared by labs and slides
    "slides/figures/*.py",  # only slides use it
    "classroom/exercises/pictures.py",  # a failing case: of several labs, or of one
    "classroom/exercises/lab*/pictures.py",
    "classroom/widgets/*.py",  # in a widget
)
SHOWS_OR_SAVES = (  # what others have drawn
    "classroom/display.py",
    "classroom/style.py",
    "classroom/deck/*.py",
    "coursekit/commands/predict.py",
    "coursekit/commands/contact_sheet.py",
    "coursekit/commands/progress.py",
    "bench/*.py",
)


def python_files(*folders: str) -> list[Path]:
    return [path.relative_to(ROOT) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(source: str) -> set[str]:
    """The dotted names that a source imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def draws(source: str) -> bool:
    return any(name.split(".")[0] == "matplotlib" for name in imported(source))


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def is_homeless(path: Path, source: str) -> bool:
    return draws(source) and not any(path.match(home) for home in (*HOMES, *SHOWS_OR_SAVES))


def test_every_drawing_is_in_one_of_its_five_homes():
    assert [str(path) for path in python_files(*PACKAGES) if is_homeless(path, read(path))] == []


@pytest.mark.parametrize(
    "statement", ["import matplotlib", "def f():\n    from matplotlib import pyplot as plt"]
)
def test_a_drawing_elsewhere_is_found(statement):
    assert is_homeless(Path("coursekit/ops/box.py"), statement)
    assert is_homeless(Path("classroom/exercises/lab01/iou.py"), statement)
    assert not is_homeless(Path("classroom/exercises/lab01/pictures.py"), statement)
    assert not is_homeless(Path("coursekit/ops/box.py"), "import torch")


def test_pictures_of_failing_cases_are_used_beside_them_only():
    for path in python_files("classroom", "slides", "bench", "labs/source"):
        for name in imported(read(path)):
            if name.startswith("classroom.exercises.lab") and name.endswith(".pictures"):
                assert name.split(".")[2] == path.parent.name, f"{path} borrows {name}: move it one folder up"


# ---------------------------------------------------------------- what is shared


def used_names(source: str) -> set[str]:
    """The names that a source reads, as a variable or as an attribute."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def unshared(figures: dict[str, str], slides: list[str], others: list[str]) -> list[str]:
    """What is wrong with the public functions of the modules that draw for labs and slides."""
    by_figures = {name: used_names(source) for name, source in figures.items()}
    elsewhere = set().union(*map(used_names, others), *by_figures.values())
    on_slides = set().union(*map(used_names, slides))
    complaints = []
    for module, source in figures.items():
        for node in ast.parse(source).body:
            if (
                isinstance(node, ast.FunctionDef)
                and not node.name.startswith("_")
                and node.name not in elsewhere
            ):
                where = "only slides use" if node.name in on_slides else "nothing uses"
                complaints.append(f"{where} {module}.{node.name}")
    return complaints


def test_what_is_shared_is_used_and_what_only_slides_use_is_theirs():
    modules = [path for path in python_files("classroom/figures") if path.name != "__init__.py"]
    figures = {path.stem: read(path) for path in modules if draws(read(path))}
    slides = [read(path) for path in python_files("slides/figures")]
    others = python_files(
        "labs/source", "classroom/exercises", "classroom/widgets", "classroom/deck", "bench"
    )
    assert unshared(figures, slides, list(map(read, others))) == []


def test_an_orphan_and_a_figure_of_the_slides_alone_are_found():
    figures = {
        "grid": "def draw_grid(): pass\ndef draw_cells(): draw_line()\ndef draw_line(): pass\ndef _f(): pass"
    }
    assert unshared(figures, [], []) == ["nothing uses grid.draw_grid", "nothing uses grid.draw_cells"]
    slides = ["from classroom.figures import draw_grid\ndraw_grid()"]
    assert unshared(figures, slides, ["grid.draw_cells()"]) == ["only slides use grid.draw_grid"]
