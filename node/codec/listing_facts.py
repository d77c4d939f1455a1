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
from federation.payloads import PENALTY_LIST_TYPE, Audience
from federation.record_key import normalise_document, pack_subject
from federation.statements import READER_VERSION
from node.codec.checks import has_control, is_calendar_date
from node.codec.shared import AUDIENCES_KEPT, audience_from_proto


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

_NOTICE_NUMBER: Final = _longest(pb.Listing, "notice_number")
_SCOPE: Final = _longest(pb.NoticeAttestation, "scope")
_EXITS: Final = _rules(pb.Listing, "exits").repeated.max_items
_MONTHS: Final = _rules(pb.Exit, "months").uint32.lte
_AFTER_A_TIME: Final = frozenset({pb.EXIT_KIND_CORRECTED_FOR, pb.EXIT_KIND_LISTED_FOR})
_AT_ONCE: Final = frozenset(pb.ExitKind.values()) - _AFTER_A_TIME - {0}

_EARLIEST: Final = _rules(pb.Listing, "decided_on").uint32.gte
_SUBJECT_KINDS: Final = frozenset(pb.SubjectKind.values()) - {0}
_TIERS: Final = frozenset(pb.Tier.values()) - {0}
_SCHEMES: Final = frozenset(getattr(_rules(pb.Subject, "scheme").string, "in"))
_STATED_TERMS: Final = frozenset({pb.TERM_QUALITY_STATED, pb.TERM_QUALITY_BY_CATALOG})
_UNKNOWN_TERM: Final = frozenset({pb.TERM_QUALITY_UNKNOWN})
"""Terms of a listing with a last day, and without one."""


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
    if not (
        message.min_reader == READER_VERSION
        and (size <= SMALL or _are_texts(message))
        and message.tier in _TIERS
        and len(message.document_type) <= _DOCUMENT_TYPE
        and _is_optional_date(message.notice_served_on)
        and len(message.notice_number) <= _NOTICE_NUMBER
        and _are_exits(message)
        and _is_attested(message)
        and _are_measures(message)
        and _is_source(message)
    ):
        return None
    audience = _valid_audience(message.audience.SerializeToString())
    if audience is None:
        return None
    subject = message.subject
    return row_facts(
        audience,
        subject.scheme,
        subject.code,
        subject.name,
        subject.kind,
        message.list_type,
        message.authority,
        message.authority_name,
        message.document,
        message.decided_on,
        message.listed_on,
        message.prior_notice_on,
        message.publish_until,
        message.term,
    )


def row_facts(  # noqa: PLR0913, PLR0917 - for each listing that is read; names would cost
    audience: Audience | None,
    scheme: str,
    code: str,
    name: str,
    subject_kind: int,
    list_type: str,
    authority: str,
    authority_name: str,
    document: str,
    decided_on: int,
    listed_on: int,
    prior_notice_on: int,
    publish_until: int,
    term: int,
    basis: str = "",
    reason: str = "",
    source_key: str = "",
) -> PayloadFacts | None:
    """Facts of a listing whose other fields are plainly valid; None where these are not.

    They are what the rows of one file differ in; the last three may be judged elsewhere.
    """
    if not (
        scheme in _SCHEMES
        and 0 < len(code) <= _CODE
        and 0 < len(name) <= _NAME
        and subject_kind in _SUBJECT_KINDS
        and 0 < len(list_type) <= _LIST_TYPE
        and not list_type.startswith(PENALTY_LIST_TYPE)
        and 0 < len(authority) <= _AUTHORITY
        and 0 < len(authority_name) <= _AUTHORITY_NAME
        and 0 < len(document) <= _DOCUMENT
        and not has_control(f"{code}{name}{list_type}{authority}{document}")
        and decided_on >= _EARLIEST
        and is_calendar_date(decided_on)
        and listed_on >= _EARLIEST
        and is_calendar_date(listed_on)
        and (prior_notice_on == 0 or is_calendar_date(prior_notice_on))
        and (publish_until == 0 or is_calendar_date(publish_until))
        and (publish_until >= decided_on or publish_until == 0)
        and term in (_STATED_TERMS if publish_until else _UNKNOWN_TERM)
        and len(basis) <= _BASIS
        and len(reason) <= _REASON
        and len(source_key) <= _SOURCE_KEY
    ):
        return None
    packed_subject = pack_subject(scheme, code)
    number = normalise_document(document).encode()
    length = len(number).to_bytes(2, "big")
    key = packed_subject + _packed(list_type) + _packed(authority) + length + number
    return PayloadFacts._make(
        (
            READER_VERSION,
            audience,
            key,
            packed_subject,
            list_type,
            authority,
            decided_on,
            publish_until,
            *_NO_MORE,
            scheme,
            code,
            document,
        )
    )


_NO_MORE: Final = PayloadFacts()[8:-3]
"""What a listing says nothing of: `names` to `body`."""


def _is_optional_date(number: int) -> bool:
    return number == 0 or is_calendar_date(number)


def _are_texts(message: pb.Listing) -> bool:
    return (
        len(message.basis) <= _BASIS
        and len(message.reason) <= _REASON
        and len(message.exit_path) <= _EXIT_PATH
        and len(message.remedy) <= _REMEDY
    )


def _are_exits(message: pb.Listing) -> bool:
    exits = message.exits
    return not exits or (
        len(exits) <= _EXITS
        and all(
            one.months == 0
            if one.kind in _AT_ONCE
            else one.kind in _AFTER_A_TIME and 0 < one.months <= _MONTHS
            for one in exits
        )
    )


def _is_attested(message: pb.Listing) -> bool:
    """Whether the prior notice is attested rightly, where it is attested at all."""
    if not message.HasField("prior_notice_attested"):
        return True
    said = message.prior_notice_attested
    return (
        message.prior_notice_on == 0
        and 0 < len(said.authority) <= _AUTHORITY
        and 0 < len(said.document) <= _DOCUMENT
        and 0 < len(said.scope) <= _SCOPE
        and not has_control(f"{said.authority}{said.document}")
        and _EARLIEST <= said.decided_from <= said.decided_to
        and is_calendar_date(said.decided_from)
        and is_calendar_date(said.decided_to)
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
