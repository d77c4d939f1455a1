"""What was asked, recorded: the sealed row, its commitment, and the promise that the asker gets.

`record` is called inside a unit of the query writer: the row is durable when the unit's future
resolves, and nothing is answered before. The sequencer takes it into the query log.

What a row holds is JSON (UTF-8, keys sorted, no blanks), sealed together with its salt; openly it
says only when, of what kind and, as a tag, from which department. Subjects are found by tags of
code and name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from adapters.sql.batches import part_of
from adapters.sql.query_rows import QueryRow, add_rows
from adapters.sql.query_store import QueryReads, QueryWrites
from crypto.commitment import MAX_PAYLOAD, SALT_SIZE
from crypto.errors import SealError
from crypto.keys import Signer
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp, node_of
from federation.screening.query_log import (
    QUERY_ID_SIZE,
    EntryKind,
    LeafHeader,
    Promise,
    make_leaf,
    make_promise,
    verify_leaf,
)
from node.access.query_keys import QueryKeys, Sealed

VERSION: Final = 1
ASKED: Final = "asked sha256:"
"""Before the hash of a sealed set of those asked about, among the references of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who is asked about, as the question names it (after normalising)."""

    code: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that is recorded.

    Attributes:
        kind: question, read or admin.
        asker: id of the credential; empty for the operator on this machine.
        department: whose credential it is.
        action: what was done, a word of `federation.screening.roles.Action` or a command.
        at: seconds UTC.
        matter, purpose, case_no: as asked; empty where there is none.
        subjects: whom it is about; none where it is about nobody in particular.
        result: what was answered, in a word.
        number: of the answer, where it has one.
        references: records that were answered or read, `origin/index`; never a payload.
        persons: who did it, where the action takes names.
        authorisation: number of the subject's authorisation, where there is one.
        word: what the persons signed, where the node names keys of them.
    """

    kind: EntryKind
    asker: str
    department: str
    action: str
    at: Timestamp
    matter: str = ""
    purpose: str = ""
    case_no: str = ""
    subjects: tuple[Subject, ...] = ()
    result: str = ""
    number: str = ""
    references: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    authorisation: str = ""
    word: str = ""

    def to_payload(self) -> bytes:
        """The bytes that are committed to and sealed."""
        content: dict[str, Any] = {
            "version": VERSION,
            "asker": self.asker,
            "department": self.department,
            "action": self.action,
            "matter": self.matter,
            "purpose": self.purpose,
            "case_no": self.case_no,
            "subjects": [[one.code, one.name] for one in self.subjects],
            "result": self.result,
            "number": self.number,
            "references": list(self.references),
            "persons": list(self.persons),
            "authorisation": self.authorisation,
            "word": self.word,
        }
        kept = {key: value for key, value in content.items() if value not in ("", [])}
        return json.dumps(
            kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode()


def entry_of(header: LeafHeader, payload: bytes) -> Entry:
    """Read what `Entry.to_payload` wrote; fields of a later version are left out.

    Raises:
        RefusedError: `queries.row`: not such a payload.
    """
    try:
        content = json.loads(payload)
        return Entry(
            kind=header.kind,
            asker=content.get("asker", ""),
            department=content.get("department", ""),
            action=content["action"],
            at=header.at,
            matter=content.get("matter", ""),
            purpose=content.get("purpose", ""),
            case_no=content.get("case_no", ""),
            subjects=tuple(Subject(code=c, name=n) for c, n in content.get("subjects", ())),
            result=content.get("result", ""),
            number=content.get("number", ""),
            references=tuple(content.get("references", ())),
            persons=tuple(content.get("persons", ())),
            authorisation=content.get("authorisation", ""),
            word=content.get("word", ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"row {header.query_id.hex()}: expected an entry, got {type(error).__name__}"
        raise RefusedError("queries.row", message) from error


class QueryLog:
    """Records entries; on the query writer's thread."""

    def __init__(
        self,
        *,
        origin: Origin,
        signer: Signer,
        keys: QueryKeys,
        token: Callable[[int], bytes],
        recorded: Callable[[], None] = lambda: None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Wire it.

        Args:
            origin: of the query log, `queries.<node>/<n>`.
            signer: its key.
            keys: seals the rows.
            token: gives that many random bytes.
            recorded: called when a row was added, which is not durable yet.
            check: raises where nothing may be promised (`node.access.sequencing`).
        """
        self._origin = origin
        self._log = epoch_of(origin)
        self._signer = signer
        self._keys = keys
        self._token = token
        self._recorded = recorded
        self._check = check

    @property
    def origin(self) -> Origin:
        """Of the query log."""
        return self._origin

    def record(self, writes: QueryWrites, entry: Entry) -> Promise:
        """Add an entry; durable, and only then to be answered, when the unit is committed.

        Raises:
            RefusedError: `queries.long`: more than 32 KiB; `queries.behind` and its kin: nothing
                may be promised.
        """
        (promise,) = self.record_all(writes, [entry])
        return promise

    def record_all(self, writes: QueryWrites, entries: Sequence[Entry]) -> Sequence[Promise]:
        """Add entries in this order, as `record` does, all of them or none."""
        self._check()
        size = QUERY_ID_SIZE + SALT_SIZE
        drawn = self._token(len(entries) * size)
        rows = [
            self._row(entry, drawn[number * size : (number + 1) * size])
            for number, entry in enumerate(entries)
        ]
        added = [(row, self.tags(entry)) for row, entry in zip(rows, entries, strict=True)]
        add_rows(writes, added)
        self._recorded()
        return [make_promise(self._origin, row.leaf, self._signer) for row in rows]

    def _row(self, entry: Entry, drawn: bytes) -> QueryRow:
        """The row of an entry, with its id and salt as they were drawn."""
        payload = entry.to_payload()
        if len(payload) > MAX_PAYLOAD:
            message = f"an entry of the query log: at most {MAX_PAYLOAD} bytes, got {len(payload)}"
            raise RefusedError("queries.long", message)
        query_id, salt = drawn[:QUERY_ID_SIZE], drawn[QUERY_ID_SIZE:]
        header = LeafHeader(kind=entry.kind, query_id=query_id, at=entry.at)
        sealed = self._keys.seal(salt + payload, place=query_id)
        return QueryRow(
            query_id=query_id,
            log=self._log,
            kind=entry.kind,
            at=entry.at,
            department=self.department(entry.department),
            leaf=make_leaf(self._origin, header, salt, payload),
            key=sealed.key,
            sealed=sealed.data,
        )

    def entry(self, row: QueryRow) -> Entry | None:
        """What a row holds; None once it is erased.

        Raises:
            SealError: it does not open.
            RefusedError: `queries.row`, `queries.leaf`: it is no entry.
            CommitmentError: it is not what its leaf committed to.
        """
        opening = self.opening(row)
        if opening is None:
            return None
        origin = Origin(f"{node_of(self._origin)}/{row.log}")  # it may be an epoch that has ended
        return entry_of(verify_leaf(origin, row.leaf, *opening), opening[1])

    def holds_asked(self, reads: QueryReads, row: QueryRow, entry: Entry) -> bool:
        """Whether the set of those asked about that an entry names is there; most name none."""
        named = [one for one in entry.references if one.startswith(ASKED)]
        if not named:
            return True
        try:
            at = int(entry.references[0].rpartition("/")[2])
            part = part_of(reads, entry.number, at, row.query_id)
            if part is None:
                return False
            held = self._keys.open(Sealed(key=part.key, data=part.sealed), place=row.query_id)
        except (SealError, ValueError):
            return False
        return named == [ASKED + sha256(held).hexdigest()]

    def tags(self, entry: Entry) -> frozenset[bytes]:
        """By what the rows of an entry's subjects are found."""
        return frozenset(self._keys.tag(value) for value in _values(entry))

    def department(self, name: str) -> bytes:
        """By what the rows of a department are found."""
        return self._keys.tag(department_value(name))

    def opening(self, row: QueryRow) -> tuple[bytes, bytes] | None:
        """Salt and payload of a row; None once it is erased.

        Raises:
            SealError: it does not open.
        """
        if row.sealed is None:
            return None
        plain = self._keys.open(Sealed(key=row.key, data=row.sealed), place=row.query_id)
        return plain[:SALT_SIZE], plain[SALT_SIZE:]


def epoch_of(origin: Origin) -> int:
    """The number at the end of the query log's origin."""
    return int(origin.rpartition("/")[2])


def department_value(department: str) -> bytes:
    """What the tag of a department is made of."""
    return b"department\0" + department.encode()


def code_value(code: str) -> bytes:
    """What the tag of a subject's code is made of."""
    return b"code\0" + code.encode()


def name_value(name: str) -> bytes:
    """What the tag of a subject's name is made of."""
    return b"name\0" + name.encode()


def _values(entry: Entry) -> Iterator[bytes]:
    for subject in entry.subjects:
        if subject.code:
            yield code_value(subject.code)
        if subject.name:
            yield name_value(subject.name)
