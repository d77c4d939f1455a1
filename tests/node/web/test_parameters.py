"""What may stand in a URL: declared, once, of a closed form that no subject fits (HT2)."""

from __future__ import annotations

from typing import Any

import pytest

from federation.errors import StatementError
from node.web import parameters
from node.web.operation_tables import OPERATIONS
from node.web.parameters import read_path, read_query

DECLARED = (
    parameters.words("state", ("active", "held"), "状态", "state"),
    parameters.day("since", "起", "since"),
    parameters.flag("late", "逾期", "late"),
    parameters.region("member", "成员", "member"),
    parameters.code("list_type", "unpaid-migrant-wages", "名单", "list"),
    parameters.ORIGIN,
    *parameters.PAGED,
)
SUBJECTS = (
    "91510500MAXA00000X",
    "91510500maxa00000x",
    "510500198001011234",
    "泸州甲建筑有限公司",
    "%E6%B3%B8%E5%B7%9E",
    "川失信〔2026〕1号",
    "Sichuan+Example+Co",
)


def test_what_is_declared_is_read() -> None:
    query = (
        b"state=held&since=20261120&late=true&member=511500&list_type=a-b.2"
        b"&origin=510500.huxin.example%2F1&page_size=1000&page_token=WzEsIDIwXQ=="
    )
    assert read_query(query, DECLARED) == {
        "state": "held",
        "since": 20261120,
        "late": True,
        "member": "511500",
        "list_type": "a-b.2",
        "origin": "510500.huxin.example/1",
        "page_size": 1000,
        "page_token": "WzEsIDIwXQ==",
    }
    assert read_query(b"", DECLARED) == {}


@pytest.mark.parametrize(
    "query",
    [
        b"code=1",
        b"state=held&state=held",
        b"state=Held",
        b"state=",
        b"state",
        b"&",
        b"late=1",
        b"page_size=0",
        b"page_size=1001",
        b"page_size=007",
        b"page_size=-1",
        b"page_size=%EF%BC%91",
        b"since=20261131",
        b"since=2026-11-20",
        b"page_token=%0A",
        b"page_token=" + b"A" * 300,
        b"origin=a/b",
        b"state=\xff",
        b"state=%ff",
        b"&".join([b"state=held"] * 17),
    ],
)
def test_ht2_what_is_of_another_form_is_refused_without_being_repeated(query: bytes) -> None:
    with pytest.raises(StatementError) as refused:
        read_query(query, DECLARED)
    assert refused.value.code == "http.query"
    assert "Held" not in str(refused.value)


def test_a_list_that_a_province_makes_is_asked_for_like_any_other() -> None:
    """SPEC §13.4: its code begins with the digits of the region."""
    for operation in OPERATIONS:
        for one in (*operation.place, *operation.query):
            if one.name in ("list_type", "mapping"):
                assert one.read("510000-cross-river-pollution") == "510000-cross-river-pollution"
    for other in ("5100001-a", "510000-", "-a", "510000", "510000-" + "a" * 58):
        with pytest.raises(StatementError):
            parameters.code("list_type", "a", "名单", "list").read(other)


def test_ht2_where_nothing_is_declared_no_query_is_taken() -> None:
    assert read_query(b"", ()) == {}
    with pytest.raises(StatementError, match="no query"):
        read_query(b"page_size=1", ())


def test_what_is_required_is_named() -> None:
    declared = (parameters.words("a", ("b",), "甲", "a", required=True),)
    with pytest.raises(StatementError, match="expected a, got none"):
        read_query(b"", declared)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_ht2_no_subject_fits_any_parameter_of_any_operation(subject: str) -> None:
    for operation in OPERATIONS:
        for one in (*operation.place, *operation.query):
            if one.name == "page_token":  # only what the node gave counts (page-token.invalid)
                continue
            with pytest.raises(StatementError):
                one.read(subject)


def test_an_example_is_of_its_form() -> None:
    for one in (*DECLARED, parameters.statement_id()):
        value: Any = one.example
        text = str(value).lower() if isinstance(value, bool) else str(value)
        assert one.read(text) == value


def test_a_path_of_another_form_leads_nowhere() -> None:
    place = (parameters.statement_id(),)
    assert read_path({"statement_id": "ab" * 16}, place) == {"statement_id": "ab" * 16}
    for wrong in ("ab" * 15, "AB" * 16, "91510500MAXA00000X", "ab" * 16 + "\n"):
        with pytest.raises(StatementError) as refused:
            read_path({"statement_id": wrong}, place)
        assert refused.value.code == "http.path"
