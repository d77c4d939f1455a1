"""Who lies about a subject, or asks in order to learn what is not theirs to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from unittest.mock import patch

import pytest

from crypto.merkle import leaf_hash
from federation.errors import ReplicationError
from federation.ids import CharterId, LeafHash, Timestamp
from federation.payloads import Audience, Reference
from federation.reconcile.attestation import Item, LeafDisclosure, Question, Said, read_attestation
from federation.reconcile.findings import Finding
from node.attestation import answers as attestation_answers
from node.attestation.attesting import Sent
from node.codec.attestations import question_to_bytes
from tests.support import charters as build
from tests.support.attesting import HOME, TRUE, amended, asks, furnish, library_of, lie, round_of
from tests.support.catalogs import FixedLibrary
from tests.support.desks import records_of
from tests.support.invented import name_of
from tests.support.liar import proofs_of
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
ASKER, LIAR = "511500", "510300"


@pytest.fixture
def federation(federate: Federate) -> Federation:
    """泸州 knows firm 1 only; 宜宾 and 自贡 know nobody."""
    made = federate(HOME, ASKER, LIAR)
    furnish(made[HOME], library_of(1))
    for member in (ASKER, LIAR):
        furnish(made[member], FixedLibrary())
    for one, other in ((HOME, ASKER), (HOME, LIAR), (ASKER, LIAR)):
        made.connect(one, other)
    return made


def asked_about(federation: Federation, number: int, by: str = LIAR) -> tuple[Sent, bytes]:
    """A listing of a firm, held in 宜宾, which is about to ask; the question and the listing."""
    listed = federation[by].list_(listing(number, audience=federation[by].audience()))
    federation.settle()
    federation[ASKER].reconcile()
    (sent,) = asks(federation[ASKER])
    return sent, listed


def finding(node: SimNode, listed: bytes) -> int:
    node.reconcile()
    return node.findings().get((records_of(node).get(listed).origin, 0), Finding.NONE)  # type: ignore[arg-type]


def test_a_member_speaks_for_its_own_region_only(federation: Federation) -> None:
    asker = federation[ASKER]
    sent, listed = asked_about(federation, 1)
    elsewhere = replace(sent, asked=replace(sent.asked, answerer=build.origin_of(LIAR)))
    asker.attesting.take(elsewhere, lie(sent, by=LIAR))
    assert finding(asker, listed) == Finding.SUBJECT_UNKNOWN
    federation.clock.advance(2 * 86_400)
    round_of(federation, ASKER)
    assert finding(asker, listed) == Finding.ATTESTED


def test_whoever_says_yes_to_everything_is_believed_of_its_own_register_alone(
    federation: Federation,
) -> None:
    """That is the city's word about its own register, and its key stands under it."""
    asker = federation[ASKER]
    sent, listed = asked_about(federation, 9)
    asker.attesting.take(sent, lie(sent))
    assert finding(asker, listed) == Finding.ATTESTED


LIES: list[tuple[str, Callable[[Sent], bytes]]] = [
    ("attestation.other", lambda sent: lie(sent, question=sha256(b"another").digest())),
    ("attestation.other", lambda sent: lie(sent, asker=build.origin_of(LIAR))),
    ("attestation.other", lambda sent: lie(sent, said=(TRUE, TRUE))),
    ("attestation.other", lambda sent: lie(sent, by=LIAR)),
    ("attestation.signature", lambda sent: lie(sent, charter=CharterId(bytes(32)))),
    ("attestation.signature", lambda sent: lie(sent, by=LIAR, answerer=build.origin_of(HOME))),
    ("attestation.signature", lambda sent: lie(sent).replace(b"existing", b"moved")),
    ("attestation.future", lambda sent: lie(sent, as_of=Timestamp(build.NOW + 10**6))),
    ("attestation.malformed", lambda sent: lie(sent)[:-2]),
    ("attestation.malformed", lambda _: b""),
]


@pytest.mark.parametrize(("code", "tell"), LIES, ids=map(str, range(len(LIES))))
def test_what_is_no_answer_is_the_fault_of_who_gave_it(
    federation: Federation, code: str, tell: Callable[[Sent], bytes]
) -> None:
    asker = federation[ASKER]
    sent, listed = asked_about(federation, 1)
    with pytest.raises(ReplicationError) as caught:
        asker.attesting.take(sent, tell(sent))
    assert caught.value.code == code
    assert name_of(1) not in str(caught.value)
    assert finding(asker, listed) == Finding.SUBJECT_UNKNOWN
    assert asks(asker) == [], "not at once again"


def test_a_word_of_long_ago_makes_nothing_certain(federation: Federation) -> None:
    asker = federation[ASKER]
    sent, listed = asked_about(federation, 1)
    asker.attesting.take(sent, lie(sent, as_of=Timestamp(build.NOW - 91 * 86_400)))
    assert finding(asker, listed) == Finding.ATTESTATION_OLD


def test_a_stolen_key_that_the_charter_drops_makes_nothing_certain(federation: Federation) -> None:
    asker = federation[ASKER]
    sent, listed = asked_about(federation, 1)
    asker.attesting.take(sent, lie(sent))
    assert finding(asker, listed) == Finding.ATTESTED
    amended(
        federation,
        lambda m: replace(m, keys=replace(m.keys, document=())) if m.id == HOME else m,
    )
    asker.attesting.review()
    assert finding(asker, listed) == Finding.SUBJECT_UNKNOWN


# ---------------------------------------------------------------- fishing


def fished(federation: Federation, item: Item) -> Said:
    """What the home says to an item that somebody made up."""
    home = federation[HOME]
    alliance = federation[LIAR].chains[0].latest.id
    question = question_to_bytes(Question(question_id=bytes(32), charter=alliance, items=(item,)))
    note = home.answers.answer(federation[LIAR].member, question)
    return read_attestation(note, home.view.document_keys).said[0]


def leaf_of(node: SimNode, index: int = 0) -> tuple[Reference, bytes]:
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        (leaf,) = session.leaves(head.log, index, index + 1)
    return Reference(origin=node.origin, index=index, leaf_hash=LeafHash(leaf_hash(leaf))), leaf


def test_a_leaf_that_does_not_open_is_not_answered(federation: Federation) -> None:
    """Said to others than the asker, of another hash or place, of no log, of another kind."""
    home = federation[HOME]
    elsewhere = Audience(charters=(CharterId(bytes(32)),), purposes=home.audience().purposes)
    home.list_(listing(1, audience=elsewhere))
    home.list_(listing(1, audience=home.audience()))
    federation.settle()
    hidden, _ = leaf_of(home)
    open_, _ = leaf_of(home, 1)
    assert fished(federation, Item(leaf=open_)) == TRUE
    for leaf in (
        hidden,
        replace(open_, leaf_hash=hidden.leaf_hash),
        replace(open_, index=2**63),
        replace(open_, origin=build.origin_of("nobody")),
    ):
        assert fished(federation, Item(leaf=leaf)).code == "attestation.unopened"


def test_a_leaf_that_is_made_up_is_not_answered(federation: Federation) -> None:
    """A guess at code and name in a leaf that stands in no log, or opens otherwise."""
    liar = federation[LIAR]
    listed = liar.list_(listing(1, audience=liar.audience()))
    bundle = proofs_of(liar).proof(listed)
    leaf, _ = leaf_of(liar)
    assert bundle.salt is not None
    assert bundle.payload is not None
    shown = LeafDisclosure(
        leaf=bundle.leaf, salt=bundle.salt, payload=bundle.payload, proof=bundle.proof
    )
    assert fished(federation, Item(leaf=leaf, disclosure=shown)) == TRUE
    guessed = listing(2, audience=liar.audience())
    payload = liar.payloads.encode(guessed)
    for false in (
        replace(shown, payload=payload),
        replace(shown, salt=bytes(32)),
        replace(shown, leaf=bytes(76)),
        replace(shown, proof=b"no proof"),
    ):
        said = fished(federation, Item(leaf=leaf, disclosure=false))
        assert said.code == "attestation.unproved"
    other = replace(leaf, leaf_hash=LeafHash(bytes(32)))
    assert fished(federation, Item(leaf=other, disclosure=shown)).code == "attestation.unproved"


def test_a_leaf_that_was_not_meant_for_the_answerer_is_not_looked_at(
    federation: Federation,
) -> None:
    liar = federation[LIAR]
    amended(federation, lambda m: replace(m, receives=()) if m.id == HOME else m)
    listed = liar.list_(listing(1, audience=liar.audience()))
    bundle = proofs_of(liar).proof(listed)
    leaf, _ = leaf_of(liar)
    shown = LeafDisclosure(
        leaf=bundle.leaf,
        salt=bundle.salt or b"",
        payload=bundle.payload or b"",
        proof=bundle.proof,
    )
    said = fished(federation, Item(leaf=leaf, disclosure=shown))
    assert said.code == "attestation.unproved"


def test_nobody_asks_without_end(federation: Federation) -> None:
    home = federation[HOME]
    home.list_(listing(1, audience=home.audience()))
    federation.settle()
    leaf, _ = leaf_of(home)
    with patch.object(attestation_answers, "ITEMS_A_DAY", 2):
        said = [fished(federation, Item(leaf=leaf)) for _ in range(3)]
        federation.clock.advance(86_400)
        said.append(fished(federation, Item(leaf=leaf)))
    assert [one.code for one in said] == ["", "", "attestation.budget", ""]


def test_a_subject_of_elsewhere_is_not_answered(federation: Federation) -> None:
    """The liar's own subjects, by a question to 泸州: a library may hold more than its region."""
    home, liar = federation[HOME], federation[LIAR]
    amended(federation, lambda m: replace(m, region="511000") if m.id == HOME else m)
    liar.list_(listing(1, audience=liar.audience()))
    federation.settle()
    leaf, _ = leaf_of(liar)
    assert fished(federation, Item(leaf=leaf)).code == "attestation.region"
    assert home.library.by_code("uscc", [listing(1, audience=liar.audience()).subject.code])
