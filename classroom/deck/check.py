"""What CI asks of the deck: every slide, opened in a real browser without a network, at two sizes and in both themes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

from playwright.sync_api import Browser, Page

from classroom.deck.browser import READY, opened
from classroom.deck.folders import Folders
from classroom.deck.printing import page_count, show

SIZES = ((1280, 720), (1920, 1080))
THEMES = ("light", "dark")
INSPECT = Path(__file__).with_name("inspect.js").read_text(encoding="utf-8")
LARGEST = 6e6  # bytes of an HTML file with one part


def problems(
    browser: Browser, folders: Folders, pages: list[Path], say: Callable[[str], None] = print
) -> list[str]:
    """Return a line for each thing that is wrong with a built deck.

    Args:
        pages: the HTML files, deck.html first; each is opened, the slides of the first are looked at.
    """
    found = []
    for width, height in SIZES:
        found += look(browser, folders, width, height)
        say(f"looked at every slide at {width} x {height}")
    for theme in THEMES:
        found += accessibility(browser, folders, theme)
        say(f"axe has looked at every slide, {theme}")
    for path in pages:
        largest = LARGEST * (max(len(pages) - 1, 1) if path == folders.deck else 1)
        found += [f"{path.name}: {line}" for line in strange(browser, path, largest)]
    return [*dict.fromkeys(found), *paper(folders)]


def look(browser: Browser, folders: Folders, width: int, height: int) -> list[str]:
    """Return what inspect.js finds on each slide, errors, and requests off the machine."""
    found = []
    with opened(browser, folders.deck.as_uri(), width, height, reduced_motion="reduce") as (page, wrong):
        for name in slides(page):
            lines = [*page.evaluate(INSPECT), *missing_labs(page, folders)]
            found += [f"{name} at {width} x {height}: {line}" for line in lines]
        return found + wrong


def slides(page: Page) -> Iterator[str]:
    """Show each slide with all its steps; yield what to call it."""
    page.wait_for_function(READY)
    for i in range(page.evaluate("Reveal.getTotalSlides()")):
        show(page, i)
        title = page.evaluate("Reveal.getCurrentSlide().querySelector('h1, h2')?.textContent ?? ''")
        yield f"slide {i + 1} ({title})"


def missing_labs(page: Page, folders: Folders) -> list[str]:
    """Return the links of the slide on show that lead to no file of the course."""
    links = page.evaluate(
        "[...Reveal.getCurrentSlide().querySelectorAll('a.lab')].map((a) => a.getAttribute('href'))"
    )
    return [
        f"no file behind the link {link}" for link in links if not (folders.out / unquote(link)).is_file()
    ]


def accessibility(browser: Browser, folders: Folders, theme: str) -> list[str]:
    """Return the rules of axe that a slide breaks, and where; what is not the slides' own is looked at once."""
    from axe_playwright_python.sync_playwright import Axe

    found, axe = [], Axe()
    shown = {"color_scheme": theme, "reduced_motion": "reduce"}
    rules = {"resultTypes": ["violations"]}
    if theme != THEMES[0]:
        rules |= {"runOnly": ["color-contrast"]}  # nothing else depends on the theme
    with opened(browser, folders.deck.as_uri(), *SIZES[0], **shown) as (page, _):
        for i, name in enumerate(slides(page)):
            part = "section.present:not(.stack)" if i else None
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


def paper(folders: Folders) -> list[str]:
    """Return a line when the PDF has not a page for each slide."""
    slides, pages = folders.deck.read_text(encoding="utf-8").count("<section "), page_count(folders.pdf)
    return [] if slides == pages else [f"{folders.pdf.name} has {pages} pages for {slides} slides"]
