"""Reading charters strictly, and the schema that says the same (SPEC §7.1)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from crypto.strict import b64
from federation.charters.draft import write_member, write_terms
from federation.charters.json_form import parse_member, parse_rights, parse_terms
from federation.charters.values import SealingKey
from federation.charters.verification import Conflict, Role, Terms, Tiles
from federation.errors import CharterError
from tests.support.charters import (
    make_charter,
    make_cut,
    make_delegation,
    make_member,
    make_segment,
    make_terms,
    next_version,
)

SCHEMA = Path(__file__).parents[3] / "protos" / "charter.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))

FULL = make_terms(
    [
        make_member("510300", segments=[make_segment("510300", cut=make_cut("510300", 9))]),
        make_member(
            "510500",
            delegations=[make_delegation("510000", 3, 9), make_delegation("510000", 9)],
            endpoints=["10.0.0.1:7443"],
        ),
        make_member("510000", successor="510500", votes=False, roles=[Role.HUB], attests=["51"]),
    ]
)
FULL = replace(FULL, tiles=Tiles.PUBLIC, requests_per_day=200)


def document(terms: Terms = FULL) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(write_terms(terms))
    return value


def refused(code: str, payload: bytes) -> str:
    with pytest.raises(CharterError) as caught:
        parse_terms(payload)
    assert caught.value.code == code
    return str(caught.value)


def test_round_trip() -> None:
    assert parse_terms(write_terms(FULL)) == FULL
    later = next_version(
        make_charter(FULL.members),
        previous_conflicting=(Conflict(version=2, digest=bytes(32)),),
    )
    assert parse_terms(write_terms(later)) == later


def test_member_round_trip() -> None:
    for member in FULL.members:
        assert parse_member(write_member(member)) == member


def test_sealing_keys_of_any_suite_survive() -> None:
    (known,) = FULL.members[0].sealing_keys
    longest = SealingKey(suite=255, key=bytes(4096))
    member = replace(FULL.members[0], sealing_keys=(longest, known))
    assert parse_member(write_member(member)) == member
    VALIDATOR.validate(document(replace(FULL, members=(member,))))


def test_the_schema_is_a_schema_and_takes_what_is_written() -> None:
    Draft202012Validator.check_schema(VALIDATOR.schema)
    VALIDATOR.validate(document())
    VALIDATOR.validate(document(next_version(make_charter(FULL.members))))


def _drop(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(value: Any) -> None:
        for key in path[:-1]:
            value = value[key]
        del value[path[-1]]

    return change


def _set(new: object, *path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(value: Any) -> None:
        for key in path[:-1]:
            value = value[key]
        value[path[-1]] = new

    return change


def _nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


SEGMENT = ("members", 0, "segments", 0)

WRONG = {
    "no name": _drop("name"),
    "no members": _drop("members"),
    "no keys": _drop("members", 0, "keys"),
    "no entitlements": _drop(*SEGMENT, "entitlements"),
    "unknown field": _set(1, "surprise"),
    "unknown member field": _set(1, "members", 0, "surprise"),
    "unknown segment field": _set(1, *SEGMENT, "surprise"),
    "unknown key use": _set([], "members", 0, "keys", "other"),
    "unknown entitlement": _set([], *SEGMENT, "entitlements", "other"),
    "text for a number": _set("1", "version"),
    "true for a number": _set(True, "issued_at"),
    "min_reader 0": _set(0, "min_reader"),
    "empty name": _set("", "name"),
    "long name": _set("名" * 257, "name"),
    "members as an object": _set({}, "members"),
    "role": _set(["mayor"], "members", 0, "roles"),
    "charter key of 31 bytes": _set("A" * 42 + "==", "members", 0, "charter_key"),
    "no sealing keys": _drop("members", 0, "sealing_keys"),
    "sealing suite 0": _set([{"suite": 0, "key": "AAAA"}], "members", 0, "sealing_keys"),
    "sealing suite 256": _set([{"suite": 256, "key": "AAAA"}], "members", 0, "sealing_keys"),
    "empty sealing key": _set([{"suite": 2, "key": ""}], "members", 0, "sealing_keys"),
    "long sealing key": _set([{"suite": 2, "key": b64(bytes(4099))}], "members", 0, "sealing_keys"),
    "sealing key with more": _set(
        [{"suite": 2, "key": "AAAA", "x": {}}], "members", 0, "sealing_keys"
    ),
    "five sealing keys": _set(
        [{"suite": 2, "key": b64(bytes([n]))} for n in range(5)], "members", 0, "sealing_keys"
    ),
    "certificate not base64": _set(["?"], "members", 0, "certificates"),
    "kind 0": _set([0], *SEGMENT, "entitlements", "kinds"),
    "kind 256": _set([256], *SEGMENT, "entitlements", "kinds"),
    "x not an object": _set([], "x"),
    "x null": _set(None, "x"),
    "tiles": _set("everybody", "tiles"),
    "no requests": _set(0, "requests_per_day"),
    "too many requests": _set(100_001, "requests_per_day"),
    "delegate of before": _set({"member": "510000", "since": 1}, "members", 1, "delegate"),
    "delegation without its log": _drop("members", 1, "delegations", 0, "origin"),
    "delegation from nowhere": _drop("members", 1, "delegations", 0, "from_index"),
    "unknown delegation field": _set(1, "members", 1, "delegations", 0, "since"),
    "delegation to a text": _set("9", "members", 1, "delegations", 0, "to_index"),
    "attests not a list": _set("51", "members", 2, "attests"),
    "cut without its root": _drop(*SEGMENT, "root_at_to"),
    "cut taken away": _drop(*SEGMENT, "cut"),
    "digest in capitals": _set([{"version": 2, "digest": "A" * 64}], "previous_conflicting"),
    "short digest": _set([{"version": 2, "digest": "ab"}], "previous_conflicting"),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_reader_and_schema_refuse(change: Callable[[dict[str, Any]], None]) -> None:
    value = document()
    change(value)
    assert not VALIDATOR.is_valid(value)
    refused("charter.field", json.dumps(value).encode())


def _places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document at which a value stands, outside of `x`."""
    inside = enumerate(value) if isinstance(value, list) else ()
    for key, one in value.items() if isinstance(value, dict) else inside:
        if key != "x":
            yield (*path, key)
            yield from _places(one, (*path, key))


@pytest.mark.parametrize("path", [*_places(document())], ids=lambda path: ".".join(map(str, path)))
def test_null_is_no_value_of_any_field(path: tuple[str | int, ...]) -> None:
    value = document()
    _set(None, *path)(value)
    refused("charter.field", json.dumps(value).encode())
    assert not VALIDATOR.is_valid(value)


def test_an_optional_field_that_is_null_is_refused_too() -> None:
    for path in (
        ("charter",),
        ("previous",),
        ("previous_conflicting",),
        ("tiles",),
        ("requests_per_day",),
        ("members", 0, "charter_key"),
        ("members", 0, "sealing_keys"),
        ("members", 0, "successor"),
        ("members", 0, "delegations"),
        ("members", 0, "attests"),
        ("members", 1, "segments", 0, "to_size"),
        ("members", 1, "segments", 0, "cut"),
        ("members", 0, "keys", "document"),
    ):
        test_null_is_no_value_of_any_field(path)


UNSPEAKABLE = {
    "sealing key a byte too long": _set(
        [{"suite": 2, "key": b64(bytes(4097))}], "members", 0, "sealing_keys"
    ),
    "unused bits set": _set("A" * 42 + "B=", "members", 0, "charter_key"),
    "control character": _set("name\u0000", "name"),
    "an object as a list of pairs": _set(
        [["head", []], ["witness", []], ["mirror", []]], "members", 0, "keys"
    ),
    "cut that is no text": _set(5, *SEGMENT, "cut"),
    "too many": _set(["x"] * 1025, "purposes"),
}


@pytest.mark.parametrize("change", UNSPEAKABLE.values(), ids=UNSPEAKABLE.keys())
def test_reader_refuses_what_the_schema_cannot_say(
    change: Callable[[dict[str, Any]], None],
) -> None:
    value = document()
    change(value)
    refused("charter.field", json.dumps(value).encode())


@pytest.mark.parametrize(
    "found",
    [1.5, -1, 1 << 63, "\ud800", {"\udc00": 1}, _nested(32)],
    ids=["fraction", "negative", "64 bits", "surrogate", "surrogate in a name", "33 levels"],
)
def test_json_is_as_strict_within_x(found: object) -> None:
    """Else one reader adopts a version that another cannot read."""
    value = document() | {"x": {"later": found}}
    refused("charter.json", json.dumps(value).encode())
    refused("charter.json", json.dumps(document() | {"issued_at": found}).encode())


def test_thirty_two_levels_are_read() -> None:
    value = document() | {"x": {"later": _nested(30)}}
    assert parse_terms(json.dumps(value).encode()).name == FULL.name
    refused("charter.json", json.dumps(document() | {"x": {"later": _nested(31)}}).encode())


def test_a_key_that_is_none_has_its_own_code() -> None:
    value = document()
    _set(["not a key"], "members", 0, "keys", "head")(value)
    refused("charter.key", json.dumps(value).encode())


def test_a_field_given_twice_is_refused() -> None:
    payload = write_terms(FULL).replace(b'"name":', b'"name": "x", "name":', 1)
    assert "twice" in refused("charter.json", payload)


@pytest.mark.parametrize("number", [b"1.0", b"1e3", b"-0", b"NaN", b"Infinity", b"9" * 5000])
def test_integers_only(number: bytes) -> None:
    payload = write_terms(FULL).replace(b'"version": 1', b'"version": ' + number, 1)
    refused("charter.json", payload)


@pytest.mark.parametrize("payload", [b"", b"{", b"\xff{}", b"[" * 100_000])
def test_not_json(payload: bytes) -> None:
    refused("charter.json", payload)


def test_the_size_is_bounded() -> None:
    padded = write_terms(FULL)
    padded += b" " * ((1 << 20) - len(padded))
    assert parse_terms(padded) == FULL
    refused("charter.size", padded + b" ")


def test_a_newer_charter_is_refused_by_its_number_before_its_fields() -> None:
    value = document() | {"min_reader": 2, "surprise": 1}
    refused("charter.min-reader", json.dumps(value).encode())


def test_extensions_are_kept_and_not_read() -> None:
    value = document()
    for place in (value, value["members"][0], value["members"][0]["segments"][0]):
        place["x"] = {"later": {"版": [1, 2], "none": None}}
    VALIDATOR.validate(value)
    terms = parse_terms(json.dumps(value).encode())
    assert json.loads(write_terms(terms)) == value
    assert replace(terms, x="{}").members[0].segments[0].x == ('{"later":{"版":[1,2],"none":null}}')


def test_rights() -> None:
    entry = {
        "entitlements": {"kinds": [1], "lists": [{"list_type": "a", "authorities": ["b"]}]},
        "receives": [{"kinds": [1], "purposes": ["audit"]}],
    }
    ((member, (entitlements, receives)),) = parse_rights(
        json.dumps({"510500": entry}).encode()
    ).items()
    assert (member, entitlements.kinds, receives[0].purposes) == ("510500", (1,), ("audit",))
    wrongs: list[object] = [[], {"510500": entry | {"other": 1}}, {"510500": {"receives": []}}]
    for wrong in wrongs:
        with pytest.raises(CharterError):
            parse_rights(json.dumps(wrong).encode())
