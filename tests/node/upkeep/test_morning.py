"""The findings of a bad morning in groups: where each belongs, what is told once, backups' ages."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from adapters.identity.provider import ProviderHttp
from federation.ids import Origin, Timestamp
from node.access import provider_wiring
from node.charters.joining import PENDING
from node.directory.config import parse_config
from node.log.soundness import HASH_TILES, ROWS, Damage
from node.system.clock import SystemClock
from node.texts.codes import chinese
from node.upkeep.checkup import Finding
from node.upkeep.drill import HISTORY, remember
from node.upkeep.morning import (
    _FIXES,
    _GROUP_OF,
    ASKED,
    FRESH_SECONDS,
    STATED,
    UNANSWERED,
    Row,
    grouped,
    of_backups,
    of_joining,
    of_provider,
    unopened,
)
from tests.support.identity_provider import SmallProvider, served

NOW = Timestamp(1_790_000_000)


def placed(*rows: Row, **more: object) -> dict[str, list[str]]:
    groups = grouped((), (), rows, {"problems": [], **more})
    return {group.name: [row.code for row in group.rows] for group in groups if group.rows}


def problem(code: str) -> dict[str, str]:
    return {"code": code, "message": "of the node", "fix": "do"}


def codes(directory: Path, now: int = NOW) -> list[str]:
    return [row.code for row in of_backups(directory, Timestamp(now))]


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("config.changed", "configuration"),
        ("keys.mode", "keys"),
        ("access.token-exposed", "keys"),
        ("certificate.expires", "charters"),
        ("charter.expired", "charters"),
        ("high-water.ahead", "storage"),
        ("store.damaged", "storage"),
        ("disk.reserve", "storage"),
        ("mapping.invalid", "sources"),
        ("backup.none", "backups"),
        ("catalog.none", "catalogs"),
        ("library.none", "catalogs"),
        ("join.pending", "joining"),
        ("clock.unconfirmed", "clock"),
        ("clock.differs", "clock"),
        ("log.unreachable", "peers"),
        ("relief.late", "reliefs"),
        ("request.overdue", "reliefs"),
        ("outcomes.overdue", "outcomes"),
        ("platform.unacknowledged", "platforms"),
        ("job.late", "node"),
    ],
)
def test_each_finding_has_its_group(code: str, group: str) -> None:
    assert placed(Row(code=code, message="", fix="do")) == {group: [code]}
    assert placed(problems=[problem(code)]) == {group: [code]}


def test_groups_exist_and_fixes_are_of_known_codes() -> None:
    assert set(_GROUP_OF.values()) <= {*STATED, *ASKED}
    assert all(chinese(code) for code in _FIXES)


def test_without_a_node_some_groups_are_not_looked_at() -> None:
    looked = {group.name: group.looked for group in grouped((), (), (), None)}
    assert looked == dict.fromkeys(STATED, True) | dict.fromkeys(ASKED, False)
    assert all(group.looked for group in grouped((), (), (), {"problems": []}))


def test_what_both_say_is_told_once() -> None:
    findings = [Finding(code="certificate.expires", message="ours")]
    damage = Damage(origin=Origin("a.example/1"), part=ROWS, first=3, count=2, message="other")
    other = Damage(origin=Origin("a.example/1"), part=HASH_TILES, first=0, count=1, message="x")
    said = {"problems": [problem("certificate.expires"), problem("store.damaged")]}
    groups = {group.name: group.rows for group in grouped(findings, [damage, other], (), said)}
    assert [row.message for row in groups["charters"]] == ["of the node"]
    assert ["rebuild" in row.fix for row in groups["storage"]] == [True, False]
    alone = {group.name: group.rows for group in grouped(findings, (), (), said)}
    assert [row.message for row in alone["storage"]] == ["of the node"]
    assert [row.message for row in grouped(findings, (), (), None)[2].rows] == ["ours"]


def test_backups_and_drills_grow_old(tmp_path: Path) -> None:
    assert codes(tmp_path) == ["backup.none", "drill.none"]
    remember(tmp_path, "backup", NOW)
    remember(tmp_path, "drill", NOW, passed=True)
    assert codes(tmp_path, NOW + FRESH_SECONDS) == []
    assert codes(tmp_path, NOW + FRESH_SECONDS + 1) == ["backup.old", "drill.old"]
    remember(tmp_path, "drill", NOW, passed=False)
    assert codes(tmp_path) == ["drill.failed"]
    (tmp_path / HISTORY).write_text('{"backup": {"at": "x"}, "drill": 7}')
    assert codes(tmp_path) == ["backup.none", "drill.none"]
    assert all(chinese(f"{what}.{how}") for what in ("backup", "drill") for how in ("none", "old"))


def test_a_request_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert list(of_joining(tmp_path, {})) == []
    (tmp_path / PENDING).mkdir()
    (tmp_path / PENDING / "0.json").write_text("{}")
    (row,) = of_joining(tmp_path, {})
    assert row.code.startswith("join.")


def test_of_the_identity_provider_it_is_told_where_it_does_not_answer_as_it_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_wiring, "ProviderHttp", partial(ProviderHttp, seconds=60.0))
    node = '[node]\nregion = "510500"\nname = "泸州"\norigin = "a.example/1"\n'
    http = '[http]\nconsole = true\norigin = "http://127.0.0.1:7480"\n[http.oidc]\n'
    small = SmallProvider(now=lambda: 1_795_000_000)

    def told(issuer: str) -> list[Row]:
        oidc = f'issuer = "{issuer}"\nclient_id = "huxin"\nclient_secret_file = "secret"\n'
        return list(of_provider(parse_config(node + http + oidc, tmp_path), SystemClock()))

    with served(small) as issuer:
        (row,) = told(issuer)
        assert "client_secret_file" in row.message
        (tmp_path / "secret").write_text("a secret\n")
        (tmp_path / "secret").chmod(0o600)
        assert told(issuer) == []
        small.published = []
        (row,) = told(issuer)
        assert "jwks_uri" in row.message
        assert row.fix
    (row,) = told(issuer)
    assert row.code == "access.provider-silent"
    assert list(of_provider(parse_config(node, tmp_path), SystemClock())) == []


def test_what_a_node_alone_knows_is_not_well_where_it_does_not_answer() -> None:
    """Its database is away: nobody has looked at its clock, its peers or its reliefs."""
    away = {"code": "store.failed", "message": "away", "fix": "look at its log"}
    status = {"problems": [away], UNANSWERED: True}
    looked = {group.name for group in grouped((), (), (), status) if group.looked}
    assert looked == set(STATED)
    row = Row(code="store.failed", message="away", fix="do")
    read = {group.name: group for group in unopened(row, status)}
    assert [name for name, group in read.items() if group.looked] == ["storage"]
    assert read["storage"].rows == (row,), "told once"
    answered = grouped((), (), (), {"problems": [away]})
    assert all(group.looked for group in answered if group.name in ASKED)
