"""What the demo tells at its end: a table for each node, times, places, and what to try next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from federation.ids import CharterId
from node.cli import render
from node.cli.language import Language
from node.demo.checks import Statuses
from node.demo.members import ALLIANCES, CITIES, MEMBERS, NEIJIANG, SOUTH
from node.demo.story import Step
from node.demo.words import Words

STORY_FILE: Final = "story.json"
_ROOT_SHOWN: Final = 12
"""Characters of a root that are enough to see whether two are the same."""

_LOGS: Final = {
    "log": ("日志", "log"),
    "size": ("条目", "entries"),
    "root": ("已验证的根", "verified root"),
    "active": ("有效", "active"),
    "repaired": ("已修复", "repaired"),
    "withdrawn": ("已撤销", "withdrawn"),
    "set_aside": ("搁置（原因）", "set aside (reasons)"),
}
_STEPS: Final = {
    "title": ("步骤", "step"),
    "member": ("节点", "node"),
    "subject": ("主体", "subject"),
    "results": ("结果", "result"),
    "to_last_node_s": ("到最后一个节点（秒）", "to the last node (s)"),
    "took_s": ("用时（秒）", "took (s)"),
}
PLATFORMS: Final = "platforms"
_PLATFORMS: Final = {
    "member": ("平台", "platform"),
    "database": ("方式", "by way of"),
    "rows": ("行数", "rows"),
    "rows_by_log": ("各日志的行数", "rows of each log"),
    "states": ("最新状态", "newest states"),
    "record": ("一条记录的经过", "one record's way"),
    "inbox": ("收件表中的一行", "a row of the inbox"),
}
_PLACES: Final = ("文件位置", "files")
_NEXT: Final = ("接下来可以试试", "what to try next")
_STAYS: Final = (
    "七个节点仍在运行；按 Ctrl-C 停止。",
    "The seven nodes stay up; Ctrl-C stops them.",
)
_TITLES: Final = {
    "connect": "connect",
    "publish": "publish lists",
    "reconcile": "each city judges for itself",
    "repair": "repair",
    "withdraw": "withdraw",
    "old-file": "the old files again",
    "scenario": "a scenario, accepted and declined",
    "alliances": "two alliances",
    "invented-list": "an invented list refused",
    "quality": "quality of what was reported",
    "catch-up": "a node stops and catches up",
    "agree": "all agree",
    "platforms": "the platforms",
}


def story_document(
    directory: Path,
    alliances: Mapping[str, CharterId],
    steps: Sequence[Step],
    statuses: Statuses,
    failure: str,
) -> dict[str, Any]:
    """Build the document of `story.json`; `alliances` are their ids by name."""
    return {
        "dir": str(directory),
        "alliance": alliances[SOUTH.name].hex(),
        "alliances": [
            {
                "name": alliance.name,
                "id": alliances[alliance.name].hex(),
                "charter": str(directory / alliance.file),
                "members": [member.region for member in alliance.members],
            }
            for alliance in ALLIANCES
        ],
        "ok": not failure,
        "failure": failure or None,
        "steps": [asdict(step) for step in steps],
        "nodes": {
            member.region: {
                "name": member.name,
                "dir": str(directory / member.region),
                "local_state": statuses[member.region]["local_state"],
                "logs": [
                    {name: log[name] for name in _KEPT} for log in statuses[member.region]["logs"]
                ],
            }
            for member in MEMBERS
            if member.region in statuses
        },
    }


_KEPT: Final = ("origin", "size", "root", "log_state", "records", "set_aside", "state")


def tell_step(step: Step, language: Language) -> None:
    """Tell the person who waits that a step is done."""
    last = "" if step.to_last_node_s is None else f"  → {step.to_last_node_s:.2f} s"
    render.say(f"✓ {_title(step, Words(language))}  {step.took_s:.1f} s{last}")


def write_report(
    document: Mapping[str, Any], statuses: Statuses, language: Language, *, stays: bool
) -> None:
    """Write everything that the demo has to tell on standard output."""
    words = Words(language)
    for member in MEMBERS:
        rows = [_log_row(log, words) for log in statuses[member.region]["logs"]]
        title = f"{words.member(member)} {member.region}"
        render.write_table(title, render.pick(language, _LOGS), rows)
    told = [Step(**step) for step in document["steps"]]
    steps = [_step_row(step, words) for step in told if step.name != PLATFORMS]
    render.write_table("", render.pick(language, _STEPS), steps)
    for step in told:
        if step.name == PLATFORMS:
            rows = [_platform_row(*found, words) for found in step.results.items()]
            render.write_table(_title(step, words), render.pick(language, _PLATFORMS), rows)
    _write_places(Path(document["dir"]), words)
    _write_next(Path(document["dir"]), document["steps"], words)
    if stays:
        render.write_line(words.pick(_STAYS))


def _log_row(log: Mapping[str, Any], words: Words) -> dict[str, Any]:
    region = log["origin"].partition(".")[0]
    return {
        "log": f"{words.city(region)} {log['origin']}",
        "size": log["size"],
        "root": log["root"][:_ROOT_SHOWN],
        "set_aside": words.counts(log["set_aside"], str) or "0",
        **{state: log["records"].get(state, 0) for state in ("active", "repaired", "withdrawn")},
    }


def _step_row(step: Step, words: Words) -> dict[str, Any]:
    return {
        "title": _title(step, words),
        "member": words.city(step.region),
        "subject": "" if step.subject is None else f"{step.subject['name']} {step.subject['code']}",
        "results": words.results(step.name, step.results),
        "to_last_node_s": "" if step.to_last_node_s is None else f"{step.to_last_node_s:.2f}",
        "took_s": f"{step.took_s:.1f}",
    }


def _platform_row(region: str, found: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {
        "member": words.city(region),
        "database": found["database"],
        "rows": found["rows"],
        "rows_by_log": words.counts(found["rows_by_log"], words.city),
        "states": words.counts(found["states"], words.state),
        "record": words.way(found["record"]),
        "inbox": words.inbox(found.get("inbox")),
    }


def _write_places(directory: Path, words: Words) -> None:
    render.write_line(f"\n{words.pick(_PLACES)}")
    for member in MEMBERS:
        render.write_line(f"  {words.member(member)}  {directory / member.region}")
    render.write_line(f"  {directory / STORY_FILE}")


def _write_next(directory: Path, steps: Sequence[Mapping[str, Any]], words: Words) -> None:
    here = directory / CITIES[0].region
    relieved = next((s["statement_ids"][0] for s in steps if s["name"] == "repair"), "")
    render.write_line(f"\n{words.pick(_NEXT)}")
    for command in (
        f"huxin status --dir {here}",
        f"huxin records show {relieved} --dir {here}",
        f"huxin proof {relieved} --bundle {directory / 'proof'} --dir {here}",
        f"huxin log export {directory / 'logs'} --dir {here}",
        f"huxin log verify {directory / 'logs'}",
        f"huxin quality --records --dir {here}",
        f"huxin cases list --dir {directory / NEIJIANG.region}",
    ):
        render.write_line(f"  {command}")


def _title(step: Step, words: Words) -> str:
    return words.pick((step.title, _TITLES[step.name]))
