"""README's two commands on a machine with what README names, and nothing else.

`python -m tests.support.bare_sweep root` makes such a machine: the root of a Debian 12 by
debootstrap (minbase, and Python with venv, make and git), in which a clone of this checkout runs
`make demo ARGS=--once` and `make test` in namespaces of their own. It needs root, debootstrap and a
mirror (`MIRROR`, else Debian's). The wheels of the lock are fetched here, since only this machine
may be told where to find them; the root is lent that folder, and nothing else.

`python -m tests.support.bare_sweep path` is the quick way: the same commands in this checkout,
with a PATH that holds the programs of Debian's required packages, of Python, make and git alone.
It finds a program that README does not name, not a library or a file.

`python -m tests.support.bare_sweep wheelhouse` makes the same kind of root, with Python and venv
alone, and runs in it, without a network, the commands by which a city installs a node
(`tests/support/installed.py`). It needs systemd-analyze and ip besides.

`TESTS` narrows `make test`, as its `ARGS` do. The last line is JSON, as `soak/kinds.py` wants it;
where something is missing here, what is missing is said, with `REFUSED` as exit code.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.support import installed

ROOT: Final = Path(__file__).parents[2]
RELEASE: Final = "bookworm"
NAMED: Final = ("python3", "python3-venv", "make", "git")
"""Packages with what README's "Needs" names; tests/test_house.py compares."""
INSTALLED: Final = ("python3", "python3-venv")
"""Packages that docs/zh/operations/install.md names."""
TOOLS: Final = ("debootstrap", "unshare", "mount", "chroot", "git")
REFUSED: Final = 3
_FETCH: Final = (
    *(sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps"),
    *("--requirement", "requirements.lock"),
)
_BIN: Final = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/")


def commands() -> list[list[str]]:
    """Both commands of README, and the menu."""
    return [["make", "help"], ["make", "demo", "ARGS=--once"], ["make", "test", tests()]]


def tests() -> str:
    return f"ARGS={os.environ.get('TESTS', '')}"


def main() -> int:
    """Prove the commands; the last line is JSON."""
    parser = argparse.ArgumentParser(description="README's commands on a bare machine.")
    parser.add_argument("how", choices=("root", "path", "wheelhouse"))
    given = parser.parse_args()
    ways = {"root": in_root, "path": by_path, "wheelhouse": from_wheelhouse}
    try:
        failed = ways[given.how]()
    except NotHereError as error:
        print(error)
        return REFUSED
    print(*(f"failed: {' '.join(command)}" for command in failed), sep="\n", flush=True)
    count = len(installed.shown()[1] if given.how == "wheelhouse" else commands())
    said = {"seeds": 1, "failed_seeds": [0] if failed else [], "commands": count}
    print(json.dumps(said))
    return 0


class NotHereError(Exception):
    """What this machine has not, in words."""


# ---- a root of its own


def in_root() -> list[list[str]]:
    """Make the root and run the commands in it; which of them failed."""
    with tempfile.TemporaryDirectory(prefix="huxin-bare-") as name:
        root = bare_root(Path(name), NAMED, TOOLS)
        clone = root / "huxin"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        wheels = clone.with_name("wheels")
        subprocess.run([*_FETCH, "--dest", str(wheels)], cwd=ROOT, check=True)
        return [command for command in commands() if _within(root, command)]


def from_wheelhouse() -> list[list[str]]:
    """Make the root and install a node in it by the page's commands; what failed."""
    with tempfile.TemporaryDirectory(prefix="huxin-bare-") as name:
        root = bare_root(Path(name), INSTALLED, (*TOOLS, "systemd-analyze", "ip"))
        shutil.copytree(installed.packed(Path(name)), root / "carried" / "wheels")
        installed.furnish(root)
        apart = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child"]
        closed = (
            'ip link set lo up; mount --rbind "$0" "$0"; mount --rbind /dev "$0/dev"; '
            # Not chroot: in one, no unit could have users of its own.
            'mount -t proc proc "$0/proc"; cd "$0"; pivot_root . mnt; umount -l /mnt; '
            'exec /usr/bin/env -i -C /carried "$@"'
        )
        environment = ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/carried"]
        (root / "carried" / "page").write_text(installed.script(), "utf-8")
        command = ["sh", "page"]
        failed = _run([*apart, "sh", "-ec", closed, str(root), *environment, *command])
        if failed:
            for log in sorted((root / "run").glob("*.log")):
                print(log.name, log.read_text("utf-8", "replace")[-4000:], sep="\n")
        return [command] if failed else []


def bare_root(folder: Path, packages: Sequence[str], tools: Sequence[str]) -> Path:
    """The root of a Debian 12 with these packages.

    Raises:
        NotHereError: it cannot be made on this machine.
    """
    missing = [name for name in tools if shutil.which(name) is None]
    if os.geteuid() != 0:
        missing.append("the rights of root")
    if missing:
        raise NotHereError(f"a bare machine cannot be made here; missing: {', '.join(missing)}")
    root = folder / "root"
    named = [f"--include={','.join(packages)}"] if packages else []
    made = ["debootstrap", "--variant=minbase", *named, RELEASE]
    mirror = [given] if (given := os.environ.get("MIRROR")) else []
    done = subprocess.run([*made, str(root), *mirror], check=False, capture_output=True, text=True)
    if done.returncode:
        *_, last = done.stdout.splitlines() or ["no output"]
        raise NotHereError(f"debootstrap cannot make a root here: {last}")
    (root / "etc" / "hosts").write_text("127.0.0.1 localhost\n")  # as every installation has it
    return root


def _within(root: Path, command: Sequence[str]) -> bool:
    """Run a command in the root, in namespaces that end with it; whether it failed."""
    script = (
        'mount --rbind /dev "$0/dev"; mount -t proc proc "$0/proc"; '
        'exec chroot "$0" /usr/bin/env -i -C /huxin "$@"'
    )
    environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp"]
    environment += ["PIP_NO_INDEX=1", "PIP_FIND_LINKS=/wheels"]
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return _run([*apart, "sh", "-ec", script, str(root), *environment, *command])


# ---- only the PATH


def by_path() -> list[list[str]]:
    """Run the commands in this checkout with few programs; which of them failed."""
    with tempfile.TemporaryDirectory(prefix="huxin-bare-") as name:
        link_programs(Path(name))
        environment = {**os.environ, "PATH": name}
        return [command for command in commands() if _run(command, environment)]


def link_programs(folder: Path) -> None:
    """Link the programs of a bare machine into an empty folder."""
    for path in programs():
        link = folder / path.name
        if not link.is_symlink():
            link.symlink_to(path)


def programs() -> list[Path]:
    """The programs of Debian's required packages, and of those that README names."""
    if shutil.which("dpkg-query") is None:
        raise NotHereError("the programs of a bare machine are not known here: no dpkg-query")
    ask = ["dpkg-query", "--show", "--showformat", "${Priority} ${Package}\\n"]
    shown = subprocess.run(ask, check=True, capture_output=True, text=True).stdout
    required = re.findall(r"^required (\S+)$", shown, flags=re.MULTILINE)
    listed = subprocess.run(
        ["dpkg-query", "--listfiles", *required, "make", "git"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = [Path(line) for line in listed.splitlines() if line.startswith(_BIN)]
    awk = [Path("/usr/bin/awk")]  # mawk by an alternative, which no package lists
    python = Path(sys.base_prefix) / "bin" / "python3"
    return [path for path in [python, *awk, *found] if path.is_file() and os.access(path, os.X_OK)]


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> bool:
    """Run a command of the menu; whether it failed."""
    print("$", *command[-2:], flush=True)
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, stderr=subprocess.STDOUT)
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
