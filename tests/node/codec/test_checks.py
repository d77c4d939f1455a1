"""Each rule of the checks of payloads, by the number that it has there.

Covers node/codec/forms.py, node/codec/open_kinds.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from huxin.v1 import payload_pb2 as pb

from federation.errors import StatementError
from federation.ids import Date, LeafHash, Origin
from federation.payloads import (
    Audience,
    Benefit,
    Correction,
    Receipt,
    ReceiptBatch,
    Relief,
    Scenario,
    SubjectKind,
    TermQuality,
)
from federation.statements import MAX_PAYLOAD, Kind
from node.codec import (
    ProtobufPayloads,
)
from node.codec.forms import FORMS
from node.codec.listed import listing_to_proto
from node.codec.open_kinds import scenario_to_proto
from tests.support.payload_examples import AUDIENCE, LISTING, RECORD, changed, code_of
from tests.support.payload_kinds import EXAMPLES

PAYLOADS = ProtobufPayloads()
NO_AUDIENCE = Audience(charters=(), purposes=())


def refused(kind: Kind, message: Any) -> str:
    """Why a payload is refused; by `decode` and by `facts` for the same reason."""
    raw = message if isinstance(message, bytes) else message.SerializeToString()
    code = code_of(PAYLOADS.decode, kind, raw)
    assert code_of(PAYLOADS.facts, kind, raw) == code
    return code


def test_p1_kinds_of_no_payload_are_refused() -> None:
    assert refused(99, b"") == "payload.kind kind"  # type: ignore[arg-type]


def test_p2_long_payloads_are_refused_before_they_are_parsed() -> None:
    raw = PAYLOADS.encode(LISTING)
    tag = b"\xfa\x7f"
    length = MAX_PAYLOAD - len(raw) - len(tag) - 3
    padded = raw + tag + bytes([length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14])
    padded += bytes(length)
    assert PAYLOADS.decode(Kind.LISTING, padded) == LISTING
    assert PAYLOADS.facts(Kind.LISTING, padded) == PAYLOADS.facts(Kind.LISTING, raw)
    assert refused(Kind.LISTING, padded + b"\xff") == "payload.long payload"
    batch = ReceiptBatch(outcome=1, indices=tuple(range(2**63, 2**63 + 4000)))
    receipt = Receipt(origin=Origin("peer.example/1"), batches=(batch,))
    assert code_of(PAYLOADS.encode, receipt) == "payload.long payload"


@pytest.mark.parametrize("raw", [b"\xff", b"\x12", b"\x22\x01\xff", b"\x0a"])
def test_p3_bytes_that_are_no_message_are_refused(raw: bytes) -> None:
    assert refused(Kind.LISTING, raw).startswith("payload.malformed ")
    assert refused(Kind.REQUEST, raw).startswith("payload.malformed ")


def test_p4_a_newer_payload_is_told_from_a_wrong_one() -> None:
    newer = pb.Listing(min_reader=2)
    assert refused(Kind.LISTING, newer) == "payload.min-reader min_reader"
    assert refused(Kind.LISTING, changed(min_reader=2)) == "payload.min-reader min_reader"
    inner = pb.Correction(min_reader=1, listing=newer)
    assert refused(Kind.CORRECTION, inner) == "payload.min-reader min_reader"
    inner = pb.Correction(min_reader=1, commendation=pb.Commendation(min_reader=2))
    assert refused(Kind.CORRECTION, inner) == "payload.min-reader min_reader"
    relisting = pb.Relisting(min_reader=1, listing=newer)
    assert refused(Kind.RELISTING, relisting) == "payload.min-reader min_reader"
    assert code_of(PAYLOADS.encode, replace(LISTING, min_reader=2)).startswith("payload.min-reader")


OUT_OF_BOUNDS: dict[str, list[object]] = {
    "min_reader": [0],
    "audience": [None],
    "audience__charters": [[], [b"c" * 31], [b"c" * 32] * 17],
    "audience__purposes": [[], [""], ["p" * 65]],
    "audience__members": [[""], ["m" * 201], ["m"] * 17],
    "subject": [None],
    "subject__scheme": ["", "USCC"],
    "subject__code": ["", "x" * 65],
    "subject__name": ["", "名" * 257],
    "subject__kind": [0, 7],
    "list_type": ["", "x" * 65],
    "tier": [0, 3],
    "authority": ["", "x" * 65],
    "authority_name": ["", "x" * 129],
    "document": ["", "x" * 257],
    "document_type": ["x" * 65],
    "decided_on": [0, 19481231],
    "listed_on": [0, 19481231],
    "basis": ["据" * 2049],
    "reason": ["由" * 4097],
    "exit_path": ["x" * 1025],
    "remedy": ["x" * 1025],
    "measures": [["x" * 65], ["x"] * 65],
    "source": [None],
    "source__department": ["x" * 65],
    "source__batch": ["x" * 129],
    "source__key": ["x" * 513],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, v) for field, values in OUT_OF_BOUNDS.items() for v in values]
)
def test_p5_fields_out_of_bounds_are_refused_with_their_path(field: str, value: object) -> None:
    path = refused(Kind.LISTING, changed(**{field: value})).removeprefix("payload.invalid ")
    assert path.partition("[")[0] == field.replace("__", ".")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("audience__charters", [bytes([n]) * 32 for n in range(16)]),
        ("audience__purposes", ["用" * 64] * 16),
        ("audience__members", ["用" * 200] * 16),
        ("subject__code", "x" * 64),
        ("subject__name", "名" * 256),
        ("list_type", "x" * 64),
        ("authority", "x" * 64),
        ("authority_name", "名" * 128),
        ("document", "文" * 256),
        ("document_type", "文" * 64),
        ("decided_on", 19490101),
        ("publish_until", 99991231),
        ("basis", "据" * 2048),
        ("reason", "由" * 4096),
        ("exit_path", "x" * 1024),
        ("remedy", "x" * 1024),
        ("measures", ["措" * 64] * 64),
        ("measures", [""] * 64),
        ("source__key", "x" * 512),
    ],
)
def test_p5_fields_at_their_bounds_are_accepted(field: str, value: object) -> None:
    raw = changed(**{field: value}).SerializeToString()
    assert PAYLOADS.facts(Kind.LISTING, raw) == PAYLOADS.facts(
        Kind.LISTING, PAYLOADS.encode(PAYLOADS.decode(Kind.LISTING, raw))
    )


def test_p5_closed_kinds_need_an_audience() -> None:
    for kind in set(Kind) - {7, 8, 10, 12, 13, 14, 15}:
        found = refused(kind, FORMS[kind].message(min_reader=1))
        # Rules of a whole message are asked before those of its fields.
        assert found.split()[1] in ("payload", "audience", "subject_of", "body")
        nobody = FORMS[kind].to_proto(EXAMPLES[kind])
        nobody.ClearField("audience")
        assert refused(kind, nobody) == "payload.invalid audience"


def test_p5_an_index_in_a_path_is_shown_and_a_text_never() -> None:
    raw = changed(audience__purposes=["p", "secret" * 20]).SerializeToString()
    with pytest.raises(StatementError, match=r"^audience.purposes\[1\]: ") as caught:
        PAYLOADS.decode(Kind.LISTING, raw)
    assert "secret" not in str(caught.value)


def test_p5_numbers_that_this_reader_does_not_know_are_refused() -> None:
    scenario = scenario_to_proto(
        Scenario(
            scenario_type="信易贷",
            title="（演示）",
            provider="p",
            provider_name="",
            benefits=(Benefit(text="免押金"),),
            conditions_text="",
            subject_kinds=(SubjectKind.ENTERPRISE,),
            valid_from=Date(0),
            valid_until=Date(0),
            charters=(),
        )
    )
    PAYLOADS.decode(Kind.SCENARIO, scenario.SerializeToString())
    scenario.subject_kinds.append(pb.SubjectKind.ValueType(99))
    assert refused(Kind.SCENARIO, scenario) == "payload.invalid subject_kinds[1]"


@pytest.mark.parametrize("changes", [{"publish_until": -1}, {"basis": "\ud800"}])
def test_p5_values_that_fit_no_field_are_not_encoded(changes: dict[str, Any]) -> None:
    assert code_of(PAYLOADS.encode, replace(LISTING, **changes)) == "payload.invalid payload"


def test_p5_what_is_encoded_obeys_the_bounds() -> None:
    nobody = replace(LISTING, audience=NO_AUDIENCE)
    assert code_of(PAYLOADS.encode, nobody) == "payload.invalid audience.charters"


@pytest.mark.parametrize("field", ["decided_on", "listed_on", "prior_notice_on", "publish_until"])
@pytest.mark.parametrize("number", [20270229, 20271301, 20270100, 20270132, 20270431, 99999999])
def test_p6_days_that_no_calendar_has_are_refused(field: str, number: int) -> None:
    if number == 99999999 and field in ("decided_on", "listed_on"):
        assert refused(Kind.LISTING, changed(**{field: number})) == f"payload.invalid {field}"
    else:
        assert refused(Kind.LISTING, changed(**{field: number})) == f"payload.date {field}"


def test_p6_dates_within_and_of_other_kinds() -> None:
    wrong = replace(LISTING, prior_notice_on=Date(20260230))
    correction = Correction(audience=AUDIENCE, replaces=LeafHash(bytes(32)), payload=wrong)
    assert code_of(PAYLOADS.encode, correction) == "payload.date payload.prior_notice_on"
    relief = Relief(
        audience=AUDIENCE,
        record=RECORD,
        subject_name="（演示）",
        authority="",
        document="",
        decided_on=Date(20260230),
        publish_until=Date(0),
    )
    assert code_of(PAYLOADS.encode, relief) == "payload.date decided_on"


def test_p6_optional_dates_may_be_left_out() -> None:
    open_ended = replace(
        LISTING, publish_until=Date(0), prior_notice_on=Date(0), term=TermQuality.UNKNOWN
    )
    assert PAYLOADS.decode(Kind.LISTING, PAYLOADS.encode(open_ended)) == open_ended


def test_p7_a_period_does_not_end_before_its_decision() -> None:
    same_day = changed(publish_until=LISTING.decided_on)
    PAYLOADS.decode(Kind.LISTING, same_day.SerializeToString())
    before = changed(publish_until=LISTING.decided_on - 1)
    assert refused(Kind.LISTING, before) == "payload.date publish_until"
    inner = pb.Relisting(
        min_reader=1,
        audience=before.audience,
        reliefs=[bytes(16)],
        document="d",
        ground=pb.RELISTING_GROUND_FRAUD,
        approvals=2,
        listing=before,
    )
    assert refused(Kind.RELISTING, inner) == "payload.date publish_until"
    commendation = pb.Commendation(
        min_reader=1,
        audience=before.audience,
        subject=before.subject,
        list_type="taxpayer-a",
        authority="x",
        decided_on=20260102,
        valid_until=20260101,
        source=before.source,
    )
    assert refused(Kind.COMMENDATION, commendation) == "payload.date valid_until"


@pytest.mark.parametrize("control", ["\0", "\t", "\n", "\x1f", "\x7f", "\x80", "\x9f"])
@pytest.mark.parametrize(
    "field", ["subject__code", "subject__name", "list_type", "authority", "document"]
)
def test_p8_control_characters_in_what_identifies_are_refused(field: str, control: str) -> None:
    message = changed(**{field: f"a{control}b"})
    assert refused(Kind.LISTING, message) == f"payload.text {field.replace('__', '.')}"


def test_p8_in_the_record_that_a_relief_names() -> None:
    relief = pb.Relief(min_reader=1, audience=listing_to_proto(LISTING).audience)
    relief.record.CopyFrom(
        pb.RecordKey(scheme="uscc", code="a\0", list_type="l", authority="a", document="")
    )
    assert refused(Kind.REPAIR, relief) == "payload.text record.code"
    relief.record.code = "a"
    relief.subject_name = "\n"
    assert refused(Kind.WITHDRAWAL, relief) == "payload.text subject_name"


def test_p8_other_blanks_and_other_fields_are_free() -> None:
    message = changed(subject__name="甲\u3000乙\u00a0丙\u200b（演示）", reason="一\n二\t三")
    raw = message.SerializeToString()
    assert PAYLOADS.decode(Kind.LISTING, raw) == PAYLOADS.decode(
        Kind.LISTING, PAYLOADS.encode(PAYLOADS.decode(Kind.LISTING, raw))
    )
