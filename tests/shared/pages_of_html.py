"""The pages of a folder of HTML: their anchors, their links, what a browser loads to show them, and the links that break."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

LOADING = ("src", "srcset", "data", "poster")


class Page(HTMLParser):
    """The anchors of a page, what it links to, what a browser would load to show it, its pictures' texts, its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.alts: list[str] = []
        self.words: list[str] = []
        self.loads = re.findall(r"url\(['\"]?(?!data:)([^)'\"]+)|@import", text)
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.anchors |= {named[key] for key in ("id", "name") if named.get(key)}
        if tag == "a" and named.get("href"):
            self.links.append(named["href"])
        if tag == "link" and named.get("href") != "#":
            self.loads.append(named.get("href"))
        if tag == "img":
            self.alts.append(named.get("alt"))
        self.loads += [named[key] for key in LOADING if named.get(key) and not named[key].startswith("data:")]

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


def read_pages(folder: Path, pattern: str = "**/*.html") -> dict[Path, Page]:
    """Each page of a folder, or those below it that a pattern names, by its path."""
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(folder.glob(pattern))}


def broken_links(
    pages: dict[Path, Page], allowed: tuple[str, ...], others: dict[Path, Page] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield each link inside the pages that leads nowhere, and each to another site that is not allowed.

    Args:
        others: pages that links may lead to, but whose own links are not followed.
    """
    targets = pages | (others or {})
    for path, page in pages.items():
        for link in page.links:
            address, anchor = urldefrag(link)
            if urlparse(address).scheme:
                if not link.startswith(allowed):
                    yield path.name, link
                continue
            target = (path.parent / unquote(address)).resolve() if address else path
            known = target in targets and (not anchor or unquote(anchor) in targets[target].anchors)
            if not known and not (target.suffix not in ("", ".html") and target.is_file()):
                yield path.name, link


def loads_from_outside(pages: dict[Path, Page], folder: Path) -> list[tuple[str, str]]:
    """What the pages load from outside their folder, or what is not there."""
    return [
        (path.name, load)
        for path, page in pages.items()
        for load in page.loads
        if not (place := (path.parent / load.split("?")[0]).resolve()).is_relative_to(folder)
        or not place.is_file()
    ]
