"""Requests to join: form, rules and signatures, and the known answers (SPEC §7.6)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from crypto.dsse import Envelope, sign_envelope
from crypto.strict import b64
from federation.charters.join import (
    MAX_PERIOD,
    MAX_REQUEST,
    PAYLOAD_TYPE,
    JoinRequest,
    verify_request,
    write_request,
)
from federation.charters.verification import PAYLOAD_TYPE as CHARTER_TYPE
from federation.charters.verification import Entitlements, Member, MemberKeys, Role
from federation.errors import CharterError
from federation.ids import CharterId, MemberId, Timestamp
from tests.support.charters import (
    NOW,
    make_cut,
    make_delegation,
    make_member,
    make_segment,
    seed,
)
from tests.support.vectors import compare, held

PROTOS = Path(__file__).parents[3] / "protos"
SCHEMAS = {
    name: json.loads((PROTOS / name).read_text("utf-8"))
    for name in ("join-request.schema.json", "charter.schema.json")
}
VALIDATOR = Draft202012Validator(
    SCHEMAS["join-request.schema.json"],
    registry=Registry().with_resources(
        (one["$id"], Resource.from_contents(one)) for one in SCHEMAS.values()
    ),
)
ALLIANCE, SECRET = CharterId(bytes([7]) * 32), bytes(range(16))
LATER = Timestamp(NOW + 86_400)
CITY = make_member("510500", receives=(), entitlements=Entitlements())
CITY = replace(CITY, certificates=(), endpoints=("a.example:1",))
ENDED = replace(CITY, segments=(make_segment("510500", cut=make_cut("510500", 4)),))
REQUEST = JoinRequest(
    charter=ALLIANCE, invitation=SECRET, member=CITY, issued_at=NOW, not_after=LATER
)
LOG_SEED, CHARTER_SEED = seed("510500", "log", 1), seed("510500", "charter")


def sealed(payload: bytes, *seeds: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    envelope = Envelope(payload_type=payload_type, payload=payload, signatures=())
    for one in seeds:
        envelope = sign_envelope(envelope, one)
    return envelope.to_bytes()


def signed(request: JoinRequest = REQUEST, *seeds: bytes) -> bytes:
    return sealed(write_request(request), *(seeds or (LOG_SEED, CHARTER_SEED)))


def verify(data: bytes, now: int = NOW) -> JoinRequest:
    return verify_request(data, charter=ALLIANCE, invitation=SECRET, now=Timestamp(now))


def refused(data: bytes, now: int = NOW) -> str:
    with pytest.raises(CharterError) as caught:
        verify(data, now)
    return caught.value.code


def test_a_good_request() -> None:
    assert verify(signed()) == REQUEST
    assert verify(signed(), LATER) == REQUEST
    VALIDATOR.validate(json.loads(write_request(REQUEST)))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(VALIDATOR.schema)


def test_extensions_are_kept_and_not_read() -> None:
    request = replace(REQUEST, x='{"later":[null]}')
    assert verify(signed(request)) == request


def test_order_of_signatures_and_strangers_do_not_matter() -> None:
    assert verify(signed(REQUEST, bytes(32), CHARTER_SEED, LOG_SEED)) == REQUEST


@pytest.mark.parametrize(
    "seeds",
    [(LOG_SEED,), (CHARTER_SEED,), (bytes(32),), (LOG_SEED, seed("510300", "charter"))],
)
def test_every_key_signs(seeds: tuple[bytes, ...]) -> None:
    assert refused(signed(REQUEST, *seeds)) == "join.signature"


def test_who_does_not_vote_signs_with_its_log_alone() -> None:
    request = replace(REQUEST, member=replace(CITY, charter_key=None))
    assert verify(signed(request, LOG_SEED)) == request


def test_who_has_no_log_signs_with_its_charter_key() -> None:
    member = replace(CITY, segments=(), keys=MemberKeys(), roles=(Role.AUDITOR,))
    request = replace(REQUEST, member=member)
    assert verify(signed(request, CHARTER_SEED)) == request
    without = replace(request, member=replace(member, charter_key=None))
    assert refused(signed(without, CHARTER_SEED)) == "join.member"


def test_the_key_of_the_newest_epoch_signs() -> None:
    segments = [make_segment("510500", cut=make_cut("510500", 4)), make_segment("510500", 2)]
    request = replace(REQUEST, member=replace(CITY, segments=tuple(segments)))
    newest = seed("510500", "log", 2)
    assert verify(signed(request, newest, CHARTER_SEED)) == request
    assert refused(signed(request, LOG_SEED, CHARTER_SEED)) == "join.signature"


def test_who_has_ended_does_not_join() -> None:
    assert refused(signed(replace(REQUEST, member=ENDED))) == "join.member"


@pytest.mark.parametrize(
    ("member", "code"),
    [
        (replace(CITY, region="51050"), "charter.region"),
        (replace(CITY, endpoints=("nowhere",)), "charter.endpoint"),
        (replace(CITY, charter_key=CITY.segments[0].log_key.public), "charter.key-shared"),
        (replace(CITY, successor=MemberId("510300")), "charter.member-unknown"),
        (replace(CITY, delegations=(make_delegation("510300"),)), "charter.member-unknown"),
        (replace(CITY, attests=("51",)), "charter.attests"),
    ],
)
def test_the_description_is_one_that_a_charter_may_carry(member: Member, code: str) -> None:
    assert refused(signed(replace(REQUEST, member=member))) == code


@pytest.mark.parametrize("seconds", [0, -1, MAX_PERIOD + 1])
def test_a_request_is_good_for_a_while(seconds: int) -> None:
    request = replace(REQUEST, not_after=Timestamp(NOW + seconds))
    assert refused(signed(request)) == "join.period"
    verify(signed(replace(REQUEST, not_after=Timestamp(NOW + MAX_PERIOD))))


def test_what_it_is_for() -> None:
    other = replace(REQUEST, charter=CharterId(bytes(32)))
    assert refused(signed(other)) == "join.alliance"
    assert refused(signed(replace(REQUEST, invitation=bytes(16)))) == "join.invitation"
    assert refused(signed(), LATER + 1) == "join.expired"


def test_other_files() -> None:
    payload = write_request(REQUEST)
    assert refused(b"{}") == "join.envelope"
    assert refused(sealed(payload, LOG_SEED, payload_type=CHARTER_TYPE)) == "join.payload-type"
    assert refused(signed() + b" " * MAX_REQUEST) == "join.size"
    assert refused(sealed(b"{")) == "join.json"


def _document() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(write_request(REQUEST))
    return value


@pytest.mark.parametrize("field", sorted(_document().keys() - {"x"}))
def test_every_field_stands_once_and_is_a_value(field: str) -> None:
    for value in (
        {k: v for k, v in _document().items() if k != field},
        _document() | {field: None},
    ):
        assert refused(sealed(json.dumps(value).encode())) == "join.field"
        assert not VALIDATOR.is_valid(value)


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": 1},
        {"x": None},
        {"x": []},
        {"invitation": SECRET.hex().upper()},
        {"invitation": SECRET.hex()[2:]},
        {"invitation": SECRET.hex() + "00"},
        {"charter": "ab"},
        {"min_reader": 0},
        {"issued_at": True},
        {"not_after": "1"},
    ],
)
def test_fields_are_as_the_schema_says(change: dict[str, object]) -> None:
    value = _document() | change
    assert refused(sealed(json.dumps(value).encode())) == "join.field"
    if change != {"invitation": SECRET.hex().upper()}:
        assert not VALIDATOR.is_valid(value)


def test_the_rules_of_the_member_come_before_the_period() -> None:
    request = replace(REQUEST, member=replace(CITY, endpoints=("nowhere",)), not_after=NOW)
    assert refused(signed(request)) == "charter.endpoint"
    assert refused(signed(replace(REQUEST, member=ENDED, not_after=NOW))) == "join.period"


def test_a_key_under_which_nobody_can_sign_is_no_key() -> None:
    member = replace(CITY, charter_key=bytes(32))
    assert refused(signed(replace(REQUEST, member=member))) == "charter.key"
    value = _document()
    value["member"]["keys"]["head"] = ["no key"]
    assert refused(sealed(json.dumps(value).encode())) == "charter.key"


def test_a_field_of_the_member_is_a_field_of_the_request() -> None:
    value = _document()
    value["member"]["successor"] = None
    assert refused(sealed(json.dumps(value).encode())) == "join.field"


def test_a_newer_request_is_refused_by_its_number_before_its_fields() -> None:
    value = _document() | {"min_reader": 2, "surprise": 1}
    assert refused(sealed(json.dumps(value).encode())) == "join.min-reader"


def test_the_secret_stands_in_no_message() -> None:
    with pytest.raises(CharterError) as caught:
        verify(sealed(json.dumps(_document() | {"invitation": "secret" + "0" * 26}).encode()))
    assert "secret" not in str(caught.value)


@given(st.binary(max_size=400))
def test_nothing_that_anybody_sends_does_harm(data: bytes) -> None:
    assert refused(data).startswith("join.")
    assert refused(sealed(data, LOG_SEED, CHARTER_SEED)).startswith("join.")


# ---- known answers


def cases() -> list[dict[str, Any]]:
    """Envelopes as they are received, and what becomes of them."""
    document = _document()
    member = document["member"]

    def changed(**fields: object) -> bytes:
        return sealed(json.dumps(document | fields).encode(), LOG_SEED, CHARTER_SEED)

    def by(name: str, data: bytes, result: str = "", now: int = NOW, **more: Any) -> dict[str, Any]:
        said = {"now": now, "envelope": data.decode(), "result": result or "ok"}
        return {"name": name, **said, **more}

    def as_member(**fields: object) -> bytes:
        return changed(member=member | fields)

    with_field: dict[str, Any] = {"or": ["join.field"]}
    closed = json.loads(write_request(replace(REQUEST, member=ENDED)))["member"]

    return [
        by("signed by log and charter key", signed()),
        by("in its last second", signed(), now=LATER),
        by("extensions, with null in them", changed(x={"later": [None]})),
        by("a stranger signed too", signed(REQUEST, bytes(32), LOG_SEED, CHARTER_SEED)),
        by("no envelope", b"{}", "join.envelope"),
        by(
            "a charter's payload type",
            sealed(write_request(REQUEST), LOG_SEED, CHARTER_SEED, payload_type=CHARTER_TYPE),
            "join.payload-type",
        ),
        by("no JSON", sealed(b"{", LOG_SEED, CHARTER_SEED), "join.json"),
        by("262,144 bytes", signed(), blanks=262_144),
        by("a byte more", signed(), "join.size", blanks=262_145),
        by("a fraction in x", changed(x={"a": 1.5}), "join.json"),
        by("an unknown field", changed(surprise=1), "join.field"),
        by("an unknown field of the member", as_member(surprise=1), "join.field"),
        by("x is a list", changed(x=[]), "join.field"),
        by("x is null", changed(x=None), "join.field"),
        by("charter in capitals", changed(charter="AB" * 32), "join.field"),
        by("min_reader true", changed(min_reader=True), "join.field"),
        by("min_reader a text", changed(min_reader="1"), "join.field"),
        by("min_reader 0", changed(min_reader=0), "join.field"),
        by("not_after a text", changed(not_after=str(LATER)), "join.field"),
        by("a charter key of small order", as_member(charter_key=b64(bytes(32))), "charter.key"),
        by("a head key of another id", as_member(
            keys=member["keys"] | {"head": [member["keys"]["head"][0].replace("+", "+00", 1)]}
        ), "charter.key"),
        by("a bad member and no period", changed(
            member=member | {"endpoints": ["nowhere"]}, not_after=NOW), "charter.endpoint"),
        by("no period and no signature", sealed(
            json.dumps(document | {"not_after": NOW}).encode()), "join.period"),
        by("who has ended", changed(member=closed), "join.member"),
        by("null", changed(member=member | {"successor": None}), "join.field"),
        by("a secret of 15 bytes", changed(invitation="00" * 15), "join.field"),
        by("for a newer reader", changed(min_reader=2, surprise=1), "join.min-reader"),
        by("no period", changed(not_after=NOW), "join.period"),
        by("more than 90 days", changed(not_after=NOW + MAX_PERIOD + 1), "join.period"),
        by(
            "a region of five digits",
            changed(member=member | {"region": "51050"}),
            "charter.region",
            **with_field,
        ),
        by(
            "a successor",
            changed(member=member | {"successor": "510300"}),
            "charter.member-unknown",
        ),
        by(
            "neither log nor vote",
            changed(
                member={k: v for k, v in member.items() if k != "charter_key"} | {"segments": []}
            ),
            "join.member",
        ),
        by("no signature, and of another alliance", sealed(
            json.dumps(document | {"charter": "00" * 32}).encode()), "join.signature"),
        by("another alliance and invitation", changed(
            charter="00" * 32, invitation="00" * 16), "join.alliance"),
        by("another invitation, too late", changed(
            invitation="00" * 16), "join.invitation", now=LATER + 1),
        by("the log key alone", signed(REQUEST, LOG_SEED), "join.signature"),
        by("the charter key alone", signed(REQUEST, CHARTER_SEED), "join.signature"),
        by("another alliance", changed(charter="00" * 32), "join.alliance"),
        by("another invitation", changed(invitation="00" * 16), "join.invitation"),
        by("too late", signed(), "join.expired", now=LATER + 1),
    ]  # fmt: skip


def test_vectors() -> None:
    compare(
        "join-requests",
        "§7.6 request to join",
        "Each `envelope`, filled up with blanks to `blanks` bytes where that stands, is read at "
        "the second `now` by who gave out `invitation` for `charter`. `result` is the code of the "
        "first row of the table that does not hold; where several codes of that row may be given, "
        "the others stand in `or`.",
        cases(),
        charter=ALLIANCE.hex(),
        invitation=SECRET.hex(),
    )


def test_the_vectors_verify() -> None:
    document = held("join-requests")
    for case in document["cases"]:
        try:
            verify_request(
                case["envelope"].encode().ljust(case.get("blanks", 0)),
                charter=CharterId(bytes.fromhex(document["charter"])),
                invitation=bytes.fromhex(document["invitation"]),
                now=Timestamp(case["now"]),
            )
            result = "ok"
        except CharterError as error:
            result = error.code
        assert result == case["result"], case["name"]
    results = {case["result"] for case in document["cases"]}
    codes = {f"join.{one}" for one in CODES}
    assert codes <= results


CODES = (
    "size",
    "envelope",
    "payload-type",
    "json",
    "field",
    "min-reader",
    "period",
    "member",
    "signature",
    "alliance",
    "invitation",
    "expired",
)
