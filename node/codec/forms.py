"""Which message and which value stand for which kind of statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from google.protobuf.message import Message
from huxin.v1 import payload_pb2 as pb

from federation import payloads
from federation.payloads import Payload
from federation.statements import Kind
from node.codec import acts, cases, listed, open_kinds

M = TypeVar("M", bound=Message)
V = TypeVar("V", bound=Payload)


@dataclass(frozen=True, slots=True)
class Form(Generic[M, V]):
    """A payload in its two forms."""

    message: type[M]
    value: type[V]
    to_proto: Callable[[V], M]
    from_proto: Callable[[M], V]


_RELIEF: Final = Form(pb.Relief, payloads.Relief, acts.relief_to_proto, acts.relief_from_proto)

FORMS: Final[dict[int, Form[Any, Any]]] = {
    Kind.LISTING: Form(
        pb.Listing, payloads.Listing, listed.listing_to_proto, listed.listing_from_proto
    ),
    Kind.CORRECTION: Form(
        pb.Correction,
        payloads.Correction,
        acts.correction_to_proto,
        acts.correction_from_proto,
    ),
    Kind.ANNOTATION: Form(
        pb.Annotation,
        payloads.Annotation,
        acts.annotation_to_proto,
        acts.annotation_from_proto,
    ),
    Kind.REPAIR: _RELIEF,
    Kind.WITHDRAWAL: _RELIEF,
    Kind.RELISTING: Form(
        pb.Relisting, payloads.Relisting, acts.relisting_to_proto, acts.relisting_from_proto
    ),
    Kind.SCENARIO: Form(
        pb.Scenario,
        payloads.Scenario,
        open_kinds.scenario_to_proto,
        open_kinds.scenario_from_proto,
    ),
    Kind.RECOGNITION: Form(
        pb.Recognition,
        payloads.Recognition,
        open_kinds.recognition_to_proto,
        open_kinds.recognition_from_proto,
    ),
    Kind.COMMENDATION: Form(
        pb.Commendation,
        payloads.Commendation,
        listed.commendation_to_proto,
        listed.commendation_from_proto,
    ),
    Kind.RECEIPT: Form(
        pb.Receipt,
        payloads.Receipt,
        open_kinds.receipt_to_proto,
        open_kinds.receipt_from_proto,
    ),
    Kind.OUTCOME: Form(
        pb.Outcome, payloads.Outcome, cases.outcome_to_proto, cases.outcome_from_proto
    ),
    Kind.AUDIENCE_KEY: Form(
        pb.AudienceKey,
        payloads.AudienceKey,
        open_kinds.audience_key_to_proto,
        open_kinds.audience_key_from_proto,
    ),
    Kind.CHARTER: Form(
        pb.CharterAdopted,
        payloads.CharterAdopted,
        open_kinds.charter_adopted_to_proto,
        open_kinds.charter_adopted_from_proto,
    ),
    Kind.ERASURE: Form(
        pb.Erasure,
        payloads.Erasure,
        open_kinds.erasure_to_proto,
        open_kinds.erasure_from_proto,
    ),
    Kind.CONTINUATION: Form(
        pb.Continuation,
        payloads.Continuation,
        open_kinds.continuation_to_proto,
        open_kinds.continuation_from_proto,
    ),
    Kind.REQUEST: Form(
        pb.Request, payloads.Request, cases.request_to_proto, cases.request_from_proto
    ),
    Kind.COMMITMENT: Form(
        pb.Commitment,
        payloads.Commitment,
        cases.commitment_to_proto,
        cases.commitment_from_proto,
    ),
    Kind.PENALTY: Form(
        pb.Penalty, payloads.Penalty, listed.penalty_to_proto, listed.penalty_from_proto
    ),
}
"""By kind; REPAIR and WITHDRAWAL share a form, the header tells them apart."""

FORMS_BY_VALUE: Final[dict[type, Form[Any, Any]]] = {form.value: form for form in FORMS.values()}
