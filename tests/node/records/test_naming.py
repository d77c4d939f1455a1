"""Statements named by the beginning of their ids (node/records/naming.py, node/cli/naming.py)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from federation.errors import RefusedError
from federation.ids import Origin, StatementId
from federation.ports.store import ReadSession, Store
from federation.reconcile.views import RecordView
from federation.rows import StatementRow
from node.records.naming import MOST_CANDIDATES, Naming
from tests.contracts.examples import row
from tests.support.fresh import open_fresh

ALIKE = [f"abcdef0123{n:022x}" for n in (1, 2)]
NEAR = "abcdef01ff" + "0" * 22
FAR = "0123456789" + "0" * 22


class Cities:
    """Views with nothing but where a statement stands."""

    def views(
        self, session: ReadSession, rows: Sequence[StatementRow], *, whole: bool = False
    ) -> Sequence[RecordView]:
        assert (session is not None, whole) == (True, False)
        return [
            RecordView(
                statement_id=StatementId(one.statement_id),
                kind=one.kind,
                origin=Origin("510500.huxin.example/1"),
                index=one.idx,
                state="active",
                city="泸州",
            )
            for one in rows
        ]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("naming")
    opened = open_fresh(f"sqlite:///{folder / 'huxin.db'}")
    ids = [*ALIKE, NEAR, FAR, *(f"77{n:030x}" for n in range(MOST_CANDIDATES + 1))]
    with opened.write() as session:
        session.insert_rows(
            [row(1, n)._replace(statement_id=bytes.fromhex(one)) for n, one in enumerate(ids)]
        )
        session.insert_rows([row(2, 0)._replace(statement_id=bytes.fromhex(FAR))])  # a copy of it
    yield opened
    opened.close()


@pytest.fixture
def naming(store: Store) -> Naming:
    return Naming(store=store, records=Cities())


@pytest.mark.parametrize("prefix", ["012345", "0123456", FAR, "abcdef01ff", ALIKE[0]])
def test_a_beginning_that_one_statement_has_names_it(naming: Naming, prefix: str) -> None:
    assert naming.named(prefix).hex().startswith(prefix)


def test_a_beginning_that_no_statement_has_names_none(naming: Naming) -> None:
    with pytest.raises(RefusedError) as refused:
        naming.named("fedcba")
    assert refused.value.code == "record.unknown"
    assert "未持有以 fedcba 开头的声明" in str(refused.value)


def test_a_beginning_of_several_is_refused_with_all_of_them(naming: Naming) -> None:
    with pytest.raises(RefusedError) as refused:
        naming.named("abcdef01")
    assert refused.value.code == "record.ambiguous"
    chinese, _, english = str(refused.value).partition(" / ")
    for one in (*ALIKE, NEAR):
        assert f"{one} 泸州 列入" in chinese
        assert f"{one} 泸州 listing" in english
    assert "……" not in chinese


def test_of_very_many_some_are_named(naming: Naming) -> None:
    with pytest.raises(RefusedError) as refused:
        naming.named("770000")
    chinese = str(refused.value).partition(" / ")[0]
    assert chinese.count("泸州") == MOST_CANDIDATES
    assert chinese.endswith("；……")


def test_so_many_digits_are_shown_that_they_name_one_statement(naming: Naming) -> None:
    ids = [StatementId(bytes.fromhex(one)) for one in (*ALIKE, NEAR, FAR)]
    digits = naming.digits(ids)
    assert digits == [32, 32, 9, 8]
    for one, count in zip(ids, digits, strict=True):
        assert naming.named(one.hex()[:count]) == one
    assert naming.digits([]) == []
