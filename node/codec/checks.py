"""What must hold of a payload beyond its wire form.

Rules, in the order in which they are asked:

    P1  payload.kind        the kind is one that this reader knows
    P2  payload.long        at most 32 KiB (SPEC §5.2)
    P3  payload.malformed   the bytes are a message of the kind; unknown fields are a newer writer's
    P4  payload.min-reader  neither it nor a payload within it asks for a newer reader
    P5  payload.invalid     the bounds in payload.proto; closed kinds have an audience
    P6  payload.date        a date that is stated is a day of the calendar
    P7  payload.date        a period does not end before the decision from which it runs
    P8  payload.text        no control characters in what identifies a subject or a record
    P9  payload.list-type   the list type of penalties stands in no LISTING and no COMMENDATION
    P10 payload.penalty-exempt  no PENALTY that is minor, or of the simple procedure
    P11 payload.condition   a condition is within its bounds (federation.recognition.conditions)
    P12 payload.members     OUTCOME and REQUEST name the members whom they are for

Messages name the field and the rule, never a text of the payload: they are kept where the opening
is erased.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final, get_type_hints

import protovalidate
from google.protobuf.message import Message
from huxin.v1 import payload_pb2 as pb

from federation import conditions
from federation.errors import StatementError
from federation.ids import Date
from federation.payloads import (
    PENALTY_LIST_TYPE,
    Audience,
    Commendation,
    Listing,
    NoticeAttestation,
    Outcome,
    Payload,
    Penalty,
    PenaltyGrade,
    PenaltyProcedure,
    Recognition,
    Request,
    Scenario,
    Subject,
    Submission,
    content_of,
)
from federation.record_key import RecordKey
from federation.statements import MAX_PAYLOAD, READER_VERSION
from node.codec.forms import FORMS_BY_VALUE

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Exactly the code points of the Unicode category Cc."""

_IDENTIFYING: Final = frozenset(
    {"scheme", "code", "name", "subject_name", "list_type", "authority", "document"}
)
"""Names of the fields that identify a subject or a record."""

_PARTS: Final = (
    Subject,
    RecordKey,
    Listing,
    Commendation,
    Penalty,
    NoticeAttestation,
    Submission,
)
"""Values within payloads that have such fields, or dates."""

_Part = Payload | Subject | RecordKey | NoticeAttestation | Submission


def check_length(payload: bytes) -> None:
    """Rule P2.

    Raises:
        StatementError: longer than `MAX_PAYLOAD` (`payload.long`).
    """
    if len(payload) > MAX_PAYLOAD:
        message = f"payload: expected at most {MAX_PAYLOAD} bytes, got {len(payload)}"
        raise StatementError("payload.long", message)


def check_reader(message: Message) -> None:
    """Rule P4, for a payload and for the one within a CORRECTION or RELISTING.

    Raises:
        StatementError: it asks for a newer reader (`payload.min-reader`).
    """
    asked = max(_min_readers(message))
    if asked > READER_VERSION:
        text = f"min_reader: expected at most {READER_VERSION}, got {asked}"
        raise StatementError("payload.min-reader", text)


def _min_readers(message: Message) -> Iterator[int]:
    yield getattr(message, "min_reader")  # noqa: B009 - every payload has it, Message has not
    if isinstance(message, (pb.Correction, pb.Relisting)):
        yield message.listing.min_reader
        yield message.penalty.min_reader
    if isinstance(message, pb.Correction):
        yield message.commendation.min_reader


def check_bounds(message: Message) -> None:
    """Rule P5: the rules written beside the fields in the .proto file.

    Raises:
        StatementError: the first field out of its bounds (`payload.invalid`).
    """
    violations = protovalidate.collect_violations(message, fail_fast=True)
    if violations:
        violation = violations[0].proto
        path = ""
        for element in violation.field.elements if violation.field else ():
            path += f".{element.field_name}" if path else element.field_name
            if element.subscript:
                path += f"[{element.subscript.value}]"
        text = f"{path or 'payload'}: {violation.message} ({violation.rule_id})"
        raise StatementError("payload.invalid", text)


@lru_cache(maxsize=8192)
@lru_cache(maxsize=4096)  # few days, many listings
def is_calendar_date(number: int) -> bool:
    """Whether YYYYMMDD is a day of the calendar."""
    try:
        date(number // 10000, number // 100 % 100, number % 100)
    except ValueError:
        return False
    return True


def check_values(payload: Payload) -> None:
    """Rules P6 to P12.

    Raises:
        StatementError: the code of the rule, with the field's path.
    """
    _check_part(payload, "")
    said = content_of(payload) or payload
    for field, since in _PERIODS.get(type(said), ()):
        _check_order(field, getattr(said, field), since, getattr(said, since))
    if isinstance(said, Listing) and (attested := said.prior_notice_attested) is not None:
        field = "prior_notice_attested.decided_to"
        _check_order(field, attested.decided_to, "decided_from", attested.decided_from)

    match said:
        case Listing() | Commendation():
            check_list_type(said.list_type)
        case Penalty():
            _check_penalty(said)
        case Scenario(condition=condition) | Recognition(further=condition):
            if condition is not None:
                conditions.check_bounds(condition)
        case Outcome() | Request():
            _check_members(said.audience)
        case _:
            pass


def check_list_type(list_type: str) -> None:
    """Rule P9.

    Raises:
        StatementError: the list type is that of penalties (`payload.list-type`).
    """
    if list_type.startswith(PENALTY_LIST_TYPE):
        message = "list_type: expected another one than that reserved for PENALTY"
        raise StatementError("payload.list-type", message)


def _check_penalty(penalty: Penalty) -> None:
    """Rule P10."""
    exempt = ""
    if penalty.grade == PenaltyGrade.MINOR:
        exempt = "grade: expected none that is MINOR 轻微"
    elif penalty.procedure == PenaltyProcedure.SIMPLE:
        exempt = "procedure: expected none that is SIMPLE 简易程序"
    if exempt:
        raise StatementError("payload.penalty-exempt", exempt)


def _check_members(audience: Audience) -> None:
    """Rule P12."""
    if not audience.members:
        message = "audience.members: expected the nodes that this is for, got none"
        raise StatementError("payload.members", message)


_PERIODS: Final[dict[type, tuple[tuple[str, str], ...]]] = {
    Listing: (("publish_until", "decided_on"),),
    Commendation: (("valid_until", "decided_on"),),
    Penalty: (("publish_until", "decided_on"), ("valid_until", "decided_on")),
    Recognition: (("effective_on", "decided_on"),),
}
"""Days that are not before others (P7)."""


def _fields(value: type) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Names of the fields of a payload or part: dates, identifying texts, others."""
    hints = get_type_hints(value)
    dates = tuple(name for name, hint in hints.items() if hint is Date)
    texts = tuple(name for name, hint in hints.items() if hint is str and name in _IDENTIFYING)
    return dates, texts, tuple(name for name in hints if name not in {*dates, *texts})


_FIELDS: Final = {value: _fields(value) for value in (*FORMS_BY_VALUE, *_PARTS)}


def _check_part(part: _Part, prefix: str) -> None:
    dates, texts, others = _FIELDS[type(part)]
    for name in dates:
        number = getattr(part, name)
        if number and not is_calendar_date(number):
            message = f"{prefix}{name}: expected a date YYYYMMDD, got {number}"
            raise StatementError("payload.date", message)
    for name in texts:
        if has_control(getattr(part, name)):
            message = f"{prefix}{name}: expected no control characters"
            raise StatementError("payload.text", message)
    for name in others:
        value = getattr(part, name)
        if isinstance(value, _PARTS):
            _check_part(value, f"{prefix}{name}.")


def has_control(text: str) -> bool:
    """Whether there are control characters (category Cc)."""
    # Printable text has none; only what is not (also U+3000, the wide space) is searched.
    return not text.isprintable() and _CONTROL.search(text) is not None


def _check_order(field: str, until: int, since_field: str, since: int) -> None:
    if until and until < since:
        message = f"{field}: expected no day before {since_field} ({since}), got {until}"
        raise StatementError("payload.date", message)
