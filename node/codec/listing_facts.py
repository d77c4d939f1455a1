"""The facts of a LISTING, straight from its message.

Hundreds of thousands of listings are read when a log is replicated; the full value and
protovalidate (8 µs alone) would cost three times more than this. Nothing is refused here: what is
not plainly valid is left to the rules of `node.codec.checks`, which alone decide and explain. The
bounds are those of payload.proto, read from it once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import protovalidate
from buf.validate import validate_pb2
from google.protobuf.message import Message
from huxin.v1 import payload_pb2 as pb

from federation.facts import PayloadFacts
from federation.payloads import Audience
from federation.record_key import normalise_document, pack_subject
from federation.statements import READER_VERSION
from node.codec.checks import has_control, is_calendar_date
from node.codec.parts import AUDIENCES_KEPT, audience_from_proto


def _rules(message: type[Message], field: str) -> validate_pb2.FieldRules:
    """The rules written beside a field in the .proto file."""
    options = message.DESCRIPTOR.fields_by_name[field].GetOptions()
    return options.Extensions[validate_pb2.field]


def _longest(message: type[Message], field: str) -> int:
    """The most characters that a text may have."""
    return _rules(message, field).string.max_len


_CODE: Final = _longest(pb.Subject, "code")
_NAME: Final = _longest(pb.Subject, "name")
_LIST_TYPE: Final = _longest(pb.Listing, "list_type")
_AUTHORITY: Final = _longest(pb.Listing, "authority")
_AUTHORITY_NAME: Final = _longest(pb.Listing, "authority_name")
_DOCUMENT: Final = _longest(pb.Listing, "document")
_DOCUMENT_TYPE: Final = _longest(pb.Listing, "document_type")
_BASIS: Final = _longest(pb.Listing, "basis")
_REASON: Final = _longest(pb.Listing, "reason")
_EXIT_PATH: Final = _longest(pb.Listing, "exit_path")
_REMEDY: Final = _longest(pb.Listing, "remedy")
_DEPARTMENT: Final = _longest(pb.Source, "department")
_BATCH: Final = _longest(pb.Source, "batch")
_SOURCE_KEY: Final = _longest(pb.Source, "key")

SMALL: Final = min(_BASIS, _REASON, _EXIT_PATH, _REMEDY)
"""Bytes; in a payload no longer than this none of these four texts can be too long."""

_MEASURES: Final = _rules(pb.Listing, "measures").repeated.max_items
_MEASURE: Final = _rules(pb.Listing, "measures").repeated.items.string.max_len
_JOINED: Final = min(_MEASURES, _MEASURE)

_EARLIEST: Final = _rules(pb.Listing, "decided_on").uint32.gte
_SUBJECT_KINDS: Final = frozenset(pb.SubjectKind.values()) - {0}
_TIERS: Final = frozenset(pb.Tier.values()) - {0}
_SCHEMES: Final = frozenset(getattr(_rules(pb.Subject, "scheme").string, "in"))


@lru_cache(maxsize=8192)
def _packed(part: str) -> bytes:
    """A part of a record key, length-prefixed. For list types and authorities, never subjects."""
    raw = part.encode()
    return len(raw).to_bytes(2, "big") + raw


@lru_cache(maxsize=AUDIENCES_KEPT)
def _valid_audience(raw: bytes) -> Audience | None:
    """The shared audience of a serialised message, or None where it is not valid."""
    message = pb.Audience.FromString(raw)
    if protovalidate.collect_violations(message, fail_fast=True):
        return None
    return audience_from_proto(message)


def listing_facts(message: pb.Listing, size: int) -> PayloadFacts | None:
    """Facts of a LISTING that is plainly valid, else None.

    Args:
        message: the parsed payload.
        size: length of the payload in bytes.
    """
    subject = message.subject
    scheme, code, name = subject.scheme, subject.code, subject.name
    list_type, authority, document = message.list_type, message.authority, message.document
    decided_on, publish_until = message.decided_on, message.publish_until
    if not (
        message.min_reader == READER_VERSION
        and (size <= SMALL or _are_texts(message))
        and scheme in _SCHEMES
        and 0 < len(code) <= _CODE
        and 0 < len(name) <= _NAME
        and subject.kind in _SUBJECT_KINDS
        and 0 < len(list_type) <= _LIST_TYPE
        and message.tier in _TIERS
        and 0 < len(authority) <= _AUTHORITY
        and 0 < len(message.authority_name) <= _AUTHORITY_NAME
        and 0 < len(document) <= _DOCUMENT
        and not has_control(f"{code}{name}{list_type}{authority}{document}")
        and len(message.document_type) <= _DOCUMENT_TYPE
        and decided_on >= _EARLIEST
        and is_calendar_date(decided_on)
        and message.listed_on >= _EARLIEST
        and is_calendar_date(message.listed_on)
        and _is_optional_date(message.prior_notice_on)
        and _is_optional_date(publish_until)
        and (publish_until >= decided_on or publish_until == 0)
        and _are_measures(message)
        and _is_source(message)
    ):
        return None
    audience = _valid_audience(message.audience.SerializeToString())
    if audience is None:
        return None
    packed_subject = pack_subject(scheme, code)
    number = normalise_document(document).encode()
    length = len(number).to_bytes(2, "big")
    return PayloadFacts(
        READER_VERSION,
        audience,
        packed_subject + _packed(list_type) + _packed(authority) + length + number,
        packed_subject,
        list_type,
        authority,
        decided_on,
        publish_until,
    )


def _is_optional_date(number: int) -> bool:
    return number == 0 or is_calendar_date(number)


def _are_texts(message: pb.Listing) -> bool:
    return (
        len(message.basis) <= _BASIS
        and len(message.reason) <= _REASON
        and len(message.exit_path) <= _EXIT_PATH
        and len(message.remedy) <= _REMEDY
    )


def _are_measures(message: pb.Listing) -> bool:
    measures = message.measures[:]  # one copy is twice as fast as going through the container
    # Joined in so few characters, they are neither too many nor too long: the usual case.
    return len(",".join(measures)) < _JOINED or (
        len(measures) <= _MEASURES and max(map(len, measures)) <= _MEASURE
    )


def _is_source(message: pb.Listing) -> bool:
    if not message.HasField("source"):
        return False
    source = message.source
    return (
        len(source.department) <= _DEPARTMENT
        and len(source.batch) <= _BATCH
        and len(source.key) <= _SOURCE_KEY
    )
