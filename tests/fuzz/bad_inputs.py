"""Bad inputs through the real intake and the real exchange: nothing of them may be stored.

`python -m tests.fuzz.bad_inputs SEED COUNT`, by `make soak NAME=bad-inputs`; the last line is JSON,
as `soak.kinds.Module` reads it. An input counts as bad only if it is: a batch whose origin, place,
leaves, checkpoint or path differ from the true ones, a list no row of which has a code.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import structlog
from google.protobuf.message import DecodeError
from huxin.v1 import exchange_pb2 as pb

from adapters.files.errors import FileAdapterError
from adapters.files.listings import FeedContext, ListingRow, read_listings
from adapters.files.mapping import find_mapping
from federation.errors import FederationError, ReplicationError
from federation.ids import Date
from federation.peers.replication import DeliveredBatch
from node.codec.frames import frame_from_request, frame_to_request
from node.peers.exchange import Exchange
from tests.fuzz.mutating import mutate
from tests.support import charters as build
from tests.support.liar import LIAR, HostileLog, Stream, invented, stored_leaves
from tests.support.payload_examples import AUDIENCE
from tests.support.simulation import Federation, SimNode

ME = "510500"
LIST = "market-severe-violation"
HEADER = "entName,uniscid,serILLRea_CN,abntime,decOrg_CN,dedocnum\r\n"
ROWS = "".join(
    f"虚构企业{n}（演示）,12345,虚构,2026-01-05,泸州市监局（演示）,川市监〔2026〕{n}号\r\n"
    for n in range(5)
)
FILES_IN = 10
"""One of so many inputs is a file."""


def victim(directory: Path) -> SimNode:
    """A real node that follows the liar's log."""
    chain = build.make_chain([build.make_member(ME), build.make_member(LIAR)])
    return Federation(directory, [ME], [chain])[ME]


def essence(batch: DeliveredBatch) -> tuple[object, ...]:
    """What of a batch is proved by its checkpoint."""
    return batch.origin, batch.first_index, batch.leaves, batch.checkpoint, batch.path


def bent(chosen: random.Random, true: DeliveredBatch, parts: Sequence[bytes]) -> DeliveredBatch:
    """One part of a batch changed: checkpoint, leaf, place, order, path."""
    match chosen.randrange(6):
        case 0 | 1:
            return replace(true, checkpoint=mutate(chosen, true.checkpoint, parts))
        case 2 | 3:
            leaves = list(true.leaves)
            at = chosen.randrange(len(leaves))
            leaves[at] = mutate(chosen, leaves[at], parts)
            return replace(true, leaves=tuple(leaves))
        case 4:
            count = chosen.randrange(5)
            picked = [chosen.randrange(len(true.leaves)) for _ in range(count)]
            return replace(
                true,
                first_index=chosen.choice((0, 0, 1, len(true.leaves), 2**63 - 1)),
                leaves=tuple(true.leaves[i] for i in picked),
                openings=tuple(true.openings[i] for i in picked),
            )
        case _:
            hashes = chosen.randrange(1, 66)
            return replace(true, path=tuple(chosen.randbytes(32) for _ in range(hashes)))


def bad_batches(chosen: random.Random, true: DeliveredBatch) -> Iterator[DeliveredBatch | None]:
    """Mutations of a true batch as its bytes come; None where they are no frame.

    One in four is of the bytes as they travel, the others of a part, which is then put together.
    """
    message = frame_to_request(true).SerializeToString()
    parts = (message, true.checkpoint, *true.leaves)
    while True:
        sent = (
            frame_to_request(bent(chosen, true, parts)).SerializeToString()
            if chosen.randrange(4)
            else mutate(chosen, message, parts)
        )
        try:
            frame = frame_from_request(pb.FollowRequest.FromString(sent))
        except (DecodeError, FederationError):
            yield None
            continue
        if isinstance(frame, DeliveredBatch) and essence(frame) != essence(true):
            yield frame


def refused(exchange: Exchange, stream: Stream, batch: DeliveredBatch) -> bool:
    """Whether the node took nothing of a batch; by its own way through both steps."""
    with suppress(ReplicationError):
        exchange.handle(stream.session, exchange.prepare(stream.session, batch))
    return stored_leaves(stream.node) == []


def rows_of(data: bytes, directory: Path) -> int:
    """Rows of a list file that would be published."""
    path = directory / "list.csv"
    path.write_bytes(data)
    context = FeedContext(
        audience=AUDIENCE,
        department="market",
        batch=path.name,
        authorities={"泸州市监局（演示）": "11510500ZZ0000003X"},
        today=Date(20261121),
        term_months=lambda _: 36,
    )
    try:
        reader = read_listings(path, find_mapping(LIST), context)
        return sum(isinstance(item, ListingRow) for item in reader)
    except FileAdapterError:
        return 0


def sweep(seed: int, count: int, directory: Path) -> dict[str, int]:
    """Give so many bad inputs to a node.

    Raises:
        AssertionError: something of one was stored.
    """
    chosen = random.Random(seed)
    node = victim(directory)
    log = HostileLog()
    for number in range(3):
        log.list_(invented(node, number))
    stream = Stream(node)
    true = log.batch()
    batches = bad_batches(chosen, true)
    table = (HEADER + ROWS).encode(chosen.choice(("utf-8", "gb18030")))
    counts = {"batches": 0, "no_frames": 0, "files": 0}
    for number in range(count):
        if number % FILES_IN == 0:
            data = mutate(chosen, table, (table, true.checkpoint))
            assert rows_of(data, directory) == 0, f"a row of {data!r}"
            counts["files"] += 1
        elif (batch := next(batches)) is None:
            counts["no_frames"] += 1
        else:
            assert refused(node.exchange, stream, batch), f"a leaf of {batch}"
            counts["batches"] += 1
    assert set(node.sizes()) == set(), "rows are stored"
    assert node.exchange.forked() == frozenset(), "a false accusation"
    assert stream.send(true) == "", "the true batch is refused afterwards"
    assert stored_leaves(node) == log.leaves
    node.store.close()
    return counts


def main() -> None:
    """Run one seed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    seed, count = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory() as directory:
        counts = sweep(seed, count, Path(directory))
    sys.stdout.write(json.dumps({"seeds": 1, "failed_seeds": [], "inputs": count, **counts}))


if __name__ == "__main__":
    main()
