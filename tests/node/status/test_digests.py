"""`log_state` is the same however its pages came, and is hashed from the first change on."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from federation.ids import Origin
from federation.ports.store import STATE_PAGE
from node.status.digests import LogStates

ORIGIN = Origin("510500.huxin.example/1")
PAGES = st.lists(st.binary(max_size=4), max_size=4)


def whole(pages: list[bytes]) -> str:
    states = [
        (number * STATE_PAGE + place).to_bytes(8, "big") + bytes([state])
        for number, page in enumerate(pages)
        for place, state in enumerate(page)
        if state
    ]
    return hashlib.sha256(b"".join(states)).hexdigest()


@given(st.lists(PAGES, max_size=5))
def test_each_is_the_hash_of_all_that_stands_then(versions: list[list[bytes]]) -> None:
    states = LogStates()
    for pages in versions:
        assert states.hashed(ORIGIN, pages) == whole(pages)
        assert states.hashed(Origin("510300.huxin.example/1"), []) == whole([])
