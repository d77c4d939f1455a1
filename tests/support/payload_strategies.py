"""Any valid payload of each kind, as hypothesis strategies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from federation import conditions as c
from federation import payloads as p
from federation.errors import StatementError
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


OPTIONAL_REFERENCES = st.one_of(st.none(), REFERENCES)
NARROWED = st.builds(
    p.Audience,
    charters=tuples(HASHES.map(CharterId), 1, 4),
    purposes=tuples(texts(1, 64), 1, 4),
    members=tuples(texts(1, 200), 1, 4),
)
TERMS = st.sampled_from([p.TermQuality.STATED, p.TermQuality.BY_CATALOG])
EXITS = st.one_of(
    st.builds(
        p.Exit,
        kind=st.sampled_from([p.ExitKind.CORRECTED_FOR, p.ExitKind.LISTED_FOR]),
        months=st.integers(1, 120),
    ),
    st.builds(
        p.Exit,
        kind=st.sampled_from([p.ExitKind.PERFORMED, p.ExitKind.PERIOD_OVER, p.ExitKind.REVOKED]),
    ),
)
ATTESTATIONS = SPANS.flatmap(
    lambda span: st.builds(
        p.NoticeAttestation,
        authority=texts(1, 64),
        document=texts(1, 256),
        scope=texts(1, 99),
        decided_from=st.just(span[0]),
        decided_to=st.just(span[1]),
    )
)
REGIONS = st.from_regex(r"[0-9]{2}([0-9]{2}){0,2}", fullmatch=True)
TESTS: st.SearchStrategy[c.Test] = st.one_of(
    st.builds(c.OnList, list_type=texts(1, 64), edition=texts(0, 64)),
    st.builds(c.AtLeast, method=texts(1, 64), edition=texts(1, 64), at_least=texts(1, 16)),
    st.builds(c.NoListing, list_types=tuples(texts(1, 64), 1, 3), measure=texts(1, 64)),
    st.builds(c.RegisteredIn, region=REGIONS),
    st.builds(c.KindOfSubject, kinds=tuples(members(p.SubjectKind), 1, 6)),
    st.builds(c.CommitmentKept, commitment_type=texts(1, 64)),
    st.builds(c.UnknownTest),
)


def _composed(inner: st.SearchStrategy[c.Condition]) -> st.SearchStrategy[c.Condition]:
    return st.one_of(
        st.builds(c.AllOf, of=tuples(inner, 1, 3)),
        st.builds(c.AnyOf, of=tuples(inner, 1, 3)),
        st.builds(c.Negated, condition=inner),
    )


def _within_bounds(condition: c.Condition) -> bool:
    try:
        c.check_bounds(condition)
    except StatementError:
        return False
    return True


CONDITIONS: st.SearchStrategy[c.Condition] = st.recursive(TESTS, _composed, max_leaves=8).filter(
    _within_bounds
)
OPTIONAL_CONDITIONS = st.one_of(st.none(), CONDITIONS)


@st.composite
def listings(draw: st.DrawFn) -> p.Listing:
    """Any valid LISTING; with short texts mostly, so that both ways of reading it are taken."""
    decided_on, last = draw(SPANS)
    until = draw(st.sampled_from([Date(0), last]))
    attested = draw(st.one_of(st.none(), st.none(), ATTESTATIONS))
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
            prior_notice_on=OPTIONAL_DATES if attested is None else st.just(Date(0)),
            basis=texts(0, long),
            reason=texts(0, long),
            exit_path=texts(0, long),
            remedy=texts(0, long),
            publish_shortest_months=U32,
            publish_longest_months=U32,
            publish_until=st.just(until),
            measures=tuples(texts(0, 64), 0, 6),
            source=SOURCES,
            notice_number=texts(0, 256),
            notice_served_on=OPTIONAL_DATES,
            exits=st.one_of(st.just(()), tuples(EXITS, 0, 8)),
            prior_notice_attested=st.just(attested),
            term=TERMS if until else st.just(p.TermQuality.UNKNOWN),
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
            grade_method=texts(1, 64),
            grade_edition=texts(1, 64),
            authority=texts(1, 64),
            authority_name=texts(0, 128),
            document=texts(0, 256),
            decided_on=st.just(decided_on),
            valid_until=st.sampled_from([Date(0), until]),
            basis=texts(0, 99),
            source=SOURCES,
        )
    )


@st.composite
def penalties(draw: st.DrawFn) -> p.Penalty:
    """Any valid PENALTY."""
    decided_on, last = draw(SPANS)
    until = draw(st.sampled_from([Date(0), last]))
    return draw(
        st.builds(
            p.Penalty,
            audience=AUDIENCES,
            subject=SUBJECTS,
            authority=texts(1, 64),
            authority_name=texts(1, 128),
            document=texts(1, 256),
            violation_type=texts(0, 99),
            facts=texts(0, 99),
            basis=texts(0, 99),
            categories=tuples(texts(1, 64), 1, 4),
            content=texts(0, 99),
            fine=st.integers(0, 10**15),
            confiscated=st.integers(0, 10**15),
            licence=texts(0, 99),
            decided_on=st.just(decided_on),
            valid_until=st.sampled_from([Date(0), last]),
            publish_until=st.just(until),
            term=TERMS if until else st.just(p.TermQuality.UNKNOWN),
            grade=members(p.PenaltyGrade, (0, p.PenaltyGrade.MINOR)),
            procedure=st.just(p.PenaltyProcedure.ORDINARY),
            data_source=texts(0, 99),
            notice_number=texts(0, 99),
            notice_served_on=OPTIONAL_DATES,
            source=SOURCES,
        )
    )


@st.composite
def recognitions(draw: st.DrawFn) -> p.Recognition:
    """Any valid RECOGNITION."""
    decided_on, later = draw(SPANS)
    return draw(
        st.builds(
            p.Recognition,
            scenario=REFERENCES,
            authority=texts(0, 64),
            authority_name=texts(0, 128),
            conditions_text=texts(0, 99),
            reason=texts(0, 99),
            decided_on=st.just(decided_on),
            valid_until=OPTIONAL_DATES,
            further=OPTIONAL_CONDITIONS,
            equivalences=tuples(
                st.builds(
                    p.Equivalence,
                    method=texts(1, 64),
                    edition=texts(1, 64),
                    grade=texts(1, 16),
                    own_method=texts(1, 64),
                    own_edition=texts(1, 64),
                    own_grade=texts(1, 16),
                ),
                0,
                3,
            ),
            services=tuples(texts(1, 64), 0, 3),
            charters=tuples(HASHES.map(CharterId), 0, 4),
            effective_on=st.sampled_from([Date(0), later]),
        )
    )


_RESULTS = p.OutcomeResult


@st.composite
def outcomes(draw: st.DrawFn) -> p.Outcome:
    """Any valid OUTCOME."""
    result = draw(members(p.OutcomeResult))
    of_scenario = result == _RESULTS.BENEFIT_USED
    named = result in (_RESULTS.APPLIED, _RESULTS.PROMPTED, _RESULTS.UNDONE)
    measure = draw(texts(1 if named else 0, 64))
    return draw(
        st.builds(
            p.Outcome,
            audience=NARROWED,
            case_id=st.binary(min_size=16, max_size=16),
            result=st.just(result),
            listing=st.none() if of_scenario else REFERENCES,
            scenario=REFERENCES if of_scenario else st.none(),
            department=texts(1, 64),
            matter=texts(0, 64),
            measure=st.just(measure),
            measure_basis=texts(1 if measure else 0, 99),
            reason=texts(1, 64),
            decided_on=DATES,
            replaces=HASHES.map(LeafHash)
            if result == _RESULTS.UNDONE
            else st.one_of(st.none(), HASHES.map(LeafHash)),
        )
    )


RELIEFS = st.builds(
    p.Relief,
    audience=AUDIENCES,
    record=st.one_of(st.none(), RECORDS),
    subject_name=texts(0, 256),
    authority=texts(0, 64),
    document=texts(0, 256),
    decided_on=OPTIONAL_DATES,
    publish_until=OPTIONAL_DATES,
    reason=texts(0, 99),
    ground=members(p.ReliefGround, ()),
    request=OPTIONAL_REFERENCES,
)

BY_KIND: dict[Kind, st.SearchStrategy[p.Payload]] = {
    Kind.LISTING: listings(),
    Kind.CORRECTION: st.builds(
        p.Correction,
        audience=AUDIENCES,
        replaces=HASHES.map(LeafHash),
        payload=st.one_of(listings(), commendations(), penalties()),
        request=OPTIONAL_REFERENCES,
    ),
    Kind.ANNOTATION: st.builds(
        p.Annotation,
        audience=AUDIENCES,
        record=st.one_of(st.none(), RECORDS),
        authority=texts(0, 64),
        document=texts(0, 256),
        decided_on=OPTIONAL_DATES,
        ends=st.one_of(st.none(), HASHES.map(LeafHash)),
        text=texts(0, 99),
        ground=members(p.AnnotationGround, ()),
        authority_name=texts(0, 128),
        request=OPTIONAL_REFERENCES,
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
        payload=st.one_of(listings(), penalties()),
    ),
    Kind.SCENARIO: st.builds(
        p.Scenario,
        scenario_type=texts(1, 64),
        title=texts(1, 256),
        provider=texts(1, 64),
        provider_name=texts(0, 128),
        benefits=tuples(st.builds(p.Benefit, code=texts(0, 64), text=texts(1, 128)), 1, 4),
        conditions_text=texts(0, 99),
        subject_kinds=tuples(members(p.SubjectKind, ()), 1, 6),
        basis=texts(0, 99),
        valid_from=OPTIONAL_DATES,
        valid_until=OPTIONAL_DATES,
        charters=tuples(HASHES.map(CharterId), 0, 4),
        places=tuples(REGIONS, 0, 4),
        windows=tuples(
            st.builds(p.Window, name=texts(1, 128), address=texts(0, 99), hours=texts(0, 99)), 0, 3
        ),
        condition=OPTIONAL_CONDITIONS,
        scales=tuples(
            st.builds(
                p.GradeScale,
                method=texts(1, 64),
                edition=texts(1, 64),
                grades=st.lists(texts(1, 16), min_size=1, max_size=4, unique=True).map(tuple),
            ),
            0,
            3,
        ),
    ),
    Kind.RECOGNITION: recognitions(),
    Kind.COMMENDATION: commendations(),
    Kind.RECEIPT: st.builds(
        p.Receipt,
        origin=ORIGINS,
        batches=tuples(
            st.builds(
                p.ReceiptBatch,
                outcome=st.integers(1, 7),
                reason=texts(0, 64),
                indices=tuples(U64, 1, 9),
            ),
            1,
            4,
        ),
    ),
    Kind.OUTCOME: outcomes(),
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
        audience=NARROWED,
        body=st.one_of(
            st.builds(
                p.Submission,
                request_type=members(p.RequestType),
                listing=REFERENCES,
                record=RECORDS,
                received_on=DATES,
                due_on=OPTIONAL_DATES,
                text=texts(0, 99),
            ),
            st.builds(
                p.Answer, request=REFERENCES, reason=texts(0, 64), result=OPTIONAL_REFERENCES
            ),
        ),
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
    Kind.PENALTY: penalties(),
}
"""Any valid payload of each kind."""

ANY = st.sampled_from(sorted(BY_KIND)).flatmap(lambda kind: st.tuples(st.just(kind), BY_KIND[kind]))
"""A kind and a valid payload of it."""
