"""What is sealed for a carrier, as values and as messages (SPEC.md §9.5)."""

from __future__ import annotations

from typing import Final

from huxin.v1 import exchange_pb2 as pb

from crypto.hpke import MAX_SUITE
from federation.errors import ReplicationError
from federation.ids import CharterId, Origin
from federation.peers.sealing import (
    CHARTER_SIZE,
    KEY_ID_SIZE,
    MAX_SEALED_KEY,
    KeyCopy,
    SealedOpening,
    ToAudience,
    ToMember,
    sealed_opening,
)

MAX_ORIGIN: Final = 200
"""Characters of an origin, as in exchange.proto."""


def sealed_to_proto(sealed: SealedOpening) -> pb.SealedOpening:
    """Sealed opening to its message."""
    message = pb.SealedOpening(wrapped_key=sealed.wrapped_key, ciphertext=sealed.ciphertext)
    match sealed.to:
        case ToAudience():
            message.audience_key_id = sealed.to.key_id
        case ToMember():
            message.recipient_key_id = sealed.to.key_id
            message.charter = sealed.to.charter
            message.suite = sealed.to.suite
    return message


def sealed_from_proto(message: pb.SealedOpening) -> SealedOpening | None:
    """Sealed opening from its message; None where it is of no form known here: pending."""
    to: ToAudience | ToMember
    if message.audience_key_id:
        if message.recipient_key_id or message.charter or message.suite:
            return None
        to = ToAudience(key_id=message.audience_key_id)
    else:
        to = ToMember(
            charter=CharterId(message.charter),
            suite=message.suite,
            key_id=message.recipient_key_id,
        )
    return sealed_opening(to, message.wrapped_key, message.ciphertext)


def key_copy_to_proto(copy: KeyCopy) -> pb.KeyCopy:
    """Copy of an audience key to its message."""
    return pb.KeyCopy(
        origin=copy.origin,
        key_id=copy.key_id,
        charter=copy.charter,
        suite=copy.suite,
        recipient_key_id=copy.recipient_key_id,
        sealed=copy.sealed,
    )


def key_copy_from_proto(message: pb.KeyCopy) -> KeyCopy:
    """Copy of an audience key from its message.

    Raises:
        ReplicationError: `frame.invalid`, beyond the bounds in exchange.proto.
    """
    ids = [len(message.key_id), len(message.charter), len(message.recipient_key_id)]
    if (
        not 0 < len(message.origin) <= MAX_ORIGIN
        or ids != [KEY_ID_SIZE, CHARTER_SIZE, KEY_ID_SIZE]
        or not 0 < message.suite <= MAX_SUITE
        or not 0 < len(message.sealed) <= MAX_SEALED_KEY
    ):
        text = (
            f"key copy: expected an origin of 1-{MAX_ORIGIN} characters, ids of {KEY_ID_SIZE} and "
            f"{CHARTER_SIZE} bytes, a suite of 1-{MAX_SUITE} and a key of 1-{MAX_SEALED_KEY} bytes"
        )
        raise ReplicationError("frame.invalid", text)
    return KeyCopy(
        origin=Origin(message.origin),
        key_id=message.key_id,
        charter=CharterId(message.charter),
        suite=message.suite,
        recipient_key_id=message.recipient_key_id,
        sealed=message.sealed,
    )
