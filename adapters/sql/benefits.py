"""Answers about benefits and their uses in the query store: no name and no code in clear.

An answer is a row of `checks` like any other (`adapters.sql.checks`); beside it stands which
scenario was asked about. What was used is said in our own log once, under the id chosen here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, update

from adapters.sql.bulk import names_of
from adapters.sql.query_schema import benefit_checks, benefit_uses
from adapters.sql.query_store import QueryReads, QueryWrites, inserting

PAGE: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitCheck:
    """A row of `benefit_checks`.

    Attributes:
        number: of the answer.
        scenario: id of the statement that opened it.
        origin: with `idx`, where the text stands that was in force.
        idx: index of its leaf.
        place: six digits, where it was wanted.
    """

    number: str
    scenario: bytes
    origin: str
    idx: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitUse:
    """A row of `benefit_uses`.

    Attributes:
        statement_id: of the OUTCOME.
        number: of the answer by which it was used; one answer, one use.
        case_id: of the OUTCOME.
        used_on: YYYYMMDD.
        reported_at: seconds UTC.
        published: whether it stands in our log.
        request_key: tag of credential and request id; None where none was given.
        key: number of the key that opens `sealed`.
        sealed: who is responsible; None once that is erased.
    """

    statement_id: bytes
    number: str
    case_id: bytes
    used_on: int
    reported_at: int
    published: bool
    request_key: bytes | None
    key: int
    sealed: bytes | None


def add_benefit_checks(writes: QueryWrites, new: Sequence[BenefitCheck]) -> None:
    """Keep which scenarios answers are about; their numbers are new."""
    writes.put(_ADD, [tuple(asdict(one).values()) for one in new])


def replace_benefit_check(writes: QueryWrites, check: BenefitCheck) -> None:
    """Keep what was answered now under a number that there is."""
    c = benefit_checks.c
    values = asdict(check)
    writes.connection.execute(update(benefit_checks).where(c.number == check.number).values(values))


def benefit_check(reads: QueryReads, number: str) -> BenefitCheck | None:
    """What the answer with this number is about."""
    query = select(benefit_checks).where(benefit_checks.c.number == number)
    row = reads.connection.execute(query).mappings().first()
    return None if row is None else BenefitCheck(**row)


def add_use(writes: QueryWrites, use: BenefitUse) -> None:
    """Keep that a benefit was used."""
    writes.connection.execute(insert(benefit_uses), asdict(use))


def use_of(reads: QueryReads, number: str) -> BenefitUse | None:
    """The use of an answer."""
    query = select(benefit_uses).where(benefit_uses.c.number == number)
    return _first(reads, query)


def use_by_request(reads: QueryReads, request_key: bytes) -> BenefitUse | None:
    """The use that was reported under a request id."""
    query = select(benefit_uses).where(benefit_uses.c.request_key == request_key)
    return _first(reads, query)


def unpublished_uses(reads: QueryReads, limit: int = PAGE) -> Sequence[BenefitUse]:
    """Uses that do not stand in our log yet, in the order in which they were reported."""
    c = benefit_uses.c
    query = (
        select(benefit_uses)
        .where(c.published == 0)
        .order_by(c.reported_at, c.statement_id)
        .limit(limit)
    )
    return [_use(row) for row in reads.connection.execute(query)]


def count_unpublished(reads: QueryReads) -> int:
    """How many do not."""
    query = select(func.count()).select_from(benefit_uses).where(benefit_uses.c.published == 0)
    return int(reads.connection.execute(query).scalar_one())


def set_uses_published(writes: QueryWrites, statement_ids: Collection[bytes]) -> None:
    """They stand in our log."""
    c = benefit_uses.c
    query = update(benefit_uses).where(c.statement_id.in_(sorted(statement_ids)))
    writes.connection.execute(query.values(published=1))


def erase_before(writes: QueryWrites, cutoff: int) -> int:
    """Let go of who was responsible for uses before a moment; the number of uses."""
    c = benefit_uses.c
    done = writes.connection.execute(
        update(benefit_uses)
        .where(c.reported_at < cutoff, c.sealed.is_not(None))
        .values(sealed=None)
    )
    return done.rowcount


_ADD: Final = inserting(benefit_checks)
_USE: Final = names_of(benefit_uses)


def _use(row: Row[Any]) -> BenefitUse:
    values = dict(zip(_USE, row, strict=True))
    return BenefitUse(**values | {"published": bool(values["published"])})


def _first(reads: QueryReads, query: Any) -> BenefitUse | None:  # noqa: ANN401 - a selection
    found = reads.connection.execute(query).first()
    return None if found is None else _use(found)
