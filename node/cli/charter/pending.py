"""`huxin charter pending` and `approve`: requests to join, and members' signatures under them."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from adapters.files.atomic import write_atomically
from crypto.dsse import Envelope, sign_envelope
from federation.audit.pinned import MAX_ENVELOPE
from federation.charters.chain import CharterChain, advance
from federation.charters.draft import next_terms, with_member, write_terms
from federation.charters.join import MAX_REQUEST, check_still_good
from federation.charters.rules import check_step, check_terms
from federation.charters.values import PAYLOAD_TYPE, Terms
from federation.charters.verification import read_envelope
from federation.errors import CharterError, RefusedError
from federation.ids import CharterId
from node.charters.files import load_chain, store_chain
from node.charters.joining import Invitations, Pending, newest
from node.charters.waiting import BETWEEN, document, row_of
from node.cli import render
from node.cli.charter.adopt import tell_server
from node.cli.charter.describe import changes, describe, signatures, write
from node.cli.charter.drafts import Days, Lists, entitled, until
from node.cli.client import failures
from node.cli.given_files import read_bounded
from node.cli.language import english, say_in
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.directory.config import Config, load_config
from node.directory.creation import CHARTER_KEY_FILE
from node.directory.keys import load_signer
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
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="草案文件 / File of the draft")
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", exists=True, dir_okay=False, help="章程密钥 / The charter key"
        ),
    ] = None,
    lists: Lists = None,
    days: Days = 365,
    yes: Annotated[
        bool, typer.Option("--yes", help="已看过改变的内容，不再询问 / Seen: do not ask")
    ] = False,
    directory: Directory = None,
) -> None:
    """显示改变的内容并签署，足够即采用 / Show what changes, sign; adopted when enough have."""
    with failures():
        path = node_directory(directory)
        config, now = load_config(path), SystemClock().now()
        signer = load_signer(key or path / CHARTER_KEY_FILE)
        draft = Path(what)
        if draft.is_file():
            data = read_bounded(draft, MAX_ENVELOPE)
            _, terms = read_envelope(data)
            chain = _chain_of(config, terms)
            if sha256(read_envelope(data)[0].payload).digest() == chain.latest.digest:
                message = (
                    f"第 {terms.version} 版已生效，无需再签 / version {terms.version} is in force "
                    "already: no signature is missing"
                )
                raise RefusedError("charter.previous", message)
            if terms.previous != chain.latest.digest:
                message = f"{draft}: expected a draft after version {chain.latest.terms.version}"
                raise RefusedError("charter.previous", message)
            envelope, _ = read_envelope(data)
        else:
            waiting = Pending(config.directory).get(what)
            check_still_good(waiting.request, now)
            chain = load_chain(config.charters_directory, waiting.request.charter)
            newest(chain)
            terms = next_terms(chain.latest, issued_at=now, not_after=until(now, days))
            terms = with_member(terms, entitled(waiting.request.member, lists, terms.purposes))
            check_terms(terms)
            check_step(chain.latest.terms, terms)
            draft = out or Path(f"charter-{terms.version}.json")
            if draft.exists():
                message = f"{draft}: expected no such file yet; it may carry signatures"
                raise RefusedError("draft.exists", message)
            envelope = Envelope(
                payload_type=PAYLOAD_TYPE, payload=write_terms(terms), signatures=()
            )
        write(Format.TABLE, changes(chain.id, chain.latest.terms, terms))
        if not yes:
            _ask()
        envelope = sign_envelope(envelope, signer.seed)
        write_atomically(draft, envelope.to_bytes())
        adopted = _adopted(config, chain, envelope.to_bytes())
    said = signatures(describe(envelope, terms, now))
    render.write_line(f"{draft}  {sha256(envelope.payload).hexdigest()}")
    render.write_line(said)
    if adopted:
        render.say(
            f"第 {terms.version} 版已生效，在节点之间自动传递；新成员连上即加入 / version "
            f"{terms.version} is in force; it travels by itself, and the newcomer joins"
        )
        return
    render.say(
        f"把 {draft} 交给未签的成员，下一步在那里：huxin charter approve {draft.name} / "
        f"carry {draft} to a member that has not signed; next, there: "
        f"huxin charter approve {draft.name}"
    )


def _ask() -> None:
    """Let a person say that what was shown is to be signed.

    Raises:
        RefusedError: `approve.unseen`: nobody was there to say so, or somebody said no.
    """
    if not sys.stdin.isatty() or not typer.confirm(say_in("签署以上内容？ / Sign this?")):
        message = "nothing was signed: read what changes, then the same command with --yes"
        raise RefusedError("approve.unseen", message)


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


def _chain_of(config: Config, terms: Terms) -> CharterChain:
    if terms.charter is None or terms.charter not in config.pins:
        message = "expected a draft of an alliance of this node, got another: nothing was signed"
        raise RefusedError("charter.alliance", message)
    return load_chain(config.charters_directory, CharterId(terms.charter))


def _adopted(config: Config, chain: CharterChain, envelope: bytes) -> bool:
    """Whether enough have signed; then the version is in force here, and requests are done."""
    try:
        longer = advance(chain, envelope)
    except CharterError as error:
        if error.code == "charter.threshold":
            return False
        raise
    store_chain(config.charters_directory, longer)
    tell_server(config)
    Pending(config.directory).settle(longer)
    return True
