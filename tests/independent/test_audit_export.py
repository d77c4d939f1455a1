"""An audit export is verified from the alliance's id by code that shares nothing with ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.independent import audit_rules
from tests.support.audited import CITY, World

LOG = f"{CITY}.huxin.example__1"


@pytest.fixture
def world() -> World:
    world = World()
    world.repaired(world.listed())
    return world


def test_an_export_is_accepted(tmp_path: Path, world: World) -> None:
    out = world.write(tmp_path)
    assert list(audit_rules.check(out, world.chain.id.hex())) == []


@pytest.mark.parametrize(
    "path",
    [
        f"logs/{LOG}/checkpoint",
        f"logs/{LOG}/tile/entries/000.p/2",
        f"notes/{LOG}/1",
        "policy/{pin}.txt",
        "charters/{pin}/1.json",
    ],
)
def test_a_changed_file_is_refused(path: str, tmp_path: Path, world: World) -> None:
    pin = world.chain.id.hex()
    files = world.files()
    name = path.replace("{pin}", pin)
    data = files[name]
    place = len(data) // 2
    files[name] = data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]
    out = world.write(tmp_path, files)
    assert list(audit_rules.check(out, pin))
