"""What one node asks of its charters about the notes of others.

Covers node/charters/view.py.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from federation.ids import Origin
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
