"""`huxin status`: what needs a hand, then what is well; with `--long` every log, charter and term.

A node without a schedule of jobs is none that runs, but this command's own look into the directory:
that is said first, and the exit code is 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isnan
from pathlib import Path
from time import sleep
from typing import Annotated, Any, Final

import typer
from huxin.v1 import admin_pb2 as pb

from federation.charters.entitlement import AllianceState
from node.cli import render
from node.cli.client import Exit, Services, failures, reached
from node.cli.language import Language, english
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
)
from node.directory.presence import NotReadyError
from node.documents.status_summary import SHOWN, in_trouble, ordered, waiting, well
from node.network.errors import UnavailableError
from node.system.clock import monotonic
from node.texts.fields import LOG_STATES, STATES, VERDICTS
from node.texts.messages import spoken

POLL_SECONDS: Final = 0.5
MAX_WAIT_SECONDS: Final = 31_536_000.0
_LOGS: Final = {
    "city": ("城市", "city"),
    "size": ("条目", "entries"),
    "root": ("根", "root"),
    "verified_to": ("已验证", "verified"),
    "reconciled_to": ("已核对", "reconciled"),
    "delivered_to": ("已交付", "delivered"),
    "head_age_s": ("未更新", "head age"),
    "records": ("记录", "records"),
    "verdicts": ("本市判定", "judged here"),
    "set_aside": ("搁置", "set aside"),
    "state": ("状态", "state"),
}
_NOT_RUNNING: Final = {
    "code": "node.not-running",
    "message": "what is shown is what stands in the directory; nothing is exchanged, no relief "
    "arrives or leaves",
    "fix": "huxin serve",
}
_CHARTERS: Final = {
    "name": ("联盟", "alliance"),
    "id": ("编号", "id"),
    "version": ("版本", "version"),
    "state": ("状态", "state"),
    "expires_in_s": ("有效期余", "expires in"),
}
_KEPT: Final = {
    "sort": ("无截止日而保存的内容", "kept without a last day"),
    "held": ("保存", "held"),
    "without_term": ("保存期限未知", "term unknown"),
}
_SORTS: Final = {
    "request": "已办结的转办",
    "answer": "不计的答复",
    "outcome": "惩戒反馈",
    "commitment": "信用承诺",
    "undated": "未载截止日的公示",
    "relief": "未载截止日的修复、撤销",
    "other": "无法识读或无所指的内容",
}
_UNDER: Final = {
    "size": ("root",),
    "verified_to": ("reconciled_to", "delivered_to"),
}


def _a_number(value: float | None) -> float | None:
    """Refuse NaN, which is beyond no bound."""
    if value is not None and isnan(value):
        message = "须为秒数 / expected a number of seconds"
        raise typer.BadParameter(message)
    return value


def status(
    *,
    directory: Directory = None,
    wait: Annotated[
        float | None,
        typer.Option(
            "--wait",
            min=0,
            max=MAX_WAIT_SECONDS,
            callback=_a_number,
            metavar="SECONDS",
            help="等到所跟随的日志全部正常且已追平，超时则以 1 退出 / "
            "Wait until all followed logs are ok and caught up; exit 1 when time is over",
        ),
    ] = None,
    long: Annotated[
        bool,
        typer.Option(
            "--long",
            help="全部问题、日志、章程与保存情况 / All problems, logs, charters and what is kept",
        ),
    ] = False,
    form: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """先说须处理的，再说正常的 / What needs a hand first, then what is well."""
    with failures():
        digest = long or form is Format.JSON
        document = _awaited(node_directory(directory), wait or 0, digest=digest)
    running = _runs(document)
    if not running:
        document = {"running": False} | document
        document["problems"] = [_NOT_RUNNING, *document["problems"]]
        render.say_warning(_NOT_RUNNING["code"], _NOT_RUNNING["message"])
    if form is Format.JSON:
        render.write_json(document)
    else:
        _written(document, language, long=long)
    if not running or (wait is not None and not caught_up(document)):
        raise typer.Exit(Exit.FINDINGS)


def _runs(document: dict[str, Any]) -> bool:
    """Whether a node answered, and not its store alone."""
    return document.get("jobs") != []


def caught_up(document: dict[str, Any]) -> bool:
    """Whether every log is ok and all that was verified of it is signed for and applied."""
    return all(
        log["state"] == "ok"
        and log["root"] != ""
        and log["verified_to"] == log["signed_size"] == log["reconciled_to"]
        for log in document["logs"]
    )


def _awaited(directory: Path, seconds: float, *, digest: bool) -> dict[str, Any]:
    """Ask until the node has caught up or the time is over; also while it is starting.

    The wait is by the monotonic clock: a wall clock that is set meanwhile, as where a machine has
    just started, would end it at once or make it endless.
    """
    until = monotonic() + seconds
    while True:
        over = monotonic() >= until
        try:
            with reached(directory) as node:
                document = read_status(node, digest=digest)
        except (NotReadyError, UnavailableError):
            if over:
                raise
        else:
            if over or (_runs(document) and caught_up(document)):
                return document
        sleep(POLL_SECONDS)


def read_status(node: Services, *, digest: bool = False) -> dict[str, Any]:
    """Ask a node for its status document, with `local_state` where that digest is wanted."""
    request = pb.GetStatusRequest(local_state=digest)
    document: dict[str, Any] = json.loads(node.admin.GetStatus(request).json)
    return document


_CHARTER_STATES: Final = {
    AllianceState.IN_FORCE: ("生效", "in-force"),
    AllianceState.EXPIRED: ("已到期", "expired"),
    AllianceState.FORKED: ("分叉", "forked"),
}


def _state_in_words(log: dict[str, Any]) -> dict[str, Any]:
    return {
        "state": LOG_STATES[log["state"]][0],
        "records": {STATES[state][0]: count for state, count in log["records"].items()},
        "verdicts": {VERDICTS[word][0]: count for word, count in log["verdicts"].items()},
    }


def _in_words(problem: Mapping[str, str]) -> str:
    return spoken(problem["code"], problem["message"], english=english())


def _written(document: dict[str, Any], language: Language, *, long: bool) -> None:
    node, problems = document["node"], document["problems"]
    render.write_line(f"{node['name']} {node['region']} {node['origin']} {node['version']}")
    hands = waiting(problems)
    render.write_line(
        f"须处理：{hands} 项 / needs a hand: {hands}" if hands else "无须处理 / nothing to be done"
    )
    render.write_problems(
        [{**one, "message": _in_words(one)} for one in ordered(problems, None if long else SHOWN)]
    )
    render.write_text(well(document))
    logs = document["logs"] if long else in_trouble(document)
    if logs:
        _write_logs(logs, language)
    if not long:
        return
    charters = [
        one | {"state": _CHARTER_STATES[one["state"]][english()]} for one in document["charters"]
    ]
    render.write_table("", render.pick(language, _CHARTERS), charters)
    kept = [{"sort": sort} | one for sort, one in document["kept"].items()]
    if kept:
        if language is Language.ZH:
            kept = [one | {"sort": _SORTS[one["sort"]]} for one in kept]
        render.write_table("", render.pick(language, _KEPT), kept)
    render.write_line(f"local_state {document['local_state']}")


def _write_logs(logs: list[dict[str, Any]], language: Language) -> None:
    logs = [
        log | {"verdicts": {word: count for word, count in log["verdicts"].items() if count}}
        for log in logs
    ]
    logs = [log | {"city": log["city"] or log["origin"]} for log in logs]
    if language is Language.ZH:
        logs = [log | _state_in_words(log) for log in logs]
    render.write_table("", render.pick(language, _LOGS), logs, _UNDER)
