"""Records, checks and scenarios: what each page asks, shows and sends.

Covers node/console/pages/records.py, node/console/pages/checks.py, node/console/pages/scenarios.py,
node/console/texts/records.py, node/console/texts/checks.py, node/console/texts/scenarios.py,
node/texts/questions.py.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any, Final
from zipfile import ZipFile

import pytest

from federation.names import ANNOTATION_ACTIONS, REQUEST_TYPES
from federation.payloads import RequestType
from federation.screening.questions import BLANK, CASE, INVISIBLE, SUBJECT_FIELDS, WIDTH
from federation.screening.roles import Role
from federation.statements import AnnotationAction
from node.console.pages import records
from node.texts.fields import ANNOTATIONS, STATES
from node.texts.questions import CHANGES, FIELDS, made_plain
from node.web.operations_records import OPERATIONS
from tests.support.console import Asked, Browser, FakeNode, problem, signed_in

EVIL: Final = "<script>alert(1)</script>"
ID, SCENARIO = "b3f216906973021e9a20457facc1c311", "dfc3045ae6eca9b724a6c39b3a70b79c"
NUMBER: Final = "510500-20261130-adc171ca7891"
RECORD: Final[dict[str, Any]] = {
    "statement_id": ID,
    "kind": "listing",
    "origin": "510500.huxin.example/1",
    "index": 7,
    "list_type": "unpaid-migrant-wages",
    "subject": {"scheme": "uscc", "code": "91510502YY90000083", "name": "甲公司（演示）"},
    "authority": "510500-labour",
    "authority_name": "人社局",
    "document": "泸人社〔2026〕1号",
    "decided_on": 20260726,
    "publish_until": 20290726,
    "state": "active",
    "annotations": [],
    "rule": "",
    "issued_at": 1_795_968_237,
    "city": "泸州",
    "payload": {"basis": "条例", "reason": EVIL},
}
ERASED: Final = RECORD | {
    "subject": None,
    "state": "repaired",
    "rule": "relief.direct",
    "payload": None,
    "authority_name": "",
    "document": "",
    "told_by": [
        {"origin": "a/1", "city": "自贡", "outcome": "erased", "reason": "", "time": 1_795_968_300}
    ],
    "first_cosigned": {"time": 1_795_968_240, "size": 9},
    "ended_by": {
        "statement_id": "6b0bbc34299da65a1ab1aef88993e6f0",
        "kind": "repair",
        "origin": "510500.huxin.example/1",
        "city": "泸州",
        "authority": "510500-labour",
        "document": "泸信修决〔2026〕1号",
        "decided_on": 20261130,
        "issued_at": 1_795_968_290,
    },
}
RELIEF: Final[dict[str, Any]] = {
    "executed": 1,
    "members": 2,
    "late": ["内江"],
    "by_member": [
        {"member": "a/1", "city": "自贡", "executed": {"by": 1_795_968_295}},
        {"member": "b/1", "city": "内江", "executed": None},
    ],
}
MATTER: Final = {"code": "funds", "name": "政府资金支持"}
MEASURE: Final = {
    "code": "wages-funds",
    "name": "限制资金支持",
    "class": "prompt",
    "basis": "条例第四十八条",
    "article": "",
    "manner": "提示主管部门",
}
MATCH: Final[dict[str, Any]] = {
    "origin": RECORD["origin"],
    "index": 7,
    "list_name": "拖欠农民工工资名单",
    "authority_name": "人社局",
    "document": EVIL,
    "decided_on": 20260726,
    "due_on": 20261207,
    "measures": [MEASURE],
}
ANSWER: Final[dict[str, Any]] = {
    "number": NUMBER,
    "result": "match",
    "complete": False,
    "coverage": [{"name": "泸州", "state": "ok"}, {"name": "自贡", "state": "stale"}],
    "matches": [MATCH],
    "notes": [],
    "codes": [],
    "superseded": [],
    "normalised": [],
}
WAITING: Final = MATCH | {
    "check": NUMBER,
    "matter_name": "政府资金支持",
    "from": "泸州",
    "department": "财政局（演示）",
    "overdue": True,
    "state": "pending",
    "reports": [],
    "case_no": "ZJ-1",
}
CHECK: Final[dict[str, Any]] = {
    "check": NUMBER,
    "department": "财政局（演示）",
    "matter_name": "政府资金支持",
    "at": 1_795_971_723,
    "result": "match",
    "case_no": "ZJ-1",
    "code": "91510500YY0600007N",
    "name": "被查示例公司（演示）",
    "matches": [
        WAITING
        | {
            "state": "reported",
            "reports": [
                {
                    "measure": "wages-funds",
                    "result": "prompted",
                    "decided_on": 20261130,
                    "reason": "",
                }
            ],
            "listing": {
                "statement_id": ID,
                "subject_name": EVIL,
                "authority_name": "人社局",
                "document": "1号",
                "decided_on": 20260726,
                "ended_by": None,
            },
        }
    ],
}
SHOWN: Final[dict[str, Any]] = {
    "scenario": SCENARIO,
    "statement_id": SCENARIO,
    "title": EVIL,
    "city": "内江",
    "type": "信易租",
    "provider_name": "发改委",
    "incentives": [{"code": "", "text": "免押金"}],
    "conditions": "A级纳税人",
    "explained": {"zh": "列入守信名单", "en": "on the list of the trustworthy"},
    "basis": "",
    "valid_until": 0,
    "here": {"standing": "none", "code": "benefit.not-recognised", "since": 0, "until": 0},
    "own_region": "510500",
    "regions": [
        {"region": "511000", "city": "内江", "standing": "own", "until": 0},
        {
            "region": "510300",
            "city": "自贡",
            "standing": "declined",
            "until": 0,
            "authority_name": "自贡发改委",
            "reason": EVIL,
            "conditions": "",
            "further": {"zh": "另附", "en": "more"},
            "services": [],
        },
    ],
}
HISTORY: Final = {
    "history": [
        {"day": 20261130, "city": "内江", "action": "opened"},
        {"day": 20261130, "city": "自贡", "action": "declined", "reason": "没有统一优惠"},
    ]
}
MATRIX: Final = {
    "regions": [{"region": "511000", "city": "内江"}, {"region": "510300", "city": "自贡"}],
    "scenarios": [SHOWN | {"regions": {"511000": "own", "510300": "none"}}],
}
ACCOUNT: Final = {"purposes": ["audit", "joint-incentive", "joint-punishment"]}


def node(*roles: Role, **replies: Any) -> FakeNode:
    listed = {"records": [RECORD, ERASED], "next_page_token": "abc"}
    lists = [{"list_type": "unpaid-migrant-wages", "name": "拖欠农民工工资名单"}]
    known = {
        ("GET", "/v1/status"): {
            "node": {"origin": "511500.huxin.example/1"},
            "logs": [{"origin": RECORD["origin"], "city": "泸州"}],
        },
        ("GET", "/v1/catalog"): {"lists": lists, "trust_lists": []},
        ("GET", "/v1/records"): listed,
        ("POST", "/v1/records:search"): listed,
        ("GET", f"/v1/records/{ID}"): RECORD,
        ("GET", f"/v1/repairs/{ERASED['ended_by']['statement_id']}/progress"): RELIEF,
        ("GET", "/v1/outcomes:pending"): {"outcomes": [WAITING], "next_page_token": ""},
        ("GET", "/v1/matters"): {"matters": [MATTER]},
        ("POST", "/v1/checks"): ANSWER,
        ("GET", f"/v1/outcomes/{NUMBER}"): CHECK,
        ("POST", f"/v1/checks/{NUMBER}/outcomes"): {"state": "reported"},
        ("GET", "/v1/scenarios:matrix"): MATRIX,
        ("GET", f"/v1/scenarios/{SCENARIO}"): SHOWN,
        ("GET", f"/v1/scenarios/{SCENARIO}/history"): HISTORY,
    }
    return FakeNode(replies=known | replies, roles=roles or (Role.OPERATOR,), account=ACCOUNT)  # type: ignore[arg-type]


def sent(browser: Browser, page: str, target: str, fields: dict[str, str]) -> Any:
    return browser.post(target, fields | {"_token": browser.form_token(page)})


def asked(fake: FakeNode, path: str) -> Asked:
    return next(one for one in reversed(fake.asked) if one.path == path)


def test_what_is_chosen_stands_in_the_address_and_is_asked_of_the_node() -> None:
    fake = node()
    browser = signed_in(fake)
    page = browser.get("/records?state=active&list_type=unpaid-migrant-wages&other=1").body.decode()
    assert asked(fake, "/v1/records").query == {
        "state": "active",
        "list_type": "unpaid-migrant-wages",
        "page_size": "25",
    }
    assert 'value="active" selected' in page
    assert "甲公司（演示）" in page
    assert "内容已删除" in page
    assert "state=active&amp;list_type=unpaid-migrant-wages&amp;page_token=abc" in page
    browser.get("/records?page_token=abc")
    assert asked(fake, "/v1/records").query["page_token"] == "abc"


def test_every_choice_of_the_page_is_one_of_the_api() -> None:
    (listed,) = (one for one in OPERATIONS if one.path == "/v1/records")
    known = {one.name: set(one.words) for one in listed.query}
    assert set(records.KINDS) <= known["kind"]
    assert set(STATES) - {"set-aside"} <= known["state"]


@pytest.mark.parametrize(
    ("said", "body"),
    [
        ("91510502yy90000083", {"code": "91510502YY90000083"}),
        (" 甲公司（演示） ", {"name": "甲公司（演示）"}),
        ("ABC Ltd", {"name": "ABC Ltd"}),
    ],
)
def test_a_subject_is_looked_for_in_a_body_alone(said: str, body: dict[str, str]) -> None:
    fake = node()
    browser = signed_in(fake)
    page = sent(browser, "/records", "/records/search", {"subject": said})
    assert asked(fake, "/v1/records:search").said == body
    assert f"“{said.strip()}”的记录；已修复、撤销、到期的已清除主体" in page.body.decode()
    assert not any(said.strip() in value for one in fake.asked for value in one.query.values())


def test_a_search_goes_on_where_it_stopped() -> None:
    fake = node()
    fake.replies["POST", "/v1/records:search"] = {"records": [], "next_page_token": "abc"}
    browser = signed_in(fake)
    page = sent(browser, "/records", "/records/search", {"subject": EVIL}).body.decode()
    assert EVIL not in page
    assert 'name="page_token" value="abc"' in page
    again = {"subject": EVIL, "page_token": "abc"}
    sent(browser, "/records", "/records/search", again)
    assert asked(fake, "/v1/records:search").query == {"page_token": "abc"}


def test_a_name_that_a_part_does_not_have_is_looked_for_on_and_on_and_never_called_absent() -> None:
    fake = node()
    listed = fake.replies["POST", "/v1/records:search"]
    fake.replies["POST", "/v1/records:search"] = {"records": [], "next_page_token": "abc"}
    browser = signed_in(fake)

    def looked(parts: int, **said: str) -> str:
        typed = {"subject": "甲公司（演示）", "looked": str(parts)} | said
        page: str = sent(browser, "/records", "/records/search", typed).body.decode()
        return page

    for parts, by_itself in ((0, True), (records.BY_ITSELF - 1, False), (records.BY_ITSELF, True)):
        page = looked(parts)
        assert ("hx-post" in page, "还没有找完" in page) == (by_itself, True)
        assert f'name="looked" value="{parts + 1}"' in page
        assert "没有查到" not in page
    fake.replies["POST", "/v1/records:search"] = listed
    page = looked(3)
    assert ("hx-post" in page, 'name="found" value="1"' in page) == (False, True)
    assert "后面可能还有" in page
    fake.replies["POST", "/v1/records:search"] = {"records": [], "next_page_token": ""}
    for found, told in (("", "没有查到"), ("1", "都找过了")):
        page = looked(4, found=found)
        assert ("hx-post" in page, "page_token" in page, told in page) == (False, False, True)


def test_what_the_search_refuses_stands_beside_its_form() -> None:
    refusal = problem(422, "subject.code", "代码有误", "a code")
    fake = node()
    fake.replies["POST", "/v1/records:search"] = refusal
    browser = signed_in(fake)
    answer = sent(browser, "/records", "/records/search", {"subject": EVIL})
    page = answer.body.decode()
    assert (answer.status, "代码有误" in page, EVIL in page) == (422, True, False)
    assert sent(browser, "/records", "/records/search", {"subject": " "}).status == 303


def test_a_record_tells_its_story_and_escapes_what_it_says() -> None:
    page = signed_in(node()).get(f"/records/{ID}").body.decode()
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert page.index("2026-07-26") < page.index("2026-11-30 00:03")
    assert "拖欠农民工工资名单" in page


def test_annotations_stand_in_words() -> None:
    fake = node()
    said = ["objection-opened", "objection-forwarded"]
    fake.replies["GET", f"/v1/records/{ID}"] = RECORD | {"annotations": said}
    page = signed_in(fake).get(f"/records/{ID}").body.decode()
    assert "异议办理中、本市转办的异议未办结" in page
    assert "objection-" not in page


def test_every_annotation_has_its_words() -> None:
    marks = {f"{REQUEST_TYPES.name(one)}-forwarded" for one in RequestType if one}
    actions = {ANNOTATION_ACTIONS.name(one) for one in AnnotationAction}
    assert actions | marks == set(ANNOTATIONS)


def test_what_a_subject_asks_is_forwarded_from_the_listing_of_another_that_stands() -> None:
    link = f"/requests/new?statement_id={ID}"
    fake = node()
    assert link in signed_in(fake).get(f"/records/{ID}").body.decode()
    for changed in ({"state": "repaired"}, {"origin": "511500.huxin.example/1"}):
        fake.replies["GET", f"/v1/records/{ID}"] = RECORD | changed
        assert link not in signed_in(fake).get(f"/records/{ID}").body.decode()
    fake = node(Role.REVIEWER)
    assert link not in signed_in(fake).get(f"/records/{ID}").body.decode()


def test_matches_stand_in_the_order_of_their_turn_a_page_at_a_time() -> None:
    waiting = [
        WAITING | {"check": f"510500-20261130-{state}", "state": state, "overdue": late}
        for state, late in (("pending", True), ("reopened", False), ("pending", False))
    ]
    fake = node()
    fake.replies["GET", "/v1/outcomes:pending"] = {"outcomes": waiting, "next_page_token": "eA=="}
    browser = signed_in(fake)
    page = browser.get("/checks").body.decode().partition("<tbody>")[2]
    assert page.index(">逾期<") < page.index(">须解除或复核<") < page.rindex(">待反馈<")
    assert 'href="/checks?page_token=eA%3D%3D"' in page
    browser.get("/checks?page_token=eA%3D%3D")
    (asked,) = [one for one in fake.asked if one.query.get("page_token")]
    assert asked.query == {"page_size": "50", "page_token": "eA=="}


def test_an_ended_record_says_who_ended_it_and_who_has_executed_that() -> None:
    fake = node()
    fake.replies["GET", f"/v1/records/{ID}"] = ERASED
    page = signed_in(fake).get(f"/records/{ID}").body.decode()
    story = page.partition("经过</h2>")[2]
    told = (
        "作出决定",
        "写入日志",
        "首次由其他成员联署",
        "泸信修决〔2026〕1号",
        "已执行解除",
        "已删除内容",
    )
    assert sorted(told, key=story.index) == list(told)
    assert "1/2 个成员已执行" in page
    assert "逾期：内江" in page
    assert "已从本节点删除" in page
    del fake.replies["GET", f"/v1/repairs/{ERASED['ended_by']['statement_id']}/progress"]
    assert "成员已执行" not in signed_in(fake).get(f"/records/{ID}").body.decode()


def hand(step: str, name: str, at: int) -> dict[str, Any]:
    return {"step": step, "name": name, "unit": "泸州市信用办（演示）", "post": EVIL, "at": at}


def test_who_prepared_reviewed_and_issued_an_act_stands_in_the_story() -> None:
    """Of the case by its words, and by the letter's register only what those do not say (GW7)."""
    fake = node()
    about = f"{ID}-2"
    said = [hand("prepared", "王五", 1_795_968_400), hand("reviewed", "赵六", 1_795_968_500)]
    issued = [hand("prepared", "错", 1_795_968_600), hand("issued", "李某", 1_795_968_600)]
    letter = {"number": "1号", "issuer": "", "dated": 20261129, "handled": issued}
    relief = letter | {"handled": [hand("issued", "张某", 1_795_968_700)]}
    fake.replies |= {
        ("GET", f"/v1/records/{ID}"): ERASED | {"statement_id": ID, "rule": "decision.use"},
        ("GET", f"/v1/cases/{ID}/hands"): {"letter": about, "handled": said},
        ("GET", f"/v1/letters/decision/{about}"): letter,
        ("GET", f"/v1/letters/relief/{ERASED['ended_by']['statement_id']}"): relief,
    }
    page = signed_in(fake).get(f"/records/{ID}").body.decode()
    story = page.partition("经过</h2>")[2]
    told = (
        "王五",
        "案件处理决定书 · 经办",
        "赵六",
        "审核",
        "李某",
        "签发",
        "张某",
        "修复、撤销决定书 · 签发",
    )
    assert sorted(told, key=story.index) == list(told)
    assert "错" not in story
    assert EVIL not in story


def test_what_persons_let_count_leads_back_to_its_case() -> None:
    fake = node()
    fake.replies |= {
        ("GET", f"/v1/records/{ID}"): RECORD | {"state": "active", "rule": ""},
        ("GET", f"/v1/cases/{ID}/hands"): {
            "letter": ID,
            "handled": [hand("prepared", "王五", 1_795_968_400)],
        },
    }
    page = signed_in(fake).get(f"/records/{ID}").body.decode()
    assert f'href="/cases/{ID}"' in page
    assert "案件处理决定书 · 经办" in page
    fake.replies["GET", f"/v1/cases/{ID}/hands"] = {"letter": ID, "handled": []}
    assert f'href="/cases/{ID}"' not in signed_in(fake).get(f"/records/{ID}").body.decode()


@pytest.mark.parametrize(
    ("state", "rule", "read"),
    [("held", "ground.unknown", 1), ("active", "", 1), ("repaired", "", 0)],
)
def test_one_view_of_a_record_is_one_reading_and_asks_for_hands_alone(
    state: str, rule: str, read: int
) -> None:
    fake = node()
    fake.replies["GET", f"/v1/records/{ID}"] = RECORD | {"state": state, "rule": rule}
    assert signed_in(fake).get(f"/records/{ID}").status == 200
    assert len([one for one in fake.asked if one.path == f"/v1/cases/{ID}/hands"]) == read
    assert not [one for one in fake.asked if one.path == f"/v1/cases/{ID}"]


def test_the_proof_is_the_folder_that_the_command_reads() -> None:
    fake = node()
    proved = {"leaf": "00ff", "proof": "c2sp.org/tlog-proof@v1\n", "vkey": ["a+1+AA", "b+2+BB"]}
    fake.replies["GET", f"/v1/records/{ID}/proof"] = proved
    answer = signed_in(fake).get(f"/records/{ID}/proof")
    assert f'filename="{ID}.zip"' in answer.headers["content-disposition"]
    with ZipFile(BytesIO(answer.body)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files == {
        f"{ID}/leaf": b"\x00\xff",
        f"{ID}/proof": b"c2sp.org/tlog-proof@v1\n",
        f"{ID}/vkey": b"a+1+AA\nb+2+BB\n",
    }


QUESTION: Final = {
    "matter": "funds",
    "purpose": "joint-punishment",
    "case_no": "ZJ-1",
    "code": "91510502YY90000083",
    "name": "甲公司（演示）",
    "request_id": "r1",
}


def test_a_question_is_asked_as_it_was_typed_and_answered_on_its_page() -> None:
    fake = node()
    browser = signed_in(fake)
    form = browser.get("/checks").body.decode()
    assert form.index("联合惩戒") < form.index("审计")
    assert "请本市安全管理员" in form
    page = sent(browser, "/checks", "/checks", QUESTION).body.decode()
    assert asked(fake, "/v1/checks").said == QUESTION
    for text in ("命中", "限制资金支持", "提示主管部门", "有日志没有查到", "自贡", NUMBER):
        assert text in page
    assert EVIL not in page
    assert 'value="prompted"' in page
    assert 'value="applied"' not in page
    fake.replies["POST", "/v1/checks"] = problem(422, "question.code", "代码有误", "a code")
    again = sent(browser, "/checks", "/checks", QUESTION)
    assert (again.status, 'value="r1"' in again.body.decode()) == (422, True)


def test_a_listing_without_a_measure_is_headed_as_what_restricts_nobody() -> None:
    fake = node()
    fake.replies["POST", "/v1/checks"] = ANSWER | {"matches": [MATCH | {"measures": []}]}
    page = sent(signed_in(fake), "/checks", "/checks", QUESTION).body.decode()
    assert "<h1>列入，无措施，不得据此限制</h1>" in page
    assert "只按措施办理" not in page


def test_notes_what_was_made_plain_and_what_holds_no_more_stand_in_the_answer() -> None:
    fake = node()
    penalty = {"kind": "penalty", "list_name": "行政处罚（演示）", "document": "罚1号"}
    note = MATCH | penalty | {"authority": "510500-labour"}
    beside = {
        "notes": [note, note | {"kind": "watch-list", "authority_name": "", "authority": EVIL}],
        "normalised": ["code:case", "name:blank"],
        "superseded": [{"origin": RECORD["origin"], "index": 4}],
    }
    fake.replies["POST", "/v1/checks"] = ANSWER | beside
    page = sent(signed_in(fake), "/checks", "/checks", QUESTION).body.decode()
    for text in (
        "行政处罚（演示）",
        "重点关注",
        "不得据此限制",
        "代码（统一大小写）；名称（去掉空格）",
        "1 条命中现已不成立",
        f"{RECORD['origin']} #4",
    ):
        assert text in page
    assert EVIL not in page


def test_every_field_and_change_of_a_question_has_its_words() -> None:
    assert set(FIELDS) == {*SUBJECT_FIELDS, "request_id", "matter", "scenario", "place"}
    assert set(CHANGES) == {CASE, WIDTH, INVISIBLE, BLANK}
    assert made_plain(["code:case", "code:new"], english=True) == "code (case of letters, new)"


def test_why_nothing_could_be_judged_stands_in_the_answer() -> None:
    fake = node()
    why = {"code": "identity.code-check-digit", "message": "代码校验位不对"}
    answer = {"result": "insufficient", "complete": True, "matches": [], "codes": [why]}
    fake.replies["POST", "/v1/checks"] = ANSWER | answer
    page = sent(signed_in(fake), "/checks", "/checks", QUESTION).body.decode()
    for text in ("无法判定", "代码校验位不对", "<code>identity.code-check-digit</code>"):
        assert text in page


def test_where_nothing_may_follow_nobody_is_asked_to_report() -> None:
    fake = node()
    fake.replies["POST", "/v1/checks"] = ANSWER | {"matches": [MATCH | {"measures": []}]}
    page = sent(signed_in(fake), "/checks", "/checks", QUESTION).body.decode()
    assert "不得据此限制" in page
    assert "/report" not in page
    assert "办结后反馈" not in page
    assert "待反馈" not in page


def test_an_outcome_is_reported_once_for_a_measure_of_a_match() -> None:
    fake = node()
    browser = signed_in(fake)
    target = f"/checks/{NUMBER}"
    page = browser.get(target).body.decode()
    assert EVIL not in page
    assert "已提示 2026-11-30" in page
    fields = {
        "origin": RECORD["origin"],
        "index": "7",
        "measure": "wages-funds",
        "result": "not-applied",
        "reason": "outcome.public-need",
        "decided_on": "2026-11-30",
        "person": "王五",
        "corrects": "1",
    }
    done = sent(browser, target, f"{target}/report", fields)
    assert (done.status, done.headers["location"]) == (303, f"{target}?done=1")
    assert asked(fake, f"/v1/checks/{NUMBER}/outcomes").said == fields | {
        "index": 7,
        "decided_on": 20261130,
        "corrects": True,
    }
    assert "已收下" in browser.get(f"{target}?done=1").body.decode()
    fake.replies["POST", f"/v1/checks/{NUMBER}/outcomes"] = problem(
        422, "outcome.date", "日期", "d"
    )
    bad = fields | {"index": "x", "decided_on": "today"}
    refused = sent(browser, target, f"{target}/report", bad)
    assert refused.status == 422
    assert asked(fake, f"/v1/checks/{NUMBER}/outcomes").said["decided_on"] == "today"


def test_what_a_relief_ended_names_the_firm_as_it_was_asked_the_relief_and_who_must_report() -> (
    None
):
    fake = node(Role.REVIEWER)
    (match,) = CHECK["matches"]
    gone = {"subject_name": "", "authority_name": "", "document": ""}
    ended = {"statement_id": "6b" * 16, "kind": "repair", "city": "泸州", "document": "泸信修1号"}
    listing = match["listing"] | gone | {"ended_by": ended | {"decided_on": 20261130}}
    reopened = match | {"state": "reopened", "listing": listing}
    fake.replies["GET", f"/v1/outcomes/{NUMBER}"] = CHECK | {"matches": [reopened]}
    page = signed_in(fake).get(f"/checks/{NUMBER}").body.decode()
    assert page.count("被查示例公司（演示）") == 2
    assert f'<a href="/repairs/{"6b" * 16}">泸信修1号</a>' in page
    assert "须由“财政局（演示）”反馈" in page
    assert "—" not in page.partition("<main")[2]
    assert "须由" not in signed_in(node()).get(f"/checks/{NUMBER}").body.decode()


@pytest.mark.parametrize(
    ("reports", "offered"),
    [
        ([], ["not-applied", "proceeded", "prompted", "wrong-subject"]),
        (["not-applied", "applied"], ["undone", "re-examined", "wrong-subject"]),
    ],
)
def test_of_what_a_relief_ended_the_form_offers_what_settles_it(
    reports: list[str], offered: list[str]
) -> None:
    fake = node()
    (match,) = CHECK["matches"]
    (measure,) = match["measures"]
    said = [
        {"measure": measure["code"], "result": one, "reason": "", "decided_on": 20261130}
        for one in reports
    ]
    reopened = match | {"state": "reopened", "reports": said}
    fake.replies["GET", f"/v1/outcomes/{NUMBER}"] = CHECK | {"matches": [reopened]}
    page = signed_in(fake).get(f"/checks/{NUMBER}").body.decode()
    results = page.partition('name="result"')[2].partition("</select>")[0]
    assert re.findall(r'value="([^"]+)"', results) == offered
    assert "没有采取过的，报“未采取”" in page


@pytest.mark.parametrize("state", ["closed", "undone", "wrong"])
def test_what_is_settled_is_no_match_to_act_by(state: str) -> None:
    fake = node()
    (match,) = CHECK["matches"]
    fake.replies["GET", f"/v1/outcomes/{NUMBER}"] = CHECK | {"matches": [match | {"state": state}]}
    page = signed_in(fake).get(f"/checks/{NUMBER}").body.decode()
    assert "<h1>已办结</h1>" in page
    assert "不得再据此限制" in page
    assert "只按措施办理" not in page
    both = [match | {"state": state}, match | {"state": "reported"}]
    fake.replies["GET", f"/v1/outcomes/{NUMBER}"] = CHECK | {"matches": both}
    assert "已办结</h1>" not in signed_in(fake).get(f"/checks/{NUMBER}").body.decode()


def test_a_reviewer_sees_outcomes_and_asks_nothing() -> None:
    fake = node(Role.REVIEWER)
    browser = signed_in(fake)
    page = browser.get("/checks").body.decode()
    assert "逾期" in page
    assert 'action="/checks"' not in page
    assert sent(browser, "/checks", "/checks", QUESTION).status == 403
    assert "/report" not in browser.get(f"/checks/{NUMBER}").body.decode()
    page = signed_in(node(Role.DEPARTMENT)).get(f"/checks/{NUMBER}").body.decode()
    assert "/records/" not in page


def test_the_matrix_says_in_words_what_its_marks_mean() -> None:
    page = signed_in(node()).get("/scenarios").body.decode()
    assert "◎" in page
    assert '<span class="hidden">未表态</span>' in page
    assert EVIL not in page


def test_what_this_region_says_names_the_leaf_of_the_scenario() -> None:
    fake = node()
    proved = {"origin": "511000.huxin.example/1", "index": 3, "leaf": "00"}
    fake.replies["GET", f"/v1/records/{SCENARIO}/proof"] = proved
    fake.replies["POST", "/v1/records:publish"] = {"published": []}
    browser = signed_in(fake)
    target = f"/scenarios/{SCENARIO}"
    page = browser.get(target).body.decode()
    assert EVIL not in page
    assert "没有统一优惠" in page
    fields = {
        "action": "accepted",
        "authority": "510500-development",
        "authority_name": "泸州市发改委",
        "decided_on": "2026-11-30",
        "services": " 一号窗口 \n\n二号窗口",
        "request_id": "r1",
    }
    done = sent(browser, target, f"{target}/act", fields)
    assert (done.status, done.headers["location"]) == (303, f"{target}?done=1")
    body = asked(fake, "/v1/records:publish").said
    (draft,) = body["drafts"]
    said = draft["recognition"]
    assert (body["request_id"], draft["action"]) == ("r1", "accepted")
    assert said["scenario"] == {
        "origin": "511000.huxin.example/1",
        "index": 3,
        "leaf_hash": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    }
    assert (said["services"], said["decided_on"]) == (["一号窗口", "二号窗口"], 20261130)
    sent(browser, target, f"{target}/act", fields | {"action": "opened"})
    assert asked(fake, "/v1/records:publish").said["drafts"][0]["action"] == ""


def test_what_this_region_says_is_a_letter() -> None:
    said = {"region": "510500", "city": "泸州", "standing": "accepted", "statement_id": "ab" * 16}
    found = SHOWN | {"regions": [*SHOWN["regions"], said | {"until": 0}]}
    path = f"/v1/scenarios/{SHOWN['scenario']}"
    asked = FakeNode(
        replies={
            ("GET", path): found,
            ("GET", f"{path}/history"): {"history": []},
            ("GET", f"{path}/letter"): b"PK-docx",
        }
    )
    browser = signed_in(asked)
    target = f"/scenarios/{SHOWN['scenario']}"
    page = browser.get(target).body.decode()
    assert f"/letters/scenario/{'ab' * 16}" in page
    assert browser.get(f"{target}/letter.docx").body == b"PK-docx"
    asked.replies["GET", f"{path}/letter"] = problem(409, "letter.not-yet", "未表态", "not yet")
    assert browser.get(f"{target}/letter.docx").status == 422


def test_a_firm_is_tried_and_the_answer_stands_above_the_scenario() -> None:
    fake = node()
    answer: dict[str, Any] = {
        "number": NUMBER,
        "normalised": ["name:blank"],
        "result": "not",
        "codes": [{"code": "benefit.unmet", "message": "不符合条件"}],
        "conditions": [
            {"asked": "A级", "asked_en": "A", "answer": "no", "code": "x", "message": EVIL}
        ],
    }
    fake.replies["POST", "/v1/benefits/checks"] = answer
    browser = signed_in(fake)
    target = f"/scenarios/{SCENARIO}"
    fields = {"case_no": "1", "code": "C", "name": "甲", "request_id": "r"}
    page = sent(browser, target, f"{target}/try", fields).body.decode()
    said = asked(fake, "/v1/benefits/checks").said
    assert said == fields | {"purpose": "joint-incentive", "scenario": SCENARIO}
    assert "不符合条件" in page
    assert "名称（去掉空格）" in page
    assert "已享受" not in page
    assert EVIL not in page
    fake.replies["POST", "/v1/benefits/checks"] = problem(422, "question.code", "代码有误", "c")
    assert sent(browser, target, f"{target}/try", fields).status == 422


def test_a_use_is_kept_of_the_answer_that_gave_it() -> None:
    fake = node()
    answer = {"number": NUMBER, "normalised": [], "result": "entitled", "codes": []}
    fake.replies["POST", "/v1/benefits/checks"] = answer | {"conditions": []}
    browser = signed_in(fake)
    target, path = f"/scenarios/{SCENARIO}", f"/v1/benefits/checks/{NUMBER}/uses"
    fake.replies["POST", path] = {"number": NUMBER}
    page = sent(browser, target, f"{target}/try", {"code": "C", "name": "甲"}).body.decode()
    assert f'name="number" value="{NUMBER}"' in page
    said = {"used_on": "2026-11-30", "person": "王五", "request_id": "r1"}
    done = sent(browser, target, f"{target}/use", said | {"number": NUMBER})
    assert done.headers["location"] == f"{target}?done=use"
    assert asked(fake, path).said == said | {"used_on": 20261130}
    assert "已记下使用" in browser.get(f"{target}?done=use").body.decode()
    fake.replies["POST", path] = problem(409, "benefit.used", "已记过", "kept before")
    refused = sent(browser, target, f"{target}/use", said | {"number": NUMBER})
    assert (refused.status, "已记过" in refused.body.decode()) == (422, True)
    before = len(fake.asked)
    sent(browser, target, f"{target}/use", said | {"number": "../x"})
    assert not any("uses" in one.path for one in fake.asked[before:])


def test_who_publishes_nothing_is_offered_nothing_to_say() -> None:
    page = signed_in(node(Role.REVIEWER)).get(f"/scenarios/{SCENARIO}").body.decode()
    assert "/act" not in page
    assert "/try" not in page
