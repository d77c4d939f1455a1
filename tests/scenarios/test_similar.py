"""A relief holds what is spelt like its record (L14): in either order, at every node.

Covers node/log/holds.py, node/log/relieved_records.py, node/log/standing.py,
node/publishing/new_records.py
and node/intake/waiting_rows.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.intake.feed import Decision
from federation.life.life import SIMILAR
from federation.payloads import Listing, Relisting, RelistingGround, Subject, SubjectKind
from federation.reconcile.findings import Finding
from federation.rows import State, StatementRow
from federation.statements import Kind
from node.intake.row_words import RowWords
from node.reconcile.case_queue import Sought
from node.relief.suppression_keys import SuppressionKeys
from node.upkeep.rebuild import rebuild
from tests.scenarios.test_intake import Desk, cells, code
from tests.support.charters import COURT_LIST
from tests.support.desks import desk_of
from tests.support.simulation import Federation, SimNode, listing, relief_payload

Federate = Callable[..., Federation]
DOCUMENT = "（2026）川05执12号"
SPELT = ("（2026）川05执012号", "(二〇二六)川05執12號", "2026川05执第十二", "（2026）川05执12")
OTHER = ("（2026）川05执120号", "（2026）川05执1-3号", "（2025）川05执12号", "（2026）川0512执")


def rows(node: SimNode, statement_id: bytes) -> StatementRow:
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
    return row


def shown(node: SimNode, statement_id: bytes) -> tuple[State, str]:
    row = rows(node, statement_id)
    return State(row.state), row.rule


HELD = (State.ACTIVE, SIMILAR)
FREE = (State.ACTIVE, "")


def spelt(node: SimNode, document: str, **changes: Any) -> Listing:
    return replace(listing(1, audience=node.audience(), document=document), **changes)


@pytest.fixture
def both(federate: Federate) -> Federation:
    federation = federate("510300", "510500")
    federation.connect("510300", "510500")
    federation.settle()
    return federation


@pytest.mark.parametrize("document", SPELT)
@pytest.mark.parametrize("first", ["relief", "listing"])
def test_what_is_spelt_like_a_relieved_record_is_held_at_every_node(
    both: Federation, document: str, first: str
) -> None:
    one, other = both["510300"], both["510500"]
    listed = one.list_(spelt(one, DOCUMENT))
    if first == "relief":
        one.relieve(Kind.REPAIR, listed)
        both.settle()
    like = other.list_(spelt(other, document))
    both.settle()
    if first == "listing":
        assert shown(one, like) == shown(other, like) == FREE
        one.relieve(Kind.REPAIR, listed)
        both.settle()
    for node in (one, other):
        assert shown(node, listed)[0] == State.REPAIRED
        assert shown(node, like) == HELD
        node.reconcile()
        (case,), _ = desk_of(node).queue.list(Sought(rule=SIMILAR), 0, "")
        assert case["statement_id"] == like.hex()


@pytest.mark.parametrize("document", OTHER)
def test_other_numbers_are_not_held(both: Federation, document: str) -> None:
    one, other = both["510300"], both["510500"]
    one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    like = other.list_(spelt(other, document))
    both.settle()
    assert shown(one, like) == shown(other, like) == FREE


def test_another_subject_is_not_held(both: Federation) -> None:
    one, other = both["510300"], both["510500"]
    one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    listed = other.list_(listing(2, audience=other.audience(), document=SPELT[0]))
    both.settle()
    assert shown(one, listed) == shown(other, listed) == FREE


def test_a_subject_is_the_same_by_its_organisation_code(both: Federation) -> None:
    one, other = both["510300"], both["510500"]
    subject = Subject(
        scheme="organisation-code",
        code=spelt(one, "").subject.code[8:16] + "-" + spelt(one, "").subject.code[16],
        name="示例",
        kind=SubjectKind.ENTERPRISE,
    )
    listed = other.list_(spelt(other, DOCUMENT, subject=subject))
    like = other.list_(spelt(other, SPELT[0], subject=subject))
    one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    both.settle()
    for node in (one, other):
        assert shown(node, listed)[0] == State.REPAIRED
        assert shown(node, like) == HELD


def test_a_relief_that_leaves_no_tag_holds_nothing(both: Federation) -> None:
    """Its origin is not competent, and it is about no listing of its own."""
    one = both["510300"]
    like = one.list_(spelt(one, SPELT[0]))
    foreign = spelt(one, DOCUMENT, authority="11510500ZZ9999993X")
    said = one.draft(Kind.REPAIR, relief_payload(foreign, one.audience()), about=bytes([7]) * 16)
    one.say(said)
    both.settle()
    assert shown(one, like) == shown(both["510500"], like) == FREE


def relisting(node: SimNode, relief: bytes) -> Relisting:
    return Relisting(
        audience=node.audience(),
        reliefs=(StatementId(relief),),
        document="川撤〔2026〕1号",
        decided_on=Date(20261121),
        ground=RelistingGround.ERROR,
        approvals=2,
        payload=spelt(node, DOCUMENT),
    )


def test_a_relisting_of_the_relief_ends_the_hold(both: Federation) -> None:
    one, other = both["510300"], both["510500"]
    relief = one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    both.settle()
    like = other.list_(spelt(other, SPELT[0]))
    both.settle()
    assert shown(one, like) == shown(other, like) == HELD
    one.say(one.draft(Kind.RELISTING, relisting(one, relief), about=relief))
    both.settle()
    later = other.list_(spelt(other, SPELT[1]))
    both.settle()
    for node in (one, other):
        assert shown(node, like) == shown(node, later) == FREE
        with node.store.read() as session:
            assert not session.has_twins()
            assert not session.has_suppressions()


def test_the_hold_outlasts_what_is_said_about_the_listing(both: Federation) -> None:
    one, other = both["510300"], both["510500"]
    one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    both.settle()
    like = other.list_(spelt(other, SPELT[0]))
    submission = other.registry.annotate(
        other.tokens(16).hex(), statement_id=like, action=1, document="", decided_on=Date(20261121)
    )
    other.run(submission.unit)
    both.settle()
    assert shown(one, like) == shown(other, like) == HELD


def told_apart(node: SimNode, statement_id: StatementId) -> None:
    for person in ("示例人甲", "示例人乙"):
        assert shown(node, statement_id) == HELD
        desk_of(node).decide(statement_id, "use", person, "另一案件")


def test_two_persons_end_the_hold_of_a_pair_for_good(both: Federation) -> None:
    one, other = both["510300"], both["510500"]
    one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    both.settle()
    like = other.list_(spelt(other, SPELT[0]))
    both.settle()
    for node in (one, other):  # another city's and one's own
        node.reconcile()
        told_apart(node, like)
        assert shown(node, like) == FREE
        node.reconcile()
        assert desk_of(node).queue.list(Sought(rule=SIMILAR), 0, "") == ([], "")
    again = other.list_(spelt(other, SPELT[0]))
    both.settle()
    one.restart()
    equal, differences = rebuild(one.store, one.ledger, one.reconciliation, check_only=False)
    assert (equal, differences) == (True, [])
    for node in (one, other):
        assert shown(node, like) == shown(node, again) == FREE


def test_a_third_spelling_that_is_relieved_holds_anew(both: Federation) -> None:
    one = both["510300"]
    one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    like = one.list_(spelt(one, SPELT[0]))
    one.reconcile()
    told_apart(one, like)
    third = one.list_(spelt(one, SPELT[1]))
    assert shown(one, third) == HELD
    one.relieve(Kind.WITHDRAWAL, third)
    assert shown(one, like) == HELD
    one.reconcile()
    (case,), _ = desk_of(one).queue.list(Sought(rule=SIMILAR), 0, "")
    assert case["statement_id"] == like.hex()
    assert desk_of(one).get(like)["waits_for_second_person"] == []
    desk_of(one).decide(like, "use", "示例人甲", "另一案件")
    assert shown(one, like) == HELD
    desk_of(one).decide(like, "reject", "示例人丙", "同一案件")
    one.reconcile()
    assert shown(one, like) == HELD


def test_a_rejected_one_stays_held(both: Federation) -> None:
    one, other = both["510300"], both["510500"]
    one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    both.settle()
    like = other.list_(spelt(other, SPELT[0]))
    both.settle()
    one.reconcile()
    desk_of(one).decide(like, "reject", "示例人甲", "同一案件")
    one.reconcile()
    assert shown(one, like) == HELD
    assert set(one.findings().values()) == {Finding.DECIDED_REJECT}


def test_the_twin_ends_with_its_tag_and_with_it_the_hold(both: Federation) -> None:
    one = both["510300"]
    one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    like = one.list_(spelt(one, SPELT[0], publish_until=Date(20301231)))
    assert shown(one, like) == HELD
    jobs = SuppressionKeys(
        store=one.store, keyring=one.keyring, ledger=one.ledger, today=lambda: Date(20290101)
    )
    jobs.run()
    with one.store.read() as session:
        assert not session.has_twins()
        assert not session.has_suppressions()
    assert shown(one, like) == FREE


def test_no_order_of_arrival_lets_a_similar_listing_punish(both: Federation) -> None:
    one = both["510300"]
    for number, order in enumerate(permutations(("first", "relief", "like", "copy")), 10):
        made: dict[str, StatementId] = {}

        def content(document: str, number: int = number) -> Listing:
            return listing(number, audience=one.audience(), document=document)

        for step in order:
            if step == "relief":
                said = relief_payload(content(DOCUMENT), one.audience())
                one.say(one.draft(Kind.REPAIR, said, about=made.get("first", bytes([9]) * 16)))
            else:
                document = {"first": DOCUMENT, "like": SPELT[0], "copy": SPELT[2]}[step]
                made[step] = one.list_(content(document))
        assert shown(one, made["first"])[0] == State.REPAIRED
        assert shown(one, made["like"]) == shown(one, made["copy"]) == HELD
    equal, differences = rebuild(one.store, one.ledger, one.reconciliation, check_only=True)
    assert (equal, differences) == (True, [])


# ---------------------------------------------------------------------------- intake


@pytest.fixture
def desk(both: Federation, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(both["510500"], tmp_path / "desk")
    yield made
    made.writer.close()


TWELVE = (
    {"案号": "（2026）川05执1"},
    {"案号": "（2026）川05执01号"},
    {"案号": "（2026）川05执第1号"},
    {"案号": "（2026）川05执一号"},
    {"案号": "（二〇二六）川05执1号"},
    {"案号": "（二○二六）川05执1号"},
    {"案号": "〔２０２６〕川０５执１号"},
    {"案号": "（2026）川05執1號"},
    {"案号": "(2026)川05执字第0001号", "记录编号": "R9001"},
    {"案号": "（2026）川05執1號", "记录编号": "R9002"},
    {"统一社会信用代码": code(1)[8:17]},
    {"统一社会信用代码": code(1)[8:17], "案号": "（2026）川05执001号", "记录编号": "R9003"},
)


def test_im10_a_row_that_was_relieved_after_it_was_looked_at_is_not_listed_by_that_word(
    both: Federation, desk: Desk
) -> None:
    desk.take(cells(1), cells(2, 记录编号="R2"))
    desk.relieve(1)
    again = (
        cells(1, 案号="（2026）川05执001号", 记录编号="R9"),
        cells(2, 案号="（2026）川05执0021号", 记录编号="R2"),
    )
    tried = desk.take(*again, dry_run=True)
    assert [one["row"] for one in tried["held"]] == [2]
    size = desk.size()
    words = RowWords(
        two_records=True, by=("示例人甲", "示例人乙"), reason="两份文书", seen=tried["shown"]
    )
    desk.relieve(2)
    with pytest.raises(RefusedError) as caught:
        desk.take(*again, words=words)
    assert caught.value.code == "seen.changed"
    assert desk.size() == size + 1  # the relief
    with both["510500"].store.read() as session:
        assert session.last_entry("rows-said") is None  # nothing was heard


def test_im10_who_tried_nothing_has_seen_no_row(desk: Desk) -> None:
    desk.take(cells(1))
    desk.relieve(1)
    row = cells(1, 案号="（2026）川05执001号", 记录编号="R9")
    path = desk.folder / "unseen.csv"
    Desk.write(path, row)
    words = RowWords(two_records=True, by=("示例人甲", "示例人乙"), reason="两份文书")
    with pytest.raises(RefusedError) as caught:
        desk.intake.publish_file(
            path,
            kind="list",
            list_type=COURT_LIST,
            mapping="",
            dry_run=False,
            full_snapshot=False,
            source="",
            progress=lambda _: None,
            words=words,
        )
    assert caught.value.code == "rows.unseen"
    held = desk.take(row)
    assert held["shown"] == desk.take(row, dry_run=True)["shown"] != ""
    assert desk.take(row, words=replace(words, seen=held["shown"]))["published"] == 1
    assert desk.take(cells(5))["shown"] == ""


@pytest.mark.parametrize("changes", TWELVE, ids=range(len(TWELVE)))
def test_after_a_repair_an_old_file_in_another_spelling_brings_nothing_back(
    both: Federation, desk: Desk, changes: dict[str, str]
) -> None:
    assert desk.take(cells(1))["published"] == 1
    desk.relieve(1)
    both.settle()
    result = desk.take(cells(1, **changes), cells(2))
    both.settle()
    assert result["published"] == 1  # the row of another subject
    for node in (both["510300"], both["510500"]):
        assert sorted(node.states().values()) == [State.ACTIVE, State.REPAIRED]


def test_a_row_like_a_relieved_record_waits_for_the_word_of_a_person(
    both: Federation, desk: Desk
) -> None:
    desk.take(cells(1))
    desk.relieve(1)
    row = cells(1, 案号="（2026）川05执001号", 记录编号="R9")
    for _ in range(2):
        held = desk.take(row)
        assert held["decisions"] == {Decision.HOLD_SIMILAR.value: 1}
        assert [one["code"] for one in held["held"]] == [SIMILAR]
        assert held["published"] == 0
    tried = desk.take(row, words=RowWords(two_records=True), dry_run=True)
    assert tried["decisions"] == {Decision.LIST.value: 1}
    assert desk.take(row)["published"] == 0
    words = RowWords(two_records=True, by=(" 示例人甲 ", "示例人乙"), reason="两份文书")
    with pytest.raises(RefusedError) as caught:
        desk.take(row, words=replace(words, by=("示例人甲", " 示例人甲 ")))
    assert caught.value.code == "rows.two-persons"
    assert desk.take(row, words=words)["published"] == 1
    both.settle()
    rules: dict[str, list[str]] = {}
    for node in (both["510300"], both["510500"]):
        with node.store.read() as session:
            rows_ = session.list_rows(
                log=None, kinds=[Kind.LISTING], states=[State.ACTIVE], after=None, limit=9
            )
        rules[str(node.member)] = [one.rule for one in rows_]
    assert rules["510500"] == [""]
    assert rules["510300"] == [SIMILAR]  # each city's persons decide for themselves


def test_over_the_socket_it_is_refused(both: Federation) -> None:
    one = both["510300"]
    one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    drafts = [(Kind.LISTING, 0, b"", spelt(one, SPELT[0]))]
    submission = one.registry.publish(one.tokens(16).hex(), drafts, "")
    with pytest.raises(RefusedError) as caught:
        one.run(submission.unit)
    assert caught.value.code == SIMILAR


def test_the_journal_says_nothing_of_the_subject_of_a_twin(both: Federation) -> None:
    one = both["510300"]
    one.relieve(Kind.REPAIR, one.list_(spelt(one, DOCUMENT)))
    with one.store.read() as session:
        entry = session.last_entry("twin")
        assert entry is not None
        assert entry.until == 20281231
    assert spelt(one, DOCUMENT).subject.code not in entry.body
