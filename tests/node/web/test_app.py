"""The HTTP application over a node that is not one: requests, refusals and figures (HT1–HT7).

Covers node/web/bodies.py, node/web/calls.py, node/web/figures.py, node/web/problems.py,
node/web/routing.py, node/web/tokens.py.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from structlog.testing import capture_logs

from adapters.errors import AdapterError
from federation.errors import (
    EntitlementError,
    FederationError,
    RefusedError,
    StatementError,
)
from node.network.errors import InternalError, UnavailableError
from node.web import bodies, problems, routing, tokens
from node.web.app import Application
from node.web.figures import Figures
from node.web.routing import Places
from tests.support.asgi import Answered, ask
from tests.support.fake_calls import (
    BARE,
    BATCH,
    DISPLAYED,
    NO_UPLOADS,
    OTHER,
    OUTCOME,
    QUESTION,
    TOKEN,
    FakeCalls,
    FakeNode,
)

DESCRIPTION = {"openapi": "3.1.0", **BARE}
JSON = ("Content-Type", "application/json")
BEARER = ("Authorization", f"Bearer {TOKEN}")
NUMBER = "511500-20261129-0123456789ab"


class World:
    """The application, its node and its figures."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self.calls = FakeCalls()
        self.registry = CollectorRegistry()
        self.app = Application(
            self.calls,
            threads=threads,
            figures=Figures(self.registry),
            description=DESCRIPTION,
            node=FakeNode(),
            operators=threads,
            uploads=NO_UPLOADS,
        )

    def post(self, said: object, target: str = "/v1/checks", **more: Any) -> Answered:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return ask(self.app, "POST", target, (BEARER, JSON), body, **more)

    def get(self, target: str, *headers: tuple[str, str]) -> Answered:
        return ask(self.app, "GET", target, headers or (BEARER,))


@pytest.fixture(scope="module")
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2)


@pytest.fixture
def world(threads: ThreadPoolExecutor) -> World:
    return World(threads)


def refused(found: Answered, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = found.json()
    assert (found.status, problem["code"]) == (status, code), problem
    assert found.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert set(problem) == {
        "type",
        "title",
        "status",
        "code",
        "detail",
        "detail_en",
        "request_id",
    }
    assert not problem["title"].isascii(), "no Chinese title"
    assert not problem["detail"].isascii(), "no Chinese detail"
    return problem


def test_a_question_is_asked_and_answered(world: World) -> None:
    found = world.post(QUESTION)
    assert (found.status, found.json()["result"]) == (200, "clear")
    assert world.calls.asked == [(TOKEN, QUESTION)]
    assert found.headers["cache-control"] == "no-store"
    assert not [name for name in found.headers if name.startswith("access-control")]


def test_an_outcome_goes_to_the_answer_of_its_number(world: World) -> None:
    found = world.post(OUTCOME, f"/v1/checks/{NUMBER}/outcomes")
    assert found.json() == {"check": NUMBER, "state": "reported"}
    refused(world.post(OUTCOME, f"/v1/checks/{'9' * 65}/outcomes"), 404, "outcome.unknown")


def test_many_are_asked_about_at_once(world: World) -> None:
    assert world.post(BATCH, "/v1/checks:batch").json()["rows"] == 1
    assert world.calls.asked == [(TOKEN, BATCH)]
    many = BATCH | {"rows": BATCH["rows"] * 1000}
    assert world.post(many, "/v1/checks:batch").json()["rows"] == 1000
    for wrong in ({"rows": "1"}, {"rows": None}, {"code": "1"}):
        refused(world.post(BATCH | wrong, "/v1/checks:batch"), 422, "http.field")
    many = BATCH | {"rows": BATCH["rows"] * 9000}
    refused(world.post(many, "/v1/checks:batch"), 413, "http.too-large")
    leaked = BATCH | {"rows": [{"code": TOKEN, "name": "1"}]}
    refused(world.post(leaked, "/v1/checks:batch"), 400, "access.token-exposed")


def test_a_display_is_handed_in_and_acknowledged(world: World) -> None:
    found = world.post(DISPLAYED, "/v1/displays")
    assert found.json() == {"number": NUMBER, "remove": []}
    target = f"/v1/displays/{NUMBER}/acknowledgements"
    assert world.post({"rows": [1]}, target).json() == {"number": NUMBER, "acknowledged": [1]}
    assert world.calls.asked == [(TOKEN, DISPLAYED), (NUMBER, {"rows": [1]})]
    refused(
        world.post({"rows": [1]}, f"/v1/displays/{'9' * 65}/acknowledgements"),
        404,
        "display.unknown",
    )
    for wrong in ({"rows": "1"}, {"rows": {"1": 1}}, {"rows": None}, {"rows": [1], "by": "x"}):
        refused(world.post(wrong, target), 422, "http.field")
    many = DISPLAYED | {"rows": DISPLAYED["rows"] * 1000}
    assert world.post(many, "/v1/displays").status == 200
    refused(world.post(many, target), 413, "http.too-large")
    leaked = json.dumps({"request_id": "1", "rows": [{"code": TOKEN, "document": "1"}]})
    for body in (leaked, leaked.replace("hx1", "h\\u00781")):
        refused(world.post(body.encode(), "/v1/displays"), 400, "access.token-exposed")


def test_a_session_by_the_identity_provider_is_begun_and_finished_without_a_token(
    world: World,
) -> None:
    begun = ask(world.app, "POST", "/v1/sessions:begin")
    assert (begun.status, begun.json()["ticket"]) == (200, "t")
    assert begun.headers["cache-control"] == "no-store"
    came = {"ticket": "t", "state": "s", "code": "c", "issuer": "https://sso.example"}
    done = ask(world.app, "POST", "/v1/sessions:finish", (JSON,), json.dumps(came).encode())
    assert (done.status, done.json()["token"]) == (200, TOKEN)
    assert world.calls.asked == [("begin", {}), ("finish", came)]
    few = ask(world.app, "POST", "/v1/sessions:finish", (JSON,), b'{"ticket": "t"}')
    assert few.status == 422
    long = json.dumps(came | {"code": "c" * 5000}).encode()
    assert ask(world.app, "POST", "/v1/sessions:finish", (JSON,), long).status == 422


def test_matters_measures_description_and_health(world: World) -> None:
    assert world.get("/v1/matters").json()["matters"][0]["code"] == "gov-funds"
    assert world.get("/v1/measures").json()["measures"][0]["code"] == "M1"
    assert world.get("/v1/scenarios").json()["scenarios"][0]["scenario"] == "ab"
    assert world.get("/v1/scenarios/ab").json() == {"scenario": "ab"}
    refused(world.get("/v1/scenarios/" + "a" * 33), 404, "recognition.no-scenario")
    assert world.calls.asked == [("ab", {})]
    assert ask(world.app, "GET", "/v1/openapi.json").json() == DESCRIPTION
    assert ask(world.app, "GET", "/healthz").json() == {"status": "ok"}
    world.calls.error = UnavailableError("node.not-ready", "not yet")
    refused(ask(world.app, "GET", "/healthz"), 503, "node.not-ready")


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Authorization", TOKEN),),
        (("Authorization", f"Basic {TOKEN}"),),
        (("Authorization", "Bearer "),),
        (("Authorization", f"Bearer {TOKEN}x"),),
        (("Authorization", f"Bearer {TOKEN}, Bearer {TOKEN}"),),
        (BEARER, BEARER),
        (("X-Api-Key", TOKEN),),
    ],
)
def test_ht1_without_exactly_one_token_nothing_is_done(
    world: World, headers: tuple[tuple[str, str], ...]
) -> None:
    found = ask(world.app, "POST", "/v1/checks", (*headers, JSON), json.dumps(QUESTION).encode())
    refused(found, 401, "http.authorization")
    assert found.headers["www-authenticate"] == "Bearer"
    refused(ask(world.app, "GET", "/v1/matters", headers), 401, "http.authorization")
    assert TOKEN not in found.body.decode()
    assert world.calls.asked == []


def test_ht1_a_token_of_nobody_is_refused(world: World) -> None:
    strange = ("Authorization", "bearer hx1_" + "C" * 43)
    found = ask(world.app, "POST", "/v1/checks", (strange, JSON), json.dumps(QUESTION).encode())
    refused(found, 401, "access.unknown")


@pytest.mark.parametrize(
    "target",
    [
        f"/v1/checks?access_token={OTHER}",
        f"/v1/checks?x={OTHER.replace('_', '%5F')}",
        f"/v1/checks/{OTHER}/outcomes",
        f"/{OTHER}",
        f"/v1/matters?{OTHER}",
    ],
)
def test_ht1_a_token_in_a_url_is_refused_and_told(world: World, target: str) -> None:
    problem = refused(world.post(QUESTION, target), 400, "access.token-exposed")
    assert world.calls.told == [(OTHER, "url")]
    assert world.calls.asked == []
    assert OTHER not in json.dumps(problem)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(QUESTION | {"case_no": f"x {OTHER}"}).encode(),
        json.dumps(QUESTION | {"token": OTHER}).encode(),
        json.dumps(QUESTION | {"case_no": OTHER}).replace("hx1", "h\\u00781").encode(),
        f"not json {OTHER}".encode(),
    ],
)
def test_ht1_a_token_in_a_body_is_refused_and_told(world: World, body: bytes) -> None:
    refused(world.post(body), 400, "access.token-exposed")
    assert world.calls.told == [(OTHER, "body")]
    assert world.calls.asked == []


def test_ht2_a_query_is_refused(world: World) -> None:
    refused(world.post(QUESTION, "/v1/checks?code=91510500MAXA00000X"), 400, "http.query")
    refused(world.get("/healthz?a"), 400, "http.query")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": ["91510500MAXA00000X"]}, "code"),
        ({"code": {"uscc": "91510500MAXA00000X"}}, "code"),
        ({"code": 915105}, "code"),
        ({"name": None}, "name"),
        ({"name": True}, "name"),
        ({"name": 1.5}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": "甲\0"}, "name"),
        ({"case_no": "9" * (bodies.TEXT_MAX + 1)}, "case_no"),
        ({"subject": "x"}, "subject"),
    ],
)
def test_ht3_each_field_is_a_text_and_known(
    world: World, change: dict[str, Any], field: str
) -> None:
    problem = refused(world.post(QUESTION | change), 422, "http.field")
    assert problem["detail"].startswith(f"{field}：")
    assert problem["detail_en"].startswith(f"{field}: ")
    assert "91510500" not in json.dumps(problem)
    assert world.calls.asked == []


def test_ht3_a_field_that_is_missing_is_named(world: World) -> None:
    for name in QUESTION:
        said = {key: value for key, value in QUESTION.items() if key != name}
        assert refused(world.post(said), 422, "http.field")["detail_en"].startswith(f"{name}: ")
    numbered = OUTCOME | {"index": "7"}
    target = f"/v1/checks/{NUMBER}/outcomes"
    assert "index" in refused(world.post(numbered, target), 422, "http.field")["detail"]
    for change in ({"index": True}, {"index": -1}, {"index": 2**63}, {"corrects": 1}):
        refused(world.post(OUTCOME | change, target), 422, "http.field")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"text"',
        b"null",
        b"{",
        b"[" * 60_000,
        b'{"name": NaN}',
        b'{"index": ' + b"9" * 5000 + b"}",
        b'{"name": "\xff"}',
        b"\xef\xbb\xbf{}",
    ],
)
def test_ht3_what_is_no_object_is_refused(world: World, body: bytes) -> None:
    refused(world.post(body), 400, "http.json")


def test_ht3_a_name_that_comes_twice_is_refused(world: World) -> None:
    body = json.dumps(QUESTION)[:-1] + ', "code": "91510500MAXB00000X"}'
    problem = refused(world.post(body.encode()), 422, "http.field")
    assert problem["detail_en"] == "code: stands there twice"


def test_ht3_a_body_is_bounded(world: World) -> None:
    large = b" " * (bodies.BODY_MAX + 1)
    refused(world.post(large), 413, "http.too-large")
    parts = [b" " * 40_000, b" " * 40_000]
    refused(ask(world.app, "POST", "/v1/checks", (BEARER, JSON), parts), 413, "http.too-large")
    for said in ("70000", "-1", "1e3", "9" * 40):
        headers = (BEARER, JSON, ("Content-Length", said))
        refused(ask(world.app, "POST", "/v1/checks", headers), 413, "http.too-large")


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Content-Type", "text/plain"),),
        (("Content-Type", "application/json; charset=gbk"),),
        (JSON, JSON),
        (JSON, ("Content-Encoding", "gzip")),
        (JSON, ("Content-Length", "2"), ("Transfer-Encoding", "chunked")),
    ],
)
def test_ht3_a_body_is_plain_json(world: World, headers: tuple[tuple[str, str], ...]) -> None:
    found = ask(world.app, "POST", "/v1/checks", (BEARER, *headers), json.dumps(QUESTION).encode())
    refused(found, 415, "http.content-type")


def test_utf_8_may_be_said(world: World) -> None:
    kind = ("Content-Type", "application/json; charset=UTF-8")
    body = json.dumps(QUESTION).encode()
    assert ask(world.app, "POST", "/v1/checks", (BEARER, kind), body).status == 200


def test_ht4_a_body_that_does_not_come_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "BODY_SECONDS", 0.01)
    found = ask(world.app, "POST", "/v1/checks", (BEARER, JSON), [])
    refused(found, 408, "http.slow")


def test_a_caller_who_leaves_is_no_error(world: World) -> None:
    assert world.post(b"{", leaves=True).status == 400
    assert world.calls.asked == []


def test_ht5_one_token_has_its_share_and_leaves_the_rest_to_others() -> None:
    places = Places(most=3, of_one=2)
    with places.of(TOKEN), places.of(TOKEN):
        with pytest.raises(RefusedError) as many, places.of(TOKEN):
            pass
        assert many.value.code == "http.many"
        with places.of(OTHER):
            with pytest.raises(UnavailableError) as busy, places.of(OTHER):
                pass
            assert busy.value.code == "http.busy"
    with places.of(TOKEN), places.of(TOKEN):
        pass


def test_head_options_and_other_methods(world: World) -> None:
    assert ask(world.app, "HEAD", "/v1/matters", (BEARER,)).status == 200
    options = ask(world.app, "OPTIONS", "/v1/checks", (("Origin", "https://x.example"),))
    assert (options.status, options.headers["allow"]) == (204, "POST, OPTIONS")
    assert not [name for name in options.headers if name.startswith("access-control")]
    refused(ask(world.app, "OPTIONS", f"/v1/checks?{OTHER}"), 400, "access.token-exposed")
    assert world.calls.told == [(OTHER, "url")]
    for method in ("GET", "PUT", "DELETE", "TRACE", "PATCH"):
        found = ask(world.app, method, "/v1/checks", (BEARER,))
        refused(found, 405, "http.method")
        assert set(found.headers["allow"].split(", ")) == {"POST", "OPTIONS"}
    for path in ("/", "/v1/checks/", "/v1", "//v1/checks", "/v1/checks/a/b/outcomes"):
        refused(ask(world.app, "GET", path, (BEARER,)), 404, "http.path")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RefusedError("access.denied", "no"), 403, "access.denied"),
        (RefusedError("access.budget", "no"), 429, "access.budget"),
        (RefusedError("access.stopped", "no"), 403, "access.stopped"),
        (RefusedError("queries.behind", "no"), 503, "queries.behind"),
        (RefusedError("outcome.date", "no"), 422, "outcome.date"),
        (RefusedError("outcome.twice", "no"), 409, "outcome.twice"),
        (RefusedError("matter.unknown", "no"), 422, "matter.unknown"),
        (RefusedError("request.reused", "no"), 409, "request.reused"),
        (StatementError("identity.code-check", "no"), 422, "identity.code-check"),
        (FederationError("question.form", "no"), 422, "question.form"),
        (EntitlementError("grant.missing", "no"), 403, "grant.missing"),
        (UnavailableError("peer.unavailable", "no"), 503, "peer.unavailable"),
        (AdapterError("/var/lib/secret.db is full"), 503, "store.failed"),
        (InternalError("peer.internal", "INTERNAL: text"), 500, "http.internal"),
        (ValueError("泸州甲建筑有限公司（演示）"), 500, "http.internal"),
    ],
)
def test_errors_have_their_status(world: World, error: Exception, status: int, code: str) -> None:
    world.calls.error = error
    found = world.post(QUESTION)
    assert (found.status, found.json()["code"]) == (status, code)
    assert found.json()["request_id"] == QUESTION["request_id"]
    again = status in (429, 503) and code != "access.budget"
    assert ("retry-after" in found.headers) is again


def test_a_pause_that_is_asked_for_is_said_to_the_caller(world: World) -> None:
    world.calls.error = RefusedError("access.slow", "too many questions: ask again in 20 s")
    assert world.post(QUESTION).headers["retry-after"] == "20"


def test_ht7_what_is_not_known_leaves_as_an_id(world: World) -> None:
    world.calls.error = ValueError("泸州甲建筑有限公司（演示）")
    with capture_logs() as logs:
        problem = refused(world.post(QUESTION), 500, "http.internal")
    assert logs[0]["id"] in problem["detail"]
    assert "fake_calls.py" in logs[0]["exception"]
    assert "演示" not in str(logs), "a log names no subject"
    assert "演示" not in json.dumps(problem, ensure_ascii=False)
    assert "Error" not in problem["detail_en"]
    world.calls.error = AdapterError("/var/lib/secret.db is full")
    assert "secret" not in world.post(QUESTION).body.decode()


def test_ht2_figures_name_routes_and_codes_and_nothing_of_the_caller(world: World) -> None:
    world.post(QUESTION)
    world.post(QUESTION | {"matter": 1})
    world.post(OUTCOME, f"/v1/checks/{NUMBER}/outcomes")
    world.get("/no/91510500MAXA00000X")
    text = generate_latest(world.registry).decode()
    assert 'huxin_http_answers_total{code="",route="/v1/checks",status="200"} 1.0' in text
    assert 'code="http.field",route="/v1/checks",status="422"' in text
    assert 'code="http.path",route="",status="404"' in text
    for subject in ("91510500", NUMBER, "演示", TOKEN):
        assert subject not in text


def test_messages_of_both_languages_are_parted() -> None:
    problem = problems.document(tokens.refusal("url"))
    assert problem["detail"].startswith("凭据")
    assert problem["detail_en"].startswith("the token")
    assert problems.document(RefusedError("access.token-exposed", "a / b"))["detail_en"] == "a / b"
