"""Known answers about counting cases (OC9, OC11): tests/vectors/outcomes.json."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from federation.case_payloads import OutcomeResult
from federation.ids import Date
from federation.screening.case_figures import Told, cases, count
from tests.support.vectors import compare

ABOUT = (
    "`told`: OUTCOMEs that name leaves of the reader's own, of each speaker in the order of its "
    "log, as the numbers of the wire; `replaces` empty where there is none. `result`: how many "
    "cases there are of the days `first` to `last`, and how many of each sort."
)
TOLD = Told(
    speaker="b.example",
    region="",
    origin="a.example/1",
    index=3,
    list_type="unpaid-migrant-wages",
    case_id=b"\x01" * 16,
    result=OutcomeResult.APPLIED,
    reason="",
    department="d",
    matter="m",
    measure="x",
    decided_on=Date(20261012),
    said_on=Date(20261012),
    leaf=b"\x11" * 32,
)
R = OutcomeResult
UNDONE = replace(
    TOLD, result=R.UNDONE, leaf=b"\x12" * 32, replaces=TOLD.leaf, decided_on=Date(20261102)
)
AGAIN = replace(TOLD, leaf=b"\x13" * 32)
CASES: dict[str, list[Told]] = {
    "nothing": [],
    "one": [TOLD],
    "of two routes": [TOLD, AGAIN],
    "by another log of the record": [TOLD, replace(AGAIN, origin="h.example/1", index=9)],
    "two measures": [TOLD, replace(AGAIN, measure="y", result=R.PROMPTED)],
    "two cases": [TOLD, replace(AGAIN, case_id=b"\x02" * 16)],
    "one case id of two speakers": [TOLD, replace(AGAIN, speaker="c.example")],
    "corrected": [TOLD, replace(AGAIN, result=R.PROCEEDED, replaces=TOLD.leaf)],
    "undone": [TOLD, UNDONE],
    "undone after a correction": [
        TOLD,
        replace(AGAIN, result=R.PROMPTED, replaces=TOLD.leaf),
        replace(UNDONE, replaces=AGAIN.leaf),
    ],
    "undone, of another speaker": [TOLD, replace(UNDONE, speaker="c.example")],
    "undone, of another listing": [TOLD, replace(UNDONE, index=4)],
    "undone, of another case": [TOLD, replace(UNDONE, case_id=b"\x02" * 16)],
    "undone, of a leaf that is none": [TOLD, replace(UNDONE, replaces=b"\x77" * 32)],
    "not applied": [replace(TOLD, result=R.NOT_APPLIED, reason="outcome.not-decisive")],
    "proceeded, then applied": [
        replace(TOLD, result=R.PROCEEDED),
        replace(AGAIN, replaces=TOLD.leaf),
    ],
}
PERIODS = {"october": (20261001, 20261031), "november": (20261101, 20261130)}


def written(one: Told) -> dict[str, Any]:
    return {
        "speaker": one.speaker,
        "origin": one.origin,
        "index": one.index,
        "case_id": one.case_id.hex(),
        "measure": one.measure,
        "result": int(one.result),
        "decided_on": one.decided_on,
        "leaf_hash": one.leaf.hex(),
        "replaces": one.replaces.hex(),
    }


def counted(told: list[Told], first: int, last: int) -> dict[str, int]:
    sums = dict.fromkeys(("cases", "applied", "prompted", "not_applied", "proceeded", "undone"), 0)
    for one in count(cases(told), Date(first), Date(last), lambda _: None).values():
        for name in sums:
            sums[name] += getattr(one, name)
    return sums


def test_oc9_oc11_known_answers() -> None:
    made = [
        {
            "name": f"{name}, {period}",
            "told": list(map(written, told)),
            "first": first,
            "last": last,
            "result": counted(told, first, last),
        }
        for name, told in CASES.items()
        for period, (first, last) in PERIODS.items()
    ]
    compare("outcomes", "SPEC 6.8", ABOUT, made)
