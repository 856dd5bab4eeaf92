"""The pages of the site that are not labs: the first page, the slides, the glossary, the index of the API."""

import inspect
import re
import shutil
from importlib import import_module
from pathlib import Path
from types import ModuleType

FLAT = ("ops", "nets", "models", "data", "metrics", "proposals", "draw", "training")
ANCHOR = re.compile(r'^<a id="([^"]+)"></a>\n?', re.MULTILINE)
TITLE = re.compile(r"^title: (.+)$", re.MULTILINE)
TREE = "```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{pages}\n```"
FILES = {
    "deck.html": "The whole deck",
    "slides.pdf": "The slides as a PDF",
    "handout.pdf": "A handout with notes, as a PDF",
}
TO_LAB = re.compile(r'href="(?:\.\./)+labs/(\w+)\.(?:ipynb|md)')
NO_SLIDES = """This site was built without the slides. To add them, run `classroom slides`, which makes one HTML file that needs no network,
and then `classroom site` again."""


def section(readme: str, title: str) -> str:
    """Return a section of a file in Markdown, without its heading.

    >>> section("# A\\n\\n## B\\n\\ntext\\n\\n## C\\n", "B")
    'text'
    """
    return re.split(r"^## ", readme.split(f"\n## {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0].strip()


def first_page(readme: str, labs: list[str]) -> str:
    """Return the first page: the beginning of the README, its table of the labs, and what the site's menu lists."""
    beginning = readme.split("\n## ")[0].replace("](bench/", "](")
    menu = TREE.format(caption="Labs", pages="\n".join(f"labs/{name}" for name in labs))
    others = ("labs/glossary", "slides/index", "api", "labs/project/README")
    others_menu = TREE.format(caption="More", pages="\n".join(others))
    return "\n\n".join((beginning, "## The labs", section(readme, "The labs"), menu, others_menu)) + "\n"


def glossary(text: str) -> str:
    """Return the glossary with its anchors as Sphinx wants them.

    >>> glossary('<a id="box"></a>**box**: A box.')
    '(box)=\\n**box**: A box.'
    """
    return ANCHOR.sub(r"(\1)=\n", text)


def slides_page(slides: Path, built: list[str]) -> str:
    """Return the page with a link to each file of the deck: the whole of it, its parts, its PDFs."""
    parts = {
        f"{path.stem}.html": path.read_text(encoding="utf-8") for path in sorted(slides.glob("[0-9]*.md"))
    }
    titles = {name: found[1].strip("\"'") for name, text in parts.items() if (found := TITLE.search(text))}
    names = [name for name in {**FILES, **titles, **dict.fromkeys(built)} if name in built]
    lines = [f"- [{(FILES | titles).get(name, name)}](slides:{name})" for name in names]
    return "\n".join(["# Slides", "", *(lines or [NO_SLIDES])]) + "\n"


def api_page() -> str:
    """Return an index of the public names, each with its first sentence, so that the site's search finds them."""
    lines = [
        "# API reference",
        "",
        "Every public name. Its entry has shapes, formulas, examples and sources.",
    ]
    lines += ["The whole reference, with its own search: [coursekit and classroom](api:index.html#).", ""]
    for package in FLAT:
        module = import_module(f"coursekit.{package}")
        lines += [f"## coursekit.{package}", ""]
        lines += [entry(package, name, getattr(module, name)) for name in public(module)]
        lines.append("")
    return "\n".join(lines)


def public(module: ModuleType) -> list[str]:
    """Return the classes and functions of a module's `__all__`, or without one the public ones that it defines."""
    own = [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
    ]
    names = getattr(module, "__all__", None) or [name for name in own if not name.startswith("_")]
    values = {name: getattr(module, name) for name in sorted(names)}
    return [name for name, value in values.items() if inspect.isclass(value) or inspect.isfunction(value)]


def entry(package: str, name: str, value: object) -> str:
    """Return a line of a list: the name, linked to its entry, and the first sentence of its docstring."""
    first = (inspect.getdoc(value) or "").partition("\n\n")[0]
    return f"- [`{name}`](api:coursekit/{package}.html#{name}): {' '.join(first.split())}"


def copy_glossary(labs: Path, folder: Path) -> None:
    """Copy the glossary and its pictures, and the pages of the final project."""
    (folder / "glossary.md").write_text(
        glossary((labs / "glossary.md").read_text(encoding="utf-8")), encoding="utf-8"
    )
    shutil.copytree(labs / "glossary", folder / "glossary")
    shutil.copytree(labs / "project", folder / "project")
    with (folder / "project" / "README.md").open("a", encoding="utf-8") as page:
        page.write("\n```{toctree}\n:hidden:\n\nMODEL_CARD\nRUBRIC\n```\n")


def copy_slides(out: Path, folder: Path) -> list[str]:
    """Copy the built deck with its links leading to the site's labs; return the names of the copied files."""
    files = [
        path for path in sorted(out.glob("*")) if path.suffix in (".html", ".pdf") and path.stem != "live"
    ]
    folder.mkdir(parents=True)
    for path in files:
        shutil.copy(path, folder)
        if path.suffix == ".html":
            page = folder / path.name
            page.write_text(
                TO_LAB.sub(r'href="../labs/\1.html', page.read_text(encoding="utf-8")), encoding="utf-8"
            )
    return [path.name for path in files]
