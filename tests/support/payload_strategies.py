"""Any valid payload of each kind, as hypothesis strategies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from federation import payloads as p
from federation.ids import CharterId, Date, LeafHash, Origin, StatementId, Timestamp
from federation.record_key import RecordKey
from federation.statements import Kind

T = TypeVar("T")


def texts(shortest: int, longest: int) -> st.SearchStrategy[str]:
    """Texts of so many characters, without control characters and surrogates."""
    alphabet = st.characters(exclude_categories=["Cc", "Cs"])
    return st.text(alphabet, min_size=shortest, max_size=longest)


def tuples(items: st.SearchStrategy[T], shortest: int, longest: int) -> st.SearchStrategy[Any]:
    """Tuples of so many items."""
    return st.lists(items, min_size=shortest, max_size=longest).map(tuple)


def members(enum: type[T], without: Sequence[int] = (0,)) -> st.SearchStrategy[T]:
    """Members of an enumeration."""
    return st.sampled_from([item for item in enum if item not in without])  # type: ignore[attr-defined]


U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
HASHES = st.binary(min_size=32, max_size=32)
DATES = st.dates(dt.date(1949, 1, 1), dt.date(2099, 12, 31)).map(
    lambda day: Date(int(day.strftime("%Y%m%d")))
)
OPTIONAL_DATES = st.one_of(st.just(Date(0)), DATES)
SPANS = st.tuples(DATES, DATES).map(lambda span: (min(span), max(span)))
TIMES = U64.map(Timestamp)
AUDIENCES = st.builds(
    p.Audience,
    charters=tuples(HASHES.map(CharterId), 1, 4),
    purposes=tuples(texts(1, 64), 1, 4),
    members=tuples(texts(1, 200), 0, 4),
)
SCHEMES = st.sampled_from(["uscc", "organisation-code", "registration-number"])
SUBJECTS = st.builds(
    p.Subject, scheme=SCHEMES, code=texts(1, 64), name=texts(1, 256), kind=members(p.SubjectKind)
)
RECORDS = st.builds(
    RecordKey,
    scheme=SCHEMES,
    code=texts(1, 64),
    list_type=texts(1, 64),
    authority=texts(1, 64),
    document=texts(0, 256),
)
SOURCES = st.builds(
    p.Source, department=texts(0, 64), batch=texts(0, 128), row=U32, key=texts(0, 512)
)
ORIGINS = texts(1, 200).map(Origin)
REFERENCES = st.builds(p.Reference, origin=ORIGINS, index=U64, leaf_hash=HASHES.map(LeafHash))


@st.composite
def listings(draw: st.DrawFn) -> p.Listing:
    """Any valid LISTING; with short texts mostly, so that both ways of reading it are taken."""
    decided_on, until = draw(SPANS)
    long = draw(st.sampled_from([20, 20, 900]))
    return draw(
        st.builds(
            p.Listing,
            audience=AUDIENCES,
            subject=SUBJECTS,
            list_type=texts(1, 64),
            tier=members(p.Tier),
            authority=texts(1, 64),
            authority_name=texts(1, 128),
            document=texts(1, 256),
            document_type=texts(0, 64),
            decided_on=st.just(decided_on),
            listed_on=DATES,
            prior_notice_on=OPTIONAL_DATES,
            basis=texts(0, long),
            reason=texts(0, long),
            exit_path=texts(0, long),
            remedy=texts(0, long),
            publish_shortest_months=U32,
            publish_longest_months=U32,
            publish_until=st.sampled_from([Date(0), until]),
            measures=tuples(texts(0, 64), 0, 6),
            source=SOURCES,
        )
    )


@st.composite
def commendations(draw: st.DrawFn) -> p.Commendation:
    """Any valid COMMENDATION."""
    decided_on, until = draw(SPANS)
    return draw(
        st.builds(
            p.Commendation,
            audience=AUDIENCES,
            subject=SUBJECTS,
            list_type=texts(1, 64),
            grade=texts(0, 16),
            authority=texts(1, 64),
            authority_name=texts(0, 128),
            document=texts(0, 256),
            decided_on=st.just(decided_on),
            valid_until=st.sampled_from([Date(0), until]),
            basis=texts(0, 99),
            source=SOURCES,
        )
    )


RELIEFS = st.builds(
    p.Relief,
    audience=AUDIENCES,
    record=RECORDS,
    subject_name=texts(0, 256),
    authority=texts(0, 64),
    document=texts(0, 256),
    decided_on=OPTIONAL_DATES,
    publish_until=OPTIONAL_DATES,
    reason=texts(0, 99),
)

BY_KIND: dict[Kind, st.SearchStrategy[p.Payload]] = {
    Kind.LISTING: listings(),
    Kind.CORRECTION: st.builds(
        p.Correction,
        audience=AUDIENCES,
        replaces=HASHES.map(LeafHash),
        payload=st.one_of(listings(), commendations()),
    ),
    Kind.ANNOTATION: st.builds(
        p.Annotation,
        audience=AUDIENCES,
        record=RECORDS,
        authority=texts(0, 64),
        document=texts(0, 256),
        decided_on=OPTIONAL_DATES,
        ends=st.one_of(st.none(), HASHES.map(LeafHash)),
        text=texts(0, 99),
    ),
    Kind.REPAIR: RELIEFS,
    Kind.WITHDRAWAL: RELIEFS,
    Kind.RELISTING: st.builds(
        p.Relisting,
        audience=AUDIENCES,
        reliefs=tuples(st.binary(min_size=16, max_size=16).map(StatementId), 1, 4),
        document=texts(1, 256),
        decided_on=OPTIONAL_DATES,
        ground=members(p.RelistingGround),
        approvals=st.integers(2, 9),
        listing=listings(),
    ),
    Kind.SCENARIO: st.builds(
        p.Scenario,
        scenario_type=texts(1, 64),
        title=texts(1, 256),
        provider=texts(1, 64),
        provider_name=texts(0, 128),
        incentives=tuples(texts(1, 128), 1, 4),
        conditions=texts(0, 99),
        subject_kinds=tuples(members(p.SubjectKind, ()), 1, 6),
        basis=texts(0, 99),
        valid_from=OPTIONAL_DATES,
        valid_until=OPTIONAL_DATES,
        charters=tuples(HASHES.map(CharterId), 0, 4),
    ),
    Kind.RECOGNITION: st.builds(
        p.Recognition,
        scenario=REFERENCES,
        authority=texts(0, 64),
        authority_name=texts(0, 128),
        conditions=texts(0, 99),
        reason=texts(0, 99),
        decided_on=OPTIONAL_DATES,
        valid_until=OPTIONAL_DATES,
    ),
    Kind.COMMENDATION: commendations(),
    Kind.RECEIPT: st.builds(
        p.Receipt,
        origin=ORIGINS,
        batches=tuples(
            st.builds(
                p.ReceiptBatch,
                outcome=st.integers(1, 6),
                reason=texts(0, 64),
                indices=tuples(U64, 1, 9),
            ),
            1,
            4,
        ),
    ),
    Kind.OUTCOME: st.builds(
        p.Outcome,
        audience=AUDIENCES,
        listing=REFERENCES,
        department=texts(0, 64),
        matter=texts(0, 256),
        measure=texts(0, 64),
        measure_basis=texts(0, 99),
        applied=st.booleans(),
        reason=texts(0, 99),
        decided_on=OPTIONAL_DATES,
    ),
    Kind.AUDIENCE_KEY: st.builds(
        p.AudienceKey,
        key_id=st.binary(min_size=16, max_size=16),
        audience=AUDIENCES,
        not_before=TIMES,
        not_after=TIMES,
    ),
    Kind.CHARTER: st.builds(
        p.CharterAdopted,
        charter=HASHES.map(CharterId),
        version=st.integers(1, 2**32 - 1),
        digest=HASHES,
    ),
    Kind.ERASURE: st.builds(p.Erasure, ground=members(p.ErasureGround), erased_at=TIMES),
    Kind.CONTINUATION: st.builds(
        p.Continuation,
        origin=ORIGINS,
        size=U64,
        root=st.one_of(st.just(b""), HASHES),
        log_key=texts(0, 99),
        suite=U32,
    ),
    Kind.REQUEST: st.builds(
        p.Request,
        audience=AUDIENCES,
        request_type=members(p.RequestType),
        listing=REFERENCES,
        record=RECORDS,
        received_on=OPTIONAL_DATES,
        due_on=OPTIONAL_DATES,
        text=texts(0, 99),
    ),
    Kind.COMMITMENT: st.builds(
        p.Commitment,
        audience=AUDIENCES,
        subject=SUBJECTS,
        commitment_type=texts(1, 64),
        text=texts(0, 99),
        made_on=OPTIONAL_DATES,
        due_on=OPTIONAL_DATES,
        performed=st.booleans(),
        performed_on=OPTIONAL_DATES,
        self_declared=st.booleans(),
        authorisation=texts(1, 256),
        source=SOURCES,
    ),
}
"""Any valid payload of each kind."""

ANY = st.sampled_from(sorted(BY_KIND)).flatmap(lambda kind: st.tuples(st.just(kind), BY_KIND[kind]))
"""A kind and a valid payload of it."""
