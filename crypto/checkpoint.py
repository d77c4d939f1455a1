"""Checkpoints (C2SP tlog-checkpoint v1.0.0): a log's signed word on its size and root.

Three lines and no extension lines: implementations disagree on whether a cosignature covers
those, so a text with more lines is refused.

A note may carry lines that the log did not sign. Whoever remembers a checkpoint for the log's own
word, and did not verify those lines, keeps it by `SignedCheckpoint.bare`: a line that was not
verified is never kept, since others would refuse whoever hands it on (SPEC §3.4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crypto.errors import FormatError, SignatureError
from crypto.keys import valid_name
from crypto.merkle import HASH_SIZE
from crypto.notes import Note, SignatureLine, parse_note, sign_note, verify_note
from crypto.strict import MAX_SIZE, b64, b64_strict, parse_decimal, require_length, require_range

if TYPE_CHECKING:
    from crypto.keys import Signer, VerifierKey

_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree of a log. By itself a claim, not something that was signed.

    Attributes:
        origin: name of the log, the same as its key's name.
        size: number of leaves.
        root: 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Check that this can be written as a checkpoint.

        Raises:
            FormatError: the origin cannot name a key, the size is out of range, or the root
                has not 32 bytes.
        """
        if not valid_name(self.origin):
            msg = f"not a valid origin: {self.origin[:64]!r}"
            raise FormatError(msg)
        require_range("tree size", self.size, 0, MAX_SIZE)
        require_length("root", self.root, HASH_SIZE)

    def text(self) -> str:
        """Write the note text that is signed (tlog-checkpoint, Note text)."""
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A checkpoint whose log signature was verified, with its note as it was received.

    Only ``open_checkpoint`` should make one. The other signature lines of the note, such as
    cosignatures, are not verified by having this.

    Attributes:
        checkpoint: what the log signed.
        note: with all lines that came.
        log_line: the log's own signature.
    """

    checkpoint: Checkpoint
    note: Note
    log_line: SignatureLine

    def bare(self) -> SignedCheckpoint:
        """The same word of the log with no other line than its own."""
        return replace(self, note=Note(text=self.note.text, signatures=(self.log_line,)))


def parse_checkpoint_text(text: str) -> Checkpoint:
    """Read a note text as a checkpoint.

    Raises:
        FormatError: not exactly origin, size and root with a newline each.
    """
    lines = text.split("\n", _LINES + 1)
    if len(lines) != _LINES + 1 or lines[-1]:
        msg = f"expected a checkpoint of exactly {_LINES} lines"
        raise FormatError(msg)
    origin, size, root, _ = lines
    return Checkpoint(origin=origin, size=parse_decimal(size), root=b64_strict(root))


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> Note:
    """Sign as the log itself.

    A log never signs two checkpoints that are inconsistent with each other (tlog-checkpoint);
    that the caller's high-water mark allows this one is the caller's to know before.

    Raises:
        SignatureError: the key is not named like the origin, or not of type 0x01.
    """
    _require_log_key(signer.verifier, checkpoint.origin)
    return sign_note(checkpoint.text(), [signer])


def open_checkpoint(data: bytes, log_key: VerifierKey) -> SignedCheckpoint:
    """Read a signed checkpoint and verify the log's own signature on it.

    Args:
        data: the note.
        log_key: the log's key; its name is the only origin that is accepted.

    Raises:
        FormatError: not a note, or its text is not a checkpoint.
        SignatureError: not signed by ``log_key``, or about another origin.
    """
    note = parse_note(data)
    verify_note(note, [log_key])
    checkpoint = parse_checkpoint_text(note.text)
    _require_log_key(log_key, checkpoint.origin)
    own = (log_key.name, log_key.key_id)
    line = next(one for one in note.signatures if (one.name, one.key_id) == own)
    return SignedCheckpoint(checkpoint=checkpoint, note=note, log_line=line)


def peek_checkpoint(data: bytes) -> Checkpoint:
    """Read what a checkpoint claims, **without verifying any signature**.

    For choosing the key to verify with, and for messages. Whatever is decided by the result
    was decided by whoever sent the bytes.

    Raises:
        FormatError: not a note, or its text is not a checkpoint.
    """
    return parse_checkpoint_text(parse_note(data).text)


def _require_log_key(key: VerifierKey, origin: str) -> None:
    if key.name != origin:
        msg = f"key {key.name} does not sign for the log {origin}"
        raise SignatureError(msg)
