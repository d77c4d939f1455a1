"""Tries, as the program of a unit, what the unit must not let it do; one line for each.

Run by the Python of a bare root (`tests/support/installed.py`); the standard library only.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import pwd
import socket
from collections.abc import Callable
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_USERS = 0x10000000


def wrong(code: int) -> None:
    if code < 0:
        raise OSError(ctypes.get_errno(), "refused")


def execute_what_was_written() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)


TRIES: dict[str, Callable[[], object]] = {
    "write the program": lambda: Path("/opt/huxin/bin/more").write_text(""),
    "write the system": lambda: Path("/etc/more").write_text(""),
    "read the home of root": lambda: list(Path(pwd.getpwuid(0).pw_dir).iterdir()),
    "memory that is written and run": execute_what_was_written,
    "users of its own": lambda: wrong(LIBC.unshare(NEW_USERS)),
    "a socket of the kernel": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "a raw packet": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "become root": lambda: os.setuid(0),
    "a program that makes root": lambda: Path("tries.new").chmod(0o4700),
    "mount": lambda: wrong(LIBC.mount(b"x", b"/tmp", b"tmpfs", 0, b"")),
    "trace": lambda: wrong(LIBC.ptrace(16, 1, 0, 0)),
    "see the first process": lambda: Path("/proc/1/cmdline").stat(),
    "settings of the kernel": lambda: list(Path("/proc/sys").iterdir()),
    "the memory of the machine": Path("/dev/mem").stat,
    "the log of the kernel": Path("/dev/kmsg").stat,
    "another name for the machine": lambda: socket.sethostname("other"),
}

with Path("tries.new").open("w", encoding="utf-8") as out:
    for name, attempt in TRIES.items():
        try:
            attempt()
        except OSError as error:
            out.write(f"refused: {name} ({error.strerror})\n")
        else:
            out.write(f"possible: {name}\n")
    out.write("done\n")
Path("tries.new").rename("tries")
