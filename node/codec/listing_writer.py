"""Many listings of one file, serialised one after the other.

The rows of a file differ in few fields, and a message with twenty-six costs more to build than to
serialise. So one message is kept: what the rows share is put in and examined when it changes, and
of each row only the rest. What is not plainly valid goes the long way of
`ProtobufPayloads.written`, which alone decides and explains; the bytes are the same either way.

A message gives nothing back of what was once put into it, so that it is made anew after `ROWS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from huxin.v1 import payload_pb2 as pb

from federation.facts import Written
from federation.payloads import Audience, Listing
from federation.statements import MAX_PAYLOAD
from node.codec.listed import listing_to_proto
from node.codec.listing_facts import listing_facts, row_facts

ROWS: Final = 1024
"""Of which what is put into one message takes half a megabyte."""


class ListingWriter:
    """Serialises listings; for one thread at a time."""

    def __init__(self, written: Callable[[Listing], Written]) -> None:
        """Leave to `written`, the long way, what is not plainly valid."""
        self._long_way = written
        self._shared: tuple[Any, ...] = ()
        self._audience: Audience | None = None
        self._message = pb.Listing()
        self._rows = 0
        """That the message was used for."""

    def written(self, listing: Listing) -> Written:
        """Serialise a listing, and keep what was found in it on the way.

        Raises:
            StatementError: a reader would refuse it, for this code.
        """
        source = listing.source
        shared = (
            listing.audience,
            listing.list_type,
            listing.tier,
            listing.document_type,
            listing.exit_path,
            listing.remedy,
            listing.exits,
            listing.measures,
            listing.publish_shortest_months,
            listing.publish_longest_months,
            listing.notice_number,
            listing.notice_served_on,
            listing.prior_notice_attested,
            listing.min_reader,
            source.department,
            source.batch,
        )
        if (self._rows == ROWS or shared != self._shared) and not self._begin(listing, shared):
            return self._long_way(listing)
        subject = listing.subject
        facts = row_facts(
            self._audience,
            subject.scheme,
            subject.code,
            subject.name,
            subject.kind,
            listing.list_type,
            listing.authority,
            listing.authority_name,
            listing.document,
            listing.decided_on,
            listing.listed_on,
            listing.prior_notice_on,
            listing.publish_until,
            listing.term,
            listing.basis,
            listing.reason,
            source.key,
        )
        raw = None if facts is None else self._serialised(listing)
        if facts is None or raw is None or len(raw) > MAX_PAYLOAD:
            return self._long_way(listing)
        return Written(raw, facts)

    def _begin(self, listing: Listing, shared: tuple[Any, ...]) -> bool:
        """Take a listing for what the next ones share; not where it is not plainly valid."""
        self._shared = ()
        if listing.prior_notice_attested is not None:
            return False  # bounds that of a row's own notice
        try:
            message = listing_to_proto(listing)
        except ValueError:
            return False
        facts = listing_facts(message, message.ByteSize())
        if facts is None:
            return False
        self._shared, self._message, self._audience = shared, message, facts.audience
        self._rows = 0
        return True

    def _serialised(self, listing: Listing) -> bytes | None:
        """The bytes, with the fields of the row; None where one of them does not fit."""
        self._rows += 1
        message = self._message
        subject, said = message.subject, listing.subject
        source = message.source
        try:
            subject.scheme = said.scheme
            subject.code = said.code
            subject.name = said.name
            subject.kind = pb.SubjectKind.ValueType(said.kind)
            message.authority = listing.authority
            message.authority_name = listing.authority_name
            message.document = listing.document
            message.decided_on = listing.decided_on
            message.listed_on = listing.listed_on
            message.prior_notice_on = listing.prior_notice_on
            message.basis = listing.basis
            message.reason = listing.reason
            message.publish_until = listing.publish_until
            message.term = pb.TermQuality.ValueType(listing.term)
            source.row = listing.source.row
            source.key = listing.source.key
        except ValueError:
            return None
        return message.SerializeToString()
