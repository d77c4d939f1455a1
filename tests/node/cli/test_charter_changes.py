"""What whoever signs a draft is shown of it: all that differs.

Covers node/cli/charter/describe.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest

from federation.charters.values import Conflict, Member, Role, Terms, Tiles
from federation.ids import Timestamp
from node.cli.charter.describe import _field, changes
from node.cli.language import Language, speak
from tests.support.charters import certificate, make_chain, make_member, make_segment, next_version

WORDS = {
    "name": "名称",
    "purposes": "目的",
    "tiles": "日志哈希提供给",
    "requests_per_day": "每日可提请求",
    "x": "附加内容",
    "min_reader": "所需程序版本",
    "previous_conflicting": "所处理的冲突版本",
}
ONE, OTHER = make_member("510300"), make_member("510500")
CHAIN = make_chain([ONE, OTHER])
OLD = CHAIN.latest.terms
NEXT = next_version(CHAIN.latest)


def test_nothing_but_what_each_version_has_of_its_own() -> None:
    said = changes(CHAIN.id, OLD, NEXT)
    assert (said["version"], said["not_after"]) == ("1 -> 2", NEXT.not_after)
    assert said["joins"] == said["leaves"] == said["changes"] == []
    assert "others" not in said


@pytest.fixture(autouse=True)
def _spoken() -> Iterator[None]:
    speak(Language.ZH)
    yield
    speak(Language.ZH)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "另一联盟"),
        ("purposes", ("joint-punishment",)),
        ("tiles", Tiles.PUBLIC),
        ("requests_per_day", 7),
        ("x", '{"a":1}'),
        ("min_reader", 2),
        ("previous_conflicting", (Conflict(version=2, digest=bytes(32)),)),
    ],
)
def test_what_else_of_the_text_differs(name: str, value: object) -> None:
    new = replace(NEXT, **{name: value})  # type: ignore[arg-type]
    (line,) = changes(CHAIN.id, OLD, new)["others"]
    assert line.startswith(f"{WORDS[name]}: ")
    assert all(value not in line for value in ("joint-punishment", "Tiles."))


def test_in_english_codes_are_words_already() -> None:
    speak(Language.EN)
    comes = make_member("511000", roles=(Role.HUB,))
    new = replace(NEXT, members=(ONE, OTHER, comes), tiles=Tiles.PUBLIC)
    said = changes(CHAIN.id, OLD, new)
    assert said["joins"][0].startswith(f"{comes.name} (511000): hub, ")
    assert said["others"] == ["tiles: members -> public"]


def test_every_field_of_a_member_has_a_word() -> None:
    names = [one.name for one in fields(Member) if one.name != "id"]
    assert not any(one.isascii() for one in map(_field, names))


def test_every_field_of_the_text_is_told_somewhere() -> None:
    told = {
        "name",
        "purposes",
        "tiles",
        "requests_per_day",
        "x",
        "min_reader",
        "previous_conflicting",
    }
    own = {"version", "charter", "previous", "issued_at"}
    assert {one.name for one in fields(Terms)} == told | own | {"not_after", "members"}


def test_what_of_a_member_differs_and_what_a_newcomer_may_say() -> None:
    moved = replace(OTHER, certificates=(certificate("510500", 2),), segments=())
    comes = make_member("511000", roles=(Role.HUB,))
    new = replace(NEXT, members=(moved, comes), not_after=Timestamp(NEXT.not_after + 1))
    said = changes(CHAIN.id, OLD, new)
    assert said["changes"] == [f"{OTHER.name} (510500): 日志与可作声明、连接证书"]
    assert said["leaves"] == [f"{ONE.name} (510300)"]
    (line,) = said["joins"]
    assert line.startswith(f"{comes.name} (511000): 枢纽、")
    assert "、失信被执行人名单（judgment-defaulter）" in line
    lists = {r.list_type for r in make_segment("511000").entitlements.lists}
    assert all(one in line for one in lists)
