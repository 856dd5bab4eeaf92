"""Figures in the course's style, which a lab asks for in its first cell; a made-up deck, and a browser that shows it."""

import os
import sys

import matplotlib.pyplot as plt
import pytest
from deck_slides import FIGURES
from made_up_deck import COUNTER, GOOD, make

from classroom.deck import fonts
from classroom.deck.browser import READY, NoBrowser, chromium, opened
from classroom.deck.folders import Folders
from coursekit.draw import STYLE


@pytest.fixture(autouse=True)
def course_style():
    with plt.rc_context(STYLE):
        yield


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture(scope="module")
def browser():
    if os.environ.get("COURSEKIT_NO_BROWSER") == "1":
        pytest.skip("COURSEKIT_NO_BROWSER=1")
    try:
        with chromium() as browser:
            yield browser
    except NoBrowser as error:
        pytest.fail(f"{error} Or set COURSEKIT_NO_BROWSER=1 to leave the browser tests out.")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return make(tmp_path_factory.mktemp("good"), GOOD, COUNTER)


@pytest.fixture
def page(browser, good):
    with opened(browser, good.deck.as_uri()) as (page, wrong):
        page.wait_for_function(READY)
        yield page
        assert wrong == []


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A made-up deck's folders with figures and one lab; matplotlib keeps its own font, which is faster."""
    monkeypatch.setattr(fonts, "STATIC", ())
    made = Folders(tmp_path / "slides", tmp_path / "build" / "slides", tmp_path / "labs")
    figures = made.slides / "figures"
    figures.mkdir(parents=True)
    made.labs.mkdir()
    (made.labs / "01_localisation.ipynb").write_text("{}", encoding="utf-8")
    (figures / "shapes.py").write_text(FIGURES, encoding="utf-8")
    (figures / "neighbour.py").write_text("VALUES = [1, 3, 2]\n", encoding="utf-8")
    (figures / "button.js").write_text("export function render() {}\n", encoding="utf-8")
    (made.slides / "theme.css").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(figures))
    yield made
    for name in ("shapes", "neighbour"):  # others have modules of these names
        sys.modules.pop(name, None)
