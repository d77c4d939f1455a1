"""Problems that a new city is told of: it has nothing by which it could judge."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from adapters.errors import FullError
from federation.charters.values import Role
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.status.clock_problems import BEHIND_SECONDS, of_clock
from node.status.job_runs import problems
from node.status.problems import (
    ACKNOWLEDGED_WITHIN,
    Problems,
    of_acknowledging,
    of_judging,
    of_queries,
    of_trouble,
)
from node.texts.messages import spoken
from tests.support.catalogs import catalog_of, edition_text

OWN = Origin("510500.huxin.example/1")


def view(*roles: Role) -> TrustView:
    member = SimpleNamespace(roles=roles)
    trust: Any = SimpleNamespace(members=lambda _: ("id",), member=lambda _: member)
    seen: Any = SimpleNamespace(trust=trust)
    found: TrustView = seen
    return found


@pytest.mark.parametrize(
    ("editions", "library", "codes"),
    [
        (False, "library.none", ["catalog.none", "library.none"]),
        (True, "library.none", ["library.none"]),
        (True, "library.damaged", ["library.damaged"]),
        (False, "", ["catalog.none"]),
        (True, "", []),
    ],
)
def test_a_city_is_told_what_it_lacks(editions: bool, library: str, codes: list[str]) -> None:
    catalog = catalog_of(edition_text()) if editions else Catalog(())
    found = list(of_judging(view(Role.CITY), OWN, catalog, library=library))
    assert [one["code"] for one in found] == codes
    assert all("#what-is-recognised" in one["fix"] for one in found)


def test_a_hub_alone_needs_nothing_to_judge_by() -> None:
    assert not list(of_judging(view(Role.HUB), OWN, Catalog(()), library="library.none"))


def test_what_is_not_acknowledged_for_an_hour_is_a_problem() -> None:
    outlets = [
        {"name": "", "unacknowledged": 2, "since": 1000, "odd": {}},
        {"name": "city", "unacknowledged": 1, "since": 1000, "odd": {"ack.refused": 3}},
        {"name": "done", "unacknowledged": 0, "since": 0, "odd": {"ack.twice": 1}},
    ]
    platforms = [{"name": "city", "silent": "it does not answer"}]

    def told(later: int) -> list[dict[str, str]]:
        return list(of_acknowledging(outlets, platforms, Timestamp(1000 + later)))

    assert told(ACKNOWLEDGED_WITHIN - 1) == []
    files, city = told(ACKNOWLEDGED_WITHIN)
    assert {files["code"], city["code"]} == {"platform.unacknowledged"}
    assert files["message"].startswith("outbox: 2 ends")
    assert "ack." not in files["message"]
    assert "ack.refused 3. it does not answer" in city["message"]


def test_who_is_not_witnessed_is_not_told_to_restore_a_store() -> None:
    def fix(code: str) -> str:
        (found,) = of_queries({"problem": {"code": code, "message": ""}})
        return found["fix"]

    assert "queries.db" in fix("queries.behind")
    assert "queries.db" in fix("queries.witness-ahead")
    assert "queries.db" not in fix("queries.unwitnessed")


def clock(behind: int = 0, **found: Any) -> dict[str, Any]:
    quiet = {"differs_s": 0, "members": []}
    times = {"machine": 1_796_000_000 - behind, "trusted": 1_796_000_000}
    return {"confirm": False, "differences": quiet | found} | times


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (
            86_400 * 730,
            "快 730 天：他们不采用本节点新签的日志头，列入会提前到期",
            "730 days ahead of",
        ),
        (-7_200, "慢 2 小时：他们不采用本节点新签的日志头", "2 hours behind"),
        (301, "快 5 分钟：他们不采用本节点新签的日志头，列入会提前到期", "5 minutes ahead of"),
    ],
)
def test_a_clock_that_differs_is_told_which_way_and_how_far(
    seconds: int, chinese: str, english: str
) -> None:
    (found,) = of_clock(clock(differs_s=seconds))
    said = spoken(found["code"], found["message"], english=False)
    assert said == f"本机时钟比各成员{chinese}"
    assert english in spoken(found["code"], found["message"], english=True)
    (other,) = of_clock(clock(members=[{"member": "511500", "seconds": seconds}]))
    assert other["message"].startswith(f"511500 的时钟比其他成员{chinese.partition('：')[0]} / ")


def test_a_clock_behind_trusted_time_is_told_though_nobody_is_reached() -> None:
    """By it the certificates of all members are not valid yet: no head comes that would tell."""
    assert list(of_clock(clock(behind=BEHIND_SECONDS))) == []
    assert list(of_clock(clock(behind=-86_400 * 40))) == [], "after a month's outage"
    assert list(of_clock(clock(behind=0) | {"trusted": None})) == []
    (found,) = of_clock(clock(behind=86_400 * 40))
    assert found["code"] == "clock.differs"
    said = spoken(found["code"], found["message"], english=False)
    assert said.startswith("本机时钟比可信时间慢 40 天")
    assert "huxin clock show" in found["fix"]
    (once,) = of_clock(clock(behind=86_400 * 40, differs_s=-86_400 * 40))
    assert once["message"].startswith("本机时钟比各成员慢 40 天")


def test_a_disk_that_is_full_is_told_in_the_language_that_is_spoken() -> None:
    full = FullError("数据库（full）：什么也没有保存 / database: full; nothing was kept")
    (found,) = of_trouble(full)
    said = spoken(found["code"], found["message"], english=False)
    assert said == "写不进去，修复也在等待：数据库（full）：什么也没有保存"
    english = spoken(found["code"], found["message"], english=True)
    assert english.startswith("nothing can be kept, relief waits too: ")
    assert "nothing was kept" in english
    job = {"name": "inbox", "failures": 3, "code": "store.failed", "message": f"FullError: {full}"}
    ((code, message),) = problems([job | {"late": False}])
    assert spoken(code, message, english=False).startswith(
        "任务 inbox 连续 3 次未成：数据库（full）"
    )
    assert spoken(code, message, english=True).startswith("job inbox failed 3 times in a row: ")


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("own-log.behind", "先确认没有另一台机器用本节点的目录或密钥运行"),
        ("own-log.forked", "两台机器都停止，什么也不删除"),
        ("high-water.ahead", "huxin recover"),
    ],
)
def test_who_may_be_a_copy_is_not_told_to_sign_on_at_once(code: str, first: str) -> None:
    """A copied directory that recovers and signs makes a second history."""
    publisher: Any = SimpleNamespace(refusal=RefusedError(code, "said"), waiting=None, trouble=None)
    exchange: Any = SimpleNamespace(damaged=dict, blamed=dict)
    trusting: Any = SimpleNamespace(trust=SimpleNamespace(alliances=()), joining=list)
    seen = Problems(
        exchange=exchange,
        publisher=publisher,
        trust=lambda: trusting,
        now=lambda: Timestamp(0),
        endings=list,
    )
    (found, *_) = seen.of_node([], 0)
    assert found["code"] == code
    assert found["fix"].startswith(first)
