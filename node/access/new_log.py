"""A new epoch of the query log, where the store of the old one is lost (`huxin access new-log`).

    the new mark → the old key under another name → the new key in its place → who did it, recorded
    as the first entry

Two persons say so and give a reason. The old log ends as it is: what was promised in it and is not
there stays a finding of `huxin access verify`; its key and mark are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from federation.errors import RefusedError
from federation.ids import Origin, node_of
from federation.persons import Sort, query_log_body
from federation.screening.query_log import EntryKind
from node.access.query_log import Entry, epoch_of
from node.access.wiring import load_query_signer, wire_queries
from node.directory.config import Config
from node.directory.creation import begin_query_log
from node.directory.opened import Opened
from node.persons.roster import Persons
from node.system.entropy import token

ACTION = "new-log"


def next_query_log(config: Config) -> Origin:
    """The origin of the epoch that would begin.

    Raises:
        KeyFileError: the key of the one that would end.
    """
    last = Origin(load_query_signer(config).name)
    return Origin(f"{node_of(last)}/{epoch_of(last) + 1}")


def begin_new_log(opened: Opened, by: Sequence[str], reason: str, note: str) -> Origin:
    """Begin it; only by the process that holds the directory, while no server runs.

    Raises:
        RefusedError: `queries.two-persons`: no two, or no reason; `person.…`.
        StoreError: the query store.
    """
    config, now = opened.config, opened.clock.now
    if not reason.strip():
        raise RefusedError("queries.two-persons", "expected two persons and a reason: --reason")
    origin = next_query_log(config)
    persons = Persons(origin=config.origin, configured=config.persons, now=now)
    body = query_log_body(origin, reason)
    agreed = persons.agreed(by, note, Sort.QUERY_LOG, body, code="queries.two-persons")
    begin_query_log(
        config.keys_directory,
        opened.marks.of(origin),
        origin,
        token,
        after=load_query_signer(config),
    )
    queries = wire_queries(opened)
    try:
        entry = Entry(
            kind=EntryKind.ADMIN,
            asker="",
            department="",
            action=ACTION,
            at=now(),
            persons=agreed.persons,
            references=(f"{node_of(origin)}/{epoch_of(origin) - 1}",),
            result=reason,
            word=agreed.note,
        )
        queries.writer.submit(partial(queries.log.record, entry=entry)).result()
    finally:
        queries.close()
    return origin
