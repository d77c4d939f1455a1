"""Requests to join by §7.6."""

from __future__ import annotations

import base64
import hmac
import re

from tests.independent import charter_rules as charters
from tests.independent import forms
from tests.independent.forms import demand

JOIN = "application/vnd.huxin.join-request+json"
MEMBER_ALONE = {"min_reader": 1, "name": "n", "version": 1, "issued_at": 0, "not_after": 1}


def join_request(data: bytes, now: int, charter: str, invitation: str) -> set[str]:
    """§7.6, in its order; of the member's rules any that is broken."""
    demand(len(data) <= 262_144, "join.size")
    kind, payload, signatures = forms.envelope(data, "join.envelope")
    demand(kind == JOIN, "join.payload-type")
    asked = forms.strict_json(payload, "join.json")
    demand(isinstance(asked, dict) and isinstance(asked.get("min_reader"), int), "join.field")
    if asked["min_reader"] > 1:
        return {"join.min-reader"}
    need = {"min_reader", "charter", "invitation", "member", "issued_at", "not_after"}
    demand(
        need <= set(asked) <= {*need, "x"} and isinstance(asked.get("x", {}), dict), "join.field"
    )
    for name, length in (("invitation", 32), ("charter", 64)):
        text = asked[name]
        demand(isinstance(text, str), "join.field")
        demand(re.fullmatch(f"[0-9a-f]{{{length}}}", text), "join.field")
    count = {"type": "integer"}
    times = [asked["not_after"], asked["issued_at"]]
    demand(all(charters.fits(x, count) for x in [*times, asked["min_reader"]]), "join.field")
    demand(asked["min_reader"] > 0, "join.field")
    member, alone = asked["member"], {**MEMBER_ALONE, "purposes": sorted(charters.PURPOSES)}
    found = charters.broken({**alone, "members": [member]}) - {"charter.no-voter"}
    if found:
        return {"join.field" if code == "charter.field" else code for code in found}
    if not 0 < times[0] - times[1] <= 7_776_000:
        return {"join.period"}
    key, rows = member.get("charter_key"), member["segments"]
    demand(rows or key, "join.member")
    demand(not rows or "to_size" not in rows[-1], "join.member")
    keys = [charters.public(rows[-1]["log_key"])] if rows else []
    keys += [base64.b64decode(key)] if key else []
    good = forms.good_keys(kind, payload, signatures, keys)
    demand(good == keys, "join.signature")
    demand(asked["charter"] == charter, "join.alliance")
    demand(hmac.compare_digest(asked["invitation"], invitation), "join.invitation")
    demand(now <= asked["not_after"], "join.expired")
    return set()
