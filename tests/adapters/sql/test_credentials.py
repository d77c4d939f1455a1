"""Credentials, usage and stops in the query store, and its flags, on both databases.

Covers adapters/sql/credentials.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.errors import ConflictError
from adapters.sql import credentials as sql
from adapters.sql.checks import (
    StoredCheck,
    StoredMatch,
    add_checks,
    add_matches,
    answer_again,
    check_by_number,
)
from adapters.sql.credentials import StoredCredential, StoredStop, Used
from adapters.sql.outcomes import OutcomeRow, add_outcome, set_published, unpublished
from adapters.sql.query_store import QueryStore, open_query_store

FIRST = StoredCredential(
    id="00000001",
    department="财政局（演示）",
    roles=("department",),
    matters=("bidding", "government-funds"),
    purposes=("joint-punishment",),
    budget=500,
    case_subjects=120,
    expires_on=20271130,
    token=b"t" * 32,
    certificate=None,
    digest=None,
    created_at=1_795_000_000,
    created_by="张某",
    mac=b"m" * 32,
)
SECOND = replace(FIRST, id="00000002", token=None, certificate=b"0\x82", digest=b"d" * 32)
MATCH = StoredMatch(
    number="1",
    origin="a.example/1",
    idx=0,
    record_tag=b"t",
    list_type="judgment-defaulter",
    matter="bidding",
    measures="[]",
    due_on=20261101,
    state="pending",
)
CHECK = StoredCheck(
    number="1",
    asker=FIRST.id,
    request_key=b"r",
    question_tag=b"q",
    department=FIRST.department,
    matter="bidding",
    case_tag=b"c",
    at=1,
    result="match",
    complete=True,
    query_id=b"i",
    key=1,
    sealed=b"s",
)

OUTCOME = OutcomeRow(
    statement_id=b"s" * 16,
    number="1",
    origin="a.example/1",
    idx=0,
    turn=1,
    measure="deny",
    result="applied",
    reason="",
    decided_on=20261103,
    case_id=b"i" * 16,
    said=1,
    said_reason="",
    replaces=None,
    reported_at=9,
    published=False,
    request_key=None,
    key=1,
    sealed=b"s",
)


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def store(request: pytest.FixtureRequest) -> Iterator[QueryStore]:
    url = "sqlite:///:memory:"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_database")
    store = open_query_store(url)
    yield store
    store.close()


def test_what_is_kept_of_who_may_ask(store: QueryStore) -> None:
    with store.write() as writes:
        sql.add_credential(writes, FIRST)
        sql.add_credential(writes, SECOND)
    for again in (FIRST, replace(FIRST, id="3"), replace(SECOND, id="4")):
        with pytest.raises(ConflictError), store.write() as writes:
            sql.add_credential(writes, again)
    with store.write() as writes:
        assert sql.revoke(writes, SECOND.id, at=7, by="李某")
        assert not sql.revoke(writes, SECOND.id, at=8, by="王某")
        assert not sql.revoke(writes, "nobody", at=8, by="王某")
    ended = replace(SECOND, revoked_at=7, revoked_by="李某")
    with store.read() as reads:
        assert sql.all_credentials(reads) == [FIRST, ended]

    with store.write() as writes:
        sql.put_used(writes, FIRST.id, 20261129, Used(asked=1))
        sql.put_used(writes, FIRST.id, 20261129, Used(asked=3, answered=2))
        sql.put_used(writes, SECOND.id, 20261129, Used(asked=9))
        first = StoredStop(credential=FIRST.id, code="enumeration.case", at=5)
        second = replace(first, credential=SECOND.id)
        sql.add_stop(writes, first)
        sql.add_stop(writes, second)
    with store.write() as writes:
        assert sql.used(writes, FIRST.id, 20261129) == Used(asked=3, answered=2)
        assert sql.used(writes, FIRST.id, 20261130) == Used()
        assert sql.open_stops(writes) == [first, second]
        assert sql.lift(writes, FIRST.id, at=9, by="李某", reason="核实")
        assert not sql.lift(writes, FIRST.id, at=9, by="李某", reason="核实")
        assert sql.open_stops(writes) == [second]

    # Flags are numbers: a store of PostgreSQL makes none of a boolean.
    with store.write() as writes:
        add_outcome(writes, OUTCOME)
        assert unpublished(writes) == [OUTCOME]
        set_published(writes, [OUTCOME.statement_id])
        assert unpublished(writes) == []

    overdue = [replace(MATCH, idx=number) for number in range(sql.OVERDUE_SILENT)]
    with store.write() as writes:
        add_checks(writes, [CHECK])
        answer_again(writes, replace(CHECK, complete=False))
        assert check_by_number(writes, "1") == replace(CHECK, complete=False)
        add_matches(writes, overdue[1:])
        assert not sql.is_silent(writes, FIRST.id, 20261129)
        add_matches(writes, overdue[:1])
        assert sql.is_silent(writes, FIRST.id, 20261129)
        assert not sql.is_silent(writes, FIRST.id, MATCH.due_on)
        assert not sql.is_silent(writes, SECOND.id, 20261129)
        writes.connection.exec_driver_sql(
            "UPDATE check_matches SET outcome_id = query_id FROM checks WHERE idx = 3"
        )
        assert not sql.is_silent(writes, FIRST.id, 20261129)
