"""Lists of the trustworthy out of files, from the first award to its end, at two nodes (F51).

Covers node/intake/listings.py, node/intake/list_files.py, node/intake/rows.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from federation.charters.verification import Entitlements, ListRight
from federation.errors import RefusedError
from federation.ids import StatementId
from federation.payloads import Commendation
from federation.rows import State
from federation.statements import Kind
from node.directory.config import SourceSection
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text, trust_text
from tests.support.invented import code_of, name_of
from tests.support.simulation import Federation, SimNode
from tests.support.tables import TableDesk

LIST, TAX = "tax-grade-a", "虚构市税务局（演示）"
PEER = "511000"
CITY = "510500"
CATALOG = catalog_of(
    trust_text("trust", {LIST: {"term_months": 12, "longest_months": 24}}), edition_text()
)
Row = Mapping[str, str]


class Desk(TableDesk):
    """Takes lists of the trustworthy."""

    def send(self, *rows: Row, **options: Any) -> dict[str, Any]:
        return self.take(*rows, list_type=LIST, source="tax", **options)

    def awards(self) -> list[tuple[str, int, int]]:
        """Document, last day and state of each, as they stand in our log."""
        found = []
        with self.node.store.read() as session:
            head = session.head(self.node.origin)
            assert head is not None
            rows = session.rows_between(head.log, 0, head.size)
            for row in rows:
                if row.kind == Kind.COMMENDATION:
                    said = self.node.statements.listing(session, StatementId(row.statement_id))
                    assert said.payload is None or isinstance(said.payload, Commendation)
                    document = said.payload.document if said.payload else ""
                    until = said.payload.valid_until if said.payload else 0
                    found.append((document, until, row.state))
        return found


def row(number: int, **changed: str) -> Row:
    return {
        "统一社会信用代码": code_of(number),
        "纳税人名称": name_of(number),
        "主管税务机关": TAX,
        "评价年度": "2025",
        "公布日期": "2026-04-20",
        "有效期至": "2027-04-30",
        "状态": "有效",
    } | changed


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    rights = (ListRight(list_type=LIST, authorities=("510500-tax",)),)
    entitlements = Entitlements(kinds=build.ALL_KINDS, lists=rights)
    members = [build.make_member(CITY, entitlements=entitlements), build.make_member(PEER)]
    made = Federation(
        tmp_path,
        (CITY, PEER),
        [build.make_chain(members)],
        lambda name: f"sqlite:///{tmp_path / name}.db",
    )
    made.connect(CITY, PEER)
    return made


@pytest.fixture
def desk(federation: Federation, tmp_path: Path) -> Desk:
    tax = SourceSection(authorities={TAX: "510500-tax"}, list_types=(LIST,))
    return Desk(federation.nodes[CITY], tmp_path, sources={"tax": tax}, known=CATALOG)


def test_f58_praise_waits_for_no_second_person(federation: Federation, tmp_path: Path) -> None:
    tax = SourceSection(authorities={TAX: "510500-tax"}, list_types=(LIST,))
    asks = Desk(federation.nodes[CITY], tmp_path, sources={"tax": tax}, known=CATALOG, second="all")
    assert asks.send(row(1))["decisions"] == {"listed": 1}


def states(node: SimNode, of: SimNode) -> list[int]:
    """States of the awards of one city, as a node has them."""
    with node.store.read() as session:
        head = session.head(of.origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.applied_to or head.size)
        return [one.state for one in rows if one.kind == Kind.COMMENDATION]


def test_a_file_is_published_once_and_corrected(desk: Desk) -> None:
    first = desk.send(row(1), row(2), row(3))
    assert (first["published"], first["decisions"]) == (3, {"listed": 3})
    again = desk.send(row(1), row(2), row(3))
    assert again["decisions"] == {"unchanged": 3}
    changed = desk.send(row(1, 有效期至="2027-12-31"), row(2, 有效期至="2026-12-31"), row(3))
    assert changed["decisions"] == {"corrected": 1, "held-longer-period": 1, "unchanged": 1}
    assert [until for _, until, _ in desk.awards()] == [20270430, 20261231, 20270430]


def test_a_dry_run_says_what_would_be_and_bad_rows_go_into_the_errors_file(desk: Desk) -> None:
    result = desk.send(row(1), row(2, 统一社会信用代码="91510500YY0000019X"), dry_run=True)
    assert (result["published"], result["decisions"]) == (0, {"listed": 1})
    ((number, _, code),) = desk.faults(result)
    assert (number, code.partition(".")[0]) == (3, "identity")
    assert desk.awards() == []


def test_one_document_for_a_whole_list_is_no_suspicion(desk: Desk) -> None:
    result = desk.send(*(row(number) for number in range(1, 31)), dry_run=True)
    assert (result["decisions"], result["suspicions"]) == ({"listed": 30}, [])


def test_who_is_gone_from_a_full_snapshot_is_withdrawn_at_once_everywhere(
    desk: Desk, federation: Federation
) -> None:
    rows = [row(number) for number in range(1, 7)]
    desk.send(*rows)
    federation.settle()
    peer = federation.nodes[PEER]
    assert states(peer, desk.node) == [State.ACTIVE] * 6
    result = desk.send(*rows[1:], full_snapshot=True)
    assert (result["withdrawn_count"], len(result["withdrawn"])) == (1, 1)
    assert "paused_count" not in result
    federation.settle()
    expected = [State.WITHDRAWN, *[State.ACTIVE] * 5]
    assert (states(desk.node, desk.node), states(peer, desk.node)) == (expected, expected)
    # The old file comes again: what was withdrawn stays so.
    assert desk.send(*rows)["decisions"] == {"relieved-before": 1, "unchanged": 5}
    # An award by another document is another record.
    assert desk.send(row(1, 评价年度="2026"))["decisions"] == {"listed": 1}


def test_nobody_is_withdrawn_for_a_row_that_cannot_be_read(desk: Desk) -> None:
    rows = [row(number) for number in range(1, 7)]
    desk.send(*rows)
    slip = row(1, 公布日期="2026-13-41")
    for dry_run in (True, False):
        result = desk.send(slip, *rows[1:], full_snapshot=True, dry_run=dry_run)
        assert (result["withdrawn_count"], result["refused_rows"]) == (0, 1)
        assert "1 awards are not in the file" in result["remarks"][0]
    assert {state for *_, state in desk.awards()} == {State.ACTIVE}
    # A row that says that it is over is read, and keeps nobody else.
    result = desk.send(rows[0], row(2, 状态="取消"), *rows[2:], full_snapshot=True)
    assert (result["withdrawn_count"], result["remarks"]) == (1, [])
    assert [state for *_, state in desk.awards()].count(State.WITHDRAWN) == 1


def test_a_row_that_says_that_it_is_over_withdraws(desk: Desk) -> None:
    desk.send(row(1), row(2))
    result = desk.send(row(1, 状态="取消"), row(2))
    assert (result["withdrawn_count"], result["decisions"]) == (1, {"unchanged": 1})
    assert [state for *_, state in desk.awards()] == [State.WITHDRAWN, State.ACTIVE]


def test_a_snapshot_of_which_too_much_is_gone_is_refused(desk: Desk) -> None:
    desk.send(*(row(number) for number in range(1, 7)))
    with pytest.raises(RefusedError) as caught:
        desk.send(row(1), full_snapshot=True)
    assert caught.value.code == "feed.too-much-gone"


def test_a_file_of_withdrawals_names_awards_by_their_record(desk: Desk) -> None:
    desk.send(row(1), row(2))
    path = desk.write(
        "withdrawals.csv",
        {
            "统一社会信用代码": code_of(1),
            "名称": name_of(1),
            "名单类型": "A级纳税人",
            "认定单位": TAX,
            "列入文书号": "2025",
            "撤销决定文书号": "虚税撤〔2026〕1号",
            "撤销日期": "2026-06-01",
        },
    )
    result = desk.publish(path, kind="withdrawal", source="tax")
    assert result["published"] == 1
    assert [state for *_, state in desk.awards()] == [State.WITHDRAWN, State.ACTIVE]


def test_rows_of_an_inbox_go_the_same_way(desk: Desk) -> None:
    took = desk.intake.rows.take("inbox", "tax", "list", LIST, {1: row(1), 2: row(2)})
    assert [one.outcome for one in took.values()] == ["listed", "listed"]
    took = desk.intake.rows.take("inbox", "tax", "list", LIST, {3: row(1, 状态="取消")})
    assert [one.code for one in took.values()] == ["row.removed"]
    assert [state for *_, state in desk.awards()] == [State.WITHDRAWN, State.ACTIVE]


def test_one_award_is_published_once_whichever_door_it_comes_in_by(desk: Desk) -> None:
    desk.send(row(1))
    with desk.node.store.write() as session:
        head = session.head(desk.node.origin)
        assert head is not None
        (leaf,) = [
            one
            for one in session.rows_between(head.log, 0, head.size)
            if one.kind == Kind.COMMENDATION
        ]
        said = desk.node.statements.listing(session, StatementId(leaf.statement_id)).payload
        assert isinstance(said, Commendation)
        with pytest.raises(RefusedError) as caught:
            desk.node.registry.checked_draft(session, Kind.COMMENDATION, 0, b"", said)
    assert caught.value.code == "record.exists"
