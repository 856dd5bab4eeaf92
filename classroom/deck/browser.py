"""A real Chromium with the network removed: photographs of the slides, and the PDF."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCAL = re.compile(r"^(file|data|blob|about):")
READY = "() => document.documentElement.dataset.ready === 'yes'"
PATIENCE = (
    180_000  # milliseconds: on a busy machine the print page of a whole deck takes more than the usual 30 s
)


class NoBrowser(ValueError):
    """Chromium is not installed."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium that is closed afterwards.

    Raises:
        NoBrowser: none is on the PATH.
    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise NoBrowser(
            "No Chromium on the PATH: install it (Debian and Ubuntu: apt install chromium; macOS: brew install chromium)."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, address: str, width: int = 1280, height: int = 720, **options
) -> Iterator[tuple[Page, list[str]]]:
    """Yield the page with the deck ready, and a list that collects errors and requests off the machine."""
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True, **options)
    page, wrong = context.new_page(), []
    page.set_default_timeout(PATIENCE)

    def on_request(route) -> None:
        if LOCAL.match(route.request.url):
            return route.continue_()
        wrong.append(f"asks the network for {route.request.url[:120]}")
        route.abort()

    page.route("**/*", on_request)
    page.on("websocket", lambda socket: wrong.append(f"opens a socket to {socket.url[:120]}"))
    page.on(
        "console", lambda said: wrong.append(f"console: {said.text[:300]}") if said.type == "error" else None
    )
    page.on("pageerror", lambda error: wrong.append(f"error in the page: {error}"))
    try:
        page.goto(address)
        yield page, wrong
    finally:
        context.close()
