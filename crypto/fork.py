r"""Fork files: two checkpoints of one log that cannot both be true, as a file.

::

    huxin/fork@v1\n
    \n
    <checkpoint of size m, verbatim>
    \n
    prefix <base64 X>\n          (only if m < n: the root at m in the other history)
    <base64 hash>\n ...          (consistency path m -> n)
    \n
    <checkpoint of size n, verbatim>

Anyone who has the log's key can check it, without any other data. If m == n, nothing stands
between the two empty lines. Only the log's own signatures count in it; other lines are not
verified, and so not kept (`bare_fork`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crypto._lines import ascii_lines, check_path, format_path, parse_path
from crypto.checkpoint import SignedCheckpoint, open_checkpoint, peek_checkpoint
from crypto.errors import FormatError, ProofError
from crypto.merkle import HASH_SIZE, verify_consistency
from crypto.notes import MAX_NOTE_SIZE
from crypto.strict import b64, b64_strict, require_length

if TYPE_CHECKING:
    from crypto.keys import VerifierKey

MAX_FORK_SIZE = 2 * MAX_NOTE_SIZE + 4096
"""Bytes of a fork file: two notes, and at most 65 lines of hashes."""

_MAGIC = b"huxin/fork@v1\n\n"
_PREFIX = "prefix "
_EMPTY_LINE = b"\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkProof:
    """Evidence of a fork. Nothing is verified.

    Attributes:
        smaller: signed checkpoint of size m, verbatim.
        larger: signed checkpoint of size n >= m, verbatim.
        prefix: root at m in the history of ``larger``; None if m == n.
        path: consistency path m -> n in that history; empty if m == n.
    """

    smaller: bytes
    larger: bytes
    prefix: bytes | None
    path: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Check that this can be written as a file.

        Raises:
            FormatError: a checkpoint is malformed, or a hash has not 32 bytes.
        """
        peek_checkpoint(self.smaller)
        peek_checkpoint(self.larger)
        if self.prefix is not None:
            require_length("prefix root", self.prefix, HASH_SIZE)
        check_path(self.path)

    def to_bytes(self) -> bytes:
        """Write the file."""
        prefix = "" if self.prefix is None else f"{_PREFIX}{b64(self.prefix)}\n"
        middle = (prefix + format_path(self.path)).encode()
        return b"".join((_MAGIC, self.smaller, b"\n", middle, b"\n", self.larger))


def parse_fork(data: bytes) -> ForkProof:
    """Read a fork file.

    Raises:
        FormatError: too long, or not of this form.
    """
    if len(data) > MAX_FORK_SIZE or not data.startswith(_MAGIC):
        msg = f"expected a fork file of at most {MAX_FORK_SIZE} bytes, got {data[:16]!r}"
        raise FormatError(msg)
    # A checkpoint's text has no empty line, so its note holds exactly one.
    text, signatures, rest = _split(data.removeprefix(_MAGIC), 2)
    middle, larger = (b"", rest[1:]) if rest.startswith(b"\n") else _split(rest, 1)
    lines = ascii_lines(middle)
    prefix = None
    if lines and lines[0].startswith(_PREFIX):
        prefix = b64_strict(lines.pop(0).removeprefix(_PREFIX))
    smaller = text + b"\n" + signatures
    return ForkProof(smaller=smaller, larger=larger, prefix=prefix, path=parse_path(lines))


def verify_fork(fork: ForkProof, log_key: VerifierKey) -> tuple[SignedCheckpoint, SignedCheckpoint]:
    """Check that the holder of this key has signed two histories.

    Holds iff both checkpoints are signed by the key and either the sizes are equal and the
    roots are not, or the path leads from ``prefix`` to the larger root and ``prefix`` is not
    the smaller root.

    Returns:
        The smaller and the larger checkpoint, verified.

    Raises:
        SignatureError: one of them is not signed by this log.
        ProofError: they do not contradict each other, or the path does not verify.
        FormatError: a checkpoint is malformed.
    """
    smaller = open_checkpoint(fork.smaller, log_key)
    larger = open_checkpoint(fork.larger, log_key)
    old, new = smaller.checkpoint, larger.checkpoint
    other = new.root
    if old.size == new.size:
        if fork.prefix is not None or fork.path:
            msg = f"fork at one size {old.size}: expected neither prefix nor path"
            raise ProofError(msg)
    else:
        if fork.prefix is None:
            msg = f"fork of sizes {old.size} and {new.size}: expected a prefix root"
            raise ProofError(msg)
        verify_consistency(
            old_size=old.size,
            new_size=new.size,
            old_root=fork.prefix,
            new_root=new.root,
            proof=fork.path,
        )
        other = fork.prefix
    if other == old.root:
        msg = f"no fork: both histories have the root {other.hex()} at {old.size}"
        raise ProofError(msg)
    return smaller, larger


def bare_fork(fork: ForkProof, log_key: VerifierKey) -> ForkProof:
    """Check a fork and leave of its checkpoints' lines only the log's own.

    Raises:
        CryptoError: see ``verify_fork``.
    """
    smaller, larger = (one.bare().note.to_bytes() for one in verify_fork(fork, log_key))
    return replace(fork, smaller=smaller, larger=larger)


def _split(data: bytes, empty_lines: int) -> list[bytes]:
    """Split at the first empty lines; each part but the last gets its newline back."""
    *parts, rest = data.split(_EMPTY_LINE, empty_lines)
    if len(parts) != empty_lines:
        msg = "fork file: expected two checkpoints with lines of hashes between them"
        raise FormatError(msg)
    return [*(part + b"\n" for part in parts), rest]
