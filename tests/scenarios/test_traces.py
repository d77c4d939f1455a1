"""What traces say of two real nodes, and that neither they nor what else goes out says more.

Covers node/system/tracing.py, node/app/otlp.py, node/app/collector.py.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
import structlog
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from federation.ids import StatementId
from federation.screening.roles import Role
from node.app.local import connect
from node.app.otlp import PREFIX, recording
from node.app.wiring import build
from node.demo.members import DemoMember
from node.reconcile.catalog_book import CatalogBook
from node.system.clock import SystemClock
from node.system.failpoints import NAMES as STEPS
from node.system.logging import set_up
from node.system.tracing import FORMS, NAMES, trace_of
from tests.support import canaries
from tests.support.asgi import ask
from tests.support.catalogs import PERSONS
from tests.support.commands import run
from tests.support.days import DECIDED, NOTIFIED, REPAIRED
from tests.support.federation_dirs import (
    COURT_NAME,
    HEADER,
    LIST_TYPE,
    SOURCE,
    WiredNode,
    exchange_all,
    found,
    set_key,
)
from tests.support.operated import Operated, Reached
from tests.support.screened import MATTER, matters_text

CITY = DemoMember(region="510500", name="泸州")
PEER = DemoMember(region="511500", name="宜宾")
TOKEN = re.compile(rb"hx1_[A-Za-z0-9_-]{20,}")
PERSON = "金丝雀某（演示）"
LIFE = ("said", "taken", "told", "acknowledged", "lifted", "heard")


@dataclass(frozen=True)
class Story:
    """A listing of a canary, asked about, repaired and lifted; and all that was said of it."""

    spans: Sequence[ReadableSpan]
    listing: StatementId
    log: str
    token: str
    outside: dict[str, bytes]
    """What goes out, or lies elsewhere: logs, traces, support bundle, backup."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("traces")
    exporter = InMemorySpanExporter()
    with pytest.MonkeyPatch.context() as patch, (folder / "log").open("w") as log:
        patch.setattr("sys.stderr", log)
        set_up("info")
        try:
            with recording(exporter, "510500.huxin.example"):
                listing, token = _tell(folder)
        finally:
            structlog.reset_defaults()
    spans = exporter.get_finished_spans()
    return Story(
        spans=spans,
        listing=listing,
        log=(folder / "log").read_text(),
        token=token,
        outside={
            "logs": (folder / "log").read_bytes(),
            "traces": encode_spans(spans).SerializeToString(),
            "support bundle": _bundle(folder),
            "backup": b"".join(
                path.read_bytes()
                for path in sorted((folder / "backup").rglob("*"))
                if path.is_file()
            ),
        },
    )


def _tell(folder: Path) -> tuple[StatementId, str]:
    """The story; commands and HTTP on the way, as departments and operators go."""
    found(folder, (CITY, PEER))
    for member in (CITY, PEER):
        set_key(folder / member.region, "relief_seconds", "0")
    city, peer = WiredNode(folder / CITY.region), WiredNode(folder / PEER.region)
    CatalogBook(store=peer.store, now=SystemClock().now).adopt(
        matters_text(lists=(LIST_TYPE,)), PERSONS
    )
    inbox = city.directory / "inbox" / SOURCE
    with (inbox / "list.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*HEADER, "失信被执行人行为具体情形"))
        row = (canaries.name("追踪"), canaries.CODE, COURT_NAME, "（2026）川0502执9号")
        writer.writerow(
            ("R1", *row, DECIDED.isoformat(), NOTIFIED.isoformat(), canaries.reason("追踪"))
        )
    (inbox / "list.csv.done").touch()
    city.job("inbox")
    with city.store.read() as session:
        (listed,) = session.list_rows(log=None, kinds=[1], states=None, after=None, limit=9)
    listing = StatementId(listed.statement_id)
    _settle(city, peer)
    _acknowledge(peer)
    city.close()
    peer.close()
    token = _ask(folder / PEER.region)
    done = run(
        *("repair", listing.hex(), "--document", canaries.reason("修复")[:40]),
        *("--date", REPAIRED.isoformat(), "--dir", folder / CITY.region),
    )
    assert done.code == 0, done.err
    city, peer = WiredNode(folder / CITY.region), WiredNode(folder / PEER.region)
    _settle(city, peer)
    _acknowledge(peer)
    _settle(city, peer)
    city.job("hearing")
    city.close()
    peer.close()
    done = run("backup", folder / "backup", "--dir", folder / PEER.region)
    assert done.code == 0, done.err
    return listing, token


def _settle(city: WiredNode, peer: WiredNode) -> None:
    exchange_all(city, peer)
    for job in ("reconcile", "outbox", "receipt"):
        peer.job(job)
    exchange_all(city, peer)


def _acknowledge(peer: WiredNode) -> None:
    for path in sorted((peer.directory / "outbox").rglob("*.csv")):
        digest = sha256(path.read_bytes()).hexdigest()
        path.with_name(f"{path.name}.ack").write_text(f"{digest} OK\n")
    peer.job("acknowledged")


def _ask(directory: Path) -> str:
    """A department asks over HTTP, with the node on its socket, as `huxin http` does."""
    role = ("--role", Role.OPERATOR.value, "--expires", "2099-12-31")
    office = ("--department", "信用中心（演示）", "--by", PERSON)
    said = run("access", "new", *office, *role, "--dir", directory, "-o", "json")
    assert said.code == 0, said.err
    token: str = said.json["token"]
    asked = run(
        *("check", "--matter", MATTER, "--case", f"{canaries.MARK}〔2026〕12号"),
        *("--purpose", "joint-punishment", "--code", canaries.CODE),
        *("--name", canaries.name("追踪"), "--dir", directory),
    )
    assert asked.code in (0, 1), asked.err
    with connect(directory, build) as channel, ThreadPoolExecutor(1) as threads:
        app = Operated(threads, Reached(channel)).app
        made = ask(app, "GET", "/v1/repairs", [("Authorization", f"Bearer {token}")])
        assert made.status == 200, made.body
    return token


def _bundle(folder: Path) -> bytes:
    out = folder / "bundle.tar"
    done = run("support-bundle", out, "--dir", folder / PEER.region)
    assert done.code == 0, done.err
    return out.read_bytes()


def named(story: Story, name: str) -> list[ReadableSpan]:
    return [one for one in story.spans if one.name == name]


def ancestors(story: Story, span: ReadableSpan) -> list[str]:
    """Names of the spans above one."""
    by_id = {one.context.span_id: one for one in story.spans if one.context}
    above = []
    while span.parent is not None and span.parent.span_id in by_id:
        span = by_id[span.parent.span_id]
        above.append(span.name)
    return above


def test_a_publication_stands_below_its_command_with_its_durable_steps(story: Story) -> None:
    (call,) = [
        one
        for one in named(story, "call")
        if (one.attributes or {})[f"{PREFIX}call"] == "Registry/Relieve"
    ]
    assert call.context is not None
    steps = {
        one.name: ancestors(story, one)
        for one in story.spans
        if one.context and one.context.trace_id == call.context.trace_id
    }
    for step in ("publish.commit", "publish.mark", "publish.sign", "publish.note"):
        assert steps[step] == ["publish", "call"]


def test_a_batch_and_a_check_have_their_steps(story: Story) -> None:
    assert any(ancestors(story, one) == ["follow"] for one in named(story, "follow.commit"))
    kept = [ancestors(story, one) for one in named(story, "check.record")]
    assert kept == [["check", "call"]]
    assert any(ancestors(story, one)[-1] == "call" for one in named(story, "queries.record"))


def test_tr2_a_trace_goes_on_from_http_over_the_nodes_socket(story: Story) -> None:
    routes = [
        one
        for one in named(story, "http")
        if (one.attributes or {})[f"{PREFIX}route"] == "/v1/repairs"
    ]
    assert len(routes) == 1
    assert any(ancestors(story, one) == ["http"] for one in named(story, "call"))


def test_tr3_a_relief_is_one_trace_from_its_command_to_lifted(story: Story) -> None:
    trace = int.from_bytes(trace_of(story.listing), "big")
    points = [one for one in story.spans if one.context and one.context.trace_id == trace]
    assert {one.name for one in points} == {f"relief {one}" for one in LIFE}
    first = {one.name: one.start_time for one in reversed(points)}
    assert sorted(first, key=lambda name: first[name] or 0) == [f"relief {one}" for one in LIFE]
    (said,) = named(story, "relief said")
    assert said.parent is None
    assert said.context is not None
    below = {one.parent.span_id for one in points if one.parent is not None}
    assert below == {said.context.span_id}


def test_tr1_names_attributes_and_values_are_of_closed_forms(story: Story) -> None:
    assert story.spans
    for one in story.spans:
        assert one.name in {*NAMES, *STEPS}
        assert one.events == ()
        assert one.status.description is None
        for name, value in (one.attributes or {}).items():
            assert re.fullmatch(FORMS[name.removeprefix(PREFIX)], str(value)), (one.name, name)
        about = {"service.name", "service.version", "service.instance.id"}
        assert set(one.resource.attributes) == about


@pytest.mark.parametrize("what", ["logs", "traces", "support bundle", "backup"])
def test_nothing_that_goes_out_says_whom_it_is_about(story: Story, what: str) -> None:
    """No subject, no person, no token; a backup has all that, but sealed."""
    data = story.outside[what]
    assert len(data) > 100, "looked at in the wrong place"
    assert not canaries.in_bytes(data)
    assert story.token.encode() not in data
    assert not TOKEN.search(data)
    if what != "backup":  # names of persons stand in its journal, and nobody else's
        assert PERSON.encode() not in data
        assert data.find(story.listing) < 0
        assert story.listing.hex().encode() not in data or what == "logs"
