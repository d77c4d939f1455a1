"""RELISTING 恢复列入: what revokes reliefs of our own, by the decision of two persons (V9).

What they sign is the first relief that is revoked, the decision's document, date and ground, and
the content that was given where ours is erased. Their names, and what they signed, are kept in the
journal with the leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from federation.charters.verification import PURPOSES
from federation.errors import RefusedError
from federation.facts import PayloadReader
from federation.ids import CharterId, Date, StatementId, Timestamp
from federation.payloads import Audience, Commendation, Listing, Penalty, Relisting, RelistingGround
from federation.persons import Sort, relisting_body
from federation.ports.journal import Relisted
from federation.ports.store import ReadSession, WriteSession
from federation.relief.rules import check_come
from federation.rows import RELIEF_KINDS, OpeningStatus
from node.persons.roster import Agreed, Persons
from node.publishing.own_statements import OwnStatements
from node.publishing.plausibility import Plausibility

_NOBODY: Final = Audience(charters=(CharterId(bytes(32)),), purposes=tuple(PURPOSES))
"""In place of the audience, which the node knows and persons do not."""


def content_signed(payloads: PayloadReader, listing: Listing | Penalty) -> bytes:
    """The content of which two persons sign the digest: the payload, for an alliance of zeros."""
    return payloads.encode(replace(listing, audience=_NOBODY))


class Relistings:
    """Makes the payloads; all methods run within the transaction that publishes them."""

    def __init__(
        self,
        *,
        statements: OwnStatements,
        payloads: PayloadReader,
        persons: Persons,
        now: Callable[[], Timestamp],
        plausibility: Plausibility,
    ) -> None:
        """Wire it."""
        self._plausibility = plausibility
        self._statements = statements
        self._payloads = payloads
        self._persons = persons
        self._now = now

    def payload(
        self,
        session: ReadSession,
        *,
        relief: StatementId,
        document: str,
        decided_on: Date,
        ground: RelistingGround,
        by: Sequence[str],
        note: str,
        listing: Listing | Penalty | None,
    ) -> tuple[Relisting, Agreed]:
        """Make the payload of a RELISTING.

        Args:
            session: what is held.
            relief: the first relief that it revokes.
            document: of the decision.
            decided_on: YYYYMMDD.
            ground: why.
            by: who decided.
            note: what they signed; empty where the node names no persons.
            listing: the content, where ours is erased.

        Raises:
            RefusedError: `relisting.…`, `date.future`, `person.…`; `record.pending`: peers are
                asked for the content.
        """
        check_come(decided_on, self._plausibility.today_of(relief=False))
        content = b"" if listing is None else content_signed(self._payloads, listing)
        body = relisting_body(
            relief=relief,
            document=document,
            decided_on=decided_on,
            ground=ground,
            content=content,
        )
        code = "relisting.two-persons"
        agreed = self._persons.agreed(
            by, note, Sort.RELISTING, body, code=code, words=session.words()
        )
        chain = self._statements.chain(session)
        reliefs = [
            row
            for row in session.rows_by_id(sorted(chain), [relief])
            if row.kind in RELIEF_KINDS and row.about is not None
        ]
        if not reliefs or reliefs[0].about is None:
            message = f"no REPAIR or WITHDRAWAL {relief.hex()} stands in our own log"
            raise RefusedError("relisting.no-relief", message)
        relieved_on = max(row.decided_on for row in reliefs)
        if 0 < decided_on < relieved_on:
            message = (
                "恢复列入的决定早于其所撤销的修复或撤销决定，请核对决定日期 / expected a decision "
                f"not before that of the relief, ≥ {relieved_on}, got {decided_on}"
            )
            raise RefusedError("relisting.before-relief", message)
        found = self._statements.listing(session, StatementId(reliefs[0].about))
        payload = listing or found.payload
        if payload is None or isinstance(payload, Commendation):
            if found.row.opening == OpeningStatus.PENDING:
                message = "the listing's content has not come back yet; peers are asked for it"
                raise RefusedError("record.pending", message)
            message = "the listing is erased; give its complete content with --file"
            raise RefusedError("relisting.no-payload", message)
        payload = replace(payload, audience=self._statements.audience_of(session, found))
        relieved = self._statements.record(session, found)
        if payload.key.pack() != relieved.key.pack():
            message = "the content given is of another record than the one relieved"
            raise RefusedError("relisting.record-differs", message)
        named = [relief] + [
            StatementId(row.statement_id)
            for row in self._statements.reliefs(session, found.row)
            if row.statement_id != relief
        ]
        made = Relisting(
            audience=payload.audience,
            reliefs=tuple(named),
            document=document,
            decided_on=decided_on,
            ground=ground,
            approvals=len(agreed.persons),
            payload=payload,
        )
        return made, agreed

    def keep(self, session: WriteSession, index: int, agreed: Agreed) -> None:
        """Keep who decided the RELISTING at an index of our log."""
        log = self._statements.head(session).log
        decided = Relisted(at=self._now(), log=log, index=index, by=agreed.persons)
        session.append_journal([decided.entry()])
        if agreed.note:
            session.put_word(self._now(), agreed.note)
