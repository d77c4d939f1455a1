"""For what something is sealed to a member: the `info` of HPKE (SPEC §9.5).

It has the place in it, and the alliance in which the receiver stands, so that a ciphertext that was
made for one place, receiver or alliance opens nowhere else.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from crypto.strict import MAX_SIZE, length_prefixed, require_length, require_range
from federation.ids import CharterId, MemberId, Origin

LABEL: Final = b"huxin/seal/v1"
CHARTER_SIZE: Final = 32
PACKET_SIZE: Final = 16
KEY_ID_SIZE: Final = 16


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
