"""Sphinx with MyST-NB and the theme Furo: one folder of plain files, which asks nobody outside."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from sphinx.application import Sphinx

from classroom.api.build import build as build_api
from classroom.deck.folders import ROOT, Folders
from classroom.notebooks.build import LABS, find_sources
from classroom.notebooks.execution import as_text
from classroom.site import pages
from classroom.site.edition import reading_edition

FOLDER = ROOT / "build" / "site"
HERE = Path(__file__).parent
NAMES = {  # what the theme leaves to say to a screen reader
    'role="heading">': 'role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Pages">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
}
SETTINGS = {
    "project": "coursekit",
    "extensions": ["myst_nb", "classroom.site.maths"],
    "language": "en",
    "nb_execution_mode": "off",
    "myst_enable_extensions": ["dollarmath"],
    "myst_url_schemes": {
        "https": None,
        "slides": "../slides/{{path}}",
        "api": "api/{{path}}#{{fragment}}",
    },
    "html_theme": "furo",
    "html_title": "coursekit",
    "html_static_path": [str(HERE / "site.css"), str(HERE / "site.js")],
    "html_css_files": ["site.css"],
    "html_js_files": ["site.js"],
    "html_math_renderer": "mathml",
    "html_copy_source": False,
    "html_use_index": False,
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "pygments_style": "a11y-high-contrast-light",
}


def build(folder: Path = FOLDER, solutions: bool = False, decks: Folders | None = None) -> list[str]:
    """Write the site into a folder of its own; return what Sphinx warned about.

    Args:
        folder: what it held before is removed.
        solutions: show the solutions of the exercises.
        decks: where the slides are, and where they have been built.
    Raises:
        ValueError: a built lab does not match its source, or a formula is not LaTeX.
    """
    decks = decks or Folders()
    with TemporaryDirectory() as work:
        sources, out, warnings = (Path(work) / name for name in ("sources", "html", "warnings"))
        built = pages.copy_slides(decks.out, out / "slides")
        write_sources(sources, solutions, decks.slides, built)
        with warnings.open("w", encoding="utf-8") as said:
            sphinx = Sphinx(sources, None, out, Path(work) / "doctrees", "html", SETTINGS, None, said)
            sphinx.build()
        for page in (*out.glob("*.html"), *out.glob("labs/**/*.html"), out / "slides" / "index.html"):
            give_names(page)
        build_api(out / "api")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.move(out, folder)
        return warnings.read_text(encoding="utf-8").splitlines()


def give_names(page: Path) -> None:
    """Add to a page of the theme the names and the headings that a screen reader needs."""
    text = page.read_text(encoding="utf-8")
    for found, named in NAMES.items():
        text = text.replace(found, named)
    page.write_text(text, encoding="utf-8")


def write_sources(folder: Path, solutions: bool, slides: Path, built: list[str]) -> None:
    """Write what Sphinx reads: the labs as they are read, and the other pages as Markdown."""
    (folder / "labs").mkdir(parents=True)
    (folder / "slides").mkdir()
    labs = find_sources(LABS, [])
    for source in labs:
        lab = reading_edition(source, bool(built), solutions)
        (folder / "labs" / f"{source.stem}.ipynb").write_text(as_text(lab), encoding="utf-8")
    pages.copy_glossary(LABS, folder / "labs")
    shutil.copy(ROOT / "bench" / "picture.jpg", folder)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    texts = {
        "index.md": pages.first_page(readme, [source.stem for source in labs]),
        "slides/index.md": pages.slides_page(slides, built),
        "api.md": pages.api_page(),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
