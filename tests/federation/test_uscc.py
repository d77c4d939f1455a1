"""Unified social credit codes: the standard's table, both checks, what they promise to catch."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from federation.errors import StatementError
from federation.payloads import SubjectKind
from federation.uscc import (
    ALPHABET,
    DEPARTMENTS,
    check_organisation_code,
    check_uscc,
    kind_of,
    make_uscc,
    organisation_check,
)

VALID = (
    "91350100M000100Y43",  # the standard's own
    "91510100MA6BKY6U36",
    "91510100350611266D",
    "91350500676532779B",
    "91370100780603055K",
    "91310110666007217T",
    "91330101589882738D",
    "91310115591693856A",
    "91320100748204660Q",
    "91320281142232229Q",
    "91310000132215150M",
    "9144030071526726XG",
    "91510500204706718H",
    "92420102MACW0DXJ9C",
    "11320100MB1886843H",
    "11500228733970274Y",
    "11500233742893960Y",
    "115002280086523530",
)
"""Codes whose check characters were computed again by hand (domain §3.1)."""

ORGANISATION_CODES = ("204706718", "71526726X", "M000100Y4", "MA6BKY6U3", "008652353")

codes = st.builds(
    lambda prefix, region, organisation: make_uscc(prefix + region, organisation),
    st.sampled_from(sorted(DEPARTMENTS)),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=8, max_size=8),
)


def refused(code: str) -> str:
    with pytest.raises(StatementError) as caught:
        check_uscc(code)
    return caught.value.code


@pytest.mark.parametrize("code", VALID)
def test_valid_codes(code: str) -> None:
    check_uscc(code)
    assert make_uscc(code[:8], code[8:16]) == code
    stdnum_uscc.validate(code)


def test_the_standards_example_with_the_other_check_character() -> None:
    assert refused("91350100M000100Y4Z") == "identity.code-alphabet"
    assert refused("91350100M000100Y44") == "identity.code-check-digit"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", "identity.code-length"),
        ("91310115MA1G4L1WXK1", "identity.code-length"),
        ("91310115MA1H8R7C6D", "identity.code-check-digit"),
        ("91310115MA1G4L1WXK", "identity.code-check-digit"),
        ("91510100MA6BKY6U3I", "identity.code-alphabet"),
        ("9151O100MA6BKY6U36", "identity.code-alphabet"),
        ("91510100ma6bky6u36", "identity.code-alphabet"),
        ("91510100MA6B_Y6U36", "identity.code-alphabet"),
        ("9151010０MA6BKY6U36", "identity.code-alphabet"),
        ("+1510100MA6BKY6U36", "identity.code-alphabet"),
        (" 1510100MA6BKY6U36", "identity.code-alphabet"),
        ("94510100MA6BKY6U36", "identity.code-department"),
        ("T1510100MA6BKY6U36", "identity.code-department"),
        ("91A10100MA6BKY6U36", "identity.code-region"),
    ],
)
def test_refused_codes(code: str, expected: str) -> None:
    assert refused(code) == expected


@given(st.text(ALPHABET + "IOz一", max_size=19))
def test_what_is_wrong_is_told_in_either_language_alone(code: str) -> None:
    for check in (check_uscc, check_organisation_code):
        try:
            check(code)
        except StatementError as error:
            zh, divided, en = str(error).partition(" / ")
            assert divided
            assert " / " not in en
            assert not re.search("[a-z]", zh), zh
            assert not re.search("[一-鿿]", en.replace("一", "")), en


@pytest.mark.parametrize("wrong", sorted(set("0123456789X") - set("3")))
def test_the_inner_check_character_is_checked_too(wrong: str) -> None:
    # The outer check agrees, so only rule U6 can refuse; stdnum does not see it.
    body = "91510100MA6BKY6U" + wrong
    code = next(body + last for last in ALPHABET if stdnum_uscc.is_valid(body + last))
    assert refused(code) == "identity.code-inner-check-digit"


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("11", SubjectKind.PUBLIC_BODY),
        ("12", SubjectKind.PUBLIC_BODY),
        ("31", SubjectKind.OTHER_ORGANISATION),
        ("51", SubjectKind.SOCIAL_ORGANISATION),
        ("52", SubjectKind.SOCIAL_ORGANISATION),
        ("53", SubjectKind.SOCIAL_ORGANISATION),
        ("91", SubjectKind.ENTERPRISE),
        ("92", SubjectKind.SOLE_TRADER),
        ("93", SubjectKind.COOPERATIVE),
        ("A1", SubjectKind.PUBLIC_BODY),
        ("N1", SubjectKind.OTHER_ORGANISATION),
        ("Y1", SubjectKind.OTHER_ORGANISATION),
    ],
)
def test_kinds_and_letters_at_the_first_position(prefix: str, kind: SubjectKind) -> None:
    code = make_uscc(prefix + "510500", "YY000001")
    check_uscc(code)
    assert kind_of(code) is kind


def test_the_table_has_the_classes_of_the_standard() -> None:
    classes: dict[str, str] = {}
    for prefix in DEPARTMENTS:
        classes[prefix[0]] = classes.get(prefix[0], "") + prefix[1]
    assert classes == {
        "1": "1239",
        "2": "19",
        "3": "123459",
        "4": "19",
        "5": "1239",
        "6": "129",
        "7": "129",
        "8": "19",
        "9": "123",
        "A": "19",
        "N": "1239",
        "Y": "1",
    }


@given(codes)
def test_what_is_made_is_valid(code: str) -> None:
    check_uscc(code)
    check_organisation_code(code[8:17])
    if code[:8].isdigit():  # stdnum refuses letters there, which the standard allows
        assert stdnum_uscc.validate(code) == code


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_change_is_caught(code: str, at: int, char: str) -> None:
    assume(code[at] != char)
    refused(code[:at] + char + code[at + 1 :])


@given(codes, st.integers(0, 16), st.integers(1, 17))
def test_any_transposition_is_caught(code: str, first: int, second: int) -> None:
    # The weights of all 17 positions differ; only the check character (weight 1) could change
    # places with position 1 unseen.
    assume(first < second and code[first] != code[second] and (first, second) != (0, 17))
    chars = list(code)
    chars[first], chars[second] = chars[second], chars[first]
    refused("".join(chars))


@pytest.mark.parametrize("code", ORGANISATION_CODES)
def test_organisation_codes(code: str) -> None:
    check_organisation_code(code)
    assert organisation_check(code[:8]) == code[8]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("20470671", "identity.code-length"),
        ("20470671-8", "identity.code-length"),
        ("2047o6718", "identity.code-alphabet"),
        ("204706719", "identity.code-inner-check-digit"),
        ("715267260", "identity.code-inner-check-digit"),
    ],
)
def test_refused_organisation_codes(code: str, expected: str) -> None:
    with pytest.raises(StatementError) as caught:
        check_organisation_code(code)
    assert caught.value.code == expected


@given(st.text(ALPHABET + "ISOVZ", min_size=8, max_size=8), st.integers(0, 7), st.integers(1, 10))
def test_any_single_change_of_an_organisation_code_within_the_modulus_is_caught(
    body: str, at: int, by: int
) -> None:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    value = alphabet.index(body[at])
    assume(value + by < len(alphabet))
    changed = body[:at] + alphabet[value + by] + body[at + 1 :]
    assert organisation_check(changed) != organisation_check(body)


@pytest.mark.parametrize(
    ("prefix", "organisation", "expected"),
    [
        ("9151050", "YY000001", "identity.code-length"),
        ("91510500", "YY00001", "identity.code-length"),
        ("91510500", "ZZ000001", "identity.code-alphabet"),
        ("96510500", "YY000001", "identity.code-department"),
    ],
)
def test_make_uscc_refuses(prefix: str, organisation: str, expected: str) -> None:
    with pytest.raises(StatementError) as caught:
        make_uscc(prefix, organisation)
    assert caught.value.code == expected


def test_messages_never_repeat_the_code() -> None:
    for code in ("91310115MA1H8R7C6D", "91A10100MA6BKY6U36", "510502199001011234"):
        with pytest.raises(StatementError) as caught:
            check_uscc(code)
        assert code not in str(caught.value)
