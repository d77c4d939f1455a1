"""What makes one version of a charter, and one step between versions, well formed (SPEC §7.2).

Each rule is one function with one stable code, and judges the text alone; signatures are counted
in `federation.charters.verification`.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from itertools import pairwise
from typing import Final, NoReturn

from crypto.checkpoint import open_checkpoint
from crypto.errors import CryptoError
from crypto.keys import KeyType
from federation.charters.certificates import check_certificates
from federation.charters.keys import (
    check_charter_keys,
    check_key_names,
    check_keys_distinct,
    check_sealing_keys,
)
from federation.charters.members import (
    check_delegations,
    check_members_differ,
    check_same_delegations,
    check_same_successor,
)
from federation.charters.values import PURPOSES, QUERIES, SUITES, Member, Role, Segment, Terms
from federation.errors import CharterError
from federation.ids import ORIGIN_FORM, MemberId, Origin, node_of

_REGION: Final = re.compile(r"[0-9]{6}")
"""A node's name in small letters, digits, dots and hyphens, and the epoch: safe in paths too."""

_PREFIX: Final = re.compile(r"(?:[0-9]{2}){1,3}")

_ENDPOINT: Final = re.compile(r"(?:[A-Za-z0-9.-]+|\[([0-9a-fA-F:.]+)\]):([1-9][0-9]{0,4})")
_MAX_PORT: Final = 65535


def check_terms(terms: Terms) -> None:
    """Apply every rule to one version.

    Raises:
        CharterError: the first rule that does not hold, by its code.
    """
    _check_numbering(terms)
    _check_period(terms)
    _check_voters(terms)
    check_members(terms)


def check_members(terms: Terms) -> None:
    """Apply every rule on what a version says of its members, whoever votes.

    Raises:
        CharterError: the first rule that does not hold, by its code.
    """
    _check_purposes(terms)
    _check_members(terms)
    check_members_differ(terms)
    check_delegations(terms)
    check_charter_keys(terms)
    check_keys_distinct(terms)
    check_certificates(terms)
    owners: dict[Origin, MemberId] = {}
    for member in terms.members:
        for segment in member.segments:
            _check_segment(segment)
            if owners.setdefault(segment.origin, member.id) != member.id:
                _refuse(
                    "origin-shared",
                    f"{segment.origin}: expected one member, got {owners[segment.origin]!r} "
                    f"and {member.id!r}",
                )
        _check_order(member)
        check_key_names(member)
        check_sealing_keys(member)
        _check_endpoints(member)


def check_step(old: Terms, new: Terms) -> None:
    """Apply the rules between version N and version N+1: what was said of a log stays said.

    A segment's origin, key, start, suite and entitlements never change, else old leaves would be
    judged anew; a closed segment is never opened, moved or dropped; an open one may be closed.
    What a member may say changes by closing its segment and opening another.

    The spans of a member's delegations stay in the same way, for what its delegates said.

    Raises:
        CharterError: `charter.member-vanished`, `charter.segment-vanished`,
            `charter.segment-changed`, `charter.segment-reopened`,
            `charter.delegation-vanished`, `charter.delegation-changed`,
            `charter.delegation-reopened` or `charter.successor-changed`.
    """
    for before in old.members:
        if not (before.segments or before.delegations):
            continue
        after = new.member(before.id)
        if after is None:
            _refuse("member-vanished", f"expected {before.id!r} with its segments, got no such id")
        if len(after.segments) < len(before.segments):
            _refuse(
                "segment-vanished",
                f"{before.id}: expected at least {len(before.segments)} segments, "
                f"got {len(after.segments)}",
            )
        for was, now in zip(before.segments, after.segments, strict=False):
            _check_same_segment(was, now)
        check_same_delegations(before, after)
        check_same_successor(before, after)


def _refuse(code: str, message: str) -> NoReturn:
    raise CharterError(f"charter.{code}", f"charter: {message}")


def _check_numbering(terms: Terms) -> None:
    """Version 1 begins the alliance; later ones name it and the version before."""
    first = terms.version == 1
    if terms.version < 1 or first != (terms.charter is None) or first != (terms.previous is None):
        _refuse(
            "numbering",
            "expected `charter` and `previous` in every version but 1, got version "
            f"{terms.version} with charter {terms.charter is not None}, "
            f"previous {terms.previous is not None}",
        )
    for conflict in terms.previous_conflicting:
        if not 1 < conflict.version < terms.version or conflict.digest == terms.previous:
            _refuse(
                "conflict-version",
                f"expected conflicting versions from 2 to {terms.version - 1} beside the "
                f"previous one, got {conflict.version}",
            )


def _check_period(terms: Terms) -> None:
    if terms.not_after <= terms.issued_at:
        _refuse("period", f"expected not_after later than {terms.issued_at}, got {terms.not_after}")


def _check_purposes(terms: Terms) -> None:
    for purpose in terms.purposes:
        if purpose not in PURPOSES:
            _refuse("purpose", f"expected one of {', '.join(PURPOSES)}, got {purpose[:64]!r}")
    for member in terms.members:
        for reception in member.receives:
            for purpose in reception.purposes:
                if purpose not in terms.purposes:
                    _refuse(
                        "purpose",
                        f"{member.id}: expected a purpose of this charter, got {purpose[:64]!r}",
                    )


def _check_members(terms: Terms) -> None:
    ids = [member.id for member in terms.members]
    for member in terms.members:
        if ids.count(member.id) > 1:
            _refuse("member-id", f"expected each member id once, got {member.id!r} again")
        if not _REGION.fullmatch(member.region):
            _refuse("region", f"{member.id}: expected 6 digits, got {member.region[:16]!r}")
        named = [one.member for one in member.delegations]
        for other in named if member.successor is None else [*named, member.successor]:
            if other not in ids or other == member.id:
                _refuse(
                    "member-unknown",
                    f"{member.id}: expected another member as delegate or successor, "
                    f"got {other[:64]!r}",
                )
        for prefix in member.attests:
            if Role.HUB not in member.roles or not _PREFIX.fullmatch(prefix):
                _refuse(
                    "attests",
                    f"{member.id}: expected 2, 4 or 6 digits, at a hub only, got {prefix[:16]!r}",
                )


def _check_voters(terms: Terms) -> None:
    if not terms.voters:
        _refuse("no-voter", "expected at least one member with a charter key, got none")


def _check_segment(segment: Segment) -> None:
    if not ORIGIN_FORM.fullmatch(segment.origin):
        _refuse("origin", f"expected <node>/<epoch> in small letters, got {segment.origin[:64]!r}")
    if segment.origin.startswith(QUERIES):
        _refuse("origin", f"expected {QUERIES} for logs of questions only, got {segment.origin}")
    if segment.log_key.type is not KeyType.NOTE or segment.log_key.name != segment.origin:
        _refuse(
            "key-name",
            f"expected a log key of type 1 named {segment.origin}, got {segment.log_key.name} "
            f"of type {segment.log_key.type:d}",
        )
    if segment.suite not in SUITES:
        _refuse("suite", f"{segment.origin}: expected suite 1, got {segment.suite}")
    _check_cut(segment)


def _check_cut(segment: Segment) -> None:
    """A closed segment carries the signed checkpoint of its end, and says the same as it."""
    if segment.cut is None:
        return
    try:
        signed = open_checkpoint(segment.cut.note, segment.log_key)
    except CryptoError as error:
        message = f"charter: {segment.origin}: expected a cut signed by its log, got: {error}"
        raise CharterError("charter.cut", message) from error
    checkpoint = signed.checkpoint
    if (checkpoint.size, checkpoint.root) != (segment.cut.size, segment.cut.root):
        _refuse(
            "cut",
            f"{segment.origin}: expected to_size and root_at_to of the cut ({checkpoint.size}), "
            f"got {segment.cut.size}",
        )
    if segment.cut.size < segment.from_size:
        _refuse(
            "cut",
            f"{segment.origin}: expected a cut at {segment.from_size} or later, "
            f"got {segment.cut.size}",
        )


def _check_order(member: Member) -> None:
    """Segments follow each other; only the last is open; an origin keeps its key and stays whole.

    The epochs of one node's name rise; a number may be left out. Those of two names have no order.

    Between two segments of one origin leaves may be left out (a member that came back), never
    claimed twice.
    """
    epochs: dict[str, int] = {}
    for origin in dict.fromkeys(segment.origin for segment in member.segments):
        node, epoch = node_of(origin), int(origin.rpartition("/")[2])
        if epoch < epochs.get(node, 0):
            _refuse("segment-order", f"{member.id}: expected {origin} before later epochs")
        epochs[node] = epoch
    for before, after in pairwise(member.segments):
        if before.cut is None:
            _refuse("segment-order", f"{member.id}: expected only the last segment open")
        if before.origin == after.origin:
            if before.log_key != after.log_key:
                _refuse("segment-key", f"{after.origin}: expected one log key, got two")
            if after.from_size < before.cut.size:
                _refuse(
                    "segment-order",
                    f"{after.origin}: expected a start at {before.cut.size} or later, "
                    f"got {after.from_size}",
                )
        elif after.origin in [s.origin for s in member.segments[: member.segments.index(after)]]:
            _refuse(
                "segment-order", f"{member.id}: expected {after.origin} without another between"
            )


def _check_endpoints(member: Member) -> None:
    for endpoint in member.endpoints:
        match = _ENDPOINT.fullmatch(endpoint)
        if match is None or int(match[2]) > _MAX_PORT or not _is_address(match[1]):
            _refuse(
                "endpoint",
                f"{member.id}: expected host:port or [IPv6 address]:port, got {endpoint[:64]!r}",
            )


def _is_address(bracketed: str | None) -> bool:
    """Whether what stands in brackets, if anything, is an IPv6 address."""
    try:
        return bracketed is None or bool(IPv6Address(bracketed))
    except ValueError:
        return False


def _check_same_segment(was: Segment, now: Segment) -> None:
    fixed = (was.origin, was.log_key, was.from_size, was.suite, was.entitlements)
    if fixed != (now.origin, now.log_key, now.from_size, now.suite, now.entitlements):
        _refuse(
            "segment-changed",
            f"{was.origin}: expected origin, key, start, suite and entitlements of a segment "
            "as they were; close it and open another",
        )
    if was.cut is not None and (now.cut is None or was.cut.place != now.cut.place):
        _refuse("segment-reopened", f"{was.origin}: expected the cut at {was.cut.size} as it was")
