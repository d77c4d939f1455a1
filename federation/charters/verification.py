"""Verifying a charter 章程: who signed it, and what version it may follow (SPEC §7.2).

Step by step, for bytes that anybody may have sent:

1. DSSE envelope, payload type `application/vnd.huxin.charter+json`, at most 1 MiB of payload;
2. strict reading of the payload (`charter_json`), and its rules (`charter_rules`);
3. version 1: the payload's SHA-256 is the pinned alliance id, and every voting member signed;
4. version N+1: names the alliance and the digest of N, keeps what N said of the logs, and is
   signed by more than half of N's voting members and more than half of its own.

Key ids in the file are never looked at: each signature is tried under the members' charter keys,
and distinct *members* are counted. Deliberately not checked here: expiry (relief and the exchange
of charters go on after it) and `issued_at` (a claim). Forks stand in `federation.charters.chain`.
"""

from __future__ import annotations

from hashlib import sha256

from crypto.dsse import Envelope, good_signatures, parse_envelope
from crypto.errors import CryptoError
from federation.charters.json_form import parse_terms
from federation.charters.rules import check_step, check_terms
from federation.charters.values import (
    PAYLOAD_TYPE,
    PURPOSES,
    Charter,
    Conflict,
    Cut,
    Delegation,
    Entitlements,
    ListRight,
    Member,
    MemberKeys,
    Reception,
    Role,
    Segment,
    Terms,
    Tiles,
)
from federation.errors import CharterError
from federation.ids import CharterId, MemberId

__all__ = [
    "PAYLOAD_TYPE",
    "PURPOSES",
    "Charter",
    "Conflict",
    "Cut",
    "Delegation",
    "Entitlements",
    "ListRight",
    "Member",
    "MemberKeys",
    "Reception",
    "Role",
    "Segment",
    "Terms",
    "Tiles",
    "check_alliance",
    "more_than_half",
    "read_envelope",
    "signers",
    "two_thirds",
    "verify_first",
    "verify_next",
    "verify_step",
]


def more_than_half(count: int, total: int) -> bool:
    """Whether `count` of `total` voting members carry a version (SPEC §7.2)."""
    return 2 * count > total


def two_thirds(count: int, total: int) -> bool:
    """Whether `count` of `total` voting members settle a fork (SPEC §7.2), rounded up."""
    return total > 0 and 3 * count >= 2 * total


def read_envelope(data: bytes) -> tuple[Envelope, Terms]:
    """Read an envelope and the rules of its text, **without judging any signature**.

    For drafts, for showing, and as the first step of verifying.

    Raises:
        CharterError: `charter.envelope`, `charter.payload-type`, or a code of `charter_json` or
            `charter_rules`.
    """
    try:
        envelope = parse_envelope(data)
    except CryptoError as error:
        message = f"charter: expected a DSSE envelope, got: {error}"
        raise CharterError("charter.envelope", message) from error
    if envelope.payload_type != PAYLOAD_TYPE:
        message = (
            f"charter: expected payload type {PAYLOAD_TYPE}, got {envelope.payload_type[:64]!r}"
        )
        raise CharterError("charter.payload-type", message)
    terms = parse_terms(envelope.payload)
    check_terms(terms)
    return envelope, terms


def alliance_of(envelope: Envelope, terms: Terms) -> CharterId:
    """The alliance of which an envelope is a version: the digest of the first one's text."""
    return terms.charter or CharterId(sha256(envelope.payload).digest())


def signers(envelope: Envelope, terms: Terms) -> frozenset[MemberId]:
    """Return the voting members of `terms` whose good signature the envelope carries.

    The keys are as `charter_rules` let them pass.
    """
    voters = terms.voters
    good = good_signatures(envelope, tuple(voters))
    return frozenset(voters[key] for key in good)


def check_alliance(alliance: CharterId, terms: Terms) -> None:
    """Check that a version is of this alliance, before where it stands there.

    Raises:
        CharterError: `charter.alliance`; another version 1 is `charter.pin`.
    """
    if terms.charter is None:
        message = f"charter: expected a version of {alliance.hex()}, got another version 1"
        raise CharterError("charter.pin", message)
    if terms.charter != alliance:
        message = f"charter: expected the alliance {alliance.hex()}, got {terms.charter.hex()}"
        raise CharterError("charter.alliance", message)


def verify_first(data: bytes, pinned: CharterId) -> Charter:
    """Verify version 1 against the alliance id that was pinned from paper.

    Args:
        data: the DSSE envelope as received.
        pinned: SHA-256 of the payload, 32 bytes.

    Raises:
        CharterError: not the pinned charter (`charter.pin`), not version 1 (`charter.version`,
            and before it `charter.alliance` where it is of another alliance), not signed by
            every voting member (`charter.threshold`), or a code of `read_envelope`.
    """
    envelope, terms = read_envelope(data)
    digest = sha256(envelope.payload).digest()
    if terms.version != 1:
        check_alliance(pinned, terms)
        message = f"charter: expected version 1, got {terms.version}"
        raise CharterError("charter.version", message)
    if digest != pinned:
        message = f"charter: expected the alliance {pinned.hex()}, got {digest.hex()}"
        raise CharterError("charter.pin", message)
    missing = sorted(set(terms.voters.values()) - signers(envelope, terms))
    if missing:
        message = f"charter: expected every voting member's signature, missing {missing}"
        raise CharterError("charter.threshold", message)
    return Charter(id=CharterId(digest), digest=digest, terms=terms, envelope=data)


def verify_next(current: Charter, data: bytes) -> Charter:
    """Verify the version that follows `current`.

    Raises:
        CharterError: as `verify_step`, and `charter.settles-fork` for a version that settles a
            fork, which needs the versions before: see `charter_chain.advance`.
    """
    charter, _ = verify_step(current, data)
    if charter.terms.previous_conflicting:
        message = "charter: expected a version without previous_conflicting, got one that has it"
        raise CharterError("charter.settles-fork", message)
    return charter


def verify_step(
    current: Charter, data: bytes, read: tuple[Envelope, Terms] | None = None
) -> tuple[Charter, Envelope]:
    """Verify that a version follows `current`; what it says of a fork is left to the caller.

    `read` is what `read_envelope` made of the same bytes, where they were read before.

    Raises:
        CharterError: another alliance (`charter.alliance`), another number than N+1
            (`charter.version`), another predecessor (`charter.previous`), a changed segment (see
            `charter_rules.check_step`), too few signatures (`charter.threshold`), or a code of
            `read_envelope`.
    """
    envelope, terms = read or read_envelope(data)
    check_alliance(current.id, terms)
    expected = current.terms.version + 1
    if terms.version != expected:
        message = f"charter: expected version {expected}, got {terms.version}"
        raise CharterError("charter.version", message)
    if terms.previous != current.digest:
        got = "none" if terms.previous is None else terms.previous.hex()
        message = f"charter: expected previous {current.digest.hex()}, got {got}"
        raise CharterError("charter.previous", message)
    check_step(current.terms, terms)
    for voted in (current.terms, terms):
        signed = signers(envelope, voted)
        if not more_than_half(len(signed), len(voted.voters)):
            message = (
                f"charter: expected more than half of the {len(voted.voters)} voting members of "
                f"version {voted.version}, got {sorted(signed)}"
            )
            raise CharterError("charter.threshold", message)
    digest = sha256(envelope.payload).digest()
    return Charter(id=current.id, digest=digest, terms=terms, envelope=data), envelope
