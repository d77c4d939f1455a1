#!/usr/bin/python3
"""`systemctl` for a root without systemd: units are run as closed as their text says.

It is copied into a root (`tests/support/installed.py`) and run by its Python, so it uses nothing
but the standard library and libseccomp, which every Debian has. A setting that it neither applies
nor names as left out ends it: nothing of a unit is passed over silently.

    systemctl daemon-reload
    systemctl enable --now NAME@INSTANCE     starts; its number goes to /run/NAME@INSTANCE.pid
    systemctl reload NAME@INSTANCE
    systemctl stop NAME@INSTANCE             waits for the end; its exit code

`/etc/systemd/system` has the units, `/usr/local/share/system-calls.json` the names of calls of the
groups in `SystemCallFilter`, as `systemd-analyze syscall-filter` lists them.
"""

from __future__ import annotations

import ctypes
import errno
import grp
import json
import os
import pwd
import resource
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

UNITS = Path("/etc/systemd/system")
GROUPS = Path("/usr/local/share/system-calls.json")
RUN = Path("/run")
LIBC = ctypes.CDLL(None, use_errno=True)
STOP_SECONDS = 40
LEFT_OUT = {
    *("AssertPathExists", "After", "Wants", "Description", "Documentation", "WantedBy", "Type"),
    *("StartLimitIntervalSec", "StartLimitBurst", "Restart", "RestartSec", "TimeoutStopSec"),
    *("ExecReload", "EnvironmentFile", "AmbientCapabilities", "DevicePolicy", "RemoveIPC"),
    *("TasksMax", "SystemCallErrorNumber", "SystemCallArchitectures", "ProtectControlGroups"),
    *("ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectClock"),
}
"""Order, restarting and limits of systemd itself; no capability is left to be ambient; files of the
kernel are out of sight, since /proc has processes alone and /sys is empty; calls of the last three
lines need capabilities. Calls of other machines end a process by libseccomp's own default."""
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWUSER = 0x00020000, 0x04000000, 0x10000000
NAMESPACES = 0x7E020080
"""Every flag of clone and unshare that makes a namespace."""
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT = 1, 2, 4, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
ALLOW, NOT_PERMITTED = 0x7FFF0000, 0x00050000 | errno.EPERM
NO_FAMILY, NO_CALL = 0x00050000 | errno.EAFNOSUPPORT, 0x00050000 | errno.ENOSYS
EQUAL, GREATER_OR_EQUAL, MASKED = 4, 5, 7
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
MAX_FAMILY = 64
Compared = tuple[int, int, int, int] | None
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 38, 24


class Compare(ctypes.Structure):
    """An argument of a call, as libseccomp compares it."""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


def main(words: list[str]) -> int:
    verb, *rest = words
    name = rest[-1] if rest else ""
    number = RUN / f"{name}.pid"
    if verb == "daemon-reload":
        return 0
    if verb == "enable":
        number.write_text(str(start(name)))
        return 0
    process = int(number.read_text())
    if verb == "reload":
        os.kill(process, signal.SIGHUP)
        return 0
    assert verb == "stop", verb
    os.kill(process, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while Path(f"/proc/{process}").exists():
        if time.monotonic() > until:
            return 1
        time.sleep(0.1)
    return 0


def start(name: str) -> int:
    """Start a unit; its number."""
    prefix, _, instance = name.partition("@")
    settings = read(UNITS / f"{prefix}@.service", instance)
    known = set(LEFT_OUT)
    log = (RUN / f"{name}.log").open("wb")
    parent, child = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.setsid()
            if os.fork():  # systemd's own child would be no child of this program
                os._exit(0)
            os.write(child, str(os.getpid()).encode())
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            close(settings, known)
        except Exception as error:  # noqa: BLE001  said in the unit's log, whatever it is
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(4)
    os.waitpid(process, 0)
    os.close(child)
    return int(os.read(parent, 20))


def read(path: Path, instance: str) -> dict[str, list[str]]:
    settings: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            settings.setdefault(key, []).append(value.replace("%i", instance))
    return settings


def close(settings: dict[str, list[str]], known: set[str]) -> None:
    """Close this process in and become the unit's program; does not return."""

    def of(key: str, *allowed: str) -> list[str]:
        known.add(key)
        values = settings.get(key, [])
        assert not allowed or set(values) <= set(allowed), f"{key}={values}"
        return values

    (user,), (group,) = of("User"), of("Group")
    uid, gid = pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid
    (directory,) = of("WorkingDirectory")
    program = shlex.split(of("ExecStart")[-1])
    named = dict(one.split("=", 1) for line in of("Environment") for one in line.split())
    whole = {"PATH": "/usr/bin:/bin", "USER": user, **named}
    see_only(of)
    resource.setrlimit(resource.RLIMIT_CORE, (int(of("LimitCORE")[0]),) * 2)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # a machine may let nobody raise it
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, int(of("LimitNOFILE")[0])),) * 2)
    os.umask(int(of("UMask")[0], 8))
    os.setgroups([])
    if of("PrivateUsers", "yes"):
        users_of_its_own(uid, gid)
    assert of("CapabilityBoundingSet") == [""]
    for capability in range(64):
        LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    os.chdir(directory)
    of("NoNewPrivileges", "yes")
    check(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    calls(of)
    assert set(settings) <= known, f"not known here: {sorted(set(settings) - known)}"
    os.execve(program[0], program, whole)  # noqa: S606  the unit's program


def see_only(of: Callable[..., list[str]]) -> None:
    """Files, devices and processes that the unit may see and write."""
    check(LIBC.unshare(CLONE_NEWNS | (CLONE_NEWUTS if of("ProtectHostname", "yes") else 0)))
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    if of("ProtectSystem", "strict"):
        for path in mounted():
            mount(None, path, None, MS_REMOUNT | MS_BIND | MS_RDONLY)
    for line in of("ReadWritePaths"):
        for path in line.split():
            mount(path, path, None, MS_BIND)
            mount(None, path, None, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV)
    hidden = ["/home", pwd.getpwuid(0).pw_dir] if of("ProtectHome", "yes") else []
    hidden += [path.lstrip("-") for line in of("InaccessiblePaths") for path in line.split()]
    for path in (*hidden, "/sys"):
        if Path(path).is_dir():
            mount("tmpfs", path, "tmpfs", MS_RDONLY, "mode=000")
    if of("PrivateDevices", "yes"):
        devices()
    if of("PrivateTmp", "yes"):
        for path in ("/tmp", "/var/tmp"):  # noqa: S108  a directory of its own is made there
            mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    of("ProtectProc", "invisible")
    of("ProcSubset", "pid")
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV, "hidepid=invisible,subset=pid")


def mounted() -> list[str]:
    """All places where something is mounted."""
    lines = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    return sorted({line.split()[4] for line in lines} - {"/proc"})


def devices() -> None:
    """The devices that every program may have, and no others."""
    names = ("null", "zero", "full", "random", "urandom")
    held = {name: os.open(f"/dev/{name}", os.O_PATH) for name in names}
    mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=755")
    for name, descriptor in held.items():
        Path("/dev", name).touch()
        mount(f"/proc/self/fd/{descriptor}", f"/dev/{name}", None, MS_BIND)
        os.close(descriptor)


def users_of_its_own(uid: int, gid: int) -> None:
    """A namespace that knows root and this user; who may write its map stays outside."""
    ready, go = os.pipe()
    done, told = os.pipe()
    whole = os.getpid()
    helper = os.fork()
    if helper == 0:
        os.read(ready, 1)
        lines = {"uid_map": uid, "gid_map": gid}
        for name, number in lines.items():
            Path(f"/proc/{whole}/{name}").write_text(f"0 0 1\n{number} {number} 1\n")
        os.write(told, b".")
        os._exit(0)
    check(LIBC.unshare(CLONE_NEWUSER))
    os.write(go, b".")
    os.read(done, 1)
    os.waitpid(helper, 0)


def calls(of: Callable[..., list[str]]) -> None:
    """The filters of calls that are asked for; of several, the kernel takes the strictest."""
    groups = json.loads(GROUPS.read_text("utf-8"))
    refused: list[tuple[int, str, Compared]] = []
    if of("RestrictRealtime", "yes"):
        refused += [(NOT_PERMITTED, "sched_setscheduler", (1, GREATER_OR_EQUAL, 1, 0))]
    if of("LockPersonality", "yes"):
        refused += [(NOT_PERMITTED, "personality", (0, GREATER_OR_EQUAL, 1, 0))]
    if of("RestrictNamespaces", "yes"):
        flags = [1 << bit for bit in range(32) if NAMESPACES >> bit & 1]
        refused += [(NOT_PERMITTED, "clone", (0, MASKED, flag, flag)) for flag in flags]
        refused += [(NOT_PERMITTED, "unshare", None), (NOT_PERMITTED, "setns", None)]
        refused += [(NO_CALL, "clone3", None)]  # its flags lie in memory; glibc falls back to clone
    if of("RestrictSUIDSGID", "yes"):
        modes = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "mkdir": 1, "mkdirat": 2}
        refused += [
            (NOT_PERMITTED, name, (at, MASKED, bit, bit))
            for name, at in modes.items()
            for bit in (0o4000, 0o2000)
        ]
    if of("MemoryDenyWriteExecute", "yes"):
        refused += [(NOT_PERMITTED, "mmap", (2, MASKED, 6, 6))]
        refused += [
            (NOT_PERMITTED, name, (2, MASKED, 4, 4)) for name in ("mprotect", "pkey_mprotect")
        ]
    families = {FAMILIES[word] for line in of("RestrictAddressFamilies") for word in line.split()}
    for family in set(range(MAX_FAMILY)) - families:
        refused += [(NO_FAMILY, "socket", (0, EQUAL, family, 0))]
    refused += [(NO_FAMILY, "socket", (0, GREATER_OR_EQUAL, MAX_FAMILY, 0))]
    load(ALLOW, refused)
    allowed: set[str] = set()
    for line in of("SystemCallFilter"):
        names = {name for word in line.lstrip("~").split() for name in groups.get(word, [word])}
        allowed = allowed - names if line.startswith("~") else allowed | names
    load(NOT_PERMITTED, [(ALLOW, name, None) for name in sorted(allowed)])


def load(otherwise: int, rules: list[tuple[int, str, Compared]]) -> None:
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(otherwise)))
    for action, name, compared in rules:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            continue  # a call that other machines have
        array = (Compare * 1)(Compare(*(compared or ())))
        code = library.seccomp_rule_add_array(
            state, ctypes.c_uint32(action), number, int(compared is not None), array
        )
        assert code == 0, f"{name}: {os.strerror(-code)}"
    code = library.seccomp_load(state)
    assert code == 0, os.strerror(-code)


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    words = [None if word is None else word.encode() for word in (source, target, kind)]
    check(LIBC.mount(*words, ctypes.c_ulong(flags), data.encode()), target)


def check(code: int, what: str = "") -> None:
    if code:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
