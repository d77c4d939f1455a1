"""Which batches are refused, and as what (SPEC §9.4, R1-R7; R8 is in `audiences.json`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crypto.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from crypto.commitment import commit
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.merkle import EMPTY_ROOT, Frontier, consistency_from_known, leaf_hashes
from federation.errors import ReplicationError
from federation.ids import Origin
from federation.peers.openings import DeliveredOpening
from federation.peers.replica import ForkError, Replica
from federation.peers.replication import DeliveredBatch, accept
from federation.statements import Kind
from tests.support.vectors import compare, held

ORIGIN = Origin("510500.huxin.example/1")
LOG = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes([1]) * 32)
STRANGER = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes([8]) * 32)
OTHER = Signer(name="510300.huxin.example/1", type=KeyType.NOTE, seed=bytes([9]) * 32)
PRESENT, NOT_FOR_YOU, ERASED, PENDING = 1, 2, 3, 4


def leaf(number: int, kind: int = Kind.LISTING, action: int = 0) -> tuple[bytes, DeliveredOpening]:
    header = bytes([1, kind, action, 0]) + bytes(8) + bytes([0xA0 + number] * 16) + bytes(16)
    salt, payload = bytes([number]) * 32, b"payload %d" % number
    committed = commit(origin=ORIGIN, salt=salt, header=header, payload=payload)
    return header + committed, DeliveredOpening(PRESENT, salt, payload)


OURS = [leaf(n) for n in range(5)]
THEIRS = [*OURS[:2], *(leaf(n + 16) for n in range(2, 5))]
RELIEF = leaf(32, Kind.REPAIR)
OPEN = leaf(33, Kind.SCENARIO, 1)


def hashes(history: list[tuple[bytes, DeliveredOpening]]) -> list[bytes]:
    return leaf_hashes([one for one, _ in history])


def note(
    size: int, history: list[tuple[bytes, DeliveredOpening]] = OURS, by: Signer = LOG
) -> bytes:
    root = Frontier.empty().extend(hashes(history[:size])).root() if size else EMPTY_ROOT
    checkpoint = Checkpoint(origin=by.name, size=size, root=root)
    return sign_checkpoint(checkpoint, by).to_bytes()


def batch(
    start: int,
    end: int,
    size: int,
    history: list[tuple[bytes, DeliveredOpening]] = OURS,
    **changes: Any,
) -> DeliveredBatch:
    known = hashes(history[:size])
    path: tuple[bytes, ...] = ()
    if 0 < end < size:
        at = Frontier.empty().extend(known[:end])
        path = tuple(consistency_from_known(end, at, known[end:], size, ()))
    made = DeliveredBatch(
        origin=ORIGIN,
        first_index=start,
        leaves=tuple(one for one, _ in history[start:end]),
        openings=tuple(opening for _, opening in history[start:end]),
        checkpoint=note(size, history),
        path=path,
    )
    return replace(made, **changes)


def opened(history: list[tuple[bytes, DeliveredOpening]], *openings: DeliveredOpening) -> Any:
    count = len(openings)
    return batch(0, count, count, history, openings=openings)


Case = tuple[str, int, list[bytes], DeliveredBatch]


def batches() -> list[Case]:
    """Name, leaves held, notes seen before, batch."""
    first, second = OURS[0][1], OURS[1][1]
    long = (bytes([2]) + bytes(1024), DeliveredOpening(PENDING))
    return [
        ("from nothing", 0, [], batch(0, 3, 3)),
        ("up to a larger checkpoint", 0, [], batch(0, 2, 5)),
        ("some leaves held already", 2, [], batch(0, 4, 4)),
        ("all leaves held already", 3, [], batch(1, 3, 3)),
        ("what was seen agrees", 1, [note(3)], batch(1, 4, 5)),
        ("R1 no leaf", 0, [], batch(0, 0, 3)),
        ("R1 an opening too few", 0, [], batch(0, 2, 2, openings=(first,))),
        ("R1 a leaf of 1,025 bytes", 0, [], batch(0, 1, 1, [long])),
        ("R1 65 hashes", 0, [], batch(0, 2, 5, path=(bytes(32),) * 65)),
        ("R2 a gap", 1, [], batch(2, 4, 4)),
        ("R3 another key", 0, [], batch(0, 3, 3, checkpoint=note(3, by=STRANGER))),
        ("R3 another log", 0, [], batch(0, 3, 3, checkpoint=note(3, by=OTHER))),
        ("R3 no note", 0, [], batch(0, 3, 3, checkpoint=b"x\n")),
        ("R4 checkpoint before the end", 0, [], batch(0, 3, 3, checkpoint=note(2))),
        ("R5 another leaf", 0, [], batch(0, 3, 3, leaves=batch(0, 3, 3, THEIRS).leaves)),
        ("R5 no path", 0, [], batch(0, 2, 5, path=())),
        ("R5 a hash of 31 bytes", 0, [], batch(0, 4, 5, path=(hashes(OURS)[4][:31],))),
        ("R5 path too long", 0, [], batch(0, 3, 3, path=(bytes(32),))),
        ("R5 another history than the one held", 3, [], batch(3, 5, 5, THEIRS)),
        ("R6 equal sizes", 0, [note(3, THEIRS)], batch(0, 3, 3)),
        ("R6 a smaller one seen", 1, [note(3, THEIRS)], batch(1, 5, 5)),
        ("R6 before the end, larger checkpoint", 1, [note(3, THEIRS)], batch(1, 4, 5)),
        ("R6 beyond the end, of one size", 0, [note(5, THEIRS)], batch(0, 3, 5)),
        ("R6 beyond the end: not compared yet", 0, [note(4, THEIRS)], batch(0, 3, 5)),
        ("R7 another salt", 0, [], opened(OURS, first, second._replace(salt=bytes(32)))),
        ("R7 another payload", 0, [], opened(OURS, first._replace(payload=b"x"), second)),
        ("R7 openings exchanged", 0, [], opened(OURS, second, first)),
        ("R7 salt of 31 bytes", 0, [], opened(OURS, first._replace(salt=first.salt[:31]))),
        ("an opening of a leaf of version 2", 0, [], batch(
            0, 1, 1, [(b"\x02" + OURS[0][0][1:], first)])),
        ("an opening of a leaf of 77 bytes", 0, [], batch(0, 1, 1, [(OURS[0][0] + b"x", first)])),
        ("absent closed openings", 0, [], opened(
            OURS, *(DeliveredOpening(n) for n in (NOT_FOR_YOU, ERASED, PENDING)))),
        ("absent openings of a relief and an open kind", 0, [], opened(
            [RELIEF, OPEN], DeliveredOpening(ERASED), DeliveredOpening(NOT_FOR_YOU))),
        ("an opening state that is not known", 0, [], opened(OURS, DeliveredOpening(9))),
    ]  # fmt: skip


def replica(leaves: int, seen: list[bytes], log: VerifierKey) -> Replica:
    frontier = Frontier.empty().extend(hashes(OURS[:leaves]))
    beyond = tuple(open_checkpoint(one, log).bare() for one in seen)
    return Replica(origin=ORIGIN, frontier=frontier, beyond=beyond)


def judged(held_leaves: int, seen: list[bytes], one: DeliveredBatch) -> dict[str, Any]:
    try:
        proved = accept(replica(held_leaves, seen, LOG.verifier), one, LOG.verifier)
    except ForkError as error:
        fork = {"result": error.code, "fork": error.proof.to_bytes().decode()}
        kept = accept(replica(held_leaves, [], LOG.verifier), one, LOG.verifier)
        assert kept is not None
        return fork | {"taken": len(kept.leaves), "size": kept.replica.size}
    except ReplicationError as error:
        return {"result": error.code}
    if proved is None:
        return {"result": "ok", "taken": 0}
    return {
        "result": "ok",
        "taken": len(proved.leaves),
        "size": proved.replica.size,
        "misopened": list(proved.misopened),
        "states": [opening.status for opening in proved.openings],
    }


def written(one: DeliveredBatch) -> dict[str, Any]:
    return {
        "first_index": one.first_index,
        "leaves": [each.hex() for each in one.leaves],
        "openings": [[o.status, o.salt.hex(), o.payload.hex()] for o in one.openings],
        "checkpoint": one.checkpoint.decode(),
        "path": [each.hex() for each in one.path],
    }


def read(case: dict[str, Any]) -> DeliveredBatch:
    return DeliveredBatch(
        origin=ORIGIN,
        first_index=case["first_index"],
        leaves=tuple(map(bytes.fromhex, case["leaves"])),
        openings=tuple(
            DeliveredOpening(status, bytes.fromhex(salt), bytes.fromhex(payload))
            for status, salt, payload in case["openings"]
        ),
        checkpoint=case["checkpoint"].encode(),
        path=tuple(map(bytes.fromhex, case["path"])),
    )


def test_vectors_of_batches() -> None:
    about = (
        "The deliverer is not the origin's own node (E3). The reader holds the first `held` leaves "
        "of `leaves` (hex) and has `seen` the notes. An opening is state (1 PRESENT, 2 "
        "NOT_FOR_YOU, 3 ERASED, 4 PENDING), salt, payload. Of a batch that is ok: leaves `taken`, "
        "`size` afterwards, indices `misopened` (R7: opening.mismatch, deliverer), and the "
        "`states` that the openings then have; the payloads are no messages, which is judged "
        "later. `fork` is the file that is proved; the batch is kept all the same."
    )
    more = {"log": str(LOG.verifier), "leaves": [one.hex() for one, _ in OURS]}
    cases = [
        {"name": name, "held": count, "seen": [n.decode() for n in seen], **written(one)}
        | judged(count, seen, one)
        for name, count, seen, one in batches()
    ]
    compare("batches", "9.4", about, cases, **more)
    for case in held("batches")["cases"]:
        found = judged(case["held"], [n.encode() for n in case["seen"]], read(case))
        assert {k: case[k] for k in found} == found, case["name"]
    results = [case["result"].removeprefix("batch.") for case in held("batches")["cases"]]
    assert results == [
        *["ok"] * 5, *["bounds"] * 4, "gap", *["checkpoint"] * 3, "behind", *["unproved"] * 5,
        *["log.forked"] * 4, *["ok"] * 10,
    ]  # fmt: skip
