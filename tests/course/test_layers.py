"""Imports point down the layers of the two packages, in no circle, and never to the libraries that test them."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = (  # from the lowest; a module may import from its own layer and from those before it
    ("coursekit.schema", "coursekit.folders"),
    ("coursekit.ops", "coursekit.weights", "coursekit.distributed"),
    ("coursekit.nets",),
    ("coursekit.models",),
    ("coursekit.data", "coursekit.metrics", "coursekit.proposals", "coursekit.training", "coursekit.draw"),
    ("coursekit.tracking",),
    ("coursekit.published",),
    ("coursekit.recipes", "coursekit.commands", "coursekit.cli", "coursekit.__main__"),
    ("coursekit",),
    ("classroom.display", "classroom.extras", "classroom.style", "classroom.pace", "classroom.step_by_step"),
    ("classroom.figures", "classroom.widgets"),
    ("classroom.exercises", "classroom.museum"),
    ("classroom.notebooks", "classroom.deck", "classroom.api", "classroom.league", "classroom.site"),
    ("classroom.translation",),
    ("classroom.grading",),
    ("classroom.class_commands", "classroom.cli", "classroom.__main__"),
    ("classroom",),
)
LAYER = {part: layer for layer, parts in enumerate(LAYERS) for part in parts}
PACKAGES = ("coursekit", "classroom")
WITNESSES = ("pycocotools", "torchvision.ops", "torchvision.models.detection")


def read_packages(root: Path) -> dict[str, str]:
    """The source of each module of both packages by its dotted name."""
    paths = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    return {dotted_name(path.relative_to(root)): path.read_text(encoding="utf-8") for path in paths}


def dotted_name(path: Path) -> str:
    return ".".join(part for part in path.with_suffix("").parts if part != "__init__")


def part_of(module: str) -> str:
    """The part of a package that has a layer: a module, a package inside it, or the package itself."""
    return ".".join(module.split(".")[:2])


def imported_names(module: str, source: str, is_package: bool) -> set[str]:
    """Every dotted name that a module imports or reaches through an import, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = absolute_origin(node, module, is_package)
            found |= {f"{origin}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            found.add(ast.unparse(node))
    return found


def absolute_origin(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module
    here = module.split(".")
    base = here[: len(here) - node.level + is_package]
    return ".".join([*base, *filter(None, [node.module])])


def imported_modules(module: str, modules: dict[str, str]) -> set[str]:
    """The modules that one of them imports: of each name the longest part that is a module."""
    is_package = any(other.startswith(f"{module}.") for other in modules)
    found = set()
    for name in imported_names(module, modules[module], is_package):
        parts = name.split(".")
        prefixes = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
        found |= set([prefix for prefix in prefixes if prefix in modules][:1])
    return found - {module}


def violations(modules: dict[str, str]) -> list[str]:
    homeless = [f"{module} has no layer" for module in modules if part_of(module) not in LAYER]
    if homeless:
        return homeless
    graph = {module: imported_modules(module, modules) for module in modules}
    upward = [
        f"{module} imports {other}, which is above it"
        for module, others in graph.items()
        for other in sorted(others)
        if LAYER[part_of(other)] > LAYER[part_of(module)]
    ]
    return upward + cycles(graph) + forbidden(modules)


def cycles(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return ["a cycle of imports: " + " < ".join(error.args[1])]
    return []


def forbidden(modules: dict[str, str]) -> list[str]:
    return [
        f"{module} uses {name}, a witness of the tests"
        for module, source in modules.items()
        for name in sorted(imported_names(module, source, False))
        if any(f"{name}.".startswith(f"{witness}.") for witness in WITNESSES)
    ]


def test_the_packages_keep_their_layers():
    assert violations(read_packages(ROOT)) == []


MADE_UP = {
    "coursekit": "",
    "coursekit.schema": "import torch",
    "coursekit.ops": "from coursekit.ops.box import box_iou",
    "coursekit.ops.box": "from coursekit.schema import Target",
    "coursekit.nets.backbone": "import torchvision.transforms",
    "coursekit.training": "from coursekit import ops\nfrom coursekit.nets.backbone import EfficientNetLite0",
    "classroom": "",
    "classroom.exercises": "",
    "classroom.figures": "from coursekit import training",
}


def test_packages_that_keep_their_layers_pass():
    assert violations(MADE_UP) == []


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("elsewhere", "", "elsewhere has no layer"),
        (
            "ops.box",
            "from coursekit.training import fit",
            "ops.box imports coursekit.training, which is above",
        ),
        (
            "ops.box",
            "from coursekit import training",
            "ops.box imports coursekit.training, which is above it",
        ),
        ("ops.box", "from ..training import fit", "ops.box imports coursekit.training, which is above it"),
        ("ops", "from .. import training", "ops imports coursekit.training, which is above it"),
        ("ops.box", "from .. import show", "ops.box imports coursekit, which is above it"),
        ("ops", "def f():\n    import coursekit.training", "ops imports coursekit.training, which is above"),
        ("schema", "from coursekit import show", "schema imports coursekit, which is above it"),
        ("training", "import classroom.exercises", "training imports classroom.exercises, which is above it"),
        ("training", "from classroom import check", "training imports classroom, which is above it"),
        ("ops.box", "import torchvision.ops as tv", "ops.box uses torchvision.ops, a witness"),
        ("ops.box", "import torchvision\ntorchvision.ops.nms", "ops.box uses torchvision.ops, a witness"),
        ("training", "from torchvision import ops", "training uses torchvision.ops, a witness"),
        ("training", "from pycocotools import mask", "training uses pycocotools.mask, a witness"),
        ("training", "import torchvision.models.detection.ssd", "training uses torchvision.models.detection"),
    ],
)
def test_a_made_up_violation_of_the_library_is_found(module, source, complaint):
    broken = {**MADE_UP, f"coursekit.{module}": source}
    assert any(found.startswith(f"coursekit.{complaint}") for found in violations(broken))


def test_a_made_up_violation_of_the_classroom_is_found():
    broken = {**MADE_UP, "classroom.figures": "from classroom import exercises"}
    assert violations(broken) == ["classroom.figures imports classroom.exercises, which is above it"]


def test_a_made_up_circle_is_found():
    circle = {**MADE_UP, "coursekit.ops.box": "from coursekit.ops import box_iou"}
    assert [found[:20] for found in violations(circle)] == ["a cycle of imports: "]
