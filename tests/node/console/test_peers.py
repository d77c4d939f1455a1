"""Members: logs, charters, what is wrong, and requests to join; looked at and not acted on.

Covers node/console/pages/peers.py, node/console/texts/peers.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from node.texts.fields import LOG_STATES
from tests.support.console import FakeNode, signed_in

EVIL = "<img src=x onerror=alert(1)>"


def page(**changed: Any) -> str:
    peers = {
        "peers": [
            {
                "origin": "510300.huxin.example/1",
                "city": "自贡",
                "state": "unreachable",
                "size": 2528,
                "behind": 3,
                "head_age_s": 75,
            }
        ],
        "connected": [],
        "charters": [{"id": "0a" * 32, "name": "川南", "version": 3, "expires_in_s": 86_400 * 30}],
        "problems": [],
    } | changed
    pending = changed.pop("pending", {"pending": [], "damaged": []})
    node = FakeNode(replies={("GET", "/v1/peers"): peers, ("GET", "/v1/charters/pending"): pending})
    answer = signed_in(node).get("/peers")
    assert answer.status == 200
    return answer.body.decode()


def test_a_member_s_log_is_told_with_its_lag() -> None:
    said = page()
    for text in ("自贡", "不可达", "2,528", "1 分前", "川南", "30 天", "没有等待批准的申请"):
        assert text in said


@pytest.mark.parametrize("state", LOG_STATES)
def test_every_state_of_a_log_has_its_words(state: str) -> None:
    logs = [{"origin": "o/1", "city": "", "state": state, "size": 0, "behind": 0, "head_age_s": 1}]
    assert LOG_STATES[state][0] in page(peers=logs)


def test_what_is_wrong_is_told_with_what_to_do() -> None:
    wrong = [{"code": "certificate.expires", "message": "m / m", "fix": "换发 / renew"}]
    said = page(problems=wrong)
    assert "换发" in said
    assert "certificate.expires" in said


def test_who_asks_to_join_is_told_with_the_fingerprint_and_how_it_is_approved() -> None:
    asks = {
        "id": "1a2b3c4d",
        "alliance": "川南（演示）",
        "name": "内江",
        "region": "511000",
        "fingerprint": "ab12 cd34",
        "until": 1_795_000_000,
        "trouble": "证书将到期 / its certificate ends",
    }
    said = page(pending={"pending": [asks], "damaged": []})
    for text in ("内江", "ab12 cd34", "huxin charter approve 1a2b3c4d", ">证书将到期<"):
        assert text in said


def test_names_from_elsewhere_are_text() -> None:
    named = dict.fromkeys(("id", "alliance", "name", "region", "fingerprint", "trouble"), EVIL)
    asks = {**named, "until": 1}
    assert EVIL not in page(pending={"pending": [asks], "damaged": []})


def test_where_requests_may_not_be_read_the_rest_is_shown() -> None:
    said = page(pending=(403, {"code": "access.role"}))
    assert "自贡" in said
    assert "加入申请" not in said
