"""`huxin demo --platforms`: the story with two databases and a service as platforms."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

RUN_SECONDS = 600
HUXIN = (sys.executable, "-c", "from node.cli.main import main; main()")


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder that the servers' user may enter and clear up in, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="huxin-test-") as name:
        folder = Path(name)
        folder.chmod(0o1777)
        yield folder


@pytest.mark.process
@pytest.mark.timeout(RUN_SECONDS)
@pytest.mark.skipif(not os.environ.get("HUXIN_SOAK"), reason="make soak NAME=demo-platforms")
def test_what_peers_say_arrives_at_all_platforms(tmp_path: Path, temporary: Path) -> None:
    directory = tmp_path / "demo"
    ran = subprocess.run(
        [*HUXIN, "demo", "--platforms", "--once", "--dir", str(directory), "-o", "json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=RUN_SECONDS,
        check=False,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert ran.returncode == 0, ran.stderr.decode()
    story = json.loads(ran.stdout)
    (step,) = [step for step in story["steps"] if step["name"] == "platforms"]
    luzhou, yibin = step["results"]["510500"], step["results"]["511500"]
    assert luzhou["database"].startswith("PostgreSQL")
    assert yibin["database"].startswith("MariaDB")
    assert _states(luzhou["record"]) == ["active", "withdrawn-undo"]
    assert _states(yibin["record"]) == ["active", "repaired"]
    assert set(luzhou["rows_by_log"]) == {"510100", "510300", "511000", "511500"}
    assert set(yibin["rows_by_log"]) == {"510300", "510500", "511000"}
    zigong = step["results"]["510300"]
    assert zigong["database"] == "HTTP/JSON"
    assert _states(zigong["record"]) == ["active", "withdrawn-undo"]
    assert set(zigong["rows_by_log"]) == {"510500", "511000", "511500"}
    assert zigong["rows"] == sum(zigong["rows_by_log"].values())
    assert luzhou["inbox"]["outcome"] == "listed"
    assert [one["state"] for one in luzhou["inbox"]["arrived"]] == ["active"]
    assert yibin["states"]["rejected"] > 0
    assert "rejected" not in luzhou["states"]
    for node in ("510300", "510500", "511500"):
        password = (directory / node / "keys" / "platform-city").read_text().strip()
        assert password not in (directory / node / "huxin.toml").read_text()
        assert password not in (directory / node / "serve.log").read_text()
    assert list(temporary.iterdir()) == []
    assert not [line for line in _commands() if str(temporary) in line or str(directory) in line]


def _states(way: list[dict[str, str]]) -> list[str]:
    """Each state once: what is erased comes again without content."""
    return list(dict.fromkeys(one["state"] for one in way))


def _commands() -> list[str]:
    """The command lines of all processes."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found
