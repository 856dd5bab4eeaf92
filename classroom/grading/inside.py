"""The program inside the fence: `python -m classroom.grading.inside EXERCISE…`, with a socket as its standard input.

It imports once what notebooks import, and then forks for every request: the first fork stays outside a second fence of
processes, reads the request and watches the clock; the second one is alone there with one student's code.
What it sends back are values, never a verdict.
"""

import contextlib
import os
import resource
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import torch

from classroom.exercises.catalogue import find
from classroom.exercises.examine import line_of_hole, returns_at_once
from classroom.exercises.exercise import SEED, Exercise
from classroom.exercises.trial import NotJudged, Outcome, TookTooLong, run
from classroom.grading.isolate import FENCED, become_nobody, close_all_but, enter_own_namespaces, forbid
from classroom.grading.plain import pack, told_error, unpack
from classroom.grading.wire import HEADER, receive, send
from classroom.notebooks.definitions import define, last_definition, needed, parse

MOST_BYTES = 64_000_000  # of a reply
GRACE = 5  # seconds beyond those of the cases, for the definitions
MOST_PROCESSES = 12  # threads count too
LARGEST_FILE = 1_000_000
EVERYDAY = (  # what students import takes seconds; here it is imported once
    "matplotlib.pyplot", "PIL.Image", "scipy.optimize", "torch.nn.functional", "torchvision.ops",
    "torchvision.transforms.v2.functional",
)  # fmt: skip


def main(names: list[str]) -> None:
    """Answer requests until the socket is closed."""
    outside = socket.socket(fileno=os.dup(0))
    prepare(names)
    clean = files() if FENCED else set()
    outside.sendall(b"ready")
    while True:
        select.select([outside], [], [])
        if not outside.recv(1, socket.MSG_PEEK):
            return
        # No request is read here: what one student wrote must not be in the memory that the next one gets.
        if (watcher := os.fork()) == 0:
            try:
                answer(outside, clean)
            finally:
                os._exit(0)
        os.waitpid(watcher, 0)


def prepare(names: list[str]) -> None:
    """Import what the exercises need; as root, become nobody."""
    torch.set_num_threads(1)
    if FENCED and os.path.isdir(fonts := os.environ["COURSEKIT_FONTS"]):  # the list takes seconds to make
        shutil.copytree(fonts, os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)
    for name in names:
        find(name)
    for module in EVERYDAY:
        import_module(module)
    if FENCED:
        clear()  # what imports left, while it can be deleted: students' code runs as nobody
    become_nobody()


def files() -> set[tuple[str, int]]:
    """Return the files in the only folder that can be written, with the time of their last change."""
    found = [os.path.join(folder, name) for folder, _, names in os.walk("/tmp") for name in names]
    return {(path, os.lstat(path).st_ctime_ns) for path in found}


def clear() -> None:
    """Delete everything in /tmp but the fonts."""
    for entry in os.scandir("/tmp"):
        if entry.path != os.environ["MPLCONFIGDIR"]:
            with contextlib.suppress(OSError, RecursionError):
                shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)


def cleaned(clean: set[tuple[str, int]]) -> bool:
    """Delete what a student left behind; return whether all is as it was: if not, the next one gets a new fence."""
    if not FENCED:
        return True
    clear()
    try:
        return files() == clean and len(os.listdir("/tmp")) == 1
    except (OSError, RecursionError):
        return False


def answer(outside: socket.socket, clean: set[tuple[str, int]]) -> None:
    """Read one request, let the student's code answer it, and send what it wrote and how it ended."""
    request = unpack(receive(outside))
    alone = enter_own_namespaces()
    reader, writer = os.pipe()
    start = time.monotonic()
    if (child := os.fork()) == 0:
        try:
            os.setsid()  # a signal to its group must not reach this program
            close_all_but(writer)
            limit(request["seconds"], request["memory"])
            forbid()
            reply(request, writer)
        finally:
            os._exit(1)
    os.close(writer)
    written, end = listen(reader, child, 1.5 * request["seconds"] + GRACE)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    about = {"end": end, "seconds": time.monotonic() - start, "cpu": used.ru_utime + used.ru_stime}
    about |= {"reusable": cleaned(clean) and alone}
    send(outside, pack(about))
    send(outside, written)


def listen(reader: int, child: int, seconds: float) -> tuple[bytes, str]:
    """What a child writes until it ends, its time is up or it is too much; then it and all its own are gone."""
    parts: list[bytes] = []
    size, end, until = 0, "", time.monotonic() + seconds
    while not end:
        left = until - time.monotonic()
        ready = select.select([reader], [], [], max(0, left))[0]
        part = os.read(reader, 1 << 20) if ready else b""
        parts.append(part)
        size += len(part)
        end = "time" if not ready else "closed" if not part else "size" if size > MOST_BYTES else ""
    os.kill(
        child, signal.SIGKILL
    )  # the first process of its namespace: everything that it started ends with it
    status = os.waitpid(child, 0)[1]
    if end == "closed" and os.WIFSIGNALED(status):
        end = f"signal {os.WTERMSIG(status)}"
    os.close(reader)
    return b"".join(parts)[:MOST_BYTES], end


def reply(request: dict, writer: int) -> None:
    """Write what the student's function is and what it does with every case, each as soon as it is known."""
    out = os.fdopen(writer, "wb", buffering=0)

    def write(**facts: Any) -> None:
        data = pack(facts)
        out.write(HEADER.pack(len(data)) + data)

    name = request["exercise"]
    cells = parse(request["cells"], request["notebook"])
    place = last_definition(cells, name)
    if place is None:
        return write(found=False, defined=sorted(set().union(*(cell.functions for cell in cells))))
    if error := cells[place].error:
        return write(found=True, not_python=[error.lineno or 0, str(error.msg)], code=cells[place].source)
    statements = needed(cells, name)
    references = {other: find(other).reference for other in request["others"]}
    function = define(statements, references).get(name)
    empty = returns_at_once(function)
    write(found=True, hole=line_of_hole(function), empty=empty, code=code_of(cells, statements))
    exercise, until = find(name), time.monotonic() + request["seconds"]
    for case in [] if empty else cases_of(request, exercise):
        done = one_case(function, case, exercise.measure, until - time.monotonic())
        try:
            write(**done)
        except Exception as error:  # a value that cannot even be described
            write(**done | {"value": None, "gradients": None, "error": told_error(error)})
        if "TookTooLong" in (done["error"] or ()):
            break
    write(finished=True)
    os._exit(0)


def cases_of(request: dict, exercise: Exercise) -> list[dict]:
    """The cases that came with the request; where their arguments are not plain values, the exercise's own."""
    if request["cases"] is not None:
        return request["cases"]
    return [
        {"arguments": case.arguments, "gradient": case.gradient, "names": request["names"]}
        for case in exercise.cases
    ]


def one_case(function: Any, case: dict, measure: Callable | None, seconds: float) -> dict:
    """What a function did with one case, as plain values; `measure` makes them where the value itself is none."""
    if seconds <= 0:
        outcome = Outcome(error=TookTooLong())
    else:
        torch.manual_seed(SEED)
        names = tuple(case["names"][: len(case["arguments"])])
        outcome = run(
            function, case["arguments"], case["gradient"], names=names, judge=measure, seconds=seconds
        )
    value = outcome.value
    return {
        "value": value.value if isinstance(value, NotJudged) else value,
        "error": told_error(outcome.error) if outcome.error is not None else None,
        "line": outcome.line,
        "changed": outcome.changed,
        "printed": outcome.printed,
        "gradients": outcome.gradients,
        "seed": torch.initial_seed(),  # a judge may look at whether the function has set it
    }


def code_of(cells: list, statements: list) -> str:
    """The text of the functions and classes that were run, as the student wrote them."""
    sources = {cell.file: cell.source.splitlines() for cell in cells}
    kinds = ("FunctionDef", "ClassDef", "Assign")
    chosen = [(file, node) for file, node in statements if type(node).__name__ in kinds]
    return "\n\n".join("\n".join(sources[file][node.lineno - 1 : node.end_lineno]) for file, node in chosen)


def limit(seconds: float, memory: int) -> None:
    """Take from this process and its children what no exercise needs."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    cpu = int(2 * seconds + GRACE)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_NPROC, (MOST_PROCESSES, MOST_PROCESSES))
        resource.setrlimit(resource.RLIMIT_AS, (address_space() + memory,) * 2)


def address_space() -> int:
    """The bytes of addresses that this process uses now: torch alone takes gigabytes of them, though not of memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1:])
