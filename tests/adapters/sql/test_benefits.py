"""Answers about benefits and their uses in the query store, and their end.

Covers adapters/sql/benefits.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from adapters.errors import ConflictError
from adapters.sql import benefits, checks
from adapters.sql.benefits import BenefitCheck, BenefitUse
from adapters.sql.checks import StoredCheck
from adapters.sql.ended_checks import erased_checks, remove_checks
from adapters.sql.query_store import QueryStore, open_query_store
from tests.support.fresh import Emptied

CHECK = StoredCheck(
    number="511000-20261102-0123456789ab",
    asker="w1",
    request_key=b"r" * 16,
    question_tag=b"a" * 16,
    department="政务中心（演示）",
    matter="",
    case_tag=b"c" * 16,
    at=1_793_600_000,
    result="entitled",
    complete=True,
    query_id=b"q" * 16,
    key=1,
    sealed=b"sealed",
)
OF = BenefitCheck(
    number=CHECK.number, scenario=b"s" * 16, origin="510500.example/1", idx=7, place="511000"
)
USE = BenefitUse(
    statement_id=b"u" * 16,
    number=CHECK.number,
    case_id=b"i" * 16,
    used_on=20261103,
    reported_at=CHECK.at + 9,
    published=False,
    request_key=b"k" * 16,
    key=1,
    sealed=b"name",
)
LATER = CHECK.at + 1000


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest) -> Iterator[QueryStore]:
    with ExitStack() as stack:
        url = "sqlite:///:memory:"
        if request.param == "postgres":
            emptied: Emptied = request.getfixturevalue("postgres_emptied")
            url = stack.enter_context(emptied.lend())
        made = open_query_store(url)
        stack.callback(made.close)
        with made.write() as writes:
            checks.add_checks(writes, [CHECK])
            benefits.add_benefit_checks(writes, [OF])
            benefits.add_use(writes, USE)
        yield made


def test_what_is_kept_is_read_again(store: QueryStore) -> None:
    with store.read() as reads:
        assert benefits.benefit_check(reads, CHECK.number) == OF
        assert benefits.benefit_check(reads, "x") is None
        assert benefits.use_of(reads, CHECK.number) == USE
        assert benefits.use_by_request(reads, b"k" * 16) == USE
        assert benefits.use_by_request(reads, b"x" * 16) is None
        assert benefits.unpublished_uses(reads) == [USE]
        assert benefits.count_unpublished(reads) == 1
    amended = replace(OF, idx=9)
    with store.write() as writes:
        benefits.replace_benefit_check(writes, amended)
        benefits.set_uses_published(writes, [USE.statement_id])
    with store.read() as reads:
        assert benefits.benefit_check(reads, CHECK.number) == amended
        assert benefits.unpublished_uses(reads) == []
        assert benefits.count_unpublished(reads) == 0


def test_an_answer_is_used_once(store: QueryStore) -> None:
    again = replace(USE, statement_id=b"v" * 16, case_id=b"j" * 16, request_key=None)
    with pytest.raises(ConflictError), store.write() as writes:
        benefits.add_use(writes, again)


def test_an_answer_goes_once_its_use_is_said_and_who_reported_it_is_erased(
    store: QueryStore,
) -> None:
    def ended() -> list[str]:
        with store.read() as reads:
            return list(erased_checks(reads, LATER, "", 10))

    with store.write() as writes:
        assert checks.erase_before(writes, LATER) == 1
    assert ended() == []
    with store.write() as writes:
        assert benefits.erase_before(writes, CHECK.at) == 0
        assert benefits.erase_before(writes, LATER) == 1
    assert ended() == []
    with store.write() as writes:
        benefits.set_uses_published(writes, [USE.statement_id])
    assert ended() == [CHECK.number]
    with store.write() as writes:
        remove_checks(writes, [CHECK.number])
    with store.read() as reads:
        assert benefits.benefit_check(reads, CHECK.number) is None
        assert benefits.use_of(reads, CHECK.number) is None
