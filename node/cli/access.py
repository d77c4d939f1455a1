"""`huxin access`: who may ask, and what was asked."""

from __future__ import annotations

import typer

from node.cli import accounts, credentials, queries
from node.cli.query_export import verify_export

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="谁可以查询、谁问了什么 / Who may ask (new, list, revoke …), and who asked what.",
)
app.command("new")(credentials.new)
app.command("list")(credentials.list_credentials)
app.command("show")(credentials.show)
app.command("form")(credentials.form)
app.command("revoke")(credentials.revoke)
app.command("lift")(credentials.lift)
app.add_typer(accounts.app, name="account")
app.command("queries")(queries.queries)
app.command("verify")(queries.verify)
app.command("export")(queries.export)
app.command("verify-export")(verify_export)
app.command("sign")(queries.sign)
app.command("new-log")(queries.new_log)
