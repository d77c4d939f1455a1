"""What an operator asks of the platforms: rows to try, rows that wait, control totals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import URL

from adapters.files.tables import Limits, Tabular
from adapters.platform.database import DatabasePlatform
from adapters.platform.inbox import DatabaseInbox, InboxRow
from adapters.platform.source_tables import INBOX_ROWS_MAX, DatabaseRows, InboxRows
from adapters.platform.tables import inbox
from federation.errors import RefusedError, StatementError
from federation.ids import Timestamp
from federation.intake import feed
from federation.persons import Sort, read_word
from federation.ports.journal import InboxWord
from node.directory.config import CONFIGURED, ConfigError, PlatformSection, SourceSection
from node.intake.inbox_tally import InboxTally
from node.intake.mapping_trial import TrialFile, TrialInput
from node.intake.row_words import TWO_PERSONS, given
from node.intake.sources import Source
from node.persons.roster import Agreed, Persons
from node.platform.control_totals import WAITING
from node.platform.platforms import Platforms

ROWS_SHOWN: Final = 1000
"""Rows that differ which are named at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTable:
    """A table of a platform's database; of the inbox table the rows still to be published."""

    url: URL
    table: str
    sources: Mapping[str, SourceSection]
    limits: Limits

    @property
    def name(self) -> str:
        """Its address, without the password, and the table."""
        return f"{self.url.render_as_string(hide_password=True)}#{self.table}"

    def open(self, source: Source) -> Tabular:
        """Open the rows; of the inbox table those of the source's list.

        Raises:
            TableError: there is no such table, or it is out of bounds.
            PlatformError: the database does not answer, or refuses.
        """
        database = DatabasePlatform(self.url)
        if self.table != inbox.name:
            return DatabaseRows(database, self.table, self.limits)
        return InboxRows(
            DatabaseInbox(database),
            source=source.name,
            list_type=source.list_type,
            again=feed.ONE_SUBJECT,
            only_list=len(self.sources[source.name].list_types) == 1,
        )


class PlatformDesk:
    """Finds what a mapping is tried on, and hears persons about rows; any thread, blocks."""

    def __init__(
        self,
        platforms: Platforms,
        sources: Mapping[str, SourceSection],
        limits: Limits,
        tally: InboxTally,
        persons: Persons,
    ) -> None:
        """Wire it.

        Args:
            platforms: of the configuration.
            sources: of the configuration.
            limits: of files and tables.
            tally: keeps what persons said.
            persons: who may say it.
        """
        self._platforms = platforms
        self._sources = sources
        self._limits = limits
        self._tally = tally
        self._persons = persons

    def file(self, path: Path) -> TrialInput:
        """Return a file to try a mapping on."""
        return TrialFile(path=path, limits=self._limits)

    def table(self, address: str, table: str, password_file: str) -> TrialInput:
        """Return a table to try a mapping on; nothing is connected yet.

        Args:
            address: of a database, as the configuration writes it, without a password; or
                `platform:NAME` of the configuration.
            table: or view; empty for the inbox table.
            password_file: absolute path of a file of mode 0600; empty for none.

        Raises:
            StatementError: `table.address`.
        """
        name = address.removeprefix(CONFIGURED)
        try:
            section = (
                self._configured(name, password_file)
                if address.startswith(CONFIGURED)
                else PlatformSection(url=address, password_file=password_file)
            )
            if section.is_service:
                raise _unfit("a database, got a service: it has no tables")
            url = self._platforms.url(name, section)
        except ValidationError as error:
            # Its own text repeats the address, which may carry a password.
            raise _unfit(
                "; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())
            ) from None
        except ConfigError as error:
            raise _unfit(str(error)) from error
        if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
            raise _unfit(f"the file of a database, got none at {url.database}")
        return TrialTable(
            url=url, table=table or inbox.name, sources=self._sources, limits=self._limits
        )

    def suspected(self, platform: str) -> dict[str, Any]:
        """Return rows that wait for two persons (F12-F14, F33), and what was said of such.

        Returns:
            `rows` by source, list and code with their number, first and last id, of the first 4096
            of a source and code, and as `digest` that of all these, which two persons sign; `said`
            with `at` (seconds, UTC), `persons`, `source`, `code`, `reason` and the number of
            `rows`.

        Raises:
            RefusedError: `platform.no-inbox`.
            PlatformError: they cannot be read.
        """
        found, _ = self._platforms.inbox(platform)
        sources = self._platforms.sections[platform].sources
        by_list: dict[tuple[str, str, str], list[int]] = {}
        digests: dict[tuple[str, str], str] = {}
        for code in feed.RELEASABLE:
            for one in sources:
                meant = found.refused(code, [one], 0, INBOX_ROWS_MAX)
                digests[one, code] = _digest(meant)
                for row in meant:
                    by_list.setdefault((one, row.list_type, code), []).append(row.id)
        return {
            "platform": platform,
            "rows": [
                {
                    "source": source,
                    "list_type": list_type,
                    "code": code,
                    "count": len(ids),
                    "first": ids[0],
                    "last": ids[-1],
                    "digest": digests[source, code],
                }
                for (source, list_type, code), ids in sorted(by_list.items())
            ],
            "said": [
                {
                    "at": one.at,
                    "persons": list(one.persons),
                    "source": one.source,
                    "code": one.code,
                    "reason": one.reason,
                    "rows": len(one.rows),
                }
                for one in self._tally.said(platform)
            ],
        }

    def release(
        self,
        platform: str,
        source: str,
        by: Sequence[str],
        reason: str,
        *,
        code: str = feed.ONE_SUBJECT,
        note: str = "",
    ) -> dict[str, Any]:
        """Publish rows that wait for two persons, who say that they are right (V9).

        Args:
            platform: of the configuration.
            source: the department whose rows are meant.
            by: who say so; kept in the journal with the ids of the rows.
            reason: why.
            code: with which the rows wait, of `feed.RELEASABLE`.
            note: what they signed, of the digest that `suspected` gives; empty where the node
                names no persons.

        Returns:
            `persons`, nobody where no row waits with this code; `outcomes`: how many rows led to
            what.

        Raises:
            RefusedError: `platform.no-inbox`, `source.not-of-platform`, `rule.unknown`,
                `rows.two-persons`, `person.…`, or why nothing is published.
            PlatformError: the rows cannot be read or answered.
        """
        found, taking = self._platforms.inbox(platform)
        if code not in feed.RELEASABLE:
            message = f"expected one of {', '.join(feed.RELEASABLE)}, got {code[:60]!r}"
            raise RefusedError("rule.unknown", message)
        if source not in self._platforms.sections[platform].sources:
            expected = ", ".join(self._platforms.sections[platform].sources)
            message = f"expected a source of [platform.{platform}]: {expected}"
            raise RefusedError("source.not-of-platform", message)

        def agree(body: str, words: Sequence[str]) -> Agreed:
            return self._persons.agreed(by, note, Sort.INBOX, body, code=TWO_PERSONS, words=words)

        meant = found.refused(code, [source], 0, INBOX_ROWS_MAX)
        said = InboxWord(
            at=Timestamp(0),
            platform=platform,
            source=source,
            persons=(),
            rows=[row.id for row in meant],
            code=code,
            reason=given(reason),
            digest=_digest(meant),
        )
        persons = self._tally.say(said, agree) if meant else ()
        at = read_word(note).at if note else Timestamp(0)
        word = feed.Word(code=code, persons=persons, said_at=at)
        outcomes = taking.take_again(source, word, set(meant))
        return {
            "platform": platform,
            "source": source,
            "persons": list(persons),
            "outcomes": dict(sorted(outcomes.items())),
        }

    def totals(self, platform: str, *, now: bool) -> dict[str, Any]:
        """Return what the newest comparison of control totals found.

        Args:
            platform: of the configuration.
            now: whether to compare first.

        Returns:
            As of `ControlTotals.report`, with `platform` and the first rows; `outcome` is `waiting`
            where it was to be compared now and something waits for the platform.

        Raises:
            RefusedError: `platform.unknown`.
            PlatformError: it does not answer.
        """
        totals = self._platforms.totals(platform)
        outcome = totals.run() if now else ""
        found = {"platform": platform} | totals.report(ROWS_SHOWN)
        return found | {"outcome": outcome} if outcome == WAITING else found

    def redeliver(self, platform: str, origin: str) -> dict[str, Any]:
        """Have what differs, or a whole log, told to a platform again.

        Returns:
            `platform`, and `leaves`: how many were asked for.

        Raises:
            RefusedError: `platform.unknown`, `log.unknown`.
        """
        leaves = self._platforms.totals(platform).redeliver(origin)
        return {"platform": platform, "leaves": leaves}

    def _configured(self, name: str, password_file: str) -> PlatformSection:
        section = self._platforms.sections.get(name)
        if section is None:
            known = ", ".join(self._platforms.sections) or "none"
            raise _unfit(f"a platform of the configuration, got {name!r}; there: {known}")
        if password_file:
            raise _unfit("no password file beside a platform of the configuration")
        return section


def _digest(rows: Sequence[InboxRow]) -> str:
    """SHA-256 of rows as they stand, hexadecimal: a JSON list of their columns, ids ascending."""
    return sha256(json.dumps([astuple(row) for row in rows]).encode()).hexdigest()


def _unfit(expected: str) -> StatementError:
    return StatementError("table.address", f"数据库地址不符 / expected {expected}")
