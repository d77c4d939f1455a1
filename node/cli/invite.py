"""`huxin invite create`: a file with which one node may ask to join."""

from __future__ import annotations

import re
import ssl
import sys
from pathlib import Path
from typing import Annotated, Final

import segno
import typer

from adapters.files.atomic import write_atomically
from federation.charters.invitation import MAX_HOURS, Invitation, spoken, write_invitation
from federation.charters.join import INVITATION_SIZE
from federation.errors import RefusedError
from federation.ids import CharterId, Timestamp
from node.charters.files import load_chain
from node.charters.joining import Invitations, newest
from node.cli import render
from node.cli.client import failures
from node.cli.options import Directory, node_directory
from node.directory.config import Config, check_endpoint, load_config
from node.network.tls_keys import load_tls_keys
from node.system.clock import SystemClock
from node.system.entropy import token

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="邀请新节点加入联盟 / Invite a node to the alliance.",
)
_HOURS: Final = re.compile(r"([0-9]{1,4})(h|d)")
_REGION: Final = re.compile(r"[0-9]{6}")
_DAY: Final = 24
_PEM_END: Final = "-----END CERTIFICATE-----"


@app.callback()
def invite() -> None:
    """邀请新节点加入联盟 / Invite a node to the alliance."""


def _hours(text: str) -> int:
    match = _HOURS.fullmatch(text)
    hours = int(match[1]) * (_DAY if match[2] == "d" else 1) if match else 0
    if not 1 <= hours <= MAX_HOURS:
        message = f"须为 1h 至 {MAX_HOURS // _DAY}d / expected 1h to {MAX_HOURS // _DAY}d"
        raise typer.BadParameter(message)
    return hours


def _region(text: str) -> str:
    if text and not _REGION.fullmatch(text):
        message = "须为 6 位行政区划代码 / expected a region code of six digits"
        raise typer.BadParameter(message)
    return text


@app.command("create")
def create(
    out: Annotated[Path, typer.Option("-o", "--out", help="邀请文件 / File of the invitation")],
    *,
    ttl: Annotated[
        str, typer.Option("--ttl", metavar="72h", help="有效时间 / How long it counts: 72h, 3d")
    ] = "72h",
    region: Annotated[
        str,
        typer.Option(
            "--region",
            metavar="CODE",
            parser=_region,
            help="仅限该行政区划 / For this region code alone",
        ),
    ] = "",
    alliance: Annotated[
        str,
        typer.Option("--alliance", metavar="ID", help="有多个联盟时指明 / Which one, of several"),
    ] = "",
    https: Annotated[
        str,
        typer.Option(
            "--https",
            metavar="HOST:PORT",
            help="对方可经 HTTPS 递交：本节点 [logs] listen 的对外地址 / Where [logs] listen is "
            "reached from outside, to hand the request over",
        ),
    ] = "",
    directory: Directory = None,
) -> None:
    """写一份一次有效的邀请 / Write an invitation that is good once.

    On a terminal the alliance's id stands there as a QR code too: `join --fingerprint` takes it.
    """
    hours = _hours(ttl)
    with failures():
        config, now = load_config(node_directory(directory)), SystemClock().now()
        chain = load_chain(config.charters_directory, _pin(config, alliance))
        terms = newest(chain)
        own = next((one.id for one in terms.members if config.origin in _origins(one)), None)
        if own is None:
            message = f"{terms.name} does not name this node: a member invites"
            raise RefusedError("invitation.not-member", message)
        if out.exists():
            message = (
                f"文件已存在，请用新的文件名：{out} / {out} is there already; expected a new name"
            )
            raise RefusedError("draft.exists", message)
        invitation = Invitation(
            charter=chain.id,
            secret=token(INVITATION_SIZE),
            region=region,
            inviter=own,
            created_at=now,
            not_after=Timestamp(now + hours * 3600),
            envelopes=tuple(one.envelope for one in chain.versions),
            endpoint=_address(https),
            certificate=_shown(config) if https else b"",
        )
        Invitations(config.directory).given(invitation)
        write_atomically(out, write_invitation(invitation), mode=0o600)
    render.write_line(f"{out}")
    render.write_line(f"{terms.name}  {spoken(chain.id)}")
    if _on_terminal():
        segno.make_qr(chain.id.hex(), error="m").terminal(compact=True)
    command = f"huxin join {out.name} --fingerprint {spoken(chain.id)}"
    render.say(
        f"把文件交给对方；联盟指纹 {spoken(chain.id)} 另行电话念给对方。{hours} 小时内一次有效。"
        f"对方下一步：{command} / hand the file over, read the fingerprint out by telephone; "
        f"next, there: {command}"
    )


def _on_terminal() -> bool:
    return sys.stdout.isatty()


def _address(text: str) -> str:
    try:
        return check_endpoint(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--https") from error


def _shown(config: Config) -> bytes:
    """The certificate that `[logs] listen` shows, DER.

    Raises:
        RefusedError: `invitation.https`: nothing listens there, or without TLS of our own.
        OSError: it cannot be read.
    """
    logs = config.logs
    if not logs.listen or logs.plain:
        message = "expected [logs] listen with TLS in huxin.toml: nobody can hand over anything"
        raise RefusedError("invitation.https", message)
    if logs.cert:
        pem = (config.directory / logs.cert).read_text("ascii")
        return ssl.PEM_cert_to_DER_cert(pem[: pem.index(_PEM_END) + len(_PEM_END)])
    return load_tls_keys(config.keys_directory)[0].certificate


def _pin(config: Config, given: str) -> CharterId:
    found = [pin for pin in config.pins if pin.hex().startswith(given.lower())]
    if len(found) != 1:
        known = ", ".join(pin.hex()[:12] for pin in config.pins) or "none"
        message = f"expected --alliance with one of those of this node ({known}), got {given!r}"
        raise RefusedError("invitation.alliance", message)
    return found[0]


def _origins(member: object) -> set[str]:
    return {segment.origin for segment in getattr(member, "segments", ())}
