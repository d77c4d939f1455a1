"""A request to join an alliance, made by a node that is no member yet (SPEC §7.6).

It carries the description of the node that the next version of the charter may take over, and the
secret of an invitation, and shows that whoever wrote it holds the node's keys: its charter key, if
it votes, and the key of its open log. It grants nothing by itself: voting members read it, and
sign a version, or do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import Final, NoReturn

from crypto.dsse import Envelope, good_signatures, parse_envelope
from crypto.errors import CryptoError
from federation.charters._fields import Fields, digest, integer, load, reader, text, wrong
from federation.charters.draft import member_document, pretty
from federation.charters.json_form import read_member
from federation.charters.rules import check_members
from federation.charters.values import PURPOSES, Member, Terms
from federation.errors import CharterError
from federation.ids import CharterId, Timestamp

PAYLOAD_TYPE: Final = "application/vnd.huxin.join-request+json"
"""DSSE payload type of a request to join."""

JOIN_READER: Final = 1
"""The newest `min_reader` of a request that this implementation understands."""

MAX_REQUEST: Final = 256 * 1024
"""Bytes of the envelope: strangers send it. A description takes about 4 KiB."""

MAX_PERIOD: Final = 90 * 86_400
"""Seconds that a request may be good for: what a year-old paper says of keys nobody relies on."""

INVITATION_SIZE: Final = 16

_FORM: Final = {f"charter.{code}": f"join.{code}" for code in ("json", "field")}
"""What is no fault of the member's rules has a code of the request's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """What a node asks of an alliance. By itself a claim: see `verify_request`.

    Attributes:
        charter: the alliance.
        invitation: 16 random bytes, which the inviting node gave out once.
        member: as the charter would name the node; its rights are for the voting members to give.
        not_after: last second at which it may be taken.
        x: the extension object as JSON text; kept, never read.
    """

    min_reader: int = JOIN_READER
    charter: CharterId
    invitation: bytes
    member: Member
    issued_at: Timestamp
    not_after: Timestamp
    x: str = "{}"


def write_request(request: JoinRequest) -> bytes:
    """Write the payload; `read_request` reads it back."""
    return pretty(
        {
            "min_reader": request.min_reader,
            "charter": request.charter.hex(),
            "invitation": request.invitation.hex(),
            "member": member_document(request.member),
            "issued_at": request.issued_at,
            "not_after": request.not_after,
            "x": load(request.x.encode()),
        }
    )


def read_request(data: bytes) -> tuple[Envelope, JoinRequest]:
    """Read an envelope and the rules of its text, **without judging any signature**.

    Raises:
        CharterError: a code `join.*` of SPEC §7.6, or of what §7.1 says of a member.
    """
    if len(data) > MAX_REQUEST:
        _refuse("size", f"expected an envelope of at most {MAX_REQUEST} bytes, got {len(data)}")
    try:
        envelope = parse_envelope(data)
    except CryptoError as error:
        message = f"join: expected a DSSE envelope, got: {error}"
        raise CharterError("join.envelope", message) from error
    if envelope.payload_type != PAYLOAD_TYPE:
        _refuse("payload-type", f"expected {PAYLOAD_TYPE}, got {envelope.payload_type[:64]!r}")
    try:
        request = _parse(envelope.payload)
    except CharterError as error:
        code = _FORM.get(error.code, error.code)
        raise CharterError(code, str(error)) from error
    _check_member(request.member)
    if not 0 < request.not_after - request.issued_at <= MAX_PERIOD:
        _refuse(
            "period",
            f"expected not_after at most {MAX_PERIOD} s after {request.issued_at}, "
            f"got {request.not_after}",
        )
    if request.member.ended or not _signing_keys(request.member):
        _refuse("member", f"{request.member.id}: expected an open log or a charter key")
    return envelope, request


def verify_request(
    data: bytes, *, charter: CharterId, invitation: bytes, now: Timestamp
) -> JoinRequest:
    """Verify a request against the invitation that was given out.

    Args:
        data: the DSSE envelope as received.
        charter: the alliance that was meant.
        invitation: the secret given out, 16 bytes.
        now: seconds since 1970 UTC.

    Raises:
        CharterError: a key of the node has not signed (`join.signature`), it is for another
            alliance (`join.alliance`), of another invitation (`join.invitation`), too old
            (`join.expired`), or a code of `read_request`.
    """
    envelope, request = read_request(data)
    keys = _signing_keys(request.member)
    good = good_signatures(envelope, keys)
    if len(good) != len(keys):
        _refuse("signature", f"expected {len(keys)} good signatures of its keys, got {len(good)}")
    if request.charter != charter:
        _refuse("alliance", f"expected alliance {charter.hex()}, got {request.charter.hex()}")
    if not compare_digest(request.invitation, invitation):
        _refuse("invitation", "expected the secret of the invitation, got another")
    check_still_good(request, now)
    return request


def check_still_good(request: JoinRequest, now: Timestamp) -> None:
    """See that a request may be taken now, also one that has waited since it came.

    Raises:
        CharterError: `join.expired`.
    """
    if now > request.not_after:
        _refuse("expired", f"expected it by {request.not_after}, got it at {now}")


def _signing_keys(member: Member) -> tuple[bytes, ...]:
    """Ed25519 keys that must have signed: that of the open log, and the charter key of a voter."""
    log = [segment.log_key.public for segment in member.segments[-1:]]
    return (*log, *([] if member.charter_key is None else [member.charter_key]))


def _check_member(member: Member) -> None:
    """Check the description alone: the rules of §7.1, as if the charter named nobody else."""
    check_members(
        Terms(
            name="-",
            version=1,
            issued_at=Timestamp(0),
            not_after=Timestamp(1),
            purposes=tuple(PURPOSES),
            members=(member,),
        )
    )


def _parse(payload: bytes) -> JoinRequest:
    fields = Fields(load(payload), "join")
    min_reader = reader(fields)
    if min_reader > JOIN_READER:
        _refuse("min-reader", f"expected min_reader at most {JOIN_READER}, got {min_reader}")
    return JoinRequest(
        min_reader=min_reader,
        charter=CharterId(fields.take("charter", digest)),
        invitation=fields.take("invitation", _read_invitation),
        member=fields.take("member", read_member),
        issued_at=Timestamp(fields.take("issued_at", integer)),
        not_after=Timestamp(fields.take("not_after", integer)),
        x=fields.extensions(),
    )


def _read_invitation(value: object, path: str) -> bytes:
    digits = text(value, path)
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        raw = b""
    if len(raw) != INVITATION_SIZE or raw.hex() != digits:
        wrong(path, f"{2 * INVITATION_SIZE} lower-case hexadecimal digits", "something else")
    return raw


def _refuse(code: str, message: str) -> NoReturn:
    raise CharterError(f"join.{code}", f"join: {message}")
