"""Cosigning checkpoints of other logs: C2SP tlog-witness, add-checkpoint.

The request body is `old <size>`, up to 63 base64 hashes of a consistency proof a line each, an
empty line, and the checkpoint. `check` decides; the caller persists the new witnessed size and
root together with its answer, in one step, before it answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crypto.checkpoint import SignedCheckpoint, open_checkpoint, peek_checkpoint
from crypto.errors import CryptoError, FormatError
from crypto.keys import VerifierKey
from crypto.merkle import EMPTY_ROOT, verify_consistency
from crypto.notes import MAX_NOTE_SIZE
from crypto.strict import b64, b64_strict, parse_decimal
from federation.errors import FederationError

MAX_PROOF_LINES: Final = 63
MAX_BODY: Final = MAX_NOTE_SIZE + 4096
"""A note, and at most 64 lines before it."""

NOT_FOUND, FORBIDDEN, BAD_REQUEST, CONFLICT, UNPROCESSABLE = 404, 403, 400, 409, 422


class WitnessError(FederationError):
    """A refused request; `status` is the answer of tlog-witness, `size` the body of a 409."""

    def __init__(self, status: int, message: str, *, size: int = 0) -> None:
        super().__init__(f"witness.{status}", message)
        self.status = status
        self.size = size


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A parsed request."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


def parse_request(body: bytes) -> AddCheckpoint:
    """Parse the body of add-checkpoint.

    Raises:
        WitnessError: 400, the body is not of the form.
    """
    head, separator, checkpoint = body.partition(b"\n\n")
    try:
        if not separator or len(body) > MAX_BODY:
            message = f"expected proof, empty line, checkpoint in at most {MAX_BODY} bytes"
            raise FormatError(message)
        first, *lines = head.decode("ascii").split("\n")
        if not first.startswith("old ") or len(lines) > MAX_PROOF_LINES:
            message = f"expected 'old <size>' and at most {MAX_PROOF_LINES} hashes"
            raise FormatError(message)
        return AddCheckpoint(
            old_size=parse_decimal(first.removeprefix("old ")),
            proof=tuple(b64_strict(line) for line in lines),
            checkpoint=checkpoint,
        )
    except (CryptoError, UnicodeDecodeError) as error:
        raise WitnessError(BAD_REQUEST, f"add-checkpoint: {error}") from error


def format_request(request: AddCheckpoint) -> bytes:
    """Write the body of add-checkpoint."""
    lines = [f"old {request.old_size}", *(b64(p) for p in request.proof), "", ""]
    return "\n".join(lines).encode() + request.checkpoint


def origin_of(request: AddCheckpoint) -> str:
    """Read the origin that the request names, to find its key.

    Raises:
        WitnessError: 400, the checkpoint cannot be read.
    """
    try:
        return peek_checkpoint(request.checkpoint).origin
    except CryptoError as error:
        raise WitnessError(BAD_REQUEST, f"add-checkpoint: {error}") from error


def check(
    request: AddCheckpoint, log_key: VerifierKey | None, cosigned_size: int, cosigned_root: bytes
) -> SignedCheckpoint:
    """Check a request in the order of tlog-witness.

    Args:
        request: the request.
        log_key: the key trusted for the origin; None where there is none.
        cosigned_size: size last cosigned of this log; 0 where none was.
        cosigned_root: its root; the empty root for size 0.

    Returns:
        The checkpoint to cosign and to record as the last one cosigned.

    Raises:
        WitnessError: 404, 403, 400, 409 or 422 as tlog-witness says. A 422 with equal sizes and
            different roots, both signed, is a fork: the caller holds both checkpoints.
    """
    if log_key is None:
        raise WitnessError(NOT_FOUND, "unknown origin: it is in no charter of this node")
    try:
        signed = open_checkpoint(request.checkpoint, log_key)
    except CryptoError as error:
        raise WitnessError(FORBIDDEN, f"no good signature of the log's key: {error}") from error
    size, root = signed.checkpoint.size, signed.checkpoint.root
    if request.old_size > size:
        message = f"old size {request.old_size} is larger than the checkpoint's {size}"
        raise WitnessError(BAD_REQUEST, message)
    if request.old_size != cosigned_size:
        message = f"expected old size {cosigned_size}, got {request.old_size}"
        raise WitnessError(CONFLICT, message, size=cosigned_size)
    if request.old_size == 0 and request.proof:
        raise WitnessError(UNPROCESSABLE, "expected an empty proof from old size 0")
    if size == 0 and root != EMPTY_ROOT:
        raise WitnessError(UNPROCESSABLE, "expected the empty root for size 0")
    try:
        verify_consistency(
            old_size=cosigned_size,
            new_size=size,
            old_root=cosigned_root,
            new_root=root,
            proof=request.proof,
        )
    except CryptoError as error:
        raise WitnessError(UNPROCESSABLE, f"consistency proof: {error}") from error
    return signed
