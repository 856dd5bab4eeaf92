"""What `classroom slides` does: build all, serve while one writes, or check as CI does."""

import subprocess
import sys
import time
from collections.abc import Callable

from classroom.deck.browser import NoBrowser, chromium
from classroom.deck.build import build_pages
from classroom.deck.folders import Folders
from classroom.deck.ingredients import PACKAGE
from classroom.deck.printing import print_deck

REBUILD = """
import sys
from pathlib import Path
from classroom.deck.build import build_pages
from classroom.deck.folders import Folders
from classroom.deck.problem import DeckError
try:
    build_pages(Folders(*map(Path, sys.argv[1:])))
except DeckError as error:
    print(error)
"""
RELOAD = '<script src="/livereload.js?port={port}"></script></body>'


def build_all(folders: Folders | None = None, say: Callable[[str], None] = print) -> int:
    """Build the pages, the PDF and the contact sheet; without a Chromium only the pages."""
    folders, began = folders or Folders(), time.perf_counter()
    build_pages(folders, say)
    try:
        with chromium() as browser:
            print_deck(browser, folders, say)
    except NoBrowser as error:
        say(f"No PDF and no contact sheet: {error}")
    say(f"{folders.deck}: built in {time.perf_counter() - began:.0f} s")
    return 0


def check(folders: Folders | None = None, say: Callable[[str], None] = print) -> int:
    """Build all, then look at every slide in a browser; return 1 and say what is wrong, if anything is.

    Raises:
        NoBrowser: there is no Chromium.
    """
    from classroom.deck.check import problems

    folders, began = folders or Folders(), time.perf_counter()
    pages = build_pages(folders, say)
    with chromium() as browser:
        print_deck(browser, folders, say)
        found = problems(browser, folders, pages, say)
    for line in found:
        print(line, file=sys.stderr)
    say(f"{len(found)} problems, {time.perf_counter() - began:.0f} s")
    return 1 if found else 0


def serve(folders: Folders | None = None, port: int = 5500, browse: bool = True) -> int:
    """Show the deck on this machine and build it anew in a fresh Python whenever a source changes."""
    from livereload import Server

    folders = folders or Folders()

    live = folders.out / "live.html"
    places = [str(folder) for folder in (folders.slides, folders.out, folders.labs)]

    def rebuild() -> None:  # what is wrong is printed, and the last deck stays
        subprocess.run([sys.executable, "-c", REBUILD, *places])
        page = (
            folders.deck.read_text(encoding="utf-8")
            if folders.deck.is_file()
            else "<body>No deck yet.</body>"
        )
        live.write_text(page.replace("</body>", RELOAD.format(port=port)), encoding="utf-8")

    rebuild()
    server = Server()
    for pattern in ("*.md", "*.css", "figures/*.py"):
        server.watch(str(folders.slides / pattern), rebuild)
    server.watch(str(PACKAGE / "**" / "*.py"), rebuild)
    server.serve(
        root=str(folders.out), port=port, default_filename=live.name, open_url_delay=1 if browse else None
    )
    return 0
