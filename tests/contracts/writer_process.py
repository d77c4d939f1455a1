"""Writes one transaction whole and stops in the middle of a second; the test kills it there."""

from __future__ import annotations

import sys
from dataclasses import replace

from adapters.sql import open_store
from federation.ports.store import WriteSession
from tests.contracts.examples import ORIGIN, opening, row

BATCH = 3000


def write_batch(session: WriteSession, first: int) -> None:
    head = session.add_log(ORIGIN, ours=True)
    session.put_openings(head.log, [opening(first + i, sealed=b"s" * 300) for i in range(BATCH)])
    session.insert_rows([row(head.log, first + i) for i in range(BATCH)])
    session.set_head(replace(head, size=first + BATCH))


def main() -> None:
    store = open_store(sys.argv[1])
    with store.write() as session:
        write_batch(session, 0)
    with store.write() as session:
        write_batch(session, BATCH)
        sys.stdout.write("in the middle\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
