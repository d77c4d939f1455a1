"""An alliance whose logs stand as folders of files, made by hand: what its nodes said, who vouched.

Every hostile case says one more thing, or signs one more checkpoint, than an honest world does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.commitment import commit
from crypto.cosignature import cosign, merge_signatures
from crypto.merkle import leaf_hashes, root_of
from crypto.notes import Note
from crypto.tiles import grow
from federation.audit.export_names import format_sums, lies_before, query_note_path, summed
from federation.charters.chain import CharterChain
from federation.charters.policy import tlog_policy
from federation.charters.trust import Trust
from federation.charters.values import Member
from federation.ids import Date, Origin, Timestamp
from federation.payloads import Erasure, ErasureGround, Payload, Receipt, ReceiptBatch
from federation.reconcile.deadlines import Due
from federation.reconcile.obligations import Deadline, Obligation, Unit
from federation.reconcile.sources import Certainty
from federation.statements import OPEN_KINDS, Kind
from node.audit.log_seen import Reading
from node.audit.verifying import Audited, Auditor
from node.codec import ProtobufPayloads
from node.system.clock import date_of
from tests.support import charters as build
from tests.support.exported_logs import place

CITY, PEER, OTHER, FOURTH = "510500", "510300", "511500", "511000"
MEMBERS: Final = (CITY, PEER, OTHER, FOURTH)
DAY: Final = 86_400
_PAYLOADS = ProtobufPayloads()
NO_ID: Final = bytes(16)


@dataclass
class MadeLog:
    """A log of one member."""

    member: str
    epoch: int = 1
    leaves: list[bytes] = field(default_factory=list)
    openings: dict[int, bytes] = field(default_factory=dict)
    notes: dict[int, int] = field(default_factory=dict)
    """Time of the first checkpoints kept, by size."""

    @property
    def origin(self) -> Origin:
        return build.origin_of(self.member, self.epoch)

    def say(
        self,
        kind: Kind,
        at: int,
        *,
        about: bytes = NO_ID,
        action: int = 0,
        payload: Payload | bytes | None = None,
        word: str = "",
        handed: bool = False,
    ) -> bytes:
        """Add a leaf; its statement id. An opening of a closed kind may be handed over."""
        index = len(self.leaves)
        salt = sha256(f"{self.origin}{index}{word}".encode()).digest()
        statement = sha256(salt).digest()[:16]
        header = bytes((1, kind, action, 0)) + at.to_bytes(8, "big") + statement + about
        if payload is None:
            data = b"closed"
        else:
            data = payload if isinstance(payload, bytes) else _PAYLOADS.encode(payload)
        if kind in OPEN_KINDS or handed:
            self.openings[index] = salt + data
        self.leaves.append(header + commit(self.origin, salt, header, data))
        return statement

    def receipt(self, at: int, about: Origin, outcome: int, *indices: int) -> None:
        batch = ReceiptBatch(outcome=outcome, indices=indices)
        self.say(Kind.RECEIPT, at, payload=Receipt(origin=about, batches=(batch,)))

    def erase(self, at: int, about: bytes, ground: ErasureGround) -> None:
        payload = Erasure(ground=ground, erased_at=Timestamp(at))
        self.say(Kind.ERASURE, at, about=about, payload=payload)

    def vouched(self, at: int) -> None:
        """Others cosign the log as it is now."""
        self.notes.setdefault(len(self.leaves), at)

    def note(
        self,
        size: int,
        at: int,
        by: Iterable[str],
        leaves: Sequence[bytes] = (),
        signed_on: int = 0,
    ) -> Note:
        """A checkpoint that its node signed on to, at the same time unless said, and others."""
        root = root_of(leaf_hashes(list(leaves or self.leaves)[:size]))
        checkpoint = Checkpoint(origin=self.origin, size=size, root=root)
        note = sign_checkpoint(checkpoint, build.log_signer(self.member, self.epoch))
        lines = [cosign(note.text, build.cosigner(one, "mirror"), at) for one in by]
        lines.append(cosign(note.text, build.cosigner(self.member, "head"), signed_on or at))
        return merge_signatures(note, Note(text=note.text, signatures=tuple(lines)))


def make_member(member: str) -> Member:
    """A member with a query log."""
    made = build.make_member(member)
    key = build.query_log_signer(member).verifier
    return replace(made, keys=replace(made.keys, query_log=(key,)))


@dataclass
class World:
    """The alliance, and a copy of everything at one of its nodes."""

    chain: CharterChain = field(
        default_factory=lambda: build.make_chain(make_member(one) for one in MEMBERS)
    )
    logs: dict[str, MadeLog] = field(default_factory=dict)
    now: int = build.NOW
    envelopes: list[bytes] = field(default_factory=list)
    """Of later versions."""
    statement: bytes = b""
    """The listing of `listed`."""
    queries: dict[str, dict[int, int]] = field(default_factory=dict)
    """Of a member's query log the sizes for which others vouched, and when."""

    def __post_init__(self) -> None:
        for member in MEMBERS:
            self.logs.setdefault(member, MadeLog(member))

    def __getitem__(self, member: str) -> MadeLog:
        return self.logs[member]

    def vouch(self, seconds: int = 10) -> None:
        """Time passes, and all cosign all logs."""
        self.now += seconds
        for log in self.logs.values():
            log.vouched(self.now)

    def listed(self) -> bytes:
        """The city lists somebody, and the others take it up; its index is 0."""
        statement = self[CITY].say(Kind.LISTING, self.now)
        self.vouch()
        for member in MEMBERS[1:]:
            self[member].receipt(self.now, self[CITY].origin, 2, 0)
        self.vouch()
        self.statement = statement
        return statement

    def repaired(self, statement: bytes, *, lifting: Sequence[str] = MEMBERS[1:]) -> None:
        """The city repairs, the others apply it, and these lift."""
        index = len(self[CITY].leaves)
        self[CITY].say(Kind.REPAIR, self.now, about=statement)
        self.vouch()
        for member in MEMBERS[1:]:
            self[member].receipt(self.now, self[CITY].origin, 2, index)
        for member in lifting:
            self[member].receipt(self.now, self[CITY].origin, 3, 0)
        self.vouch()

    def files(self) -> dict[str, bytes]:
        """The export of everything, without its digests."""
        trust = Trust([self.chain], Timestamp(self.now))
        pin = self.chain.id.hex()
        files = {
            f"charters/{pin}/{number}.json": envelope
            for number, envelope in enumerate(
                [*(v.envelope for v in self.chain.versions), *self.envelopes], 1
            )
        }
        files[f"policy/{pin}.txt"] = tlog_policy(trust, trust.origins())
        for log in self.logs.values():
            files |= self.log_files(log)
        for member, notes in self.queries.items():
            for size, at in notes.items():
                path = query_note_path(build.query_log_signer(member).name, size)
                files[path] = self.query_note(member, size, at).to_bytes()
        return files

    def query_note(self, member: str, size: int, at: int, word: str = "") -> Note:
        """A checkpoint of a query log, of another history where a word is given."""
        signer = build.query_log_signer(member)
        root = sha256(f"{member}{size}{word}".encode()).digest()
        note = sign_checkpoint(Checkpoint(origin=signer.name, size=size, root=root), signer)
        by = [build.cosigner(one, "witness") for one in MEMBERS if one != member]
        lines = tuple(cosign(note.text, one, at) for one in by)
        return merge_signatures(note, Note(text=note.text, signatures=lines))

    def log_files(self, log: MadeLog) -> dict[str, bytes]:
        name = str(log.origin).replace("/", "__")
        folder = f"logs/{name}"
        by = [one for one in MEMBERS if one != log.member]
        keys = [build.log_signer(log.member, log.epoch)]
        keys += [build.cosigner(log.member, "head")]
        keys += [build.cosigner(one, "mirror") for one in by]
        size = len(log.leaves)
        newest = max(log.notes.values(), default=self.now)
        files = {
            f"{folder}/checkpoint": log.note(size, max(newest, self.now), by).to_bytes(),
            f"{folder}/vkey": "".join(f"{one.verifier}\n" for one in keys).encode(),
        }
        for kept, at in log.notes.items():
            files[f"notes/{name}/{kept}"] = log.note(kept, at, by).to_bytes()
        for (level, number), data in grow(0, {}, leaf_hashes(log.leaves)).tiles.items():
            files[f"{folder}/tile/{level}/{place(number, len(data) // 32)}"] = data
        for begin in range(0, size, 256):
            entries = log.leaves[begin : begin + 256]
            files[f"{folder}/tile/entries/{place(begin // 256, len(entries))}"] = b"".join(
                len(entry).to_bytes(2, "big") + entry for entry in entries
            )
        for index, opening in log.openings.items():
            files[f"{folder}/openings/{place(index, 256)}"] = opening
        return files

    def write(self, out: Path, files: dict[str, bytes] | None = None) -> Path:
        """Write an export with digests that fit, as whoever forges one would."""
        return write_files(out, self.files() if files is None else files)

    def audit(self, *outs: Path, now: int | None = None, by_month: bool = False) -> Audited:
        """Verify exports from the pin alone."""
        auditor = Auditor(
            [self.chain.id],
            reading=Reading(payloads=_PAYLOADS, by_month=by_month),
            due=same_day,
            now=Timestamp(self.now + 60 if now is None else now),
        )
        return auditor.run(outs)


def went_on(world: World, folder: Path, *, since: int = 256) -> tuple[Path, Path]:
    """An export, and a later one that leaves out what it has."""
    log = f"logs/{CITY}.huxin.example__1"
    for number in range(299):
        world[CITY].say(Kind.LISTING, world.now, word=str(number))
    world.vouch()
    earlier = world.write(folder / "earlier")
    for number in range(299, 600):
        world[CITY].say(Kind.LISTING, world.now, word=str(number))
    world.repaired(world.statement)
    files = {
        path: data
        for path, data in world.files().items()
        if not path.startswith(f"{log}/") or not lies_before(path.removeprefix(f"{log}/"), since)
    }
    files[f"{log}/since"] = f"{since}\n".encode()
    return earlier, world.write(folder / "later", files)


def write_files(out: Path, files: dict[str, bytes]) -> Path:
    """Write an export with digests that fit."""
    sums = {path: sha256(data).digest() for path, data in files.items() if summed(path)}
    for path, data in (*files.items(), ("SHA256SUMS", format_sums(sums))):
        file = out / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return out


_ROW: Final = Deadline(
    obligation=Obligation.RELIEF,
    days=0,
    unit=Unit.SAME_DAY,
    basis="",
    certainty=Certainty.CONFIRMED,
    valid_from=Date(20260101),
    valid_until=Date(99991231),
    source="",
)


def same_day(_kind: int, published: Timestamp) -> Due:
    """Until the end of the day of publication."""
    return Due(last=date_of(published), by=_ROW, edition="joint-2026")


def codes(audited: Audited) -> dict[str, set[str]]:
    """Codes by weight."""
    found: dict[str, set[str]] = {}
    for one in audited.found:
        found.setdefault(one.weight.value, set()).add(one.code)
    return found
