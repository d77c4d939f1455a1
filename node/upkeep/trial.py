"""A transaction of which nothing is kept: what would come of it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from federation.ports.store import Store, WriteSession


class _RolledBack(Exception):  # noqa: N818 - not an error, ends the transaction
    """Ends the transaction without a commit."""


@contextmanager
def trial(store: Store) -> Iterator[WriteSession]:
    """A write session that is rolled back when its context ends.

    with trial(store) as session:
        differences = derive(session)
    """
    try:
        with store.write() as session:
            yield session
            raise _RolledBack  # noqa: TRY301 - rolls the session back
    except _RolledBack:
        return
