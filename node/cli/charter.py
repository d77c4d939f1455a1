"""`huxin charter`: the commands of the group."""

from __future__ import annotations

import typer

from node.cli import (
    charter_adopt,
    charter_change,
    charter_delegate,
    charter_new,
    charter_show,
    charter_sign,
    charter_verify,
)

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
app.command("verify")(charter_verify.verify)
app.command("adopt")(charter_adopt.adopt)
