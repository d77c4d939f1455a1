"""What is sealed for a carrier that may not read it, and for what place (SPEC §9.5).

The `info` of HPKE has the place in it, and the alliance in which the receiver stands, so that a
ciphertext that was made for one place, receiver or alliance opens nowhere else.

A copy of an audience key is anybody's word: HPKE does not say who sealed. It is believed by the
leaf of its origin that announces the key's id, in this order:

    key-copy.suite        a suite that is not known here
    key-copy.key          sealed to a key that is not ours
    key-copy.unannounced  no AUDIENCE KEY leaf in force announces the id, or not at this time
    key-copy.audience     the leaf's audience does not name the alliance, or us in it
    key-copy.sealed       it does not open for its place, to a key
    key-copy.mismatch     what opens has another id
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Final

from crypto.errors import SealError
from crypto.hpke import HPKE_OVERHEAD, SEALING_SUITES, X25519_SUITE, unseal_with
from crypto.strict import MAX_SIZE, length_prefixed, require_length, require_range
from crypto.vault import KEY_SIZE, SEAL_OVERHEAD, opening_aad, unseal
from federation.errors import ReplicationError
from federation.ids import CharterId, MemberId, Origin, Timestamp
from federation.payloads import AudienceKey
from federation.statements import MAX_PAYLOAD, SALT_SIZE

LABEL: Final = b"huxin/seal/v1"
CHARTER_SIZE: Final = 32
PACKET_SIZE: Final = 16
KEY_ID_SIZE: Final = 16

WRAPPED_TO_AUDIENCE: Final = KEY_SIZE + SEAL_OVERHEAD
"""Bytes of an opening key under an audience key."""
WRAPPED_TO_MEMBER: Final = {X25519_SUITE: KEY_SIZE + HPKE_OVERHEAD}
"""Bytes of an opening key, or an audience key, sealed to a member, by suite."""
MIN_CIPHERTEXT: Final = SEAL_OVERHEAD + SALT_SIZE
MAX_CIPHERTEXT: Final = MIN_CIPHERTEXT + MAX_PAYLOAD
MAX_SEALED_KEY: Final = 8192
"""Bytes of a sealed copy of a key, in any suite to come."""

_KEY_LABEL: Final = b"huxin/audience-key/v1"


class Use(IntEnum):
    """What is sealed."""

    OPENING = 1
    PACKET = 2
    AUDIENCE_KEY = 3


def opening_info(charter: CharterId, origin: Origin, index: int, receiver: MemberId) -> bytes:
    """Info of the key of one opening.

    Args:
        charter: the alliance in which the receiver's key was taken.
        origin: the log.
        index: of the leaf.
        receiver: the member's id in that alliance.

    Raises:
        FormatError: an argument is out of its bounds.
    """
    require_range("index", index, 0, MAX_SIZE)
    place = length_prefixed(origin.encode()) + index.to_bytes(8, "big")
    return _begin(Use.OPENING, charter) + place + length_prefixed(receiver.encode())


def packet_info(
    charter: CharterId, sender: Origin, receiver: Origin, packet: bytes, part: int
) -> bytes:
    """Info of the body of a part of a packet.

    Args:
        charter: the alliance in which the receiver's key was taken.
        sender: its current log.
        receiver: its current log.
        packet: 16 random bytes, as in the header.
        part: from 1 on, 4 bytes.

    Raises:
        FormatError: an argument is out of its bounds.
    """
    require_length("packet", packet, PACKET_SIZE)
    require_range("part", part, 1, 2**32 - 1)
    names = length_prefixed(sender.encode()) + length_prefixed(receiver.encode())
    return _begin(Use.PACKET, charter) + names + packet + part.to_bytes(4, "big")


def key_copy_info(charter: CharterId, origin: Origin, key_id: bytes, receiver: MemberId) -> bytes:
    """Info of a copy of an audience key.

    Args:
        charter: the alliance in which the receiver's key was taken.
        origin: the log that announces the key.
        key_id: of the audience key, 16 bytes.
        receiver: the member's id in that alliance.

    Raises:
        FormatError: an argument is out of its bounds.
    """
    require_length("audience key id", key_id, KEY_ID_SIZE)
    place = length_prefixed(origin.encode()) + key_id
    return _begin(Use.AUDIENCE_KEY, charter) + place + length_prefixed(receiver.encode())


def _begin(use: Use, charter: CharterId) -> bytes:
    require_length("charter", charter, CHARTER_SIZE)
    return LABEL + bytes([use]) + charter


@dataclass(frozen=True, slots=True, kw_only=True)
class ToAudience:
    """The opening key is wrapped with an audience key, 16 bytes of id."""

    key_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ToMember:
    """The opening key is sealed to a sealing key of a member of an alliance."""

    charter: CharterId
    suite: int
    key_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedOpening:
    """An opening in its sealed form; of the lengths of the specification, nothing else checked."""

    to: ToAudience | ToMember
    wrapped_key: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCopy:
    """An audience key sealed to one member, as delivered: nothing of it is believed yet.

    Attributes:
        origin: the log that announces the key.
        key_id: of the audience key, 16 bytes.
        charter: the alliance in which the receiver's key was taken.
        suite: of the receiver's key.
        recipient_key_id: of the receiver's key, 16 bytes.
        sealed: `enc ‖ ct`.
    """

    origin: Origin
    key_id: bytes
    charter: CharterId
    suite: int
    recipient_key_id: bytes
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """With what a node opens what is sealed to it.

    Attributes:
        members: its member id in each of its alliances.
        nodes: its names, by the origins of its chain.
        secrets: its sealing secrets of suite 1, by key id.
        audience_keys: those that it has, by key id.
    """

    members: Mapping[CharterId, MemberId]
    nodes: frozenset[str]
    secrets: Mapping[bytes, bytes] = field(repr=False)
    audience_keys: Mapping[bytes, bytes] = field(repr=False)


def audience_key_id(key: bytes) -> bytes:
    """Name an audience key of 32 bytes: `SHA-256("huxin/audience-key/v1" ‖ key)[0:16]`."""
    return sha256(_KEY_LABEL + key).digest()[:KEY_ID_SIZE]


def sealed_opening(
    to: ToAudience | ToMember, wrapped_key: bytes, ciphertext: bytes
) -> SealedOpening | None:
    """Check the form of a sealed opening; None for one that counts as pending."""
    if isinstance(to, ToAudience):
        ids, wrapped = [len(to.key_id)], WRAPPED_TO_AUDIENCE
        expected = [KEY_ID_SIZE]
    else:
        ids, wrapped = [len(to.charter), len(to.key_id)], WRAPPED_TO_MEMBER.get(to.suite, -1)
        expected = [CHARTER_SIZE, KEY_ID_SIZE]
    fits = ids == expected and len(wrapped_key) == wrapped
    if not fits or not MIN_CIPHERTEXT <= len(ciphertext) <= MAX_CIPHERTEXT:
        return None
    return SealedOpening(to=to, wrapped_key=wrapped_key, ciphertext=ciphertext)


def unseal_opening(
    sealed: SealedOpening, origin: Origin, index: int, reader: Reader
) -> tuple[bytes, bytes]:
    """Open the sealed form of an opening.

    Returns:
        Salt and payload, not yet compared with the leaf: one that does not fit counts as pending.

    Raises:
        SealError: not for this reader or place, or changed; it counts as pending, and nobody is
            blamed, because a carrier cannot tell.
    """
    aad = opening_aad(origin, index)
    to = sealed.to
    if isinstance(to, ToAudience):
        key = unseal(_held(reader.audience_keys, to.key_id), sealed.wrapped_key, aad)
    else:
        member = reader.members.get(to.charter)
        if member is None:
            message = f"sealed for the alliance {to.charter.hex()}, in which we are not"
            raise SealError(message)
        secret = _held(reader.secrets, to.key_id)
        info = opening_info(to.charter, origin, index, member)
        key = unseal_with(to.suite, secret, info, sealed.wrapped_key)
    opening = unseal(key, sealed.ciphertext, aad)
    return opening[:SALT_SIZE], opening[SALT_SIZE:]


def open_key_copy(
    copy: KeyCopy, announced: Iterable[AudienceKey], reader: Reader, now: Timestamp
) -> bytes:
    """Open a copy of an audience key, and tell whether it is to be believed.

    Args:
        copy: as delivered, by whomever.
        announced: AUDIENCE KEY statements of the log `copy.origin` that are opened and in force.
        reader: who opens it.
        now: seconds UTC.

    Returns:
        The audience key, 32 bytes.

    Raises:
        ReplicationError: `key-copy.…`, the first rule that does not hold; the copy changes nothing,
            and whoever delivered it is not blamed, since a carrier cannot tell.
    """
    if copy.suite not in SEALING_SUITES:
        raise _doubt("key-copy.suite", copy, f"a known suite, got {copy.suite}")
    secret = reader.secrets.get(copy.recipient_key_id)
    if secret is None:
        raise _doubt("key-copy.key", copy, f"a key of ours, got {copy.recipient_key_id.hex()}")
    leaves = [leaf for leaf in announced if leaf.key_id == copy.key_id and _lasts(leaf, now)]
    if not leaves:
        raise _doubt("key-copy.unannounced", copy, "a leaf in force that announces it, got none")
    member = reader.members.get(copy.charter)
    if member is None or not any(_is_for(leaf, copy.charter, reader) for leaf in leaves):
        raise _doubt("key-copy.audience", copy, f"an audience with us in {copy.charter.hex()}")
    info = key_copy_info(copy.charter, copy.origin, copy.key_id, member)
    try:
        key = unseal_with(copy.suite, secret, info, copy.sealed)
    except SealError as error:
        raise _doubt("key-copy.sealed", copy, "what opens for its place") from error
    if len(key) != KEY_SIZE:
        raise _doubt("key-copy.sealed", copy, f"{KEY_SIZE} bytes, got {len(key)}")
    if audience_key_id(key) != copy.key_id:
        raise _doubt("key-copy.mismatch", copy, f"its own id, got {audience_key_id(key).hex()}")
    return key


def _lasts(leaf: AudienceKey, now: Timestamp) -> bool:
    return leaf.not_before <= now and (leaf.not_after == 0 or now <= leaf.not_after)


def _is_for(leaf: AudienceKey, charter: CharterId, reader: Reader) -> bool:
    members = leaf.audience.members
    named = not members or not reader.nodes.isdisjoint(members)
    return charter in leaf.audience.charters and named


def _held(keys: Mapping[bytes, bytes], key_id: bytes) -> bytes:
    key = keys.get(key_id)
    if key is None:
        message = f"sealed to the key {key_id.hex()}, which is not held"
        raise SealError(message)
    return key


def _doubt(code: str, copy: KeyCopy, expected: str) -> ReplicationError:
    message = f"copy of the audience key {copy.key_id.hex()} of {copy.origin}: expected {expected}"
    return ReplicationError(code, message)
