"""A commendation of one city in the others: judged, attested, shown, read, and ended at once.

Covers node/recognition/trustworthy.py, node/reconcile/judging.py, node/reconcile/catalog_desk.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.catalog.library import FileLibrary
from crypto.keys import KeyType, Signer
from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.payloads import Audience, Commendation, Correction
from federation.persons import Sort, Word, edition_body, join_word, sign_word
from federation.recognition.facts import Held, Weight
from federation.reconcile.equivalences import equivalences_of
from federation.reconcile.findings import Finding
from federation.reconcile.identity import BaseSubject
from federation.statements import AnnotationAction, Kind
from federation.subject_names import normal_name
from federation.working_days import WorkingDays
from node.directory.config import FilesSection
from node.persons.posts import Posts
from node.persons.roster import Persons
from node.recognition.trustworthy import Trustworthy
from node.reconcile.case_queue import Sought
from node.reconcile.catalog_book import CatalogBook
from node.reconcile.catalog_desk import CatalogDesk
from node.records.attestations import name_tag
from node.upkeep.rebuild import rebuild
from tests.support import charters as build
from tests.support.attesting import HOME, furnish, library_of, round_of
from tests.support.catalogs import (
    PERSONS,
    FixedLibrary,
    catalog_of,
    edition_text,
    equivalence,
    equivalences_text,
    trust_text,
)
from tests.support.desks import desk_of, records_of
from tests.support.invented import InlineWriter, code_of, name_of
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

Federate = Callable[..., Federation]
PEER, NEXT, HUB = "511000", "510300", "510000"
LIST = build.COURT_LIST
"""The charters of these tests have one list type; here it is one of the trustworthy."""
METHOD = ("tax-credit", "2014")
KNOWS = catalog_of(
    trust_text("trust", {LIST: {"longest_months": 24, "method": "tax-credit"}}, {METHOD: {}})
)


class Asked(NamedTuple):
    """See `federation.reconcile.named_subject.Named`."""

    scheme: str
    code: str
    name: str


@pytest.fixture
def databases(tmp_path: Path) -> Callable[[str], str]:
    """SQLite alone: no question here is the database's."""
    return lambda name: f"sqlite:///{tmp_path / name}.db"


@pytest.fixture
def federation(federate: Federate) -> Federation:
    """泸州 knows its own firms; 内江 knows its list and none of its firms, 自贡 knows no list."""
    made = federate(HOME, PEER, NEXT)
    furnish(made[HOME], library_of(*range(20)))
    for member in (PEER, NEXT, HUB):
        furnish(made[member], FixedLibrary())
    for node in made.nodes.values():
        node.catalog = KNOWS
    made[NEXT].catalog = catalog_of(edition_text(lists=["unpaid-migrant-wages"]))
    for one, other in ((HOME, PEER), (HOME, NEXT), (HOME, HUB), (PEER, HUB)):
        made.connect(one, other)
    return made


def award(audience: Audience, number: int = 1, **changed: object) -> Commendation:
    said = Commendation(
        audience=audience,
        subject=listing(number, audience=audience).subject,
        list_type=LIST,
        grade="A",
        authority=build.COURT,
        authority_name="虚构市税务局（演示）",
        document="2025",
        decided_on=Date(20260420),
        valid_until=Date(20270430),
        basis="虚构办法",
        source=listing(number, audience=audience).source,
        grade_method=METHOD[0],
        grade_edition=METHOD[1],
    )
    return replace(said, **changed)  # type: ignore[arg-type]


def commend(node: SimNode, number: int = 1, **changed: object) -> StatementId:
    said = award(node.audience(), number, **changed)
    return node.say(node.draft(Kind.COMMENDATION, said))[0].statement_id


def settled(federation: Federation) -> None:
    federation.settle()
    for node in federation.nodes.values():
        node.reconcile()


def test_a_list_or_an_authority_that_a_catalog_lacks_is_proposed(federation: Federation) -> None:
    home, peer = federation[HOME], federation[PEER]
    book = CatalogBook(store=peer.store, now=peer.clock.now)
    ours = {"tax-a": {"longest_months": 24, "method": "tax-credit"}}
    book.adopt(trust_text("ours", ours, {METHOD: {}}), PERSONS)
    peer.catalog = book.catalog()
    said = commend(home)
    settled(federation)
    assert finding(peer, said) == Finding.TRUST_UNKNOWN
    with pytest.raises(RefusedError) as caught:
        desk_of(peer).propose(said, "", "张某")
    assert caught.value.code == "case.no-proposal"
    book.adopt(desk_of(peer).propose(said, "tax-a", "张某"), ["李某"])
    peer.catalog = book.catalog()
    peer.reconcile()
    assert finding(peer, said) not in (Finding.TRUST_UNKNOWN, Finding.GRADE_UNKNOWN)
    narrow = trust_text("ours-r03", {LIST: {"authorities": ["511000-tax"]}}, {})
    book.adopt(narrow, PERSONS)
    peer.catalog = book.catalog()
    peer.reconcile()
    assert finding(peer, said) == Finding.AUTHORITY_NOT_NAMED
    book.adopt(desk_of(peer).propose(said, "", "张某"), ["李某"])
    peer.catalog = book.catalog()
    peer.reconcile()
    assert finding(peer, said) != Finding.AUTHORITY_NOT_NAMED


def shown(node: SimNode, statement_id: StatementId) -> tuple[str, str]:
    view = records_of(node).get(statement_id)
    return view.state, view.rule


def finding(node: SimNode, statement_id: StatementId) -> int:
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
        return session.findings([(row.log, row.idx)]).get((row.log, row.idx), Finding.NONE)


def held(node: SimNode, number: int = 1) -> list[tuple[Weight, str]]:
    return [(one.weight, one.rule) for one in earned(node, number)]


def earned(node: SimNode, number: int = 1, today: Date | None = None) -> tuple[Held, ...]:
    reading = Trustworthy(
        records=records_of(node),
        judged=node.reconciliation.findings,
        library=node.library,
        tagger=node.keyring,
        refusal=lambda: None,
        today=lambda: today or node.clock.today(),
    )
    with node.store.read() as session:
        return reading.of_subject(session, Asked("uscc", code_of(number), name_of(number)))


def test_a_foreign_firms_award_is_attested_at_home_and_counts(federation: Federation) -> None:
    home, peer = federation[HOME], federation[PEER]
    said = commend(home)
    assert held(home) == [(Weight.COUNTS, "")]
    settled(federation)
    assert shown(peer, said) == ("held", "identity.subject-unknown")
    assert held(peer) == [(Weight.DOUBT, "identity.subject-unknown")]
    (sent,) = round_of(federation, PEER)
    assert (sent.peer, sent.asked.items) == (HOME, 1)
    assert (shown(peer, said), finding(peer, said)) == (("active", ""), Finding.ATTESTED)
    (one,) = earned(peer)
    assert (one.weight, one.rule) == (Weight.COUNTS, "identity.attested")
    assert (one.list_type, one.grade, one.method, one.edition) == (LIST, "A", *METHOD)
    assert (one.until, one.document, one.evidence.statement_id) == (20270430, "2025", said)
    assert one.purposes == frozenset(home.audience().purposes)
    assert earned(peer, 2) == ()
    with peer.store.read() as session:  # whom a check looks for by name is who may be listed
        tag = name_tag(peer.keyring, normal_name(name_of(1)))
        assert not session.attested_as([tag], 9).get(tag)
    listed, _ = records_of(peer).list("active", "", "commendation", 10, "")
    assert [view.statement_id for view in listed] == [said]


def test_a_name_that_is_not_the_codes_is_held_at_every_node(federation: Federation) -> None:
    home, peer = federation[HOME], federation[PEER]
    wrong = replace(listing(1, audience=home.audience()).subject, name="另一企业（演示）")
    said = commend(home, subject=wrong)
    settled(federation)
    round_of(federation, PEER)
    assert shown(peer, said) == ("held", "identity.attested-differs")
    assert held(peer) == [(Weight.DOUBT, "identity.attested-differs")]


def test_a_list_that_is_not_known_here_is_held_until_an_edition_comes(
    federation: Federation,
) -> None:
    home, other = federation[HOME], federation[NEXT]
    said = commend(home)
    settled(federation)
    assert shown(other, said) == ("held", "commendation.list-unknown")
    ((case,), _) = desk_of(other).queue.list(Sought(), 0, "")
    assert (case["rule"], case["decidable"]) == ("commendation.list-unknown", False)
    other.catalog = KNOWS
    furnish(other, library_of(1))
    other.catalog = KNOWS
    with other.store.write() as session:
        session.reconcile_anew()
    other.reconcile()
    assert shown(other, said) == ("active", "")


def test_a_list_of_those_who_are_punished_commends_nobody(federation: Federation) -> None:
    home, other = federation[HOME], federation[NEXT]
    other.catalog = catalog_of(edition_text())
    said = commend(home)
    settled(federation)
    assert shown(other, said) == ("rejected", "commendation.list-punishes")
    assert held(other) == []


def test_what_is_withdrawn_ends_at_once_everywhere(federation: Federation) -> None:
    home, peer = federation[HOME], federation[PEER]
    furnish(peer, library_of(1))
    said = commend(home)
    settled(federation)
    assert held(peer) == [(Weight.COUNTS, "record.recognised")]
    home.relieve(Kind.WITHDRAWAL, said)
    assert held(home) == []
    federation.settle()  # nobody judges anything meanwhile
    assert held(peer) == []
    assert shown(peer, said)[0] == "withdrawn"
    assert federation[HUB].state(said) == home.state(said)
    # The same award does not come back, whoever says it.
    commend(home)
    settled(federation)
    assert held(peer) == []


def test_it_counts_until_its_last_day_and_no_longer(federation: Federation) -> None:
    home, peer = federation[HOME], federation[PEER]
    furnish(peer, library_of(1))
    today = peer.clock.today()
    commend(home, valid_until=today)
    settled(federation)
    assert [one.weight for one in earned(peer, today=today)] == [Weight.COUNTS]
    assert earned(peer, today=Date(today + 1)) == ()


def test_a_correction_is_judged_like_what_it_corrects(federation: Federation) -> None:
    home, peer = federation[HOME], federation[PEER]
    furnish(peer, library_of(1))
    said = commend(home)
    settled(federation)
    corrected = award(home.audience(), grade="D", valid_until=Date(20261231))
    home.say(
        home.draft(
            Kind.CORRECTION,
            Correction(
                audience=home.audience(),
                replaces=leaf_hash_of(home, said),
                payload=corrected,
            ),
            about=said,
        )
    )
    settled(federation)
    assert shown(peer, said) == ("held", "commendation.grade-unknown")
    (one,) = earned(peer)
    assert (one.grade, one.until, one.weight) == ("D", 20261231, Weight.DOUBT)


def test_while_it_is_paused_it_decides_nothing(federation: Federation) -> None:
    home, peer = federation[HOME], federation[PEER]
    furnish(peer, library_of(1))
    said = commend(home)
    settled(federation)
    with home.store.write() as session:
        found = home.statements.listing(session, said)
        draft = home.registry.annotation_draft(
            session, found, AnnotationAction.PAUSED, "", Date(20260601), "复核"
        )
    home.say(draft)
    settled(federation)
    assert held(peer) == [(Weight.DOUBT, "commendation.paused")]


def test_persons_decide_about_a_name_and_nobody_about_a_list(federation: Federation) -> None:
    home, peer = federation[HOME], federation[PEER]
    furnish(peer, FixedLibrary(BaseSubject(code_of(1), "登记名（演示）")))
    said = commend(home)
    settled(federation)
    assert shown(peer, said) == ("held", "identity.name-mismatch")
    desk = desk_of(peer)
    for person in ("示例人甲", "示例人乙"):
        desk.decide(said, "use", person, "营业执照已核对")
    assert held(peer) == [(Weight.COUNTS, "decision.use")]


def test_a_rebuilt_node_has_the_same(federation: Federation) -> None:
    home, peer = federation[HOME], federation[PEER]
    furnish(peer, library_of(1))
    said = commend(home)
    commend(home, 2)
    settled(federation)
    before = [shown(peer, said), held(peer), held(peer, 2)]
    assert rebuild(peer.store, peer.ledger, peer.reconciliation, check_only=True) == (True, [])
    assert rebuild(peer.store, peer.ledger, peer.reconciliation, check_only=False) == (True, [])
    assert [shown(peer, said), held(peer), held(peer, 2)] == before


TABLE = equivalences_text(
    "table",
    [
        equivalence("A", "优", method="tax-credit", own_method="own"),
        equivalence("B", "良", method="tax-credit", own_method="own"),
    ],
)
SCALES = trust_text(
    "own", {}, {("own", "1"): {"scale": ["优", "良", "差"]}, METHOD: {"scale": ["A", "B", "C"]}}
)


def test_a_table_of_equivalences_is_tried_before_two_persons_adopt_it(
    federation: Federation, tmp_path: Path
) -> None:
    home, peer = federation[HOME], federation[PEER]
    furnish(peer, library_of(1, 2, 3))
    for number in (1, 2):
        commend(home, number)
    commend(home, 2, document="another")
    withdrawn = commend(home, 3)
    settled(federation)
    home.relieve(Kind.WITHDRAWAL, withdrawn)
    settled(federation)
    book = CatalogBook(store=peer.store, now=peer.clock.now)
    desk = CatalogDesk(
        store=peer.store,
        writer=InlineWriter(),
        book=book,
        reconciliation=peer.reconciliation,
        library=FileLibrary(tmp_path / "none.db"),
        library_path=tmp_path / "none.db",
        files=FilesSection(),
        posts=Posts({}, lambda _: None),
        working_days=lambda: WorkingDays({}),
        today=peer.clock.today,
    )
    book.adopt(SCALES, PERSONS)
    tried = desk.take(TABLE, [], lambda _: None)
    assert [(one["subjects"], one["lowers"]) for one in tried["readings"]] == [
        (2, False),
        (0, False),
    ]
    assert (tried["adopted"], equivalences_of(book.catalog(), peer.clock.today())) == (False, ())
    taken = desk.take(TABLE, PERSONS, lambda _: None)
    assert taken["adopted"]
    assert len(equivalences_of(book.catalog(), peer.clock.today())) == 2


def test_ge4_what_lowers_the_bar_is_adopted_by_signed_words_alone(federation: Federation) -> None:
    peer = federation[PEER]
    lower = equivalences_text(
        "lower", [equivalence("C", "优", method="tax-credit", own_method="own")]
    )
    book = CatalogBook(store=peer.store, now=peer.clock.now)
    book.adopt(SCALES, PERSONS)
    with pytest.raises(RefusedError) as caught:
        book.adopt(lower, PERSONS)
    assert caught.value.code == "catalog.equivalence-unsigned"
    signers = [Signer(name=n, type=KeyType.NOTE, seed=n.encode()[:1] * 32) for n in ("zhang", "li")]
    keys = {signer.name: str(signer.verifier) for signer in signers}
    persons = Persons(origin=peer.origin, configured=keys, now=peer.clock.now)
    named = CatalogBook(store=peer.store, now=peer.clock.now, persons=persons)
    with pytest.raises(RefusedError) as caught:
        named.adopt(lower, tuple(keys))
    assert caught.value.code == "person.unsigned"  # the word of each is asked for
    body = edition_body("lower", lower)
    word = Word(origin=peer.origin, sort=Sort.EDITION, at=peer.clock.now(), body=body)
    named.adopt(lower, tuple(keys), join_word(sign_word(word, signers[0]), signers[1]))
    assert len(equivalences_of(named.catalog(), peer.clock.today())) == 1


def test_ge3_a_table_that_does_not_hold_is_not_adopted(federation: Federation) -> None:
    book = CatalogBook(store=federation[PEER].store, now=federation[PEER].clock.now)
    book.adopt(SCALES, PERSONS)
    wrong = equivalences_text(
        "wrong", [equivalence("E", "优", method="tax-credit", own_method="own")]
    )
    with pytest.raises(RefusedError) as caught:
        book.adopt(wrong, PERSONS)
    assert caught.value.code == "catalog.equivalence"
