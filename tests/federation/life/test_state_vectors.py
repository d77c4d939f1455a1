"""State vectors: sets of acts on one listing, and the state and rule shown (SPEC §6.3)."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from federation.life import life
from federation.rows import OpeningStatus, State, StatementRow
from tests.federation.life.test_life import LISTING_HASH, OTHER_RECORD, RECORD, act, row
from tests.support.vectors import compare

ABOUT = (
    "One listing and a set of acts, in any order. `kind`, `action`, `index`, `flags` as in "
    "the leaf; `epoch`: place of its log in its `chain`; `direct`, `follows`, `within_cut` as "
    "in §6.2 (a relief beyond its delegation is direct and not within the cut, L13); "
    "`erases`: of an ERASURE about the listing, said by who may (L15), its `ground`; "
    "`opened`: the opening is held; `code`: of §5.3, empty in force; `record`: same, other, "
    "or empty where not known; `of_kind`: of the payload within; `until`: its last day; "
    "`names`: ids of reliefs, or what is ended or replaced (`listing` or an id). `result`: "
    "state without the clock, rule shown."
)
DEFAULTS: dict[str, Any] = {
    "action": 0, "flags": 0, "chain": "own", "epoch": 0, "direct": True, "follows": False,
    "within_cut": True, "erases": False, "opened": True, "code": "", "record": "same",
    "of_kind": 1, "until": 20281231, "ground": 0, "names": [],
}  # fmt: skip
RELIEF = {"kind": 4, "id": "a", "index": 1}
BACK = {"kind": 6, "id": "r", "index": 2, "names": ["a"]}
FIXED = {"kind": 2, "id": "c", "index": 3, "names": ["listing"]}
MASK = {"kind": 3, "action": 3, "id": "m", "index": 4}
UNKNOWN = {"kind": 99, "id": "u", "index": 5, "code": "kind.unknown", "flags": 1, "record": ""}
ERASED = {"kind": 14, "id": "e", "index": 6, "erases": True, "record": ""}
BEYOND = RELIEF | {"within_cut": False}
SETS: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    "L1 a relief that is not opened": [RELIEF | {"opened": False, "record": ""}],
    "L1 a stranger's relief": [RELIEF | {"direct": False, "chain": "other"}],
    "L2 a relief that follows": [RELIEF | {"direct": False, "follows": True, "chain": "other"}],
    "L3 a relisting": [RELIEF, BACK],
    "L3 a relisting before its relief": [RELIEF | {"index": 3}, BACK],
    "L3 a relisting of the epoch before": [RELIEF | {"epoch": 1}, BACK],
    "L3 a relisting of another record": [RELIEF, BACK | {"record": "other", "direct": False}],
    "L3 a relisting of another chain": [RELIEF, BACK | {"chain": "other"}],
    "L3 a relisting of another kind": [RELIEF, BACK | {"of_kind": 18}],
    "L3 a relisting that is not opened": [RELIEF, BACK | {"opened": False, "names": []}],
    "L4 both": [RELIEF, RELIEF | {"kind": 5, "id": "w", "index": 7}],
    "L5 masked": [MASK | {"opened": False}],
    "L5 masking ended": [MASK, MASK | {"action": 4, "id": "n", "index": 8, "names": ["m"]}],
    "L7 two corrections": [FIXED, FIXED | {"id": "d", "index": 9}],
    "L7 an unopened correction": [FIXED | {"opened": False, "names": []}],
    "L7 relistings of two chains": [
        RELIEF, BACK, RELIEF | {"chain": "other"}, BACK | {"chain": "other"},
    ],
    "L8 unknown": [UNKNOWN],
    "L12 one of two corrections is of another kind": [
        FIXED, FIXED | {"id": "d", "index": 9, "of_kind": 9},
    ],
    "L13 beyond the cut": [BEYOND],
    "L13 before L8": [BEYOND, UNKNOWN],
    "L7 before L13": [BEYOND, FIXED | {"opened": False, "names": []}],
    "L15 repaired": [ERASED | {"ground": 1}],
    "L15 ordered, masked": [ERASED | {"ground": 4}, MASK],
    "L15 not by a delegate": [ERASED | {"ground": 1, "erases": False, "chain": "other"}],
    "L15 after a relisting": [RELIEF, BACK, ERASED | {"ground": 1}],
}  # fmt: skip


def _name(name: str) -> bytes:
    return name.encode() * 16


def _act(said: dict[str, Any]) -> life.Act:
    of_kind = bytes([said["of_kind"]])
    names = b"".join(_name(n) for n in said["names"])
    if said["kind"] in (2, 3):
        ended = [LISTING_HASH if n == "listing" else _name(n) * 2 for n in said["names"]]
        names = b"".join(ended) + (of_kind if said["kind"] == 2 else b"")
    elif said["kind"] == 6:
        names += of_kind
    elif said["kind"] == 14:
        names = bytes([said["ground"]])
    made = act(
        said["kind"],
        said["index"],
        action=said["action"],
        flags=said["flags"],
        log=1 if said["chain"] == "own" else 2,
        statement_id=_name(said["id"]),
        opening=OpeningStatus.PRESENT if said["opened"] else OpeningStatus.PENDING,
        tag={"same": RECORD, "other": OTHER_RECORD, "": None}[said["record"]],
        rule=said["code"],
        state=State.SET_ASIDE if said["code"] else State.IN_FORCE,
        until=said["until"],
        names=names if said["opened"] else None,
        **{key: said[key] for key in ("direct", "follows", "within_cut", "epoch", "erases")},
    )
    return made._replace(leaf_hash=_name(said["id"]) * 2)


def _result(listing: StatementRow, acts: list[life.Act]) -> list[str]:
    orders = [permutations(acts)] if len(acts) < 5 else [[acts]]
    found = {
        (State(judged.state).name.lower(), judged.rule)
        for order in orders
        for judged in (life.judge(listing, LISTING_HASH, one) for one in order)
    }
    assert len(found) == 1
    return list(found.pop())


def test_vectors_of_states() -> None:
    cases = []
    for opened in (True, False):
        listing = row(opening=OpeningStatus.PRESENT if opened else OpeningStatus.ERASED)
        for name, said in SETS.items():
            acts = [DEFAULTS | one for one in said]
            cases.append(
                {
                    "name": name if opened else f"{name}, the listing not opened",
                    "listing": {"kind": 1, "until": 20281231, "opened": opened},
                    "acts": acts,
                    "result": _result(listing, list(map(_act, acts))),
                }
            )
    compare("states", "§6.3", ABOUT, cases)
