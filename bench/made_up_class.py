"""Submissions of a class that never was: right, wrong, open and broken notebooks, each with the verdicts that it deserves.

The answers are those of `tests/answers/`, written by people who had the students' notebooks only.
"""

import ast
import functools
import importlib.util
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

from classroom.exercises.record import by_lab

ROOT = Path(__file__).parents[1]
HOLE = "    ...  # your code here"
KINDS = (
    "solved", "right", "wrong", "open", "mixed", "mixed with magics", "huge outputs", "renamed", "helpers",
    "not Python", "Python 2", "broken",
)  # fmt: skip
Notebook = dict
Choice = tuple[str, str]  # what was handed in for an exercise: the kind of answer, and its name


def make_class(
    folder: Path, labs: tuple[str, ...], count: int, seed: int = 0
) -> dict[tuple[str, str], dict[str, Choice]]:
    """Write `count` submissions in turn of each kind, lab and layout; return what each of them holds."""
    made = {}
    for i in range(count):
        lab, kind = labs[i % len(labs)], KINDS[(i // len(labs)) % len(KINDS)]
        student = f"student{i:03d}"
        notebook, choices = submission(lab, kind, random.Random(f"{seed} {i}"))
        path = folder / path_of(student, i, lab)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(notebook)
        path.write_text(text[: len(text) // 2] if kind == "broken" else text, encoding="utf-8")
        made[student, lab] = choices
    return made


def path_of(student: str, i: int, lab: str) -> str:
    """Return one of three layouts: flat, nested, as Moodle exports it."""
    layouts = (
        f"{lab}_{student}.ipynb",
        f"{student}/my work/lab.ipynb",
        f"{student}_{i}_assignsubmission_file/{lab}.ipynb",
    )
    return layouts[i % len(layouts)] if (i // 12) % 2 else layouts[1]


def submission(lab: str, kind: str, choose: random.Random) -> tuple[Notebook, dict[str, Choice]]:
    """Return a notebook of one kind, and what it holds for each exercise."""
    notebook = json.loads(
        next((ROOT / "labs" / "solutions").glob(f"{lab}_*.ipynb")).read_text(encoding="utf-8")
    )
    names = by_lab()[lab]
    choices: dict[str, Choice] = {}
    for name in names:
        kinds = {"solved": ["solution"], "right": ["right"], "wrong": ["wrong"], "open": ["hole"]}
        choices[name] = pick(
            lab, name, choose.choice(kinds.get(kind, ["solution", "right", "wrong", "hole"])), choose
        )
        change(notebook, name, choices[name], lab)
    spoil = {
        "mixed with magics": magics,
        "huge outputs": outputs,
        "renamed": rename,
        "helpers": move,
        "not Python": bracket,
        "Python 2": prints,
    }
    if kind in spoil:
        spoil[kind](notebook, names[choose.randrange(len(names))], choices)
    if kind == "broken":
        choices = dict.fromkeys(names, ("unreadable", ""))
    return notebook, choices


def pick(lab: str, name: str, kind: str, choose: random.Random) -> Choice:
    """Return one of the answers of that kind."""
    if kind in ("solution", "hole"):
        return kind, ""
    return kind, choose.choice([answer for answer in answers(lab, name) if answer.startswith(kind)])


@functools.cache
def answers(lab: str, name: str) -> dict[str, Callable]:
    """Return the functions of a file of answers, by their names."""
    path = ROOT / "tests" / "answers" / f"lab{lab}" / f"{name}.py"
    specification = importlib.util.spec_from_file_location(f"answers_{name}", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return {key: value for key, value in vars(module).items() if key.startswith(("right_", "wrong_"))}


@functools.cache
def as_cell(lab: str, name: str, answer: str) -> str:
    """Return the text of one answer under the name of the exercise, with what its file has outside all answers."""
    source = (ROOT / "tests" / "answers" / f"lab{lab}" / f"{name}.py").read_text(encoding="utf-8")
    above, chosen = [], ""
    for node in ast.parse(source).body:
        called = getattr(node, "name", "")
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        text = "\n".join(source.splitlines()[first - 1 : node.end_lineno])
        if called == answer:
            chosen = text
        elif not called.startswith("wrong_") and not isinstance(node, ast.Expr):
            above.append(text)
    own = re.sub(
        rf"(?<![.\w])(?<!import ){name}\b", f"own_{name}", "\n".join([*above, chosen])
    )  # a file may have a helper of that name
    return re.sub(rf"\b{answer}\b", name, own)


def cell_of(notebook: Notebook, name: str) -> dict:
    """Return the cell that defines an exercise's function."""
    return next(
        c
        for c in notebook["cells"]
        if c["cell_type"] == "code" and re.search(rf"^def {name}\(", text_of(c), re.M)
    )


def text_of(cell: dict) -> str:
    """Return the text of a cell."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def change(notebook: Notebook, name: str, choice: Choice, lab: str) -> None:
    """Put an answer in the place of the solution."""
    kind, answer = choice
    if kind == "solution":
        return
    cell = cell_of(notebook, name)
    lines, node = text_of(cell).splitlines(), function_of(text_of(cell), name)
    signature = lines[node.lineno - 1 : node.body[0].lineno - 1] or lines[node.lineno - 1 : node.lineno]
    new = [*signature, HOLE] if kind == "hole" else as_cell(lab, name, answer).splitlines()
    cell["source"] = "\n".join(lines[: node.lineno - 1] + new + lines[node.end_lineno :])


def function_of(source: str, name: str) -> ast.FunctionDef:
    return next(
        node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name
    )


def magics(notebook: Notebook, name: str, choices: dict) -> None:
    """Add lines that only IPython understands, also in the cell of an exercise."""
    cell = cell_of(notebook, name)
    cell["source"] = f"%matplotlib inline\n!pip list\nfiles = !ls\n{text_of(cell)}\n%timeit 1 + 1"
    notebook["cells"].insert(
        0, {"cell_type": "code", "source": "%%bash\nls | wc", "metadata": {}, "outputs": []}
    )


def outputs(notebook: Notebook, name: str, choices: dict) -> None:
    """Give a cell an output of 5 MB."""
    cell_of(notebook, name)["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "0123456789\n" * 500_000}
    ]


def rename(notebook: Notebook, name: str, choices: dict) -> None:
    """Give a function another name, unless another cell defines it too."""
    if sum(f"def {name}(" in text_of(cell) for cell in notebook["cells"]) > 1:
        return
    cell = cell_of(notebook, name)
    cell["source"] = re.sub(rf"\b{name}\b", f"my_{name}", text_of(cell))
    choices[name] = ("missing", "")


def move(notebook: Notebook, name: str, choices: dict) -> None:
    """Let a helper in a cell above do the work."""
    if choices[name][0] == "hole":
        return
    cell = cell_of(notebook, name)
    lines, node = text_of(cell).splitlines(), function_of(text_of(cell), name)
    body = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    helper = re.sub(rf"\b{name}\b(?=\()", f"helper_of_{name}", body)
    above = "\n".join(lines[: node.lineno - 1])
    names = ", ".join(argument.arg for argument in node.args.args)
    new = (
        f"def {name}(*values):\n    return HELPERS['it'](*values)"
        if node.args.defaults
        else f"def {name}({names}):\n    return HELPERS['it']({names})"
    )
    place = notebook["cells"].index(cell)
    extra = f"{above}\n{helper}\n\nHELPERS = {{}}\nHELPERS['it'] = helper_of_{name}"
    notebook["cells"].insert(place, {"cell_type": "code", "source": extra, "metadata": {}, "outputs": []})
    cell["source"] = "\n".join([above, new, *lines[node.end_lineno :]])


def bracket(notebook: Notebook, name: str, choices: dict) -> None:
    """Leave a bracket open in the cell of an exercise."""
    cell = cell_of(notebook, name)
    cell["source"] = text_of(cell) + "\nprint((1)"
    for other in exercises_in(cell, notebook, choices):
        choices[other] = ("not Python", "")


def prints(notebook: Notebook, name: str, choices: dict) -> None:
    """Print as in Python 2, in the cell of an exercise."""
    cell = cell_of(notebook, name)
    cell["source"] = text_of(cell) + f'\nprint "{name} is done"'
    for other in exercises_in(cell, notebook, choices):
        choices[other] = ("not Python", "")


def exercises_in(cell: dict, notebook: Notebook, names: dict) -> list[str]:
    """Return the exercises that are answered in a cell."""
    return [
        name
        for name in names
        if re.search(rf"^def {name}\(", text_of(cell), re.M) and cell_of(notebook, name) is cell
    ]
