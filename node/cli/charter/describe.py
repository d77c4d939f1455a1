"""What people are shown of a charter before they sign or adopt it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

from crypto.dsse import Envelope
from federation.charters.verification import Delegation, Member, Segment, Terms, signers
from federation.ids import MemberId, Timestamp
from federation.names import KINDS
from node.cli import render
from node.cli.language import english, say_in
from node.cli.options import Format
from node.texts.codes import in_chinese_first
from node.texts.fields import labels

MEMBER_COLUMNS: Final = (
    "id",
    "region",
    "name",
    "roles",
    "votes",
    "signed",
    "endpoints",
    "delegates",
    "successor",
    "attests",
)
SEGMENT_COLUMNS: Final = ("member", "origin", "from_size", "to_size", "kinds", "lists")

MEMBER_UNDER: Final = {
    "id": ("region", "name"),
    "roles": ("votes", "signed"),
    "delegates": ("successor", "attests"),
}
SEGMENT_UNDER: Final = {"member": ("origin",), "from_size": ("to_size",)}


def describe(envelope: Envelope, terms: Terms, now: Timestamp) -> dict[str, Any]:
    """Return a charter and who of its voting members has signed it, as a JSON document."""
    digest = sha256(envelope.payload).hexdigest()
    signed = signers(envelope, terms)
    return {
        "id": digest if terms.charter is None else terms.charter.hex(),
        "name": terms.name,
        "version": terms.version,
        "digest": digest,
        "previous": None if terms.previous is None else terms.previous.hex(),
        "settles": [conflict.digest.hex() for conflict in terms.previous_conflicting],
        "issued_at": terms.issued_at,
        "not_after": terms.not_after,
        "expires_in_s": terms.not_after - now,
        "purposes": list(terms.purposes),
        "tiles": terms.tiles.value,
        "requests_per_day": terms.requests_per_day,
        "voters": sorted(terms.voters.values()),
        "signed": sorted(signed),
        "members": [_member(member, signed) for member in terms.members],
    }


def write(form: Format, document: dict[str, Any]) -> None:
    """Write what `describe` returned, or why a charter is not valid."""
    if form is Format.JSON:
        render.write_json(document)
        return
    lists = {name: document[name] for name in ("members",) if name in document}
    shown = dict(document)
    if "message" in shown:
        shown["message"] = in_chinese_first(shown["code"], shown["message"])
    render.write_document(shown, [name for name in document if name not in lists])
    members: list[dict[str, Any]] = lists.get("members", [])
    if not members:
        return
    render.write_table(
        say_in("成员 / Members"), labels(MEMBER_COLUMNS, english=english()), members, MEMBER_UNDER
    )
    name = KINDS.name if english() else KINDS.label
    segments = [
        {"member": member["id"], **segment, "kinds": [name(kind) for kind in segment["kinds"]]}
        for member in members
        for segment in member["segments"]
    ]
    columns = labels(SEGMENT_COLUMNS, english=english())
    render.write_table(say_in("日志 / Segments"), columns, segments, SEGMENT_UNDER)


def _member(member: Member, signed: frozenset[MemberId]) -> dict[str, object]:
    return {
        "id": member.id,
        "region": member.region,
        "name": member.name,
        "roles": [role.value for role in member.roles],
        "votes": member.charter_key is not None,
        "signed": member.id in signed,
        "endpoints": list(member.endpoints),
        "delegates": [_delegation(one) for one in member.delegations],
        "successor": member.successor,
        "attests": list(member.attests),
        "segments": [_segment(segment) for segment in member.segments],
    }


def _delegation(delegation: Delegation) -> str:
    """One span of a delegate's log, for people: member, log, and [from, to)."""
    end = "" if delegation.to_index is None else delegation.to_index
    return f"{delegation.member} {delegation.origin} [{delegation.from_index}, {end})"


def _segment(segment: Segment) -> dict[str, object]:
    return {
        "origin": segment.origin,
        "log_key": str(segment.log_key),
        "from_size": segment.from_size,
        "to_size": segment.to_size,
        "kinds": list(segment.entitlements.kinds),
        "lists": {right.list_type: list(right.authorities) for right in segment.entitlements.lists},
    }
