"""What a figure is made of, as one hash: its code and the code of the course behind it, data, libraries."""

import ast
import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from coursekit.folders import data_folder

PACKAGE = Path(__file__).parents[1]
PACKAGES = ("classroom", "coursekit")
DRAWING = [PACKAGE / "deck" / f"{name}.py" for name in ("svg", "figures", "fonts", "widget")]
LIBRARIES = ("matplotlib", "torch", "numpy")
SPEEDS = PACKAGE.parent / "bench" / "detectors.json"  # not in a package without the benchmarks


@cache
def key(path: Path, folder: Path) -> str:
    """Return a hash of all that a module's figures are made of: its code and the course's that it uses, data, fonts."""
    digest = hashlib.sha256(" ".join([sys.version, *map(version, LIBRARIES)]).encode())
    for source in sorted(sources(path, folder) | widget_scripts()):
        digest.update(source.read_bytes())
    digest.update(data_hash().encode())
    return digest.hexdigest()


def sources(path: Path, folder: Path) -> set[Path]:
    """Return the files that a module imports, directly or not, of its folder and of the two packages."""
    found, new = set(), {path, *DRAWING}
    while new:
        found |= new
        new = {other for source in new for other in imports(source, folder)} - found
    return found


def widget_scripts() -> set[Path]:
    """Return the ES modules of the course's widgets, which no import names."""
    return {script for script in PACKAGE.rglob("*.js") if script.parent.name != "deck"}


def imports(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the files of the course behind a file's import statements."""
    for name in imported_names(path.read_text(encoding="utf-8")):
        yield from module_files(name, folder)


def imported_names(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_files(name: str, folder: Path) -> Iterator[Path]:
    """Yield the files of a dotted name that are the course's: a module and the packages around it."""
    parts = name.split(".")
    for base, names in ((PACKAGE.parent, parts if parts[0] in PACKAGES else []), (folder, parts)):
        for length in range(1, len(names) + 1):
            place = base.joinpath(*names[:length])
            yield from (file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file())


@cache
def data_hash() -> str:
    """Return a hash of the course's data, names and bytes, and of the measured speeds."""
    digest, folder = hashlib.sha256(SPEEDS.read_bytes() if SPEEDS.is_file() else b""), data_folder()
    for path in sorted(path for path in folder.rglob("*.*") if path.is_file() and path.suffix != ".pyc"):
        digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()
