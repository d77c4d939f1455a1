"""The first independently cosigned checkpoint of reliefs and receipts (SPEC §3.5, T1-T4).

Covers node/log/first_notes.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crypto.cosignature import verify_cosignatures
from crypto.keys import VerifierKey
from crypto.notes import parse_note
from crypto.proof import parse_proof, verify_proof
from federation.ids import Origin, StatementId
from federation.payloads import Receipt, ReceiptBatch
from federation.peers.first_notes import FirstNote
from federation.reconcile.receipts import ReceiptOutcome
from federation.statements import Kind
from node.upkeep.rebuild import rebuild
from tests.support.liar import proofs_of, records_of
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, PEER, OTHER, HUB = "510300", "510500", "511500", "510000"


def kept(node: SimNode, origin: Origin) -> list[FirstNote]:
    """All notes that a node keeps of a log."""
    found: list[FirstNote] = []
    with node.store.read() as session:
        head = session.head(origin)
        assert head is not None
        while note := session.first_note(head.log, found[-1].size if found else -1):
            found.append(note)
    return found


def sizes(node: SimNode, origin: Origin) -> list[int]:
    return [note.size for note in kept(node, origin)]


def cosigners(note: bytes) -> set[str]:
    return {line.name for line in parse_note(note).signatures}


@pytest.fixture
def pair(federate: Federate) -> Federation:
    federation = federate(CITY, PEER)
    federation.connect(CITY, PEER)
    return federation


def test_one_is_kept_for_each_size_at_which_a_relief_came(pair: Federation) -> None:
    city, peer = pair[CITY], pair[PEER]
    listed = [city.list_(listing(n, audience=city.audience())) for n in range(1, 4)]
    pair.settle()
    assert (sizes(peer, city.origin), sizes(city, city.origin)) == ([], [])
    city.relieve(Kind.REPAIR, listed[0])
    pair.settle()
    at = pair.clock.now()
    pair.clock.advance(3600)
    city.list_(listing(9, audience=city.audience()))
    pair.settle()
    city.relieve(Kind.WITHDRAWAL, listed[1])
    pair.settle()
    for node in (city, peer):
        notes = kept(node, city.origin)
        assert [note.size for note in notes] == [4, 6]
        assert [note.cosigned_at for note in notes] == [at, at + 3600]
        assert f"{peer.origin.partition('/')[0]}/mirror" in cosigners(notes[0].note)


@pytest.mark.parametrize("member", [CITY, PEER])
def test_it_outlives_restart_rebuild_and_newer_checkpoints(pair: Federation, member: str) -> None:
    city, node = pair[CITY], pair[member]
    listed = city.list_(listing(1, audience=city.audience()))
    relief = city.relieve(Kind.REPAIR, listed)
    pair.settle()
    before = kept(node, city.origin)
    assert [note.size for note in before] == [2]
    for number in range(2, 30):
        pair.clock.advance(86_400)
        city.list_(listing(number, audience=city.audience()))
        city.publisher.renew_head()
        city.exchange.published()
        pair.settle()
    rebuild(node.store, node.ledger, node.reconciliation, check_only=False)
    node.restart()
    assert kept(node, city.origin) == before
    assert verified(node, relief) == (2, before[0].cosigned_at)
    assert records_of(node).get(relief).first_cosigned is not None
    assert records_of(node).get(listed).first_cosigned is None


def verified(node: SimNode, statement_id: StatementId) -> tuple[int, int]:
    """Size and earliest foreign time of the proof that a node gives, as a stranger verifies it."""
    bundle = proofs_of(node).proof(statement_id)
    keys = [VerifierKey.parse(line) for line in bundle.vkey.splitlines()]
    proof = parse_proof(bundle.proof)
    signed = verify_proof(proof, entry=bundle.leaf, log_key=keys[0])
    own = bundle.origin.partition("/")[0]
    times = [
        one.timestamp
        for one in verify_cosignatures(signed.note, keys[1:])
        if not one.key.name.startswith(f"{own}/")
    ]
    assert bundle.first_cosigned_at == min(times)
    return signed.checkpoint.size, min(times)


def test_without_a_cosigner_no_time_is_proved(federate: Federate) -> None:
    city = federate(CITY)[CITY]
    relief = city.relieve(Kind.REPAIR, city.list_(listing(1, audience=city.audience())))
    bundle = proofs_of(city).proof(relief)
    assert bundle.first_cosigned_at == 0
    assert sizes(city, city.origin) == []


def test_a_receipt_has_one_and_a_listing_has_none(pair: Federation) -> None:
    city, peer = pair[CITY], pair[PEER]
    city.list_(listing(1, audience=city.audience()))
    batch = ReceiptBatch(outcome=ReceiptOutcome.HELD, reason="opening.missing", indices=(0,))
    city.say(city.draft(Kind.RECEIPT, Receipt(origin=peer.origin, batches=(batch,))))
    pair.settle()
    assert (sizes(peer, city.origin), sizes(city, city.origin)) == ([2], [2])


def test_it_survives_a_log_set_back_and_is_used_again_when_the_leaves_are_back(
    pair: Federation,
) -> None:
    city, peer = pair[CITY], pair[PEER]
    listed = city.list_(listing(1, audience=city.audience()))
    relief = city.relieve(Kind.REPAIR, listed)
    pair.settle()
    before = kept(peer, city.origin)
    with peer.store.write() as session:
        head = session.head(city.origin)
        assert head is not None
        session.set_back(head, 0)
    peer.restart()
    assert kept(peer, city.origin) == before
    pair.clock.advance(86_400)
    pair.reconnect(PEER)
    pair.settle()
    assert kept(peer, city.origin) == before, "the first stays, though another came a day later"
    assert verified(peer, relief) == (2, before[0].cosigned_at)


def test_while_a_log_is_set_back_before_it_no_time_is_shown(pair: Federation) -> None:
    city, peer = pair[CITY], pair[PEER]
    relief = city.relieve(Kind.REPAIR, city.list_(listing(1, audience=city.audience())))
    city.say(
        *(
            city.draft(Kind.LISTING, listing(number, audience=city.audience()))
            for number in range(2, 300)
        )
    )
    pair.settle()
    assert sizes(peer, city.origin) == [300]
    with peer.store.write() as session:
        head = session.head(city.origin)
        assert head is not None
        session.set_back(head, 256)
    assert records_of(peer).get(relief).first_cosigned is None
    peer.restart()
    pair.reconnect(PEER)
    pair.settle()
    assert verified(peer, relief)[0] == 300
