"""How a scenario stands in a region, by SPEC §5.7 alone: SN10-SN12, RG10-RG15."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from huxin.v1 import payload_pb2 as pb

REFUSED = {2: "declined", 3: "suspended", 4: "ended"}
FAR = 99991231


def _day(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)


def _number(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day


def _place(statement: dict[str, Any]) -> tuple[int, int]:
    return statement["epoch"], statement["index"]


def _scenario(text: dict[str, Any]) -> pb.Scenario:
    return pb.Scenario.FromString(bytes.fromhex(text["payload"]))


def _same_terms(accepted: pb.Scenario, later: pb.Scenario) -> bool:
    """RG14: benefits, kinds, places, condition, its words, scales, provider; no later end."""

    def terms(of: pb.Scenario) -> tuple[object, ...]:
        return (
            {(one.code, one.text) for one in of.benefits},
            set(of.subject_kinds),
            set(of.places),
            of.HasField("condition"),
            of.condition.SerializeToString(deterministic=True),
            of.conditions_text,
            [one.SerializeToString(deterministic=True) for one in of.scales],
            of.provider,
        )

    return terms(accepted) == terms(later) and (later.valid_until or FAR) <= (
        accepted.valid_until or FAR
    )


def _says(word: dict[str, Any], texts: list[dict[str, Any]], newest: pb.Scenario) -> str:
    if word["action"] in REFUSED:
        return REFUSED[word["action"]]
    named = texts[word["of"]]
    if named["payload"] is None or not _same_terms(_scenario(named), newest):
        return "ask-again"
    return "accepted"


def standing(case: Any) -> dict[str, Any]:
    """Result and last day, asked day by day: slow, and without a thought of what comes."""
    texts, words, shared, own = case["texts"], case["words"], set(case["shared"]), case["own"]
    today = case["day"]
    result = _on(today, texts, words, shared, own=own)
    until = 0
    if result in ("own", "accepted"):
        ends = [_scenario(one).valid_until for one in texts if one["payload"]]
        last = max([*ends, *(_recognition(one).valid_until for one in words), today])
        last = max([last, *(_recognition(one).effective_on for one in words)])
        day = _day(today)
        while _number(day) <= last:
            after = day + timedelta(days=1)
            if _on(_number(after), texts, words, shared, own=own) != result:
                until = _number(day)
                break
            day = after
    return {"result": result, "until": until}


def _recognition(word: dict[str, Any]) -> pb.Recognition:
    return pb.Recognition.FromString(bytes.fromhex(word["payload"]))


def _on(
    day: int,
    texts: list[dict[str, Any]],
    words: list[dict[str, Any]],
    shared: set[str],
    *,
    own: bool,
) -> str:
    closed = [one for one in texts if one["action"] == 3]
    newest = max(closed or texts, key=_place)
    if closed:
        return "none"
    if newest["payload"] is None:
        return "ask-again"
    text = _scenario(newest)
    if text.valid_from > day or 0 < text.valid_until < day:
        return "none"
    if own:
        return "own"
    offered = {one.hex() for one in text.charters} & shared if text.charters else shared
    counting = []
    for word in words:
        said = _recognition(word)
        where = {one.hex() for one in said.charters} & offered if said.charters else offered
        if where and max(said.effective_on, word["said_on"]) <= day:
            counting.append(word)
    if not counting:
        return "none"
    stands = max(counting, key=_place)
    if 0 < _recognition(stands).valid_until < day:
        return "none"
    return _says(stands, texts, text)
