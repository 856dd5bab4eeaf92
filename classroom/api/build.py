"""pdoc with the house's docstrings, without a link to elsewhere, light and dark."""

import inspect
import pkgutil
import re
import shutil
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from pdoc import doc, render
from pygments.formatters import HtmlFormatter

from classroom.api.markdown import to_markdown
from classroom.deck.folders import ROOT

FOLDER = ROOT / "build" / "api"
PACKAGES = ("coursekit", "classroom")
INNER = re.compile(  # not for authors of labs
    r".*\.__main__|classroom\.(api|deck|notebooks|museum|site|extras|cli).*|classroom\.exercises\..*(lab|picture).*"
)
DARK = "github-dark"


def build(folder: Path = FOLDER) -> Path:
    """Write the API reference of both packages into a folder of its own; return its first page.

    Raises:
        ValueError: a docstring with a formula that is not LaTeX.
    """
    for package in map(import_module, PACKAGES):  # they load their names on first use
        vars(package).update({name: getattr(package, name) for name in package.__all__})
    known = {name: doc.Module.from_name(name) for name in modules()}
    with TemporaryDirectory() as templates:
        shutil.copytree(Path(__file__).parent / "templates", templates, dirs_exist_ok=True)
        add_dark_code(Path(templates) / "custom.css")
        render.configure(docformat="markdown", template_directory=Path(templates))
        render.env.filters |= {"to_markdown": to_markdown, "own_docstring": own_docstring}
        pages = {f"{name.replace('.', '/')}.html": render.html_module(known[name], known) for name in known}
        pages |= {"index.html": render.html_index(known), "search.js": render.search_index(known)}
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "index.html"


def modules() -> list[str]:
    """Return the names of the modules that have a page: pdoc itself would stop at a package with `__all__`."""
    found = []
    for package in PACKAGES:
        path = import_module(package).__path__
        found += [package, *(module.name for module in pkgutil.walk_packages(path, f"{package}."))]
    return [name for name in found if not INNER.fullmatch(name)]


def own_docstring(item: doc.Doc) -> str:
    """Return the docstring, unless a class or a method inherits it from another package, such as torch."""
    if item.docstring.startswith("Alias for field number"):  # of a named tuple: its comment says more
        return ""
    if item.kind == "variable":
        return "" if item.docstring == words_of_its_type(item) else item.docstring
    if item.kind not in ("class", "function"):
        return item.docstring
    *outer, name = item.qualname.split(".")
    owner = (
        item.obj
        if item.kind == "class"
        else attrgetter(".".join(outer))(item_module(item))
        if outer
        else None
    )
    if not isinstance(owner, type):
        return item.docstring
    for base in owner.__mro__:
        found = base if item.kind == "class" else vars(base).get(name)
        if found is not None and found.__doc__:
            return item.docstring if base.__module__.startswith(PACKAGES) else ""
    return item.docstring


def words_of_its_type(item: doc.Doc) -> str:
    """Return the docstring of a variable's class, which a trait of traitlets repeats as its own."""
    value: object = item_module(item)
    for name in item.qualname.split("."):
        value = inspect.getattr_static(value, name, None)
    return inspect.cleandoc(type(value).__doc__ or "")


def item_module(item: doc.Doc) -> ModuleType:
    return import_module(item.modulename)


def add_dark_code(style: Path) -> None:
    """Append the colours of code on a dark page."""
    rules = HtmlFormatter(style=DARK).get_style_defs(".pdoc-code")
    dark = f"@media (prefers-color-scheme: dark) {{\n{rules}\n}}\n"
    style.write_text(style.read_text(encoding="utf-8") + dark, encoding="utf-8")
