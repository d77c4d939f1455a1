"""Directories of real nodes with a charter that all of them signed, made in one call."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from adapters.sql.store import SqlStore
from crypto.dsse import Envelope, sign_envelope
from federation.charters.chain import begin_chain
from federation.charters.draft import write_terms
from federation.charters.verification import (
    PAYLOAD_TYPE,
    PURPOSES,
    Entitlements,
    ListRight,
    Member,
    Reception,
    Terms,
)
from federation.ids import CharterId, StatementId, Timestamp
from federation.payloads import Audience, Listing, Source, Subject, SubjectKind, TermQuality, Tier
from federation.peers.frames import Frame
from federation.statements import Kind
from federation.uscc import make_uscc
from node.app.wiring import build
from node.charters.files import store_chain
from node.demo.members import DemoMember
from node.demo.ports import free_ports
from node.directory.config import FILE_NAME, NodeSection, load_config
from node.directory.config_file import add_pin
from node.directory.creation import CHARTER_KEY_FILE, NewNode, create_node
from node.directory.keys import load_signer
from node.log.publisher import Publisher
from node.log.startup_check import StartupCheck
from node.peers.exchange import Exchange
from node.peers.session import Session
from node.publishing.registry import Registry
from node.publishing.submissions import Published, Submission
from node.system.clock import SystemClock
from node.system.entropy import token
from node.upkeep.rotation import Rotated, Rotation
from tests.support.catalogs import furnish
from tests.support.days import DECIDED, LISTED, NOTIFIED, REPAIRED, UNTIL, number_of
from tests.support.fresh import open_fresh

LIST_TYPE = "judgment-defaulter"
SUBJECTS = 4000
"""Invented subjects that the base library of each node knows."""
SOURCE = "court"
COURT_NAME = "虚构人民法院（演示）"
HEADER = (
    "记录编号",
    "被执行人名称",
    "统一社会信用代码",
    "执行法院",
    "案号",
    "失信决定日期",
    "告知日期",
)
_ALL_KINDS = tuple(int(kind) for kind in Kind)
_YEAR = 365 * 86_400


def court_of(region: str) -> str:
    """The one determining authority of a city."""
    return f"{region}-court"


def found(
    directory: Path,
    members: Sequence[DemoMember],
    url: Callable[[str], str] = lambda _: "",
    line: Callable[[str, int], int] = lambda _region, port: port,
) -> CharterId:
    """Make the directory of each node below `directory`, ready to be started.

    Args:
        directory: new or empty.
        members: who takes part.
        url: the database of each region; empty for its own file.
        line: the port at which peers find a region's node, from the one where it listens.
    """
    drafted = []
    for member, port in zip(members, free_ports(len(members)), strict=True):
        folder = directory / member.region
        new = _new_node(folder, member, port, line(member.region, port))
        described = create_node(folder, new, now=SystemClock().now(), token=token)
        set_key(folder, "not_direct", json.dumps(list(member.apart)))
        set_key(folder, "url", json.dumps(url(member.region)))
        bind_source(folder, member.region)
        drafted.append(_entitled(described, member.region))
    envelope = _signed(directory, drafted)
    alliance = CharterId(sha256(envelope.payload).digest())
    chain = begin_chain(envelope.to_bytes(), alliance)
    for member in members:
        config = load_config(directory / member.region)
        store_chain(config.charters_directory, chain)
        add_pin(config.directory, alliance)
        store = open_fresh(config.database_url)
        furnish(config.directory, store, _known())
        store.close()
    return alliance


@cache
def _known() -> tuple[tuple[str, str], ...]:
    return tuple((code_of(n), name_of(n)) for n in range(SUBJECTS))


def set_key(folder: Path, key: str, value: str) -> None:
    """Give a key of the configuration that `init` wrote another value (TOML)."""
    path = folder / FILE_NAME
    text, count = re.subn(rf"(?m)^{key} = .*$", lambda _: f"{key} = {value}", path.read_text())
    assert count == 1, (key, count)
    path.write_text(text)


def write_list(path: Path, region: str, rows: range, *, bad: int = 0) -> None:
    """Write a list file: one row for each number, then `bad` rows that no node takes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in rows:
            writer.writerow(_row(region, number, code_of(number)))
        for number in range(bad):
            writer.writerow(_row(region, 90_000 + number, "91510500YY9999999Z"))


def list_row(region: str, number: int, **changes: str) -> dict[str, str]:
    """A row of a platform's inbox that lists an invented subject."""
    cells = dict(zip(HEADER, _row(region, number, code_of(number)), strict=True)) | changes
    return inbox_row("list", cells)


def repair_row(region: str, number: int) -> dict[str, str]:
    """One that repairs it."""
    return inbox_row(
        "repair",
        {
            "统一社会信用代码": code_of(number),
            "名称": name_of(number),
            "名单类型": LIST_TYPE,
            "认定单位": COURT_NAME,
            "列入文书号": document_of(region, number),
            "修复决定文书号": f"川修〔2026〕{number}号",
            "修复日期": REPAIRED.isoformat(),
        },
    )


def inbox_row(kind: str, cells: dict[str, str]) -> dict[str, str]:
    """A row of a platform's inbox."""
    content = json.dumps(cells, ensure_ascii=False)
    return {"source": SOURCE, "kind": kind, "list_type": "", "content": content}


def code_of(number: int) -> str:
    """The code of an invented subject, whose prefix is not given to anybody."""
    return make_uscc("91510500", f"YY{number:06d}")


def name_of(number: int) -> str:
    """The name of an invented subject."""
    return f"虚构企业{number}（演示）"


def document_of(region: str, number: int) -> str:
    """The document by which an invented subject was listed."""
    return f"（2026）川{region[2:]}执{number}号"


def _row(region: str, number: int, code: str) -> tuple[str, ...]:
    document = document_of(region, number)
    name = name_of(number)
    return (
        f"R{number}",
        name,
        code,
        COURT_NAME,
        document,
        DECIDED.isoformat(),
        NOTIFIED.isoformat(),
    )


def _new_node(folder: Path, member: DemoMember, listen: int, advertise: int) -> NewNode:
    identity = NodeSection.model_validate(
        {
            "region": member.region,
            "name": member.name,
            "role": member.role,
            "origin": member.origin,
        }
    )
    key = folder / CHARTER_KEY_FILE
    return NewNode(
        identity=identity,
        listen=f"127.0.0.1:{listen}",
        advertise=f"127.0.0.1:{advertise}",
        charter_key=key,
    )


def bind_source(folder: Path, region: str) -> None:
    with (folder / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write(
            f"\n[files.sources.{SOURCE}]\n"
            f'authorities = {{ "{COURT_NAME}" = "{court_of(region)}" }}\n'
            f'list_types = ["{LIST_TYPE}"]\n'
        )


def _entitled(member: Member, region: str) -> Member:
    rights = (ListRight(list_type=LIST_TYPE, authorities=(court_of(region),)),)
    entitlements = Entitlements(kinds=_ALL_KINDS, lists=rights)
    return replace(
        member,
        segments=tuple(replace(s, entitlements=entitlements) for s in member.segments),
        receives=(Reception(kinds=_ALL_KINDS, purposes=tuple(PURPOSES)),),
    )


def _signed(directory: Path, members: Sequence[Member]) -> Envelope:
    now = SystemClock().now()
    terms = Terms(
        name="川南信用联盟（演示）",
        version=1,
        issued_at=now,
        not_after=Timestamp(now + _YEAR),
        purposes=tuple(PURPOSES),
        members=tuple(members),
    )
    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=write_terms(terms), signatures=())
    for member in members:
        signer = load_signer(directory / member.region / CHARTER_KEY_FILE)
        envelope = sign_envelope(envelope, signer.seed)
    return envelope


class WiredNode:
    """A node wired as the program wires it, without network and schedule."""

    def __init__(self, directory: Path, *, asks: bool = False) -> None:
        """Wire it; where it does not ask, it signs as if a member had answered."""
        self.directory = directory
        self.parts = build(directory)
        self.me = self.parts.me
        if not asks:
            self.asking.end()
        self.origin = self.parts.info().origin

    @property
    def exchange(self) -> Exchange:
        assert isinstance(self.parts.exchange, Exchange)
        return self.parts.exchange

    @property
    def publisher(self) -> Publisher:
        assert isinstance(self.parts.publisher, Publisher)
        return self.parts.publisher

    @property
    def asking(self) -> StartupCheck:
        assert isinstance(self.parts.asking, StartupCheck)
        return self.parts.asking

    @property
    def registry(self) -> Registry:
        assert isinstance(self.parts.registry, Registry)
        return self.parts.registry

    @property
    def store(self) -> SqlStore:
        assert isinstance(self.parts.store, SqlStore)
        return self.parts.store

    def close(self) -> None:
        """Stop as in an orderly end."""
        self.parts.workers.close()
        self.parts.writer.close()
        self.parts.queries.close()
        self.parts.store.close()

    def submit(self, submission: Submission) -> Published:
        """Publish a submission of one statement and wait until it is shown."""
        self.parts.writer.publish(submission.unit).result()
        (published,) = submission.published
        return published

    def list_(self, request_id: str, number: int) -> Published:
        """Publish a listing of an invented subject."""
        draft = (int(Kind.LISTING), 0, b"", listing_of(self.me, number))
        return self.submit(self.registry.publish(request_id, [draft], ""))

    def repair(self, request_id: str, statement_id: bytes) -> Published:
        """Repair one of our listings."""
        return self.submit(
            self.registry.relieve(
                request_id,
                kind=Kind.REPAIR,
                statement_id=StatementId(statement_id),
                document="川修〔2026〕1号",
                decided_on=number_of(REPAIRED),
            )
        )

    def publish_list(self, path: Path) -> dict[str, Any]:
        """Take a list file."""
        return self.parts.intake.publish_file(
            path,
            kind="list",
            list_type=LIST_TYPE,
            mapping="",
            dry_run=False,
            full_snapshot=False,
            source=SOURCE,
            progress=lambda _: None,
        )

    def job(self, name: str) -> None:
        """Run a job of the schedule once."""
        (job,) = [job for job in self.parts.jobs if job.name == name]
        job.run()

    def confirm_time(self) -> None:
        """Let two persons say that the machine's clock is right."""
        self.parts.clock_desk.confirm(SystemClock().now(), ("王某", "李某"), "test", "")

    def rotate(self) -> Rotated:
        """Replace the opening key."""
        assert isinstance(self.parts.rotation, Rotation)
        return self.parts.rotation.rotate(lambda _: None)

    def renew_head(self) -> None:
        """Sign on, as the schedule does every minute."""

        def renew() -> None:
            if self.publisher.renew_head() is not None:
                self.exchange.published()

        self.parts.writer.submit(renew).result()

    def handle(self, session: Session, frame: Frame) -> None:
        """Take a frame of a peer, on the thread on which everything is written."""
        prepared = self.exchange.prepare(session, frame)
        self.parts.writer.submit(lambda: self.exchange.handle(session, prepared)).result()

    def note(self) -> bytes:
        """The newest checkpoint of our own log, as peers are shown it."""
        return self.exchange.served()[self.origin].note

    def problems(self) -> list[str]:
        """Codes of what the status says is wrong."""
        return [problem["code"] for problem in self.parts.status()["problems"]]

    def logs(self) -> dict[str, dict[str, Any]]:
        """The logs in the status, by origin."""
        return {log["origin"]: log for log in self.parts.status()["logs"]}


def exchange_all(
    one: WiredNode, other: WiredNode, before_it_ends: Callable[[], None] = lambda: None
) -> None:
    """Let two nodes say everything to each other over a stream."""
    pair = (one, other)
    sessions = (one.exchange.open_session(other.me), other.exchange.open_session(one.me))
    for side in (0, 1):
        asked = pair[side].exchange.subscription(sessions[side])
        if asked is not None:
            pair[1 - side].handle(sessions[1 - side], asked)
    moved = True
    while moved:
        moved = False
        for side in (0, 1):
            for frame in pair[side].exchange.plan(sessions[side]):
                pair[1 - side].handle(sessions[1 - side], frame)
                moved = True
    before_it_ends()
    for node, session in zip(pair, sessions, strict=True):
        node.exchange.close_session(session)


def listing_of(region: str, number: int) -> Listing:
    """A listing of an invented subject by the court of a city."""
    return Listing(
        audience=Audience(charters=(), purposes=()),
        subject=Subject(
            scheme="uscc",
            code=code_of(number),
            name=name_of(number),
            kind=SubjectKind.ENTERPRISE,
        ),
        list_type=LIST_TYPE,
        tier=Tier.SEVERE,
        authority=court_of(region),
        authority_name=COURT_NAME,
        document=document_of(region, number),
        decided_on=number_of(DECIDED),
        listed_on=number_of(LISTED),
        prior_notice_on=number_of(NOTIFIED),
        basis="民事诉讼法",
        publish_until=number_of(UNTIL),
        term=TermQuality.STATED,
        source=Source(department=SOURCE, batch="1", row=number, key=str(number)),
    )
