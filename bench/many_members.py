"""A node whose charter names many members, each with a log of one listing that the node holds.

The members never run: their logs are signed here, with the keys of directories made like any
node's, and delivered to the node as a peer would.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time

from bench import federations, lists
from federation.charters.verification import PURPOSES
from federation.ids import MemberId
from federation.payloads import Audience, Listing
from federation.peers.replication import DeliveredBatch
from federation.statements import Kind
from node.directory.keys import load_signer
from node.system.clock import SystemClock
from tests.support.federation_dirs import WiredNode
from tests.support.liar import HostileLog

FIRST = 600_000
"""Region of the first member; codes that begin so are not given to anybody."""
NOBODY = "127.9.{}.{}:9"
"""Where nobody answers, of each member."""

TOGETHER = 150
"""Members in one alliance: a charter has at most 256 signatures."""


@dataclass(slots=True, kw_only=True)
class Many:
    """A node's directory, the logs of the members, and listings that nobody has said yet."""

    directory: Path
    logs: list[HostileLog]
    audience: Audience
    listings: Iterator[Listing]

    @contextmanager
    def wired(self) -> Iterator[WiredNode]:
        """The node, without network and schedule."""
        node = WiredNode(self.directory)
        try:
            yield node
        finally:
            node.close()


def found(directory: Path, members: int, database: str, listings: Sequence[Listing]) -> Many:
    """Make a node that holds the logs of so many members, on a database.

    Args:
        directory: new or empty.
        members: how many others there are.
        database: URL.
        listings: of different records, at least one for each member.
    """
    directory.mkdir()
    regions = [str(FIRST + number) for number in range(members)]
    node = federations.new_member(directory, federations.REGION, "")
    others = [
        federations.new_member(directory, region, NOBODY.format(*divmod(number, 256)), lists=True)
        for number, region in enumerate(regions)
    ]
    alliances = [
        federations.ally(
            directory, (node, *others[begin : begin + TOGETHER]), begin, only=federations.REGION
        )
        for begin in range(0, members, TOGETHER)
    ]
    federations.use_database(directory / federations.REGION, database)
    audience = Audience(charters=tuple(alliances), purposes=tuple(PURPOSES))
    logs = [_log(directory, region) for region in regions]
    rest = iter([lists.short(replace(one, audience=audience)) for one in listings])
    made = Many(
        directory=directory / federations.REGION, logs=logs, audience=audience, listings=rest
    )
    with made.wired() as wired:
        for log in logs:
            deliver(wired, log, [said(log, next(rest))])
        for job in ("reconcile", "receipt", "outbox"):  # so that nothing is left to be done
            wired.job(job)
    return made


def said(log: HostileLog, listing: Listing) -> DeliveredBatch:
    """Let a member say a listing; the batch that brings it."""
    log.say(Kind.LISTING, listing, issued_at=SystemClock().now())
    return log.batch(log.size - 1)


def deliver(node: WiredNode, log: HostileLog, batches: Sequence[DeliveredBatch]) -> float:
    """Let the node take batches of a member; the processor seconds of that."""
    session = node.exchange.open_session(MemberId(log.member))
    session.subscribed.add(log.origin)
    began = process_time()
    for batch in batches:
        node.handle(session, batch)
    spent = process_time() - began
    node.exchange.close_session(session)
    return spent


def _log(directory: Path, region: str) -> HostileLog:
    log = HostileLog(region)
    log.signer = load_signer(directory / region / "keys" / "log.key")
    return log
