"""An invitation 邀请 to an alliance: what a node needs to ask for membership, in one file.

It carries the alliance's charters and a secret that is good once and for some days. It grants
nothing: who holds it may ask, and voting members sign, or do not (SPEC §7.6).

Rules:

    JN1  The charters in it are one chain, from version 1 on, of the alliance that it names.
    JN2  Nobody takes an alliance from a file alone: a person compares its fingerprint, heard by
         voice or read on paper, with that of version 1.
    JN3  It is taken until its last second, and not before it was made.
    JN4  Its secret is good for one node: a request for the same description, sent or made again,
         changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Final, NoReturn

from federation.charters.chain import CharterChain, advance, begin_chain
from federation.charters.join import INVITATION_SIZE, JoinRequest
from federation.errors import RefusedError
from federation.ids import CharterId, MemberId, Timestamp

FORM: Final = 1
MAX_INVITATION: Final = 8 * 2**20
"""Bytes; a charter of three hundred members has about 1 MiB."""
MAX_HOURS: Final = 24 * 30
CLOCK_SECONDS: Final = 300
"""How far two clocks that are right may differ."""
_GROUPS: Final = 5
_GROUP: Final = 4
_VERSIONS_MAX: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What an invitation says.

    Attributes:
        charter: the alliance.
        secret: 16 random bytes; who gave it out keeps a hash alone.
        region: for this region code alone; empty for any.
        inviter: the member that gave it out.
        created_at: seconds UTC.
        not_after: last second at which a request may come.
        envelopes: every version of the charter, from the first.
        endpoint: `host:port` where the request may be handed over by HTTPS; empty: by file alone.
        certificate: DER, exactly the one that is shown there.
    """

    charter: CharterId
    secret: bytes
    region: str
    inviter: MemberId
    created_at: Timestamp
    not_after: Timestamp
    envelopes: tuple[bytes, ...]
    endpoint: str = ""
    certificate: bytes = b""


def write_invitation(invitation: Invitation) -> bytes:
    """Write the file; `read_invitation` reads it back."""
    document = {
        "form": FORM,
        "charter": invitation.charter.hex(),
        "secret": invitation.secret.hex(),
        "region": invitation.region,
        "inviter": invitation.inviter,
        "created_at": invitation.created_at,
        "not_after": invitation.not_after,
        "charters": [one.decode() for one in invitation.envelopes],
    }
    if invitation.endpoint:
        document |= {
            "endpoint": invitation.endpoint,
            "certificate": invitation.certificate.hex(),
        }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def read_invitation(data: bytes) -> tuple[Invitation, CharterChain]:
    """Read an invitation and prove its charters (JN1); which alliance is meant, a person says.

    Raises:
        RefusedError: `invitation.malformed`.
        CharterError: a code of `begin_chain` or `advance`.
    """
    if len(data) > MAX_INVITATION:
        _refuse("malformed", f"expected at most {MAX_INVITATION} bytes, got {len(data)}")
    try:
        document = json.loads(data)
        if document["form"] != FORM or set(document) not in (_NAMES, _NAMES | _HANDED_OVER):
            _refuse("malformed", f"expected an invitation of form {FORM}")
        invitation = Invitation(
            charter=CharterId(bytes.fromhex(document["charter"])),
            secret=bytes.fromhex(document["secret"]),
            region=str(document["region"]),
            inviter=MemberId(str(document["inviter"])),
            created_at=Timestamp(int(document["created_at"])),
            not_after=Timestamp(int(document["not_after"])),
            envelopes=tuple(str(one).encode() for one in document["charters"]),
            endpoint=_endpoint(document.get("endpoint", "")),
            certificate=bytes.fromhex(document.get("certificate", "")),
        )
    except (ArithmeticError, ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"invitation: expected the file as huxin invite create wrote it, got: {error!r}"
        raise RefusedError("invitation.malformed", message[:300]) from error
    if len(invitation.secret) != INVITATION_SIZE or not (
        1 <= len(invitation.envelopes) <= _VERSIONS_MAX
    ):
        _refuse("malformed", "expected a secret of 16 bytes and the charters of the alliance")
    chain = begin_chain(invitation.envelopes[0], invitation.charter)
    for envelope in invitation.envelopes[1:]:
        chain = advance(chain, envelope)
    return invitation, chain


_NAMES: Final = {
    "form",
    "charter",
    "secret",
    "region",
    "inviter",
    "created_at",
    "not_after",
    "charters",
}


_HANDED_OVER: Final = {"endpoint", "certificate"}
_ENDPOINT: Final = re.compile(r"[^\s/@?#]{1,253}:[0-9]{1,5}")


def _endpoint(text: str) -> str:
    """`host:port`, or nothing.

    Raises:
        ValueError: another form.
    """
    if text and not (_ENDPOINT.fullmatch(text) and int(text.rpartition(":")[2]) < 1 << 16):
        message = f"expected host:port, got {text[:80]!r}"
        raise ValueError(message)
    return text


def check_time(invitation: Invitation, now: Timestamp) -> None:
    """See that it may be used now (JN3).

    Raises:
        RefusedError: `invitation.expired`; `invitation.clock`: by this clock it is not made yet.
    """
    if now > invitation.not_after:
        late = (now - invitation.not_after) // 60
        _refuse(
            "expired",
            f"邀请已过期 {late} 分钟，请对方重新邀请 / it ended {late} minutes ago",
        )
    if now < invitation.created_at - CLOCK_SECONDS:
        early = (invitation.created_at - now) // 60
        _refuse("clock", f"it was made {early} minutes after what this machine's clock says")


def check_request_time(request: JoinRequest, now: Timestamp) -> None:
    """See that a request was not made later than now.

    Raises:
        RefusedError: `invitation.clock`: the clock of who asks, or ours, is wrong.
    """
    if request.issued_at > now + CLOCK_SECONDS:
        early = (request.issued_at - now) // 60
        _refuse("clock", f"the request was made {early} minutes after what this clock says")


def check_fingerprint(chain: CharterChain, heard: str) -> None:
    """Compare what a person heard with the alliance (JN2).

    Raises:
        RefusedError: `invitation.fingerprint`. It does not name the file's own: whoever read it
            there would have heard it from nobody.
    """
    digits = "".join(heard.split()).replace("-", "").lower()
    whole = chain.id.hex()
    if digits not in {whole, whole[: _GROUPS * _GROUP]}:
        _refuse(
            "fingerprint",
            f"{heard[:80]!r} is not the fingerprint of the alliance in this file: ask again, and "
            "use no file of which nobody can read it out",
        )


def spoken(digest: bytes) -> str:
    """The first 80 bits of a digest as people read them to each other: five groups of four."""
    text = digest.hex()
    return "-".join(text[n * _GROUP : (n + 1) * _GROUP] for n in range(_GROUPS))


def fingerprint_of(member: bytes) -> str:
    """The fingerprint of a node that asks, over its `member.json` as the request has it."""
    return spoken(hashlib.sha256(member).digest())


def _refuse(code: str, message: str) -> NoReturn:
    raise RefusedError(f"invitation.{code}", f"invitation: {message}")
