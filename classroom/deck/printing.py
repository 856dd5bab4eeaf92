"""The deck on paper: a PDF with one page a slide, and a sheet with every slide."""

import io
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from classroom.deck.browser import READY, opened
from classroom.deck.folders import Folders

COLUMNS, THUMBNAIL, GAP = 4, (640, 360), 12


def print_deck(browser: Browser, folders: Folders, say: Callable[[str], None] = print) -> None:
    """Write deck.pdf and contact_sheet.png beside the sources."""
    pages = write_pdf(browser, folders.deck, folders.pdf)
    say(f"{folders.pdf.name}: {pages} pages, {folders.pdf.stat().st_size / 1e6:.2f} MB")
    with opened(browser, folders.deck.as_uri()) as (page, _):
        contact_sheet([photograph for _, photograph in photographs(page)]).save(folders.sheet, optimize=True)
    say(f"{folders.sheet.name}: every slide on one picture")


def write_pdf(browser: Browser, deck: Path, pdf: Path) -> int:
    """Print a deck, all its steps shown; return the number of pages."""
    with opened(browser, f"{deck.as_uri()}?print-pdf") as (page, _):
        page.wait_for_function(READY)
        page.wait_for_selector(".pdf-page")
        page.pdf(path=pdf, prefer_css_page_size=True, print_background=True, tagged=True, outline=False)
    return page_count(pdf)


def page_count(pdf: Path) -> int:
    """Return the number of pages of a PDF as Chromium writes them: uncompressed objects of the type Page."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


def photographs(page: Page) -> Iterator[tuple[int, Image.Image]]:
    """Yield each slide's number, from 1, and its picture with all its steps shown."""
    page.wait_for_function(READY)
    for i in range(page.evaluate("Reveal.getTotalSlides()")):
        show(page, i)
        yield i + 1, Image.open(io.BytesIO(page.screenshot()))


def show(page: Page, i: int) -> None:
    """Go to a slide, counted from 0, with all its steps shown, and wait until it is drawn."""
    page.evaluate("(i) => { Reveal.slide(i); while (Reveal.nextFragment()); }", i)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_timeout(220)  # a step that appears fades in


def contact_sheet(pictures: list[Image.Image]) -> Image.Image:
    """Return all pictures in rows of four."""
    width, height = THUMBNAIL
    rows = math.ceil(len(pictures) / COLUMNS)
    size = (COLUMNS * (width + GAP) + GAP, rows * (height + GAP) + GAP)
    sheet = Image.new("RGB", size, "#8a949e")
    for i, picture in enumerate(pictures):
        row, column = divmod(i, COLUMNS)
        place = (GAP + column * (width + GAP), GAP + row * (height + GAP))
        sheet.paste(picture.convert("RGB").resize(THUMBNAIL, Image.Resampling.LANCZOS), place)
    return sheet
