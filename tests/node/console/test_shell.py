"""The console's shell: who is shown what, and what every request must be (CN1–CN8).

Covers node/console/api.py, node/console/app.py, node/console/assets.py, node/console/forms.py,
node/console/headers.py, node/console/origins.py, node/console/page.py, node/console/rendering.py,
node/console/sessions.py, node/console/signing_in.py, node/console/words.py.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from structlog.testing import capture_logs

from federation.screening.roles import Action, Role
from node.console import forms, sessions
from node.console.headers import POLICY
from node.console.origins import own_path
from node.console.page import Group, Page, Route, Visit
from node.console.words import Language, day, half, moment, span
from tests.support.asgi import Answered
from tests.support.console import ORIGIN, Browser, Clock, FakeNode, console, problem, signed_in

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
STATIC = Path(__file__).parents[3] / "node" / "console" / "static"


async def show(visit: Visit) -> Response:
    found = await visit.get("/v1/thing")
    return visit.page("message.html", title=found["title"], detail="", shown_code="")


async def act(visit: Visit) -> Response:
    await visit.post("/v1/thing:do", {"word": visit.form.get("word")})
    return visit.to("/thing", done=1)


async def failing(_: Visit) -> Response:
    message = "泸州某某公司"
    raise ValueError(message)


THING = Page(
    name="thing",
    path="/thing",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts={"title": ("某页", "Thing")},
    routes=(
        Route("GET", "", show),
        Route("POST", "", act),
        Route("POST", "/decide", act, needs=Action.DECIDE),
        Route("GET", "/fails", failing),
    ),
)


def node(**more: Any) -> FakeNode:
    replies = {("GET", "/v1/thing"): {"title": "甲"}, ("POST", "/v1/thing:do"): {"done": True}}
    return FakeNode(replies=replies, **more)


def browser(fake: FakeNode, **more: Any) -> Browser:
    return signed_in(fake, pages=(THING,), **more)


def acts(fake: FakeNode) -> int:
    return sum(one.path == "/v1/thing:do" for one in fake.asked)


def test_cn1_who_has_not_signed_in_sees_the_sign_in_page_and_goes_on_from_there() -> None:
    fake = node()
    stranger = Browser(console(fake, pages=(THING,)))
    answer = stranger.get("/thing?a=1")
    assert (answer.status, answer.headers["location"]) == (303, "/sign-in?next=%2Fthing%3Fa%3D1")
    assert "用户名" in stranger.get("/sign-in?next=%2Fthing").body.decode()
    assert stranger.post("/thing", {"word": "x"}).headers["location"] == "/sign-in?unsaved=1"
    assert fake.asked == []
    signed = stranger.sign_in(target="/thing?a=1")
    assert (signed.status, signed.headers["location"]) == (303, "/thing?a=1")
    assert "甲" in stranger.get("/thing?a=1").body.decode()
    assert stranger.get("/sign-in").headers["location"] == "/"


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        (f"{ORIGIN}/thing?a=1", "&next=%2Fthing%3Fa%3D1"),
        (f"{ORIGIN}/thing/decide", ""),
        (f"{ORIGIN}//evil.example", ""),
        ("http://evil.example/thing", ""),
        (f"{ORIGIN}.evil.example/thing", ""),
        ("", ""),
    ],
)
def test_cn4_who_wrote_while_the_session_ended_is_told_and_goes_back_to_that_page(
    came_from: str, back: str
) -> None:
    somebody = Browser(console(node(), pages=(THING,)))
    said = {"_token": "t", "word": "秘密的理由"}
    headers = [("Referer", came_from)] if came_from else []
    sent = somebody.post("/thing", said, headers=headers)
    assert (sent.status, sent.headers["location"]) == (303, f"/sign-in?unsaved=1{back}")
    page = somebody.get(sent.headers["location"]).body.decode()
    assert "没有提交，也没有保存" in page
    assert "秘密的理由" not in page
    assert "没有提交" not in somebody.get("/sign-in").body.decode()


def test_cn1_the_menu_and_the_pages_are_those_of_the_roles() -> None:
    for role in Role:
        if role is Role.THIRD_PARTY:
            continue
        fake = node(roles=(role,))
        somebody = browser(fake)
        answer, may = somebody.get("/thing"), role in (Role.OPERATOR, Role.REVIEWER)
        assert (answer.status == 200) == may
        assert ("某页" in somebody.get("/nothing").body.decode()) == may
        if may:
            said = {"_token": somebody.form_token("/thing"), "word": "x"}
            decided = somebody.post("/thing/decide", said)
            assert decided.status == (303 if role is Role.REVIEWER else 403)
        assert (answer.status == 403) != may


def test_cn1_a_session_that_the_node_ended_is_over() -> None:
    fake = node()
    somebody = browser(fake)
    fake.open.clear()
    assert somebody.get("/thing").headers["location"] == "/sign-in?next=%2Fthing"
    fake.open.update(one.token for one in fake.asked)
    assert somebody.get("/thing").status == 303
    asking = ("HX-Request", "true")
    assert somebody.get("/thing", asking).headers["hx-redirect"] == "/sign-in"


def test_cn2_the_cookie_is_new_at_each_sign_in_and_closed_to_scripts() -> None:
    somebody = Browser(console(node(), pages=(THING,)))
    somebody.cookies["huxin"] = "chosen-by-another"
    somebody.sign_in()
    first = somebody.cookies["huxin"]
    assert SECRET.fullmatch(first)
    assert first != "chosen-by-another"
    (line,) = (one for one in somebody.set if one.startswith("huxin="))
    assert "HttpOnly" in line
    assert "SameSite=strict" in line
    assert "Max-Age" not in line
    old = Browser(somebody.app, dict(somebody.cookies))
    del somebody.cookies["huxin"]
    somebody.sign_in()
    assert somebody.cookies["huxin"] != first
    assert old.get("/thing").status == 200  # another browser's session goes on


def test_cn2_who_signs_in_again_ends_the_session_before() -> None:
    somebody = browser(node())
    before = Browser(somebody.app, dict(somebody.cookies))
    fields = {"name": "赵六", "password": "right", "code": "1", "_token": "t"}
    somebody.cookies["huxin-form"] = "t"
    assert somebody.post("/sign-in", fields).status == 303
    assert before.get("/thing").status == 303


def test_cn2_a_session_ends_by_time_and_by_signing_out() -> None:
    clock, fake = Clock(), node()
    somebody = browser(fake, clock=clock)
    clock.seconds += sessions.IDLE_SECONDS
    assert somebody.get("/thing").status == 200
    clock.seconds += sessions.IDLE_SECONDS + 1
    assert somebody.get("/thing").status == 303
    somebody.sign_in()
    for _ in range(sessions.WHOLE_SECONDS // 1700):
        clock.seconds += 1700
        assert somebody.get("/thing").status == 200
    clock.seconds += 1700
    assert somebody.get("/thing").status == 303
    somebody.sign_in()
    kept, form_token = Browser(somebody.app, dict(somebody.cookies)), somebody.form_token("/thing")
    assert somebody.post("/sign-out", {"_token": "other"}).status == 403
    assert somebody.post("/sign-out", {"_token": form_token}).headers["location"] == "/sign-in"
    assert "huxin" not in somebody.cookies
    assert kept.get("/thing").status == 303
    assert fake.asked[-1].path == "/v1/sessions:close"


def test_cn2_sessions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST", 2)
    clock, fake = Clock(), node()
    app = console(fake, pages=(THING,), clock=clock)
    people = [Browser(app) for _ in range(3)]
    for one in people:
        clock.seconds += 1
        one.sign_in()
    assert [one.get("/thing").status for one in people] == [303, 200, 200]


def test_cn2_over_tls_the_cookie_is_bound_to_host_and_tls() -> None:
    somebody = Browser(console(node(), pages=(THING,), origin="https://credit.example"))
    page = somebody.get("/sign-in")
    assert "max-age" in page.headers["strict-transport-security"]
    form_token = page.body.decode().partition('name="_token" value="')[2].partition('"')[0]
    fields = {"name": "王五", "password": "right", "code": "1", "_token": form_token}
    assert somebody.post("/sign-in", fields).status == 403
    assert somebody.post("/sign-in", fields, origin="https://credit.example").status == 303
    for line in somebody.set:
        assert line.startswith("__Host-huxin")
        assert "; Secure" in line
        assert "Domain" not in line
    assert "strict-transport-security" not in Browser(console(node())).get("/").headers


def test_cn3_a_form_of_another_origin_or_without_the_token_does_nothing() -> None:
    fake = node()
    somebody = browser(fake)
    token, said = somebody.form_token("/thing"), {"word": "x"}
    for origin, fields in (
        ("https://evil.example", said | {"_token": token}),
        ("null", said | {"_token": token}),
        ("", said | {"_token": token}),
        ("http://127.0.0.1:81", said | {"_token": token}),
        ("http://127.0.0.1", said),
        ("http://127.0.0.1", said | {"_token": ""}),
        ("http://127.0.0.1", said | {"_token": token[:-1]}),
    ):
        answer = somebody.post("/thing", fields, origin=origin)
        assert answer.status == 403
        assert "未作任何更改" in answer.body.decode()
    assert acts(fake) == 0
    other = browser(fake)
    assert somebody.post("/thing", said | {"_token": other.form_token("/thing")}).status == 403
    fetched = (("Sec-Fetch-Site", "same-origin"),)
    done = somebody.post("/thing", said | {"_token": token}, origin="", headers=fetched)
    assert (done.status, done.headers["location"]) == (303, "/thing?done=1")
    assert (acts(fake), fake.asked[-1].said) == (1, {"word": "x"})


def test_cn3_signing_in_needs_the_page_s_own_form() -> None:
    fake = node()
    somebody = Browser(console(fake, pages=(THING,)))
    fields = {"name": "王五", "password": "right", "code": "1"}
    assert somebody.post("/sign-in", fields).status == 403
    assert somebody.post("/sign-in", fields | {"_token": ""}).status == 403
    token = somebody.form_token("/sign-in")
    assert somebody.post("/sign-in", fields | {"_token": token}, origin="null").status == 403
    assert fake.asked == []
    assert somebody.post("/sign-in", fields | {"_token": token}).status == 303


def test_what_is_wrong_at_the_door_is_said_and_the_password_does_not_come_back() -> None:
    fake = node()
    somebody = Browser(console(fake))
    token = somebody.form_token("/sign-in")
    fields = {"name": "王五", "password": "wrong-password", "code": "12 3456", "_token": token}
    answer = somebody.post("/sign-in", fields)
    page = answer.body.decode()
    assert (answer.status, "不正确" in page, "王五" in page) == (401, True, True)
    assert "wrong-password" not in page
    assert fake.asked[-1].said == {"name": "王五", "password": "wrong-password", "code": "123456"}
    somebody.sign_in()
    somebody.cookies.pop("huxin")
    somebody.post("/sign-in", fields | {"_token": somebody.form_token("/sign-in")})
    assert fake.asked[-1].said["device"] == "hd1_ab.cd"


def test_at_first_a_password_of_one_s_own_is_asked_for() -> None:
    fake = node()
    somebody = Browser(console(fake))
    fake.refusal = problem(403, "access.initial-password", "首次登录", "first")
    page = somebody.sign_in().body.decode()
    assert "<details open>" in page
    assert 'name="new_password"' in page


@pytest.mark.parametrize(
    ("said", "leads"),
    [
        ("/records?state=active", "/records?state=active"),
        ("/", "/"),
        ("", "/"),
        ("records", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\tevil", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("/" + "a" * 2000, "/"),
        ("/名", "/"),
    ],
)
def test_cn4_next_leads_to_a_path_of_this_console(said: str, leads: str) -> None:
    assert own_path(said) == leads
    somebody = Browser(console(node(), pages=(THING,)))
    assert somebody.sign_in(target=said).headers["location"] == leads


def test_cn4_also_where_the_language_is_chosen() -> None:
    somebody = browser(node())
    answer = somebody.get("/language/en?next=//evil.example")
    assert answer.headers["location"] == "/"
    assert "Sign out" in somebody.get("/thing").body.decode()
    somebody.get("/language/fr?next=/thing")
    assert "Sign out" in somebody.get("/thing").body.decode()
    assert somebody.get("/language/zh?next=/thing").headers["location"] == "/thing"
    assert "退出" in somebody.get("/thing").body.decode()


def every_answer() -> list[Answered]:
    fake = node()
    somebody = browser(fake)
    (style,) = re.findall(r'href="(/static/[^"]+)"', somebody.get("/thing").body.decode())
    fake.replies["GET", "/v1/thing"] = problem(409, "request.reused", "冲突", "reused")
    stranger = Browser(somebody.app)
    return [
        *(somebody.get(path) for path in ("/thing", "/thing/fails", "/no", style, "/static/no")),
        *(stranger.get(path) for path in ("/", "/sign-in", "/language/en")),
        somebody.post("/thing", {}),
        somebody.post("/no", {}),
        stranger.post("/sign-in", {}),
        somebody.post("/sign-out", {"_token": ""}),
    ]


def test_cn5_every_answer_forbids_what_is_not_ours() -> None:
    answers = every_answer()
    assert {one.status for one in answers} >= {200, 303, 403, 404, 409, 500}
    for one in answers:
        assert one.headers["content-security-policy"] == POLICY
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["x-frame-options"] == "DENY"
        assert one.headers["referrer-policy"] == "same-origin"
        assert one.headers["cache-control"] in ("no-store", "public, max-age=31536000, immutable")
    assert "unsafe" not in POLICY
    assert "frame-ancestors 'none'" in POLICY


def test_cn6_what_is_shown_is_escaped_and_what_cannot_be_seen_is_written_out() -> None:
    fake = node()
    somebody = browser(fake)
    fake.replies["GET", "/v1/thing"] = {"title": "<script>alert(1)</script>\u202e\"'"}
    page = somebody.get("/thing").body.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    evil = Browser(console(FakeNode(account={"name": "<img src=x>", "unit": "<b>", "post": "'\""})))
    evil.sign_in()
    shown = evil.get("/no").body.decode()
    assert "<img" not in shown
    assert "<b>泸州" in shown


def test_what_the_api_refuses_is_said_and_a_fault_leaves_as_an_id() -> None:
    fake = node()
    somebody = browser(fake)
    fake.replies["GET", "/v1/thing"] = problem(409, "request.reused", "请求号重复", "sent twice")
    answer = somebody.get("/thing")
    assert (answer.status, "请求号重复" in answer.body.decode()) == (409, True)
    fake.replies["GET", "/v1/thing"] = (503, b"no JSON")
    assert somebody.get("/thing").status == 503
    with capture_logs() as logs:
        failed = somebody.get("/thing/fails")
    assert failed.status == 500
    assert logs[0]["id"] in failed.body.decode()
    assert "某某" not in failed.body.decode() + repr(logs)


def test_cn7_every_link_and_form_of_the_shell_is_plain() -> None:
    page = browser(node()).get("/thing").body.decode()
    assert 'action="/sign-out"' in page
    assert "onclick" not in page
    assert "<style" not in page
    assert ' style="' not in page
    assert re.findall(r"<script(?![^>]* src=)", page) == []


def test_cn8_bodies_are_bounded() -> None:
    fake = node()
    somebody = browser(fake)
    token = somebody.form_token("/thing")
    long = somebody.post("/thing", {"_token": token, "word": "x" * forms.PLAIN_MAX})
    many = {"_token": token} | {f"a{number}": "" for number in range(forms.FIELDS_MAX)}
    assert (long.status, somebody.post("/thing", many).status) == (413, 400)
    for headers, status in (
        ((("Content-Length", "x"),), 413),
        ((("Content-Type", "text/plain"),), 415),
        ((("Content-Type", "multipart/form-data; boundary=x"),), 415),
    ):
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "0"}
        said = [("Origin", "http://127.0.0.1"), *(sent | dict(headers)).items()]
        assert somebody._asked("POST", "/thing", said, b"").status == status
    assert acts(fake) == 0


def test_cn8_files_come_where_a_page_takes_them_and_bounded() -> None:
    seen: list[tuple[str, bytes]] = []

    async def take(visit: Visit) -> Response:
        file = visit.form.files["file"]
        seen.append((str(file.filename), await file.read()))
        return visit.to("/thing")

    page = Page(
        name="thing",
        path="/thing",
        group=Group.WORK,
        needs=(Action.READ_RECORDS,),
        texts=THING.texts,
        routes=(Route("GET", "", show), Route("POST", "", take, upload=300_000)),
    )
    somebody = signed_in(node(), pages=(page,))
    token = somebody.form_token("/thing")

    def send(content: bytes, *, form_token: str = token) -> int:
        body = b"".join(
            (
                b'--b\r\nContent-Disposition: form-data; name="_token"\r\n\r\n',
                form_token.encode(),
                b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n',
                content,
                b"\r\n--b--\r\n",
            )
        )
        headers = [
            ("Content-Type", "multipart/form-data; boundary=b"),
            ("Content-Length", str(len(body))),
            ("Origin", "http://127.0.0.1"),
        ]
        return somebody._asked("POST", "/thing", headers, body).status

    assert send(b"a,b\n1,2\n") == 303
    assert send(b"x", form_token="other") == 403
    assert send(b"x" * 300_000) == 413
    assert seen == [("a.csv", b"a,b\n1,2\n")]


def test_cn8_no_file_is_read_of_whom_nothing_is_taken() -> None:
    page = Page(
        name="thing",
        path="/thing",
        group=Group.WORK,
        needs=(Action.READ_RECORDS,),
        texts=THING.texts,
        routes=(Route("POST", "", failing, upload=30_000_000, needs=Action.DECIDE),),
    )
    fake = node()
    app = console(fake, pages=(page,))
    cookies: dict[str, str] = {}
    for status in (303, 403):  # of a stranger, and of whose role it is not
        read: list[str] = []

        async def receive(read: list[str] = read) -> dict[str, Any]:
            read.append("more")
            return {"type": "http.request", "body": b"x" * 1000, "more_body": len(read) < 9}

        sent: list[Any] = []

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        headers = {
            "host": "127.0.0.1",
            "origin": "http://127.0.0.1",
            "content-type": "multipart/form-data; boundary=b",
            "content-length": "30000000",
            "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        }
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/thing",
            "raw_path": b"/thing",
            "query_string": b"",
            "scheme": "http",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        asyncio.run(app(scope, receive, send))
        assert (sent[0]["status"], read) == (status, [])
        somebody = Browser(app)
        somebody.sign_in()
        cookies = somebody.cookies


def test_who_goes_while_signing_in_or_out_leaves_no_fault_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    somebody = browser(node())

    async def gone(*_: object) -> None:
        raise ClientDisconnect

    monkeypatch.setattr("node.console.app.read_form", gone)
    for path in ("/sign-in", "/sign-out", "/thing"):
        assert somebody.post(path, {}).status == 400

    async def fails(*_: object) -> None:
        message = "泸州某某公司"
        raise ValueError(message)

    monkeypatch.setattr("node.console.app.read_form", fails)
    for path in ("/sign-in", "/sign-out"):
        with capture_logs() as logs:
            answer = somebody.post(path, {})
        assert (answer.status, logs[0]["page"]) == (500, path[1:])
        assert "某某" not in answer.body.decode() + repr(logs)


def test_days_moments_and_spans() -> None:
    assert (day(20261129), day(0), day(None)) == ("2026-11-29", "—", "—")
    assert (moment(1_795_968_283), moment(0)) == ("2026-11-30 00:04", "—")
    spans = {59: "59 秒", 60: "1 分", 7200: "2 小时", 172_800: "2 天"}
    assert {seconds: span(seconds, Language.ZH) for seconds in spans} == spans
    assert (span(None, Language.ZH), span(61, Language.EN)) == ("—", "1 min")
    assert (half("甲 / a", Language.ZH), half("甲 / a", Language.EN)) == ("甲", "a")
    assert half("a / b", Language.ZH) == "a / b"


def test_static_files_are_served_under_their_hash() -> None:
    somebody = browser(node())
    page = somebody.get("/thing").body.decode()
    paths = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(paths) == 3
    for path in paths:
        served = somebody.get(path)
        name = re.sub(r"\.[0-9a-f]{16}\.", ".", path.rpartition("/")[2])
        assert served.body == (STATIC / name).read_bytes()
        assert "immutable" in served.headers["cache-control"]


@pytest.mark.parametrize("status", [400, 404])
def test_of_an_address_that_is_none_nobody_is_told_its_parameters(status: int) -> None:
    fake = node()
    said = "statement_id: 32 位十六进制"
    fake.replies["GET", "/v1/thing"] = problem(status, "http.path", "没有此路径", said)
    fake.replies["POST", "/v1/thing:do"] = problem(status, "http.body", "正文", said)
    person = browser(fake)
    for language, words in (("zh", "没有找到"), ("en", "Nothing was found")):
        person.get(f"/language/{language}?next=/")
        answer = person.get("/thing")
        page = answer.body.decode()
        assert (answer.status, words in page, "statement_id" in page) == (404, True, False)
    form = {"_token": person.form_token("/no-such-page"), "word": "a"}
    assert person.post("/thing", form).status == (404 if status == 404 else 422)
