"""Editions in the console: tried, adopted by two who signed; entries confirmed by one.

Covers node/console/pages/editions.py, node/console/texts/editions.py.
"""

from __future__ import annotations

import time
from base64 import b64encode
from typing import Any

import pytest

from federation.persons import HEADING, confirmation_body, edition_body
from federation.reconcile.findings import Outcome
from federation.screening.roles import Role
from node.console.pages.editions import TEXT_MAX
from node.console.texts.editions import TEXTS
from tests.support.console import Asked, Browser, FakeNode, problem, signed_in

EVIL = "<script>alert(1)</script>"
TEXT = "edition: city-2026\r\nname: 市目录（演示）\n"
ORIGIN = "510500.huxin.example/1"
CASE = "0a" * 16


SHOWN = "5e" * 32


def reviewer(**changed: Any) -> FakeNode:
    def tried(asked: Asked) -> dict[str, Any]:
        text = asked.said["text"]
        return {
            "edition": "city-2026",
            "name": EVIL,
            "differences": [{"sort": "list", "code": "wages", "change": "added"}],
            "changes": [
                {
                    "from": "record.recognised",
                    "to": "catalog.list-unknown",
                    "outcome": "rejected",
                    "listings": 1200,
                    "some": [],
                }
            ],
            "body": edition_body("city-2026", text),
            "shown": SHOWN,
            "adopted": bool(asked.said.get("persons")),
        } | changed

    named: dict[str, list[Any]] = {
        part: [] for part in ("trust_lists", "measures", "authorities", "regions", "matters")
    }
    lists = [{"list_type": "wages", "name": "拖欠农民工工资名单"}]
    waits = {"item": f"city-2026/{EVIL}", "name": EVIL, "certainty": "C", "source": EVIL}
    return FakeNode(
        roles=(Role.REVIEWER,),
        replies={
            ("GET", "/v1/catalog:check"): {
                "unconfirmed": [waits, waits | {"item": "city-2026/wages", "name": "名单"}],
                "starters": ["national-lists-2024"],
                "starter_names": {"national-lists-2024": "全国严重失信主体名单"},
            },
            ("GET", "/v1/catalog"): {"lists": lists, **named},
            ("GET", "/v1/status"): {"node": {"origin": ORIGIN}},
            ("POST", "/v1/catalog:import"): tried,
            ("POST", "/v1/catalog:confirm"): {"confirmed": 1},
        },
    )


def upload(
    browser: Browser,
    target: str,
    fields: dict[str, str],
    content: bytes = b"",
    name: str = "",
) -> Any:
    said = {"_token": browser.form_token("/no-such-page")} | fields
    body = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in said.items()
    )
    if name:
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body += f"{head}Content-Type: application/yaml\r\n\r\n".encode() + content + b"\r\n"
    return browser.post_body(target, body + b"--x--\r\n", "multipart/form-data; boundary=x")


def last(fake: FakeNode, path: str) -> Asked:
    return next(one for one in reversed(fake.asked) if one.path == path)


def test_an_edition_is_tried_and_shown_with_what_is_signed() -> None:
    fake = reviewer()
    page = upload(signed_in(fake), "/editions/try", {}, TEXT.encode(), "e.yaml").body.decode()
    assert last(fake, "/v1/catalog:import").said == {"text": TEXT}
    for text in (
        "拖欠农民工工资名单",
        "新增",
        "不予认定",
        "1,200",
        f"{HEADING}\n{ORIGIN}\nedition\n",
        edition_body("city-2026", TEXT).replace('"', "&#34;"),
        b64encode(TEXT.encode()).decode(),
        f'name="shown" value="{SHOWN}"',
        "待签原文.txt",
    ):
        assert text in page
    assert EVIL not in page


def test_an_edition_that_a_case_needs_is_proposed_and_tried_at_once() -> None:
    fake = reviewer()
    fake.replies["POST", f"/v1/cases/{CASE}:propose"] = {"text": TEXT}
    browser = signed_in(fake)
    said = {"_token": browser.form_token("/no-such-page"), "case": CASE, "like": "wages"}
    page = browser.post("/editions/propose", said).body.decode()
    assert last(fake, f"/v1/cases/{CASE}:propose").said == {"person": "王五", "like": "wages"}
    assert last(fake, "/v1/catalog:import").said == {"text": TEXT}
    assert b64encode(TEXT.encode()).decode() in page
    assert EVIL not in page


def test_what_no_edition_cures_is_refused_in_words() -> None:
    fake = reviewer()
    refusal = problem(409, "case.no-proposal", "没有版本能解决", "none")
    fake.replies["POST", f"/v1/cases/{CASE}:propose"] = refusal
    browser = signed_in(fake)
    answer = browser.post(
        "/editions/propose", {"_token": browser.form_token("/no-such-page"), "case": CASE}
    )
    assert answer.status == 409
    assert "没有版本能解决" in answer.body.decode()


def test_a_text_that_was_changed_in_the_page_is_tried_as_it_stands_there() -> None:
    fake = reviewer()
    upload(signed_in(fake), "/editions/try", {"text": TEXT})
    assert last(fake, "/v1/catalog:import").said == {"text": TEXT.replace("\r\n", "\n")}


def test_it_takes_effect_with_the_word_of_both_byte_for_byte() -> None:
    fake = reviewer()
    browser = signed_in(fake)
    edition = b64encode(TEXT.encode()).decode()
    fields = {
        "edition": edition,
        "other": "李某",
        "note": "huxin/person/v1\r\nx\r\n",
        "shown": SHOWN,
    }
    done = upload(browser, "/editions/adopt", fields)
    assert (done.status, done.headers["location"]) == (303, "/editions?done=adopted")
    assert last(fake, "/v1/catalog:import").said == {
        "text": TEXT,
        "persons": ["王五", "李某"],
        "note": "huxin/person/v1\nx\n",
        "shown": SHOWN,
    }
    assert "已采用" in browser.get("/editions?done=adopted").body.decode()


def test_a_refused_word_keeps_what_was_tried() -> None:
    fake = reviewer()
    tried = fake.replies["POST", "/v1/catalog:import"]
    fake.replies["POST", "/v1/catalog:import"] = lambda one: (
        problem(409, "person.unsigned", "缺少签名", "none") if "persons" in one.said else tried(one)
    )
    edition = b64encode(TEXT.encode()).decode()
    fields = {"edition": edition, "other": "李某", "note": ""}
    answer = upload(signed_in(fake), "/editions/adopt", fields)
    page = answer.body.decode()
    assert answer.status == 409
    assert all(text in page for text in ("缺少签名", edition, "1,200"))


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "", "请选择版本文件"),
        (b"a" * (TEXT_MAX + 1), "e.yaml", "文件过大"),
        (b"\xff\xfe", "e.yaml", "须为 UTF-8"),
    ],
)
def test_what_is_no_edition_is_not_sent(content: bytes, name: str, said: str) -> None:
    fake = reviewer()
    answer = upload(signed_in(fake), "/editions/try", {}, content, name)
    assert answer.status in (413, 422)
    assert said in answer.body.decode()
    assert not any(one.path == "/v1/catalog:import" for one in fake.asked)


def test_an_edition_of_the_program_is_tried_by_its_code() -> None:
    fake = reviewer()
    browser = signed_in(fake)
    named = 'value="national-lists-2024">全国严重失信主体名单 · national-lists-2024<'
    assert named in browser.get("/editions").body.decode()
    upload(browser, "/editions/try", {"starter": "national-lists-2024"})
    assert last(fake, "/v1/catalog:import").said == {"text": "national-lists-2024"}


def test_entries_are_confirmed_with_a_word_about_exactly_these() -> None:
    fake = reviewer()
    browser = signed_in(fake)
    assert EVIL not in browser.get("/editions").body.decode()
    token = browser.form_token("/no-such-page")
    assert browser.post("/editions/confirm/word", {"_token": token}).status == 422
    chosen = {"_token": token, "entry": "city-2026/wages"}
    page = browser.post("/editions/confirm/word", chosen).body.decode()
    assert '名单 <code class="under">city-2026/wages</code>' in page, "by its name"
    assert confirmation_body(["city-2026/wages"]).replace('"', "&#34;") in page
    assert "huxin sign text &#39;待签原文.note&#39; &#39;待签原文.txt&#39; --key own.key" in page
    word = f"{HEADING}\n{ORIGIN}\nconfirmation\n1\n{{}}"
    kept = browser.post("/editions/word.txt", {"_token": token, "word": word})
    assert kept.body.decode() == f"{word}\n"
    fields = {"entry": "city-2026/wages", "note": "n"}
    done = upload(browser, "/editions/confirm", fields)
    assert done.headers["location"] == "/editions?done=confirmed"
    assert last(fake, "/v1/catalog:confirm").said == {
        "entries": ["city-2026/wages"],
        "person": "王五",
        "note": "n\n",
    }
    refusal = problem(409, "person.other-words", "签署的是别的内容", "another")
    fake.replies["POST", "/v1/catalog:confirm"] = refusal
    refused = upload(browser, "/editions/confirm", fields | {"word": word})
    assert refused.status == 409
    assert all(text in refused.body.decode() for text in ("签署的是别的内容", HEADING))


def test_a_confirmation_is_of_the_moment_at_which_its_page_was_shown() -> None:
    """Where an edition was adopted since, the node refuses the word: another text was compared."""
    browser = signed_in(reviewer())
    page = browser.get("/editions").body.decode()
    seen = page.partition('name="seen_at" value="')[2].partition('"')[0]
    assert abs(int(seen) - time.time()) < 60
    token = browser.form_token("/no-such-page")
    for said, expected in (
        (seen, int(seen)),
        (str(int(seen) - 3600), int(seen) - 3600),
        (str(int(seen) + 9999), int(seen)),
        ("", int(seen)),
        ("1" * 5000, int(seen)),
    ):
        chosen = {"_token": token, "entry": "city-2026/wages", "seen_at": said}
        word = browser.post("/editions/confirm/word", chosen).body.decode()
        at = word.partition("\nconfirmation\n")[2].partition("\n")[0]
        assert expected <= int(at) <= expected + 60


def test_every_outcome_of_a_listing_has_its_words() -> None:
    assert {f"outcome.{one.name.lower()}" for one in Outcome} <= set(TEXTS)
