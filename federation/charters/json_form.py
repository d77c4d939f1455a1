"""The JSON of a charter, read strictly. Drafts are written by `federation.charters.draft`.

The form is `protos/charter.schema.json`. Unknown fields are refused except inside an object `x`,
which stands at the charter, its members and their segments and which a reader ignores, `null`
included: whatever changes the meaning of a charter raises `min_reader` instead. Elsewhere `null`
is refused: what does not hold is left out.
"""

from __future__ import annotations

from typing import Final

from crypto.hpke import MAX_SUITE
from federation.charters._fields import (
    Fields,
    digest,
    encoded,
    hash32,
    integer,
    kind,
    listed,
    load,
    reader,
    text,
    verifier_key,
    wrong,
)
from federation.charters.values import (
    CHARTER_READER,
    Conflict,
    Cut,
    Delegation,
    Entitlements,
    ListRight,
    Member,
    MemberKeys,
    Reception,
    Role,
    SealingKey,
    Segment,
    Terms,
    Tiles,
)
from federation.errors import CharterError
from federation.ids import CharterId, MemberId, Origin, Timestamp

MAX_REQUESTS: Final = 100_000
"""REQUESTs a day that a charter may oblige each member to take of each other."""

_CUT_FIELDS: Final = ("to_size", "root_at_to", "cut")

MAX_SEALING_KEYS: Final = 4
"""Of a member: two suites, old and new side by side."""
MAX_SEALING_KEY: Final = 4096
"""Bytes of a key, also of a suite to come."""


def parse_terms(payload: bytes) -> Terms:
    """Read the payload of a charter. What it says is not judged here.

    Raises:
        CharterError: `charter.size`, `charter.json`, `charter.field`, `charter.key` or
            `charter.min-reader`; the message says where, what was expected and what was there.
    """
    fields = Fields(load(payload), "charter")
    min_reader = reader(fields)
    if min_reader > CHARTER_READER:
        message = f"charter: expected min_reader at most {CHARTER_READER}, got {min_reader}"
        raise CharterError("charter.min-reader", message)
    alliance = fields.maybe("charter", digest)
    return Terms(
        min_reader=min_reader,
        name=fields.take("name", text),
        version=fields.take("version", integer),
        charter=None if alliance is None else CharterId(alliance),
        previous=fields.maybe("previous", digest),
        previous_conflicting=fields.some("previous_conflicting", _read_conflict),
        issued_at=Timestamp(fields.take("issued_at", integer)),
        not_after=Timestamp(fields.take("not_after", integer)),
        purposes=fields.many("purposes", text),
        members=fields.many("members", read_member),
        tiles=fields.maybe("tiles", _read_tiles) or Tiles.MEMBERS,
        requests_per_day=fields.maybe("requests_per_day", _read_requests),
        x=fields.extensions(),
    )


def parse_member(data: bytes) -> Member:
    """Read a `member.json`: one member object, as it stands in a charter.

    Raises:
        CharterError: `charter.size`, `charter.json`, `charter.field` or `charter.key`.
    """
    return read_member(load(data), "member")


def parse_rights(data: bytes) -> dict[MemberId, tuple[Entitlements, tuple[Reception, ...]]]:
    """Read a file that gives, per member id, `entitlements` and `receives`.

    Raises:
        CharterError: `charter.size`, `charter.json` or `charter.field`.
    """
    value = load(data)
    if not isinstance(value, dict):
        wrong("rights", "an object", value)
    rights = {}
    for member_id, entry in value.items():
        fields = Fields(entry, f"rights.{member_id}")
        entitlements = fields.take("entitlements", _read_entitlements)
        rights[MemberId(member_id)] = (entitlements, fields.many("receives", _read_reception))
        fields.close()
    return rights


def read_member(value: object, path: str) -> Member:
    """Read a member object, as it stands in a charter or a request to join.

    Raises:
        CharterError: `charter.field` or `charter.key`.
    """
    fields = Fields(value, path)
    successor = fields.maybe("successor", text)
    return Member(
        id=MemberId(fields.take("id", text)),
        region=fields.take("region", text),
        name=fields.take("name", text),
        roles=fields.many("roles", _read_role),
        charter_key=fields.maybe("charter_key", hash32),
        segments=fields.many("segments", _read_segment),
        keys=fields.take("keys", _read_keys),
        certificates=fields.many("certificates", encoded),
        sealing_keys=fields.take("sealing_keys", _read_sealing_keys),
        endpoints=fields.many("endpoints", text),
        receives=fields.many("receives", _read_reception),
        delegations=fields.some("delegations", _read_delegation),
        successor=None if successor is None else MemberId(successor),
        attests=fields.some("attests", text),
        x=fields.extensions(),
    )


def _read_segment(value: object, path: str) -> Segment:
    fields = Fields(value, path)
    size = fields.maybe("to_size", integer)
    root = fields.maybe("root_at_to", hash32)
    note = fields.maybe("cut", _read_note)
    if size is None or root is None or note is None:
        if (size, root, note) != (None, None, None):
            wrong(path, f"{', '.join(_CUT_FIELDS)} together or none of them", "some of them")
        cut = None
    else:
        cut = Cut(size=size, root=root, note=note)
    return Segment(
        origin=Origin(fields.take("origin", text)),
        log_key=fields.take("log_key", verifier_key),
        from_size=fields.take("from_size", integer),
        cut=cut,
        suite=fields.take("suite", integer),
        entitlements=fields.take("entitlements", _read_entitlements),
        x=fields.extensions(),
    )


def _read_note(value: object, path: str) -> bytes:
    """Read a checkpoint: text of several lines, so that people can read the cut."""
    if not isinstance(value, str):
        wrong(path, "the text of a signed checkpoint", value)
    return value.encode()


def _read_entitlements(value: object, path: str) -> Entitlements:
    fields = Fields(value, path)
    entitlements = Entitlements(
        kinds=fields.many("kinds", kind), lists=fields.many("lists", _read_list_right)
    )
    fields.close()
    return entitlements


def _read_list_right(value: object, path: str) -> ListRight:
    fields = Fields(value, path)
    right = ListRight(
        list_type=fields.take("list_type", text), authorities=fields.many("authorities", text)
    )
    fields.close()
    return right


def _read_keys(value: object, path: str) -> MemberKeys:
    fields = Fields(value, path)
    keys = MemberKeys(
        head=fields.many("head", verifier_key),
        witness=fields.many("witness", verifier_key),
        mirror=fields.many("mirror", verifier_key),
        document=fields.some("document", verifier_key),
        query_log=fields.some("query_log", verifier_key),
    )
    fields.close()
    return keys


def _read_sealing_keys(value: object, path: str) -> tuple[SealingKey, ...]:
    keys = listed(_read_sealing_key)(value, path)
    if len(keys) > MAX_SEALING_KEYS:
        wrong(path, f"at most {MAX_SEALING_KEYS} keys", len(keys))
    return keys


def _read_sealing_key(value: object, path: str) -> SealingKey:
    """Read a key of any suite: those that are not known here are kept, and passed over."""
    fields = Fields(value, path)
    suite = fields.take("suite", integer)
    if not 0 < suite <= MAX_SUITE:
        wrong(f"{path}.suite", f"a suite from 1 to {MAX_SUITE}", suite)
    key = fields.take("key", encoded)
    if not 0 < len(key) <= MAX_SEALING_KEY:
        wrong(f"{path}.key", f"1 to {MAX_SEALING_KEY} bytes", len(key))
    fields.close()
    return SealingKey(suite=suite, key=key)


def _read_reception(value: object, path: str) -> Reception:
    fields = Fields(value, path)
    reception = Reception(kinds=fields.many("kinds", kind), purposes=fields.many("purposes", text))
    fields.close()
    return reception


def _read_delegation(value: object, path: str) -> Delegation:
    fields = Fields(value, path)
    delegation = Delegation(
        member=MemberId(fields.take("member", text)),
        origin=Origin(fields.take("origin", text)),
        from_index=fields.take("from_index", integer),
        to_index=fields.maybe("to_index", integer),
    )
    fields.close()
    return delegation


def _read_tiles(value: object, path: str) -> Tiles:
    try:
        return Tiles(text(value, path))
    except ValueError:
        wrong(path, f"one of {', '.join(Tiles)}", value)


def _read_requests(value: object, path: str) -> int:
    number = integer(value, path)
    if not 0 < number <= MAX_REQUESTS:
        wrong(path, f"a number from 1 to {MAX_REQUESTS}", value)
    return number


def _read_conflict(value: object, path: str) -> Conflict:
    fields = Fields(value, path)
    conflict = Conflict(
        version=fields.take("version", integer), digest=fields.take("digest", digest)
    )
    fields.close()
    return conflict


def _read_role(value: object, path: str) -> Role:
    try:
        return Role(text(value, path))
    except ValueError:
        wrong(path, f"one of {', '.join(Role)}", value)
