"""Who asked about a subject, and what a department asked (`huxin access queries`).

A subject is told when, by which department, for which matter and case it was asked about, and when
operators read its records. That takes two persons, and the number of the subject's own
authorisation, which is recorded and stands for neither of them. A supervisor is told what a
department asked, when and for what, not about whom. Both are recorded before they are answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from adapters.sql.batches import StoredPart, sealed_parts
from adapters.sql.query_rows import QueryRow, row_by_id, rows_of_department, rows_of_subject
from adapters.sql.query_store import QueryStore, QueryWrites
from crypto.errors import CryptoError
from crypto.keys import VerifierKey
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.persons import Sort, queries_body
from federation.screening.query_log import EntryKind
from federation.screening.roles import Asker
from node.access.asked_sets import is_asked
from node.access.exporting import exported
from node.access.query_keys import QueryKeys, Sealed
from node.access.query_log import Entry, QueryLog, Subject, code_value, name_value
from node.access.query_writer import QueryWriter
from node.access.verifying import QueryAudit
from node.persons.roster import Persons

ACTION: Final = "queries-read"
ROWS_MAX: Final = 1000
"""The newest; who needs earlier ones gives a smaller span, with a second question."""
AUTHORISATION_MAX: Final = 128


class QueryDesk:
    """Answers who asked; any thread, blocks."""

    def __init__(
        self,
        *,
        store: QueryStore,
        writer: QueryWriter,
        keys: QueryKeys,
        log: QueryLog,
        persons: Persons,
        audit: QueryAudit,
        key: VerifierKey,
        now: Callable[[], Timestamp],
        linked: Callable[[str], Iterable[tuple[str, str]]],
    ) -> None:
        """Wire it; `key` is the query log's, `linked` gives all codes of a subject by scheme."""
        self._store = store
        self._writer = writer
        self._keys = keys
        self._log = log
        self._persons = persons
        self._key = key
        self.verify: Final = audit.verify
        self._now = now
        self._linked = linked

    def of_subject(
        self,
        asker: Asker,
        *,
        code: str,
        name: str,
        authorisation: str,
        by: Sequence[str],
        note: str,
    ) -> list[dict[str, Any]]:
        """Who asked about a subject, the newest first.

        Raises:
            RefusedError: `queries.two-persons`; `queries.authorisation`: none, or too long;
                `queries.subject`: neither code nor name; `person.…` where the node names persons;
                `queries.behind` and its kin.
            StoreError: the query store: nothing is told that could not be recorded.
        """
        if not code and not name:
            raise RefusedError("queries.subject", "expected the subject's code, or its name")
        if not 0 < len(authorisation.strip()) <= AUTHORISATION_MAX:
            message = (
                f"expected the number of an authorisation, 1 to {AUTHORISATION_MAX} characters"
            )
            raise RefusedError("queries.authorisation", message)
        found = self._rows_of(code, name)
        body = queries_body(code=code, name=name, authorisation=authorisation)
        words = [entry.word for _, entry in found if entry is not None and entry.word]
        agreed = self._persons.agreed(
            by, note, Sort.QUERIES, body, code="queries.two-persons", words=words
        )
        self._record(
            Entry(
                kind=EntryKind.ADMIN,
                asker=asker.credential,
                department=asker.department,
                action=ACTION,
                at=self._now(),
                subjects=(Subject(code=code, name=name),),
                persons=agreed.persons,
                authorisation=authorisation,
                word=agreed.note,
                result=str(len(found)),
            )
        )
        return [_shown(row, entry) for row, entry in found]

    def of_department(
        self, asker: Asker, department: str, by: Sequence[str]
    ) -> list[dict[str, Any]]:
        """What a department asked, the newest first; about whom is not told.

        Raises:
            RefusedError: `queries.no-name`: nobody is named; `person.unknown`.
            StoreError: the query store.
        """
        if not by:
            raise RefusedError("queries.no-name", "expected who asks: --by NAME")
        for person in by:
            self._persons.check_known(person)
        with self._store.read() as reads:
            rows = rows_of_department(reads, self._log.department(department), ROWS_MAX)
        found = [(row, self._opened(row)) for row in rows]
        self._record(
            Entry(
                kind=EntryKind.ADMIN,
                asker=asker.credential,
                department=asker.department,
                action=ACTION,
                at=self._now(),
                persons=tuple(by),
                references=(f"department {department}",),
                result=str(len(found)),
            )
        )
        hidden = ("name", "references")
        return [
            {key: value for key, value in _shown(row, entry).items() if key not in hidden}
            for row, entry in found
        ]

    def export(self) -> Iterator[tuple[str, bytes]]:
        """See `node.access.exporting.exported`."""
        return exported(self._store, self._key)

    def _rows_of(self, code: str, name: str) -> list[tuple[QueryRow, Entry | None]]:
        codes = {code, *(other for _, other in self._linked(code))} if code else set()
        values = [code_value(one) for one in sorted(codes)]
        values += [name_value(name)] if name else []
        tags = [self._keys.tag(value) for value in values]
        with self._store.read() as reads:
            found = {
                row.place: (row, self._opened(row))
                for row in rows_of_subject(reads, tags, ROWS_MAX)
            }
            for part in sealed_parts(reads):
                there = self._is_asked(part, codes, name)
                if there is not False and (row := row_by_id(reads, part.query_id)) is not None:
                    found[row.place] = row, None if there is None else self._opened(row)
        return [found[place] for place in sorted(found, reverse=True)[:ROWS_MAX]]

    def _is_asked(self, part: StoredPart, codes: Iterable[str], name: str) -> bool | None:
        """Whether a part of a batch asked about a subject; None where that cannot be told."""
        try:
            held = self._keys.open(Sealed(key=part.key, data=part.sealed), place=part.query_id)
        except CryptoError:
            return None
        return any(is_asked(held, code=code, name=name) for code in codes or ("",))

    def _opened(self, row: QueryRow) -> Entry | None:
        """What a row holds; of one that was changed only what stands openly is told."""
        try:
            return self._log.entry(row)
        except (CryptoError, RefusedError):
            return None

    def _record(self, entry: Entry) -> None:
        def unit(writes: QueryWrites) -> None:
            self._log.record(writes, entry)

        self._writer.submit(unit).result()


def _shown(row: QueryRow, entry: Entry | None) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "query_id": row.query_id.hex(),
        "at": row.at,
        "kind": EntryKind(row.kind).name.lower(),
        "index": row.index,
    }
    if entry is None:
        return shown | {"damaged": True}
    return shown | {
        "department": entry.department,
        "asker": entry.asker,
        "action": entry.action,
        "matter": entry.matter,
        "purpose": entry.purpose,
        "case_no": entry.case_no,
        "result": entry.result,
        "number": entry.number,
        "name": [one.name for one in entry.subjects],
        "references": list(entry.references),
        "persons": list(entry.persons),
        "authorisation": entry.authorisation,
    }
