"""The notebooks of a class, in any layout: a folder or a zip per student, nested, as Moodle and Canvas export them."""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from classroom.exercises.record import by_lab

LARGEST = 100_000_000  # bytes of a notebook; outputs count
LARGEST_CODE = 1_000_000  # characters in its code cells
DEEPEST_ZIP = 3
MOST_MEMBERS = 10_000
MOODLE = re.compile(r"^(.+?)_(\d+)_assignsubmission_(?:file|onlinetext)_?")
CANVAS = re.compile(r"^([^_]+)_(?:LATE_)?(\d+)_(\d+)_.+")
LEFT_OUT = ("__MACOSX", ".ipynb_checkpoints", ".course", ".git")


@dataclass(frozen=True)
class Student:
    """Who handed something in: a name, and the number that Moodle or Canvas gave them, if any."""

    name: str
    number: str = ""


@dataclass(frozen=True)
class Submission:
    """One student's notebook for one lab.

    Attributes:
        path: where it is, also inside a zip file.
        sources: the text of its code cells.
        trouble: why it cannot be graded, a sentence; or nothing.
        note: what a human should know about the choice of this file.
    """

    student: Student
    lab: str
    path: str
    sources: tuple[str, ...] = ()
    trouble: str = ""
    note: str = ""


def find_submissions(root: Path, labs: Sequence[str]) -> list[Submission]:
    """Return each student's notebook for each of the labs, by the student's name.

    Where a student handed in several for a lab, the one with the most of its exercises is taken, of equal ones the last.

    Raises:
        FileNotFoundError: there is no notebook.
    """
    found: dict[tuple[Student, str], list[Submission]] = {}
    for path, data in notebooks(root):
        submission = read(path, data, labs)
        found.setdefault((submission.student, submission.lab), []).append(submission)
    if not found:
        raise FileNotFoundError(
            f"There is no notebook in {root}: give the folder or the zip file of the submissions."
        )
    chosen = []
    for several in found.values():
        best = max(
            sorted(several, key=lambda s: s.path), key=lambda s: (not s.trouble, *_answered(s), s.path)
        )
        note = (
            f"{len(several)} notebooks were handed in; this is about {best.path}." if len(several) > 1 else ""
        )
        chosen.append(Submission(best.student, best.lab, best.path, best.sources, best.trouble, note))
    return sorted(chosen, key=lambda s: (s.student.name.casefold(), s.student.number, s.lab))


def notebooks(root: Path) -> Iterator[tuple[PurePosixPath, bytes | str]]:
    """Yield each notebook's path below the root with its bytes, or with a sentence on why it cannot be read."""
    files = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
    for file in files:
        path = PurePosixPath(file.relative_to(root if root.is_dir() else root.parent).as_posix())
        if root.is_file() and file.suffix == ".zip":
            path = PurePosixPath(".zip")
        if any(part in LEFT_OUT for part in path.parts) or file.is_symlink():
            continue
        if file.suffix == ".ipynb":
            size = file.stat().st_size
            yield path, file.read_bytes() if size <= LARGEST else too_large(size)
        elif file.suffix == ".zip":
            yield from _in_zip(path, file, 1)


def _in_zip(
    path: PurePosixPath, file: Path | io.BytesIO, depth: int
) -> Iterator[tuple[PurePosixPath, bytes | str]]:
    try:
        archive = zipfile.ZipFile(file)
        members = archive.infolist()[:MOST_MEMBERS]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        yield path, f"The zip file cannot be read: {error}"
        return
    for member in sorted(members, key=lambda member: member.filename):
        inner = path / PurePosixPath(member.filename.lstrip("/"))
        if inner.suffix not in (".ipynb", ".zip") or any(part in LEFT_OUT for part in inner.parts):
            continue
        try:
            with archive.open(member) as opened:  # the size that it names may be a lie
                data = opened.read(LARGEST + 1)
        except Exception as error:  # damaged, encrypted, or of an unknown kind
            yield inner, f"It cannot be read from its zip file: {error}"
            continue
        if len(data) > LARGEST:
            yield inner, too_large(member.file_size)
        elif inner.suffix == ".ipynb":
            yield inner, data
        elif depth < DEEPEST_ZIP:
            yield from _in_zip(inner, io.BytesIO(data), depth + 1)


def too_large(size: int) -> str:
    """Return the sentence about a notebook that is too large."""
    return f"The notebook has {size / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f}: clear its outputs and hand it in again."


def read(path: PurePosixPath, data: bytes | str, labs: Sequence[str]) -> Submission:
    """Return what one file is: whose, for which lab, and its code."""
    trouble, sources = (data, ()) if isinstance(data, str) else ("", ())
    if isinstance(data, bytes):
        try:
            sources = code_cells(data)
        except ValueError as error:
            trouble, seen = str(error), data[:LARGEST_CODE].decode(errors="replace")
            sources = (seen.replace("\\n", "\n").replace('"', "\n"),)  # to see which lab it is about
    lab = lab_of(path, sources, labs)
    return Submission(student_of(path, labs), lab, str(path), () if trouble else sources, trouble)


def code_cells(data: bytes) -> tuple[str, ...]:
    """Return the text of the code cells of a notebook of format 4 or 3; its outputs are dropped.

    Raises:
        ValueError: it is not a notebook, or has too much code.
    """
    try:
        told = json.loads(data)
        cells = (
            told["cells"] if "cells" in told else [c for sheet in told["worksheets"] for c in sheet["cells"]]
        )
        texts = [cell.get("source", cell.get("input", "")) for cell in cells if cell["cell_type"] == "code"]
        sources = tuple(text if isinstance(text, str) else "".join(text) for text in texts)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"This is not a notebook that can be read: {type(error).__name__}: {str(error)[:200]}"
        ) from error
    if sum(map(len, sources)) > LARGEST_CODE:
        raise ValueError(f"The notebook has more than {LARGEST_CODE:,} characters of code.")
    return tuple(source.encode(errors="replace").decode() for source in sources)


def student_of(path: PurePosixPath, labs: Sequence[str] = ()) -> Student:
    """Return whose file this is: as Moodle or Canvas name it, or by its uppermost folder, or by its own name.

    >>> student_of(PurePosixPath("Ada Lovelace_1815_assignsubmission_file/03.ipynb"))
    Student(name='Ada Lovelace', number='1815')
    >>> student_of(PurePosixPath("lovelaceada_77_9001_03_yolo.ipynb"))
    Student(name='lovelaceada', number='77')
    >>> student_of(PurePosixPath("ada.zip/home/03.ipynb")).name, student_of(PurePosixPath("03_yolo_ada.ipynb"), ["03"]).name
    ('ada', 'ada')
    """
    parts = [part for part in path.parts if part != ".zip"]
    for part in parts:
        if match := MOODLE.match(part) or CANVAS.match(part):
            return Student(match[1], match[2])
    if len(parts) > 1:
        return Student(parts[0].removesuffix(".zip"))
    name = parts[0].removesuffix(".zip").removesuffix(".ipynb")
    for lab in labs:
        name = re.sub(rf"^(?:lab[ _-]?)?{lab}_?[a-z]*[ _-]+|[ _-]+(?:lab[ _-]?)?{lab}(?:_[a-z]+)?$", "", name)
    return Student(name)


def lab_of(path: PurePosixPath, sources: Sequence[str], labs: Sequence[str]) -> str:
    """Return which of the labs a notebook is for: the one with most of its exercises, otherwise by the file's name."""
    text = "\n".join(sources)
    counts = {lab: sum(defines(text, name) for name in by_lab()[lab]) for lab in labs}
    best = max(labs, key=lambda lab: counts[lab])
    named = [lab for lab in labs if re.search(rf"(?<!\d){lab}(?!\d)", path.name)]
    return best if counts[best] or not named else named[0]


def defines(text: str, name: str) -> bool:
    """Return whether a text seems to define a function of that name."""
    return re.search(rf"^(?:def {name}\b|{name}\s*=)", text, re.MULTILINE) is not None


def _answered(submission: Submission) -> tuple[int, int]:
    """How many of the lab's exercises a notebook defines, and how many of them are more than a hole."""
    text = "\n".join(submission.sources)
    names = [name for name in by_lab()[submission.lab] if defines(text, name)]
    return len(names), -text.count("...  # your code here")
