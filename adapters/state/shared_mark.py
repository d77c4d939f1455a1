"""The high-water mark of a log as a row on another PostgreSQL server, for several hosts.

The rules of ADR 0025 hold as for the file: a mark that is not whole is a missing one, and without
an answer nothing is signed. Two hosts that both believe to be the one share nothing else.

    SM1   A row counts to its last column; one that is not whole is a missing mark, never size 0.
    SM2   The row lies on another server than the node's database (`high-water.same-server`).
    SM3   A step is one statement that compares all of the row: state, sequence, size, root, holder
          and server. Each step is the next sequence, also one to the same size and root: of two
          signers that read one row, one takes a step (`high-water.moved`).
    SM4   No step goes back: not to a smaller size, not to another root at the same size.
    SM5   A step is taken only where its commit is durable: `fsync` and `synchronous_commit` are on
          as the statement itself finds them, and the server is no standby.
    SM6   The row was written by the server that is asked, at its timeline. One that was promoted
          or filled from a dump may have lost steps: its mark is damaged.
    SM7   A step whose answer was lost is ours where the row is to the last column what we sent;
          whatever else stands there is another signer's.
    SM8   Every call ends within seconds.
    SM9   Who signs holds it: before the first signature of a process the row bears its token, and
          before each later one it is compared (`hold`).
    SM10  A mark stands in one place. A move writes it at the new one (coming), ends the old one
          (gone), then begins the new one (here); only a mark that is here is signed under.

An attacker who can write this row can make the node refuse to sign or, with control over a
database of the node as well, sign a second history; peers show it, their cosignatures prove it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from psycopg import errors as pg

from adapters.errors import (
    HighWaterError,
    MarkElsewhereError,
    MarkServerError,
    MarkUnreachableError,
)
from adapters.state.mark_row import MarkRow, Standing, read_row
from adapters.state.mark_server import MarkServer
from adapters.state.mark_statements import INSERT, LOOK, LOOK_WITHOUT, REPLACE, STEP, TABLE
from crypto.merkle import EMPTY_ROOT
from federation.errors import RefusedError
from federation.ids import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the server says of the row, and of itself."""

    row: MarkRow | None
    damage: str
    content: str
    """Digest of all that stands there, whole or not; empty where no row is."""
    server: str
    durable: str
    """Why a commit is not; empty where it is."""

    @property
    def mark(self) -> tuple[int, bytes] | None:
        return None if self.row is None or self.damage else self.row.mark


class SharedHighWater:
    """`federation.ports.highwater.HighWater` for several hosts; one object for each signer."""

    def __init__(
        self,
        server: MarkServer,
        origin: Origin,
        *,
        holder: str,
        clock: Callable[[], float],
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Use the row of a log.

        Args:
            server: where it lies.
            origin: our log.
            holder: a token of this process, by which it knows its own steps again.
            clock: seconds, never back.
            around: surrounds each step.
        """
        self._server = server
        self._origin = origin
        self._holder = holder
        self._clock = clock
        self._around = around
        self._base: MarkRow | None = None
        """The row from which the next step is taken: as first read, or of our last step."""
        self._accepted: list[tuple[int, bytes] | None] = []
        """What a step may be expected to begin from; empty before the row was read."""
        self._unsure: list[MarkRow] = []
        """Steps whose answer was lost: taken, not taken, or about to be."""
        self._confirmed_at: float | None = None

    @property
    def unconfirmed(self) -> float | None:
        """Seconds since the row last was what this process goes on from; None before that."""
        at = self._confirmed_at
        return None if at is None else self._clock() - at

    def load(self) -> tuple[int, bytes] | None:
        """See `HighWater.load`.

        What another signer wrote since is told, but no step is taken from it (SM3).

        Raises:
            HighWaterError: the server does not answer, is not fit, or the mark is elsewhere.
        """
        with self._server.turn:
            found = self._here()
            _require_durable(found)
            row = found.row
            if not self._accepted or (found.mark is not None and self._is_ours(row)):
                self._take(None if found.mark is None else row)
                self._confirmed_at = self._clock()
            return found.mark

    def remains(self) -> tuple[int, bytes] | None:
        """See `HighWater.remains`.

        Raises:
            HighWaterError: as `load`.
        """
        row = self._here().row
        return None if row is None else row.mark

    def damage(self) -> str:
        """Why the row that is there is taken for a missing mark; empty where it is not.

        Raises:
            HighWaterError: as `load`.
        """
        return self._here().damage

    def create_empty(self) -> None:
        """Make the row, of size 0, for a fresh key.

        Raises:
            RefusedError: `high-water.exists`; also where it is damaged.
            HighWaterError: as `load`.
        """
        with self._server.turn:
            self._server.ask(TABLE)
            found = self._look()
            row = self._next(None, (0, EMPTY_ROOT), found)
            if found.content or not self._server.ask(INSERT, self._values(None, row)):
                message = f"there is a shared high-water mark of {self._origin} already"
                raise RefusedError("high-water.exists", message)
            self._take(row)

    def advance(self, expected: tuple[int, bytes] | None, new: tuple[int, bytes]) -> None:
        """See `HighWater.advance`.

        Raises:
            RefusedError: `high-water.moved`.
            HighWaterError: as `load`; the mark is the old one, or the new one, or will be.
        """
        with self._server.turn:
            stood = self._server.connected
            try:
                self._advance(expected, new)
            except MarkUnreachableError:
                if not stood:
                    raise
                # The connection may have broken since the last call: once more, over a new one.
                self._advance(expected, new)

    def hold(self, expected: tuple[int, bytes]) -> None:
        """See `HighWater.hold` (SM9).

        Raises:
            RefusedError: `high-water.moved`.
            HighWaterError: as `load`.
        """
        with self._server.turn:
            found = self._here()
            _require_whole(found)
            if self._is_ours(found.row):
                self._take(found.row)
            base = self._base
            if base is None or found.row != base or base.holder != self._holder:
                raise self._moved(expected, found)
            if base.mark != expected:
                message = f"a step to size {base.size} was taken whose answer was lost"
                raise HighWaterError(message)
            self._confirmed_at = self._clock()

    # ------------------------------------------------------------ moving it (SM10)

    def standing(self) -> tuple[Standing, tuple[int, bytes]] | None:
        """Whether the mark stands here, and which; None where there is no row.

        Raises:
            HighWaterError: as `load`, or the row is damaged.
        """
        with self._server.turn:
            self._server.ask(TABLE)
            found = self._look()
            _require_whole(found)
            _require_durable(found)
            self._take(found.row)
            return None if found.row is None else (found.row.state, found.row.mark)

    def prepare(self, mark: tuple[int, bytes]) -> None:
        """Write a mark that is to come here, in place of one that is not here.

        Raises:
            RefusedError: `high-water.two-marks`, `high-water.moved`.
            HighWaterError: as `standing`.
        """
        self._move(Standing.COMING, mark)

    def leave(self, mark: tuple[int, bytes]) -> None:
        """End the mark here, which must be this one.

        Raises:
            RefusedError: `high-water.moved`.
            HighWaterError: as `standing`.
        """
        self._move(Standing.GONE, mark)

    def arrive(self, mark: tuple[int, bytes]) -> None:
        """Begin the mark that was prepared here, which must be this one.

        Raises:
            RefusedError: `high-water.moved`.
            HighWaterError: as `standing`.
        """
        self._move(Standing.HERE, mark)

    def _move(self, state: Standing, mark: tuple[int, bytes]) -> None:
        before = {Standing.GONE: Standing.HERE, Standing.HERE: Standing.COMING}.get(state)
        with self._server.turn:
            standing, base = self.standing(), self._base
            if state is Standing.COMING and standing is not None and standing[0] is Standing.HERE:
                message = "a high-water mark stands in both places"
                raise RefusedError("high-water.two-marks", message)
            if before is not None and standing != (before, mark):
                raise self._moved(mark, self._look())
            if base is not None:
                _require_forward(base, mark)
            found = self._look()
            row = replace(self._next(base, mark, found), state=state, holder="")
            statement = INSERT if base is None else STEP
            if not self._server.ask(statement, self._values(base, row)):
                raise self._moved(mark, self._look())
            self._take(row)

    # ------------------------------------------------------------ steps, under the turn

    def _advance(self, expected: tuple[int, bytes] | None, new: tuple[int, bytes]) -> None:
        if not self._accepted:
            self.load()
        if self._unsure:
            self._settle()
        if expected not in self._accepted:
            raise self._moved(expected, self._look())
        base = self._base
        if base is None:
            self._make(expected, new)
            return
        if base.state is not Standing.HERE:
            raise self._elsewhere()
        _require_forward(base, new)
        row = replace(
            base,
            sequence=base.sequence + 1,
            size=new[0],
            root=new[1],
            holder=self._holder,
        )
        if self._sent(row, STEP, self._values(base, row)):
            return
        found = self._here()
        _require_whole(found)
        _require_durable(found)
        if found.row not in self._unsure:
            raise self._moved(expected, found)
        # A step of our own, sent before and not answered, came first.
        message = "a step whose answer was lost was taken only now"
        raise MarkUnreachableError(message)

    def _sent(self, row: MarkRow, statement: LiteralString, values: dict[str, Any]) -> bool:
        """Take a step; one whose answer does not come is remembered (SM7)."""
        self._unsure.append(row)
        self._accepted.append(row.mark)
        with self._around():
            done = self._server.ask(statement, values)
        if not done:
            self._unsure.remove(row)
            return False
        self._take(row)
        self._confirmed_at = self._clock()
        return True

    def _settle(self) -> None:
        """Find out about steps whose answers were lost (SM7)."""
        found = self._look()
        if found.mark is not None and found.row in self._unsure:
            self._base = found.row

    def _make(self, expected: tuple[int, bytes] | None, new: tuple[int, bytes]) -> None:
        """Make a mark that is missing, or damaged, at no less than what is left of it."""
        self._server.ask(TABLE)
        found = self._here()
        _require_durable(found)
        if found.mark is not None:
            raise self._moved(expected, found)
        if found.row is not None:
            _require_forward(found.row, new)
        row = self._next(found.row, new, found)
        statement = REPLACE if found.content else INSERT
        if not self._sent(row, statement, self._values(None, row, found.content)):
            raise self._moved(expected, self._look())

    def _next(self, base: MarkRow | None, mark: tuple[int, bytes], found: _Found) -> MarkRow:
        return MarkRow(
            state=Standing.HERE,
            sequence=0 if base is None else base.sequence + 1,
            size=mark[0],
            root=mark[1],
            holder=self._holder,
            server=found.server,
        )

    def _values(self, base: MarkRow | None, row: MarkRow, content: str = "") -> dict[str, Any]:
        values: dict[str, Any] = {"origin": self._origin, "content": content}
        for name, one in (("", base), ("new_", row)):
            if one is not None:
                values |= {
                    f"{name}state": one.state.value,
                    f"{name}sequence": one.sequence,
                    f"{name}size": one.size,
                    f"{name}root": one.root,
                    f"{name}holder": one.holder,
                    f"{name}server": one.server,
                    f"{name}digest": one.digest(self._origin),
                }
        return values

    # ------------------------------------------------------------ reading

    def _take(self, row: MarkRow | None) -> None:
        """Take the next step from here."""
        self._base = row
        self._accepted = [None if row is None else row.mark]
        self._unsure.clear()

    def _is_ours(self, row: MarkRow | None) -> bool:
        return row is not None and (row == self._base or row in self._unsure)

    def _here(self) -> _Found:
        """What is found, unless the mark stands elsewhere (SM10)."""
        found = self._look()
        if found.row is not None and found.row.state is not Standing.HERE:
            raise self._elsewhere()
        return found

    def _elsewhere(self) -> MarkElsewhereError:
        message = (
            f"the high-water mark of {self._origin} is not in the shared place: "
            "huxin mark show; huxin mark move"
        )
        return MarkElsewhereError(message)

    def _look(self) -> _Found:
        try:
            [found] = self._server.ask(LOOK, {"origin": self._origin})
        except pg.UndefinedTable:
            [found] = self._server.ask(LOOK_WITHOUT)
        *fields, content, server, durable, fsync, waits = found
        row = None if content is None else read_row(self._origin, tuple(fields))
        damage = ""
        if content is not None and row is None:
            damage = "its row is not whole"
        elif row is not None and row.server != server:
            damage = (
                f"it was written by {row.server}, the server is {server}: what it lost is unknown"
            )
        reason = (
            ""
            if durable
            else (
                f"the high-water mark's server forgets: fsync={fsync}, synchronous_commit={waits}, "
                f"{server}; expected on, on, and no standby"
            )
        )
        if server.endswith("/standby"):
            raise MarkServerError(reason, code="high-water.not-durable")
        return _Found(row=row, damage=damage, content=content or "", server=server, durable=reason)

    def _moved(self, expected: tuple[int, bytes] | None, found: _Found) -> RefusedError:
        told = "none" if found.mark is None else f"the mark at size {found.mark[0]}"
        known = "none" if expected is None else f"the mark at size {expected[0]}"
        by = "" if found.row is None or not found.row.holder else f" by {found.row.holder}"
        message = (
            f"the shared high-water mark of {self._origin}: expected {known}, found {told}{by}: "
            "another process signs for this log; stop one of the two"
        )
        return RefusedError("high-water.moved", message)


def _require_whole(found: _Found) -> None:
    if found.damage:
        raise HighWaterError(f"the shared high-water mark: {found.damage}")


def _require_durable(found: _Found) -> None:
    """See that a step would be kept (SM5)."""
    if found.durable:
        raise MarkServerError(found.durable, code="high-water.not-durable")


def _require_forward(base: MarkRow, new: tuple[int, bytes]) -> None:
    """See that a step does not go back (SM4)."""
    if new[0] < base.size or (new[0] == base.size and new[1] != base.root):
        message = f"the high-water mark at size {base.size} does not go back to size {new[0]}"
        raise HighWaterError(message)
