"""`huxin charter`: the commands of the group."""

from __future__ import annotations

import typer

from node.cli.charter import adopt as charter_adopt
from node.cli.charter import change as charter_change
from node.cli.charter import delegate as charter_delegate
from node.cli.charter import leaving as charter_leaving
from node.cli.charter import member as charter_member
from node.cli.charter import new as charter_new
from node.cli.charter import pending as charter_pending
from node.cli.charter import printing as charter_printing
from node.cli.charter import show as charter_show
from node.cli.charter import sign as charter_sign
from node.cli.charter import verify as charter_verify

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="联盟章程：起草、签署、核验、采用 / Draft, sign, verify and adopt a charter.",
)
app.command("new")(charter_new.new)
app.command("add")(charter_change.add)
app.command("remove")(charter_change.remove)
app.command("rotate")(charter_change.rotate)
app.command("renew")(charter_change.renew)
app.command("delegate")(charter_delegate.delegate)
app.command("sign")(charter_sign.sign)
app.command("show")(charter_show.show)
app.command("print")(charter_printing.print_charter)
app.command("verify")(charter_verify.verify)
app.command("adopt")(charter_adopt.adopt)
app.command("pending")(charter_pending.pending)
app.command("approve")(charter_pending.approve)
app.command("refuse")(charter_pending.refuse)
app.command("leave")(charter_leaving.leave)
app.command("expel")(charter_leaving.expel)
app.command("member")(charter_member.member)
