"""Try the configuration on this machine: two students log in and run the first cells of lab 01 at the same time.

python jupyterhub/trial.py FOLDER     needs jupyterhub, playwright, Chromium, and configurable-http-proxy in the PATH

FOLDER gets the students' homes, the log and a picture of each student's page.
"""

import os
import secrets
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
STUDENTS = ("ada", "blaise")
SLOW = 300_000  # milliseconds; it takes that long only on a machine with other work
ADDRESS = "http://127.0.0.1:{port}"


@contextmanager
def hub(folder: Path, port: int, password: str):
    """Start JupyterHub on loopback, wait until it answers, and end it with all servers."""
    environment = os.environ | {
        "COURSE_STATE": str(folder),
        "COURSE_TRIAL": password,
        "COURSE_PORT": str(port),
    }
    words = [sys.executable, "-m", "jupyterhub", "--config", str(HERE / "jupyterhub_config.py")]
    with (folder / "hub.log").open("w") as log:
        process = subprocess.Popen(words, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(ADDRESS.format(port=port) + "/hub/health", process)
            yield
        finally:
            process.terminate()
            process.wait(120)


def wait_for(address: str, process: subprocess.Popen, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("JupyterHub did not start: see hub.log in the folder.")


def log_in(page: Page, port: int, name: str, password: str) -> None:
    page.set_default_timeout(SLOW)
    page.goto(ADDRESS.format(port=port) + "/hub/login")
    page.fill("#username_input", name)
    page.fill("#password_input", password)
    page.click("#login_submit", no_wait_after=True)


def run_first_cells(page: Page, count: int) -> str:
    """Run the first cells of lab 01, and return the text alternative of the photograph that they show."""
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=SLOW)
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    for _ in range(count):
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(300)
    page.locator(".jp-Notebook .jp-OutputArea-output img").first.wait_for(timeout=SLOW)
    return page.locator(".jp-Notebook .jp-OutputArea-output img").first.get_attribute("alt") or ""


def main(folder: Path, port: int = 18000) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    password, began = secrets.token_hex(8), time.monotonic()
    with hub(folder, port, password), sync_playwright() as play:
        path = next((p for p in ("/usr/bin/chromium",) if os.path.exists(p)), None)
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        pages = {name: browser.new_context().new_page() for name in STUDENTS}
        for name, page in pages.items():  # both servers start, and both notebooks open, at the same time
            log_in(page, port, name, password)
        for name, page in pages.items():
            try:
                shown = run_first_cells(page, 3)
            finally:
                page.screenshot(path=str(folder / f"{name}.png"))
            print(f"{name}: {page.title()}, shows {shown!r}", flush=True)
    print(f"Two students had lab 01 open and running after {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
