"""Credentials in the query store: who may ask, how much was asked, and who was stopped.

A token never stands here, only a hash that nobody can compare without the key outside the
database, and rows carry a keyed hash of what they say. Who controls the database can shut out
whom it will and undo what was revoked or stopped, but neither add a credential nor widen one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, func, insert, select, update

from adapters.sql.query_schema import check_matches, checks, credentials, stops, usage
from adapters.sql.query_store import QueryReads, QueryWrites, inserting

OVERDUE_SILENT: Final = 10
"""Overdue outcomes of a credential that never reported one, from which on it counts as silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCredential:
    """A row of `credentials`.

    Attributes:
        id: by which people and the query log name it.
        department: who asks with it.
        roles: codes of its roles.
        matters: codes of what it may ask for.
        purposes: codes of what for.
        budget: questions a day.
        case_subjects: subjects under one case before it is slowed.
        expires_on: last day, in China.
        token: keyed hash; None where it has a certificate.
        certificate: DER; None where it has a token.
        digest: SHA-256 of the certificate.
        created_at: seconds UTC.
        created_by: a person.
        mac: keyed hash of all the above.
        revoked_at: seconds UTC, 0 while it is not.
        revoked_by: a person.
    """

    id: str
    department: str
    roles: tuple[str, ...]
    matters: tuple[str, ...]
    purposes: tuple[str, ...]
    budget: int
    case_subjects: int
    expires_on: int
    token: bytes | None
    certificate: bytes | None
    digest: bytes | None
    created_at: int
    created_by: str
    mac: bytes = b""
    revoked_at: int = 0
    revoked_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStop:
    """A credential that was stopped and that nobody has lifted yet."""

    credential: str
    code: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a credential asked on a day."""

    asked: int = 0
    answered: int = 0


def add_credential(writes: QueryWrites, new: StoredCredential) -> None:
    """Add one.

    Raises:
        ConflictError: the id, the token or the certificate is there already.
    """
    row = {name: getattr(new, name) for name in StoredCredential.__slots__}
    row |= {name: json.dumps(list(row[name]), ensure_ascii=False) for name in _LISTS}
    writes.connection.execute(insert(credentials), row)


def all_credentials(reads: QueryReads) -> list[StoredCredential]:
    """All that were ever made, the oldest first."""
    rows = reads.connection.execute(
        select(credentials).order_by(credentials.c.created_at, credentials.c.id)
    )
    return [_credential(row) for row in rows]


def revoke(writes: QueryWrites, credential: str, *, at: int, by: str) -> bool:
    """End one for ever; false where it is not there, or has been revoked before."""
    changed = writes.connection.execute(
        update(credentials)
        .where(credentials.c.id == credential, credentials.c.revoked_at == 0)
        .values(revoked_at=at, revoked_by=by)
    )
    return changed.rowcount == 1


def open_stops(reads: QueryReads) -> list[StoredStop]:
    """Who is stopped."""
    rows = reads.connection.execute(
        select(stops.c.credential, stops.c.code, stops.c.at)
        .where(stops.c.lifted_at == 0)
        .order_by(stops.c.place)
    )
    return [StoredStop(credential=row.credential, code=row.code, at=row.at) for row in rows]


def add_stop(writes: QueryWrites, stop: StoredStop) -> None:
    """Stop a credential."""
    writes.connection.execute(
        insert(stops),
        {
            "credential": stop.credential,
            "code": stop.code,
            "at": stop.at,
            "lifted_at": 0,
            "lifted_by": "",
            "reason": "",
        },
    )


def lift(writes: QueryWrites, credential: str, *, at: int, by: str, reason: str) -> bool:
    """Lift what is open of it; false where nothing is."""
    changed = writes.connection.execute(
        update(stops)
        .where(stops.c.credential == credential, stops.c.lifted_at == 0)
        .values(lifted_at=at, lifted_by=by, reason=reason)
    )
    return changed.rowcount > 0


def used(reads: QueryReads, credential: str, day: int) -> Used:
    """What it asked on a day."""
    row = reads.connection.execute(
        select(usage.c.asked, usage.c.answered).where(_on(credential, day))
    ).first()
    return Used() if row is None else Used(asked=row.asked, answered=row.answered)


def put_used(writes: QueryWrites, credential: str, day: int, now: Used) -> None:
    """Set what it asked on a day."""
    writes.put(_PUT, [(credential, day, now.asked, now.answered)])


def is_silent(reads: QueryReads, credential: str, day: int) -> bool:
    """Whether outcomes are overdue of a credential that never reported one (EN4)."""
    of_it = check_matches.join(checks, checks.c.number == check_matches.c.number)
    row = reads.connection.execute(
        select(
            func.count().filter(check_matches.c.outcome_id.is_not(None)),
            func.count().filter(
                and_(
                    check_matches.c.state == "pending",
                    check_matches.c.due_on > 0,
                    check_matches.c.due_on < day,
                )
            ),
        )
        .select_from(of_it)
        .where(checks.c.asker == credential)
    ).one()
    reported, overdue = row
    return reported == 0 and overdue >= OVERDUE_SILENT


_PUT: Final = inserting(
    usage,
    ending="ON CONFLICT (credential, day) "
    "DO UPDATE SET asked = excluded.asked, answered = excluded.answered",
)
_LISTS: Final = ("roles", "matters", "purposes")


def _on(credential: str, day: int) -> ColumnElement[bool]:
    return and_(usage.c.credential == credential, usage.c.day == day)


def _credential(row: Row[Any]) -> StoredCredential:
    content = {name: getattr(row, name) for name in StoredCredential.__slots__}
    return StoredCredential(**content | {name: tuple(json.loads(content[name])) for name in _LISTS})
