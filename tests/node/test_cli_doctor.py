"""`huxin doctor` as an operator calls it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, text

from node.config import load_config
from node.demo.members import DemoMember
from node.presence import locked
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, found

CITY = DemoMember(region="510500", name="泸州", role="city")


def test_damage_is_told_and_healed(tmp_path: Path) -> None:
    found(tmp_path, [CITY])
    directory = tmp_path / CITY.region
    node = WiredNode(directory)
    listed = node.list_("0" * 32, 1)
    node.close()
    with locked(directory):
        assert run("doctor", "--heal", "--dir", directory).code == 4
    assert run("doctor", "--dir", directory, "-o", "json").json["damages"] == []

    engine = create_engine(load_config(directory).database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE tiles SET data = zeroblob(32) WHERE level = 0"))
    engine.dispose()
    examined = run("doctor", "--dir", directory, "-o", "json")
    assert examined.code == 1
    assert [(d["part"], d["first"]) for d in examined.json["damages"]] == [("hashes", 0)]
    healed = run("doctor", "--heal", "--dir", directory, "-o", "json")
    assert (healed.code, healed.json["recover"]) == (0, False)
    assert run("doctor", "--dir", directory).code == 0

    again = WiredNode(directory)
    again.repair("1" * 32, listed.statement_id)
    again.close()
