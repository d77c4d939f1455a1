"""What becomes of absent openings, and of the listings they are of (SPEC §9.5 E1-E3, §6.3 L15)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from federation.charters.verification import Role
from federation.ids import NO_STATEMENT, Date, LeafHash
from federation.payloads import (
    Annotation,
    Correction,
    Erasure,
    ErasureGround,
    Listing,
    Relisting,
    RelistingGround,
)
from federation.peers.openings import PENDING, DeliveredOpening
from federation.rows import OpeningStatus, State
from federation.statements import AnnotationAction, Kind
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented, rows
from tests.support.simulation import Federation, SimNode
from tests.support.vectors import compare, held

HUB = "510000"
ERASED = DeliveredOpening(OpeningStatus.ERASED)
NOT_FOR_YOU = DeliveredOpening(OpeningStatus.NOT_FOR_US)

Case = tuple[str, HostileLog, bool]


def erase(log: HostileLog, about: bytes, ground: int = ErasureGround.REPAIRED) -> None:
    if ground in set(ErasureGround) - {ErasureGround.UNSPECIFIED}:
        said = Erasure(ground=ErasureGround(ground), erased_at=build.NOW)
        log.say(Kind.ERASURE, said, about=about)
    else:
        log.say(Kind.ERASURE, bytes([8, 1, 24, ground]), about=about)


def absent(log: HostileLog, index: int, opening: DeliveredOpening) -> None:
    log.openings[index] = opening


def cases(node: SimNode) -> list[Case]:
    """Name, the log as delivered, whether by its own node."""
    made: list[Case] = []
    _claims(node, partial(_begin, made))
    _about_what(invented(node), partial(_begin, made))
    _with_others(node, partial(_begin, made))
    return made


def _begin(made: list[Case], name: str, *, by_origin: bool = False) -> HostileLog:
    made.append((name, HostileLog(), by_origin))
    return made[-1][1]


def _claims(node: SimNode, log: Callable[..., HostileLog]) -> None:
    """Whatever deliverers say, and the grounds of an ERASURE."""
    content = invented(node)
    for name, by_origin in (("the origin", True), ("another", False)):
        one = log(f"ERASED, NOT_FOR_YOU, PENDING by {name}, no ERASURE", by_origin=by_origin)
        for number, opening in enumerate((ERASED, NOT_FOR_YOU, PENDING)):
            one.list_(invented(node, number))
            absent(one, number, opening)
        one = log(f"a relief and an open kind, by {name}", by_origin=by_origin)
        relief = one.relieve(content, one.list_(content))
        erase(one, relief)
        one.say(Kind.SCENARIO, b"", action=1)
        for index, opening in ((0, PENDING), (1, ERASED), (2, NOT_FOR_YOU), (3, ERASED)):
            absent(one, index, opening)

    for ground in (1, 2, 3, 4, 0, 5):
        for said in (ERASED._replace(erased_by=2), PENDING, NOT_FOR_YOU):
            word = "NOT_FOR_YOU" if said is NOT_FOR_YOU else OpeningStatus(said.status).name
            one = log(f"ERASURE on the ground {ground}, {word} said")
            erase(one, one.list_(content), ground)
            absent(one, 0, said)


def _about_what(content: Listing, log: Callable[..., HostileLog]) -> None:
    """What an ERASURE is about, and where it stands."""
    one = log("the ERASURE before the listing")
    listed = one.fresh_id()
    erase(one, listed)
    one.say(Kind.LISTING, content, statement_id=listed)
    absent(one, 1, ERASED._replace(erased_by=1))
    one = log("erased_by names an ERASURE of another statement")
    one.list_(content)
    erase(one, one.fresh_id())
    absent(one, 0, ERASED._replace(erased_by=2))
    one = log("erased_by names a leaf that is no ERASURE, beside one that is")
    erase(one, one.list_(content))
    absent(one, 0, ERASED._replace(erased_by=1))
    one = log("the ERASURE's own opening is absent")
    erase(one, one.list_(content))
    absent(one, 0, ERASED._replace(erased_by=2))
    absent(one, 1, PENDING)
    one = log("an ERASURE about nothing")
    one.list_(content)
    erase(one, NO_STATEMENT)
    absent(one, 0, ERASED._replace(erased_by=2))
    one = log("an ERASURE of a payload that is held")
    erase(one, one.list_(content), ErasureGround.ORDERED)


def _with_others(node: SimNode, log: Callable[..., HostileLog]) -> None:
    """An ERASURE beside other acts."""
    content = invented(node)
    one = log("a relief decides before the ground")
    listed = one.list_(content)
    erase(one, listed, ErasureGround.WITHDRAWN)
    one.relieve(content, listed)
    absent(one, 0, ERASED)
    one = log("of several grounds the first of L15")
    listed = one.list_(content)
    for ground in (4, 3, 1):
        erase(one, listed, ground)
    absent(one, 0, ERASED)
    one = log("masked, then erased by an order; masked, then expired")
    for number, ground in ((0, 4), (1, 3)):
        listed = one.list_(invented(node, number))
        one.say(Kind.ANNOTATION, b"", action=AnnotationAction.MASKING_BEGUN, about=listed)
        erase(one, listed, ground)
        absent(one, 3 * number, ERASED)
    one = log("after a RELISTING the ERASURE says nothing")
    listed = one.list_(content)
    relief = one.relieve(content, listed)
    erase(one, listed)
    again = Relisting(
        audience=content.audience,
        reliefs=(relief,),
        document="川撤〔2026〕1号",
        decided_on=Date(20261121),
        ground=RelistingGround.FRAUD,
        approvals=2,
        payload=content,
    )
    one.say(Kind.RELISTING, again, about=relief)
    one = log("a correction erased suspends on")
    listed = one.list_(content)
    fix = Correction(audience=content.audience, replaces=LeafHash(bytes(32)), payload=content)
    erase(one, one.say(Kind.CORRECTION, fix, about=listed))
    absent(one, 1, ERASED)
    one = log("the end of a masking erased: masked on")
    listed = one.list_(content)
    one.say(Kind.ANNOTATION, b"", action=AnnotationAction.MASKING_BEGUN, about=listed)
    end = Annotation(
        audience=content.audience,
        record=content.key,
        authority=content.authority,
        document="川屏〔2026〕1号",
        decided_on=Date(20261121),
        text="",
        ends=LeafHash(bytes(32)),
    )
    ended = one.say(Kind.ANNOTATION, end, action=AnnotationAction.MASKING_ENDED, about=listed)
    erase(one, ended)
    absent(one, 2, ERASED)


def written(log: HostileLog, *, by_origin: bool) -> dict[str, Any]:
    return {
        "by_origin": by_origin,
        "leaves": [leaf.hex() for leaf in log.leaves],
        "openings": [
            [opening.status, opening.salt.hex(), opening.payload.hex(), opening.erased_by]
            for opening in log.openings
        ],
    }


def reader(directory: Path) -> SimNode:
    """A node that holds nothing, in an alliance of three cities and a hub."""
    members = [build.make_member(region) for region in ("510300", "510500", "511500")]
    hub = build.make_member(HUB, roles=(Role.HUB, Role.WITNESS))
    return Federation(directory, ("510500",), [build.make_chain([*members, hub])])["510500"]


def judged(directory: Path, case: dict[str, Any]) -> list[list[object]]:
    """Opening, state and rule of each leaf, delivered whole to a reader that holds nothing."""
    node = reader(directory)
    log = HostileLog()
    for leaf, (status, salt, payload, erased_by) in zip(
        case["leaves"], case["openings"], strict=True
    ):
        opening = DeliveredOpening(status, bytes.fromhex(salt), bytes.fromhex(payload), erased_by)
        log.put(bytes.fromhex(leaf), opening)
    stream = Stream(node) if case["by_origin"] else Stream(node, HUB)
    assert stream.send(log.batch()) == ""
    found = [
        [int(row.opening), State(row.state).name.lower().replace("_", "-"), row.rule]
        for row in rows(node)
    ]
    node.store.close()
    return found


def test_vectors_of_openings(tmp_path: Path) -> None:
    about = (
        "A reader that holds nothing of the log is delivered all its leaves at once, by the "
        "origin's own node or by another that was asked for it; the origin's own node was asked "
        "for none of the openings. An opening is state (1 PRESENT, 2 NOT_FOR_YOU, 3 ERASED, 4 "
        "PENDING), salt, payload, erased_by. All that is said is within the rights of its speaker, "
        "and meant for the reader. `result`: of each leaf the opening, the state (§6.3, §5.3) and "
        "the rule. No other copy of a record is held."
    )
    speaker = reader(tmp_path / "speaker")
    made = [
        {"name": name, **written(log, by_origin=by_origin)}
        for name, log, by_origin in cases(speaker)
    ]
    speaker.store.close()
    for number, case in enumerate(made):
        case["result"] = judged(tmp_path / str(number), case)
    compare("openings", "9.5, 6.3 L15", about, made, origin=HostileLog().origin)
    for number, case in enumerate(held("openings")["cases"]):
        assert judged(tmp_path / f"again{number}", case) == case["result"], case["name"]
