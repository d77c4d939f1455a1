"""`tests/vectors/audiences.json`: who may receive a closed opening, and who may keep it (R8)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from federation.charters.chain import CharterChain
from federation.charters.trust import MemberRef, Trust
from federation.charters.verification import Reception, Role, Segment
from federation.ids import CharterId, MemberId, Origin
from federation.payloads import Audience
from tests.support.charters import (
    NOT_AFTER,
    NOW,
    make_chain,
    make_cut,
    make_member,
    make_segment,
    make_trust,
)

DOCUMENT: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "audiences.json").read_text()
)
CASES: Final[list[dict[str, Any]]] = DOCUMENT["cases"]


def segments_of(origins: list[str]) -> list[Segment]:
    """One segment of each log, of which the last one is open."""
    ids = [origin.partition(".")[0] for origin in origins]
    closed = [make_segment(one, cut=make_cut(one, 5)) for one in ids[:-1]]
    return closed + [make_segment(one) for one in ids[-1:]]


@cache
def chain(name: str) -> CharterChain:
    members = [
        make_member(
            member["id"],
            roles=tuple(map(Role, member["roles"])),
            segments=segments_of(member["origins"]),
            receives=[
                Reception(kinds=tuple(one["kinds"]), purposes=tuple(one["purposes"]))
                for one in member["receives"]
            ],
        )
        for member in DOCUMENT["charters"][name]
    ]
    return make_chain(members, name=name)


def audience_of(case: dict[str, Any]) -> Audience:
    named = case["audience"]
    known = DOCUMENT["charters"]
    return Audience(
        charters=tuple(
            chain(name).id if name in known else CharterId(bytes(32)) for name in named["charters"]
        ),
        purposes=tuple(named["purposes"]),
        members=tuple(named["members"]),
    )


def reader_of(case: dict[str, Any], trust: Trust) -> tuple[MemberRef, ...]:
    held = [MemberRef(one.id, MemberId(case["reader"])) for one in trust.alliances]
    members = {
        MemberRef(one.id, member.id)
        for one in trust.alliances
        for member in one.charter.terms.members
    }
    return tuple(ref for ref in held if ref in members)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_audience(case: dict[str, Any]) -> None:
    stopped = case["stopped"]
    assert set(stopped.values()) <= {"expired"}
    now = NOT_AFTER + 1 if stopped else NOW
    trust = make_trust(*map(chain, case["held"]), now=now)
    reader, audience, kind = reader_of(case, trust), audience_of(case), case["kind"]
    assert reader, "the reader is in a charter that is held"
    served = trust.entitled_reader(reader, Origin(case["origin"]), audience, kind)
    kept = trust.may_keep(reader, audience, kind)
    assert ("PRESENT" if served else "NOT_FOR_YOU") == case["served"]
    assert ("ok" if kept else "opening.not-for-us") == case["result"]
    assert (not kept and trust.meant_for_others(reader, audience)) == case["blamed"]


def test_names_are_unique_and_both_answers_stand_for_the_members() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)
    narrowed = [case for case in CASES if case["audience"]["members"]]
    assert {case["result"] for case in narrowed} == {"ok", "opening.not-for-us"}
