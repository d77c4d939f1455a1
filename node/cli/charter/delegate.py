"""`huxin charter delegate`: a draft of version N+1 that gives or ends a delegation."""

from __future__ import annotations

from typing import Annotated

import typer

from federation.charters.draft import next_terms, with_delegation, without_delegation
from federation.errors import RefusedError
from federation.ids import MemberId
from node.cli.charter.drafts import Current, Days, Out, read_current, until, write_draft
from node.system.clock import SystemClock


def delegate(
    current: Current,
    member: Annotated[
        str, typer.Argument(metavar="MEMBER", help="委托成员 / The member acted for")
    ],
    *,
    to: Annotated[
        str,
        typer.Option("--delegate", metavar="MEMBER", help="受托成员 / The member that acts for it"),
    ],
    out: Out,
    from_size: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**31 - 1,
            metavar="N",
            help="委托始于受托成员日志的第 N 条 / It begins at this size of the delegate's log",
        ),
    ] = None,
    to_size: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**31 - 1,
            metavar="N",
            help="委托止于第 N 条之前 / The open one ends before this size",
        ),
    ] = None,
    days: Days = 365,
) -> None:
    """起草下一版：委托另一成员，或终止委托 / Draft the next version with a delegate, or without."""
    if (from_size is None) == (to_size is None):
        message = "expected one of --from-size, to give a delegation, and --to-size, to end it"
        raise RefusedError("charter.delegation", message)
    charter, now = read_current(current), SystemClock().now()
    terms = next_terms(charter, issued_at=now, not_after=until(now, days))
    principal, other = MemberId(member), MemberId(to)
    if from_size is not None:
        terms = with_delegation(terms, principal, other, from_size)
    elif to_size is not None:
        terms = without_delegation(terms, principal, other, to_size)
    write_draft(out, terms, charter)
