"""An audit export is verified from the alliance's id by code that shares nothing with ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.independent import audit_rules
from tests.support.audited import CITY, World, went_on

LOG = f"{CITY}.huxin.example__1"


@pytest.fixture
def world() -> World:
    world = World()
    world.repaired(world.listed())
    world.queries = {CITY: {3: world.now}}
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
        f"queries/queries.{LOG}/3",
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


def test_a_file_more_is_refused(tmp_path: Path, world: World) -> None:
    out = world.write(tmp_path)
    (out / "notes/more").write_bytes(b"")
    assert list(audit_rules.check(out, world.chain.id.hex())) == ["notes/more: not in SHA256SUMS"]


def test_an_export_that_goes_on_is_accepted_with_the_earlier_one(
    tmp_path: Path, world: World
) -> None:
    earlier, later = went_on(world, tmp_path)
    pin = world.chain.id.hex()
    assert list(audit_rules.check(earlier, pin)) == []
    assert list(audit_rules.check(later, pin, earlier)) == []
    assert any("log.earlier-missing" in line for line in audit_rules.check(later, pin))
