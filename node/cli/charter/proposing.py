"""A next version that one member proposes: shown, signed here, and who must sign it besides."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.files.atomic import write_atomically
from crypto.dsse import Envelope, sign_envelope
from crypto.keys import Signer
from federation.charters.chain import CharterChain, advance
from federation.charters.draft import write_terms
from federation.charters.rules import check_step, check_terms
from federation.charters.values import PAYLOAD_TYPE, Member, Terms
from federation.errors import CharterError, RefusedError
from federation.ids import CharterId, Origin
from node.charters.files import load_chain, store_chain
from node.charters.joining import Pending, newest
from node.cli import render
from node.cli.charter.adopt import tell_server
from node.cli.charter.describe import changes, describe, signatures, write
from node.cli.language import say_in
from node.cli.options import Format
from node.directory.config import Config
from node.directory.creation import CHARTER_KEY_FILE
from node.directory.keys import load_signer
from node.system.clock import SystemClock

Key = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, dir_okay=False, help="章程密钥 / The charter key"),
]
Seen = Annotated[bool, typer.Option("--yes", help="已看过改变的内容，不再询问 / Seen: do not ask")]
DraftFile = Annotated[Path | None, typer.Option("-o", "--out", help="草案文件 / File of the draft")]
Alliance = Annotated[
    str, typer.Option("--alliance", metavar="ID", help="有多个联盟时指明 / Which one, of several")
]
_NEXT: Final = "huxin charter approve"


def chain_named(config: Config, given: str) -> CharterChain:
    """The alliance that the first digits of its id name; without them, the only one.

    Raises:
        RefusedError: `charter.alliance`, none or several; `charter.forked`.
    """
    found = [pin for pin in config.pins if pin.hex().startswith(given.lower())]
    if len(found) != 1:
        known = ", ".join(pin.hex()[:12] for pin in config.pins) or "none"
        message = f"expected --alliance with one of those of this node ({known}), got {given!r}"
        raise RefusedError("charter.alliance", message)
    chain = load_chain(config.charters_directory, found[0])
    newest(chain)
    return chain


def chain_of(config: Config, terms: Terms) -> CharterChain:
    """The alliance of a draft.

    Raises:
        RefusedError: `charter.alliance`: none of this node's.
    """
    if terms.charter is None or terms.charter not in config.pins:
        message = "expected a draft of an alliance of this node, got another: nothing was signed"
        raise RefusedError("charter.alliance", message)
    return load_chain(config.charters_directory, CharterId(terms.charter))


def own_member(config: Config, terms: Terms) -> Member:
    """This node as the version in force names it.

    Raises:
        RefusedError: `charter.not-member`.
    """
    for member in terms.members:
        if _is(member, config.origin):
            return member
    message = f"{terms.name} does not name {config.origin} as a member"
    raise RefusedError("charter.not-member", message)


def _names(terms: Terms, origin: Origin) -> bool:
    return any(_is(member, origin) for member in terms.members)


def _is(member: Member, origin: Origin) -> bool:
    return not member.ended and origin in {one.origin for one in member.segments}


def draft_of(chain: CharterChain, terms: Terms, out: Path | None) -> tuple[Path, Envelope]:
    """An unsigned envelope for a next version, and the file where it will stand.

    Raises:
        CharterError: the text breaks a rule, or is no step from the version in force.
        RefusedError: the file exists (`draft.exists`).
    """
    check_terms(terms)
    check_step(chain.latest.terms, terms)
    draft = out or Path(f"charter-{terms.version}.json")
    if draft.exists():
        message = f"{draft}: expected no such file yet; it may carry signatures"
        raise RefusedError("draft.exists", message)
    return draft, Envelope(payload_type=PAYLOAD_TYPE, payload=write_terms(terms), signatures=())


def signer_of(config: Config, key: Path | None) -> Signer:
    """The charter key of this node, from where it was put, or from `offline/`."""
    return load_signer(key or config.directory / CHARTER_KEY_FILE)


def sign_and_tell(
    config: Config,
    chain: CharterChain,
    terms: Terms,
    draft: Path,
    envelope: Envelope,
    *,
    signer: Signer,
    seen: bool,
    in_force: str,
) -> None:
    """Show what changes, sign, adopt where that is enough, and say who must sign besides.

    Args:
        config: of this node.
        chain: the alliance.
        terms: of the draft.
        draft: its file.
        envelope: with the signatures that it has.
        signer: the charter key.
        seen: whether somebody has seen what changes.
        in_force: what follows, once it is in force.

    Raises:
        RefusedError: `approve.unseen`.
    """
    write(Format.TABLE, changes(chain.id, chain.latest.terms, terms))
    if not seen:
        _ask()
    envelope = sign_envelope(envelope, signer.seed)
    write_atomically(draft, envelope.to_bytes())
    adopted = _adopted(config, chain, envelope.to_bytes())
    render.write_line(f"{draft}  {sha256(envelope.payload).hexdigest()}")
    render.write_line(signatures(describe(envelope, terms, SystemClock().now())))
    before, after = chain.latest.terms, terms
    if adopted and not _names(before, config.origin) and _names(after, config.origin):
        render.say(
            f"第 {terms.version} 版已生效，但其他成员还没有，也还不让本机连接：把 {draft} 带给"
            f"任一成员，下一步在那里：huxin charter adopt {draft.name} / version "
            f"{terms.version} is in force, but no other member has it, and none lets this node in "
            f"before: carry {draft} to one of them; next, there: huxin charter adopt {draft.name}"
        )
        return
    if adopted:
        render.say(
            f"第 {terms.version} 版已生效，在节点之间自动传递 / version {terms.version} is in "
            "force; it travels by itself"
        )
        render.say(in_force)
        return
    old, new = len(before.voters) // 2 + 1, len(after.voters) // 2 + 1
    render.say(
        f"须有现行版的 {old} 名、新版的 {new} 名投票成员签署。把 {draft} 交给未签的成员，"
        f"下一步在那里：{_NEXT} {draft.name} / {old} voters of the version in force and "
        f"{new} of the new one must sign; carry {draft} to one that has not; next, there: "
        f"{_NEXT} {draft.name}"
    )


def _ask() -> None:
    """Let a person say that what was shown is to be signed.

    Raises:
        RefusedError: `approve.unseen`: nobody was there to say so, or somebody said no.
    """
    if not sys.stdin.isatty() or not typer.confirm(say_in("签署以上内容？ / Sign this?")):
        message = "nothing was signed: read what changes, then the same command with --yes"
        raise RefusedError("approve.unseen", message)


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
