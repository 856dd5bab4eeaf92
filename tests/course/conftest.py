"""One Chromium for the tests of a module, and one API reference for all tests."""

import os
import shutil

import pytest
from built_once import built_once
from jupyter_in_browser import BROWSERS, FLAGS


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    if os.environ.get("COURSEKIT_NO_BROWSER") == "1":
        pytest.skip("COURSEKIT_NO_BROWSER=1")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail(
            "No Chromium on the PATH: install it (Debian and Ubuntu: apt install chromium; macOS: brew install "
            "chromium), or set COURSEKIT_NO_BROWSER=1 to leave the browser tests out."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def api_folder(tmp_path_factory):
    from classroom.api.build import build

    return built_once(tmp_path_factory, "reference", build)
