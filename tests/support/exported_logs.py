"""Logs of any size with their export as a table of files, made with the plainest means.

Independent of the code under test on purpose: the layout is spelled out here a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.commitment import commit
from crypto.cosignature import cosign, merge_signatures
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.merkle import leaf_hashes, root_of
from crypto.notes import Note
from crypto.tiles import grow
from federation.ids import Origin
from federation.statements import Kind

LARGE = 10_000
ORIGIN = Origin("510500.huxin.example/1")
NODE = "510500.huxin.example"

LOG = Signer(name=ORIGIN, type=KeyType.NOTE, seed=sha256(b"log").digest())
HEAD = Signer(name=f"{NODE}/head", type=KeyType.COSIGNATURE, seed=sha256(b"head").digest())
WITNESS = Signer(
    name="510300.huxin.example/witness", type=KeyType.COSIGNATURE, seed=sha256(b"w").digest()
)
STRANGER = Signer(name="x.example/mirror", type=KeyType.COSIGNATURE, seed=sha256(b"x").digest())
KEYS: tuple[VerifierKey, ...] = (LOG.verifier, HEAD.verifier, WITNESS.verifier, STRANGER.verifier)


@dataclass
class SyntheticLog:
    """Leaves with their openings; every 7th is of an open kind, in a large log every 997th."""

    leaves: list[bytes] = field(default_factory=list)
    openings: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    """Salt and payload by index; closed ones of every 50th leaf only."""

    @classmethod
    def of_size(cls, size: int) -> SyntheticLog:
        log = cls()
        every = 7 if size < LARGE else 997
        for index in range(size):
            kind = Kind.SCENARIO if index % every == 3 else Kind.LISTING
            log.add(kind, keep=kind == Kind.SCENARIO or index % (7 * every) == 0)
        return log

    def add(self, kind: int, *, keep: bool) -> None:
        index = len(self.leaves)
        salt = sha256(b"salt%d" % index).digest()
        header = bytes((1, kind, 0, 0)) + salt + salt[:8]
        payload = b"payload %d" % index
        self.leaves.append(header + commit(ORIGIN, salt, header, payload))
        if keep:
            self.openings[index] = (salt, payload)

    def note(self, size: int | None = None) -> Note:
        size = len(self.leaves) if size is None else size
        checkpoint = Checkpoint(
            origin=ORIGIN, size=size, root=root_of(leaf_hashes(self.leaves[:size]))
        )
        note = sign_checkpoint(checkpoint, LOG)
        lines = (cosign(note.text, HEAD, 1000), cosign(note.text, WITNESS, 1001))
        return merge_signatures(note, Note(text=note.text, signatures=lines))

    def files(self, size: int | None = None, *, all_openings: bool = False) -> dict[str, bytes]:
        """The export, as path → bytes."""
        size = len(self.leaves) if size is None else size
        files = {
            "checkpoint": self.note(size).to_bytes(),
            "vkey": "".join(f"{s.verifier}\n" for s in (LOG, HEAD, WITNESS)).encode(),
        }
        hashes = leaf_hashes(self.leaves[:size])
        for (level, number), data in grow(0, {}, hashes).tiles.items():
            files[f"tile/{level}/{place(number, len(data) // 32)}"] = data
        for begin in range(0, size, 256):
            entries = self.leaves[begin : min(begin + 256, size)]
            files[f"tile/entries/{place(begin // 256, len(entries))}"] = b"".join(
                len(entry).to_bytes(2, "big") + entry for entry in entries
            )
        for index, (salt, payload) in self.openings.items():
            if index < size and (all_openings or self.leaves[index][1] == Kind.SCENARIO):
                files[f"openings/{place(index, 256)}"] = salt + payload
        return files


@dataclass
class TableOfFiles:
    """An export in memory (`federation.audit.verification.ExportFiles`)."""

    files: dict[str, bytes]

    def paths(self) -> Iterator[str]:
        yield from sorted(self.files)

    def read(self, path: str, limit: int) -> bytes | None:
        data = self.files.get(path)
        return None if data is None else data[: limit + 1]


def place(number: int, width: int) -> str:
    groups: Sequence[str] = f"{number:,}".split(",")
    padded = [group.zfill(3) for group in groups]
    path = "/".join([*(f"x{group}" for group in padded[:-1]), padded[-1]])
    return path if width == 256 else f"{path}.p/{width}"
