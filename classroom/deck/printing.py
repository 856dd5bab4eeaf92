"""The deck on paper: a PDF of the slides, a handout with the notes, and a sheet with every slide."""

import base64
import io
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page

from classroom.deck.browser import READY, opened
from classroom.deck.folders import Folders

COLUMNS, THUMBNAIL, GAP = 4, (640, 360), 12
KINDS = ("slides", "handout")
LARGEST_SIDE = 800  # pixels of a printed photograph, so that a PDF of the whole deck can be mailed
PHOTOGRAPH = re.compile(r"data:image/webp;base64,([A-Za-z0-9+/=]+)")


def write_pdf(browser: Browser, folders: Folders, kind: str, say: Callable[[str], None] = print) -> Path:
    """Print the deck as "slides", a page for each picture that another replaces, or as a "handout"; return the PDF."""
    pdf = folders.pdf(kind)
    with on_paper(browser, folders.deck, kind) as page:
        page.pdf(path=pdf, prefer_css_page_size=True, print_background=True, tagged=True, outline=False)
    compact(pdf)
    say(f"{pdf.name}: {page_count(pdf)} pages, {pdf.stat().st_size / 1e6:.2f} MB")
    return pdf


@contextmanager
def on_paper(browser: Browser, deck: Path, kind: str) -> Iterator[Page]:
    """A deck laid out for paper; its photographs are JPEG, which Chromium puts into a PDF unchanged, unlike WebP."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "paper.html"
        copy.write_text(PHOTOGRAPH.sub(as_jpeg, deck.read_text(encoding="utf-8")), encoding="utf-8")
        with opened(browser, f"{copy.as_uri()}?print={kind}") as (page, _):
            page.emulate_media(media="print")
            page.wait_for_function(READY)
            yield page


def as_jpeg(found: re.Match) -> str:
    """Return the address of a photograph as JPEG, or unchanged if it is partly transparent."""
    picture, small = Image.open(io.BytesIO(base64.b64decode(found[1]))), io.BytesIO()
    if picture.mode != "RGB":
        return found[0]
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    picture.save(small, format="jpeg", quality=60, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(small.getvalue()).decode()}"


def compact(pdf: Path) -> None:
    """Pack the thousands of small objects of a PDF together, which saves a tenth of its size."""
    with pikepdf.open(pdf, allow_overwriting_input=True) as document:
        document.save(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=True)


def page_count(pdf: Path) -> int:
    """Return the number of pages of a PDF."""
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def pages(pdf: Path, width: int) -> Iterator[Image.Image]:
    """Yield each page of a PDF as a picture of this many pixels."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            yield page.render(scale=width / page.get_width()).to_pil()


def write_contact_sheet(folders: Folders, say: Callable[[str], None] = print) -> None:
    """Draw every page of the printed slides on one picture, beside the sources."""
    contact_sheet(list(pages(folders.pdf("slides"), THUMBNAIL[0]))).save(folders.sheet, optimize=True)
    say(f"{folders.sheet.name}: every slide on one picture")


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
