"""The students' edition of chosen labs in a folder to hand out: notebooks, what to install, points and deadlines."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from classroom.exercises.record import by_lab
from classroom.notebooks.build import find_sources, solution_path, student_path
from classroom.notebooks.plan import Plan, read_plan
from classroom.notebooks.working_copy import BASE, update_one

README = """# {title}

| lab | exercises | points | deadline |
|---|---|---|---|
{labs}

Install the course once: `python -m pip install -r requirements.txt`. Then open a notebook: `python -m jupyterlab`.
Each exercise checks itself. Hand in the notebook with your functions; its outputs do not matter.
"""
LINKS = (  # in the text of a notebook: what is handed out has neither the slides nor course.py
    (r" · \[slides, part \w+\]\([^)]*\) \(once `[^`]*` has built them\)", ""),
    (r" · \[glossary\]\([^)]*\)", ""),
    (r"`python course\.py (progress|check)", r"`classroom \1"),
)
OTHERS = "Notebooks, data and pretrained models come with the package: there is nothing else to download."


def release(
    labs: Path, names: Sequence[str], folder: Path, plan_file: str | None = None, solutions: bool = False
) -> Iterator[str]:
    """Write the students' edition of labs, or their solutions; yield a sentence per file that is new or changed.

    The same labs give the same bytes. A notebook in which somebody has worked is never overwritten: the lab's changes
    come in around the answers, and the file as it was stays beside it.

    Args:
        labs: the folder of the course's labs.
        names: of the labs, such as "03".
        folder: is made if need be.
        plan_file: the points of the exercises and the deadlines.
        solutions: write the solved and executed notebooks instead.
    Raises:
        FileNotFoundError, ValueError: the lab does not exist, or the plan is wrong.
    """
    sources, plan = [source for name in names for source in find_sources(labs, [name])], read_plan(plan_file)
    if not names:
        raise ValueError("Say which labs to release, such as 03.")
    for source in sorted(set(sources)):
        edition = solution_path(source) if solutions else student_path(source)
        if not edition.is_file():
            raise FileNotFoundError(f"There is no {edition}: run `classroom build` first.")
        yield from _hand_out(
            edition, folder / "solutions" / edition.name if solutions else folder / edition.name
        )
    if not solutions:
        yield from _beside(folder, sources, plan)


def _hand_out(edition: Path, target: Path) -> Iterator[str]:
    """Write one notebook into the folder; one in which nobody has worked is replaced."""
    base = target.parent / BASE / target.name
    is_new, text = not target.exists(), edition.read_text(encoding="utf-8")
    if not is_new and base.exists() and base.read_bytes() == target.read_bytes():
        target.unlink()
    with tempfile.TemporaryDirectory() as there:
        (handed_out := Path(there) / edition.name).write_text(alone(text), encoding="utf-8", newline="\n")
        before = base.read_bytes() if base.exists() else b""
        said = update_one(handed_out, target)
        if said or is_new or before != base.read_bytes():
            yield said or f"{target.name} is {'new' if is_new else 'replaced: nobody had worked in it'}."


def alone(text: str) -> str:
    """Return the text of a notebook's file without links to what is not handed out."""
    for pattern, instead in LINKS:
        text = re.sub(pattern, instead, text)
    return text


def _beside(folder: Path, sources: Sequence[Path], plan: Plan) -> Iterator[str]:
    """Write README.md and requirements.txt for all labs that are in the folder."""
    there = sorted(
        {source for source in sources[0].parent.glob("*.py") if (folder / f"{source.stem}.ipynb").is_file()}
    )
    requirement = f"coursekit[lab]=={version('coursekit')}\n"
    rows = "\n".join(row_of(source.stem, plan) for source in there)
    texts = {
        "README.md": README.format(title=plan.title or "Labs", labs=rows) + OTHERS + "\n",
        "requirements.txt": requirement,
    }
    for name, text in texts.items():
        if write_unless_changed(folder, name, text):
            yield f"{name} is new."


def row_of(stem: str, plan: Plan) -> str:
    """Return the row of a lab in the README: its exercises with their points, and the deadline."""
    lab = stem[:2]
    names = by_lab().get(lab, [])
    each = ", ".join(f"`{name}` ({plan.most(name):g})" for name in names)
    return f"| [{stem}]({stem}.ipynb) | {each} | {sum(map(plan.most, names)):g} | {plan.deadlines.get(lab) or '–'} |"


def write_unless_changed(folder: Path, name: str, text: str) -> bool:
    """Write a file, unless somebody has changed it since the last release: then the new one goes beside it as NAME.new."""
    path, kept = folder / name, folder / BASE / f"{name}.sha256"
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    ours = (
        path.is_file()
        and kept.is_file()
        and kept.read_text() == fingerprint(path.read_text(encoding="utf-8"))
    )
    if path.is_file() and not ours:
        path = path.with_name(f"{name}.new")
    else:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(fingerprint(text), encoding="utf-8", newline="\n")
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
