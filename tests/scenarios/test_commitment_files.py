"""Files of commitments 信用承诺: published once, said again when they were performed (F52).

Covers node/intake/commitments.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from adapters.files.errors import MappingError
from federation.intake.feed import COMMITMENTS_FEED
from federation.payloads import Commitment
from federation.peers.openings import DeliveredOpening
from federation.ports.store import FeedRow
from federation.statements import Kind
from node.log.refill import Refilling
from node.upkeep.lookup_switch import _parts
from tests.support.invented import code_of, name_of
from tests.support.tables import TableDesk, city

PERSON = "510599199001010000"
"""Nobody's: region and sequence do not exist (ADR 0003)."""
Row = Mapping[str, str]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> TableDesk:
    folder = tmp_path_factory.mktemp("commitments")
    return TableDesk(city(folder).nodes["510500"], folder)


def row(number: int, **changed: str) -> Row:
    return {
        "统一社会信用代码": code_of(number),
        "主体名称": name_of(number),
        "承诺类型": "容缺受理",
        "承诺内容": "三十日内补正材料",
        "承诺日期": "2026-05-01",
        "履行期限": "2026-12-31",
        "履行情况": "",
        "履行日期": "",
    } | changed


def said(desk: TableDesk) -> list[Commitment]:
    node = desk.node
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        rows = [
            r for r in session.rows_between(head.log, 0, head.size) if r.kind == Kind.COMMITMENT
        ]
        found = [node.statements.payload(session, node.origin, one) for one in rows]
    return [one for one in found if isinstance(one, Commitment)]


def test_a_row_is_published_once_and_again_when_it_was_performed(desk: TableDesk) -> None:
    tried = desk.take(row(1), row(2), kind="commitment", dry_run=True)
    assert (tried["published"], tried["decisions"]) == (0, {"published": 2})
    assert said(desk) == []
    first = desk.take(row(1), row(2), kind="commitment")
    assert (first["published"], first["decisions"], first["rows"]) == (2, {"published": 2}, 2)
    assert desk.take(row(1), row(2), kind="commitment")["decisions"] == {"unchanged": 2}
    done = row(1, 履行情况="已履行", 履行日期="2026-06-01")
    again = desk.take(done, row(2), kind="commitment")
    assert again["decisions"] == {"published": 1, "unchanged": 1}
    made = [(one.subject.code, one.performed, one.due_on, one.performed_on) for one in said(desk)]
    assert made == [
        (code_of(1), False, 20261231, 0),
        (code_of(2), False, 20261231, 0),
        (code_of(1), True, 20261231, 20260601),
    ]
    assert {one.source.department for one in said(desk)} == {"desk"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"履行情况": "大概"}, "field.value"),
        ({"承诺类型": ""}, "field.missing"),
        ({"主体名称": ""}, "field.missing"),
        ({"承诺日期": "2099-01-01"}, "date.future"),
        ({"履行期限": "某日"}, "date.format"),
        ({"统一社会信用代码": PERSON}, "subject.natural-person"),
        ({"承诺内容": f"身份证 {PERSON}"}, "field.personal-id"),
        ({"承诺内容": "#N/A"}, "cell.error"),
    ],
)
def test_a_bad_row_is_named_and_the_others_go_on(
    desk: TableDesk, changed: dict[str, str], code: str
) -> None:
    result = desk.take(row(3), row(4, **changed), kind="commitment", dry_run=True)
    assert [fault[2] for fault in desk.faults(result)] == [code]
    assert (result["decisions"], result["refused_rows"]) == ({"published": 1}, 1)


def test_a_table_without_its_columns_is_refused(desk: TableDesk, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("甲,乙\n1,2\n", "utf-8")
    with pytest.raises(MappingError) as caught:
        desk.publish(path, kind="commitment")
    assert caught.value.code == "header.missing"


class Learned:
    """Takes what is learned of feeds."""

    def __init__(self) -> None:
        self.rows: list[FeedRow] = []

    def put_feed_rows(self, rows: Sequence[FeedRow]) -> None:
        """See `WriteSession.put_feed_rows`."""
        self.rows += rows


def test_rows_are_known_again_out_of_the_log_alone(desk: TableDesk) -> None:
    """After a loss, and under another lookup key: the same file again publishes nothing."""
    desk.take(row(5), row(6), kind="commitment")
    node = desk.node
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        held = session.rows_between(head.log, 0, head.size)
        rows = [one for one in held if one.kind == Kind.COMMITMENT]
        stored = session.openings(head.log, [one.idx for one in rows])
        opened = node.keyring.held_openings(node.origin, stored)
        known = {one.row_tag: one for one in session.feed_rows(COMMITMENTS_FEED, None)}
    openings = [DeliveredOpening(1, one.salt, one.payload) for _, one in opened]
    learned = Learned()
    refilling = Refilling(payloads=node.payloads, tagger=node.keyring)
    refilling._learn_feeds(learned, rows, openings)  # type: ignore[arg-type]
    assert {one.row_tag: one for one in learned.rows} == known
    for one, opening in zip(rows, openings, strict=True):
        payload = node.payloads.decode(one.kind, opening.payload)
        identity, content = _parts(COMMITMENTS_FEED, one, payload)
        found = known[node.keyring.lookup(identity)]
        newest = found.statement_id == one.statement_id
        assert (found.content_tag == node.keyring.lookup(content)) is newest
        assert _parts("court/list", one, payload) == (b"", b"")
