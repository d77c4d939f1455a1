"""Questions are read once: bounded, normalised, and never about a natural person (CK1 to CK4).

Covers federation/screening/questions.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.screening.questions import NAME_LONGEST, Question, QuestionError, read
from federation.subject_names import normal_name
from tests.support.invented import code_of, name_of


def asked(**changed: Any) -> dict[str, Any]:
    return {
        "request_id": "r-1",
        "matter": "government-funds",
        "case_no": "宜财〔2026〕12号",
        "purpose": "joint-punishment",
        "scheme": "uscc",
        "code": code_of(1),
        "name": name_of(1),
    } | changed


def test_a_plain_question_is_taken_as_it_is() -> None:
    question = read(asked())
    assert question == Question(
        request_id="r-1",
        matter="government-funds",
        case_no="宜财〔2026〕12号",
        purpose="joint-punishment",
        scheme="uscc",
        code=code_of(1),
        name=name_of(1),
    )
    without = asked()
    del without["scheme"]
    assert read(without | {"subject": ["other", "fields"]}) == question


@pytest.mark.parametrize("field", ["request_id", "matter", "case_no", "purpose", "code", "name"])
@pytest.mark.parametrize("value", [None, ["91"], {"code": "91"}, 7, True, b"91"])
def test_ck1_a_field_is_one_text(field: str, value: object) -> None:
    with pytest.raises(QuestionError) as caught:
        read(asked(**{field: value}))
    assert caught.value.code == "question.form"
    assert field in str(caught.value)
    assert "91" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "code", "values"),
    [
        ("request_id", "question.request-id", ["", "a b", "甲", "r" * 65]),
        ("matter", "question.matter", ["", "-x", "a/b", "m" * 65]),
        (
            "case_no",
            "question.case-no",
            ["", " \u200b ", "1" * 129, "1" * 10_000, "\ud800", "\ue000"],
        ),
        ("purpose", "question.purpose", ["", "curiosity"]),
        ("scheme", "question.scheme", ["organisation-code"]),
        ("code", "question.code", ["", "\u202e", "9" * 65, " " * 2000 + "9"]),
        ("name", "question.name", ["", "\u3000", "\ue000有限公司", "名" * 257, "名" * 10_000]),
    ],
)
def test_ck2_fields_are_bounded_and_refusals_repeat_nothing(
    field: str, code: str, values: list[str]
) -> None:
    for value in values:
        with pytest.raises(QuestionError) as caught:
            read(asked(**{field: value}))
        assert caught.value.code == code
        assert len(str(caught.value)) < 200
        assert not value.strip() or value not in str(caught.value)


def test_ck3_forms_of_a_code_are_one_code_and_what_was_changed_is_said() -> None:
    code = code_of(1)
    full = "".join(chr(ord(char) + 0xFEE0) for char in code)
    for written, changes in (
        (code.lower(), ("code:case",)),
        (full, ("code:width",)),
        (f" {code[:9]} {code[9:]}\t", ("code:invisible", "code:blank")),
        (f"\u202e{code}\u200b\ufeff", ("code:invisible",)),
        (full.lower(), ("code:width", "code:case")),
    ):
        question = read(asked(code=written))
        assert question.code == code
        assert question.normalised == changes


def test_ck3_names_and_case_numbers_are_shown_without_what_cannot_be_seen() -> None:
    question = read(
        asked(
            name=f"\u202e{name_of(1)}\u2066 ",
            case_no="ＡＢ\u200b １２ ",
            matter=" Government-Funds",
        )
    )
    assert (question.name, question.case_no) == (name_of(1), "AB 12")
    assert question.matter == "government-funds"
    assert set(question.normalised) == {
        "name:invisible",
        "name:blank",
        "case_no:invisible",
        "case_no:width",
        "case_no:blank",
        "matter:blank",
        "matter:case",
    }


def test_ck3_two_ways_to_write_a_name_are_one_question() -> None:
    one, other = read(asked(name="示例（集团）公司")), read(asked(name="示例(集团)公司"))
    assert one.name != other.name
    assert one.subject == other.subject
    assert one.subject != read(asked(name="示例集团公司")).subject


@pytest.mark.parametrize(
    "written",
    [
        "510502199001011234",
        "51050219900101123X",
        "51050219900101123x",
        "５１０５０２１９９００１０１１２３４",
        "510502 19900101 1234",
        "510502900101123",
    ],
)
def test_ck4_natural_persons_are_refused_whatever_the_check_digit(written: str) -> None:
    with pytest.raises(QuestionError) as caught:
        read(asked(code=written))
    assert caught.value.code == "question.natural-person"
    assert written not in str(caught.value)


def test_ck4_a_number_in_the_name_is_somebodys_too_and_a_wrong_code_is_not() -> None:
    with pytest.raises(QuestionError) as caught:
        read(asked(name="张某 510502199001011234"))
    assert caught.value.code == "question.natural-person"
    wrong = code_of(1)[:-1] + ("A" if code_of(1)[-1] != "A" else "B")
    assert read(asked(code=wrong)).code == wrong
    assert read(asked(code="123")).code == "123"


@given(
    st.fixed_dictionaries({field: st.one_of(st.text(max_size=300), st.none()) for field in asked()})
)
def test_whatever_is_asked_is_read_or_refused_with_a_code(raw: dict[str, Any]) -> None:
    try:
        question = read(raw)
    except QuestionError as refused:
        code = refused.code
    else:
        code = "question.read"
        assert 1 <= len(question.name) <= NAME_LONGEST
        assert question.code == question.code.upper()
    assert code.startswith("question.")


@given(st.text(min_size=1, max_size=300))
def test_what_is_read_is_read_again_as_it_is(name: str) -> None:
    try:
        question = read(asked(name=name, case_no=name, code=name))
    except QuestionError:
        return
    again = read(asked(name=question.name, case_no=question.case_no, code=question.code))
    assert (again.name, again.case_no, again.code) == (
        question.name,
        question.case_no,
        question.code,
    )
    assert again.normalised == ()
    assert normal_name(again.name)
