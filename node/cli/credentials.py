"""`huxin access new|list|show|revoke|lift`: who may ask this node."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import access_pb2 as pb

from federation.ids import Date
from federation.screening.enumeration import CASE_SUBJECTS
from federation.screening.roles import Role
from node.cli import render
from node.cli.client import failures, services
from node.cli.language import Language, english
from node.cli.letter_files import LetterFile, keep
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
from node.documents import answers, credentials
from node.texts.credentials import ROLES, STATES, WAYS
from node.texts.fields import Pair, day, moment, with_text

CERTIFICATE_MAX: Final = 64 * 1024
_FIELDS: Final[dict[str, Pair]] = {
    "id": ("凭据", "id"),
    "department": ("部门", "department"),
    "state": ("状态", "state"),
    "roles": ("角色", "roles"),
    "by": ("方式", "by"),
    "matters": ("事项", "matters"),
    "purposes": ("用途", "purposes"),
    "expires_on": ("到期", "expires on"),
    "asked_today": ("今日查询", "asked today"),
    "budget": ("每日上限", "budget a day"),
    "case_subjects": ("每办件主体数", "subjects a case"),
    "stopped": ("暂停原因", "stopped"),
    "certificate_sha256": ("证书指纹", "certificate SHA-256"),
    "created_at": ("办理时间", "made at"),
    "created_by": ("办理人", "made by"),
    "revoked_at": ("吊销时间", "revoked at"),
    "revoked_by": ("吊销人", "revoked by"),
}
_LISTED: Final = ("id", "department", "state", "roles", "by", "expires_on", "asked_today", "budget")
_UNDER: Final = {"id": ("state",), "roles": ("by",), "asked_today": ("budget",)}

By = Annotated[
    str, typer.Option("--by", metavar="NAME", help="办理人姓名，记入查询日志 / Who does it")
]
CredentialArgument = Annotated[
    str, typer.Argument(metavar="ID", help="凭据编号，见 list / Id of a credential, see list")
]


def new(  # noqa: PLR0913 - each is an option
    *,
    department: Annotated[
        str, typer.Option("--department", metavar="D", help="部门全称 / Full name")
    ],
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
    budget: Annotated[
        int,
        typer.Option("--budget", min=1, max=MAX_COUNT, help="每日查询上限 / Questions a day"),
    ] = 1000,
    case_subjects: Annotated[
        int,
        typer.Option(
            "--case-subjects",
            min=1,
            max=MAX_COUNT,
            help="同一办件可查多少主体 / Subjects under one case",
        ),
    ] = CASE_SUBJECTS,
    roles: Annotated[
        list[Role] | None,
        typer.Option("--role", help="角色，缺省为部门 / What it may do; a department's else"),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate",
            exists=True,
            dir_okay=False,
            help="客户端证书（PEM 或 DER），不发令牌 / Client certificate instead of a token",
        ),
    ] = None,
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """发放凭据；令牌只显示这一次 / Make a credential; its token is shown this once."""
    with failures():
        request = pb.NewCredentialRequest(
            department=department,
            roles=roles or [Role.DEPARTMENT],
            matters=matters or [],
            purposes=purposes or [],
            budget=budget,
            expires_on=expires,
            case_subjects=case_subjects,
            certificate=_start(certificate, CERTIFICATE_MAX) if certificate else b"",
            by=by,
        )
        own = own_token(token_file)
    with services(node_directory(directory)) as node:
        said = node.access.NewCredential(request, metadata=own)
    found = credentials.made(said)
    if output is Format.JSON:
        render.write_json(found)
        return
    _write(found)
    if found["token"]:
        render.write_line(found["token"])
        render.say("令牌只此一次，请妥善交付，勿写入网址或邮件。 / It is shown this once.")


def list_credentials(
    *,
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出全部凭据，不含令牌 / List all credentials, without tokens."""
    with failures():
        own = own_token(token_file)
    with services(node_directory(directory)) as node:
        listed = node.access.ListCredentials(pb.ListCredentialsRequest(), metadata=own)
        found = answers.each(listed)
    if output is Format.JSON:
        render.write_json(found)
        return
    columns = render.pick(language, {name: _FIELDS[name] for name in _LISTED})
    render.write_table("", columns, [_in_words(one) for one in found], _UNDER)


def show(
    credential: CredentialArgument,
    *,
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """显示一份凭据 / Show one credential: what it may, what it asked today."""
    with failures():
        own = own_token(token_file)
    request = pb.GetCredentialRequest(credential=credential)
    with services(node_directory(directory)) as node:
        found = answers.document(node.access.GetCredential(request, metadata=own))
    _said(found, output)


def form(
    credential: CredentialArgument,
    out: LetterFile,
    *,
    token_file: TokenFile = None,
    directory: Directory = None,
) -> None:
    """出具查询授权登记表（DOCX），其中没有令牌 / The form of a credential, without its token."""
    from node.access.grant_forms import grant_form  # noqa: PLC0415 - python-docx

    with failures():
        own = own_token(token_file)
    request = pb.GetCredentialRequest(credential=credential)
    with services(node_directory(directory)) as node:
        found = answers.document(node.access.GetCredential(request, metadata=own))
    keep(out, grant_form(found))


def revoke(
    credential: CredentialArgument,
    *,
    by: By,
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """吊销凭据，立即生效，不可恢复 / End a credential at once and for ever."""
    with failures():
        own = own_token(token_file)
    request = pb.RevokeCredentialRequest(credential=credential, by=by)
    with services(node_directory(directory)) as node:
        found = answers.document(node.access.RevokeCredential(request, metadata=own))
    _said(found, output)


def lift(
    credential: CredentialArgument,
    *,
    by: By,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="解除的理由 / Why it may go on")
    ],
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """解除因疑似批量套取的暂停 / Let a credential that was stopped ask again."""
    with failures():
        own = own_token(token_file)
    request = pb.LiftStopRequest(credential=credential, by=by, reason=reason)
    with services(node_directory(directory)) as node:
        found = answers.document(node.access.LiftStop(request, metadata=own))
    _said(found, output)


def _start(file: Path, size: int) -> bytes:
    """The beginning of a file; what is longer is refused where it is read."""
    with file.open("rb") as opened:
        return opened.read(size)


def _said(found: dict[str, Any], output: Format) -> None:
    if output is Format.JSON:
        render.write_json(found)
    else:
        _write(found)


def _write(found: dict[str, Any]) -> None:
    language = Language.EN if english() else Language.ZH
    render.write_fields(_in_words(found), render.pick(language, _FIELDS))


def _in_words(found: dict[str, Any]) -> dict[str, Any]:
    """A credential as people read it."""
    other = english()
    stopped = found["stopped"]
    return found | {
        "state": STATES[found["state"]][other],
        "roles": [ROLES[role][other] for role in found["roles"]],
        "by": WAYS[found["by"]][other],
        "expires_on": day(found["expires_on"]),
        "stopped": ""
        if stopped is None
        else f"{stopped['code'] if other else with_text(stopped['code'])}  {moment(stopped['at'])}",
        "created_at": moment(found["created_at"]),
        "revoked_at": moment(found["revoked_at"]) if found["revoked_at"] else "",
    }
