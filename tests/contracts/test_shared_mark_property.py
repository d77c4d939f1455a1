"""Two signers over one shared mark, in any interleaving, with lost answers and restarts.

Each has a database of its own, which may lag; only the mark is shared. Whatever happens, no two
roots are ever signed at one size, and of two sizes that were signed the larger holds the smaller.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.errors import HighWaterError
from adapters.state.mark_statements import TABLE
from adapters.state.shared_mark import SharedHighWater
from crypto.merkle import EMPTY_ROOT
from federation.errors import RefusedError
from node.log.held_mark import HeldMark
from tests.support.fresh import fresh_postgres
from tests.support.shared_marks import ORIGIN, Clock, LosingServer, parameters


def root(leaves: tuple[str, ...]) -> bytes:
    return sha256("".join(leaves).encode()).digest() if leaves else EMPTY_ROOT


@dataclass
class World:
    """What everybody may see: signatures."""

    servers: list[LosingServer]
    signed: dict[int, tuple[str, ...]] = field(default_factory=dict)
    late: list[Any] = field(default_factory=list)
    signatures: int = 0

    def sign(self, leaves: tuple[str, ...]) -> None:
        self.signatures += 1
        assert self.signed.setdefault(len(leaves), leaves) == leaves, "two roots at one size"
        for other in self.signed.values():
            shorter, longer = sorted((leaves, other), key=len)
            assert longer[: len(shorter)] == shorter, "two histories"


class Host:
    """A signer: commit, move the mark, sign; as the publisher does."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.number, self.starts = world, number, 0
        self.server = world.servers[number]
        self.leaves: tuple[str, ...] = ()
        self.start()

    def start(self) -> None:
        """Compare mark and database; a process that ends forgets all but its database."""
        self.starts += 1
        self.stopped = True
        self.server.loses = ""
        self.server._failed_at = None
        shared = SharedHighWater(
            self.server, ORIGIN, holder=f"{self.number}/{self.starts}", clock=Clock()
        )
        self.mark = HeldMark(shared)
        self.mark.read()
        assert self.mark.found is not None
        size, at = self.mark.found
        self.stopped = size > len(self.leaves) or root(self.leaves[:size]) != at

    def publish(self) -> None:
        """One statement of its own."""
        if self.stopped:
            return
        self.leaves += (f"{self.number}.{self.starts}.{len(self.leaves)} ",)
        self.sign()

    def sign(self) -> None:
        """All that the database holds."""
        if self.stopped:
            return
        self.server._failed_at = None
        try:
            self.mark.advance((len(self.leaves), root(self.leaves)))
        except RefusedError:
            self.stopped = True
        except HighWaterError:
            pass
        else:
            self.world.sign(self.leaves)

    def head(self) -> None:
        """A head line over what was signed."""
        if self.stopped:
            return
        self.server._failed_at = None
        try:
            self.mark.hold()
        except RefusedError:
            self.stopped = True
        except HighWaterError:
            pass
        else:
            assert self.mark.found is not None
            size = self.mark.found[0]
            self.world.sign(self.leaves[:size])
            assert size >= max(self.world.signed), "a head line takes back what was signed"

    def comes(self) -> None:
        """A statement that was sent long ago is done only now."""
        self.server._failed_at = None
        self.server.late()

    def refill(self) -> None:
        """From members, who hold what was signed; then it starts anew."""
        if self.world.signed:
            held = self.world.signed[max(self.world.signed)]
            if held[: len(self.leaves)] == self.leaves or self.stopped:
                self.leaves = held
        self.start()


STEPS = (
    "publish",
    "publish",
    "sign",
    "head",
    "start",
    "refill",
    "comes",
    "unsent",
    "done",
    "later",
)


@pytest.fixture(scope="module")
def servers(postgres_url: str) -> Iterator[list[LosingServer]]:
    with fresh_postgres(postgres_url) as url:
        yield [LosingServer(parameters(url), apart_from="", clock=Clock()) for _ in range(2)]


@settings(max_examples=30, deadline=None)
@given(
    script=st.lists(st.tuples(st.integers(0, 1), st.sampled_from(STEPS)), min_size=4, max_size=24)
)
def test_two_signers_never_sign_two_roots_at_one_size(
    servers: list[LosingServer], script: list[tuple[int, str]]
) -> None:
    for server in servers:
        server.loses, server._failed_at = "", None
        vars(server).pop("late", None)
    servers[0].ask(TABLE)
    servers[0].ask("DELETE FROM huxin_mark")
    SharedHighWater(servers[0], ORIGIN, holder="made", clock=Clock()).create_empty()
    world = World(servers)
    hosts = [Host(world, number) for number in range(2)]
    for number, step in script:
        host = hosts[number]
        if step in ("unsent", "done", "later"):
            host.server.loses = step
        else:
            getattr(host, step)()
    for host in hosts:  # with a new database, filled by members, each may go on
        host.server.loses, host.leaves = "", ()
        host.refill()
        host.publish()
        assert not host.stopped
