"""The package's imports point down its layers, in no circle, and never to the libraries that test it."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "coursekit"
LAYERS = {
    1: ("schema", "folders"),
    2: ("ops", "weights"),
    3: ("nets",),
    4: ("models",),
    5: ("data", "metrics", "proposals", "distributed", "training", "draw", "widgets"),
    6: ("recipes", "exercises", "figures", "build", "execution", "deck", "commands", "cli", "__main__"),
    7: ("",),  # coursekit/__init__.py
}
LAYER = {part: layer for layer, parts in LAYERS.items() for part in parts}
WITNESSES = ("pycocotools", "torchvision.ops", "torchvision.models.detection")


def read_package(folder: Path) -> dict[str, str]:
    """The source of each module by its dotted name inside the package; "" is the package itself."""
    paths = sorted(folder.rglob("*.py"))
    return {dotted_name(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


def dotted_name(path: Path) -> str:
    return ".".join(part for part in path.with_suffix("").parts if part != "__init__")


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
    here = ["coursekit", *filter(None, module.split("."))]
    base = here[: len(here) - node.level + is_package]
    return ".".join([*base, *filter(None, [node.module])])


def imported_modules(module: str, modules: dict[str, str]) -> set[str]:
    """The modules of the package that one of them imports: of each name the longest part that is a module."""
    is_package = any(other.startswith(f"{module}.") for other in modules) or not module
    found = set()
    for name in imported_names(module, modules[module], is_package):
        root, *parts = name.split(".")
        if root == "coursekit":
            prefixes = [".".join(parts[:length]) for length in range(len(parts), -1, -1)]
            found.add(next(prefix for prefix in prefixes if prefix in modules))
    return found - {module}


def violations(modules: dict[str, str]) -> list[str]:
    part = {module: module.split(".")[0] for module in modules}
    homeless = [f"{module} has no layer" for module in modules if part[module] not in LAYER]
    if homeless:
        return homeless
    graph = {module: imported_modules(module, modules) for module in modules}
    upward = [
        f"{module or 'coursekit'} imports {other or 'coursekit'}, which is above it"
        for module, others in graph.items()
        for other in sorted(others)
        if LAYER[part[other]] > LAYER[part[module]]
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


def test_the_package_keeps_its_layers():
    assert violations(read_package(PACKAGE)) == []


MADE_UP = {
    "": "",
    "schema": "import torch",
    "ops": "from coursekit.ops.box import box_iou",
    "ops.box": "from coursekit.schema import Target",
    "nets.backbone": "import torchvision.transforms",
    "training": "from coursekit import ops\nfrom coursekit.nets.backbone import EfficientNetLite0",
}


def test_a_package_that_keeps_its_layers_passes():
    assert violations(MADE_UP) == []


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("elsewhere", "", "elsewhere has no layer"),
        ("ops.box", "from coursekit.training import fit", "ops.box imports training, which is above it"),
        ("ops.box", "from coursekit import training", "ops.box imports training, which is above it"),
        ("ops.box", "from ..training import fit", "ops.box imports training, which is above it"),
        ("ops", "from .. import training", "ops imports training, which is above it"),
        ("ops.box", "from .. import show", "ops.box imports coursekit, which is above it"),
        ("ops", "def f():\n    import coursekit.training", "ops imports training, which is above it"),
        ("schema", "from coursekit import show", "schema imports coursekit, which is above it"),
        ("ops.box", "from coursekit.ops import box_iou", "a cycle of imports: "),
        ("ops.box", "import torchvision.ops as tv", "ops.box uses torchvision.ops, a witness"),
        ("ops.box", "import torchvision\ntorchvision.ops.nms", "ops.box uses torchvision.ops, a witness"),
        ("training", "from torchvision import ops", "training uses torchvision.ops, a witness"),
        ("training", "from pycocotools import mask", "training uses pycocotools.mask, a witness"),
        ("training", "import torchvision.models.detection.ssd", "training uses torchvision.models.detection"),
    ],
)
def test_a_made_up_violation_is_found(module, source, complaint):
    assert any(found.startswith(complaint) for found in violations({**MADE_UP, module: source}))
