"""The catalogue knows every exercise without importing a lab, and `from classroom import check` stays fast."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import classroom.exercises
from classroom.exercises.catalogue import all_exercises, defined_in, homes
from classroom.exercises.exercise import Exercise


def modules_of_labs() -> list[str]:
    paths = sorted(Path(classroom.exercises.__file__).parent.glob("lab*/*.py"))
    return [f"classroom.exercises.{path.parent.name}.{path.stem}" for path in paths]


def test_the_catalogue_is_what_the_modules_define():
    modules = [module for module in modules_of_labs() if hasattr(import_module(module), "EXERCISES")]
    defined = [(exercise.name, module) for module in modules for exercise in defined_in(module)]
    assert defined == list(homes().items()), "a name is there twice, or the catalogue does not see it"
    assert list(all_exercises()) == list(homes())


def test_every_exercise_of_a_module_is_in_its_list():
    for module in modules_of_labs():
        values = vars(import_module(module)).values()
        made = [value.name for value in values if isinstance(value, Exercise)]
        assert made == [e.name for e in getattr(import_module(module), "EXERCISES", ())]


LOADED = """
import sys
{statements}
labs = [name for name in sys.modules if name.startswith("classroom.exercises.lab") and name.count(".") == 3]
print(*labs, *(name for name in ("matplotlib", "scipy", "torchvision") if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("statements", "loaded"),
    [
        ("import classroom", ""),
        ("from classroom import check, hint", ""),
        ("import classroom.exercises.core", ""),
        ("from classroom.exercises.catalogue import homes; homes()", ""),
    ],
)
def test_an_import_loads_no_lab_and_no_library_for_drawing(statements, loaded):
    assert printed_by(LOADED.format(statements=statements)).strip() == loaded


def test_an_exercise_loads_its_module_alone():
    loaded = printed_by(LOADED.format(statements='from classroom import hint; hint("box_iou")')).split()
    assert [name for name in loaded if name.startswith("classroom.exercises.lab")] == [
        "classroom.exercises.lab01.iou"
    ]


def test_to_load_a_lab_leaves_random_numbers_alone():
    """A lab loads its exercises between its seed and its training."""
    load = "import torch; before = torch.get_rng_state(); all_exercises(); print(torch.equal(before, torch.get_rng_state()))"
    assert printed_by(f"from classroom.exercises.catalogue import all_exercises; {load}") == "True"


def printed_by(code: str) -> str:
    """The last line that another Python prints."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()[-1]
