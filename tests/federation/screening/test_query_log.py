"""Leaves and promises of the query log (QL1, QL2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.errors import CommitmentError, CryptoError, SignatureError
from crypto.keys import KeyType, Signer
from crypto.merkle import leaf_hash
from crypto.notes import parse_note, sign_note
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
from tests.support.vectors import compare

ORIGIN = Origin("queries.a.example/1")
OTHER = Origin("queries.b.example/1")
SIGNER = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"q" * 32)
HEADER = LeafHeader(kind=EntryKind.QUESTION, query_id=b"j" * 16, at=Timestamp(1_795_000_000))
SALT = b"s" * 32
LEAF = make_leaf(ORIGIN, HEADER, SALT, b"{}")
STRANGER = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"s" * 32)
CHECKPOINT = Checkpoint(origin=ORIGIN, size=1, root=leaf_hash(LEAF))


def test_a_leaf_says_when_and_of_what_kind_and_nothing_else() -> None:
    assert len(LEAF) == 76
    assert LEAF[:44] == (b"HXQ1\x01" + b"j" * 16 + (1_795_000_000).to_bytes(8, "big") + bytes(15))
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
    other = LEAF[:12] + b"i" + LEAF[13:]
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


def test_other_implementations_find_the_same() -> None:
    promise = make_promise(ORIGIN, LEAF, SIGNER).note.encode()
    text = parse_note(promise).text
    later = sign_note(text + "more\n", [SIGNER]).to_bytes()
    short = sign_note(text.replace("6a" * 16, "6a" * 15), [SIGNER]).to_bytes()
    opened = [
        ("good", LEAF, SALT, b"{}"),
        ("another payload's", LEAF, SALT, b"{} "),
        ("another salt's", LEAF, b"t" * 32, b"{}"),
        ("another log's", make_leaf(OTHER, HEADER, SALT, b"{}"), SALT, b"{}"),
        ("of another time", LEAF[:28] + b"\x01" + LEAF[29:], SALT, b"{}"),
        ("a byte short", LEAF[:-1], SALT, b"{}"),
        ("of another form", b"HXQ2" + LEAF[4:], SALT, b"{}"),
        ("of kind 4", LEAF[:4] + b"\x04" + LEAF[5:], SALT, b"{}"),
        ("not zero at 29", LEAF[:29] + b"\x01" + LEAF[30:], SALT, b"{}"),
    ]
    upper = sign_note(text.replace("6a" * 16, "6A" * 16), [SIGNER]).to_bytes()
    promises = [
        ("a promise", promise),
        ("a query id in upper case", upper),
        ("of another time, not signed", promise.replace(b"1795", b"1796")),
        ("another log's promise", sign_note(text.replace(ORIGIN, OTHER), [SIGNER]).to_bytes()),
        ("a checkpoint", sign_checkpoint(CHECKPOINT, SIGNER).to_bytes()),
        ("a line more", later),
        ("a query id of 15 bytes", short),
        ("by another key", make_promise(ORIGIN, LEAF, STRANGER).note.encode()),
    ]
    compare(
        "queries",
        "9.10",
        "Leaf, salt and payload of a row of the log `origin` in hexadecimal; or, where `what` is "
        "promise, a note under the vkey `log`, with what it names. Where the text gives no code "
        "the result is refused.",
        [
            {
                "name": name,
                "what": "leaf",
                "leaf": leaf.hex(),
                "salt": salt.hex(),
                "payload": payload.hex(),
                "result": result_of(lambda: verify_leaf(ORIGIN, leaf, salt, payload)),  # noqa: B023
            }
            for name, leaf, salt, payload in opened
        ]
        + [
            {"name": name, "what": "promise", "note": note.decode()} | named(note)
            for name, note in promises
        ],
        origin=ORIGIN,
        log=str(SIGNER.verifier),
    )


def result_of(judge: Callable[[], object]) -> str:
    try:
        judge()
    except RefusedError as error:
        return error.code
    except CryptoError:
        return "refused"
    return "ok"


def named(note: bytes) -> dict[str, object]:
    result = result_of(lambda: verify_promise(note, SIGNER.verifier))
    if result != "ok":
        return {"result": result}
    found = verify_promise(note, SIGNER.verifier)
    return {
        "query_id": found.query_id.hex(),
        "at": found.at,
        "leaf_hash": found.leaf_hash.hex(),
        "result": result,
    }
