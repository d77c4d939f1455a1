"""What a charter says of members beside each other: who is whose delegate, and nobody twice.

A delegation 委托 is a span of the delegate's log, as a segment is one of the member's own: what
stands in the span acts for the principal (SPEC §6.2), and later versions keep spans in place, so
that what was said stays judged as it was.
"""

from __future__ import annotations

from typing import Final, NoReturn

from federation.charters.values import Delegation, Member, Role, Terms
from federation.errors import CharterError
from federation.ids import MemberId, Origin

_LISTING_ROLES: Final = frozenset({Role.CITY, Role.COUNTY})


def check_members_differ(terms: Terms) -> None:
    """Check that no two living cities or counties have one region, name or endpoint.

    Who lists stands once: two of one name would be taken for each other by people, two of one
    region would both attest for its subjects. Members that have ended stay listed for ever and do
    not count.

    Raises:
        CharterError: `charter.member-twice`.
    """
    seen: dict[tuple[str, str], MemberId] = {}
    for member in terms.members:
        if member.ended or not _LISTING_ROLES.intersection(member.roles):
            continue
        said = [("region", member.region), ("name", member.name)]
        said += [("endpoint", endpoint.lower()) for endpoint in set(member.endpoints)]
        for what in dict.fromkeys(said):
            if what in seen:
                _refuse(
                    "member-twice",
                    f"expected one living city or county of {what[0]} {what[1][:64]!r}, "
                    f"got {seen[what]!r} and {member.id!r}",
                )
            seen[what] = member.id


def check_delegations(terms: Terms) -> None:
    """Check that each delegation is a span of its delegate's log, apart from the others there.

    Raises:
        CharterError: `charter.delegation`.
    """
    origins = {member.id: member.origins for member in terms.members}
    for member in terms.members:
        ends: dict[Origin, int | None] = {}
        for one in member.delegations:
            if one.origin not in origins[one.member]:
                _refuse(
                    "delegation",
                    f"{member.id}: expected a log of {one.member!r}, got {one.origin[:64]!r}",
                )
            end = ends.get(one.origin, 0)
            if end is None or one.from_index < end:
                _refuse(
                    "delegation",
                    f"{member.id}: expected spans of {one.origin} in order and apart",
                )
            if one.to_index is not None and one.to_index < one.from_index:
                _refuse(
                    "delegation",
                    f"{member.id}: expected a span of {one.origin} that ends at "
                    f"{one.from_index} or later, got {one.to_index}",
                )
            ends[one.origin] = one.to_index


def attested(member: Member) -> tuple[str, ...]:
    """Beginnings of the codes of the regions for whose subjects a member may attest.

    A hub's are those that the charter names; a city's or county's is its own region without the
    pairs of noughts at its end, where anything is left.
    """
    own = member.region
    while own.endswith("00"):
        own = own.removesuffix("00")
    lists = bool(own) and not _LISTING_ROLES.isdisjoint(member.roles)
    return (*member.attests, own) if lists else member.attests


def check_same_delegations(before: Member, after: Member) -> None:
    """Check that a later version keeps a member's delegations; an open one it may close.

    Raises:
        CharterError: `charter.delegation-vanished`, `charter.delegation-changed` or
            `charter.delegation-reopened`.
    """
    if len(after.delegations) < len(before.delegations):
        _refuse(
            "delegation-vanished",
            f"{before.id}: expected at least {len(before.delegations)} delegations, "
            f"got {len(after.delegations)}",
        )
    for given, kept in zip(before.delegations, after.delegations, strict=False):
        _check_same_delegation(given, kept)


def check_same_successor(before: Member, after: Member) -> None:
    """Check that who acts for a member that has ended goes on acting for it.

    What its successor said would be judged anew, if another one were named or the member spoke
    again. It may join again, as a new member.

    Raises:
        CharterError: `charter.successor-changed`.
    """
    if not before.ended or before.successor is None:
        return
    if not after.ended or after.successor != before.successor:
        _refuse(
            "successor-changed",
            f"{before.id}: expected it ended, with the successor {before.successor!r} as it was",
        )


def _check_same_delegation(was: Delegation, now: Delegation) -> None:
    if (was.member, was.origin, was.from_index) != (now.member, now.origin, now.from_index):
        _refuse(
            "delegation-changed",
            f"{was.origin}: expected member, log and start of a delegation as they were; "
            "close it and give another",
        )
    if was.to_index is not None and was.to_index != now.to_index:
        _refuse(
            "delegation-reopened",
            f"{was.origin}: expected the end of the delegation at {was.to_index} as it was",
        )


def _refuse(code: str, message: str) -> NoReturn:
    raise CharterError(f"charter.{code}", f"charter: {message}")
