"""The command `classroom`: build and check the labs and the slides."""

import argparse
import sys
from pathlib import Path

from classroom.class_commands import add_class_commands
from classroom.extras import advice
from coursekit.cli import command_adder, run_command

MY_LABS = Path(__file__).parents[1] / "my_labs"
TRANSLATIONS = MY_LABS.parent / "translations"
DESCRIPTION = "The labs and the slides of coursekit: build them and check them."


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 if all is well, 1 if something needs attention."""
    try:
        return run_command(parser(), arguments)
    except ModuleNotFoundError as error:
        print(advice(error.name, "lab,slides,site"), file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command; each sets `run`, a function of the parsed arguments."""
    whole = argparse.ArgumentParser("classroom", description=DESCRIPTION)
    command = command_adder(whole)
    sub = command("build", build, "make the students' and the instructors' notebooks from labs/source")
    sub.add_argument("labs", nargs="*", metavar="LAB", help="such as 01 or 01_localisation; all by default")
    sub.add_argument("--check", action="store_true", help="only list the notebooks that are not up to date")
    sub = command("check", check, "check only the exercises of a lab")
    sub.add_argument(
        "lab", metavar="LAB", help="such as 03 (your copy in my_labs), or the path of a notebook"
    )
    sub = command("lab", lab, "open your copy of a lab in JupyterLab")
    sub.add_argument("options", nargs="*", metavar="03", help="the lab; options after -- go to JupyterLab")
    command("progress", progress, "list which exercises of each lab are solved")
    sub = command(
        "copy", copy_labs, "make your copies of the labs in my_labs, or update them to the course's"
    )
    sub.add_argument("language", nargs="?", default="", help="such as fr: those of my_labs/fr")
    sub = command("slides", slides, "make the deck from slides/, or one of your own: HTML, and PDFs to print")
    sub.add_argument("words", nargs="*", metavar="FOLDER", help="a deck of your own; `new FOLDER` begins one")
    sub.add_argument("--take", nargs="+", default=[], metavar="ID", help="slides of the course for `new`")
    sub.add_argument("--pdf", action="store_true", help="also print the slides")
    sub.add_argument("--handout", action="store_true", help="also print the slides with their notes")
    sub.add_argument("--sheet", action="store_true", help="also put all slides on one picture")
    sub.add_argument("--labs", default="", metavar="ADDRESS", help="of the labs as web pages, for the links")
    sub.add_argument("--check", action="store_true", help="look at every slide in a browser, as CI does")
    sub.add_argument(
        "--serve", action="store_true", help="show the deck, and rebuild it when a source changes"
    )
    sub = command("translate", translate, "build the labs and the slides in another language")
    sub.add_argument("language", help="such as fr: its texts are in translations/fr")
    sub.add_argument("names", nargs="*", metavar="NAME", help="such as labs/01 or slides/2b; by default all")
    sub.add_argument(
        "--extract", nargs="*", metavar="NAME", help="put the English texts into PO files; keep translations"
    )
    sub.add_argument("--check", nargs="*", metavar="NAME", help="only list what is missing or out of date")
    command("api", api, "make the API reference from the docstrings, in build/api")
    sub = command("site", site, "make the website of the course, in build/site: labs, slides, glossary, API")
    sub.add_argument("--with-solutions", action="store_true", help="also show the solutions of the exercises")
    add_class_commands(command)
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
    """Check the exercises of a notebook; list what `check` says of each."""
    from classroom.notebooks.marking import mark

    path, right = notebook_of(chosen.lab), []
    print(f"Checking {path.parent.name}/{path.name} …", flush=True)
    for _, is_right, said in mark(path):
        print(said, flush=True)
        right.append(is_right)
    print(f"{sum(right)} of {len(right)} exercises are solved.")
    return 0 if all(right) else 1


def notebook_of(lab: str) -> Path:
    """Return the notebook that the student works on: the student's copy if it exists.

    Raises:
        FileNotFoundError: the lab does not exist, or it was not built.
    """
    from classroom.notebooks.build import LABS, find_sources, student_path

    path = Path(lab)
    if not lab.endswith(".ipynb"):
        path = student_path(find_sources(LABS, [lab])[0])
        own = MY_LABS / path.name
        path = own if own.is_file() else path
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no notebook {path}: give the number of a lab, such as 03, or a path."
        )
    return path


def progress(_chosen: argparse.Namespace) -> int:
    """Print the student's progress."""
    from classroom.exercises.record import progress as print_progress

    print_progress()
    return 0


def lab(chosen: argparse.Namespace) -> int:
    """Update the student's copies, then start JupyterLab."""
    from classroom.notebooks import jupyter

    copy_labs(argparse.Namespace(language=""))
    words = jupyter.command(MY_LABS, chosen.options)
    print("Starting JupyterLab; Ctrl-C in this window stops it.", flush=True)
    return jupyter.start(words, MY_LABS.parent)


def copy_labs(chosen: argparse.Namespace) -> int:
    """Make or update the student's copies of the labs, in English or in another language.

    Raises:
        FileNotFoundError: no lab is translated into this language.
    """
    from classroom.notebooks.build import LABS
    from classroom.notebooks.working_copy import update

    labs = LABS / chosen.language
    if not any(labs.glob("*.ipynb")):
        raise FileNotFoundError(f"There is no lab in {labs}: see the folder translations for its languages.")
    for sentence in update(labs, MY_LABS / chosen.language):
        print(sentence, flush=True)
    return 0


def slides(chosen: argparse.Namespace) -> int:
    """Build, print, serve or check a deck, or start a new one."""
    from classroom.deck.command import build_all, check, serve
    from classroom.deck.folders import Folders
    from classroom.deck.own import new_deck, own_deck

    if chosen.words[:1] == ["new"]:
        folder = chosen.words[1] if chosen.words[1:] else "my_slides"
        print(f"{new_deck(Path(folder), chosen.take)}: edit it, then run `classroom slides {folder}`.")
        return 0
    folders = (
        own_deck(Path(chosen.words[0]), chosen.labs) if chosen.words else Folders(rendered_labs=chosen.labs)
    )
    if chosen.serve or chosen.check:
        return (serve if chosen.serve else check)(folders)
    kinds = [kind for kind, asked in (("slides", chosen.pdf), ("handout", chosen.handout)) if asked]
    return build_all(folders, kinds, chosen.sheet)


def translate(chosen: argparse.Namespace) -> int:
    """Extract texts to PO files, build what is translated, or only check it."""
    from classroom.deck.folders import Folders
    from classroom.notebooks.execution import BuildError
    from classroom.translation.command import build, check, extract

    run = build if chosen.extract is chosen.check is None else check if chosen.extract is None else extract
    names = [*chosen.names, *(chosen.extract or []), *(chosen.check or [])]
    try:
        return run(chosen.language, names, TRANSLATIONS / chosen.language, Folders(), print)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1


def api(chosen: argparse.Namespace) -> int:
    """Build the API reference and say where it is."""
    from classroom.api.build import build as build_reference

    print(f"The API reference: {build_reference()}")
    return 0


def site(chosen: argparse.Namespace) -> int:
    """Build the website and print its address; warnings of Sphinx are printed and make the exit code 1."""
    from classroom.site.build import FOLDER
    from classroom.site.build import build as build_site

    warnings = build_site(solutions=chosen.with_solutions)
    print(*warnings, sep="\n", end="\n" if warnings else "", file=sys.stderr)
    print(f"The website: {FOLDER / 'index.html'}. Copy the folder to any web server, or open this file.")
    return 1 if warnings else 0


if __name__ == "__main__":
    sys.exit(main())
