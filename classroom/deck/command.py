"""What `classroom slides` does: build all, serve while one writes, or check as CI does."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from classroom.deck.browser import chromium
from classroom.deck.build import build_pages
from classroom.deck.folders import Folders
from classroom.deck.ingredients import PACKAGE
from classroom.deck.printing import KINDS, write_contact_sheet, write_pdf

REBUILD = """
import sys
from pathlib import Path
from classroom.deck.build import build_pages
from classroom.deck.folders import Folders
from classroom.deck.problem import DeckError
if __name__ == "__main__":
    try:
        build_pages(Folders(*map(Path, sys.argv[1:4]), sys.argv[4]))
    except DeckError as error:
        print(error)
"""
RELOAD = '<script src="/livereload.js?port={port}"></script></body>'


def build_all(
    folders: Folders, kinds: Sequence[str] = (), sheet: bool = False, say: Callable[[str], None] = print
) -> int:
    """Build the pages and, when they are asked for, PDFs ("slides", "handout") and a contact sheet.

    Raises:
        NoBrowser: Chromium, which prints, is not installed.
    """
    began = time.perf_counter()
    build_pages(folders, say)
    if kinds or sheet:
        with chromium() as browser:
            for kind in dict.fromkeys([*kinds, *KINDS[:sheet]]):
                write_pdf(browser, folders, kind, say)
    if sheet:
        write_contact_sheet(folders, say)
    say(f"{folders.deck}: built in {time.perf_counter() - began:.0f} s")
    return 0


def check(folders: Folders, say: Callable[[str], None] = print) -> int:
    """Build everything, then check every slide in a browser; print the faults and return 1 if there are any.

    Raises:
        NoBrowser: Chromium is not installed.
    """
    from classroom.deck.check import problems

    began = time.perf_counter()
    pages = build_pages(folders, say)
    with chromium() as browser:
        found = problems(browser, folders, pages, say)
    write_contact_sheet(folders, say)
    for line in found:
        print(line, file=sys.stderr)
    say(f"{len(found)} problems, {time.perf_counter() - began:.0f} s")
    return 1 if found else 0


def serve(folders: Folders, port: int = 5500, browse: bool = True) -> int:
    """Show the deck on this machine and build it again in a fresh Python whenever a source changes."""
    from livereload import Server

    live = folders.out / "live.html"
    places = [*map(str, (folders.slides, folders.out, folders.labs)), folders.rendered_labs]

    def rebuild() -> None:  # mistakes are printed, and the last deck stays
        subprocess.run([sys.executable, "-c", REBUILD, *places])
        page = (
            folders.deck.read_text(encoding="utf-8")
            if folders.deck.is_file()
            else "<body>No deck yet.</body>"
        )
        live.parent.mkdir(parents=True, exist_ok=True)
        live.write_text(page.replace("</body>", RELOAD.format(port=port)), encoding="utf-8")

    rebuild()
    server = Server()
    for pattern in ("*.*", "figures/*.py"):
        server.watch(str(folders.slides / pattern), rebuild)
    server.watch(str(PACKAGE / "**" / "*.py"), rebuild)
    server.serve(
        root=str(folders.out), port=port, default_filename=live.name, open_url_delay=1 if browse else None
    )
    return 0
