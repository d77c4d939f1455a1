"""`huxin charter pending` and `approve`: requests to join, and members' signatures under them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from federation.audit.pinned import MAX_ENVELOPE
from federation.charters.draft import next_terms, with_member
from federation.charters.join import MAX_REQUEST, check_still_good
from federation.charters.verification import read_envelope
from federation.errors import RefusedError
from node.charters.files import load_chain
from node.charters.joining import Invitations, Pending, newest
from node.charters.waiting import BETWEEN, document, row_of
from node.cli import render
from node.cli.charter.drafts import Days, Lists, entitled, until
from node.cli.charter.proposing import (
    DraftFile,
    Key,
    Seen,
    chain_of,
    draft_of,
    sign_and_tell,
    signer_of,
)
from node.cli.client import failures
from node.cli.given_files import read_bounded
from node.cli.language import english, say_in
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.directory.config import load_config
from node.system.clock import SystemClock
from node.texts.fields import moment
from node.texts.signed import ROLES

_COLUMNS: Final = {
    "id": "申请 / request",
    "name": "名称 / name",
    "region": "区划 / region",
    "roles": "角色 / roles",
    "votes": "投票 / votes",
    "fingerprint": "指纹，请电话核对 / fingerprint, compare by voice",
    "since": "申请时间 / since",
    "until": "截止 / until",
    "endpoints": "地址 / address",
    "trouble": "问题 / trouble",
}
_UNDER: Final = {
    "id": ("name", "region"),
    "roles": ("votes",),
    "fingerprint": ("endpoints",),
    "since": ("until",),
}


def pending(
    request: Annotated[
        Path | None,
        typer.Argument(
            metavar="REQUEST",
            exists=True,
            dir_okay=False,
            help="收下一份加入申请 / Take a request to join in",
        ),
    ] = None,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """待批准的加入申请：谁、指纹、改变什么 / Requests to join that wait, or one more."""
    with failures():
        config, now = load_config(node_directory(directory)), SystemClock().now()
        waiting = Pending(config.directory)
        if request is not None:
            data = read_bounded(request, MAX_REQUEST)
            Invitations(config.directory).take(data, now)
            waiting.add(data)
        for pin in config.pins:
            waiting.settle(load_chain(config.charters_directory, pin))
        rows = [
            row_of(load_chain(config.charters_directory, one.request.charter), one)
            for one in waiting.all()
        ]
        damaged = waiting.damaged()
        for error in damaged:
            render.say_warning(error.code, str(error))
    if output is Format.JSON:
        render.write_json(document(rows, (error.code for error in damaged)))
        return
    render.write_table("", _COLUMNS, [_in_words(one) for one in rows], _UNDER)
    for one in rows:
        render.say(
            f"{one['name']} 电话念出的指纹与 {one['fingerprint']} 相同，才批准："
            f"huxin charter approve {one['id']} / approve only if they read out this fingerprint"
        )


def approve(
    what: Annotated[
        str,
        typer.Argument(
            metavar="REQUEST|DRAFT",
            help="申请编号，或者其他成员已签的草案 / Id of a request, or a draft others signed",
        ),
    ],
    *,
    out: DraftFile = None,
    key: Key = None,
    lists: Lists = None,
    days: Days = 365,
    yes: Seen = False,
    directory: Directory = None,
) -> None:
    """显示改变的内容并签署，足够即采用 / Show what changes, sign; adopted when enough have."""
    with failures():
        config, now = load_config(node_directory(directory)), SystemClock().now()
        signer = signer_of(config, key)
        draft = Path(what)
        if draft.is_file():
            envelope, terms = read_envelope(read_bounded(draft, MAX_ENVELOPE))
            chain = chain_of(config, terms)
            if sha256(envelope.payload).digest() == chain.latest.digest:
                message = (
                    f"第 {terms.version} 版已生效，无需再签 / version {terms.version} is in force "
                    "already: no signature is missing"
                )
                raise RefusedError("charter.previous", message)
            if terms.previous != chain.latest.digest:
                held = chain.latest.terms.version
                message = (
                    f"草案须接本机的现行版（第 {held} 版），{draft} 是第 {terms.version} 版，"
                    "接的是另一版：起草的成员还没有现行版时，等它连上，或把现行版文件带去 "
                    "huxin charter adopt，再重新起草 / "
                    f"expected a draft after version {held}, which is in force here; got version "
                    f"{terms.version}, after another one: if who drafted lacks the version in "
                    "force, connect it or carry it there (huxin charter adopt), and draft again"
                )
                raise RefusedError("charter.previous", message)
        else:
            waiting = Pending(config.directory).get(what)
            check_still_good(waiting.request, now)
            chain = load_chain(config.charters_directory, waiting.request.charter)
            newest(chain)
            terms = next_terms(chain.latest, issued_at=now, not_after=until(now, days))
            terms = with_member(terms, entitled(waiting.request.member, lists, terms.purposes))
            draft, envelope = draft_of(chain, terms, out)
        sign_and_tell(
            config,
            chain,
            terms,
            draft,
            envelope,
            signer=signer,
            seen=yes,
            in_force="加入的成员连上即可交换 / whoever joins takes part once connected",
        )


def refuse(
    what: Annotated[str, typer.Argument(metavar="REQUEST", help="申请编号 / Id of the request")],
    *,
    directory: Directory = None,
) -> None:
    """不批准一份加入申请 / Refuse a request to join: it waits no more."""
    with failures():
        config = load_config(node_directory(directory))
        waiting = Pending(config.directory)
        found = waiting.get(what)
        waiting.remove(found)
    render.write_line(f"{found.id}  {found.request.member.name}")


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "roles": [ROLES[role][english()] for role in row["roles"]],
        "since": moment(row["since"]),
        "until": moment(row["until"]),
        "trouble": BETWEEN.join(map(say_in, row["trouble"].split(BETWEEN))),
    }
