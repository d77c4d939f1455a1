"""What open acts 场景、互认 mean, in Chinese: their rows have no subject that would say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from federation.open_payloads import Recognition, Scenario
from federation.payloads import Payload
from federation.ports.findings import Place
from federation.ports.store import LogHead, ReadSession
from federation.rows import StatementRow
from federation.statements import RecognitionAction, ScenarioAction

_SCENARIO: Final[Mapping[int, str]] = {
    ScenarioAction.OPENED: "开放场景",
    ScenarioAction.AMENDED: "变更场景",
    ScenarioAction.CLOSED: "关闭场景",
}
_RECOGNITION: Final[Mapping[int, str]] = {
    RecognitionAction.ACCEPTED: "认可场景",
    RecognitionAction.DECLINED: "不予认可场景",
    RecognitionAction.SUSPENDED: "中止互认场景",
    RecognitionAction.ENDED: "终止互认场景",
}

Payloads = Callable[[ReadSession, Sequence[StatementRow]], Mapping[Place, Payload]]


def meanings(
    session: ReadSession,
    heads: Mapping[int, LogHead],
    rows: Sequence[StatementRow],
    said: Mapping[Place, Payload],
    payloads: Payloads,
) -> dict[Place, str]:
    """What each scenario and recognition among rows means; those that cannot be read are left out.

    Args:
        session: what is held.
        heads: all logs by number.
        rows: any rows.
        said: their payloads.
        payloads: opens the scenarios that recognitions name.
    """
    numbers = {head.origin: head.log for head in heads.values()}
    asked = {
        (numbers[one.scenario.origin], one.scenario.index)
        for one in said.values()
        if isinstance(one, Recognition) and one.scenario.origin in numbers
    }
    opened = payloads(session, session.rows_at(sorted(asked))) if asked else {}
    found: dict[Place, str] = {}
    for row in rows:
        match said.get((row.log, row.idx)):
            case Scenario() as scenario:
                act = _SCENARIO.get(row.action, "场景")
                found[row.log, row.idx] = f"{act}：{_titled(scenario)}"
            case Recognition() as one:
                act = _RECOGNITION.get(row.action, "互认场景")
                place = numbers.get(one.scenario.origin, -1), one.scenario.index
                about = opened.get(place)
                title = (
                    _titled(about)
                    if isinstance(about, Scenario)
                    else f"{one.scenario.origin} 第 {one.scenario.index} 条"
                )
                found[row.log, row.idx] = f"{act}：{title}"
            case _:
                pass
    return found


def _titled(scenario: Scenario) -> str:
    provider = scenario.provider_name or scenario.provider
    return f"{scenario.title}（{provider}）" if provider else scenario.title
