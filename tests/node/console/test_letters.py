"""Letters in the console: the register, one with its hands, issuing in two steps, files.

Covers node/console/pages/letters.py, node/console/texts/letters.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from federation.screening.roles import Role
from tests.support.console import Browser, FakeNode, problem, signed_in

ID = "0d" * 16
EVIL = "<svg onload=alert(1)>"
PATH = f"/letters/decision/{ID}"


def letter(**changed: Any) -> dict[str, Any]:
    return {
        "kind": "decision",
        "about": ID,
        "number": "泸信办〔2026〕12号",
        "issuer": "泸州市信用办（演示）",
        "dated": 20261129,
        "numbered_here": True,
        "handled": [
            {"step": "prepared", "name": "王五", "unit": "甲", "post": "科员", "at": 1_795_000_000},
            {"step": "issued", "name": "李某", "unit": "", "post": "", "at": 1_795_000_000},
        ],
    } | changed


def fresh(**changed: Any) -> dict[str, Any]:
    return letter(number="", dated=0, handled=[]) | changed


def node(found: dict[str, Any], *, role: Role = Role.REVIEWER) -> FakeNode:
    path = f"/v1/letters/{found['kind']}/{found['about']}"
    return FakeNode(
        roles=(role,),
        replies={
            ("GET", "/v1/letters"): {"letters": [found], "next_page_token": "7"},
            ("GET", path): found,
            ("POST", f"{path}:issue"): letter(),
            ("GET", f"/v1/cases/{ID}/letter"): b"PK-docx",
            ("GET", f"/v1/notices/{ID}/letter"): b"PK-notice",
            ("GET", "/v1/status"): {"node": {"origin": "510500.huxin.example/1"}},
        },
    )


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def test_the_register_and_one_letter_with_who_had_a_hand_in_it() -> None:
    browser = signed_in(node(letter()))
    register = body(browser, "/letters")
    for words in (
        "泸信办〔2026〕12号",
        "案件处理决定书",
        "2026-11-29",
        "签发 李某",
        "page_token=7",
    ):
        assert words in register, words
    one = body(browser, PATH)
    for words in ("泸州市信用办（演示）", "经办", "王五", "科员", f"{PATH}/letter.docx"):
        assert words in one, words
    assert f"{PATH}/word" not in one, "what is issued is issued"


def test_a_letter_leads_to_what_it_is_about() -> None:
    assert f'href="/cases/{ID}"' in body(signed_in(node(letter(about=f"{ID}-2"))), f"{PATH}-2")
    edition = node(letter(kind="edition", about="national-lists-2024"))
    said = body(signed_in(edition), "/letters/edition/national-lists-2024")
    assert "查看这一事项" not in said, "an edition has no page of its own"


def test_an_empty_register_leads_to_where_letters_are_made() -> None:
    asked = node(letter())
    asked.replies["GET", "/v1/letters"] = {"letters": [], "next_page_token": ""}
    said = body(signed_in(asked), "/letters").partition("还没有签发过公文")[2]
    assert '<a href="/cases">待核案件</a>' in said
    assert '<a href="/notices">属地通报</a>' in said


@pytest.mark.parametrize("about", [ID, f"{ID}-2"])
def test_it_is_made_as_the_api_makes_it(about: str) -> None:
    asked = node(letter(about=about))
    made = signed_in(asked).get(f"/letters/decision/{about}/letter.docx")
    assert made.body == b"PK-docx"
    assert "decision-0d0d0d0d.docx" in dict(made.headers)["content-disposition"]


def test_a_reminder_is_asked_for_as_one() -> None:
    asked = node(letter(kind="reminder"))
    assert signed_in(asked).get(f"/letters/reminder/{ID}/letter.docx").body == b"PK-notice"
    assert asked.asked[-1].query == {"kind": "reminder"}


def test_what_has_no_letter_says_why_and_what_is_made_elsewhere_leads_back() -> None:
    asked = node(fresh())
    asked.replies["GET", f"/v1/cases/{ID}/letter"] = problem(
        409, "letter.not-yet", "尚未决定", "nothing is decided"
    )
    browser = signed_in(asked)
    refused = browser.get(f"{PATH}/letter.docx")
    assert (refused.status, "尚未决定" in refused.body.decode()) == (409, True)
    elsewhere = browser.get(f"/letters/scenario/{ID}/letter.docx")
    assert (elsewhere.status, dict(elsewhere.headers)["location"]) == (303, "/letters")


def test_it_is_issued_in_two_steps_with_the_word_of_who_issues_it() -> None:
    asked = node(fresh())
    browser = signed_in(asked)
    assert "尚未签发" in body(browser, PATH)
    token = {"_token": browser.form_token(PATH)}
    assert browser.post(f"{PATH}/word", token).status == 422
    said = token | {"person": "李某", "number": "泸信办〔2026〕12号"}
    second = browser.post(f"{PATH}/word", said)
    page = second.body.decode()
    assert second.status == 200
    for words in (
        "huxin/person/v1",
        "510500.huxin.example/1",
        "huxin sign letter word.note decision",
    ):
        assert words in page, words
    word = browser.post(f"{PATH}/word.txt", token | {"word": "a\r\nb"})
    assert word.body == b"a\nb\n"
    done = browser.post(f"{PATH}/issue", said | {"word": "a", "note": "signed\r\n"})
    assert (done.status, dict(done.headers)["location"]) == (303, f"{PATH}?done=1")
    (issued,) = (one for one in asked.asked if one.path.endswith(":issue"))
    assert issued.said == {"person": "李某", "number": "泸信办〔2026〕12号", "note": "signed\n"}
    asked.replies["POST", f"/v1/letters/decision/{ID}:issue"] = problem(
        409, "letter.taken", "文号已用", "taken"
    )
    refused = browser.post(f"{PATH}/issue", said | {"word": "a"})
    assert (refused.status, "文号已用" in refused.body.decode()) == (409, True)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER])
def test_who_does_and_who_decides_may_issue(role: Role) -> None:
    assert f"{PATH}/word" in body(signed_in(node(fresh(), role=role)), PATH)


def test_names_are_text() -> None:
    hand = {"step": "issued", "name": EVIL, "unit": EVIL, "post": EVIL, "at": 1_795_000_000}
    browser = signed_in(node(letter(number=EVIL, issuer=EVIL, handled=[hand])))
    for target in ("/letters", PATH):
        assert EVIL not in body(browser, target)
