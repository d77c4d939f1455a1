"""What people are shown of a charter before they sign or adopt it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from hashlib import sha256
from typing import Any, Final

from crypto.dsse import Envelope
from federation.charters.invitation import spoken as spoken_digest
from federation.charters.verification import PURPOSES, Delegation, Member, Segment, Terms, signers
from federation.ids import CharterId, MemberId, Timestamp
from federation.names import KINDS
from node.cli import render
from node.cli.language import english, say_in
from node.cli.options import Format
from node.texts.fields import labels
from node.texts.letters import list_name
from node.texts.messages import spoken
from node.texts.signed import ROLES, TILES

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

RECEPTION_COLUMNS: Final = ("member", "receives", "purposes")

MEMBER_UNDER: Final = {
    "id": ("region", "name"),
    "roles": ("votes", "signed"),
    "delegates": ("successor", "attests"),
}
SEGMENT_UNDER: Final = {"member": ("origin",), "from_size": ("to_size",)}
_NOT_SHOWN: Final = frozenset({"members", "voters", "signed", "missing"})
"""Members have tables of their own; of voters the line of signatures tells, where they are
not counted."""

_FIELDS: Final = {
    "min_reader": "所需程序版本",
    "previous_conflicting": "所处理的冲突版本",
    "x": "附加内容",
    "charter_key": "章程密钥",
    "segments": "日志与可作声明",
    "keys": "签名与见证密钥",
    "certificates": "连接证书",
    "sealing_keys": "封装密钥",
    "delegations": "委托",
}
"""Of fields that stand nowhere else."""
_EACH_VERSION: Final = (
    *("version", "charter", "previous"),
    *("issued_at", "not_after", "members"),
)
"""What differs from version to version, or is told by itself."""


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
        "missing": sorted(set(terms.voters.values()) - signed),
        "members": [_member(member, signed) for member in terms.members],
    }


def write(form: Format, document: Mapping[str, Any]) -> None:
    """Write what `describe` returned, or why a charter is not valid."""
    if form is Format.JSON:
        render.write_json(document)
        return
    members: list[dict[str, Any]] = document.get("members", [])
    shown = dict(document)
    if "message" in shown:
        shown["message"] = spoken(shown["code"], shown["message"], english=english())
    if "missing" in shown:
        shown["signatures"] = signatures(document)
        shown["purposes"] = _purposes(shown["purposes"])
        shown["tiles"] = TILES[shown["tiles"]][english()]
    render.write_document(
        shown, [name for name in shown if name not in _NOT_SHOWN or isinstance(shown[name], str)]
    )
    if not members:
        return
    columns = labels(MEMBER_COLUMNS, english=english())
    rows = [one | {"roles": [ROLES[role][english()] for role in one["roles"]]} for one in members]
    render.write_table(say_in("成员 / Members"), columns, rows, MEMBER_UNDER)
    segments = [
        {"member": _named(member), **segment, "kinds": _kinds(segment["kinds"])}
        for member in members
        for segment in member["segments"]
    ]
    columns = labels(SEGMENT_COLUMNS, english=english())
    render.write_table(say_in("可作声明 / What each may say"), columns, segments, SEGMENT_UNDER)
    receives = [
        {
            "member": _named(member),
            "receives": _kinds(one["kinds"]),
            "purposes": _purposes(one["purposes"]),
        }
        for member in members
        for one in member["receives"]
    ]
    columns = labels(RECEPTION_COLUMNS, english=english())
    title = "接收何种内容、用于何种目的 / Who receives which contents, for which purposes"
    render.write_table(say_in(title), columns, receives)


def signatures(document: Mapping[str, Any]) -> str:
    """How many of the voting members have signed, and who has not, as one line."""
    names = {member["id"]: member["name"] for member in document["members"]}
    count = f"{len(document['signed'])}/{len(document['voters'])}"
    missing = [names.get(one, one) for one in document["missing"]]
    if not missing:
        return say_in(f"已签 {count} / signed {count}")
    return say_in(
        f"已签 {count}，缺 {'、'.join(missing)} / signed {count}, missing {', '.join(missing)}"
    )


def _named(member: Mapping[str, Any]) -> str:
    return f"{member['id']} {member['name']}"


def _kinds(codes: Sequence[int]) -> list[str]:
    """Kinds in words."""
    return [KINDS.name(code) if english() else KINDS.label(code) for code in codes]


def _purposes(codes: Sequence[str]) -> list[str]:
    """Purposes in words."""
    return [code if english() else PURPOSES.get(code, code) for code in codes]


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
        "receives": [
            {"kinds": list(one.kinds), "purposes": list(one.purposes)} for one in member.receives
        ],
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


def changes(alliance: CharterId, old: Terms, new: Terms) -> dict[str, Any]:
    """What a draft changes: who comes, with which rights, who goes, what of whom, until when.

    Whatever differs is named: whoever signs may have been told of less.
    """
    before, after = ({one.id: one for one in side.members} for side in (old, new))
    gone = [one for one in sorted(before) if one not in after or _ends(before[one], after[one])]
    said: dict[str, Any] = {
        "alliance": f"{new.name} {spoken_digest(alliance)}",
        "version": f"{old.version} -> {new.version}",
        "joins": [_comes(after[one]) for one in sorted(after.keys() - before.keys())],
        "leaves": [f"{before[one].name} ({one})" for one in gone],
        "changes": [
            f"{after[one].name} ({one}): {_between().join(map(_field, differs))}"
            for one in sorted(after.keys() & before.keys() - set(gone))
            if (differs := _differs(before[one], after[one], ()))
        ],
        "voters": f"{len(old.voters)} -> {len(new.voters)}",
    }
    if others := _differs(old, new, _EACH_VERSION):
        said["others"] = [
            f"{_field(name)}: {_value(name, old)} -> {_value(name, new)}" for name in others
        ]
    return said | {"not_after": new.not_after}


def _ends(old: Member, new: Member) -> bool:
    """Whether a member is one no more; it stays listed for what its log has said."""
    return new.ended and not old.ended


def _differs(old: Terms | Member, new: Terms | Member, passed: Sequence[str]) -> list[str]:
    names = [one.name for one in fields(old) if one.name not in passed]
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def _comes(member: Member) -> str:
    rights = {right.list_type for one in member.segments for right in one.entitlements.lists}
    words = [ROLES[role][english()] for role in member.roles] + [
        one if english() or list_name(one) == one else f"{list_name(one)}（{one}）"
        for one in sorted(rights)
    ]
    return f"{member.name} ({member.id}): {_between().join(words)}"


def _between() -> str:
    return ", " if english() else "、"


def _field(name: str) -> str:
    """What a field of a charter or a member is called."""
    return name if english() else _FIELDS.get(name) or labels([name], english=False)[name]


def _value(name: str, terms: Terms) -> object:
    value = getattr(terms, name)
    if name == "purposes":
        return _between().join(_purposes(value))
    return TILES[value][english()] if name == "tiles" else value
