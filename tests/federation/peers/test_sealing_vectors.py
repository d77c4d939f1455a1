"""`tests/vectors/sealing.json` is what the cases give, and is read as a stranger would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from huxin.v1 import exchange_pb2 as pb

from crypto.errors import SealError
from crypto.hpke import sealing_key_id, sealing_public
from federation.charters.rules import check_terms
from federation.charters.values import SealingKey
from federation.errors import FederationError
from federation.ids import CharterId, MemberId, Origin, Timestamp
from federation.payloads import Audience, AudienceKey
from federation.peers.packets import open_body, parse_header
from federation.peers.sealing import KeyCopy, Reader, audience_key_id, open_key_copy, unseal_opening
from node.codec.sealing import sealed_from_proto
from tests.support import charters as build
from tests.support.sealing_cases import document

FILE = Path(__file__).parents[2] / "vectors" / "sealing.json"
CASES = json.loads(FILE.read_text("utf-8"))["cases"]
hexed = bytes.fromhex


def of(what: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in CASES if case["what"] == what]


def by_id(secrets: list[str]) -> dict[bytes, bytes]:
    return {sealing_key_id(1, sealing_public(hexed(one))): hexed(one) for one in secrets}


def reader(case: dict[str, Any]) -> Reader:
    keys = map(hexed, case["audience_keys"])
    return Reader(
        members={CharterId(hexed(c)): MemberId(m) for c, m in case["members"].items()},
        nodes=frozenset(case["nodes"]),
        secrets=by_id(case["secrets"]),
        audience_keys={audience_key_id(key): key for key in keys},
    )


def test_the_file_is_what_the_cases_give() -> None:
    assert json.loads(FILE.read_text("utf-8")) == document()
    names = [(case["what"], case["name"]) for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", of("sealing-key"))
def test_keys_of_a_charter(case: dict[str, Any]) -> None:
    key = SealingKey(suite=case["suite"], key=hexed(case["key"]))
    assert key.id == hexed(case["id"])
    member = build.make_member("510300", sealing_keys=(key,))
    try:
        check_terms(build.make_terms([member]))
        result = "ok"
    except FederationError as error:
        result = error.code
    assert result == case["result"]


@pytest.mark.parametrize("case", of("opening"))
def test_sealed_openings(case: dict[str, Any]) -> None:
    fields: dict[str, Any] = {k: v if k == "suite" else hexed(v) for k, v in case["sealed"].items()}
    sealed = sealed_from_proto(pb.SealedOpening(**fields))
    result, opened = "pending", {}
    if sealed is not None:
        try:
            salt, payload = unseal_opening(
                sealed, Origin(case["origin"]), case["index"], reader(case)
            )
            result, opened = "ok", {"salt": salt.hex(), "payload": payload.hex()}
        except SealError:
            pass
    assert result == case["result"]
    assert opened.items() <= case.items()


@pytest.mark.parametrize("case", of("packet"))
def test_bodies_of_packets(case: dict[str, Any]) -> None:
    header = parse_header(case["header"])
    try:
        opened = open_body(header, hexed(case["body"]), by_id(case["secrets"]))
        assert opened == hexed(case["plaintext"])
        result = "ok"
    except FederationError as error:
        result = error.code
    assert result == case["result"]


@pytest.mark.parametrize("case", of("key-copy"))
def test_copies_of_audience_keys(case: dict[str, Any]) -> None:
    announced = [
        AudienceKey(
            key_id=hexed(leaf["key_id"]),
            audience=Audience(
                charters=tuple(CharterId(hexed(charter)) for charter in leaf["charters"]),
                purposes=("joint-punishment",),
                members=tuple(leaf["members"]),
            ),
            not_before=Timestamp(leaf["not_before"]),
            not_after=Timestamp(leaf["not_after"]),
        )
        for leaf in case["announced"]
    ]
    said = case["copy"]
    copy = KeyCopy(
        origin=Origin(said["origin"]),
        key_id=hexed(said["key_id"]),
        charter=CharterId(hexed(said["charter"])),
        suite=said["suite"],
        recipient_key_id=hexed(said["recipient_key_id"]),
        sealed=hexed(said["sealed"]),
    )
    try:
        key = open_key_copy(copy, announced, reader(case), Timestamp(case["now"]))
        assert key == hexed(case["key"])
        result = "ok"
    except FederationError as error:
        result = error.code
    assert result == case["result"]
