"""The payload reader of the rules, over protobuf."""

from __future__ import annotations

from collections.abc import Callable

from google.protobuf.message import DecodeError
from huxin.v1 import payload_pb2 as pb

from federation.errors import StatementError
from federation.facts import PayloadFacts, Written
from federation.payloads import Audience, Listing, Payload
from federation.statements import MAX_PAYLOAD, OPEN_KINDS, Kind
from node.codec.checks import check_bounds, check_length, check_reader, check_values
from node.codec.extraction import facts_of
from node.codec.forms import FORMS, FORMS_BY_VALUE
from node.codec.listing_facts import listing_facts
from node.codec.listing_writer import ListingWriter
from node.codec.shared import audience_from_proto

_parse_listing = pb.Listing.FromString


class ProtobufPayloads:
    """Reads and writes payloads by the rules of `node.codec.checks`; a `PayloadReader`."""

    def facts(self, kind: int, payload: bytes) -> PayloadFacts:
        """Extract the facts of an opened payload.

        Accepts and refuses exactly what `decode` does.

        Raises:
            StatementError: one of the codes `payload.*` of `node.codec.checks`.
        """
        if kind == Kind.LISTING and len(payload) <= MAX_PAYLOAD:
            try:
                message = _parse_listing(payload)
            except DecodeError as error:
                raise _malformed(kind, error) from None
            facts = listing_facts(message, len(payload))
            if facts is not None:
                return facts
        return facts_of(self.decode(kind, payload))

    def audience(self, kind: int, payload: bytes) -> Audience | None:
        """See `PayloadReader.audience`."""
        form = FORMS.get(kind)
        if form is None or kind in OPEN_KINDS or len(payload) > MAX_PAYLOAD:
            return None
        try:
            message = form.message.FromString(payload)
            named = getattr(message, "audience", None)
            if named is None:
                return None
            check_bounds(named)
            return audience_from_proto(named)
        except (DecodeError, StatementError):
            return None

    def decode(self, kind: int, payload: bytes) -> Payload:
        """Build the full value.

        Raises:
            StatementError: one of the codes `payload.*` of `node.codec.checks`.
        """
        form = FORMS.get(kind)
        if form is None:
            raise StatementError("payload.kind", f"kind: expected a known kind, got {kind}")
        check_length(payload)
        try:
            message = form.message.FromString(payload)
        except DecodeError as error:
            raise _malformed(kind, error) from None
        check_reader(message)
        check_bounds(message)
        value: Payload = form.from_proto(message)
        check_values(value)
        return value

    def encode(self, payload: Payload) -> bytes:
        """Serialise a payload of our own, once; these bytes are then kept as they are.

        Raises:
            StatementError: a reader would refuse it, for this code; the caller's input.
        """
        return self.written(payload).payload

    def written(self, payload: Payload) -> Written:
        """Serialise a payload of our own, and keep what was found in it on the way.

        Raises:
            StatementError: as `encode`.
        """
        form = FORMS_BY_VALUE[type(payload)]
        try:
            message = form.to_proto(payload)
        except ValueError as error:
            # A number out of range, or text that is not Unicode. The text is not repeated here.
            problem = f"payload: expected values that fit their fields, got {type(error).__name__}"
            raise StatementError("payload.invalid", problem) from None
        raw: bytes = message.SerializeToString()
        if isinstance(message, pb.Listing) and len(raw) <= MAX_PAYLOAD:
            facts = listing_facts(message, len(raw))
            if facts is not None:
                return Written(raw, facts)  # plainly valid, as a reader finds it
        check_length(raw)
        check_reader(message)
        check_bounds(message)
        check_values(payload)
        return Written(raw, facts_of(payload))

    def listing_writer(self) -> Callable[[Listing], Written]:
        """See `PayloadReader.listing_writer`."""
        return ListingWriter(self.written).written


def _malformed(kind: int, error: DecodeError) -> StatementError:
    message = f"payload: expected a {Kind(kind).name} message, got: {error}"
    return StatementError("payload.malformed", message)
