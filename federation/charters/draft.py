"""Drafts of charters: writing the JSON, and deriving version N+1 from version N.

A draft is only a proposal. Nothing here is trusted later: the signed payload is read again and
judged by `federation.charters.verification`, also by those who wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace

from crypto.strict import b64
from federation.charters.values import (
    Charter,
    Conflict,
    Cut,
    Delegation,
    Entitlements,
    Member,
    MemberKeys,
    Reception,
    Segment,
    Terms,
    Tiles,
)
from federation.errors import CharterError
from federation.ids import MemberId, Timestamp


def write_terms(terms: Terms) -> bytes:
    """Write the payload of a draft; `charter_json.parse_terms` reads it back."""
    document: dict[str, object] = {
        "min_reader": terms.min_reader,
        "name": terms.name,
        "version": terms.version,
    }
    if terms.charter is not None:
        document["charter"] = terms.charter.hex()
    if terms.previous is not None:
        document["previous"] = terms.previous.hex()
    if terms.previous_conflicting:
        document["previous_conflicting"] = [
            {"version": conflict.version, "digest": conflict.digest.hex()}
            for conflict in terms.previous_conflicting
        ]
    document |= {
        "issued_at": terms.issued_at,
        "not_after": terms.not_after,
        "purposes": list(terms.purposes),
        "members": [member_document(member) for member in terms.members],
    }
    if terms.tiles is not Tiles.MEMBERS:
        document["tiles"] = terms.tiles.value
    if terms.requests_per_day is not None:
        document["requests_per_day"] = terms.requests_per_day
    return pretty(document | {"x": json.loads(terms.x)})


def write_member(member: Member) -> bytes:
    """Write a `member.json`; `charter_json.parse_member` reads it back."""
    return pretty(member_document(member))


def settling(terms: Terms, rivals: Collection[Charter]) -> Terms:
    """Let a draft settle forks: the branches that begin with these versions end (SPEC §7.2).

    Args:
        terms: the draft, which follows the branch that goes on.
        rivals: the first version of each branch that does not.

    Raises:
        CharterError: `charter.settles-nothing`: of another alliance, later than the version
            before the draft, or that version itself.
    """
    for rival in rivals:
        of_it = rival.terms.charter == terms.charter and 1 < rival.terms.version < terms.version
        if not of_it or rival.digest == terms.previous:
            message = (
                f"charter: expected a version of this alliance from 2 to {terms.version - 1} that "
                f"the draft does not follow, got version {rival.terms.version} "
                f"{rival.digest.hex()[:16]}"
            )
            raise CharterError("charter.settles-nothing", message)
    named = {
        (rival.terms.version, rival.digest): Conflict(
            version=rival.terms.version, digest=rival.digest
        )
        for rival in rivals
    }
    return replace(terms, previous_conflicting=tuple(named[key] for key in sorted(named)))


def next_terms(current: Charter, *, issued_at: Timestamp, not_after: Timestamp) -> Terms:
    """Return the unchanged text of version N as the beginning of version N+1."""
    return replace(
        current.terms,
        version=current.terms.version + 1,
        charter=current.id,
        previous=current.digest,
        previous_conflicting=(),
        issued_at=issued_at,
        not_after=not_after,
    )


def with_member(terms: Terms, member: Member) -> Terms:
    """Add a member.

    Raises:
        CharterError: a member with this id stands there already (`charter.member-id`).
    """
    if terms.member(member.id) is not None:
        message = f"charter: expected a new member id, got {member.id!r}, which is a member"
        raise CharterError("charter.member-id", message)
    return replace(terms, members=(*terms.members, member))


def without_member(
    terms: Terms, member_id: MemberId, cut: Cut | None, successor: MemberId | None = None
) -> Terms:
    """Remove a member: its open segment is closed, its keys and certificates go.

    A member that has segments stays listed with them, because its old leaves are judged by them.

    Raises:
        CharterError: no such member (`charter.member-unknown`), or an open segment and no cut
            (`charter.cut`).
    """
    member = _existing(terms, member_id)
    segments = _closed(member, cut)
    if not (segments or member.delegations):
        kept = tuple(other for other in terms.members if other.id != member_id)
        return replace(terms, members=kept)
    ended = replace(
        member,
        charter_key=None,
        segments=segments,
        keys=MemberKeys(),
        certificates=(),
        sealing_keys=(),
        endpoints=(),
        receives=(),
        successor=successor,
        attests=(),
    )
    return _put(terms, ended)


def rotated_member(terms: Terms, renewed: Member, cut: Cut | None) -> Terms:
    """Replace a member's keys, certificates and endpoints by those of a new `member.json`.

    Where the new description names another origin or log key, the open segment is closed at the
    cut and the new one follows, with the entitlements of the old one. Certificates that the new
    description does not repeat are dropped: for an overlap, let it name both. For whom it is a
    delegate, it goes on as one in its new log.

    Raises:
        CharterError: no such member (`charter.member-unknown`), or an open segment that would
            have to be closed and no cut (`charter.cut`).
    """
    member = _existing(terms, renewed.id)
    segments = member.segments
    for new in renewed.segments:
        last = segments[-1] if segments else None
        if last is not None and (last.origin, last.log_key) == (new.origin, new.log_key):
            continue
        rights = Entitlements() if last is None else last.entitlements
        segments = (*_closed(member, cut), replace(new, entitlements=rights))
    return _put(
        _delegated_on(terms, member, segments),
        replace(
            renewed,
            segments=segments,
            roles=member.roles,
            receives=member.receives,
            charter_key=renewed.charter_key if member.charter_key is not None else None,
            delegations=member.delegations,
            successor=member.successor,
            attests=member.attests,
        ),
    )


def with_delegation(
    terms: Terms, principal: MemberId, delegate: MemberId, from_index: int
) -> Terms:
    """Let a member act for another from an index of its newest log on.

    Raises:
        CharterError: no such member (`charter.member-unknown`), or a delegate without a log
            (`charter.delegation`).
    """
    member, segments = _existing(terms, principal), _existing(terms, delegate).segments
    if not segments:
        message = f"charter: expected a delegate with a log, got {delegate!r}, which has none"
        raise CharterError("charter.delegation", message)
    origin = segments[-1].origin
    given = Delegation(member=delegate, origin=origin, from_index=from_index)
    return _put(terms, replace(member, delegations=(*member.delegations, given)))


def without_delegation(
    terms: Terms, principal: MemberId, delegate: MemberId, to_index: int
) -> Terms:
    """Close the open delegations of a member to another; what was said before goes on acting.

    Raises:
        CharterError: no such member (`charter.member-unknown`), or nothing is open
            (`charter.delegation`).
    """
    member = _existing(terms, principal)
    closed = tuple(
        replace(one, to_index=to_index) if one.member == delegate and one.to_index is None else one
        for one in member.delegations
    )
    if closed == member.delegations:
        message = f"charter: expected an open delegation of {principal!r} to {delegate!r}, got none"
        raise CharterError("charter.delegation", message)
    return _put(terms, replace(member, delegations=closed))


def _delegated_on(terms: Terms, was: Member, segments: tuple[Segment, ...]) -> Terms:
    """Let who is a delegate go on as one in its next log, where the last one is cut."""
    new, before = segments[len(was.segments) :], segments[: len(was.segments)]
    if not new or not before or before[-1].cut is None:
        return terms
    old, end = before[-1].origin, before[-1].cut.size
    for principal in terms.members:
        going = [
            one
            for one in principal.delegations
            if one.member == was.id and one.origin == old and one.to_index is None
        ]
        closed = tuple(
            replace(one, to_index=max(end, one.from_index)) if one in going else one
            for one in principal.delegations
        )
        given = Delegation(member=was.id, origin=new[-1].origin, from_index=new[-1].from_size)
        if going:
            terms = _put(terms, replace(principal, delegations=(*closed, given)))
    return terms


def _existing(terms: Terms, member_id: MemberId) -> Member:
    member = terms.member(member_id)
    if member is None:
        known = ", ".join(m.id for m in terms.members)
        message = f"charter: expected one of the members {known}, got {member_id!r}"
        raise CharterError("charter.member-unknown", message)
    return member


def _closed(member: Member, cut: Cut | None) -> tuple[Segment, ...]:
    """Close the last segment of a member, if it is open."""
    if not member.segments or member.segments[-1].cut is not None:
        return member.segments
    if cut is None:
        origin = member.segments[-1].origin
        message = f"charter: expected the checkpoint at which {origin} is cut, got none"
        raise CharterError("charter.cut", message)
    return (*member.segments[:-1], replace(member.segments[-1], cut=cut))


def _put(terms: Terms, member: Member) -> Terms:
    members = tuple(member if other.id == member.id else other for other in terms.members)
    return replace(terms, members=members)


def pretty(document: object) -> bytes:
    """Write a document as people can read it; whoever signs it signs these bytes."""
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def member_document(member: Member) -> dict[str, object]:
    """A member as the object that stands in a charter."""
    document: dict[str, object] = {
        "id": member.id,
        "region": member.region,
        "name": member.name,
        "roles": [role.value for role in member.roles],
    }
    if member.charter_key is not None:
        document["charter_key"] = b64(member.charter_key)
    document |= {
        "segments": [_segment(segment) for segment in member.segments],
        "keys": {
            "head": [str(key) for key in member.keys.head],
            "witness": [str(key) for key in member.keys.witness],
            "mirror": [str(key) for key in member.keys.mirror],
            "document": [str(key) for key in member.keys.document],
            "query_log": [str(key) for key in member.keys.query_log],
        },
        "certificates": [b64(der) for der in member.certificates],
        "sealing_keys": [
            {"suite": sealing.suite, "key": b64(sealing.key)} for sealing in member.sealing_keys
        ],
        "endpoints": list(member.endpoints),
        "receives": [_reception(reception) for reception in member.receives],
    }
    if member.delegations:
        document["delegations"] = [_delegation(one) for one in member.delegations]
    if member.successor is not None:
        document["successor"] = member.successor
    if member.attests:
        document["attests"] = list(member.attests)
    return document | {"x": json.loads(member.x)}


def _segment(segment: Segment) -> dict[str, object]:
    document: dict[str, object] = {
        "origin": segment.origin,
        "log_key": str(segment.log_key),
        "from_size": segment.from_size,
    }
    if segment.cut is not None:
        document["to_size"] = segment.cut.size
        document["root_at_to"] = b64(segment.cut.root)
        document["cut"] = segment.cut.note.decode()
    return document | {
        "suite": segment.suite,
        "entitlements": {
            "kinds": list(segment.entitlements.kinds),
            "lists": [
                {"list_type": right.list_type, "authorities": list(right.authorities)}
                for right in segment.entitlements.lists
            ],
        },
        "x": json.loads(segment.x),
    }


def _reception(reception: Reception) -> dict[str, object]:
    return {"kinds": list(reception.kinds), "purposes": list(reception.purposes)}


def _delegation(delegation: Delegation) -> dict[str, object]:
    document: dict[str, object] = {
        "member": delegation.member,
        "origin": delegation.origin,
        "from_index": delegation.from_index,
    }
    if delegation.to_index is not None:
        document["to_index"] = delegation.to_index
    return document
