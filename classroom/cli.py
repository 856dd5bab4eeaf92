"""The command `classroom`: build and check the labs and the slides."""

import argparse
import sys
from pathlib import Path

from classroom.extras import advice
from coursekit.cli import command_adder, run_command

DESCRIPTION = "The labs and the slides of coursekit: build them and check them."


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 when all is well, 1 when something is to be done."""
    try:
        return run_command(parser(), arguments)
    except ModuleNotFoundError as error:
        print(advice(error.name, "lab,slides"), file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command; each sets `run`, a function of the parsed arguments."""
    whole = argparse.ArgumentParser("classroom", description=DESCRIPTION)
    command = command_adder(whole)
    sub = command("build", build, "make the students' and the instructors' notebooks from labs/source")
    sub.add_argument("labs", nargs="*", metavar="LAB", help="such as 01 or 01_localisation; all by default")
    sub.add_argument("--check", action="store_true", help="only say which notebooks are not up to date")
    sub = command("check", check, "run a lab as it is now and say which exercises are still open")
    sub.add_argument("lab", metavar="LAB", help="such as 01, or the path of a notebook")
    sub = command("slides", slides, "make the deck from slides/: one HTML file, one a part, a PDF")
    sub.add_argument("--check", action="store_true", help="look at every slide in a browser, as CI does")
    sub.add_argument(
        "--serve", action="store_true", help="show the deck, and show it anew when a source changes"
    )
    command("api", api, "make the API reference from the docstrings, in build/api")
    return whole


def build(chosen: argparse.Namespace) -> int:
    """Build the notebooks of the chosen labs, or only say which are stale."""
    from classroom.notebooks.build import LABS, find_sources, stale
    from classroom.notebooks.build import build as build_lab
    from classroom.notebooks.execution import BuildError

    try:
        sources = find_sources(LABS, chosen.labs)
        lines = [line for source in sources for line in stale(source)] if chosen.check else None
        for source in [] if chosen.check else sources:
            for line in build_lab(source):
                print(line, flush=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    if lines:
        print(*lines, "Run `classroom build`.", sep="\n", file=sys.stderr)
    return 1 if lines else 0


def check(chosen: argparse.Namespace) -> int:
    """Run a notebook with COURSEKIT_STRICT=1 and a tenth of the training; list what `check` said."""
    import nbformat

    from classroom.notebooks.execution import BuildError, execute, verdicts

    path = notebook_of(chosen.lab)
    print(f"Running {path.name} …", flush=True)
    settings = {"COURSEKIT_STRICT": "1", "COURSEKIT_STEPS": "0.1"}
    try:
        notebook = execute(nbformat.read(path, 4), path.parent, settings, allow_errors=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    lines = dict.fromkeys(line for output in outputs for line in verdicts(output))
    unsolved = [line for line in lines if line[0] != "✅"]
    print(*lines, f"{len(unsolved)} of {len(lines)} exercises are open.", sep="\n")
    errors = [] if unsolved else [output for output in outputs if output.output_type == "error"]
    for error in errors:
        print(f"A cell raised {error.ename}: {error.evalue}")
    return 1 if unsolved or errors else 0


def notebook_of(lab: str) -> Path:
    """Return the notebook that the student works on.

    Raises:
        FileNotFoundError: there is no such lab, or it was not built.
    """
    from classroom.notebooks.build import LABS, find_sources, student_path

    path = Path(lab) if lab.endswith(".ipynb") else student_path(find_sources(LABS, [lab])[0])
    if not path.is_file():
        raise FileNotFoundError(f"There is no notebook {path}: run `classroom build {lab}` first.")
    return path


def slides(chosen: argparse.Namespace) -> int:
    """Build the deck; show it at each change, or look for what is wrong on its slides."""
    from classroom.deck.command import build_all, check, serve

    run = serve if chosen.serve else check if chosen.check else build_all
    return run()


def api(chosen: argparse.Namespace) -> int:
    """Build the API reference and say where it is."""
    from classroom.api.build import build as build_reference

    print(f"The API reference: {build_reference()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
