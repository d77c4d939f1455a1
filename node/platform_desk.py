"""What an operator asks of the platforms' databases: the rows in them, to try a mapping on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr, ValidationError
from sqlalchemy import URL

from adapters.files.tables import Limits, Tabular
from adapters.platform.database import DatabasePlatform
from adapters.platform.inbox import DatabaseInbox
from adapters.platform.source_tables import DatabaseRows, InboxRows
from adapters.platform.tables import inbox
from federation import feed
from federation.errors import StatementError
from node.config import CONFIGURED, ConfigError, PlatformSection, SourceSection
from node.mapping_trial import TrialFile, TrialInput
from node.platforms import platform_url
from node.sources import Source


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
    """Finds what a mapping is tried on; any thread, blocks."""

    def __init__(
        self,
        *,
        directory: Path,
        sections: Mapping[str, PlatformSection],
        sources: Mapping[str, SourceSection],
        passwords: Mapping[str, SecretStr],
        limits: Limits,
    ) -> None:
        """Wire it."""
        self._directory = directory
        self._sections = sections
        self._sources = sources
        self._passwords = passwords
        self._limits = limits

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
            url = platform_url(self._directory, name, section, self._passwords)
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

    def _configured(self, name: str, password_file: str) -> PlatformSection:
        section = self._sections.get(name)
        if section is None:
            known = ", ".join(self._sections) or "none"
            raise _unfit(f"a platform of the configuration, got {name!r}; there: {known}")
        if password_file:
            raise _unfit("no password file beside a platform of the configuration")
        return section


def _unfit(expected: str) -> StatementError:
    return StatementError("table.address", f"数据库地址不符 / expected {expected}")
