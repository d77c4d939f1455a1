"""Leaves and promises of the query log (QL1, QL2)."""

from __future__ import annotations

import pytest

from crypto.errors import CommitmentError, CryptoError, SignatureError
from crypto.keys import KeyType, Signer
from crypto.merkle import leaf_hash
from crypto.notes import sign_note
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.screening.query_log import (
    EntryKind,
    LeafHeader,
    make_leaf,
    make_promise,
    parse_leaf,
    verify_leaf,
    verify_promise,
)

ORIGIN = Origin("queries.a.example/1")
OTHER = Origin("queries.b.example/1")
SIGNER = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"q" * 32)
HEADER = LeafHeader(kind=EntryKind.QUESTION, query_id=b"i" * 16, at=Timestamp(1_795_000_000))
SALT = b"s" * 32
LEAF = make_leaf(ORIGIN, HEADER, SALT, b"{}")


def test_a_leaf_says_when_and_of_what_kind_and_nothing_else() -> None:
    assert len(LEAF) == 76
    assert LEAF[:44] == (b"HXQ1\x01" + b"i" * 16 + (1_795_000_000).to_bytes(8, "big") + bytes(15))
    assert parse_leaf(LEAF) == (HEADER, LEAF[44:])
    assert verify_leaf(ORIGIN, LEAF, SALT, b"{}") == HEADER


@pytest.mark.parametrize(
    "leaf",
    [
        LEAF[:-1],
        LEAF + b"\0",
        b"HXQ2" + LEAF[4:],
        LEAF[:4] + b"\x09" + LEAF[5:],
        LEAF[:43] + b"\x01" + LEAF[44:],
    ],
)
def test_another_form_is_no_leaf(leaf: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_leaf(leaf)
    assert caught.value.code == "queries.leaf"


def test_every_part_is_committed_to() -> None:
    other = LEAF[:12] + b"j" + LEAF[13:]
    for leaf, origin, salt, payload in (
        (LEAF, OTHER, SALT, b"{}"),
        (LEAF, ORIGIN, b"t" * 32, b"{}"),
        (LEAF, ORIGIN, SALT, b"{} "),
        (other, ORIGIN, SALT, b"{}"),
    ):
        with pytest.raises(CommitmentError):
            verify_leaf(origin, leaf, salt, payload)


def test_a_promise_names_the_leaf_and_its_signature_holds() -> None:
    promise = make_promise(ORIGIN, LEAF, SIGNER)
    found = verify_promise(promise.note.encode(), SIGNER.verifier)
    assert (found.origin, found.query_id, found.at, found.leaf_hash) == (
        ORIGIN,
        HEADER.query_id,
        HEADER.at,
        leaf_hash(LEAF),
    )
    assert promise.commitment == LEAF[44:]
    with pytest.raises(CryptoError):
        verify_promise(promise.note.replace("1795", "1796").encode(), SIGNER.verifier)
    with pytest.raises(SignatureError):
        verify_promise(
            promise.note.encode(), Signer(name=OTHER, type=KeyType.NOTE, seed=b"o" * 32).verifier
        )


OTHERS = f"huxin query promise v1\n{OTHER}\n{'00' * 16}\n1\nAAAA\n"


def test_a_checkpoint_is_no_promise() -> None:
    for text in (
        f"{ORIGIN}\n5\nAAAA\n",
        "huxin query promise v1\nx\n",
        f"huxin query promise v1\n{OTHER}\n{'00' * 16}\n1\nAAAA\n",
    ):
        note = sign_note(text, [SIGNER]).to_bytes()
        with pytest.raises(RefusedError) as caught:
            verify_promise(note, SIGNER.verifier)
        assert caught.value.code == "queries.promise"
