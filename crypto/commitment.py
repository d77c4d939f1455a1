"""Salted commitments, suite 1: what a leaf holds instead of its payload.

HMAC under a fixed public key is a hash with its own domain. Hiding comes from the salt of 32
random bytes; once salt and payload are erased, nobody can test a guess at the payload
against the leaf. Origin and header are committed to as well, so that an opening fits one
statement of one log only.
"""

from __future__ import annotations

import hmac

from crypto.errors import CommitmentError, FormatError
from crypto.keyed import KeyedHash
from crypto.keys import valid_name
from crypto.strict import length_prefixed, require_length

SALT_SIZE = 32
"""Bytes of a salt: fresh randomness for each statement."""

HEADER_SIZE = 44
"""Bytes of a leaf's header, in front of the commitment."""

COMMITMENT_SIZE = 32
"""Bytes of a commitment."""

MAX_PAYLOAD = 32 * 1024
"""Bytes of a payload; bounds what a peer can make a reader keep for one statement."""

_KEYED = KeyedHash(b"huxin/commitment/v1")


class Committer:
    """Commits many statements of one origin, with the origin encoded once."""

    __slots__ = ("_origin",)

    def __init__(self, origin: str) -> None:
        """Prepare for an origin.

        Raises:
            FormatError: the origin cannot name a log (`valid_name`).
        """
        if not valid_name(origin):
            msg = f"not a valid origin: {origin[:64]!r}"
            raise FormatError(msg)
        self._origin = length_prefixed(origin.encode())

    def commit(self, salt: bytes, header: bytes, payload: bytes) -> bytes:
        """Commit to one statement.

        The 32 bytes are ``HMAC-SHA-256(K, salt || u16 len || origin || header || u32 len
        || payload)`` with K = ``huxin/commitment/v1``.

        Args:
            salt: 32 random bytes.
            header: bytes 0 to 43 of the leaf.
            payload: the statement as its origin serialised it, at most ``MAX_PAYLOAD``.

        Raises:
            FormatError: a part of wrong length.
        """
        if len(salt) != SALT_SIZE or len(header) != HEADER_SIZE or len(payload) > MAX_PAYLOAD:
            msg = (
                f"expected salt {SALT_SIZE}, header {HEADER_SIZE}, payload <= {MAX_PAYLOAD} "
                f"bytes, got {len(salt)}, {len(header)}, {len(payload)}"
            )
            raise FormatError(msg)
        size = len(payload).to_bytes(4, "big")
        message = b"".join((salt, self._origin, header, size, payload))
        return _KEYED.digest(message)

    def verify(self, commitment: bytes, *, salt: bytes, header: bytes, payload: bytes) -> None:
        """Check that an opening belongs to a leaf.

        Raises:
            CommitmentError: it does not.
            FormatError: a part of wrong length.
        """
        require_length("commitment", commitment, COMMITMENT_SIZE)
        if not hmac.compare_digest(self.commit(salt, header, payload), commitment):
            msg = f"the opening does not belong to the commitment {commitment.hex()}"
            raise CommitmentError(msg)


def commit(origin: str, salt: bytes, header: bytes, payload: bytes) -> bytes:
    """Commit one statement; see `Committer.commit`.

    Raises:
        FormatError: a part of wrong length.
    """
    return Committer(origin).commit(salt, header, payload)


def verify_commitment(
    commitment: bytes, *, origin: str, salt: bytes, header: bytes, payload: bytes
) -> None:
    """Check that an opening belongs to a leaf of this origin.

    Args:
        commitment: bytes 44 to 75 of the leaf.
        origin: the log in which the leaf stands.
        salt: 32 bytes as delivered.
        header: bytes 0 to 43 of the leaf.
        payload: bytes as delivered, never serialised again.

    Raises:
        CommitmentError: it does not.
        FormatError: a part of wrong length.
    """
    Committer(origin).verify(commitment, salt=salt, header=header, payload=payload)
