"""Start the program that runs students' code, fenced in by bubblewrap, and exchange plain values with it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import platformdirs

from classroom.grading.plain import pack, unpack
from classroom.grading.wire import HEADER, receive, send

COURSE = Path(__file__).parents[2]
SECONDS_TO_START = 300
MEMORY = 2_000_000_000  # bytes that a student's code may have more than Python and torch
TMP = 16_000_000  # bytes that it may write
FONTS = "/fonts"  # matplotlib's list of fonts
SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime")
NO_FENCE = (
    "Warning: there is no bubblewrap here, so the students' code runs with limits of time and memory only. "
    "It can read your files. On Debian or Ubuntu, `apt install bubblewrap` gives it a fence."
)


class FenceError(Exception):
    """The fence does not start, or was broken down by a student's code."""


def is_available() -> bool:
    """Return whether bubblewrap is installed on this Linux."""
    return sys.platform == "linux" and shutil.which("bwrap") is not None


class Fence:
    """A process that answers requests to run one function of a notebook; it is started when it is first needed.

    Args:
        names: the exercises that it imports beforehand.
        fenced: whether bubblewrap keeps it from files and from the network.
    """

    def __init__(self, names: Sequence[str], fenced: bool = True) -> None:
        self.names, self.fenced = tuple(names), fenced
        self.process: subprocess.Popen | None = None
        self.socket = socket.socket()

    def ask(self, request: dict[str, Any]) -> tuple[dict, list[dict]]:
        """Return how a request ended, and what the student's function did, case by case.

        Raises:
            FenceError: the fence does not start.
        """
        if self.process is None or self.process.poll() is not None:
            self.start()
        self.socket.settimeout(3 * request["seconds"] + 60)
        try:
            send(self.socket, pack({"memory": MEMORY} | request, strict=True))
            about, written = unpack(receive(self.socket)), receive(self.socket)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            return {"end": f"fence {type(error).__name__}", "seconds": 0.0}, []
        if not about["reusable"]:  # something of one student's code might wait there for the next one's
            self.close()
        return about, list(frames(written))

    def start(self) -> None:
        """Start the process and wait until it has imported everything."""
        self.close()
        self.socket, theirs = socket.socketpair()
        with tempfile.TemporaryFile() as said:
            self.process = subprocess.Popen(
                [*(wall() if self.fenced else []), *self.program()],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=environment(self.fenced),
                cwd="/",
            )
            theirs.close()
            with contextlib.suppress(OSError):  # where memory runs out, this ends before anything else does
                Path(f"/proc/{self.process.pid}/oom_score_adj").write_text("1000")
            self.socket.settimeout(SECONDS_TO_START)
            if self.socket.recv(5, socket.MSG_WAITALL) != b"ready":
                said.seek(0)
                why = said.read().decode(errors="replace").strip().splitlines() or ["no reason given"]
                self.close()
                raise FenceError(
                    f"The fence does not start: {why[-1]}. `--no-fence` does without it, at your own risk."
                )

    def program(self) -> list[str]:
        """The command of the program inside."""
        return [sys.executable, "-P", "-m", "classroom.grading.inside", *self.names]

    def close(self) -> None:
        """End the process and all that it started."""
        self.socket.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None


def wall(size: int = TMP, more: Mapping[Path, str] = MappingProxyType({})) -> list[str]:
    """The command of bubblewrap: the interpreter, its packages, the course and `more` can be read, 16 MB of /tmp written.

    Args:
        size: bytes of /tmp.
        more: further folders, and where they are inside.
    """
    alone = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    user = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    command = ["bwrap", *alone, *(user if os.geteuid() == 0 else ["--unshare-user"])]
    command += ["--die-with-parent", "--new-session", "--hostname", "fence"]
    parts = dict.fromkeys([*map(Path, SYSTEM), *python_folders(), *course_folders()])
    for parent in sorted({parent for path in parts for parent in path.parents if parent != Path("/")}):
        command += ["--perms", "0755", "--dir", str(parent)]
    for path in parts:
        if path.is_symlink() and path.parent == Path("/"):
            command += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            command += ["--ro-bind", str(path), str(path)]
    if (fonts := Path(os.environ.get("MPLCONFIGDIR") or platformdirs.user_cache_path("matplotlib"))).is_dir():
        command += ["--ro-bind", str(fonts), FONTS]
    for outside, inside in more.items():
        command += ["--ro-bind", str(outside), inside]
    command += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", str(size), "--tmpfs", "/tmp"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [*command, "--"]


def python_folders() -> list[Path]:
    """Where the interpreter and its packages are."""
    return [
        Path(sys.base_prefix),
        Path(sys.prefix),
        *(p for p in map(Path, sys.path) if p.name.endswith("-packages")),
    ]


def course_folders() -> list[Path]:
    """The course's own code and data, but not the folder around them: submissions may be there."""
    return [path for name in ("classroom", "coursekit", "data") if (path := COURSE / name).exists()]


def environment(fenced: bool) -> dict[str, str]:
    """The variables of the program inside, none of them the lecturer's."""
    own = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "USER": "student",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(COURSE),
    }
    own |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    own |= {"COURSEKIT_PROGRESS": os.devnull, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    inner = {"COURSEKIT_FENCE": "1", "COURSEKIT_FONTS": FONTS, "MPLCONFIGDIR": "/tmp/matplotlib"}
    return own | (inner if fenced else {})


def frames(written: bytes) -> Iterator[dict]:
    """The dicts that the program inside wrote, up to the first that is damaged."""
    place = 0
    while place + HEADER.size <= len(written):
        (length,) = HEADER.unpack_from(written, place)
        place += HEADER.size + length
        try:
            frame = unpack(written[place - length : place])
        except ValueError:
            return
        if not isinstance(frame, dict):
            return
        yield frame
