"""Who stands in the rows of an import, and what each leads to: before it is published, and after.

For persons who say a word about an import, or publish it: figures alone name nobody.

    IM8  The rows that are shown are those that its try went through (`node.intake.seen_rows`), of
         the very bytes that were tried (IM1). They wait sealed, under a key of this process alone
         (`adapters.files.spool`); where none wait any more the file is tried again. Of what was
         published numbers and ids are kept, no names: whom a row names is read of the record, and
         of what was erased nothing is; what the file is called is kept where it names none of them
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple, dataclass, fields, replace
from itertools import islice
from threading import Lock
from typing import Any, Final
from weakref import finalize

from adapters.errors import FullError
from adapters.files.errors import TableError
from adapters.files.spool import Spool
from federation.errors import RefusedError
from federation.ids import StatementId
from federation.names import ABOUT_LISTINGS
from federation.ports.store import ReadSession, Store
from federation.subject_names import normal_name
from node.intake.import_folder import ImportFolder
from node.intake.imported import Import
from node.intake.seen_rows import See, SeenRow, names, of_listing
from node.publishing.own_statements import OwnStatements

SHOWN: Final = 50
"""Rows of a page, where nobody says how many."""
KEPT: Final = 8
"""Imports whose rows wait, those tried last."""
_PAGE: Final = 1024
"""Rows that are sealed together."""
_NAMES: Final = tuple(field.name for field in fields(SeenRow))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A page of rows."""

    after: int = 0
    """How many rows are passed over, of whatever decision."""
    limit: int = SHOWN
    decision: str = ""
    """Only rows that lead to this; empty: all."""


class _Kept:
    """Rows of one import, sealed; added by one thread, then read by any, one at a time."""

    def __init__(self, make: Callable[[], Spool], *, needed: bool) -> None:
        """Begin with none; where there is no room they are lost, unless they are `needed`."""
        self._needed = needed
        self._page: list[tuple[Any, ...]] = []
        self._lock = Lock()
        self._spool: Spool | None = None
        with self._room():
            self._spool = make()
            finalize(self, self._spool.close)  # the node ends, and these with it

    @property
    def lost(self) -> bool:
        return self._spool is None

    def add(self, row: SeenRow) -> None:
        self._page.append(astuple(row))
        if len(self._page) == _PAGE:
            self.flush()

    def flush(self) -> None:
        if self._page and self._spool is not None:
            with self._room():
                self._spool.add(self._page)
        self._page = []

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except (OSError, FullError, RefusedError, TableError):
            self.close()
            if self._needed:
                raise

    def found(self, wanted: Wanted) -> tuple[list[SeenRow], int]:
        """The rows of a page, and after which the next one begins; 0 where there is none."""
        first = wanted.after // _PAGE
        with self._lock:
            if self._spool is None:
                message = "这一导入正在办理，请稍候 / somebody is at this import; come again"
                raise RefusedError("import.busy", message)
            pages = self._spool.pages(first)
            rows = (_row(each) for page in pages for each in page)
            return _chosen(rows, first * _PAGE, wanted)

    def each(self) -> Iterator[SeenRow]:
        """All of them, one after the other.

        Raises:
            RefusedError: `import.busy`.
        """
        after = 0
        while True:
            rows, after = self.found(Wanted(after=after, limit=_PAGE))
            yield from rows
            if not after:
                return

    def close(self) -> None:
        with self._lock:
            if self._spool is not None:
                self._spool.close()
                self._spool = None


def _row(values: tuple[Any, ...]) -> SeenRow:
    return SeenRow(**dict(zip(_NAMES, values, strict=True)))


class ImportRows:
    """Rows of imports; any thread, blocks."""

    def __init__(
        self,
        *,
        folder: ImportFolder,
        spool: Callable[[], Spool],
        store: Store,
        statements: OwnStatements,
    ) -> None:
        """Wire it; `spool` makes a sealed place for rows."""
        self._folder = folder
        self._spool = spool
        self._store = store
        self._statements = statements
        self._lock = Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    @contextmanager
    def trying(self, number: str, *, needed: bool = False) -> Iterator[See]:
        """Keep the rows that a try tells of, once it has ended well.

        Where there is no room for them it goes on without, unless they are `needed`.

        Raises:
            FullError: they are needed, and there is no room for them; likewise OSError,
                RefusedError, `disk.reserve`, and TableError, `file.size`.
        """
        kept = _Kept(self._spool, needed=needed)
        try:
            yield kept.add
            kept.flush()
        except BaseException:
            kept.close()
            raise
        if not kept.lost:
            self._keep(number, kept)

    def _keep(self, number: str, kept: _Kept) -> None:
        with self._lock:
            over = [self._kept.pop(number)] if number in self._kept else []
            self._kept[number] = kept
            if len(self._kept) > KEPT:
                over.append(self._kept.popitem(last=False)[1])
        for one in over:
            one.close()

    @contextmanager
    def publishing(self, one: Import) -> Iterator[See]:
        """Note what each row has led to, once all of it is published."""
        with self._folder.noting(one) as note:
            yield lambda row: note(
                json.dumps((row.row, row.decision, row.statement_id, row.act_id))
            )

    def forget(self, number: str) -> None:
        """Give the space of an import's rows back."""
        with self._lock:
            kept = self._kept.pop(number, None)
        if kept is not None:
            kept.close()

    def waits(self, one: Import) -> bool:
        """Whether a page can be read; else the file is to be tried again."""
        return one.published or bool(one.fault) or one.number in self._kept

    def named_in(self, number: str, text: str) -> bool:
        """Whether a text names who stands in a row of the last try, or that cannot be told."""
        with self._lock:
            kept = self._kept.get(number)
        plain = normal_name(text)
        return bool(text) and (kept is None or any(names(plain, row) for row in kept.each()))

    def page(self, one: Import, wanted: Wanted) -> dict[str, Any]:
        """Return a page of the rows of an import that `waits`.

        Returns:
            `import`; `good`: rows without a fault; `rows`, as `SeenRow` has them; `next`: after how
            many rows the next page begins, 0 on the last.

        Raises:
            RefusedError: `import.changed`; `import.busy`: it is tried again at this moment.
        """
        good = int(one.result.get("rows", 0)) - int(one.result.get("refused_rows", 0))
        rows: list[SeenRow] = []
        following = 0
        if one.published:
            rows, following = _chosen(self._noted(one), 0, wanted)
            with self._store.read() as session:
                acts = one.kind in ABOUT_LISTINGS
                rows = [self._named(session, row, acts=acts) for row in rows]
        elif not one.fault:
            self._folder.file_of(one)
            with self._lock:
                kept = self._kept.get(one.number)
            if kept is not None:
                rows, following = kept.found(wanted)
        return {
            "import": one.number,
            "good": good,
            "rows": [asdict(row) for row in rows],
            "next": following,
        }

    def _noted(self, one: Import) -> Iterator[SeenRow]:
        for line in self._folder.noted(one):
            row, decision, statement_id, act_id = json.loads(line)
            yield SeenRow(row=row, decision=decision, statement_id=statement_id, act_id=act_id)

    def _named(self, session: ReadSession, row: SeenRow, *, acts: bool) -> SeenRow:
        """A row of what was published, with what its record says today."""
        if not row.statement_id:
            return row
        with suppress(RefusedError):
            statement = StatementId(bytes.fromhex(row.statement_id))
            listing = self._statements.listing(session, statement).payload
            if listing is not None:
                said = of_listing(row.row, row.decision, statement, listing)
                if not acts:
                    return said
                number = said.document
                return replace(
                    said,
                    act_id=row.act_id,
                    document="",
                    listing_document=number,
                    decided_on=0,
                    publish_until=0,
                )
        return row


def _chosen(rows: Iterator[SeenRow], passed: int, wanted: Wanted) -> tuple[list[SeenRow], int]:
    """Rows of a page, of those that begin after so many; and where the next page begins."""
    found: list[SeenRow] = []
    for at, row in enumerate(islice(rows, wanted.after - passed, None), wanted.after):
        if wanted.decision and row.decision != wanted.decision:
            continue
        if len(found) == wanted.limit:
            return found, at
        found.append(row)
    return found, 0
