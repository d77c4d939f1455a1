"""`huxin charter member`: a next version with this node's new address, certificate or keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from federation.charters.draft import next_terms, rotated_member
from federation.charters.json_form import parse_member
from federation.charters.values import Member
from federation.errors import RefusedError
from node.cli.charter.change import CutFile
from node.cli.charter.drafts import Days, read_cut, until
from node.cli.charter.leaving import held_cut
from node.cli.charter.proposing import (
    Alliance,
    DraftFile,
    Key,
    Seen,
    chain_named,
    draft_of,
    own_member,
    sign_and_tell,
    signer_of,
)
from node.cli.client import failures
from node.cli.given_files import read_bounded
from node.cli.offline_node import open_held
from node.cli.options import Directory, node_directory
from node.system.clock import SystemClock

_LARGEST: Final = 256 * 1024
_TAKES: Final = (
    "本节点随即按本版使用新的地址、证书、密钥 / this node uses the new address, certificate, "
    "keys by itself"
)


def member(
    described: Annotated[
        Path | None,
        typer.Argument(
            metavar="MEMBER.JSON",
            exists=True,
            dir_okay=False,
            help="新的 member.json，如 keys tls --new 所写 / New description, as keys tls --new "
            "writes it",
        ),
    ] = None,
    *,
    endpoint: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST:PORT",
            help="新的对外地址，可多个，取代原有的 / New address; repeat for more; replaces all",
        ),
    ] = None,
    cut: CutFile = None,
    alliance: Alliance = "",
    out: DraftFile = None,
    key: Key = None,
    days: Days = 365,
    yes: Seen = False,
    directory: Directory = None,
) -> None:
    """更换本节点的地址、证书、密钥：起草并签署下一版 / Draft our new address or keys.

    A new log key cuts the log at our newest checkpoint, or at the one given.
    """
    with failures(), open_held(node_directory(directory)) as held:
        config, now = held.config, SystemClock().now()
        chain = chain_named(config, alliance)
        own = own_member(config, chain.latest.terms)
        renewed = own
        if described is not None:
            renewed = parse_member(read_bounded(described, _LARGEST))
        if endpoint:
            renewed = replace(renewed, endpoints=tuple(endpoint))
        _see_that_it_is_ours(own, renewed)
        at = read_cut(cut, chain.latest, own.id)
        if at is None and _new_log(own, renewed):
            at = held_cut(held, chain.latest, own.id)
        terms = rotated_member(
            next_terms(chain.latest, issued_at=now, not_after=until(now, days)), renewed, at
        )
        draft, envelope = draft_of(chain, terms, out)
        signer = signer_of(config, key)
        sign_and_tell(
            config, chain, terms, draft, envelope, signer=signer, seen=yes, in_force=_TAKES
        )


def _see_that_it_is_ours(own: Member, renewed: Member) -> None:
    """Refuse a description of another node, and one that changes nothing.

    Raises:
        RefusedError: `charter.member-unknown`, `charter.unchanged`.
    """
    if renewed.id != own.id:
        message = f"expected a description of this node, {own.id}, got one of {renewed.id}"
        raise RefusedError("charter.member-unknown", message)
    same = (
        renewed.endpoints == own.endpoints
        and renewed.certificates == own.certificates
        and renewed.keys == own.keys
        and renewed.sealing_keys == own.sealing_keys
        and renewed.charter_key == own.charter_key
        and not _new_log(own, renewed)
    )
    if same:
        message = "nothing differs from the version in force: give --endpoint, or a new member.json"
        raise RefusedError("charter.unchanged", message)


def _new_log(own: Member, renewed: Member) -> bool:
    known = {(one.origin, one.log_key) for one in own.segments}
    return any((one.origin, one.log_key) not in known for one in renewed.segments)
