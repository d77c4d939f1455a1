"""`huxin init`: a node's directory."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from federation.charters.draft import write_member
from federation.charters.invitation import fingerprint_of
from federation.charters.verification import Role
from node.cli import render
from node.directory.config import NodeSection, check_endpoint
from node.directory.creation import CHARTER_KEY_FILE, VOTING_ROLES, NewNode, create_node
from node.system.clock import SystemClock
from node.system.entropy import token

DEFAULT_LISTEN = "127.0.0.1:7443"
_NOWHERE = ("0.0.0.0", "[::]", "127.", "[::1]", "localhost")  # noqa: S104 - hosts that peers cannot reach


_OPTIONS = {"region": "--region", "name": "--name", "origin": "--node"}


class NodeRole(StrEnum):
    """Roles that a node is made for."""

    CITY = "city"
    COUNTY = "county"
    HUB = "hub"
    AUDITOR = "auditor"


def _endpoint(text: str) -> str:
    """Read HOST:PORT, or nothing."""
    try:
        return check_endpoint(text)
    except ValueError as error:
        raise typer.BadParameter(f"expected {error}, got {text[:60]!r}") from None


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="新节点目录 / New directory")],
    *,
    region: Annotated[
        str,
        typer.Option(help="行政区划代码，6 位；缺则询问 / Region code, GB/T 2260; else asked"),
    ] = "",
    name: Annotated[
        str, typer.Option(help="节点名称；缺则询问 / Name of the node; else asked")
    ] = "",
    role: Annotated[NodeRole, typer.Option(help="角色 / Role")] = NodeRole.CITY,
    node: Annotated[
        str, typer.Option(help="节点域名，默认 <区划>.huxin.example / The node's own name")
    ] = "",
    listen: Annotated[
        str,
        typer.Option(metavar="HOST:PORT", parser=_endpoint, help="监听地址 / Where peers connect"),
    ] = DEFAULT_LISTEN,
    advertise: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT",
            parser=_endpoint,
            help="对外地址 / Address written into charters",
        ),
    ] = "",
    vote: Annotated[
        bool | None,
        typer.Option(
            "--vote/--no-vote", help="是否有章程密钥，默认按角色 / Whether it votes, by role"
        ),
    ] = None,
    charter_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="章程密钥文件，应离线保存 / Charter key, to be kept offline"
        ),
    ] = None,
) -> None:
    """建立节点目录、密钥和配置 / Make a node's directory, keys, configuration and member.json."""
    region = region or _asked("--region", "行政区划代码（6 位） / Region code")
    name = name or _asked("--name", "节点名称 / Name of the node")
    try:
        identity = NodeSection(
            region=region,
            name=name,
            role=role.value,
            origin=f"{node or f'{region}.huxin.example'}/1",
        )
    except ValidationError as error:
        faults = "; ".join(
            f"{_OPTIONS[str(fault['loc'][0])]}: {fault['msg']}" for fault in error.errors()
        )
        raise typer.BadParameter(faults) from error
    votes = Role(role.value) in VOTING_ROLES if vote is None else vote
    new = NewNode(
        identity=identity,
        listen=listen,
        advertise=advertise or _reachable(listen),
        charter_key=(charter_key or directory / CHARTER_KEY_FILE) if votes else None,
    )
    member = create_node(directory, new, now=SystemClock().now(), token=token)
    render.write_line(f"{identity.origin}  {member.segments[0].log_key}")
    if new.charter_key is not None:
        render.say(
            f"章程密钥 {new.charter_key}：请移到离线介质保存，勿留在本机 / "
            "move the charter key to an offline medium; it does not belong on this machine"
        )
    if not member.endpoints:
        render.say(
            "未登记对外地址：本节点只主动连接他人；若他人应能连入，请用 --advertise / "
            "no address is advertised: this node only dials; use --advertise to be dialled"
        )
    render.write_line(f"指纹 fingerprint: {fingerprint_of(write_member(member))}")
    render.say(
        f"下一步：向成员索取邀请，然后 huxin join INVITE --fingerprint … --dir {directory}；"
        f"新建联盟的，把 {directory / 'member.json'} 交给起草者 / next: ask a member for an "
        "invitation, then huxin join; to found an alliance, hand member.json to who drafts it"
    )


def _asked(option: str, question: str) -> str:
    """Ask a person for what an option would say; a script is told which one it lacks."""
    if not sys.stdin.isatty():
        message = f"缺少 {option} / expected {option}"
        raise typer.BadParameter(message)
    return str(typer.prompt(question))


def _reachable(listen: str) -> str:
    """The address as others can use it, or empty for one that only this machine understands."""
    return "" if listen.endswith(":0") or listen.startswith(_NOWHERE) else listen
