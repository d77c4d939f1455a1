"""The page of installation on a machine that has nothing: its own commands, without network.

The root of a Debian 12 (`tests/support/bare_sweep.py`) is lent the folder that
`deploy/wheelhouse/build` makes. The commands are those of `docs/zh/operations/install.md`, in its
order, in one shell; `systemctl` is a stand-in, which runs the page's unit as closed as its text
says (`tests/support/stand_in_systemctl.py`). Then the node is told to read its configuration again,
a unit with the same settings tries from within what must not be possible, and the node is stopped.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "zh" / "operations" / "install.md"
NODE: Final = "huxin@510500"
STAND_IN: Final = "usr/local/bin/systemctl"
TRIES: Final = "usr/local/share/tries.py"
GROUPS: Final = "usr/local/share/system-calls.json"
DIRECTORY: Final = "/srv/huxin/510500"
UNIT: Final = "/etc/systemd/system/huxin@.service"
TRYING_UNIT: Final = "/etc/systemd/system/tries@.service"
TRIED: Final = f"{DIRECTORY}/tries"
HERE_HEADING: Final = "一、"
"""What the page does on the machine with a network."""


def shown() -> tuple[list[str], list[str]]:
    """The page's commands: those for a machine with a network, those for the one without."""
    parts = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    here: list[str] = []
    there: list[str] = []
    for part in parts:
        into = here if part.startswith(HERE_HEADING) else there
        for block in re.findall(r"^```\n(.*?)^```$", part, flags=re.DOTALL | re.MULTILINE):
            into += block.splitlines()
    return here, there


def packed(folder: Path) -> Path:
    """Make the folder to be carried over, by the page's command in this checkout."""
    (command,) = shown()[0]
    words = command.split()
    assert words[-2:] == ["--out", "wheels"], command
    subprocess.run([*words[:-1], str(folder / "wheels")], cwd=ROOT, check=True)
    return folder / "wheels"


def furnish(root: Path) -> None:
    """The stand-in, what it must know, and what tries to break out."""
    support = Path(__file__).parent
    for name, place in (("stand_in_systemctl.py", STAND_IN), ("tries_of_a_unit.py", TRIES)):
        shutil.copy(support / name, root / place)
        (root / place).chmod(0o755)
    (root / GROUPS).write_text(json.dumps(system_calls()), "utf-8")


def system_calls() -> dict[str, list[str]]:
    """The calls of each group, as systemd lists them; groups within groups are resolved."""
    ask = ["systemd-analyze", "--no-pager", "syscall-filter"]
    listed = subprocess.run(ask, check=True, capture_output=True, text=True).stdout
    groups: dict[str, list[str]] = {}
    for block in re.split(r"^(?=\S)", listed, flags=re.MULTILINE):
        if block.startswith("@"):
            name, *words = re.findall(r"^\s*(@?[\w-]+)$", block, flags=re.MULTILINE)
            groups[name] = words

    def flat(name: str) -> set[str]:
        return {
            call
            for word in groups[name]
            for call in (flat(word) if word.startswith("@") else {word})
        }

    return {name: sorted(flat(name)) for name in groups}


def script() -> str:
    """The page's commands for one shell, each said before it runs, and what is asked after them."""
    _, there = shown()
    after = (
        f"systemctl reload {NODE}",
        f"runuser -u huxin -- /opt/huxin/bin/huxin status --dir {DIRECTORY} -o json > status.json",
        f"sed 's#^ExecStart=.*#ExecStart=/usr/bin/python3 -I /{TRIES}#' {UNIT} > {TRYING_UNIT}",
        "systemctl enable --now tries@510500",
        f"for second in $(seq 60); do [ -s {TRIED} ] && break; sleep 1; done; cat {TRIED}",
        f"if grep possible {TRIED}; then exit 1; fi; grep -q '^done$' {TRIED}",
        f"systemctl stop {NODE}",
    )
    lines = ["set -eu"]
    for command in (*there, *after):
        quoted = command.replace("'", "'\\''")
        lines += [f"echo '$ {quoted}'", command]
    return "\n".join(lines) + "\n"
