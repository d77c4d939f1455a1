"""After relief, acknowledgement and rotation no byte of what was erased is left on any disk.

Canaries go every way that content can go: a file of a department, the registry, a correction, an
annotation, what is set aside, what is held, a row that is refused; from Zigong through the hub to
Luzhou, and from there to the platform. Each step is also tried the other way round: before it, what
it removes is found.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
import structlog
from huxin.v1 import payload_pb2
from prometheus_client import generate_latest
from sqlalchemy import NullPool, create_engine, text

from adapters.errors import KeyRingError
from adapters.files.spool import Spool
from adapters.sql import open_store
from adapters.state.keyring import KeyRing
from crypto.errors import SealError
from federation.ids import Date, StatementId
from federation.own_log import Draft
from federation.payloads import Annotation, Correction, Listing, Payload, Relief
from federation.rows import OpeningStatus, State
from federation.statements import AnnotationAction, Kind
from node.codec import ProtobufPayloads
from node.demo.members import HUB, LUZHOU, ZIGONG, DemoMember
from node.directory.config import load_config
from node.directory.creation import KEY_RING_FILE
from node.intake.retention import Retention
from node.log.units import Unit
from node.status.metrics import Metrics
from node.system.entropy import token
from node.system.logging import set_up
from tests.support import canaries
from tests.support.commands import run
from tests.support.databases import Backups
from tests.support.days import DECIDED, NOTIFIED
from tests.support.federation_dirs import (
    COURT_NAME,
    HEADER,
    SOURCE,
    WiredNode,
    exchange_all,
    found,
    listing_of,
)

MEMBERS = (ZIGONG, HUB, replace(LUZHOU, apart=(ZIGONG.region,)))
ROOT = Path(__file__).parents[2]
VERIFY = ROOT / "tests" / "independent" / "verify.py"
MONTH = 31 * 86_400


PLATFORM = """
[platform.city]
  url = "sqlite:///no-such-folder/city.db"
"""
"""One that is down for as long as the test lasts; indented, so that it is no url of the node's."""


class Cities:
    """Zigong speaks, the hub relays, Luzhou follows."""

    def __init__(self, directory: Path, url: str, backups: Backups) -> None:
        self.directory = directory
        found(directory, MEMBERS, backups.url)
        with (directory / LUZHOU.region / "huxin.toml").open("a") as config:
            config.write(PLATFORM)
        self._url = url
        self.backups = backups
        self.nodes = {member.region: WiredNode(directory / member.region) for member in MEMBERS}

    def __getitem__(self, member: DemoMember) -> WiredNode:
        return self.nodes[member.region]

    def restart(self, member: DemoMember) -> WiredNode:
        self[member].close()
        self.nodes[member.region] = WiredNode(self.directory / member.region)
        return self[member]

    def settle(self) -> None:
        """Everything reaches everyone and the platforms, and what is due is erased."""
        for _ in range(2):
            exchange_all(self[ZIGONG], self[HUB])
            exchange_all(self[HUB], self[LUZHOU])
            for node in self.nodes.values():
                node.job("reconcile")
                node.job("outbox")
                if node is self[LUZHOU]:
                    node.job("platform.city")
                node.job("clock")
                node.job("erasure")

    def close(self) -> None:
        for node in self.nodes.values():
            node.close()

    def files(self, *, server: bool = False) -> list[str]:
        """Files in which a canary is in clear.

        Below the nodes' directories, and with `server` in the whole directory of the PostgreSQL
        server that has their databases: heaps, indexes, write-ahead log.
        """
        folders = [self.directory / member.region for member in MEMBERS]
        if server and self._url:
            engine = create_engine(self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("CHECKPOINT"))
                folders.append(Path(connection.execute(text("SHOW data_directory")).scalar_one()))
            engine.dispose()
        return canaries.files_with(folders)


@pytest.fixture
def cities(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cities]:
    postgres = getattr(request, "param", "sqlite") == "postgres"
    url = request.getfixturevalue("postgres_url") if postgres else ""
    backups = Backups(url)
    made = Cities(tmp_path / "federation", url, backups)
    yield made
    made.close()
    backups.close()


@pytest.mark.parametrize(
    "cities", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_nothing_is_left_of_what_was_erased(
    cities: Cities, capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    set_up("info")
    request.addfinalizer(structlog.reset_defaults)
    said = _let_speak(cities)
    cities.settle()
    for member in MEMBERS:
        cities[member].close()
    kept = {member.region: cities.backups.take(_of(cities, member)) for member in MEMBERS}
    for member in MEMBERS:
        cities.nodes[member.region] = WiredNode(_of(cities, member))
    rings = {member.region: _ring(_of(cities, member)) for member in MEMBERS}
    for member in MEMBERS:
        assert _contents(kept[member.region], rings[member.region]), "the backup holds canaries"
    assert {Path(name).parts[0] for name in cities.files()} == {"outbox", "inbox"}
    _relieve(cities, said)
    cities.settle()

    found = cities.files()
    assert found, "the department's file is there"
    assert {Path(name).parts[0] for name in found} == {"inbox"}, "no platform has fetched anything"
    (waits,) = cities[LUZHOU].parts.status()["platforms"]
    assert (waits["fault"], waits["waiting"] > 0) == ("platform.unreachable", True)
    assert list((cities[LUZHOU].directory / "outbox").rglob("*.csv"))
    _retain(cities)
    assert cities.files() == []

    for member in MEMBERS:
        url = load_config(_of(cities, member)).database_url
        assert not _contents(url, _ring(_of(cities, member))), "what is held now is clean"
        assert _contents(kept[member.region], _ring(_of(cities, member))), "not yet rotated"
        cities[member].rotate()
        cities.restart(member)
        assert not _contents(kept[member.region], _ring(_of(cities, member)))
        assert not _contents(url, _ring(_of(cities, member)))
    assert cities.files(server=True) == []
    _check_figures_and_logs(cities, capfd)
    _check_verified(cities)
    _check_restored(cities, kept)


def test_no_memory_holds_what_was_erased(cities: Cities) -> None:
    said = _let_speak(cities)
    cities.settle()
    with _woken(cities, LUZHOU, canaries.MARK) as pid:
        assert canaries.in_memory_of(pid), "looked for in the wrong place"
    _relieve(cities, said)
    cities.settle()
    cities[LUZHOU].rotate()
    with _woken(cities, LUZHOU) as pid:
        assert not canaries.in_memory_of(pid)
        limits = Path(f"/proc/{pid}/limits").read_text()
        (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
        assert line.split()[4:6] == ["0", "0"]


# ---------------------------------------------------------------- what is said


def _let_speak(cities: Cities) -> list[tuple[StatementId, Listing]]:
    """Bring in canaries by every way; returns the listings."""
    node = cities[ZIGONG]
    inbox = node.directory / "inbox" / SOURCE
    _write_file(inbox / "list.csv", cities)
    (inbox / "list.csv.done").touch()
    with _spooled() as waited:
        node.job("inbox")
    assert len(waited) == 1, "of one list"
    assert len(waited[0]) > len(canaries.MARK.encode())
    assert not canaries.in_bytes(waited[0])
    assert (inbox / "taken" / "list.csv.errors.csv").exists()
    with node.store.read() as session:
        (filed,) = session.list_rows(log=None, kinds=[1], states=None, after=None, limit=9)
    by_file = _canary(node, "文件")
    by_hand = _canary(node, "登记")
    aside = replace(_canary(node, "搁置"), authority="999999-court")
    held = _canary(node, "保留")
    drafted = [_draft(Kind.LISTING, content) for content in (by_hand, aside, held)]
    newer = payload_pb2.Listing.FromString(drafted[2].payload)
    newer.min_reader = 99
    drafted[2] = drafted[2]._replace(payload=newer.SerializeToString())
    _say(node, *drafted)
    listed = drafted[0].statement_id
    note = Annotation(
        audience=by_hand.audience,
        record=by_hand.key,
        authority=by_hand.authority,
        document="川异〔2026〕1号",
        decided_on=Date(20261101),
        text=canaries.reason("异议"),
    )
    changed = replace(by_hand, reason=canaries.reason("更正"))
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [listed])
        (leaf,) = session.leaf_hashes([(row.log, row.idx)])
    correction = Correction(audience=by_hand.audience, replaces=leaf, payload=changed)  # type: ignore[arg-type]
    action = AnnotationAction.OBJECTION_OPENED
    _say(
        node,
        _draft(Kind.ANNOTATION, note, action=action, about=listed),
        _draft(Kind.CORRECTION, correction, about=listed),
    )
    ids = [StatementId(filed.statement_id), *(one.statement_id for one in drafted)]
    return list(zip(ids, (by_file, by_hand, aside, held), strict=True))


@contextmanager
def _spooled() -> Iterator[list[bytes]]:
    """What lay on the disk of the rows of files, between reading and publishing."""
    seen: list[bytes] = []
    close = Spool.close

    def look(spool: Spool) -> None:
        descriptor = spool._file.fileno()
        seen.append(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
        close(spool)

    with patch.object(Spool, "close", look):
        yield seen


def _relieve(cities: Cities, said: Sequence[tuple[StatementId, Listing]]) -> None:
    """Withdraw every listing; reliefs name their subject, and here another one."""
    node = cities[ZIGONG]
    reliefs = [
        Relief(
            audience=content.audience,
            record=replace(content.key, code="91510500YY9999990X"),
            subject_name="另一企业（演示）",
            authority=content.authority,
            document="川撤〔2026〕1号",
            decided_on=Date(20261120),
            publish_until=content.publish_until,
        )
        for _, content in said
    ]
    _say(
        node,
        *(
            _draft(Kind.WITHDRAWAL, relief, about=statement_id)
            for relief, (statement_id, _) in zip(reliefs, said, strict=True)
        ),
    )


DAYS = (DECIDED.isoformat(), NOTIFIED.isoformat())
"""Of the decision and of the prior notice."""


def _write_file(path: Path, cities: Cities) -> None:
    region = cities[ZIGONG].me
    document = _canary(cities[ZIGONG], "文件").document
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*HEADER, "失信被执行人行为具体情形"))
        good = ("R1", canaries.name("文件"), canaries.CODE, COURT_NAME, document)
        writer.writerow((*good, *DAYS, canaries.reason("文件")))
        bad = ("R2", canaries.name("错误"), canaries.CODE[:-1] + "0", COURT_NAME)
        writer.writerow((*bad, f"（2026）川{region[2:]}执9号", *DAYS, canaries.reason("错误")))


def _canary(node: WiredNode, kind: str) -> Listing:
    plain = listing_of(node.me, len(kind.encode()) + ord(kind[0]))
    subject = replace(plain.subject, code=canaries.CODE, name=canaries.name(kind))
    return replace(
        plain,
        audience=node.registry._statements.audience(),
        subject=subject,
        reason=canaries.reason(kind),
    )


def _draft(
    kind: Kind, payload: Payload, *, action: int = 0, about: StatementId | None = None
) -> Draft:
    made = Draft(
        kind=kind,
        action=action,
        statement_id=StatementId(token(16)),
        payload=ProtobufPayloads().encode(payload),
    )
    return made if about is None else made._replace(about=about)


def _say(node: WiredNode, *drafts: Draft) -> None:
    unit = Unit(drafts=lambda _: list(drafts), record=lambda _session, _placed: None)
    node.parts.writer.publish(unit).result()


# ---------------------------------------------------------------- the steps


def _retain(cities: Cities) -> None:
    for member in MEMBERS:
        config = load_config(_of(cities, member))
        Retention(
            outbox=config.outbox,
            inbox=config.inbox,
            sources=config.files.sources,
            keep_days=config.files.keep_days,
            now=lambda: cities[ZIGONG].parts.clock.now() + MONTH,  # type: ignore[arg-type,return-value]
        ).run()


@contextmanager
def _woken(cities: Cities, member: DemoMember, *held: str) -> Iterator[int]:
    """The node restarted as a process of its own; yields its id."""
    cities[member].close()
    command = [sys.executable, "-m", "tests.support.woken_child", str(_of(cities, member)), *held]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        # Lines of the log come before it: the platform is down.
        assert "awake\n" in iter(process.stdout.readline, "")
        yield process.pid
        process.stdin.close()
        assert process.wait(60) == 0
    cities.nodes[member.region] = WiredNode(_of(cities, member))


# ---------------------------------------------------------------- what must hold


def _contents(database: str, ring: KeyRing) -> bool:
    """Whether a database holds a canary that a ring opens."""
    store = open_store(database if "://" in database else f"sqlite:///{database}")
    try:
        with store.read() as session:
            for head in session.heads():
                for one in session.openings_between(head.log, 0, head.size):
                    try:
                        opening = ring.open_opening(head.origin, one)
                    except (KeyRingError, SealError):
                        continue
                    if canaries.in_bytes(opening.payload):
                        return True
    finally:
        store.close()
    return False


def _check_figures_and_logs(cities: Cities, capfd: pytest.CaptureFixture[str]) -> None:
    printed = capfd.readouterr()
    assert "file taken" in printed.err
    said = printed.out + printed.err
    for node in cities.nodes.values():
        metrics = Metrics(status=node.parts.status, blamed=node.exchange.blamed, live=tuple)
        said += generate_latest(metrics.registry).decode() + str(node.parts.status())
    assert not canaries.in_bytes(said.encode())


def _check_verified(cities: Cities) -> None:
    for member in MEMBERS:
        cities[member].close()
        out = cities.directory / f"export-{member.region}"
        assert run("log", "export", out, "--dir", _of(cities, member)).code == 0
        cities.nodes[member.region] = WiredNode(_of(cities, member))
        ran = subprocess.run(
            [sys.executable, VERIFY, "export", out], capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stdout) == (0, "ok\n")
        assert not canaries.files_with([out])


def _check_restored(cities: Cities, kept: dict[str, str]) -> None:
    """Luzhou's database from before the relief, with its ring of today."""
    cities[LUZHOU].close()
    cities.backups.restore(_of(cities, LUZHOU), kept[LUZHOU.region])
    node = cities.nodes[LUZHOU.region] = WiredNode(_of(cities, LUZHOU))
    assert "openings.lost" in node.problems()
    cities.settle()
    for origin, indices in node.exchange.missing_openings(100).items():
        answers = cities[HUB].exchange.openings_for(node.me, origin, indices)
        given = list(zip(indices, answers, strict=True))
        node.parts.writer.submit(
            lambda origin=origin, given=given: node.exchange.take_openings(  # type: ignore[misc]
                origin, given, cities[HUB].me
            )
        ).result()
    cities.settle()
    url = load_config(_of(cities, LUZHOU)).database_url
    assert not _contents(url, _ring(_of(cities, LUZHOU)))
    assert cities.files() == []
    with node.store.read() as session:
        head = session.head(ZIGONG.origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.size)
    listed = [row for row in rows if row.kind == Kind.LISTING]
    assert {row.state for row in listed} <= {State.WITHDRAWN, State.SET_ASIDE, State.HELD}
    assert OpeningStatus.PRESENT not in {row.opening for row in listed}


def _ring(directory: Path) -> KeyRing:
    return KeyRing.load(load_config(directory).state_directory / KEY_RING_FILE, token=token)


def _of(cities: Cities, member: DemoMember) -> Path:
    return cities.directory / member.region
