"""What the store must learn again of our own log beside its leaves, when peers give them back.

A restored backup is older than the log. Rows, states and suppression tags follow from the leaves
and openings by themselves. Three things do not, and are made here: erasures that the backup undid,
what each row of each feed said last, so that the same file publishes nothing, and what was told of
others' leaves.
"""

from __future__ import annotations

from collections.abc import Sequence

from federation.comparison import Spelt
from federation.errors import StatementError
from federation.facts import PayloadReader
from federation.ids import Timestamp
from federation.intake.contents import commitment_content, listing_content
from federation.intake.feed import COMMITMENTS_FEED, row_identity
from federation.payloads import Commendation, Commitment, Payload, Receipt, content_of
from federation.peers.openings import DeliveredOpening
from federation.ports.receipts import Told
from federation.ports.store import FeedRow, FeedRowStatus, LogHead, Tagger, WriteSession
from federation.relief.erased import erased, erasure
from federation.rows import LISTED_KINDS, OpeningStatus, StatementRow
from federation.statements import Kind

_SAID_BY_FEEDS = (*LISTED_KINDS, Kind.CORRECTION, Kind.COMMITMENT)


class Refilling:
    """Writes in the transaction that appends leaves given back."""

    def __init__(self, *, payloads: PayloadReader, tagger: Tagger) -> None:
        """Wire the reader of payloads and the keys of the tags."""
        self._payloads = payloads
        self._tagger = tagger

    def record(
        self,
        session: WriteSession,
        head: LogHead,
        first: int,
        openings: Sequence[DeliveredOpening],
        now: Timestamp,
    ) -> None:
        """Follow what was appended from index `first` on.

        Args:
            session: the transaction.
            head: our own log, with the leaves appended.
            first: index of the first of them.
            openings: theirs, checked.
            now: for the journal.
        """
        rows = session.rows_between(head.log, first, head.size)
        self._erase_again(session, head.log, rows, now)
        self._learn_feeds(session, rows, openings)
        self._learn_told(session, rows, openings)

    @staticmethod
    def _erase_again(
        session: WriteSession, log: int, rows: Sequence[StatementRow], now: Timestamp
    ) -> None:
        """What our log says was erased is erased also where the backup still held it."""
        said = [row.about for row in rows if row.kind == Kind.ERASURE and row.about is not None]
        found = [
            row
            for row in session.rows_by_id([log], said)
            if row.opening != OpeningStatus.ERASED and row.kind != Kind.ERASURE
        ]
        if not found:
            return
        session.erase_openings(log, [row.idx for row in found])
        gone = [erased(row) for row in found]
        session.replace_rows(gone)
        session.append_journal([erasure(now, row).entry() for row in gone])

    def _learn_feeds(
        self,
        session: WriteSession,
        rows: Sequence[StatementRow],
        openings: Sequence[DeliveredOpening],
    ) -> None:
        """The newest statement about a row says what the row said last (F1-F8).

        A row of which no opening came back is not learned; that its record stands, or is
        relieved, is still known from the log (F3, F8).
        """
        learned: dict[tuple[str, bytes], FeedRow] = {}
        for row, opening in zip(rows, openings, strict=True):
            if row.kind not in _SAID_BY_FEEDS or opening.status != OpeningStatus.PRESENT:
                continue
            said = self._said(row.kind, opening.payload)
            if isinstance(said, Commitment) and said.source.key:
                promised = self._promised(row, said)
                learned[COMMITMENTS_FEED, promised.row_tag] = promised
            listing = content_of(said)
            if listing is None or not listing.source.key:
                continue
            until = (
                listing.valid_until if isinstance(listing, Commendation) else listing.publish_until
            )
            feed = f"{listing.source.department}/{listing.list_type}"
            tag = self._tagger.lookup(row_identity(feed, listing.source.key))
            learned[feed, tag] = FeedRow(
                feed=feed,
                row_tag=tag,
                record_tag=Spelt.of(listing.key).tag(self._tagger.lookup),
                content_tag=self._tagger.lookup(listing_content(listing)),
                statement_id=row.about or row.statement_id,  # a CORRECTION is about its listing
                until=until,
                status=FeedRowStatus.LIVE,
            )
        session.put_feed_rows(list(learned.values()))

    def _promised(self, row: StatementRow, said: Commitment) -> FeedRow:
        tag = self._tagger.lookup(row_identity(COMMITMENTS_FEED, said.source.key))
        return FeedRow(
            feed=COMMITMENTS_FEED,
            row_tag=tag,
            record_tag=tag,
            content_tag=self._tagger.lookup(commitment_content(said)),
            statement_id=row.statement_id,
            until=0,
            status=FeedRowStatus.LIVE,
        )

    def _learn_told(
        self,
        session: WriteSession,
        rows: Sequence[StatementRow],
        openings: Sequence[DeliveredOpening],
    ) -> None:
        """What our receipts told of others' leaves is not told again."""
        for row, opening in zip(rows, openings, strict=True):
            if row.kind != Kind.RECEIPT or opening.status != OpeningStatus.PRESENT:
                continue
            receipt = self._said(row.kind, opening.payload)
            if isinstance(receipt, Receipt):
                log = session.add_log(receipt.origin, ours=False).log
                told = {i: Told(b.outcome, b.reason) for b in receipt.batches for i in b.indices}
                session.put_told(log, told)

    def _said(self, kind: int, payload: bytes) -> Payload | None:
        try:
            return self._payloads.decode(kind, payload)
        except StatementError:  # of a newer version of this program
            return None
