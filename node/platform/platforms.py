"""The platforms of the configuration: their address with its password, their outlet, their job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from sqlalchemy import URL, make_url

from adapters.platform.batches import DatabaseBatches
from adapters.platform.checks import DatabaseChecks
from adapters.platform.database import DatabasePlatform
from adapters.platform.former_spool import FormerSpool, Waited
from adapters.platform.inbox import DatabaseInbox
from adapters.platform.service import ServicePlatform
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.ports.findings import Place
from federation.ports.store import ReadSession, Store
from node.directory.config import ConfigError, PlatformSection
from node.directory.passwords import read_password
from node.intake.inbox_tally import InboxTally
from node.log.executed import FILES
from node.log.writer import WriteThread
from node.platform.batch_job import AsksMany, BatchTaking
from node.platform.check_job import TOKEN, Asks, CheckTaking
from node.platform.control_totals import CRON, ControlTotals
from node.platform.delivery import PlatformDelivery
from node.platform.demands import Demands
from node.platform.inbox_job import InboxTaking, TakingRows
from node.platform.outbox_rows import OutboxRows
from node.system.failpoints import Failpoints
from node.system.item_errors import ItemErrors
from node.system.schedule import AnyJob, CalendarJob, Job

SECONDS: Final = 1
"""Between two looks for what a platform is to be told."""
ASK_SECONDS: Final = 5
"""Between two questions what it has acknowledged, while it has not acknowledged all."""


def platform_url(
    directory: Path, name: str, section: PlatformSection, passwords: Mapping[str, SecretStr]
) -> URL:
    """Return the address with the password of the environment or of the file.

    A path of SQLite is relative to the node's directory.

    Raises:
        ConfigError: the password's file is not there, or is readable by others.
    """
    url = make_url(section.url)
    if url.get_backend_name() == "sqlite":
        return url.set(database=str(directory / str(url.database)))
    password = _secret(directory, name, section, passwords)
    return url.set(password=password) if password else url


def open_platform(
    directory: Path, name: str, section: PlatformSection, passwords: Mapping[str, SecretStr]
) -> DatabasePlatform | ServicePlatform:
    """Return where a platform is told; nothing is connected yet.

    Raises:
        ConfigError: its password, token or `ca_file`.
    """
    if not section.is_service:
        return DatabasePlatform(platform_url(directory, name, section, passwords))
    token = _secret(directory, name, section, passwords)
    if not (token.isascii() and token.isprintable()):
        message = f"platform.{name}: expected a token of printable ASCII, got another"
        raise ConfigError(message)
    ca_file = str(directory / section.ca_file) if section.ca_file else ""
    try:
        return ServicePlatform(section.url, token=token, ca_file=ca_file)
    except OSError as error:
        message = f"platform.{name}.ca_file: expected certificates as PEM, got: {error}"
        raise ConfigError(message) from error


def check_tokens(directory: Path, name: str, section: PlatformSection) -> dict[str, str]:
    """Return the token of each source whose questions are taken.

    Raises:
        ConfigError: a file is not there, is readable by others, or holds no token.
    """
    tokens = {}
    for source, file in section.checks.items():
        setting = f"platform.{name}.checks.{source}"
        tokens[source] = read_password(directory / file, setting)
        if not TOKEN(tokens[source]):
            message = f"{setting}: expected a token of huxin access new (hx1_…) as one line"
            raise ConfigError(message)
    return tokens


class Platforms:
    """All platforms of a node; nothing is connected before their jobs run."""

    def __init__(
        self,
        directory: Path,
        sections: Mapping[str, PlatformSection],
        passwords: Mapping[str, SecretStr],
        failpoints: Failpoints,
    ) -> None:
        """Take the platforms.

        Raises:
            ConfigError: a password.
        """
        self.sections = sections
        """By name."""
        self._directory = directory
        self._passwords = passwords
        self._failpoints = failpoints
        self._databases: dict[str, DatabasePlatform] = {}
        self._deliveries: dict[str, PlatformDelivery] = {}
        self._takings: dict[str, InboxTaking] = {}
        self._checks: dict[str, CheckTaking] = {}
        self._batches: dict[str, BatchTaking] = {}
        self._totals: dict[str, ControlTotals] = {}
        self._platforms: dict[str, DatabasePlatform | ServicePlatform] = {}
        for name, section in sections.items():
            platform = self._platforms[name] = open_platform(directory, name, section, passwords)
            if isinstance(platform, DatabasePlatform):
                self._databases[name] = platform
        self._tokens = {
            name: check_tokens(directory, name, section)
            for name, section in sections.items()
            if section.checks
        }

    def open(
        self,
        store: Store,
        writer: WriteThread,
        rows: OutboxRows,
        demands: Demands,
        now: Callable[[], Timestamp],
    ) -> None:
        """Know each platform in the store, and what waited for it in files of a former version.

        Args:
            store: of the logs.
            writer: keeps what they were told.
            rows: what they are told.
            demands: what they owe for it.
            now: when they are compared.

        Raises:
            StoreError: the database.
            ConfigError: files of a former version cannot be read or removed.
        """
        for name, platform in self._platforms.items():
            spool = FormerSpool(self._directory / "platform" / name)
            try:
                outlet = known_outlet(store, name, spool)
            except OSError as error:
                message = f"platform.{name}: expected files that can be removed, got: {error}"
                raise ConfigError(message) from error
            self._deliveries[name] = PlatformDelivery(
                name=name,
                outlet=outlet,
                platform=platform,
                store=store,
                writer=writer,
                rows=rows,
                demands=demands,
                failpoints=self._failpoints,
            )
            self._totals[name] = ControlTotals(
                name=name, outlet=outlet, platform=platform, store=store, writer=writer, now=now
            )

    def jobs(
        self,
        intake: TakingRows,
        tally: InboxTally,
        short: Callable[[], bool],
        asks: Asks,
        asks_many: AsksMany,
    ) -> list[AnyJob]:
        """Return the jobs of each platform: one answers, tells and takes; one compares at night.

        Args:
            intake: takes rows of inboxes.
            tally: is told what became of them.
            short: whether the disk has only its reserve left, or listings wait
            (`node.log.startup_check`).
            asks: answers questions.
            asks_many: answers batches of them.
        """
        for name, tokens in self._tokens.items():
            self._checks[name] = CheckTaking(
                name=name,
                tokens=tokens,
                table=DatabaseChecks(self._databases[name]),
                asks=asks,
            )
            if self.sections[name].batches:
                self._batches[name] = BatchTaking(
                    name=name,
                    tokens=tokens,
                    table=DatabaseBatches(self._databases[name]),
                    asks=asks_many,
                )
        for name, section in self.sections.items():
            if section.sources:
                self._takings[name] = InboxTaking(
                    name=name,
                    sources=section.sources,
                    inbox=DatabaseInbox(self._databases[name]),
                    intake=intake,
                    tally=tally,
                    short=short,
                    failpoints=self._failpoints,
                )
        jobs: list[AnyJob] = [
            Job(name=f"platform.{name}", seconds=SECONDS, run=partial(self._run, name))
            for name in self._deliveries
        ]
        jobs += [
            Job(name=f"acknowledged.{name}", seconds=ASK_SECONDS, run=delivery.ask)
            for name, delivery in self._deliveries.items()
        ]
        jobs += [
            CalendarJob(name=f"totals.{name}", cron=CRON, run=totals.run)
            for name, totals in self._totals.items()
        ]
        return jobs

    def url(self, name: str, section: PlatformSection) -> URL:
        """Return the address of a database; see `platform_url`."""
        return platform_url(self._directory, name, section, self._passwords)

    def inbox(self, name: str) -> tuple[DatabaseInbox, InboxTaking]:
        """Return the inbox of a platform, and what takes its rows.

        Raises:
            RefusedError: `platform.no-inbox`.
        """
        taking = self._takings.get(name)
        if taking is None:
            known = ", ".join(self._takings) or "none"
            message = f"expected a platform with `sources`, got {name!r}; there: {known}"
            raise RefusedError("platform.no-inbox", message)
        return DatabaseInbox(self._databases[name]), taking

    def compared(self) -> Iterable[tuple[str, ControlTotals]]:
        """The platforms that show what they have, by name."""
        return self._totals.items()

    def totals(self, name: str) -> ControlTotals:
        """Return what compares a platform.

        Raises:
            RefusedError: `platform.unknown`.
        """
        totals = self._totals.get(name)
        if totals is None:
            known = ", ".join(self._totals) or "none"
            message = f"expected a platform of the configuration, got {name!r}; there: {known}"
            raise RefusedError("platform.unknown", message)
        return totals

    def _run(self, name: str) -> int:
        items, count = ItemErrors(), 0
        checks = self._checks.get(name)
        if checks is not None:  # a clerk waits
            with items.each("its questions"):
                count += checks.run()
        batches = self._batches.get(name)
        if batches is not None:
            with items.each("its batches"):
                count += batches.run()
        with items.each("telling it"):
            count += self._deliveries[name].run()
        taking = self._takings.get(name)
        if taking is not None:
            with items.each("its inbox"):
                count += taking.run()
        items.settle()
        return count

    def report(self) -> list[dict[str, Any]]:
        """Return what the status says of each platform; of several faults the first.

        That is the one of telling it, before those of its inbox and its questions.
        """
        found = []
        for name, delivery in self._deliveries.items():
            said = delivery.report()
            for taking in (one.get(name) for one in (self._takings, self._checks, self._batches)):
                if taking is not None and not said["fault"]:
                    said |= {"fault": taking.fault, "message": taking.message}
            found.append(said | {"totals": self._totals[name].report()})
        return found


def known_outlet(store: Store, name: str, spool: FormerSpool) -> int:
    """Return the number of a platform's outlet, made if there is none yet.

    What a former version had told it counts as told in a state that nobody noted; what waited in
    its files is asked for again, and the files, which name subjects, are removed.

    Raises:
        OSError: the files.
    """
    with store.read() as session:
        known = {one.name: one.outlet for one in session.outlets()}
    if name in known and not spool.exists():
        return known[name]
    waited = spool.read() if spool.exists() else None
    with store.write() as session:
        outlet = session.add_outlet(name).outlet
        if waited is not None:
            if name not in known:
                session.copy_handed(session.add_outlet(FILES).outlet, outlet)
                session.give_numbers(outlet, waited.number)
            session.put_waiting(outlet, _waited(session, outlet, waited))
    if waited is not None:
        spool.remove()
    return outlet


def _waited(session: ReadSession, outlet: int, waited: Waited) -> dict[Place, bool]:
    heads = {head.origin: head.log for head in session.heads()}
    if waited.leaves is None:
        every = [
            (log, index)
            for log in heads.values()
            for index, _, _ in session.handed_all(outlet, log)
        ]
        return dict.fromkeys(every, True)
    return {
        (heads[origin], index): True
        for origin, indices in waited.leaves.items()
        if origin in heads
        for index in indices
    }


def _secret(
    directory: Path, name: str, section: PlatformSection, passwords: Mapping[str, SecretStr]
) -> str:
    """Return password or token, of the environment before the file; empty where there is none."""
    if name in passwords:
        return passwords[name].get_secret_value()
    if not section.password_file:
        return ""
    return read_password(directory / section.password_file, f"platform.{name}.password_file")
