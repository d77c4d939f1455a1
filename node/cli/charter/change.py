"""`huxin charter add`, `remove`, `rotate`, `renew`: drafts of version N+1."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.charters.draft import (
    next_terms,
    rotated_member,
    settling,
    with_member,
    without_member,
)
from federation.charters.json_form import parse_member
from federation.ids import MemberId
from node.cli.charter.drafts import (
    Current,
    Days,
    Lists,
    Out,
    read_current,
    read_cut,
    read_members,
    until,
    write_draft,
)
from node.system.clock import SystemClock

CutFile = Annotated[
    Path | None,
    typer.Option(
        "--cut",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="切断处的检查点 / Checkpoint at which the log is cut",
    ),
]


def add(
    current: Current,
    *,
    member: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="新成员 member.json / The new member's file",
        ),
    ],
    out: Out,
    lists: Lists = None,
    days: Days = 365,
) -> None:
    """起草下一版：增加成员 / Draft the next version with more members."""
    charter, now = read_current(current), SystemClock().now()
    terms = next_terms(charter, issued_at=now, not_after=until(now, days))
    for one in read_members(member, lists, terms.purposes):
        terms = with_member(terms, one)
    write_draft(out, terms, charter)


def remove(
    current: Current,
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="成员编号 / Id of the member")],
    *,
    out: Out,
    cut: CutFile = None,
    successor: Annotated[
        str | None, typer.Option(help="承继成员 / Member that decides about its listings")
    ] = None,
    days: Days = 365,
) -> None:
    """起草下一版：移出成员，在检查点处切断其日志 / Draft the next version without a member."""
    charter, now = read_current(current), SystemClock().now()
    who = MemberId(member)
    terms = without_member(
        next_terms(charter, issued_at=now, not_after=until(now, days)),
        who,
        read_cut(cut, charter, who),
        None if successor is None else MemberId(successor),
    )
    write_draft(out, terms, charter)


def rotate(
    current: Current,
    *,
    member: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="新的 member.json / The member's new description",
        ),
    ],
    out: Out,
    cut: CutFile = None,
    days: Days = 365,
) -> None:
    """起草下一版：更换成员的密钥、证书或日志 / Draft the next version with a member's new keys."""
    charter, now = read_current(current), SystemClock().now()
    renewed = parse_member(member.read_bytes())
    terms = rotated_member(
        next_terms(charter, issued_at=now, not_after=until(now, days)),
        renewed,
        read_cut(cut, charter, renewed.id),
    )
    write_draft(out, terms, charter)


def renew(
    current: Current,
    *,
    out: Out,
    settles: Annotated[
        list[Path] | None,
        typer.Option(
            "--settles",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="不再延续的一支的首个版本 / First version of the branch that does not go on",
        ),
    ] = None,
    days: Days = 365,
) -> None:
    """起草下一版：内容不变，延期，或了结章程分叉 / Renew unchanged, or settle a fork."""
    charter, now = read_current(current), SystemClock().now()
    terms = next_terms(charter, issued_at=now, not_after=until(now, days))
    write_draft(out, settling(terms, [read_current(path) for path in settles or ()]), charter)
