"""Proof files (C2SP tlog-proof v1) and disclosures: one record, verified offline.

A proof file says that an entry stands in a log, and nothing of what the entry commits to. A
disclosure adds the opening. The salt never goes into a proof file: archived proofs would
defeat erasure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crypto._lines import ascii_lines, check_path, format_path, parse_path
from crypto.checkpoint import SignedCheckpoint, open_checkpoint, peek_checkpoint
from crypto.commitment import COMMITMENT_SIZE, HEADER_SIZE, verify_commitment
from crypto.errors import FormatError
from crypto.merkle import leaf_hash, verify_inclusion
from crypto.notes import MAX_NOTE_SIZE
from crypto.strict import MAX_SIZE, b64_strict, parse_decimal, require_length, require_range

if TYPE_CHECKING:
    from crypto.keys import VerifierKey

LEAF_SIZE = HEADER_SIZE + COMMITMENT_SIZE
"""Bytes of a leaf of version 1."""

LEAF_VERSION = 1
"""Version of the leaf, its first byte, whose commitment is known how to check."""

_MAGIC = "c2sp.org/tlog-proof@v1"
_MAX_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFile:
    """An inclusion proof with the checkpoint that it leads to. Nothing is verified.

    Attributes:
        index: place of the entry, from 0.
        proof: hashes of 32 bytes, the leaf's sibling first.
        checkpoint: the signed checkpoint, verbatim.
    """

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def __post_init__(self) -> None:
        """Check that this can be written as a file.

        Raises:
            FormatError: the index is out of range, the proof is too long or not of hashes,
                or the checkpoint is malformed.
        """
        require_range("index", self.index, 0, MAX_SIZE)
        check_path(self.proof)
        peek_checkpoint(self.checkpoint)

    def to_bytes(self) -> bytes:
        """Write the file, without an ``extra`` line."""
        head = f"{_MAGIC}\nindex {self.index}\n{format_path(self.proof)}\n"
        return head.encode() + self.checkpoint


def parse_proof(data: bytes) -> ProofFile:
    """Read a proof file (tlog-proof, Format).

    An ``extra`` line, which is not authenticated, is checked for its form and dropped.

    Raises:
        FormatError: too long, or not of this form.
    """
    head, empty, checkpoint = data.partition(b"\n\n")
    if len(head) > _MAX_HEAD or len(checkpoint) > MAX_NOTE_SIZE or not empty:
        msg = "expected a proof file: head, empty line, checkpoint"
        raise FormatError(msg)
    lines = ascii_lines(head + b"\n")
    if lines[0] != _MAGIC:
        msg = f"expected a proof file that begins with {_MAGIC}, got {lines[0][:64]!r}"
        raise FormatError(msg)
    at = 1
    if len(lines) > at and lines[at].startswith("extra "):
        b64_strict(lines[at].removeprefix("extra "))
        at += 1
    if len(lines) <= at or not lines[at].startswith("index "):
        msg = "expected an index line in the proof file"
        raise FormatError(msg)
    index = parse_decimal(lines[at].removeprefix("index "))
    proof = parse_path(lines[at + 1 :])
    return ProofFile(index=index, proof=proof, checkpoint=checkpoint)


def verify_proof(proof_file: ProofFile, *, entry: bytes, log_key: VerifierKey) -> SignedCheckpoint:
    """Check that the log signed a tree in which this entry stands at this index.

    Args:
        proof_file: as parsed.
        entry: the leaf's bytes, not their hash.
        log_key: key of the log that the entry is said to stand in.

    Returns:
        The verified checkpoint. Its cosignatures are not looked at.

    Raises:
        SignatureError: the checkpoint is not signed by ``log_key``.
        ProofError: the entry does not stand there.
        FormatError: the checkpoint is malformed.
    """
    signed = open_checkpoint(proof_file.checkpoint, log_key)
    verify_inclusion(
        index=proof_file.index,
        size=signed.checkpoint.size,
        leaf_hash=leaf_hash(entry),
        proof=proof_file.proof,
        root=signed.checkpoint.root,
    )
    return signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """A proof file with the opening beside it, for the subject or its authorised reader.

    Whoever makes one keeps no copy: it holds the salt.

    Attributes:
        proof: proof of the leaf.
        salt: 32 bytes; not shown by ``repr``, as is the payload.
        payload: the payload as its origin made it.
    """

    proof: ProofFile
    salt: bytes
    payload: bytes

    def __repr__(self) -> str:
        """Show the place alone, so that no log line can keep an opening."""
        return f"Disclosure(index={self.proof.index})"


def verify_disclosure(
    disclosure: Disclosure, *, entry: bytes, log_key: VerifierKey
) -> SignedCheckpoint:
    """Check that the log holds this leaf, and that the leaf commits to this payload.

    Args:
        disclosure: as handed over.
        entry: the leaf, 76 bytes of version 1; its commitment is in bytes 44 to 75. The
            disclosure does not hold it, and its header cannot be found from the rest.
        log_key: key of the log.

    Raises:
        FormatError: not a leaf of version 1, or a malformed part.
        SignatureError: the checkpoint is not signed by ``log_key``.
        ProofError: the leaf does not stand there.
        CommitmentError: the opening belongs to another leaf.
    """
    require_length("leaf", entry, LEAF_SIZE)
    if entry[0] != LEAF_VERSION:
        msg = f"expected a leaf of version {LEAF_VERSION}, got {entry[0]}"
        raise FormatError(msg)
    signed = verify_proof(disclosure.proof, entry=entry, log_key=log_key)
    verify_commitment(
        entry[HEADER_SIZE:],
        origin=signed.checkpoint.origin,
        salt=disclosure.salt,
        header=entry[:HEADER_SIZE],
        payload=disclosure.payload,
    )
    return signed
