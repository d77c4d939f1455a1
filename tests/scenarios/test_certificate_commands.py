"""`huxin repairs certificate` and `verify` on two nodes, before and after everything was erased.

Covers node/cli/certificates.py, node/services/certificates.py, node/relief/certificates.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from node.demo.members import DemoMember
from node.demo.offices import Offices
from tests.support.commands import run
from tests.support.days import REPAIRED
from tests.support.federation_dirs import WiredNode, exchange_all, found, write_list

CITY = DemoMember(region="510500", name="泸州")
PEER = DemoMember(region="510300", name="自贡")
FINDINGS, USAGE, REFUSED = 1, 2, 3


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nodes; 泸州 has listed two firms, 自贡 has them."""
    folder = tmp_path_factory.mktemp("certificates")
    found(folder, (CITY, PEER))
    city = WiredNode(folder / CITY.region)
    write_list(folder / "list.csv", city.me, range(2))
    city.publish_list(folder / "list.csv")
    city.close()
    exchanged(folder)
    return folder


def exchanged(folder: Path, *jobs: str) -> None:
    """Let each have what the other said, twice, with jobs of both in between.

    Before they look for what is acknowledged their platforms acknowledge all.
    """
    city, peer = WiredNode(folder / CITY.region), WiredNode(folder / PEER.region)
    exchange_all(city, peer)
    for name in jobs:
        if name == "acknowledged":
            Offices(folder, lambda: None).look()
        for node in (city, peer):
            node.job(name)
    exchange_all(city, peer)
    for node in (city, peer):
        node.close()


def openings(folder: Path, region: str, kind: int) -> int:
    """How many openings of a kind a node holds."""
    engine = create_engine(f"sqlite:///{folder / region / 'huxin.db'}")
    asked = text(
        "SELECT COUNT(*) FROM statements s JOIN openings o ON o.log = s.log AND o.idx = s.idx "
        "WHERE s.kind = :kind"
    )
    with engine.connect() as connection:
        return int(connection.execute(asked, {"kind": kind}).scalar_one())


@pytest.fixture(scope="module")
def repaired(directory: Path) -> dict[str, Any]:
    """What is shown of a repair that both have executed."""
    city = directory / CITY.region
    listing: dict[str, Any] = run("records", "list", "--dir", city, "-o", "json").json[0]
    early = run(
        *("repairs", "certificate", listing["statement_id"], directory / "early.pdf"),
        *("--subject", listing["subject"]["code"], "--dir", city),
    )
    assert (early.code, "repair-certificate.not-relieved" in early.err) == (REFUSED, True)
    said = run(
        *("repair", listing["statement_id"], "--document", "泸信修决〔2026〕9号"),
        *("--date", REPAIRED.isoformat(), "--dir", city, "-o", "json"),
    )
    assert said.code == 0, said.err
    exchanged(directory, "reconcile", "outbox", "acknowledged", "receipt")
    return listing


def made(directory: Path, region: str, listing: dict[str, Any], name: str) -> Path:
    """A certificate in a folder of its own."""
    path = directory / "handed-over" / name
    path.parent.mkdir(exist_ok=True)
    ran = run(
        *("repairs", "certificate", listing["statement_id"], path, "--html"),
        *("--subject", listing["subject"]["code"], "--dir", directory / region),
    )
    assert ran.code == 0, ran.err
    assert (path.stat().st_mode & 0o777, path.with_suffix(".html").exists()) == (0o600, True)
    return path


def test_made_verified_and_found_changed(directory: Path, repaired: dict[str, Any]) -> None:
    code = repaired["subject"]["code"]
    regions = (CITY.region, PEER.region)
    handed = [made(directory, region, repaired, f"{region}.pdf") for region in regions]
    path = handed[0]
    for path in handed:
        verified = run("repairs", "verify", path, "--subject", code, "-o", "json")
        assert verified.code == 0, verified.err
        facts = verified.json
        assert (facts["page"], facts["subject_code"]) == ("same", code)
        assert facts["document"] == "泸信修决〔2026〕9号"
        assert {one["region"]: one["status"] for one in facts["regions"]} == {PEER.region: "proved"}
        shown = run("repairs", "verify", path)
        assert (shown.code, "--pin" in shown.out + shown.err) == (0, True)
        (alliance,) = facts["alliances"]
        page = path.with_suffix(".html").read_text("utf-8")
        in_groups = bytes.fromhex(alliance).hex(" ", 4)
        for words in (in_groups, "确认解除"):
            assert words in page, words
        listed = "失信被执行人名单（judgment-defaulter）"
        assert (listed in page, listed in shown.out) == (False, True)
        assert run("repairs", "verify", path, "--pin", in_groups).code == 0
    again = ("repairs", "certificate", repaired["statement_id"], path, "--subject", code)
    there = run(*again, "--dir", directory / PEER.region)
    assert (there.code, "--force" in there.err) == (USAGE, True)
    assert run(*again, "--force", "--dir", directory / PEER.region).code == 0
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    changed = path.with_name("changed.pdf")
    changed.write_bytes(data)
    ran = run("repairs", "verify", changed)
    assert (ran.code, "repair-certificate." in ran.err) == (FINDINGS, True)
    stranger = run("repairs", "verify", path, "--subject", "91510500YY00000108")
    assert (stranger.code, "repair-certificate.other-subject" in stranger.err) == (FINDINGS, True)
    other = run(
        *("repairs", "certificate", repaired["statement_id"], directory / "other.pdf"),
        *("--subject", "91510500YY00000108", "--dir", directory / CITY.region),
    )
    assert (other.code, (directory / "other.pdf").exists()) == (REFUSED, False)


def test_what_is_erased_everywhere_is_still_proved(
    directory: Path, repaired: dict[str, Any]
) -> None:
    before = made(directory, CITY.region, repaired, "before.pdf")
    regions = (CITY.region, PEER.region)
    held = [openings(directory, region, 1) for region in regions]
    exchanged(directory, "outbox", "erasure")
    assert [openings(directory, region, 1) for region in regions] == [one - 1 for one in held]
    for path in (before, *(made(directory, one, repaired, f"after-{one}.pdf") for one in regions)):
        verified = run("repairs", "verify", path, "-o", "json")
        assert verified.code == 0, verified.err
        assert verified.json["page"] == "same"
        assert [one["status"] for one in verified.json["regions"]] == ["proved"]
