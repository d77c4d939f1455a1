"""Envelopes: the published encoding, strict parsing, counting of keys."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib import dsse as reference

from crypto import (
    MAX_ENVELOPE_SIGNATURES,
    MAX_ENVELOPE_SIZE,
    Envelope,
    FormatError,
    KeyType,
    Signer,
    good_signatures,
    pae,
    parse_envelope,
    sign_envelope,
)

TYPE = "application/vnd.huxin.charter+json"
SEEDS = [bytes([i]) * 32 for i in range(1, 6)]
KEYS = [Signer(name="k", type=KeyType.NOTE, seed=seed).verifier.public for seed in SEEDS]
BARE = Envelope(payload_type=TYPE, payload=b'{"version": 1}', signatures=())


def signed(*who: int) -> Envelope:
    envelope = BARE
    for i in who:
        envelope = sign_envelope(envelope, SEEDS[i])
    return envelope


def test_published_encoding() -> None:
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == expected


@given(st.text(st.characters(codec="utf-8"), max_size=20), st.binary(max_size=60))
def test_encoding_as_securesystemslib(kind: str, payload: bytes) -> None:
    if kind.isascii():  # securesystemslib counts characters where DSSE counts bytes
        assert pae(kind, payload) == reference.Envelope(payload, kind, {}).pae()
    assert pae(kind, payload).startswith(b"DSSEv1 %d " % len(kind.encode()))


@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.binary(max_size=60),
    st.lists(st.tuples(st.text(st.characters(codec="utf-8"), max_size=5), st.binary(max_size=70))),
)
def test_round_trip(kind: str, payload: bytes, signatures: list[tuple[str, bytes]]) -> None:
    envelope = Envelope(payload_type=kind, payload=payload, signatures=tuple(signatures))
    assert parse_envelope(envelope.to_bytes()) == envelope


def test_signing() -> None:
    envelope = parse_envelope(signed(0, 2).to_bytes())
    assert [keyid for keyid, _ in envelope.signatures] == [
        sha256(KEYS[i]).hexdigest() for i in (0, 2)
    ]
    assert good_signatures(envelope, KEYS) == {KEYS[0], KEYS[2]}
    assert good_signatures(envelope, KEYS[1:2]) == frozenset()
    assert good_signatures(BARE, KEYS) == frozenset()
    assert sign_envelope(signed(2, 0), SEEDS[2]) == signed(0, 2)


def test_key_ids_of_the_file_never_decide() -> None:
    (_, first), (_, second) = signed(0, 1).signatures
    id_of = {i: sha256(KEYS[i]).hexdigest() for i in range(4)}
    for ids in (("", ""), (id_of[1], id_of[0]), (id_of[3], id_of[3]), ("x", "x")):
        signatures = ((ids[0], first), (ids[1], second))
        envelope = Envelope(payload_type=TYPE, payload=BARE.payload, signatures=signatures)
        assert good_signatures(envelope, KEYS) == {KEYS[0], KEYS[1]}


def test_one_key_counts_once_and_bad_lines_void_nothing() -> None:
    (keyid, first) = signed(0).signatures[0]
    (_, second) = signed(1).signatures[0]
    lines = ((keyid, bytes(64)), (keyid, first), ("other", first), (keyid, b""), ("", second))
    envelope = Envelope(payload_type=TYPE, payload=BARE.payload, signatures=lines)
    assert good_signatures(envelope, [*KEYS, *KEYS]) == {KEYS[0], KEYS[1]}


def test_type_and_payload_are_signed() -> None:
    signatures = signed(0).signatures
    for kind, payload in ((TYPE + "x", BARE.payload), (TYPE, BARE.payload + b" ")):
        envelope = Envelope(payload_type=kind, payload=payload, signatures=signatures)
        assert good_signatures(envelope, KEYS) == frozenset()


def test_unsafe_keys_are_refused() -> None:
    for key in (bytes(32), b"\x01" + bytes(31), KEYS[0][:-1]):
        with pytest.raises(FormatError):
            good_signatures(signed(0), [key])
    with pytest.raises(FormatError):
        sign_envelope(BARE, bytes(31))


GOOD = json.loads(signed(0).to_bytes())


def change(**members: object) -> bytes:
    return json.dumps({**GOOD, **members}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"1",
        b"\xff",
        b"\xef\xbb\xbf" + change(),
        change() + b"x",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 10_000,
        change(payload=1),
        change(payload="AB=="),
        change(payload="_+8="),
        change(payload="_-8"),
        change(payload="_-9="),
        change(payload="AAEC\n"),
        change(payloadType=None),
        change(payloadType="\ud800"),
        change(signatures={}),
        change(signatures=[1]),
        change(signatures=[{}]),
        change(signatures=[{"sig": 1}]),
        change(signatures=[{"sig": "AB=="}]),
        change(signatures=[{"sig": "AAEC", "keyid": 1}]),
        change(signatures=[{"sig": "AAEC"}] * (MAX_ENVELOPE_SIGNATURES + 1)),
        change().replace(b'"payload":', b'"payload": "AAEC", "payload":'),
        change().replace(b'"sig":', b'"sig": "AAEC", "sig":'),
        b" " * (MAX_ENVELOPE_SIZE + 1),
    ],
)
def test_malformed_envelopes(data: bytes) -> None:
    with pytest.raises(FormatError):
        parse_envelope(data)


def test_both_alphabets_are_read_and_the_standard_one_is_written() -> None:
    """DSSE, envelope.md: either MUST be accepted."""
    payload = b"\xff\xef\xfe" * 5
    envelope = sign_envelope(Envelope(payload_type=TYPE, payload=payload, signatures=()), SEEDS[0])
    text = envelope.to_bytes().decode()
    members = json.loads(text)
    members["payload"] = members["payload"].translate(str.maketrans("+/", "-_"))
    members["signatures"][0]["sig"] = members["signatures"][0]["sig"].translate(
        str.maketrans("+/", "-_")
    )
    other = json.dumps(members).encode()
    assert b"-" in other
    assert parse_envelope(other) == envelope
    assert parse_envelope(other).to_bytes() == text.encode()
    assert good_signatures(parse_envelope(other), KEYS) == {KEYS[0]}


def test_unknown_members_and_missing_key_ids_are_let_pass() -> None:
    data = change(more=1, signatures=[{"sig": "AAEC", "cert": "x"}])
    assert parse_envelope(data).signatures == (("", b"\x00\x01\x02"),)
