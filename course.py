#!/usr/bin/env python3
"""The course's commands. Each first makes the environment in .venv, once; what is up to date is left alone.

python course.py lab [03] [--no-browser] [--port N]    opens your copy of a lab; options go to JupyterLab
python course.py progress                              says which exercises are solved
python course.py check 03                              checks the exercises of your copy of lab 03
python course.py slides [--no-browser]                 builds the deck, opens it
python course.py test [--all]                           runs every test; what takes long in full, not a quarter
python course.py test ARGUMENTS                        runs pytest with these arguments only
python course.py setup                                 makes the environment, no more
"""
# Standard library only, in the grammar of Python 3.6, so that an old Python can say that it is too old.

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import webbrowser
from pathlib import Path

OLDEST_PYTHON = (3, 11)
INSTALLED_GIGABYTES = 7 if sys.platform == "linux" else 3  # on Linux torch brings the GPU libraries along
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
LOG, STAMP, HALF_INSTALLED = VENV / "install.log", VENV / "stamp", VENV / "half-installed"
BEGAN = time.monotonic()


def main(arguments):
    refuse_old_python(sys.version_info)
    task = arguments[0] if arguments else ""
    if task not in TASKS:
        print(__doc__)
        return 0 if task in ("-h", "--help") else 2
    set_environment_variables()
    try:
        prepare()
        return TASKS[task](arguments[1:])
    except OSError as error:
        raise SystemExit(explain(str(error))) from None
    except KeyboardInterrupt:
        say("Interrupted; the same command takes up from here")
        return 130


def refuse_old_python(version):
    if tuple(version[:2]) < OLDEST_PYTHON:
        found, needed = "{}.{}".format(*version), "{}.{}".format(*OLDEST_PYTHON)
        remedy = "install one from https://www.python.org/downloads and run course.py with it"
        raise SystemExit(f"Python {found} is too old, the course needs {needed} or newer: {remedy}.")


def set_environment_variables():
    for foreign in ("PYTHONHOME", "PYTHONPATH"):
        os.environ.pop(foreign, None)
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # two spinning threads beside a busy program are far slower
    os.environ["PATH"] = str(SCRIPTS) + os.pathsep + os.environ.get("PATH", "")
    os.environ["VIRTUAL_ENV"] = str(VENV)
    os.environ.update(PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8", PIP_USER="0")
    os.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"


def prepare():
    """Make .venv what pyproject.toml asks for, unless it is already."""
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted_stamp():
        return
    say(f"Making the environment in .venv, once: some minutes, about {INSTALLED_GIGABYTES} GB")
    if shutil.disk_usage(str(ROOT)).free < INSTALLED_GIGABYTES * 1e9:
        say("There may be too little room on the disk")
    if HALF_INSTALLED.exists() or not answer("import pip, tomllib")[1]:  # tomllib: Python 3.11
        create_environment()
    STAMP.unlink(missing_ok=True)
    install_packages()
    say("Trying the packages")
    output, importable = answer("import torch, torchvision, coursekit, classroom")
    if not importable:
        raise SystemExit(explain(output))
    silence_jupyterlab_news()
    HALF_INSTALLED.unlink(missing_ok=True)
    STAMP.write_text(wanted_stamp(), encoding="utf-8")
    say("The environment is ready")


def wanted_stamp():
    """A new pyproject.toml, another Python in .venv, or a folder that was moved asks for an installation."""
    project = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    return f"{project} {answer('import sys; print(*sys.version_info)')[0].strip()} {ROOT}"


def create_environment():
    if Path(sys.prefix).resolve() == VENV.resolve():
        raise SystemExit("This Python lives in .venv, which has to go: type 'deactivate', run again.")
    say("Creating .venv with Python {}.{}".format(*sys.version_info[:2]))
    try:
        import ensurepip  # noqa: F401 -- Debian's python3 may have venv without it
        import venv

        venv.create(str(VENV), clear=True, symlinks=os.name != "nt", with_pip=True)
    except ImportError as error:
        remedy = "on Debian or Ubuntu 'sudo apt install python3-venv', else get Python from python.org"
        raise SystemExit(f"This Python lacks its module {error.name}: {remedy}.") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(explain(f"{error}\n{(error.output or b'').decode(errors='replace')}")) from None


def install_packages():
    """Let pip do it with its chatter in a file; one moving line shows where it is."""
    # One command for all, so that pip chooses a torch and a torchvision that belong together.
    command = [PYTHON, "-m", "pip", "install", "--progress-bar", "off", "-e", ".[lab,slides,site,test]"]
    with LOG.open("wb") as log, LOG.open(encoding="utf-8", errors="replace") as output:
        pip = start(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            follow(pip, output)
        finally:
            pip.wait()
    if pip.returncode:
        output = LOG.read_text(encoding="utf-8", errors="replace")
        raise SystemExit(f"{explain(output)}\nEverything that pip said is in {LOG}")


def follow(pip, output):
    began, doing = time.monotonic(), "starting pip"
    while pip.poll() is None:
        doing = stage(output.read()) or doing
        if doing == UNPACKING and not HALF_INSTALLED.exists():
            HALF_INSTALLED.touch()
        line = f"[{time.monotonic() - BEGAN:4.0f} s] {doing}"
        if sys.stdout.isatty():
            width = shutil.get_terminal_size().columns - 1
            print("\r" + line[:width].ljust(width), end="", flush=True)
        elif (time.monotonic() - began) % 15 < 0.25:
            print(line, flush=True)
        time.sleep(0.25)
    if sys.stdout.isatty():
        print(flush=True)


UNPACKING = "unpacking the packages"
STAGES = (
    (r"^Collecting ([\w.-]+)", "looking for {}"),
    (r"^  Downloading (?:\S+/)?(\w[\w.]*)-\d\S* \((\d.*)\)", "downloading {} ({})"),
    (r"^  Using cached (?:\S+/)?(\w[\w.]*)-\d", "already downloaded: {}"),
    (r"^Installing collected packages", UNPACKING),
)


def stage(output):
    """What the last telling line of pip's output says, or None when no line tells."""
    matches = [(re.search(pattern, line), text) for line in output.splitlines() for pattern, text in STAGES]
    telling = [text.format(*match.groups()) for match, text in matches if match]
    return telling[-1] if telling else None


def silence_jupyterlab_news():
    """JupyterLab would ask a newcomer about news, call a server for them, and show the glossary as source text."""
    settings = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    quiet = {"apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    quiet["docmanager-extension:plugin"] = {"defaultViewers": {"markdown": "Markdown Preview"}}
    settings.write_text(json.dumps({f"@jupyterlab/{k}": v for k, v in quiet.items()}), encoding="utf-8")


FULL = f"The disk is full: make room, {INSTALLED_GIGABYTES} GB here and as much for temporary files"
FORBIDDEN = f"No permission to write: move the course, now in {ROOT}, to a folder of your own"
DISTRUSTED = "The network's certificate is not trusted: behind a company's proxy, set PIP_CERT"
OFFLINE = "No network: pip cannot reach its package index. Connect (behind a proxy, set HTTPS_PROXY)"
UNSUPPORTED = "A package does not exist for this Python here: get 64-bit Python 3.12 from python.org"
WINDOWS = "Windows lacks the Visual C++ runtime: install https://aka.ms/vs/17/release/vc_redist.x64.exe"
TROUBLES = (
    (r"No space left on device|Errno 28\b|WinError 112\b|not enough space on the disk", FULL),
    (r"Read-only file system|Permission denied|Errno 13\b|Access is denied|WinError 5\b", FORBIDDEN),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError", DISTRUSTED),
    (r"NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|RemoteDisconnected", OFFLINE),
    (r"name resolution|getaddrinfo failed|Network is unreachable|Connection (refused|reset)", OFFLINE),
    (r"No matching distribution found", UNSUPPORTED),
    (r"DLL load failed", WINDOWS),
)


def explain(output):
    """What went wrong and what to do, from the last lines of a program, and the one that says so."""
    tail = output.strip()[-8000:] or "no message"
    lines = tail.splitlines()
    last = ([line for line in lines if line.startswith("ERROR")] or lines)[-1]
    for pattern, sentence in TROUBLES:
        if re.search(pattern, tail):
            return f"\n{sentence}, then run again.\n  ({last})"
    return f"\nThe environment could not be made: {last}\nIf that comes again, delete {VENV} and run again."


def classroom(*words):
    return lambda options: run([PYTHON, "-m", "classroom", *words, *options])


def slides(options):
    """Build the deck and open it, unless told not to, or to do something else with it."""
    code = classroom("slides")([option for option in options if option != "--no-browser"])
    if not code and not options:
        webbrowser.open((ROOT / "build" / "slides" / "deck.html").as_uri())
    return code


def test(options):
    runner = ["-m", "pytest"] if set(options) - {"--all"} else ["tests/everything.py"]
    return run([PYTHON, *runner, *options])


TASKS = {"lab": classroom("lab", "--"), "check": classroom("check"), "progress": classroom("progress")}
TASKS.update(slides=slides, test=test, setup=lambda options: 0)


def run(command):
    """The exit code of a program that has the terminal to itself: Ctrl-C is its own affair."""
    process = start(command)
    while process.returncode is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            continue
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def start(command, **streams):
    process = subprocess.Popen([str(word) for word in command], cwd=str(ROOT), **streams)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    return process


def answer(code):
    """What a line of Python prints in .venv and whether it ran."""
    try:
        output = subprocess.run([str(PYTHON), "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        return str(error), False
    return output.stdout.decode(errors="replace"), output.returncode == 0


def say(text):
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
