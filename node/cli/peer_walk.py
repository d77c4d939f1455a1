"""`huxin doctor --peer`: the way to a member, step by step."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Final

import typer

from node.system import tls12_off  # isort: skip - before grpc

from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from node.charters.contacts import Contact, asked_to_join, contacts_of
from node.cli import render
from node.cli.client import Exit, failures
from node.cli.language import say_in
from node.cli.offline_node import Held, open_held
from node.cli.options import Format
from node.log.head_times import signed_on
from node.network.peer_paths import FAILED, Walker
from node.network.tls_keys import in_order, load_tls_keys, named_certificates
from node.system.clock import SystemClock

EVERYBODY: Final = "all"
_COLUMNS: Final = {
    "peer": "成员 / member",
    "endpoint": "地址 / address",
    "step": "步骤 / step",
    "state": "结果 / state",
    "detail": "详情 / detail",
    "advice": "处置 / what to do",
}
_STEPS: Final = {
    "endpoint": "地址 / address",
    "name": "解析 / name",
    "connection": "连接 / connection",
    "tls": "TLS",
    "certificate": "证书 / certificate",
    "validity": "有效期 / validity",
    "answer": "应答 / answer",
    "node": "节点 / node",
    "charters": "章程 / charters",
    "clock": "时钟 / clock",
}
_STATES: Final = {"ok": "通 / ok", FAILED: "不通 / failed"}


def walk_to(directory: Path, who: str, output: Format) -> None:
    """Walk to a member, or to all of them, and show where each way ends."""
    tls12_off.require()
    with failures(), open_held(directory) as held:
        contacts = _contacts(held, who)
        walker = _walker(held)

        async def walked() -> list[dict[str, str]]:
            rows: list[dict[str, str]] = []
            for contact in contacts:
                steps = await walker.walk(contact)
                rows += [
                    {"peer": contact.peer, **asdict(step), "advice": step.advice} for step in steps
                ]
            return rows

        rows = asyncio.run(walked())
    if output is Format.JSON:
        render.write_json({"steps": rows})
    else:
        shown = [
            row
            | {"step": say_in(_STEPS[row["step"]]), "state": say_in(_STATES[row["state"]])}
            | {name: say_in(row[name]) for name in ("detail", "advice")}
            for row in rows
        ]
        render.write_table("", _COLUMNS, shown)
    if any(row["state"] == FAILED for row in rows):
        raise typer.Exit(Exit.FINDINGS)


def _contacts(held: Held, who: str) -> list[Contact]:
    contacts = (*contacts_of(held.trust), *asked_to_join(held.trust, held.origin))
    if who == EVERYBODY:
        return list(contacts)
    found = [one for one in contacts if who in {one.peer, *map(held.trust.region, one.origins)}]
    if not found:
        known = ", ".join(sorted(one.peer for one in contacts)) or "nobody"
        message = f"no member {who[:60]!r} in the charters of this node; expected one of: {known}"
        raise RefusedError("peer.not-member", message)
    return found


def _walker(held: Held) -> Walker:
    keys = in_order(
        load_tls_keys(held.config.keys_directory), named_certificates(held.trust, held.origin)
    )
    trust = held.trust.trust

    def signed(origin: Origin, note: bytes) -> Timestamp | None:
        return signed_on(note, trust.head_keys(origin))

    return Walker(
        identity=keys[0].identity,
        versions={one.charter.id: one.charter.terms.version for one in trust.alliances},
        signed_on=signed,
        now=SystemClock().now,
        seconds=float(held.config.peers.connect_seconds),
    )
