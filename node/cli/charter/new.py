"""`huxin charter new`: the draft of version 1."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.charters.verification import PURPOSES, Terms
from node.cli.charter.drafts import Days, Lists, Out, read_members, until, write_draft
from node.system.clock import SystemClock


def new(
    *,
    name: Annotated[str, typer.Option(help="联盟名称 / Name of the alliance")],
    member: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="成员 member.json / A member's member.json",
        ),
    ],
    out: Out,
    purpose: Annotated[
        list[str] | None,
        typer.Option(help=f"目的，默认全部 / Purposes, default all: {', '.join(PURPOSES)}"),
    ] = None,
    lists: Lists = None,
    days: Days = 365,
) -> None:
    """起草联盟章程第一版，打印其标识 / Draft version 1 and print its id."""
    now = SystemClock().now()
    purposes = tuple(purpose or PURPOSES)
    terms = Terms(
        name=name,
        version=1,
        issued_at=now,
        not_after=until(now, days),
        purposes=purposes,
        members=tuple(read_members(member, lists, purposes)),
    )
    write_draft(out, terms)
