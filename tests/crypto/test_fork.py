"""Fork files: made from two histories of one log, and every way in which they do not hold."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import (
    EMPTY_ROOT,
    Checkpoint,
    CryptoError,
    ForkProof,
    FormatError,
    Frontier,
    KeyType,
    ProofError,
    SignatureError,
    Signer,
    TileReader,
    consistency_from_known,
    consistency_proof,
    grow,
    parse_fork,
    sign_checkpoint,
    verify_fork,
)

ORIGIN = "510500.huxin.example/1"
LOG = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"\x01" * 32)
ONE = [sha256(b"one %d" % i).digest() for i in range(600)]
TWO = ONE[:30] + [sha256(b"two %d" % i).digest() for i in range(30, 600)]


def root(leaves: list[bytes]) -> bytes:
    return Frontier.empty().extend(leaves).root()


def signed(leaves: list[bytes], signer: Signer = LOG) -> bytes:
    checkpoint = Checkpoint(origin=ORIGIN, size=len(leaves), root=root(leaves))
    return sign_checkpoint(checkpoint, signer).to_bytes()


def path(leaves: list[bytes], old: int) -> tuple[bytes, ...]:
    tiles = grow(0, {}, leaves).tiles
    read = TileReader(len(leaves), lambda wanted: [tiles[tile] for tile in wanted])
    return tuple(consistency_proof(old, len(leaves), read))


def fork(m: int, n: int) -> ForkProof:
    """Size m of the first history against size n of the second."""
    smaller, larger = signed(ONE[:m]), signed(TWO[:n])
    if m == n:
        return ForkProof(smaller=smaller, larger=larger, prefix=None, path=())
    return ForkProof(smaller=smaller, larger=larger, prefix=root(TWO[:m]), path=path(TWO[:n], m))


FORK = fork(40, 77)
DATA = FORK.to_bytes()


def test_form() -> None:
    head = b"huxin/fork@v1\n\n" + FORK.smaller + b"\nprefix "
    assert DATA.startswith(head)
    assert DATA.endswith(b"\n\n" + FORK.larger)
    same = fork(40, 40)
    expected = b"huxin/fork@v1\n\n" + same.smaller + b"\n\n" + same.larger
    assert same.to_bytes() == expected


@settings(deadline=None)
@given(st.integers(31, 300), st.integers(0, 300))
def test_round_trip_and_verify(m: int, more: int) -> None:
    made = fork(m, m + more)
    assert parse_fork(made.to_bytes()) == made
    smaller, larger = verify_fork(made, LOG.verifier)
    assert (smaller.checkpoint.size, larger.checkpoint.size) == (m, m + more)


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(0, 300))
def test_histories_that_agree_are_no_fork(m: int, more: int) -> None:
    with pytest.raises(ProofError, match="no fork"):
        verify_fork(fork(m, m + more), LOG.verifier)


def test_an_empty_log_with_another_root() -> None:
    lie = sign_checkpoint(Checkpoint(origin=ORIGIN, size=0, root=ONE[0]), LOG).to_bytes()
    made = ForkProof(smaller=lie, larger=signed(TWO[:9]), prefix=EMPTY_ROOT, path=())
    assert parse_fork(made.to_bytes()) == made
    verify_fork(made, LOG.verifier)
    with pytest.raises(ProofError):
        verify_fork(replace(made, prefix=ONE[1]), LOG.verifier)


def test_written_before_the_rest_of_the_log_is_there() -> None:
    """We hold the first history up to 40; of the second the leaves up to 64 of 77."""
    frontier = Frontier.empty().extend(TWO[:40])
    made = consistency_from_known(40, frontier, TWO[40:64], 77, path(TWO[:77], 64))
    assert replace(FORK, path=tuple(made)) == FORK


@pytest.mark.parametrize(
    "bad",
    [
        replace(FORK, prefix=root(ONE[:40])),
        replace(FORK, prefix=ONE[0]),
        replace(FORK, prefix=None),
        replace(FORK, path=FORK.path[:-1]),
        replace(FORK, path=(*FORK.path, ONE[0])),
        replace(FORK, path=FORK.path[::-1]),
        replace(FORK, path=()),
        replace(FORK, smaller=FORK.larger, larger=FORK.smaller),
        replace(FORK, smaller=FORK.larger),
        replace(fork(40, 40), prefix=root(TWO[:40])),
        replace(fork(40, 40), path=(ONE[0],)),
        replace(fork(40, 40), larger=signed(ONE[:40])),
    ],
)
def test_what_does_not_hold(bad: ForkProof) -> None:
    assert parse_fork(bad.to_bytes()) == bad
    with pytest.raises(ProofError):
        verify_fork(bad, LOG.verifier)


def test_both_must_be_signed_by_the_log() -> None:
    thief = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"\x02" * 32)
    for bad in (
        replace(FORK, smaller=signed(ONE[:40], thief)),
        replace(FORK, larger=signed(TWO[:77], thief)),
    ):
        with pytest.raises(SignatureError):
            verify_fork(bad, LOG.verifier)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(DATA) - 1), st.integers(0, 255))
def test_a_changed_byte_never_verifies(at: int, byte: int) -> None:
    changed = DATA[:at] + bytes([byte]) + DATA[at + 1 :]
    if changed == DATA:
        return
    with pytest.raises(CryptoError):
        verify_fork(parse_fork(changed), LOG.verifier)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        DATA[1:],
        DATA.replace(b"fork@v1", b"fork@v2"),
        DATA.replace(b"fork@v1\n\n", b"fork@v1\n"),
        DATA.replace(b"prefix ", b"prefix  "),
        DATA.replace(b"prefix ", b"prefix AAAA\nprefix "),
        DATA.replace(b"prefix ", b"\nprefix "),
        DATA.replace(b"\nprefix ", b"prefix "),
        DATA[:-1],
        DATA + b"\n",
        b"huxin/fork@v1\n\n" + FORK.smaller,
        b"huxin/fork@v1\n\n" + FORK.smaller + b"\n" + FORK.larger,
        DATA + b"x" * 200_000,
    ],
)
def test_malformed_files(data: bytes) -> None:
    with pytest.raises(FormatError):
        parse_fork(data)
