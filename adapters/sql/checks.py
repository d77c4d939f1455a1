"""Checks and their matches in the query store: references and tags, no name and no code in clear.

How a match goes on is `federation.screening.outcomes`; here it only begins. What was asked stands
sealed, and is gone at the end of the term (`erase_before`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import bindparam, null, select, update

from adapters.sql.query_schema import check_matches, checks
from adapters.sql.query_store import QueryReads, QueryWrites, inserting


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    """A row of `checks`.

    Attributes:
        number: of the answer.
        asker: id of the credential; empty for the operator.
        request_key: tag of credential and request id.
        question_tag: tag of everything that was asked.
        department: whose credential it is.
        matter: code.
        case_tag: tag of the case number.
        at: seconds UTC of the last answer.
        result: the last answer's.
        complete: likewise.
        query_id: its row in the query log.
        key: number of the key that opens `sealed`.
        sealed: the question; None once it is erased.
    """

    number: str
    asker: str
    request_key: bytes
    question_tag: bytes
    department: str
    matter: str
    case_tag: bytes
    at: int
    result: str
    complete: bool
    query_id: bytes
    key: int
    sealed: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatch:
    """A row of `check_matches`, as it begins.

    Attributes:
        number: of the answer.
        origin: with `idx`, where the listing stands.
        idx: index of its leaf.
        record_tag: tag of the record, the same for all of its copies.
        list_type: code.
        matter: code.
        measures: JSON, as answered.
        due_on: last day for the outcome, YYYYMMDD; 0 for none.
        state: a word of `federation.screening.outcomes.MatchState`.
    """

    number: str
    origin: str
    idx: int
    record_tag: bytes
    list_type: str
    matter: str
    measures: str
    due_on: int
    state: str


def checks_of(reads: QueryReads, request_keys: Sequence[bytes]) -> dict[bytes, StoredCheck]:
    """The checks that were asked under request ids, by their keys."""
    rows = reads.select(_FIELDS, checks, "request_key", request_keys)
    found = [_check(dict(zip(_FIELDS, row, strict=True))) for row in rows]
    return {one.request_key: one for one in found}


def check_by_number(reads: QueryReads, number: str) -> StoredCheck | None:
    """The check with this number."""
    row = reads.connection.execute(_BY_NUMBER, {"asked": number}).mappings().first()
    return None if row is None else _check(dict(row))


def add_checks(writes: QueryWrites, new: Sequence[StoredCheck]) -> None:
    """Keep checks whose numbers are new."""
    writes.put(_ADD, [tuple(_values(check).values()) for check in new])


def answer_again(writes: QueryWrites, check: StoredCheck) -> None:
    """Keep what was answered now under a number that there is."""
    changed = {"at", "result", "complete", "query_id", "key", "sealed"}
    values = {name: value for name, value in _values(check).items() if name in changed}
    writes.connection.execute(update(checks).where(checks.c.number == check.number).values(values))


def matches_of(reads: QueryReads, number: str) -> Sequence[StoredMatch]:
    """The matches of an answer, whatever became of them, by place."""
    rows = reads.connection.execute(
        _MATCHES.where(check_matches.c.number == number).order_by(
            check_matches.c.origin, check_matches.c.idx
        )
    )
    return [StoredMatch(**row) for row in rows.mappings()]


def add_matches(writes: QueryWrites, matches: Sequence[StoredMatch]) -> None:
    """Keep matches that are new to their answers."""
    writes.put(_ADD_MATCH, list(map(_MATCHED, matches)))


def replace_match(writes: QueryWrites, match: StoredMatch) -> None:
    """Replace measures, last day and state of a match."""
    writes.connection.execute(
        update(check_matches)
        .where(
            check_matches.c.number == match.number,
            check_matches.c.origin == match.origin,
            check_matches.c.idx == match.idx,
        )
        .values(measures=match.measures, due_on=match.due_on, state=match.state)
    )


def erase_before(writes: QueryWrites, cutoff: int) -> int:
    """Erase what was asked of checks answered last before a time; the number of checks."""
    result = writes.connection.execute(
        update(checks)
        .where(checks.c.at < cutoff, checks.c.sealed.is_not(None))
        .values(sealed=null())
    )
    return result.rowcount


_FIELDS: Final = tuple(field.name for field in fields(StoredCheck))
_ADD: Final = inserting(checks)
_LATER: Final = ("outcome_id", "reopened_at")
"""Columns that a match has none of when it begins."""
_ADD_MATCH: Final = inserting(check_matches, *_LATER)
_MATCHED: Final = attrgetter(*(field.name for field in fields(StoredMatch)))
_BY_NUMBER: Final = select(checks).where(checks.c.number == bindparam("asked"))
_MATCHES: Final = select(*(column for column in check_matches.c if column.name not in _LATER))


def _values(check: StoredCheck) -> dict[str, Any]:
    """A row as it stands; PostgreSQL takes no truth for a number."""
    values = {name: getattr(check, name) for name in _FIELDS}
    return values | {"complete": int(check.complete)}


def _check(row: dict[str, Any]) -> StoredCheck:
    return StoredCheck(**row | {"complete": bool(row["complete"])})
