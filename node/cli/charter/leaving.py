"""`huxin charter leave` and `expel`: a next version without this node, or without another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from crypto.checkpoint import open_checkpoint
from federation.charters.chain import CharterChain
from federation.charters.draft import next_terms, without_member
from federation.charters.values import Charter, Cut, Member, Terms
from federation.errors import RefusedError
from federation.ids import MemberId
from node.cli.charter.change import CutFile
from node.cli.charter.drafts import Days, read_cut, until
from node.cli.charter.proposing import (
    Alliance,
    DraftFile,
    Key,
    Seen,
    chain_named,
    draft_of,
    own_member,
    sign_and_tell,
    signer_of,
)
from node.cli.client import failures
from node.cli.offline_node import Held, open_held
from node.cli.options import Directory, node_directory
from node.directory.config import Config
from node.system.clock import SystemClock

Successor = Annotated[
    str,
    typer.Option(
        metavar="MEMBER",
        help="承继成员，此后由它修复、撤销其列入 / Member that relieves its listings from then on",
    ),
]
_GREY: Final = (
    "其列入自各成员采用本版起一律不再用于惩戒；修复照常执行 / at every member that has this "
    "version its listings punish no more; reliefs are executed as ever"
)


def leave(
    *,
    alliance: Alliance = "",
    successor: Successor = "",
    out: DraftFile = None,
    key: Key = None,
    days: Days = 365,
    yes: Seen = False,
    directory: Directory = None,
) -> None:
    """本节点退出联盟：起草并签署下一版 / Leave: draft and sign a version without this node."""
    with failures(), open_held(node_directory(directory)) as held:
        chain = chain_named(held.config, alliance)
        member = own_member(held.config, chain.latest.terms)
        terms = _without(held, chain, member, None, successor, days)
        _propose(held.config, chain, terms, out=out, key=key, seen=yes)


def expel(
    who: Annotated[
        str, typer.Argument(metavar="REGION|MEMBER", help="区划代码或成员编号 / Whom to remove")
    ],
    *,
    cut: CutFile = None,
    alliance: Alliance = "",
    successor: Successor = "",
    out: DraftFile = None,
    key: Key = None,
    days: Days = 365,
    yes: Seen = False,
    directory: Directory = None,
) -> None:
    """移出另一成员：起草并签署下一版 / Draft and sign a version without another member.

    Its log is cut where this node holds it, or at the checkpoint given: after a theft of its key,
    the last one that others had cosigned before.
    """
    with failures(), open_held(node_directory(directory)) as held:
        chain = chain_named(held.config, alliance)
        current = chain.latest.terms
        own, member = own_member(held.config, current), named(current, who)
        if member.id == own.id:
            message = "本节点退出用 huxin charter leave / to go oneself: huxin charter leave"
            raise RefusedError("charter.member-unknown", message)
        terms = _without(held, chain, member, cut, successor, days)
        _propose(held.config, chain, terms, out=out, key=key, seen=yes)


def named(terms: Terms, who: str) -> Member:
    """The member that an id names, or a region code of one alone.

    Raises:
        RefusedError: `charter.member-unknown`: none, several, or one that has left.
    """
    there = [one for one in terms.members if not one.ended]
    found = [one for one in there if one.id == who] or [one for one in there if one.region == who]
    if len(found) != 1:
        known = ", ".join(f"{one.id} {one.region} {one.name}" for one in there)
        message = f"expected the id or the region of one member ({known}), got {who[:64]!r}"
        raise RefusedError("charter.member-unknown", message)
    return found[0]


def _without(
    held: Held, chain: CharterChain, member: Member, cut: Path | None, successor: str, days: int
) -> Terms:
    now, latest = SystemClock().now(), chain.latest
    return without_member(
        next_terms(latest, issued_at=now, not_after=until(now, days)),
        member.id,
        read_cut(cut, latest, member.id) or held_cut(held, latest, member.id),
        MemberId(named(latest.terms, successor).id) if successor else None,
    )


def _propose(
    config: Config,
    chain: CharterChain,
    terms: Terms,
    *,
    out: Path | None,
    key: Path | None,
    seen: bool,
) -> None:
    draft, envelope = draft_of(chain, terms, out)
    signer = signer_of(config, key)
    sign_and_tell(config, chain, terms, draft, envelope, signer=signer, seen=seen, in_force=_GREY)


def held_cut(held: Held, current: Charter, member_id: MemberId) -> Cut | None:
    """The newest checkpoint of a member's open log that this node holds; None where it has none.

    Raises:
        RefusedError: `charter.cut`: nothing of the log is held.
    """
    member = current.terms.member(member_id)
    if member is None or not member.segments or member.segments[-1].cut is not None:
        return None
    segment = member.segments[-1]
    with held.store.read() as session:
        head = session.head(segment.origin)
    if head is None or not head.note:
        message = (
            f"nothing of {segment.origin} is held here: give --cut FILE with its last checkpoint, "
            "or let a member do this that follows it"
        )
        raise RefusedError("charter.cut", message)
    shown = open_checkpoint(head.note, segment.log_key)
    return Cut(
        size=shown.checkpoint.size,
        root=shown.checkpoint.root,
        note=shown.bare().note.to_bytes(),
    )
