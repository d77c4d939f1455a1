"""What whoever signs a draft is shown of it: all that differs.

Covers node/cli/charter/describe.py.
"""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from federation.charters.values import Conflict, Role, Terms, Tiles
from federation.ids import Timestamp
from node.cli.charter.describe import changes
from tests.support.charters import certificate, make_chain, make_member, make_segment, next_version

ONE, OTHER = make_member("510300"), make_member("510500")
CHAIN = make_chain([ONE, OTHER])
OLD = CHAIN.latest.terms
NEXT = next_version(CHAIN.latest)


def test_nothing_but_what_each_version_has_of_its_own() -> None:
    said = changes(CHAIN.id, OLD, NEXT)
    assert (said["version"], said["not_after"]) == ("1 -> 2", NEXT.not_after)
    assert said["joins"] == said["leaves"] == said["changes"] == []
    assert "others" not in said


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
    assert line.startswith(f"{name}: ")


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
    assert said["changes"] == [f"{OTHER.name} (510500): segments, certificates"]
    assert said["leaves"] == [f"{ONE.name} (510300)"]
    (line,) = said["joins"]
    assert line.startswith(f"{comes.name} (511000): hub")
    lists = {r.list_type for r in make_segment("511000").entitlements.lists}
    assert all(one in line for one in lists)
