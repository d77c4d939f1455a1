"""A platform's database that is down, slow, full or wrong keeps only its own batches waiting."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url
from structlog.testing import capture_logs

from adapters.files.outbox import OutboxRow
from adapters.platform.database import DatabasePlatform
from adapters.platform.errors import PlatformError
from adapters.platform.spool import Spool
from adapters.platform.tables import script
from federation.ids import Origin
from federation.statements import Kind
from node.config import ConfigError, Environment, PlatformSection, parse_config
from node.demo.members import LUZHOU, ZIGONG
from node.failpoints import Failpoints
from node.platform_job import PlatformDelivery
from node.platforms import Platforms, platform_url
from tests.support.exchange_tables import DDL, make_tables, told
from tests.support.federation_dirs import WiredNode, exchange_all, found, set_key

ORIGIN = Origin("510500.huxin.example/1")
ROW = OutboxRow(index=3, kind=Kind.LISTING, statement_id="00" * 16, state="active")
SECRET = "never-shown"
NODE_TOML = '[node]\nregion = "510500"\nname = "泸州"\norigin = "510500.huxin.example/1"\n'


class Faulty:
    """A platform that takes nothing while `fault` is set."""

    def __init__(self) -> None:
        self.fault: str = ""
        self.taken: list[tuple[int, str]] = []

    def write(self, _origin: Origin, rows: Sequence[OutboxRow], _number: int) -> int:
        if self.fault:
            raise PlatformError(self.fault, "as ordered")
        self.taken += [(row.index, row.state) for row in rows]
        return len(rows)


def delivery(platform: Faulty | DatabasePlatform, spool: Spool) -> PlatformDelivery:
    return PlatformDelivery(name="city", platform=platform, spool=spool, failpoints=Failpoints())


def test_what_waits_comes_later_in_order(tmp_path: Path) -> None:
    spool, platform = Spool(tmp_path / "s"), Faulty()
    job = delivery(platform, spool)
    platform.fault = "platform.unreachable"
    for state in ("active", "paused", "active"):
        spool.put(ORIGIN, 3, 3, [replace(ROW, state=state)])
    with capture_logs() as logs:
        assert (job.run(), job.run()) == (0, 0)
    assert [(line["code"], line["platform"]) for line in logs] == [("platform.unreachable", "city")]
    assert job.report() == {
        "name": "city",
        "waiting": 3,
        "fault": "platform.unreachable",
        "message": "as ordered",
    }
    platform.fault = ""
    restarted = delivery(platform, Spool(tmp_path / "s"))
    assert restarted.run() == 3
    assert platform.taken == [(3, "active"), (3, "paused"), (3, "active")]
    assert restarted.report() == {"name": "city", "waiting": 0, "fault": "", "message": ""}


def test_another_fault_is_logged_and_the_end_of_it(tmp_path: Path) -> None:
    spool, platform = Spool(tmp_path / "s"), Faulty()
    job = delivery(platform, spool)
    spool.put(ORIGIN, 3, 3, [ROW])
    with capture_logs() as logs:
        for platform.fault in ("platform.unreachable", "platform.full", ""):
            job.run()
    assert [line.get("code", line["event"]) for line in logs] == [
        "platform.unreachable",
        "platform.full",
        "platform takes rows again",
    ]


def test_a_restart_goes_on_numbering_behind_what_waits(tmp_path: Path) -> None:
    Spool(tmp_path / "s").put(ORIGIN, 3, 3, [ROW])
    (tmp_path / "s" / ".000000000002.json.1.part").touch()
    spool = Spool(tmp_path / "s")
    spool.put(ORIGIN, 4, 4, [replace(ROW, index=4)])
    names = sorted(path.name for path in (tmp_path / "s").iterdir())
    assert names == ["000000000001.json", "000000000002.json"]
    assert [spool.read(path)[1][0].index for path in spool.waiting()] == [3, 4]
    assert {path.stat().st_mode & 0o777 for path in spool.waiting()} == {0o600}


def test_a_number_is_given_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s")
    for turn in (1, 2):
        spool.put(ORIGIN, 3, 3, [ROW])
        (path,) = spool.waiting()
        assert spool.number(path) == turn
        spool.remove(path)
        spool = Spool(tmp_path / "s")


def _down(path: Path) -> str:
    return f"sqlite:///{path / 'no-such-folder' / 'platform.db'}"


def _full(path: Path) -> str:
    url = f"sqlite:///{path / 'platform.db'}"
    make_tables(make_url(url))
    return url


def _without_tables(path: Path) -> str:
    return f"sqlite:///{path / 'empty.db'}"


def _nobody_listens(_path: Path) -> str:
    return f"postgresql://huxin_node:{SECRET}@127.0.0.1:1/exchange"


def _no_mysql(_path: Path) -> str:
    return f"mysql://huxin_node:{SECRET}@127.0.0.1:1/exchange"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (_down, "platform.unreachable"),
        (_nobody_listens, "platform.unreachable"),
        (_no_mysql, "platform.unreachable"),
        (_without_tables, "platform.refused"),
    ],
)
def test_faults_have_codes_and_show_no_password(
    url: Callable[[Path], str], code: str, tmp_path: Path
) -> None:
    platform = DatabasePlatform(make_url(url(tmp_path)))
    with pytest.raises(PlatformError) as caught:
        platform.write(ORIGIN, [ROW])
    assert caught.value.code == code
    assert SECRET not in str(caught.value)


def test_a_full_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = _full(tmp_path)
    connect = sqlite3.connect

    def small(*arguments: object, **named: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **named)  # type: ignore[call-overload]
        connection.execute("PRAGMA max_page_count = 8")
        return connection

    with monkeypatch.context() as patched:
        patched.setattr("sqlite3.dbapi2.connect", small)
        patched.setattr("sqlite3.connect", small)
        with pytest.raises(PlatformError) as caught:
            DatabasePlatform(make_url(url)).write(
                ORIGIN, [replace(ROW, index=index, reason="因" * 9000) for index in range(9)]
            )
    assert caught.value.code == "platform.full"
    assert "因" not in str(caught.value)
    assert not told(make_url(url))


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_the_shipped_tables_are_those_of_the_code(dialect: str) -> None:
    assert (DDL / f"{dialect}.sql").read_text("utf-8") == script(dialect)


# ---------------------------------------------------------------- a node with a platform


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[WiredNode, WiredNode]]:
    """Luzhou, which tells a database and no files, and Zigong, which lists."""
    found(tmp_path, (ZIGONG, LUZHOU))
    folder = tmp_path / LUZHOU.region
    set_key(folder, "outbox", '""')
    with (folder / "huxin.toml").open("a") as config:
        config.write('\n[platform.city]\nurl = "sqlite:///city.db"\n')
    opened = WiredNode(folder), WiredNode(tmp_path / ZIGONG.region)
    yield opened
    for node in opened:
        node.close()


def test_a_node_catches_up_when_its_platform_is_there(nodes: tuple[WiredNode, WiredNode]) -> None:
    node, peer = nodes
    listed = peer.list_("00" * 16, 1)
    exchange_all(node, peer)
    node.job("reconcile")
    node.job("outbox")
    node.job("platform.city")
    assert node.logs()[peer.origin]["delivered_to"] == 1  # the other jobs went on
    assert "platform.refused" in node.problems()  # a database without tables
    peer.repair("01" * 16, listed.statement_id)
    exchange_all(node, peer)
    url = make_url(f"sqlite:///{node.directory / 'city.db'}")
    make_tables(url)
    for _ in range(2):
        node.job("reconcile")
        node.job("outbox")
        node.job("platform.city")
    assert "platform.refused" not in node.problems()
    states = {row["idx"]: (row["kind"], row["state"]) for row in told(url)}
    assert states[0] == ("listing", "repaired")
    assert states[1][0] == "repair"
    assert not list((node.directory / "outbox").iterdir())


# ---------------------------------------------------------------- settings


def test_a_password_comes_from_a_file_of_its_own(tmp_path: Path) -> None:
    section = PlatformSection(url="mysql://huxin_node@db/exchange", password_file="password")
    path = tmp_path / "password"
    with pytest.raises(ConfigError, match="readable file"):
        platform_url(tmp_path, "city", section, {})
    path.write_text(f"{SECRET}\n", "utf-8")
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="mode 0600, got 0640"):
        platform_url(tmp_path, "city", section, {})
    path.chmod(0o600)
    assert platform_url(tmp_path, "city", section, {}).password == SECRET
    path.write_text("\n", "utf-8")
    with pytest.raises(ConfigError, match="a password"):
        platform_url(tmp_path, "city", section, {})


def test_a_password_of_the_environment_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUXIN_PLATFORM_PASSWORDS", json.dumps({"city": SECRET}))
    passwords = Environment().platform_passwords
    assert SECRET not in repr(passwords)
    section = PlatformSection(url="mysql://huxin_node@db/exchange", password_file="password")
    assert platform_url(tmp_path, "city", section, passwords).password == SECRET


@pytest.mark.parametrize(
    "extra",
    [
        f'[platform.city]\nurl = "mysql://u:{SECRET}@db/x"\n',
        f'[platform.city]\nurl = "mysql://u@db/x?password={SECRET}"\n',
        f'[platform.city]\nurl = "{SECRET}"\n',
        f'[platform.city]\nurl = "oracle://u@db/{SECRET}"\n',
        '[platform.city]\nurl = "mysql://u@db"\n',
        '[platform.City]\nurl = "mysql://u@db/x"\n',
        '[platform.city]\npassword_file = "x"\n',
        f'[platform.city]\nurl = "https://u:{SECRET}@db/x"\n',
        f'[platform.city]\nurl = "https://db/x?token={SECRET}"\n',
        f'[platform.city]\nurl = "http://db.example/{SECRET}"\n',
        '[platform.city]\nurl = "https:///x"\n',
        '[platform.city]\nurl = "https://db/x"\nsources = ["court"]\n',
        '[platform.city]\nurl = "mysql://u@db/x"\nca_file = "ca.pem"\n',
        '[files]\noutbox = ""\n',
        "".join(f'[platform.p{n}]\nurl = "mysql://u@db/x"\n' for n in range(5)),
    ],
)
def test_a_bad_platform_is_refused_and_no_secret_shown(extra: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(NODE_TOML + extra, Path("/n"))
    assert SECRET not in str(caught.value)


def test_a_spool_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "platform").touch()
    section = PlatformSection(url="sqlite:///city.db")
    with pytest.raises(ConfigError, match=r"platform\.city: expected a spool"):
        Platforms(tmp_path, {"city": section}, {}, Failpoints())
