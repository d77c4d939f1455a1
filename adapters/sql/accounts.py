"""Accounts of the console in the query store, and failed sign-ins of late.

What an account is stands sealed under a key outside the database: who controls the database reads
no password's hash and makes no account; it can bring an old password of the same account back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from adapters.sql.query_schema import account_failures, accounts
from adapters.sql.query_store import QueryReads, QueryWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """A row of `accounts`.

    Attributes:
        name: by which its person signs in.
        credential: id of the credential whose roles it has.
        sealed: password's hash, secret of the codes, post.
        step: of the code that was used last; a code opens once.
    """

    name: str
    credential: str
    sealed: bytes
    step: int = 0


def add_account(writes: QueryWrites, new: StoredAccount) -> None:
    """Add one.

    Raises:
        ConflictError: the name is there already.
    """
    row = {name: getattr(new, name) for name in StoredAccount.__slots__}
    writes.connection.execute(insert(accounts), row)


def account(reads: QueryReads, name: str) -> StoredAccount | None:
    """The one of this name."""
    row = reads.connection.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
    return None if row is None else _account(row)


def all_accounts(reads: QueryReads) -> list[StoredAccount]:
    """All that were ever made, by name."""
    rows = reads.connection.execute(select(accounts).order_by(accounts.c.name))
    return [_account(row) for row in rows]


def change_account(writes: QueryWrites, name: str, sealed: bytes) -> None:
    """Keep what an account is from now on."""
    writes.connection.execute(update(accounts).where(accounts.c.name == name).values(sealed=sealed))


def use_step(writes: QueryWrites, tried: StoredAccount, step: int) -> bool:
    """Use up the codes of a step and of those before it.

    False where that was done before, or the account is not any more what it was when it was tried.
    """
    as_tried = (accounts.c.name == tried.name, accounts.c.sealed == tried.sealed)
    changed = writes.connection.execute(
        update(accounts).where(*as_tried, accounts.c.step < step).values(step=step)
    )
    return changed.rowcount == 1


def add_failure(writes: QueryWrites, who: bytes, at: int, keep_from: int) -> None:
    """Keep a failed sign-in, and forget those before `keep_from`."""
    writes.connection.execute(delete(account_failures).where(account_failures.c.at < keep_from))
    writes.connection.execute(insert(account_failures), {"who": who, "at": at})


def failures(reads: QueryReads, who: bytes, most: int) -> list[int]:
    """When the last `most` sign-ins of one failed, the newest first."""
    rows = reads.connection.execute(
        select(account_failures.c.at)
        .where(account_failures.c.who == who)
        .order_by(account_failures.c.place.desc())
        .limit(most)
    )
    return list(rows.scalars())


def failures_in_all(reads: QueryReads) -> int:
    """How many are kept of all who tried."""
    found = reads.connection.execute(select(func.count()).select_from(account_failures))
    return int(found.scalar_one())


def forget_failures(writes: QueryWrites, who: bytes) -> None:
    """Begin anew after one that was right."""
    writes.connection.execute(delete(account_failures).where(account_failures.c.who == who))


def _account(row: Row[Any]) -> StoredAccount:
    return StoredAccount(**{name: getattr(row, name) for name in StoredAccount.__slots__})
