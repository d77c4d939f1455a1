"""`huxin access`: who may ask, and what was asked."""

from __future__ import annotations

import typer

from node.cli import queries

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="查询日志：谁问了什么、核验、导出 / The query log: who asked, verify, export.",
)
app.command("queries")(queries.queries)
app.command("verify")(queries.verify)
app.command("export")(queries.export)
app.command("sign")(queries.sign)
