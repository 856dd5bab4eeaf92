"""A JupyterLab of its own on loopback, and a page of Chromium that shows a notebook of it."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
FLAGS += ["--disable-component-update", "--disable-sync"]
FLAGS += [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]  # a camera that always answers
OWN = re.compile(r"^(data|blob|about):|^(https?|wss?)://127\.0\.0\.1[:/]")
IDLE = "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
WAITING = (
    "[...document.querySelectorAll('.jp-InputPrompt')].some((prompt) => prompt.textContent.includes('*'))"
)
EXECUTED = f"() => !{WAITING} && {IDLE}"


@contextmanager
def jupyterlab(folder, home):
    """Serve a folder on loopback; yield a function from a notebook's name to its address; end server and kernels."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, log = secrets.token_hex(16), home / "server.log"
    options = [
        f"--ServerApp.port={port}",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={folder}",
    ]
    options += ["--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0", "--allow-root"]
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=os.environ | quiet_jupyter(home) | {"COURSEKIT_STEPS": "0.1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for_server(f"http://127.0.0.1:{port}/api/status?token={token}", server, log)
        yield lambda name: f"http://127.0.0.1:{port}/lab/tree/{name}?token={token}&reset"
    finally:
        end(server)


def quiet_jupyter(home):
    """Own settings and state, and no news: the pop-up asks a server outside."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    folders = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
    return {
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        **{f"JUPYTER_{name}": str(home / folder) for name, folder in folders.items()},
    }


def wait_for_server(address, server, log, seconds=90):
    for _ in range(seconds * 4):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=5) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    pytest.fail(f"JupyterLab did not start: {log.read_text()[-2000:]}")


def end(server):
    """SIGTERM twice is a clean shutdown with the kernels; what is left of the group after that is killed."""
    for wait in (15, 5):
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(wait)
            break
        except subprocess.TimeoutExpired:
            continue
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    server.wait(10)


@contextmanager
def opened(chromium, address):
    """A page with a notebook whose kernel is ready; afterwards, fail on console errors and requests off the machine."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page, wrong = context.new_page(), []
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
    page.on("request", lambda sent: None if OWN.match(sent.url) else wrong.append(f"request: {sent.url}"))
    page.on("websocket", lambda sent: None if OWN.match(sent.url) else wrong.append(f"websocket: {sent.url}"))
    try:
        page.goto(address)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
        yield page
        assert wrong == []
    finally:
        context.close()


def run_all_cells(page, seconds):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).first.click()
    page.wait_for_timeout(1000)
    page.wait_for_function(EXECUTED, timeout=1000 * seconds)


def complaints(page):
    """What the cells wrote to the error stream, and the exceptions that ended them."""
    kinds = [
        f".jp-RenderedText[data-mime-type='application/vnd.jupyter.{kind}']" for kind in ("stderr", "error")
    ]
    return page.locator(", ".join(kinds)).all_text_contents()  # also of cells out of sight
