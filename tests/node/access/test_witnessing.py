"""Query logs are cosigned by other members, and contradict nobody (QL5, QL4).

Covers node/access/witnessing.py, node/access/cosigned.py, node/network/query_witnesses.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata
from huxin.v1 import exchange_pb2 as pb
from sqlalchemy import LargeBinary, Text, insert

from adapters.sql.query_logs import last_query_note
from adapters.sql.query_schema import checks
from adapters.sql.query_store import QueryStore, open_query_store
from adapters.state.highwater import FileHighWater
from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import verify_cosignatures
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.notes import parse_note
from federation.errors import RefusedError
from federation.ids import MemberId, Origin, Timestamp
from federation.peers.witness import AddCheckpoint, WitnessError, format_request
from federation.screening.query_log import EntryKind
from node.access.cosigned import CosignedQueries
from node.access.query_keys import QueryKeys
from node.access.query_log import Entry, QueryLog
from node.access.query_writer import QueryWriter
from node.access.sequencing import Sequencer
from node.access.witnessing import QueryWitness, is_query_log
from node.network.errors import DETAILS_KEY, status_of
from node.network.query_witnesses import QueryWitnesses
from node.system.entropy import token
from node.system.failpoints import Failpoints

NOW = 1_795_000_000
ORIGIN = Origin("queries.a.example/1")
SIGNER = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"q" * 32)
B = MemberId("511500")
WITNESS = Signer(name="b.example/witness", type=KeyType.COSIGNATURE, seed=b"w" * 32)


@dataclass
class Charters:
    """As `TrustView`, of two members."""

    named: bool = True
    peers: dict[str, Any] = field(default_factory=lambda: {B: None})

    def query_log_key(self, origin: Origin) -> VerifierKey | None:
        return SIGNER.verifier if self.named and origin == ORIGIN else None

    def names_query_log(self, key: VerifierKey) -> bool:
        return self.named and key == SIGNER.verifier

    def cosigner_keys(self) -> list[VerifierKey]:
        return [WITNESS.verifier]

    def owner_of_key(self, key: VerifierKey) -> MemberId | None:
        return B if key == WITNESS.verifier else None


@dataclass
class World:
    store: QueryStore
    writer: QueryWriter
    log: QueryLog
    sequencer: Sequencer
    ours: CosignedQueries
    theirs: QueryWitness
    charters: Charters
    moment: list[float]

    def ask(self, count: int = 1) -> bytes:
        for _ in range(count):
            entry = Entry(
                kind=EntryKind.QUESTION,
                asker="c1",
                department="d",
                action="check",
                at=Timestamp(NOW),
            )
            self.writer.submit(partial(self.log.record, entry=entry)).result()
        self.sequencer.run()
        self.moment[0] += 3601
        return self.ours.due()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store, other = (open_query_store("sqlite:///:memory:") for _ in range(2))
    writer, theirs = QueryWriter(store), QueryWriter(other)
    mark = FileHighWater(tmp_path / "mark", ORIGIN)
    mark.create_empty()
    sequencer = Sequencer(
        origin=ORIGIN,
        signer=SIGNER,
        store=store,
        writer=writer,
        high_water=mark,
        failpoints=Failpoints(),
    )
    sequencer.start()
    keys = QueryKeys(tmp_path / "queries", now=lambda: Timestamp(NOW), token=token)
    charters, moment = Charters(), [0.0]
    trust: Any = lambda: charters  # noqa: E731 - one value for both nodes
    yield World(
        store=store,
        writer=writer,
        log=QueryLog(
            origin=ORIGIN, signer=SIGNER, keys=keys, token=token, recorded=sequencer.recorded
        ),
        sequencer=sequencer,
        ours=CosignedQueries(
            store=store,
            writer=writer,
            sequencer=sequencer,
            key=SIGNER.verifier,
            trust=trust,
            now=lambda: Timestamp(NOW + int(moment[0])),
        ),
        theirs=QueryWitness(
            store=other,
            writer=theirs,
            trust=trust,
            signer=WITNESS,
            now=lambda: Timestamp(NOW),
            monotonic=lambda: moment[0],
        ),
        charters=charters,
        moment=moment,
    )
    writer.close()
    theirs.close()
    store.close()
    other.close()


class Stub:
    """A member's AddCheckpoint, or what it fails with."""

    def __init__(self, world: World, failure: WitnessError | None = None) -> None:
        self.world, self.failure, self.calls = world, failure, 0

    async def AddCheckpoint(  # noqa: N802 - the name in the .proto file
        self,
        request: pb.AddCheckpointRequest,
        timeout: float,  # noqa: ASYNC109 - as the generated stub has it
    ) -> pb.AddCheckpointResponse:
        assert timeout
        self.calls += 1
        try:
            if self.failure is not None:
                raise self.failure
            lines = await asyncio.to_thread(self.world.theirs.add_checkpoint, request.body)
        except WitnessError as error:
            raise failed(error) from error
        return pb.AddCheckpointResponse(cosignatures=lines)


def failed(error: WitnessError) -> AioRpcError:
    """As the other side's service sends it."""
    status = status_of(error)
    trailing = Metadata((DETAILS_KEY, status.SerializeToString()))
    code = next(one for one in grpc.StatusCode if one.value[0] == status.code)
    return AioRpcError(code, Metadata(), trailing, details=status.message)


def cosigned(world: World) -> tuple[int, int]:
    """Size of the newest checkpoint that is kept with lines, and how many lines are good."""
    with world.store.read() as reads:
        last = last_query_note(reads, 1)
    if last is None:
        return 0, 0
    return last[0], len(verify_cosignatures(parse_note(last[2]), [WITNESS.verifier]))


def test_a_checkpoint_is_cosigned_each_hour_and_goes_on(world: World) -> None:
    world.sequencer.run()
    assert world.sequencer.note
    assert world.ours.due() == b""  # nothing was asked
    note = world.ask(3)
    assert is_query_log(world.ours.request(B, note))
    line = world.theirs.add_checkpoint(world.ours.request(B, note))
    assert world.ours.take(note, {B: line}) == 1
    assert cosigned(world) == (3, 1)
    assert world.ours.due() == b""  # an hour has not passed
    later = world.ask(300)
    line = world.theirs.add_checkpoint(world.ours.request(B, later))
    assert world.ours.take(later, {B: line}) == 1
    assert cosigned(world) == (303, 1)
    assert world.ours.report()["problem"] is None


def test_who_does_not_know_what_was_cosigned_is_told(world: World) -> None:
    note = world.ask(3)
    world.ours.take(note, {B: world.theirs.add_checkpoint(world.ours.request(B, note))})
    world.ours._sizes.clear()  # as after a start
    later = world.ask(2)
    with pytest.raises(WitnessError) as caught:
        world.theirs.add_checkpoint(world.ours.request(B, later))
    assert (caught.value.status, caught.value.size) == (409, 3)
    assert world.ours.differs(B, later, 3)
    assert not world.ours.differs(B, later, 3)  # once
    assert world.theirs.add_checkpoint(world.ours.request(B, later))


def test_a_second_history_is_not_cosigned(world: World) -> None:
    note = world.ask(3)
    world.theirs.add_checkpoint(world.ours.request(B, note))
    world.moment[0] += 100
    forged = sign_checkpoint(Checkpoint(origin=ORIGIN, size=3, root=b"x" * 32), SIGNER).to_bytes()
    body = format_request(AddCheckpoint(old_size=3, proof=(), checkpoint=forged))
    with pytest.raises(WitnessError) as caught:
        world.theirs.add_checkpoint(body)
    assert caught.value.status == 422
    smaller = sign_checkpoint(Checkpoint(origin=ORIGIN, size=2, root=b"x" * 32), SIGNER)
    body = format_request(AddCheckpoint(old_size=0, proof=(), checkpoint=smaller.to_bytes()))
    with pytest.raises(WitnessError) as caught:
        world.theirs.add_checkpoint(body)
    assert (caught.value.status, caught.value.size) == (409, 3)


def test_only_a_log_that_a_charter_names_and_not_too_often(world: World) -> None:
    note = world.ask(1)
    body = world.ours.request(B, note)
    world.charters.named = False
    assert world.ours.due() == b""
    with pytest.raises(WitnessError) as caught:
        world.theirs.add_checkpoint(body)
    assert caught.value.status == 404
    assert world.ours.report()["problem"] is None  # no department asks here
    with world.store.write() as writes:
        empty: dict[type, object] = {Text: "", LargeBinary: b""}
        row = {column.name: empty.get(type(column.type), 0) for column in checks.c}
        writes.connection.execute(insert(checks), row)
    problem = world.ours.report()["problem"]
    assert problem["code"] == "queries.unwitnessed"
    world.charters.named = True
    assert world.ours.report()["problem"]["code"] == "queries.unwitnessed"  # since 1970
    world.theirs.add_checkpoint(body)
    again = format_request(AddCheckpoint(old_size=1, proof=(), checkpoint=note))
    with pytest.raises(RefusedError) as often:
        world.theirs.add_checkpoint(again)
    assert often.value.code == "queries.often"


def test_who_began_to_answer_just_now_is_not_unwitnessed_yet(world: World) -> None:
    world.ask(1)
    with world.store.write() as writes:
        empty: dict[type, object] = {Text: "", LargeBinary: b""}
        row = {column.name: empty.get(type(column.type), 0) for column in checks.c}
        writes.connection.execute(insert(checks), row | {"at": NOW + int(world.moment[0])})
    assert world.ours.report()["problem"] is None
    world.moment[0] += 3 * 3600 + 1
    assert world.ours.report()["problem"]["code"] == "queries.unwitnessed"


def test_a_size_claimed_by_one_stops_nothing_by_two_all(world: World) -> None:
    note = world.ask(2)
    assert not world.ours.differs(B, note, 9)
    world.sequencer.check()
    assert world.ours.report()["problem"]["code"] == "queries.witness-ahead"
    assert not world.ours.differs(MemberId("510300"), note, 8)
    with pytest.raises(RefusedError):
        world.sequencer.check()
    assert world.ours.report()["problem"]["code"] == "queries.behind"


def test_lines_that_are_not_the_member_s_are_not_kept(world: World) -> None:
    note = world.ask(2)
    line = world.theirs.add_checkpoint(world.ours.request(B, note))
    answers = {B: b"\xff", MemberId("c"): line, MemberId("d"): b"x\n"}
    assert world.ours.take(note, answers) == 0
    assert cosigned(world) == (0, 0)


@pytest.mark.parametrize(
    ("known", "failure", "calls", "kept"),
    [
        (True, None, 1, (4, 1)),
        (False, None, 2, (4, 1)),  # told what it cosigned last, and asked again
        (True, WitnessError(404, "no such log"), 1, (2, 1)),
        (False, WitnessError(409, "more", size=99), 1, (2, 1)),
    ],
)
async def test_the_job_asks_who_can_be_asked(
    world: World, *, known: bool, failure: WitnessError | None, calls: int, kept: tuple[int, int]
) -> None:
    note = world.ask(2)
    world.ours.take(note, {B: world.theirs.add_checkpoint(world.ours.request(B, note))})
    assert world.ask(2)
    if not known:
        world.ours._sizes.clear()
    stub = Stub(world, failure)
    live: Any = SimpleNamespace(contact=SimpleNamespace(peer=B), stub=stub)
    with ThreadPoolExecutor(1) as readers:
        job = QueryWitnesses(cosigned=world.ours, readers=readers, live=lambda: {B: live})
        await job.run()
        assert (stub.calls, cosigned(world)) == (calls, kept)
        if kept == (4, 1):
            await job.run()  # not due
            assert stub.calls == calls


@pytest.mark.parametrize("raised", [asyncio.CancelledError, grpc.aio.UsageError])
async def test_a_channel_closed_under_the_question_keeps_no_other_s_lines_away(
    world: World, raised: type[BaseException]
) -> None:
    """The dialer closes a channel with its stream, whoever asks over it."""

    class Closed:
        async def AddCheckpoint(self, *_: object, **__: object) -> None:  # noqa: N802
            raise raised("Channel is closed.")

    class Broken:
        async def AddCheckpoint(self, *_: object, **__: object) -> None:  # noqa: N802
            raise ValueError

    def live(peer: str, stub: Any) -> Any:
        return SimpleNamespace(contact=SimpleNamespace(peer=MemberId(peer)), stub=stub)

    world.ask(2)
    asked: dict[MemberId, Any] = {
        MemberId("a"): live("a", Closed()),
        B: live(B, Stub(world, None)),
    }
    with ThreadPoolExecutor(1) as readers:
        job = QueryWitnesses(cosigned=world.ours, readers=readers, live=lambda: asked)
        await job.run()
        assert cosigned(world) == (2, 1)
        asked[MemberId("c")] = live("c", Broken())
        world.ask(2)
        with pytest.raises(ValueError):  # noqa: PT011 - ours, told after all were asked
            await job.run()
        assert cosigned(world) == (4, 1)
