"""`huxin join`: ask to become a member, after a look at everything that could be in the way."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.files.atomic import write_atomically
from crypto.dsse import Envelope, sign_envelope
from federation.charters.draft import member_document, pretty
from federation.charters.invitation import (
    MAX_INVITATION,
    check_fingerprint,
    check_time,
    fingerprint_of,
    read_invitation,
    spoken,
)
from federation.charters.join import PAYLOAD_TYPE, JoinRequest, write_request
from federation.charters.json_form import parse_member
from federation.charters.values import Member
from federation.errors import RefusedError
from federation.ids import CharterId, Timestamp
from node.charters.files import store_chain
from node.charters.joining import Looked, newest, taken
from node.cli import render
from node.cli.client import Exit, failures
from node.cli.given_files import read_bounded
from node.cli.join_sending import send
from node.cli.language import say_in
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.directory.config import Config, load_config
from node.directory.config_file import add_pin
from node.directory.creation import CHARTER_KEY_FILE, MEMBER_FILE
from node.directory.keys import load_keys, load_signer
from node.network.tls_keys import load_tls_keys
from node.system.clock import SystemClock
from node.system.disk import free_bytes

WRONG: Final = "wrong"
LATER: Final = "later"
_DAY: Final = 86_400
_CERTIFICATE_DAYS: Final = 30
_ONLY_DIALS: Final = "只主动连接 / only dials"
_NO_SOURCES: Final = "尚未配置 [files.sources] / none in [files.sources]"
_COLUMNS: Final = {"what": "检查项 / what", "state": "结果 / state", "detail": "详情 / detail"}
_WHAT: Final = {
    "clock": "时钟 / clock",
    "member": "成员编号 / id",
    "region": "区划代码 / region",
    "name": "名称 / name",
    "endpoint": "对外地址 / address",
    "charter": "章程规则 / charter",
    "port": "监听端口 / port",
    "certificate": "证书 / certificate",
    "disk": "磁盘 / disk",
    "inviter": "邀请方 / inviter",
    "sources": "数源 / sources",
}
_STATES: Final = {"ok": "可以 / ok", LATER: "稍后办 / later", WRONG: "不行 / wrong"}


def join(
    invitation: Annotated[
        Path,
        typer.Argument(
            metavar="INVITE", exists=True, dir_okay=False, help="邀请文件 / The invitation"
        ),
    ],
    *,
    fingerprint: Annotated[
        str,
        typer.Option(help="邀请方念出的联盟指纹 / Fingerprint of the alliance, as read out"),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="加入申请文件 / File of the request to join")
    ] = Path("join-request.json"),
    charter_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="章程密钥，投票成员须签 / Charter key, of a voter"),
    ] = None,
    by_https: Annotated[
        bool,
        typer.Option(
            "--send", help="经 HTTPS 交给邀请方 / Hand it over to the inviter by HTTPS as well"
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="覆盖已有的申请文件 / Overwrite a file that is there")
    ] = False,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """申请加入联盟：先检查，后改动 / Ask to join: everything is looked at before any change."""
    path = node_directory(directory)
    with failures():
        if out.exists() and not force:
            message = (
                f"文件已存在：{out}；写新的用 --out，覆盖用 --force / {out} is there already: "
                "--out with a new name, or --force"
            )
            raise RefusedError("join.exists", message)
        config, now = load_config(path), SystemClock().now()
        invited, chain = read_invitation(read_bounded(invitation, MAX_INVITATION))
        check_fingerprint(chain, fingerprint)
        check_time(invited, now)
        member = parse_member((path / MEMBER_FILE).read_bytes())
        terms = newest(chain)
        looked = [
            Looked(what="clock", state="ok", detail=""),
            *taken(terms, member, invited.region),
            *_of_machine(config, member, now),
        ]
        inviter = terms.member(invited.inviter)
        ends = () if inviter is None else inviter.endpoints
        looked.append(_reached(ends[0] if ends else "", config.peers.connect_seconds))
        if by_https and not invited.endpoint:
            message = (
                "邀请未写明 HTTPS 地址，请把申请文件交给对方 / this invitation names no address: "
                "hand the file over"
            )
            raise RefusedError("invitation.https", message)
        wrong = [one for one in looked if one.state == WRONG]
        if not wrong:
            request = _signed(
                path, config, member, charter_key, invited.charter, invited.secret, now
            )
            write_atomically(out, request, mode=0o600)
            store_chain(config.charters_directory, chain)
            add_pin(config.directory, chain.id)
            if by_https:
                send(invited.endpoint, invited.certificate, invited.secret, request)
    mine = fingerprint_of(pretty(member_document(member)))
    if output is Format.JSON:
        render.write_json(
            {
                "alliance": chain.id.hex(),
                "name": terms.name,
                "fingerprint": mine,
                "request": None if wrong else str(out),
                "checks": [
                    {"what": one.what, "state": one.state, "detail": one.detail} for one in looked
                ],
            }
        )
    else:
        rows = [
            {
                "what": say_in(_WHAT[one.what]),
                "state": say_in(_STATES[one.state]),
                "detail": say_in(one.detail),
            }
            for one in looked
        ]
        render.write_table(f"{terms.name} {spoken(chain.id)}", _COLUMNS, rows)
        render.write_line(f"本节点指纹 our fingerprint: {mine}")
    if wrong:
        render.say("未作任何改动；改正后再试 / nothing was changed; mend it and try again")
        raise typer.Exit(Exit.FINDINGS)
    if by_https:
        render.say(
            "邀请方已收下；电话念出本节点指纹；下一步：huxin serve，成员签署后自动加入 / taken; "
            "read our fingerprint out; next: huxin serve, which joins by itself once members have "
            "signed"
        )
        return
    render.say(
        f"把 {out} 交给邀请方，并电话念出本节点指纹；下一步：huxin serve，成员签署后自动加入 / "
        f"hand {out} to the inviter and read our fingerprint out; next: huxin serve, which "
        "joins by itself once the members have signed"
    )


def _signed(
    path: Path,
    config: Config,
    member: Member,
    charter_key: Path | None,
    alliance: bytes,
    secret: bytes,
    now: Timestamp,
) -> bytes:
    request = JoinRequest(
        charter=CharterId(alliance),
        invitation=secret,
        member=member,
        issued_at=now,
        not_after=Timestamp(now + 30 * _DAY),
    )
    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=write_request(request), signatures=())
    envelope = sign_envelope(envelope, load_keys(config.keys_directory, config.origin).log.seed)
    if member.charter_key is not None:
        key = charter_key or path / CHARTER_KEY_FILE
        signer = load_signer(key)
        if signer.verifier.public != member.charter_key:
            message = f"{key}: expected the charter key that member.json names, got another"
            raise RefusedError("keys.other-node", message)
        envelope = sign_envelope(envelope, signer.seed)
    return envelope.to_bytes()


def _of_machine(config: Config, member: Member, now: Timestamp) -> list[Looked]:
    found = [_port(config.listen.exchange)]
    days = (load_tls_keys(config.keys_directory)[0].ends - now) // _DAY
    state = "ok" if days >= _CERTIFICATE_DAYS else WRONG
    found.append(Looked(what="certificate", state=state, detail=f"余 {days} 天 / {days} days"))
    free = free_bytes(config.directory)
    state = "ok" if free > 2 * config.storage.reserve_bytes else WRONG
    found.append(Looked(what="disk", state=state, detail=f"{free // 2**20} MiB"))
    if not member.endpoints:
        found.append(Looked(what="endpoint", state=LATER, detail=_ONLY_DIALS))
    if not config.files.sources:
        found.append(Looked(what="sources", state=LATER, detail=_NO_SOURCES))
    return found


def _port(listen: str) -> Looked:
    """Whether the port where peers will connect is free, or is our own already."""
    host, _, port = listen.rpartition(":")
    if not port:
        return Looked(what="port", state="ok", detail="-")
    try:
        with closing(socket.create_server((host.strip("[]"), int(port)))):
            pass
    except OSError as error:
        return Looked(
            what="port", state=LATER, detail=f"{listen} 不可用 / {listen}: {error.strerror}"
        )
    return Looked(what="port", state="ok", detail=listen)


def _reached(endpoint: str, seconds: float) -> Looked:
    """Whether the inviter can be reached from here; over an air gap it cannot, and need not."""
    if not endpoint:
        return Looked(what="inviter", state=LATER, detail=_ONLY_DIALS)
    host, _, port = endpoint.rpartition(":")
    try:
        with closing(socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)):
            pass
    except OSError as error:
        return Looked(
            what="inviter", state=LATER, detail=f"连不上 {endpoint} / {endpoint}: {error}"
        )
    return Looked(what="inviter", state="ok", detail=endpoint)
