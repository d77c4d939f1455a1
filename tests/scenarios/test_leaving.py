"""A member leaves or is expelled: grey at once everywhere, its reliefs arrive all the same.

Covers node/cli/charter/leaving.py, node/cli/charter/member.py, node/cli/charter/proposing.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.charters.values import Terms
from node.charters.files import load_chain
from node.demo.members import DemoMember
from node.directory.config import load_config
from tests.support.commands import Ran, run
from tests.support.federation_dirs import WiredNode, exchange_all, found

HUB = DemoMember(region="510000", name="四川", role="hub")
LUZHOU = DemoMember(region="510500", name="泸州", role="city")
YIBIN = DemoMember(region="511500", name="宜宾", role="city")
ZIGONG = DemoMember(region="510300", name="自贡", role="city")
ALL = (HUB, LUZHOU, YIBIN, ZIGONG)


class Alliance:
    """Three cities and a hub; their nodes run where a test needs them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.id = found(place, ALL)
        self.nodes = {one.region: WiredNode(place / one.region) for one in ALL}

    def __getitem__(self, member: DemoMember) -> WiredNode:
        return self.nodes[member.region]

    def exchange(self, *members: DemoMember) -> None:
        """Each of them says everything to the hub and back, twice."""
        for one in (*members, *members):
            exchange_all(self[one], self[HUB])

    def command(self, at: DemoMember, *words: object, seen: bool = True) -> Ran:
        more = ("--yes",) if seen else ()
        return run("charter", *words, "--dir", self.place / at.region, *more)

    def terms(self, at: DemoMember) -> Terms:
        config = load_config(self.place / at.region)
        return load_chain(config.charters_directory, self.id).latest.terms

    def reload(self, *members: DemoMember) -> None:
        """What a running node does when it is told of a version."""
        for one in members:
            self[one].close()
            self.nodes[one.region] = WiredNode(self.place / one.region)

    def shown(self, at: DemoMember, origin: str) -> dict[int, tuple[str, str]]:
        """State and rule of each listing of a log, by index."""
        views, _ = self[at].parts.records.list("", origin, "listing", 10, "")
        return {view.index: (view.state, view.rule) for view in views}

    def close(self) -> None:
        for node in self.nodes.values():
            node.close()


@pytest.fixture
def alliance(tmp_path: Path) -> Iterator[Alliance]:
    made = Alliance(tmp_path)
    yield made
    made.close()


def test_who_is_expelled_punishes_nowhere_and_its_reliefs_arrive(alliance: Alliance) -> None:
    yibin = alliance[YIBIN]
    one, other = (yibin.list_(f"{n:032x}", n) for n in (1, 2))
    alliance.exchange(YIBIN, LUZHOU, ZIGONG)
    for member in ALL:
        alliance[member].job("reconcile")
        assert set(alliance.shown(member, yibin.origin).values()) == {("active", "")}, member
    yibin.repair("a" * 32, one.statement_id)
    exchange_all(yibin, alliance[HUB])  # the relief has reached the hub alone

    draft = alliance.place / "charter-2.json"
    words = ("expel", YIBIN.region, "-o", draft, "--successor", HUB.region)
    unseen = alliance.command(HUB, *words, seen=False)
    assert (unseen.code, "approve.unseen" in unseen.err, draft.exists()) == (3, True, False)
    told = alliance.command(HUB, *words)
    assert told.code == 0, told.err
    assert "宜宾 (511500)" in told.out
    assert "宜宾 (511500):" not in told.out, "it leaves, and is not one that changes"
    assert "3 名" in told.err, "of four, and two of the three that stay"
    assert "huxin charter approve charter-2.json" in told.err
    assert alliance.command(LUZHOU, "approve", draft).code == 0
    assert alliance.terms(HUB).version == alliance.terms(LUZHOU).version == 1
    third = alliance.command(ZIGONG, "approve", draft)
    assert third.code == 0, third.err
    alliance.reload(ZIGONG)
    grey = {("active", "log.stale")}  # nobody signs its heads any more
    assert set(alliance.shown(ZIGONG, yibin.origin).values()) == grey, "at once"

    alliance.exchange(ZIGONG, LUZHOU)  # the version travels, and so does the relief
    for member in (HUB, LUZHOU, ZIGONG):
        assert alliance.terms(member).version == 2
        assert list(alliance.shown(member, yibin.origin).values()) == [
            ("repaired", "relief.direct"),
            ("active", "log.stale"),
        ], member
    alliance[HUB].repair("b" * 32, other.statement_id)
    alliance.exchange(ZIGONG, LUZHOU)
    for member in (HUB, LUZHOU, ZIGONG):
        states = {state for state, _ in alliance.shown(member, yibin.origin).values()}
        assert states == {"repaired"}, "its successor relieves what it cannot any more"


def test_who_leaves_signs_itself_and_is_told_who_must_sign(alliance: Alliance) -> None:
    alliance[LUZHOU].list_("0" * 32, 1)
    draft = alliance.place / "charter-2.json"
    done = alliance.command(LUZHOU, "leave", "-o", draft)
    assert done.code == 0, done.err
    assert "泸州 (510500)" in done.out
    again = alliance.command(LUZHOU, "leave", "-o", draft)
    assert (again.code, "draft.exists" in again.err) == (3, True)
    for member in (HUB, ZIGONG):
        assert alliance.command(member, "approve", draft).code == 0
    gone = alliance.terms(ZIGONG).member(alliance[LUZHOU].me)
    assert gone is not None
    assert gone.ended
    assert gone.segments[-1].cut is not None
    assert gone.segments[-1].cut.size == 1
    twice = alliance.command(ZIGONG, "expel", LUZHOU.region)
    assert (twice.code, "charter.member-unknown" in twice.err) == (3, True)


def test_whom_it_is_not_for(alliance: Alliance) -> None:
    for words, code in (
        (("expel", HUB.region), "huxin charter leave"),
        (("expel", "999999"), "charter.member-unknown"),
        (("expel", YIBIN.region, "--successor", YIBIN.region), "charter."),
        (("leave", "--alliance", "00"), "charter.alliance"),
        (("member",), "charter.unchanged"),
        (("member", alliance.place / YIBIN.region / "member.json"), "charter.member-unknown"),
    ):
        done = alliance.command(HUB, *words, "-o", alliance.place / "no.json")
        assert done.code in {2, 3}, words
        assert code in done.err, done.err
        assert not (alliance.place / "no.json").exists()


def test_a_new_address_and_a_new_key(alliance: Alliance) -> None:
    own = alliance.terms(LUZHOU).member(alliance[LUZHOU].me)
    assert own is not None
    draft = alliance.place / "charter-2.json"
    done = alliance.command(LUZHOU, "member", "--endpoint", "new.example:7443", "-o", draft)
    assert done.code == 0, done.err
    assert "泸州 (510500): 地址" in done.out
    for member in (HUB, ZIGONG):
        assert alliance.command(member, "approve", draft).code == 0
    moved = alliance.terms(ZIGONG).member(own.id)
    assert moved == replace(own, endpoints=("new.example:7443",))

    made = run("keys", "tls", "--new", "--dir", alliance.place / HUB.region)
    assert made.code == 0, made.err
    assert "huxin charter member" in made.err
    next_draft = alliance.place / "charter-3.json"
    described = alliance.place / HUB.region / "member.json"
    alliance.reload(ZIGONG)
    alliance.exchange(ZIGONG, LUZHOU)
    done = alliance.command(HUB, "member", described, "-o", next_draft)
    assert done.code == 0, done.err
    assert "四川 (510000): 连接证书" in done.out
    assert alliance.command(LUZHOU, "approve", next_draft).code == 0
    last = alliance.command(ZIGONG, "approve", next_draft)
    assert "第 3 版已生效" in last.err
    hub = alliance.terms(ZIGONG).member(alliance[HUB].me)
    assert hub is not None
    assert len(hub.certificates) == 2
