"""Records as people and platforms read them: rows with their openings, as of today."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from adapters.state.reading_ring import ReadingRing
from federation.errors import RefusedError, StatementError
from federation.facts import PayloadReader
from federation.ids import Date, Origin, StatementId, Timestamp
from federation.life import life
from federation.life.annotations import Said, open_annotations
from federation.life.life import STANDING
from federation.life.scenarios import superseded
from federation.names import ANNOTATION_ACTIONS, KINDS
from federation.payloads import Annotation, Listing, Payload, Relief, content_of
from federation.peers.first_notes import FirstNote
from federation.ports.findings import Place
from federation.ports.store import LogHead, ReadSession, Store
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import Finding, obstacle
from federation.reconcile.own_lists import WITHOUT_GROUND, own_fault
from federation.reconcile.views import FirstCosigned, RecordView
from federation.relief.exits import repair_possible
from federation.rows import (
    ADVERSE_KINDS,
    JUDGED_KINDS,
    LISTED_KINDS,
    OpeningStatus,
    State,
    StatementRow,
)
from federation.statements import HEADER_SIZE, Kind, parse_header
from node.charters.view import TrustView
from node.codec import page_tokens, payload_to_json
from node.log.chains import TrustChains
from node.log.first_notes import first_note_of
from node.records.doubts import Doubts
from node.records.endings import ended_by, ended_days
from node.records.meanings import meanings
from node.records.merged_copies import Merging
from node.records.payload_fields import (
    completions_of,
    document_of,
    subject_of,
    until_of,
)
from node.records.requests import Requests, marks
from node.records.seeking import AT_ONCE, OPENED, among, seek, sought_of
from node.records.told import Told
from node.records.wanted import EVERYTHING, Wanted
from node.texts.states import FOUND_WORDS, found_word, state_word


class Records:
    """Reads records out of the store."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: ReadingRing,
        payloads: PayloadReader,
        trust: Callable[[], TrustView],
        today: Callable[[], Date],
        doubts: Doubts,
        catalog: Callable[[], Catalog] = lambda: Catalog(()),
    ) -> None:
        """Wire the reader; `catalog` is that of the moment."""
        self._catalog = catalog
        self._store = store
        self._keyring = keyring
        self._payloads = payloads
        self._trust = trust
        self._today = today
        self._doubts = doubts
        self._told = Told(keyring=keyring, payloads=payloads, trust=trust)
        self.merging = Merging(payloads=self.payloads, trust=trust)
        self.requests = Requests(payloads=self.payloads, trust=trust)

    def get(self, statement_id: StatementId) -> RecordView:
        """Read one statement with its whole payload.

        Raises:
            RefusedError: `record.unknown`.
        """
        with self._store.read() as session:
            rows = session.rows_by_id(None, [statement_id])
            if not rows:
                message = f"no statement {statement_id.hex()} is held here"
                raise RefusedError("record.unknown", message)
            return self.views(session, rows[:1], whole=True)[0]

    def list(
        self,
        state: str,
        origin: str,
        kind: str,
        page_size: int,
        page_token: str,
        wanted: Wanted = EVERYTHING,
    ) -> tuple[Sequence[RecordView], str]:
        """Read a page of records.

        Args:
            state: a state word, or empty for all.
            origin: an origin, or empty.
            kind: a kind's name, or empty for the listings.
            page_size: at most this many.
            page_token: of the page before, or empty.
            wanted: whose and of which list.

        Returns:
            The records, few or none where few of many are asked for, and the token of the page
            after; empty at the end.

        Raises:
            StatementError: `page-token.invalid`, `state.unknown`, `kind.unknown`.
            RefusedError: `log.unknown`.
        """
        after = page_tokens.read(page_token)
        kinds = (int(Kind.LISTING),) if not kind else (_kind(kind),)
        sought = sought_of(state, kinds, wanted.list_type, self._today())
        views: list[RecordView] = []
        opened = 0
        with self._store.read() as session:
            log = None
            if origin:
                head = session.head(Origin(origin))
                if head is None:
                    message = f"no log {origin} is held here; see `huxin status`"
                    raise RefusedError("log.unknown", message)
                log = head.log
            of_subject = wanted.rows_of_subject(session, self._keyring, kinds)
            if of_subject is None:
                at_once = AT_ONCE if wanted.by_name or state in FOUND_WORDS else page_size
                parts = seek(session, sought, log, after, max(page_size, at_once))
            else:
                parts = among(of_subject, sought, log, after, page_size)
            for rows, reached in parts:
                may_be = self._may_be(session, list(filter(wanted.may_be, rows)), state)
                opened += len(may_be)
                if wanted.by_name:
                    may_be = self._named(session, may_be, wanted)
                for view, row in self._shown(session, may_be, page_size):
                    if (not state or view.state == state) and wanted.fits(view):
                        views.append(view)
                        if len(views) == page_size:
                            return views, page_tokens.write((row.log, row.idx))
                after = reached
                if opened >= OPENED:
                    break
        return views, page_tokens.write(after)

    def _shown(
        self, session: ReadSession, rows: Sequence[StatementRow], at_once: int
    ) -> Iterator[tuple[RecordView, StatementRow]]:
        """Views with their rows; no more are made than are looked at, for they cost most."""
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            yield from zip(self.views(session, some), some, strict=True)

    def _named(
        self, session: ReadSession, rows: Sequence[StatementRow], wanted: Wanted
    ) -> Sequence[StatementRow]:
        """Rows whose subject has the name, before all that a record shows is asked for."""
        current = in_force(session, rows)
        said = self.payloads(session, current)
        return [
            row
            for row, now in zip(rows, current, strict=True)
            if (payload := said.get((now.log, now.idx))) is not None
            and (subject := subject_of(payload, content_of(payload))) is not None
            and wanted.names(subject)
        ]

    def views(
        self, session: ReadSession, rows: Sequence[StatementRow], *, whole: bool = False
    ) -> Sequence[RecordView]:
        """Turn rows into views, in order."""
        heads = {head.log: head for head in session.heads()}
        found = self.findings(session, rows)
        current = in_force(session, rows)
        said = self.payloads(session, current)
        meant = meanings(session, heads, current, said, self.payloads)
        chains = TrustChains(self._trust(), heads.values())
        annotations = open_annotations(session, rows, chains)
        over = superseded(session, rows, chains)
        asked = self.requests.open_about(session, rows)
        rows = [
            row._replace(state=State.SUPERSEDED) if (row.log, row.idx) in over else row
            for row in rows
        ]
        leaves = session.leaves_at([(row.log, row.idx) for row in rows])
        views = [
            self._view(
                session,
                row,
                heads[row.log],
                leaf,
                found.get((row.log, row.idx)),
                now,
                said.get((now.log, now.idx)),
                annotations=(
                    *_names_of(annotations.get((row.log, row.idx), ())),
                    *marks(asked.get((row.log, row.idx), ())),
                ),
                whole=whole,
            )
            for row, now, leaf in zip(rows, current, leaves, strict=True)
        ]
        views = [
            replace(view, meaning=meant[row.log, row.idx]) if (row.log, row.idx) in meant else view
            for view, row in zip(views, rows, strict=True)
        ]
        if not whole:
            return views
        merged = self.merging.records(session, rows)
        return [
            replace(
                view,
                completed=completions_of(merged.get((row.log, row.idx))),
                first_cosigned=_first_cosigned(first_note_of(session, heads[row.log], row)),
                told_by=self._told.about(session, heads[row.log], row, view.issued_at),
                ended_by=ended_by(session, row, heads, self._trust(), self.payloads),
            )
            for view, row in zip(views, rows, strict=True)
        ]

    def relieved_on(self, session: ReadSession, row: StatementRow) -> Date | None:
        """Day of the decision of the relief that ended a listing; None where it cannot be told."""
        return ended_days(session, [row], self._trust()).get((row.log, row.idx))

    def findings(self, session: ReadSession, rows: Sequence[StatementRow]) -> dict[Place, int]:
        """Findings of the standing listings and commendations of other cities, `NONE` included.

        And of those of our own whose list does not stand in our catalog, whose subject the base
        library has under other names only, or whose match a department found to be of another
        subject: they do not punish here either, however they
        came into our log.
        """
        ours = {head.log for head in session.heads() if head.ours}
        standing = [row for row in rows if row.kind in JUDGED_KINDS and row.state in STANDING]
        places = [(row.log, row.idx) for row in standing if row.log not in ours]
        found = session.findings(places) if places else {}
        catalog = self._catalog()
        own = [row for row in standing if row.log in ours and row.kind in ADVERSE_KINDS]
        said = session.findings([(row.log, row.idx) for row in own]) if own else {}
        places += said
        found |= said
        for row, now in zip(own, in_force(session, own), strict=True):
            listed = row.kind == Kind.LISTING
            fault = own_fault(catalog, row.list_type, Date(now.decided_on)) if listed else None
            if fault in WITHOUT_GROUND:
                places.append((row.log, row.idx))
                found[row.log, row.idx] = fault
        return {place: found.get(place, Finding.NONE) for place in places}

    def _may_be(
        self, session: ReadSession, rows: Sequence[StatementRow], state: str
    ) -> Sequence[StatementRow]:
        """Leave out rows whose finding alone shows that they are in another state."""
        if state not in FOUND_WORDS:
            return rows
        found = self.findings(session, rows)
        return [
            row
            for row in rows
            if row.state == State.HELD or found_word(found.get((row.log, row.idx))) == state
        ]

    def rule(
        self, session: ReadSession, head: LogHead, row: StatementRow, finding: int | None
    ) -> str:
        """Code behind a state, or for which a standing listing does not punish today.

        Args:
            session: what is held.
            head: the row's log.
            row: any row.
            finding: of `findings`; None for what is not reconciled.
        """
        if row.rule or row.kind not in JUDGED_KINDS or row.state not in STANDING:
            return row.rule
        doubt = self._doubts.of_listing(session, head, row)
        return doubt or ("" if finding is None else obstacle(finding))

    def unheard(self, session: ReadSession, head: LogHead) -> bool:
        """Whether relief of a log may be missing that was here before (`Doubts.unheard`)."""
        return self._doubts.unheard(session, head)

    def payloads(self, session: ReadSession, rows: Iterable[StatementRow]) -> dict[Place, Payload]:
        """Decode the payloads of statements whose openings are held and can be read."""
        kinds: dict[int, dict[int, int]] = defaultdict(dict)
        for row in rows:
            if row.opening == OpeningStatus.PRESENT:
                kinds[row.log][row.idx] = row.kind
        origins = {head.log: head.origin for head in session.heads()} if kinds else {}
        said: dict[Place, Payload] = {}
        for log, asked in kinds.items():
            stored = session.openings(log, list(asked))
            for one, opening in self._keyring.held_openings(origins[log], stored):
                with suppress(StatementError):
                    said[log, one.index] = self._payloads.decode(asked[one.index], opening.payload)
        return said

    def _view(
        self,
        session: ReadSession,
        row: StatementRow,
        head: LogHead,
        leaf: bytes,
        finding: int | None,
        current: StatementRow,
        payload: Payload | None,
        *,
        annotations: tuple[str, ...],
        whole: bool,
    ) -> RecordView:
        content = content_of(payload)
        until = until_of(payload, current)
        state = State(row.state)
        if row.kind in LISTED_KINDS:
            state = life.at(state, Date(until), self._today())
        record = payload.record if isinstance(payload, (Relief, Annotation)) else None
        return RecordView(
            statement_id=StatementId(row.statement_id),
            kind=row.kind,
            action=row.action,
            about=StatementId(row.about or bytes(16)),
            origin=head.origin,
            city=self._trust().city(Origin(head.origin)),
            index=row.idx,
            list_type=row.list_type or (record.list_type if record else ""),
            subject=subject_of(payload, content),
            authority=row.authority or (content.authority if content else ""),
            authority_name=content.authority_name if content else "",
            document=document_of(payload, content),
            decided_on=Date(row.decided_on),
            publish_until=Date(until),
            state=state_word(state, finding),
            annotations=annotations,
            rule=self.rule(session, head, row, finding),
            payload_json=(
                json.dumps(payload_to_json(payload), ensure_ascii=False)
                if whole and payload is not None
                else ""
            ),
            repair_possible=(
                repair_possible(content)
                if whole and isinstance(content, Listing) and row.state in STANDING
                else ()
            ),
            issued_at=Timestamp(parse_header(leaf).issued_at if len(leaf) >= HEADER_SIZE else 0),
        )


def _names_of(annotations: Sequence[Said]) -> tuple[str, ...]:
    actions = {one.row.action for one in annotations}
    return tuple(ANNOTATION_ACTIONS.name(action) for action in sorted(actions))


def _first_cosigned(first: FirstNote | None) -> FirstCosigned | None:
    return None if first is None else FirstCosigned(size=first.size, time=first.cosigned_at)


def in_force(session: ReadSession, rows: Sequence[StatementRow]) -> Sequence[StatementRow]:
    """For each row the one whose payload counts: a listing's newest correction, or itself."""
    replaced = [
        (row.log, row.current)
        for row in rows
        if row.kind in LISTED_KINDS and row.current != row.idx
    ]
    newer = {(row.log, row.idx): row for row in session.rows_at(replaced)} if replaced else {}
    return [newer.get((row.log, row.current), row) for row in rows]


def _kind(name: str) -> int:
    try:
        return KINDS.code(name)
    except StatementError as error:
        raise StatementError("kind.unknown", str(error)) from error
