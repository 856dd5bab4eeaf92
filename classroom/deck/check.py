"""The checks of the deck: every slide, opened in a real browser without a network, at two sizes and in both themes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, ElementHandle, Page

from classroom.deck.browser import READY, opened
from classroom.deck.folders import Folders
from classroom.deck.printing import KINDS, on_paper, page_count, pages, write_pdf

SIZES = ((1280, 720), (1920, 1080))
THEMES = ("light", "dark")
INSPECT = Path(__file__).with_name("inspect.js").read_text(encoding="utf-8")
LARGEST = 6e6  # bytes of an HTML file with one part
LARGEST_PDF = 10e6  # bytes, to be mailed
MARGIN = 56  # pixels of 1280 that stay white beside what is printed
TITLE = "(slide) => slide.querySelector('h1, h2')?.textContent ?? ''"
SHOW = """(i) => {
  const { h, v } = Reveal.getIndices(Reveal.getSlides()[i]);
  Reveal.slide(h, v);
  while (Reveal.nextFragment());
}"""
# A page of A4 has 269 mm between its margins.
TOO_LONG = """(sheet) => {
  const over = sheet.getBoundingClientRect().height - 269 / 25.4 * 96;
  return over > 1 ? [`the notes are ${Math.round(over)} pixels too long for one page`] : [];
}"""


def problems(
    browser: Browser, folders: Folders, built: list[Path], say: Callable[[str], None] = print
) -> list[str]:
    """Return a line for each fault of a built deck.

    Args:
        built: the HTML files, deck.html first; each is opened, the slides of the first are looked at.
    """
    found = []
    for width, height in SIZES:
        found += look(browser, folders, width, height)
        say(f"looked at every slide at {width} x {height}")
    for theme in THEMES:
        found += accessibility(browser, folders, theme)
        say(f"axe has looked at every slide, {theme}")
    for path in built:
        largest = LARGEST * (max(len(built) - 1, 1) if path == folders.deck else 1)
        found += [f"{path.name}: {line}" for line in strange(browser, path, largest)]
    for kind in KINDS:
        found += paper(browser, folders, kind, say)
    return list(dict.fromkeys(found))


def look(browser: Browser, folders: Folders, width: int, height: int) -> list[str]:
    """Return what inspect.js finds on each slide, errors, and requests off the machine."""
    found = []
    with opened(browser, folders.deck.as_uri(), width, height, reduced_motion="reduce") as (page, wrong):
        for name, slide in slides(page):
            lines = [*page.evaluate(INSPECT, slide), *missing_labs(slide, folders)]
            found += [f"{name} at {width} x {height}: {line}" for line in lines]
        return found + wrong


def slides(page: Page) -> Iterator[tuple[str, ElementHandle]]:
    """Show each slide with all its steps; yield its file, its line and what to call it, and the slide."""
    page.wait_for_function(READY)
    for i in range(page.evaluate("Reveal.getTotalSlides()")):
        show(page, i)
        slide = page.evaluate_handle("Reveal.getCurrentSlide()").as_element()
        yield f"{slide.get_attribute('data-place')}: slide {i + 1} ({slide.evaluate(TITLE)})", slide


def show(page: Page, i: int) -> None:
    """Go to a slide, counted from 0, with all its steps shown, and wait until it is drawn."""
    page.evaluate(SHOW, i)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_timeout(220)  # a step that appears fades in


def missing_labs(slide: ElementHandle, folders: Folders) -> list[str]:
    """Return the links of a slide to labs that lead to no file of the course."""
    links = slide.evaluate(
        "(slide) => [...slide.querySelectorAll('a.lab')].map((a) => a.getAttribute('href'))"
    )
    files = [link for link in links if not link.startswith("http")]
    return [
        f"no file behind the link {link}" for link in files if not (folders.out / unquote(link)).is_file()
    ]


def accessibility(browser: Browser, folders: Folders, theme: str) -> list[str]:
    """Return the rules of axe that a slide breaks, and where; what the slides share is checked once."""
    from axe_playwright_python.sync_playwright import Axe

    found, axe = [], Axe()
    shown = {"color_scheme": theme, "reduced_motion": "reduce"}
    rules = {"resultTypes": ["violations"]}
    if theme != THEMES[0]:
        rules |= {"runOnly": ["color-contrast"]}  # only these depend on the theme
    with opened(browser, folders.deck.as_uri(), *SIZES[0], **shown) as (page, _):
        for i, (name, slide) in enumerate(slides(page)):
            part = f"[id='{slide.get_attribute('id')}']" if i else None
            for rule in axe.run(page, context=part, options=rules).response["violations"]:
                where = rule["nodes"][0]["html"][:160]
                found.append(f"{name}, {theme}: axe: {rule['id']}, {rule['help']}: {where}")
    return found


def strange(browser: Browser, path: Path, largest: float = LARGEST) -> list[str]:
    """Return a page's errors and requests when it starts, and its size if that is too large."""
    with opened(browser, path.as_uri()) as (page, wrong):
        page.wait_for_function(READY)
        large = (
            [f"{path.stat().st_size / 1e6:.1f} MB, more than {largest / 1e6:.0f}"]
            if path.stat().st_size > largest
            else []
        )
        return [*wrong, *large]


def paper(browser: Browser, folders: Folders, kind: str, say: Callable[[str], None] = print) -> list[str]:
    """Print the deck; return what is wrong with the pages before and after they are printed."""
    found, pdf = [], write_pdf(browser, folders, kind, say)
    with on_paper(browser, folders.deck, kind) as page:
        sheets = page.query_selector_all(".sheet" if kind == "handout" else ".slide")
        for i, sheet in enumerate(sheets):
            name = sheet.evaluate(
                "(sheet) => (sheet.closest('.slide') ?? sheet.querySelector('.slide')).dataset.place"
            )
            lines = page.evaluate(TOO_LONG if kind == "handout" else INSPECT, sheet)
            found += [f"{name}: page {i + 1} of {pdf.name}: {line}" for line in lines]
    if len(sheets) != page_count(pdf):
        found.append(f"{pdf.name} has {page_count(pdf)} pages instead of {len(sheets)}")
    if pdf.stat().st_size > LARGEST_PDF:
        found.append(f"{pdf.name} has {pdf.stat().st_size / 1e6:.1f} MB, more than {LARGEST_PDF / 1e6:.0f}")
    return found + [
        f"page {i} of {pdf.name} {line}"
        for i, picture in enumerate(pages(pdf, 400), 1)
        for line in printed(picture)
    ]


def printed(picture: Image.Image) -> list[str]:
    """Return the fault of a printed page, 400 pixels wide, if it is empty or has something in its margins."""
    grey, edge = np.asarray(picture.convert("L")), 400 * MARGIN // 1280
    ink = grey < 200
    margins = {"left": ink[:, :edge], "right": ink[:, -edge:], "top": ink[: edge // 2]}
    sides = [f"has something in the margin at the {side}" for side, part in margins.items() if part.any()]
    return sides if ink.any() else ["is empty"]
