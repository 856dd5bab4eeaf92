"""Every test, step by step, as CI runs them; `python course.py test` runs this in the course's environment."""

import datetime
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).with_name("shared")))
from labs_with_widgets import LABS  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
TEST_MINUTES = 60
INTERRUPTED = 2  # pytest's exit code; the shell's are above 128
TODAY = os.environ.setdefault("COURSEKIT_TODAY", str(datetime.date.today().toordinal()))  # of every step
BEGAN = time.monotonic()


def main(options: list[str]) -> int:
    """Run every step, say what failed and what each took; the exit code is that of the first failure."""
    say(f"Every test: about {TEST_MINUTES} minutes on two cores (python course.py test tests: the fast ones)")
    failed, minutes = {}, {}
    for name, command, variables in every_test(options):
        say(name)
        before = cpu_minutes()
        code = run(command, variables)
        minutes[name] = cpu_minutes() - before
        if code:
            failed[name] = code
        if code == INTERRUPTED or code > 128:
            break
    print(table(minutes), flush=True)
    for name in failed:
        print(f"FAILED: {name}", flush=True)
    return next(iter(failed.values()), 0)


def every_test(options: list[str]):
    """Yield the name of each step, its command and its environment variables; `options` go to the last."""
    pytest = [sys.executable, "-m", "pytest", "-n", "2", "--dist"]  # two at a time, each on one core
    cells = [
        "loadscope",
        "--nbval-current-env",
        "--nbval-cell-timeout=600",
    ]  # loadscope: a lab's cells in one kernel
    cells += ["--nbval-sanitize-with=tests/nbval.cfg"]
    yield "Lint", [sys.executable, "-m", "ruff", "check", "."], {}
    yield "Format", [sys.executable, "-m", "ruff", "format", "--check", "."], {}
    yield "Types", [sys.executable, "-m", "mypy"], {}
    yield "Derived files", [sys.executable, "-m", "classroom", "build", "--check"], {}
    yield "Features, once for all that follows", [sys.executable, "tests/compute_features.py"], {}
    strict = {"COURSEKIT_STRICT": "1"}
    solutions = labs_of_the_day("--all" in options)
    yield (
        f"Solutions, outputs as stored: {', '.join(solutions)}",
        [*pytest, *cells, "--nbval", *solutions],
        strict,
    )
    if labs := not_in_a_browser():
        tenth = {"COURSEKIT_STEPS": "0.1"}
        yield "Student labs, a tenth of the steps", [*pytest, *cells, "--nbval-lax", *labs], tenth
    everything = ["worksteal", "-m", "", "--durations=25", *options]  # -m "": the slow ones too
    yield "Unit tests, doctests, layers, labs and slides in a browser", [*pytest, *everything], {}


def labs_of_the_day(every: bool) -> list[str]:
    """The solutions that are run today, a quarter; four days that follow each other have them all."""
    labs = [f"labs/solutions/{lab.name}" for lab in sorted(ROOT.glob("labs/solutions/*.ipynb"))]
    return labs if every else labs[int(TODAY) % 4 :: 4]


def not_in_a_browser() -> list[str]:
    """The student labs that the last step does not run in a browser: none, unless there is no browser."""
    there = os.environ.get("COURSEKIT_NO_BROWSER") != "1"
    return [
        f"labs/{lab.name}" for lab in sorted(ROOT.glob("labs/*.ipynb")) if not (there and lab.stem in LABS)
    ]


def run(command: list[str], variables: dict[str, str]) -> int:
    """The exit code of a step that has the terminal to itself: Ctrl-C is its own affair, SIGTERM reaches it."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COURSEKIT_PROGRESS": os.devnull, **variables}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while process.returncode is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            continue
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def cpu_minutes() -> float:
    """User and system time of every program that has ended since the start, theirs included."""
    times = os.times()
    return (times.children_user + times.children_system) / 60


def table(minutes: dict[str, float]) -> str:
    rows = [*minutes.items(), ("together", sum(minutes.values()))]
    return "\n".join(["CPU minutes", *(f"{value:7.1f}  {name}" for name, value in rows)])


def say(text: str) -> None:
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
