"""Where the high-water marks of a node's logs lie: files in DIR/state, or rows of another server.

A mark stands in one place (SM10). `huxin mark move` brings those of our own log and of the newest
epoch of the query log from one to the other; marks of former epochs stay where they are.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import make_url

from adapters.errors import HighWaterError, MarkElsewhereError
from adapters.state.highwater import FileHighWater
from adapters.state.mark_row import Standing
from adapters.state.mark_server import MarkServer
from adapters.state.shared_mark import SharedHighWater
from federation.errors import RefusedError
from federation.ids import Origin
from federation.ports.highwater import HighWater
from node.directory.config import Config, StateSection
from node.directory.passwords import read_password
from node.system.clock import monotonic
from node.system.entropy import token

HIGH_WATER_FILE: Final = "high-water"
QUERY_MARK_FILE: Final = "queries-high-water"
"""A mark for each epoch of the query log: `queries-high-water-1`."""
UNCONFIRMED_SECONDS: Final = 300.0
"""Without a word of the shared place for so long, another host may have relieved what we listed."""

Around = Callable[[str], AbstractContextManager[None]]
"""What surrounds a step of a name: failpoints."""


class Mark(HighWater, Protocol):
    """A mark as a file or a row."""

    def damage(self) -> str:
        """Why what is there is taken for a missing mark; empty where it is not."""
        ...

    def create_empty(self) -> None:
        """Make it, of size 0, for a fresh key."""
        ...

    def standing(self) -> tuple[Standing, tuple[int, bytes]] | None:
        """Whether it stands here, and which; None where nothing is."""
        ...

    def prepare(self, mark: tuple[int, bytes]) -> None:
        """Write a mark that is to come here."""
        ...

    def leave(self, mark: tuple[int, bytes]) -> None:
        """End the mark here."""
        ...

    def arrive(self, mark: tuple[int, bytes]) -> None:
        """Begin the mark that was prepared here."""
        ...


class Marks:
    """The marks of one node, by log."""

    def __init__(
        self, config: Config, *, apart_from: str, around: Around = lambda _: nullcontext()
    ) -> None:
        """Prepare; no server is connected yet.

        Args:
            config: of the node.
            apart_from: which PostgreSQL server has its database; empty for a file.
            around: surrounds steps.

        Raises:
            ConfigError: the password.
        """
        self._config = config
        self._around = around
        self._shared: SharedHighWater | None = None
        self._server = (
            MarkServer(
                _parameters(config.state, config.directory),
                apart_from=apart_from,
                clock=monotonic,
            )
            if config.state.mark
            else None
        )

    @property
    def shared(self) -> bool:
        """Whether the configuration names a shared place."""
        return self._server is not None

    def own(self) -> Mark:
        """The mark of our own log.

        Raises:
            HighWaterError: it stands in a file, while the configuration names a shared place.
        """
        mark = self.of(self._config.origin)
        if isinstance(mark, SharedHighWater):
            self._shared = mark
        return mark

    def of(self, origin: Origin) -> Mark:
        """The mark of a log that is signed.

        Raises:
            HighWaterError: as `own`.
        """
        if self._server is None:
            return self.file(origin)
        if self._stands_in_file(origin):
            message = (
                f"[state] mark names a shared place, and the mark of {origin} stands in a file of "
                "this host: huxin mark move, on the host that signed last"
            )
            raise MarkElsewhereError(message)
        return self.row(origin)

    def former(self, origin: Origin) -> Mark:
        """The mark of a log that has ended, wherever it is."""
        stays = self._server is None or self._stands_in_file(origin)
        return self.file(origin) if stays else self.row(origin)

    def file(self, origin: Origin) -> FileHighWater:
        """The place in a file."""

        def sync(descriptor: int) -> None:
            with self._around("mark.sync"):
                os.fdatasync(descriptor)

        return FileHighWater(self.path(origin), origin, sync)

    def row(self, origin: Origin) -> SharedHighWater:
        """The shared place.

        Raises:
            RefusedError: `high-water.no-place`: the configuration names none.
        """
        if self._server is None:
            message = "expected a shared place for the mark in huxin.toml: [state] mark"
            raise RefusedError("high-water.no-place", message)
        return SharedHighWater(
            self._server,
            origin,
            holder=f"{socket.gethostname()[:100]}/{os.getpid()}/{token(8).hex()}",
            clock=monotonic,
            around=lambda: self._around("mark.swap"),
        )

    def path(self, origin: Origin) -> Path:
        """The file of a log's mark."""
        own = origin == self._config.origin
        name = HIGH_WATER_FILE if own else f"{QUERY_MARK_FILE}-{origin.rpartition('/')[2]}"
        return self._config.state_directory / name

    def unconfirmed(self) -> bool:
        """Whether the shared place has not said for minutes that we are the one who signs."""
        if self._shared is None:
            return False
        seconds = self._shared.unconfirmed
        return seconds is None or seconds > UNCONFIRMED_SECONDS

    def move(self, origin: Origin, *, to_file: bool) -> tuple[int, bytes]:
        """Bring the mark of a log to another place; what broke off is finished by the same call.

        While it moves it stands nowhere, and nothing is signed: first it is written at the new
        place as one that is to come, then the old one ends, then the new one begins.

        Returns:
            The mark, as it stands there.

        Raises:
            RefusedError: `high-water.two-marks`, `high-water.missing`, `high-water.moved`,
                `high-water.no-place`.
            HighWaterError: a place cannot be read or written, or its mark is damaged.
        """
        file, row = self.file(origin), self.row(origin)
        file.migrate()
        old, new = (row, file) if to_file else (file, row)
        here, there = old.standing(), new.standing()
        if here is None:
            message = f"there is no high-water mark of {origin} that could be moved"
            raise RefusedError("high-water.missing", message)
        state, mark = here
        if state is Standing.HERE:
            with self._around("mark.move"):
                new.prepare(mark)
            with self._around("mark.move"):
                old.leave(mark)
        elif there is not None and there[0] is Standing.HERE:
            return there[1]
        elif state is not Standing.GONE or there != (Standing.COMING, mark):
            message = f"the high-water mark of {origin} stands nowhere: move it the other way"
            raise RefusedError("high-water.missing", message)
        with self._around("mark.move"):
            new.arrive(mark)
        return mark

    def _stands_in_file(self, origin: Origin) -> bool:
        """Whether a file of this host is a mark; one that is damaged is none."""
        try:
            standing = self.file(origin).standing()
        except HighWaterError:
            return False
        return standing is not None and standing[0] is Standing.HERE


def _parameters(state: StateSection, directory: Path) -> dict[str, str]:
    """How the server is reached, as libpq calls it.

    Raises:
        ConfigError: the password.
    """
    url = make_url(state.mark)
    host = url.query.get("host") or url.host
    given = {
        "host": host if isinstance(host, str) else None,
        "port": None if url.port is None else str(url.port),
        "user": url.username,
        "dbname": url.database,
    }
    parameters = {name: value for name, value in given.items() if value}
    if state.mark_password_file:
        parameters["password"] = read_password(
            directory / state.mark_password_file, "state.mark_password_file"
        )
    if state.mark_ca_file:
        parameters["sslmode"] = "verify-full"
        parameters["sslrootcert"] = str(directory / state.mark_ca_file)
    return parameters
