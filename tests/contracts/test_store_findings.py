"""Findings, listings due, decisions, editions and confirmations, on every database."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from federation.ids import Timestamp
from federation.ports.findings import StoredAttestation, StoredEdition
from federation.ports.journal import Decision
from federation.ports.store import StoredOpening
from federation.reconcile.findings import HELD_FINDINGS, RULES, Finding
from tests.contracts.examples import ORIGIN, PEER, Database

NOW = Timestamp(1_790_000_000)
FOUND = {
    (1, 0): Finding.RECOGNISED,
    (1, 3): Finding.NAME_MISMATCH,
    (1, 4): Finding.LIST_UNKNOWN,
    (2, 0): Finding.LIST_UNCONFIRMED,
    (2, 9): Finding.CONFLICT,
}


def decision(index: int, verdict: str, person: str = "张某") -> Decision:
    return Decision(
        at=NOW,
        log=1,
        index=index,
        finding=Finding.NAME_MISMATCH,
        verdict=verdict,
        person=person,
        reason="名称变更",
    )


def test_findings_are_kept_replaced_and_deleted(database: Database) -> None:
    with database.store.write() as session:
        session.put_findings(FOUND)
        session.put_findings({(1, 0): Finding.COPY, (1, 4): Finding.NONE})
    with database.store.read() as snapshot:
        assert snapshot.findings([(1, 0), (1, 3), (1, 4), (2, 9), (3, 3)]) == {
            (1, 0): Finding.COPY,
            (1, 3): Finding.NAME_MISMATCH,
            (2, 9): Finding.CONFLICT,
        }
        assert snapshot.findings_between(1, 0, 4) == {0: Finding.COPY, 3: Finding.NAME_MISMATCH}
        assert snapshot.findings_between(1, 1, 3) == {}
        assert snapshot.count_findings()[1] == {Finding.COPY: 1, Finding.NAME_MISMATCH: 1}


@pytest.mark.parametrize("seed", range(3))
def test_findings_are_counted_as_they_are(database: Database, seed: int) -> None:
    """Whatever is found, found anew, cut with its log or dropped."""
    draw = random.Random(seed)
    places = [(log, idx) for log in (1, 2) for idx in (0, 9, 255, 256, 300)]
    with database.store.write() as session:
        logs = [session.add_log(origin, ours=False) for origin in (ORIGIN, PEER)]
        for step in range(12):
            some = draw.sample(places, draw.randrange(6))
            session.put_findings({place: draw.choice(list(Finding)) for place in some})
            if step % 4 == 2:
                session.set_back(replace(logs[0], size=512), 256)
            elif step == 7:
                session.drop_findings()
            held = {one.log: session.findings_between(one.log, 0, 512) for one in logs}
            counted = {log: dict(Counter(found.values())) for log, found in held.items() if found}
            assert session.count_findings() == counted
            assert not any(session.miscounted(one.log) for one in logs)


def test_held_findings_come_in_order_and_in_pages(database: Database) -> None:
    with database.store.write() as session:
        session.put_findings(FOUND)
    held = [((1, 3), Finding.NAME_MISMATCH), ((2, 0), Finding.LIST_UNCONFIRMED)]
    with database.store.read() as snapshot:
        assert snapshot.held_findings(None, 2) == held
        assert snapshot.held_findings((2, 0), 9) == [((2, 9), Finding.CONFLICT)]
        some = (Finding.CONFLICT, Finding.NAME_MISMATCH)
        assert snapshot.held_findings((1, 3), 9, some) == [((2, 9), Finding.CONFLICT)]


@pytest.mark.parametrize("finding", RULES)
def test_held_are_exactly_the_rules_that_hold(database: Database, finding: int) -> None:
    with database.store.write() as session:
        session.put_findings({(1, 0): finding})
        assert bool(session.held_findings(None, 1)) == (finding in HELD_FINDINGS)


def said(place: tuple[int, int], as_of: int = NOW, sealed: bytes = b"sealed") -> StoredAttestation:
    return StoredAttestation(place=place, as_of=Timestamp(as_of), key=1, sealed=sealed)


def test_what_regions_said_is_kept_replaced_and_erased_with_the_opening(
    database: Database,
) -> None:
    one, other, newer = said((1, 3)), said((2, 9)), said((1, 3), NOW + 9, b"newer")
    opening = StoredOpening(index=3, key=1, sealed=b"opening")
    with database.store.write() as session:
        session.put_openings(1, [opening])
        session.put_attestations([])
        session.put_attestations([one, other])
    with database.store.read() as snapshot:
        assert snapshot.attestations([(1, 3), (1, 4), (2, 9)]) == {(1, 3): one, (2, 9): other}
    with database.store.write() as session:
        session.put_attestations([newer])
        assert session.attestations([(1, 3)]) == {(1, 3): newer}
        session.drop_findings()
    with database.store.write() as session:
        assert session.attestations([(1, 3)]) == {(1, 3): newer}, "a rebuild keeps it"
        session.erase_openings(1, [3])
        assert session.openings(1, [3]) == []
        assert session.attestations([(1, 3), (2, 9)]) == {(2, 9): other}


def test_names_of_attested_subjects_are_found_and_end_with_what_was_said(
    database: Database,
) -> None:
    one, other = b"n" * 16, b"m" * 16
    with database.store.write() as session:
        session.put_attested_names({})
        session.put_attested_names({(1, 3): one, (2, 9): one, (1, 4): other})
    with database.store.write() as session:
        assert session.attested_as([one], 9) == {one: [(1, 3), (2, 9)]}
        assert session.attested_as([one, other], 1) == {one: [(1, 3)], other: [(1, 4)]}
        assert sorted(session.attested_tags()) == [other, one, one]
        session.put_attested_names({(1, 3): other})
        session.drop_findings()
        assert session.attested_as([other], 9) == {other: [(1, 3), (1, 4)]}
        session.erase_openings(1, [4])
        assert session.attested_as([other, other], 9) == {other: [(1, 3)]}
        assert session.attested_as([b"x" * 16], 9) == session.attested_as([], 9) == {}


def test_what_was_said_before_a_time_comes_in_order_and_in_pages(database: Database) -> None:
    places = [(1, 3), (1, 4), (2, 0), (2, 9)]
    with database.store.write() as session:
        session.put_attestations([said(place, NOW + n) for n, place in enumerate(places)])
    with database.store.read() as snapshot:
        assert snapshot.attestations_before(Timestamp(NOW + 3), None, 2) == places[:2]
        assert snapshot.attestations_before(Timestamp(NOW + 3), (1, 4), 2) == [(2, 0)]


def test_listings_of_some_findings_come_in_order_and_in_pages(database: Database) -> None:
    with database.store.write() as session:
        session.put_findings({**FOUND, (1, 9): Finding.NAME_MISMATCH})
    wanted = [Finding.NAME_MISMATCH, Finding.CONFLICT]
    with database.store.read() as snapshot:
        assert snapshot.places_found(wanted, None, 2) == [(1, 3), (1, 9)]
        assert snapshot.places_found(wanted, (1, 9), 2) == [(2, 9)]


def test_listings_due_are_asked_for_once(database: Database) -> None:
    with database.store.write() as session:
        session.put_due([(1, 5), (1, 2)])
        session.put_due([(1, 5), (2, 1)])
        assert session.due(9) == [(1, 2), (1, 5), (2, 1)]
        session.clear_due([(1, 5), (2, 1)])
        assert session.due(9) == [(1, 2)]


def test_reconciling_anew_keeps_findings_and_a_rebuild_drops_them(database: Database) -> None:
    with database.store.write() as session:
        head = session.add_log(PEER, ours=False)
        session.set_head(replace(head, size=9, applied_to=9, reconciled_to=9))
        session.put_findings(FOUND)
        session.put_due([(1, 1)])
        session.reconcile_anew()
        assert [h.reconciled_to for h in session.heads()] == [0]
        assert session.findings(list(FOUND)) == FOUND
        session.set_head(replace(head, reconciled_to=5))
        session.drop_findings()
        assert [h.reconciled_to for h in session.heads()] == [0]
        assert (session.findings(list(FOUND)), session.due(9)) == ({}, [])


def test_decisions_come_in_their_order_and_stand_in_the_journal(database: Database) -> None:
    said = [decision(3, "use"), decision(3, "reopen", "李某"), decision(4, "reject")]
    with database.store.write() as session:
        for one in said:
            session.put_decision(one)
    with database.store.read() as snapshot:
        assert snapshot.decisions([(1, 3), (1, 4), (1, 5), (2, 3)]) == {
            (1, 3): said[:2],
            (1, 4): said[2:],
        }
        assert [entry.kind for _, entry in snapshot.journal(0, 9)] == ["decision"] * 3


def test_signed_words_are_kept_beside_what_they_say(database: Database) -> None:
    signed = replace(decision(3, "use"), note="huxin/person/v1\n…")
    plain = decision(4, "reject")
    with database.store.write() as session:
        for one in (signed, plain):
            session.put_decision(one)
        for note in ("甲\n", "乙\n"):
            session.put_word(NOW, note)
    with database.store.read() as snapshot:
        assert list(snapshot.all_decisions()) == [signed, plain]
        assert snapshot.decisions([(1, 3)]) == {(1, 3): [signed]}
        assert list(snapshot.words()) == ["甲\n", "乙\n"]


def test_editions_and_confirmations_are_kept(database: Database) -> None:
    first = StoredEdition(id="b-2024", text="甲", adopted_at=NOW, adopted_by=("张某", "李某"))
    second = replace(first, id="a-2025", adopted_at=Timestamp(NOW + 1))
    with database.store.write() as session:
        session.add_log(ORIGIN, ours=True)
        for edition in (second, replace(first, text="旧"), first):
            session.put_edition(edition)
        session.put_confirmation("b-2024/x", "张某")
        session.put_confirmation("b-2024/x", "李某")
    with database.store.read() as snapshot:
        assert list(snapshot.editions()) == [first, second]
        assert snapshot.confirmations() == {"b-2024/x": "李某"}
