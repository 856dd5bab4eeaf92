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
DRAWING = [PACKAGE / "deck" / f"{name}.py" for name in ("svg", "drawing", "fonts", "widget")]
LIBRARIES = ("matplotlib", "torch", "numpy")
BENCH = PACKAGE.parent / "bench"  # not in a package without the benchmarks
# A name that a module imports, by its beginning, and the files of data/ that it may then read.
READS = {
    "coursekit.data.": ("still_life/**/*.*", "photos/**/*.*", "photos.json"),
    "coursekit.published": ("checkpoints/*.safetensors",),
    "coursekit.folders.checkpoint": ("checkpoints/*.safetensors",),
    "coursekit.published.record": ("checkpoints/scores.json",),
    "coursekit.published.SHIPPED": ("checkpoints/scores.json",),
}


@cache
def key(path: Path, folder: Path) -> str:
    """Return a hash of all that a module's figures are made of: its code and the course's that it uses, data, fonts."""
    digest = hashlib.sha256(" ".join([sys.version, *map(version, LIBRARIES)]).encode())
    code = sources(path, folder)
    for file in sorted(code | read_by(code)):
        digest.update(file.name.encode() + hash_of(file, file.stat().st_mtime_ns))
    return digest.hexdigest()


@cache
def hash_of(file: Path, _time: int) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()


def read_by(code: set[Path]) -> set[Path]:
    """Return the files that these modules may read: data, weights, scores, speeds and the pages of widgets."""
    texts = {file: file.read_text(encoding="utf-8") for file in code}
    names = {name for text in texts.values() for name in imported_names(text)}
    patterns = {
        each
        for start, files in READS.items()
        for each in files
        if any(name.startswith(start) for name in names)
    }
    found = {file for pattern in patterns for file in data_folder().glob(pattern) if file.is_file()}
    found |= {file for file in BENCH.glob("*.json") if any(file.name in text for text in texts.values())}
    if any(name.startswith("classroom.widgets") for name in names):
        found |= {
            page for page in PACKAGE.rglob("*.js") if page.parent.name != "deck"
        }  # no import names them
    return found


def sources(path: Path, folder: Path) -> set[Path]:
    """Return the files that a module imports, directly or not, of its folder and of the two packages."""
    found, new = set(), {path, *DRAWING}
    while new:
        found |= new
        new = {other for source in new for other in imports(source, folder)} - found
    return found


def imports(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the files of the course behind a file's import statements."""
    for name in imported_names(path.read_text(encoding="utf-8")):
        yield from module_files(name, folder)


@cache
def imported_names(source: str) -> tuple[str, ...]:
    """Return the dotted names that the text of a module imports."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(names)


def module_files(name: str, folder: Path) -> Iterator[Path]:
    """Yield the files of a dotted name that are the course's: a module and the packages around it."""
    parts = name.split(".")
    for base, names in ((PACKAGE.parent, parts if parts[0] in PACKAGES else []), (folder, parts)):
        for length in range(1, len(names) + 1):
            place = base.joinpath(*names[:length])
            yield from (file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file())
