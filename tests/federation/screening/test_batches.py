"""Rows of a batch that are clear without having been read: only where the check says so (BA2)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from federation.ids import Date, Timestamp
from federation.reconcile.held_records import Identity
from federation.reconcile.identity import USCC, BaseSubject, Status
from federation.reconcile.matters import matter_asked
from federation.record_key import ORGANISATION, pack_subject
from federation.screening.batches import (
    LIFETIME,
    Head,
    Settled,
    is_over,
    says_more,
    settled,
    subject_digits,
)
from federation.screening.checks import Result, judge
from federation.screening.questions import QuestionError
from federation.subject_names import normal_name
from federation.uscc import ALPHABET, make_uscc
from tests.support.invented import code_of, name_of
from tests.support.screened import MATTER, screening_catalog

HEAD = Head(number="511500-20261129-1", matter=MATTER, case_no="1", purpose="joint-punishment")
TODAY = Date(20261121)
NOTHING: dict[str, Any] = {
    "held": (), "attested": (), "subjects": (), "apart": (), "names": ()
}  # fmt: skip
KNOWN = BaseSubject(code_of(1), name_of(1), former_names=("旧名（演示）",))

codes = st.one_of(
    st.sampled_from([code_of(1), code_of(2), code_of(1).lower(), f" {code_of(1)}", ""]),
    st.builds(
        make_uscc,
        st.sampled_from(["91510500", "92510500", "12510500", "52510500"]),
        st.text(ALPHABET, min_size=8, max_size=8),
    ),
    st.text(ALPHABET + "IOSVZ", min_size=16, max_size=18),
)
names = st.one_of(
    st.sampled_from([name_of(1), name_of(2), "旧名（演示）", "零〇○公司", "510502199001011234"]),
    st.text(max_size=8),
    st.text("甲乙丙零（）()0123456789XxAa", max_size=40),
)


def lookups(values: Any, head: bytes = b"") -> list[bytes]:
    return [b"tag:" + head + value for value in values]


def name_tag(name: str) -> bytes:
    return b"name:" + normal_name(name).encode()


def unsettled(known: Settled, *rows: tuple[str, str]) -> list[int]:
    codes, names = zip(*rows, strict=True)
    return known.unsettled(codes, names, lookups, name_tag)


@example(code=code_of(1), name="510502199001011234")
@example(code=code_of(1), name="甲" * 257)
@given(code=codes, name=names)
@pytest.mark.parametrize("known", [None, KNOWN], ids=["unknown", "known"])
def test_ba2_what_is_not_read_is_read_unchanged_and_judged_clear(
    known: BaseSubject | None, code: str, name: str
) -> None:
    subjects = [] if known is None else [known]
    sets = settled(**NOTHING | {"subjects": subjects, "names": map(normal_name, _names(known))})
    if unsettled(sets, (code, name)):
        return
    question = HEAD.question((code, name))
    assert (question.code, question.name, question.normalised) == (code, name, ())
    found = known if known is not None and known.code == code else None
    answer = judge(
        question,
        number="1",
        at=Timestamp(1),
        today=TODAY,
        matter=matter_asked(screening_catalog(), MATTER, TODAY),
        records=(),
        identity=Identity(known=found),
        coverage=(),
        catalog=screening_catalog(),
    )
    assert answer.result is Result.CLEAR
    assert not says_more(answer, question)


def _names(known: BaseSubject | None) -> list[str]:
    return [] if known is None else [known.name, *known.former_names]


def test_most_rows_need_not_be_read() -> None:
    sets = settled(**NOTHING | {"subjects": [KNOWN], "names": [normal_name(name_of(1))]})
    assert unsettled(sets, (code_of(1), name_of(1)), (code_of(2), name_of(2))) == []


def test_names_with_lines_take_nobody_s_place() -> None:
    """BA2: a name of two lines, and one of none, are as many lines as names."""
    sets = settled(**NOTHING)
    rows = [(code_of(1), "甲\n乙"), (code_of(2), ""), (code_of(3), name_of(3))]
    assert unsettled(sets, *rows) == [0, 1]
    assert unsettled(sets, (code_of(1), "甲\n乙"), (code_of(2), "丙")) == [0]
    assert unsettled(sets, (f"{code_of(1)}\n{code_of(3)}", "甲"), (code_of(2), "丙")) == [0]


@pytest.mark.parametrize(
    ("changed", "row"),
    [
        ({"held": lookups([pack_subject(USCC, code_of(2))])}, 2),
        ({"held": lookups([pack_subject(ORGANISATION, code_of(2)[8:17])])}, 2),
        ({"held": lookups([pack_subject(ORGANISATION, code_of(2))])}, 2),
        ({"attested": [name_tag(name_of(2))]}, 2),
        ({"names": [normal_name(name_of(2))]}, 2),
        ({"subjects": [KNOWN._replace(code=code_of(2))]}, 2),
        ({"subjects": [KNOWN._replace(status=Status.CANCELLED)]}, 1),
        ({"subjects": [KNOWN._replace(successor=code_of(3))]}, 1),
        ({"subjects": [KNOWN], "apart": [code_of(1)]}, 1),
        ({"apart": [code_of(2)]}, 2),
    ],
)
def test_ba2_whatever_could_say_otherwise_has_a_row_read(changed: dict[str, Any], row: int) -> None:
    rows = [(code_of(number), name_of(number)) for number in (1, 2)]
    assert unsettled(settled(**NOTHING | changed), *rows) == [row - 1]


def test_ba3_a_subject_of_a_batch_has_one_request_however_it_is_written() -> None:
    plain = HEAD.question((code_of(1), name_of(1)))
    others = [
        HEAD.question((code_of(1).lower(), name_of(1))),
        HEAD.question((code_of(1), name_of(1).replace("（", "("))),
        HEAD.question((code_of(1), f" {name_of(1)} ")),
    ]
    assert {one.request_id for one in others} == {plain.request_id}
    assert plain.request_id == f"{HEAD.number}.{subject_digits(plain)}"
    assert HEAD.question((code_of(1), name_of(2))).request_id != plain.request_id
    assert len(plain.request_id) <= 64
    with pytest.raises(QuestionError):
        HEAD.question(("510502199001011234", "张三"))


def test_ba7_a_day_after_its_opening_a_batch_is_over() -> None:
    assert not is_over(Timestamp(1000), Timestamp(1000 + LIFETIME))
    assert is_over(Timestamp(1000), Timestamp(1001 + LIFETIME))
