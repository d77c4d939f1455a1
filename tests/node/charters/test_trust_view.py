"""What one node asks of its charters about the notes of others.

Covers node/charters/view.py.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from crypto.keys import KeyType, Signer, VerifierKey
from federation.charters.trust import MemberRef
from federation.charters.verification import MemberKeys
from federation.ids import CharterId, MemberId, Origin
from node.charters.view import TrustView
from tests.support import charters as build


def test_of_two_keys_of_one_name_and_id_the_first_counts() -> None:
    """A pair can be found in 2^32 trials; the notes of all other nodes are read as before."""
    key = build.cosigner("510300", "witness").verifier
    twin = SimpleNamespace(name=key.name, key_id=key.key_id, public=b"another")
    other: Any = SimpleNamespace(name=key.name, key_id=b"\x00" * 4)
    trust: Any = SimpleNamespace(
        chain=lambda _: (),
        head_keys=lambda: (),
        witness_keys=lambda: (key, twin, other),
        mirror_keys=lambda: (key,),
        peers=lambda _: (),
    )
    view = TrustView(trust, Origin("510500.huxin.example/1"))
    assert view.cosigner_keys() == (key, other)


def query_key(member_id: str, seed: bytes = b"q") -> VerifierKey:
    name = f"queries.{member_id}.huxin.example/1"
    return Signer(name=name, type=KeyType.NOTE, seed=seed * 32).verifier


def test_query_logs_are_those_that_charters_name_and_agree_about() -> None:
    """Our own is none of them: another member cosigns it."""
    keys = {
        ("x", "510500"): (query_key("510500"),),
        ("x", "510300"): (query_key("510300"),),
        ("x", "511500"): (query_key("511500"),),
        ("y", "511500"): (query_key("511500", b"r"),),
    }
    peers = [
        SimpleNamespace(members=[ref for ref in keys if ref[1] == name], origin="")
        for name in ("510300", "511500")
    ]
    for peer in peers:
        peer.members = [MemberRef(CharterId(c.encode()), MemberId(m)) for c, m in peer.members]

    def member(ref: MemberRef) -> Any:
        said = MemberKeys(
            head=(), witness=(), mirror=(), query_log=keys[ref.charter.decode(), ref.member]
        )
        return SimpleNamespace(keys=said, roles=())

    trust: Any = SimpleNamespace(
        chain=lambda _: (),
        head_keys=lambda: (),
        witness_keys=lambda: (),
        mirror_keys=lambda: (),
        peers=lambda _: peers,
        member=member,
        members=lambda _: [MemberRef(CharterId(b"x"), MemberId("510500"))],
    )
    view = TrustView(trust, Origin("510500.huxin.example/1"))
    named = {
        name: view.query_log_key(Origin(query_key(name).name))
        for name in ("510500", "510300", "511500", "512000")
    }
    assert named == {"510500": None, "510300": query_key("510300"), "511500": None, "512000": None}
    assert view.names_query_log(query_key("510500"))
    assert not view.names_query_log(query_key("510500", b"r"))
