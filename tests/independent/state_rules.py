"""States of listings by SPEC §6.3 alone: L1-L13 and L15 of a set of acts."""

from __future__ import annotations

from typing import Any

GROUNDS = {1: "repaired", 2: "withdrawn", 3: "expired", 4: "ordered"}


def _place(act: dict[str, Any]) -> tuple[int, int]:
    return act["epoch"], act["index"]


def _counts(act: dict[str, Any]) -> bool:
    return bool(act["opened"]) and not act["code"]


def judge(case: dict[str, Any]) -> list[str]:
    """State and rule shown of the listing, without the clock."""
    listing, acts = case["listing"], case["acts"]
    again = [a for a in acts if a["kind"] == 6 and _counts(a) and a["of_kind"] == listing["kind"]]

    def stands(relief: dict[str, Any]) -> bool:
        return relief["within_cut"] and not any(
            one["chain"] == relief["chain"]
            and _place(one) > _place(relief)
            and relief["id"] in one["names"]
            and relief["record"] in (one["record"], "")
            for one in again
        )

    reliefs = [a for a in acts if a["kind"] in (4, 5) and (a["direct"] or a["follows"])]
    standing = [a for a in reliefs if stands(a)]
    if standing:
        state = "withdrawn" if any(a["kind"] == 5 for a in standing) else "repaired"
        direct = any(a["direct"] for a in standing)
        return [state, "relief.direct" if direct else "relief.follows-record"]
    said = set()
    if not any(a["direct"] for a in again):
        said = {
            GROUNDS[a["ground"]] for a in acts if a["kind"] == 14 and a["erases"] and _counts(a)
        }
    for ground in ("withdrawn", "repaired", "expired"):
        if ground in said:
            return [ground, f"erasure.{ground}"]
    marks = [a for a in acts if a["kind"] == 3 and a["direct"]]
    ended = {(a["action"], n) for a in marks if _counts(a) for n in a["names"]}
    open_ = {a["action"] for a in marks if (a["action"] + 1, a["id"]) not in ended}
    state = "masked" if 3 in open_ else "paused" if 5 in open_ else "active"
    return [state, "erasure.ordered" if "ordered" in said else _doubt(listing, acts, again)]


def _doubt(listing: dict[str, Any], acts: list[Any], again: list[Any]) -> str:
    bases = [a for a in again if a["direct"] and a["record"] == "same"]
    if len({a["chain"] for a in bases}) > 1:
        return "correction.conflict"
    base = max(bases, key=_place, default=None)
    later = [
        a
        for a in acts
        if a["kind"] == 2
        and a["direct"]
        and (base is None or a["chain"] != base["chain"] or _place(a) > _place(base))
    ]
    if any(not a["opened"] or a["code"] == "payload.min-reader" for a in later):
        return "correction.unopened"
    at, until = ("listing", listing["until"]) if base is None else (base["id"], base["until"])
    while True:
        found = [
            a
            for a in later
            if not a["code"]
            and at in a["names"]
            and a["record"] == "same"
            and a["of_kind"] == listing["kind"]
            and (until == 0 or 0 < a["until"] <= until)
        ]
        if len(found) != 1:
            break
        at, until = found[0]["id"], found[0]["until"]
    if found:
        return "correction.conflict"
    reliefs = [a for a in acts if a["kind"] in (4, 5) and (a["direct"] or a["follows"])]
    if any(not a["within_cut"] for a in reliefs):
        return "suspended.relief-beyond-cut"
    unknown = ("leaf.version", "kind.unknown", "action.unknown")
    if any(a["direct"] and a["code"] in unknown and a["flags"] & 1 for a in acts):
        return "suspended.unknown-statement"
    return "" if listing["opened"] else "opening.missing"
