"""Members that say what is not theirs to say: no effect, and the rule says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.charter import Entitlements, Role
from federation.charter_chain import advance
from federation.frames import Cursor, Subscribe
from federation.ids import Date, StatementId
from federation.payloads import Correction, Relisting, RelistingGround
from federation.replication import DeliveredBatch
from federation.rows import OpeningStatus, State
from federation.statements import ALL_KINDS_OF_TEST, AnnotationAction, Kind
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented, row, rows, stored_leaves
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing, relief_payload

Federate = Callable[..., Federation]
HUB = "510000"
OTHER_AUTHORITY = "11510300MB0000002B"
RIGHT = build.LIST_RIGHTS[0]


def members(liar: Entitlements) -> list[object]:
    """The usual four; the liar may say what is given."""
    return [
        build.make_member("510300", entitlements=liar),
        build.make_member("510500"),
        build.make_member("511500"),
        build.make_member(HUB, roles=(Role.HUB, Role.WITNESS)),
    ]


@pytest.fixture
def bounded(federate: Federate) -> SimNode:
    """A node with an alliance in which the liar may say every kind, for its own authority only."""
    own = Entitlements(
        kinds=build.ALL_KINDS, lists=(replace(RIGHT, authorities=(OTHER_AUTHORITY,)),)
    )
    return federate("510500", members=members(own))["510500"]


def own_listing(node: SimNode, number: int) -> object:
    return listing(number, audience=node.audience(), authority=OTHER_AUTHORITY)
