"""`huxin keys`: the key ring that seals what the node holds; signing keys of persons."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from huxin.v1 import admin_pb2 as pb

from adapters.files.atomic import write_atomically
from crypto.strict import b64
from federation.charters.draft import write_member
from federation.charters.json_form import parse_member
from federation.charters.trust import Trust
from federation.charters.values import Member
from node.charters.expiring_certificates import OWN_WARNING_SECONDS
from node.charters.files import load_chains
from node.charters.view import TrustView
from node.cli import render
from node.cli.client import failures, services
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.directory.config import Config, load_config
from node.directory.creation import MEMBER_FILE
from node.directory.keys import (
    load_keys,
    new_document_key,
    new_person_key,
    new_sealing_key,
    sealing_keys,
)
from node.network.tls_keys import TlsKey, in_order, load_tls_keys, named_certificates, new_tls_key
from node.system.clock import CHINA, SystemClock
from node.system.entropy import token

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="密钥环与经办人密钥 / The key ring: replace the opening key; keys of persons.",
)


@app.callback()
def keys() -> None:
    """密钥环与经办人密钥 / The key ring, and keys of persons."""


@app.command("rotate")
def rotate(*, directory: Directory = None, output: OutputFormat = Format.TABLE) -> None:
    """更换内容密钥并销毁旧密钥 / Replace the opening key and destroy the old one."""
    last = pb.RotateKeysResponse()
    with services(node_directory(directory)) as node:
        for last in node.admin.RotateKeys(pb.RotateKeysRequest()):
            if not last.opening_key:
                render.say(f"已重新加密 {last.sealed} sealed anew")
    document = {"opening_key": last.opening_key, "sealed": last.sealed, "lost": last.lost}
    if output is Format.JSON:
        render.write_json(document)
    else:
        render.write_line(
            f"密钥 {last.opening_key} 已启用，旧密钥已销毁，重新加密 {last.sealed} 条，"
            f"无法读取 {last.lost} 条 / key {last.opening_key} in use, older ones destroyed, "
            f"{last.sealed} sealed anew, {last.lost} could not be read"
        )


@app.command("lookup")
def lookup(*, directory: Directory = None, output: OutputFormat = Format.TABLE) -> None:
    """更换检索密钥：重启后生效 / Replace the lookup key; the next start lets it take effect."""
    last = pb.RotateKeysResponse()
    with services(node_directory(directory)) as node:
        for last in node.admin.RotateKeys(pb.RotateKeysRequest(lookup=True)):
            if not last.lookup_key:
                render.say(f"已生成 {last.tags} tags made")
    if output is Format.JSON:
        render.write_json({"lookup_key": last.lookup_key, "tags": last.tags})
    else:
        render.write_line(
            f"检索密钥 {last.lookup_key} 已备妥（{last.tags} 个标签），"
            "重启节点后生效，旧密钥随即销毁 / "
            f"lookup key {last.lookup_key} is ready, {last.tags} tags made; restart the node: it "
            "takes effect, and the old one is destroyed"
        )


@app.command("person")
def person(
    name: Annotated[str, typer.Argument(metavar="NAME", help="姓名 / The person's name")],
    *,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", help="密钥文件，由本人保管 / File that they keep"),
    ],
    output: OutputFormat = Format.TABLE,
) -> None:
    """为经办人生成签名密钥 / Make a person's signing key; the node knows its public half only."""
    with failures():
        signer = new_person_key(name, out, token)
    vkey = str(signer.verifier)
    if output is Format.JSON:
        render.write_json({"name": signer.name, "vkey": vkey, "file": str(out)})
    else:
        render.write_line(f'[persons]\n"{signer.name}" = "{vkey}"')
        render.say("写入 huxin.toml 后重启节点 / add this to huxin.toml, then restart the node")


@app.command("document")
def document(
    *,
    directory: Directory = None,
    new: Annotated[
        bool,
        typer.Option("--new", help="旧节点目录没有时生成 / Make it, in a directory without one"),
    ] = False,
) -> None:
    """本节点电子印章的公钥，写入 member.json / Key of its seal, as member.json has it."""
    place = node_directory(directory)
    with failures():
        config = load_config(place)
        if new:
            new_document_key(config.keys_directory, config.origin, token)
        signer = load_keys(config.keys_directory, config.origin).document
    render.write_json({"document": [] if signer is None else [str(signer.verifier)]})
    if new:
        render.say(
            "重启节点，再以 huxin charter rotate 更换章程中的公钥 / "
            "restart the node, then `huxin charter rotate`"
        )


@app.command("sealing")
def sealing(
    *,
    directory: Directory = None,
    new: Annotated[
        bool, typer.Option("--new", help="先生成新密钥，旧密钥保留 / Make a new one; old ones stay")
    ] = False,
) -> None:
    """本节点的封装公钥，写入 member.json / Keys to which others seal, as member.json has them."""
    place = node_directory(directory) / "keys"
    with failures():
        keys = new_sealing_key(place, token) if new else sealing_keys(place)
    render.write_json({"sealing_keys": [{"suite": key.suite, "key": b64(key.key)} for key in keys]})
    if new:
        render.say(
            "重启节点，再以 huxin charter rotate 更换章程中的公钥 / "
            "restart the node, then `huxin charter rotate`"
        )


_TLS: Final = {
    "number": "编号 / number",
    "fingerprint": "指纹 / SHA-256",
    "ends": "到期 / ends",
    "named": "章程写明 / in the charter",
    "shown": "使用中 / in use",
}


@app.command("tls")
def tls(
    *,
    directory: Directory = None,
    new: Annotated[
        bool,
        typer.Option("--new", help="先生成新证书，旧证书保留 / Make a new one; old ones stay"),
    ] = False,
    output: OutputFormat = Format.TABLE,
) -> None:
    """本节点的 TLS 证书；--new 另生成并写入 member.json / Certificates; make one, for a charter."""
    place = node_directory(directory)
    with failures():
        config = load_config(place)
        now = SystemClock().now()
        chains = load_chains(config.charters_directory, config.pins)
        view = TrustView(Trust(chains, now), config.origin)
        keys = load_tls_keys(config.keys_directory)
        named = named_certificates(view, config.origin)
        shown = in_order(keys, named)[0]
        if new:
            if keys[0].number > shown.number and keys[0].ends - now > OWN_WARNING_SECONDS:
                render.say("已有新证书待写入章程 / a new certificate waits for a charter already")
            else:
                made = new_tls_key(config.keys_directory, config.origin, now=now, token=token)
                keys = (made, *keys)
            write_atomically(place / MEMBER_FILE, write_member(_described(config, view, keys, now)))
            render.say(
                f"下一步：huxin charter member {place / MEMBER_FILE}；新版生效后随即启用 / "
                f"next: huxin charter member {place / MEMBER_FILE}; once that version is in "
                "force the node takes the certificate by itself"
            )
    rows = [
        {
            "number": key.number,
            "fingerprint": key.fingerprint,
            "ends": datetime.fromtimestamp(key.ends, CHINA).isoformat(sep=" "),
            "named": bool(named) and all(key.certificate in one for one in named),
            "shown": key.number == shown.number,
        }
        for key in keys
    ]
    if output is Format.JSON:
        render.write_json(rows)
    else:
        render.write_table("", _TLS, rows)


def _described(config: Config, view: TrustView, keys: tuple[TlsKey, ...], now: int) -> Member:
    """What a charter says of this node, with the newest certificate before those it names now."""
    refs = view.trust.members(config.origin)
    if refs:
        member = view.trust.member(refs[0])
    else:
        member = parse_member((config.directory / MEMBER_FILE).read_bytes())
    known = {der for ref in refs for der in view.trust.member(ref).certificates}
    stay = [key.certificate for key in keys[1:] if key.certificate in known and key.ends > now]
    if not refs:
        stay = list(member.certificates)
    return replace(member, certificates=(keys[0].certificate, *stay))
