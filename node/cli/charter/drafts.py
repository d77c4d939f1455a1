"""Reading and writing the files of charter drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.catalog.editions import read_edition, starter_editions
from adapters.files.atomic import write_atomically
from adapters.files.mapping import built_in_mappings
from crypto.checkpoint import open_checkpoint, peek_checkpoint
from crypto.dsse import Envelope
from federation.charters.draft import write_terms
from federation.charters.json_form import parse_member, parse_rights
from federation.charters.rules import check_step, check_terms
from federation.charters.verification import (
    PAYLOAD_TYPE,
    Charter,
    Cut,
    Entitlements,
    Member,
    Reception,
    Segment,
    Terms,
    read_envelope,
)
from federation.errors import RefusedError
from federation.ids import CharterId, MemberId, Timestamp
from federation.statements import Kind
from node.cli import render
from node.cli.charter.describe import describe, signatures

DAY: Final = 86_400
DIGEST_SIZE: Final = 32
ALL_KINDS: Final = tuple(int(kind) for kind in Kind)

Current = Annotated[
    Path,
    typer.Argument(
        metavar="CURRENT", exists=True, dir_okay=False, help="现行章程文件 / The charter in force"
    ),
]
Pin = Annotated[
    str | None, typer.Option("--pin", metavar="ID", help="纸质文本上的联盟标识 / Id from paper")
]
Out = Annotated[Path, typer.Option("-o", "--out", help="草案文件 / File of the draft")]
Days = Annotated[int, typer.Option(min=1, max=3660, help="有效天数 / Days until it expires")]
Lists = Annotated[
    Path | None,
    typer.Option(
        "--lists",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="各成员的权限 JSON / Rights of members: {id: {entitlements, receives}}",
    ),
]


def read_current(path: Path) -> Charter:
    """Read the charter from which a draft is derived. Its signatures are judged by `verify`."""
    data = path.read_bytes()
    envelope, terms = read_envelope(data)
    digest = sha256(envelope.payload).digest()
    return Charter(
        id=CharterId(digest) if terms.charter is None else terms.charter,
        digest=digest,
        terms=terms,
        envelope=data,
    )


def read_members(paths: list[Path], lists: Path | None, purposes: tuple[str, ...]) -> list[Member]:
    """Read `member.json` files and give each member its rights.

    Without a file of rights a member may issue every kind, but no list, and receives everything.
    """
    members = [parse_member(path.read_bytes()) for path in paths]
    rights = {} if lists is None else parse_rights(lists.read_bytes())
    unknown = sorted(rights.keys() - {member.id for member in members})
    if unknown:
        message = f"{lists}: expected rights of the members given, got {unknown[0]!r}"
        raise RefusedError("charter.member-unknown", message)
    _warn_of_lists([entitlements for entitlements, _ in rights.values()])
    default = (
        Entitlements(kinds=ALL_KINDS),
        (Reception(kinds=ALL_KINDS, purposes=purposes),),
    )
    return [_entitled(member, *rights.get(member.id, default)) for member in members]


def entitled(member: Member, lists: Path | None, purposes: tuple[str, ...]) -> Member:
    """Give one member the rights of a file, as `read_members` does."""
    rights = {} if lists is None else parse_rights(lists.read_bytes())
    if rights.keys() - {member.id}:
        message = f"{lists}: expected rights of {member.id} alone, got {sorted(rights)}"
        raise RefusedError("charter.member-unknown", message)
    _warn_of_lists([entitlements for entitlements, _ in rights.values()])
    default = (
        Entitlements(kinds=ALL_KINDS),
        (Reception(kinds=ALL_KINDS, purposes=purposes),),
    )
    return _entitled(member, *rights.get(member.id, default))


def _warn_of_lists(rights: Sequence[Entitlements]) -> None:
    """Tell of lists that no layout and no starter has: a slip is signed, and publishes nothing.

    A supplement of a province may make others, so that it is a warning alone.
    """
    asked = {one.list_type for entitlements in rights for one in entitlements.lists}
    known = {mapping.list_type for mapping in built_in_mappings().values()}
    if asked <= known:
        return
    for text in starter_editions().values():
        edition = read_edition(text)
        known |= edition.lists.keys() | edition.trust_lists.keys()
    if unknown := sorted(asked - known):
        named = "、".join(unknown)
        render.say_warning(
            "charter.list-unknown",
            f"{named}：随程序的目录和列名没有此名单代码；补充目录自设的照此，"
            "写错的签得出、发布不了 / "
            f"{named}: no edition or layout that comes with the program has a list of that code; a "
            "supplement may make it, a slip is signed all the same and publishes nothing",
        )


def _entitled(
    member: Member, entitlements: Entitlements, receives: tuple[Reception, ...]
) -> Member:
    segments = tuple(replace(s, entitlements=entitlements) for s in member.segments)
    return replace(member, segments=segments, receives=receives)


def read_cut(path: Path | None, current: Charter, member_id: MemberId) -> Cut | None:
    """Read a checkpoint as the cut of a member's open segment; it must be the log's own."""
    if path is None:
        return None
    note = path.read_bytes()
    member = current.terms.member(member_id)
    segment: Segment | None = member.segments[-1] if member and member.segments else None
    claimed = peek_checkpoint(note)
    if segment is not None:
        note = open_checkpoint(note, segment.log_key).bare().note.to_bytes()
    return Cut(size=claimed.size, root=claimed.root, note=note)


def parse_pin(text: str | None) -> CharterId | None:
    """Read an alliance id as people give it.

    Raises:
        RefusedError: not 64 hexadecimal digits (`charter.pin`).
    """
    if text is None:
        return None
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != DIGEST_SIZE:
        message = f"--pin: expected {2 * DIGEST_SIZE} hexadecimal digits, got {text[:80]!r}"
        raise RefusedError("charter.pin", message)
    return CharterId(raw)


def until(now: Timestamp, days: int) -> Timestamp:
    """Return the last second of a period of days."""
    return Timestamp(now + days * DAY)


def write_draft(path: Path, terms: Terms, current: Charter | None = None) -> None:
    """Write an unsigned envelope, after the rules that every reader will apply.

    Raises:
        CharterError: the text breaks a rule; nothing was written.
        RefusedError: the file exists (`draft.exists`).
    """
    check_terms(terms)
    if current is not None:
        check_step(current.terms, terms)
    if path.exists():
        message = f"{path}: expected no such file yet; a draft may carry signatures already"
        raise RefusedError("draft.exists", message)
    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=write_terms(terms), signatures=())
    write_atomically(path, envelope.to_bytes())
    render.write_line(sha256(envelope.payload).hexdigest())
    said = signatures(describe(envelope, terms, terms.issued_at))
    render.say(f"草案 {path}：{said} / draft {path}: {said}")
