"""A city asks how well its sources reported, and sees what others' receipts say of it.

Covers node/quality/desk.py, node/quality/listed.py, node/quality/share_job.py,
node/quality/naming.py, node/quality/report.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.catalog.editions import starter_editions
from federation.ids import Date, Origin
from federation.payloads import Correction, Receipt, ReceiptBatch
from federation.ports.store import LogHead
from federation.quality.formulas import Formulas
from federation.statements import Kind
from node.directory.config import FilesSection, SourceSection
from node.quality.desk import QualityDesk
from node.quality.listed import ListedSubjects
from node.quality.share_job import ShareJob
from node.screening.outcome_origin import OutcomeReads
from tests.scenarios.test_penalties import penalty
from tests.scenarios.test_receipts import told
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text
from tests.support.desks import records_of
from tests.support.invented import SUBJECTS, InlineWriter, code_of
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

Federate = Callable[..., Federation]
CITY, PEER, HUB = "510300", "510500", "510000"
EVER = (Date(19490101), Date(29991231))


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    made.connect(CITY, HUB)
    made.connect(PEER, HUB)
    return made


def desk_of(
    node: SimNode,
    directory: Path,
    *sources: str,
    editions: Sequence[str] = tuple(starter_editions().values()),
    today: Date | None = None,
) -> QualityDesk:
    section = SourceSection(authorities={"法院": build.COURT}, list_types=(build.COURT_LIST,))
    return QualityDesk(
        own=node.origin,
        directory=directory,
        files=FilesSection(sources=dict.fromkeys(sources, section)),
        formulas=Formulas(),
        store=node.store,
        keyring=node.keyring,
        payloads=node.payloads,
        trust=node.trust,
        catalog=lambda: catalog_of(*editions),
        outcomes=OutcomeReads(payloads=records_of(node).payloads, trust=node.trust).all,
        listed=ListedSubjects(
            library=node.library,
            tagger=node.keyring,
            findings=records_of(node).findings,
            today=lambda: today or node.clock.today(),
        ),
    )


def asked(node: SimNode, directory: Path, *sources: str) -> list[dict[str, Any]]:
    rows = desk_of(node, directory, *sources).quality(*EVER, records=True)["rows"]
    assert isinstance(rows, list)
    return rows


def test_the_origin_sees_why_receivers_do_not_recognise(
    federation: Federation, tmp_path: Path
) -> None:
    city, peer = federation[CITY], federation[PEER]
    good = city.list_(listing(1, audience=city.audience()))
    odd = city.list_(listing(2, audience=city.audience(), name="别名（演示）"))
    told(federation)
    (row,) = asked(city, tmp_path)
    assert (row["source"], row["list_type"], row["reported"]) == ("court", build.COURT_LIST, 2)
    assert row["records"]["reported"] == [good.hex(), odd.hex()]
    assert row["compliance"] == 1 / 2
    assert row["faults"] == [
        {
            "statement_id": odd.hex(),
            "row": 0,
            "platform": "",
            "by": peer.origin,
            "outcome": "held",
            "reason": "identity.name-mismatch",
        }
    ]
    assert asked(peer, tmp_path) == []


def test_penalties_are_counted_and_timely_by_the_deadline_of_the_catalog(
    federation: Federation, tmp_path: Path
) -> None:
    city = federation[CITY]
    (placed,) = city.say(city.draft(Kind.PENALTY, penalty(city.audience())))
    (row,) = asked(city, tmp_path)
    assert (row["list_type"], row["reported"]) == ("administrative-penalty", 1)
    known = (row["timely"], row["late"], row["unknown"])
    assert (sum(known), row["unknown"]) == (1, 0)
    city.relieve(Kind.WITHDRAWAL, placed.statement_id)
    assert asked(city, tmp_path)[0]["withdrawals"] == 1


def test_a_later_repair_does_not_hide_what_was_wrong(
    federation: Federation, tmp_path: Path
) -> None:
    city = federation[CITY]
    odd = city.list_(listing(2, audience=city.audience(), name="别名（演示）"))
    told(federation)
    city.relieve(Kind.WITHDRAWAL, odd)
    told(federation)
    (row,) = asked(city, tmp_path)
    assert row["records"]["not_compliant"] == [odd.hex()]
    assert row["withdrawals"] == 1


def test_a_correction_that_is_recognised_mends_it(federation: Federation, tmp_path: Path) -> None:
    city = federation[CITY]
    wrong = listing(1, audience=city.audience(), name="笔误（演示）")
    listed = city.list_(wrong)
    told(federation)
    assert asked(city, tmp_path)[0]["compliant"] == 0
    right = replace(wrong, subject=listing(1, audience=city.audience()).subject)
    payload = Correction(
        audience=city.audience(), replaces=leaf_hash_of(city, listed), payload=right
    )
    city.say(city.draft(Kind.CORRECTION, payload, about=listed))
    told(federation)
    (row,) = asked(city, tmp_path)
    assert (row["compliant"], row["corrections"], row["reported"]) == (1, 1, 1)


def test_receipts_of_others_leaves_and_of_ones_own_count_nowhere(
    federation: Federation, tmp_path: Path
) -> None:
    city, peer, hub = (federation[m] for m in (CITY, PEER, HUB))
    city.list_(listing(1, audience=city.audience()))
    peer.list_(listing(2, audience=peer.audience()))

    def say(node: SimNode, of: Origin, *indices: int) -> None:
        batch = ReceiptBatch(outcome=6, reason="x.false", indices=indices)
        receipt = Receipt(origin=of, batches=(batch,))
        node.say(node.draft(Kind.RECEIPT, receipt))

    say(city, city.origin, 0)
    say(peer, peer.origin, 0)
    say(peer, hub.origin, 0)
    say(peer, city.origin, 1, 2, 2**63)
    federation.settle()
    assert asked(city, tmp_path)[0]["faults"] == []
    assert asked(peer, tmp_path)[0]["faults"] == []
    say(peer, city.origin, 0)
    federation.settle()
    assert [f["by"] for f in asked(city, tmp_path)[0]["faults"]] == [peer.origin]


def test_the_department_bound_to_authority_and_list_answers_for_it(
    federation: Federation, tmp_path: Path
) -> None:
    city = federation[CITY]
    city.list_(listing(1, audience=city.audience()))
    assert [row["source"] for row in asked(city, tmp_path, "court-1")] == ["court-1"]
    rows = {row["source"]: row["reported"] for row in asked(city, tmp_path, "a", "b")}
    assert rows == {"a": 0, "b": 0, "court": 1}


def test_what_another_city_says_of_our_authority_and_we_do_not_is_missed(
    federation: Federation, tmp_path: Path
) -> None:
    city, peer = federation[CITY], federation[PEER]
    both, theirs, over = (listing(n, audience=city.audience()) for n in (1, 2, 3))
    city.list_(both)
    peer.list_(both)
    unsaid = peer.list_(theirs)
    peer.relieve(Kind.REPAIR, peer.list_(over))
    peer.list_(replace(theirs, authority="500000-court", document="另一机关1号"))
    told(federation)
    (row,) = asked(city, tmp_path, "court-1")
    assert row["records"]["missed"] == [unsaid.hex()]
    assert (row["missed"], row["coverage"], row["reported"]) == (1, 1 / 2, 1)
    (fault,) = row["faults"]
    assert (fault["by"], fault["reason"]) == (peer.origin, "report.missed")
    desk = desk_of(city, tmp_path, "court-1")
    (row,) = desk.quality(Date(20200101), Date(20201231), records=True)["rows"]
    assert (row["missed"], row["reported"], row["coverage"]) == (0, 0, None)


def test_only_what_was_published_in_the_period_counts(
    federation: Federation, tmp_path: Path
) -> None:
    city = federation[CITY]
    city.list_(listing(1, audience=city.audience()))
    desk = desk_of(city, tmp_path)
    found = desk.quality(*EVER, records=False)
    assert "records" not in found["rows"][0]
    assert found["working_days"]["years"][0]["confirmed_by"] == ""
    assert desk.quality(Date(20200101), Date(20201231), records=False)["rows"] == []


def test_since_when_something_was_reported_is_told_of_every_period(
    federation: Federation, tmp_path: Path
) -> None:
    city = federation[CITY]
    desk = desk_of(city, tmp_path)
    assert desk.quality(*EVER, records=False)["since"] == 0
    city.list_(listing(1, audience=city.audience()))
    for first, last in (EVER, (Date(20200101), Date(20201231))):
        assert desk.quality(first, last, records=False)["since"] == 20260921


def test_what_is_owed_and_what_came_of_it(federation: Federation, tmp_path: Path) -> None:
    city = federation[CITY]
    local = edition_text(
        "city", layer="city", lists=["major-tax-violation"], department="市税务局", tier=None
    )
    desk = desk_of(city, tmp_path, "court-1", editions=(edition_text(), local))
    city.list_(listing(1, audience=city.audience()))
    found = desk.quality(*EVER, records=False)
    items = {item["list_type"]: item for item in found["collection"]["items"]}
    tax, court = items["major-tax-violation"], items[build.COURT_LIST]
    assert (tax["department"], tax["state"], tax["number"]) == ("市税务局", "missing", 0)
    assert (court["department"], court["state"], court["number"]) == ("", "collected", 1)
    assert [one["number"] for one in court["districts"]] == [1]
    assert "shares" not in found
    long_ago = desk.quality(Date(20200101), Date(20201231), records=False)["collection"]
    assert (long_ago["day"], long_ago["items"][0]["number"]) == (20201231, 0)
    later = desk.quality(Date(20270101), Date(20271231), records=False)["collection"]["items"]
    (court,) = (item for item in later if item["list_type"] == build.COURT_LIST)
    assert (court["number"], court["state"], court["last_day"]) == (0, "unknown", 20260921)
    assert found["names"]["lists"]["major-tax-violation"] == "名单（演示）"


def test_a_subject_is_listed_only_while_it_is_in_force_and_recognised_here(
    federation: Federation, tmp_path: Path
) -> None:
    city, peer = federation[CITY], federation[PEER]
    one, two, odd = (listing(n, audience=city.audience()) for n in (1, 2, 3))
    city.list_(one)
    peer.list_(one)
    theirs = peer.list_(two)
    peer.list_(replace(odd, subject=replace(odd.subject, name="别名（演示）")))
    told(federation)
    desk = desk_of(city, tmp_path)

    def listed() -> tuple[int, int]:
        whole = desk.quality(*EVER, records=False, shares=True)["shares"][0]
        return whole["listed"], whole["by_code"]

    assert listed() == (2, SUBJECTS)
    day = [Date(20261121)]
    counting = ListedSubjects(
        library=city.library,
        tagger=city.keyring,
        findings=records_of(city).findings,
        today=lambda: day[0],
    )
    job = ShareJob(store=city.store, writer=InlineWriter(), listed=counting)
    again = ShareJob(store=city.store, writer=InlineWriter(), listed=counting)
    city.reconcile()
    assert job.run() > 0
    peer.relieve(Kind.REPAIR, theirs)
    told(federation)
    assert listed() == (1, SUBJECTS)
    assert (job.run(), again.run()) == (0, 0)  # SH5: as the day was counted first
    day[0] = Date(20261123)
    city.reconcile()
    assert job.run() > 0
    by_day = desk.quality(*EVER, records=False, shares=True)["shares_by_day"]
    whole = [one for one in by_day if not one["region"] and not one["list_type"]]
    assert [(one["day"], one["listed"]) for one in whole] == [(20261121, 2), (20261123, 1)]
    over = desk_of(city, tmp_path, today=Date(20290101))
    assert over.quality(*EVER, records=False, shares=True)["shares"][0]["listed"] == 0
    assert code_of(1) not in str(desk.quality(*EVER, records=True, shares=True)["shares"])


def test_a_day_is_counted_only_when_no_log_is_on_its_way(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    peer.list_(listing(1, audience=city.audience()))
    federation.settle()
    counting = ListedSubjects(
        library=city.library,
        tagger=city.keyring,
        findings=records_of(city).findings,
        today=city.clock.today,
    )
    job = ShareJob(store=city.store, writer=InlineWriter(), listed=counting)
    assert job.run() == 0, "SH6: not judged yet"
    city.reconcile()

    def below_its_checkpoint(size: int) -> LogHead:
        with city.store.write() as session:
            head = session.head(peer.origin)
            assert head is not None
            session.set_head(replace(head, note_size=size))
        return head

    whole = below_its_checkpoint(0)
    assert job.run() == 0, "SH6: perhaps it grows"
    assert job.run() > 0, "it stopped on its way"
    assert below_its_checkpoint(whole.note_size).size == whole.size
    assert job.run() == 0, "SH5"
