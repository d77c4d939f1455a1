"""`huxin status` for people: what needs a hand first, one line of what is well, no wall of rows.

Covers node/documents/status_summary.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from node.cli import status
from node.cli.language import Language, speak
from node.demo.members import DemoMember
from node.documents.status_summary import OF_THEMSELVES, SHOWN, in_trouble, ordered, waiting, well
from node.texts.codes import chinese
from tests.support.commands import run
from tests.support.federation_dirs import found

CITY = DemoMember(region="510500", name="泸州", role="city")


def problem(code: str, message: str = "said", fix: str = "do") -> dict[str, str]:
    return {"code": code, "message": message, "fix": fix}


def test_what_nobody_has_to_do_comes_last() -> None:
    several = [problem(code) for code in ("opening.pending", "log.stale", "relief.late")]
    assert [one["code"] for one in ordered(several)] == [
        "log.stale",
        "relief.late",
        "opening.pending",
    ]
    assert waiting(several) == 2
    assert all(chinese(code) for code in OF_THEMSELVES)


def test_of_one_cause_some_are_told_and_all_are_counted() -> None:
    many = [problem("log.stale", f"log {n}") for n in range(300)]
    several = [*many[:2], problem("relief.late"), *many[2:]]
    told = ordered(several)
    assert [one["message"] for one in told[:SHOWN]] == ["log 0", "log 1", "log 2"]
    assert [one["fix"] for one in told[:SHOWN]] == ["do", "", ""]
    assert "297" in told[SHOWN]["message"]
    assert told[SHOWN]["fix"] == "huxin status --long"
    assert [one["code"] for one in told[SHOWN + 1 :]] == ["relief.late"]
    assert len(ordered(several, None)) == len(several)
    assert waiting(several) == len(several)


def document(directory: Path) -> dict[str, Any]:
    shown: dict[str, Any] = run("status", "-o", "json", "--dir", directory).json
    return shown


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("status")
    found(place, [CITY])
    return place / CITY.region


def test_the_short_form_has_no_wall_of_rows(directory: Path) -> None:
    ran = run("status", "--dir", directory)
    short = ran.out.splitlines()
    assert ran.code == 1
    assert short[0].startswith(f"{CITY.name} {CITY.region}")
    assert short[1] == "须处理：2 项"
    assert [line.split()[0] for line in short[2:-1] if not line.startswith(" ")] == [
        "node.not-running",
        "clock.unconfirmed",
    ]
    assert short[-1].startswith("正常：日志 1/1，章程 1/1")
    assert "local_state" not in ran.out
    long = run("status", "--long", "--dir", directory).out
    assert long.splitlines()[1] == short[1]
    for word in ("local_state", "有效期余", "本市判定"):
        assert word in long


def test_a_log_that_is_not_ok_is_shown_all_the_same(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(directory)
    (own,) = found["logs"]
    stale = own | {"origin": "a.example/1", "city": "自贡", "state": "stale"}
    found["logs"] = [own, stale]
    assert in_trouble(found) == [stale]
    status._written(found, Language.ZH, long=False)
    shown = capsys.readouterr().out
    assert "自贡" in shown
    assert "陈旧" in shown
    assert "日志 1/2" in shown
    assert "本市判定" in shown


def test_what_is_not_well_is_not_counted_as_well(directory: Path) -> None:
    found = json.loads(json.dumps(document(directory)))
    (charter,) = found["charters"]
    found["charters"] = [charter, charter | {"state": "forked"}, charter | {"expires_in_s": -1}]
    job = {"failures": 0, "late": False}
    found["jobs"] = [job, job | {"failures": 1}, job | {"late": True}]
    found["platforms"] = [{"fault": ""}, {"fault": "platform.unreachable"}]
    zh, _, en = well(found).partition(" / ")
    assert zh.startswith("正常：日志 1/1，章程 1/3，任务 1/3，平台 1/2，磁盘余 ")
    assert en.startswith("well: logs 1/1, charters 1/3, jobs 1/3, platforms 1/2, ")


def test_in_english_no_chinese_is_left(directory: Path) -> None:
    try:
        out = run("status", "--lang", "en", "--dir", directory).out
    finally:
        speak(Language.ZH)
    assert "needs a hand: 2" in out
    assert "well: logs 1/1" in out


def test_wait_ends_by_the_clock_that_nobody_sets(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter((0.0, 59.0, 60.0))
    starting: dict[str, list[Any]] = {"jobs": [], "logs": []}
    monkeypatch.setattr(status, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(status, "POLL_SECONDS", 0)
    monkeypatch.setattr(status, "read_status", lambda _, **__: starting)
    assert status._awaited(directory, 60, digest=False) == starting
    assert list(seconds) == []


def test_wait_waits_for_a_node_that_is_only_starting(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its store alone answers is caught up as well, and no node."""
    log = {"state": "ok", "root": "r", "verified_to": 0, "signed_size": 0, "reconciled_to": 0}
    answers = [{"jobs": [], "logs": [log]}, {"jobs": [{}], "logs": [log]}]
    monkeypatch.setattr(status, "POLL_SECONDS", 0)
    monkeypatch.setattr(status, "read_status", lambda _, **__: answers.pop(0))
    assert status._awaited(directory, 60, digest=False)["jobs"]
    assert not answers
