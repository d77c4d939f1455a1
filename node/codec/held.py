"""Charter versions that a caller of GetNode holds (SPEC.md §9.2), as values and as messages."""

from __future__ import annotations

from typing import Final

from huxin.v1 import exchange_pb2 as pb

from federation.charters.chain import HeldVersion
from federation.ids import CharterId

MAX_HELD: Final = 64
"""Charters in one request, as in exchange.proto; of further ones all versions come."""


def held_to_proto(held: HeldVersion) -> pb.CharterHeld:
    """A version held to its message."""
    return pb.CharterHeld(charter=held.charter, version=held.version, digest=held.digest)


def held_from_proto(message: pb.CharterHeld) -> HeldVersion:
    """A version held from its message, whose bounds were checked."""
    return HeldVersion(
        charter=CharterId(message.charter), version=message.version, digest=message.digest
    )
