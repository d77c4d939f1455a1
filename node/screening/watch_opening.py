"""A watch is opened: its rows are read as they come, admitted, sealed and recorded.

    rows, some hundred at a time → admitted (`node.access.admitting`) → read, those that cannot be
    watched told → sealed in groups, each with its entry of the query log, one unit → ready, in the
    last unit

    WA11 opening counts as many questions as there are rows, together as many subjects as one case
         of the credential may have; being told counts none
    WA12 a watch that was not opened whole is none. The same opening again under its request id has
         the same watch; another one under it is refused

A crash in between leaves what was recorded, which was asked, and no watch. Any thread; blocks.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, Final, Protocol

from adapters.sql.query_store import QueryStore, QueryWrites
from adapters.sql.watches import (
    StoredWatch,
    add_groups,
    add_watch,
    make_ready,
    remove_watch,
    watch_of_request,
)
from federation.errors import RefusedError, StatementError
from federation.ids import Timestamp
from federation.screening.query_log import EntryKind, Promise
from federation.screening.questions import (
    MATTER_FIELD,
    REQUEST_FIELD,
    SUBJECT_FIELDS,
    Field,
    read_fields,
)
from federation.screening.roles import Action, Asker
from federation.screening.watches import Position, Rows, Subject, Unwatched, check_until
from node.access.query_keys import QueryKeys
from node.access.query_log import Entry, QueryLog
from node.access.query_log import Subject as Asked
from node.access.query_writer import QueryWriter
from node.screening.watch_documents import refused_to_json, watch_to_json
from node.screening.watch_judging import Terms, WatchJudging
from node.screening.watch_positions import Positions
from node.screening.watch_reading import gone
from node.screening.watch_subjects import grouped, seal_group, seal_terms, to_json
from node.system.clock import Clock, date_of
from node.system.failpoints import Failpoints

NUMBER_BYTES: Final = 6
UNIT_GROUPS: Final = 8
"""Groups of subjects that are kept in one unit: others' questions wait no longer than for that."""
CHUNK: Final = 4096
"""Rows that are read before they are admitted."""
REFUSED_SHOWN: Final = 1000
_HEAD: Final[Mapping[str, Field]] = {
    "request_id": REQUEST_FIELD,
    "matter": MATTER_FIELD,
    "case_no": SUBJECT_FIELDS["case_no"],
    "purpose": SUBJECT_FIELDS["purpose"],
}


class CaseAdmission(Protocol):
    """Who may ask what, and how much (`node.access.admitting.Access`)."""

    def admit_rows(
        self, asker: Asker, action: Action, rows: int, *, matter: str, purpose: str, total: int
    ) -> None:
        """Let further subjects of one case be asked about, or be told of with none; or refuse."""
        ...

    def answered(self, writes: QueryWrites, asker: Asker, count: int) -> None:
        """Count answers, in the unit that makes them durable."""
        ...


@dataclass(slots=True, kw_only=True)
class _Opening:
    """A watch that is being opened."""

    asker: Asker
    watch: StoredWatch
    terms: Terms
    digest: Any
    rows: int = 0
    subjects: int = 0
    refused_rows: int = 0
    refused: list[Unwatched]


class WatchOpening:
    """Opens watches."""

    def __init__(  # noqa: PLR0913 - wired once, in node.screening.wire_watches
        self,
        *,
        region: str,
        judging: WatchJudging,
        access: CaseAdmission,
        queries: QueryStore,
        writer: QueryWriter,
        keys: QueryKeys,
        log: QueryLog,
        clock: Clock,
        keep_seconds: int,
        token: Callable[[int], bytes],
        failpoints: Failpoints,
    ) -> None:
        """Wire it.

        Args:
            region: of this node, in the numbers of watches.
            judging: says which matters may be asked for.
            access: who may ask.
            queries: the query store; only read.
            writer: of the query store.
            keys: seal and tag.
            log: the query log.
            clock: never behind any clock that is believed.
            keep_seconds: how long what is asked is kept; no watch is longer.
            token: gives that many random bytes.
            failpoints: for the crash tests.
        """
        self._region = region
        self._judging = judging
        self._access = access
        self._queries = queries
        self._writer = writer
        self._keys = keys
        self._positions = Positions(keys)
        self._log = log
        self._clock = clock
        self._keep_seconds = keep_seconds
        self._token = token
        self._failpoints = failpoints
        self._guard = threading.Lock()
        self._opening: set[bytes] = set()

    def open(self, asker: Asker, raw: Mapping[str, Any], rows: Iterable[object]) -> dict[str, Any]:
        """Begin to watch subjects.

        Args:
            asker: who asks.
            raw: `request_id`, `matter`, `case_no`, `purpose`, `until`.
            rows: each an object with `code` and `name`; read as they come.

        Raises:
            StatementError: `question.…`, `watch.subjects`, `watch.until`.
            RefusedError: `access.…`, `batch.case`, `matter.…`, `watch.opening`, `request.reused`.
            StoreError: the query store; there is no such watch.
        """
        texts, _ = read_fields(raw, _HEAD)
        request_id = texts.pop("request_id")
        terms = Terms(**texts)
        self._admit(asker, terms)
        self._judging.matter(terms.matter)
        now, today = self._clock.now(), self._clock.today()
        until = raw.get("until")
        longest = date_of(Timestamp(now + self._keep_seconds))
        last = check_until(until if type(until) is int else 0, today, longest)
        request_key = self._keys.tag(to_json(["watch-request", asker.credential, request_id]))
        number = f"{self._region}-{today}-{self._token(NUMBER_BYTES).hex()}"
        sealed = seal_terms(self._keys, number, terms.case_no, terms.purpose)
        opening = _Opening(
            asker=asker,
            watch=StoredWatch(
                number=number,
                asker=asker.credential,
                department=asker.department,
                request_key=request_key,
                content_tag=b"",
                matter=terms.matter,
                until=last,
                opened_at=now,
                key=sealed.key,
                sealed=sealed.data,
            ),
            terms=terms,
            digest=hashlib.sha256(to_json([terms.matter, terms.case_no, terms.purpose, last])),
            refused=[],
        )
        with self._alone(request_key):
            return self._opened(opening, rows)

    def _opened(self, opening: _Opening, rows: Iterable[object]) -> dict[str, Any]:
        with self._queries.read() as reads:
            before = watch_of_request(reads, opening.watch.request_key)
        if before is not None and before.ready:
            for _ in self._groups(opening, rows, admitted=False):
                pass
            if before.content_tag != self._content(opening):
                message = (
                    "请求编号须每次跟踪各用一个 / expected a new request id for another watch; "
                    "what was asked first stands"
                )
                raise RefusedError("request.reused", message)
            return self._answer(before, opening, ())
        with self._failpoints.at("watch.open"):
            self._writer.submit(partial(_begin, before=before, watch=opening.watch)).result()
        try:
            groups = self._groups(opening, rows, admitted=True)
            while some := list(islice(groups, UNIT_GROUPS)):
                with self._failpoints.at("watch.open"):
                    self._writer.submit(partial(self._keep, opening, some)).result()
            _check_any(opening)
            opening.watch = replace(
                opening.watch,
                rows=opening.rows,
                subjects=opening.subjects,
                content_tag=self._content(opening),
                ready=True,
            )
            with self._failpoints.at("watch.open"):
                promise = self._writer.submit(partial(self._ready, opening)).result()
        except (StatementError, RefusedError):
            self._writer.submit(partial(remove_watch, number=opening.watch.number)).result()
            raise
        return self._answer(opening.watch, opening, (promise,))

    def _groups(
        self, opening: _Opening, rows: Iterable[object], *, admitted: bool
    ) -> Iterator[list[Subject]]:
        """Read the rows: who is watched, in groups; who is not is kept in `opening`."""

        def subjects() -> Iterator[Subject]:
            read, left = Rows(), iter(rows)
            while chunk := list(islice(left, CHUNK)):
                if admitted:
                    self._admit(opening.asker, opening.terms, len(chunk), opening.rows)
                right, refused = read.read(chunk)
                opening.rows += len(chunk)
                opening.subjects += len(right)
                opening.refused_rows += len(refused)
                opening.refused += refused[: REFUSED_SHOWN - len(opening.refused)]
                for one in right:
                    opening.digest.update(to_json([one.row, one.code, one.name]))
                    yield one

        return grouped(subjects())

    def _keep(
        self, opening: _Opening, groups: Sequence[Sequence[Subject]], writes: QueryWrites
    ) -> None:
        """Keep subjects, and that they were asked about."""
        number = opening.watch.number
        add_groups(writes, [seal_group(self._keys, number, group) for group in groups])
        self._log.record_all(writes, [self._entry(opening, group) for group in groups])
        self._access.answered(writes, opening.asker, sum(map(len, groups)))

    def _ready(self, opening: _Opening, writes: QueryWrites) -> Promise:
        if not make_ready(writes, opening.watch):
            raise gone()
        return self._log.record(writes, self._entry(opening, (), f"{opening.subjects}"))

    def _entry(self, opening: _Opening, group: Sequence[Subject], result: str = "watched") -> Entry:
        return Entry(
            kind=EntryKind.QUESTION,
            asker=opening.asker.credential,
            department=opening.asker.department,
            action=Action.WATCH.value,
            at=Timestamp(opening.watch.opened_at),
            matter=opening.terms.matter,
            purpose=opening.terms.purpose,
            case_no=opening.terms.case_no,
            subjects=tuple(Asked(code=one.code, name=one.name) for one in group),
            result=result,
            number=opening.watch.number,
        )

    def _content(self, opening: _Opening) -> bytes:
        """A tag of all that was asked."""
        return self._keys.tag(b"watch-content\0" + opening.digest.digest())

    def _answer(
        self, watch: StoredWatch, opening: _Opening, promises: Sequence[Promise]
    ) -> dict[str, Any]:
        return {
            **watch_to_json(watch, opening.terms, self._clock.today()),
            "position": self._positions.to_text(watch.number, Position()),
            "refused_rows": opening.refused_rows,
            "refused": refused_to_json(opening.refused),
            "promises": [one.to_json() for one in promises],
        }

    @contextmanager
    def _alone(self, request_key: bytes) -> Iterator[None]:
        """Open nothing twice at a time under one request id."""
        with self._guard:
            if request_key in self._opening:
                message = "此请求正在办理 / this request is being answered; ask again later"
                raise RefusedError("watch.opening", message)
            self._opening.add(request_key)
        try:
            yield
        finally:
            with self._guard:
                self._opening.discard(request_key)

    def _admit(self, asker: Asker, terms: Terms, rows: int = 0, before: int = 0) -> None:
        self._access.admit_rows(
            asker,
            Action.WATCH,
            rows,
            matter=terms.matter,
            purpose=terms.purpose,
            total=before + rows,
        )


def _check_any(opening: _Opening) -> None:
    """See that somebody is watched.

    Raises:
        StatementError: `watch.subjects`.
    """
    if not opening.subjects:
        why = opening.refused[0].code if opening.refused else "no row"
        message = f"没有可跟踪的主体 / expected a row that can be watched, got {why}"
        raise StatementError("watch.subjects", message)


def _begin(writes: QueryWrites, *, before: StoredWatch | None, watch: StoredWatch) -> None:
    """Begin a watch, in the place of one that was not opened whole (WA12)."""
    if before is not None:
        remove_watch(writes, before.number)
    add_watch(writes, watch)
