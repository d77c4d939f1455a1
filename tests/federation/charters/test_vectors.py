"""`tests/vectors/charters.json`: which charters are refused, and by which code (SPEC §7.1-7.3).

The cases are written by hand. Most change a text that stands in the file, so that a reader writes
the payload itself: how its JSON is spelled decides nothing. The texts and the signed versions are
made here, anew where `HUXIN_WRITE_VECTORS` is set.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from crypto.dsse import Envelope
from federation.charters.chain import CharterChain, advance, begin_chain
from federation.charters.draft import write_terms
from federation.charters.rules import check_step
from federation.charters.verification import (
    PAYLOAD_TYPE,
    Charter,
    Conflict,
    Entitlements,
    MemberKeys,
    Reception,
    Role,
    Terms,
    read_envelope,
    verify_next,
)
from federation.errors import CharterError
from federation.ids import CharterId, Timestamp
from tests.support.charters import (
    LIST_RIGHTS,
    NOT_AFTER,
    make_charter,
    make_cut,
    make_delegation,
    make_member,
    make_segment,
    next_version,
    sign_all,
)
from tests.support.vectors import compare, held

SPEC: Final = Path(__file__).parents[3] / "protos" / "SPEC.md"
TOPIC: Final = "charters"
DOCUMENT: Final = held(TOPIC)
CASES: Final[list[dict[str, Any]]] = DOCUMENT["cases"]
RIGHTS: Final = Entitlements(kinds=(1, 2, 3, 4, 5), lists=LIST_RIGHTS)
BARE: Final[dict[str, Any]] = {
    "certificates": (),
    "receives": (Reception(kinds=(1, 4), purposes=("joint-punishment",)),),
}
VOTERS: Final = ("auditor-1", "auditor-2", "auditor-3", "auditor-4", "auditor-5")


# ---- what the cases are made of


def texts() -> dict[str, Any]:
    """Two versions 1, and a version 2 of each that changes nothing."""
    city = make_member("510300", entitlements=RIGHTS, delegations=[make_delegation("510000", 3)])
    closed = make_segment("510500", cut=make_cut("510500", 5), entitlements=RIGHTS)
    newer = make_segment("510500", 2, entitlements=RIGHTS)
    second = make_member("510500", segments=[closed, newer])
    hub = make_member("510000", roles=[Role.HUB], entitlements=Entitlements(), attests=["51"])
    one = [replace(member, **BARE) for member in (city, second, hub)]
    gone = make_member(
        "510300",
        votes=False,
        segments=[make_segment("510300", cut=make_cut("510300", 5), entitlements=RIGHTS)],
        successor="510500",
        delegations=[make_delegation("510500", 3, 9)],
    )
    other = [
        replace(member, **BARE) for member in (gone, make_member("510500", entitlements=RIGHTS))
    ]
    found: dict[str, Terms] = {}
    for name, members in (("first", one), ("ended", other)):
        charter = make_charter(members, name="川南（演示）")
        found |= {name: charter.terms, f"{name}, version 2": next_version(charter)}
    return {name: json.loads(write_terms(terms)) for name, terms in found.items()}


@cache
def envelopes() -> dict[str, str]:
    """Versions of an alliance of five voters, whole, with the signatures of some of them."""
    members = [
        replace(
            make_member(one, roles=[Role.AUDITOR], segments=[], receives=()),
            keys=MemberKeys(),
            certificates=(),
            sealing_keys=(),
        )
        for one in VOTERS
    ]
    one = make_charter(members, name="五方（演示）")

    def later(on: Charter, seconds: int = 1, **changes: object) -> Terms:
        return next_version(on, not_after=Timestamp(NOT_AFTER + seconds), **changes)

    second = verify_next(one, sign_all(later(one), VOTERS[:3]))
    other = verify_next(one, sign_all(later(one, 2), VOTERS[2:]))
    third = verify_next(one, sign_all(later(one, 3), VOTERS[1:]))
    nothing = (Conflict(version=2, digest=bytes(32)),)
    against = (Conflict(version=2, digest=second.digest),)
    settling = later(second, previous_conflicting=(Conflict(version=2, digest=other.digest),))
    made = {
        "1": one.envelope,
        "1 by four of five": sign_all(one.terms, VOTERS[:4]),
        "2": second.envelope,
        "2 by two of five": sign_all(later(one), VOTERS[:2]),
        "2 by one, three times": sign_all(later(one), VOTERS[:1] * 3),
        "another 2": other.envelope,
        "a third 2": third.envelope,
        "another 1": sign_all(replace(one.terms, name="另五方（演示）")),
        "9 of another alliance": sign_all(later(one, version=9, charter=CharterId(bytes(32)))),
        "3 that follows another": sign_all(later(second, previous=bytes(32))),
        "4 after 2": sign_all(later(second, version=4)),
        "3 after another 2": sign_all(later(other)),
        "3 after another 2, settling, by all": sign_all(later(other, previous_conflicting=against)),
        "3, settling nothing, by all": sign_all(later(second, previous_conflicting=nothing)),
        "2 of another alliance": sign_all(later(one, charter=CharterId(bytes(32)))),
        "2 that follows another": sign_all(later(one, previous=bytes(32))),
        "3": sign_all(later(second)),
        "3, settling, by four of five": sign_all(settling, VOTERS[:4]),
        "3, settling, by three of five": sign_all(settling, VOTERS[:3]),
    }
    return {name: data.decode() for name, data in made.items()}


def test_the_texts_and_versions_are_what_the_implementation_writes() -> None:
    more = {"texts": texts(), "envelopes": envelopes(), "pin": DOCUMENT["pin"]}

    compare(TOPIC, DOCUMENT["clause"], DOCUMENT["about"], CASES, **more)


# ---- the cases


def changed(text: Any, case: dict[str, Any]) -> Any:
    """Apply the changes of a case: `set` in order, then `drop`."""
    value = deepcopy(text)
    for path, new in case.get("set", []):
        *steps, key = path
        place = value
        for step in steps:
            place = place[step]
        if isinstance(place, list) and key == len(place):
            place.append(new)
        else:
            place[key] = new
    for *steps, key in case.get("drop", []):
        place = value
        for step in steps:
            place = place[step]
        del place[key]
    return value


def read(payload: bytes) -> Terms:
    """Read a payload, whoever signed it."""
    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=payload, signatures=())
    return read_envelope(envelope.to_bytes())[1]


def judge(case: dict[str, Any]) -> str:
    """What becomes of a case."""
    if "takes" in case:
        return _take(case)
    if "envelope" in case:
        read_envelope(case["envelope"].encode())
    elif "blanks" in case:
        payload = json.dumps(DOCUMENT["texts"][case["text"]], ensure_ascii=False).encode()
        read(payload + b" " * (case["blanks"] - len(payload)))
    else:
        terms = read(json.dumps(changed(DOCUMENT["texts"][case["text"]], case)).encode())
        if "before" in case:
            before = read(json.dumps(DOCUMENT["texts"][case["before"]]).encode())
            check_step(before, terms)
    return "ok"


def _take(case: dict[str, Any]) -> str:
    pin = CharterId(bytes.fromhex(case.get("pin", DOCUMENT["pin"])))
    chain: CharterChain | None = None
    for name in case["takes"]:
        data = DOCUMENT["envelopes"][name].encode()
        chain = begin_chain(data, pin) if chain is None else advance(chain, data)
    assert chain is not None
    return "forked" if chain.forks else "ok"


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_charter(case: dict[str, Any]) -> None:
    try:
        result = judge(case)
    except CharterError as error:
        result = error.code
    assert result == case["result"]


def test_every_code_of_the_clauses_has_a_case() -> None:
    text = SPEC.read_text("utf-8")
    clauses = text[text.index("### 7.1 Form") : text.index("### 7.4 ")]
    codes = {f"charter.{code}" for code in re.findall(r"`(?:charter)?\.([a-z-]+)`", clauses)}
    assert codes - {case["result"] for case in CASES} == set()
    assert {case["result"] for case in CASES if "before" in case} > {"ok"}
