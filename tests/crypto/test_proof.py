"""Proof files and disclosures."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import (
    Checkpoint,
    CommitmentError,
    CryptoError,
    Disclosure,
    FormatError,
    Frontier,
    KeyType,
    ProofError,
    ProofFile,
    SignatureError,
    Signer,
    TileReader,
    commit,
    grow,
    inclusion_proof,
    leaf_hashes,
    parse_proof,
    sign_checkpoint,
    verify_disclosure,
    verify_proof,
)

ORIGIN = "510500.huxin.example/1"
LOG = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"\x01" * 32)
SALT = b"\x07" * 32
HEADER = b"\x01\x01" + bytes(42)
LEAF = HEADER + commit(ORIGIN, SALT, HEADER, "列入（演示）".encode())
ENTRIES = [bytes([1, i]) + bytes(74) for i in range(20)] + [LEAF]


def proof_of(index: int, entries: list[bytes]) -> ProofFile:
    hashes = leaf_hashes(entries)
    size = len(hashes)
    tiles = grow(0, {}, hashes).tiles
    read = TileReader(size, lambda wanted: [tiles[tile] for tile in wanted])
    root = Frontier.empty().extend(hashes).root()
    checkpoint = sign_checkpoint(Checkpoint(origin=ORIGIN, size=size, root=root), LOG)
    return ProofFile(
        index=index,
        proof=tuple(inclusion_proof(index, size, read)),
        checkpoint=checkpoint.to_bytes(),
    )


PROOF = proof_of(20, ENTRIES)
DATA = PROOF.to_bytes()


def test_form() -> None:
    lines = DATA.decode().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 20"]
    assert lines[2 + len(PROOF.proof)] == ""
    assert DATA.endswith(b"\n\n" + PROOF.checkpoint)


def test_a_log_of_one_entry_has_no_hashes() -> None:
    proof = proof_of(0, [LEAF])
    assert proof.to_bytes() == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + proof.checkpoint
    assert parse_proof(proof.to_bytes()) == proof
    verify_proof(proof, entry=LEAF, log_key=LOG.verifier)


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_round_trip_and_verify(index: int) -> None:
    proof = parse_proof(proof_of(index, ENTRIES).to_bytes())
    assert proof == proof_of(index, ENTRIES)
    signed = verify_proof(proof, entry=ENTRIES[index], log_key=LOG.verifier)
    assert signed.checkpoint.size == len(ENTRIES)
    with pytest.raises(ProofError):
        verify_proof(proof, entry=ENTRIES[index - 1], log_key=LOG.verifier)


def test_extra_data_is_dropped() -> None:
    extra = DATA.replace(b"\nindex", b"\nextra AAEC\nindex")
    assert parse_proof(extra) == PROOF
    assert parse_proof(DATA.replace(b"\nindex", b"\nextra \nindex")) == PROOF


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        DATA[1:],
        DATA.replace(b"@v1", b"@v2"),
        DATA.replace(b"index 20", b"index 020"),
        DATA.replace(b"index 20", b"index  20"),
        DATA.replace(b"index 20", b"index 2_0"),
        DATA.replace(b"index 20", "index ٢".encode()),
        DATA.replace(b"index 20\n", b""),
        DATA.replace(b"\nindex", b"\r\nindex"),
        DATA.replace(b"\nindex", b"\nextra AB==\nindex"),
        DATA.replace(b"\nindex", b"\nextra AAEC\nextra AAEC\nindex"),
        DATA.replace(b"index 20\n", b"index 20\nextra AAEC\n"),
        DATA.replace(b"index 20\n", b"index 20\nAAEC\n"),
        DATA.replace(b"index 20\n", b"index 20\n" + b"A" * 43 + b"=\n" * 65),
        DATA.replace(b"index 20\n", b"index 20\n" + (b"A" * 43 + b"=\n") * 65),
        b"c2sp.org/tlog-proof@v1\n\n" + PROOF.checkpoint,
        b"c2sp.org/tlog-proof@v1\nindex 0\n\n",
        DATA[:-1],
        DATA + b"\n",
        DATA + b"x" * 70000,
        b"x" * 70000 + DATA,
    ],
)
def test_malformed_files(data: bytes) -> None:
    with pytest.raises(FormatError):
        parse_proof(data)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(DATA) - 1), st.integers(0, 255))
def test_a_changed_byte_never_verifies(at: int, byte: int) -> None:
    changed = DATA[:at] + bytes([byte]) + DATA[at + 1 :]
    if changed == DATA:
        return
    with pytest.raises(CryptoError):
        verify_proof(parse_proof(changed), entry=LEAF, log_key=LOG.verifier)


def test_another_log_key() -> None:
    other = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"\x02" * 32)
    with pytest.raises(SignatureError):
        verify_proof(PROOF, entry=LEAF, log_key=other.verifier)


def disclose(salt: bytes = SALT, payload: str = "列入（演示）") -> Disclosure:
    return Disclosure(proof=PROOF, salt=salt, payload=payload.encode())


def test_disclosure() -> None:
    signed = verify_disclosure(disclose(), entry=LEAF, log_key=LOG.verifier)
    assert signed.checkpoint.origin == ORIGIN
    assert "演示" not in repr(disclose())
    assert repr(SALT) not in repr(disclose())


def test_disclosure_of_something_else() -> None:
    for wrong in (disclose(salt=bytes(32)), disclose(payload="列入")):
        with pytest.raises(CommitmentError):
            verify_disclosure(wrong, entry=LEAF, log_key=LOG.verifier)
    changed = LEAF[:5] + b"\x01" + LEAF[6:]
    with pytest.raises(ProofError):
        verify_disclosure(disclose(), entry=changed, log_key=LOG.verifier)
    for entry in (LEAF[:-1], LEAF + b"\x00", b"\x02" + LEAF[1:]):
        with pytest.raises(FormatError):
            verify_disclosure(disclose(), entry=entry, log_key=LOG.verifier)
