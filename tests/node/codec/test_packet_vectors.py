"""Which parts of packets are taken, and as what the others are refused (SPEC §9.8).

Covers node/peers/packet_state.py.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from crypto.keys import VerifierKey
from federation.errors import RefusedError
from federation.ids import CharterId
from node.peers.packet_state import PacketState, Taken
from node.peers.packets import Packets
from tests.support.packet_cases import ABOUT, HEAD, MORE, TIME, cases
from tests.support.vectors import compare, held


def trust_of(file: dict[str, Any]) -> Any:
    """A view of charters that say just this."""
    rows = {row["origin"]: row for row in file["members"]}
    peers = {
        origin: SimpleNamespace(id=origin, peer=SimpleNamespace(origin=origin, members=[origin]))
        for origin in rows
    }

    def member(ref: str) -> Any:
        head = [VerifierKey.parse(vkey) for vkey in rows[ref]["head"]]
        return SimpleNamespace(keys=SimpleNamespace(head=head))

    def shared(peer: str) -> set[CharterId]:
        return {CharterId(bytes.fromhex(one)) for one in rows[peer]["charters"]}

    return SimpleNamespace(
        peers=peers, shared_charters=shared, trust=SimpleNamespace(member=member), followed=list
    )


def judged(file: dict[str, Any], case: dict[str, Any], path: Path) -> str:
    state = PacketState(path)
    if case["last"]:
        sender = file["members"][0]["origin"]
        state.put(sender, Taken(packet=case["last"]["packet"], created=case["last"]["time"]))
    sizes = {origin: SimpleNamespace(size=size) for origin, size in file["held"].items()}
    parts: Any = {
        "store": None,
        "exchange": SimpleNamespace(replicas=lambda: sizes),
        "attestations": SimpleNamespace(take=lambda *_: None),
    }
    packets = Packets(
        own=file["own"],
        trust=lambda: trust_of(file),
        envelopes=lambda _: (),
        state=state,
        head_signer=HEAD,
        sealing=[bytes.fromhex(one) for one in file["secrets"]],
        on_writer=lambda job: job(),
        now=lambda: case["last"].get("time", TIME),
        token=bytes,
        **parts,
    )
    try:
        packets.take(bytes.fromhex(case["part"]))
    except RefusedError as error:
        return error.code
    return "ok"


def test_vectors_of_packets(tmp_path: Path) -> None:
    compare("packets", "9.8", ABOUT, cases(), **MORE)
    file = held("packets")
    for number, case in enumerate(file["cases"]):
        assert judged(file, case, tmp_path / f"{number}.json") == case["result"], case["name"]
    codes = "malformed", "other-receiver", "sender", "signature", "truncated", "altered"
    refused = {f"packet.{code}" for code in (*codes, "replayed", "gap")}
    assert {case["result"] for case in file["cases"]} == {"ok"} | refused
