"""Requests 转办 as they stand: each with its answers, read out of the logs that are held.

Only what could be opened here is read: a request is for its speaker and the listing's origin alone.
How one stands is `federation.requests`; nothing is kept beside the statements themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.ids import LeafHash, Origin, Timestamp
from federation.names import REQUEST_TYPES
from federation.payloads import Answer, Payload, Reference, Request, Submission
from federation.ports.findings import Place
from federation.ports.store import ReadSession
from federation.requests import OPEN_STATES, Asked, RequestState, Said, judge
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind, RequestAction, parse_header
from node.charters.view import TrustView
from node.log.chains import TrustChains

PAGE: Final = 1024
_KINDS: Final = (int(Kind.REQUEST),)
_IN_FORCE: Final = (int(State.IN_FORCE),)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRead:
    """An answer that counts, by whom and when it was said."""

    row: StatementRow
    origin: Origin
    issued_at: Timestamp
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRead:
    """A request as it stands."""

    row: StatementRow
    reference: Reference
    issued_at: Timestamp
    submission: Submission
    state: RequestState
    answers: tuple[AnswerRead, ...]
    """Those that count (J1-J3), in the order of their logs."""

    @property
    def origin(self) -> Origin:
        """The log of who forwarded it."""
        return self.reference.origin

    def last(self) -> AnswerRead | None:
        """The answer that gave its state, where there is one."""
        action = RequestAction[self.state.name]
        return next((one for one in self.answers if one.row.action == action), None)


def marks(requests: Iterable[RequestRead]) -> tuple[str, ...]:
    """Our own marks of a listing of others: what was forwarded from here and is open there."""
    types = {one.submission.request_type for one in requests}
    return tuple(f"{REQUEST_TYPES.name(kind)}-forwarded" for kind in sorted(types))


class Requests:
    """Reads requests."""

    def __init__(
        self,
        *,
        payloads: Callable[[ReadSession, Iterable[StatementRow]], dict[Place, Payload]],
        trust: Callable[[], TrustView],
    ) -> None:
        """Wire the reader; `payloads` decodes what is held of rows."""
        self._payloads = payloads
        self._trust = trust

    def rows(self, session: ReadSession) -> Iterator[StatementRow]:
        """Every REQUEST and answer in force, by place."""
        after: Place | None = None
        while page := session.list_rows(
            log=None, kinds=_KINDS, states=_IN_FORCE, after=after, limit=PAGE
        ):
            yield from page
            after = (page[-1].log, page[-1].idx)

    def all(self, session: ReadSession) -> Sequence[RequestRead]:
        """Every request that can be read here, by place."""
        rows = [row for row in self.rows(session) if row.opening == OpeningStatus.PRESENT]
        return self._read(session, rows, rows)

    def of(self, session: ReadSession, asked: Iterable[StatementRow]) -> Sequence[RequestRead]:
        """These requests alone."""
        asked = [row for row in asked if row.opening == OpeningStatus.PRESENT]
        if not asked:
            return ()
        answers = [
            row
            for row in self.rows(session)
            if row.opening == OpeningStatus.PRESENT and row.action != RequestAction.FORWARDED
        ]
        return self._read(session, asked, answers)

    def open_about(
        self, session: ReadSession, rows: Sequence[StatementRow]
    ) -> dict[Place, tuple[RequestRead, ...]]:
        """Our own open requests about listings, by the place of the listing."""
        ours = {head.log for head in session.heads() if head.ours}
        tags = sorted({row.record_tag for row in rows if row.record_tag and row.log not in ours})
        asked = [
            row
            for row in (session.rows_by_record(tags, _KINDS) if tags else ())
            if row.log in ours and row.state == State.IN_FORCE
        ]
        if not asked:
            return {}
        numbers = {head.origin: head.log for head in session.heads()}
        found: dict[Place, list[RequestRead]] = defaultdict(list)
        for one in self.of(session, asked):
            listing = one.submission.listing
            log = numbers.get(listing.origin)
            if log is not None and one.state in OPEN_STATES:
                found[log, listing.index].append(one)
        return {place: tuple(requests) for place, requests in found.items()}

    def _read(
        self, session: ReadSession, asked: Sequence[StatementRow], answers: Sequence[StatementRow]
    ) -> Sequence[RequestRead]:
        rows = {(row.log, row.idx): row for row in (*asked, *answers)}
        said = self._payloads(session, rows.values())
        places = sorted(said)
        heads = {head.log: head for head in session.heads()}
        chains = TrustChains(self._trust(), heads.values())
        times = dict(
            zip(
                places,
                (parse_header(leaf).issued_at for leaf in session.leaves_at(places)),
                strict=True,
            )
        )
        by_hash: dict[LeafHash, list[AnswerRead]] = defaultdict(list)
        for place in places:
            payload = said[place]
            if isinstance(payload, Request) and isinstance(payload.body, Answer):
                by_hash[payload.body.request.leaf_hash].append(
                    AnswerRead(
                        row=rows[place],
                        origin=Origin(heads[place[0]].origin),
                        issued_at=Timestamp(times[place]),
                        answer=payload.body,
                    )
                )
        wanted = {(row.log, row.idx) for row in asked}
        submitted = [
            (place, payload.body)
            for place, payload in sorted(said.items())
            if place in wanted
            and isinstance(payload, Request)
            and isinstance(payload.body, Submission)
        ]
        hashes = session.leaf_hashes([place for place, _ in submitted])
        numbers = {head.origin: head.log for head in heads.values()}
        return [
            _standing(
                rows[place],
                Reference(
                    origin=Origin(heads[place[0]].origin),
                    index=place[1],
                    leaf_hash=LeafHash(leaf_hash),
                ),
                Timestamp(times[place]),
                submission,
                by_hash.get(LeafHash(leaf_hash), ()),
                numbers,
                chains,
            )
            for (place, submission), leaf_hash in zip(submitted, hashes, strict=True)
        ]


def _standing(
    row: StatementRow,
    reference: Reference,
    issued_at: Timestamp,
    submission: Submission,
    answers: Sequence[AnswerRead],
    numbers: Mapping[Origin, int],
    chains: TrustChains,
) -> RequestRead:
    """Judge a request by its answers (J1-J4)."""
    speaker = {chains.origin(log) for log in chains.chain(row.log)}
    listing = numbers.get(submission.listing.origin)
    competent = {
        (one.row.log, one.row.idx)
        for one in answers
        if listing is not None and listing in chains.speaks_for(one.row.log, one.row.idx)
    }

    def counts(one: AnswerRead) -> bool:
        """Whether it alone would change how the request stands."""
        by = {one.origin} if (one.row.log, one.row.idx) in competent else set[Origin]()
        asked = Asked(leaf=reference, speaker=speaker, answerers=by)
        return judge(asked, [_said(one)]) is not RequestState.FORWARDED

    counted = tuple(one for one in answers if counts(one))
    by_all = {one.origin for one in counted}
    state = judge(
        Asked(leaf=reference, speaker=speaker, answerers=by_all), [_said(one) for one in counted]
    )
    return RequestRead(
        row=row,
        reference=reference,
        issued_at=issued_at,
        submission=submission,
        state=state,
        answers=counted,
    )


def _said(one: AnswerRead) -> Said:
    return Said(origin=one.origin, action=one.row.action, request=one.answer.request)
