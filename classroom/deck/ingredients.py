"""One hash of everything that a figure depends on: its code, the course's code that it uses, data, libraries."""

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
    """Return a hash of everything that a module's figures depend on: its code and the course's that it uses, data, fonts."""
    digest = hashlib.sha256(" ".join([sys.version, *map(version, LIBRARIES)]).encode())
    texts = [source.read_text(encoding="utf-8") for source in sorted(sources(path, folder))]
    for text in texts:
        digest.update(text.encode())
    for base, pattern in read_by(texts, folder):
        digest.update(hash_of(base, pattern))
    return digest.hexdigest()


@cache
def hash_of(base: Path, pattern: str) -> bytes:
    """Return a hash of some files, names and bytes."""
    digest = hashlib.sha256()
    for path in sorted(path for path in base.glob(pattern) if path.is_file()):
        digest.update(str(path.relative_to(base)).encode() + path.read_bytes())
    return digest.digest()


def read_by(texts: list[str], folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files, as a folder and a pattern, that modules may read: data, weights, scores, speeds, records, widgets' pages."""
    names = {name for text in texts for name in imported_names(text)}
    for start, patterns in READS.items():
        if any(name.startswith(start) for name in names):
            yield from ((data_folder(), pattern) for pattern in patterns)
    for path in sorted(BENCH.glob("*.json")):
        if any(path.name in text for text in texts):
            yield BENCH, path.name
    for path in sorted(folder.glob("recorded/*.json")):  # NAME.json is what a function _NAME computed
        if any(path.stem in text for text in texts):
            yield path.parent, path.name
    if any(name.startswith("classroom.widgets") for name in names):
        yield PACKAGE / "widgets", "**/*.js"  # no import names them


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
def module_files(name: str, folder: Path) -> tuple[Path, ...]:
    """Return the files of a dotted name that are the course's: a module and the packages around it."""
    parts = name.split(".")
    found = []
    for base, names in ((PACKAGE.parent, parts if parts[0] in PACKAGES else []), (folder, parts)):
        for length in range(1, len(names) + 1):
            place = base.joinpath(*names[:length])
            found += [file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()]
    return tuple(found)


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
