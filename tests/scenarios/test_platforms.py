"""A platform's database that is down, slow, full or wrong keeps only its own batches waiting.

Covers node/log/redelivery.py, node/platform/delivery.py, node/platform/platforms.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url
from structlog.testing import capture_logs

from adapters.files.errors import FileAdapterError
from adapters.files.outbox import OutboxRow
from adapters.platform.acknowledging import Answer, Later, Owed
from adapters.platform.database import DatabasePlatform
from adapters.platform.errors import PlatformError
from adapters.platform.former_spool import FormerSpool
from adapters.platform.tables import script
from federation.ids import Origin, StatementId
from federation.statements import Kind
from node.demo.members import LUZHOU, ZIGONG
from node.directory.config import ConfigError, Environment, PlatformSection, parse_config
from node.log.executed import FILES
from node.platform.delivery import BATCH, PROBE
from node.platform.outbox_job import OutboxDelivery
from node.platform.platforms import known_outlet, platform_url
from node.system.failpoints import Failpoints
from tests.contracts.examples import row
from tests.support.days import REPAIRED, number_of
from tests.support.exchange_tables import DDL, make_tables, told
from tests.support.federation_dirs import WiredNode, exchange_all, found, set_key
from tests.support.invented import InlineWriter
from tests.support.outlets import ORIGIN, ROW, Told, demands_of

SECRET = "never-shown"
NODE_TOML = '[node]\nregion = "510500"\nname = "泸州"\norigin = "510500.huxin.example/1"\n'


class Faulty:
    """A platform that takes nothing while `fault` is set."""

    def __init__(self) -> None:
        self.fault: str = ""
        self.taken: list[tuple[int, str]] = []
        self.numbers: list[int] = []
        self.origins: list[tuple[Origin, int]] = []

    def tell(self, origin: Origin, rows: Sequence[OutboxRow], number: int) -> Answer:
        self.numbers.append(number)
        self.origins.append((origin, len(rows)))
        if self.fault:
            raise PlatformError(self.fault, "as ordered")
        self.taken += [(row.index, row.state) for row in rows]
        return Answer()

    def later(self, owed: Sequence[Owed], after: int) -> Later:
        del owed, after
        return Later((), 0)


def test_what_waits_comes_later_relief_first() -> None:
    said, platform = Told(), Faulty()
    job = said.delivery(platform)
    said.say({0: "active", 1: "active", 2: "active"})
    assert job.run() == 1
    platform.fault = "platform.unreachable"
    said.say({3: "active"})
    said.change(0, "paused")
    said.change(0, "active")
    said.change(2, "repaired", relief=True)
    with capture_logs() as logs:
        assert (job.run(), job.run()) == (0, 0)
    assert [(line["code"], line["platform"]) for line in logs] == [("platform.unreachable", "city")]
    assert job.report() == {
        "name": "city",
        "waiting": 3,
        "relief": 1,
        "fault": "platform.unreachable",
        "message": "as ordered",
        "silent": "",
    }
    platform.fault = ""
    platform.taken.clear()
    restarted = said.delivery(platform)
    assert restarted.run() == 3
    assert platform.taken == [(2, "repaired"), (0, "active"), (3, "active")]
    assert restarted.report() == {
        "name": "city",
        "waiting": 0,
        "relief": 0,
        "fault": "",
        "message": "",
        "silent": "",
    }


def test_another_fault_is_logged_and_the_end_of_it() -> None:
    said, platform = Told(), Faulty()
    job = said.delivery(platform)
    said.say({0: "active"})
    with capture_logs() as logs:
        for platform.fault in ("platform.unreachable", "platform.full", ""):
            job.run()
    assert [line.get("code", line["event"]) for line in logs] == [
        "platform.unreachable",
        "platform.full",
        "platform takes rows again",
    ]


def test_a_number_is_of_one_batch() -> None:
    """The same batch told again has its number; another one, also after a restart, a higher one."""
    said, platform = Told(), Faulty()
    job = said.delivery(platform)
    said.say({0: "active"})
    platform.fault = "platform.unreachable"
    job.run()
    job.run()
    said.rows.states[0] = "paused"
    platform.fault = ""
    job.run()
    assert platform.numbers == [1, 1, 2]
    for state in ("active", "paused"):
        said.change(0, state)
        said.delivery(platform).run()
    assert platform.numbers == [1, 1, 2, 257, 513]


def test_what_changes_while_it_is_told_is_told_again() -> None:
    said = Told()

    class Slow(Faulty):
        def tell(self, origin: Origin, rows: Sequence[OutboxRow], number: int) -> Answer:
            if not self.taken:
                said.change(0, "repaired", relief=True)
            return super().tell(origin, rows, number)

    platform = Slow()
    said.say({0: "active"})
    said.change(0, "paused")
    assert said.delivery(platform).run() == 3
    assert platform.taken == [(0, "paused"), (0, "repaired"), (0, "repaired")]


def test_logs_take_turns_and_relief_of_all_goes_before_the_rest() -> None:
    said, platform = Told(), Faulty()
    said.say(dict.fromkeys(range(BATCH + 2), "active"))
    said.delivery(platform).run()
    with said.store.write() as session:
        other = session.add_log(Origin("510300.huxin.example/1"), ours=False)
        session.insert_rows([row(other.log, 0)])
        session.set_head(replace(other, size=1, reconciled_to=1, delivered_to=1))
        session.set_handed_to(said.outlet, other.log, 1)
        session.put_waiting(said.outlet, {(other.log, 0): True})
        session.put_waiting(said.outlet, {(said.log, i): True for i in range(1, BATCH + 2)})
        session.put_waiting(said.outlet, {(said.log, 0): False})
    platform.origins.clear()
    said.delivery(platform).run()
    assert [(origin[:6], count) for origin, count in platform.origins] == [
        ("510500", BATCH),
        ("510300", 1),
        ("510500", 1),
        ("510500", 1),
    ]


def test_a_log_whose_rows_are_not_taken_holds_up_no_other() -> None:
    said = Told()

    class Picky(Faulty):
        def tell(self, origin: Origin, rows: Sequence[OutboxRow], number: int) -> Answer:
            self.fault = "platform.refused" if origin == ORIGIN else ""
            return super().tell(origin, rows, number)

    platform = Picky()
    said.say(dict.fromkeys(range(40), "active"))
    with said.store.write() as session:
        other = session.add_log(Origin("510300.huxin.example/1"), ours=False)
        session.insert_rows([row(other.log, 0)])
        session.set_head(replace(other, size=1, reconciled_to=1, delivered_to=1))
    job = said.delivery(platform)
    assert [job.run() for _ in range(3)] == [0, 1, 0]
    assert platform.origins == [
        *((ORIGIN, 40), (other.origin, 1)),
        *((ORIGIN, PROBE), (ORIGIN, PROBE)),
    ]


def test_a_log_that_fails_keeps_the_files_of_no_other_waiting(tmp_path: Path) -> None:
    """Of the failing one more is to be told again, all of it relief, than is read at a time."""
    said = Told()
    said.say(dict.fromkeys(range(BATCH + 1), "active"))
    with said.store.write() as session:
        bad = session.add_log(Origin("../510100"), ours=False)
        session.insert_rows([row(bad.log, index) for index in range(BATCH + 2)])
        session.set_head(replace(bad, size=BATCH + 2, reconciled_to=BATCH + 2))
        files = session.add_outlet(FILES).outlet
        session.put_waiting(files, {(bad.log, index): True for index in range(BATCH + 1)})
        session.put_waiting(files, {(said.log, index): False for index in range(BATCH + 1)})
    job = OutboxDelivery(
        outbox=tmp_path,
        store=said.store,
        writer=InlineWriter(),
        rows=said.rows,
        demands=demands_of(said.store),
        failpoints=Failpoints(),
    )
    with pytest.raises(FileAdapterError) as caught:
        job.run()
    assert caught.value.code == "outbox.origin"
    with said.store.read() as session:
        assert session.waiting(files, said.log, 1) == []
    assert len(list(tmp_path.rglob("*.csv"))) > 0


def test_files_of_a_former_version_are_asked_for_again_and_removed(tmp_path: Path) -> None:
    said = Told()
    said.say({0: "active", 1: "active", 2: "active"})
    with said.store.write() as session:
        session.put_handed(session.add_outlet("").outlet, said.log, {0: 0, 1: 0, 2: 0})
    for name, content in {"old": {"origin": ORIGIN, "rows": [{"index": 1}]}, "torn": None}.items():
        folder = tmp_path / name
        folder.mkdir()
        text = "{" if content is None else json.dumps(content)
        (folder / "000000000007.json").write_text(text, "utf-8")
        (folder / ".000000000008.json.1.part").touch()
        (tmp_path / f"{name}.last").write_text("6")
        outlet = known_outlet(said.store, name, FormerSpool(folder))
        assert known_outlet(said.store, name, FormerSpool(folder)) == outlet
        with said.store.write() as session:
            assert [w.idx for w in session.waiting(outlet, None, 9)] == [[1], [0, 1, 2]][
                content is None
            ]
            assert session.handed(outlet, said.log, range(3)) == {0: 0, 1: 0, 2: 0}
            assert session.give_numbers(outlet, 1) == 8
    assert list(tmp_path.iterdir()) == []


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


def test_a_table_of_a_former_version_takes_what_it_has_columns_for(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path / 'platform.db'}")
    make_tables(url)
    with sqlite3.connect(tmp_path / "platform.db") as connection:
        connection.execute("ALTER TABLE huxin_outbox DROP COLUMN instruction")
    platform = DatabasePlatform(url)
    undone = replace(ROW, state="withdrawn-undo", instruction="撤销：请撤回已采取的措施")
    assert [platform.write(ORIGIN, [undone]) for _ in range(2)] == [1, 0]
    with sqlite3.connect(tmp_path / "platform.db") as connection:
        (state,) = connection.execute("SELECT state FROM huxin_outbox").fetchone()
        assert state == "withdrawn-undo"
        connection.execute("ALTER TABLE huxin_outbox ADD COLUMN instruction TEXT DEFAULT ''")
    assert platform.write(ORIGIN, [undone]) == 1
    assert [row["instruction"] for row in told(url)] == ["", undone.instruction]


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


def test_n11_a_text_that_no_database_keeps_holds_up_no_relief(
    nodes: tuple[WiredNode, WiredNode],
) -> None:
    node, peer = nodes
    url = make_url(f"sqlite:///{node.directory / 'city.db'}")
    make_tables(url)
    listed = peer.list_("00" * 16, 1)
    said = peer.registry.relieve(
        "01" * 16,
        kind=Kind.REPAIR,
        statement_id=StatementId(listed.statement_id),
        document="川修〔2026〕1号",
        decided_on=number_of(REPAIRED),
        reason="a\0b",
    )
    peer.submit(said)
    exchange_all(node, peer)
    for name in ("reconcile", "outbox", "platform.city"):
        node.job(name)
    (repair,) = [row for row in told(url) if row["kind"] == "repair"]
    assert repair["reason"] == "a␀b"


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
