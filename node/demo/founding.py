"""Making the demo's federation: directories, keys, a charter that all voters signed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.files.atomic import write_atomically
from crypto.dsse import Envelope, sign_envelope
from federation.charters.chain import begin_chain
from federation.charters.draft import write_terms
from federation.charters.verification import (
    PAYLOAD_TYPE,
    PURPOSES,
    Entitlements,
    ListRight,
    Member,
    Reception,
    Terms,
)
from federation.errors import RefusedError
from federation.ids import CharterId, Timestamp
from federation.statements import Kind
from node.charters.files import store_chain
from node.demo.console import open_console
from node.demo.furnishing import furnish
from node.demo.members import (
    ALLIANCES,
    MEMBERS,
    SCENARIO_FEED,
    Authority,
    DemoAlliance,
    DemoMember,
    list_types,
    read_authorities,
)
from node.demo.ports import LOOPBACK, free_ports
from node.directory.config import FILE_NAME, NodeSection, load_config
from node.directory.config_file import add_pin
from node.directory.creation import CHARTER_KEY_FILE, NewNode, create_node
from node.directory.keys import load_signer
from node.system.clock import SystemClock
from node.system.entropy import token

CHARTER_SECONDS: Final = 365 * 86_400
_ALL_KINDS: Final = tuple(int(kind) for kind in Kind)
RECEIPT_SECONDS: Final = 2
"""Outcomes are gathered for less than an hour here."""
PULL_SECONDS: Final = 2
"""Subjects are asked about more often here."""
CONSENT: Final = "演示数据共享协议〔2026〕1号"
"""Of every source of the demo, to handing its data on to the other cities."""


def check_free(directory: Path) -> None:
    """Refuse a directory in which something lies, such as an earlier demo.

    Raises:
        RefusedError: `demo.in-the-way`, saying what it is.
    """
    if not directory.exists():
        return
    if not directory.is_dir():
        raise RefusedError("demo.in-the-way", f"{directory} is a file; name a directory")
    names = sorted(path.name for path in directory.iterdir())
    if not names:
        return
    running = [m for m in MEMBERS if (directory / m.region / "node.json").exists()]
    if running:
        what = "a demo is running there: " + ", ".join(
            f"{member.name} {member.region} (pid {_pid(directory / member.region)})"
            for member in running
        )
        fix = "stop it with Ctrl-C in its terminal, or give another --dir"
    else:
        what = f"it holds {', '.join(names[:6])}"
        fix = "remove it, or give another --dir"
    raise RefusedError("demo.in-the-way", f"{directory} is in use: {what}; {fix}")


def found_federation(
    directory: Path, data: Path, *, console: bool = False
) -> tuple[CharterId, ...]:
    """Make the directories of all nodes, ready to be started.

    Args:
        directory: in which they are made.
        data: the demo's lists and authorities.
        console: whether 宜宾's node shows its pages to people.

    Returns:
        The id of each alliance in the order of `ALLIANCES`, as it would be pinned from paper.
    """
    authorities = read_authorities(data)
    *ports, page_port = free_ports(len(MEMBERS) + 1)
    drafted: dict[str, Member] = {}
    for member, port in zip(MEMBERS, ports, strict=True):
        folder = directory / member.region
        described = create_node(
            folder, _new_node(folder, member, port), now=SystemClock().now(), token=token
        )
        rights = authorities.get(member.region, ())
        _configure(folder, member, rights)
        drafted[member.region] = _entitled(described, rights, member.attests)
    if console:
        open_console(directory, page_port)
    ids = tuple(_found_alliance(directory, alliance, drafted) for alliance in ALLIANCES)
    for member in MEMBERS:
        furnish(load_config(directory / member.region), data, member.supplements)
    return ids


def _found_alliance(
    directory: Path, alliance: DemoAlliance, drafted: Mapping[str, Member]
) -> CharterId:
    """Sign an alliance's charter and give it to its members."""
    terms = _terms(alliance.name, [drafted[member.region] for member in alliance.members])
    envelope = _sign(directory, terms, alliance.members)
    charter = CharterId(sha256(envelope.payload).digest())
    write_atomically(directory / alliance.file, envelope.to_bytes())
    chain = begin_chain(envelope.to_bytes(), charter)
    for member in alliance.members:
        config = load_config(directory / member.region)
        store_chain(config.charters_directory, chain)
        add_pin(config.directory, charter)
    return charter


def _new_node(folder: Path, member: DemoMember, port: int) -> NewNode:
    address = f"{LOOPBACK}:{port}"
    return NewNode(
        identity=NodeSection.model_validate(
            {
                "region": member.region,
                "name": member.name,
                "role": member.role,
                "origin": member.origin,
            }
        ),
        listen=address,
        advertise=address,
        charter_key=folder / CHARTER_KEY_FILE,
    )


def _configure(folder: Path, member: DemoMember, authorities: tuple[Authority, ...]) -> None:
    """Say in the configuration who speaks for which authorities, and who is out of reach."""
    path = folder / FILE_NAME
    apart = f"not_direct = {json.dumps(list(member.apart))}"
    text, found = re.subn(r"(?m)^not_direct = .*$", apart, path.read_text("utf-8"))
    text, quick = re.subn(r"(?m)^seconds = .*$", f"seconds = {RECEIPT_SECONDS}", text)
    text, soon = re.subn(r"(?m)^pull_seconds = .*$", f"pull_seconds = {PULL_SECONDS}", text)
    if (found, quick, soon) != (1, 1, 1):
        message = f"{path}: expected one line each `not_direct`, `seconds` and `pull_seconds`"
        raise RefusedError("demo.config", message)
    for feed in (*list_types(authorities), *((SCENARIO_FEED,) if authorities else ())):
        bound = {a.name: a.code for a in authorities if feed in a.feeds}
        names = ", ".join(f"{_quoted(name)} = {_quoted(code)}" for name, code in bound.items())
        lists = [] if feed == SCENARIO_FEED else [feed]
        text += (
            f"\n[files.sources.{feed}]\n"
            f"name = {_quoted(_department(bound))}\n"
            f"authorities = {{ {names} }}\n"
            f"list_types = {json.dumps(lists)}\n"
            f'sharing = "conditional"\nconsent = "{CONSENT}"\n'
        )
    write_atomically(path, text.encode(), mode=0o600)
    load_config(folder)


def _department(bound: Mapping[str, str]) -> str:
    """What reports call a source: its authority, the first of several."""
    first, *others = bound or ("",)
    return f"{first}等" if others else first


def _entitled(
    member: Member, authorities: tuple[Authority, ...], attests: tuple[str, ...]
) -> Member:
    """Give a member its rights: every kind of statement, the lists of its own authorities.

    Args:
        member: as drafted.
        authorities: its own.
        attests: of a hub, the regions whose subjects it attests to those who cannot ask them.
    """
    rights = tuple(
        ListRight(
            list_type=list_type,
            authorities=tuple(a.code for a in authorities if list_type in a.feeds),
        )
        for list_type in list_types(authorities)
    )
    entitlements = Entitlements(kinds=_ALL_KINDS, lists=rights)
    return replace(
        member,
        segments=tuple(replace(s, entitlements=entitlements) for s in member.segments),
        receives=(Reception(kinds=_ALL_KINDS, purposes=tuple(PURPOSES)),),
        attests=attests,
    )


def _terms(name: str, members: list[Member]) -> Terms:
    now = SystemClock().now()
    return Terms(
        name=name,
        version=1,
        issued_at=now,
        not_after=Timestamp(now + CHARTER_SECONDS),
        purposes=tuple(PURPOSES),
        members=tuple(members),
    )


def _sign(directory: Path, terms: Terms, members: Iterable[DemoMember]) -> Envelope:
    """Sign with every member's charter key, which in earnest never meet on one machine."""
    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=write_terms(terms), signatures=())
    for member in members:
        signer = load_signer(directory / member.region / CHARTER_KEY_FILE)
        envelope = sign_envelope(envelope, signer.seed)
    return envelope


def _pid(folder: Path) -> object:
    try:
        return json.loads((folder / "node.json").read_text("utf-8"))["pid"]
    except (OSError, ValueError, KeyError):
        return "?"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
