"""Leaves and promises of query logs by SPEC §9.10 alone."""

from __future__ import annotations

import re
from typing import Any

from tests.independent import exchange_rules as exchange
from tests.independent import forms


def leaf(data: bytes) -> tuple[int, bytes, int]:
    """Kind, query id and time of a leaf."""
    good = len(data) == 76 and data[:4] == b"HXQ1" and data[4] in (1, 2, 3)
    forms.demand(good and data[29:44] == bytes(15), "queries.leaf")
    return data[4], data[5:21], int.from_bytes(data[21:29], "big")


def opens(origin: str, data: bytes, salt: bytes, payload: bytes) -> None:
    """QL1."""
    leaf(data)
    forms.demand(exchange.commitment(origin, salt, data[:44], payload) == data[44:])


def promise(data: bytes, log: forms.Key) -> dict[str, Any]:
    """QL2: what a promise names."""
    text, lines = forms.note(data)
    own = [sig for _, name, key_id, sig in lines if (name, key_id) == log[:2]]
    forms.demand(own and all(forms.good_line(log, text, sig) for sig in own))
    form = (
        rf"huxin query promise v1\n{re.escape(log.name)}\n([0-9a-f]{{32}})\n"
        r"(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n"
    )
    found = re.fullmatch(form, text)
    forms.demand(found, "queries.promise")
    assert found is not None
    hashed = forms.base64_bytes(found[3], 32)
    return {"query_id": found[1], "at": int(found[2]), "leaf_hash": hashed.hex()}
