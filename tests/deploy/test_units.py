"""systemd's units: hardened as systemd itself counts it, and what they call exists.

Covers deploy/systemd/.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.shown_commands import check

UNITS = sorted((Path(__file__).parents[2] / "deploy" / "systemd").glob("*.service"))
EXPOSURE_MAX = 1.6
"""Of 10; 0 is what needs nothing. A node needs the network and its own directory."""


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_is_hardened(unit: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not here (Debian: systemd)")
    done = subprocess.run(
        [program, "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= EXPOSURE_MAX


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_what_a_unit_starts_exists(unit: Path) -> None:
    (words,) = re.findall(r"^ExecStart=.*?/huxin (.*)$", unit.read_text("utf-8"), re.MULTILINE)
    plain = re.sub(r'"[^"]*"', "X", words.rstrip("'"))
    check(plain.split())


def test_only_its_own_directory_is_written() -> None:
    for unit in UNITS:
        text = unit.read_text("utf-8")
        assert "ProtectSystem=strict" in text
        (written,) = re.findall("^ReadWritePaths=(.*)$", text, re.MULTILINE)
        assert set(written.split()) <= {"/srv/huxin/%i", "/srv/huxin-backup/%i"}
        assert "LimitCORE=0" in text
