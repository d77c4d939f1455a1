"""Requests to publish, each once: the same request id again gives the first answer.

A submission is prepared outside the transaction and decided inside it, so that what it refuses or
allows is what the log says at that moment. The same id for another act, for one about another
statement, or with other content is refused: it would be answered as done, though nobody does it.
Content is compared with what stands, for as long as that is held; none is kept for this alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from federation.errors import RefusedError
from federation.ids import Origin, StatementId, Timestamp
from federation.own_log import Draft
from federation.payloads import Payload
from federation.ports.store import ReadSession, WriteSession
from federation.rows import StatementRow
from node.log.units import Placed, Unit
from node.persons.roster import Agreed


class Act(NamedTuple):
    """What is asked to be said."""

    kind: int
    action: int
    about: bytes | None
    """The statement that it acts on; None where it names none."""
    says: Callable[[Payload], bool]
    """Whether a payload of this kind says what is asked (`node.publishing.restated`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A statement as it was published."""

    statement_id: StatementId
    origin: Origin
    index: int


@dataclass(slots=True, kw_only=True)
class Submission:
    """A request to publish; `published` is filled when its unit has been published."""

    unit: Unit
    published: list[Published] = field(default_factory=list)
    early: str = ""
    """Why the day of a repair may be a slip of the pen (F56), once it was drafted."""


class Submissions:
    """Makes submissions to our own log."""

    def __init__(
        self,
        *,
        own: Origin,
        keep: Callable[[WriteSession, int, Agreed], None],
        read: Callable[[ReadSession, Origin, StatementRow], Payload | None],
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it.

        Args:
            own: our log.
            keep: keeps the words of persons for the leaf of this index.
            read: the payload of a statement, where its opening is held.
            now: when something is published.
        """
        self._own = own
        self._keep = keep
        self._read = read
        self._now = now

    def of(
        self,
        request_id: str,
        prepare: Callable[[WriteSession], list[Draft]],
        decided: Sequence[Agreed] = (),
        acts: Sequence[Act] = (),
        same: Callable[[WriteSession, Sequence[StatementRow]], bool] | None = None,
    ) -> Submission:
        """Wrap a preparation so that a repeated request id publishes nothing.

        Args:
            request_id: 32 hexadecimal digits.
            prepare: drafts, in the transaction.
            decided: words of persons, kept for the first leaf.
            acts: what is asked, one for each statement in turn, with which an earlier request of
                this id is compared (`request.reused`).
            same: or, where what is said beside depends on what stood, whether these that an earlier
                request of this id said are what is asked; they are compared by one of the two.
        """
        earlier: list[Published] = []

        def drafts(session: WriteSession) -> list[Draft]:
            if (answer := session.request(request_id)) is not None:
                earlier.extend(_from_answer(answer))
                self._check_same(session, earlier, acts, same)
                return []
            return prepare(session)

        def record(session: WriteSession, placed: Sequence[Placed]) -> None:
            if earlier:
                submission.published[:] = earlier
                return
            published = [
                Published(statement_id=p.statement_id, origin=self._own, index=p.index)
                for p in placed
            ]
            session.put_request(request_id, _to_answer(published), self._now())
            for agreed in decided:
                self._keep(session, placed[0].index, agreed)
            submission.published[:] = published

        submission = Submission(unit=Unit(drafts=drafts, record=record))
        return submission

    def _check_same(
        self,
        session: WriteSession,
        earlier: Sequence[Published],
        acts: Sequence[Act],
        same: Callable[[WriteSession, Sequence[StatementRow]], bool] | None,
    ) -> None:
        """Compare what was said under an id with what is asked under it.

        Raises:
            RefusedError: `request.reused`.
        """
        ours = [head.log for head in session.heads() if head.ours]
        rows = session.rows_by_id(ours, [one.statement_id for one in earlier])
        if same is not None and not same(session, rows):
            raise _reused()
        if not acts:
            return
        if len(acts) != len(earlier):
            raise _reused()
        said = {row.statement_id: row for row in rows}
        for one, act in zip(earlier, acts, strict=True):
            row = said.get(one.statement_id)
            if row is not None and not self._is_said(session, one.origin, row, act):
                raise _reused()

    def _is_said(self, session: ReadSession, origin: Origin, row: StatementRow, act: Act) -> bool:
        if (row.kind, row.action, row.about) != (act.kind, act.action, act.about):
            return False
        payload = self._read(session, origin, row)
        return payload is None or act.says(payload)


def _reused() -> RefusedError:
    message = (
        "此请求号已用于另一办理，未作任何更改 / expected a request id of its own, got one "
        "under which something else was said: nothing is said now"
    )
    return RefusedError("request.reused", message)


def _to_answer(published: Sequence[Published]) -> bytes:
    return json.dumps([[p.statement_id.hex(), p.origin, p.index] for p in published]).encode()


def _from_answer(answer: bytes) -> list[Published]:
    """What was published under an id.

    Raises:
        RefusedError: `request.reused`: something that is no statement was done under it, such as
            the opening of a campaign.
    """
    try:
        said = json.loads(answer)
    except ValueError:
        raise _reused() from None
    return [
        Published(statement_id=StatementId(bytes.fromhex(i)), origin=Origin(o), index=n)
        for i, o, n in said
    ]
