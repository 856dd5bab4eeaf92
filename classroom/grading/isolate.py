"""Namespaces and forbidden system calls for one student's code, by the system's own calls; Linux only."""

import ctypes
import os
import platform
import struct
import sys

FENCED = os.environ.get("COURSEKIT_FENCE") == "1"
NOBODY = 65_534
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWNET = 0x10000000, 0x20000000, 0x08000000, 0x40000000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
ALLOW, REFUSE, NOT_THERE = (
    0x7FFF0000,
    0x00050001,
    0x00050026,
)  # EPERM, ENOSYS: glibc then uses clone instead of clone3
LOAD, JUMP_IF_EQUAL, JUMP_FROM, JUMP_IF_ANY, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ARCHITECTURES = {  # as seccomp calls them, the number of clone, of clone3, and what no exercise calls
    "x86_64": (0xC000003E, 56, 435, (29, 30, 31, 101, 165, 166, 248, 249, 250, 272, 298, 308, 319, 321, 323)),
    "aarch64": (
        0xC00000B7,
        220,
        435,
        (40, 39, 97, 117, 194, 195, 196, 217, 218, 219, 241, 268, 279, 280, 282),
    ),
}  # shared memory, ptrace, mount, umount, keys, unshare, setns, perf, bpf, memfd, userfaultfd
EVERYWHERE = (425, 428, 429, 430, 431, 432, 433, 442)  # io_uring, and the newer calls that mount


def become_nobody() -> None:
    """Let root of the fence become nobody."""
    if FENCED and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def enter_own_namespaces() -> bool:
    """Let the next fork be alone with what it starts: it sees no other process, and they all end with it."""
    if sys.platform != "linux":
        return False
    flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC
    flags |= 0 if FENCED else CLONE_NEWNET  # the fence has no network already
    return ctypes.CDLL(None, use_errno=True).unshare(flags) == 0


def close_all_but(kept: int) -> None:
    """Close every file but one; the standard ones read and write nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.closerange(3, kept)
    os.closerange(kept + 1, 65_536)


def forbid() -> bool:
    """Forbid this process and its children, for good, the system calls that would lead out of its limits."""
    known = ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or known is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    code = program(*known)
    held = ctypes.create_string_buffer(code, len(code))
    rules = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held)))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(rules), 0, 0) == 0


def program(architecture: int, clone: int, clone3: int, refused: tuple[int, ...]) -> bytes:
    """Return the filter in the kernel's own small language: (code, jump if true, jump if false, number) a line."""
    lines = [
        (LOAD, 0, 0, 4),
        (JUMP_IF_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, REFUSE),  # 32-bit calls have other numbers
        (LOAD, 0, 0, 0),
        (JUMP_FROM, 0, 1, 0x40000000),  # the same calls by other numbers
        (RETURN, 0, 0, REFUSE),
        (JUMP_IF_EQUAL, 0, 1, clone3),
        (RETURN, 0, 0, NOT_THERE),
    ]
    for number in refused + EVERYWHERE:
        lines += [(JUMP_IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE)]
    lines += [
        (JUMP_IF_EQUAL, 1, 0, clone),
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, 16),  # the flags of clone
        (JUMP_IF_ANY, 0, 1, CLONE_NEWUSER),
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
