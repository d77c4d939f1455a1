"""Peers out of the status document.

Covers node/documents/peers.py.
"""

from __future__ import annotations

from typing import Any

from node.documents.peers import peers

LOG = {
    "city": "自贡",
    "state": "ok",
    "size": 7,
    "verified_to": 7,
    "reconciled_to": 5,
    "delivered_to": 5,
    "head_age_s": 12,
    "waits_for_room": False,
    "root": "…",
}


def test_peers_are_the_logs_of_others_with_what_is_wrong_there() -> None:
    status: dict[str, Any] = {
        "node": {"origin": "own.example/1", "version": "0.1.0"},
        "logs": [LOG | {"origin": "own.example/1"}, LOG | {"origin": "other.example/1"}],
        "peers": ["510300"],
        "charters": [{"version": 3}],
        "problems": [{"code": "certificate.expires"}, {"code": "disk.low"}],
    }
    found = peers(status)
    (other,) = found["peers"]
    assert (other["origin"], other["behind"], "root" in other) == ("other.example/1", 2, False)
    assert found["problems"] == [{"code": "certificate.expires"}]
    assert (found["connected"], found["charters"]) == (["510300"], [{"version": 3}])
