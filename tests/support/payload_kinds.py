"""One valid payload of each kind, about the listing of `tests.support.payload_examples`."""

from __future__ import annotations

from dataclasses import replace

from federation import conditions as c
from federation import payloads as p
from federation.ids import CharterId, Date, LeafHash, Origin, StatementId, Timestamp
from federation.statements import Kind
from tests.support.payload_examples import AUDIENCE, LISTING, RECORD, SUBJECT

HASH = LeafHash(b"h" * 32)
REFERENCE = p.Reference(origin=Origin("peer.example/1"), index=9, leaf_hash=HASH)
NARROWED = replace(AUDIENCE, members=("peer.example",))
"""To one member: what OUTCOME and REQUEST need."""
COMMENDATION = p.Commendation(
    audience=AUDIENCE,
    subject=SUBJECT,
    list_type=LISTING.list_type,
    authority=LISTING.authority,
    authority_name="",
    document=LISTING.document,
    decided_on=Date(20260105),
    valid_until=Date(20270105),
    source=LISTING.source,
)
PENALTY = p.Penalty(
    audience=AUDIENCE,
    subject=SUBJECT,
    authority=LISTING.authority,
    authority_name="泸州市示例局（演示）",
    document=LISTING.document,
    categories=("罚款",),
    fine=1_000_000,
    decided_on=Date(20260105),
    valid_until=Date(20260305),
    publish_until=Date(20270105),
    term=p.TermQuality.STATED,
    grade=p.PenaltyGrade.ORDINARY,
    procedure=p.PenaltyProcedure.ORDINARY,
    source=LISTING.source,
)
RELIEF = p.Relief(
    audience=AUDIENCE,
    record=RECORD,
    subject_name=SUBJECT.name,
    authority="another",
    document="d",
    decided_on=Date(20260301),
    publish_until=Date(20280105),
)
RELISTING = p.Relisting(
    audience=AUDIENCE,
    reliefs=(StatementId(b"1" * 16), StatementId(b"2" * 16)),
    document="d",
    decided_on=Date(20260401),
    ground=p.RelistingGround.FRAUD,
    approvals=2,
    payload=LISTING,
)
SUBMISSION = p.Submission(
    request_type=p.RequestType.OBJECTION,
    listing=REFERENCE,
    record=RECORD,
    received_on=Date(20260301),
    due_on=Date(20260308),
)
CONDITION = c.AllOf(
    of=(
        c.RegisteredIn(region="51"),
        c.AnyOf(
            of=(
                c.AtLeast(method="tax-credit", edition="2026", at_least="B"),
                c.OnList(list_type="tax-a"),
            )
        ),
        c.Negated(condition=c.KindOfSubject(kinds=(p.SubjectKind.PUBLIC_BODY,))),
        c.NoListing(list_types=(LISTING.list_type,), measure="C14"),
        c.CommitmentKept(commitment_type="safety"),
    )
)
SCENARIO = p.Scenario(
    scenario_type="信易租",
    title="免押金（演示）",
    provider="511000-housing",
    provider_name="内江市虚构住房局（演示）",
    benefits=(p.Benefit(code="deposit-free", text="免押金"),),
    conditions_text="限本省企业",
    subject_kinds=(p.SubjectKind.ENTERPRISE,),
    valid_from=Date(20260101),
    valid_until=Date(20271231),
    charters=(CharterId(b"c" * 32),),
    places=("5110",),
    windows=(p.Window(name="政务大厅（演示）", address="示例路1号", hours="9-17"),),
    condition=CONDITION,
    scales=(p.GradeScale(method="tax-credit", edition="2026", grades=("A", "B", "M", "C", "D")),),
)
RECOGNITION = p.Recognition(
    scenario=REFERENCE,
    authority="a",
    authority_name="",
    decided_on=Date(20260301),
    further=c.RegisteredIn(region="510500"),
    equivalences=(
        p.Equivalence(
            method="tax-credit",
            edition="2026",
            grade="A",
            own_method="city-credit",
            own_edition="1",
            own_grade="AAA",
        ),
    ),
    services=("rental",),
    effective_on=Date(20260401),
)
ANNOTATION = p.Annotation(
    audience=AUDIENCE,
    record=RECORD,
    authority="another",
    document="d",
    decided_on=Date(20260301),
    ends=HASH,
)
EXAMPLES: dict[Kind, p.Payload] = {
    Kind.LISTING: LISTING,
    Kind.CORRECTION: p.Correction(audience=AUDIENCE, replaces=HASH, payload=LISTING),
    Kind.ANNOTATION: ANNOTATION,
    Kind.REPAIR: RELIEF,
    Kind.WITHDRAWAL: replace(RELIEF, ground=p.ReliefGround.QUASHED_IN_COURT),
    Kind.RELISTING: RELISTING,
    Kind.SCENARIO: SCENARIO,
    Kind.RECOGNITION: RECOGNITION,
    Kind.COMMENDATION: COMMENDATION,
    Kind.RECEIPT: p.Receipt(
        origin=Origin("peer.example/1"),
        batches=(p.ReceiptBatch(outcome=7, reason="catalog.list-unknown", indices=(1, 2)),),
    ),
    Kind.OUTCOME: p.Outcome(
        audience=NARROWED,
        case_id=bytes(16),
        result=p.OutcomeResult.NOT_APPLIED,
        listing=REFERENCE,
        department="d",
        reason="outcome.no-measure",
        decided_on=Date(20260301),
    ),
    Kind.AUDIENCE_KEY: p.AudienceKey(
        key_id=bytes(16), audience=AUDIENCE, not_before=Timestamp(1), not_after=Timestamp(2)
    ),
    Kind.CHARTER: p.CharterAdopted(charter=CharterId(b"c" * 32), version=1, digest=b"d" * 32),
    Kind.ERASURE: p.Erasure(ground=p.ErasureGround.REPAIRED, erased_at=Timestamp(1)),
    Kind.CONTINUATION: p.Continuation(
        origin=Origin("510500.huxin.example/1"), size=1, root=HASH, log_key="k", suite=1
    ),
    Kind.REQUEST: p.Request(audience=NARROWED, body=SUBMISSION),
    Kind.COMMITMENT: p.Commitment(
        audience=AUDIENCE,
        subject=SUBJECT,
        commitment_type="t",
        text="",
        made_on=Date(20260301),
        self_declared=False,
        source=LISTING.source,
    ),
    Kind.PENALTY: PENALTY,
}
"""By kind."""
