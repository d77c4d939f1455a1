"""`huxin access account new|list|revoke|password`: people who sign in to the console."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Final

import segno
import typer
from huxin.v1 import accounts_pb2 as pb

from federation.ids import Date
from federation.screening.roles import Role
from node.cli import render
from node.cli.client import failures, services
from node.cli.credentials import By
from node.cli.language import Language, english
from node.cli.options import (
    MAX_COUNT,
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
    parse_date,
)
from node.cli.own_token import TokenFile, own_token
from node.texts.credentials import ROLES, STATES
from node.texts.fields import Pair, day

_FIELDS: Final[dict[str, Pair]] = {
    "name": ("用户名", "name"),
    "unit": ("单位", "unit"),
    "post": ("岗位", "post"),
    "state": ("状态", "state"),
    "roles": ("角色", "roles"),
    "matters": ("事项", "matters"),
    "purposes": ("用途", "purposes"),
    "expires_on": ("到期", "expires on"),
    "credential": ("凭据", "credential"),
    "initial": ("待设新口令", "first password"),
    "subject": ("统一身份认证标识", "at the identity provider"),
}
_LISTED: Final = ("name", "unit", "post", "state", "roles", "expires_on", "initial")

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="控制台账号：谁可以登录 / People who sign in to the console.",
)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="用户名，见 list / Name of an account, see list")
]


@app.command("new")
def new(  # noqa: PLR0913 - each is an option
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="用户名，如姓名 / Name to sign in by")
    ],
    *,
    unit: Annotated[str, typer.Option("--unit", metavar="U", help="单位全称 / Full name of unit")],
    post: Annotated[str, typer.Option("--post", metavar="P", help="岗位 / Post")],
    roles: Annotated[list[Role], typer.Option("--role", help="角色，可重复 / What it may do")],
    by: By,
    expires: Annotated[
        Date,
        typer.Option(
            "--expires", parser=parse_date, metavar="DATE", help="最后一日 / Its last day"
        ),
    ],
    matters: Annotated[
        list[str] | None,
        typer.Option("--matter", metavar="M", help="可查的事项代码，可重复 / May ask for; repeat"),
    ] = None,
    purposes: Annotated[
        list[str] | None,
        typer.Option("--purpose", metavar="P", help="用途代码，可重复 / For what; may repeat"),
    ] = None,
    subject: Annotated[
        str,
        typer.Option(
            "--oidc",
            metavar="SUBJECT",
            help="用统一身份认证登录，无口令：其标识 / Signs in at the provider, as this `sub`",
        ),
    ] = "",
    budget: Annotated[
        int,
        typer.Option("--budget", min=1, max=MAX_COUNT, help="每日查询上限 / Questions a day"),
    ] = 1000,
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """开设账号；初始口令和密钥只显示这一次 / Make an account; its secrets are shown this once."""
    with failures():
        request = pb.NewAccountRequest(
            name=name,
            unit=unit,
            post=post,
            roles=roles,
            matters=matters or [],
            purposes=purposes or [],
            budget=budget,
            expires_on=expires,
            by=by,
            subject=subject,
        )
        own = own_token(token_file)
    with services(node_directory(directory)) as node:
        said = node.accounts.NewAccount(request, metadata=own)
    _write_once(said, output)


@app.command("list")
def list_accounts(
    *,
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出全部账号 / List all accounts."""
    with failures():
        own = own_token(token_file)
    with services(node_directory(directory)) as node:
        answers = node.accounts.ListAccounts(pb.ListAccountsRequest(), metadata=own)
        found = [json.loads(one.json) for one in answers]
    if output is Format.JSON:
        render.write_json(found)
        return
    columns = render.pick(language, {name: _FIELDS[name] for name in _LISTED})
    render.write_table("", columns, [_in_words(one) for one in found], {"post": ("state",)})


@app.command("revoke")
def revoke(
    name: NameArgument,
    *,
    by: By,
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """吊销账号，会话立即结束，不可恢复 / End an account at once and for ever."""
    with failures():
        request = pb.RevokeAccountRequest(name=name, by=by)
        own = own_token(token_file)
    with services(node_directory(directory)) as node:
        found = json.loads(node.accounts.RevokeAccount(request, metadata=own).json)
    if output is Format.JSON:
        render.write_json(found)
        return
    _write(found)


@app.command("password")
def password(
    name: NameArgument,
    *,
    by: By,
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """重置口令和动态码密钥，会话立即结束 / Another first password and secret; sessions end."""
    with failures():
        request = pb.ResetAccountRequest(name=name, by=by)
        own = own_token(token_file)
    with services(node_directory(directory)) as node:
        said = node.accounts.ResetAccount(request, metadata=own)
    _write_once(said, output)


def _write_once(said: pb.NewAccountResponse | pb.ResetAccountResponse, output: Format) -> None:
    found = json.loads(said.json)
    if output is Format.JSON:
        once = {"password": said.password, "secret": said.secret, "uri": said.uri}
        render.write_json(found | once)
        return
    _write(found)
    if not said.password:
        return
    other = english()
    if sys.stdout.isatty():
        segno.make(said.uri, error="m").terminal(compact=True)
    render.write_line(f"{'secret of the codes' if other else '动态码密钥'}  {said.secret}")
    render.write_line(said.uri)
    render.write_line(f"{'first password' if other else '初始口令'}  {said.password}")
    render.say(
        "只显示这一次：请本人用认证器扫码或录入密钥，首次登录时须设置新口令。 / Shown this once: "
        "the person scans the code or types the secret, and chooses another password at first."
    )


def _write(found: dict[str, Any]) -> None:
    language = Language.EN if english() else Language.ZH
    render.write_fields(_in_words(found), render.pick(language, _FIELDS))


def _in_words(found: dict[str, Any]) -> dict[str, Any]:
    """An account as people read it."""
    other = english()
    return found | {
        "state": STATES[found["state"]][other],
        "roles": [ROLES[role][other] for role in found["roles"]],
        "expires_on": day(found["expires_on"]),
        "initial": (("no", "yes") if other else ("否", "是"))[found["initial"]],
    }
