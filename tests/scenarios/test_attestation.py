"""A city's library has only its own firms: a foreign one is attested by the city where it lives.

Covers node/attestation/answers.py, node/attestation/attesting.py, node/codec/attestations.py,
node/records/attestations.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.errors import RefusedError
from federation.ids import MemberId, Timestamp
from federation.payloads import Correction
from federation.reconcile.findings import Finding
from federation.reconcile.identity import BaseSubject, Status
from federation.statements import Kind
from node.upkeep.rebuild import rebuild
from tests.support import charters as build
from tests.support.attesting import HOME, amended, asks, furnish, library_of, rotated, round_of
from tests.support.catalogs import FixedLibrary, catalog_of, edition_text
from tests.support.desks import desk_of, records_of
from tests.support.invented import code_of, name_of
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

Federate = Callable[..., Federation]
ASKER, OTHER, HUB = "511500", "510300", "510000"
DAY = 86_400


@pytest.fixture
def federation(federate: Federate) -> Federation:
    """泸州 knows the firms registered there; 宜宾, 自贡 and the hub have libraries without them."""
    made = federate(HOME, ASKER, OTHER)
    furnish(made[HOME], library_of(*range(20)))
    for member in (ASKER, OTHER, HUB):
        furnish(made[member], FixedLibrary())
    for one, other in ((HOME, ASKER), (HOME, OTHER), (ASKER, OTHER), (HOME, HUB), (ASKER, HUB)):
        made.connect(one, other)
    return made


def settled(federation: Federation) -> None:
    federation.settle()
    for node in federation.nodes.values():
        node.reconcile()


def shown(node: SimNode, statement_id: bytes) -> tuple[str, str]:
    view = records_of(node).get(statement_id)  # type: ignore[arg-type]
    return view.state, view.rule


def finding(node: SimNode, statement_id: bytes) -> int:
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
        return session.findings([(row.log, row.idx)]).get((row.log, row.idx), Finding.NONE)


def kept(node: SimNode) -> int:
    """How many listings have a word of a region."""
    with node.store.read() as session:
        return len(session.attestations_before(Timestamp(2**62), None, 1000))


def test_a_foreign_firm_is_attested_at_home_and_recognised(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    listed = home.list_(listing(1, audience=home.audience()))
    settled(federation)
    assert shown(asker, listed) == ("held", "identity.subject-unknown")
    (sent,) = round_of(federation, ASKER)
    assert (sent.peer, sent.asked.items) == (HOME, 1)
    assert code_of(1).encode() not in sent.question
    assert name_of(1).encode() not in sent.question
    assert shown(asker, listed) == ("active", "")
    assert finding(asker, listed) == Finding.ATTESTED
    assert round_of(federation, ASKER) == []
    said = desk_of(asker).get(listed)["home_says"]
    assert (said["from"], said["agreement"], said["status"]) == (home.origin, "current", "existing")


def test_the_listing_of_a_third_city_is_attested_at_the_firms_home(federation: Federation) -> None:
    asker, other = federation[ASKER], federation[OTHER]
    listed = other.list_(listing(1, audience=other.audience()))
    settled(federation)
    assert finding(asker, listed) == Finding.SUBJECT_UNKNOWN
    (sent,) = round_of(federation, ASKER)
    assert sent.peer == HOME
    assert finding(asker, listed) == Finding.ATTESTED


SUBJECT = BaseSubject(code_of(1), name_of(1), former_names=("旧名虚构企业（演示）",))


@pytest.mark.parametrize(
    ("known", "name", "expected"),
    [
        (SUBJECT, "旧名虚构企业（演示）", Finding.ATTESTED),
        (SUBJECT._replace(status=Status.REVOKED), name_of(1), Finding.ATTESTED),
        (SUBJECT._replace(status=Status.MOVED), name_of(1), Finding.ATTESTED),
        (SUBJECT._replace(status=Status.CANCELLED), name_of(1), Finding.SUBJECT_CEASED),
        (SUBJECT._replace(successor=code_of(2)), name_of(1), Finding.SUBJECT_CEASED),
        (SUBJECT, "别的名称（演示）", Finding.ATTESTED_DIFFERS),
        (
            SUBJECT._replace(reused_names=("旧名虚构企业(演示)",)),
            "旧名虚构企业（演示）",
            Finding.NAME_REUSED,
        ),
        (None, name_of(1), Finding.ATTESTED_UNKNOWN),
    ],
)
def test_what_its_home_says_decides(
    federation: Federation, known: BaseSubject | None, name: str, expected: Finding
) -> None:
    home, asker = federation[HOME], federation[ASKER]
    furnish(home, FixedLibrary(*() if known is None else (known,)))
    federation.reconnect(HOME)
    listed = federation[OTHER].list_(listing(1, audience=federation[OTHER].audience(), name=name))
    settled(federation)
    round_of(federation, ASKER)
    assert finding(asker, listed) == expected


def test_a_home_without_a_library_is_asked_again_later(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    home.library.brought_up = None
    listed = home.list_(listing(1, audience=home.audience()))
    settled(federation)
    round_of(federation, ASKER)
    assert finding(asker, listed) == Finding.UNATTESTED
    assert desk_of(asker).get(listed)["home_says"]["code"] == "attestation.library"
    assert round_of(federation, ASKER) == []
    home.library.brought_up = Timestamp(build.NOW)
    federation.clock.advance(3600)
    assert round_of(federation, ASKER)
    assert finding(asker, listed) == Finding.ATTESTED


def test_a_word_that_grows_old_is_asked_for_again(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    listed = home.list_(listing(1, audience=home.audience()))
    settled(federation)
    round_of(federation, ASKER)
    federation.clock.advance(46 * DAY)
    assert asks(asker), "asked again at half its days"
    federation.clock.advance(45 * DAY)
    asker.attesting.review()
    asker.reconcile()
    assert finding(asker, listed) == Finding.ATTESTATION_OLD
    home.library.brought_up = asker.clock.now()
    round_of(federation, ASKER)
    assert finding(asker, listed) == Finding.ATTESTED


def test_the_catalog_says_for_how_many_days(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    listed = home.list_(listing(1, audience=home.audience()))
    settled(federation)
    round_of(federation, ASKER)
    few = edition_text("few").replace("layer:", "attestation_days: 7\nlayer:")
    asker.catalog = catalog_of(edition_text(), few)
    federation.clock.advance(8 * DAY)
    asker.attesting.review()
    asker.reconcile()
    assert finding(asker, listed) == Finding.ATTESTATION_OLD


def test_it_makes_nothing_punish_that_other_rules_hold(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    bare = replace(listing(1, audience=home.audience()), basis="")
    listed = home.list_(bare)
    settled(federation)
    assert round_of(federation, ASKER) == []
    assert finding(asker, listed) == Finding.BASIS_MISSING


def test_a_correction_needs_a_word_of_its_own(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    first = listing(1, audience=home.audience())
    listed = home.list_(first)
    settled(federation)
    round_of(federation, ASKER)
    renamed = replace(first, subject=replace(first.subject, name="别的名称（演示）"))
    correction = Correction(
        audience=home.audience(), replaces=leaf_hash_of(home, listed), payload=renamed
    )
    home.say(home.draft(Kind.CORRECTION, correction, about=listed))
    settled(federation)
    assert finding(asker, listed) == Finding.SUBJECT_UNKNOWN
    federation.clock.advance(2 * DAY)
    round_of(federation, ASKER)
    assert finding(asker, listed) == Finding.ATTESTED_DIFFERS


def test_a_persons_rejection_outweighs_the_word_of_its_home(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    listed = home.list_(listing(1, audience=home.audience()))
    settled(federation)
    (sent,) = asks(asker)
    note = home.answers.answer(asker.member, sent.question)
    desk_of(asker).decide(listed, "reject", "张某", "不是同一主体")
    asker.attesting.take(sent, note)
    asker.reconcile()
    assert shown(asker, listed) == ("rejected", "decision.reject")
    federation.clock.advance(2 * DAY)
    assert asks(asker) == []
    desk_of(asker).decide(listed, "reopen", "李某", "有新情况")
    asker.reconcile()
    assert finding(asker, listed) == Finding.ATTESTED


def test_it_is_erased_with_the_opening_of_the_listing(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    listed = home.list_(listing(1, audience=home.audience()))
    settled(federation)
    round_of(federation, ASKER)
    assert kept(asker) == 1
    home.relieve(Kind.REPAIR, listed)
    settled(federation)
    with asker.store.write() as session:
        (row,) = session.rows_by_id(None, [listed])
        session.erase_openings(row.log, [row.idx])
    assert kept(asker) == 0


def test_nothing_of_a_subject_lies_in_the_database(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    furnish(home, FixedLibrary(SUBJECT._replace(successor=code_of(2))))
    federation.reconnect(HOME)
    home.list_(listing(1, audience=home.audience()))
    settled(federation)
    round_of(federation, ASKER)
    with asker.store.read() as session:
        (place,) = session.attestations_before(Timestamp(2**62), None, 9)
        stored = session.attestations([place])[place]
        bodies = [entry.body for _, entry in session.journal(0, 100)]
    assert code_of(2).encode() not in stored.sealed
    assert not any("attestation" in body or code_of(2) in body for body in bodies)


def test_it_stays_through_a_rebuild_and_a_rotation(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    listed = home.list_(listing(1, audience=home.audience()))
    settled(federation)
    round_of(federation, ASKER)
    assert rebuild(asker.store, asker.ledger, asker.reconciliation, check_only=False) == (True, [])
    assert finding(asker, listed) == Finding.ATTESTED
    rotated(asker)
    with asker.store.write() as session:
        session.reconcile_anew()
    asker.reconcile()
    assert finding(asker, listed) == Finding.ATTESTED


def test_a_hub_attests_where_the_charter_names_it(federate: Federate) -> None:
    federation = federate(ASKER, OTHER)
    hub = federation[HUB]
    furnish(hub, library_of(1))
    furnish(federation[ASKER], FixedLibrary())
    federation.connect(OTHER, ASKER)
    listed = federation[OTHER].list_(listing(1, audience=federation[OTHER].audience()))
    settled(federation)
    asker = federation[ASKER]
    assert asks(asker) == [], "a hub's own region covers nobody"
    amended(federation, lambda m: replace(m, attests=("5105",)) if m.id == HUB else m)
    assert hub.sizes().get(federation[OTHER].origin) is None, "it does not hold the leaf"
    (first,) = round_of(federation, ASKER)
    assert first.peer == HUB
    assert desk_of(asker).get(listed)["home_says"]["code"] == "attestation.unopened"
    federation.clock.advance(3600)
    (second,) = round_of(federation, ASKER)
    assert len(second.question) > 2 * len(first.question), "the leaf is shown"
    assert finding(asker, listed) == Finding.ATTESTED


def test_only_members_of_a_shared_charter_ask(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    home.list_(listing(1, audience=home.audience()))
    settled(federation)
    (sent,) = asks(asker)
    with pytest.raises(RefusedError) as caught:
        home.answers.answer(MemberId("stranger"), sent.question)
    assert caught.value.code == "attestation.charter"
