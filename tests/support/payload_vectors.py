"""The cases of `tests/vectors/payloads.json` and `conditions.json`, as the implementation has them.

`python -m tests.support.payload_vectors` writes both anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from huxin.v1 import payload_pb2 as pb

from federation import conditions as c
from federation import payloads as p
from federation.ids import Date
from federation.statements import AnnotationAction, Kind, RequestAction
from node.codec import payload_to_json
from node.codec.conditions import condition_to_proto
from node.codec.forms import FORMS
from tests.support.payload_examples import LISTING
from tests.support.payload_kinds import (
    ANNOTATION,
    COMMENDATION,
    CONDITION,
    EXAMPLES,
    HASH,
    NARROWED,
    PENALTY,
    REFERENCE,
    RELIEF,
    RELISTING,
)

FOLDER = Path(__file__).parents[1] / "vectors"
NEWER_FIELD = b"\xfa\x7f\x05later"
"""Field 2047, which no message has."""

Case = dict[str, Any]


def message_of(kind: Kind, payload: p.Payload | None = None) -> Any:
    """The message of a payload, that of the kind's example where none is given."""
    return FORMS[kind].to_proto(EXAMPLES[kind] if payload is None else payload)


def changed(kind: Kind, payload: p.Payload | None = None, **fields: Any) -> Message:
    """The message with fields set otherwise; `a__b` is b of a, None clears."""
    message = message_of(kind, payload)
    for name, value in fields.items():
        target: Any = message
        *outer, last = name.split("__")
        for part in outer:
            target = getattr(target, part)
        if value is None:
            target.ClearField(last)
        elif isinstance(value, Message):
            getattr(target, last).CopyFrom(value)
        elif isinstance(value, list):
            target.ClearField(last)
            getattr(target, last).extend(value)
        else:
            setattr(target, last, value)
    return message  # type: ignore[no-any-return]


def _case(
    name: str, kind: int, raw: Message | bytes, result: str = "ok", action: int | None = None
) -> Case:
    payload = raw if isinstance(raw, bytes) else raw.SerializeToString(deterministic=True)
    first = {
        Kind.REQUEST: RequestAction.FORWARDED,
        Kind.ANNOTATION: AnnotationAction.MASKING_BEGUN,
        Kind.SCENARIO: 1,
        Kind.RECOGNITION: 1,
        Kind.CONTINUATION: 1,
    }
    chosen = first.get(Kind(kind), 0) if action is None and kind in list(Kind) else action or 0
    return {
        "name": name,
        "kind": int(kind),
        "action": int(chosen),
        "payload": payload.hex(),
        "result": result,
    }


INVALID = "payload.invalid"
_K = Kind


def _examples() -> Iterator[Case]:
    for kind, payload in EXAMPLES.items():
        raw = message_of(kind)
        yield {**_case(f"{kind.name}", kind, raw), "says": payload_to_json(payload)}
    more: list[tuple[str, Kind, p.Payload]] = [
        ("CORRECTION of a COMMENDATION", _K.CORRECTION, _correction(COMMENDATION)),
        ("CORRECTION of a PENALTY, for a request", _K.CORRECTION, _correction(PENALTY)),
        ("RELISTING of a PENALTY", _K.RELISTING, replace(RELISTING, payload=PENALTY)),
        ("REPAIR without its record", _K.REPAIR, replace(RELIEF, record=None)),
        ("ANNOTATION without its record", _K.ANNOTATION, replace(ANNOTATION, record=None)),
        ("REPAIR without a name", _K.REPAIR, replace(RELIEF, subject_name="")),
        ("REPAIR after the last day", _K.REPAIR, replace(RELIEF, decided_on=Date(20290101))),
        ("LISTING with exits", _K.LISTING, replace(LISTING, exits=EXITS)),
        ("LISTING whose notice is attested", _K.LISTING, _attested()),
        ("LISTING without a term", _K.LISTING, _endless()),
        ("REQUEST accepted", _K.REQUEST, _answer()),
        ("OUTCOME of a scenario", _K.OUTCOME, _benefit()),
        ("OUTCOME undone", _K.OUTCOME, _undone()),
    ]
    for name, kind, payload in more:
        action = RequestAction.ACCEPTED if kind == Kind.REQUEST else None
        found = _case(name, kind, message_of(kind, payload), action=action)
        yield {**found, "says": payload_to_json(payload)}


EXITS = (
    p.Exit(kind=p.ExitKind.PERFORMED),
    p.Exit(kind=p.ExitKind.LISTED_FOR, months=36),
    p.Exit(kind=p.ExitKind.REVOKED),
)


def _correction(payload: p.Listed) -> p.Correction:
    return p.Correction(
        audience=COMMENDATION.audience, replaces=HASH, payload=payload, request=REFERENCE
    )


def _attested() -> p.Listing:
    attested = p.NoticeAttestation(
        authority=LISTING.authority,
        document="告知证明1号（演示）",
        scope="2026年第一批",
        decided_from=Date(20260101),
        decided_to=Date(20260131),
    )
    return replace(LISTING, prior_notice_on=Date(0), prior_notice_attested=attested)


def _endless() -> p.Listing:
    return replace(LISTING, publish_until=Date(0), term=p.TermQuality.UNKNOWN)


def _answer(reason: str = "") -> p.Request:
    return p.Request(audience=NARROWED, body=p.Answer(request=REFERENCE, reason=reason))


def _outcome(result: p.OutcomeResult, **fields: Any) -> p.Outcome:
    plain = p.Outcome(
        audience=NARROWED,
        case_id=bytes(16),
        result=result,
        listing=REFERENCE,
        department="d",
        decided_on=Date(20260301),
    )
    return replace(plain, **fields)


def _benefit() -> p.Outcome:
    return _outcome(p.OutcomeResult.BENEFIT_USED, listing=None, scenario=REFERENCE)


def _undone() -> p.Outcome:
    return _outcome(p.OutcomeResult.UNDONE, measure="C14", measure_basis="演示条例", replaces=HASH)


def _refused() -> Iterator[Case]:
    yield _case("P1 unknown kind", 19, b"\x08\x01", "payload.kind")
    padding = pb.Listing(basis="x" * 33_000).SerializeToString()
    yield _case("P2 too long", _K.LISTING, padding, "payload.long")
    yield _case("P3 no message", _K.LISTING, b"\x22\x03\xffab", "payload.malformed")
    whole = message_of(_K.LISTING).SerializeToString(deterministic=True)
    yield _case("P3 cut off", _K.LISTING, whole[:-1], "payload.malformed")
    newer = "payload.min-reader"
    yield _case("P4 newer reader", _K.LISTING, changed(_K.LISTING, min_reader=2), newer)
    inners: tuple[tuple[str, p.Listed], ...] = (
        ("listing", LISTING),
        ("commendation", COMMENDATION),
        ("penalty", PENALTY),
    )
    for name, inner in inners:
        raw = changed(_K.CORRECTION, _correction(inner), **{f"{name}__min_reader": 2})
        yield _case(f"P4 newer {name} within", _K.CORRECTION, raw, newer)
    yield from _out_of_bounds()
    yield from _beyond_bounds()


def _out_of_bounds() -> Iterator[Case]:
    for kind, fields, name in (
        (_K.LISTING, {"audience": None}, "no audience"),
        (_K.LISTING, {"audience__charters": [b"short"]}, "an alliance id of 5 bytes"),
        (_K.LISTING, {"audience__members": ["n"] * 17}, "17 members"),
        (_K.LISTING, {"subject__scheme": "tax-number"}, "an unknown scheme"),
        (_K.LISTING, {"subject__name": "名" * 257}, "a name of 257 characters"),
        (_K.LISTING, {"tier": 0}, "no tier"),
        (_K.LISTING, {"tier": 9}, "an unknown tier"),
        (_K.LISTING, {"term": 0}, "no quality of the term"),
        (_K.LISTING, {"term": 3}, "an unknown term with a last day"),
        (_K.LISTING, {"publish_until": 0}, "a stated term without a last day"),
        (_K.LISTING, {"exits": [pb.Exit()]}, "an exit without a kind"),
        (_K.LISTING, {"exits": [pb.Exit(kind=1, months=3)]}, "months of what is performed"),  # type: ignore[arg-type]
        (_K.LISTING, {"exits": [pb.Exit(kind=3)]}, "no months of what is listed for"),  # type: ignore[arg-type]
        (_K.LISTING, {"exits": [pb.Exit(kind=2, months=121)]}, "121 months"),  # type: ignore[arg-type]
        (_K.LISTING, {"prior_notice_on": 20251201, **_notice()}, "date and attestation"),
        (_K.CORRECTION, {"listing": None}, "a correction of nothing"),
        (_K.REPAIR, {"record__scheme": "tax-number"}, "a record of an unknown scheme"),
        (_K.RELISTING, {"approvals": 1}, "a relisting by one person"),
        (_K.RELISTING, {"listing": None}, "a relisting of nothing"),
        (_K.SCENARIO, {"benefits": []}, "a scenario without a benefit"),
        (_K.SCENARIO, {"places": ["51050"]}, "a region of five digits"),
        (_K.SCENARIO, {"subject_kinds": [99]}, "an unknown kind of subject"),
        (_K.SCENARIO, {"scales": [pb.GradeScale(method="m", edition="1")]}, "a scale of nothing"),
        (_K.SCENARIO, {"condition": pb.Condition(all=pb.Conditions())}, "all of nothing"),
        (_K.SCENARIO, {"condition": pb.Condition(registered_in="5")}, "a region of one digit"),
        (_K.RECOGNITION, {"scenario": None}, "a recognition of nothing"),
        (_K.RECOGNITION, {"services": ["s"] * 33}, "33 services"),
        (_K.COMMENDATION, {"grade": "A"}, "a grade without its method"),
        (_K.RECEIPT, {"batches": [pb.ReceiptBatch(indices=[1])]}, "no outcome"),
        (_K.OUTCOME, {"case_id": b"short"}, "a case id of 5 bytes"),
        (_K.OUTCOME, {"listing": None}, "an outcome of nothing"),
        (_K.OUTCOME, {"result": 5}, "a benefit of a listing"),
        (_K.OUTCOME, {"result": 1}, "applied without a measure"),
        (_K.OUTCOME, {"measure": "C14"}, "a measure without its basis"),
        (_K.OUTCOME, {"reason": ""}, "not applied without a reason"),
        (_K.OUTCOME, {"result": 3, "reason": ""}, "proceeded without a reason"),
        (_K.OUTCOME, {"result": 9}, "an unknown result"),
        (_K.REQUEST, {"submission": None}, "a request of nothing"),
        (_K.REQUEST, {"submission__request_type": 9}, "an unknown type of request"),
        (_K.REQUEST, {"submission__received_on": 0}, "no day of receipt"),
        (_K.COMMITMENT, {"self_declared": True}, "self-declared without authorisation"),
        (_K.PENALTY, {"document": ""}, "a penalty without a document"),
        (_K.PENALTY, {"categories": []}, "a penalty without a category"),
        (_K.PENALTY, {"fine": 10**15 + 1}, "a fine beyond bounds"),
        (_K.PENALTY, {"grade": 0}, "a penalty without a grade"),
        (_K.PENALTY, {"procedure": 9}, "an unknown procedure"),
        (_K.PENALTY, {"publish_until": 0}, "a penalty of a stated term without a last day"),
    ):
        yield _case(f"P5 {name}", kind, changed(kind, **fields), INVALID)
    undone = changed(_K.OUTCOME, _undone(), replaces=b"")
    yield _case("P5 undone without what is undone", _K.OUTCOME, undone, INVALID)


def _notice() -> dict[str, Any]:
    return {"prior_notice_attested": message_of(_K.LISTING, _attested()).prior_notice_attested}


def _beyond_bounds() -> Iterator[Case]:
    date, text = "payload.date", "payload.text"
    for kind, fields, name, code in (
        (_K.LISTING, {"listed_on": 20260230}, "P6 no day of the calendar", date),
        (_K.LISTING, {"notice_served_on": 20260230}, "P6 no day of service", date),
        (_K.LISTING, {"publish_until": 20260104}, "P7 over before it is decided", date),
        (_K.COMMENDATION, {"valid_until": 20260104}, "P7 ends before it is decided", date),
        (_K.RECOGNITION, {"effective_on": 20260228}, "P7 in effect before it is decided", date),
        (_K.PENALTY, {"valid_until": 20260104}, "P7 a penalty over before its day", date),
        (_K.PENALTY, {"publish_until": 20260104}, "P7 publication over before its day", date),
        (_K.LISTING, {"subject__name": "甲\u0085"}, "P8 a control character", text),
        (_K.REPAIR, {"record__document": "\u0000"}, "P8 a control character in a record", text),
        (_K.LISTING, {"list_type": p.PENALTY_LIST_TYPE}, "P9 a listing", "payload.list-type"),
        (_K.COMMENDATION, {"list_type": p.PENALTY_LIST_TYPE}, "P9 praise", "payload.list-type"),
        (_K.PENALTY, {"grade": 1}, "P10 minor", "payload.penalty-exempt"),
        (_K.PENALTY, {"procedure": 1}, "P10 the simple procedure", "payload.penalty-exempt"),
        (_K.SCENARIO, {"condition": _deep(9)}, "P11 nine deep", "payload.condition"),
        (_K.RECOGNITION, {"further": _many(65)}, "P11 65 conditions", "payload.condition"),
        (_K.OUTCOME, {"audience__members": []}, "P12 an outcome to all", "payload.members"),
        (_K.REQUEST, {"audience__members": []}, "P12 a request to all", "payload.members"),
    ):
        yield _case(name, kind, changed(kind, **fields), code)
    swapped = replace(_attested().prior_notice_attested, decided_to=Date(20251231))  # type: ignore[type-var]
    raw = message_of(_K.LISTING, replace(_attested(), prior_notice_attested=swapped))
    yield _case("P7 attested from later to earlier", _K.LISTING, raw, date)
    for kind, payload in (
        (_K.CORRECTION, _correction(replace(LISTING, list_type=p.PENALTY_LIST_TYPE))),
        (_K.RELISTING, replace(RELISTING, payload=replace(LISTING, list_type=p.PENALTY_LIST_TYPE))),
    ):
        yield _case(
            f"P9 within a {kind.name}", kind, message_of(kind, payload), "payload.list-type"
        )
    minor = replace(PENALTY, grade=p.PenaltyGrade.MINOR)
    raw = message_of(_K.CORRECTION, _correction(minor))
    yield _case("P10 within a CORRECTION", _K.CORRECTION, raw, "payload.penalty-exempt")
    fitting = changed(_K.SCENARIO, condition=_deep(8))
    yield _case("P11 eight deep", _K.SCENARIO, fitting)
    yield _case("P11 64 conditions", _K.SCENARIO, changed(_K.SCENARIO, condition=_many(64)))


def _deep(depth: int) -> pb.Condition:
    condition: c.Condition = c.RegisteredIn(region="51")
    for _ in range(depth - 1):
        condition = c.Negated(condition=condition)
    return condition_to_proto(condition)


def _many(count: int) -> pb.Condition:
    """So many conditions: one of two, which share the rest."""
    leaf = c.RegisteredIn(region="51")
    half = (count - 3) // 2
    halves = (c.AllOf(of=(leaf,) * half), c.AllOf(of=(leaf,) * (count - 3 - half)))
    return condition_to_proto(c.AnyOf(of=halves))


def _bodies() -> Iterator[Case]:
    wrong = "request.body"
    submission, answer = message_of(_K.REQUEST), message_of(_K.REQUEST, _answer())
    reasoned = message_of(_K.REQUEST, _answer("request.no-ground"))
    yield _case("S11 forwarded with an answer", _K.REQUEST, answer, wrong, 1)
    for action in list(RequestAction)[1:]:
        name = action.name.lower()
        yield _case(f"S11 {name} with a submission", _K.REQUEST, submission, wrong, action)
        declined = action == RequestAction.DECLINED
        result = wrong if declined else "ok"
        yield _case(f"S11 {name} without a reason", _K.REQUEST, answer, result, action)
        yield _case(f"S11 {name} with a reason", _K.REQUEST, reasoned, action=action)


def _from_the_future() -> Iterator[Case]:
    for kind in Kind:
        raw = message_of(kind).SerializeToString(deterministic=True)
        yield _case(f"a newer field in {kind.name}", kind, raw + NEWER_FIELD)
    for kind in (_K.REPAIR, _K.WITHDRAWAL, _K.ANNOTATION):
        raw = changed(kind, ground=99)
        says = payload_to_json(replace(EXAMPLES[kind], ground=_unspecified(kind)))
        yield {**_case(f"an unknown ground of a {kind.name}", kind, raw), "says": says}
    for kind, fields in (
        (_K.RECEIPT, {"batches": [pb.ReceiptBatch(outcome=8, indices=[1])]}),  # type: ignore[arg-type]
        (_K.LISTING, {"exits": [pb.Exit(kind=9)]}),  # type: ignore[arg-type]
        (_K.LISTING, {"subject__kind": 9}),
        (_K.ERASURE, {"ground": 9}),
        (_K.RELISTING, {"ground": 9}),
        (_K.PENALTY, {"grade": 9}),
    ):
        raw = changed(kind, **fields)
        name = next(iter(fields))
        yield _case(f"an unknown member of {kind.name} {name}", kind, raw, INVALID)
    newer = pb.Condition.FromString(NEWER_FIELD)
    yield _case("an unknown test", _K.SCENARIO, changed(_K.SCENARIO, condition=newer))


def _unspecified(kind: Kind) -> Any:
    return p.AnnotationGround(0) if kind == Kind.ANNOTATION else p.ReliefGround(0)


def payload_cases() -> list[Case]:
    """All cases of `payloads.json`."""
    return [*_examples(), *_refused(), *_bodies(), *_from_the_future()]


def _tests() -> tuple[c.Condition, ...]:
    return tuple(c.RegisteredIn(region=str(51 + number)) for number in range(3))


def condition_cases() -> Iterator[Case]:
    """All cases of `conditions.json`."""
    one, two, three = _tests()
    answers = ("yes", "no", "undecided")
    for first in answers:
        opposite = {"yes": "no", "no": "yes"}.get(first, first)
        yield _decided(f"not {first}", c.Negated(condition=one), [first], opposite)
        for second in answers:
            pair = {first, second}
            both = "no" if "no" in pair else "undecided" if "undecided" in pair else "yes"
            some = "yes" if "yes" in pair else "undecided" if "undecided" in pair else "no"
            said = [first, second]
            yield _decided(f"all of {first}, {second}", c.AllOf(of=(one, two)), said, both)
            yield _decided(f"any of {first}, {second}", c.AnyOf(of=(one, two)), said, some)
    unknown = c.UnknownTest()
    yield _decided("an unknown test", unknown, [], "undecided")
    yield _decided("not an unknown test", c.Negated(condition=unknown), [], "undecided")
    yield _decided("an unknown test or yes", c.AnyOf(of=(unknown, one)), ["yes"], "yes")
    yield _decided("an unknown test and no", c.AllOf(of=(unknown, one)), ["no"], "no")
    nested = c.AllOf(of=(c.AnyOf(of=(one, c.Negated(condition=two))), three))
    yield _decided("nested, yes", nested, ["no", "no", "yes"], "yes")
    yield _decided("nested, undecided", nested, ["undecided", "yes", "yes"], "undecided")
    yield _decided("nested, no", nested, ["undecided", "yes", "no"], "no")
    yield _decided("every test", CONDITION, ["yes", "no", "yes", "no", "yes", "yes"], "yes")
    yield _bounded("eight deep", _deep(8), "ok")
    yield _bounded("nine deep", _deep(9), "payload.condition")
    yield _bounded("64 conditions", _many(64), "ok")
    yield _bounded("65 conditions", _many(65), "payload.condition")
    yield from _graded()


def _decided(name: str, condition: c.Condition, answers: list[str], result: str) -> Case:
    raw = condition_to_proto(condition).SerializeToString(deterministic=True)
    return {"name": name, "condition": raw.hex(), "answers": answers, "result": result}


def _bounded(name: str, message: pb.Condition, result: str) -> Case:
    raw = message.SerializeToString(deterministic=True)
    return {"name": name, "condition": raw.hex(), "result": result}


def _graded() -> Iterator[Case]:
    scale = ["A", "B", "M"]
    for asked, held, grades, result in (
        ("B", "A", scale, "yes"),
        ("B", "B", scale, "yes"),
        ("B", "M", scale, "no"),
        ("B", None, scale, "no"),
        ("B", "C", scale, "undecided"),
        ("C", "A", scale, "undecided"),
        ("B", "A", None, "undecided"),
    ):
        name = f"grade {held or 'none'} where {asked} is asked, {'' if grades else 'no '}scale"
        yield {"name": name, "asked": asked, "held": held, "grades": grades, "result": result}


_PAYLOADS = """\
`payload` is that of a statement of this kind and action. `result`: ok, or the code by which \
a reader refuses it. `says`: its fields, where they are compared; enumerations by name, bytes \
in hex, null where a message is not set."""
_CONDITIONS = """\
`condition` is a message Condition. `answers`: to its known tests in the order in which they are \
written. `result`: what it comes to, or whether it is within bounds. Cases with `asked` compare a \
grade with a scale, best first (null: not known)."""
_ABOUT = {
    "payloads.json": ("SPEC 5.2, 5.3 S11, 1.2", _PAYLOADS),
    "conditions.json": ("SPEC 5.5", _CONDITIONS),
}


def document(name: str) -> str:
    """The text of one of the two files."""
    clause, about = _ABOUT[name]
    cases = payload_cases() if name == "payloads.json" else [*condition_cases()]
    lines = ",\n".join(f"  {json.dumps(case, ensure_ascii=False)}" for case in cases)
    head = f'{{"clause": {json.dumps(clause)},\n "about": {json.dumps(about)},\n "cases": [\n'
    return f"{head}{lines}\n ]}}\n"


if __name__ == "__main__":
    for file in _ABOUT:
        (FOLDER / file).write_text(document(file), encoding="utf-8")
