"""The rules of receipts, one test for each number of `federation.reconcile.receipts`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.charters.verification import Role
from federation.ids import Origin
from federation.payloads import Receipt, ReceiptBatch
from federation.ports.receipts import Told
from federation.reconcile import receipts
from federation.reconcile.findings import RULES, Finding
from federation.reconcile.receipts import ReceiptOutcome, coalesce, collect, is_urgent, outcome
from federation.rows import ACT_KINDS, OpeningStatus, State, StatementRow
from federation.statements import MAX_PAYLOAD, AnnotationAction, Kind
from node.codec import ProtobufPayloads
from tests.federation.life.test_life import row

PEER, OWN = Origin("peer.example/1"), Origin("own.example/1")
PAYLOADS = ProtobufPayloads()
_O = ReceiptOutcome


def told(
    made: StatementRow, finding: int = Finding.RECOGNISED, *, reaches: bool = True
) -> Told | None:
    return outcome(made, finding, reaches=reaches)


def test_q1_only_some_kinds_are_told_of() -> None:
    silent = {kind for kind in Kind if told(row(kind)) is None}
    assert silent == {
        Kind.RECEIPT,
        Kind.OUTCOME,
        Kind.AUDIENCE_KEY,
        Kind.CHARTER,
        Kind.ERASURE,
        Kind.CONTINUATION,
    }
    assert told(row(99, state=State.SET_ASIDE, rule="kind.unknown")) is None


def test_q2_what_is_not_for_us_is_not_told_of() -> None:
    for kind in (Kind.LISTING, Kind.REPAIR):
        assert told(row(kind, opening=OpeningStatus.NOT_FOR_US)) is None


def test_q3_set_aside_and_held_back() -> None:
    assert told(row(state=State.SET_ASIDE, rule="entitlement.list-type")) == (
        _O.REJECTED,
        "entitlement.list-type",
    )
    assert told(row(state=State.HELD, rule="payload.min-reader")) == (
        _O.HELD,
        "payload.min-reader",
    )


@pytest.mark.parametrize("state", [State.ACTIVE, State.REPAIRED, State.IN_FORCE])
def test_q4_erased(state: State) -> None:
    for kind in (Kind.LISTING, Kind.REPAIR, Kind.CORRECTION):
        found = told(row(kind, opening=OpeningStatus.ERASED, state=state, rule="x"))
        assert found == (_O.ERASED, "x")


@pytest.mark.parametrize("opening", [OpeningStatus.PRESENT, OpeningStatus.PENDING])
def test_q5_relief_acts_on_the_leaf_alone(opening: OpeningStatus) -> None:
    for kind in (Kind.REPAIR, Kind.WITHDRAWAL):
        assert told(row(kind, opening=opening), reaches=False) == (_O.APPLIED, "")
    for action in AnnotationAction:
        begins = action in (AnnotationAction.MASKING_BEGUN, AnnotationAction.PAUSED)
        found = told(row(Kind.ANNOTATION, action=action, opening=opening), reaches=False)
        assert (found == (_O.APPLIED, "")) == begins


@pytest.mark.parametrize("state", [State.REPAIRED, State.WITHDRAWN])
def test_q6_a_listing_that_a_relief_ended_is_lifted(state: State) -> None:
    for opening in (OpeningStatus.PRESENT, OpeningStatus.PENDING):
        ended = row(state=state, rule="relief.direct", opening=opening)
        assert told(ended, Finding.NONE) == (_O.LIFTED, "relief.direct")


def test_q6_and_is_not_before_the_platform_has_acknowledged_it() -> None:
    for opening in (OpeningStatus.PRESENT, OpeningStatus.PENDING):
        ended = row(state=State.REPAIRED, rule="relief.direct", opening=opening)
        assert outcome(ended, Finding.RECOGNISED, reaches=True, executed=False) is None


@pytest.mark.parametrize(("executed", "late"), [(False, True), (True, False), (True, True)])
def test_q14_lifted_after_erased_where_it_was_acknowledged_late(executed: bool, late: bool) -> None:
    gone = row(state=State.REPAIRED, rule="relief.direct", opening=OpeningStatus.ERASED)
    found = outcome(gone, Finding.NONE, reaches=True, executed=executed, late=late)
    assert found == (_O.LIFTED if executed and late else _O.ERASED, "relief.direct")


def test_q7_an_opening_that_has_not_come() -> None:
    waiting = row(opening=OpeningStatus.PENDING, rule="opening.missing")
    assert told(waiting, Finding.NONE) == (_O.HELD, "opening.missing")
    assert told(row(Kind.CORRECTION, opening=OpeningStatus.PENDING)) == (
        _O.HELD,
        "opening.missing",
    )


@pytest.mark.parametrize("finding", RULES)
def test_q8_a_listing_is_told_of_as_it_was_reconciled(finding: int) -> None:
    rule = RULES[finding]
    word = {"MERGED": "APPLIED", "REJECTED": "NOT_RECOGNISED"}.get(
        rule.outcome.name, rule.outcome.name
    )
    assert told(row(), finding) == (getattr(_O, word), rule.code)


def test_q8_doubts_and_what_is_not_reconciled_yet() -> None:
    assert told(row(rule="correction.conflict")) == (_O.HELD, "correction.conflict")
    assert told(row(), Finding.NONE) is None


def test_q9_what_is_only_read_and_what_reaches_nothing() -> None:
    for kind in (Kind.COMMENDATION, Kind.REQUEST, Kind.COMMITMENT):
        assert told(row(kind)) == (_O.OPENED, "")
    for kind in (Kind.CORRECTION, Kind.RELISTING, Kind.ANNOTATION):
        assert kind in ACT_KINDS
        assert told(row(kind), reaches=False) == (_O.OPENED, "")
        assert told(row(kind)) == (_O.APPLIED, "")
    assert told(row(Kind.SCENARIO, state=State.SUPERSEDED), reaches=False) == (_O.APPLIED, "")


def test_q10_relief_is_urgent() -> None:
    masking = row(Kind.ANNOTATION, action=AnnotationAction.MASKING_BEGUN)
    urgent = [row(Kind.REPAIR), row(Kind.WITHDRAWAL), masking]
    urgent += [row(state=s) for s in (State.REPAIRED, State.WITHDRAWN, State.MASKED)]
    assert all(map(is_urgent, urgent))
    others = [row(kind) for kind in Kind if kind not in (Kind.REPAIR, Kind.WITHDRAWAL)]
    assert not any(map(is_urgent, others))


def test_q11_a_hub_tells_nothing() -> None:
    assert not receipts.may_tell([Role.HUB, Role.WITNESS, Role.AUDITOR])
    assert receipts.may_tell([Role.HUB, Role.CITY])
    assert receipts.may_tell([Role.COUNTY])


def receipt(outcome: int, *indices: int, origin: Origin = OWN, reason: str = "r") -> Receipt:
    batch = ReceiptBatch(outcome=outcome, reason=reason, indices=indices)
    return Receipt(origin=origin, batches=(batch,))


def test_q12_the_newest_word_of_a_speaker_counts() -> None:
    other = Origin("other.example/1")
    said = [
        (PEER, receipt(_O.HELD, 1, 2)),
        (other, receipt(_O.REJECTED, 1)),
        (PEER, receipt(_O.APPLIED, 2)),
    ]
    assert collect(said, dict.fromkeys(range(3), Kind.LISTING)) == {
        (PEER, 1): (_O.HELD, "r"),
        (PEER, 2): (_O.APPLIED, "r"),
        (other, 1): (_O.REJECTED, "r"),
    }


def test_q12_the_earliest_word_tells_when_it_was_lifted() -> None:
    kinds = dict.fromkeys(range(3), Kind.LISTING)
    said = [
        (PEER, 5, receipt(_O.HELD, 1, 2)),
        (PEER, 6, receipt(_O.LIFTED, 1)),
        (PEER, 7, receipt(_O.ERASED, 1)),
        (PEER, 8, receipt(_O.LIFTED, 1)),
        (PEER, 9, receipt(_O.APPLIED, 1)),
    ]
    assert receipts.first_lifted(said, kinds) == {(PEER, 1): 6}
    newest = collect([(speaker, one) for speaker, _, one in said], kinds)
    assert newest[PEER, 1] == (_O.APPLIED, "r")


def test_q14_lifted_may_follow_erased() -> None:
    kinds = {1: Kind.LISTING, 2: Kind.RECEIPT}
    said = [(PEER, 5, receipt(_O.ERASED, 1, 2)), (PEER, 6, receipt(_O.LIFTED, 1, 2, 3))]
    assert receipts.first_lifted(said, kinds) == {(PEER, 1): 6}
    newest = collect([(speaker, one) for speaker, _, one in said], kinds)
    assert newest == {(PEER, 1): (_O.LIFTED, "r")}
    assert _O.LIFTED not in receipts.JUDGEMENTS


def test_q15_what_is_not_recognised_is_not_rejected() -> None:
    assert told(row(), Finding.LIST_UNKNOWN) == (_O.NOT_RECOGNISED, "catalog.list-unknown")
    assert told(row(), Finding.DECIDED_REJECT) == (_O.NOT_RECOGNISED, "decision.reject")
    aside = row(state=State.SET_ASIDE, rule="payload.date")
    assert told(aside) == (_O.REJECTED, "payload.date")
    assert receipts.JUDGEMENTS > receipts.REFUSALS


def test_q13_receipts_of_others_leaves_and_of_none_say_nothing() -> None:
    assert receipts.about_ours(receipt(_O.HELD, 1), [PEER], OWN)
    assert not receipts.about_ours(receipt(_O.HELD, 1, origin=PEER), [PEER], OWN)
    assert not receipts.about_ours(receipt(_O.HELD, 1), [OWN], OWN)
    kinds = {0: Kind.LISTING, 1: Kind.RECEIPT}
    assert list(collect([(PEER, receipt(_O.HELD, 0, 1, 2, 2**63))], kinds)) == [(PEER, 0)]


@given(
    st.dictionaries(
        st.one_of(st.integers(0, 20_000), st.integers(2**62, 2**64 - 1)),
        st.builds(Told, st.integers(1, 7), st.text("abc-.", max_size=64)),
        max_size=300,
    )
)
def test_receipts_say_all_of_it_once_and_in_order(said: dict[int, Told]) -> None:
    made = coalesce(PEER, said)
    found = {
        index: Told(batch.outcome, batch.reason)
        for one in made
        for batch in one.batches
        for index in batch.indices
    }
    assert found == said
    assert sum(len(b.indices) for one in made for b in one.batches) == len(said)
    assert made == coalesce(PEER, dict(reversed(said.items())))


@pytest.mark.parametrize("first", [0, 2**64 - 20_000])
def test_many_leaves_make_few_receipts_that_can_be_said(first: int) -> None:
    said = {first + n: Told(_O.APPLIED, "record.recognised") for n in range(10_000)}
    made = coalesce(PEER, said)
    assert len(made) == (1 if first == 0 else 4)
    assert all(len(PAYLOADS.encode(one)) <= MAX_PAYLOAD for one in made)


def test_many_reasons_are_more_than_one_receipt() -> None:
    said = {n: Told(_O.HELD, f"rule.{n:059}") for n in range(200)}
    made = coalesce(PEER, said)
    assert [len(one.batches) for one in made] == [64, 64, 64, 8]
    assert all(len(PAYLOADS.encode(one)) <= MAX_PAYLOAD for one in made)
