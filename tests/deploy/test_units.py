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


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_what_runs_on_is_started_again_for_ever(unit: Path) -> None:
    """A database that is away for an hour must not leave a node that no one starts."""
    text = unit.read_text("utf-8")
    if "Type=oneshot" in text:
        assert "Restart=" not in text
        return
    assert "Restart=on-failure" in text
    assert "StartLimitIntervalSec=0" in text
    assert "StartLimitBurst" not in text


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_only_a_program_that_reads_again_is_told_to(unit: Path) -> None:
    """To any other a hang-up is the end, and systemd takes that for a stop in order."""
    text = unit.read_text("utf-8")
    assert ("ExecReload=" in text) == ("/huxin serve " in text)


def test_the_newest_backup_that_was_finished_is_drilled(tmp_path: Path) -> None:
    """One that a power loss cut short is newer, has no manifest, and proves nothing."""
    text = (UNITS[0].parent / "huxin-drill@.service").read_text("utf-8")
    assert "ConditionPathExistsGlob=/srv/huxin-backup/%i/20*/manifest.json" in text
    (chosen,) = re.findall(r'drill "\$\$\((.*?)\)"', text)
    for name in ("20261128-0230", "20261129-0230"):
        (tmp_path / "510500" / name).mkdir(parents=True)
        (tmp_path / "510500" / name / "manifest.json").touch()
    (tmp_path / "510500" / "20261130-0230").mkdir()
    shown = chosen.replace("/srv/huxin-backup/%i", str(tmp_path / "510500"))
    done = subprocess.run(["sh", "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path / "510500" / "20261129-0230")]
