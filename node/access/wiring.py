"""The query store and the query log, wired."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from adapters.errors import AdapterError, KeyRingError
from adapters.sql.query_rows import has_rows
from adapters.sql.query_store import QueryStore, open_query_store
from adapters.state.shredding import shred
from crypto.keys import KeyType, Signer
from federation.errors import RefusedError
from federation.ids import ORIGIN_FORM, Origin, Timestamp, node_of
from federation.ports.highwater import HighWater
from federation.ports.store import Store
from federation.screening.outcomes import ENDING
from node.access.accounts import AccountRows, Accounts
from node.access.admitting import Access
from node.access.cosigned import CosignedQueries
from node.access.credentials import Credentials
from node.access.erasing import QueryErasure
from node.access.queries import QueryDesk
from node.access.query_keys import LOOKUP_FILE, QueryKeys
from node.access.query_log import QueryLog, epoch_of
from node.access.query_writer import QueryWriter
from node.access.sequencing import Sequencer
from node.access.signing_in import SigningIn
from node.access.verifying import Epoch, QueryAudit
from node.access.witnessing import QueryWitness
from node.charters.view import TrustView
from node.directory.config import Config
from node.directory.creation import QUERY_KEY_FILE, begin_query_log
from node.directory.keys import KeyFileError, load_signer
from node.directory.marks import Marks
from node.directory.opened import Opened
from node.persons.roster import Persons
from node.system.clock import Clock, date_of, monotonic
from node.system.entropy import token
from node.system.schedule import AnyJob, Job

QUERY_KEYS_DIRECTORY: Final = "queries"
SEQUENCE_SECONDS: Final = 0.5
"""What was recorded is in the log within a second."""
ERASURE_SECONDS: Final = 3600

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """The query store, open, with what writes into it."""

    store: QueryStore
    writer: QueryWriter
    keys: QueryKeys
    log: QueryLog
    sequencer: Sequencer
    signer: Signer
    high_water: HighWater

    def close(self) -> None:
        """Take what was recorded into the log, finish what was submitted, close the store."""
        try:
            self.sequencer.run()
        except (AdapterError, RefusedError) as error:
            _log.warning("query log not brought up to date", error=str(error))
        self.writer.close()
        self.store.close()


def wire_queries(opened: Opened) -> Queries:
    """Open it; keys that are not there yet are made.

    Raises:
        StoreError: the database.
        KeyRingError: keys are damaged, or gone while rows are there.
        KeyFileError: a key file is readable by others, or another node's.
    """
    config = opened.config
    keys = QueryKeys(
        config.state_directory / QUERY_KEYS_DIRECTORY, now=opened.clock.now, token=token
    )
    signer = query_signer(config, opened.marks)
    store = open_query_store(query_database_url(config))
    try:
        if keys.fresh:
            _require_empty(store, config.state_directory / QUERY_KEYS_DIRECTORY)
        high_water = opened.marks.of(Origin(signer.name))
        writer = QueryWriter(store, failpoints=opened.failpoints)
        sequencer = Sequencer(
            origin=Origin(signer.name),
            signer=signer,
            store=store,
            writer=writer,
            high_water=high_water,
            failpoints=opened.failpoints,
        )
        sequencer.start()
    except BaseException:
        store.close()
        raise
    log = QueryLog(
        origin=Origin(signer.name),
        signer=signer,
        keys=keys,
        token=token,
        recorded=sequencer.recorded,
        check=sequencer.check,
    )
    return Queries(
        store=store,
        writer=writer,
        keys=keys,
        log=log,
        sequencer=sequencer,
        signer=signer,
        high_water=high_water,
    )


def wire_query_desk(
    opened: Opened,
    queries: Queries,
    *,
    persons: Persons,
    trust: Callable[[], TrustView],
    trusted: Callable[[], Timestamp],
    linked: Callable[[str], Iterable[tuple[str, str]]],
) -> QueryDesk:
    """Build what answers who asked, and whether the log is whole.

    Args:
        opened: the node's directory.
        queries: the query store.
        persons: whose word is taken.
        trust: today's charters.
        trusted: trusted time, by which content ends.
        linked: gives scheme and code of all codes of a subject.
    """
    audit = QueryAudit(
        log=queries.log,
        epochs=[
            *_former(opened),
            Epoch(key=queries.signer.verifier, high_water=queries.high_water),
        ],
        store=queries.store,
        cosigners=lambda: trust().cosigner_keys(),
        now=trusted,
        keep_seconds=keep_seconds(opened.config),
    )
    return QueryDesk(
        store=queries.store,
        writer=queries.writer,
        keys=queries.keys,
        log=queries.log,
        persons=persons,
        audit=audit,
        key=queries.signer.verifier,
        now=opened.clock.now,
        linked=linked,
    )


def wire_query_witness(
    opened: Opened, queries: Queries, *, trust: Callable[[], TrustView]
) -> QueryWitness:
    """Build what cosigns the query logs of other members."""
    return QueryWitness(
        store=queries.store,
        writer=queries.writer,
        trust=trust,
        signer=opened.keys.witness,
        now=opened.clock.now,
        monotonic=monotonic,
    )


def wire_cosigned(
    opened: Opened, queries: Queries, *, trust: Callable[[], TrustView]
) -> CosignedQueries:
    """Build what has our own query log cosigned."""
    return CosignedQueries(
        store=queries.store,
        writer=queries.writer,
        sequencer=queries.sequencer,
        key=queries.signer.verifier,
        trust=trust,
        now=opened.clock.now,
    )


def query_jobs(
    opened: Opened, queries: Queries, *, trusted: Callable[[], Timestamp]
) -> tuple[AnyJob, ...]:
    """Build what is done again and again: sequencing, and erasing by trusted time."""
    erasure = QueryErasure(
        store=queries.store,
        writer=queries.writer,
        keys=queries.keys,
        trusted=trusted,
        keep_seconds=keep_seconds(opened.config),
        listing_is_over=partial(_listing_is_over, opened.store, trusted),
    )
    return (
        Job(name="queries", seconds=SEQUENCE_SECONDS, run=queries.sequencer.run),
        Job(name="queries-erasure", seconds=ERASURE_SECONDS, run=erasure.run),
    )


def _listing_is_over(
    store: Store, trusted: Callable[[], Timestamp], origin: str, index: int
) -> bool:
    """Whether the last day of a listing has passed, and no relief ended it."""
    with store.read() as session:
        head = session.head(Origin(origin))
        rows = [] if head is None else session.rows_at([(head.log, index)])
    today = date_of(trusted())
    return any(row.state not in ENDING and 0 < row.until < today for row in rows)


def _former(opened: Opened) -> list[Epoch]:
    """The epochs of the query log that have ended, oldest first."""
    found = (load_signer(path) for path in opened.config.keys_directory.glob("queries-*.key"))
    keys = sorted((one.verifier for one in found), key=lambda key: epoch_of(Origin(key.name)))
    return [Epoch(key=key, high_water=opened.marks.former(Origin(key.name))) for key in keys]


def keep_seconds(config: Config) -> int:
    """How long what was asked is kept, in seconds; years of 366 days, so that none is too short."""
    return config.access.keep_years * 366 * 86_400


def wire_access(queries: Queries, clock: Clock) -> Access:
    """Who may ask; `clock` is never behind trusted time.

    Raises:
        StoreError: the database.
    """
    credentials = Credentials(
        store=queries.store, writer=queries.writer, keys=queries.keys, clock=clock, token=token
    )
    return Access(
        credentials=credentials,
        store=queries.store,
        writer=queries.writer,
        log=queries.log,
        clock=clock,
        monotonic=monotonic,
    )


def wire_accounts(
    queries: Queries, access: Access, clock: Clock, provider: str
) -> tuple[Accounts, SigningIn]:
    """Who signs in.

    Args:
        queries: the query store.
        access: who may ask.
        clock: never behind trusted time.
        provider: issuer of the identity provider; empty where there is none.
    """
    rows = AccountRows(queries.keys, token)
    accounts = Accounts(
        access=access,
        rows=rows,
        store=queries.store,
        writer=queries.writer,
        log=queries.log,
        clock=clock,
        issuer=node_of(Origin(queries.signer.name)).removeprefix("queries."),
        provider=provider,
    )
    signing_in = SigningIn(
        credentials=access.credentials,
        rows=rows,
        store=queries.store,
        writer=queries.writer,
        log=queries.log,
        keys=queries.keys,
        clock=clock,
        token=token,
    )
    return accounts, signing_in


def query_database_url(config: Config) -> str:
    """DIR/queries.db beside a file, else tables of its own on the database's server."""
    if config.database.url.startswith("postgresql"):
        return config.database.url
    return f"sqlite:///{config.directory / 'queries.db'}"


def _require_empty(store: QueryStore, directory: Path) -> None:
    """See that keys made just now are not made in the place of keys that rows were sealed under."""
    with store.read() as reads:
        if has_rows(reads):
            shred(directory / LOOKUP_FILE)
            message = (
                f"{directory}: 查询库的密钥不在：从托管处放回当前的 state/queries/；没有的，移走 "
                "queries.db 再启动，启动后两人 huxin access new-log / the keys of the query store "
                "are missing: bring the current state/queries/ back from escrow; where there is "
                "none, move queries.db away, start, and let two persons run huxin access new-log"
            )
            raise KeyRingError(message)


def query_signer(config: Config, marks: Marks) -> Signer:
    """The query log's key; its name is the log's origin. Made where there never was one.

    Raises:
        KeyFileError: it is gone, readable by others, or another node's.
        HighWaterError: its mark.
    """
    if not (config.keys_directory / QUERY_KEY_FILE).exists():
        origin = Origin(f"queries.{config.node_name}/1")
        begin_query_log(config.keys_directory, marks.of(origin), origin, token)
    return load_query_signer(config)


def load_query_signer(config: Config) -> Signer:
    """The query log's key, which is there.

    Raises:
        KeyFileError: it is gone, readable by others, or another node's.
    """
    path = config.keys_directory / QUERY_KEY_FILE
    name = f"queries.{config.node_name}"
    signer = load_signer(path)
    matches = ORIGIN_FORM.fullmatch(signer.name) and node_of(Origin(signer.name)) == name
    if not matches or signer.type is not KeyType.NOTE:
        message = f"{path}: expected a key named {name}/<number>, got {signer.name}"
        raise KeyFileError("keys.other-node", message)
    return signer
