"""Keys of rows: running numbers, and keys whose form changed (F14, F15).

Covers node/intake/known_rows.py, node/intake/row_words.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.ids import StatementId
from federation.intake.feed import Word, many_others
from federation.payloads import Correction, Listing
from federation.rows import State
from federation.statements import Kind
from federation.uscc import make_uscc
from node.intake.row_words import RowWords
from tests.support.simulation import leaf_hash_of
from tests.support.tables import TableDesk, city

COURT = "judgment-defaulter"
OLD_FORM = """\
format: 1
id: court-old
title: 失信被执行人名单
list_type: judgment-defaulter
tier: severe
schemes: [uscc, organisation-code]
fields:
  code: [统一社会信用代码]
  name: [被执行人姓名/名称]
  authority_name: [执行法院]
  document: [案号]
  decided_on: [失信决定日期]
reason:
  - {columns: [履行情况]}
row_key: {columns: [id], fields: [code, document]}
defaults: {basis: 某规定}
publication: {shortest_months: 0, longest_months: 24}
"""


def row(number: int, firm: int, **changes: str) -> dict[str, str]:
    """A row of a court's export with a running number."""
    return {
        "id": str(number),
        "被执行人姓名/名称": f"泸州示例试件{firm}号商贸有限公司（演示）",
        "统一社会信用代码": make_uscc("91510502", f"YY{firm:06d}"),
        "执行法院": "泸州市江阳区人民法院",
        "案号": f"（2026）川0502执{firm}号",
        "履行情况": "全部未履行",
        "失信决定日期": "2026-03-05",
    } | changes


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TableDesk]:
    made = TableDesk(city(tmp_path)["510500"], tmp_path)
    (tmp_path / "old.yaml").write_text(OLD_FORM, "utf-8")
    yield made
    made.writer.close()
    made.node.store.close()


def kinds(desk: TableDesk) -> list[Kind]:
    """Kinds of our own statements, in the order of the log."""
    with desk.node.store.read() as session:
        head = session.head(desk.node.origin)
        assert head is not None
        return [Kind(one.kind) for one in session.rows_between(head.log, 0, head.size)]


def test_f15_a_running_number_that_begins_anew_withdraws_nothing(desk: TableDesk) -> None:
    for file in ("sequence-id-1.csv", "sequence-id-2.csv"):
        assert desk.publish(file, COURT)["decisions"] == {"listed": 3}
    assert desk.states() == [State.ACTIVE] * 6


def test_f14_whatever_the_key_many_other_subjects_wait_for_a_person(desk: TableDesk) -> None:
    mapping = str(desk.folder / "old.yaml")
    first = [row(n, 100 + n) for n in range(1, 4)]
    second = [row(n, 200 + n) for n in range(1, 4)]
    assert desk.take(*first, list_type=COURT, mapping=mapping)["published"] == 3
    tried = desk.take(*second, list_type=COURT, mapping=mapping, dry_run=True)
    result = desk.take(*second, list_type=COURT, mapping=mapping)
    for told in (tried, result):
        assert told["decisions"] == {"held-other-subject": 3}
        assert {one["code"] for one in told["held"]} == {"feed.other-subject"}
    assert desk.states() == [State.ACTIVE] * 3
    words = RowWords(other_subjects=True, by=("示例人甲", "示例人乙"), reason="重新编号")
    said = desk.take(*second, list_type=COURT, mapping=mapping, words=words)
    assert said["decisions"] == {"replaced": 3}
    with desk.node.store.read() as session:
        entry = session.last_entry("other-subjects")
    assert entry is not None
    assert json.loads(entry.body) == {"by": list(words.by), "feed": f"desk/{COURT}", "rows": 3}
    assert desk.states() == [State.WITHDRAWN] * 3 + [State.ACTIVE] * 3


def test_im10_rows_that_nobody_was_shown_go_on_waiting(desk: TableDesk) -> None:
    mapping = str(desk.folder / "old.yaml")
    desk.take(*(row(n, 100 + n) for n in range(1, 4)), list_type=COURT, mapping=mapping)
    others = [row(n, 200 + n) for n in range(1, 4)]
    words = RowWords(
        other_subjects=True,
        by=("示例人甲", "示例人乙"),
        reason="重新编号",
        shown={"other-subjects": frozenset({3}), "two-records": frozenset({2, 4})},
    )
    said = desk.take(*others, list_type=COURT, mapping=mapping, words=words)
    assert said["decisions"] == {"held-other-subject": 2, "replaced": 1}
    assert [one["row"] for one in said["held"]] == [2, 4]


def test_f14_a_slip_among_many_rows_is_mended(desk: TableDesk) -> None:
    mapping = str(desk.folder / "old.yaml")
    rows = [row(n, 100 + n) for n in range(1, 12)]
    desk.take(*rows, list_type=COURT, mapping=mapping)
    rows[4] = row(5, 999)
    result = desk.take(*rows, list_type=COURT, mapping=mapping)
    assert result["decisions"] == {"replaced": 1, "unchanged": 10}
    alone = desk.take(row(7, 888), list_type=COURT, mapping=mapping)
    assert alone["decisions"] == {"held-other-subject": 1}


def test_f14_rows_at_hand_wait_too(desk: TableDesk) -> None:
    own = TableDesk(desk.node, desk.folder, mapping="old.yaml")
    take = own.intake.rows.take
    take("b1", "desk", "list", COURT, {1: row(1, 101)})
    (answer,) = take("b2", "desk", "list", COURT, {1: row(1, 201)}).values()
    assert answer is not None
    assert (answer.outcome, answer.code) == ("held-other-subject", "feed.other-subject")
    assert desk.states() == [State.ACTIVE]
    word = Word(code="feed.other-subject", persons=("示例人甲", "示例人乙"))
    (answer,) = take("b3", "desk", "list", COURT, {1: row(1, 201)}, said=word).values()
    assert answer is not None
    assert answer.outcome == "replaced"
    with desk.node.store.read() as session:
        assert session.last_entry("other-subjects") is not None
    own.writer.close()


@pytest.mark.parametrize(
    ("known", "others", "many"),
    [(0, 0, False), (10, 1, False), (9, 1, True), (1, 1, True), (100, 2, False), (10_000, 3, True)],
)
def test_f14_how_many_are_many(known: int, others: int, *, many: bool) -> None:
    assert many_others(known, others) is many


def test_f15_rows_published_by_their_old_key_are_matched_once(desk: TableDesk) -> None:
    rows = [row(n, 100 + n) for n in range(1, 13)]
    desk.take(*rows, list_type=COURT, mapping=str(desk.folder / "old.yaml"))
    # The layout of the package lists nothing again; its own texts are corrections.
    assert desk.take(*rows, list_type=COURT)["decisions"] == {"corrected": 12}
    assert desk.take(*rows, list_type=COURT)["decisions"] == {"unchanged": 12}
    numbered = [replace_id(one, n) for n, one in enumerate(reversed(rows), start=1)]
    assert desk.take(*numbered, list_type=COURT)["decisions"] == {"unchanged": 12}
    part = desk.take(*(one | {"履行情况": "部分履行"} for one in numbered[:1]), list_type=COURT)
    assert part["decisions"] == {"corrected": 1}
    assert set(kinds(desk)) == {Kind.LISTING, Kind.CORRECTION}
    assert kinds(desk).count(Kind.LISTING) == 12


def test_f15_an_old_key_leads_to_the_same_record_only(desk: TableDesk) -> None:
    rows = [row(n, 100 + n) for n in range(1, 4)]
    desk.take(*rows, list_type=COURT, mapping=str(desk.folder / "old.yaml"))
    anew = [row(n, 200 + n) for n in range(1, 4)]
    assert desk.take(*anew, list_type=COURT)["decisions"] == {"listed": 3}
    assert desk.states() == [State.ACTIVE] * 6


def replace_id(one: dict[str, str], number: int) -> dict[str, str]:
    """The row with another running number."""
    return one | {"id": str(number)}


def test_f15_an_id_of_the_source_that_comes_later_is_the_same_row(desk: TableDesk) -> None:
    rows = [row(n, 100 + n) for n in range(1, 4)]
    desk.take(*rows, list_type=COURT)
    named = [one | {"记录编号": f"LZ{one['id']}", "履行情况": "部分履行"} for one in rows]
    assert desk.take(*named, list_type=COURT)["decisions"] == {"corrected": 3}
    assert desk.take(*named, list_type=COURT)["decisions"] == {"unchanged": 3}
    assert kinds(desk).count(Kind.LISTING) == 3


def test_f15_a_full_snapshot_by_another_key_pauses_nothing(desk: TableDesk) -> None:
    rows = [row(n, 100 + n) for n in range(1, 11)]
    desk.take(*rows, list_type=COURT, mapping=str(desk.folder / "old.yaml"))
    result = desk.take(*rows[:9], list_type=COURT, full_snapshot=True)
    assert (result["paused_count"], result["decisions"]) == (1, {"corrected": 9})
    assert desk.states() == [State.ACTIVE] * 9 + [State.PAUSED]


# ------------------------------------------------------- rows whose listing was relieved


def relieve(desk: TableDesk, number: int, kind: Kind = Kind.REPAIR) -> None:
    """Relieve the listing at a place of our log."""
    with desk.node.store.read() as session:
        head = session.head(desk.node.origin)
        assert head is not None
        (row,) = session.rows_at([(head.log, number)])
    desk.node.relieve(kind, StatementId(row.statement_id))


OTHERS = (
    {"案号": "（2026）川0502执999号"},  # another document
    {"统一社会信用代码": make_uscc("91510502", "YY000999")},  # another subject
    {"统一社会信用代码": make_uscc("91510502", "YY000101")[8:17], "案号": "（2026）川0502执77号"},
)


@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL])
@pytest.mark.parametrize("changes", OTHERS, ids=range(len(OTHERS)))
def test_f25_a_relieved_row_that_names_another_record_waits_for_a_person(
    desk: TableDesk, changes: dict[str, str], kind: Kind
) -> None:
    mapping = str(desk.folder / "old.yaml")
    desk.take(row(1, 101), list_type=COURT, mapping=mapping)
    relieve(desk, 0, kind)
    other = row(1, 101, **changes)
    for _ in range(2):
        held = desk.take(other, list_type=COURT, mapping=mapping)
        assert held["decisions"] == {"held-relieved-row": 1}
        assert [one["code"] for one in held["held"]] == ["feed.relieved-row"]
    words = RowWords(two_records=True, by=("示例人甲", "示例人乙"), reason="两案")
    said = desk.take(other, list_type=COURT, mapping=mapping, words=words)
    assert said["decisions"] == {"listed": 1}
    assert desk.take(other, list_type=COURT, mapping=mapping)["decisions"] == {"unchanged": 1}
    with desk.node.store.read() as session:
        assert session.last_entry("told-apart") is not None


def test_f25_whatever_the_form_of_the_key(desk: TableDesk) -> None:
    """Known by its running number; now the row's key is another, and so is its document."""
    desk.take(row(1, 101), list_type=COURT, mapping=str(desk.folder / "old.yaml"))
    relieve(desk, 0)
    anew = row(1, 101, 案号="（2026）川0502执999号")
    assert desk.take(anew, list_type=COURT)["decisions"] == {"held-relieved-row": 1}
    # A running number that begins anew leads to another firm, whose row is another row.
    assert desk.take(row(1, 202), list_type=COURT)["decisions"] == {"listed": 1}


def test_f25_a_listing_corrected_by_hand_is_not_withdrawn_by_its_row(desk: TableDesk) -> None:
    mapping = str(desk.folder / "old.yaml")
    desk.take(*(row(n, 100 + n) for n in range(1, 12)), list_type=COURT, mapping=mapping)
    node = desk.node
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        (listed,) = session.rows_at([(head.log, 0)])
        payload = node.statements.listing(session, StatementId(listed.statement_id)).payload
    assert isinstance(payload, Listing)
    right = replace(payload, reason="更正后的事由")
    correction = Correction(
        audience=payload.audience,
        replaces=leaf_hash_of(node, listed.statement_id),
        payload=right,
    )
    node.say(node.draft(Kind.CORRECTION, correction, about=listed.statement_id))
    rows = [row(n, 100 + n) for n in range(2, 12)]
    moved = row(1, 101, 案号="（2026）川0502执999号")
    result = desk.take(moved, *rows, list_type=COURT, mapping=mapping)
    assert result["decisions"] == {"held-relieved-row": 1, "unchanged": 10}
